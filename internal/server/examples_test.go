package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
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
				if diff := cmp.Diff(comparableForm(t, want.Body), comparableForm(t, got)); diff != "" || res.StatusCode != want.Status {
					t.Errorf("status %d, want %d (-shown +got):\n%s", res.StatusCode, want.Status, diff)
				}
			})
		}
	}
	if tried < 15 {
		t.Errorf("only %d examples can be tried", tried)
	}
}

// What nobody can know beforehand: times, and the ids of users.
var (
	moment = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[\d:.]+Z"`)
	user   = regexp.MustCompile(`("linkType":"User","id":)"[^"]+"`)
)

// comparableForm is an error without its request id, times and users, indented.
func comparableForm(t *testing.T, body []byte) string {
	t.Helper()
	var e struct{ RequestID string }
	if err := json.Unmarshal(body, &e); err != nil || e.RequestID == "" {
		t.Fatalf("%v: %s", err, body)
	}
	body = bytes.ReplaceAll(body, []byte(e.RequestID), []byte("…"))
	body = user.ReplaceAll(moment.ReplaceAll(body, []byte(`"…"`)), []byte(`$1"…"`))
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", " "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
