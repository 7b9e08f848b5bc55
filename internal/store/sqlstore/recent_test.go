package sqlstore

import (
	"errors"
	"fmt"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// to is where a write has moved a scope from a position.
func to(from, seq int64) position {
	return position{Position: store.Position{Seq: seq}, from: from, moved: true}
}

// TestRecentForgets: what is known is bounded, and what was asked for last stays.
func TestRecentForgets(t *testing.T) {
	t.Parallel()
	r := newRecent()
	at := store.Position{Seq: 7}
	head := func(i int) store.Head {
		return store.Head{Scope: 2, Sys: cms.Sys{Kind: cms.KindEntry, ID: fmt.Sprint(i), Version: 1}}
	}
	for i := range 10 * recentHeads {
		r.read(r.forgotten.Load(), 2, at, head(i))
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

// TestRecentForgetsChanges: the last changes are known, of one scope and of all.
func TestRecentForgetsChanges(t *testing.T) {
	t.Parallel()
	r := newRecent()
	const scopes, each = 40, 2000
	for i := range int64(each) {
		for s := range store.Scope(scopes) {
			r.moved(s, to(i, i+1), []store.Change{{Scope: s, Seq: i + 1}}, nil)
		}
	}
	all := 0
	for _, k := range r.scopes {
		if n := len(k.log); n > 2*recentChanges || n > 0 && k.log[n-1].Seq != each {
			t.Errorf("%d changes up to %d", n, k.log[n-1].Seq)
		}
		all += len(k.log)
	}
	if all != r.changed || all > maxChanges {
		t.Errorf("%d changes are kept, counted are %d", all, r.changed)
	}
	const last = store.Scope(scopes - 1)
	for _, test := range []struct {
		after int64
		limit int
		known bool
		want  int
	}{{each - 1, 5, true, 1}, {each, 5, true, 0}, {each + 3, 5, true, 0}, {0, 5, false, 0}} {
		if got, known := r.changes(last, each, test.after, test.limit); known != test.known || len(got) != test.want {
			t.Errorf("after %d: %v, %t", test.after, got, known)
		}
	}
	if _, known := r.changes(last, each+1, each, 5); known {
		t.Error("what came later is known")
	}
	r.moved(last, to(each+1, each+2), []store.Change{{Seq: each + 2}}, nil)
	if _, known := r.changes(last, each+2, each, 5); known {
		t.Error("what another process has changed is known")
	}
	r.forget(last)
	if _, known := r.changes(last, each+2, each+1, 5); known {
		t.Error("a scope is known that is gone")
	}
}

// TestRecentFailure: after a failure of the database nothing is taken for known.
func TestRecentFailure(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		put := func(id string) {
			if err := s.Update(t.Context(), env, putEntry(env, id)); err != nil {
				t.Fatal(err)
			}
		}
		put("a")
		if _, others := s.recent.heads(env, s.Committed(env), cms.KindEntry, "a"); len(others) > 0 {
			t.Error("what was written is not known")
		}
		if err := s.Update(t.Context(), env, func(tx store.Tx) error { return errors.Join(putEntry(env, "new")(tx), errFailing) }); !errors.Is(err, errFailing) {
			t.Errorf("a write that runs again fails with %v", err)
		}
		if _, others := s.recent.heads(env, s.Committed(env), cms.KindEntry, "a"); len(others) > 0 {
			t.Error("a write that ran again has made others forget")
		}
		if err := s.submit(t.Context(), env, func(x *tx) error { return x.exec(t.Context(), "nonsense") }); err == nil {
			t.Error("nonsense was written")
		}
		if r := s.recent; len(r.scopes)+len(r.young)+len(r.old)+r.changed > 0 {
			t.Errorf("still known: %+v", r)
		}
		put("b")
		wantEntries(t, s, env, "a", "b")
	})
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
		{"after a write", func(r *recent) { r.moved(2, to(7, 9), nil, []store.Head{other}) }, 9, true},
		{"after a write of another process too", func(r *recent) { r.moved(2, to(8, 9), nil, []store.Head{other}) }, 9, false},
		{"after it was read where another process had written", func(r *recent) { r.read(r.forgotten.Load(), 2, store.Position{Seq: 8}, other) }, 8, false},
		{"of a scope that is gone", func(r *recent) { r.forget(2) }, 7, false},
		{"of a scope that is gone, as if it had come back", func(r *recent) { r.forget(2); r.read(r.forgotten.Load(), 2, store.Position{Seq: 7}, other) }, 7, false},
		{"of a scope that went while it was read", func(r *recent) {
			before := r.forgotten.Load()
			r.forget(2)
			r.read(before, 2, store.Position{Seq: 7}, head)
		}, 7, false},
	} {
		r := newRecent()
		r.read(r.forgotten.Load(), 2, store.Position{Seq: 7}, head)
		test.then(r)
		if heads, _ := r.heads(2, test.at, cms.KindEntry, "a"); (len(heads) == 1) != test.want {
			t.Errorf("%s: %v", test.name, heads)
		}
		if r.forget(2); len(r.scopes) != 0 {
			t.Errorf("%s: %d scopes are kept that are gone", test.name, len(r.scopes))
		}
	}
}
