//go:build !race

package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/costtest"
	"github.com/typecase/typecase/internal/query"
)

// TestCosts holds whole requests, from the edge to the bytes of the answer, to
// what they may allocate; and what they have in common. The network is not in it.
func TestCosts(t *testing.T) {
	l := startLive(t, nil)
	const list = "/entries?content_type=article&order=-fields.publishedOn&limit=100&include=2"
	first := httptest.NewRecorder()
	l.handler.ServeHTTP(first, benchRequest("GET", list, l.delivery, ""))
	etag := first.Header().Get("ETag")
	if etag == "" {
		t.Fatal("there is no ETag")
	}
	for _, op := range []struct {
		name               string
		method, path, body string
		token              string
		header             string // name and value, if any
		status             int
		allocs, bytes      uint64
	}{
		{"entry", "GET", "/entries/why-lower-case", "", l.delivery, "", 200, 36, 9_800},
		{"list", "GET", list, "", l.delivery, "", 200, 47, 10_700},
		{"list, gzip", "GET", list, "", l.delivery, "Accept-Encoding: gzip", 200, 53, 12_300},
		{"list the client has", "GET", list, "", l.delivery, "If-None-Match: " + etag, 304, 47, 10_700},
		{"preview of an entry", "GET", "/entries/why-lower-case", "", l.preview, "", 200, 36, 9_800},
		{"entry of the management API", "GET", "/entries/why-lower-case", "", testToken, "", 200, 75, 18_700},
		{"no such entry", "GET", "/entries/none", "", l.delivery, "", 404, 57, 11_800},
		{"unknown field", "GET", "/entries?content_type=article&fields.tittle=x", "", l.delivery, "", 422, 145, 17_700},
		{"stale version", "PUT", "/entries/why-lower-case", `{"fields":{}}`, testToken, "X-Contentful-Version: 1000", 409, 87, 14_900},
		{"no such route", "GET", "/what", "", testToken, "", 404, 540, 49_800},
	} {
		t.Run(op.name, func(t *testing.T) {
			costtest.Check(t, op.allocs, op.bytes, func() {
				r := benchRequest(op.method, op.path, op.token, op.body)
				if name, value, ok := strings.Cut(op.header, ": "); ok {
					r.Header.Set(name, value)
				}
				w := sink{header: http.Header{}}
				l.handler.ServeHTTP(&w, r)
				if w.status != op.status {
					t.Fatal(w.status)
				}
			})
		})
	}
	p := newPosts(t, l)
	version := 0
	t.Run("create", func(t *testing.T) {
		costtest.Check(t, 490, 59_000, func() { p.create(t, fmt.Sprintf("post-%d", p.made)) })
	})
	p.create(t, "post")
	t.Run("update and publish", func(t *testing.T) {
		costtest.Check(t, 920, 104_500, func() {
			p.update(t, "post", version+1)
			p.publish(t, "post", version+2)
			version += 2
		})
	})
	t.Run("token", func(t *testing.T) {
		costtest.Check(t, 0, 0, func() {
			if _, _, current := l.Access.Recall(l.delivery); !current {
				t.Fatal("it is not remembered")
			}
		})
	})
	t.Run("query", func(t *testing.T) {
		values := url.Values{"limit": {"10"}, "order": {"-sys.updatedAt,sys.id"}, "sys.id[in]": {"a,b,c"}, "include": {"2"}}
		opt := query.Options{API: query.Delivery, Kind: cms.KindEntry, Model: &cms.Model{}}
		costtest.Check(t, 23, 1_750, func() {
			if _, err := query.Parse(values, opt); err != nil {
				t.Fatal(err)
			}
		})
	})
}
