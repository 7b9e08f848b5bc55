package httpapi

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestRouterIsServeMux: on random patterns and paths the router finds what
// http.ServeMux finds.
func TestRouterIsServeMux(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	matched, other := 0, 0
	for range 200 {
		mux := http.NewServeMux()
		var api API
		for range 12 {
			var b strings.Builder
			for i := range 1 + r.IntN(4) {
				fmt.Fprintf(&b, "/%s", pick("a", "b", "a-b", "{x"+fmt.Sprint(i)+"}"))
			}
			method, path := pick("GET", "POST", "PUT", "HEAD"), b.String()
			func() {
				defer func() { _ = recover() }() // it collides with another one
				mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Found", path)
					for _, id := range wildcards(path) {
						w.Header().Add("Value", r.PathValue(id))
					}
				})
				api.Routes = append(api.Routes, Route{Method: method, Pattern: path})
			}()
		}
		rt := newRouter(api)
		for range 60 {
			var b strings.Builder
			for range 1 + r.IntN(5) {
				b.WriteString("/" + pick("a", "b", "a-b", "c", "%61", "a%2Fb", "%2e", "a%20b", "ä", "%2E%2e", ".", "..", ""))
			}
			u, err := url.Parse("http://host" + b.String())
			if err != nil {
				t.Fatal(err)
			}
			if r.IntN(2) == 0 { // as requests come
				clean(u)
			}
			method := pick("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT")
			if method == "CONNECT" {
				clean(u)
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, &http.Request{Method: method, URL: u, Host: "host"})
			var m match
			known := rt.match(method, u, &m)
			got, values := "", []string(nil)
			if m.found != nil {
				got, values = m.route.Pattern, m.values[:len(m.ids)]
				matched++
			}
			wantKnown := w.Header().Get("Found") != "" || w.Header().Get("Allow") != ""
			if known && m.found == nil {
				other++
			}
			if want := w.Header().Get("Found"); got != want || fmt.Sprint(values) != fmt.Sprint(w.Header()["Value"]) || known != wantKnown {
				t.Errorf("%s %s: %q %q, known %v; want %q %q, %v\n%v", method, u, got, values, known, want, w.Header()["Value"], wantKnown, api.Routes)
			}
		}
	}
	if matched < 100 || other < 100 {
		t.Errorf("%d paths had a route, %d with another method: too few", matched, other)
	}
}

func TestRouterTakesNoMemory(t *testing.T) {
	rt := newRouter(API{Routes: []Route{{Method: "GET", Level: EnvironmentLevel, Pattern: "/entries/{id}"}}})
	u := &url.URL{Path: "/spaces/s1/environments/master/entries/e1"}
	var m match
	if n := testing.AllocsPerRun(100, func() { rt.match("GET", u, &m) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if m.value("space") != "s1" || m.value("environment") != "master" || m.value("id") != "e1" || m.value("other") != "" {
		t.Errorf("%q", m.values)
	}
}

// TestPatternsTooHard: what the router cannot do is found when a server starts.
func TestPatternsTooHard(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"/a/{$}", "/a/{rest...}", "/a/", "/a%20b", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is taken", pattern)
				}
			}()
			newRouter(API{Routes: []Route{{Method: "GET", Pattern: pattern}}})
		}()
	}
}
