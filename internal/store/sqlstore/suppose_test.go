package sqlstore

import (
	"errors"
	"fmt"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// writeAlone makes as many changes of a scope as it takes to suppose that nobody else
// makes any.
func writeAlone(t *testing.T, s *Store, env store.Scope) {
	t.Helper()
	at, err := s.Position(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, s, env, putEntry(env, fmt.Sprintf("%d", at.Seq)))
	mustUpdate(t, s, env, func(tx store.Tx) error {
		for i := range ownChanges {
			if err := putEntry(env, fmt.Sprintf("%d-%d", at.Seq, i))(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestSupposeNothing: where nobody else can write there is nothing to suppose, and a
// closed store supposes nothing.
func TestSupposeNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		writeAlone(t, s, env)
		p := s.Suppose(env)
		if (p == nil) != s.d.sole() {
			t.Errorf("it supposes %v", p)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if s.Suppose(env) != nil || p != nil && s.Confirm(t.Context(), p) {
			t.Error("a closed store supposes something")
		}
	})
}

// TestSupposeBetween: what somebody has read of a commit that is not noted yet is not
// supposed away.
func TestSupposeBetween(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d, err := openPostgres(ctx, pgtest.URL(t))
	if err != nil {
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
	writeAlone(t, s, env)
	var before *store.Supposition
	committed = func() {
		if before = s.Suppose(env); before == nil {
			t.Error("while nobody has seen more it supposes nothing")
		}
		if heads, err := s.GetMany(ctx, env, cms.KindEntry, []string{"b"}); len(heads) != 1 || err != nil {
			t.Errorf("%v, %v", heads, err)
		}
		if p := s.Suppose(env); p != nil {
			t.Errorf("when somebody has seen more it supposes %v", p.Position)
		}
	}
	mustUpdate(t, s, env, putEntry(env, "b"))
	committed = func() {}
	if p := s.Suppose(env); p == nil || p.Seq != before.Seq+1 {
		t.Errorf("it supposes %v after %v", p, before)
	}
	if s.Confirm(ctx, before) { // another process may have shown it to somebody meanwhile
		t.Error("what was found out before the commit was noted is confirmed afterwards")
	}
	if err := s.Update(store.Supposing(ctx, before), env, putEntry(env, "c")); err != nil || !before.Checked() {
		t.Errorf("its own change has made it wrong: %v", err)
	}
}

// TestSupposeAfterFailure: after a failure of the database its changes are not known
// to be this process's, nor that it has kept all of them.
func TestSupposeAfterFailure(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), pgtest.URL(t)
	s, other := opened(t, OpenPostgres, url), opened(t, OpenPostgres, url)
	env := newEnvironment(t, s)
	lose := func(tx store.Tx) error {
		return execute(tx, fmt.Sprintf("UPDATE scope SET seq = seq - 1 WHERE id = %d", env))
	}
	for _, test := range []struct {
		name string
		then func()
	}{
		{"it failed, and another process wrote", func() {
			if err := s.Update(ctx, env, func(tx store.Tx) error { return execute(tx, "nonsense") }); err == nil {
				t.Error("nonsense was written")
			}
			mustUpdate(t, other, env, putEntry(env, "b"))
		}},
		{"it has lost what came later", func() {
			mustUpdate(t, s, env, putEntry(env, "c"))
			mustUpdate(t, other, store.Server, lose)
		}},
	} {
		writeAlone(t, s, env)
		p := s.Suppose(env)
		if p == nil {
			t.Fatalf("%s: it supposes nothing", test.name)
		}
		test.then()
		if s.Confirm(ctx, p) {
			t.Errorf("%s: it was right", test.name)
		}
		err := s.Update(store.Supposing(ctx, p), env, func(store.Tx) error { return nil })
		if !errors.Is(err, store.ErrSupposed) || p.Checked() {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestOwnChanges: whose changes those of a scope are.
func TestOwnChanges(t *testing.T) {
	t.Parallel()
	const env = store.Scope(2)
	r := newRecent()
	own := func(after, seq int64, want bool) {
		t.Helper()
		if r.own(env, after, seq) != want {
			t.Errorf("from %d to %d: %v", after, seq, !want)
		}
	}
	own(0, 0, false)
	r.read(r.forgotten.Load(), env, store.Position{Seq: 7})
	own(7, 7, true)
	own(6, 7, false)
	own(8, 7, false)
	r.moved(env, to(7, 9), nil, nil)
	own(7, 9, true)
	own(6, 9, false)
	own(7, 7, false)
	r.moved(env, to(10, 11), nil, nil)
	own(10, 11, false)
	own(11, 11, true)
	r.forget(env)
	own(11, 11, false)
	r.read(r.forgotten.Load(), env, store.Position{Seq: 20})
	own(11, 20, false)
}
