package index

import (
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// table holds the resources of one kind.
type table struct {
	byID  map[string]place
	parts map[string]*partition // by content type; "" for kinds without
}

// place is where a resource is.
type place struct {
	part *partition
	ord  uint32
}

// partition holds the resources of one kind and content type under ordinals. An
// ordinal is used again after a deletion, but never while a column is made.
type partition struct {
	kind        cms.Kind
	contentType string
	heads       []store.Head // by ordinal; free ones keep their last id
	free        []uint32
	live        [2]bitset // who exists in a stage, by cms.Stage
	archived    bitset
	columns     map[columnKey]column
	changed     map[uint32]bool // ordinals that changed while a column is made, else nil; guarded by environment.change
	held        int64           // memory of the heads
}

// headSize is the memory of a head without its id, with its place in the maps.
const headSize = 500

func (p *partition) id(ord uint32) string { return p.heads[ord].ID }

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

// add gives a resource an ordinal.
func (p *partition) add(h store.Head) uint32 {
	h.Kind, h.ContentType = p.kind, p.contentType // shared strings
	h.ID = strings.Clone(h.ID)
	var ord uint32
	if n := len(p.free); n > 0 && p.changed == nil {
		ord = p.free[n-1]
		p.free = p.free[:n-1]
		p.heads[ord] = h
	} else {
		ord = uint32(len(p.heads))
		p.heads = append(p.heads, h)
	}
	p.held += headSize + int64(len(h.ID))
	p.mark(ord, &h)
	return ord
}

// replace gives an ordinal the resource's new head.
func (p *partition) replace(ord uint32, h store.Head) {
	h.Kind, h.ContentType, h.ID = p.kind, p.contentType, p.heads[ord].ID
	p.heads[ord] = h
	p.mark(ord, &h)
}

func (p *partition) mark(ord uint32, h *store.Head) {
	p.live[cms.Draft].put(ord, true)
	p.live[cms.Published].put(ord, revision(h, cms.Published) != 0)
	p.archived.put(ord, h.Archived())
	if p.changed != nil {
		p.changed[ord] = true
	}
}

// remove frees an ordinal; its columns have been emptied.
func (p *partition) remove(ord uint32) {
	p.live[cms.Draft].remove(ord)
	p.live[cms.Published].remove(ord)
	p.archived.remove(ord)
	p.free = append(p.free, ord)
	p.held -= headSize + int64(len(p.heads[ord].ID))
	p.heads[ord] = store.Head{Sys: cms.Sys{ID: p.heads[ord].ID}}
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
