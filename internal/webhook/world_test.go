package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/httpapi/cma"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// world is a space with a content type, on a clock of its own, and what receivers
// got.
type world struct {
	*testing.T
	ctx   context.Context
	st    *sqlstore.Store
	s     *authoring.Service
	a     access.Actor
	p     access.Place
	hooks *Service
	stop  func()

	mu     sync.Mutex
	got    []arrival
	answer func(a arrival, nth int) (int, http.Header, error)
}

// arrival is a call that reached a receiver.
type arrival struct {
	at      time.Time
	url     string
	method  string
	header  http.Header
	body    string
	id      string // of the entity
	version int
}

func (a arrival) topic() string {
	return strings.TrimPrefix(a.header.Get("X-Contentful-Topic"), "ContentManagement.")
}

// inWorld runs a test whose clock goes on by itself when nothing happens.
func inWorld(t *testing.T, test func(w *world)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, ctx: t.Context()}
		var err error
		if w.st, err = sqlstore.OpenSQLite(w.ctx, filepath.Join(t.TempDir(), "test.db")); err != nil {
			t.Fatal(err)
		}
		w.s = &authoring.Service{
			Store: w.st, Index: index.New(w.st, index.Options{}), Now: func() time.Time { return time.Now().UTC() },
			Secret: []byte("0123456789abcdef0123456789abcdef"), Wake: func() {},
		}
		w.must(w.s.Bootstrap(w.ctx, ""))
		w.a = must(w.s.Owner(w.ctx))(w)
		w.must(w.s.CreateSpace(w.ctx, w.a, authoring.SpaceInput{ID: "s", Name: "Space"}))
		w.p = w.place(cms.MainEnvironment)
		_, _, err = w.s.PutContentType(w.ctx, w.p, w.a, "post", authoring.Version{}, []byte(`{"name":"Post","fields":[{"id":"title","name":"Title","type":"Symbol"}]}`))
		w.must(nil, err)
		w.must(w.s.PublishContentType(w.ctx, w.p, w.a, "post", authoring.Version{Number: 1, Sent: true}))
		w.hooks = w.service("a")
		w.run()
		test(w)
		w.stop()
		if err := w.st.Close(); err != nil {
			t.Error(err)
		}
	})
}

func must[T any](v T, err error) func(w *world) T {
	return func(w *world) T {
		w.Helper()
		w.must(v, err)
		return v
	}
}

func (w *world) must(_ any, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) place(environment string) access.Place {
	w.Helper()
	return must(access.New(w.st, w.s.Now).Locate(w.ctx, w.a, "s", environment))(w)
}

// service is one that could run in a process of its own.
func (w *world) service(holder string) *Service {
	var n atomic.Int64
	return New(Options{
		Store: w.st, Send: w.receive, Holder: holder, Now: w.s.Now, Jitter: func() float64 { return 1 }, RetryFor: time.Hour,
		NewID: func() string { return fmt.Sprint(holder, n.Add(1)) }, Log: slog.New(slog.DiscardHandler), Secrets: w.s.WebhookSecrets,
		Known: func(store.Revision) (*cms.Document, int) { return nil, 0 },
		Authored: func(_ context.Context, p access.Place, m *cms.Model, h store.Head, draft, published cms.Body) ([]byte, error) {
			return cma.Shape(p, "//base", m, cma.Stored{Sys: h.Sys, Draft: draft, Published: published})
		},
		Delivered: func(_ context.Context, p access.Place, m *cms.Model, h store.Head, body cms.Body) ([]byte, error) {
			return delivery.Shape(p, "//base", m, h, body)
		},
	})
}

// run lets the service deliver until stop is called.
func (w *world) run() {
	ctx, cancel := context.WithCancel(w.ctx)
	ended := make(chan struct{})
	hooks := w.hooks
	go func() {
		defer close(ended)
		hooks.Run(ctx)
	}()
	w.stop = func() {
		cancel()
		<-ended
	}
}

var errRefused = errors.New("connection refused")

// answers says what receivers answer from now on; nil is 200.
func (w *world) answers(answer func(a arrival, nth int) (int, http.Header, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// receive stands for the network and all receivers.
func (w *world) receive(req *http.Request) (*http.Response, error) {
	a := arrival{at: time.Now(), url: req.URL.String(), method: req.Method, header: req.Header.Clone()}
	if req.Body != nil {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		a.body = string(raw)
		var body struct {
			Sys struct {
				ID      string
				Version int
			}
		}
		_ = json.Unmarshal(raw, &body) // forms are no JSON
		a.id, a.version = body.Sys.ID, body.Sys.Version
	}
	w.mu.Lock()
	w.got = append(w.got, a)
	nth, answer := len(w.got), w.answer
	w.mu.Unlock()
	status, header := 200, http.Header{}
	if answer != nil {
		var err error
		if status, header, err = answer(a, nth); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)), Header: header, Body: io.NopCloser(strings.NewReader("thank you"))}, nil
}

// hook makes a webhook.
func (w *world) hook(url string, in authoring.WebhookInput) string {
	w.Helper()
	in.Name, in.URL = "Hook of "+url, url
	if in.Topics == nil {
		in.Topics = []string{"*.*"}
	}
	return must(w.s.CreateWebhook(w.ctx, w.p, w.a, in))(w).ID
}

// save makes an entry or gives it its next version.
func (w *world) save(p access.Place, id string, version int) {
	w.Helper()
	in := authoring.EntityInput{Fields: map[string]json.RawMessage{"title": fmt.Appendf(nil, `{"en-US":"%s at %d"}`, id, version)}}
	_, _, err := w.s.PutEntry(w.ctx, p, w.a, id, "post", authoring.Version{Number: version, Sent: version > 0}, in)
	w.must(nil, err)
}

// pass moves the clock of the world.
func pass(d time.Duration) { time.Sleep(d) }

// after lets time pass and returns what has arrived meanwhile.
func (w *world) after(d time.Duration) []arrival {
	time.Sleep(d)
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.got
	w.got = nil
	return got
}

// said are arrivals in short: topic, entity and version.
func said(got []arrival) string {
	var out []string
	for _, a := range got {
		out = append(out, fmt.Sprintf("%s %s %d", a.topic(), a.id, a.version))
	}
	return strings.Join(out, ", ")
}

func (w *world) want(got []arrival, want string) {
	w.Helper()
	if s := said(got); s != want {
		w.Errorf("got  %s\nwant %s", s, want)
	}
}
