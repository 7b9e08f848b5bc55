package httpapi_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

func answering(rep httpapi.Reply) httpapi.Handler {
	return func(*httpapi.Call) (httpapi.Reply, error) { return rep, nil }
}

func TestReply(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		reply       httpapi.Reply
		status      int
		body        string
		contentType string
	}{
		{"value", httpapi.OK(map[string]any{"a": "<b> & c"}), 200, `{"a":"<b> & c"}`, management},
		{"raw", httpapi.Reply{Raw: []byte(`{"n": 1.50}`)}, 200, `{"n": 1.50}`, management},
		{"raw inside a value", httpapi.OK(json.RawMessage(`{"n":9007199254740993}`)), 200, `{"n":9007199254740993}`, management},
		{"created", httpapi.Created([]int{1}), 201, `[1]`, management},
		{"nothing", httpapi.NoContent(), 204, "", ""},
		{"another content type", httpapi.Reply{Header: http.Header{"content-type": {"application/json"}}, Raw: []byte("{}")}, 200, "{}", "application/json"},
	} {
		w := newEdge(answering(tt.reply)).do("GET", "/answer", "")
		if w.Code != tt.status || w.Body.String() != tt.body || w.Header().Get("Content-Type") != tt.contentType {
			t.Errorf("%s: %d %s %s", tt.name, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Cache-Control") != "max-age=0" {
			t.Errorf("%s: headers %v", tt.name, w.Header())
		}
	}
}

func TestConditionalRequest(t *testing.T) {
	t.Parallel()
	own := httpapi.Reply{Raw: []byte("{}"), ETag: "v7"}
	hashed := newEdge(answering(httpapi.OK("x"))).do("GET", "/answer", "").Header().Get("ETag")
	if len(hashed) < 10 || hashed[0] != '"' {
		t.Fatalf("ETag of a body: %s", hashed)
	}
	if other := newEdge(answering(httpapi.OK("y"))).do("GET", "/answer", "").Header().Get("ETag"); other == hashed {
		t.Error("two bodies have one tag")
	}
	for _, tt := range []struct {
		name        string
		reply       httpapi.Reply
		ifNoneMatch string
		status      int
		etag        string
	}{
		{"no condition", own, "", 200, `"v7"`},
		{"same", own, `"v7"`, 304, `"v7"`},
		{"weak", own, `W/"v7"`, 304, `"v7"`},
		{"one of several", own, `"v6", W/"v7"`, 304, `"v7"`},
		{"any", own, `*`, 304, `"v7"`},
		{"other", own, `"v6"`, 200, `"v7"`},
		{"unquoted", own, `v7`, 200, `"v7"`},
		{"tag of the body", httpapi.OK("x"), hashed, 304, hashed},
		{"the handler knows", httpapi.Reply{ETag: "v8", NotModified: true}, `"v8"`, 304, `"v8"`},
		{"not for 201", httpapi.Created("x"), "*", 201, ""},
	} {
		w := newEdge(answering(tt.reply)).do("GET", "/answer", "", "If-None-Match", tt.ifNoneMatch)
		if w.Code != tt.status || w.Header().Get("ETag") != tt.etag {
			t.Errorf("%s: %d, ETag %s", tt.name, w.Code, w.Header().Get("ETag"))
		}
		if w.Code == 304 && (w.Body.Len() > 0 || w.Header().Get("Content-Length") != "") {
			t.Errorf("%s: a 304 with a body", tt.name)
		}
	}
	w := newEdge(failing(fault.New(fault.NotFound, ""))).do("GET", "/answer", "", "If-None-Match", "*")
	wantError(t, w, 404, "NotFoundError")
	if w.Header().Get("ETag") != "" {
		t.Error("an error has a tag")
	}
	if w := newEdge(echo).do("PUT", mine+"/entries/e1", "{}", "If-None-Match", "*"); w.Code != 200 {
		t.Errorf("a write with a condition: %d", w.Code)
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("type case ", 200)
	for _, tt := range []struct {
		name, accept string
		reply        httpapi.Reply
		gzip         bool
	}{
		{"accepted", "gzip", httpapi.OK(large), true},
		{"among others", "deflate, GZIP;q=0.5, br", httpapi.OK(large), true},
		{"anything", "*", httpapi.OK(large), true},
		{"not asked for", "", httpapi.OK(large), false},
		{"others only", "br, deflate", httpapi.OK(large), false},
		{"refused", "gzip;q=0, *", httpapi.OK(large), false},
		{"all refused", "*;q=0.0", httpapi.OK(large), false},
		{"small", "gzip", httpapi.OK("x"), false},
		{"encoded by the handler", "gzip", httpapi.Reply{Raw: []byte(large), Header: http.Header{"Content-Encoding": {"br"}}}, false},
	} {
		w := newEdge(answering(tt.reply)).do("GET", "/answer", "", "Accept-Encoding", tt.accept)
		etag := w.Header().Get("ETag")
		if !tt.gzip {
			if w.Header().Get("Content-Encoding") == "gzip" || strings.HasPrefix(etag, "W/") {
				t.Errorf("%s: compressed", tt.name)
			}
			continue
		}
		if w.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(etag, `W/"`) {
			t.Errorf("%s: headers %v", tt.name, w.Header())
			continue
		}
		zr, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if b, err := io.ReadAll(zr); err != nil || json.Unmarshal(b, &got) != nil || got != large {
			t.Errorf("%s: unpacked to %q, %v", tt.name, b, err)
		}
		again := newEdge(answering(tt.reply)).do("GET", "/answer", "", "Accept-Encoding", tt.accept, "If-None-Match", etag)
		if again.Code != 304 {
			t.Errorf("%s: its own tag gets %d", tt.name, again.Code)
		}
	}
	long := fault.Invalid(fault.InvalidEntry, make([]fault.Detail, 50)...)
	if w := newEdge(failing(long)).do("GET", "/answer", "", "Accept-Encoding", "gzip"); w.Code != 422 || w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("a long error: %d %v", w.Code, w.Header())
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ host, target, methods, age, header string }{
		{"h", "/users/me", "DELETE,GET,HEAD,POST,PUT,PATCH,OPTIONS", "1728000", "X-Contentful-Tag-Visibility"},
		{"h", "/nowhere", "DELETE,GET,HEAD,POST,PUT,PATCH,OPTIONS", "1728000", "X-Contentful-Version"},
		{"h", "/spaces/none-of-yours/entries", "DELETE,GET,HEAD,POST,PUT,PATCH,OPTIONS", "1728000", "X-Contentful-Team"},
		{"cdn.localhost", mine + "/entries", "GET,HEAD,OPTIONS", "86400", "X-Contentful-User-Agent"},
		{"cdn.localhost", mine + "/asset_keys", "GET,HEAD,OPTIONS,POST", "86400", "X-Contentful-Resource-Resolution"},
		{"preview.localhost", mine + "/nowhere", "GET,HEAD,OPTIONS", "86400", "CF-Sequence"},
		{"preview.localhost", mine + "/nowhere", "GET,HEAD,OPTIONS", "86400", "X-Request-Id"},
		{"preview.localhost", mine + "/nowhere", "GET,HEAD,OPTIONS", "86400", "Traceparent"},
	} {
		r := request("OPTIONS", tt.target, "", "Authorization", "")
		r.Host = tt.host
		w := newEdge(echo, func(o *httpapi.Options) { o.RateLimit = map[string]int{"cma": 1} }).send(r)
		h := w.Header()
		if w.Code != 204 || w.Body.Len() > 0 || h.Get("Access-Control-Allow-Origin") != "*" ||
			h.Get("Access-Control-Allow-Methods") != tt.methods || h.Get("Access-Control-Max-Age") != tt.age {
			t.Errorf("%s%s: %d %v", tt.host, tt.target, w.Code, h)
		}
		allowed := strings.Split(h.Get("Access-Control-Allow-Headers"), ",")
		found := false
		for _, name := range allowed {
			found = found || name == tt.header
		}
		if !found {
			t.Errorf("%s%s: %s is not allowed in %v", tt.host, tt.target, tt.header, allowed)
		}
	}
}
