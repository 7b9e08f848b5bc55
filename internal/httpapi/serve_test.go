package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// TestPrecedence: of two things wrong with a request, the earlier check wins.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 8000)
	entry := mine + "/entries/e1"
	for _, tt := range []struct {
		name    string
		method  string
		target  string
		body    string
		headers []string
		status  int
		id      string
	}{
		{"URI before token", "GET", "/" + long, "", bearer("unknown"), 414, "URITooLong"},
		{"token before space", "GET", "/spaces/nope", "", bearer("unknown"), 401, "AccessTokenInvalidError"},
		{"token before route", "GET", "/nowhere", "", bearer("unknown"), 401, "AccessTokenInvalidError"},
		{"token before method", "DELETE", "/users/me", "", bearer("unknown"), 401, "AccessTokenInvalidError"},
		{"token before body", "PUT", entry, "{", bearer("unknown"), 401, "AccessTokenInvalidError"},
		{"no token before space", "GET", "/spaces/nope", "", []string{"Authorization", ""}, 401, "AccessTokenInvalidError"},
		{"space before route", "GET", "/spaces/nope/nowhere", "", nil, 404, "NotFoundError"},
		{"environment before route", "GET", "/spaces/s1/environments/nope/nowhere", "", nil, 404, "NotFoundError"},
		{"space before method", "TRACE", "/spaces/nope", "", nil, 404, "NotFoundError"},
		{"environment before body", "PUT", "/spaces/s1/environments/nope/entries/e1", "{", nil, 404, "NotFoundError"},
		{"route below a visible space", "GET", mine + "/nowhere", "", nil, 404, "UnknownRoute"},
		{"method below a visible space", "PUT", mine + "/entries", "{", nil, 404, "UnknownRoute"},
		{"a route not built yet", "GET", mine + "/releases", "", nil, 404, "UnknownRoute"},
		{"an environment that is yet to be made is no obstacle", "POST", "/spaces/s1/environments/None", "{", nil, 404, "UnknownRoute"},
		{"size before media type", "PUT", entry, strings.Repeat("{", 1025), []string{"Content-Type", "text/plain"}, 413, "BodyTooLarge"},
		{"media type before syntax", "PUT", entry, "{", []string{"Content-Type", "text/plain"}, 415, "UnsupportedMediaType"},
		{"syntax before existence", "PUT", mine + "/entries/no%20id", "{", nil, 400, "BadRequestError"},
		{"existence", "PUT", mine + "/entries/no%20id", "{}", nil, 404, "NotFoundError"},
		{"a broken store is no wrong token", "GET", "/users/me", "", bearer("broken-store"), 500, "ServerError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEdge(echo, func(o *httpapi.Options) { o.MaxBody = 1024 })
			wantError(t, e.do(tt.method, tt.target, tt.body, tt.headers...), tt.status, tt.id)
		})
	}
}

func TestHibernation(t *testing.T) {
	t.Parallel()
	var asked []access.Place
	e := newEdge(echo, func(o *httpapi.Options) {
		o.Awake = func(p access.Place) error {
			asked = append(asked, p)
			return &fault.Error{Kind: fault.Hibernated, RetryAfter: 3 * time.Second}
		}
	})
	w := e.do("GET", mine+"/entries/e1", "")
	wantError(t, w, 502, "AccessDeniedError")
	if got := w.Header().Get("Retry-After"); got != "3" {
		t.Errorf("Retry-After: %q", got)
	}
	if len(asked) != 1 || asked[0].SpaceID != "s1" || asked[0].EnvironmentID != "master" {
		t.Errorf("asked for %v", asked)
	}
	if w := e.do("GET", "/users/me", ""); w.Code != 200 {
		t.Errorf("outside of spaces nothing sleeps: %d", w.Code)
	}
	wantError(t, e.do("GET", "/spaces/nope", ""), 404, "NotFoundError")
}
