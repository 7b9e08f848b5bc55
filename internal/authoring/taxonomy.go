package authoring

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// The concepts and concept schemes of an organization, its taxonomy, are records of
// the server's scope and shared by all its spaces. Content refers to them by id and
// may go on doing so when they are deleted.

// Concept is a concept with the ids of the schemes it is in.
type Concept struct {
	Resource[cms.Concept]
	Schemes []string
}

// taxonomy is an organization's taxonomy as it is now; fault.NotFound without
// details when there is no such organization.
func (s *Service) taxonomy(ctx context.Context, organization string) (*index.Taxonomy, error) {
	t, err := s.Index.Taxonomy(ctx, organization, true)
	if err == nil && !t.Exists() {
		err = fault.New(fault.NotFound, "")
	}
	return t, err
}

// Concepts answers a query over the concepts of an organization.
func (s *Service) Concepts(ctx context.Context, organization string, params url.Values) (Found[Concept], error) {
	return s.concepts(ctx, organization, params, (*index.Taxonomy).Find)
}

// Ancestors answers a query over the concepts that are broader than one, nearer or
// farther.
func (s *Service) Ancestors(ctx context.Context, organization, id string, params url.Values) (Found[Concept], error) {
	return s.concepts(ctx, organization, params, relatives(id, (*index.Taxonomy).Above))
}

// Descendants answers a query over the concepts that are narrower than one, nearer
// or farther.
func (s *Service) Descendants(ctx context.Context, organization, id string, params url.Values) (Found[Concept], error) {
	return s.concepts(ctx, organization, params, relatives(id, (*index.Taxonomy).Below))
}

type findTaxa = func(*index.Taxonomy, context.Context, *query.Taxonomy) (index.Page, error)

// relatives finds the concepts on one side of a concept.
func relatives(id string, side func(*index.Taxonomy, context.Context, []string, int) ([]string, error)) findTaxa {
	return func(t *index.Taxonomy, ctx context.Context, q *query.Taxonomy) (index.Page, error) {
		if len(t.Heads(cms.KindConcept, id)) == 0 {
			return index.Page{}, t.Missing(ctx, cms.KindConcept, id)
		}
		ids, err := side(t, ctx, []string{id}, q.Depth)
		if err != nil {
			return index.Page{}, err
		}
		return t.Among(ctx, q.Query, ids)
	}
}

func (s *Service) concepts(ctx context.Context, organization string, params url.Values, find findTaxa) (Found[Concept], error) {
	t, found, heads, err := findIn[Concept](ctx, s, organization, cms.KindConcept, params, find)
	if err != nil {
		return found, err
	}
	found.Items, err = conceptsOf(ctx, t, heads)
	return found, err
}

// findIn answers a query over a taxonomy but for the items.
func findIn[T any](ctx context.Context, s *Service, organization string, kind cms.Kind, params url.Values, find findTaxa) (*index.Taxonomy, Found[T], []store.Head, error) {
	t, err := s.taxonomy(ctx, organization)
	if err != nil {
		return nil, Found[T]{}, nil, err
	}
	q, err := query.ParseTaxonomy(params, query.Options{API: query.Management, Kind: kind, Model: &cms.Model{}})
	if err != nil {
		return nil, Found[T]{}, nil, err
	}
	page, err := find(t, ctx, q)
	return t, Found[T]{Query: q.Query, Total: page.Total, Prev: page.Prev, Next: page.Next}, page.Heads, err
}

func conceptsOf(ctx context.Context, t *index.Taxonomy, heads []store.Head) ([]Concept, error) {
	bodies, err := t.Concepts(ctx, heads)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(heads))
	for i, h := range heads {
		ids[i] = h.ID
	}
	schemes, err := t.SchemesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Concept, len(heads))
	for i, h := range heads {
		out[i] = Concept{Resource[cms.Concept]{Sys: h.Sys, Value: bodies[i]}, schemes[h.ID]}
	}
	return out, nil
}

// Concept returns a concept; fault.NotFound without details when there is none.
func (s *Service) Concept(ctx context.Context, organization, id string) (Concept, error) {
	t, err := s.taxonomy(ctx, organization)
	if err != nil {
		return Concept{}, err
	}
	found, err := conceptsOf(ctx, t, t.Heads(cms.KindConcept, id))
	if err == nil && len(found) == 0 {
		err = t.Missing(ctx, cms.KindConcept, id)
	}
	if err != nil {
		return Concept{}, err
	}
	return found[0], nil
}

// ConceptSchemes answers a query over the concept schemes of an organization.
func (s *Service) ConceptSchemes(ctx context.Context, organization string, params url.Values) (Found[Resource[cms.ConceptScheme]], error) {
	t, found, heads, err := findIn[Resource[cms.ConceptScheme]](ctx, s, organization, cms.KindConceptScheme, params, (*index.Taxonomy).Find)
	if err != nil {
		return found, err
	}
	found.Items, err = schemesOf(ctx, t, heads)
	return found, err
}

func schemesOf(ctx context.Context, t *index.Taxonomy, heads []store.Head) ([]Resource[cms.ConceptScheme], error) {
	bodies, err := t.Schemes(ctx, heads)
	if err != nil {
		return nil, err
	}
	out := make([]Resource[cms.ConceptScheme], len(heads))
	for i, h := range heads {
		out[i] = Resource[cms.ConceptScheme]{Sys: h.Sys, Value: bodies[i]}
	}
	return out, nil
}

// ConceptScheme returns a concept scheme, like Concept.
func (s *Service) ConceptScheme(ctx context.Context, organization, id string) (Resource[cms.ConceptScheme], error) {
	t, err := s.taxonomy(ctx, organization)
	if err != nil {
		return Resource[cms.ConceptScheme]{}, err
	}
	found, err := schemesOf(ctx, t, t.Heads(cms.KindConceptScheme, id))
	if err == nil && len(found) == 0 {
		err = t.Missing(ctx, cms.KindConceptScheme, id)
	}
	if err != nil {
		return Resource[cms.ConceptScheme]{}, err
	}
	return found[0], nil
}

// CountTaxa returns how many concepts or concept schemes an organization has.
func (s *Service) CountTaxa(ctx context.Context, organization string, kind cms.Kind) (int, error) {
	t, err := s.taxonomy(ctx, organization)
	if err != nil {
		return 0, err
	}
	page, err := t.Search(ctx, &query.Query{Kind: kind})
	return page.Total, err
}

// needed refuses a write that does not say which version it is for, in the words
// this part of the original has for it.
func (v Version) needed() error {
	d := fault.Detail{Path: []any{"version"}, Elsewhere: true}
	switch {
	case !v.Sent:
		d.Name, d.Type = "invalid_type", "number"
		d.Details = `Invalid input: expected number, received NaN. Pass sys.version as HTTP header "X-Contentful-Version".`
	case v.Number < 1:
		d.Name, d.Value, d.Min = "too_small", fault.Raw(v.Number), fault.Raw(1)
		d.Details = "Too small: expected number to be >0"
	default:
		return nil
	}
	return fault.Invalid(fault.ValidationFailed, d)
}

// putTaxon makes or replaces a concept or concept scheme inside a transaction. next
// says what it becomes; before is nil for a new one.
func putTaxon[T any](ctx context.Context, s *Service, organization string, kind cms.Kind, a access.Actor, id string, v Version,
	next func(tx store.Tx, before *T) (T, error)) (out Resource[T], isNew bool, err error) {
	if !cms.ValidID(id) {
		return out, false, invalidID(fault.ValidationFailed, id)
	}
	err = s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		if _, err := tx.Get(ctx, store.Server, cms.KindOrganization, organization); err != nil {
			return err
		}
		at := s.Now()
		h, before, err := current[T](ctx, tx, store.Server, kind, cms.TaxonomyID(organization, id))
		w := store.Write{Was: h.Version, Action: store.Save}
		was := &before
		switch isNew = fault.Is(err, fault.NotFound); {
		case isNew:
			h = created(store.Server, kind, cms.TaxonomyID(organization, id), 1, a.User, at)
			w, was = store.Write{Was: store.Absent, Action: store.Create}, nil
		case err != nil:
			return err
		default:
			if err := v.check(inOrganization(h.Sys)); err != nil {
				return err
			}
			h = touched(h, a.User, at)
		}
		value, err := next(tx, was)
		if err != nil {
			return err
		}
		out, err = put(ctx, tx, h, w.Was, value, w.Action, a.User, at)
		out.Sys = inOrganization(out.Sys)
		return err
	})
	return out, isNew, err
}

// inOrganization is sys with the id that clients know.
func inOrganization(sys cms.Sys) cms.Sys {
	sys.ID = cms.InTaxonomy(sys.ID)
	return sys
}
