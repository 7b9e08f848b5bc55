package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Entity is an entry or an asset with what is needed to show it.
type Entity struct {
	cms.Sys
	Document          *cms.Document // of the stage that was asked for
	PublishedDocument *cms.Document // nil when nothing is published
	Type              *cms.ContentType
	Locales           cms.Locales
	Release           string // id of the release that this version belongs to; "" for the entity itself
}

// EntityInput is the body of a write to an entry or an asset.
type EntityInput struct {
	Fields   map[string]json.RawMessage // by public field id
	Metadata json.RawMessage            // nil keeps what is stored
}

// maxDocument bounds a stored document, in bytes. A body is bounded by the edge
// already, but a patch can make much of little.
const maxDocument = 2 << 20

// ParseEntity reads the body of a write to an entry or asset; nil is an empty
// one. sys is ignored, since clients send whole entities back. The body is
// well-formed, and the input is parts of it.
//
// Errors: fault.InvalidEntry for entries, fault.ValidationFailed for assets.
func ParseEntity(kind cms.Kind, body []byte) (in EntityInput, err error) {
	var members map[string]json.RawMessage
	if body != nil {
		if members, err = cms.Members(body); err != nil {
			return in, fault.Invalid(invalid(kind), wrongType("value", "Object", body))
		}
	}
	var problems []fault.Detail
	for _, name := range slices.Sorted(maps.Keys(members)) {
		raw := members[name]
		switch name {
		case "sys":
		case "metadata":
			in.Metadata = raw
		case "fields":
			if in.Fields, err = cms.Members(raw); err != nil {
				problems = append(problems, wrongType(name, "Object", raw, name))
			}
		default:
			d := unknown(raw, []string{"sys", "metadata", "fields"}, name)
			if d.Suggestions == nil {
				d.Details += ` Values stand inside "fields".`
			}
			problems = append(problems, d)
		}
	}
	if problems != nil {
		return in, fault.Invalid(invalid(kind), problems...)
	}
	return in, nil
}

// entity reads the latest version of an entry or asset.
func (s *Service) entity(ctx context.Context, p access.Place, kind cms.Kind, id string) (Entity, error) {
	model, err := s.model(ctx, p)
	if err != nil {
		return Entity{}, err
	}
	h, err := s.head(ctx, p, kind, id)
	if err != nil {
		return Entity{}, missing(err, p, kind, id)
	}
	return s.latest(ctx, model, h)
}

// latest is a head with its documents.
func (s *Service) latest(ctx context.Context, model *cms.Model, h store.Head) (Entity, error) {
	docs, err := s.documents(ctx, h.Draft, h.Published)
	return entityOf(model, h, docs[h.Draft], docs[h.Published]), err
}

// documents are those of revisions that heads have; 0 is none. That one is gone, as it
// is with its space, is an error.
func (s *Service) documents(ctx context.Context, revs ...store.Revision) (map[store.Revision]*cms.Document, error) {
	docs, err := s.Index.Documents(ctx, revs)
	for _, r := range revs {
		if err == nil && r != 0 && docs[r] == nil {
			err = fault.New(fault.ServerError, "the body of revision %d is gone", r)
		}
	}
	return docs, err
}

// moved shows what a lifecycle step made of an entry or asset.
func (s *Service) moved(ctx context.Context, p access.Place, h store.Head, err error) (Entity, error) {
	if err != nil {
		return Entity{}, err
	}
	model, err := s.model(ctx, p)
	if err != nil {
		return Entity{}, err
	}
	return s.latest(ctx, model, h)
}

func entityOf(model *cms.Model, h store.Head, doc, published *cms.Document) Entity {
	e := Entity{Sys: h.Sys, Document: doc, PublishedDocument: published, Type: cms.AssetType, Locales: model.Locales}
	if h.Kind == cms.KindEntry {
		e.Type = model.Types[h.ContentType]
	}
	if e.Type == nil { // its type was deactivated while it was read
		e.Type = &cms.ContentType{}
	}
	return e
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
	docs, err := s.documents(ctx, before)
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
	all := fault.Invalid(kind, append(problems, f.Details.Errors...)...)
	all.Details.Truncated = f.Details.Truncated
	return all
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
	body, err := s.bodyOf(ctx, p, model, w.Head, doc)
	if err != nil {
		return Entity{}, err
	}
	published, err := s.documents(ctx, w.Head.Published)
	if err != nil {
		return Entity{}, err
	}
	w.Body, w.Actor = body, a.User
	var h store.Head
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		if err := sameModel(ctx, tx, p, model); err != nil {
			return err
		}
		if err := checkTags(ctx, tx, p, doc.Metadata); err != nil {
			return err
		}
		if w.Action != store.Create {
			if err := s.allowedAtStep(ctx, tx, p, a.User, w.Head.Kind, w.Head.ID, cms.StepEdit); err != nil {
				return err
			}
		}
		if h, err = tx.Put(ctx, w); err != nil || w.Action != store.Create || h.Kind != cms.KindEntry || !model.Workflows {
			return err
		}
		return s.beginOnCreation(ctx, tx, p, a.User, h)
	})
	if err != nil {
		return Entity{}, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	if doc, err = s.written(h.Draft, body); err != nil {
		return Entity{}, err
	}
	return entityOf(model, h, doc, published[h.Published]), nil
}

// written is the document that was stored as a revision just now, as reading it would
// give it. It is kept, as it will be published next, most likely. What was only tried
// is not: the revision will be another body's.
func (s *Service) written(r store.Revision, body []byte) (*cms.Document, error) {
	if !s.tries {
		return s.Index.Keep(r, body)
	}
	doc, err := cms.ParseDocument(body)
	return &doc, err
}

// bodyOf is a document as it is stored, in the place of the one that h has.
func (s *Service) bodyOf(ctx context.Context, p access.Place, model *cms.Model, h store.Head, doc *cms.Document) ([]byte, error) {
	doc.Locales = model.Locales.Keys()
	body, err := doc.Encode()
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding %s %s", h.Kind, h.ID)
	}
	if len(body) > maxDocument {
		return nil, tooLarge(h.Kind)
	}
	return body, s.checkConcepts(ctx, p, h.Kind, h.Draft, doc.Metadata)
}

// invalid is the kind of error that what is wrong with an entry or asset has.
func invalid(kind cms.Kind) fault.Kind {
	if kind == cms.KindEntry {
		return fault.InvalidEntry
	}
	return fault.ValidationFailed
}

func tooLarge(kind cms.Kind) error {
	return fault.Invalid(invalid(kind), fault.Detail{Name: "size", Max: fault.Raw(maxDocument),
		Details: fmt.Sprintf("Size must be at most %d bytes", maxDocument)})
}

// invalidID is the problem of an id that a client chose.
func invalidID(kind fault.Kind, id string) error {
	return fault.Invalid(kind, fault.Detail{Name: "regexp", Path: []any{"sys", "id"}, Elsewhere: true, Value: fault.Raw(id),
		Pattern: `^[a-zA-Z0-9-_.]{1,64}$`, Details: "Does not match /^[a-zA-Z0-9-_.]{1,64}$/"})
}
