package httpapi_test

import (
	"encoding/json"
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/httpapi"
)

func TestChooseAPI(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, func(o *httpapi.Options) { o.Domains = []string{"example.com", "EU.example.com"} })
	entries := mine + "/entries"
	for _, tt := range []struct {
		name, host, target, token string
		api                       string
		status                    int
	}{
		{"shared path, management token", "h:8080", entries, "management", "cma", 200},
		{"shared path, delivery token", "h:8080", entries, "delivery", "cda", 200},
		{"shared path, preview token", "h:8080", entries, "preview", "cpa", 200},
		{"shared path, unknown token", "h:8080", entries, "unknown", "cma", 401},
		{"shared path, no token", "h:8080", entries, "", "cma", 401},
		{"path of one API", "h", "/users/me", "management", "cma", 200},
		{"path of one API, other token", "h", "/users/me", "delivery", "cma", 401},
		{"path of two APIs", "h", mine + "/sync", "preview", "cpa", 200},
		{"path of two APIs, token of the third", "h", mine + "/sync", "management", "cda", 401},
		{"path of no API", "h", mine + "/nowhere", "preview", "cpa", 404},
		{"api host", "api.example.com", entries, "management", "cma", 200},
		{"upload host", "upload.example.com:443", entries, "management", "cma", 200},
		{"delivery host", "cdn.example.com", entries, "delivery", "cda", 200},
		{"preview host", "preview.example.com", entries, "preview", "cpa", 200},
		{"second domain", "cdn.eu.example.com", entries, "management", "cda", 401},
		{"host in capitals and with a final dot", "CDN.Example.com.:443", entries, "management", "cda", 401},
		{"localhost", "preview.localhost:8080", entries, "delivery", "cpa", 401},
		{"below localhost", "cdn.typecase.localhost", entries, "preview", "cda", 401},
		{"delivery host, path of the management API", "cdn.localhost", "/users/me", "delivery", "cda", 404},
		{"management host, path of delivery", "api.localhost", mine + "/sync", "delivery", "cma", 401},
		{"official host", "cdn.contentful.com", entries, "management", "cda", 401},
		{"official host, other region", "upload.eu.contentful.com", entries, "management", "cma", 200},
		{"official host, path of no file", "images.ctfassets.net", entries, "delivery", "cda", 200},
		{"looks official", "cdn.xcontentful.com", entries, "management", "cma", 200},
		{"foreign domain", "cdn.example.net", entries, "management", "cma", 200},
		{"unknown label", "www.example.com", entries, "management", "cma", 200},
		{"IPv6", "[::1]:8080", entries, "delivery", "cda", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request("GET", tt.target, "", bearer(tt.token)...)
			r.Host = tt.host
			w := e.send(r)
			if got := w.Header().Get("Contentful-Api"); w.Code != tt.status || got != tt.api {
				t.Errorf("got %d from %s, want %d from %s", w.Code, got, tt.status, tt.api)
			}
			want := delivery
			if tt.api == "cma" {
				want = management
			}
			if got := w.Header().Get("Content-Type"); got != want {
				t.Errorf("content type %s", got)
			}
			if w.Code >= 400 {
				errorOf(t, w)
			}
		})
	}
}

// TestFileBase: programs know files by the official host for them.
func TestFileBase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ host, public, want string }{
		{"localhost:8080", "", "//localhost:8080"},
		{"cdn.localhost", "", "//cdn.localhost"},
		{"cdn.contentful.com", "", "//images.ctfassets.net"},
		{"api.eu.contentful.com", "", "//images.eu.ctfassets.net"},
		{"images.ctfassets.net", "", "//images.ctfassets.net"},
		{"cdn.contentful.com", "https://content.example.org", "https://content.example.org"},
	} {
		r := request("GET", "/", "")
		r.Host = tt.host
		if got := httpapi.FileBase(r, tt.public); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.host, got, tt.want)
		}
	}
}

// TestChooseAPIByMethod: where APIs share a path, those without the method are
// not meant.
func TestChooseAPIByMethod(t *testing.T) {
	t.Parallel()
	e := newEdge(echo)
	entry := mine + "/entries/e1"
	for _, tt := range []struct {
		name, host, method, token string
		api                       string
		status                    int
	}{
		{"a management token writes", "h", "PUT", "management", "cma", 200},
		{"a delivery key cannot", "h", "PUT", "delivery", "cma", 401},
		{"nor a preview key", "h", "DELETE", "preview", "cma", 401},
		{"a delivery host has no such method", "cdn.localhost", "PUT", "delivery", "cda", 404},
		{"a method that none has, delivery key", "h", "POST", "delivery", "cda", 404},
		{"a method that none has, management token", "h", "POST", "management", "cma", 404},
		{"HEAD is GET", "h", "HEAD", "delivery", "cda", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request(tt.method, entry, "", bearer(tt.token)...)
			r.Host = tt.host
			w := e.send(r)
			if got := w.Header().Get("Contentful-Api"); w.Code != tt.status || got != tt.api {
				t.Errorf("got %d from %s, want %d from %s", w.Code, got, tt.status, tt.api)
			}
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, authorization, query string
		kind                       access.TokenKind // "": 401
		rest                       string           // of the query, for the handler
	}{
		{"header", "Bearer delivery", "a=1", access.Delivery, "a=1"},
		{"header, scheme in other case", "bearer delivery", "", access.Delivery, ""},
		{"parameter", "", "access_token=preview", access.Preview, ""},
		{"parameter among others", "", "a=%20b&access_token=preview&c", access.Preview, "a=%20b&c"},
		{"odd characters beside it", "", "a=1;2&b=100%&c=%4&d=%zz%41&access_token=preview", access.Preview, "a=1%3B2&b=100%25&c=%254&d=%25zz%41"},
		{"odd characters without it", "Bearer delivery", "q=a;b", access.Delivery, "q=a%3Bb"},
		{"parameter, escaped", "", "access%5ftoken=%70review", access.Preview, ""},
		{"header wins", "Bearer delivery", "access_token=preview&a=1", access.Delivery, "a=1"},
		{"another scheme", "Basic ZGVsaXZlcnk=", "", "", ""},
		{"another scheme and a parameter", "Basic ZGVsaXZlcnk=", "access_token=preview", access.Preview, ""},
		{"nothing", "", "", "", ""},
		{"empty", "Bearer ", "access_token=", "", ""},
		{"scheme only", "delivery", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newEdge(echo).do("GET", "/spaces/s1?"+tt.query, "", "Authorization", tt.authorization)
			if tt.kind == "" {
				wantError(t, w, 401, "AccessTokenInvalidError")
				return
			}
			var got seen
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Kind != tt.kind || got.Query != tt.rest {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
		})
	}
}
