package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// checkAhead: what was asked ahead is what the database says. Owners, one for each
// goroutine, set and lose keys of their own, in transactions that they share with
// others, some of it in vain, and having asked ahead for some, all or none of them.
func checkAhead(t *testing.T, w *world, stores ...store.Store) {
	seed := rand.Uint64()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	inVain := errors.New("in vain")
	const owners, rounds = 8, 25
	parallel(t, owners, func(i int) error {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		st, id := stores[i%len(stores)], fmt.Sprint(i)
		owner := store.OwnerOf(cms.KindEntry, id)
		keys := make([]store.Key, 5)
		for n := range keys {
			keys[n] = store.Key{Space: []string{"slug", "title"}[n%2], Value: fmt.Sprintf("%d of %d", n, i)}
		}
		has := map[store.Key]string{}
		for range rounds {
			var ahead []store.Ahead
			if r.IntN(4) > 0 {
				a := store.Ahead{Keys: slices.Clone(keys[r.IntN(len(keys)):])}
				if r.IntN(2) > 0 {
					a.Owners = []string{owner, "Entry/nobody"}
				}
				ahead = append(ahead, a)
			}
			// What is done is decided before: the function may run again.
			sets := make([][]store.Key, 1+r.IntN(2))
			for n := range sets {
				for _, k := range keys {
					if r.IntN(3) > 0 {
						sets[n] = append(sets[n], k)
					}
				}
			}
			drops, fails := r.IntN(6) == 0, r.IntN(4) == 0
			var after map[store.Key]string
			err := st.Update(t.Context(), w.env, func(tx store.Tx) error {
				after = maps.Clone(has)
				for _, set := range sets {
					if err := checkOwners(t, tx, w.env, keys, after); err != nil {
						return err
					}
					if conflicts, err := tx.SetKeys(t.Context(), w.env, owner, set); err != nil || conflicts != nil {
						return fmt.Errorf("%v, %w", conflicts, err)
					}
					clear(after)
					for _, k := range set {
						after[k] = owner
					}
				}
				if drops {
					h, err := tx.Put(t.Context(), create(w.env, id))
					if err == nil {
						err = tx.Delete(t.Context(), w.env, cms.KindEntry, id, h.Version, "ann", now)
					}
					if err != nil {
						return err
					}
					clear(after)
				}
				if err := checkOwners(t, tx, w.env, keys, after); err != nil {
					return err
				}
				if fails {
					return inVain
				}
				return nil
			}, ahead...)
			switch {
			case err == nil:
				has = after
			case !errors.Is(err, inVain):
				return err
			}
		}
		return checkOwners(t, st, w.env, keys, has)
	})
}

// checkOwners compares who has keys, asked in both ways.
func checkOwners(t *testing.T, r store.Reader, s store.Scope, keys []store.Key, want map[store.Key]string) error {
	got, err := r.Owners(t.Context(), s, keys)
	if err != nil {
		return err
	}
	if !maps.Equal(got, want) {
		t.Errorf("owners: %v, want %v", got, want)
	}
	for _, k := range keys {
		owner, err := r.Owner(t.Context(), s, k)
		if err != nil {
			return err
		}
		if owner != want[k] {
			t.Errorf("owner of %v: %q, want %q", k, owner, want[k])
		}
	}
	return nil
}

// testAhead: what was asked ahead costs nothing when it is asked.
func testAhead(w *world) {
	checkAhead(w.T, w, w.Store)
	mine, free := store.Key{Space: "slug", Value: "mine"}, store.Key{Space: "slug", Value: "free"}
	setKeys(w, w, w.env, "Entry/a", mine)
	var n int64
	err := w.Update(w.Context(), w.env, func(tx store.Tx) error {
		before := w.Statements()
		if err := checkOwners(w.T, tx, w.env, []store.Key{mine, free}, map[store.Key]string{mine: "Entry/a"}); err != nil {
			return err
		}
		conflicts, err := tx.SetKeys(w.Context(), w.env, "Entry/a", []store.Key{mine, free})
		n = w.Statements() - before
		if conflicts != nil {
			w.Errorf("conflicts %v", conflicts)
		}
		return err
	}, store.Ahead{Keys: []store.Key{mine, free}, Owners: []string{"Entry/a"}})
	if err != nil || n != 0 {
		w.Errorf("%d statements, %v", n, err)
	}
	if err := checkOwners(w.T, w, w.env, []store.Key{mine, free}, map[store.Key]string{mine: "Entry/a", free: "Entry/a"}); err != nil {
		w.Error(err)
	}
	// Nobody has what cannot be stored.
	err = w.Update(w.Context(), w.env, func(tx store.Tx) error {
		return checkOwners(w.T, tx, w.env, []store.Key{{Space: "a\x00", Value: "x"}}, map[store.Key]string{})
	}, store.Ahead{Keys: []store.Key{{Space: "a\x00", Value: "x"}}, Owners: []string{"\xff"}})
	if err != nil {
		w.Error(err)
	}
}
