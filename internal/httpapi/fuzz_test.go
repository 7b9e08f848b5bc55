package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRequest: whatever is sent, the answer is a success of an echoing handler
// or a complete error of the client's, never one of the server's.
func FuzzRequest(f *testing.F) {
	for _, seed := range []struct{ method, path, query, header, value, body string }{
		{"GET", "/spaces/s1/entries", "a=b", "Accept", "*/*", ""},
		{"PUT", "/spaces/s1/environments/master/entries/e1", "", "X-Contentful-Version", "1", `{"a":{"a":1,"a":2}}`},
		{"PUT", "/spaces/s1/entries/e1", "access_token=x", "Content-Type", "application/json;", "[[["},
		{"PATCH", "/spaces/s1/entries/e1", "%zz&access_token", "Content-Type", "application/json-patch+json", "\xff"},
		{"DELETE", "//spaces//s1/entries/%2e%2e/", ";;=", "If-None-Match", `"`, "null"},
		{"HEAD", "/spaces/s1/../..", "", "Accept-Encoding", "gzip;q=,*", " "},
		{"OPTIONS", "*", "", "Authorization", "Bearer", ""},
		{"GET", "/spaces/%00/%2F", "", "Authorization", "Bearer \x00", `"\ud800"`},
		{"POST", "/spaces/s1/uploads", "", "X-Contentful-User-Agent", "", "{"},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.header, seed.value, seed.body)
	}
	e := newEdge(echo)
	f.Fuzz(func(t *testing.T, method, path, query, header, value, body string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			u = &url.URL{Path: path}
		}
		u.RawQuery = query
		r := &http.Request{
			Method: method, URL: u, Host: "h", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header:        http.Header{"Authorization": {"Bearer management"}},
			Body:          http.NoBody,
			ContentLength: int64(len(body)),
		}
		if body != "" {
			r.Body = request("PUT", "/", body).Body
		}
		r.Header[http.CanonicalHeaderKey(header)] = []string{value}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		switch {
		case w.Code >= 500 || w.Code >= 300 && w.Code < 400 && w.Code != http.StatusNotModified:
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		case w.Code >= 400 && method == http.MethodHead:
			if w.Body.Len() > 0 {
				t.Errorf("a HEAD with a body: %s", w.Body)
			}
		case w.Code >= 400 && !strings.Contains(w.Header().Get("Content-Encoding"), "gzip"):
			errorOf(t, w)
		}
	})
}

// FuzzBody: every body is either refused or reaches the handler as JSON that
// means the same.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{"a":1,"a":2}`, `[1,{"b":"\\\""}]`, `{"\u0061":{},"a":[]}`, "{", ` [ ] `, `-1.5e+7`, `"\ud83d"`} {
		f.Add(seed)
	}
	e := newEdge(echo)
	f.Fuzz(func(t *testing.T, body string) {
		w := e.do("PUT", mine+"/entries/e1", body)
		if w.Code != 200 {
			wantError(t, w, 400, "BadRequestError")
			return
		}
		var got seen
		decodeLast(t, w.Body.String(), &got)
		if strings.TrimSpace(body) == "" {
			return
		}
		var want, has any
		decodeLast(t, body, &want)
		decodeLast(t, string(got.Body), &has)
		if !cmp.Equal(want, has) {
			t.Errorf("%s became %s", body, got.Body)
		}
	})
}

// decodeLast decodes JSON; of members with one name the last one counts.
func decodeLast(t *testing.T, s string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), v); err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
		t.Fatalf("%s: %v", s, err)
	}
}
