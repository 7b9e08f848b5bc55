package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// setKeys sets an owner's keys in a transaction of its own.
func setKeys(t testing.TB, st store.Store, s store.Scope, owner string, keys ...store.Key) []store.Conflict {
	t.Helper()
	var conflicts []store.Conflict
	err := st.Update(t.Context(), s, func(tx store.Tx) (err error) {
		conflicts, err = tx.SetKeys(t.Context(), s, owner, keys)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return conflicts
}

func testKeys(w *world) {
	ctx := w.Context()
	x, y, z := store.Key{Space: "slug", Value: "x"}, store.Key{Space: "slug", Value: "y"}, store.Key{Space: "slug", Value: "z"}
	owners := func(want ...string) {
		w.Helper()
		for i, k := range []store.Key{x, y, z} {
			if owner, err := w.Owner(ctx, w.env, k); owner != want[i] || err != nil {
				w.Errorf("owner of %v: %q, %v, want %q", k, owner, err, want[i])
			}
		}
		all := map[store.Key]string{}
		for i, k := range []store.Key{x, y, z} {
			if want[i] != "" {
				all[k] = want[i]
			}
		}
		got, err := w.Owners(ctx, w.env, []store.Key{z, y, x, y, {Space: "slug", Value: "free"}, {Space: "none", Value: "x"}, {Space: "\xff", Value: "x"}})
		if err != nil {
			w.Error(err)
		}
		same(w, "owners", got, all)
	}
	set := func(owner string, keys ...store.Key) {
		w.Helper()
		if conflicts := setKeys(w, w, w.env, owner, keys...); conflicts != nil {
			w.Errorf("conflicts: %v", conflicts)
		}
	}
	owners("", "", "")
	set("Entry/a", x, y)
	owners("Entry/a", "Entry/a", "")
	set("Entry/a", x, y) // its own
	set("Entry/a", y, z, z)
	owners("", "Entry/a", "Entry/a")
	set("Entry/b", x)
	owners("Entry/b", "Entry/a", "Entry/a")

	// A conflict changes nothing, and all are told.
	conflicts := setKeys(w, w, w.env, "Entry/b", x, z, y)
	same(w, "conflicts", conflicts, []store.Conflict{{Key: z, Owner: "Entry/a"}, {Key: y, Owner: "Entry/a"}})
	owners("Entry/b", "Entry/a", "Entry/a")

	// The same value in another space or scope is another key.
	set("Entry/b", x, store.Key{Space: "title", Value: "y"})
	other := w.newEnvironment(w.space)
	if conflicts := setKeys(w, w, other, "Entry/c", x, y, z); conflicts != nil {
		w.Errorf("conflicts with another scope: %v", conflicts)
	}
	// A key moves from one owner to another in one transaction.
	w.update(w.env, func(tx store.Tx) error {
		for owner, keys := range map[string][]store.Key{"Entry/a": nil, "Entry/none": nil} {
			if conflicts, err := tx.SetKeys(ctx, w.env, owner, keys); err != nil || conflicts != nil {
				return fmt.Errorf("%v, %w", conflicts, err)
			}
		}
		conflicts, err := tx.SetKeys(ctx, w.env, "Entry/d", []store.Key{y, z})
		if conflicts != nil {
			w.Errorf("conflicts after the keys were given up: %v", conflicts)
		}
		return err
	})
	owners("Entry/b", "Entry/d", "Entry/d")

	// A resource that goes takes its keys along, and nobody else's.
	w.put(create(w.env, "d"))
	w.update(w.env, func(tx store.Tx) error { return tx.Delete(ctx, w.env, cms.KindEntry, "d", 1, "ann", now) })
	owners("Entry/b", "", "")
}

// testKeyValues: values are bytes of any length, each different from all others.
func testKeyValues(w *world) {
	long := strings.Repeat("long ", 2000)
	values := []string{"", "a", "A", "a ", "a\x00", "a\x00b", "\x00", "\xff\xfe", "é", "e\u0301", "é\xc3", long, long + "a", long + "b", "a" + long, long[1:]}
	for n := range 14 { // around every limit there may be
		values = append(values, strings.Repeat("n", 256<<n-1), strings.Repeat("n", 256<<n), strings.Repeat("n", 256<<n+1))
	}
	seen := map[string]string{}
	for i, v := range values {
		k := store.Key{Space: "v", Value: v}
		owner, expected := fmt.Sprintf("o/%d", i), seen[v]
		if got, err := w.Owner(w.Context(), w.env, k); got != expected || err != nil {
			w.Errorf("value %d belongs to %q, %v, want %q", i, got, err, expected)
		}
		conflicts := setKeys(w, w, w.env, owner, k)
		if expected != "" {
			same(w, "conflict", conflicts, []store.Conflict{{Key: k, Owner: expected}})
			continue
		}
		if conflicts != nil {
			w.Errorf("value %d conflicts: %.100v", i, conflicts)
		}
		seen[v] = owner
	}
	all, want := []store.Key{{Space: "v", Value: "free"}}, map[store.Key]string{}
	for v, owner := range seen {
		all, want[store.Key{Space: "v", Value: v}] = append(all, store.Key{Space: "v", Value: v}), owner
	}
	owners, err := w.Owners(w.Context(), w.env, all)
	if err != nil {
		w.Error(err)
	}
	same(w, "owners of all values", owners, want)
	for v, owner := range seen {
		if got, err := w.Owner(w.Context(), w.env, store.Key{Space: "v", Value: v}); got != owner || err != nil {
			w.Errorf("value %.10q belongs to %q, %v, want %q", v, got, err, owner)
		}
	}
}

func testKeysUnderConcurrency(w *world) { checkKeys(w.T, w.env, w.Store) }

// checkKeys lets many claim the same keys on all stores: each has one owner.
func checkKeys(t *testing.T, s store.Scope, stores ...store.Store) {
	const claimants, keys = 8, 15
	won := make([]map[int]bool, claimants*len(stores))
	parallel(t, len(won), func(i int) error {
		won[i] = map[int]bool{}
		st, owner := stores[i%len(stores)], fmt.Sprintf("Entry/%d", i)
		held := []store.Key{}
		for n := range keys {
			claim := append(held[:len(held):len(held)], store.Key{Space: "slug", Value: fmt.Sprint(n)})
			var conflicts []store.Conflict
			err := st.Update(t.Context(), s, func(tx store.Tx) (err error) {
				conflicts, err = tx.SetKeys(t.Context(), s, owner, claim)
				return err
			})
			switch {
			case err != nil:
				return err
			case conflicts == nil:
				won[i][n], held = true, claim
			case len(conflicts) != 1 || conflicts[0].Owner == owner || conflicts[0].Owner == "":
				return fmt.Errorf("conflicts %v", conflicts)
			}
		}
		return nil
	})
	for n := range keys {
		owner, err := stores[0].Owner(t.Context(), s, store.Key{Space: "slug", Value: fmt.Sprint(n)})
		if err != nil {
			t.Fatal(err)
		}
		winners := 0
		for i := range won {
			if won[i][n] {
				winners++
				if owner != fmt.Sprintf("Entry/%d", i) {
					t.Errorf("key %d was given to %d and belongs to %s", n, i, owner)
				}
			}
		}
		if winners != 1 {
			t.Errorf("key %d was given to %d owners", n, winners)
		}
	}
}
