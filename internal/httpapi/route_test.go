package httpapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/httpapi"
)

func TestRouting(t *testing.T) {
	t.Parallel()
	const entry = "/spaces/:space/environments/:environment/entries/:id"
	for _, tt := range []struct {
		name, method, target string
		want                 seen
		route                string
	}{
		{"plain", "GET", mine + "/entries/e1", seen{Space: "s1", Environment: "master", ID: "e1"}, entry},
		{"another environment", "GET", "/spaces/s1/environments/staging/entries/e1", seen{Space: "s1", Environment: "staging", ID: "e1"}, entry},
		{"no environment is master", "GET", "/spaces/s1/entries/e1", seen{Space: "s1", Environment: "master", ID: "e1"}, "/spaces/:space/entries/:id"},
		{"trailing slash", "GET", mine + "/entries/e1/", seen{Space: "s1", Environment: "master", ID: "e1"}, entry},
		{"trailing slash of a space", "GET", "/spaces/s1/", seen{Space: "s1"}, "/spaces/:space"},
		{"double slashes", "GET", "//spaces//s1/environments/master///entries/e1", seen{Space: "s1", Environment: "master", ID: "e1"}, entry},
		{"escaped letters", "GET", "/spaces/%73%31/environments/master/entries/%65%31", seen{Space: "s1", Environment: "master", ID: "e1"}, entry},
		{"dots are ids", "GET", mine + "/entries/..", seen{Space: "s1", Environment: "master", ID: ".."}, entry},
		{"escaped dots too", "GET", mine + "/entries/%2e", seen{Space: "s1", Environment: "master", ID: "."}, entry},
		{"a space's own route keeps an environment unseen", "PUT", "/spaces/s1/environments/new", seen{Space: "s1", ID: "new"}, "/spaces/:space/environments/:id"},
		{"query survives", "GET", mine + "/entries?fields.a%5Bin%5D=x%2Cy", seen{Space: "s1", Environment: "master", Query: "fields.a%5Bin%5D=x%2Cy"}, "/spaces/:space/environments/:environment/entries"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newEdge(echo).do(tt.method, tt.target, "")
			var got seen
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			tt.want.Kind, tt.want.Body = access.Management, json.RawMessage("null")
			if diff := cmp.Diff(tt.want, got); diff != "" || w.Code != 200 {
				t.Errorf("status %d (-want +got):\n%s", w.Code, diff)
			}
			if got := w.Header().Get("X-Contentful-Route"); got != tt.route {
				t.Errorf("route %s, want %s", got, tt.route)
			}
			if got := w.Header().Get("Cf-Space-Id") + " " + w.Header().Get("Cf-Environment-Id"); got != tt.want.Space+" "+tt.want.Environment {
				t.Errorf("place in the headers: %s", got)
			}
		})
	}
}

// TestNoRoute: what http.ServeMux would answer itself, with 404, 405 or a
// redirect in plain text, is the documented error.
func TestNoRoute(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ method, target, token, id, message string }{
		{"GET", "/", "management", "UnknownRoute", ""},
		{"GET", "/nowhere/", "management", "UnknownRoute", ""},
		{"POST", "/users/me", "management", "UnknownRoute", ""},
		{"PUT", mine + "/entries", "management", "UnknownRoute", ""},
		{"BREW", mine + "/entries", "delivery", "UnknownRoute", ""},
		{"BREW", mine + "/entries", "management", "UnknownRoute", ""},
		{"CONNECT", "/users/me", "management", "UnknownRoute", ""},
		{"GET", mine + "/entries/e1/nowhere", "management", "UnknownRoute", ""},
		{"GET", "/../users/../users/me", "management", "UnknownRoute", ""},
		{"GET", mine + "/entries/a%2Fb", "management", "NotFoundError", "The resource could not be found."},
		{"GET", mine + "/entries/a%2Fb", "delivery", "NotFoundError", "Invalid resource id"},
		{"GET", mine + "/entries/a%20b", "preview", "NotFoundError", "Invalid resource id"},
		{"GET", mine + "/entries/%00", "management", "NotFoundError", "The resource could not be found."},
		{"GET", "/spaces/s%001", "management", "NotFoundError", "The resource could not be found."},
		{"GET", "/spaces/s1/environments/a%2Fb/entries", "delivery", "NotFoundError", "Invalid resource id"},
		{"GET", "/spaces/s1/environments/a%2Fb/nowhere", "management", "NotFoundError", "The resource could not be found."},
	} {
		t.Run(tt.method+" "+tt.target+" "+tt.token, func(t *testing.T) {
			t.Parallel()
			w := newEdge(echo).do(tt.method, tt.target, "", bearer(tt.token)...)
			wantError(t, w, 404, tt.id)
			if got := errorOf(t, w).Message; tt.message != "" && got != tt.message {
				t.Errorf("message %q", got)
			}
			if w.Header().Get("Location") != "" || w.Header().Get("Allow") != "" {
				t.Errorf("headers of the mux: %v", w.Header())
			}
		})
	}
}

func TestCollidingRoutes(t *testing.T) {
	t.Parallel()
	for name, apis := range map[string][]httpapi.API{
		"none": nil,
		"twice": {{Routes: []httpapi.Route{
			{Method: "GET", Level: httpapi.SpaceLevel, Pattern: "/locales", Handle: echo},
			{Method: "GET", Level: httpapi.EnvironmentLevel, Pattern: "/locales", Handle: echo},
		}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: New accepts it", name)
				}
			}()
			httpapi.New(httpapi.Options{Access: doors{}, APIs: apis})
		}()
	}
}

// TestHead goes over a connection, where a HEAD must not have a body at all.
func TestHead(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(newEdge(echo))
	defer s.Close()
	do := func(method, path string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest(method, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer management")
		res, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(b)
	}
	for _, path := range []string{mine + "/entries/e1", "/nowhere"} {
		get, _ := do("GET", path)
		head, body := do("HEAD", path)
		if head.StatusCode != get.StatusCode || head.ContentLength != get.ContentLength || body != "" {
			t.Errorf("%s: HEAD %d with %d bytes and body %q, GET %d with %d bytes", path, head.StatusCode, head.ContentLength, body, get.StatusCode, get.ContentLength)
		}
		if diff := cmp.Diff(get.Header.Get("Etag"), head.Header.Get("Etag")); diff != "" {
			t.Error(diff)
		}
	}
}
