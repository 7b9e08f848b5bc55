package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

func TestPanic(t *testing.T) {
	t.Parallel()
	e := newEdge(func(*httpapi.Call) (httpapi.Reply, error) { panic("the drawer is stuck") })
	w := e.do("GET", "/answer", "")
	wantError(t, w, 500, "ServerError")
	if strings.Contains(w.Body.String(), "drawer") {
		t.Errorf("the client sees the panic: %s", w.Body)
	}
	if log := e.log.String(); !strings.Contains(log, "the drawer is stuck") || !strings.Contains(log, "handler_test.go") {
		t.Errorf("the log does not say where: %s", log)
	}
}

// TestAbort: net/http breaks the connection of a handler that panics with
// ErrAbortHandler, and so does the edge.
func TestAbort(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(newEdge(func(*httpapi.Call) (httpapi.Reply, error) { panic(http.ErrAbortHandler) }))
	defer s.Close()
	r, err := http.NewRequest("GET", s.URL+"/answer", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer management")
	if res, err := s.Client().Do(r); err == nil {
		t.Errorf("got an answer: %s", res.Status)
		res.Body.Close()
	}
}

func TestUnexpectedError(t *testing.T) {
	t.Parallel()
	e := newEdge(failing(fmt.Errorf("reading entry: %w", fault.Wrap(io.ErrClosedPipe, fault.ServerError, "the disk is full"))))
	w := e.do("GET", "/answer", "")
	wantError(t, w, 500, "ServerError")
	if strings.Contains(w.Body.String(), "disk") {
		t.Errorf("the client sees what is inside: %s", w.Body)
	}
	if log := e.log.String(); !strings.Contains(log, "reading entry: ServerError: the disk is full: io: read/write on closed pipe") {
		t.Errorf("the log lacks the chain: %s", log)
	}
}

type stuck struct{}

// MarshalJSON does not come to an end.
func (stuck) MarshalJSON() ([]byte, error) { panic("the drawer is stuck") }

func TestUnencodableReply(t *testing.T) {
	t.Parallel()
	wantError(t, newEdge(answering(httpapi.OK(stuck{}))).do("GET", "/answer", ""), 500, "ServerError")
	e := newEdge(func(*httpapi.Call) (httpapi.Reply, error) { return httpapi.OK(func() {}), nil })
	wantError(t, e.do("GET", "/answer", ""), 500, "ServerError")
	e = newEdge(failing(fault.Invalid(fault.InvalidEntry, fault.Detail{Value: json.RawMessage("{")})))
	w := e.do("GET", "/answer", "")
	if got := errorOf(t, w); w.Code != 422 || got.Details != nil {
		t.Errorf("an error with a broken detail: %d %s", w.Code, w.Body)
	}
}

// TestTimeout: the answer comes in time, whether the handler looks at its
// context or not.
func TestTimeout(t *testing.T) {
	t.Parallel()
	var release chan struct{}
	for name, answer := range map[string]httpapi.Handler{
		"obedient": func(c *httpapi.Call) (httpapi.Reply, error) {
			<-c.Context().Done()
			return httpapi.Reply{}, fmt.Errorf("query: %w", c.Context().Err())
		},
		"obedient, in other words": func(c *httpapi.Call) (httpapi.Reply, error) {
			<-c.Context().Done()
			return httpapi.Reply{}, errors.New("interrupted")
		},
		"deaf": func(*httpapi.Call) (httpapi.Reply, error) {
			<-release
			return httpapi.NoContent(), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			release = make(chan struct{})
			e := newEdge(answer, func(o *httpapi.Options) { o.Timeout = 10 * time.Millisecond })
			w := e.call(t, "GET", "/answer")
			close(release)
			wantError(t, w, 503, "Timeout")
			if got := w.Header().Get("Retry-After"); got != "1" {
				t.Errorf("Retry-After: %q", got)
			}
			if got := w.Header().Get("Contentful-Api"); got != "cma" {
				t.Errorf("Contentful-Api: %q", got)
			}
		})
	}
}

// TestLateEnd: what a handler does after its time is not lost on the operator.
func TestLateEnd(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	log := make(chan map[string]any, 2)
	e := newEdge(func(*httpapi.Call) (httpapi.Reply, error) {
		<-release
		panic("the drawer is stuck")
	}, func(o *httpapi.Options) {
		o.Timeout = 10 * time.Millisecond
		o.Log = slog.New(slog.NewJSONHandler(records(log), nil))
	})
	wantError(t, e.call(t, "GET", "/answer"), 503, "Timeout")
	if r := <-log; r["msg"] != "request" || r["fault"] != "Timeout" {
		t.Errorf("first record: %v", r)
	}
	close(release)
	r := <-log
	if r["level"] != "ERROR" || r["route"] != "/answer" || r["request_id"] != requestID || r["stack"] == nil ||
		r["error"] != "ServerError: panic: the drawer is stuck" {
		t.Errorf("second record: %v", r)
	}
}

// records is a log that hands over each record.
type records chan map[string]any

func (c records) Write(p []byte) (int, error) {
	var r map[string]any
	err := json.Unmarshal(p, &r)
	c <- r
	return len(p), err
}

// TestSlowBody: a client that does not finish its body gets its answer all the
// same, over the connection it still writes to.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(newEdge(echo, func(o *httpapi.Options) { o.Timeout = 20 * time.Millisecond }))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "PUT %s/entries/e1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer management\r\nContent-Length: 100\r\n\r\n{", mine); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body wireError
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil || res.StatusCode != 503 || body.Reason != "Timeout" {
		t.Errorf("%d %+v %v", res.StatusCode, body, err)
	}
}

// TestClientGone: a client that hangs up is no error of the server.
func TestClientGone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	e := newEdge(func(c *httpapi.Call) (httpapi.Reply, error) {
		cancel()
		<-c.Context().Done()
		return httpapi.Reply{}, c.Context().Err()
	})
	wantError(t, e.send(request("GET", "/answer", "").WithContext(ctx)), 503, "Timeout")
	if log := e.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("logged as an error: %s", log)
	}
}

func TestUploadIsNotReadByTheEdge(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, func(o *httpapi.Options) { o.MaxBody = 10 })
	w := e.do("POST", mine+"/uploads", strings.Repeat("x", 100), "Content-Type", "application/octet-stream")
	if w.Code != 201 || w.Body.String() != `{"size":100}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestExtra(t *testing.T) {
	t.Parallel()
	say := func(s string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) })
	}
	e := newEdge(echo, func(o *httpapi.Options) {
		o.Extra = []httpapi.Extra{
			{Prefix: "/", Handler: say("root")},
			{Prefix: "/files/", Handler: say("files")},
			{Prefix: "/files/private/", Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				httpapi.Fail(r, fault.New(fault.NotFound, ""))
			})},
			{Prefix: "/healthz", Handler: say("ok")},
			{Prefix: "/panic", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })},
		}
	})
	for path, want := range map[string]string{"/": "root", "/files/": "files", "/files/a/b.png": "files", "/healthz": "ok"} {
		w := e.do("GET", path, "", "Authorization", "")
		if w.Code != 200 || w.Body.String() != want || w.Header().Get("X-Contentful-Request-Id") != requestID {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for path, want := range map[string]struct {
		status int
		id     string
	}{
		"/files/private/a": {404, "NotFoundError"},
		"/panic":           {500, "ServerError"},
		"/healthz/":        {401, "AccessTokenInvalidError"}, // no longer beside the APIs
		"/files":           {401, "AccessTokenInvalidError"},
	} {
		wantError(t, e.do("GET", path, "", "Authorization", ""), want.status, want.id)
	}
	logged := false
	for line := range strings.Lines(e.log.String()) {
		logged = logged || strings.Contains(line, `"route":"/files/private/"`) && strings.Contains(line, `"status":404`)
	}
	if !logged {
		t.Errorf("not in the log: %s", e.log)
	}
}

// TestExtraBreaksOff: a panic in the middle of an answer must not look like its end.
func TestExtraBreaksOff(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(newEdge(echo, func(o *httpapi.Options) {
		o.Extra = []httpapi.Extra{{Prefix: "/half", Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic("oh")
		})}}
	}))
	defer s.Close()
	res, err := s.Client().Get(s.URL + "/half")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("a whole answer: %s", b)
	}
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := newEdge(echo, func(o *httpapi.Options) {
		o.Now = func() time.Time { now = now.Add(time.Millisecond); return now }
	})
	e.do("GET", mine+"/entries/secret-id?query=secret-query", "")
	e.do("PUT", mine+"/entries/secret-id", `{"fields":{"title":"secret-value"`)
	e.do("SECRET", mine+"/secret-path", "")
	lines := strings.Split(strings.TrimSpace(e.log.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d records: %s", len(lines), e.log)
	}
	if strings.Contains(strings.ToLower(e.log.String()), "secret") {
		t.Errorf("the log says too much: %s", e.log)
	}
	for i, want := range []map[string]any{
		{"level": "INFO", "api": "cma", "method": "GET", "route": "/spaces/:space/environments/:environment/entries/:id", "status": 200.0},
		{"level": "INFO", "api": "cma", "method": "PUT", "route": "/spaces/:space/environments/:environment/entries/:id", "status": 400.0, "fault": "BadRequest"},
		{"level": "INFO", "api": "cma", "method": "other", "route": "", "status": 404.0, "fault": "UnknownRoute"},
	} {
		var got map[string]any
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil {
			t.Fatal(err)
		}
		if took, ok := got["took"].(float64); !ok || took <= 0 || got["request_id"] != requestID || got["msg"] != "request" {
			t.Errorf("record %v", got)
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s is %v, want %v", k, got[k], v)
			}
		}
		if _, has := got["fault"]; has != (want["fault"] != nil) {
			t.Errorf("fault in %v", got)
		}
	}
}
