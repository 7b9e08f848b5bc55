package index

import (
	"testing"

	"github.com/typecase/typecase/internal/store"
)

// What was written last is there, within its bounds, and what is dropped is not.
func TestWritten(t *testing.T) {
	t.Parallel()
	d := &document{size: 1000}
	each := int(weight(d))
	w := &written{half: 10 * each}
	for r := store.Revision(1); r <= 100; r++ {
		w.add(r, d)
		for last := max(r-9, 1); last <= r; last++ {
			if _, ok := w.get(last); !ok {
				t.Fatalf("after %d is %d not there", r, last)
			}
		}
		if n := w.size(); n > 20*each || n != each*(len(w.young)+len(w.old)) {
			t.Fatalf("%d bytes of %d documents", n, len(w.young)+len(w.old))
		}
	}
	if _, ok := w.get(50); ok {
		t.Error("nothing is forgotten")
	}
	for r := range store.Revision(101) {
		w.drop(r)
	}
	if n := w.size(); n != 0 || len(w.young)+len(w.old) > 0 {
		t.Errorf("%d bytes are left", n)
	}
}

// What was just written is known however full the cache is.
func TestKeptInAFullCache(t *testing.T) {
	t.Parallel()
	x := New(nil, Options{Bytes: 3 << 20})
	body := []byte(`{"metadata":{},"fields":{"a":{"b":"c"}}}`)
	for r := store.Revision(1); r <= 10_000; r++ {
		kept, err := x.Keep(r, body)
		if err != nil {
			t.Fatal(err)
		}
		for before := max(r-20, 1); before <= r; before++ {
			if d, err := x.Documents(t.Context(), []store.Revision{before}); err != nil || d[before] == nil || before == r && d[r] != kept {
				t.Fatalf("%d: %v, %v", before, d, err)
			}
		}
	}
	if s := x.Stats(); s.CacheMisses > 0 || s.CacheBytes == 0 || s.CacheBytes > s.CacheBudget {
		t.Errorf("%+v", s)
	}
}
