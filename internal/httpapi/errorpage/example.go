package errorpage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/httpapi"
)

// demoSpace is the example space: what the requests ask for is in it, so they
// can be tried on a server that runs with it.
const (
	demoSpace = "typecasedemo"
	inMaster  = "/spaces/" + demoSpace + "/environments/master"

	delivery = "$DELIVERY_TOKEN"
	manage   = "$MANAGEMENT_TOKEN"

	retry = 2 * time.Second
)

// example is a request and the error it meets.
type example struct {
	method, path string
	token        string   // "" means manage
	header       []string // "Name: value"
	body         string   // "@name" is a file
	given        string   // what else has to be so; "" if the request alone does it
	err          error
}

// Example is a request and its answers.
type Example struct {
	Given   string   `json:"given,omitempty"` // what else has to be so
	Method  string   `json:"method"`
	URL     string   `json:"url"`
	Headers []string `json:"headers"` // "Name: value"; tokens are names of variables
	Body    string   `json:"body,omitempty"`
	Curl    string   `json:"curl"`
	Answers []Answer `json:"answers"`
}

// Answer is what one sort of client gets.
type Answer struct {
	To      string          `json:"to"`
	Status  int             `json:"status"`
	Headers []string        `json:"headers,omitempty"` // those that only this error has
	Body    json.RawMessage `json:"body"`
}

func versionHeader(v int) string { return fmt.Sprintf("X-Contentful-Version: %d", v) }

// render fills in the address and lets the server word the answers.
func (e example) render(base string) Example {
	token := e.token
	if token == "" {
		token = manage
	}
	out := Example{Given: e.given, Method: e.method, URL: base + e.path, Body: e.body}
	out.Headers = append([]string{"Authorization: Bearer " + token}, e.header...)
	if e.body != "" && !strings.Contains(strings.Join(e.header, "\n"), "Content-Type: ") {
		out.Headers = append(out.Headers, "Content-Type: application/vnd.contentful.management.v1+json")
	}
	out.Curl = out.curl()
	for _, a := range [][2]string{
		{"plain clients", ""},
		{"official clients", "X-Contentful-User-Agent"},
	} {
		out.Answers = append(out.Answers, e.answer(base, a[0], a[1]))
	}
	return out
}

// answer is what a client gets that sends a certain header.
func (e example) answer(base, to, mark string) Answer {
	r := &http.Request{Method: e.method, Header: http.Header{}, ContentLength: int64(len(e.body))}
	if mark != "" {
		r.Header.Set(mark, "sdk")
	}
	a := httpapi.ErrorAnswer(r, e.err, base)
	out := Answer{To: to, Status: a.Status, Body: bytes.Clone(a.Body.Bytes())}
	for _, name := range []string{"Retry-After", "X-Contentful-Ratelimit-Reset"} {
		if v := a.Header.Get(name); v != "" {
			out.Headers = append(out.Headers, name+": "+v)
		}
	}
	return out
}

// curl is the request as a command. Tokens stand in double quotes, so that the
// shell fills them in.
func (x Example) curl() string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -X %s '%s'", x.Method, x.URL)
	for _, h := range x.Headers {
		quote := "'"
		if strings.Contains(h, "$") {
			quote = `"`
		}
		fmt.Fprintf(&b, " \\\n  -H %s%s%s", quote, h, quote)
	}
	if x.Body != "" {
		fmt.Fprintf(&b, " \\\n  --data '%s'", x.Body)
	}
	return b.String()
}

// Pretty is the body of an answer for people.
func (a Answer) Pretty() string {
	var b bytes.Buffer
	if err := json.Indent(&b, a.Body, "", "  "); err != nil { // never of what the server encoded
		return string(a.Body)
	}
	return b.String()
}
