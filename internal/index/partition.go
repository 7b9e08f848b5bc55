package index

import (
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// table holds the resources of one kind.
type table struct {
	byID  map[string]*head
	parts map[string]*partition // by content type; "" for kinds without
}

// partition holds the resources of one kind and content type.
//
// Each body that a resource shows in a stage has an ordinal: one when both stages
// show the same, which is the rule, and two while there is a draft on top of what
// is published. So columns, which go by ordinals, serve both stages and hold what
// these have in common once. A free ordinal is used again, but never while a
// column is made.
type partition struct {
	scope       store.Scope
	kind        cms.Kind
	contentType string
	heads       []*head // by ordinal; free ones keep the last one, whose id orders what a column being made still has of them
	free        []uint32
	used        bitset    // ordinals that are not free
	live        [2]bitset // ordinals of the bodies that a stage shows, by cms.Stage
	archived    bitset
	columns     map[columnKey]column
	changed     map[uint32]bool // ordinals that changed while a column is made, else nil; guarded by environment.change
	held        int64           // memory of the heads
}

func (p *partition) id(ord uint32) string { return p.heads[ord].id }

// published reports whether the resources of a kind are published; the others
// are the same in both stages.
func published(k cms.Kind) bool {
	return k == cms.KindEntry || k == cms.KindAsset || k == cms.KindContentType
}

// revision is the body of a head in a stage, 0 if it does not exist there.
func revision(h *store.Head, stage cms.Stage) store.Revision {
	if stage == cms.Published && published(h.Kind) {
		return h.Published
	}
	return h.Draft
}

// stages are what resources show a body in.
var stages = [2]cms.Stage{cms.Draft, cms.Published}

// revision is the body at an ordinal in use.
func (p *partition) revision(ord uint32) store.Revision {
	if h := p.heads[ord]; h.ords[cms.Draft] != ord {
		return h.published
	}
	return p.heads[ord].draft
}

// add takes a resource in.
func (p *partition) add(s *store.Head) *head {
	h := &head{part: p, id: strings.Clone(s.ID), ords: [2]uint32{nowhere, nowhere}}
	p.held += headSize + int64(len(h.id))
	p.set(h, s)
	return h
}

// remove takes a resource out.
func (p *partition) remove(h *head) {
	p.held -= headSize + int64(len(h.id))
	p.move(h, [2]uint32{nowhere, nowhere})
}

// set gives a resource its new head, and its new bodies ordinals. The columns have
// to be told about those that shows says no to before.
func (p *partition) set(h *head, s *store.Head) {
	draft, published := revision(s, cms.Draft), revision(s, cms.Published)
	next := [2]uint32{h.shows(draft), nowhere}
	if published != 0 {
		next[cms.Published] = h.shows(published)
	}
	if next[cms.Draft] == nowhere {
		next[cms.Draft] = p.take(h, next)
	}
	if published == draft {
		next[cms.Published] = next[cms.Draft]
	} else if published != 0 && next[cms.Published] == nowhere {
		next[cms.Published] = p.take(h, next)
	}
	h.set(s)
	p.move(h, next)
	for _, ord := range next {
		if ord != nowhere {
			p.archived.put(ord, s.Archived())
		}
	}
}

// take gives a new body of a resource an ordinal: that of a body which goes, or a
// free one.
func (p *partition) take(h *head, next [2]uint32) uint32 {
	ord := uint32(len(p.heads))
	switch n := len(p.free); {
	case h.ords[cms.Draft] != nowhere && !slices.Contains(next[:], h.ords[cms.Draft]):
		ord = h.ords[cms.Draft]
	case h.ords[cms.Published] != nowhere && !slices.Contains(next[:], h.ords[cms.Published]):
		ord = h.ords[cms.Published]
	case n > 0 && p.changed == nil:
		ord = p.free[n-1]
		p.free = p.free[:n-1]
		p.heads[ord] = h
	default:
		p.heads = append(p.heads, h)
	}
	p.used.add(ord)
	p.mark(ord)
	return ord
}

// move gives a resource's bodies their ordinals and frees those that it had.
func (p *partition) move(h *head, next [2]uint32) {
	for _, stage := range stages {
		if ord := h.ords[stage]; ord != nowhere {
			p.live[stage].remove(ord)
			if p.used.has(ord) && !slices.Contains(next[:], ord) {
				p.release(ord)
			}
		}
	}
	h.ords = next
	for _, stage := range stages {
		if ord := next[stage]; ord != nowhere {
			p.live[stage].add(ord)
		}
	}
}

// release frees an ordinal.
func (p *partition) release(ord uint32) {
	for _, col := range p.columns {
		col.put(ord, query.Values{})
	}
	p.used.remove(ord)
	p.archived.remove(ord)
	p.free = append(p.free, ord)
	p.mark(ord)
}

func (p *partition) mark(ord uint32) {
	if p.changed != nil {
		p.changed[ord] = true
	}
}

func (p *partition) bytes() int64 {
	n := p.held
	for _, c := range p.columns {
		n += c.bytes()
	}
	return n
}

// looksIntoBodies reports whether there are columns of more than sys.
func (p *partition) looksIntoBodies() bool {
	for k := range p.columns {
		if k.col.Source != query.SourceSys {
			return true
		}
	}
	return false
}
