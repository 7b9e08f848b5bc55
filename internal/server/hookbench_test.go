package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
)

// BenchmarkCreateWithWebhook is BenchmarkCreate16 without and with a webhook that
// is told of every entry, by the same process to itself.
func BenchmarkCreateWithWebhook(b *testing.B) {
	for _, hooks := range []int{0, 1} {
		b.Run(fmt.Sprint(hooks), func(b *testing.B) {
			l := startLive(b, func(c *config.Config) { c.AllowPrivateAddresses = true })
			if hooks > 0 {
				receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
				b.Cleanup(receiver.Close)
				res, got := l.send(b, "PUT", "/spaces/"+demo.SpaceID+"/webhook_definitions/all", testToken, `{"name":"All","url":"`+receiver.URL+`","topics":["*.*"]}`)
				if res.StatusCode != http.StatusCreated {
					b.Fatal(got)
				}
			}
			body := article("the-same-for-all")
			b.SetParallelism(8)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l.call(b, "POST", "/entries", testToken, body, http.StatusCreated, "X-Contentful-Content-Type", "article")
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
		})
	}
}
