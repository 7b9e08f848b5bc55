package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/journal"
	"github.com/typecase/typecase/internal/server"
)

type requestsCmd struct {
	Status string `placeholder:"STATUS" help:"Only those answered with this status, or a class such as 4xx."`
	Since  string `placeholder:"TIME" help:"Only those since a time such as 2026-05-01T10:00:00Z, or so long ago: 10m."`
	Until  string `placeholder:"TIME" help:"Only those until then, likewise."`
	Method string `placeholder:"METHOD" help:"Only those with this method."`
	Route  string `placeholder:"TEXT" help:"Only those whose route has this part, such as /entries/:id."`
	Fault  string `placeholder:"ID" help:"Only those with this error, such as InvalidEntry."`
	Space  string `placeholder:"ID" help:"Only those to this space."`
	Limit  int    `default:"50" help:"How many to print at most."`
	JSON   bool   `help:"Print JSON."`
}

// Run lists the latest requests to the running server.
func (c requestsCmd) Run(a *app) error {
	params := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	for name, value := range map[string]string{
		"status": c.Status, "since": c.Since, "until": c.Until, "method": c.Method, "route": c.Route, "fault": c.Fault, "space": c.Space,
	} {
		params.Set(name, value)
	}
	var page journal.Page
	if err := a.command("request list", server.RequestList{Params: params}, &page); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, page.Items)
	}
	rows := make([][]string, len(page.Items))
	for i, r := range page.Items {
		rows[i] = []string{r.Time.Format("2006-01-02T15:04:05.000Z"), strconv.Itoa(r.Status), r.Method, milliseconds(r.Took), r.Fault, r.ID, r.Path}
	}
	if err := printTable(a.stdout, []string{"TIME", "STATUS", "METHOD", "TOOK", "FAULT", "ID", "PATH"}, rows); err != nil {
		return err
	}
	if page.Total > len(page.Items) {
		fmt.Fprintf(a.stderr, "%d more; --limit prints them\n", page.Total-len(page.Items))
	}
	return nil
}

type requestCmd struct {
	ID   string `arg:"" help:"Id of the request: requestId in the body of an error, X-Contentful-Request-Id in the headers of every answer."`
	JSON bool   `help:"Print JSON."`
}

// Run prints what the running server remembers of a request.
func (c requestCmd) Run(a *app) error {
	var r journal.Request
	if err := a.command("request get", server.RequestGet{ID: c.ID}, &r); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, r)
	}
	return printRequest(a.stdout, r)
}

func printRequest(w io.Writer, r journal.Request) error {
	target := r.Path
	if r.Query != "" {
		target += "?" + r.Query
	}
	size := func(n int64) string {
		if n < 0 {
			return "unknown size"
		}
		return strconv.FormatInt(n, 10) + " bytes"
	}
	who := ""
	if r.Token != "" {
		who = "user " + r.User + ", " + r.TokenKind + " token " + r.Token
	}
	if _, err := fmt.Fprintln(w, printableLine(strings.TrimSpace(r.Method+" "+target))); err != nil {
		return err
	}
	err := printRows(w, [][2]string{
		{"Status", strings.TrimSpace(strconv.Itoa(r.Status) + " " + r.Fault)}, {"Message", r.Message}, {"Simulated by", r.Simulated},
		{"Time", r.Time.Format("2006-01-02T15:04:05.000Z") + ", took " + milliseconds(r.Took)},
		{"Id", r.ID}, {"Trace", r.Trace}, {"API", r.API}, {"Route", r.Route}, {"Space", r.Space}, {"Environment", r.Environment}, {"Who", who},
		{"Size", size(r.RequestBytes) + ", answer " + size(r.AnswerBytes)},
	})
	if err != nil {
		return err
	}
	for _, body := range []struct {
		title string
		json  json.RawMessage
	}{{"Body of the request", r.Body}, {"Answer", r.Answer}} {
		if body.json == nil {
			continue
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, body.json, "", "  "); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "\n%s:\n%s\n", body.title, printable(indented.String())); err != nil {
			return err
		}
	}
	return nil
}

func milliseconds(ms float64) string { return strconv.FormatFloat(ms, 'f', 1, 64) + "ms" }
