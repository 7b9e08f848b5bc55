package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/httpapi/errorpage"
)

// The catalogue of errors shows requests and answers. Each request that needs
// no preparation gets exactly the answers that are shown. When an answer changes
// on purpose, so does its example in internal/httpapi/errorpage/guide.go.
func TestExamplesOfTheCatalogue(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	tokens := strings.NewReplacer("$MANAGEMENT_TOKEN", testToken, "$DELIVERY_TOKEN", l.delivery)
	tried := 0
	for _, e := range errorpage.Catalogue(l.url) {
		if e.Example.Given != "" {
			continue
		}
		tried++
		for i, mark := range []string{"", "sdk"} {
			want := e.Example.Answers[i]
			t.Run(e.Kind+" to "+want.To, func(t *testing.T) {
				req, err := http.NewRequestWithContext(t.Context(), e.Example.Method, e.Example.URL, strings.NewReader(e.Example.Body))
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range e.Example.Headers {
					name, value, _ := strings.Cut(tokens.Replace(h), ": ")
					req.Header.Set(name, value)
				}
				if mark != "" {
					req.Header.Set("X-Contentful-User-Agent", mark)
				}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				got, err := io.ReadAll(res.Body)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(withoutID(t, want.Body), withoutID(t, got)); diff != "" || res.StatusCode != want.Status {
					t.Errorf("status %d, want %d (-shown +got):\n%s", res.StatusCode, want.Status, diff)
				}
			})
		}
	}
	if tried < 15 {
		t.Errorf("only %d examples can be tried", tried)
	}
}

// withoutID is an error without its request id, indented.
func withoutID(t *testing.T, body []byte) string {
	t.Helper()
	var e struct{ RequestID string }
	if err := json.Unmarshal(body, &e); err != nil || e.RequestID == "" {
		t.Fatalf("%v: %s", err, body)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, bytes.ReplaceAll(body, []byte(e.RequestID), []byte("…")), "", " "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
