// Package timeline shows an environment with some of its entries and assets laid
// over: with the versions that a release has of them, or with all that releases
// will have made of them by some time.
//
// It only reads. Queries over what is laid over are judged by package query, those
// over everything else are answered by package index.
//
// Start reading at Overlay, then Open for what is laid over at a time.
package timeline

import (
	"context"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// maxLaid is how many entities are laid over that one query has to look at.
const maxLaid = 1000

// maxReferred is how many entries a search on references may find: they become
// conditions of another query.
const maxReferred = 10_000

// Overlay is an environment with other entities in the place of some.
type Overlay struct {
	Index *index.Index
	Env   *index.Env
	Stage cms.Stage // of everything else
	Alone bool      // queries find only what is laid over; links lead further

	laid map[cms.Link]*store.Head // nil: it does not exist
}

// Lay puts an entity in the place of the one with its kind and id; its draft is
// what is shown. What is laid first counts.
func (o *Overlay) Lay(h store.Head) { o.set(cms.LinkTo(h.Kind, h.ID), &h) }

// Remove takes an entity out.
func (o *Overlay) Remove(l cms.Link) { o.set(l, nil) }

// Has reports whether something is laid over or taken out.
func (o *Overlay) Has(l cms.Link) bool {
	_, ok := o.laid[l]
	return ok
}

func (o *Overlay) set(l cms.Link, h *store.Head) {
	if o.laid == nil {
		o.laid = map[cms.Link]*store.Head{}
	}
	if !o.Has(l) {
		o.laid[l] = h
	}
}

// Heads returns those entities of a kind that exist among ids, by id. Their drafts
// are what is shown.
func (o *Overlay) Heads(k cms.Kind, ids []string) map[string]store.Head {
	out := o.Env.Heads(k, ids)
	for id, h := range out {
		if o.Stage == cms.Published && h.Published == 0 {
			delete(out, id)
			continue
		}
		out[id] = o.shown(h)
	}
	for _, id := range ids {
		if l := cms.LinkTo(k, id); o.Has(l) {
			if delete(out, id); o.laid[l] != nil {
				out[id] = *o.laid[l]
			}
		}
	}
	return out
}

// shown is an entity that nothing is laid over. Where what is published is shown, it
// has changed when it was published, as for delivery.
func (o *Overlay) shown(h store.Head) store.Head {
	if o.Stage == cms.Published {
		h.Draft, h.UpdatedAt = h.Published, h.PublishedAt
	}
	return h
}

// find asks the index for what nothing is laid over, as it is shown.
func (o *Overlay) find(ctx context.Context, q query.Query) (index.Page, error) {
	if o.Stage == cms.Published {
		q.Conds, q.Order = slices.Clone(q.Conds), slices.Clone(q.Order)
		for i := range q.Conds {
			q.Conds[i].Column = shownColumn(q.Conds[i].Column)
		}
		for i := range q.Order {
			q.Order[i].Column = shownColumn(q.Order[i].Column)
		}
	}
	return o.Env.Search(ctx, o.Stage, &q)
}

// shownColumn is the column of what is published that is shown as another one.
func shownColumn(c query.Column) query.Column {
	if c.Source == query.SourceSys && c.Name == "updatedAt" {
		c.Name = "publishedAt"
	}
	return c
}

// Search answers a query over entries or assets.
func (o *Overlay) Search(ctx context.Context, q *query.Query) (index.Page, error) {
	laid, err := o.entities(ctx, q.Kind, q.ContentType)
	if err != nil {
		return index.Page{}, err
	}
	s := &search{Overlay: o, q: q, model: o.Env.Model()}
	if err := s.match(ctx, laid); err != nil {
		return index.Page{}, err
	}
	if !o.Alone {
		if err := s.beneath(ctx); err != nil {
			return index.Page{}, err
		}
	}
	return s.page(), nil
}

// hit is an entity with its head.
type hit struct {
	query.Entity
	head store.Head
}

// entities are those laid over of a kind and, unless it is "", a content type.
func (o *Overlay) entities(ctx context.Context, kind cms.Kind, contentType string) ([]hit, error) {
	var heads []store.Head
	for l, h := range o.laid {
		if h != nil && cms.Kind(l.Sys.LinkType) == kind && (contentType == "" || h.ContentType == contentType) {
			heads = append(heads, *h)
		}
	}
	if len(heads) > maxLaid {
		return nil, hinted("Releases change more than %d of the entities that are asked for.", maxLaid)
	}
	return o.hits(ctx, heads)
}

func (o *Overlay) hits(ctx context.Context, heads []store.Head) ([]hit, error) {
	revs := make([]store.Revision, len(heads))
	for i, h := range heads {
		revs[i] = h.Draft
	}
	docs, err := o.Index.Documents(ctx, revs)
	if err != nil {
		return nil, err
	}
	out := make([]hit, len(heads))
	for i, h := range heads {
		if docs[h.Draft] == nil {
			return nil, fault.New(fault.ServerError, "the body %d of %s %s is gone", h.Draft, h.Kind, h.ID)
		}
		out[i] = hit{query.Entity{Sys: h.Sys, Doc: docs[h.Draft]}, h}
	}
	return out, nil
}

// search is one query.
type search struct {
	*Overlay
	q      *query.Query
	model  *cms.Model
	laid   []hit      // what is laid over and matches
	others []hit      // of everything else, a part that has all of the page
	before int        // how many of the others come before that part
	beside index.Page // of the others
}

// match finds what is laid over and fulfils all conditions.
func (s *search) match(ctx context.Context, laid []hit) error {
	plain := *s.q
	plain.Conds = slices.DeleteFunc(slices.Clone(s.q.Conds), func(c query.Cond) bool { return c.Ref != nil })
	for _, h := range laid {
		if plain.Match(&h.Entity, s.model, nil) {
			s.laid = append(s.laid, h)
		}
	}
	for _, c := range s.q.Conds {
		if c.Ref == nil || len(s.laid) == 0 {
			continue
		}
		linked := map[string]bool{}
		for _, h := range s.laid {
			for _, v := range c.Column.Values(&h.Entity, s.model).List {
				linked[v.Str] = true
			}
		}
		wanted, err := s.fulfilling(ctx, c.Ref, linked)
		if err != nil {
			return err
		}
		s.laid = slices.DeleteFunc(s.laid, func(h hit) bool {
			return !slices.ContainsFunc(c.Column.Values(&h.Entity, s.model).List, func(v query.Value) bool { return wanted[v.Str] })
		})
	}
	slices.SortFunc(s.laid, func(a, b hit) int { return s.q.Compare(&a.Entity, &b.Entity, s.model) })
	return nil
}

// fulfilling are those entries among ids, or of all when that is nil, that a search
// on references looks for.
func (s *search) fulfilling(ctx context.Context, r *query.Ref, ids map[string]bool) (map[string]bool, error) {
	q := &query.Query{Kind: cms.KindEntry, ContentType: r.ContentType, Conds: slices.Clone(r.Conds), ArchivedOut: s.q.ArchivedOut, Limit: maxReferred}
	out := map[string]bool{}
	laid, err := s.entities(ctx, cms.KindEntry, r.ContentType)
	if err != nil {
		return nil, err
	}
	for _, h := range laid {
		if (ids == nil || ids[h.head.ID]) && q.Match(&h.Entity, s.model, nil) {
			out[h.head.ID] = true
		}
	}
	if ids != nil {
		q.Conds = append(q.Conds, idCond(query.In, ids))
	}
	q.Conds = append(q.Conds, idCond(query.Nin, s.ids(cms.KindEntry)))
	page, err := s.find(ctx, *q)
	if page.Total > maxReferred {
		return nil, hinted("More than %d entries fulfil what is asked for by reference.", maxReferred)
	}
	for _, h := range page.Heads {
		out[h.ID] = true
	}
	return out, err
}

// ids are those of a kind that something is laid over, or that are taken out.
func (o *Overlay) ids(kind cms.Kind) map[string]bool {
	out := map[string]bool{}
	for l := range o.laid {
		if cms.Kind(l.Sys.LinkType) == kind {
			out[l.Sys.ID] = true
		}
	}
	return out
}

func idCond(op query.Op, ids map[string]bool) query.Cond {
	c := query.Cond{Column: query.Column{Source: query.SourceSys, Name: "id", Type: query.String}, Op: op}
	for id := range ids {
		c.Args = append(c.Args, query.Value{Str: id})
	}
	return c
}

// beneath finds what else fulfils all conditions: of the page that is asked for, and
// as many before and behind it as there are matches to go in between.
func (s *search) beneath(ctx context.Context) error {
	q := *s.q
	q.Conds = slices.Clone(s.q.Conds)
	entries := s.ids(cms.KindEntry)
	for i, c := range q.Conds {
		if c.Ref == nil || len(entries) == 0 {
			continue
		}
		wanted, err := s.fulfilling(ctx, c.Ref, nil)
		if err != nil {
			return err
		}
		q.Conds[i] = idCond(query.In, wanted)
		q.Conds[i].Column = c.Column
	}
	if laid := s.ids(q.Kind); len(laid) > 0 {
		q.Conds = append(q.Conds, idCond(query.Nin, laid))
	}
	if !q.Cursor && q.Limit > 0 {
		q.Skip = max(0, q.Skip-len(s.laid))
		q.Limit += len(s.laid)
	}
	s.before = q.Skip
	var err error
	if s.beside, err = s.find(ctx, q); err != nil {
		return err
	}
	heads := make([]store.Head, len(s.beside.Heads))
	for i, h := range s.beside.Heads {
		heads[i] = s.shown(h)
	}
	s.others, err = s.hits(ctx, heads)
	return err
}

// page puts together what was found.
func (s *search) page() index.Page {
	page := index.Page{Total: s.beside.Total + len(s.laid)}
	if s.q.Limit == 0 {
		return page
	}
	laid := slices.DeleteFunc(slices.Clone(s.laid), func(h hit) bool {
		return s.q.After != nil && s.q.CompareTo(&h.Entity, s.q.After, s.model) <= 0 || s.q.Before != nil && s.q.CompareTo(&h.Entity, s.q.Before, s.model) >= 0
	})
	all := append(slices.Clone(s.others), laid...)
	slices.SortStableFunc(all, func(a, b hit) int { return s.q.Compare(&a.Entity, &b.Entity, s.model) })
	from, to := min(len(all), s.q.Skip-s.before), len(all)
	if s.q.Before != nil {
		from = max(0, len(all)-s.q.Limit)
	} else {
		to = min(to, from+s.q.Limit)
	}
	hits := all[from:to]
	for _, h := range hits {
		page.Heads = append(page.Heads, h.head)
	}
	if !s.q.Cursor || len(hits) == 0 {
		return page
	}
	if s.q.After != nil || s.q.Before != nil && (from > 0 || s.beside.Prev != nil) {
		page.Prev = s.q.Position(&hits[0].Entity, s.model)
	}
	if s.q.Before != nil || to < len(all) || s.beside.Next != nil {
		page.Next = s.q.Position(&hits[len(hits)-1].Entity, s.model)
	}
	return page
}

func hinted(message string, most int) error {
	f := fault.New(fault.BadRequest, message, most)
	f.Hint = "Ask for entries of one content type, or for a nearer time."
	return f
}
