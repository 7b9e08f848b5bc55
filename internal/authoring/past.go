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

// contentAt is what a change left of a resource whose sys was that then.
func (s *Service) contentAt(ctx context.Context, p access.Place, model *cms.Model, sys cms.Sys, c store.Change) (Content, error) {
	switch sys.Kind {
	case cms.KindContentType:
		ct, err := bodyAt[cms.ContentType](ctx, s, sys, c.DraftAfter)
		return Content{ContentType: &ct}, err
	case cms.KindTag:
		tag, err := bodyAt[cms.Tag](ctx, s, sys, c.DraftAfter)
		return Content{Tag: &tag}, err
	}
	e, err := s.entityAt(ctx, p, model, sys, c)
	return Content{Entity: &e}, err
}

func bodyAt[T any](ctx context.Context, s *Service, sys cms.Sys, rev store.Revision) (Resource[T], error) {
	bodies, err := s.Index.Bodies(ctx, []store.Revision{rev})
	if err != nil {
		return Resource[T]{}, err
	}
	return decode[T](store.Head{Sys: sys}, bodies[rev])
}

// entityAt is contentAt for entries and assets. Fields and locales have their
// present names. Those that are gone, which only the past can show, have the ones
// they had.
func (s *Service) entityAt(ctx context.Context, p access.Place, model *cms.Model, sys cms.Sys, c store.Change) (Entity, error) {
	docs, err := s.Index.Documents(ctx, []store.Revision{c.DraftAfter, c.PublishedAfter})
	if err != nil {
		return Entity{}, err
	}
	doc := docs[c.DraftAfter]
	if doc == nil {
		return Entity{}, fault.New(fault.ServerError, "the body of version %d of %s %s is gone", c.Version, c.Kind, c.ID)
	}
	e := Entity{Sys: sys, Document: doc, PublishedDocument: docs[c.PublishedAfter], Type: cms.AssetType, Locales: withLost(model.Locales, doc)}
	if c.Kind != cms.KindEntry {
		return e, nil
	}
	present := model.Types[c.ContentType]
	if present == nil {
		present = &cms.ContentType{}
	}
	e.Type = present
	if strange := strangeFields(present, doc); len(strange) > 0 {
		then, err := s.typeAt(ctx, p, c)
		if err != nil {
			return Entity{}, err
		}
		e.Type = withFields(present, then, strange)
	}
	return e, nil
}

// typeAt is the content type that was active when an entry was changed, nil if
// that is not known any more.
func (s *Service) typeAt(ctx context.Context, p access.Place, entry store.Change) (*cms.ContentType, error) {
	for before := entry.Point(); ; {
		changes, err := s.Store.ChangesOf(ctx, p.Environment, cms.KindContentType, entry.ContentType, before, 100)
		if err != nil || len(changes) == 0 {
			return nil, err
		}
		for _, c := range changes {
			before = c.Point()
			if c.PublishedAfter == 0 {
				continue
			}
			bodies, err := s.Index.Bodies(ctx, []store.Revision{c.PublishedAfter})
			if err != nil || bodies[c.PublishedAfter] == nil {
				return nil, err
			}
			ct, err := decode[cms.ContentType](store.Head{Sys: cms.Sys{Kind: c.Kind, ID: c.ID}}, bodies[c.PublishedAfter])
			return &ct.Value, err
		}
	}
}

// strangeFields are the keys of values that a content type has no field for.
func strangeFields(ct *cms.ContentType, doc *cms.Document) []string {
	var keys []string
	for key := range doc.Fields {
		if !slices.ContainsFunc(ct.Fields, func(f cms.Field) bool { return f.Key == key }) {
			keys = append(keys, key)
		}
	}
	return keys
}

// withFields is a content type with fields it had earlier. One whose name now
// belongs to another field is not shown.
func withFields(present, then *cms.ContentType, keys []string) *cms.ContentType {
	if then == nil {
		return present
	}
	all := *present
	all.Fields = slices.Clone(present.Fields)
	for _, f := range then.Fields {
		if slices.Contains(keys, f.Key) && present.Field(f.ID) == nil {
			all.Fields = append(all.Fields, f)
		}
	}
	return &all
}

// withLost are locales with those that are gone but have values in a document.
// These are called by their key, which is the code they were made with.
func withLost(locales cms.Locales, doc *cms.Document) cms.Locales {
	lost := map[string]bool{}
	for _, values := range doc.Fields {
		for key := range values {
			lost[key] = true
		}
	}
	for _, l := range locales {
		delete(lost, l.Key)
		delete(lost, l.Code)
	}
	all := slices.Clone(locales)
	for _, key := range slices.Sorted(maps.Keys(lost)) {
		all = append(all, cms.Locale{Code: key, Key: key, Management: true})
	}
	return all
}

// inputOf is the body that would make an entity what it is.
func inputOf(e Entity) EntityInput {
	in := EntityInput{Metadata: fault.Raw(e.Document.Metadata.Links())}
	_ = json.Unmarshal(cms.AppendFields(nil, e.Type, e.Locales, e.Document.Fields), &in.Fields) // it is an object
	return in
}

// Portion is the part of a version that is restored.
type Portion struct {
	Fields   map[string][]string // codes of locales by public id of the field; "*" is all of them
	Metadata bool
}

// allLocales stands for every locale of a field.
const allLocales = "*"

// of is the body of an entry or asset as it is, with this part of an earlier one.
func (some *Portion) of(present, past Entity) (EntityInput, error) {
	now, then := inputOf(present), inputOf(past)
	out := EntityInput{Fields: map[string]json.RawMessage{}}
	if some.Metadata {
		out.Metadata = then.Metadata
	}
	maps.Copy(out.Fields, now.Fields)
	var problems []fault.Detail
	for _, id := range slices.Sorted(maps.Keys(some.Fields)) {
		if now.Fields[id] == nil && then.Fields[id] == nil {
			problems = append(problems, fault.Detail{Name: "unknown", Path: []any{"fields", id}, Value: fault.Raw(some.Fields[id]),
				Details: fmt.Sprintf("Neither this version nor the present one has a value for the field %q.", id)})
			continue
		}
		values, err := byLocale(now.Fields[id])
		if err != nil {
			return out, err
		}
		earlier, err := byLocale(then.Fields[id])
		if err != nil {
			return out, err
		}
		if slices.Contains(some.Fields[id], allLocales) {
			values = earlier
		}
		for i, code := range some.Fields[id] {
			if _, ok := past.Locales.ByCode(code); !ok && code != allLocales {
				problems = append(problems, fault.Detail{Name: "unknown", Path: []any{"fields", id, i}, Value: fault.Raw(code),
					Details:     fmt.Sprintf("There is no locale %q.", code),
					Suggestions: past.Locales.Likely(code, func(l cms.Locale) bool { return l.Management })})
			}
			if value, ok := earlier[code]; ok {
				values[code] = value
			} else {
				delete(values, code)
			}
		}
		if delete(out.Fields, id); len(values) > 0 {
			out.Fields[id] = fault.Raw(values)
		}
	}
	if problems != nil {
		return out, fault.Invalid(invalid(present.Kind), problems...)
	}
	return out, nil
}

// byLocale reads the values of a field that is stored; nil has none.
func byLocale(raw json.RawMessage) (map[string]json.RawMessage, error) {
	values := map[string]json.RawMessage{}
	if raw == nil {
		return values, nil
	}
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "reading the stored values of a field")
	}
	return values, nil
}
