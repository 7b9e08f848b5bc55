package storetest

import (
	"sync"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// RunNodes tests two stores on one database, as two servers have them. Each call
// of open gives two stores on a database that was empty.
func RunNodes(t *testing.T, open func(t testing.TB) [2]store.Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, w *world, nodes ...store.Store)
	}{
		{"Visible", testVisible},
		{"Versions", func(t *testing.T, w *world, nodes ...store.Store) {
			w.put(create(w.env, "a"))
			checkIncrements(t, w.env, nodes...)
		}},
		{"Creates", func(t *testing.T, w *world, nodes ...store.Store) { checkCreates(t, w.env, nodes...) }},
		{"Keys", func(t *testing.T, w *world, nodes ...store.Store) { checkKeys(t, w.env, nodes...) }},
		{"Lanes", func(t *testing.T, w *world, nodes ...store.Store) { checkLanes(t, w.space, w.env, nodes...) }},
		{"Jobs", func(t *testing.T, w *world, nodes ...store.Store) { checkJobs(t, w.env, nodes...) }},
		{"Recent", func(t *testing.T, w *world, nodes ...store.Store) { checkRecent(t, w, nodes...) }},
		{"Ahead", func(t *testing.T, w *world, nodes ...store.Store) { checkAhead(t, w, nodes...) }},
		{"Suppose", testSuppose},
		{"Suppositions", testSuppositions},
		{"Deadlock", testDeadlock},
		{"ManyScopes", testManyScopes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			nodes := open(t)
			w := &world{T: t, Store: nodes[0]}
			w.space, w.env = w.newSpace()
			test.run(t, w, nodes[:]...)
		})
	}
}

// testVisible: what one node has acknowledged, the other one reads.
func testVisible(t *testing.T, w *world, nodes ...store.Store) {
	other := nodes[1]
	for i := range int64(5) {
		h := w.put(create(w.env, string(rune('a'+i))))
		same(t, "head on the other node", must[store.Head](t)(other.Get(t.Context(), w.env, cms.KindEntry, h.ID)), h)
		if n := other.Committed(w.env); n != i {
			t.Errorf("the other node knows of %d changes before it has asked, want %d", n, i)
		}
		must[store.Position](t)(other.Position(t.Context(), w.env))
		if n := other.Committed(w.env); n != i+1 {
			t.Errorf("the other node knows of %d changes, want %d", n, i+1)
		}
	}
	w.put(create(w.env, "z"))
	must[[]store.Change](t)(other.Changes(t.Context(), w.env, 2, 100))
	if n := other.Committed(w.env); n != 6 {
		t.Errorf("the other node knows of %d changes after it has read them, want 6", n)
	}
}

// testDeadlock: two writes need two scopes, each has locked one and asks for the
// other. One is given up by the database and runs again; both end well.
func testDeadlock(t *testing.T, w *world, nodes ...store.Store) {
	second := w.newEnvironment(w.space)
	scopes := []store.Scope{w.env, second}
	locked := []chan struct{}{make(chan struct{}), make(chan struct{})}
	runs := make([]int, 2)
	parallel(t, 2, func(i int) error {
		var once sync.Once
		return nodes[i].Update(t.Context(), scopes[i], func(tx store.Tx) error {
			runs[i]++
			once.Do(func() { close(locked[i]) })
			<-locked[1-i]
			for _, s := range []store.Scope{scopes[i], scopes[1-i]} {
				if _, err := tx.Put(t.Context(), create(s, string(rune('a'+i)))); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if runs[0]+runs[1] < 3 {
		t.Errorf("the functions ran %v times: there was no deadlock", runs)
	}
	for _, s := range scopes {
		if heads := Heads(t, w, s); len(heads) != 2 {
			t.Errorf("scope %d: %v, want 2 heads", s, heads)
		}
		Check(t, w, s)
	}
}

// testManyScopes: both nodes write to the same scopes, in transactions that lock
// them in any order, among writes that fail.
func testManyScopes(t *testing.T, w *world, nodes ...store.Store) {
	scopes := []store.Scope{w.env, w.newEnvironment(w.space), w.newEnvironment(w.space)}
	const writers, each = 16, 6
	parallel(t, writers, func(i int) error {
		for n := range each {
			from, to := scopes[(i+n)%3], scopes[(i+2*n+1)%3]
			id := string(rune('a'+i)) + string(rune('a'+n))
			err := nodes[i%2].Update(t.Context(), from, func(tx store.Tx) error {
				for _, s := range []store.Scope{from, to} {
					h, err := tx.Get(t.Context(), s, cms.KindEntry, id)
					write := create(s, id)
					if err == nil {
						write = save(h)
					}
					if _, err := tx.Put(t.Context(), write); err != nil {
						return err
					}
				}
				if (i+n)%5 == 0 {
					return errFailing
				}
				return nil
			})
			if (err != nil) != ((i+n)%5 == 0) {
				return err
			}
		}
		return nil
	})
	changes, expected := int64(0), int64(0)
	for _, s := range scopes {
		Check(t, w, s)
		p := must[store.Position](t)(w.Position(t.Context(), s))
		changes += p.Seq
	}
	for i := range writers {
		for n := range each {
			if (i+n)%5 != 0 {
				expected += 2
			}
		}
	}
	if changes != expected {
		t.Errorf("%d changes, want %d", changes, expected)
	}
}
