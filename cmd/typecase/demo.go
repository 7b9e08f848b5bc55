package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/typecase/typecase/internal/authority"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/server"
)

type demoCmd struct{}

// demoData is where the demo keeps its data unless told otherwise: apart from
// the server's, so that trying leaves nothing behind in it.
const demoData = "./typecase-demo"

// demoRequests is how many requests the demo remembers unless told otherwise:
// whoever tries things out wants to see what went wrong.
const demoRequests = 1000

// Run runs a server with the example space and says what to try.
func (demoCmd) Run(a *app) error {
	for _, s := range a.settings() {
		switch {
		case s.Origin != "default":
		case s.Name == "data":
			a.config.Data = demoData
		case s.Name == "journal.requests":
			a.config.JournalRequests = demoRequests
		}
	}
	return a.serve(func(s *server.Server) error {
		space, key, err := s.LoadDemo(a.ctx)
		if err != nil {
			return err
		}
		curl, err := curl(a.config.Data, s)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "Typecase %s is ready, with an example space inside.\n", server.Version)
		return errors.Join(err,
			printAccess(a.stdout, a.config.Data, s),
			printRows(a.stdout, [][2]string{{"Space", space}, {"Delivery key", key.Value}, {"Preview key", key.PreviewValue}}),
			printExamples(a.stdout, curl, space, key.Value),
			printJournal(a.stdout, a.config),
		)
	})
}

// curl is a curl command up to the path; the quote it opens has to be closed.
func curl(data string, s *server.Server) (string, error) {
	plain, secure := s.URLs()
	if plain != "" {
		return "curl '" + plain, nil
	}
	ca, err := filepath.Abs(authority.Path(data))
	return fmt.Sprintf("curl --cacert '%s' '%s", ca, secure), err
}

// printExamples prints three lines to paste.
func printExamples(w io.Writer, curl, space, key string) error {
	for _, example := range []struct{ title, path string }{
		{"One entry", "entries/why-lower-case?"},
		{"A query, with the entries and assets its results link to", "entries?content_type=article&order=-fields.publishedOn&limit=2&include=2&"},
		{"An error", "entries?content_type=article&fields.colour=black&"},
	} {
		_, err := fmt.Fprintf(w, "\n%s:\n%s/spaces/%s/environments/master/%saccess_token=%s'\n", example.title, curl, space, example.path, key)
		if err != nil {
			return err
		}
	}
	return nil
}

// printJournal says how to find requests again, and how to stop.
func printJournal(w io.Writer, c config.Config) error {
	if c.JournalRequests > 0 {
		_, err := fmt.Fprintf(w, "\nThe requests that failed, and all about one of them (id: requestId in its answer):\n"+
			"typecase requests --data '%[1]s' --status 4xx\ntypecase request --data '%[1]s' ID\n", c.Data)
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, "\nStop with Ctrl-C; the data stays for the next time.")
	return err
}
