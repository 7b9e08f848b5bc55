package storetest

import (
	"fmt"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// discard puts an entry into the trash and returns its number there.
func (w *world) discard(h store.Head) (seq int64) {
	w.Helper()
	w.update(h.Scope, func(tx store.Tx) (err error) {
		seq, err = tx.Discard(w.Context(), h.Scope, h.Kind, h.ID, h.Version, "dan", now)
		return err
	})
	return seq
}

// restored brings the newest item of a scope's trash back.
func (w *world) restored(s store.Scope) (h store.Head) {
	w.Helper()
	d := must[[]store.Discarded](w)(w.Trash(w.Context(), s, "", 0, 1))[0]
	w.update(s, func(tx store.Tx) (err error) {
		if err := tx.TakeOut(w.Context(), s, d.Seq); err != nil {
			return err
		}
		d.Head.Version++
		h, err = tx.Put(w.Context(), store.Write{Head: d.Head, Was: store.Absent, Action: store.Restore, Actor: "eve", At: now})
		return err
	})
	return h
}

func reversed(log []store.Change) []store.Change {
	out := make([]store.Change, 0, len(log))
	for i := len(log) - 1; i >= 0; i-- {
		out = append(out, log[i])
	}
	return out
}

// testChangesOf: the changes to one resource, the newest first, in parts.
func testChangesOf(w *world) {
	ctx := w.Context()
	h := w.put(create(w.env, "a"))
	for range 4 {
		w.put(createKind(w.env, cms.KindTag, fmt.Sprint("t", h.Version)))
		h = w.put(save(h))
	}
	w.discard(h)
	other := createKind(w.env, cms.KindAsset, "a")
	w.put(other)
	var mine []store.Change
	for _, c := range must[[]store.Change](w)(w.Changes(ctx, w.env, 0, 100)) {
		if c.Kind == cms.KindEntry {
			mine = append(mine, c)
		}
	}
	mine = reversed(mine)
	if len(mine) != 6 {
		w.Fatalf("%d changes, want 6", len(mine))
	}
	of := func(before store.Point, limit int) []store.Change {
		w.Helper()
		return must[[]store.Change](w)(w.ChangesOf(ctx, w.env, cms.KindEntry, "a", before, limit))
	}
	same(w, "all", of(store.Point{}, 100), mine)
	same(w, "the newest", of(store.Point{}, 2), mine[:2])
	same(w, "behind them", of(mine[1].Point(), 2), mine[2:4])
	same(w, "the rest", of(mine[3].Point(), 100), mine[4:])
	if rest := of(mine[5].Point(), 100); len(rest) > 0 {
		w.Errorf("behind the last: %v", rest)
	}
	if none := of(store.Point{}, 0); len(none) > 0 {
		w.Errorf("none of them: %v", none)
	}
	for _, id := range []string{"t", "b", "a\x00", "\xff"} {
		if none := must[[]store.Change](w)(w.ChangesOf(ctx, w.env, cms.KindEntry, id, store.Point{}, 100)); len(none) > 0 {
			w.Errorf("changes of entry %q: %v", id, none)
		}
	}
	w.update(w.env, func(tx store.Tx) error {
		same(w, "in a transaction", must[[]store.Change](w)(tx.ChangesOf(ctx, w.env, cms.KindEntry, "a", store.Point{}, 2)), mine[:2])
		return nil
	})
}

// testChangesOfCopies: the history of a copy goes on in what it was copied from, up
// to the copy, and outlives that.
func testChangesOfCopies(w *world) {
	ctx := w.Context()
	of := func(s store.Scope, limit int) []store.Change {
		w.Helper()
		return must[[]store.Change](w)(w.ChangesOf(ctx, s, cms.KindEntry, "a", store.Point{}, limit))
	}
	h := w.put(save(w.put(create(w.env, "a"))))
	first := of(w.env, 100)
	second := w.newEnvironment(w.space)
	if err := w.copyScope(w.env, second); err != nil {
		w.Fatal(err)
	}
	w.put(save(h)) // which the copy does not see
	same(w, "history of a copy", of(second, 100), first)
	theirs := h
	theirs.Scope = second
	theirs = w.put(save(theirs))
	third := w.newEnvironment(w.space)
	if err := w.copyScope(second, third); err != nil {
		w.Fatal(err)
	}
	w.put(save(theirs))
	whole := of(third, 100)
	if len(whole) != 3 || whole[0].Scope != second || whole[0].Version != 3 || whole[1].Scope != w.env {
		w.Errorf("history of a copy's copy: %+v", whole)
	}
	same(w, "part of it", of(third, 2), whole[:2])
	same(w, "the rest of it", must[[]store.Change](w)(w.ChangesOf(ctx, third, cms.KindEntry, "a", whole[1].Point(), 100)), whole[2:])

	for _, dropped := range []store.Scope{w.env, second} {
		w.update(w.space, func(tx store.Tx) error { return tx.DropScope(ctx, dropped) })
		same(w, "history without its sources", of(third, 100), whole)
		if gone := of(dropped, 100); len(gone) > 0 {
			w.Errorf("history of a dropped scope: %v", gone)
		}
		w.dropped(dropped)
	}
	w.update(store.Server, func(tx store.Tx) error { return tx.DropScope(ctx, w.space) })
	if gone := of(third, 100); len(gone) > 0 {
		w.Errorf("history of a dropped space: %v", gone)
	}
}

// testTrash: what was discarded is found again as it was.
func testTrash(w *world) {
	ctx := w.Context()
	key := store.Key{Space: "slug", Value: "x"}
	h := w.put(save(w.put(create(w.env, "a"))))
	setKeys(w, w, w.env, "Entry/a", key)
	seq := w.discard(h)
	if owner := must[string](w)(w.Owner(ctx, w.env, key)); owner != "" {
		w.Errorf("what was discarded still holds a key: %q", owner)
	}
	if _, err := w.Get(ctx, w.env, cms.KindEntry, "a"); !fault.Is(err, fault.NotFound) {
		w.Errorf("Get: %v", err)
	}
	log := must[[]store.Change](w)(w.Changes(ctx, w.env, 0, 100))
	if last := log[len(log)-1]; last.Seq != seq || last.Action != store.Delete || last.DraftBefore != h.Draft {
		w.Errorf("change: %+v, item %d", last, seq)
	}
	items := func(k cms.Kind, before int64, limit int) []store.Discarded {
		w.Helper()
		return must[[]store.Discarded](w)(w.Trash(ctx, w.env, k, before, limit))
	}
	entry := store.Discarded{Head: h, Seq: seq, By: "dan", At: now}
	same(w, "trash", items("", 0, 10), []store.Discarded{entry})
	tag := w.put(createKind(w.env, cms.KindTag, "t"))
	tagSeq := w.discard(tag)
	again := w.put(create(w.env, "a"))
	againSeq := w.discard(again)
	both := []store.Discarded{{Head: again, Seq: againSeq, By: "dan", At: now}, {Head: tag, Seq: tagSeq, By: "dan", At: now}}
	same(w, "the newest", items("", 0, 2), both)
	same(w, "the rest", items("", tagSeq, 10), []store.Discarded{entry})
	same(w, "of a kind", items(cms.KindTag, 0, 10), both[1:])
	if none := items("", 0, 0); len(none) > 0 {
		w.Errorf("none of them: %v", none)
	}
	want(w, "another version", w.Update(ctx, w.env, func(tx store.Tx) error {
		_, err := tx.Discard(ctx, w.env, cms.KindEntry, "a", 7, "dan", now)
		return err
	}), fault.NotFound)

	copied := w.newEnvironment(w.space)
	if err := w.copyScope(w.env, copied); err != nil {
		w.Fatal(err)
	}
	if theirs := must[[]store.Discarded](w)(w.Trash(ctx, copied, "", 0, 10)); len(theirs) > 0 {
		w.Errorf("trash of a copy: %v", theirs)
	}

	// out of it, for good
	take := func(seq int64) error {
		return w.Update(ctx, w.env, func(tx store.Tx) error { return tx.TakeOut(ctx, w.env, seq) })
	}
	if err := take(againSeq); err != nil {
		w.Error(err)
	}
	want(w, "taken out twice", take(againSeq), fault.NotFound)
	want(w, "no item", take(1), fault.NotFound)
	same(w, "what is left", items(cms.KindEntry, 0, 10), []store.Discarded{entry})

	// and back
	if err := take(tagSeq); err != nil {
		w.Error(err)
	}
	back := w.restored(w.env)
	if back.Version != 3 || back.Draft != h.Draft || back.CreatedBy != "ann" {
		w.Errorf("came back as %+v", back)
	}
	same(w, "trash at the end", items("", 0, 10), []store.Discarded(nil))
	Check(w, w, w.env)
}

// lived are the versions of a resource's present life, the newest first.
func (w *world) lived(s store.Scope, id string) (versions []int) {
	w.Helper()
	var life store.Life
	for _, c := range must[[]store.Change](w)(w.ChangesOf(w.Context(), s, cms.KindEntry, id, store.Point{}, 1000)) {
		mine, more := life.Has(c)
		if mine && c.Action != store.Delete {
			versions = append(versions, c.Version)
		}
		if !more {
			break
		}
	}
	return versions
}
