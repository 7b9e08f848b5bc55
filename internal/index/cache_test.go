package index_test

import (
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
)

// What is in the cache can be had without a question to the database, and nothing
// else.
func TestKnown(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	w.fill(3)
	x := index.New(w.st, index.Options{})
	r := w.list(cms.KindEntry)[0].Draft
	before := w.st.Statements()
	if d, _ := x.Known(r); d != nil || w.st.Statements() != before {
		t.Error("a document is known that nobody has asked for")
	}
	docs, err := x.Documents(ctx, []store.Revision{r})
	if err != nil {
		t.Fatal(err)
	}
	body, err := w.st.Bodies(ctx, []store.Revision{r})
	if err != nil {
		t.Fatal(err)
	}
	if d, size := x.Known(r); d == nil || d != docs[r] || size != len(body[r]) {
		t.Errorf("%p of %d bytes is known, want %p of %d", d, size, docs[r], len(body[r]))
	}
}
