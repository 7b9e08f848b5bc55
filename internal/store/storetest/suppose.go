package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// aloneAfter is a number of changes after which a node supposes that it is alone. The
// first write behind one of another node does not count.
const aloneAfter = 100

// fill makes n changes to a scope.
func fill(t *testing.T, node store.Store, s store.Scope, n int) error {
	return node.Update(t.Context(), s, func(tx store.Tx) error {
		at, err := tx.Position(t.Context(), s)
		for i := range n {
			if err == nil {
				_, err = tx.Put(t.Context(), create(s, fmt.Sprint("e", at.Seq, "-", i)))
			}
		}
		return err
	})
}

// testSuppose: what a node prepares without asking is written only if it was right.
func testSuppose(t *testing.T, w *world, nodes ...store.Store) {
	a, b := nodes[0], nodes[1]
	filled := func(n store.Store, changes int) {
		t.Helper()
		if err := fill(t, n, w.env, changes); err != nil {
			t.Fatal(err)
		}
	}
	supposing := func(p *store.Supposition, s store.Scope) (ran bool, err error) {
		err = a.Update(store.Supposing(t.Context(), p), s, func(store.Tx) error {
			ran = true
			return nil
		})
		return ran, err
	}
	if a.Suppose(w.env) != nil {
		t.Error("a node supposes something of a scope that it has not seen")
	}
	filled(a, 2*aloneAfter)
	filled(a, aloneAfter-1)
	if a.Suppose(w.env) != nil {
		t.Errorf("a node supposes that it is alone after %d changes", aloneAfter-1)
	}
	filled(a, 1)
	before := a.Statements()
	p := a.Suppose(w.env)
	if n := a.Statements() - before; p == nil || n != 0 {
		t.Fatalf("after %d changes a node supposes %v with %d statements", aloneAfter, p, n)
	}
	same(t, "what it supposes", p.Position, must[store.Position](t)(b.Position(t.Context(), w.env)))

	if !a.Confirm(t.Context(), p) || p.Checked() {
		t.Error("nothing was written and it is not confirmed, or asking is a check")
	}
	filled(a, 3)
	if a.Confirm(t.Context(), p) {
		t.Error("the node has written since, and it is confirmed")
	}
	if ran, err := supposing(p, w.env); err != nil || !ran || !p.Checked() {
		t.Errorf("a right supposition: %v, ran %v, checked %v", err, ran, p.Checked())
	}

	p = a.Suppose(w.env)
	filled(b, 1)
	if ran, err := supposing(p, w.env); !errors.Is(err, store.ErrSupposed) || ran || p.Checked() {
		t.Errorf("a wrong supposition: %v, ran %v, checked %v", err, ran, p.Checked())
	}
	if ran, err := supposing(p, w.space); err != nil || !ran {
		t.Errorf("a write to another scope: %v, ran %v", err, ran)
	}
	if a.Confirm(t.Context(), p) || a.Suppose(w.env) != nil {
		t.Error("the node does not see that another one has written")
	}
	for range 2 { // in turns
		filled(a, 2*aloneAfter)
		if a.Suppose(w.env) != nil {
			t.Error("a node supposes that it is alone after one write")
		}
		filled(b, 1)
	}
	filled(a, 1)
	filled(a, aloneAfter-1)
	if a.Suppose(w.env) != nil {
		t.Error("a node trusts too soon that it is alone again")
	}
	filled(a, 1)
	p = a.Suppose(w.env)
	if p == nil {
		t.Fatal("a node does not trust that it is alone again")
	}
	if err := b.Update(t.Context(), w.space, func(tx store.Tx) error { return tx.DropScope(t.Context(), w.env) }); err != nil {
		t.Fatal(err)
	}
	ran, err := supposing(p, w.env)
	if !fault.Is(err, fault.NotFound) || ran || p.Checked() || a.Confirm(t.Context(), p) || a.Suppose(w.env) != nil {
		t.Error("a node takes a scope that is gone for its own")
	}
}

// testSuppositions lets nodes write in turns, with what they supposed some time
// before: none is found right that is not, and while only one writes, a write finds none
// wrong.
func testSuppositions(t *testing.T, w *world, nodes ...store.Store) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 3))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	type taken struct {
		*store.Supposition
		node, foreign int // changes of others when it was taken
	}
	var all []taken
	foreign := make([]int, len(nodes)) // by node: changes of others
	right, wrong := 0, 0
	writer := 0
	for range 120 {
		if r.IntN(6) == 0 {
			writer = r.IntN(len(nodes))
		}
		if err := fill(t, nodes[writer], w.env, 1+r.IntN(60)); err != nil {
			t.Fatal(err)
		}
		for i := range nodes {
			if i != writer {
				foreign[i]++
			}
		}
		for i, n := range nodes {
			if r.IntN(4) == 0 {
				must[store.Position](t)(n.Position(t.Context(), w.env))
			}
			if p := n.Suppose(w.env); p != nil {
				at := must[store.Position](t)(nodes[writer].Position(t.Context(), w.env))
				if missed := p.Position != at; missed && i == writer {
					t.Errorf("node %d supposes %v and is at %v", i, p.Position, at)
				} else if !missed {
					all = append(all, taken{p, i, foreign[i]})
				}
			}
		}
		for range min(len(all), 3) {
			p := all[r.IntN(len(all))]
			want := p.foreign == foreign[p.node]
			var got bool
			if r.IntN(2) == 0 {
				want = p.Position == must[store.Position](t)(nodes[writer].Position(t.Context(), w.env))
				got = nodes[p.node].Confirm(t.Context(), p.Supposition)
			} else {
				err := nodes[p.node].Update(store.Supposing(t.Context(), p.Supposition), w.env, func(store.Tx) error { return nil })
				if got = err == nil; !got && !errors.Is(err, store.ErrSupposed) {
					t.Fatal(err)
				}
			}
			if got != want {
				t.Errorf("node %d supposed %v: right %v, want %v", p.node, p.Position, got, want)
			}
			if got {
				right++
			} else {
				wrong++
			}
		}
	}
	if right == 0 || wrong == 0 {
		t.Errorf("%d suppositions were right and %d wrong", right, wrong)
	}
}
