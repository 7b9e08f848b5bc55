package query

import (
	"cmp"
	"slices"

	"github.com/typecase/typecase/internal/cms"
)

// Lookup finds an entry in the stage a query looks at; ok is false when it does
// not exist there.
type Lookup func(id string) (e *Entity, ok bool)

// Match is the definition of a query's conditions, judged on one entity of its
// kind. lookup is for searches on references.
func (q *Query) Match(e *Entity, m *cms.Model, lookup Lookup) bool {
	if q.ArchivedOut && e.Sys.Archived() {
		return false
	}
	if q.ContentType != "" && e.Sys.ContentType != q.ContentType {
		return false
	}
	return matchAll(q.Conds, e, m, func(id string) (*Entity, bool) {
		t, ok := lookup(id)
		return t, ok && !(q.ArchivedOut && t.Sys.Archived())
	})
}

func matchAll(conds []Cond, e *Entity, m *cms.Model, lookup Lookup) bool {
	for i := range conds {
		if !conds[i].match(e, m, lookup) {
			return false
		}
	}
	return true
}

func (c *Cond) match(e *Entity, m *cms.Model, lookup Lookup) bool {
	vs := c.Column.Values(e, m)
	if c.Ref == nil {
		return c.Holds(vs)
	}
	return slices.ContainsFunc(vs.List, func(v Value) bool {
		t, ok := lookup(v.Str)
		return ok && t.Sys.ContentType == c.Ref.ContentType && matchAll(c.Ref.Conds, t, m, lookup)
	})
}

// Holds reports whether a condition that is no search on references is
// fulfilled by what an entity has in its column.
func (c *Cond) Holds(vs Values) bool {
	return operators[c.Op].match(c.Column.Type, vs, c.Args)
}

// Compare is the definition of a query's order: negative when a comes before b.
func (q *Query) Compare(a, b *Entity, m *cms.Model) int {
	return q.CompareTo(a, q.Position(b, m), m)
}

// Position is where an entity stands in the order.
func (q *Query) Position(e *Entity, m *cms.Model) *Position {
	p := &Position{ID: e.Sys.ID}
	for _, o := range q.Order {
		p.Keys = append(p.Keys, o.key(o.Column.Values(e, m)))
	}
	return p
}

// CompareTo is Compare of an entity with a position.
func (q *Query) CompareTo(e *Entity, p *Position, m *cms.Model) int {
	for i, o := range q.Order {
		if c := o.compareKeys(o.key(o.Column.Values(e, m)), p.Keys[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(e.Sys.ID, p.ID)
}

// key is what an entity is ordered by; nil without a value.
func (o *Order) key(vs Values) *Value {
	switch {
	case len(vs.List) == 0:
		return nil
	case o.Near != nil:
		return &Value{Num: Nearest(*o.Near, vs.List)}
	}
	return &vs.List[0]
}

func (o *Order) compareKeys(a, b *Value) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	case o.Near != nil:
		return cmp.Compare(a.Num, b.Num)
	case o.Desc:
		return o.Column.Type.Compare(*b, *a)
	}
	return o.Column.Type.Compare(*a, *b)
}

// Nearest is the distance in kilometres from a point to the nearest of some
// locations, of which there is at least one.
func Nearest(from Value, locations []Value) float64 {
	d := Distance(from, locations[0])
	for _, l := range locations[1:] {
		d = min(d, Distance(from, l))
	}
	return d
}
