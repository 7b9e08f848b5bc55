package authoring

import (
	"context"
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// Asset returns an asset's latest version.
func (s *Service) Asset(ctx context.Context, p access.Place, id string) (Entity, error) {
	return s.entity(ctx, p, cms.KindAsset, id)
}

// CreateAsset makes an asset with a new id.
func (s *Service) CreateAsset(ctx context.Context, p access.Place, a access.Actor, in EntityInput) (Entity, error) {
	var e Entity
	err := s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		var err error
		e, err = s.insertAsset(ctx, p, a, model, s.IDs.New(), in)
		return err
	})
	return e, err
}

// PutAsset replaces an asset, or makes one with this id when there is none;
// created says which.
func (s *Service) PutAsset(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in EntityInput) (e Entity, created bool, err error) {
	err = s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		h, err := s.head(ctx, p, cms.KindAsset, id)
		if created = fault.Is(err, fault.NotFound); created {
			e, err = s.insertAsset(ctx, p, a, model, id, in)
			return err
		}
		if err != nil {
			return err
		}
		if err := s.sameVersion(ctx, p, h.Sys, v); err != nil {
			return err
		}
		if h.Archived() {
			return editsArchived(cms.KindAsset, id)
		}
		doc, err := s.assetDocument(ctx, p, model, id, h.Draft, in)
		if err != nil {
			return err
		}
		e, err = s.saveDocument(ctx, p, a, model, h, doc)
		return err
	})
	return e, created, err
}

func (s *Service) insertAsset(ctx context.Context, p access.Place, a access.Actor, model *cms.Model, id string, in EntityInput) (Entity, error) {
	if !cms.ValidID(id) {
		return Entity{}, invalidID(fault.ValidationFailed, id)
	}
	doc, err := s.assetDocument(ctx, p, model, id, 0, in)
	if err != nil {
		return Entity{}, err
	}
	return s.insertDocument(ctx, p, a, model, created(p.Environment, cms.KindAsset, id, 1, a.User, s.Now()), doc)
}

// assetDocument checks a body on save and makes the document of it. Metadata
// the body does not name is taken from the revision before, if any.
func (s *Service) assetDocument(ctx context.Context, p access.Place, model *cms.Model, id string, before store.Revision, in EntityInput) (*cms.Document, error) {
	meta, problems, err := s.metadata(ctx, before, in.Metadata)
	if err != nil {
		return nil, err
	}
	fields, err := validate.Asset(model.Locales, in.Fields)
	if err := withProblems(err, fault.ValidationFailed, problems); err != nil {
		return nil, err
	}
	docs, err := s.documents(ctx, before)
	if err != nil {
		return nil, err
	}
	if err := storeFiles(p, id, fields, docs[before]); err != nil {
		return nil, err
	}
	return &cms.Document{Metadata: meta, Fields: fields}, nil
}

// storeFiles turns the public URLs of the asset's own files back into what is
// stored, and lets files that it has already keep what processing found out
// about them. Other URLs stay as they are; publishing refuses them.
func storeFiles(p access.Place, asset string, fields cms.Fields, before *cms.Document) error {
	for locale, raw := range fields[cms.AssetFile] {
		var f cms.File
		if err := json.Unmarshal(raw, &f); err != nil {
			return fault.Wrap(err, fault.ServerError, "reading a checked file")
		}
		path, own := blob.StoredURL(f.URL)
		if !own || !ownFile(p, asset, path) {
			continue
		}
		f.URL = path
		known, err := detailsOf(before, path)
		if err != nil {
			return err
		}
		if known != nil {
			f.Details = known
		}
		b, err := json.Marshal(f)
		if err != nil {
			return fault.Wrap(err, fault.ServerError, "encoding a file")
		}
		fields[cms.AssetFile][locale] = b
	}
	return nil
}

// detailsOf is what a document says of its file at a stored URL; nil if it has
// none there.
func detailsOf(doc *cms.Document, url string) (*cms.FileDetails, error) {
	if doc == nil {
		return nil, nil
	}
	for locale := range doc.Fields[cms.AssetFile] {
		f, err := fileOf(*doc, locale)
		if err != nil {
			return nil, err
		}
		if f != nil && f.URL == url {
			return f.Details, nil
		}
	}
	return nil, nil
}

// ownFile reports whether a stored URL is that of a file of this asset.
func ownFile(p access.Place, asset, url string) bool {
	f, ok := blob.ParsePath(url)
	return ok && f == blob.NewFile(p.SpaceID, asset, f.Unique, f.Name)
}

// PublishAsset makes an asset's latest version the published one, in all locales,
// once it has files and all of them are processed.
func (s *Service) PublishAsset(ctx context.Context, p access.Place, a access.Actor, id string, v Version) (Entity, error) {
	return s.publishLocales(ctx, p, a, cms.KindAsset, id, v, nil)
}

// PublishAssetLocales is PublishEntryLocales for an asset. It has to have a file
// in a locale that is published then.
func (s *Service) PublishAssetLocales(ctx context.Context, p access.Place, a access.Actor, id string, v Version, change *LocaleChange) (Entity, error) {
	return s.publishLocales(ctx, p, a, cms.KindAsset, id, v, change)
}

// checkAssetPublish reports everything that keeps an asset from being published,
// when the values of some of the locales are new.
func checkAssetPublish(p access.Place, locales, added cms.Locales, id string, doc *cms.Document) error {
	if len(added) == 0 {
		return nil
	}
	return validate.AssetPublish(locales, added, doc, func(url string) bool { return ownFile(p, id, url) })
}

// UnpublishAsset takes an asset back; it needs no version.
func (s *Service) UnpublishAsset(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	h, err := s.advance(ctx, p, a, cms.KindAsset, id, func(_ store.Tx, h store.Head) (store.Write, error) {
		return unpublish(h)
	})
	return s.moved(ctx, p, h, err)
}

// ArchiveAsset takes an unpublished asset out of work.
func (s *Service) ArchiveAsset(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	h, err := s.archive(ctx, p, a, cms.KindAsset, id)
	return s.moved(ctx, p, h, err)
}

// UnarchiveAsset makes an archived asset a draft again.
func (s *Service) UnarchiveAsset(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	h, err := s.unarchive(ctx, p, a, cms.KindAsset, id)
	return s.moved(ctx, p, h, err)
}

// DeleteAsset removes a draft or archived asset. Its files stay reachable, as
// their addresses may be in use, until the trash gives it up.
func (s *Service) DeleteAsset(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.remove(ctx, p, a, cms.KindAsset, id)
}
