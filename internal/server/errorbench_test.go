package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/demo"
)

// BenchmarkErrors compares what it costs to make an error with what it costs to
// serve a cached entry of the same number of bytes, both without the network:
//
//	go test -bench Errors -run '^$' ./internal/server
//
// The two take turns, so that a busy machine slows down both; ratio is how many
// times as much the error costs, and is to stay below 2 where nothing is written:
// a 409 and a 422 are found inside the transaction of a write, which is measured
// with them. BenchmarkErrorAnswer of package httpapi has those without it.
func BenchmarkErrors(b *testing.B) {
	l := startLive(b, nil)
	for _, c := range []struct{ name, method, path, token, body, header string }{
		{name: "404", method: "GET", path: "/entries/nobody", token: l.delivery},
		{name: "400", method: "GET", path: "/entries?limt=1", token: l.delivery},
		{name: "400field", method: "GET", path: "/entries?content_type=article&fields.titel=x", token: l.delivery},
		{name: "401", method: "GET", path: "/entries", token: testToken},
		{name: "409", method: "PUT", path: "/entries/why-lower-case", token: testToken, body: `{"fields":{}}`, header: "1"},
		{name: "422", method: "PUT", path: "/entries/why-lower-case", token: testToken, body: `{"fields":{"title":{"en-US":1}}}`, header: "2"},
	} {
		for _, sdk := range []bool{false, true} {
			fails := benchRequest(c.method, c.path, c.token, c.body)
			if c.name == "401" {
				fails.Host = "cdn.localhost"
			}
			if c.header != "" {
				fails.Header.Set("X-Contentful-Version", c.header)
			}
			if sdk {
				fails.Header.Set("X-Contentful-User-Agent", "sdk contentful.js/11.12.10")
			}
			b.Run(fmt.Sprintf("%s/sdk=%v", c.name, sdk), func(b *testing.B) { l.compare(b, fails, c.body) })
		}
	}
}

// BenchmarkWake is how long a space with 10,000 entries takes from the first 502
// to the first 200, asked again without a pause, and what of it is in memory
// before, while it sleeps, and after.
func BenchmarkWake(b *testing.B) {
	l := startLive(b, nil)
	l.fill(b, 10_000)
	list := benchRequest("GET", "/entries?content_type=article&limit=1000&order=sys.id", l.delivery, "")
	status := func() int {
		w := httptest.NewRecorder()
		l.handler.ServeHTTP(w, list.Clone(b.Context()))
		return w.Code
	}
	held := func() float64 {
		s := l.index.Stats()
		return float64(s.Bytes+s.CacheBytes) / (1 << 20)
	}
	if got := status(); got != http.StatusOK {
		b.Fatal(got)
	}
	before, asleep := held(), 0.0
	for b.Loop() {
		if _, err := hibernateSpace(b.Context(), l.Server, access.Actor{}, SpaceID{demo.SpaceID}); err != nil {
			b.Fatal(err)
		}
		asleep = held()
		got := status()
		if got != http.StatusBadGateway {
			b.Fatal(got)
		}
		for got == http.StatusBadGateway {
			got = status()
		}
		if got != http.StatusOK {
			b.Fatal(got)
		}
	}
	b.ReportMetric(before, "MiB-before") // after the loop, which begins with none
	b.ReportMetric(asleep, "MiB-asleep")
	b.ReportMetric(held(), "MiB-after")
}

func benchRequest(method, path, token, body string) *http.Request {
	r := httptest.NewRequest(method, master+path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// compare makes the error and the entry by turns.
func (l *live) compare(b *testing.B, fails *http.Request, body string) {
	again := func() *httptest.ResponseRecorder {
		r := fails.Clone(b.Context())
		r.Body = http.NoBody
		if body != "" {
			r.Body = httptest.NewRequest("PUT", "/", strings.NewReader(body)).Body
		}
		w := httptest.NewRecorder()
		l.handler.ServeHTTP(w, r)
		return w
	}
	made := again()
	if made.Code < 400 || made.Code >= 500 {
		b.Fatalf("status %d: %s", made.Code, made.Body)
	}
	reads := l.entryOf(b, made.Body.Len())
	success := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		l.handler.ServeHTTP(w, reads.Clone(b.Context()))
		return w
	}
	size := success().Body.Len()

	var ofError, ofSuccess time.Duration
	const turn = 20
	for b.Loop() {
		start := time.Now()
		for range turn {
			again()
		}
		middle := time.Now()
		for range turn {
			success()
		}
		ofError += middle.Sub(start)
		ofSuccess += time.Since(middle)
	}
	n := float64(b.N * turn)
	b.ReportMetric(float64(ofError)/float64(ofSuccess), "ratio")
	b.ReportMetric(float64(ofError)/n, "ns/error")
	b.ReportMetric(float64(ofSuccess)/n, "ns/success")
	b.ReportMetric(testing.AllocsPerRun(100, func() { again() }), "allocs/error")
	b.ReportMetric(testing.AllocsPerRun(100, func() { success() }), "allocs/success")
	b.ReportMetric(float64(made.Body.Len()), "B/error")
	b.ReportMetric(float64(size), "B/success")
}

// entryOf is a request for an entry whose answer has so many bytes, or as few as
// an entry can have.
func (l *live) entryOf(b *testing.B, bytes int) *http.Request {
	const id = "padded"
	l.send(b, "DELETE", master+"/entries/"+id+"/published", testToken, "")
	l.send(b, "DELETE", master+"/entries/"+id, testToken, "")
	for name := 1; ; {
		body := fmt.Sprintf(`{"fields":{"name":{"en-US":%q},"slug":{"en-US":"padded"}}}`, strings.Repeat("x", name))
		res, _ := l.send(b, "PUT", master+"/entries/"+id, testToken, body, "X-Contentful-Content-Type: topic")
		if res.StatusCode != http.StatusCreated {
			b.Fatalf("making an entry: %s", res.Status)
		}
		if res, _ = l.send(b, "PUT", master+"/entries/"+id+"/published", testToken, "", "X-Contentful-Version: 1"); res.StatusCode != http.StatusOK {
			b.Fatalf("publishing it: %s", res.Status)
		}
		r := benchRequest("GET", "/entries/"+id, l.delivery, "")
		w := httptest.NewRecorder()
		l.handler.ServeHTTP(w, r.Clone(b.Context()))
		if w.Code != http.StatusOK {
			b.Fatalf("reading it: %d %s", w.Code, w.Body)
		}
		if w.Body.Len() >= bytes || name > 1 {
			return r
		}
		name += bytes - w.Body.Len()
		l.send(b, "DELETE", master+"/entries/"+id+"/published", testToken, "")
		l.send(b, "DELETE", master+"/entries/"+id, testToken, "")
	}
}
