package index

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestSorted compares a sorted array with a plain slice through enough random
// changes to split and empty blocks.
func TestSorted(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	ids := make([]string, 4000)
	for i := range ids {
		ids[i] = fmt.Sprintf("%d", rnd.Uint32())
	}
	id := func(ord uint32) string { return ids[ord] }
	less := func(a, b pair[float64]) int { return comparePairs(a, b, id) }
	var model []pair[float64]
	for ord := range uint32(1500) {
		model = append(model, pair[float64]{float64(rnd.IntN(40)), ord})
	}
	var s sorted[float64]
	s.fill(slices.Clone(model), id)
	slices.SortFunc(model, less)
	next := uint32(1500)
	grow := true
	for step := range 6000 {
		if step%2500 == 2499 {
			grow = !grow
		}
		if len(model) == 0 || grow && int(next) < len(ids) && rnd.IntN(5) > 0 {
			p := pair[float64]{float64(rnd.IntN(40)), next}
			next++
			i, _ := slices.BinarySearchFunc(model, p, less)
			model = slices.Insert(model, i, p)
			s.insert(p, id)
		} else {
			i := rnd.IntN(len(model))
			s.remove(model[i], id)
			model = slices.Delete(model, i, i+1)
		}
		if step%200 == 0 {
			checkSorted(t, &s, model, id)
		}
	}
	checkSorted(t, &s, model, id)
	for _, p := range slices.Clone(model) {
		s.remove(p, id)
	}
	if len(s.blocks) != 0 {
		t.Errorf("%d blocks are left", len(s.blocks))
	}
}

func checkSorted(t *testing.T, s *sorted[float64], model []pair[float64], id func(uint32) string) {
	t.Helper()
	for _, block := range s.blocks {
		if len(block) == 0 || len(block) >= blockSize {
			t.Fatalf("a block has %d pairs", len(block))
		}
	}
	ords := func(keep func(pair[float64]) bool) (out []uint32) {
		for _, p := range model {
			if keep(p) {
				out = append(out, p.ord)
			}
		}
		return out
	}
	for key := -1.0; key < 42; key += 0.5 {
		for name, span := range map[string]struct {
			from, to at
			keep     func(pair[float64]) bool
		}{
			"equal":   {s.lower(key), s.upper(key), func(p pair[float64]) bool { return p.key == key }},
			"less":    {at{}, s.lower(key), func(p pair[float64]) bool { return p.key < key }},
			"greater": {s.upper(key), s.end(), func(p pair[float64]) bool { return p.key > key }},
		} {
			var got []uint32
			s.between(span.from, span.to, func(p pair[float64]) { got = append(got, p.ord) })
			if want := ords(span.keep); !slices.Equal(want, got) {
				t.Fatalf("%s %v: %s", name, key, gocmp.Diff(want, got))
			}
		}
	}
	for _, desc := range []bool{false, true} {
		var got []uint32
		s.groups(desc, func(_ float64, group []uint32) bool { got = append(got, group...); return true })
		want := slices.Clone(model)
		if desc {
			slices.SortFunc(want, func(a, b pair[float64]) int {
				return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(id(a.ord), id(b.ord)))
			})
		}
		for i, p := range want {
			if got[i] != p.ord {
				t.Fatalf("desc %v: ordinal %d at %d, want %d", desc, got[i], i, p.ord)
			}
		}
	}
}
