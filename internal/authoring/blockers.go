package authoring

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// Blocked is an entry or asset that cannot be published, and what an attempt
// would be answered.
type Blocked struct {
	cms.Sys
	Refusal *fault.Error
}

// Blockers is a page of them, in the order of kind and id.
type Blockers struct {
	Limit int
	Items []Blocked
	Next  string // token of the next page; "" on the last one
}

// A page ends early when it has been long in the making or is large enough, so
// it may hold few items, or none, and still have a next one.
const (
	blockerTime  = 2 * time.Second
	blockerBytes = 4 << 20
	blockerHeads = 1000 // read with one statement
	blockerBatch = 50   // entities whose documents, links and unique values are read together
)

// PublishBlockers finds the entries and assets that cannot be published as they
// are: of those that have something to publish, or the one that is asked for.
// Versions play no part: whoever publishes sends the present one.
func (s *Service) PublishBlockers(ctx context.Context, p access.Place, params url.Values) (Blockers, error) {
	model, err := s.model(ctx, p)
	if err != nil {
		return Blockers{}, err
	}
	q, err := readBlockerQuery(params, model)
	if err != nil {
		return Blockers{}, err
	}
	w := blockerWalk{s: s, p: p, model: model, q: q, until: s.Now().Add(blockerTime), out: Blockers{Limit: q.limit}, classes: map[string][]validate.Class{}}
	if q.id != "" {
		h, err := s.Store.Get(ctx, p.Environment, q.kind, q.id)
		if err != nil {
			return Blockers{}, missing(err, p, q.kind, q.id)
		}
		_, err = w.check(ctx, []store.Head{h})
		w.out.Next = ""
		return w.out, err
	}
	err = w.run(ctx)
	return w.out, err
}

// blockerWalk makes one page.
type blockerWalk struct {
	s     *Service
	p     access.Place
	model *cms.Model
	q     blockerQuery
	until time.Time
	bytes int
	out   Blockers

	classes map[string][]validate.Class // by content type, of those seen so far
}

// run goes through the heads of the environment by kind and id.
func (w *blockerWalk) run(ctx context.Context) error {
	for after := w.q.after; ; {
		heads, err := w.s.Store.List(ctx, w.p.Environment, "", after, blockerHeads)
		if err != nil || len(heads) == 0 {
			return err
		}
		end := len(heads) < blockerHeads
		after = store.OwnerOf(heads[len(heads)-1].Kind, heads[len(heads)-1].ID)
		heads = slices.DeleteFunc(heads, func(h store.Head) bool { return !w.q.wants(h) })
		for batch := range slices.Chunk(heads, blockerBatch) {
			if full, err := w.check(ctx, batch); err != nil || full {
				return err
			}
		}
		if end {
			return nil
		}
		if w.full() {
			w.out.Next = w.q.token(after)
			return nil
		}
	}
}

func (w *blockerWalk) full() bool {
	return len(w.out.Items) >= w.q.limit || w.bytes > blockerBytes || !w.s.Now().Before(w.until)
}

// check adds those of a batch that cannot be published. When the page is full it
// notes where the next one goes on.
func (w *blockerWalk) check(ctx context.Context, batch []store.Head) (full bool, err error) {
	facts, err := w.facts(ctx, batch)
	if err != nil {
		return false, err
	}
	for _, h := range batch {
		if f := fault.Of(facts.refusal(w.p, w.model, h)); f != nil {
			w.out.Items = append(w.out.Items, Blocked{h.Sys, f})
			w.bytes += len(fault.Raw(f.Details))
		}
		if w.full() {
			w.out.Next = w.q.token(store.OwnerOf(h.Kind, h.ID))
			return true, nil
		}
	}
	return false, nil
}

// publishFacts are what the publications of a batch are checked against.
type publishFacts struct {
	docs    map[store.Revision]*cms.Document
	targets linkTargets
	classes map[string][]validate.Class // by content type
	owners  map[store.Key]string
}

func (w *blockerWalk) facts(ctx context.Context, batch []store.Head) (f publishFacts, err error) {
	if f.docs, err = w.s.Index.Documents(ctx, revisions(batch, cms.Draft)); err != nil {
		return f, err
	}
	var links []validate.Link
	var keys []store.Key
	for _, h := range batch {
		ct, doc := w.model.Types[h.ContentType], f.docs[h.Draft]
		if h.Kind == cms.KindEntry && ct != nil && doc != nil {
			if _, ok := w.classes[h.ContentType]; !ok {
				if w.classes[h.ContentType], err = w.s.classes(ctx, w.p, ct); err != nil {
					return f, err
				}
			}
			keys = append(keys, store.Key{Space: openTasks, Value: h.ID})
			links = append(links, validate.Links(ct, w.model.Locales, doc)...)
			keys = append(keys, uniqueStoreKeys(h.ContentType, validate.UniqueKeys(ct, w.model.Locales, doc))...)
		}
	}
	f.classes = w.classes
	if f.targets, err = w.s.targets(ctx, w.p, links, nil); err != nil {
		return f, err
	}
	f.owners, err = w.s.Store.Owners(ctx, w.p.Environment, keys)
	return f, err
}

// refusal is what publishing an entry or asset would fail with, in the order of
// PublishEntry and PublishAsset; nil if it would not.
func (f publishFacts) refusal(p access.Place, model *cms.Model, h store.Head) error {
	doc := f.docs[h.Draft]
	switch {
	case doc == nil: // deleted with its environment while it was read
		return nil
	case h.Archived():
		return publishesArchived(h.Kind, h.ID)
	case h.Kind == cms.KindAsset:
		return checkAssetPublish(p, model.Locales, model.Locales, h.ID, doc)
	}
	ct, err := activeType(model, h.ContentType)
	if err != nil {
		return err
	}
	refusal := withConcepts(validate.Publish(ct, model.Locales, doc, func([]validate.Link) (validate.Targets, error) { return f.targets, nil }), f.classes[h.ContentType], doc)
	refusal = withTaken(refusal, h, validate.UniqueKeys(ct, model.Locales, doc), f.owners)
	if refusal == nil && f.owners[store.Key{Space: openTasks, Value: h.ID}] != "" {
		return unresolvedTasks(h.ID)
	}
	return refusal
}
