package index

import (
	"cmp"
	"context"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// request is a column that a query needs.
type request struct {
	part *partition
	key  columnKey
}

// make makes the columns that are missing. Readers never wait for it and writers
// only at its beginning and end: it works on a snapshot, and then on what
// changed meanwhile.
func (v *environment) make(ctx context.Context, needed []request) error {
	if err := v.build.acquire(ctx); err != nil {
		return err
	}
	defer v.build.release()
	byPart := map[*partition][]columnKey{}
	v.mu.RLock()
	for _, r := range needed {
		if r.part.columns[r.key] == nil && !slices.Contains(byPart[r.part], r.key) {
			byPart[r.part] = append(byPart[r.part], r.key)
		}
	}
	v.mu.RUnlock()
	for p, keys := range byPart {
		if err := v.makeIn(ctx, p, keys); err != nil {
			return err
		}
	}
	return nil
}

func (v *environment) makeIn(ctx context.Context, p *partition, keys []columnKey) error {
	columns := map[columnKey]column{}
	rows, model, err := v.begin(ctx, p)
	if err != nil {
		return err
	}
	defer v.finish(p)
	var ids []string // by ordinal; rows come in their order
	if len(rows) > 0 {
		ids = make([]string, rows[len(rows)-1].ord+1)
	}
	for _, r := range rows {
		ids[r.ord] = r.id
	}
	for _, k := range keys {
		if k.col.Source != query.SourceSys {
			columns[k] = newColumn(k, func(ord uint32) string { return ids[ord] })
		}
	}
	if err := v.x.fill(ctx, p, model, rows, columns, column.load); err != nil {
		return err
	}
	for _, c := range columns {
		c.seal(p.id)
	}
	return v.install(ctx, p, keys, columns, model)
}

// row is what of a resource is needed to find and evaluate its bodies.
type row struct {
	ord uint32
	id  string
	rev store.Revision
}

// begin takes a snapshot and has changes noted from then on.
func (v *environment) begin(ctx context.Context, p *partition) ([]row, *cms.Model, error) {
	if err := v.change.acquire(ctx); err != nil {
		return nil, nil, err
	}
	defer v.change.release()
	p.changed = map[uint32]bool{}
	return p.rows(p.used.list(len(p.heads))), v.model, nil
}

// finish ends the noting of changes.
func (v *environment) finish(p *partition) {
	v.change <- struct{}{}
	p.changed = nil
	v.change.release()
}

func (p *partition) rows(ords []uint32) []row {
	rows := make([]row, len(ords))
	for i, ord := range ords {
		rows[i] = row{ord, p.id(ord), p.revision(ord)}
	}
	return rows
}

// install brings new columns up to date and puts them in place, with those of
// sys, which need no body.
func (v *environment) install(ctx context.Context, p *partition, keys []columnKey, columns map[columnKey]column, model *cms.Model) error {
	if err := v.change.acquire(ctx); err != nil {
		return err
	}
	defer v.change.release()
	var late []uint32
	for ord := range p.changed {
		if p.used.has(ord) {
			late = append(late, ord)
			continue
		}
		for _, c := range columns {
			c.put(ord, query.Values{})
		}
	}
	if err := v.x.fill(ctx, p, model, p.rows(late), columns, column.put); err != nil {
		return err
	}
	for k := range columns {
		if k.col.OfModel() && v.model != model {
			delete(columns, k) // whoever needs it asks again
		}
	}
	for _, k := range keys {
		if k.col.Source != query.SourceSys {
			continue
		}
		c := newColumn(k, p.id)
		p.used.each(func(ord uint32) bool {
			c.load(ord, k.col.Values(&query.Entity{Sys: p.heads[ord].full().Sys}, v.model))
			return true
		})
		c.seal(p.id)
		columns[k] = c
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for k, c := range columns {
		c.lastUse().Store(v.x.tick.Add(1))
		p.columns[k] = c
	}
	return nil
}

// fill computes the values of some rows for columns taken from bodies and hands
// them to set. Bodies are read past the caches, which they would only flood.
func (x *Index) fill(ctx context.Context, p *partition, model *cms.Model, rows []row, columns map[columnKey]column, set func(column, uint32, query.Values)) error {
	if len(columns) == 0 {
		return nil
	}
	of := map[store.Revision][]int{} // indices of rows
	for i, r := range rows {
		of[r.rev] = append(of[r.rev], i)
	}
	revs := make([]store.Revision, 0, len(of))
	for rev := range of {
		revs = append(revs, rev)
	}
	slices.SortFunc(revs, cmp.Compare[store.Revision])
	return x.read(ctx, revs, func(rev store.Revision, body []byte) error {
		e := &query.Entity{Body: body}
		if hasDocument(p.kind) {
			doc, err := decodeDocument(rev, body)
			if err != nil {
				return err
			}
			e.Doc = &doc.Document
		}
		for _, i := range of[rev] {
			e.Sys = cms.Sys{Kind: p.kind, ContentType: p.contentType, ID: rows[i].id}
			for k, c := range columns {
				set(c, rows[i].ord, k.col.Values(e, model))
			}
		}
		return nil
	})
}

// shrink drops the columns not used for longest until so many bytes are free.
func (v *environment) shrink(ctx context.Context, bytes int64) error {
	type held struct {
		request
		col column
	}
	if err := v.change.acquire(ctx); err != nil {
		return err
	}
	defer v.change.release()
	v.mu.Lock()
	defer v.mu.Unlock()
	var all []held
	for _, t := range v.kinds {
		for _, p := range t.parts {
			for k, c := range p.columns {
				all = append(all, held{request{p, k}, c})
			}
		}
	}
	slices.SortFunc(all, func(a, b held) int { return cmp.Compare(a.col.lastUse().Load(), b.col.lastUse().Load()) })
	for _, h := range all {
		if bytes <= 0 {
			return nil
		}
		bytes -= h.col.bytes()
		delete(h.part.columns, h.key)
	}
	return nil
}
