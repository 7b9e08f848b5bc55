package index

import (
	"context"
	"math/bits"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/turn"
)

// Page is the answer to a query.
type Page struct {
	Total int          // all matches
	Heads []store.Head // the page, in order

	// With Query.Cursor: what the page before is Before, and the next one After;
	// nil when there is none.
	Prev, Next *query.Position
}

// Search answers a query over a stage. Draft sees all resources, Published
// those that are published; kinds that are never published are the same in both.
// It asks the database only for columns that no query has needed yet.
func (e *Env) Search(ctx context.Context, stage cms.Stage, q *query.Query) (Page, error) {
	made := false
	for {
		page, missing := e.v.search(stage, q)
		if missing == nil {
			if made {
				err := e.v.x.evict(ctx, e.v)
				return page, err
			}
			return page, nil
		}
		turn.Leave(ctx) // that may take seconds
		if err := e.v.make(ctx, missing); err != nil {
			return Page{}, err
		}
		made = true
	}
}

// search is one try: the answer, or the columns it needs first.
func (v *environment) search(stage cms.Stage, q *query.Query) (Page, []request) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	s := searcher{v: v, q: q, stage: stage, tick: v.x.tick.Add(1)}
	if q.Limit == 0 {
		q := *q
		q.Order = nil
		s.q = &q
	}
	var results []result
	total := 0
	for _, p := range v.partitions(q) {
		r := result{part: p, found: s.match(p, s.q.Conds)}
		r.order = s.order(p, r.found)
		if len(s.missing) == 0 {
			r.total = r.found.count()
		}
		if r.total > 0 {
			results = append(results, r)
			total += r.total
		}
	}
	if len(s.missing) > 0 {
		return Page{}, s.missing
	}
	page := Page{Total: total}
	skip, limit := window(q, results, total)
	if limit <= 0 {
		return page, nil
	}
	hits := hitsOf(results, skip, limit)
	page.Heads = make([]store.Head, len(hits))
	for i, h := range hits {
		page.Heads[i] = h.part.heads[h.ord].full()
	}
	if q.Cursor && skip > 0 {
		page.Prev = hits[0].position()
	}
	if q.Cursor && skip+len(hits) < total {
		page.Next = hits[len(hits)-1].position()
	}
	return page, nil
}

// partitions are those a query looks into.
func (v *environment) partitions(q *query.Query) []*partition {
	t := v.kinds[q.Kind]
	if t == nil {
		return nil
	}
	if q.ContentType != "" {
		if p := t.parts[q.ContentType]; p != nil {
			return []*partition{p}
		}
		return nil
	}
	all := make([]*partition, 0, len(t.parts))
	for _, p := range t.parts {
		all = append(all, p)
	}
	return all
}

// searcher evaluates one query.
type searcher struct {
	v       *environment
	q       *query.Query
	stage   cms.Stage
	tick    int64
	missing []request
}

// column is a column of a partition; nil, and noted as missing, when it is not
// made yet.
func (s *searcher) column(p *partition, c query.Column, op query.Op) column {
	k := columnKey{c, op == query.Match}
	col := p.columns[k]
	if col == nil && op == query.Exists && c.Source == query.SourceField {
		k.col.Type = query.Opaque // without the values, which may be long texts
		col = p.columns[k]
	}
	if col == nil {
		s.missing = append(s.missing, request{p, k})
		return nil
	}
	col.lastUse().Store(s.tick)
	return col
}

// match is the entities of a partition that fulfil all conditions; what it
// returns means nothing when a column is missing.
func (s *searcher) match(p *partition, conds []query.Cond) bitset {
	found := p.live[s.stage].clone()
	if s.q.ArchivedOut {
		found.without(p.archived)
	}
	// scans come last, when few candidates are left
	for _, scans := range []bool{false, true} {
		for i := range conds {
			c := &conds[i]
			if isScan(c) == scans {
				s.narrow(p, c, found)
			}
		}
	}
	return found
}

func isScan(c *query.Cond) bool {
	return c.Op == query.Match || c.Op == query.Within || c.Op == query.Near
}

func (s *searcher) narrow(p *partition, c *query.Cond, found bitset) {
	if c.Column.Source == query.SourceSys && c.Column.Name == "id" && (c.Op == query.Equals || c.Op == query.In) {
		s.narrowToIDs(p, c.Args, found)
		return
	}
	col := s.column(p, c.Column, c.Op)
	if c.Ref != nil {
		s.narrowToReferring(p, c.Ref, col, found)
		return
	}
	if col != nil {
		col.narrow(c, found)
	}
}

// narrowToIDs needs no column: resources are found by id anyway.
func (s *searcher) narrowToIDs(p *partition, ids []query.Value, found bitset) {
	var named bitset
	for _, id := range ids {
		if h := s.v.find(p.kind, id.Str); h != nil && h.part == p && h.ords[s.stage] != nowhere {
			named.add(h.ords[s.stage])
		}
	}
	found.and(named)
}

// narrowToReferring keeps the entities that link to at least one entry which
// fulfils the conditions of a search on references.
func (s *searcher) narrowToReferring(p *partition, r *query.Ref, links column, found bitset) {
	t := s.v.kinds[cms.KindEntry]
	if t == nil || t.parts[r.ContentType] == nil {
		clear(found)
		return
	}
	targets := t.parts[r.ContentType]
	wanted := s.match(targets, r.Conds)
	if links == nil || len(s.missing) > 0 {
		return
	}
	col := links.(*values[string])
	var referring bitset
	if wanted.count() < len(col.sorted.blocks)*8 {
		wanted.each(func(ord uint32) bool {
			id := targets.id(ord)
			col.sorted.between(col.sorted.lower(id), col.sorted.upper(id), func(l pair[string]) { referring.add(l.ord) })
			return true
		})
	} else {
		last, hit := "", false
		col.sorted.between(at{}, col.sorted.end(), func(l pair[string]) {
			if l.key != last {
				h := t.byID[l.key]
				last, hit = l.key, h != nil && h.part == targets && wanted.has(h.ords[s.stage])
			}
			if hit {
				referring.add(l.ord)
			}
		})
	}
	found.and(referring)
}

// order prepares the sort keys of a partition's matches.
func (s *searcher) order(p *partition, found bitset) []sortKey {
	keys := make([]sortKey, 0, len(s.q.Order))
	for _, o := range s.q.Order {
		col := s.column(p, o.Column, query.Equals)
		if col == nil {
			continue
		}
		if o.Near != nil {
			if len(s.missing) > 0 {
				continue
			}
			col = distances(col.(*points), *o.Near, found)
		}
		keys = append(keys, sortKey{col, o.Desc})
	}
	return keys
}

// sortKey is a column to order by.
type sortKey struct {
	col  column
	desc bool
}

// result is what matches in one partition.
type result struct {
	part  *partition
	found bitset
	total int
	order []sortKey
}

// hit is one match.
type hit struct {
	*result
	ord uint32
}

// hitsOf is a page of all results together.
func hitsOf(results []result, skip, limit int) []hit {
	hits := make([]hit, 0, limit)
	if len(results) == 1 {
		for _, ord := range results[0].first(skip + limit)[skip:] {
			hits = append(hits, hit{&results[0], ord})
		}
		return hits
	}
	lists := make([][]uint32, len(results))
	for i := range results {
		lists[i] = results[i].first(skip + limit)
	}
	m := newMerge(results, lists)
	for n := range skip + limit {
		r, ord := m.next()
		if n >= skip {
			hits = append(hits, hit{r, ord})
		}
	}
	return hits
}

// compare orders two entities of two results.
func (r *result) compare(a uint32, o *result, b uint32) int {
	for i, k := range r.order {
		if c := k.col.compare(a, o.order[i].col, b, k.desc); c != 0 {
			return c
		}
	}
	idA, idB := r.part.id(a), o.part.id(b)
	switch {
	case idA < idB:
		return -1
	case idA > idB:
		return 1
	}
	return 0
}

// first is the first n matches in order, or all if they are fewer: by a walk
// along a sorted array when that passes fewer entities than sorting compares.
func (r *result) first(n int) []uint32 {
	walked, compared := len(r.part.heads)/r.total*min(n, r.total), r.total*bits.Len(uint(r.total))
	if len(r.order) > 0 && walked < 4*compared {
		switch col := r.order[0].col.(type) {
		case *values[string]:
			return walk(r, col, n)
		case *values[float64]:
			if col.sorted.blocks != nil { // distances are not sorted
				return walk(r, col, n)
			}
		}
	}
	all := r.found.list(r.total)
	slices.SortFunc(all, func(a, b uint32) int { return r.compare(a, r, b) })
	return all[:min(n, len(all))]
}
