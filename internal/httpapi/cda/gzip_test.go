package cda_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
)

// Clients that take gzip get the same JSON, under a tag that says it is not the
// same bytes, and are answered 304 by either tag; small answers stay plain.
func TestGzip(t *testing.T) {
	t.Parallel()
	w := deliverytest.New(t)
	w.Type("post", cms.ContentType{Name: "Post", Fields: []cms.Field{{ID: "title", Type: cms.Symbol}, {ID: "text", Type: cms.Text}}})
	w.Entry("long", "post", `{"title":{"en-US":"L"},"text":{"en-US":"`+strings.Repeat("type case ", 500)+`"}}`)
	w.Entry("short", "post", `{"title":{"en-US":"S"}}`)
	w.Publish(cms.KindEntry, "long", "short")
	c := newClient(t, w, "")
	const entries = "/spaces/s/environments/master/entries"
	for _, path := range []string{entries, entries + "?locale=*", entries + "?select=fields.text&content_type=post", entries + "/long"} {
		plain := c.do("GET", "delivery", path)
		for range 2 { // with fragments packed now, and packed before
			zipped := c.do("GET", "delivery", path, "Accept-Encoding", "gzip")
			h := zipped.Header()
			tag := h.Get("ETag")
			if h.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(h.Get("Vary"), "Accept-Encoding") || tag != "W/"+plain.Header().Get("ETag") {
				t.Fatalf("%s: headers %v", path, h)
			}
			z, err := gzip.NewReader(zipped.Body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(z)
			if err != nil || string(got) != plain.Body.String() {
				t.Errorf("%s: %v, unpacked %s", path, err, got)
			}
			if head := c.do("HEAD", "delivery", path, "Accept-Encoding", "gzip"); head.Header().Get("Content-Length") != h.Get("Content-Length") || head.Body.Len() > 0 {
				t.Errorf("%s: HEAD has %v", path, head.Header())
			}
			if again := c.do("GET", "delivery", path, "Accept-Encoding", "gzip", "If-None-Match", tag); again.Code != 304 || again.Body.Len() > 0 {
				t.Errorf("%s: its own tag gets %d", path, again.Code)
			}
		}
	}
	if h := c.do("GET", "delivery", entries+"/short", "Accept-Encoding", "gzip").Header(); h.Get("Content-Encoding") != "" {
		t.Errorf("a small answer: %v", h)
	}
}
