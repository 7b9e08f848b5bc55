package authoring

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// maxLinks is how many links the fields of an entry may hold together.
const maxLinks = 1000

// Entry returns an entry's latest version.
func (s *Service) Entry(ctx context.Context, p access.Place, id string) (Entity, error) {
	return s.entity(ctx, p, cms.KindEntry, id)
}

// CreateEntry makes an entry with a new id.
func (s *Service) CreateEntry(ctx context.Context, p access.Place, a access.Actor, contentType string, in EntityInput) (Entity, error) {
	var e Entity
	err := s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		var err error
		e, err = s.insertEntry(ctx, p, a, model, s.IDs.New(), contentType, in)
		return err
	})
	return e, err
}

// PutEntry replaces an entry, or makes one with this id when there is none;
// created says which. The content type counts for a new entry only.
func (s *Service) PutEntry(ctx context.Context, p access.Place, a access.Actor, id, contentType string, v Version, in EntityInput) (e Entity, created bool, err error) {
	err = s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		h, err := s.head(ctx, p, cms.KindEntry, id)
		if created = fault.Is(err, fault.NotFound); created {
			e, err = s.insertEntry(ctx, p, a, model, id, contentType, in)
			return err
		}
		if err != nil {
			return err
		}
		if err := s.sameVersion(ctx, p, h.Sys, v); err != nil {
			return err
		}
		if h.Archived() {
			return editsArchived(cms.KindEntry, id)
		}
		ct, err := activeType(model, h.ContentType)
		if err != nil {
			return err
		}
		doc, err := s.entryDocument(ctx, model, ct, h.Draft, in)
		if err != nil {
			return err
		}
		e, err = s.saveDocument(ctx, p, a, model, h, doc)
		return err
	})
	return e, created, err
}

// insertEntry validates and stores a new entry.
func (s *Service) insertEntry(ctx context.Context, p access.Place, a access.Actor, model *cms.Model, id, contentType string, in EntityInput) (Entity, error) {
	if contentType == "" {
		return Entity{}, noContentType()
	}
	if !cms.ValidID(id) {
		return Entity{}, invalidID(fault.InvalidEntry, id)
	}
	ct, err := activeType(model, contentType)
	if err != nil {
		return Entity{}, err
	}
	doc, err := s.entryDocument(ctx, model, ct, 0, in)
	if err != nil {
		return Entity{}, err
	}
	applyDefaults(doc, in, ct, model.Locales)
	h := created(p.Environment, cms.KindEntry, id, 1, a.User, s.Now())
	h.ContentType = contentType
	return s.insertDocument(ctx, p, a, model, h, doc)
}

func noContentType() error {
	return fault.New(fault.BadRequest, "You should provide a content type in X-Contentful-Content-Type request header.")
}

// entryDocument checks a body on save and makes the document of it. Metadata
// the body does not name is taken from the revision before, if any.
func (s *Service) entryDocument(ctx context.Context, model *cms.Model, ct *cms.ContentType, before store.Revision, in EntityInput) (*cms.Document, error) {
	meta, problems, err := s.metadata(ctx, before, in.Metadata)
	if err != nil {
		return nil, err
	}
	fields, links, err := validate.Entry(ct, model.Locales, in.Fields)
	if err := withProblems(err, fault.InvalidEntry, problems); err != nil {
		return nil, err
	}
	if links > maxLinks {
		return nil, fault.Invalid(fault.InvalidEntry, fault.Detail{Name: "size", Path: []any{"fields"}, Max: fault.Raw(maxLinks),
			Details: fmt.Sprintf("An entry can have at most %d links, this one has %d", maxLinks, links)})
	}
	return &cms.Document{Metadata: meta, Fields: fields}, nil
}

// applyDefaults gives fields that the body does not name their default values.
func applyDefaults(doc *cms.Document, in EntityInput, ct *cms.ContentType, locales cms.Locales) {
	for i := range ct.Fields {
		f := &ct.Fields[i]
		if _, sent := in.Fields[f.ID]; sent {
			continue
		}
		for key, value := range f.Defaults(locales) {
			if doc.Fields[f.Key] == nil {
				doc.Fields[f.Key] = map[string]json.RawMessage{}
			}
			doc.Fields[f.Key][key] = value
		}
	}
}

// ArchiveEntry takes an unpublished entry out of work. Like UnarchiveEntry and
// DeleteEntry it takes no version: the original ignores one there.
func (s *Service) ArchiveEntry(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	h, err := s.archive(ctx, p, a, cms.KindEntry, id)
	return s.moved(ctx, p, h, err)
}

// UnarchiveEntry makes an archived entry a draft again.
func (s *Service) UnarchiveEntry(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	h, err := s.unarchive(ctx, p, a, cms.KindEntry, id)
	return s.moved(ctx, p, h, err)
}

// DeleteEntry removes a draft or archived entry.
func (s *Service) DeleteEntry(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.remove(ctx, p, a, cms.KindEntry, id)
}
