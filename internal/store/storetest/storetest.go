// Package storetest is the suite every implementation of package store passes:
// what its comments promise, as tests. It is for tests only, and asks nothing that
// the contract does not say.
//
// Start reading at Run (one store) and RunNodes (two stores on one database);
// Check is what holds for every scope at any time.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Run tests the stores that open makes: each call gives one on an empty database,
// which open closes when the test ends.
func Run(t *testing.T, open func(t testing.TB) store.Store) {
	tests := []struct {
		name string
		run  func(*world)
	}{
		{"Resource", testResource},
		{"ResourceInTransaction", testResourceInTransaction},
		{"VersionConflict", testVersionConflict},
		{"Times", testTimes},
		{"Body", testBody},
		{"NoScope", testNoScope},
		{"VersionsUnderConcurrency", testVersionsUnderConcurrency},
		{"CreateUnderConcurrency", testCreateUnderConcurrency},
		{"List", testList},
		{"Has", testHas},
		{"AcrossEnvironments", testAcrossEnvironments},
		{"Usage", testUsage},
		{"PagesOfOneStatement", testPagesOfOneStatement},
		{"Log", testLog},
		{"ChangesOf", testChangesOf},
		{"ChangesOfCopies", testChangesOfCopies},
		{"Trash", testTrash},
		{"Unreachable", testUnreachable},
		{"UnreachableInCopies", testUnreachableInCopies},
		{"Leftovers", testLeftovers},
		{"RandomPruning", testRandomPruning},
		{"PruneUnderConcurrency", testPruneUnderConcurrency},
		{"Model", testModel},
		{"Committed", testCommitted},
		{"Keys", testKeys},
		{"KeyValues", testKeyValues},
		{"KeysUnderConcurrency", testKeysUnderConcurrency},
		{"Text", testText},
		{"Failure", testFailure},
		{"FailureKeepsOthers", testFailureKeepsOthers},
		{"IgnoredFailure", testIgnoredFailure},
		{"Panic", testPanic},
		{"Goexit", testGoexit},
		{"CanceledBefore", testCanceledBefore},
		{"CanceledWaiting", testCanceledWaiting},
		{"CanceledDuring", testCanceledDuring},
		{"LargeWrite", testLargeWrite},
		{"CopyScope", testCopyScope},
		{"CopyScopeInPart", testCopyScopeInPart},
		{"CopyScopeRefused", testCopyScopeRefused},
		{"DropEnvironment", testDropEnvironment},
		{"DropSpace", testDropSpace},
		{"DropInTransaction", testDropInTransaction},
		{"Jobs", testJobs},
		{"JobsUnderConcurrency", testJobsUnderConcurrency},
		{"Recent", testRecent},
		{"Ahead", testAhead},
		{"Lanes", testLanes},
		{"LanesUnderConcurrency", testLanesUnderConcurrency},
		{"Close", testClose},
		{"CloseWaits", testCloseWaits},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &world{T: t, Store: open(t)}
			w.space, w.env = w.newSpace()
			test.run(w)
		})
	}
}

// world is a store with one space and its environment.
type world struct {
	*testing.T
	store.Store
	space, env store.Scope
}

// now is when everything happens, to the millisecond.
var now = time.Date(2026, 3, 1, 12, 30, 15, 678e6, time.UTC)

// newSpace makes a space with an environment.
func (w *world) newSpace() (space, env store.Scope) {
	w.Helper()
	w.update(store.Server, func(tx store.Tx) (err error) {
		space, err = tx.NewScope(w.Context(), store.Server)
		return err
	})
	return space, w.newEnvironment(space)
}

func (w *world) newEnvironment(space store.Scope) (env store.Scope) {
	w.Helper()
	w.update(space, func(tx store.Tx) (err error) {
		env, err = tx.NewScope(w.Context(), space)
		return err
	})
	return env
}

// update is Store.Update that must go well.
func (w *world) update(s store.Scope, fn func(store.Tx) error) {
	w.Helper()
	if err := w.Update(w.Context(), s, fn); err != nil {
		w.Fatalf("Update: %v", err)
	}
}

// put stores one resource in a transaction of its own.
func (w *world) put(write store.Write) (h store.Head) {
	w.Helper()
	w.update(write.Head.Scope, func(tx store.Tx) (err error) {
		h, err = tx.Put(w.Context(), write)
		return err
	})
	return h
}

// create is a write that makes an entry.
func create(s store.Scope, id string) store.Write { return createKind(s, cms.KindEntry, id) }

func createKind(s store.Scope, k cms.Kind, id string) store.Write {
	h := store.Head{Scope: s, Sys: cms.Sys{Kind: k, ID: id, Version: 1, CreatedAt: now, UpdatedAt: now, CreatedBy: "ann", UpdatedBy: "ann"}}
	if k == cms.KindEntry {
		h.ContentType = "post"
	}
	return store.Write{Head: h, Was: store.Absent, Body: body(id, 1), Action: store.Create, Actor: "ann", At: now}
}

// save is a write that gives a resource its next version and a new body.
func save(h store.Head) store.Write {
	w := store.Write{Head: h, Was: h.Version, Action: store.Save, Actor: "bob", At: now}
	w.Head.Version++
	w.Body = body(h.ID, w.Head.Version)
	return w
}

func body(id string, version int) []byte {
	return fmt.Appendf(nil, `{"id":%q,"version":%d}`, id, version)
}

// want fails when err is not of a kind.
func want(t testing.TB, what string, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: error %v, want %v", what, err, k)
	}
}

// same fails when two values differ.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// resource names one in a scope.
type resource struct {
	Kind cms.Kind
	ID   string
}

// Check fails unless a scope is whole: its log is without gaps and says of every
// change what it found; its heads are what the log ends with; the bodies of the
// heads are there. The scope must not have been copied into.
func Check(t testing.TB, r store.Reader, s store.Scope) {
	t.Helper()
	ctx := context.Background()
	p, err := r.Position(ctx, s)
	if err != nil {
		t.Fatalf("position of scope %d: %v", s, err)
	}
	heads := Heads(t, r, s)
	type face struct {
		Version          int
		Draft, Published store.Revision
	}
	replayed := map[resource]face{}
	var seq, model int64
	for {
		changes, err := r.Changes(ctx, s, seq, 500)
		if err != nil {
			t.Fatalf("log of scope %d: %v", s, err)
		}
		if len(changes) == 0 {
			break
		}
		for _, c := range changes {
			seq++
			if c.Seq != seq {
				t.Fatalf("scope %d: change %d follows %d", s, c.Seq, seq-1)
			}
			if c.Kind == cms.KindContentType || c.Kind == cms.KindLocale || c.Kind == cms.KindWorkflowDefinition {
				model = seq
			}
			id := resource{c.Kind, c.ID}
			before, was := replayed[id]
			if was == (c.Action == store.Create || c.Action == store.Restore) || before.Draft != c.DraftBefore || before.Published != c.PublishedBefore {
				t.Errorf("scope %d: change %+v does not follow %+v", s, c, before)
			}
			if c.Action == store.Delete {
				delete(replayed, id)
			} else {
				replayed[id] = face{c.Version, c.DraftAfter, c.PublishedAfter}
			}
		}
	}
	if p.Seq != seq || p.Model != model {
		t.Errorf("scope %d is at %+v, its log at %d, its model at %d", s, p, seq, model)
	}
	found := map[resource]face{}
	var revs []store.Revision
	for _, h := range heads {
		found[resource{h.Kind, h.ID}] = face{h.Version, h.Draft, h.Published}
		for _, rev := range []store.Revision{h.Draft, h.Published} {
			if rev != 0 {
				revs = append(revs, rev)
			}
		}
	}
	same(t, fmt.Sprintf("heads of scope %d against its log", s), found, replayed)
	bodies, err := r.Bodies(ctx, revs)
	if err != nil {
		t.Fatal(err)
	}
	for _, rev := range revs {
		if len(bodies[rev]) == 0 {
			t.Errorf("scope %d: a head has revision %d, which is gone", s, rev)
		}
	}
}

// Heads are all heads of a scope.
func Heads(t testing.TB, r store.Reader, s store.Scope) []store.Head {
	t.Helper()
	var all []store.Head
	after := ""
	for {
		page, err := r.List(context.Background(), s, "", after, 500)
		if err != nil {
			t.Fatalf("heads of scope %d: %v", s, err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		last := page[len(page)-1]
		after = string(last.Kind) + "/" + last.ID
	}
}
