package httpapi_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/httpapi"
)

// turn sets the dial and checks what it says it does.
func (e *edge) turn(t *testing.T, body string) {
	t.Helper()
	if w := e.do("PUT", httpapi.SimulatePath, body); w.Code != 200 || w.Body.String() != strings.TrimSuffix(body, "}")+`,"failed":0}` {
		t.Fatalf("PUT %s: %d %s", body, w.Code, w.Body)
	}
}

func (e *edge) wantDial(t *testing.T, want string) {
	t.Helper()
	if w := e.do("GET", httpapi.SimulatePath, ""); w.Code != 200 || w.Body.String() != want {
		t.Errorf("the dial: %d %s, want %s", w.Code, w.Body, want)
	}
}

func TestDial(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	e.wantDial(t, `{"simulate":null,"failed":0}`)
	entries := func(headers ...string) *httptest.ResponseRecorder {
		return e.do("GET", mine+"/entries", "", headers...)
	}

	e.turn(t, `{"simulate":"502; reset=4"}`)
	for _, token := range []string{"management", "delivery", "preview"} {
		w := entries(bearer(token)...)
		if w.Code != 502 || w.Header().Get("Retry-After") != "4" {
			t.Errorf("%s: %d %v", token, w.Code, w.Header())
		}
	}
	wantError(t, e.simulate("429"), 429, "RateLimitExceededError") // who asks gets what was asked for
	if w := e.simulate("429; every=2"); w.Code != 200 {
		t.Errorf("who asks for an error now and then got %d from the dial", w.Code)
	}
	e.wantDial(t, `{"simulate":"502; reset=4","failed":3}`)
	if log := e.log.String(); !strings.Contains(log, `"fault":"Hibernated","simulated":"dial"`) {
		t.Errorf("the log: %s", log)
	}

	if w := e.do("DELETE", httpapi.SimulatePath, "", httpapi.SimulateHeader, "500"); w.Code != 204 {
		t.Errorf("the way out fails: %d %s", w.Code, w.Body)
	}
	if w := entries(); w.Code != 200 {
		t.Errorf("after the end: %d", w.Code)
	}
	e.wantDial(t, `{"simulate":null,"failed":0}`)
	if w := e.do("DELETE", httpapi.SimulatePath, ""); w.Code != 204 {
		t.Errorf("again: %d", w.Code)
	}
}

func TestDialPathAndCount(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	e.turn(t, `{"simulate":"NotFound","path":"`+mine+`/entries/","count":2}`)
	for _, tt := range []struct {
		path   string
		status int
	}{
		{"/users/me", 200}, {mine + "/entries", 200}, {"/spaces/s1/entries/e1", 200},
		{mine + "/entries/e1", 404}, {"/spaces//s1/environments/master/entries/e2/", 404}, {mine + "/entries/e1", 200},
	} {
		if w := e.do("GET", tt.path, ""); w.Code != tt.status {
			t.Errorf("%s: %d, want %d", tt.path, w.Code, tt.status)
		}
	}
	e.wantDial(t, `{"simulate":"NotFound","path":"`+mine+`/entries/","count":2,"failed":2}`)

	// a new turn counts anew, and every counts each token
	e.turn(t, `{"simulate":"429; every=2","count":2}`)
	var got []int
	for _, token := range []string{"management", "delivery", "management", "management", "delivery", "management"} {
		got = append(got, e.do("GET", mine+"/entries", "", bearer(token)...).Code)
	}
	want := []int{200, 200, 429, 200, 429, 200}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("statuses %v, want %v", got, want)
		}
	}
}

// TestDialCountsExactly: however many ask at once.
func TestDialCountsExactly(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	e.turn(t, `{"simulate":"502","count":7}`)
	var failed atomic.Int32
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if e.do("GET", mine+"/entries", "").Code == 502 {
				failed.Add(1)
			}
		})
	}
	all.Wait()
	if failed.Load() != 7 {
		t.Errorf("%d requests failed", failed.Load())
	}
}

// readers is doors whose management tokens may only read.
type readers struct{ doors }

func (d readers) Authenticate(ctx context.Context, token string) (access.Actor, error) {
	a, err := d.doors.Authenticate(ctx, token)
	a.ReadOnly = true
	return a, err
}

func TestDialTokens(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		for _, token := range []string{"delivery", "preview", "nobody"} {
			wantError(t, e.do(method, httpapi.SimulatePath, `{"simulate":"502"}`, bearer(token)...), 401, "AccessTokenInvalidError")
		}
	}
	e = newEdge(echo, testMode, func(o *httpapi.Options) { o.Access = readers{} })
	for _, method := range []string{"PUT", "DELETE"} {
		wantError(t, e.do(method, httpapi.SimulatePath, `{"simulate":"502"}`), 403, "AccessDeniedError")
	}
	e.wantDial(t, `{"simulate":null,"failed":0}`)
}

func TestDialMistakes(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	for body, want := range map[string]struct {
		status      int
		id, message string
	}{
		``:                                {400, "BadRequestError", "simulate: "},
		`{}`:                              {400, "BadRequestError", "Possible are an id such as RateLimitExceededError"},
		`{"simulate":"Broken"}`:           {400, "BadRequestError", `simulate: "Broken" cannot be simulated. Possible are`},
		`{"simulate":"502","path":"x"}`:   {400, "BadRequestError", "path: It has to begin with a slash"},
		`{"simulate":"502","count":0}`:    {400, "BadRequestError", "count: It has to be at least 1"},
		`{"simulate":"502","paths":"/x"}`: {400, "UnknownKey", `none of "simulate", "path" and "count"`},
		`{"simulate":502}`:                {422, "ValidationFailedError", ""},
		`[]`:                              {422, "ValidationFailedError", ""},
		`{`:                               {400, "BadRequestError", ""},
	} {
		w := e.do("PUT", httpapi.SimulatePath, body)
		wantError(t, w, want.status, want.id)
		if got := errorOf(t, w).Message; !strings.Contains(got, want.message) {
			t.Errorf("%s: %s", body, got)
		}
	}
	e.wantDial(t, `{"simulate":null,"failed":0}`)
}
