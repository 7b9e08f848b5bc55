package sqlstore

import (
	"fmt"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// TestRecentForgets: what is known is bounded, and what was asked for last stays.
func TestRecentForgets(t *testing.T) {
	t.Parallel()
	r := newRecent()
	at := store.Position{Seq: 7}
	head := func(i int) store.Head {
		return store.Head{Scope: 2, Sys: cms.Sys{Kind: cms.KindEntry, ID: fmt.Sprint(i), Version: 1}}
	}
	for i := range 10 * recentHeads {
		r.read(2, at, head(i))
	}
	if n := len(r.young) + len(r.old); n > 2*recentHeads {
		t.Errorf("%d heads are kept", n)
	}
	if _, others := r.heads(2, 7, cms.KindEntry, "0"); len(others) != 1 {
		t.Error("the oldest head is still known")
	}
	if heads, _ := r.heads(2, 7, cms.KindEntry, fmt.Sprint(10*recentHeads-1)); len(heads) != 1 {
		t.Error("the newest head is not known")
	}
}

// TestRecentPosition: heads are known at the position of their scope, and stay
// known when a write moves it that began there.
func TestRecentPosition(t *testing.T) {
	t.Parallel()
	head := store.Head{Scope: 2, Sys: cms.Sys{Kind: cms.KindEntry, ID: "a", Version: 1}}
	other := store.Head{Scope: 2, Sys: cms.Sys{Kind: cms.KindEntry, ID: "b", Version: 1}}
	for _, test := range []struct {
		name string
		then func(r *recent)
		at   int64
		want bool
	}{
		{"as it was read", func(*recent) {}, 7, true},
		{"at a later position", func(*recent) {}, 8, false},
		{"after a write", func(r *recent) { r.moved(2, 7, store.Position{Seq: 9}, []store.Head{other}) }, 9, true},
		{"after a write of another process too", func(r *recent) { r.moved(2, 8, store.Position{Seq: 9}, []store.Head{other}) }, 9, false},
		{"after it was read where another process had written", func(r *recent) { r.read(2, store.Position{Seq: 8}, other) }, 8, false},
		{"of a scope that is gone", func(r *recent) { r.forget(2) }, 7, false},
		{"of a scope that is gone, as if it had come back", func(r *recent) { r.forget(2); r.read(2, store.Position{Seq: 7}, other) }, 7, false},
	} {
		r := newRecent()
		r.read(2, store.Position{Seq: 7}, head)
		test.then(r)
		if heads, _ := r.heads(2, test.at, cms.KindEntry, "a"); (len(heads) == 1) != test.want {
			t.Errorf("%s: %v", test.name, heads)
		}
	}
}
