package authoring

import (
	"context"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// PublishEntry makes an entry's latest version the published one, if it passes
// every validation of its activated content type. Unique values are claimed in
// the same transaction, so two entries can never publish the same one.
func (s *Service) PublishEntry(ctx context.Context, p access.Place, a access.Actor, id string, v Version) (Entity, error) {
	var e Entity
	err := s.withModel(ctx, p, func(model *cms.Model) error {
		before, doc, err := s.publishable(ctx, p, cms.KindEntry, id, v)
		if err != nil {
			return err
		}
		ct, err := activeType(model, before.ContentType)
		if err != nil {
			return err
		}
		keys := validate.UniqueKeys(ct, model.Locales, doc)
		if err := s.checkPublish(ctx, p, model, ct, before, doc, keys); err != nil {
			return err
		}
		after, err := s.advance(ctx, p, a, cms.KindEntry, id, func(tx store.Tx, now store.Head) (store.Write, error) {
			if err := v.check(now.Sys); err != nil {
				return store.Write{}, err
			}
			if err := sameModel(ctx, tx, p, model); err != nil {
				return store.Write{}, err
			}
			conflicts, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindEntry, id), uniqueStoreKeys(now.ContentType, keys))
			if err != nil {
				return store.Write{}, err
			}
			if len(conflicts) > 0 {
				return store.Write{}, fault.Invalid(fault.InvalidEntry, uniqueProblems(now.ContentType, keys, conflicts)...)
			}
			return publish(now), nil
		})
		if err != nil {
			return err
		}
		e = entityOf(model, after, doc, doc)
		return nil
	})
	return e, err
}

// publishable reads an entry or asset that is about to be published, and
// refuses what may not be whatever its content.
func (s *Service) publishable(ctx context.Context, p access.Place, kind cms.Kind, id string, v Version) (store.Head, *cms.Document, error) {
	h, err := s.Store.Get(ctx, p.Environment, kind, id)
	if err != nil {
		return h, nil, missing(err, p, kind, id)
	}
	if err := s.sameVersion(ctx, p, h.Sys, v); err != nil {
		return h, nil, err
	}
	if h.Archived() {
		return h, nil, publishesArchived(kind, id)
	}
	docs, err := s.Index.Documents(ctx, []store.Revision{h.Draft})
	if err != nil {
		return h, nil, err
	}
	return h, docs[h.Draft], nil
}

func publishesArchived(kind cms.Kind, id string) error {
	return hinted("Cannot publish archived", "Take it out of the archive first: %s.", route("DELETE", kind, id, "archived"))
}

// checkPublish reports everything that keeps an entry from being published.
// When nothing else is wrong, taken values are left for the claim to find.
func (s *Service) checkPublish(ctx context.Context, p access.Place, model *cms.Model, ct *cms.ContentType, h store.Head, doc *cms.Document, keys []validate.UniqueKey) error {
	targets, err := s.targets(ctx, p, validate.Links(ct, model.Locales, doc))
	if err != nil {
		return err
	}
	refusal := validate.Publish(ct, model.Locales, doc, targets)
	if refusal == nil {
		return nil
	}
	owners, err := s.Store.Owners(ctx, p.Environment, uniqueStoreKeys(h.ContentType, keys))
	if err != nil {
		return err
	}
	return withTaken(refusal, h, keys, owners)
}

// withTaken adds the unique values that others have to what is wrong with an
// entry: to broken validations, but before broken links.
func withTaken(refusal error, h store.Head, keys []validate.UniqueKey, owners map[store.Key]string) error {
	taken := uniqueProblems(h.ContentType, keys, conflictsOf(h, keys, owners))
	if len(taken) > 0 && fault.Is(refusal, fault.UnresolvedLinks) {
		refusal = nil
	}
	return withProblems(refusal, fault.InvalidEntry, taken)
}

// linkTargets are the entities a document links to, read once for all checks.
type linkTargets struct {
	entries map[string]store.Head
	assets  map[string]*cms.Document
}

func (t linkTargets) Entry(id string) (contentType string, ok bool) {
	h, ok := t.entries[id]
	return h.ContentType, ok
}

func (t linkTargets) Asset(id string) (*cms.Document, bool) {
	doc, ok := t.assets[id]
	return doc, ok
}

// targets finds what links lead to, with one statement for all entries, one for
// all assets and one for the documents of these.
func (s *Service) targets(ctx context.Context, p access.Place, links []validate.Link) (linkTargets, error) {
	ids := map[string][]string{}
	for _, l := range links {
		ids[l.LinkType] = append(ids[l.LinkType], l.ID)
	}
	t := linkTargets{entries: map[string]store.Head{}, assets: map[string]*cms.Document{}}
	entries, err := s.heads(ctx, p, cms.KindEntry, ids[string(cms.KindEntry)])
	if err != nil {
		return t, err
	}
	for _, h := range entries {
		t.entries[h.ID] = h
	}
	assets, err := s.heads(ctx, p, cms.KindAsset, ids[string(cms.KindAsset)])
	if err != nil {
		return t, err
	}
	docs, err := s.Index.Documents(ctx, revisions(assets, cms.Draft))
	if err != nil {
		return t, err
	}
	for _, h := range assets {
		t.assets[h.ID] = docs[h.Draft]
	}
	return t, nil
}

// heads reads those heads that exist among ids, which may repeat.
func (s *Service) heads(ctx context.Context, p access.Place, kind cms.Kind, ids []string) ([]store.Head, error) {
	slices.Sort(ids)
	var all []store.Head
	for page := range slices.Chunk(slices.Compact(ids), 1000) {
		heads, err := s.Store.GetMany(ctx, p.Environment, kind, page)
		if err != nil {
			return nil, err
		}
		all = append(all, heads...)
	}
	return all, nil
}

// UnpublishEntry takes an entry back; it needs no version. Its unique values
// become free.
func (s *Service) UnpublishEntry(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	h, err := s.advance(ctx, p, a, cms.KindEntry, id, func(tx store.Tx, h store.Head) (store.Write, error) {
		w, err := unpublish(h)
		if err != nil {
			return w, err
		}
		_, err = tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindEntry, id), nil)
		return w, err
	})
	return s.moved(ctx, p, h, err)
}
