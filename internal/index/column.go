package index

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
)

// columnKey names a column of a partition. Members of sys are the same in both
// stages and are kept under Draft.
type columnKey struct {
	stage cms.Stage
	col   query.Column
	text  bool // for Match: lower-case texts instead of values
}

func keyOf(stage cms.Stage, c query.Column, op query.Op) columnKey {
	if c.Source == query.SourceSys {
		stage = cms.Draft
	}
	return columnKey{stage, c, op == query.Match}
}

// column is what the entities of a partition have in a query.Column, arranged
// for searching. Writers of a column exclude its readers.
type column interface {
	// load sets an entity's values in a column that is being made; seal ends that.
	load(ord uint32, vs query.Values)
	seal(id func(uint32) string)
	// put replaces an entity's values.
	put(ord uint32, vs query.Values)
	// narrow removes from the candidates those that do not fulfil a condition.
	narrow(c *query.Cond, candidates bitset)
	// compare orders two entities, a of this column and b of the same column in
	// another partition; those without a value come last.
	compare(a uint32, other column, b uint32, desc bool) int
	// bytes is the memory held, estimated.
	bytes() int64
	// lastUse is when the column was last needed, as ticks of the index.
	lastUse() *atomic.Int64
}

type uses struct{ tick atomic.Int64 }

func (u *uses) lastUse() *atomic.Int64 { return &u.tick }

// newColumn makes an empty column for p; id gives the ids of ordinals.
func newColumn(k columnKey, id func(uint32) string) column {
	switch {
	case k.text:
		return &texts{}
	case k.col.Type == query.Location:
		return &points{at: map[uint32][]query.Value{}}
	case k.col.Type == query.String:
		return &values[string]{id: id, of: func(v query.Value) string { return v.Str }, size: func(s string) int64 { return int64(len(s)) + 16 }}
	default:
		return &values[float64]{id: id, of: func(v query.Value) float64 { return v.Num }, size: func(float64) int64 { return 8 }}
	}
}

// values is a column of strings or numbers.
type values[K cmp.Ordered] struct {
	uses
	id     func(uint32) string
	of     func(query.Value) K
	size   func(K) int64
	set    bitset         // a value is set: exists
	has    bitset         // there is at least one value
	first  []K            // the first value, by ordinal
	more   map[uint32][]K // the other ones
	sorted sorted[K]
	fresh  []pair[K] // loaded, not sorted yet
	held   int64
}

func (v *values[K]) keys(vs query.Values) []K {
	var keys []K
	for _, x := range vs.List {
		if k := v.of(x); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// current is what an entity has now.
func (v *values[K]) current(ord uint32) []K {
	if !v.has.has(ord) {
		return nil
	}
	return append([]K{v.first[ord]}, v.more[ord]...)
}

// assign notes an entity's keys everywhere but in the sorted array.
func (v *values[K]) assign(ord uint32, set bool, keys []K) {
	v.set.put(ord, set)
	v.has.put(ord, len(keys) > 0)
	delete(v.more, ord)
	if len(keys) == 0 {
		if int(ord) < len(v.first) {
			var none K
			v.first[ord] = none
		}
		return
	}
	if n := int(ord) + 1 - len(v.first); n > 0 {
		v.first = append(v.first, make([]K, n)...)
	}
	v.first[ord] = keys[0]
	if len(keys) > 1 {
		if v.more == nil {
			v.more = map[uint32][]K{}
		}
		v.more[ord] = slices.Clone(keys[1:])
	}
}

func (v *values[K]) load(ord uint32, vs query.Values) {
	keys := v.keys(vs)
	v.assign(ord, vs.Set, keys)
	for _, k := range keys {
		v.fresh = append(v.fresh, pair[K]{k, ord})
		v.held += 2*v.size(k) + 8
	}
}

func (v *values[K]) seal(id func(uint32) string) {
	v.sorted.fill(v.fresh, v.id)
	v.fresh = nil
	v.id = id
}

func (v *values[K]) put(ord uint32, vs query.Values) {
	old, keys := v.current(ord), v.keys(vs)
	if !slices.Equal(old, keys) {
		for _, k := range old {
			v.sorted.remove(pair[K]{k, ord}, v.id)
			v.held -= 2*v.size(k) + 8
		}
		for _, k := range keys {
			v.sorted.insert(pair[K]{k, ord}, v.id)
			v.held += 2*v.size(k) + 8
		}
	}
	v.assign(ord, vs.Set, keys)
}

func (v *values[K]) bytes() int64 {
	return v.held + int64(len(v.set)+len(v.has))*8 + 256
}

func (v *values[K]) narrow(c *query.Cond, candidates bitset) {
	arg := func() K { return v.of(c.Args[0]) }
	switch c.Op {
	case query.Exists:
		if c.Args[0].Num == 1 {
			candidates.and(v.set)
		} else {
			candidates.without(v.set)
		}
	case query.Equals:
		candidates.and(v.equal(c.Args...))
	case query.In:
		candidates.and(v.equal(c.Args...))
	case query.Ne, query.Nin:
		candidates.without(v.equal(c.Args...))
	case query.All:
		for _, a := range c.Args {
			candidates.and(v.equal(a))
		}
	case query.Lt:
		candidates.and(v.span(at{}, v.sorted.lower(arg())))
	case query.Lte:
		candidates.and(v.span(at{}, v.sorted.upper(arg())))
	case query.Gt:
		candidates.and(v.span(v.sorted.upper(arg()), v.sorted.end()))
	case query.Gte:
		candidates.and(v.span(v.sorted.lower(arg()), v.sorted.end()))
	}
}

// equal is the entities that have at least one of the values.
func (v *values[K]) equal(args ...query.Value) bitset {
	var found bitset
	for _, a := range args {
		k := v.of(a)
		v.sorted.between(v.sorted.lower(k), v.sorted.upper(k), func(p pair[K]) { found.add(p.ord) })
	}
	return found
}

func (v *values[K]) span(from, to at) bitset {
	found := make(bitset, len(v.has))
	v.sorted.between(from, to, func(p pair[K]) { found.add(p.ord) })
	return found
}

func (v *values[K]) compare(a uint32, other column, b uint32, desc bool) int {
	o := other.(*values[K])
	hasA, hasB := v.has.has(a), o.has.has(b)
	switch {
	case !hasA && !hasB:
		return 0
	case !hasA:
		return 1
	case !hasB:
		return -1
	case desc:
		return cmp.Compare(o.first[b], v.first[a])
	}
	return cmp.Compare(v.first[a], o.first[b])
}

// texts is a column for Match: every text of an entity in lower case, with a
// NUL between two.
type texts struct {
	uses
	has  bitset
	text []string
	held int64
}

func (t *texts) load(ord uint32, vs query.Values) { t.put(ord, vs) }
func (t *texts) seal(func(uint32) string)         {}

func (t *texts) put(ord uint32, vs query.Values) {
	if n := int(ord) + 1 - len(t.text); n > 0 {
		t.text = append(t.text, make([]string, n)...)
	}
	all := make([]string, len(vs.List))
	for i, v := range vs.List {
		all[i] = strings.ToLower(v.Str)
	}
	joined := strings.Join(all, "\x00")
	t.held += int64(len(joined) - len(t.text[ord]))
	t.text[ord] = joined
	t.has.put(ord, len(all) > 0)
}

func (t *texts) narrow(c *query.Cond, candidates bitset) {
	candidates.and(t.has)
	candidates.each(func(ord uint32) bool {
		for _, w := range c.Args {
			if !strings.Contains(t.text[ord], w.Str) {
				candidates.remove(ord)
				break
			}
		}
		return true
	})
}

func (t *texts) compare(uint32, column, uint32, bool) int { return 0 } // texts have no order
func (t *texts) bytes() int64                             { return t.held + int64(len(t.text))*16 + 256 }

// points is a column of locations.
type points struct {
	uses
	set bitset
	at  map[uint32][]query.Value
}

func (p *points) load(ord uint32, vs query.Values) { p.put(ord, vs) }
func (p *points) seal(func(uint32) string)         {}

func (p *points) put(ord uint32, vs query.Values) {
	p.set.put(ord, vs.Set)
	if len(vs.List) == 0 {
		delete(p.at, ord)
	} else {
		p.at[ord] = vs.List
	}
}

func (p *points) narrow(c *query.Cond, candidates bitset) {
	if c.Op == query.Exists {
		if c.Args[0].Num == 1 {
			candidates.and(p.set)
		} else {
			candidates.without(p.set)
		}
		return
	}
	candidates.each(func(ord uint32) bool {
		if !c.Holds(query.Values{Set: true, List: p.at[ord]}) {
			candidates.remove(ord)
		}
		return true
	})
}

func (p *points) compare(uint32, column, uint32, bool) int { return 0 } // see distances
func (p *points) bytes() int64                             { return int64(len(p.at))*100 + 256 }

// distances is a column made for one query: how far each entity is from a point.
func distances(p *points, from query.Value, candidates bitset) column {
	d := newColumn(columnKey{col: query.Column{Type: query.Number}}, nil).(*values[float64])
	candidates.each(func(ord uint32) bool {
		if at := p.at[ord]; len(at) > 0 {
			d.assign(ord, true, []float64{query.Nearest(from, at)})
		}
		return true
	})
	return d
}
