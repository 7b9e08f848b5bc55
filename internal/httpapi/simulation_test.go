package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

func testMode(o *httpapi.Options) { o.TestMode = true }

// simulate asks for an error in place of the entries of a space.
func (e *edge) simulate(words string, headers ...string) *httptest.ResponseRecorder {
	return e.do("GET", mine+"/entries", "", append(headers, httpapi.SimulateHeader, words)...)
}

// real provokes an error of a kind without a simulation: where the edge itself
// finds it by breaking its rule, else by a handler that fails.
func real(k fault.Kind, headers ...string) *httptest.ResponseRecorder {
	const path = mine + "/entries"
	switch k {
	case fault.AccessTokenInvalid:
		return newEdge(echo).do("GET", path, "", append(headers, bearer("nobody")...)...)
	case fault.URITooLong:
		return newEdge(echo).do("GET", path+"?q="+strings.Repeat("x", 7600), "", headers...)
	case fault.RateLimitExceeded:
		e := newEdge(echo, func(o *httpapi.Options) { o.RateLimit = map[string]int{"cma": 1} })
		e.do("GET", path, "", headers...)
		return e.do("GET", path, "", headers...)
	}
	err := &fault.Error{Kind: k, RetryAfter: time.Second, Details: &fault.Details{
		Type: "Entry", ID: "e1", Environment: "master", Space: "s1", Reasons: "r", Keys: []string{"k"}, Key: "k",
	}}
	return newEdge(echo, func(o *httpapi.Options) {
		for i, r := range o.APIs[0].Routes {
			if r.Method == "GET" && r.Pattern == "/entries" {
				o.APIs[0].Routes[i].Handle = failing(err)
			}
		}
	}).do("GET", path, "", headers...)
}

// shapeOf keeps of a JSON value its members and types.
func shapeOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			out[name] = shapeOf(member)
		}
		return out
	case []any:
		out := []any{}
		for _, element := range v {
			out = append(out, shapeOf(element))
		}
		return out
	default:
		return fmt.Sprintf("%T", v)
	}
}

// TestSimulatedIsReal: each kind can be asked for, and nobody can tell the
// answer from that to a real failure.
func TestSimulatedIsReal(t *testing.T) {
	t.Parallel()
	bodyOf := func(t *testing.T, w *httptest.ResponseRecorder) (body map[string]any) {
		t.Helper()
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		return body
	}
	for _, form := range httpapi.ErrorForms() {
		for name, headers := range map[string][]string{"plain": nil, "SDK": {"X-Contentful-User-Agent", ""}, "problem": {"Accept", "application/problem+json"}} {
			t.Run(form.Kind.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				want := real(form.Kind, headers...)
				limit := func(o *httpapi.Options) {
					if form.Kind == fault.RateLimitExceeded {
						o.RateLimit = map[string]int{"cma": 1}
					}
				}
				got := newEdge(echo, testMode, limit).simulate(form.Kind.String(), headers...)
				if got.Code != want.Code {
					t.Errorf("status %d, want %d", got.Code, want.Code)
				}
				if diff := cmp.Diff(shapeOf(bodyOf(t, want)), shapeOf(bodyOf(t, got))); diff != "" {
					t.Errorf("shape of the body (-want +got):\n%s", diff)
				}
				for _, member := range []string{"sys", "reason", "documentationUrl", "status", "type", "title"} {
					if diff := cmp.Diff(bodyOf(t, want)[member], bodyOf(t, got)[member]); diff != "" {
						t.Errorf("%s (-want +got):\n%s", member, diff)
					}
				}
				want.Header().Del("Content-Length")
				got.Header().Del("Content-Length")
				if diff := cmp.Diff(want.Header(), got.Header()); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestSimulatedNames: every id of both vocabularies and every status can be
// asked for, and what comes has it.
func TestSimulatedNames(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	for _, form := range httpapi.ErrorForms() {
		if got := errorOf(t, e.simulate(form.ID)); got.Sys.ID != form.ID || got.Reason != "" {
			t.Errorf("%s: got %s, reason %q", form.ID, got.Sys.ID, got.Reason)
		}
		if got := errorOf(t, e.simulate(strings.ToLower(form.ShortID), "X-Contentful-User-Agent", "")); got.Sys.ID != form.ShortID {
			t.Errorf("%s: got %s", form.ShortID, got.Sys.ID)
		}
		if got := e.simulate(fmt.Sprint(form.Status)); got.Code != form.Status {
			t.Errorf("%d: got %d", form.Status, got.Code)
		}
	}
	for words, want := range map[string]string{
		"400": "BadRequest", "403": "AccessDenied", "404": "NotFound", "409": "VersionMismatch", "413": "BodyTooLarge",
		"422": "ValidationFailed", "429": "RateLimitExceeded", "500": "ServerError", "502": "Hibernated", "503": "Timeout",
		"AccessDeniedError": "AccessDenied", "ValidationFailedError": "ValidationFailed", "Timeout": "Timeout", " 502 ": "Hibernated",
	} {
		if got := errorOf(t, e.simulate(words, "X-Contentful-User-Agent", "")); got.Sys.ID != want {
			t.Errorf("%s: got %s, want %s", words, got.Sys.ID, want)
		}
	}
}

// TestNoTestMode: without the setting nothing that a client sends brings an
// error about.
func TestNoTestMode(t *testing.T) {
	t.Parallel()
	e := newEdge(echo)
	for _, words := range []string{"502", "nonsense"} {
		if w := e.simulate(words); w.Code != 200 {
			t.Errorf("the header is heard: %d %s", w.Code, w.Body)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "POST"} {
		wantError(t, e.do(method, httpapi.SimulatePath, `{"simulate":"502"}`, httpapi.SimulateHeader, "502"), 404, "UnknownRoute")
	}
	if w := e.do("GET", mine+"/entries", ""); w.Code != 200 {
		t.Errorf("the dial was turned: %d", w.Code)
	}
	allowed := func(e *edge) bool {
		return strings.Contains(e.do("OPTIONS", mine+"/entries", "").Header().Get("Access-Control-Allow-Headers"), httpapi.SimulateHeader)
	}
	if allowed(e) || !allowed(newEdge(echo, testMode)) {
		t.Error("browsers may send the header when it does nothing, or may not when it does")
	}
}

func TestSimulateEvery(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	failed := func(words, token string, n int) (which []int) {
		for i := range n {
			if e.simulate(words, bearer(token)...).Code != 200 {
				which = append(which, i+1)
			}
		}
		return which
	}
	for _, tt := range []struct {
		words, token string
		want         []int
	}{
		{"502; every=5", "management", []int{5, 10}},
		{"502; every=5", "delivery", []int{5, 10}}, // another token counts anew
		{"429;every=5", "management", []int{5, 10}},
		{"429; every=3", "management", []int{3, 6, 9, 12}},
		{"every=1; 429", "management", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
	} {
		if diff := cmp.Diff(tt.want, failed(tt.words, tt.token, 12)); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", tt.words, tt.token, diff)
		}
	}
	e.simulate("429; every=2")
	wantError(t, e.simulate("429; every=2", bearer("nobody")...), 401, "AccessTokenInvalidError") // a request that fails anyhow does not count
	wantError(t, e.simulate("429; every=2"), 429, "RateLimitExceededError")
}

func TestSimulateTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEdge(echo, testMode, func(o *httpapi.Options) { o.Timeout = 10 * time.Second })
		for words, want := range map[string]time.Duration{
			"timeout=3s": 3 * time.Second, "timeout=250ms; reset=7": 250 * time.Millisecond, "timeout=0s": 0, "Timeout": 0,
		} {
			start := time.Now()
			w := e.do("PUT", mine+"/entries/e1", `{}`, httpapi.SimulateHeader, words)
			wantError(t, w, 503, "Timeout")
			if took := time.Since(start); took != want {
				t.Errorf("%s: took %v", words, took)
			}
			if strings.Contains(words, "reset") && w.Header().Get("Retry-After") != "7" {
				t.Errorf("%s: Retry-After %s", words, w.Header().Get("Retry-After"))
			}
		}
		if log := e.log.String(); strings.Count(log, `"simulated":"header"`) != 4 || strings.Contains(log, "after its answer") {
			t.Errorf("the log: %s", log)
		}
	})
}

func TestSimulateReset(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	for words, want := range map[string]string{"RateLimitExceededError; reset=2": "2", "429": "1", "reset=3600;429": "3600"} {
		h := e.simulate(words).Header()
		if h.Get("Retry-After") != want || h.Get("X-Contentful-RateLimit-Reset") != want || h.Get("X-Contentful-RateLimit-Second-Remaining") != "0" {
			t.Errorf("%s: %v", words, h)
		}
	}
	if h := e.simulate("502; reset=9").Header(); h.Get("Retry-After") != "9" {
		t.Errorf("502: %v", h)
	}
}

func TestSimulateMistakes(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, testMode)
	for words, want := range map[string]string{
		"Broken":                      `"Broken" cannot be simulated.`,
		"200":                         `"200" cannot be simulated.`,
		"reset=2":                     "It names no error.",
		"every=5":                     "It names no error.",
		"429; ":                       "There is an empty word.",
		"429; 502":                    "There is more than one error.",
		"429; timeout=1s":             "There is more than one error.",
		"429; every=2; every=3":       "There is more than one every.",
		"429; every=0":                `"every=0" cannot be simulated.`,
		"429; every=x":                `"every=x" cannot be simulated.`,
		"429; reset=1.5":              `"reset=1.5" cannot be simulated.`,
		"429; reset=3601":             `"reset=3601" cannot be simulated.`,
		"404; reset=1":                "An error that has no Retry-After takes no reset.",
		"timeout=30s":                 `"timeout=30s" cannot be simulated.`, // as long as the server's own
		"timeout=-1s":                 `"timeout=-1s" cannot be simulated.`,
		"429; colour=red":             `"colour=red" cannot be simulated.`,
		strings.Repeat("\xffé", 1000): "…",
	} {
		w := e.simulate(words)
		wantError(t, w, 400, "BadRequestError")
		message := errorOf(t, w).Message
		if !strings.HasPrefix(message, httpapi.SimulateHeader+": ") || !strings.Contains(message, want) || !strings.Contains(message, "Possible are") || len(message) > 1000 {
			t.Errorf("%.80q: %s", words, message)
		}
	}
}

// TestSimulatedInstead: a request that fails on purpose does nothing, real
// errors come first, and the log tells them apart.
func TestSimulatedInstead(t *testing.T) {
	t.Parallel()
	called := 0
	e := newEdge(func(*httpapi.Call) (httpapi.Reply, error) { called++; return httpapi.NoContent(), nil }, testMode)
	w := e.do("GET", "/answer", "", httpapi.SimulateHeader, "ServerError")
	wantError(t, w, 500, "ServerError")
	if log := e.log.String(); called != 0 || !strings.Contains(log, `"level":"INFO"`) || !strings.Contains(log, `"fault":"ServerError","simulated":"header"`) {
		t.Errorf("called %d times; the log: %s", called, log)
	}
	wantError(t, e.do("GET", "/spaces/none/entries", "", httpapi.SimulateHeader, "502"), 404, "NotFoundError")
	wantError(t, e.do("GET", "/nowhere", "", httpapi.SimulateHeader, "502"), 404, "UnknownRoute")
	if n := strings.Count(e.log.String(), "simulated"); n != 1 {
		t.Errorf("%d errors are logged as simulated", n)
	}
	w = e.simulate("NotFound")
	want := `{"type":"Entry","id":"simulated","environment":"master","space":"s1"}`
	if got := string(errorOf(t, w).Details); got != want {
		t.Errorf("details %s", got)
	}
	s := httptest.NewServer(e)
	defer s.Close()
	r, err := http.NewRequest("PUT", s.URL+mine+"/entries/e1", strings.NewReader(`"`+strings.Repeat("x", 900_000)+`"`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+string(access.Management))
	r.Header.Set(httpapi.SimulateHeader, "timeout=0s")
	res, err := s.Client().Do(r) // the answer comes although the body was not looked at
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 503 {
		t.Errorf("status %s", res.Status)
	}
}
