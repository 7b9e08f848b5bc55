package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// stream is an open stream of changes.
type stream struct {
	t      testing.TB
	res    *http.Response
	body   *bufio.Reader
	lastID string
	close  func()
}

type change struct {
	event, data string
	item        struct {
		Sys struct {
			Type, ID string
			Revision int
		}
	}
}

func (c *change) name() string { return c.item.Sys.Type + "/" + c.item.Sys.ID }

// changes opens a stream; params are behind the path, lastID is "" for none.
func (l *live) changes(t testing.TB, client *http.Client, base, token, params, lastID string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	req, err := http.NewRequestWithContext(ctx, "GET", base+master+"/changes?access_token="+token+params, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{t: t, res: res, body: bufio.NewReader(res.Body), lastID: lastID}
	s.close = func() {
		cancel()
		res.Body.Close()
	}
	t.Cleanup(s.close)
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	return s
}

// next reads one event that has data.
func (s *stream) next() (change, error) {
	var c change
	for {
		line, err := s.body.ReadString('\n')
		if err != nil {
			return c, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			s.lastID = value
		case "event":
			c.event = value
		case "data":
			c.data = value
		case "":
			if c.data != "" {
				return c, json.Unmarshal([]byte(c.data), &c.item)
			}
			c = change{}
		}
	}
}

// want reads one event, of this entity.
func (s *stream) want(name string) {
	s.t.Helper()
	if c, err := s.next(); err != nil || c.name() != name || c.event != "" {
		s.t.Errorf("%v %+v, want %s", err, c, name)
	}
}

// copyOf is a client's copy that a sync has filled, and the token it ended with.
func (l *live) copyOf(t testing.TB, token, start string) (content map[string]string, next string) {
	t.Helper()
	content = map[string]string{}
	return content, l.sync(t, content, token, start)
}

func (l *live) sync(t testing.TB, content map[string]string, token, params string) (next string) {
	t.Helper()
	for {
		_, page := l.send(t, "GET", master+"/sync?"+params, token, "")
		items, _ := page["items"].([]any)
		for _, item := range items {
			raw, err := json.Marshal(item)
			if err != nil {
				t.Fatal(err)
			}
			put(t, content, raw)
		}
		if u, ok := page["nextSyncUrl"].(string); ok {
			_, next, _ = strings.Cut(u, "sync_token=")
			return next
		}
		u, _ := page["nextPageUrl"].(string)
		_, params, _ = strings.Cut(u, "?")
		if params == "" {
			t.Fatalf("no sync: %v", page)
		}
	}
}

// put applies an item, in a form that does not depend on the order of members.
func put(t testing.TB, content map[string]string, raw []byte) {
	t.Helper()
	var c change
	var v any
	if err := errors.Join(json.Unmarshal(raw, &c.item), json.Unmarshal(raw, &v)); err != nil {
		t.Fatal(err)
	}
	if gone, ok := strings.CutPrefix(c.name(), "Deleted"); ok {
		delete(content, gone)
		return
	}
	canonical, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	content[c.name()] = string(canonical)
}

// onDatabases runs a test with whole servers on both databases.
func onDatabases(t *testing.T, run func(*testing.T, *live)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, startLive(t, nil))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, startLive(t, func(c *config.Config) { c.Database = config.Database(pgtest.URL(t)) }))
	})
}

// publish makes an article, or the next version of one, and publishes it.
func (l *live) publish(t testing.TB, id string, version int) {
	t.Helper()
	header := []string{"Content-Type: application/json", "X-Contentful-Content-Type: article"}
	at := func(n int) []string { return append(header, fmt.Sprint("X-Contentful-Version: ", n)) }
	if version == 0 {
		l.ok(t, "PUT", "/entries/"+id, string(article(id)), header...)
	} else {
		l.ok(t, "PUT", "/entries/"+id, string(article(id)), at(version)...)
	}
	l.ok(t, "PUT", "/entries/"+id+"/published", "", at(version+1)...)
}

func (l *live) ok(t testing.TB, method, path, body string, header ...string) {
	t.Helper()
	if res, got := l.send(t, method, master+path, testToken, body, header...); res.StatusCode >= 300 {
		t.Errorf("%s %s: %s %v", method, path, res.Status, got)
	}
}

// Nothing is lost and nothing comes twice, whatever is written meanwhile and
// however often the connection breaks: the stream brings a copy to where the
// sync brings it.
func TestChangesAgainstSync(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, l *live) {
		mine, next := l.copyOf(t, l.delivery, "initial=true&limit=1000")
		theirs := maps.Clone(mine)
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() {
				for i := range 5 {
					id := fmt.Sprintf("w%d-%d", w, i)
					l.publish(t, id, 0)
					l.publish(t, id, 2)
					if i%2 == 0 {
						l.ok(t, "DELETE", "/entries/"+id+"/published", "")
					}
					if i%4 == 0 {
						l.ok(t, "DELETE", "/entries/"+id, "")
					}
				}
			})
		}
		done := make(chan struct{})
		go func() {
			writers.Wait()
			l.publish(t, "the-end", 0)
			close(done)
		}()
		seen := map[string]bool{}
		s := l.changes(t, http.DefaultClient, l.url, l.delivery, "&sync_token="+next, "")
		finished := func() bool {
			<-done
			want := maps.Clone(theirs)
			l.sync(t, want, l.delivery, "sync_token="+next)
			return cmp.Equal(want, mine)
		}
		for n := 1; ; n++ {
			c, err := s.next()
			if err != nil {
				t.Fatalf("%v after %d events; the copies differ", err, n)
			}
			key := fmt.Sprint(c.name(), " ", c.item.Sys.Revision)
			if seen[key] {
				t.Errorf("%s came twice", key)
			}
			seen[key] = true
			put(t, mine, []byte(c.data))
			if mine["Entry/the-end"] != "" && finished() {
				break
			}
			if n%3 == 0 {
				s.close()
				s = l.changes(t, http.DefaultClient, l.url, l.delivery, "&sync_token="+next, s.lastID)
			}
		}
		// and back: a sync goes on where the stream was
		before := maps.Clone(mine)
		l.sync(t, mine, l.delivery, "sync_token="+s.lastID)
		if diff := cmp.Diff(before, mine); diff != "" {
			t.Errorf("the sync had more (-stream +sync):\n%s", diff)
		}
	})
}

// Without a token it begins now; drafts come to preview keys only; filters are
// those of a sync; an entity comes whole, in all locales.
func TestChangesFilters(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, l *live) {
		open := func(token, params string) *stream {
			return l.changes(t, http.DefaultClient, l.url, token, params, "")
		}
		all, drafts := open(l.delivery, ""), open(l.preview, "")
		articles, removed := open(l.delivery, "&type=Entry&content_type=article"), open(l.delivery, "&type=DeletedEntry")
		for _, s := range []*stream{all, drafts, articles, removed} {
			for s.lastID == "" { // where it begins
				line, err := s.body.ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				s.lastID = strings.TrimPrefix(strings.TrimSpace(line), "id: ")
			}
		}
		header := []string{"Content-Type: application/json", "X-Contentful-Content-Type: article"}
		l.ok(t, "PUT", "/entries/new", string(article("new")), header...)
		drafts.want("Entry/new")
		l.ok(t, "PUT", "/entries/new/published", "", "X-Contentful-Version: 1")
		drafts.want("Entry/new")
		articles.want("Entry/new")
		c, err := all.next()
		if err != nil || c.name() != "Entry/new" || !strings.Contains(c.data, `"title":{"en-US":"About new"}`) {
			t.Errorf("%v %+v", err, c)
		}
		l.ok(t, "DELETE", "/entries/new/published", "")
		all.want("DeletedEntry/new")
		removed.want("DeletedEntry/new")
	})
}

// The errors before a stream begins are those of a sync.
func TestChangesErrors(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	_, next := l.copyOf(t, l.preview, "initial=true&limit=1000")
	for _, test := range []struct {
		params, lastID string
		status         int
		id, message    string
	}{
		{"?initial=true", "", 400, "InvalidQueryError", ""},
		{"?limit=7", "", 400, "InvalidQueryError", ""},
		{"?type=entry", "", 400, "InvalidQueryError", ""},
		{"?content_type=article", "", 400, "InvalidQueryError", ""},
		{"?type=Entry&content_type=none", "", 400, "InvalidQueryError", ""},
		{"?sync_token=x", "", 400, "BadRequestError", "The sync token is damaged"},
		{"", "x", 400, "BadRequestError", "The sync token is damaged"},
		{"", next, 400, "BadRequestError", "The sync token is damaged"}, // of the preview API
	} {
		body := l.fails(t, "GET", master+"/changes"+test.params, l.delivery, "", test.status, test.id, "Last-Event-ID: "+test.lastID)
		if m, _ := body["message"].(string); !strings.HasPrefix(m, test.message) {
			t.Errorf("%s: %s", test.params, m)
		}
	}
	body := l.fails(t, "GET", master+"/changes?type=Asset&sync_token="+next, l.preview, "", 400, "BadRequestError")
	if m, _ := body["message"].(string); !strings.Contains(m, "can not pass any other parameters") {
		t.Errorf("another type than that of the token: %s", m)
	}
	l.fails(t, "GET", master+"/changes", testToken, "", 401, "AccessTokenInvalidError")
}

// A stream ends at once when its key is deleted.
func TestChangesEnd(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, l *live) {
		space := "/spaces/" + demo.SpaceID
		_, key := l.send(t, "POST", space+"/api_keys", testToken, `{"name":"short-lived"}`, "Content-Type: application/json")
		sys, _ := key["sys"].(map[string]any)
		s := l.changes(t, http.DefaultClient, l.url, fmt.Sprint(key["accessToken"]), "", "")
		if res, got := l.send(t, "DELETE", fmt.Sprint(space, "/api_keys/", sys["id"]), testToken, ""); res.StatusCode != 204 {
			t.Fatal(got)
		}
		c, err := s.next()
		if err != nil || c.event != "error" || !strings.Contains(c.data, `"id":"AccessTokenInvalidError"`) {
			t.Errorf("%v %+v", err, c)
		}
		if _, err := s.next(); !errors.Is(err, io.EOF) {
			t.Errorf("then %v", err)
		}
	})
}

// Streams do not keep a server from stopping.
func TestChangesShutdown(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	s := l.changes(t, http.DefaultClient, l.url, l.delivery, "", "")
	begin := time.Now()
	l.halt(t)
	if took := time.Since(begin); took > drainTime/2 {
		t.Errorf("stopping took %v", took)
	}
	if rest, err := io.ReadAll(s.body); err != nil || strings.Contains(string(rest), "event:") {
		t.Errorf("no clean end: %v %q", err, rest)
	}
}

// Over HTTPS, streams of HTTP/2 share a connection.
func TestChangesHTTP2(t *testing.T) {
	t.Parallel()
	l := startLive(t, func(c *config.Config) { c.HTTPS = "127.0.0.1:0" })
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	_, secure := l.URLs()
	a, b := l.changes(t, client, secure, l.delivery, "", ""), l.changes(t, client, secure, l.preview, "", "")
	if a.res.ProtoMajor != 2 {
		t.Fatal(a.res.Proto)
	}
	l.publish(t, "new", 0)
	b.want("Entry/new")
	a.want("Entry/new")
}

// What is written through one server comes to streams of another.
func TestChangesOnTwoServers(t *testing.T) {
	t.Parallel()
	database := config.Database(pgtest.URL(t))
	start := func() *live {
		return startLive(t, func(c *config.Config) { c.Database, c.Secret = database, "the same on all servers, 32 long" })
	}
	a, b := start(), start()
	_, next := a.copyOf(t, a.delivery, "initial=true&limit=1000")
	s := b.changes(t, http.DefaultClient, b.url, a.delivery, "&sync_token="+url.QueryEscape(next), "")
	a.publish(t, "one", 0)
	s.want("Entry/one")
	s.close()
	s = a.changes(t, http.DefaultClient, a.url, a.delivery, "", s.lastID)
	b.publish(t, "two", 0)
	s.want("Entry/two")
}

// BenchmarkIdleStreams says what a stream costs that nothing happens to, the
// client's side of the connection included.
func BenchmarkIdleStreams(b *testing.B) {
	l := startLive(b, nil)
	const streams = 1000
	transport := &http.Transport{}
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	all := make([]*stream, streams)
	for i := range all {
		all[i] = l.changes(b, client, l.url, l.delivery, "", "")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := after.HeapInuse + after.StackInuse - before.HeapInuse - before.StackInuse
	version := 0
	for b.Loop() { // one change to all of them
		l.publish(b, "news", version)
		version += 2
		for _, s := range all {
			s.want("Entry/news")
		}
	}
	b.ReportMetric(float64(used)/streams, "B/stream")
}
