package sqlstore

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// saveEntry makes the next version of an entry.
func saveEntry(env store.Scope, id string) func(store.Tx) error {
	return func(tx store.Tx) error {
		h, err := tx.Get(context.Background(), env, cms.KindEntry, id)
		if err != nil {
			return err
		}
		h.Version++
		_, err = tx.Put(context.Background(), store.Write{Head: h, Was: h.Version - 1, Body: []byte("{}"), Action: store.Save})
		return err
	}
}

// TestDropInVain: a write that drops a scope and fails leaves to those that share
// its transaction, and to all after it, what they know of the scope.
func TestDropInVain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		ctx := context.Background()
		mustUpdate(t, s, env, putEntry(env, "a"))
		save := saveEntry(env, "a")
		errs := jointly(t, s, env, save,
			func(tx store.Tx) error { return errors.Join(tx.DropScope(ctx, env), errFailing) }, save)
		if errs[0] != nil || !errors.Is(errs[1], errFailing) || errs[2] != nil {
			t.Fatal(errs)
		}
		if _, err := s.Position(ctx, env); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Seen(ctx, env, cms.KindEntry, "a"); err != nil || len(got) != 1 || got[0].Version != 3 {
			t.Errorf("it is at %v, %v, want version 3", got, err)
		}
		mustUpdate(t, s, env, save)
		wantEntries(t, s, env, "a")
	})
}

// announcing is a database that tells when a transaction is committed and the store does
// not know it yet.
type announcing struct {
	dialect
	committed *func()
}

func (d announcing) begin(ctx context.Context) (transaction, error) {
	t, err := d.dialect.begin(ctx)
	return announcingTx{t, d.committed}, err
}

type announcingTx struct {
	transaction
	committed *func()
}

func (t announcingTx) commit(ctx context.Context, writes []statement) error {
	err := t.transaction.commit(ctx, writes)
	(*t.committed)()
	return err
}

// TestBetween: what others can read already is not denied from memory.
func TestBetween(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d := &sqliteDialect{count: new(atomic.Int64)}
	if err := d.open(ctx, filepath.Join(t.TempDir(), "typecase.db")); err != nil {
		t.Fatal(err)
	}
	committed := func() {}
	s := newStore(announcing{d, &committed}, d.count)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	env := newEnvironment(t, s)
	mustUpdate(t, s, env, putEntry(env, "a"))
	look := func() {
		if heads, err := s.List(ctx, env, cms.KindEntry, "", 10); err != nil {
			t.Errorf("%v, %v", heads, err)
		}
	}
	run := false
	committed = func() {
		run = true
		before := s.Statements()
		if at, err := s.Position(ctx, env); at.Seq != 1 || err != nil || s.Statements() != before {
			t.Errorf("while nobody has seen more: position %v, %v", at, err)
		}
		look()
		if at, err := s.Position(ctx, env); at.Seq != 2 || err != nil {
			t.Errorf("position %v, %v", at, err)
		}
	}
	mustUpdate(t, s, env, putEntry(env, "b"))
	committed = func() {
		heads, err := s.GetMany(ctx, env, cms.KindEntry, []string{"b", "c"})
		if len(heads) != 2 || err != nil {
			t.Errorf("%v, %v", heads, err)
		}
		if changes, err := s.Changes(ctx, env, 2, 10); len(changes) != 1 || err != nil {
			t.Errorf("changes %v, %v", changes, err)
		}
	}
	mustUpdate(t, s, env, putEntry(env, "c"))
	committed = func() {
		look()
		if h, err := s.Get(ctx, env, cms.KindEntry, "a"); h.Version != 2 || err != nil {
			t.Errorf("%v, %v", h, err)
		}
	}
	mustUpdate(t, s, env, saveEntry(env, "a"))
	committed = func() {
		look()
		if at, err := s.Position(ctx, env); !fault.Is(err, fault.NotFound) {
			t.Errorf("a scope that is gone is at %v, %v", at, err)
		}
	}
	mustUpdate(t, s, env, func(tx store.Tx) error { return tx.DropScope(ctx, env) })
	committed = func() {}
	if !run {
		t.Error("nobody asked")
	}
}

// TestKnownIsSmall: an id that is a part of a long text does not keep that in memory.
func TestKnownIsSmall(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		ctx := context.Background()
		long := "id" + strings.Repeat("x", 1000)
		id, other := long[:2], long[2:4]
		mustUpdate(t, s, env, func(tx store.Tx) error {
			if _, err := tx.Get(ctx, env, cms.KindEntry, other); !fault.Is(err, fault.NotFound) {
				return err
			}
			h, err := tx.Put(ctx, newEntry(env, id))
			if err != nil {
				return err
			}
			h.ID, h.Version = id, 2
			_, err = tx.Put(ctx, store.Write{Head: h, Was: 1, Action: store.Save})
			return err
		})
		mustUpdate(t, s, env, func(tx store.Tx) error {
			return tx.Delete(ctx, env, cms.KindEntry, id, 2, "ann", newEntry(env, id).At)
		})
		kept := func(what, text string) {
			if p := unsafe.StringData(text); p == unsafe.StringData(id) || p == unsafe.StringData(other) {
				t.Errorf("%s keep all of the text", what)
			}
		}
		for k, h := range s.recent.young {
			kept("keys", k.id)
			kept("heads", h.ID)
		}
		for _, c := range s.recent.scopes[env].log {
			kept("changes", c.ID)
		}
		if len(s.recent.young) < 2 || len(s.recent.scopes[env].log) != 3 {
			t.Error("nothing is kept")
		}
	})
}
