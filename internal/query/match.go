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
	for _, o := range q.Order {
		if c := o.compare(o.Column.Values(a, m), o.Column.Values(b, m)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Sys.ID, b.Sys.ID)
}

func (o *Order) compare(a, b Values) int {
	switch {
	case len(a.List) == 0 && len(b.List) == 0:
		return 0
	case len(a.List) == 0:
		return 1
	case len(b.List) == 0:
		return -1
	case o.Near != nil:
		return cmp.Compare(Nearest(*o.Near, a.List), Nearest(*o.Near, b.List))
	case o.Desc:
		return o.Column.Type.Compare(b.List[0], a.List[0])
	}
	return o.Column.Type.Compare(a.List[0], b.List[0])
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
