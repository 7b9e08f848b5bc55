package httpapi_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/httpapi"
)

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
	for range 5 {
		check("an unknown token has no such limit", "unknown", "/spaces/s1", 401, "", "")
	}
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

// TestSpaceLimit: all tokens of an API share what a space allows, and the
// headers tell of the tighter limit.
func TestSpaceLimit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := newEdge(echo, func(o *httpapi.Options) {
		o.Access = twoManagers{}
		o.RateLimit = map[string]int{"cma": 2}
		o.SpaceRateLimit = map[string]int{"cma": 3, "cda": 1}
		o.Now = func() time.Time { return now }
	})
	check := func(step, token, target string, status int, want ...string) {
		t.Helper()
		w := e.do("GET", target, "", bearer(token)...)
		var got []string
		for _, name := range []string{"Second-Limit", "Second-Remaining", "Hour-Limit", "Hour-Remaining", "Reset"} {
			if v := w.Header().Get("X-Contentful-RateLimit-" + name); v != "" {
				got = append(got, v)
			}
		}
		if w.Code != status || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: status %d, headers %v, want %d, %v", step, w.Code, got, status, want)
		}
		if w.Code == 429 {
			wantError(t, w, 429, "RateLimitExceededError")
			if w.Header().Get("Retry-After") != "1" {
				t.Errorf("%s: Retry-After %q", step, w.Header().Get("Retry-After"))
			}
		}
	}
	check("the token's limit is the tighter one", "management", "/spaces/s1", 200, "2", "1", "7200", "3601", "0")
	check("nothing is said outside of spaces, but counted", "management", "/users/me", 200)
	check("the token's limit", "management", "/spaces/s1", 429, "2", "0", "7200", "3600", "1")
	check("another token finds less than its own limit", "second", "/spaces/s1", 200, "2", "1", "7200", "3601", "0")
	check("the space has room for one more", "second", "/spaces/s1/nowhere", 404, "2", "0", "7200", "3600", "0")
	check("the limit of the space", "third", "/spaces/s1", 429, "2", "0", "7200", "3600", "1")
	check("is one for each space", "third", "/spaces/s2", 200, "2", "0", "7200", "3600", "0")
	now = now.Add(time.Second)
	check("who does not see the space uses up nothing", "management", "/spaces/nope", 404)
	check("it is another one for each API", "delivery", "/spaces/s1", 200, "1")
	check("where the limit is all that is told", "delivery", "/spaces/s1", 429, "1", "1")
	check("space before limit", "delivery", "/spaces/nope", 404)
	check("limit before route", "delivery", "/spaces/s1/nowhere", 429, "1", "1")
	check("no limit, no end", "preview", "/spaces/s1", 200, "1000")
}

// twoManagers is doors with more management tokens than one.
type twoManagers struct{ doors }

func (d twoManagers) Authenticate(ctx context.Context, token string) (access.Actor, error) {
	if token == "second" || token == "third" {
		token = "management"
	}
	return d.doors.Authenticate(ctx, token)
}

// counting is doors that counts the tokens that are looked for.
type counting struct {
	doors
	mu    sync.Mutex
	asked int
}

func (c *counting) Authenticate(ctx context.Context, token string) (access.Actor, error) {
	c.mu.Lock()
	c.asked++
	c.mu.Unlock()
	return c.doors.Authenticate(ctx, token)
}

// strangers is an edge without limits in its settings, and the state that tests
// of unknown tokens turn.
type strangers struct {
	*edge
	t    *testing.T
	door *counting
	now  time.Time
}

func newStrangers(t *testing.T) *strangers {
	s := &strangers{t: t, door: &counting{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s.edge = newEdge(echo, func(o *httpapi.Options) {
		o.Access = s.door
		o.Now = func() time.Time { return s.now }
	})
	return s
}

func (s *strangers) from(address, token string, headers ...string) *httptest.ResponseRecorder {
	r := request("GET", "/spaces/s1", "", append(headers, bearer(token)...)...)
	r.RemoteAddr = address
	return s.send(r)
}

// exhaust sends wrong tokens from an address until they are not looked for.
func (s *strangers) exhaust(address string) {
	s.t.Helper()
	for i := range 100 {
		if w := s.from(address, fmt.Sprint("wrong-", i)); w.Code != 401 {
			s.t.Fatalf("token %d from %s: %d", i, address, w.Code)
		}
	}
}

func TestUnknownTokensAreLimited(t *testing.T) {
	t.Parallel()
	s := newStrangers(t)
	s.exhaust("192.0.2.1:1000")
	asked := s.door.asked
	w := s.from("192.0.2.1:2000", "wrong", "X-Forwarded-For", "198.51.100.7", "Forwarded", "for=198.51.100.7", "X-Real-IP", "198.51.100.7")
	wantError(t, w, 429, "RateLimitExceededError")
	if h := w.Header(); h.Get("Retry-After") != "1" || h.Get("X-Contentful-RateLimit-Reset") != "1" || h.Get("X-Contentful-RateLimit-Second-Limit") != "" {
		t.Errorf("headers: %v", h)
	}
	if s.door.asked != asked {
		t.Error("the token was looked for")
	}
	if w := s.from("192.0.2.1:3000", "management"); w.Code != 200 {
		t.Errorf("a token that has been good before: %d", w.Code)
	}
	wantError(t, s.from("192.0.2.1:3000", "preview"), 429, "RateLimitExceededError") // good, but nobody knows yet
	wantError(t, s.from("192.0.2.1:3000", ""), 401, "AccessTokenInvalidError")       // nothing to look for
	wantError(t, s.from("192.0.2.2:1000", "wrong"), 401, "AccessTokenInvalidError")

	s.now = s.now.Add(time.Second)
	for range 5 {
		if w := s.from("192.0.2.1:3000", "preview"); w.Code != 200 {
			t.Errorf("a good token is not counted: %d", w.Code)
		}
	}
	for range 5 {
		wantError(t, s.from("192.0.2.1:3000", "wrong"), 401, "AccessTokenInvalidError")
	}
	wantError(t, s.from("192.0.2.1:3000", "wrong"), 429, "RateLimitExceededError")
	for range 200 { // what is no fault of the token's is not counted
		wantError(t, s.from("192.0.2.3:1", "broken-store"), 500, "ServerError")
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	s := newStrangers(t)
	s.exhaust("[2001:db8:1:2::1]:1000")
	s.exhaust("192.0.2.1:1")
	s.exhaust("@")
	for address, status := range map[string]int{
		"[2001:db8:1:2:ffff::9]:7": 429, // the same /64
		"[2001:db8:1:2::1%eth0]:7": 429,
		"[2001:db8:1:3::1]:1000":   401,
		"[::ffff:192.0.2.1]:9":     429,
		"[::ffff:192.0.2.2]:9":     401,
		"192.0.2.1:9":              429,
		"192.0.2.2:9":              401,
		"":                         429, // no address at all, as "@"
	} {
		if w := s.from(address, "wrong"); w.Code != status {
			t.Errorf("%s: %d, want %d", address, w.Code, status)
		}
	}
}

// TestStrangersAtOnce: tokens that are being looked for count already.
func TestStrangersAtOnce(t *testing.T) {
	t.Parallel()
	s := newStrangers(t)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() { s.from("192.0.2.1:1", fmt.Sprint("wrong-", i%150)) })
	}
	all.Wait()
	if s.door.asked != 100 {
		t.Errorf("%d tokens were looked for", s.door.asked)
	}
}

// reopened is a door after a restart: it recalls no token until it has looked for
// it, and that takes until so many have come.
type reopened struct {
	doors
	mu           sync.Mutex
	came, wanted int
	all          chan struct{}
	asked        int
	known        bool
}

func (d *reopened) Recall(token string) (access.Actor, bool, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.came++; d.came == d.wanted {
		close(d.all)
	}
	a, err := d.doors.Authenticate(context.Background(), token)
	return a, d.known && err == nil, d.known && err == nil
}

func (d *reopened) Authenticate(ctx context.Context, token string) (access.Actor, error) {
	d.mu.Lock()
	d.asked++
	d.mu.Unlock()
	<-d.all
	a, err := d.doors.Authenticate(ctx, token)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known = true
	return a, err
}

// TestAllAtOnceAfterARestart: however many come at once with a good token that
// nobody remembers, it is looked for once and nobody is refused.
func TestAllAtOnceAfterARestart(t *testing.T) {
	t.Parallel()
	const many = 500
	d := &reopened{wanted: many, all: make(chan struct{})}
	s := &strangers{t: t, edge: newEdge(echo, func(o *httpapi.Options) { o.Access = d })}
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			if w := s.from("192.0.2.1:1", "preview"); w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if d.asked != 1 {
		t.Errorf("the token was looked for %d times", d.asked)
	}
}
