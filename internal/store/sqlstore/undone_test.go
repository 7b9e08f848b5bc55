package sqlstore

import (
	"context"
	"errors"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// TestDropInVain: a write that drops a scope and fails leaves to those that share
// its transaction, and to all after it, what they know of the scope.
func TestDropInVain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		ctx := context.Background()
		mustUpdate(t, s, env, putEntry(env, "a"))
		save := func(tx store.Tx) error {
			h, err := tx.Get(ctx, env, cms.KindEntry, "a")
			if err != nil {
				return err
			}
			h.Version++
			_, err = tx.Put(ctx, store.Write{Head: h, Was: h.Version - 1, Body: []byte("{}"), Action: store.Save})
			return err
		}
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
