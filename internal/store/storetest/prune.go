package storetest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// prune erases what nothing leads to of an entry.
func (w *world) prune(id string) (gone, kept []store.Revision) {
	w.Helper()
	w.update(w.space, func(tx store.Tx) (err error) {
		if gone, kept, err = tx.Unreachable(w.Context(), w.space, cms.KindEntry, id); err != nil {
			return err
		}
		return tx.Erase(w.Context(), w.space, cms.KindEntry, id, gone)
	})
	return gone, kept
}

// sweep erases what is left of dropped environments.
func (w *world) sweep() {
	w.Helper()
	for done := false; !done; {
		w.update(w.space, func(tx store.Tx) error {
			left, err := tx.Leftovers(w.Context(), w.space, 3)
			done = len(left) == 0
			for _, r := range left {
				gone, _, failed := tx.Unreachable(w.Context(), w.space, r.Kind, r.ID)
				if failed != nil {
					return failed
				}
				if err := tx.Erase(w.Context(), w.space, r.Kind, r.ID, gone); err != nil {
					return err
				}
			}
			return err
		})
	}
}

// there are those of revisions that have bodies.
func (w *world) there(revs ...store.Revision) []store.Revision {
	w.Helper()
	return slices.Sorted(maps.Keys(must[map[store.Revision][]byte](w)(w.Bodies(w.Context(), revs))))
}

// testUnreachable: heads, the trash and the history of both are needed, other lives
// of an id are not.
func testUnreachable(w *world) {
	one := w.put(create(w.env, "a"))
	two := w.put(save(one))
	first := []store.Revision{one.Draft, two.Draft}
	check := func(what string, gone, kept []store.Revision) {
		w.Helper()
		g, k := w.prune("a")
		same(w, what+": gone", g, gone)
		same(w, what+": kept", k, kept)
		same(w, what+": left", w.there(append(g, k...)...), kept)
	}
	check("a head", nil, first)
	seq := w.discard(two)
	check("trash", nil, first)
	other := w.put(create(w.env, "a"))
	check("trash and another life", nil, append(first[:2:2], other.Draft))
	w.discard(other)
	w.update(w.env, func(tx store.Tx) error { // the newer one for good, and the older one back
		return tx.TakeOut(w.Context(), w.env, must[[]store.Discarded](w)(tx.Trash(w.Context(), w.env, "", 0, 1))[0].Seq)
	})
	back := w.restored(w.env)
	same(w, "the life it came back with", w.lived(w.env, "a"), []int{3, 2, 1})
	check("a life that ended", []store.Revision{other.Draft}, first)
	w.discard(back)
	same(w, "the life that ended", w.lived(w.env, "a"), []int{3, 2, 1})
	w.update(w.env, func(tx store.Tx) error {
		item := must[[]store.Discarded](w)(tx.Trash(w.Context(), w.env, "", 0, 1))[0]
		if item.Seq == seq {
			w.Error("the item has an old number")
		}
		return tx.TakeOut(w.Context(), w.env, item.Seq)
	})
	check("nothing", []store.Revision{one.Draft, two.Draft, other.Draft}, nil)

	// Ids of revisions go on, though the newest was erased.
	if next := w.put(create(w.env, "b")); next.Draft <= other.Draft {
		w.Errorf("revision %d after %d", next.Draft, other.Draft)
	}
	// A content type's versions stay as long as the log does.
	ct := w.put(createKind(w.env, cms.KindContentType, "post"))
	w.update(w.env, func(tx store.Tx) error {
		return tx.Delete(w.Context(), w.env, cms.KindContentType, "post", 1, "ann", now)
	})
	w.update(w.space, func(tx store.Tx) error {
		gone, kept, err := tx.Unreachable(w.Context(), w.space, cms.KindContentType, "post")
		same(w, "of the model", [][]store.Revision{gone, kept}, [][]store.Revision{nil, {ct.Draft}})
		return err
	})
}

// testUnreachableInCopies: what a copy has or can still read is needed.
func testUnreachableInCopies(w *world) {
	ctx := w.Context()
	one := w.put(create(w.env, "a"))
	two := w.put(save(one))
	copied := w.newEnvironment(w.space)
	if err := w.copyScope(w.env, copied); err != nil {
		w.Fatal(err)
	}
	three := w.put(save(two))
	w.discard(three)
	take := func(s store.Scope) {
		w.Helper()
		w.update(s, func(tx store.Tx) error {
			return tx.TakeOut(ctx, s, must[[]store.Discarded](w)(tx.Trash(ctx, s, "", 0, 1))[0].Seq)
		})
	}
	take(w.env)
	gone, kept := w.prune("a")
	same(w, "gone", gone, []store.Revision{three.Draft})
	same(w, "kept for the copy", kept, []store.Revision{one.Draft, two.Draft})
	theirs := must[store.Head](w)(w.Get(ctx, copied, cms.KindEntry, "a"))
	w.discard(theirs)
	w.prune("a")
	same(w, "kept for the trash of the copy", w.there(one.Draft, two.Draft, three.Draft), []store.Revision{one.Draft, two.Draft})
	take(copied)
	w.prune("a")
	same(w, "left", w.there(one.Draft, two.Draft, three.Draft), []store.Revision(nil))
}

// testLeftovers: what a dropped environment alone led to is found, in parts.
func testLeftovers(w *world) {
	ctx := w.Context()
	a := w.put(create(w.env, "a"))
	copied := w.newEnvironment(w.space)
	if err := w.copyScope(w.env, copied); err != nil {
		w.Fatal(err)
	}
	b := w.put(save(a))
	c := w.put(create(w.env, "c"))
	w.discard(c)
	deleted := w.put(createKind(w.env, cms.KindTag, "t"))
	w.update(w.env, func(tx store.Tx) error { return tx.Delete(ctx, w.env, cms.KindTag, "t", 1, "ann", now) })
	all := []store.Revision{a.Draft, b.Draft, c.Draft, deleted.Draft}
	left := func() (resources []store.Resource) {
		w.Helper()
		w.update(w.space, func(tx store.Tx) (err error) {
			resources, err = tx.Leftovers(ctx, w.space, 100)
			return err
		})
		return resources
	}
	drop := func(s store.Scope) {
		w.Helper()
		w.update(w.space, func(tx store.Tx) error { return tx.DropScope(ctx, s) })
	}
	drop(w.env)
	same(w, "left over", left(), []store.Resource{{Kind: cms.KindEntry, ID: "a"}, {Kind: cms.KindEntry, ID: "c"}})
	same(w, "before they are looked at", w.there(all...), all)
	w.sweep()
	same(w, "kept: what the copy has, and what the log that it reads alone names", w.there(all...), []store.Revision{a.Draft, deleted.Draft})
	if more := left(); len(more) > 0 {
		w.Errorf("left over, again: %v", more)
	}
	drop(copied)
	kept := w.put(create(w.newEnvironment(w.space), "c"))
	w.sweep()
	same(w, "kept in the end", w.there(append(all, kept.Draft)...), []store.Revision{kept.Draft})
	if more := left(); len(more) > 0 {
		w.Errorf("left over in the end: %v", more)
	}
	Check(w, w, kept.Scope)

	// with its space all goes
	drop(kept.Scope)
	w.update(store.Server, func(tx store.Tx) error { return tx.DropScope(ctx, w.space) })
	same(w, "kept with the space", w.there(append(all, kept.Draft)...), []store.Revision(nil))
	want(w, "leftovers of no space", w.Update(ctx, store.Server, func(tx store.Tx) error {
		_, err := tx.Leftovers(ctx, w.space, 1)
		return err
	}), fault.NotFound)
}

// testRandomPruning plays at random, and knows of each version in each environment
// and trash what has to be there in the end: that and nothing else.
func testRandomPruning(w *world) {
	ctx := w.Context()
	random := rand.New(rand.NewPCG(4, 7))
	type life []store.Revision // of one resource, the oldest first
	type environment struct {
		heads map[string]life
		trash map[int64]life
	}
	envs := map[store.Scope]*environment{w.env: {map[string]life{}, map[int64]life{}}}
	var all []store.Revision
	written := func(l life, h store.Head) life {
		all = append(all, h.Draft)
		return append(l[:len(l):len(l)], h.Draft)
	}
	pick := func() (store.Scope, *environment) {
		scopes := slices.Sorted(maps.Keys(envs))
		s := scopes[random.IntN(len(scopes))]
		return s, envs[s]
	}
	for step := range 400 {
		s, e := pick()
		id := fmt.Sprint("e", random.IntN(4))
		h, err := w.Get(ctx, s, cms.KindEntry, id)
		exists := err == nil
		items := slices.Sorted(maps.Keys(e.trash))
		switch n := random.IntN(20); {
		case n < 5 && !exists:
			e.heads[id] = written(nil, w.put(create(s, id)))
		case n < 9 && exists:
			e.heads[id] = written(e.heads[id], w.put(save(h)))
		case n < 11 && exists: // published as it is
			write := save(h)
			write.Body, write.Action, write.Head.Published = nil, store.Publish, h.Draft
			w.put(write)
		case n < 14 && exists:
			e.trash[w.discard(h)] = e.heads[id]
			delete(e.heads, id)
		case n < 16 && len(items) > 0: // back, or for good if its id is taken
			seq := items[random.IntN(len(items))]
			d := must[[]store.Discarded](w)(w.Trash(ctx, s, "", seq+1, 1))[0]
			forGood := e.heads[d.ID] != nil || n == 15
			w.update(s, func(tx store.Tx) error {
				if err := tx.TakeOut(ctx, s, seq); err != nil || forGood {
					return err
				}
				d.Head.Version++
				_, err := tx.Put(ctx, store.Write{Head: d.Head, Was: store.Absent, Action: store.Restore, Actor: "eve", At: now})
				return err
			})
			if forGood {
				w.prune(d.ID)
			} else {
				e.heads[d.ID] = e.trash[seq]
			}
			delete(e.trash, seq)
		case n == 16 && len(envs) < 5:
			to := w.newEnvironment(w.space)
			if err := w.copyScope(s, to); err != nil {
				w.Fatal(err)
			}
			envs[to] = &environment{maps.Clone(e.heads), map[int64]life{}}
		case n == 17 && len(envs) > 1:
			w.update(w.space, func(tx store.Tx) error { return tx.DropScope(ctx, s) })
			delete(envs, s)
		case n == 19 && step%3 == 0:
			w.sweep()
		}
	}
	w.sweep()
	needed := map[store.Revision]bool{}
	for s, e := range envs {
		for id, l := range e.heads {
			for _, rev := range l {
				needed[rev] = true
			}
			var revs life
			var life store.Life
			for _, c := range must[[]store.Change](w)(w.ChangesOf(ctx, s, cms.KindEntry, id, store.Point{}, 1000)) {
				mine, more := life.Has(c)
				if mine && c.DraftAfter != 0 && !slices.Contains(revs, c.DraftAfter) {
					revs = append(revs, c.DraftAfter)
				}
				if !more {
					break
				}
			}
			slices.Reverse(revs)
			same(w, fmt.Sprintf("life of %s in scope %d", id, s), revs, l)
		}
		for _, l := range e.trash {
			for _, rev := range l {
				needed[rev] = true
			}
		}
	}
	same(w, "bodies that are left", w.there(all...), slices.Sorted(maps.Keys(needed)))
	if len(needed) == 0 || len(needed) == len(all) {
		w.Errorf("%d of %d bodies are needed: that shows nothing", len(needed), len(all))
	}
}

// testPruneUnderConcurrency: while others write, delete, bring back, copy and drop,
// nothing is erased that anything leads to.
func testPruneUnderConcurrency(w *world) {
	ctx := w.Context()
	const writers, steps = 4, 60
	ids := make([]string, writers)
	var writing sync.WaitGroup
	for n := range writers {
		id := fmt.Sprint("e", n)
		ids[n] = id
		writing.Go(func() {
			random := rand.New(rand.NewPCG(5, uint64(n)))
			for range steps {
				if err := w.Update(ctx, w.env, func(tx store.Tx) error { return liveOn(ctx, tx, w.env, id, random.IntN(6)) }); err != nil {
					w.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	copies := []store.Scope{}
	writing.Go(func() {
		for n := range 12 {
			err := w.Update(ctx, w.space, func(tx store.Tx) error {
				to, err := tx.NewScope(ctx, w.space)
				if err != nil {
					return err
				}
				if err := tx.CopyScope(ctx, w.env, to); err != nil {
					return err
				}
				copies = append(copies[:n], to)
				if n%3 != 0 {
					return tx.DropScope(ctx, copies[n-1])
				}
				return nil
			})
			if err != nil {
				w.Errorf("copy: %v", err)
			}
		}
	})
	done := make(chan struct{})
	go func() {
		writing.Wait()
		close(done)
	}()
	for i, more := 0, true; more; i++ {
		select {
		case <-done:
			more = false
		default:
		}
		w.prune(ids[i%writers])
		if i%writers == 0 {
			w.sweep()
		}
	}
	Check(w, w, w.env)
	seen := 0
	for _, s := range append(copies, w.env) {
		if _, err := w.Position(ctx, s); err != nil { // dropped
			continue
		}
		for _, h := range Heads(w, w, s) {
			var life store.Life
			var revs []store.Revision
			for _, c := range must[[]store.Change](w)(w.ChangesOf(ctx, s, h.Kind, h.ID, store.Point{}, 1000)) {
				mine, more := life.Has(c)
				if mine && c.DraftAfter != 0 && !slices.Contains(revs, c.DraftAfter) {
					revs = append(revs, c.DraftAfter)
				}
				if !more {
					break
				}
			}
			slices.Sort(revs)
			seen += len(revs)
			same(w, fmt.Sprintf("bodies of %s in scope %d", h.ID, s), w.there(revs...), revs)
		}
	}
	if seen == 0 {
		w.Error("nothing was left to look at")
	}
}

// liveOn does the next thing to an entry, whatever its state.
func liveOn(ctx context.Context, tx store.Tx, s store.Scope, id string, dice int) error {
	h, err := tx.Get(ctx, s, cms.KindEntry, id)
	if err == nil {
		if dice > 1 {
			_, err = tx.Put(ctx, save(h))
		} else {
			_, err = tx.Discard(ctx, s, cms.KindEntry, id, h.Version, "dan", now)
		}
		return err
	}
	items, err := tx.Trash(ctx, s, cms.KindEntry, 0, 100)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(items, func(d store.Discarded) bool { return d.ID == id })
	if at < 0 || dice == 0 {
		_, err = tx.Put(ctx, create(s, id))
		return err
	}
	if err := tx.TakeOut(ctx, s, items[at].Seq); err != nil || dice == 1 {
		return err
	}
	items[at].Head.Version++
	_, err = tx.Put(ctx, store.Write{Head: items[at].Head, Was: store.Absent, Action: store.Restore, Actor: "eve", At: now})
	return err
}
