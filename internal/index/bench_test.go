package index_test

import (
	"net/url"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
)

// benchmarkEntries is the size of the environment in benchmarks.
const benchmarkEntries = 10_000

func BenchmarkSearch(b *testing.B) {
	w := blog(b, sqlite(b))
	w.fill(benchmarkEntries)
	x := index.New(w.st, index.Options{})
	e := open(b, x, w.scope)
	for _, bm := range []struct{ name, params string }{
		{"default", ""},
		{"equal", "content_type=post&fields.symbol=s77"},
		{"in, ordered", "content_type=post&fields.list[in]=l3,l4&order=-fields.int"},
		{"range, ordered", "content_type=post&fields.int[gte]=5000&fields.int[lt]=5100&order=fields.symbol"},
		{"text", "content_type=post&fields.text[match]=text 77"},
		{"reference", "content_type=post&fields.ref.sys.contentType.sys.id=post&fields.ref.fields.int[lt]=20"},
		{"links", "links_to_entry=p77"},
		{"ids", "sys.id[in]=p1,p20,p300,p4000"},
	} {
		v, err := url.ParseQuery(bm.params)
		if err != nil {
			b.Fatal(err)
		}
		q, err := query.Parse(v, query.Options{API: query.Delivery, Kind: cms.KindEntry, Model: e.Model()})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(bm.name, func(b *testing.B) {
			w.ask(e, bm.params) // makes the columns
			b.ReportAllocs()
			for b.Loop() {
				if page, err := e.Search(ctx, cms.Published, q); err != nil || page.Total == 0 {
					b.Fatal(page.Total, err)
				}
			}
		})
	}
}

// BenchmarkReadAfterWrite is one write, the catching up and a search, with 6
// columns to keep.
func BenchmarkReadAfterWrite(b *testing.B) {
	w := blog(b, sqlite(b))
	w.fill(benchmarkEntries)
	x := index.New(w.st, index.Options{})
	for _, params := range manyQueries {
		w.search(x, params)
	}
	doc := w.document(open(b, x, w.scope).Model(), nil)
	b.Run("write only", func(b *testing.B) {
		for b.Loop() {
			w.put(cms.KindEntry, "p77", "post", doc, true)
		}
	})
	b.Run("write and read", func(b *testing.B) {
		for b.Loop() {
			w.put(cms.KindEntry, "p77", "post", doc, true)
			w.search(x, "content_type=post&fields.int[gte]=50&order=fields.symbol&limit=10")
		}
	})
}

// BenchmarkOpen is the first touch of an environment and its first query.
func BenchmarkOpen(b *testing.B) {
	w := blog(b, sqlite(b))
	w.fill(benchmarkEntries)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			open(b, index.New(w.st, index.Options{}), w.scope)
		}
	})
	b.Run("open and search", func(b *testing.B) {
		for b.Loop() {
			w.search(index.New(w.st, index.Options{}), "content_type=post&fields.int[gte]=50&order=fields.symbol&limit=10")
		}
	})
}
