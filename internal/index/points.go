package index

import "github.com/typecase/typecase/internal/query"

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

func (p *points) compare(uint32, column, uint32, bool) int  { return 0 } // see distances
func (p *points) key(uint32) *query.Value                   { return nil }
func (p *points) compareKey(uint32, *query.Value, bool) int { return 0 }
func (p *points) bytes() int64                              { return int64(len(p.at))*100 + 256 }

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
