package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

// TestAdditions: whole bodies, in both vocabularies, with what the original does
// not say.
func TestAdditions(t *testing.T) {
	t.Parallel()
	sent := 3
	at := time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
	inEntry := fault.Invalid(fault.InvalidEntry, fault.Detail{Name: "size", Path: []any{"fields", "a/b~c", "en-US", 0}, Details: "d"}, fault.Detail{Name: "in", Details: "d"})
	inEntry.Details.Truncated = true
	inQuery := fault.Invalid(fault.InvalidQuery,
		fault.Detail{Name: "unknown", Path: []any{"sys", "foo"}, Details: "d", Suggestions: []string{"sys.id"}},
		fault.Detail{Name: "unknown", Path: []any{"foo"}, Details: "d", Parameter: "order"})
	unlocated := `"details":{"errors":[{"name":"size","path":["fields","a/b~c","en-US",0],"details":"d"},{"name":"in","path":[],"details":"d"}],"truncated":true},`
	located := strings.NewReplacer(`"d"},`, `"d","pointer":"/fields/a~1b~0c/en-US/0"},`, `"d"}]`, `"d","pointer":""}]`).Replace(unlocated)
	queried := `"message":"` + invalidQuery + `","details":{"errors":[{"name":"unknown","path":["sys","foo"],"details":"d. Did you mean \"sys.id\"?","parameter":"sys.foo","suggestions":["sys.id"]},` +
		`{"name":"unknown","path":["foo"],"details":"d","parameter":"order"}]},`
	outdated := func(v fault.Versions) error {
		return &fault.Error{Kind: fault.VersionMismatch, Message: "m", Versions: &v}
	}
	for _, tt := range []struct {
		name         string
		err          error
		method, path string
		ids          [2]string
		rest         string
	}{
		{"pointers into a body", inEntry, "POST", "/answer", [2]string{"InvalidEntryError", "InvalidEntry"}, `"message":"Validation error",` + located},
		{"none without a body", inEntry, "GET", "/answer", [2]string{"InvalidEntryError", "InvalidEntry"}, `"message":"Validation error",` + unlocated},
		{"none into a patch", inEntry, "PATCH", "/answer", [2]string{"InvalidEntryError", "InvalidEntry"}, `"message":"Validation error",` + unlocated},
		{"none when what is stored is published", inEntry, "PUT", "/answer/published", [2]string{"InvalidEntryError", "InvalidEntry"}, `"message":"Validation error",` + unlocated},
		{"parameters of a query", inQuery, "GET", "/answer", [2]string{"InvalidQueryError", "InvalidQuery"}, queried},
		{"an outdated version", outdated(fault.Versions{Current: 5, UpdatedAt: at, UpdatedBy: "u1", Sent: &sent, Changed: []string{"title"}}), "PUT", "/answer/published",
			[2]string{"VersionMismatchError", "VersionMismatch"}, `"message":"m","current":{"version":5,"updatedAt":"2026-01-02T03:04:05.006Z",` +
				`"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"u1"}}},"sent":{"version":3},"changed":["title"],`},
		{"nothing but the version changed", outdated(fault.Versions{Current: 5, UpdatedAt: at, Sent: &sent, Changed: []string{}}), "GET", "/answer",
			[2]string{"VersionMismatchError", "VersionMismatch"}, `"message":"m","current":{"version":5,"updatedAt":"2026-01-02T03:04:05.006Z"},"sent":{"version":3},"changed":[],`},
		{"no version at all", outdated(fault.Versions{}), "GET", "/answer",
			[2]string{"VersionMismatchError", "VersionMismatch"}, `"message":"m","current":{"version":0},`},
		{"fields, suggestions and a hint", &fault.Error{Kind: fault.BadRequest, Message: "m", Fields: []string{"f"}, Suggestions: []string{"s"}, Hint: "h"}, "GET", "/answer",
			[2]string{"BadRequestError", "BadRequest"}, `"message":"m","fields":["f"],"suggestions":["s"],"hint":"h",`},
	} {
		body := map[string]string{"POST": "{}", "PATCH": "[]", "PUT": "{}"}[tt.method]
		headers := [2][]string{{}, {"X-Contentful-User-Agent", "sdk x/1"}}
		for i, id := range tt.ids {
			if tt.method == "PATCH" {
				headers[i] = append(headers[i], "Content-Type", "application/json-patch+json")
			}
			w := newEdge(failing(tt.err)).do(tt.method, tt.path, body, headers[i]...)
			want := `{"sys":{"type":"Error","id":"` + id + `"},` + tt.rest + `"requestId":"` + requestID +
				`","documentationUrl":"http://127.0.0.1:8080/errors/` + fault.Of(tt.err).Kind.String() + `"}`
			if diff := cmp.Diff(want, w.Body.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	}
}

// TestTokenOfAnotherKind: who holds a good token is told what it is good for,
// nobody else is told anything but what the form of the request shows.
func TestTokenOfAnotherKind(t *testing.T) {
	t.Parallel()
	const body = `{"sys":{"type":"Error","id":"AccessTokenInvalidError"},"message":"The access token you sent could not be found or is invalid.",%s` +
		`"requestId":"` + requestID + `","documentationUrl":"http://%s/errors/AccessTokenInvalid"}`
	for _, tt := range []struct{ path, host, token, hint string }{
		{"/users/me", "", "delivery", "The token is valid, but it is a delivery key; this endpoint takes a management token."},
		{"/users/me", "", "preview", "The token is valid, but it is a preview key; this endpoint takes a management token."},
		{mine + "/entries", "cdn.localhost", "preview", "The token is valid, but it is a preview key; this endpoint takes a delivery key."},
		{mine + "/sync", "", "management", "The token is valid, but it is a management token; this endpoint takes a delivery key."},
		{"/users/me", "", "nobody's", ""},
		{"/users/me", "", "", `Nothing follows \"Bearer\" in the header Authorization; if the token was to come from a variable, the variable is empty.`},
	} {
		r := request("GET", tt.path, "", bearer(tt.token)...)
		if tt.host != "" {
			r.Host = tt.host
		}
		hint := ""
		if tt.hint != "" {
			hint = `"hint":"` + tt.hint + `",`
		}
		w := newEdge(echo).send(r)
		want := strings.Replace(strings.Replace(body, "%s", hint, 1), "%s", r.Host, 1)
		if diff := cmp.Diff(want, w.Body.String()); w.Code != 401 || diff != "" {
			t.Errorf("%s with %s: %d (-want +got):\n%s", tt.path, tt.token, w.Code, diff)
		}
	}
}
