package index

import (
	"sync/atomic"

	"github.com/typecase/typecase/internal/query"
)

// columnKey names a column of a partition.
type columnKey struct {
	col  query.Column
	text bool // for Match: lower-case texts instead of values
}

// column is what the entities of a partition have in a query.Column, arranged
// for searching. An entity is a resource as one of its bodies shows it, known by
// its ordinal. Writers of a column exclude its readers.
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
	// key is what an entity is ordered by, nil without a value; compareKey orders
	// an entity and such a key.
	key(ord uint32) *query.Value
	compareKey(ord uint32, key *query.Value, desc bool) int
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
		return &values[string]{
			id: id, of: func(v query.Value) string { return v.Str }, value: func(s string) query.Value { return query.Value{Str: s} },
			size: func(s string) int64 { return int64(len(s)) + 16 },
		}
	default:
		return &values[float64]{
			id: id, of: func(v query.Value) float64 { return v.Num }, value: func(n float64) query.Value { return query.Value{Num: n} },
			size: func(float64) int64 { return 8 },
		}
	}
}
