package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/query"
)

// TestTextsEqualDefinition holds the inverted index against the definition of
// Match while texts come, change and go, often enough to be written anew.
func TestTextsEqualDefinition(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "ab", "Ba", "É", "ß", "İ", " ", " ", "\t", "\u00a0", "-", ".", "\x00", "日本", "x"}
	text := func(most int) string {
		var b strings.Builder
		for range rnd.IntN(most) {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
		}
		return b.String()
	}
	col, truth := &texts{}, map[uint32]query.Values{}
	renumbered := 0
	for round := range 6000 {
		ord := uint32(rnd.IntN(300))
		vs := query.Values{}
		for range rnd.IntN(4) {
			vs.List = append(vs.List, query.Value{Str: text(12)})
		}
		before := len(col.notes)
		col.put(ord, vs)
		truth[ord] = vs
		if len(col.notes) < before {
			renumbered++
		}
		if round%20 != 0 {
			continue
		}
		c := query.Cond{Op: query.Match}
		asked := strings.ToLower(strings.ReplaceAll(text(6), "\x00", " "))
		for _, w := range strings.Fields(asked) {
			c.Args = append(c.Args, query.Value{Str: w})
		}
		var candidates bitset
		want := []uint32{}
		for ord := range uint32(300) {
			candidates.add(ord)
			if c.Holds(truth[ord]) {
				want = append(want, ord)
			}
		}
		col.narrow(&c, candidates)
		if diff := cmp.Diff(want, candidates.list(0)); diff != "" {
			t.Fatalf("round %d, %q (-want +got):\n%s", round, asked, diff)
		}
	}
	if renumbered < 2 {
		t.Errorf("the lists were written anew %d times", renumbered)
	}
	if n := len(col.notes); n > 2*300+minStrike+1 {
		t.Errorf("%d notes of 300 entities", n)
	}
}

// BenchmarkTexts is 100,000 texts of about 2 KB.
func BenchmarkTexts(b *testing.B) {
	const entities = 100_000
	rnd := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rnd, 1.1, 10, 80_000)
	text := func() query.Values {
		var s strings.Builder
		for range 300 {
			fmt.Fprintf(&s, "word%x ", zipf.Uint64())
		}
		return query.Values{Set: true, List: []query.Value{{Str: s.String()}}}
	}
	all := make([]query.Values, 2000)
	for i := range all {
		all[i] = text()
	}
	col := &texts{}
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			col = &texts{}
			for ord := range uint32(entities) {
				col.load(ord, all[rnd.IntN(len(all))])
			}
		}
		b.ReportMetric(float64(col.bytes())/entities, "bytes/entity")
		b.ReportMetric(float64(len(col.words.lists)), "words")
	})
	for _, part := range []string{"word1", "word1f3", "d4a7b", "ord", "nothing", "e1"} {
		b.Run(part, func(b *testing.B) {
			b.ReportAllocs()
			c, found := query.Cond{Op: query.Match, Args: []query.Value{{Str: part}}}, 0
			for b.Loop() {
				candidates := col.has.clone()
				col.narrow(&c, candidates)
				found = candidates.count()
			}
			b.ReportMetric(float64(found), "found")
		})
	}
	b.Run("put", func(b *testing.B) {
		for b.Loop() {
			col.put(uint32(rnd.IntN(entities)), all[rnd.IntN(len(all))])
		}
	})
}
