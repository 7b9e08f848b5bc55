package index

import (
	"context"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// maxRounds is how often catchUp reads on behind busy writers before it makes them
// wait for it.
const maxRounds = 8

// batch is what changed since the read model's sequence number.
type batch struct {
	seq      int64
	modelSeq int64                               // of the last change to the model; 0 without
	together int64                               // of the last change made together with others; 0 without
	locales  bool                                // a locale changed
	types    map[string]bool                     // content types that changed
	heads    map[cms.Kind]map[string]*store.Head // nil: deleted
}

// catchUp brings the read model to the end of the change log. The caller holds
// change.
func (v *environment) catchUp(ctx context.Context) error {
	b, err := v.readBatch(ctx)
	if err != nil || b.seq == v.seq {
		return err
	}
	model, types := v.model, v.types
	if b.modelSeq > 0 {
		if model, types, err = v.readModel(ctx, b.modelSeq, b); err != nil {
			return err
		}
	}
	edits, err := v.prepare(ctx, b, model)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.apply(b, edits)
	v.seq, v.model, v.types = b.seq, model, types
	if b.together > 0 {
		v.together = b.together
	}
	return nil
}

// readBatch reads the changes and then the heads they are about. Heads may be
// newer than the changes that named them; so it reads on until nothing comes
// after the heads, when they show exactly the state of the last change. What one
// transaction changed is therefore seen as one, or not yet. Behind writers who
// never pause it takes their lock for the rest, in a write that writes nothing.
// What this process has written a moment ago needs none of it.
func (v *environment) readBatch(ctx context.Context) (*batch, error) {
	b := &batch{seq: v.seq, types: map[string]bool{}, heads: map[cms.Kind]map[string]*store.Head{}}
	if changes, heads, ok := v.x.st.Lately(v.scope, v.seq); ok {
		for _, c := range changes {
			b.note(c)
			b.of(c.Kind)[c.ID] = nil
		}
		for i, h := range heads {
			b.of(h.Kind)[h.ID] = &heads[i]
		}
		return b, nil
	}
	for range maxRounds {
		more, err := v.readOn(ctx, v.x.st, b)
		if err != nil || !more {
			return b, err
		}
	}
	var all *batch
	err := v.x.st.Update(ctx, v.scope, func(tx store.Tx) error {
		all = b.clone() // what was read of a transaction that runs again does not count
		_, err := v.readOn(ctx, tx, all)
		return err
	})
	return all, err
}

// readOn reads what came after a batch, and reports whether there was anything.
func (v *environment) readOn(ctx context.Context, from store.Reader, b *batch) (more bool, err error) {
	touched := map[cms.Kind]map[string]bool{}
	for {
		changes, err := from.Changes(ctx, v.scope, b.seq, pageSize)
		if err != nil {
			return false, err
		}
		for _, c := range changes {
			b.note(c)
			if touched[c.Kind] == nil {
				touched[c.Kind] = map[string]bool{}
			}
			touched[c.Kind][c.ID] = true
		}
		if len(changes) < pageSize {
			break
		}
	}
	for kind, ids := range touched {
		if err := v.readHeads(ctx, from, b, kind, ids); err != nil {
			return false, err
		}
	}
	return len(touched) > 0, nil
}

// clone is a copy that can be read on without the original.
func (b *batch) clone() *batch {
	c := *b
	c.types, c.heads = maps.Clone(b.types), make(map[cms.Kind]map[string]*store.Head, len(b.heads))
	for kind, heads := range b.heads {
		c.heads[kind] = maps.Clone(heads)
	}
	return &c
}

// of are the heads of a kind.
func (b *batch) of(kind cms.Kind) map[string]*store.Head {
	if b.heads[kind] == nil {
		b.heads[kind] = map[string]*store.Head{}
	}
	return b.heads[kind]
}

func (b *batch) note(c store.Change) {
	b.seq = c.Seq
	if c.Cause != "" {
		b.together = c.Seq
	}
	switch c.Kind {
	case cms.KindLocale:
		b.modelSeq, b.locales = c.Seq, true
	case cms.KindWorkflowDefinition:
		b.modelSeq = c.Seq
	case cms.KindContentType:
		b.modelSeq = c.Seq
		b.types[c.ID] = true
	}
}

func (v *environment) readHeads(ctx context.Context, from store.Reader, b *batch, kind cms.Kind, ids map[string]bool) error {
	into := b.of(kind)
	page := make([]string, 0, min(len(ids), pageSize))
	read := func() error {
		heads, err := from.GetMany(ctx, v.scope, kind, page)
		page = page[:0]
		for i := range heads {
			into[heads[i].ID] = &heads[i]
		}
		return err
	}
	for id := range ids {
		into[id] = nil
		if page = append(page, id); len(page) == pageSize {
			if err := read(); err != nil {
				return err
			}
		}
	}
	if len(page) == 0 {
		return nil
	}
	return read()
}

// edit is a prepared change of one resource.
type edit struct {
	kind   cms.Kind
	id     string
	head   *store.Head // nil: deleted
	sys    []put       // the same for all its bodies
	bodies [2][]put    // by cms.Stage, of a body that is new there
}

// put is a prepared change of one value in a column.
type put struct {
	col    column
	values query.Values
}

// prepare computes what the columns that exist will have for the changed
// resources, with one statement per 1000 bodies that are not cached.
func (v *environment) prepare(ctx context.Context, b *batch, model *cms.Model) ([]edit, error) {
	var edits []edit
	needed := v.neededRevisions(b)
	docs, err := v.x.Documents(ctx, needed.docs)
	if err != nil {
		return nil, err
	}
	bodies, err := v.x.Bodies(ctx, needed.bodies)
	if err != nil {
		return nil, err
	}
	for kind, heads := range b.heads {
		for id, h := range heads {
			e := edit{kind: kind, id: id, head: h}
			for stage, rev := range v.newBodies(h) {
				en := &query.Entity{Sys: h.Sys, Doc: docs[rev], Body: bodies[rev]}
				for k, col := range v.partOf(h).columns {
					if k.col.Source != query.SourceSys {
						e.bodies[stage] = append(e.bodies[stage], put{col, k.col.Values(en, model)})
					}
				}
			}
			if p := v.partOf(h); p != nil {
				for k, col := range p.columns {
					if k.col.Source == query.SourceSys {
						e.sys = append(e.sys, put{col, k.col.Values(&query.Entity{Sys: h.Sys}, model)})
					}
				}
			}
			edits = append(edits, e)
		}
	}
	return edits, nil
}

// partOf is the partition of a head, nil if it is not there yet, or without a head.
func (v *environment) partOf(h *store.Head) *partition {
	if h == nil || v.kinds[h.Kind] == nil {
		return nil
	}
	return v.kinds[h.Kind].parts[h.ContentType]
}

// newBodies are the bodies, by stage, that a head brings into its partition. One
// that both stages show is that of the draft.
func (v *environment) newBodies(h *store.Head) map[cms.Stage]store.Revision {
	p := v.partOf(h)
	if p == nil {
		return nil
	}
	bodies := map[cms.Stage]store.Revision{}
	was := v.find(h.Kind, h.ID)
	for _, stage := range stages {
		rev := revision(h, stage)
		if rev == 0 || stage == cms.Published && rev == revision(h, cms.Draft) {
			continue
		}
		if was == nil || was.part != p || was.shows(rev) == nowhere {
			bodies[stage] = rev
		}
	}
	return bodies
}

type revisions struct{ docs, bodies []store.Revision }

// neededRevisions are the bodies that existing columns look into.
func (v *environment) neededRevisions(b *batch) revisions {
	var n revisions
	for kind, heads := range b.heads {
		for _, h := range heads {
			p := v.partOf(h)
			if p == nil || !p.looksIntoBodies() {
				continue
			}
			for _, rev := range v.newBodies(h) {
				if hasDocument(kind) {
					n.docs = append(n.docs, rev)
				} else {
					n.bodies = append(n.bodies, rev)
				}
			}
		}
	}
	return n
}

// hasDocument reports whether the bodies of a kind are documents.
func hasDocument(k cms.Kind) bool { return k == cms.KindEntry || k == cms.KindAsset }

// apply puts a prepared batch in place. The caller holds change and mu.
func (v *environment) apply(b *batch, edits []edit) {
	for _, e := range edits {
		h := v.find(e.kind, e.id)
		if h != nil && (e.head == nil || e.head.ContentType != h.part.contentType) {
			h.part.remove(h)
			delete(v.kinds[e.kind].byID, e.id)
			h = nil
		}
		if e.head == nil {
			continue
		}
		if h != nil {
			h.part.set(h, e.head)
		} else {
			h = v.insert(e.head)
		}
		for stage, ord := range h.ords {
			if ord == nowhere || stage == int(cms.Published) && ord == h.ords[cms.Draft] {
				continue
			}
			for _, p := range slices.Concat(e.sys, e.bodies[stage]) {
				p.col.put(ord, p.values)
			}
		}
	}
	if b.modelSeq == 0 {
		return
	}
	for _, t := range v.kinds {
		for _, p := range t.parts {
			for k := range p.columns {
				if k.col.OfModel() && (b.locales || b.types[p.contentType]) {
					delete(p.columns, k)
				}
			}
		}
	}
}
