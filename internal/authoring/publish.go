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

// PublishEntry makes an entry's latest version the published one, in all locales,
// if it passes every validation of its activated content type. Unique values are
// claimed in the same transaction, so two entries can never publish the same one.
func (s *Service) PublishEntry(ctx context.Context, p access.Place, a access.Actor, id string, v Version) (Entity, error) {
	return s.publishLocales(ctx, p, a, cms.KindEntry, id, v, nil)
}

// PublishEntryLocales publishes and unpublishes an entry in some locales. Only
// the values of those that are published have to be right. Without any of these
// it needs no version. nil is all locales: PublishEntry.
func (s *Service) PublishEntryLocales(ctx context.Context, p access.Place, a access.Actor, id string, v Version, change *LocaleChange) (Entity, error) {
	return s.publishLocales(ctx, p, a, cms.KindEntry, id, v, change)
}

// publishLocales publishes an entry or asset as change says; nil is in all
// locales.
func (s *Service) publishLocales(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, id string, v Version, change *LocaleChange) (Entity, error) {
	var e Entity
	err := s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		pub, err := s.publication(ctx, p, model, kind, id, v, change)
		if err != nil {
			return err
		}
		keys, err := s.checkPublication(ctx, p, model, pub, s.around(p))
		if err != nil {
			return err
		}
		after, err := s.advance(ctx, p, a, kind, id, func(tx store.Tx, now store.Head) (store.Write, error) {
			if err := pub.check(v, now); err != nil {
				return store.Write{}, err
			}
			if err := sameModel(ctx, tx, p, model); err != nil {
				return store.Write{}, err
			}
			if err := s.allowedAtStep(ctx, tx, p, a.User, kind, id, cms.StepPublish); err != nil {
				return store.Write{}, err
			}
			if kind == cms.KindEntry {
				if err := tasksDone(ctx, tx, p, pub); err != nil {
					return store.Write{}, err
				}
				if err := claim(ctx, tx, p, now, pub.added, keys); err != nil {
					return store.Write{}, err
				}
			}
			return pub.step(now)
		}, asksOf(pub.head, keys))
		if err != nil {
			return err
		}
		e = entityOf(model, after, pub.draft, pub.doc)
		return nil
	})
	return e, err
}

// keyOwners finds who has keys.
type keyOwners func(ctx context.Context, keys []store.Key) (map[store.Key]string, error)

// surroundings are what a publication is checked against beside the content model.
type surroundings struct {
	owners   keyOwners
	versions map[cms.Link]store.Head // of entities that are published with it: what they will be
	tasks    map[store.Key]string    // tasksOf entries that are published with it, as far as they have some
}

// around is the environment as it is.
func (s *Service) around(p access.Place) surroundings {
	return surroundings{owners: func(ctx context.Context, keys []store.Key) (map[store.Key]string, error) {
		return s.Store.Owners(ctx, p.Environment, keys)
	}}
}

// checkPublication reports everything that keeps an entry or asset from being
// published, and returns the unique values it has then.
func (s *Service) checkPublication(ctx context.Context, p access.Place, model *cms.Model, pub *publication, around surroundings) ([]validate.UniqueKey, error) {
	switch {
	case pub.doc == nil:
		return nil, nil
	case pub.head.Kind == cms.KindAsset:
		return nil, checkAssetPublish(p, model.Locales, pub.added, pub.head.ID, pub.doc)
	}
	ct, err := activeType(model, pub.head.ContentType)
	if err != nil {
		return nil, err
	}
	if len(pub.added) > 0 {
		if err := s.checkPublish(ctx, p, pub.added, ct, pub.head, pub.draft, around); err != nil {
			return nil, err
		}
	}
	return validate.UniqueKeys(ct, model.Locales, pub.doc), nil
}

// asksOf is what publishing an entry with unique values asks about keys.
func asksOf(h store.Head, keys []validate.UniqueKey) store.Ahead {
	if h.Kind != cms.KindEntry {
		return store.Ahead{}
	}
	return store.Ahead{
		Keys:   append(uniqueStoreKeys(h.ContentType, keys), tasksOf(h.ID)),
		Owners: []string{store.OwnerOf(cms.KindEntry, h.ID)},
	}
}

// claim makes the unique values of an entry its own. One of a locale that is not
// published now, and hence not checked, may be another's since the field became
// unique: it is left there.
func claim(ctx context.Context, tx store.Tx, p access.Place, h store.Head, added cms.Locales, keys []validate.UniqueKey) error {
	kept := slices.DeleteFunc(slices.Clone(keys), func(k validate.UniqueKey) bool { return added.Has(k.LocaleKey) })
	if len(kept) > 0 {
		owners, err := tx.Owners(ctx, p.Environment, uniqueStoreKeys(h.ContentType, kept))
		if err != nil {
			return err
		}
		keys = slices.DeleteFunc(slices.Clone(keys), func(k validate.UniqueKey) bool {
			return !added.Has(k.LocaleKey) && len(conflictsOf(h, []validate.UniqueKey{k}, owners)) > 0
		})
	}
	conflicts, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindEntry, h.ID), uniqueStoreKeys(h.ContentType, keys))
	if err == nil && len(conflicts) > 0 {
		err = fault.Invalid(fault.InvalidEntry, uniqueProblems(h.ContentType, keys, conflicts)...)
	}
	return err
}

func publishesArchived(kind cms.Kind, id string) error {
	return hinted("Cannot publish archived", "Take it out of the archive first: %s.", route("DELETE", kind, id, "archived"))
}

// checkPublish reports everything that keeps an entry from being published in
// these locales. When nothing else is wrong, taken values are left for the claim
// to find.
func (s *Service) checkPublish(ctx context.Context, p access.Place, locales cms.Locales, ct *cms.ContentType, h store.Head, doc *cms.Document, around surroundings) error {
	var failure error // which says nothing of the entry
	refusal := validate.Publish(ct, locales, doc, func(links []validate.Link) (validate.Targets, error) {
		var targets linkTargets
		targets, failure = s.targets(ctx, p, links, around.versions)
		return targets, failure
	})
	if failure != nil {
		return failure
	}
	classes, err := s.classes(ctx, p, ct)
	if err != nil {
		return err
	}
	refusal = withConcepts(refusal, classes, doc)
	if refusal == nil {
		return nil
	}
	keys := validate.UniqueKeys(ct, locales, doc)
	held, err := around.owners(ctx, uniqueStoreKeys(h.ContentType, keys))
	if err != nil {
		return err
	}
	return withTaken(refusal, h, keys, held)
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
// all assets and one for the documents of these. Versions stand for the entities
// that they will be.
func (s *Service) targets(ctx context.Context, p access.Place, links []validate.Link, versions map[cms.Link]store.Head) (linkTargets, error) {
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
	for _, id := range ids[string(cms.KindEntry)] {
		if h, ok := versions[cms.LinkTo(cms.KindEntry, id)]; ok {
			t.entries[id] = h
		}
	}
	assets, err := s.heads(ctx, p, cms.KindAsset, ids[string(cms.KindAsset)])
	if err != nil {
		return t, err
	}
	for _, id := range ids[string(cms.KindAsset)] {
		if h, ok := versions[cms.LinkTo(cms.KindAsset, id)]; ok {
			h.ID = id
			assets = append(assets, h) // the last one counts
		}
	}
	docs, err := s.documents(ctx, revisions(assets, cms.Draft)...)
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
		heads, err := s.Store.Seen(ctx, p.Environment, kind, page...)
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
		if err := s.allowedAtStep(ctx, tx, p, a.User, cms.KindEntry, id, cms.StepPublish); err != nil {
			return w, err
		}
		_, err = tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindEntry, id), nil)
		return w, err
	})
	return s.moved(ctx, p, h, err)
}
