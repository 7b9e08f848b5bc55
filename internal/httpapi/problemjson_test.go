package httpapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

const problem = "application/problem+json"

// TestProblem: the whole error of each shape, in the form of RFC 9457.
func TestProblem(t *testing.T) {
	t.Parallel()
	const page = "http://127.0.0.1:8080/errors/"
	body := func(kind, title, status, detail, id, rest string) string {
		return fmt.Sprintf(`{"type":%q,"title":%q,"status":%s,"detail":%q,"instance":%q,"sys":{"type":"Error","id":%q},%s"requestId":%q}`,
			page+kind, title, status, detail, page+kind+"#"+requestID, id, rest, requestID)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fault.New(fault.BadRequest, "Not published"), body("BadRequest", "The request was malformed or it is missing a required parameter.", "400", "Not published", "BadRequestError", "")},
		{fault.Missing("Entry", "e1", "master", "s1"), body("NotFound", "The resource could not be found.", "404", "The resource could not be found.", "NotFoundError",
			`"details":{"type":"Entry","id":"e1","environment":"master","space":"s1"},`)},
		{&fault.Error{Kind: fault.UnknownKey, Details: &fault.Details{Keys: []string{"k"}}}, body("UnknownKey", "The body you sent contains an unknown key.", "400", "The body you sent contains an unknown key.", "BadRequestError",
			`"errors":[{"pointer":"/k","detail":"The property \"k\" is not allowed here.","name":"unknown","path":["k"]}],"details":{"keys":["k"]},"reason":"UnknownKey",`)},
		{fault.Invalid(fault.InvalidEntry, fault.Detail{Name: "size", Path: []any{"fields", "a/b~c", "en-US", 0}, Details: "too long", Max: fault.Raw(3)}, fault.Detail{Name: "in"}),
			body("InvalidEntry", "Validation error", "422", "Validation error", "InvalidEntryError",
				`"errors":[{"pointer":"/fields/a~1b~0c/en-US/0","detail":"too long","name":"size","path":["fields","a/b~c","en-US",0],"max":3},`+
					`{"pointer":"","detail":"Validation error","name":"in","path":[]}],`)},
		{&fault.Error{Kind: fault.InvalidEntry, Details: &fault.Details{Errors: []fault.Detail{{Name: "in", Details: "no"}}, Truncated: true}, Hint: "h"},
			body("InvalidEntry", "Validation error", "422", "Validation error", "InvalidEntryError",
				`"errors":[{"pointer":"","detail":"no","name":"in","path":[]}],"truncated":true,"hint":"h",`)},
		{fault.Invalid(fault.UnknownQueryField, fault.Detail{Name: "unknown", Path: []any{"fields", "colour"}, Details: "no"}),
			body("UnknownQueryField", invalidQuery, "422", invalidQuery, "ValidationFailedError",
				`"errors":[{"parameter":"fields.colour","detail":"no","name":"unknown","path":["fields","colour"]}],`)},
	} {
		w := newEdge(failing(tt.err)).do("POST", "/answer", "{}", "Accept", problem)
		if diff := cmp.Diff(tt.want, w.Body.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := w.Header().Get("Content-Type"); got != problem {
			t.Errorf("Content-Type %s", got)
		}
	}
}

// TestProblemOnRequest: nobody gets it who has not asked for it first.
func TestProblemOnRequest(t *testing.T) {
	t.Parallel()
	e := newEdge(failing(fault.New(fault.NotFound, "")))
	for accept, want := range map[string]bool{
		"":                       false,
		"*/*":                    false,
		"application/*":          false,
		problem:                  true,
		strings.ToUpper(problem): true,
		problem + ", application/json;q=0.9, */*;q=0.1":    true,
		problem + ", application/json":                     true,
		"application/json, " + problem:                     false,
		"application/json;q=0.5, " + problem + ";q=0.6":    true,
		problem + ";q=0":                                   false,
		"application/vnd.contentful.delivery.v1+json, */*": false,
	} {
		w := e.do("GET", "/answer", "", "Accept", accept)
		if got := w.Header().Get("Content-Type") == problem; got != want || !want && w.Header().Get("Content-Type") != management {
			t.Errorf("%q: %s", accept, w.Header().Get("Content-Type"))
		}
		if !strings.Contains(w.Header().Get("Vary"), "Accept, ") {
			t.Errorf("Vary: %s", w.Header().Get("Vary"))
		}
	}
	w := e.do("GET", "/answer", "", "Accept", problem, "X-Contentful-User-Agent", "")
	if !strings.Contains(w.Body.String(), `"sys":{"type":"Error","id":"NotFound"}`) {
		t.Errorf("an official client: %s", w.Body)
	}
}

// TestProblemOfEachKind: the members of RFC 9457 are there, whatever happens,
// even when a detail is no JSON.
func TestProblemOfEachKind(t *testing.T) {
	t.Parallel()
	for k := range fault.NumKinds {
		for _, err := range []error{fault.New(k, ""), fault.Invalid(k, fault.Detail{Value: json.RawMessage("{")})} {
			w := newEdge(failing(err)).do("GET", "/answer", "", "Accept", problem)
			var p struct {
				Type, Title, Detail, Instance string
				Status                        int
			}
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%v: %v: %s", k, err, w.Body)
			}
			if p.Status != w.Code || p.Title == "" || p.Detail == "" || !strings.HasSuffix(p.Type, "/errors/"+k.String()) || !strings.HasSuffix(p.Instance, requestID) {
				t.Errorf("%v: %s", k, w.Body)
			}
		}
	}
}
