package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
)

// BenchmarkEntry is one entry by id, from its fragment.
func BenchmarkEntry(b *testing.B) {
	w := newWorld(b)
	w.Type("post", post)
	w.Entry("e1", "post", `{"title":{"en-US":"T"},"data":{"en-US":"`+strings.Repeat("x", 1000)+`"}}`)
	w.Publish(cms.KindEntry, "e1")
	r := w.request(delivered, "")
	b.ReportAllocs()
	for b.Loop() {
		w.s.ForgetAnswers()
		if _, err := w.s.Entry(b.Context(), r, "e1"); err != nil {
			b.Fatal(err)
		}
	}
}

// longList asks for 100 entries with their 20 authors and the authors' pictures.
func longList(b testing.TB) (*world, delivery.Request) {
	w := newWorld(b)
	w.Type("node", node)
	text := `"name":{"en-US":"` + strings.Repeat("x", 1500) + `"}`
	for i := range 20 {
		author, picture := fmt.Sprint("author", i), fmt.Sprint("picture", i)
		w.Asset(picture, `{"title":{"en-US":"P"}}`)
		w.Entry(author, "node", `{`+text+`,"picture":{"en-US":`+linkTo("Asset", picture)+`}}`)
		w.Publish(cms.KindAsset, picture)
		w.Publish(cms.KindEntry, author)
	}
	for i := range 100 {
		id := fmt.Sprint("post", i)
		w.Entry(id, "node", `{`+text+`,"next":{"en-US":`+linkTo("Entry", fmt.Sprint("author", i%20))+`}}`)
		w.Publish(cms.KindEntry, id)
	}
	return w, w.request(delivered, "content_type=node&fields.next[exists]=true&include=2&order=-sys.createdAt")
}

// BenchmarkAgain is a long list that was asked for before.
func BenchmarkAgain(b *testing.B) {
	w, r := longList(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.s.Entries(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList is a long list, put together from its fragments.
func BenchmarkList(b *testing.B) {
	w, r := longList(b)
	a, err := w.s.Entries(b.Context(), r)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(a.Body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		w.s.ForgetAnswers()
		if _, err := w.s.Entries(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKeys is the same with its keys.
func BenchmarkKeys(b *testing.B) {
	w, r := longList(b)
	r.Keys = true
	b.ReportAllocs()
	for b.Loop() {
		w.s.ForgetAnswers()
		if _, err := w.s.Entries(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkColdCrowd is a long list that a hundred clients ask for at once while
// none of its fragments are there.
func BenchmarkColdCrowd(b *testing.B) {
	w, r := longList(b)
	for b.Loop() {
		w.s.Drop(w.Place.Environment)
		var all errgroup.Group
		for range 100 {
			all.Go(func() error {
				_, err := w.s.Entries(b.Context(), r)
				return err
			})
		}
		if err := all.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkKnown is a list that the client has already.
func BenchmarkKnown(b *testing.B) {
	w := newWorld(b)
	r := w.request(delivered, "content_type=node&include=2")
	r.Known = func(string) bool { return true }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.s.Entries(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
