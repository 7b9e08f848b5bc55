package authoring

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// publication is an entry or asset on its way to another published body.
//
// What is published of each locale is the draft as it was when that locale was
// last published. So the published body is put together: from the draft for the
// locales that are published now, from the body published before for the others.
type publication struct {
	head  store.Head    // the entity as it was read
	draft *cms.Document // its latest version
	doc   *cms.Document // what is to be published: draft itself, if that is all of it; nil to unpublish
	body  []byte        // doc as it is stored, unless that is draft
	added cms.Locales   // published now: only their values are checked
}

// publication reads what change makes of an entry or asset, nil being all locales
// there are, and refuses what may not be published whatever its content. Without
// locales to publish it needs no version.
func (s *Service) publication(ctx context.Context, p access.Place, model *cms.Model, kind cms.Kind, id string, v Version, change *LocaleChange) (*publication, error) {
	h, err := s.head(ctx, p, kind, id)
	if err != nil {
		return nil, missing(err, p, kind, id)
	}
	if v.Sent || !change.onlyRemoves() {
		if err := s.sameVersion(ctx, p, h.Sys, v); err != nil {
			return nil, err
		}
	}
	pub, err := s.publicationOf(ctx, model, h, nil, change)
	return pub, inBody(err)
}

// publicationOf is publication for an entity with the draft that its head has, or with
// another one instead.
func (s *Service) publicationOf(ctx context.Context, model *cms.Model, h store.Head, instead *cms.Document, change *LocaleChange) (*publication, error) {
	if h.Archived() && !change.onlyRemoves() {
		return nil, publishesArchived(h.Kind, h.ID)
	}
	needed := []store.Revision{h.Draft}
	if change != nil {
		needed = append(needed, h.Published)
	}
	docs, err := s.documents(ctx, needed...)
	if err != nil {
		return nil, err
	}
	pub := &publication{head: h, draft: cmp.Or(instead, docs[h.Draft]), added: model.Locales}
	if change == nil {
		pub.doc = everywhere(model.Locales, pub.draft)
	} else {
		var removed cms.Locales
		if pub.added, removed, err = change.read(h.Kind, model.Locales); err != nil {
			return nil, err
		}
		before := docs[h.Published]
		if len(pub.added) == 0 && !slices.ContainsFunc(removed, func(l cms.Locale) bool { return before != nil && before.For(l.Key) }) {
			return nil, hinted(notPublished, "None of these locales is published: sys.fieldStatus says which are.")
		}
		pub.doc = compose(model.Locales, pub.draft, before, pub.added, removed)
	}
	if pub.doc == nil || pub.doc == docs[h.Draft] {
		return pub, nil
	}
	if pub.body, err = pub.doc.Encode(); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding %s %s", h.Kind, h.ID)
	}
	if len(pub.body) > maxDocument {
		return nil, tooLarge(h.Kind)
	}
	return pub, nil
}

// check fails when the entity is not what the publication was made of any more.
func (pub *publication) check(v Version, now store.Head) error {
	if v.Sent || len(pub.added) > 0 {
		return v.check(now.Sys)
	}
	if now.Version != pub.head.Version {
		return errOutdated
	}
	return nil
}

// step is what the publication does to the entity.
func (pub *publication) step(h store.Head) (store.Write, error) {
	if pub.doc == nil {
		return unpublish(h)
	}
	w := publish(h)
	w.PublishedBody = pub.body
	return w, nil
}

// everywhere is a draft published in all locales. One that was saved before there was
// one of them does not say so, and cannot be the published body itself.
func everywhere(locales cms.Locales, draft *cms.Document) *cms.Document {
	if draft.Locales != nil && !slices.ContainsFunc(locales, func(l cms.Locale) bool { return !draft.For(l.Key) }) {
		return draft
	}
	return &cms.Document{Metadata: draft.Metadata, Fields: draft.Fields, Locales: locales.Keys()}
}

// compose is a published body with some locales taken from the draft and others
// taken out. It is nil when no locale is left but such that the management API
// hides, which nobody could take out. Metadata has no locales: it comes with
// whichever is published.
func compose(locales cms.Locales, draft, before *cms.Document, added, removed cms.Locales) *cms.Document {
	if len(added) == len(locales) {
		return everywhere(locales, draft)
	}
	out := &cms.Document{Metadata: draft.Metadata, Fields: cms.Fields{}}
	if len(added) == 0 && before != nil {
		out.Metadata = before.Metadata
	}
	left := false
	for _, l := range locales {
		from := before
		switch {
		case added.Has(l.Key):
			from = draft
		case before == nil || !before.For(l.Key) || removed.Has(l.Key):
			continue
		}
		out.Locales = append(out.Locales, l.Key)
		left = left || l.Management
		for field, values := range from.Fields {
			if raw, ok := values[l.Key]; ok {
				if out.Fields[field] == nil {
					out.Fields[field] = map[string]json.RawMessage{}
				}
				out.Fields[field][l.Key] = raw
			}
		}
	}
	if !left {
		return nil
	}
	return out
}
