package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/store/pgtest"
)

// mostRefusals is how often a receiver refuses one event. The wait doubles each time,
// and of 10,000 events some would be refused ten times, which takes minutes.
const mostRefusals = 6

// receiver takes calls of webhooks and refuses one in three at random.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	keys     map[string]string // by idempotency key: which event
	events   map[string]string // the other way round
	last     map[string]int    // by entity: version of the latest event that arrived first
	running  map[string]bool   // keys that are being taken now
	problems []string
	refused  map[string]int // by key
	repeated int
	moved    chan struct{} // gets an element when something has arrived
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{keys: map[string]string{}, events: map[string]string{}, last: map[string]int{}, running: map[string]bool{}, refused: map[string]int{}, moved: make(chan struct{}, 1)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	key := req.Header.Get("X-Contentful-Idempotency-Key")
	var body struct {
		Sys struct {
			ID      string
			Version int
		}
	}
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return // the server was killed while it sent
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		r.problem("%v: %s", err, raw)
		return
	}
	event := fmt.Sprintf("%s/%d", body.Sys.ID, body.Sys.Version)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[key] {
		r.problems = append(r.problems, event+" is told twice at once")
	}
	r.running[key] = true
	refuse := rand.IntN(3) == 0 && r.refused[key] < mostRefusals
	r.mu.Unlock()
	for range rand.IntN(50) { // others come in between
		req.Context().Err()
	}
	r.mu.Lock()
	delete(r.running, key)
	if refuse {
		r.refused[key]++
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if was, ok := r.keys[key]; ok {
		r.repeated++
		if was != event {
			r.problems = append(r.problems, fmt.Sprintf("the key of %s is that of %s", event, was))
		}
		return
	}
	if other, ok := r.events[event]; ok && other != key {
		r.problems = append(r.problems, event+" has two keys")
	}
	if body.Sys.Version <= r.last[body.Sys.ID] {
		r.problems = append(r.problems, fmt.Sprintf("%s comes after version %d", event, r.last[body.Sys.ID]))
	}
	r.keys[key], r.events[event], r.last[body.Sys.ID] = event, key, body.Sys.Version
	select {
	case r.moved <- struct{}{}:
	default:
	}
}

func (r *receiver) problem(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

func (r *receiver) arrived() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// TestWebhooksSurviveKills: the process is killed again and again while entries are
// saved and a receiver refuses one call in three. Every acknowledged save arrives,
// those of an entry in order, and what arrives twice has the same key.
// TYPECASE_TEST_DELIVERIES sets the number of saves; 10000 is the measure.
func TestWebhooksSurviveKills(t *testing.T) {
	t.Parallel()
	saves := 150
	if n, err := strconv.Atoi(os.Getenv("TYPECASE_TEST_DELIVERIES")); err == nil {
		saves = n
	}
	for _, db := range []struct {
		name string
		args func(t *testing.T) []string
	}{
		{"sqlite", func(*testing.T) []string { return nil }},
		{"postgres", func(t *testing.T) []string { return []string{"--database", pgtest.URL(t)} }},
	} {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			surviveKills(t, saves, db.args(t))
		})
	}
}

func surviveKills(t *testing.T, saves int, more []string) {
	const token, kills, writers = "CFPAT-chosen", 4, 4
	entries := max(20, saves/50) // the events of each wait for each other
	r := newReceiver(t)
	data := t.TempDir()
	begin := func() *process {
		return start(t, "Trust", []string{"TYPECASE_BOOTSTRAP_TOKEN=" + token},
			append([]string{"serve", "--data", data, "--allow-private-addresses"}, more...)...)
	}
	p := begin()
	var address atomic.Value
	address.Store(p.plain)
	put := func(method, path, body string, version int, want ...int) map[string]any {
		t.Helper()
		status, got, err := try(method, address.Load().(string)+path, token, body, version)
		if err != nil || !slices.Contains(want, status) {
			t.Fatalf("%s %s: %d %v, %v", method, path, status, got, err)
		}
		return got
	}
	space := put("POST", "/spaces", `{"name":"Hooks","defaultLocale":"en-US"}`, 0, 201)["sys"].(map[string]any)["id"].(string)
	env := "/spaces/" + space + "/environments/master"
	put("PUT", env+"/content_types/post", `{"name":"Post","fields":[{"id":"title","name":"Title","type":"Symbol"}]}`, 0, 201)
	put("PUT", env+"/content_types/post/published", ``, 1, 200)
	put("POST", "/spaces/"+space+"/webhook_definitions", `{"name":"All","url":"`+r.URL+`","topics":["Entry.*"]}`, 0, 201)

	var todo atomic.Int64
	todo.Store(int64(saves))
	acknowledged := make([]map[string]int, writers) // by entry: its newest version
	var running sync.WaitGroup
	for i := range writers {
		acknowledged[i] = map[string]int{}
		running.Go(func() {
			for n := 0; todo.Add(-1) >= 0; n++ {
				id := fmt.Sprintf("w%d-%d", i, n%(entries/writers))
				if !save(t, &address, token, env+"/entries/"+id, acknowledged[i], id) {
					return
				}
			}
		})
	}
	written := make(chan struct{})
	go func() {
		running.Wait()
		close(written)
	}()
	for i := range kills {
		for r.arrived() < saves*(i+1)/(kills+2) { // it is killed in the middle of it
			wait(t, r.moved)
		}
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.read
		_ = p.cmd.Wait() // killed
		p = begin()
		address.Store(p.plain)
	}
	<-written
	missing := func() (out []string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, of := range acknowledged {
			for id, newest := range of {
				for v := 1; v <= newest; v++ {
					if event := fmt.Sprintf("%s/%d", id, v); r.events[event] == "" {
						out = append(out, event)
					}
				}
			}
		}
		return out
	}
	for len(missing()) > 0 {
		wait(t, r.moved)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, problem := range r.problems {
		t.Error(problem)
	}
	refused := 0
	for _, n := range r.refused {
		refused += n
	}
	t.Logf("%d events, %d calls refused, %d repeated after %d kills", len(r.events), refused, r.repeated, kills)
}

// save makes or changes an entry, as often as it takes until that is acknowledged.
func save(t *testing.T, address *atomic.Value, token, path string, newest map[string]int, id string) bool {
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		status, got, err := try("PUT", address.Load().(string)+path, token, fmt.Sprintf(`{"fields":{"title":{"en-US":"%d"}}}`, newest[id]), newest[id])
		switch {
		case err != nil: // it is being killed
		case status == 200 || status == 201:
			newest[id] = int(got["sys"].(map[string]any)["version"].(float64))
			return true
		case status == 409: // written before it was killed, without an answer
			if status, got, err := try("GET", address.Load().(string)+path, token, "", 0); err == nil && status == 200 {
				newest[id] = int(got["sys"].(map[string]any)["version"].(float64))
				return true
			}
		default:
			t.Errorf("PUT %s: %d %v", path, status, got)
			return false
		}
	}
	t.Errorf("PUT %s is not answered", path)
	return false
}

// wait waits for an arrival.
func wait(t *testing.T, moved <-chan struct{}) {
	t.Helper()
	select {
	case <-moved:
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing arrives any more")
	}
}

// try makes a request that may fail because the server is not there.
func try(method, url, token, body string, version int) (int, map[string]any, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("X-Contentful-Content-Type", "post")
	if version > 0 {
		req.Header.Set("X-Contentful-Version", strconv.Itoa(version))
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	var v map[string]any
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil && err != io.EOF {
		return 0, nil, err
	}
	return res.StatusCode, v, nil
}
