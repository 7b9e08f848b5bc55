package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/store"
)

// called is a receiver of webhooks: what arrives at a path is answered with the
// status that answers says for it, 200 without one.
type called struct {
	url  string
	took chan *http.Request // bodies are read already, see bodyOf

	mu      sync.Mutex
	answers map[string]int
}

func newCalled(t *testing.T) *called {
	c := &called{took: make(chan *http.Request, 100), answers: map[string]int{}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(strings.NewReader(string(raw)))
		c.mu.Lock()
		status := c.answers[r.URL.Path]
		c.mu.Unlock()
		if status >= 300 && status < 400 {
			w.Header().Set("Location", "/elsewhere")
		}
		if status != 0 {
			w.WriteHeader(status)
		}
		c.took <- r
	}))
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

func (c *called) answer(path string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[path] = status
}

// next is the next call and its body.
func (c *called) next(t *testing.T) (*http.Request, map[string]any) {
	t.Helper()
	select {
	case r := <-c.took:
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		return r, body
	case <-time.After(30 * time.Second):
		t.Fatal("no call arrives")
		return nil, nil
	}
}

// startCalling is startLive with a receiver that its webhooks can reach.
func startCalling(t *testing.T) (*live, *called) {
	return startLive(t, func(c *config.Config) { c.AllowPrivateAddresses = true }), newCalled(t)
}

func (l *live) hook(t *testing.T, id, body string) {
	t.Helper()
	if res, got := l.send(t, "PUT", "/spaces/"+demo.SpaceID+"/webhook_definitions/"+id, testToken, body); res.StatusCode != 201 {
		t.Fatalf("a webhook: %d %v", res.StatusCode, got)
	}
}

// eventually asks until the answer is as wanted.
func (l *live) eventually(t *testing.T, path string, ok func(map[string]any) bool) map[string]any {
	t.Helper()
	limit := time.After(30 * time.Second)
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		_, got := l.send(t, "GET", path, testToken, "")
		if ok(got) {
			return got
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("GET %s is still %v", path, got)
		}
	}
}

// A webhook says of a publication what delivery does, and of a save what the
// management API does; a space that sleeps calls its webhooks too.
func TestWebhooksOfWholeServer(t *testing.T) {
	t.Parallel()
	l, c := startCalling(t)
	l.hook(t, "all", `{"name":"All","url":"`+c.url+`/all","topics":["Entry.*"]}`)
	c.answer("/all", 503)
	l.publish(t, "news", 0)
	if r, _ := c.next(t); r.Header.Get("X-Contentful-Topic") != "ContentManagement.Entry.create" {
		t.Fatal(r.Header)
	}
	if err := l.sleep.put(t.Context(), demo.SpaceID); err != nil {
		t.Fatal(err)
	}
	c.answer("/all", 0)
	r, created := c.next(t)
	if r.Header.Get("X-Contentful-Topic") != "ContentManagement.Entry.create" || created["sys"].(map[string]any)["version"] != 1.0 || !l.sleep.sleeps(demo.SpaceID) {
		t.Errorf("%v: %v", r.Header, created)
	}
	r, published := c.next(t)
	if r.Header.Get("X-Contentful-Topic") != "ContentManagement.Entry.publish" || !l.sleep.sleeps(demo.SpaceID) {
		t.Error(r.Header)
	}
	read := l.eventually(t, master+"/entries/news?locale=*", func(got map[string]any) bool { return got["fields"] != nil })
	_, delivered := l.send(t, "GET", master+"/entries/news?locale=*", l.delivery, "")
	same := func(what string, a, b any) {
		t.Helper()
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Errorf("%s:\n%s\n%s", what, x, y)
		}
	}
	same("a publication", published, delivered)
	same("fields of a save", created["fields"], read["fields"])

	if metrics := l.metricsText(t); !strings.Contains(metrics, "typecase_webhook_lanes 2\n") || !strings.Contains(metrics, "typecase_webhook_delivered_total 2\n") || !strings.Contains(metrics, "typecase_webhook_failed_total 1\n") {
		t.Errorf("metrics: %s", metrics)
	}
}

// metricsText are the metrics as they are served.
func (l *live) metricsText(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	l.writeMetrics(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	return w.Body.String()
}

// While a server stops, what webhooks are being told is still made as before.
func TestEventsMadeWhileStopping(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	l.protect(t, "all") // so that the space is to be read again
	l.stop()
	h, err := l.store.Get(t.Context(), store.Server, cms.KindSpace, demo.SpaceID)
	if err != nil {
		t.Fatal(err)
	}
	p := access.Place{SpaceID: demo.SpaceID, Space: h.Child}
	if err := l.Server.protect(t.Context(), &p); err != nil || p.Protection != cms.ProtectAll {
		t.Errorf("%q, %v", p.Protection, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	l.protect(t, "none")
	if err := l.Server.protect(ended, &p); !errors.Is(err, context.Canceled) {
		t.Errorf("when the calls are cut off: %v", err)
	}
}
