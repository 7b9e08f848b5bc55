package index

import (
	"cmp"
	"slices"

	"github.com/typecase/typecase/internal/query"
)

// values is a column of strings or numbers.
type values[K cmp.Ordered] struct {
	uses
	id     func(uint32) string
	of     func(query.Value) K
	value  func(K) query.Value
	size   func(K) int64
	set    bitset         // a value is set: exists
	has    bitset         // there is at least one value
	first  []K            // the first value, by ordinal
	more   map[uint32][]K // the other ones
	sorted sorted[K]
	fresh  []pair[K] // loaded, not sorted yet
	once   map[K]K   // while loading: equal strings take their memory once
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
	if v.once == nil {
		v.once = map[K]K{}
	}
	keys := v.keys(vs)
	for i, k := range keys {
		if same, ok := v.once[k]; ok {
			keys[i] = same
		} else {
			v.once[k] = k
		}
	}
	v.assign(ord, vs.Set, keys)
	for _, k := range keys {
		v.fresh = append(v.fresh, pair[K]{k, ord})
		v.held += 2*v.size(k) + 8
	}
}

func (v *values[K]) seal(id func(uint32) string) {
	v.sorted.fill(v.fresh, v.id)
	v.fresh, v.once = nil, nil
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
		v.keepSpan(at{}, v.sorted.lower(arg()), candidates)
	case query.Lte:
		v.keepSpan(at{}, v.sorted.upper(arg()), candidates)
	case query.Gt:
		v.keepSpan(v.sorted.upper(arg()), v.sorted.end(), candidates)
	case query.Gte:
		v.keepSpan(v.sorted.lower(arg()), v.sorted.end(), candidates)
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

// keepSpan keeps the entities with a value in a span. Of single values it looks
// at those outside when these are fewer.
func (v *values[K]) keepSpan(from, to at, candidates bitset) {
	if len(v.more) > 0 || 2*(to.b-from.b) <= len(v.sorted.blocks) {
		candidates.and(v.span(from, to))
		return
	}
	candidates.and(v.has)
	candidates.without(v.span(at{}, from))
	candidates.without(v.span(to, v.sorted.end()))
}

func (v *values[K]) span(from, to at) bitset {
	found := make(bitset, len(v.has))
	v.sorted.between(from, to, func(p pair[K]) { found.add(p.ord) })
	return found
}

func (v *values[K]) compare(a uint32, other column, b uint32, desc bool) int {
	o := other.(*values[K])
	hasA, hasB := v.has.has(a), o.has.has(b)
	if !hasA || !hasB {
		return missingLast(hasA, hasB)
	}
	return compareKeys(v.first[a], o.first[b], desc)
}

func (v *values[K]) key(ord uint32) *query.Value {
	if !v.has.has(ord) {
		return nil
	}
	k := v.value(v.first[ord])
	return &k
}

func (v *values[K]) compareKey(ord uint32, key *query.Value, desc bool) int {
	has := v.has.has(ord)
	if !has || key == nil {
		return missingLast(has, key != nil)
	}
	return compareKeys(v.first[ord], v.of(*key), desc)
}

// missingLast orders two entities of which at most one has a value.
func missingLast(hasA, hasB bool) int {
	switch {
	case hasA == hasB:
		return 0
	case hasA:
		return -1
	}
	return 1
}

func compareKeys[K cmp.Ordered](a, b K, desc bool) int {
	if desc {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}
