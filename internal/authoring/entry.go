package authoring

import (
	"context"
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// Entity is an entry or an asset with what is needed to show it.
type Entity struct {
	cms.Sys
	Document *cms.Document
	Type     *cms.ContentType // cms.AssetType for assets
	Locales  cms.Locales
}

// EntityInput is the body of a write to an entry or an asset.
type EntityInput struct {
	Fields   map[string]json.RawMessage // by public field id
	Metadata json.RawMessage            // nil keeps what is stored
}

// Entry returns an entry's latest version.
func (s *Service) Entry(ctx context.Context, p access.Place, id string) (Entity, error) {
	return s.entity(ctx, p, cms.KindEntry, id)
}

func (s *Service) entity(ctx context.Context, p access.Place, kind cms.Kind, id string) (Entity, error) {
	env, err := s.Index.Open(ctx, p.Environment, true)
	if err != nil {
		return Entity{}, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	h, ok := env.Heads(kind, []string{id})[id]
	if !ok {
		return Entity{}, fault.Missing(string(kind), id, p.EnvironmentID, p.SpaceID)
	}
	docs, err := s.Index.Documents(ctx, []store.Revision{h.Draft})
	if err != nil {
		return Entity{}, err
	}
	return entityOf(env.Model(), h, docs[h.Draft]), nil
}

func entityOf(model *cms.Model, h store.Head, doc *cms.Document) Entity {
	e := Entity{Sys: h.Sys, Document: doc, Type: cms.AssetType, Locales: model.Locales}
	if h.Kind == cms.KindEntry {
		e.Type = model.Types[h.ContentType]
	}
	if e.Type == nil { // its type was deactivated while it was read
		e.Type = &cms.ContentType{}
	}
	return e
}

// CreateEntry makes an entry with a new id.
func (s *Service) CreateEntry(ctx context.Context, p access.Place, a access.Actor, contentType string, in EntityInput) (Entity, error) {
	if contentType == "" {
		return Entity{}, errNoContentType
	}
	var e Entity
	err := s.withModel(ctx, p, func(env *index.Env, model *cms.Model) error {
		var err error
		e, err = s.insertEntry(ctx, p, a, env, model, s.IDs.New(), contentType, in)
		return err
	})
	return e, err
}

// PutEntry replaces an entry, or makes one with this id when there is none;
// created says which.
func (s *Service) PutEntry(ctx context.Context, p access.Place, a access.Actor, id, contentType string, v Version, in EntityInput) (e Entity, created bool, err error) {
	err = s.withModel(ctx, p, func(env *index.Env, model *cms.Model) error {
		h, err := s.Store.Get(ctx, p.Environment, cms.KindEntry, id)
		switch {
		case fault.Is(err, fault.NotFound) && contentType == "":
			return errNoContentType
		case fault.Is(err, fault.NotFound):
			created = true
			e, err = s.insertEntry(ctx, p, a, env, model, id, contentType, in)
			return err
		case err != nil:
			return err
		}
		created = false
		if err := v.check(cms.KindEntry, id, h.Version); err != nil {
			return err
		}
		if h.Archived() {
			return fault.New(fault.BadRequest, "Cannot edit archived")
		}
		ct, err := activeType(model, h.ContentType)
		if err != nil {
			return err
		}
		doc, err := s.entryDocument(ctx, env, model, ct, h.Draft, in)
		if err != nil {
			return err
		}
		e, err = s.saveDocument(ctx, p, a, model, h, doc)
		return err
	})
	return e, created, err
}

var errNoContentType = fault.New(fault.BadRequest, "You should provide a content type in X-Contentful-Content-Type request header.")

// insertEntry validates and stores a new entry.
func (s *Service) insertEntry(ctx context.Context, p access.Place, a access.Actor, env *index.Env, model *cms.Model, id, contentType string, in EntityInput) (Entity, error) {
	if !cms.ValidID(id) {
		return Entity{}, invalidID(fault.InvalidEntry, id)
	}
	ct, err := activeType(model, contentType)
	if err != nil {
		return Entity{}, err
	}
	doc, err := s.entryDocument(ctx, env, model, ct, 0, in)
	if err != nil {
		return Entity{}, err
	}
	applyDefaults(doc, in, ct, model.Locales)
	h := created(p.Environment, cms.KindEntry, id, 1, a.User, s.Now())
	h.ContentType = contentType
	return s.insertDocument(ctx, p, a, model, h, doc)
}

// entryDocument checks a body on save and makes the document of it. Metadata
// the body does not name is taken from the revision before, if any.
func (s *Service) entryDocument(ctx context.Context, env *index.Env, model *cms.Model, ct *cms.ContentType, before store.Revision, in EntityInput) (*cms.Document, error) {
	meta, problems, err := s.metadata(ctx, before, in.Metadata)
	if err != nil {
		return nil, err
	}
	fields, err := validate.Entry(ct, model.Locales, in.Fields)
	if err := withProblems(err, fault.InvalidEntry, problems); err != nil {
		return nil, err
	}
	if err := checkTags(env, meta); err != nil {
		return nil, err
	}
	return &cms.Document{Metadata: meta, Fields: fields}, nil
}

// metadata is the metadata of a write: the body's, or what is stored.
func (s *Service) metadata(ctx context.Context, before store.Revision, raw json.RawMessage) (cms.Metadata, []fault.Detail, error) {
	if raw != nil {
		m, problems := parseMetadata(raw)
		return m, problems, nil
	}
	if before == 0 {
		return cms.Metadata{}, nil, nil
	}
	docs, err := s.Index.Documents(ctx, []store.Revision{before})
	if err != nil {
		return cms.Metadata{}, nil, err
	}
	return docs[before].Metadata, nil, nil
}

// withProblems adds problems to a validation error, or makes one of them. An
// error of another kind than the given one comes alone: its kind says more.
func withProblems(err error, kind fault.Kind, problems []fault.Detail) error {
	if len(problems) == 0 {
		return err
	}
	if err == nil {
		return fault.Invalid(kind, problems...)
	}
	f := fault.Of(err)
	if f.Kind != kind || f.Details == nil {
		return err
	}
	return fault.Invalid(kind, append(problems, f.Details.Errors...)...)
}

// applyDefaults gives fields that the body does not name their default values.
func applyDefaults(doc *cms.Document, in EntityInput, ct *cms.ContentType, locales cms.Locales) {
	for i := range ct.Fields {
		f := &ct.Fields[i]
		if _, sent := in.Fields[f.ID]; sent || f.DefaultValue == nil {
			continue
		}
		for key, value := range f.Defaults(locales) {
			if doc.Fields == nil {
				doc.Fields = cms.Fields{}
			}
			if doc.Fields[f.Key] == nil {
				doc.Fields[f.Key] = map[string]json.RawMessage{}
			}
			doc.Fields[f.Key][key] = value
		}
	}
}

// insertDocument stores a new entry or asset.
func (s *Service) insertDocument(ctx context.Context, p access.Place, a access.Actor, model *cms.Model, h store.Head, doc *cms.Document) (Entity, error) {
	return s.writeDocument(ctx, p, a, model, store.Write{Head: h, Was: store.Absent, Action: store.Create, At: h.CreatedAt}, doc)
}

// saveDocument stores the next draft of an entry or asset.
func (s *Service) saveDocument(ctx context.Context, p access.Place, a access.Actor, model *cms.Model, h store.Head, doc *cms.Document) (Entity, error) {
	at := s.Now()
	return s.writeDocument(ctx, p, a, model, store.Write{Head: touched(h, a.User, at), Was: h.Version, Action: store.Save, At: at}, doc)
}

func (s *Service) writeDocument(ctx context.Context, p access.Place, a access.Actor, model *cms.Model, w store.Write, doc *cms.Document) (Entity, error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return Entity{}, fault.Wrap(err, fault.ServerError, "encoding %s %s", w.Head.Kind, w.Head.ID)
	}
	w.Body, w.Actor = body, a.User
	var h store.Head
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		if err := sameModel(ctx, tx, p, model); err != nil {
			return err
		}
		h, err = tx.Put(ctx, w)
		return err
	})
	if err != nil {
		return Entity{}, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	return entityOf(model, h, doc), nil
}

// ArchiveEntry, UnarchiveEntry and DeleteEntry take no version: the original
// ignores one there.
func (s *Service) ArchiveEntry(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	return s.moved(ctx, p)(s.archive(ctx, p, a, cms.KindEntry, id))
}

// UnarchiveEntry makes an archived entry a draft again.
func (s *Service) UnarchiveEntry(ctx context.Context, p access.Place, a access.Actor, id string) (Entity, error) {
	return s.moved(ctx, p)(s.unarchive(ctx, p, a, cms.KindEntry, id))
}

// DeleteEntry removes a draft or archived entry.
func (s *Service) DeleteEntry(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.remove(ctx, p, a, cms.KindEntry, id, nil)
}

// moved turns the head that a lifecycle step left into the entity.
func (s *Service) moved(ctx context.Context, p access.Place) func(store.Head, error) (Entity, error) {
	return func(h store.Head, err error) (Entity, error) {
		if err != nil {
			return Entity{}, err
		}
		env, err := s.Index.Open(ctx, p.Environment, true)
		if err != nil {
			return Entity{}, err
		}
		docs, err := s.Index.Documents(ctx, []store.Revision{h.Draft})
		if err != nil {
			return Entity{}, err
		}
		return entityOf(env.Model(), h, docs[h.Draft]), nil
	}
}

// invalidID is the problem of an id that a client chose.
func invalidID(kind fault.Kind, id string) error {
	return fault.Invalid(kind, fault.Detail{Name: "regexp", Path: []any{"sys", "id"}, Value: fault.Raw(id),
		Pattern: `^[a-zA-Z0-9-_.]{1,64}$`, Details: "Does not match /^[a-zA-Z0-9-_.]{1,64}$/"})
}
