package httpapi_test

import (
	"context"
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

func TestRateLimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := newEdge(echo, func(o *httpapi.Options) {
		o.RateLimit = map[string]int{"cma": 2, "cda": 1}
		o.Now = func() time.Time { return now }
	})
	check := func(step, token, target string, status int, remaining, reset string) {
		t.Helper()
		w := e.do("GET", target, "", bearer(token)...)
		h := w.Header()
		if w.Code != status || h.Get("X-Contentful-RateLimit-Second-Remaining") != remaining || h.Get("X-Contentful-RateLimit-Reset") != reset {
			t.Errorf("%s: status %d, remaining %q, reset %q", step, w.Code, h.Get("X-Contentful-RateLimit-Second-Remaining"), h.Get("X-Contentful-RateLimit-Reset"))
		}
		if w.Code == 429 {
			errorOf(t, w)
		}
	}
	check("first", "management", "/spaces/s1", 200, "1", "0")
	check("second", "management", "/spaces/s1", 200, "0", "0")
	check("third", "management", "/spaces/s1", 429, "0", "1")
	check("limit before space", "management", "/spaces/nope", 429, "0", "1")
	check("limit before route", "management", "/nowhere", 429, "0", "1")
	check("limit before body", "management", "/answer", 429, "0", "1")
	check("another token has its own limit", "delivery", "/spaces/s1", 200, "", "")
	check("and reaches it", "delivery", "/spaces/s1", 429, "", "1")
	check("no limit, no end", "preview", "/spaces/s1", 200, "", "")
	check("an unknown token is just unknown", "unknown", "/spaces/s1", 401, "", "")
	check("until it comes too often", "unknown", "/spaces/s1", 401, "", "")
	check("like this", "unknown", "/spaces/s1", 429, "0", "1")
	for range 5 {
		check("no token needs no limit", "", "/spaces/s1", 401, "", "")
	}
	now = now.Add(500 * time.Millisecond)
	check("half a second later", "management", "/spaces/s1", 200, "0", "0")
	check("one request later", "management", "/spaces/s1", 429, "0", "1")
}

func TestRateHeaders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token, target string
		limit, remaining    string
	}{
		{"management, in a space", "management", "/spaces/s1", "1000", "999"},
		{"management, an error in a space", "management", "/spaces/s1/nowhere", "1000", "999"},
		{"management, outside of spaces", "management", "/users/me", "", ""},
		{"management, no such space", "management", "/spaces/nope", "", ""},
		{"delivery", "delivery", "/spaces/s1", "1000", ""},
	} {
		h := newEdge(echo).do("GET", tt.target, "", bearer(tt.token)...).Header()
		if h.Get("X-Contentful-RateLimit-Second-Limit") != tt.limit || h.Get("X-Contentful-RateLimit-Second-Remaining") != tt.remaining {
			t.Errorf("%s: limit %q, remaining %q", tt.name, h.Get("X-Contentful-RateLimit-Second-Limit"), h.Get("X-Contentful-RateLimit-Second-Remaining"))
		}
	}
}

func TestHibernation(t *testing.T) {
	t.Parallel()
	var asked []access.Place
	e := newEdge(echo, func(o *httpapi.Options) {
		o.Awake = func(_ context.Context, p access.Place) error {
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
