package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// PublishEntry makes an entry's latest version the published one, if it passes
// every validation of its activated content type. Unique values are claimed in
// the same transaction, so two entries can never publish the same one.
func (s *Service) PublishEntry(ctx context.Context, p access.Place, a access.Actor, id string, v Version) (Entity, error) {
	var h store.Head
	err := s.withModel(ctx, p, func(env *index.Env, model *cms.Model) error {
		before, doc, err := s.publishable(ctx, p, cms.KindEntry, id, v)
		if err != nil {
			return err
		}
		ct, err := activeType(model, before.ContentType)
		if err != nil {
			return err
		}
		keys := validate.UniqueKeys(ct, model.Locales, doc)
		if err := s.checkPublish(ctx, p, env, model, ct, before, doc, keys); err != nil {
			return err
		}
		h, err = s.advance(ctx, p, a, cms.KindEntry, id, func(tx store.Tx, now store.Head) (store.Write, error) {
			if err := v.check(cms.KindEntry, id, now.Version); err != nil {
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
		return err
	})
	return s.moved(ctx, p)(h, err)
}

// publishable reads an entry or asset that is about to be published, and
// refuses what may not be whatever its content.
func (s *Service) publishable(ctx context.Context, p access.Place, kind cms.Kind, id string, v Version) (store.Head, *cms.Document, error) {
	h, err := s.Store.Get(ctx, p.Environment, kind, id)
	if err != nil {
		return h, nil, missing(err, p, kind, id)
	}
	if err := v.check(kind, id, h.Version); err != nil {
		return h, nil, err
	}
	if h.Archived() {
		return h, nil, fault.New(fault.BadRequest, "Cannot publish archived")
	}
	docs, err := s.Index.Documents(ctx, []store.Revision{h.Draft})
	if err != nil {
		return h, nil, err
	}
	return h, docs[h.Draft], nil
}

// checkPublish reports everything that keeps an entry from being published:
// broken validations and taken unique values together, else broken links.
func (s *Service) checkPublish(ctx context.Context, p access.Place, env *index.Env, model *cms.Model, ct *cms.ContentType, h store.Head, doc *cms.Document, keys []validate.UniqueKey) error {
	targets, err := s.targets(ctx, env, ct, model.Locales, doc)
	if err != nil {
		return err
	}
	conflicts, err := s.takenKeys(ctx, p, h, keys)
	if err != nil {
		return err
	}
	return withProblems(validate.Publish(ct, model.Locales, doc, targets), fault.InvalidEntry,
		uniqueProblems(h.ContentType, keys, conflicts))
}

// takenKeys asks which of an entry's unique values others hold.
func (s *Service) takenKeys(ctx context.Context, p access.Place, h store.Head, keys []validate.UniqueKey) ([]store.Conflict, error) {
	var taken []store.Conflict
	for _, k := range uniqueStoreKeys(h.ContentType, keys) {
		owner, err := s.Store.Owner(ctx, p.Environment, k)
		if err != nil {
			return nil, err
		}
		if owner != "" && owner != store.OwnerOf(cms.KindEntry, h.ID) {
			taken = append(taken, store.Conflict{Key: k, Owner: owner})
		}
	}
	return taken, nil
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

// targets finds what a document links to: entries from the read model, assets
// with their bodies in one statement.
func (s *Service) targets(ctx context.Context, env *index.Env, ct *cms.ContentType, locales cms.Locales, doc *cms.Document) (linkTargets, error) {
	var entries, assets []string
	for _, l := range validate.Links(ct, locales, doc) {
		switch l.LinkType {
		case string(cms.KindEntry):
			entries = append(entries, l.ID)
		case string(cms.KindAsset):
			assets = append(assets, l.ID)
		}
	}
	t := linkTargets{entries: env.Heads(cms.KindEntry, entries), assets: map[string]*cms.Document{}}
	heads := env.Heads(cms.KindAsset, assets)
	revs := make([]store.Revision, 0, len(heads))
	for _, h := range heads {
		revs = append(revs, h.Draft)
	}
	docs, err := s.Index.Documents(ctx, revs)
	if err != nil {
		return t, err
	}
	for id, h := range heads {
		t.assets[id] = docs[h.Draft]
	}
	return t, nil
}

// UnpublishEntry takes an entry back; it needs no version. Its unique values
// become free.
func (s *Service) UnpublishEntry(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	return s.moved(ctx, p)(s.advance(ctx, p, a, cms.KindEntry, id, func(tx store.Tx, h store.Head) (store.Write, error) {
		w, err := unpublish(h)
		if err != nil {
			return w, err
		}
		_, err = tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindEntry, id), nil)
		return w, err
	}))
}
