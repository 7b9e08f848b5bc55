package storetest

import (
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// testLog: one change per write, with what was before and after.
func testLog(w *world) {
	ctx := w.Context()
	h1 := w.put(create(w.env, "a"))

	publish := save(h1)
	publish.PublishBody, publish.Action, publish.Actor, publish.At = true, store.Publish, "cyd", now.Add(time.Minute)
	publish.Head.PublishedCounter = 3
	publish.Cause = "Release/r ReleaseAction/a"
	h2 := w.put(publish)

	h3 := w.put(save(h2)) // keeps the published revision

	unpublish := save(h3)
	unpublish.Body, unpublish.Action, unpublish.Head.Published = nil, store.Unpublish, 0
	h4 := w.put(unpublish)

	w.update(w.env, func(tx store.Tx) error { return tx.Delete(ctx, w.env, cms.KindEntry, "a", h4.Version, "dan", now) })
	w.put(createKind(w.env, cms.KindTag, "t"))

	change := func(seq int64, a store.Action, version int, actor string) store.Change {
		return store.Change{Scope: w.env, Seq: seq, Kind: cms.KindEntry, ID: "a", Action: a, Version: version, ContentType: "post", Actor: actor, At: now}
	}
	expected := []store.Change{
		change(1, store.Create, 1, "ann"), change(2, store.Publish, 2, "cyd"), change(3, store.Save, 3, "bob"),
		change(4, store.Unpublish, 4, "bob"), change(5, store.Delete, 4, "dan"), change(6, store.Create, 1, "ann"),
	}
	expected[0].DraftAfter = h1.Draft
	expected[1].DraftBefore, expected[1].DraftAfter, expected[1].PublishedAfter = h1.Draft, h2.Draft, h2.Draft
	expected[1].At, expected[1].Cause = now.Add(time.Minute), publish.Cause
	expected[2].DraftBefore, expected[2].DraftAfter, expected[2].PublishedBefore, expected[2].PublishedAfter = h2.Draft, h3.Draft, h2.Draft, h2.Draft
	expected[3].DraftBefore, expected[3].DraftAfter, expected[3].PublishedBefore = h3.Draft, h3.Draft, h2.Draft
	expected[4].DraftBefore = h3.Draft
	for i := 1; i < 5; i++ {
		expected[i].Publications = 3
	}
	tag := must[store.Head](w)(w.Get(ctx, w.env, cms.KindTag, "t"))
	expected[5].Kind, expected[5].ID, expected[5].ContentType, expected[5].DraftAfter = cms.KindTag, "t", "", tag.Draft

	same(w, "log", must[[]store.Change](w)(w.Changes(ctx, w.env, 0, 100)), expected)
	same(w, "part of the log", must[[]store.Change](w)(w.Changes(ctx, w.env, 2, 3)), expected[2:5])
	if none := must[[]store.Change](w)(w.Changes(ctx, w.env, 6, 100)); len(none) > 0 {
		w.Errorf("changes after the last: %v", none)
	}
	// Old bodies stay: the log refers to them.
	if bodies := must[map[store.Revision][]byte](w)(w.Bodies(ctx, []store.Revision{h1.Draft, h2.Draft, h3.Draft})); len(bodies) != 3 {
		w.Errorf("%d of 3 bodies of a deleted entry", len(bodies))
	}
	Check(w, w, w.env)
}

// testModel: Position.Model moves with content types and locales only.
func testModel(w *world) {
	ctx := w.Context()
	at := func(seq, model int64) {
		w.Helper()
		same(w, "position", must[store.Position](w)(w.Position(ctx, w.env)), store.Position{Seq: seq, Model: model})
	}
	at(0, 0)
	w.put(create(w.env, "a"))
	at(1, 0)
	h := w.put(createKind(w.env, cms.KindContentType, "post"))
	at(2, 2)
	w.put(createKind(w.env, cms.KindAsset, "a"))
	w.put(createKind(w.env, cms.KindTag, "a"))
	w.put(createKind(w.env, cms.KindEditorInterface, "a"))
	at(5, 2)
	w.put(createKind(w.env, cms.KindLocale, "en"))
	at(6, 6)
	w.update(w.env, func(tx store.Tx) error {
		if _, err := tx.Put(ctx, create(w.env, "b")); err != nil {
			return err
		}
		if err := tx.Delete(ctx, w.env, cms.KindContentType, "post", h.Version, "ann", now); err != nil {
			return err
		}
		_, err := tx.Put(ctx, create(w.env, "c"))
		return err
	})
	at(9, 8)
	Check(w, w, w.env)
}

// testCommitted: Committed is what this process has committed or read.
func testCommitted(w *world) {
	ctx := w.Context()
	if n := w.Committed(w.env); n != 0 {
		w.Errorf("Committed is %d before the first change", n)
	}
	if n := w.Committed(1 << 40); n != 0 {
		w.Errorf("Committed of an unknown scope is %d", n)
	}
	before, written := w.Commits()
	for i, id := range []string{"a", "b", "c"} {
		w.put(create(w.env, id))
		if n := w.Committed(w.env); n != int64(i+1) {
			w.Errorf("Committed is %d after %d changes", n, i+1)
		}
	}
	failing := w.Update(ctx, w.env, func(tx store.Tx) error {
		if _, err := tx.Put(ctx, create(w.env, "d")); err != nil {
			return err
		}
		return errFailing
	})
	unmoved := w.Update(ctx, w.env, func(store.Tx) error { return nil })
	if unmoved != nil || w.Committed(w.env) != 3 {
		w.Errorf("Committed is %d after a write of nothing (%v), want 3", w.Committed(w.env), unmoved)
	}
	if commits, writes := w.Commits(); commits-before != 3 || writes-written != 3 {
		w.Errorf("%d commits, %d writes, want 3 of each", commits-before, writes-written)
	}
	if failing == nil || w.Committed(w.env) != 3 {
		w.Errorf("Committed is %d after a failed write (%v), want 3", w.Committed(w.env), failing)
	}
}
