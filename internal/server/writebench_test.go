package server

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// posts are entries as bench has them: 2 KB of text, links, a unique slug and two
// locales, written without the network between.
type posts struct {
	l    *live
	text string
	made int
}

// newPosts makes the content type of posts, unless it is there.
func newPosts(t testing.TB, l *live) *posts {
	t.Helper()
	const contentType = `{"name":"Post","displayField":"title","fields":[
		{"id":"title","name":"Title","type":"Symbol","localized":true,"required":true},
		{"id":"slug","name":"Slug","type":"Symbol","required":true,"validations":[{"unique":true}]},
		{"id":"body","name":"Body","type":"Text"},
		{"id":"tags","name":"Tags","type":"Array","items":{"type":"Symbol"}},
		{"id":"date","name":"Date","type":"Date"},
		{"id":"views","name":"Views","type":"Integer"},
		{"id":"author","name":"Author","type":"Link","linkType":"Entry","validations":[{"linkContentType":["person"]}]},
		{"id":"hero","name":"Hero","type":"Link","linkType":"Asset"}]}`
	for _, step := range []struct {
		path, body string
		status     int
		header     string
	}{{"", contentType, http.StatusCreated, ""}, {"/published", "", http.StatusOK, "X-Contentful-Version: 1"}} {
		if res, got := l.send(t, "PUT", master+"/content_types/post"+step.path, testToken, step.body, step.header); res.StatusCode != step.status {
			t.Fatal(got)
		}
	}
	return &posts{l: l, text: strings.TrimSpace(strings.Repeat("A page among many holds words, and more words. ", 44))}
}

// body is that of a post which differs from all others.
func (p *posts) body(slug string) string {
	p.made++
	return fmt.Sprintf(`{"fields":{"title":{"en-US":"About %[1]s, %[2]d","de-DE":"Über %[1]s, %[2]d"},"slug":{"en-US":%[1]q},"body":{"en-US":%[3]q},
		"tags":{"en-US":["type","paper"]},"date":{"en-US":"2026-03-02T09:30Z"},"views":{"en-US":%[2]d},
		"author":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"ada-mendez"}}},"hero":{"en-US":{"sys":{"type":"Link","linkType":"Asset","id":"ink"}}}}}`, slug, p.made, p.text)
}

func (p *posts) send(t testing.TB, method, path, body string, want int, header, value string) {
	r := benchRequest(method, path, testToken, body)
	r.Header.Set(header, value)
	w := sink{header: http.Header{}}
	if p.l.handler.ServeHTTP(&w, r); w.status != want {
		t.Fatalf("%s %s: status %d", method, path, w.status)
	}
}

func (p *posts) create(t testing.TB, id string) {
	p.send(t, "PUT", "/entries/"+id, p.body(id), http.StatusCreated, "X-Contentful-Content-Type", "post")
}

func (p *posts) update(t testing.TB, id string, version int) {
	p.send(t, "PUT", "/entries/"+id, p.body(id), http.StatusOK, "X-Contentful-Version", fmt.Sprint(version))
}

func (p *posts) publish(t testing.TB, id string, version int) {
	p.send(t, "PUT", "/entries/"+id+"/published", "", http.StatusOK, "X-Contentful-Version", fmt.Sprint(version))
}

// BenchmarkWrite is what a write costs without the network, one at a time. The time
// of a write is mostly that of the disk; cpu-µs is what counts.
func BenchmarkWrite(b *testing.B) {
	onBoth(b, func(b *testing.B, l *live) {
		p := newPosts(b, l)
		b.Run("create", func(b *testing.B) {
			measure(b, func() { p.create(b, fmt.Sprintf("new-%d", p.made)) })
		})
		p.create(b, "one")
		p.publish(b, "one", 1)
		version := 2
		b.Run("update and publish", func(b *testing.B) {
			measure(b, func() {
				p.update(b, "one", version)
				p.publish(b, "one", version+1)
				version += 2
			})
		})
	})
}

// measure reports the processor time of the whole process for each f.
func measure(b *testing.B, f func()) {
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
