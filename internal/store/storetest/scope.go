package storetest

import (
	"fmt"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

func (w *world) copyScope(from, to store.Scope, leaveOut ...cms.Kind) error {
	return w.Update(w.Context(), w.space, func(tx store.Tx) error { return tx.CopyScope(w.Context(), from, to, leaveOut...) })
}

// testCopyScopeInPart: kinds can be left out of a copy.
func testCopyScopeInPart(w *world) {
	entry := w.put(create(w.env, "a"))
	for _, k := range []cms.Kind{cms.KindTag, cms.KindRelease, cms.KindContentType} {
		w.put(createKind(w.env, k, "x"))
	}
	key := store.Key{Space: "slug", Value: "x"}
	setKeys(w, w, w.env, "Entry/a", key)
	other := store.Key{Space: "slug", Value: "y"}
	setKeys(w, w, w.env, "Release/x", other)
	to := w.newEnvironment(w.space)
	if err := w.copyScope(w.env, to, cms.KindRelease, cms.KindTag, cms.KindBulkAction); err != nil {
		w.Fatal(err)
	}
	var kinds []cms.Kind
	for _, h := range Heads(w, w, to) {
		kinds = append(kinds, h.Kind)
	}
	same(w, "kinds of the copy", kinds, []cms.Kind{cms.KindContentType, entry.Kind})
	same(w, "keys of the copy", must[map[store.Key]string](w)(w.Owners(w.Context(), to, []store.Key{key, other})), map[store.Key]string{key: "Entry/a"})
}

// testCopyScope: a copy shares the revisions and nothing else.
func testCopyScope(w *world) {
	ctx := w.Context()
	entry := w.put(create(w.env, "a"))
	published := save(entry)
	published.PublishBody = true
	entry = w.put(published)
	w.put(createKind(w.env, cms.KindContentType, "post"))
	x := store.Key{Space: "slug", Value: "x\x00\xff"}
	setKeys(w, w, w.env, "Entry/a", x)

	to := w.newEnvironment(w.space)
	if err := w.copyScope(w.env, to); err != nil {
		w.Fatal(err)
	}
	heads := Heads(w, w, w.env)
	copies := Heads(w, w, to)
	for i := range copies {
		if copies[i].Scope != to {
			w.Errorf("%v is not in scope %d", copies[i], to)
		}
		copies[i].Scope = w.env
	}
	same(w, "copied heads", copies, heads)
	if owner, err := w.Owner(ctx, to, x); owner != "Entry/a" || err != nil {
		w.Errorf("owner of the copied key: %q, %v", owner, err)
	}
	same(w, "position of the copy", must[store.Position](w)(w.Position(ctx, to)), store.Position{})
	if changes := must[[]store.Change](w)(w.Changes(ctx, to, 0, 10)); len(changes) > 0 {
		w.Errorf("log of the copy: %v", changes)
	}

	// The copy changes: the original stays.
	theirs := entry
	theirs.Scope = to
	theirs = w.put(save(theirs))
	setKeys(w, w, to, "Entry/a")
	w.update(to, func(tx store.Tx) error { return tx.Delete(ctx, to, cms.KindContentType, "post", 1, "ann", now) })
	same(w, "heads of the original", Heads(w, w, w.env), heads)
	if owner, err := w.Owner(ctx, w.env, x); owner != "Entry/a" || err != nil {
		w.Errorf("owner of the original key: %q, %v", owner, err)
	}
	// The original changes: the copy stays.
	w.update(w.env, func(tx store.Tx) error { return tx.Delete(ctx, w.env, cms.KindEntry, "a", 2, "ann", now) })
	same(w, "the copy", Heads(w, w, to), []store.Head{theirs})
	c := must[[]store.Change](w)(w.Changes(ctx, to, 0, 10))
	if len(c) != 2 || c[0].Seq != 1 || c[0].DraftBefore != entry.Draft || c[0].PublishedBefore != entry.Published {
		w.Errorf("log of the copy: %+v", c)
	}
	Check(w, w, w.env)

	// The original goes: the bodies stay for the copy.
	w.update(w.space, func(tx store.Tx) error { return tx.DropScope(ctx, w.env) })
	bodies := must[map[store.Revision][]byte](w)(w.Bodies(ctx, []store.Revision{theirs.Draft, theirs.Published}))
	if string(bodies[theirs.Draft]) != string(body("a", 3)) || string(bodies[theirs.Published]) != string(body("a", 2)) {
		w.Errorf("bodies of the copy: %q, %q", bodies[theirs.Draft], bodies[theirs.Published])
	}
	if heads := Heads(w, w, to); len(heads) != 1 {
		w.Errorf("heads of the copy: %v", heads)
	}

	// A transaction sees the copy it makes, and may go on in it.
	again := w.newEnvironment(w.space)
	w.update(w.space, func(tx store.Tx) error {
		_, err := tx.Get(ctx, again, cms.KindEntry, "a")
		want(w, "Get before CopyScope", err, fault.NotFound)
		if err := tx.CopyScope(ctx, to, again); err != nil {
			return err
		}
		h, err := tx.Get(ctx, again, cms.KindEntry, "a")
		if err != nil {
			return err
		}
		_, err = tx.Put(ctx, save(h))
		return err
	})
	if h := must[store.Head](w)(w.Get(ctx, again, cms.KindEntry, "a")); h.Version != 4 {
		w.Errorf("version %d in the copy, want 4", h.Version)
	}
}

func testCopyScopeRefused(w *world) {
	w.put(create(w.env, "a"))
	full, empty := w.newEnvironment(w.space), w.newEnvironment(w.space)
	w.put(create(full, "b"))
	_, foreign := w.newSpace()
	for name, to := range map[string]store.Scope{"one that is not empty": full, "itself": w.env, "one of another space": foreign} {
		if err := w.copyScope(w.env, to); err == nil {
			w.Errorf("a scope can be copied into %s", name)
		}
	}
	for s, n := range map[store.Scope]int{w.env: 1, full: 1, foreign: 0, empty: 0} {
		if heads := Heads(w, w, s); len(heads) != n {
			w.Errorf("scope %d: %v, want %d heads", s, heads, n)
		}
	}
	Check(w, w, w.env)
	Check(w, w, full)
}

// fill puts something of everything into a scope.
func (w *world) fill(s store.Scope) store.Head {
	w.Helper()
	h := w.put(create(s, "a"))
	setKeys(w, w, s, "Entry/a", store.Key{Space: "slug", Value: "x"})
	w.update(s, func(tx store.Tx) error {
		return tx.Enqueue(w.Context(), store.Job{Name: fmt.Sprint(s), Scope: s, Due: now})
	})
	return h
}

// dropped fails unless nothing of a scope is left.
func (w *world) dropped(s store.Scope) {
	w.Helper()
	ctx := w.Context()
	_, err := w.Position(ctx, s)
	want(w, "Position", err, fault.NotFound)
	_, err = w.Get(ctx, s, cms.KindEntry, "a")
	want(w, "Get", err, fault.NotFound)
	want(w, "Update", w.Update(ctx, s, func(store.Tx) error { return nil }), fault.NotFound)
	if heads := Heads(w, w, s); len(heads) > 0 {
		w.Errorf("heads: %v", heads)
	}
	if changes, err := w.Changes(ctx, s, 0, 10); len(changes) > 0 || err != nil {
		w.Errorf("changes: %v, %v", changes, err)
	}
	if owner, err := w.Owner(ctx, s, store.Key{Space: "slug", Value: "x"}); owner != "" || err != nil {
		w.Errorf("owner: %q, %v", owner, err)
	}
}

func testDropEnvironment(w *world) {
	ctx := w.Context()
	w.fill(w.env)
	other := w.newEnvironment(w.space)
	kept := w.fill(other)
	w.update(w.space, func(tx store.Tx) error { return tx.DropScope(ctx, w.env) })
	w.dropped(w.env)
	same(w, "heads of the other environment", Heads(w, w, other), []store.Head{kept})
	jobs := must[[]store.Job](w)(w.Lease(ctx, now, 1, 10))
	if len(jobs) != 1 || jobs[0].Scope != other {
		w.Errorf("jobs: %v, want the one of scope %d", jobs, other)
	}
	if s := w.newEnvironment(w.space); s == w.env || s <= other {
		w.Errorf("a new scope gets the old id %d", s)
	}
	Check(w, w, other)
	Check(w, w, w.space)
}

func testDropSpace(w *world) {
	ctx := w.Context()
	second := w.newEnvironment(w.space)
	revs := []store.Revision{w.fill(w.space).Draft, w.fill(w.env).Draft, w.fill(second).Draft}
	space, env := w.newSpace()
	kept := []store.Revision{w.fill(space).Draft, w.fill(env).Draft}
	w.update(store.Server, func(tx store.Tx) error { return tx.DropScope(ctx, w.space) })
	for _, s := range []store.Scope{w.space, w.env, second} {
		w.dropped(s)
	}
	if bodies := must[map[store.Revision][]byte](w)(w.Bodies(ctx, revs)); len(bodies) > 0 {
		w.Errorf("bodies of a dropped space: %v", bodies)
	}
	if bodies := must[map[store.Revision][]byte](w)(w.Bodies(ctx, kept)); len(bodies) != 2 {
		w.Errorf("bodies of another space: %v", bodies)
	}
	Check(w, w, space)
	Check(w, w, env)
	if err := w.Update(ctx, store.Server, func(tx store.Tx) error { return tx.DropScope(ctx, store.Server) }); err == nil {
		w.Error("the server's scope can be dropped")
	}
	if len(Heads(w, w, env)) != 1 {
		w.Error("the other space is gone")
	}
}

// testDropInTransaction: in its own transaction, too, a dropped scope is gone.
func testDropInTransaction(w *world) {
	ctx := w.Context()
	w.fill(w.env)
	drop := func(fail error) func(store.Tx) error {
		return func(tx store.Tx) error {
			if _, err := tx.Get(ctx, w.env, cms.KindEntry, "a"); err != nil {
				return err
			}
			if err := tx.DropScope(ctx, w.env); err != nil {
				return err
			}
			_, err := tx.Get(ctx, w.env, cms.KindEntry, "a")
			want(w, "Get", err, fault.NotFound)
			_, err = tx.Position(ctx, w.env)
			want(w, "Position", err, fault.NotFound)
			_, err = tx.Put(ctx, create(w.env, "b"))
			want(w, "Put", err, fault.NotFound)
			_, err = tx.SetKeys(ctx, w.env, "Entry/b", nil)
			want(w, "SetKeys", err, fault.NotFound)
			want(w, "DropScope again", tx.DropScope(ctx, w.env), fault.NotFound)
			return fail
		}
	}
	if err := w.Update(ctx, w.env, drop(errFailing)); err == nil {
		w.Error("the failing write did not fail")
	}
	Check(w, w, w.env) // all is there
	if len(Heads(w, w, w.env)) != 1 {
		w.Error("a failed write dropped heads")
	}
	w.update(w.env, drop(nil))
	w.dropped(w.env)

	// Made and dropped in one transaction.
	w.update(w.space, func(tx store.Tx) error {
		s, err := tx.NewScope(ctx, w.space)
		if err != nil {
			return err
		}
		if _, err := tx.Put(ctx, create(s, "a")); err != nil {
			return err
		}
		return tx.DropScope(ctx, s)
	})
	Check(w, w, w.space)
}

// testAcrossEnvironments: the environments of a space that have a resource, and no
// others.
func testAcrossEnvironments(w *world) {
	ctx := w.Context()
	across := func(id string) map[store.Scope]store.Head {
		w.Helper()
		found := map[store.Scope]store.Head{}
		for _, h := range must[[]store.Head](w)(w.AcrossEnvironments(ctx, w.space, cms.KindEntry, id)) {
			found[h.Scope] = h
		}
		return found
	}
	a := w.put(create(w.env, "a"))
	w.put(create(w.env, "b"))
	w.put(createKind(w.env, cms.KindAsset, "a"))
	second, third := w.newEnvironment(w.space), w.newEnvironment(w.space)
	if err := w.copyScope(w.env, second); err != nil {
		w.Fatal(err)
	}
	there := w.put(save(must[store.Head](w)(w.Get(ctx, second, cms.KindEntry, "a"))))
	var elsewhere store.Scope
	w.update(store.Server, func(tx store.Tx) (err error) {
		elsewhere, err = tx.NewScope(ctx, store.Server)
		return err
	})
	w.put(create(w.newEnvironment(elsewhere), "a"))
	same(w, "a", across("a"), map[store.Scope]store.Head{w.env: a, second: there})
	w.update(w.space, func(tx store.Tx) error { return tx.DropScope(ctx, second) })
	same(w, "without one that is gone", across("a"), map[store.Scope]store.Head{w.env: a})
	w.put(create(third, "a"))
	same(w, "with one more", len(across("a")), 2)
	same(w, "none", across("c"), map[store.Scope]store.Head{})
	same(w, "no id", across("\xff"), map[store.Scope]store.Head{})
}
