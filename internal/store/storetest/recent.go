package storetest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// checkRecent: what a store knows by heart is what is in the database. Nodes write
// in turns, some of it in vain, and after each write every one of them must give
// every head as a list has it, which is always read.
func checkRecent(t *testing.T, w *world, nodes ...store.Store) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 1))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	scopes := []store.Scope{w.env, w.newEnvironment(w.space)}
	ids := []string{"a", "b", "c", "d", "e", "f"}
	inVain := errors.New("in vain")
	for range 150 {
		node, s := nodes[r.IntN(len(nodes))], scopes[r.IntN(len(scopes))]
		end := error(nil)
		if r.IntN(4) == 0 {
			end = inVain
		}
		err := node.Update(t.Context(), s, func(tx store.Tx) error {
			for range 1 + r.IntN(3) {
				if err := checkHeads(t, tx, s, ids); err != nil {
					return err
				}
				if err := writeSomething(t, tx, s, ids[r.IntN(len(ids))], r.IntN(6)); err != nil {
					return err
				}
			}
			if err := checkHeads(t, tx, s, ids); err != nil {
				return err
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		if r.IntN(20) == 0 {
			to := w.newEnvironment(w.space)
			drop := len(scopes) > 4 && s != scopes[0]
			err := node.Update(t.Context(), w.space, func(tx store.Tx) error {
				// Their space changes with the environments.
				if err := writeSomething(t, tx, w.space, ids[0], 3); err != nil {
					return err
				}
				if drop {
					if err := tx.DropScope(t.Context(), scopes[0]); err != nil {
						return err
					}
				}
				return tx.CopyScope(t.Context(), s, to)
			})
			if err != nil {
				t.Fatal(err)
			}
			if scopes = append(scopes, to); drop {
				scopes = scopes[1:]
			}
		}
		for _, s := range append(scopes, w.space) {
			var log []store.Change // as a transaction reads it
			w.update(s, func(tx store.Tx) (err error) {
				log, err = tx.Changes(t.Context(), s, 0, 10000)
				return err
			})
			for _, n := range nodes {
				checkLately(t, n, s, log)
				if at := must[store.Position](t)(n.Position(t.Context(), s)); at.Seq != int64(len(log)) {
					t.Errorf("scope %d is at %d, want %d", s, at.Seq, len(log))
				}
				if err := checkHeads(t, n, s, ids); err != nil {
					t.Fatal(err)
				}
				after, limit := r.IntN(len(log)+1), 1+r.IntN(len(log)+1)
				want := log[after:min(after+limit, len(log))]
				if got := must[[]store.Change](t)(n.Changes(t.Context(), s, int64(after), limit)); !slices.Equal(got, want) {
					t.Errorf("%d changes of scope %d after %d:\n%v, want\n%v", limit, s, after, got, want)
				}
			}
		}
	}
	before := nodes[0].Statements()
	must[[]store.Head](t)(nodes[0].Seen(t.Context(), w.space, cms.KindEntry, "g"))
	if n := nodes[0].Statements() - before; n != 1 {
		t.Errorf("what nobody has asked for costs %d statements, want 1", n)
	}
}

// checkLately compares what a store knows of a scope with its log and its heads.
func checkLately(t *testing.T, st store.Store, s store.Scope, log []store.Change) {
	t.Helper()
	at := st.Committed(s) // nothing is written meanwhile
	for after := max(0, at-5); after <= at; after++ {
		changes, heads, ok := st.Lately(s, after)
		if !ok {
			continue
		}
		if !slices.Equal(changes, log[after:at]) || len(changes) == 0 {
			t.Errorf("lately in scope %d after %d: %v, want %v", s, after, changes, log[after:at])
		}
		if at < int64(len(log)) { // another node has written since
			continue
		}
		there := map[string]store.Head{}
		for _, h := range heads {
			there[h.ID] = h
		}
		for _, c := range changes {
			h, err := st.Get(t.Context(), s, c.Kind, c.ID)
			if now, ok := there[c.ID]; ok != (err == nil) || now != h && ok {
				t.Errorf("lately in scope %d: %v, want %v, %v", s, now, h, err)
			}
		}
	}
}

// writeSomething creates, saves or deletes what there is.
func writeSomething(t *testing.T, tx store.Tx, s store.Scope, id string, what int) error {
	h, err := tx.Get(t.Context(), s, cms.KindEntry, id)
	switch {
	case fault.Is(err, fault.NotFound):
		_, err = tx.Put(t.Context(), create(s, id))
	case err != nil:
	case what == 0:
		err = tx.Delete(t.Context(), s, cms.KindEntry, id, h.Version, "ann", now)
	case what == 1:
		_, err = tx.Discard(t.Context(), s, cms.KindEntry, id, h.Version, "ann", now)
	default:
		_, err = tx.Put(t.Context(), save(h))
	}
	return err
}

// checkHeads compares what there is by list with all other ways to ask.
func checkHeads(t *testing.T, r store.Reader, s store.Scope, ids []string) error {
	want, err := r.List(t.Context(), s, cms.KindEntry, "", 100)
	if err != nil {
		return err
	}
	many, err := r.GetMany(t.Context(), s, cms.KindEntry, slices.Concat(ids, ids))
	if err != nil {
		return err
	}
	var each []store.Head
	for _, id := range ids {
		h, err := r.Get(t.Context(), s, cms.KindEntry, id)
		switch {
		case err == nil:
			each = append(each, h)
		case !fault.Is(err, fault.NotFound):
			return err
		}
	}
	ways := map[string][]store.Head{"GetMany": many, "Get": each}
	if st, ok := r.(store.Store); ok {
		if ways["Seen"], err = st.Seen(t.Context(), s, cms.KindEntry, ids...); err != nil {
			return err
		}
	}
	for way, got := range ways {
		slices.SortFunc(got, func(a, b store.Head) int { return strings.Compare(a.ID, b.ID) })
		if !slices.Equal(got, want) {
			t.Errorf("%s in scope %d: %v, want %v", way, s, got, want)
		}
	}
	return nil
}

// testRecent: a write finds by heart what a write before it has left.
func testRecent(w *world) {
	ctx := w.Context()
	checkRecent(w.T, w, w.Store)
	h := w.put(create(w.space, "z"))
	must[store.Position](w)(w.Position(ctx, w.space))
	before := w.Statements()
	if got := must[[]store.Head](w)(w.Seen(ctx, w.space, cms.KindEntry, "z")); len(got) != 1 || got[0] != h {
		w.Errorf("Seen: %v, want %v", got, h)
	}
	seq := w.Committed(w.space)
	if changes, heads, ok := w.Lately(w.space, seq-1); !ok || len(changes) != 1 || len(heads) != 1 || heads[0] != h {
		w.Errorf("Lately: %v, %v, %t", changes, heads, ok)
	}
	if got := must[[]store.Change](w)(w.Changes(ctx, w.space, seq-1, 10)); len(got) != 1 || got[0].ID != "z" || got[0].Seq != seq {
		w.Errorf("Changes: %v", got)
	}
	if n := w.Statements() - before; n != 0 {
		w.Errorf("what was just written costs %d statements", n)
	}
}
