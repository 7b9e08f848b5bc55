package index

import (
	"cmp"

	"github.com/typecase/typecase/internal/query"
)

// window is the part of the ordered matches that a query asks for; limit is not
// positive when there is none.
func window(q *query.Query, results []result, total int) (skip, limit int) {
	skip, limit = q.Skip, q.Limit
	switch {
	case q.Limit == 0:
	case q.After != nil:
		skip = rank(results, q.After, 0)
	case q.Before != nil:
		end := rank(results, q.Before, -1)
		skip = max(0, end-q.Limit)
		limit = end - skip
	}
	return skip, min(limit, total-skip)
}

// rank is how many matches come before a position or, when most is 0, at it.
func rank(results []result, p *query.Position, most int) int {
	n := 0
	for i := range results {
		r := &results[i]
		r.found.each(func(ord uint32) bool {
			if r.compareTo(ord, p) <= most {
				n++
			}
			return true
		})
	}
	return n
}

func (r *result) compareTo(ord uint32, p *query.Position) int {
	for i, k := range r.order {
		if c := k.col.compareKey(ord, p.Keys[i], k.desc); c != 0 {
			return c
		}
	}
	return cmp.Compare(r.part.id(ord), p.ID)
}

// position is where a match stands in the order.
func (h hit) position() *query.Position {
	p := &query.Position{ID: h.part.id(h.ord)}
	for _, k := range h.order {
		p.Keys = append(p.Keys, k.col.key(h.ord))
	}
	return p
}
