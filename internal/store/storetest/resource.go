package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

func testResource(w *world) {
	ctx := w.Context()
	_, err := w.Get(ctx, w.env, cms.KindEntry, "a")
	want(w, "Get before there is one", err, fault.NotFound)

	h := w.put(create(w.env, "a"))
	if h.Draft == 0 || h.Published != 0 {
		w.Errorf("revisions %d and %d, want a draft only", h.Draft, h.Published)
	}
	same(w, "Get", must[store.Head](w)(w.Get(ctx, w.env, cms.KindEntry, "a")), h)
	_, err = w.Get(ctx, w.env, cms.KindAsset, "a")
	want(w, "Get of another kind", err, fault.NotFound)
	_, err = w.Get(ctx, w.space, cms.KindEntry, "a")
	want(w, "Get in another scope", err, fault.NotFound)

	// Every column comes back.
	full := store.Write{Was: 1, Body: []byte(`{"a":1}`), PublishBody: true, Action: store.Publish, Actor: "bob", At: now, Head: store.Head{
		Scope: w.env,
		Sys: cms.Sys{Kind: cms.KindEntry, ID: "a", ContentType: "page", Version: 7, CreatedAt: now, UpdatedAt: now.Add(1 * time.Second),
			CreatedBy: "c", UpdatedBy: "u", PublishedVersion: 6, PublishedCounter: 5, PublishedAt: now.Add(2 * time.Second),
			FirstPublishedAt: now.Add(3 * time.Second), PublishedBy: "p", ArchivedVersion: 4, ArchivedAt: now.Add(4 * time.Second), ArchivedBy: "r"},
		Child: 99,
	}}
	saved := w.put(full)
	if saved.Draft <= h.Draft || saved.Published != saved.Draft {
		w.Errorf("revisions %d and %d after %d, want one new one", saved.Draft, saved.Published, h.Draft)
	}
	full.Head.Draft, full.Head.Published = saved.Draft, saved.Draft
	same(w, "Put", saved, full.Head)
	same(w, "Get", must[store.Head](w)(w.Get(ctx, w.env, cms.KindEntry, "a")), full.Head)

	// A published body of its own leaves the draft, unless there is one too.
	full.Was, full.Head.Version, full.Body, full.PublishBody, full.PublishedBody = 7, 8, nil, false, []byte(`{"p":1}`)
	own := w.put(full)
	if own.Draft != saved.Draft || own.Published <= saved.Draft {
		w.Errorf("revisions %d and %d, want %d and a new one", own.Draft, own.Published, saved.Draft)
	}
	full.Was, full.Head.Version, full.Body, full.PublishedBody = 8, 9, []byte(`{"d":2}`), []byte(`{"p":2}`)
	both := w.put(full)
	bodies := must[map[store.Revision][]byte](w)(w.Bodies(ctx, []store.Revision{own.Draft, own.Published, both.Draft, both.Published}))
	for r, body := range map[store.Revision]string{own.Draft: `{"a":1}`, own.Published: `{"p":1}`, both.Draft: `{"d":2}`, both.Published: `{"p":2}`} {
		if string(bodies[r]) != body {
			w.Errorf("body %s, want %s", bodies[r], body)
		}
	}
	full.Head.Draft, full.Head.Published, full.PublishedBody = both.Draft, both.Published, nil
	same(w, "Put of two bodies", both, full.Head)

	// Without a body the revisions are what the head says.
	full.Was, full.Body, full.Head.Version, full.Head.Published = 9, nil, 10, 0
	same(w, "Put without body", w.put(full), full.Head)
	same(w, "Get", must[store.Head](w)(w.Get(ctx, w.env, cms.KindEntry, "a")), full.Head)

	w.put(create(w.env, "b"))
	found := must[[]store.Head](w)(w.GetMany(ctx, w.env, cms.KindEntry, []string{"b", "no", "a", "b"}))
	var ids []string
	for _, h := range found {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	same(w, "GetMany", ids, []string{"a", "b"})
	if none := must[[]store.Head](w)(w.GetMany(ctx, w.env, cms.KindEntry, nil)); len(none) > 0 {
		w.Errorf("GetMany of nothing: %v", none)
	}

	w.update(w.env, func(tx store.Tx) error { return tx.Delete(ctx, w.env, cms.KindEntry, "a", 10, "ann", now) })
	_, err = w.Get(ctx, w.env, cms.KindEntry, "a")
	want(w, "Get after Delete", err, fault.NotFound)
	w.put(create(w.env, "a")) // the id is free again

	zero := createKind(w.space, cms.KindAPIKey, "k") // version 0 is one
	zero.Head.Version = 0
	h = w.put(zero)
	w.put(save(h))
	Check(w, w, w.env)
	Check(w, w, w.space)
}

// testResourceInTransaction: a transaction sees what it has done, nobody else does.
func testResourceInTransaction(w *world) {
	ctx := w.Context()
	old := w.put(create(w.env, "old"))
	key := store.Key{Space: "slug", Value: "x"}
	w.update(w.env, func(tx store.Tx) error {
		get := func(what string, wantVersion int) {
			w.Helper()
			h, err := tx.Get(ctx, w.env, cms.KindEntry, "new")
			if wantVersion == 0 {
				want(w, what, err, fault.NotFound)
				return
			}
			if err != nil || h.Version != wantVersion {
				w.Errorf("%s: version %d, %v, want %d", what, h.Version, err, wantVersion)
			}
			many, err := tx.GetMany(ctx, w.env, cms.KindEntry, []string{"new"})
			if err != nil || len(many) != 1 || many[0] != h {
				w.Errorf("%s: GetMany: %v, %v, want %v", what, many, err, h)
			}
			listed, err := tx.List(ctx, w.env, cms.KindEntry, "m", 10)
			if err != nil || len(listed) != 2 || listed[0] != h {
				w.Errorf("%s: List: %v, %v, want %v first", what, listed, err, h)
			}
			bodies, err := tx.Bodies(ctx, []store.Revision{h.Draft})
			if err != nil || string(bodies[h.Draft]) != string(body("new", wantVersion)) {
				w.Errorf("%s: body %s, %v", what, bodies[h.Draft], err)
			}
		}
		get("before", 0)
		h, err := tx.Put(ctx, create(w.env, "new"))
		if err != nil {
			return err
		}
		get("created", 1)
		h, err = tx.Put(ctx, save(h))
		if err != nil {
			return err
		}
		get("saved", 2)
		if _, err := tx.SetKeys(ctx, w.env, "Entry/new", []store.Key{key}); err != nil {
			return err
		}
		if owner, err := tx.Owner(ctx, w.env, key); owner != "Entry/new" || err != nil {
			w.Errorf("Owner: %q, %v", owner, err)
		}
		if there, err := tx.Has(ctx, w.env, cms.KindEntry, "post"); !there || err != nil {
			w.Errorf("Has: %v, %v", there, err)
		}
		p, err := tx.Position(ctx, w.env)
		if err != nil || p.Seq != 3 {
			w.Errorf("Position: %v, %v, want 3", p, err)
		}
		changes, err := tx.Changes(ctx, w.env, 1, 10)
		if err != nil || len(changes) != 2 {
			w.Errorf("Changes: %v, %v, want 2", changes, err)
		}
		if _, err := w.Get(ctx, w.env, cms.KindEntry, "new"); !fault.Is(err, fault.NotFound) {
			w.Errorf("another reader sees what is not committed: %v", err)
		}
		if p, err := w.Position(ctx, w.env); p.Seq != 1 || err != nil {
			w.Errorf("another reader sees position %v, %v", p, err)
		}
		if err := tx.Delete(ctx, w.env, cms.KindEntry, "new", h.Version, "ann", now); err != nil {
			return err
		}
		get("deleted", 0)
		if owner, err := tx.Owner(ctx, w.env, key); owner != "" || err != nil {
			w.Errorf("Owner after Delete: %q, %v", owner, err)
		}
		if _, err := tx.Put(ctx, create(w.env, "new")); err != nil {
			return err
		}
		get("created again", 1)
		_, err = tx.Put(ctx, save(old))
		return err
	})
	Check(w, w, w.env)
}

func testVersionConflict(w *world) {
	ctx := w.Context()
	h := w.put(save(w.put(create(w.env, "a")))) // version 2
	put := func(was int, id string) func(store.Tx) error {
		return func(tx store.Tx) error {
			write := save(h)
			write.Head.ID, write.Was = id, was
			_, err := tx.Put(ctx, write)
			return err
		}
	}
	remove := func(was int, id string) func(store.Tx) error {
		return func(tx store.Tx) error { return tx.Delete(ctx, w.env, cms.KindEntry, id, was, "ann", now) }
	}
	for _, test := range []struct {
		name string
		fn   func(store.Tx) error
		want fault.Kind
	}{
		{"Put over an older version", put(1, "a"), fault.VersionMismatch},
		{"Put over a newer version", put(3, "a"), fault.VersionMismatch},
		{"Put over version 0", put(0, "a"), fault.VersionMismatch},
		{"create what is there", put(store.Absent, "a"), fault.VersionMismatch},
		{"Put over what is not there", put(2, "b"), fault.VersionMismatch},
		{"Put over version 0 of what is not there", put(0, "b"), fault.VersionMismatch},
		{"Delete of an older version", remove(1, "a"), fault.VersionMismatch},
		{"Delete of a newer version", remove(3, "a"), fault.VersionMismatch},
		{"Delete of what is not there", remove(1, "b"), fault.NotFound},
	} {
		want(w, test.name, w.Update(ctx, w.env, test.fn), test.want)
		// The same when the transaction knows the resource already.
		err := w.Update(ctx, w.env, func(tx store.Tx) error {
			for _, id := range []string{"a", "b"} {
				if _, err := tx.Get(ctx, w.env, cms.KindEntry, id); err != nil && !fault.Is(err, fault.NotFound) {
					return err
				}
			}
			return test.fn(tx)
		})
		want(w, test.name+", after Get", err, test.want)
		err = w.Update(ctx, w.env, func(tx store.Tx) error {
			if _, err := tx.GetMany(ctx, w.env, cms.KindEntry, []string{"a", "b"}); err != nil {
				return err
			}
			return test.fn(tx)
		})
		want(w, test.name+", after GetMany", err, test.want)
	}
	// A function that stops at the first error stops at this one.
	err := w.Update(ctx, w.env, func(tx store.Tx) error {
		if err := put(store.Absent, "a")(tx); err != nil {
			return err
		}
		return errFailing
	})
	want(w, "create what is there, then fail", err, fault.VersionMismatch)
	same(w, "head after all that", must[store.Head](w)(w.Get(ctx, w.env, cms.KindEntry, "a")), h)
	Check(w, w, w.env)
}

// testTimes: times are kept to the millisecond and come back in UTC.
func testTimes(w *world) {
	ctx := w.Context()
	write := create(w.env, "a")
	fine := now.Add(999 * time.Microsecond).In(time.FixedZone("x", 3600))
	write.Head.CreatedAt, write.Head.PublishedAt, write.At = fine, fine, fine
	h := w.put(write)
	for what, h := range map[string]store.Head{"Put": h, "Get": must[store.Head](w)(w.Get(ctx, w.env, cms.KindEntry, "a"))} {
		if h.CreatedAt != now || h.PublishedAt != now || !h.ArchivedAt.IsZero() {
			w.Errorf("%s: created %v, published %v, archived %v, want %v twice and never", what, h.CreatedAt, h.PublishedAt, h.ArchivedAt, now)
		}
	}
	if c := must[[]store.Change](w)(w.Changes(ctx, w.env, 0, 1)); c[0].At != now {
		w.Errorf("change at %v, want %v", c[0].At, now)
	}
}

// testBody: bodies are bytes.
func testBody(w *world) {
	ctx := w.Context()
	contents := [][]byte{{}, []byte(`{}`), {0, 0xff, 0, 0xfe}, []byte(strings.Repeat("long ", 200_000))}
	var revs []store.Revision
	for i, content := range contents {
		write := create(w.env, fmt.Sprint(i))
		write.Body = content
		revs = append(revs, w.put(write).Draft)
	}
	bodies := must[map[store.Revision][]byte](w)(w.Bodies(ctx, append(revs, 0, 1<<40, revs[0])))
	if len(bodies) != len(contents) {
		w.Errorf("%d bodies, want %d", len(bodies), len(contents))
	}
	for i, rev := range revs {
		if got, there := bodies[rev]; !there || string(got) != string(contents[i]) {
			w.Errorf("body %d comes back as %.20q (%d bytes), %v", i, got, len(got), there)
		}
	}
	long := revs[3]
	for range 3 {
		write := create(w.env, fmt.Sprint(len(revs)))
		write.Body = contents[3]
		revs = append(revs, w.put(write).Draft)
	}
	for _, c := range []struct {
		revs  []store.Revision
		bytes int
		most  int // of the long ones
		all   bool
	}{
		{revs, 5_000_000, 4, true}, {revs, 1_500_000, 2, false}, {revs[3:], 1, 1, false}, {[]store.Revision{long}, 1, 1, true}, {[]store.Revision{long}, 0, 0, false}, {nil, 0, 0, true},
	} {
		bodies, all, err := w.BodiesWithin(ctx, c.revs, c.bytes)
		n := 0
		for rev, body := range bodies {
			if i := slices.Index(revs, rev); string(body) != string(contents[min(i, 3)]) {
				w.Errorf("within %d bytes body %d comes back as %.20q", c.bytes, i, body)
			}
			if len(body) == len(contents[3]) {
				n++
			}
		}
		if n != c.most || all != c.all || err != nil {
			w.Errorf("within %d bytes of %d: %d long ones, all %v, %v", c.bytes, len(c.revs), n, all, err)
		}
	}
}

func testNoScope(w *world) {
	ctx := w.Context()
	const none = 1 << 40
	for _, s := range []store.Scope{none, 0, -1} {
		err := w.Update(ctx, s, func(store.Tx) error {
			w.Errorf("a function ran in scope %d, which is not there", s)
			return nil
		})
		want(w, "Update", err, fault.NotFound)
		_, err = w.Position(ctx, s)
		want(w, "Position", err, fault.NotFound)
	}
	for name, fn := range map[string]func(store.Tx) error{
		"Put":       func(tx store.Tx) error { _, err := tx.Put(ctx, create(none, "a")); return err },
		"Delete":    func(tx store.Tx) error { return tx.Delete(ctx, none, cms.KindEntry, "a", 1, "ann", now) },
		"SetKeys":   func(tx store.Tx) error { _, err := tx.SetKeys(ctx, none, "o", nil); return err },
		"NewScope":  func(tx store.Tx) error { _, err := tx.NewScope(ctx, none); return err },
		"CopyScope": func(tx store.Tx) error { return tx.CopyScope(ctx, none, w.env) },
		"DropScope": func(tx store.Tx) error { return tx.DropScope(ctx, none) },
		"Position":  func(tx store.Tx) error { _, err := tx.Position(ctx, none); return err },
	} {
		want(w, name, w.Update(ctx, w.space, fn), fault.NotFound)
	}
}

// increment raises a head's version until n of its own writes are acknowledged,
// and returns the versions they made.
func increment(ctx context.Context, st store.Store, s store.Scope, id string, n int) ([]int, error) {
	var made []int
	for len(made) < n {
		h, err := st.Get(ctx, s, cms.KindEntry, id)
		if err != nil {
			return made, err
		}
		err = st.Update(ctx, s, func(tx store.Tx) error {
			_, err := tx.Put(ctx, save(h))
			return err
		})
		switch {
		case err == nil:
			made = append(made, h.Version+1)
		case !fault.Is(err, fault.VersionMismatch):
			return made, err
		}
	}
	return made, nil
}

// testVersionsUnderConcurrency: many raise one head; each version is made once.
func testVersionsUnderConcurrency(w *world) {
	w.put(create(w.env, "a"))
	checkIncrements(w.T, w.env, w.Store)
}

// checkIncrements lets many writers on all stores raise head "a" of a scope.
func checkIncrements(t *testing.T, s store.Scope, stores ...store.Store) {
	const writers, each = 8, 10
	versions := make([][]int, writers*len(stores))
	parallel(t, len(versions), func(i int) error {
		made, err := increment(t.Context(), stores[i%len(stores)], s, "a", each)
		versions[i] = made
		return err
	})
	all := slices.Concat(versions...)
	slices.Sort(all)
	var expected []int
	for i := range len(all) {
		expected = append(expected, i+2)
	}
	same(t, "acknowledged versions", all, expected)
	Check(t, stores[0], s)
}

// testCreateUnderConcurrency: many create the same ids; each id is created once.
func testCreateUnderConcurrency(w *world) { checkCreates(w.T, w.env, w.Store) }

func checkCreates(t *testing.T, s store.Scope, stores ...store.Store) {
	const writers, ids = 8, 20
	created := make([]int, writers*len(stores))
	parallel(t, len(created), func(i int) error {
		for id := range ids {
			err := stores[i%len(stores)].Update(t.Context(), s, func(tx store.Tx) error {
				_, err := tx.Put(t.Context(), create(s, fmt.Sprint(id)))
				return err
			})
			switch {
			case err == nil:
				created[i]++
			case !fault.Is(err, fault.VersionMismatch):
				return err
			}
		}
		return nil
	})
	sum := 0
	for _, n := range created {
		sum += n
	}
	if sum != ids {
		t.Errorf("%d creations of %d ids acknowledged", sum, ids)
	}
	Check(t, stores[0], s)
}

// parallel runs fn n times at once, and fails with its errors.
func parallel(t testing.TB, n int, fn func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = fn(i) })
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("goroutine %d: %v", i, err)
		}
	}
}
