package cma_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/fetch"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cma"
	"github.com/typecase/typecase/internal/httpapi/sdktest"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// ownerToken is the token of a script's server, which the steps use.
const ownerToken = "CFPAT-script"

// script plays requests against the management API behind the real edge, on a
// server of its own, and compares whole answers.
type script struct {
	t       *testing.T
	handler http.Handler
	s       *authoring.Service
	dir     *access.Directory
	now     time.Time
	names   map[string]string // what {name} in a step stands for
	tried   map[string]bool   // by route: whether a trial went well
}

// step is one request and what comes of it. In all its texts {name} stands for
// a name of the script; {now} and {ms} are the time, as the two services write
// it.
type step struct {
	name   string
	call   string   // method and path
	header []string // "Name: value"
	body   string
	status int
	want   string // the whole body as JSON; "" only for an empty body
	find   map[string]string
	check  func(t *testing.T, h http.Header)
}

func newScript(t *testing.T) *script {
	t.Helper()
	return newScriptOn(t, openSQLite)
}

// databases are what the most important scripts are played on.
var databases = map[string]func(*testing.T) (*sqlstore.Store, error){"SQLite": openSQLite, "PostgreSQL": openPostgres}

func openSQLite(t *testing.T) (*sqlstore.Store, error) {
	return sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"))
}

func openPostgres(t *testing.T) (*sqlstore.Store, error) {
	return sqlstore.OpenPostgres(t.Context(), pgtest.URL(t))
}

// onBoth plays a script on each database.
func onBoth(t *testing.T, play func(sc *script)) {
	t.Helper()
	t.Parallel()
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(newScriptOn(t, open))
		})
	}
}

func newScriptOn(t *testing.T, open func(*testing.T) (*sqlstore.Store, error)) *script {
	t.Helper()
	st, err := open(t)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	blobs, err := blob.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	sc := &script{t: t, now: time.Date(2026, 5, 1, 10, 0, 0, 123e6, time.UTC), names: map[string]string{}}
	sc.s = &authoring.Service{
		Blobs: blobs, Now: func() time.Time { return sc.now }, Wake: func() {},
		Fetch: fetch.New(fetch.Options{AllowPrivate: true}), FileLimit: 1 << 20, KeepTrash: keepTrash,
		IDs: authoring.IDs{Source: &locked{src: rand.NewChaCha8([32]byte{1})}}, Secret: []byte("0123456789abcdef0123456789abcdef"),
	}
	sc.serveFrom(st)
	if _, err := sc.s.Bootstrap(t.Context(), ownerToken); err != nil {
		t.Fatal(err)
	}
	sc.tick(0)
	sc.names["made"] = sc.names["now"]
	sc.play(
		step{name: "who am I", call: "GET /users/me", find: map[string]string{"user": "sys.id"}},
		step{name: "organizations", call: "GET /organizations", find: map[string]string{"org": "items.0.sys.id"}},
		step{name: "a space", call: "POST /spaces", body: `{"name":"Test"}`, status: 201, find: map[string]string{"s": "sys.id"}},
	)
	return sc
}

// keepTrash is how long what scripts delete can come back.
const keepTrash = 720 * time.Hour

// serveFrom makes the server that of a store, with nothing in memory.
func (sc *script) serveFrom(st *sqlstore.Store) {
	now := func() time.Time { return sc.now }
	sc.dir = access.New(st, now)
	sc.s.Store, sc.s.Index = st, index.New(st, index.Options{})
	keys := embargo.New(st, sc.dir, sc.s.Secret, now, func() string { return "jti" })
	sc.handler = httpapi.New(httpapi.Options{
		Access: sc.dir, APIs: []httpapi.API{cma.New(sc.s, "", keys, nil)}, Now: now,
		RequestID: func() string { return "r1" }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// tick moves the clock.
func (sc *script) tick(d time.Duration) {
	sc.now = sc.now.Add(d)
	sc.names["now"] = sc.now.Format("2006-01-02T15:04:05Z")
	sc.names["ms"] = sc.now.Format("2006-01-02T15:04:05.000Z")
}

// play makes the requests one after the other. A step that finds names is not
// compared unless it wants something.
func (sc *script) play(steps ...step) {
	sc.t.Helper()
	for _, st := range steps {
		sc.one(st)
	}
}

func (sc *script) one(st step) {
	t := sc.t
	t.Helper()
	w := sc.twice(st)
	if st.status == 0 {
		st.status = http.StatusOK
	}
	body := w.Body.String()
	if w.Code != st.status {
		t.Fatalf("%s: %s: status %d, want %d: %s", st.name, st.call, w.Code, st.status, body)
	}
	for name, at := range st.find {
		sc.names[name] = member(t, body, at)
	}
	switch {
	case st.want != "":
		want := decoded(t, sc.fill(st.want))
		if diff := cmp.Diff(want, unadvised(want, unlocated(t, decoded(t, body)))); diff != "" {
			t.Errorf("%s: %s: (-want +got)\n%s", st.name, st.call, diff)
		}
	case st.find == nil && body != "":
		t.Errorf("%s: %s: unexpected body %s", st.name, st.call, body)
	}
	if st.check != nil {
		st.check(t, w.Header())
	}
}

// do makes a request; it may run beside others as long as nothing else of the
// script does.
func (sc *script) do(call string, header []string, body string) *httptest.ResponseRecorder {
	return sc.serve(sc.request(call, header, body))
}

func (sc *script) request(call string, header []string, body string) *http.Request {
	method, path, _ := strings.Cut(sc.fill(call), " ")
	r := httptest.NewRequestWithContext(sc.t.Context(), method, path, strings.NewReader(sc.fill(body)))
	r.Header.Set("Authorization", "Bearer "+ownerToken)
	r.Header.Set("X-Contentful-User-Agent", "sdk test")
	for _, h := range header {
		name, value, _ := strings.Cut(sc.fill(h), ": ")
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	return r
}

func (sc *script) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	sc.handler.ServeHTTP(w, r)
	if w.Code >= 400 && r.Method != http.MethodHead {
		sdktest.Check(sc.t, w.Code, w.Header(), w.Body.Bytes())
	}
	return w
}

// locked is a source of ids for requests beside each other.
type locked struct {
	mu  sync.Mutex
	src io.Reader
}

func (l *locked) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.src.Read(p)
}

func (sc *script) fill(s string) string {
	for name, value := range sc.names {
		s = strings.ReplaceAll(s, "{"+name+"}", value)
	}
	return s
}

func decoded(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

// otherwise are the pointers of paths that the contract spells otherwise than
// bodies do.
var otherwise = map[string]string{
	"/fallback_code": "/fallbackCode", "/content_management_api": "/contentManagementApi", "/tags": "/metadata/tags",
}

// unlocated checks what errors say twice, for machines and for people, and takes
// one of them off: pointers against paths, suggestions against texts, current and
// sent against the message.
func unlocated(t *testing.T, v any) any {
	t.Helper()
	body, _ := v.(map[string]any)
	if sys, _ := body["sys"].(map[string]any); sys["type"] != "Error" {
		return v
	}
	message, _ := body["message"].(string)
	for name, before := range map[string]string{"current": " is at version ", "sent": " was made for version "} {
		said, ok := body[name].(map[string]any)
		if want := before + fmt.Sprint(said["version"]); ok != strings.Contains(message, before) || ok && !strings.Contains(message, want+".") && !strings.Contains(message, want+",") {
			t.Errorf("%s is %v in %v", name, said, body)
		}
		delete(body, name)
	}
	details, _ := body["details"].(map[string]any)
	problems, _ := details["errors"].([]any)
	for _, p := range problems {
		p := p.(map[string]any)
		want := ""
		for _, step := range p["path"].([]any) {
			want += "/" + fmt.Sprint(step)
		}
		if at, ok := p["pointer"]; ok && at != want && at != otherwise[want] {
			t.Errorf("the pointer is %v in %v", at, p)
		}
		if names, ok := p["suggestions"].([]any); ok && p["name"] != "deprecated" { // which says itself what to use
			text, meant, _ := strings.Cut(p["details"].(string), " Did you mean ")
			if !strings.Contains(meant, fmt.Sprintf("%q", names[0])) || !strings.HasSuffix(meant, "?") {
				t.Errorf("the text does not name what was meant: %v", p)
			}
			p["details"] = text
		}
		if at, ok := p["parameter"]; ok && at != strings.ReplaceAll(want[min(1, len(want)):], "/", ".") {
			continue // what the path does not tell is for the test to want
		}
		delete(p, "pointer")
		delete(p, "parameter")
	}
	return body
}

// unadvised takes off what an error goes on with after the texts that are wanted,
// and the hint unless one is wanted: scripts are about the contract. The error
// cases of package server have answers as they are, advice included.
func unadvised(want, got any) any {
	w, _ := want.(map[string]any)
	g, _ := got.(map[string]any)
	if _, wanted := w["hint"]; !wanted {
		delete(g, "hint")
	}
	wantDetails, _ := w["details"].(map[string]any)
	gotDetails, _ := g["details"].(map[string]any)
	wanted, _ := wantDetails["errors"].([]any)
	problems, _ := gotDetails["errors"].([]any)
	for i := range min(len(wanted), len(problems)) {
		w, g := wanted[i].(map[string]any), problems[i].(map[string]any)
		text, _ := w["details"].(string)
		said, _ := g["details"].(string)
		if rest, longer := strings.CutPrefix(strings.TrimSuffix(said, "."), strings.TrimSuffix(text, ".")); longer && strings.HasPrefix(rest, ". ") {
			g["details"] = text
		}
	}
	return got
}

// member is the value at a path such as items.0.sys.id.
func member(t *testing.T, body, path string) string {
	t.Helper()
	v := decoded(t, body)
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(x) {
				t.Fatalf("no %s in %s", path, body)
			}
			v = x[i]
		}
	}
	s, ok := v.(string)
	if !ok || s == "" {
		t.Fatalf("no %s in %s", path, body)
	}
	return s
}

// list is the JSON of a collection.
func list(total, skip, limit int, items ...string) string {
	return `{"sys":{"type":"Array"},"total":` + strconv.Itoa(total) + `,"skip":` + strconv.Itoa(skip) + `,"limit":` + strconv.Itoa(limit) +
		`,"items":[` + strings.Join(items, ",") + `]}`
}

// failure is the JSON of an error, in the short vocabulary; details may be "".
func failure(id, message, details string) string {
	if details != "" {
		details = `,"details":` + details
	}
	return `{"sys":{"type":"Error","id":"` + id + `"},"message":` + strconv.Quote(message) + details + `,"requestId":"r1","documentationUrl":"http://example.com/errors/` + id + `"}`
}

// with is the JSON of an error with one more member.
func with(name, value, err string) string {
	return strings.Replace(err, `"requestId"`, `"`+name+`":`+value+`,"requestId"`, 1)
}

// invalid is the JSON of what the organization service says to a wrong body.
func invalid(problems string) string {
	return failure("ValidationFailed", "The resource you sent in the body is invalid.", `{"errors":[`+problems+`]}`)
}

const notFound = "The resource could not be found."

func version(v int) []string { return []string{"X-Contentful-Version: " + strconv.Itoa(v)} }

// same compares a body with what is wanted of it.
func (sc *script) same(name, want, got string) {
	sc.t.Helper()
	if diff := cmp.Diff(decoded(sc.t, sc.fill(want)), unlocated(sc.t, decoded(sc.t, got))); diff != "" {
		sc.t.Errorf("%s: (-want +got)\n%s", name, diff)
	}
}
