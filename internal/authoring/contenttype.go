package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// ContentType returns a content type's latest version.
func (s *Service) ContentType(ctx context.Context, p access.Place, id string) (Resource[cms.ContentType], error) {
	ct, err := get[cms.ContentType](ctx, s.Store, p.Environment, cms.KindContentType, id)
	return ct, suggest(ctx, s.Store, p.Environment, missing(err, p, cms.KindContentType, id), id, cms.KindContentType)
}

// PublicContentType returns a content type's activated version.
func (s *Service) PublicContentType(ctx context.Context, p access.Place, id string) (Resource[cms.ContentType], error) {
	h, err := s.Store.Get(ctx, p.Environment, cms.KindContentType, id)
	if err == nil && !h.Sys.Published() {
		err = fault.New(fault.NotFound, "")
	}
	if err != nil {
		return Resource[cms.ContentType]{}, suggest(ctx, s.Store, p.Environment, missing(err, p, cms.KindContentType, id), id, cms.KindContentType)
	}
	bodies, err := s.Index.Bodies(ctx, []store.Revision{h.Published})
	if err != nil {
		return Resource[cms.ContentType]{}, err
	}
	return decode[cms.ContentType](h, bodies[h.Published])
}

// CreateContentType makes a content type with a new id.
func (s *Service) CreateContentType(ctx context.Context, p access.Place, a access.Actor, body json.RawMessage) (Resource[cms.ContentType], error) {
	ct, _, err := s.PutContentType(ctx, p, a, s.IDs.New(), Version{}, body)
	return ct, err
}

// PutContentType replaces a content type's draft, or makes a content type with
// this id when there is none; created says which. What entries are validated
// against changes with the next activation.
func (s *Service) PutContentType(ctx context.Context, p access.Place, a access.Actor, id string, v Version, body json.RawMessage) (ct Resource[cms.ContentType], isNew bool, err error) {
	if !cms.ValidID(id) {
		return ct, false, invalidID(fault.ValidationFailed, id)
	}
	if body == nil { // a null too is a body without anything in it
		body = json.RawMessage("{}")
	}
	request, err := validate.ContentType(body)
	if err != nil {
		return ct, false, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, cms.KindContentType, id)
		if isNew = fault.Is(err, fault.NotFound); isNew {
			next, err := validate.ContentTypeChange(request, nil, nil)
			if err != nil {
				return err
			}
			h = created(p.Environment, cms.KindContentType, id, 1, a.User, s.Now())
			ct, err = put(ctx, tx, h, store.Absent, *next, store.Create, a.User, h.CreatedAt)
			return err
		}
		if err != nil {
			return err
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		draft, activated, err := faces(ctx, tx, h)
		if err != nil {
			return err
		}
		next, err := validate.ContentTypeChange(request, draft, activated)
		if err != nil {
			return err
		}
		at := s.Now()
		ct, err = put(ctx, tx, touched(h, a.User, at), h.Version, *next, store.Save, a.User, at)
		return err
	})
	return ct, isNew, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// faces reads a content type's draft and, if there is one, its activated
// version.
func faces(ctx context.Context, r store.Reader, h store.Head) (draft, activated *cms.ContentType, err error) {
	bodies, err := r.Bodies(ctx, []store.Revision{h.Draft, h.Published})
	if err != nil {
		return nil, nil, err
	}
	d, err := decode[cms.ContentType](h, bodies[h.Draft])
	if err != nil || h.Published == 0 {
		return &d.Value, nil, err
	}
	pub, err := decode[cms.ContentType](h, bodies[h.Published])
	return &d.Value, &pub.Value, err
}

// PublishContentType activates the latest version: from now on entries are
// validated and delivered by it. The editor interface follows, and so do the
// claimed values of unique fields.
func (s *Service) PublishContentType(ctx context.Context, p access.Place, a access.Actor, id string, v Version) (Resource[cms.ContentType], error) {
	var ct Resource[cms.ContentType]
	h, err := s.advance(ctx, p, a, cms.KindContentType, id, func(tx store.Tx, h store.Head) (store.Write, error) {
		if err := v.check(h.Sys); err != nil {
			return store.Write{}, err
		}
		draft, activated, err := faces(ctx, tx, h)
		if err != nil {
			return store.Write{}, err
		}
		ct.Value = *draft
		if err := s.claimUnique(ctx, tx, p, id, draft, activated); err != nil {
			return store.Write{}, err
		}
		return publish(h), s.syncEditorInterface(ctx, tx, p.Environment, id, draft, activated, a.User, s.Now())
	})
	ct.Sys = h.Sys
	return ct, err
}

// UnpublishContentType deactivates a content type that has no entries, not even
// in releases. Its editor interface goes with it.
func (s *Service) UnpublishContentType(ctx context.Context, p access.Place, a access.Actor, id string) (Resource[cms.ContentType], error) {
	var ct Resource[cms.ContentType]
	h, err := s.advance(ctx, p, a, cms.KindContentType, id, func(tx store.Tx, h store.Head) (store.Write, error) {
		w, err := unpublish(h)
		if err != nil {
			return w, err
		}
		used, err := tx.Has(ctx, p.Environment, cms.KindEntry, id)
		if err != nil {
			return w, err
		}
		if used {
			return w, hinted("Content Type has entries", "Delete them first: GET …/entries?content_type=%s lists them.", id)
		}
		if used, err = tx.Has(ctx, p.Environment, cms.KindReleaseEntry, id); err != nil {
			return w, err
		}
		if used {
			return w, hinted("Content Type has entries", "Releases have versions of them: take the entries out of the releases, or delete the releases. GET …/releases/{release}/entries?content_type=%s lists them.", id)
		}
		draft, _, err := faces(ctx, tx, h)
		if err != nil {
			return w, err
		}
		ct.Value = *draft
		return w, s.dropEditorInterface(ctx, tx, p.Environment, id, a.User, s.Now())
	})
	ct.Sys = h.Sys
	return ct, err
}

// DeleteContentType removes an inactive content type.
func (s *Service) DeleteContentType(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.remove(ctx, p, a, cms.KindContentType, id)
}

// claimUnique claims the values of fields that become unique for the entries
// published already, and frees those of fields that no longer are. Where two
// published entries share a value, the first by id keeps it; the other is told
// when it is next published.
func (s *Service) claimUnique(ctx context.Context, tx store.Tx, p access.Place, id string, next, before *cms.ContentType) error {
	if before == nil || sameUnique(next, before) {
		return nil
	}
	all, err := list[cms.Locale](ctx, tx, p.Environment, cms.KindLocale)
	if err != nil {
		return err
	}
	locales := values(all)
	const page = 1000
	for after := ""; ; {
		heads, err := tx.List(ctx, p.Environment, cms.KindEntry, after, page)
		if err != nil {
			return err
		}
		var mine []store.Head
		var revs []store.Revision
		for _, h := range heads {
			if h.ContentType == id && h.Published != 0 {
				mine, revs = append(mine, h), append(revs, h.Published)
			}
		}
		bodies, err := tx.Bodies(ctx, revs)
		if err != nil {
			return err
		}
		for _, h := range mine {
			doc, err := decode[cms.Document](h, bodies[h.Published])
			if err != nil {
				return err
			}
			if err := claimFree(ctx, tx, p, h, uniqueStoreKeys(id, validate.UniqueKeys(next, locales, &doc.Value))); err != nil {
				return err
			}
		}
		if len(heads) < page {
			return nil
		}
		after = heads[len(heads)-1].ID
	}
}

// claimFree claims those keys that nobody else holds.
func claimFree(ctx context.Context, tx store.Tx, p access.Place, h store.Head, keys []store.Key) error {
	owner := store.OwnerOf(cms.KindEntry, h.ID)
	for {
		conflicts, err := tx.SetKeys(ctx, p.Environment, owner, keys)
		if err != nil || len(conflicts) == 0 {
			return err
		}
		free := keys[:0:0]
		for _, k := range keys {
			if !held(conflicts, k) {
				free = append(free, k)
			}
		}
		keys = free
	}
}

func held(conflicts []store.Conflict, k store.Key) bool {
	return slices.ContainsFunc(conflicts, func(c store.Conflict) bool { return c.Key == k })
}

// sameUnique reports whether two versions have the same unique fields.
func sameUnique(a, b *cms.ContentType) bool { return slices.Equal(uniqueFields(a), uniqueFields(b)) }

// uniqueFields names the unique fields in order, and whether each is localized.
func uniqueFields(ct *cms.ContentType) []string {
	var names []string
	for i := range ct.Fields {
		f := &ct.Fields[i]
		for _, v := range f.Validations {
			if string(v["unique"]) == "true" {
				names = append(names, fmt.Sprint(f.Key, f.Localized))
			}
		}
	}
	slices.Sort(names)
	return names
}

// PublicContentTypes answers a query over the activated versions.
func (s *Service) PublicContentTypes(ctx context.Context, p access.Place, params url.Values) (Found[Resource[cms.ContentType]], error) {
	return search(ctx, s, p, cms.KindContentType, cms.Published, params, decodeHit[cms.ContentType])
}

// ContentTypes answers a query over the latest versions.
func (s *Service) ContentTypes(ctx context.Context, p access.Place, params url.Values) (Found[Resource[cms.ContentType]], error) {
	return search(ctx, s, p, cms.KindContentType, cms.Draft, params, decodeHit[cms.ContentType])
}
