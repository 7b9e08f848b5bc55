package files_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/files"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

const unique = "0123456789abcdef0123456789abcdef"

// nobody knows no token.
type nobody struct{}

func (nobody) Recall(string) (a access.Actor, known, current bool) { return a, false, false }

func (nobody) Authenticate(context.Context, string) (access.Actor, error) {
	return access.Actor{}, fault.New(fault.AccessTokenInvalid, "")
}

func (nobody) Locate(context.Context, access.Actor, string, string) (access.Place, error) {
	return access.Place{}, fault.New(fault.NotFound, "")
}

// spaces are the protections of spaces, by id.
type spaces map[string]cms.Protection

func (s spaces) Space(_ context.Context, id string) (access.Place, error) {
	p, known := s[id]
	if !known {
		return access.Place{}, fault.New(fault.NotFound, "")
	}
	return access.Place{SpaceID: id, Protection: p}, nil
}

// at is the time of all tests.
var at = time.Date(2026, 5, 1, 10, 0, 0, 500e6, time.UTC)

// newGuard guards the files of spaces of which nothing is published.
func newGuard(t *testing.T, s spaces, now time.Time) *embargo.Service {
	t.Helper()
	st, err := sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return embargo.New(st, s, []byte("0123456789abcdef0123456789abcdef"), func() time.Time { return now }, func() string { return "jti" })
}

// server serves files of a space s1 without protection behind the edge, as the
// program does.
func server(t *testing.T) (*blob.Store, string) {
	t.Helper()
	return serverOf(t, newGuard(t, spaces{"s1": cms.ProtectNone}, at), "")
}

func serverOf(t *testing.T, guard *embargo.Service, publicURL string) (*blob.Store, string) {
	t.Helper()
	blobs, err := blob.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	h := files.New(blobs, guard, publicURL, func() time.Time { return at })
	s := httptest.NewServer(httpapi.New(httpapi.Options{
		Access: nobody{},
		APIs:   []httpapi.API{{Name: "cma", ContentType: "application/vnd.contentful.management.v1+json", Token: access.Management}},
		Extra:  []httpapi.Extra{{Prefix: files.Prefix, Handler: h}, {Prefix: files.SecurePrefix, Handler: h}},
		Log:    slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(s.Close)
	return blobs, s.URL
}

func put(t *testing.T, blobs *blob.Store, name, contentType, data string) string {
	t.Helper()
	f := blob.NewFile("s1", "a1", unique, name)
	if _, err := blobs.Put(t.Context(), f.Key(), contentType, strings.NewReader(data), 1<<20); err != nil {
		t.Fatal(err)
	}
	return f.Path()
}

// ask makes a request; header are names and values in turn.
func ask(t *testing.T, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(header, 2) {
		req.Header.Set(pair[0], pair[1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestServe(t *testing.T) {
	t.Parallel()
	blobs, base := server(t)
	path := put(t, blobs, "ten.txt", "text/plain; charset=utf-8", "0123456789")
	for _, tt := range []struct {
		name, method, query string
		header              []string
		status              int
		body                string
		want                map[string]string
	}{
		{"whole", "GET", "", nil, 200, "0123456789", map[string]string{"Content-Length": "10", "Accept-Ranges": "bytes"}},
		{"parameters", "GET", "?w=100&fm=webp", nil, 200, "0123456789", nil},
		{"head", "HEAD", "", nil, 200, "", map[string]string{"Content-Length": "10"}},
		{"range", "GET", "", []string{"Range", "bytes=2-4"}, 206, "234", map[string]string{"Content-Range": "bytes 2-4/10"}},
		{"end", "GET", "", []string{"Range", "bytes=-3"}, 206, "789", map[string]string{"Content-Range": "bytes 7-9/10"}},
		{"range of the same", "GET", "", []string{"Range", "bytes=2-4", "If-Range", `"` + unique + `"`}, 206, "234", nil},
		{"range of another", "GET", "", []string{"Range", "bytes=2-4", "If-Range", `"x"`}, 200, "0123456789", nil},
		{"range outside", "GET", "", []string{"Range", "bytes=10-"}, 200, "0123456789", map[string]string{"Content-Range": "", "Content-Length": "10"}},
		{"range malformed", "GET", "", []string{"Range", "bytes=x"}, 200, "0123456789", nil},
		{"same", "GET", "", []string{"If-None-Match", `"` + unique + `"`}, 304, "", map[string]string{"Content-Type": ""}},
		{"other", "GET", "", []string{"If-None-Match", `"x"`}, 200, "0123456789", nil},
		{"not since", "GET", "", []string{"If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"}, 304, "", map[string]string{"Content-Type": ""}},
	} {
		res, body := ask(t, tt.method, base+path+tt.query, tt.header...)
		if res.StatusCode != tt.status || body != tt.body {
			t.Errorf("%s: %s %q, want %d %q", tt.name, res.Status, body, tt.status, tt.body)
		}
		want := map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "ETag": `"` + unique + `"`, "Cache-Control": "public, max-age=31536000, immutable",
			"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "", "Content-Disposition": "",
		}
		maps.Copy(want, tt.want)
		got := map[string]string{}
		for name := range want {
			got[name] = res.Header.Get(name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// What a browser would run is downloaded; a drawing is shown without its scripts.
func TestDangerousTypes(t *testing.T) {
	t.Parallel()
	blobs, base := server(t)
	for contentType, want := range map[string]struct{ sandboxed, attached bool }{
		"image/png":                {},
		"application/pdf":          {},
		"video/mp4":                {},
		"text/plain":               {},
		"text/css":                 {},
		"application/json":         {},
		"image/svg+xml":            {sandboxed: true},
		"IMAGE/SVG+XML; x=y":       {sandboxed: true},
		"text/html; charset=utf-8": {sandboxed: true, attached: true},
		"application/xhtml+xml":    {sandboxed: true, attached: true},
		"text/xml":                 {sandboxed: true, attached: true},
		"application/javascript":   {sandboxed: true, attached: true},
		"message/rfc822":           {sandboxed: true, attached: true},
		"rubbish; =":               {sandboxed: true, attached: true},
	} {
		res, _ := ask(t, "GET", base+put(t, blobs, "a b.bin", contentType, "<b>"))
		if got := strings.HasPrefix(res.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'"); got != want.sandboxed {
			t.Errorf("%s: sandboxed %v", contentType, got)
		}
		if got := res.Header.Get("Content-Disposition") == `attachment; filename="a_b.bin"`; got != want.attached {
			t.Errorf("%s: attached %v", contentType, got)
		}
		if got := res.Header.Get("Content-Type"); got != contentType {
			t.Errorf("%s came as %s", contentType, got)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	blobs, base := server(t)
	path := put(t, blobs, "x.png", "image/png", "x")
	if _, err := blobs.Put(t.Context(), blob.UploadKey("s1", "u1"), "", strings.NewReader("private"), 100); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ method, path string }{
		{"GET", strings.Replace(path, unique, strings.Repeat("0", 32), 1)},
		{"GET", "/files/"},
		{"GET", "/files/s1/a1/" + unique},
		{"GET", "/files/s1/a1/" + unique + "/"},
		{"GET", "/files/s1/a1/" + unique + "/x.png~type"},
		{"GET", "/files/..%2fuploads/s1/" + unique + "/u1"},
		{"GET", "/files/../uploads/s1/u1"},
		{"POST", path},
		{"DELETE", path},
	} {
		res, body := ask(t, tt.method, base+tt.path)
		var got struct {
			Sys struct{ Type, ID string }
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Errorf("%s %s: %v in %s", tt.method, tt.path, err, body)
			continue
		}
		if res.StatusCode != 404 || got.Sys.Type != "Error" || got.Sys.ID != "NotFoundError" {
			t.Errorf("%s %s: %s %s", tt.method, tt.path, res.Status, body)
		}
		if cache := res.Header.Get("Cache-Control"); strings.Contains(cache, "immutable") {
			t.Errorf("%s %s: an error to be kept: %s", tt.method, tt.path, cache)
		}
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	_, base := server(t)
	res, body := ask(t, "OPTIONS", base+"/files/s1/a1/"+unique+"/x.png", "Origin", "https://example.org", "Access-Control-Request-Method", "GET")
	if res.StatusCode != 204 || body != "" || res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Access-Control-Allow-Methods") != "GET,HEAD,OPTIONS" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
}
