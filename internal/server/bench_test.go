package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// The benchmarks drive a whole server over HTTP, the client in the same
// process, on both databases:
//
//	go test -bench . -run '^$' ./internal/server
//
// Figures are per request; with 16 writers at once, creates show what group
// commit gives.

func onBoth(b *testing.B, run func(*testing.B, *live)) {
	for _, db := range []string{"sqlite", "postgres"} {
		b.Run(db, func(b *testing.B) {
			run(b, startLive(b, func(c *config.Config) {
				if db == "postgres" {
					c.Database = config.Database(pgtest.URL(b))
				}
			}))
		})
	}
}

var benchClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}

// call makes one request and reads its answer.
func (l *live) call(b *testing.B, method, path, token string, body []byte, want int, header ...string) {
	req, err := http.NewRequestWithContext(context.Background(), method, l.url+master+path, bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := benchClient.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		b.Errorf("%s %s: status %d, %v\n%.500s", method, path, res.StatusCode, err, out)
	}
}

// fill makes n published articles, so that a page of 100 with links is there.
func (l *live) fill(b *testing.B, n int) {
	var all errgroup.Group
	all.SetLimit(32) // writes that wait together are committed together
	for i := range n {
		all.Go(func() error {
			id := fmt.Sprintf("filler-%d", i)
			l.call(b, "PUT", "/entries/"+id, testToken, article(id), http.StatusCreated, "X-Contentful-Content-Type", "article")
			l.call(b, "PUT", "/entries/"+id+"/published", testToken, nil, http.StatusOK, "X-Contentful-Version", "1")
			return nil
		})
	}
	_ = all.Wait() // failures are the benchmark's
}

// article is the body of a small article of the example space.
func article(slug string) []byte {
	return fmt.Appendf(nil, `{"fields":{"title":{"en-US":"About %[1]s"},"slug":{"en-US":%[1]q},"summary":{"en-US":"A page among many."},
		"body":{"en-US":{"nodeType":"document","data":{},"content":[{"nodeType":"paragraph","data":{},"content":[{"nodeType":"text","value":"Words, words, words.","marks":[],"data":{}}]}]}},
		"hero":{"en-US":{"sys":{"type":"Link","linkType":"Asset","id":"ink"}}},"author":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"ada-mendez"}}},
		"topics":{"en-US":[{"sys":{"type":"Link","linkType":"Entry","id":"craft"}}]},"publishedOn":{"en-US":"2026-01-01"},"minutes":{"en-US":7}}}`, slug)
}

func BenchmarkOneEntry(b *testing.B) {
	onBoth(b, func(b *testing.B, l *live) {
		for b.Loop() {
			l.call(b, "GET", "/entries/why-lower-case", l.delivery, nil, http.StatusOK)
		}
	})
}

// BenchmarkHandled is what a warm answer costs without the network.
func BenchmarkHandled(b *testing.B) {
	l := startLive(b, nil)
	l.fill(b, 120)
	for _, c := range []struct{ name, path, accept string }{
		{"entry", "/entries/why-lower-case", ""},
		{"list", "/entries?content_type=article&limit=100&include=0", ""},
		{"gzip", "/entries?content_type=article&limit=100&include=0", "gzip"},
		{"include2", "/entries?content_type=article&order=-fields.publishedOn&limit=100&include=2", ""},
	} {
		r := benchRequest("GET", c.path, l.delivery, "")
		r.Header.Set("Accept-Encoding", c.accept)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := sink{header: http.Header{}}
				l.handler.ServeHTTP(&w, r.Clone(b.Context()))
				if w.status != http.StatusOK {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// sink is a ResponseWriter that keeps nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }

func BenchmarkList100Include2(b *testing.B) {
	onBoth(b, func(b *testing.B, l *live) {
		l.fill(b, 120)
		for b.Loop() {
			l.call(b, "GET", "/entries?content_type=article&order=-fields.publishedOn&limit=100&include=2", l.delivery, nil, http.StatusOK)
		}
	})
}

func BenchmarkCreate16(b *testing.B) {
	onBoth(b, func(b *testing.B, l *live) {
		body := article("the-same-for-all")
		b.SetParallelism(8) // of two processors: 16 clients
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				l.call(b, "POST", "/entries", testToken, body, http.StatusCreated, "X-Contentful-Content-Type", "article")
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
	})
}

func BenchmarkPublish16(b *testing.B) {
	onBoth(b, func(b *testing.B, l *live) {
		for i := range b.N {
			id := fmt.Sprintf("p-%d", i)
			l.call(b, "PUT", "/entries/"+id, testToken, article(id), http.StatusCreated, "X-Contentful-Content-Type", "article")
		}
		var next atomic.Int64
		b.SetParallelism(8)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				l.call(b, "PUT", fmt.Sprintf("/entries/p-%d/published", next.Add(1)-1), testToken, nil, http.StatusOK, "X-Contentful-Version", "1")
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "publishes/s")
	})
}
