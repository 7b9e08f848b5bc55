package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/journal"
)

// channel is a stream of what a test sends.
type channel struct {
	mu    sync.Mutex
	steps []func() ([]httpapi.Event, bool, error)
	moved chan struct{}
}

func newChannel() *channel { return &channel{moved: make(chan struct{})} }

func (c *channel) add(next func() ([]httpapi.Event, bool, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps = append(c.steps, next)
	close(c.moved)
	c.moved = make(chan struct{})
}

func (c *channel) send(id, data string) {
	c.add(func() ([]httpapi.Event, bool, error) {
		return []httpapi.Event{{ID: id, Data: []byte(data)}}, false, nil
	})
}

func (c *channel) fail(err error) {
	c.add(func() ([]httpapi.Event, bool, error) { return nil, false, err })
}

func (c *channel) Watch(access.Place) func(context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	moved := c.moved
	return func(ctx context.Context) {
		select {
		case <-moved:
		case <-ctx.Done():
		}
	}
}

func (c *channel) Next(context.Context, access.Place) ([]httpapi.Event, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.steps) == 0 {
		return nil, false, nil
	}
	next := c.steps[0]
	c.steps = c.steps[1:]
	events, _, err := next()
	return events, len(c.steps) > 0, err
}

func (c *channel) answer(*httpapi.Call) (httpapi.Reply, error) { return httpapi.Reply{Stream: c}, nil }

// piped serves HTTP on a connection without buffers or network, for which the
// clock of a bubble may stand in.
func piped(t *testing.T, h http.Handler) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	s := &http.Server{Handler: h}
	l := &oneConn{conn: server, closed: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		client.Close()
		s.Close()
		<-ended
	})
	return client
}

type oneConn struct {
	conn   net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{} }

// follow asks for a stream and returns its head and what it says.
func follow(t *testing.T, c net.Conn) (*http.Response, *bufio.Reader) {
	t.Helper()
	if _, err := io.WriteString(c, "GET "+mine+"/changes HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer management\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res, bufio.NewReader(res.Body)
}

// wantEvent reads up to an empty line.
func wantEvent(t *testing.T, r *bufio.Reader, want string) {
	t.Helper()
	var got strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%v behind %q, want %q", err, got.String(), want)
		}
		if line == "\n" {
			break
		}
		got.WriteString(line)
	}
	if got.String() != want {
		t.Errorf("event %q, want %q", got.String(), want)
	}
}

// bubbled is an edge whose clock is that of the bubble.
func bubbled(c *channel, change ...func(*httpapi.Options)) *edge {
	change = append(change, func(o *httpapi.Options) {
		o.Now = time.Now
		o.APIs = []httpapi.API{{Name: "cda", ContentType: delivery, Token: access.Management, Routes: []httpapi.Route{
			{Method: "GET", Level: httpapi.EnvironmentLevel, Pattern: "/changes", Handle: c.answer},
		}}}
	})
	return newEdge(nil, change...)
}

// Events are sent as they come, a silent stream shows that it lives, and the
// time limit of requests is none of it. The journal has it from the beginning,
// the log when it has ended.
func TestStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, j := newChannel(), journal.New(journal.Options{Requests: 10, Bytes: 1 << 20})
		e := bubbled(c, func(o *httpapi.Options) { o.Timeout, o.Journal = time.Second, j })
		conn := piped(t, e)
		begin := time.Now()
		c.send("1", `{"a":1}`)
		res, body := follow(t, conn)
		for name, want := range map[string]string{
			"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*",
			"Content-Encoding": "", "Etag": "", "Contentful-Api": "cda", "X-Contentful-Request-Id": requestID,
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		wantEvent(t, body, "id: 1\ndata: {\"a\":1}\n")
		if r, ok := j.Get(requestID); !ok || r.Status != 200 {
			t.Errorf("the journal has %v %+v", ok, r)
		}
		c.send("2", "{\r\n\"b\":\n2}") // lines that would end the event
		c.send("3", `{}`)
		wantEvent(t, body, "id: 2\ndata: {  \"b\": 2}\n")
		wantEvent(t, body, "id: 3\ndata: {}\n")
		for i := 1; i <= 3; i++ {
			wantEvent(t, body, ":\n")
			if d := time.Since(begin); d != time.Duration(i)*15*time.Second {
				t.Errorf("a sign of life after %v", d)
			}
		}
		if log := e.log.String(); log != "" {
			t.Errorf("logged too early: %s", log)
		}
		conn.Close()
		synctest.Wait()
		if log := e.log.String(); !strings.Contains(log, `"took":45000000000`) || !strings.Contains(log, `"events":3`) || strings.Contains(log, "unsent") {
			t.Errorf("log: %s", log)
		}
	})
}

func TestStreamHead(t *testing.T) {
	t.Parallel()
	w := bubbled(newChannel()).do("HEAD", mine+"/changes", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/event-stream" || w.Body.Len() > 0 {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// What goes wrong in a stream is its last event.
func TestStreamErrors(t *testing.T) {
	t.Parallel()
	told := func(id, message string) string {
		return `event: error` + "\n" + `data: {"sys":{"type":"Error","id":"` + id + `"},"message":"` + message
	}
	const unexpected = "Something went wrong on our end. The server's log says more under the request id."
	for name, test := range map[string]struct {
		happen func(*channel)
		want   string
		logged string
	}{
		"fault": {func(c *channel) { c.fault(fault.BadRequest, "The \"place\"\nis gone.") }, told("BadRequestError", `The \"place\"\nis gone.`), `"fault":"BadRequest"`},
		"error": {func(c *channel) { c.fail(errors.New("disk full")) }, told("ServerError", unexpected), "disk full"},
		"panic": {func(c *channel) {
			c.add(func() ([]httpapi.Event, bool, error) { panic("the drawer is stuck") })
		}, told("ServerError", unexpected), "the drawer is stuck"},
		"time": {func(c *channel) { c.fail(context.DeadlineExceeded) }, told("ServerError", "The server did not finish the request in time. Please try again."), `"fault":"Timeout"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newChannel()
				e := bubbled(c)
				_, body := follow(t, piped(t, e))
				synctest.Wait()
				test.happen(c)
				rest, err := io.ReadAll(body)
				if err != nil || !strings.HasPrefix(string(rest), test.want) || !strings.HasSuffix(string(rest), "}\n\n") || strings.Count(string(rest), "\n") != 3 {
					t.Errorf("%v, %q", err, rest)
				}
				if !strings.Contains(string(rest), `"requestId":"`+requestID+`"`) || !strings.Contains(string(rest), `"documentationUrl":"http://h/errors`) {
					t.Errorf("not a whole error: %s", rest)
				}
				synctest.Wait()
				if log := e.log.String(); !strings.Contains(log, test.logged) {
					t.Errorf("log: %s", log)
				}
			})
		})
	}
}

func (c *channel) fault(k fault.Kind, message string) { c.fail(fault.New(k, "%s", message)) }

// A client that does not read is given up, and gets no more memory meanwhile
// than what is sent at once.
func TestStreamToNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newChannel()
		e := bubbled(c)
		_, body := follow(t, piped(t, e))
		c.send("1", "{}")
		wantEvent(t, body, "id: 1\ndata: {}\n")
		for i := range 5 {
			c.send(fmt.Sprint(2+i), "{}")
			synctest.Wait()
		}
		time.Sleep(29 * time.Second)
		c.mu.Lock()
		if n := len(c.steps); n != 4 {
			t.Errorf("%d steps were not asked for, want 4", n)
		}
		c.mu.Unlock()
		if log := e.log.String(); log != "" {
			t.Errorf("given up too early: %s", log)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if log := e.log.String(); !strings.Contains(log, `"unsent":`) {
			t.Errorf("log: %s", log)
		}
	})
}

// Streams end when the server stops: those that are silent, and those whose
// client does not read.
func TestStreamStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent, stuck := newChannel(), newChannel()
		ctx, stop := context.WithCancel(t.Context())
		closing := func(o *httpapi.Options) { o.Stopping = ctx }
		_, body := follow(t, piped(t, bubbled(silent, closing)))
		e := bubbled(stuck, closing)
		follow(t, piped(t, e))
		stuck.send("1", "{}")
		synctest.Wait()
		stop()
		if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
			t.Errorf("no clean end: %v, %q", err, rest)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if log := e.log.String(); !strings.Contains(log, `"events":0`) {
			t.Errorf("the other goes on: %q", log)
		}
	})
}

// revocable lets the token end, and the space fall asleep.
type revocable struct {
	doors
	mu  sync.Mutex
	err error
}

func (r *revocable) set(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *revocable) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *revocable) Authenticate(ctx context.Context, token string) (access.Actor, error) {
	if err := r.get(); err != nil {
		return access.Actor{}, err
	}
	return r.doors.Authenticate(ctx, token)
}

// A stream ends with the right to it, at the latest with the next sign of life.
func TestStreamRevoked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, a := newChannel(), &revocable{}
		_, body := follow(t, piped(t, bubbled(c, func(o *httpapi.Options) { o.Access = a })))
		synctest.Wait()
		a.set(fault.New(fault.AccessTokenInvalid, ""))
		c.send("1", "{}") // which the client is not to see
		if rest, err := io.ReadAll(body); err != nil || !strings.HasPrefix(string(rest), `event: error`) || !strings.Contains(string(rest), "AccessTokenInvalidError") {
			t.Errorf("%v, %q", err, rest)
		}
	})
}

// A stream is use of the space.
func TestStreamKeepsAwake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, a, uses := newChannel(), &revocable{}, make(chan time.Time, 100)
		awake := func(o *httpapi.Options) {
			o.Awake = func(access.Place) error {
				uses <- time.Now()
				return a.get()
			}
		}
		_, body := follow(t, piped(t, bubbled(c, awake)))
		wantEvent(t, body, ":\n")
		wantEvent(t, body, ":\n")
		synctest.Wait()
		if len(uses) != 4 { // the request, the beginning, two signs of life
			t.Errorf("used %d times", len(uses))
		}
		a.set(fault.New(fault.Hibernated, ""))
		rest, err := io.ReadAll(body)
		if err != nil || !strings.Contains(string(rest), "event: error\ndata: {") || !strings.Contains(string(rest), "The requested space is hibernated.") {
			t.Errorf("%v, %q", err, rest)
		}
	})
}

// Streams are counted for each token; there is room again when one ends.
func TestStreamLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = 2048
		e := bubbled(newChannel())
		var ends []context.CancelFunc
		open := func() *httptest.ResponseRecorder {
			ctx, cancel := context.WithCancel(t.Context())
			ends = append(ends, cancel)
			r := httptest.NewRequestWithContext(ctx, "GET", mine+"/changes", nil)
			r.Header.Set("Authorization", "Bearer management")
			w := httptest.NewRecorder()
			go e.ServeHTTP(w, r)
			synctest.Wait()
			return w
		}
		for range limit {
			open()
		}
		w := open()
		wantError(t, w, 429, "RateLimitExceededError")
		if got, want := w.Header().Get("Retry-After"), "10"; got != want {
			t.Errorf("Retry-After %q", got)
		}
		if diff := cmp.Diff(true, strings.Contains(w.Body.String(), "The access token has 2048 streams open")); diff != "" {
			t.Errorf("%s", w.Body)
		}
		ends[7]()
		synctest.Wait()
		if w := open(); w.Code != 200 || w.Header().Get("Content-Type") != "text/event-stream" {
			t.Errorf("room again: %d", w.Code)
		}
		for _, end := range ends {
			end()
		}
		synctest.Wait()
	})
}
