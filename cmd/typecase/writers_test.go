package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
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

// TestWritersLoseNothing lets many writers change a few entries at once, each from
// the version it has just read. Whatever was acknowledged stands in the history, as
// the one version that the answer named; nothing is refused but what comes too late.
// Then the same while the process is killed again and again.
//
// TYPECASE_TEST_WRITERS and TYPECASE_TEST_SECONDS make it large; the measure is 1000
// and 60.
func TestWritersLoseNothing(t *testing.T) {
	t.Parallel()
	crowd := crowd{writers: 24, entries: 4, kills: 2, time: 300 * time.Millisecond}
	if n, err := strconv.Atoi(os.Getenv("TYPECASE_TEST_WRITERS")); err == nil {
		crowd.writers, crowd.entries, crowd.kills = n, 100, 5
	}
	if n, err := strconv.Atoi(os.Getenv("TYPECASE_TEST_SECONDS")); err == nil {
		crowd.time = time.Duration(n) * time.Second
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		crowd.run(t)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		crowd.run(t, "--database", pgtest.URL(t))
	})
}

// crowd is how many do what.
type crowd struct {
	writers, entries, kills int
	time                    time.Duration
}

func (c crowd) run(t *testing.T, more ...string) {
	const token = "CFPAT-chosen"
	data := t.TempDir()
	begin := func() *process {
		return start(t, "Trust", []string{"TYPECASE_BOOTSTRAP_TOKEN=" + token}, append([]string{"serve", "--data", data}, more...)...)
	}
	p := begin()
	l := &ledger{T: t, token: token, acknowledged: map[string]string{}, unanswered: map[string]bool{}}
	l.client.Transport = &http.Transport{MaxIdleConns: c.writers, MaxIdleConnsPerHost: c.writers}
	defer l.client.CloseIdleConnections()
	l.server.Store(p.plain)
	space := l.must("POST", "/spaces", `{"name":"Crowd","defaultLocale":"en-US"}`, 0).Sys.ID
	l.env = "/spaces/" + space + "/environments/master"
	l.must("PUT", l.env+"/content_types/post", `{"name":"Post","fields":[{"id":"title","name":"Title","type":"Symbol"}]}`, 0)
	l.must("PUT", l.env+"/content_types/post/published", ``, 1)
	for i := range c.entries {
		id := fmt.Sprint("e", i)
		l.must("PUT", l.env+"/entries/"+id, `{"fields":{"title":{"en-US":"`+id+`"}}}`, 0)
		l.acknowledged[id+"/1"] = id
	}

	l.work(c, func() {})
	if len(l.unanswered) > 0 {
		t.Errorf("%d requests were not answered", len(l.unanswered))
	}
	l.check(c, "alive")

	l.work(c, func() {
		pause := time.NewTicker(c.time / time.Duration(c.kills+1))
		defer pause.Stop()
		for range c.kills {
			<-pause.C
			if err := p.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			l.away.Lock()
			<-p.read
			_ = p.cmd.Wait() // killed
			p = begin()
			l.server.Store(p.plain)
			l.away.Unlock()
		}
	})
	l.check(c, "killed")
	p.stop(t)
}

// ledger is what writers know of what they wrote.
type ledger struct {
	*testing.T
	client     http.Client
	token, env string
	server     atomic.Value // its URL
	away       sync.RWMutex // held while there is no server

	mu           sync.Mutex
	acknowledged map[string]string // marks by entry and version
	unanswered   map[string]bool   // marks of requests without an answer
	conflicts    int
	took         []time.Duration // of acknowledged writes
	problems     int
}

// answer is what came back.
type answer struct {
	status int
	Sys    struct {
		ID      string
		Version int
	}
	raw []byte
}

// send makes a request; an error says that there was no answer.
func (l *ledger) send(method, path, body string, version int) (a answer, err error) {
	l.away.RLock()
	server := l.server.Load().(string)
	l.away.RUnlock()
	req, err := http.NewRequest(method, server+path, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Authorization", "Bearer "+l.token)
	req.Header.Set("X-Contentful-Content-Type", "post")
	if version > 0 {
		req.Header.Set("X-Contentful-Version", strconv.Itoa(version))
	}
	res, err := l.client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		return a, err
	}
	a.status = res.StatusCode
	return a, json.Unmarshal(a.raw, &a)
}

// must is send for what has to succeed.
func (l *ledger) must(method, path, body string, version int) answer {
	l.Helper()
	a, err := l.send(method, path, body, version)
	if err == nil && a.status >= 300 {
		err = fmt.Errorf("status %d: %s", a.status, a.raw)
	}
	if err != nil {
		l.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// read decodes what a GET answers.
func (l *ledger) read(path string, into any) error {
	a, err := l.send("GET", path, "", 0)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", a.status, a.raw)
	}
	if err == nil {
		err = json.Unmarshal(a.raw, into)
	}
	if err != nil {
		err = fmt.Errorf("GET %s: %w", path, err)
	}
	return err
}

// work lets all write for a time, while something else happens.
func (l *ledger) work(c crowd, meanwhile func()) {
	end := make(chan time.Time)
	var running sync.WaitGroup
	for range c.writers {
		running.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
					l.write(fmt.Sprint("e", rand.IntN(c.entries)))
				}
			}
		})
	}
	timer := time.NewTimer(c.time)
	meanwhile()
	<-timer.C
	close(end)
	running.Wait()
}

var marks atomic.Int64

// write changes an entry once, if nobody else does between reading and writing it.
func (l *ledger) write(id string) {
	path := l.env + "/entries/" + id
	read, err := l.send("GET", path, "", 0)
	if err != nil {
		return
	}
	if read.status != http.StatusOK {
		l.problem("GET %s: %d %s", id, read.status, read.raw)
		return
	}
	mark := fmt.Sprint("m", marks.Add(1))
	began := time.Now()
	a, err := l.send("PUT", path, `{"fields":{"title":{"en-US":"`+mark+`"}}}`, read.Sys.Version)
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.unanswered[mark] = true
	case a.status == http.StatusConflict:
		l.conflicts++
	case a.status != http.StatusOK || a.Sys.Version != read.Sys.Version+1:
		l.problems++
		l.Errorf("PUT %s at version %d: %d %s", id, read.Sys.Version, a.status, a.raw)
	default:
		version := fmt.Sprintf("%s/%d", id, a.Sys.Version)
		if other, ok := l.acknowledged[version]; ok {
			l.Errorf("%s is both %s and %s", version, other, mark)
		}
		l.acknowledged[version] = mark
		l.took = append(l.took, took)
	}
}

func (l *ledger) problem(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.problems++; l.problems <= 20 {
		l.Errorf(format, args...)
	}
}

// check compares the history with what was acknowledged, and says how it went.
func (l *ledger) check(c crowd, how string) {
	slices.Sort(l.took)
	n := len(l.took)
	if n == 0 {
		l.Fatal("nothing was written")
	}
	l.Logf("%s: %d writes, %.0f/s, %d conflicts, %d without an answer, p50 %v, p99 %v, longest %v", how, n, float64(n)/c.time.Seconds(),
		l.conflicts, len(l.unanswered), l.took[n/2], l.took[n*99/100], l.took[n-1])
	l.took, l.conflicts = nil, 0

	var mu sync.Mutex
	found := map[string]string{}
	ids := make(chan string, c.entries)
	for i := range c.entries {
		ids <- fmt.Sprint("e", i)
	}
	close(ids)
	var readers sync.WaitGroup
	for range 16 {
		readers.Go(func() {
			for id := range ids {
				of, err := l.history(id)
				if err != nil {
					l.Error(err)
				}
				mu.Lock()
				maps.Copy(found, of)
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	seen := map[string]string{}
	for version, mark := range found {
		if other, ok := seen[mark]; ok {
			l.Errorf("%s was written as %s and as %s", mark, other, version)
		}
		seen[mark] = version
		if known, ok := l.acknowledged[version]; ok && known != mark || !ok && !l.unanswered[mark] {
			l.Errorf("%s is %s, not %q", version, mark, known)
		}
		l.acknowledged[version] = mark // of the next round this is known
		delete(l.unanswered, mark)
	}
	for version, mark := range l.acknowledged {
		if found[version] == "" {
			l.Errorf("%s, which is %s, is not in the history", version, mark)
		}
	}
}

// history are the marks of all versions of an entry. The versions go up by one, from
// the first to that which is there now.
func (l *ledger) history(id string) (map[string]string, error) {
	out := map[string]string{}
	var now answer
	if err := l.read(l.env+"/entries/"+id, &now); err != nil {
		return nil, err
	}
	next := now.Sys.Version
	for path := l.env + "/_typecase/history/entries/" + id + "?limit=100"; path != ""; {
		var page struct {
			Items []struct{ Sys struct{ Version int } }
			Pages struct{ Next string }
		}
		if err := l.read(path, &page); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			if item.Sys.Version != next {
				return nil, fmt.Errorf("the history of %s has version %d where %d has to be", id, item.Sys.Version, next)
			}
			next--
			var then struct {
				Entity struct {
					Fields struct{ Title map[string]string }
				}
			}
			if err := l.read(fmt.Sprintf("%s/_typecase/history/entries/%s/%d", l.env, id, item.Sys.Version), &then); err != nil {
				return nil, err
			}
			out[fmt.Sprintf("%s/%d", id, item.Sys.Version)] = then.Entity.Fields.Title["en-US"]
		}
		path = page.Pages.Next
	}
	if next != 0 {
		return nil, fmt.Errorf("the history of %s ends at version %d", id, next+1)
	}
	return out, nil
}
