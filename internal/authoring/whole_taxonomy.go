package authoring

import (
	"context"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
)

// Connected are the ids of all concepts and concept schemes of an organization that
// are connected with some: the schemes that a concept is in, the concepts of a scheme,
// the broader and related ones, and what is connected with those. Ids that there are
// not are left out. Both lists are in order.
func (s *Service) Connected(ctx context.Context, organization string, concepts, schemes []string) (allConcepts, allSchemes []string, err error) {
	t, err := s.taxonomy(ctx, organization)
	if err != nil {
		return nil, nil, err
	}
	seen := map[cms.Kind]map[string]bool{cms.KindConcept: {}, cms.KindConceptScheme: {}}
	// fresh are those of ids that are there and were not seen before.
	fresh := func(kind cms.Kind, ids []string) (out []string) {
		for _, h := range t.Heads(kind, ids...) {
			if !seen[kind][h.ID] {
				seen[kind][h.ID] = true
				out = append(out, h.ID)
			}
		}
		return out
	}
	concepts, schemes = fresh(cms.KindConcept, concepts), fresh(cms.KindConceptScheme, schemes)
	for len(concepts) > 0 || len(schemes) > 0 {
		near, in, err := neighbours(ctx, t, concepts, schemes)
		if err != nil {
			return nil, nil, err
		}
		concepts, schemes = fresh(cms.KindConcept, near), fresh(cms.KindConceptScheme, in)
	}
	return slices.Sorted(maps.Keys(seen[cms.KindConcept])), slices.Sorted(maps.Keys(seen[cms.KindConceptScheme])), nil
}

// neighbours are the concepts and schemes that some name or that name them.
func neighbours(ctx context.Context, t *index.Taxonomy, concepts, schemes []string) (near, in []string, err error) {
	if len(concepts) > 0 {
		bodies, err := t.Concepts(ctx, t.Heads(cms.KindConcept, concepts...))
		if err != nil {
			return nil, nil, err
		}
		for _, c := range bodies {
			near = append(append(near, c.Broader...), c.Related...)
			if c.Deprecation != nil && c.Deprecation.ReplacedBy != "" {
				near = append(near, c.Deprecation.ReplacedBy)
			}
		}
		of, err := t.SchemesOf(ctx, concepts)
		if err != nil {
			return nil, nil, err
		}
		for _, ids := range of {
			in = append(in, ids...)
		}
	}
	for _, id := range schemes {
		members, err := t.Members(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		near = append(near, members...)
	}
	return near, in, nil
}

// ConceptsByID are those of an organization's concepts that exist among ids, in order.
func (s *Service) ConceptsByID(ctx context.Context, organization string, ids []string) ([]Concept, error) {
	t, err := s.taxonomy(ctx, organization)
	if err != nil {
		return nil, err
	}
	return conceptsOf(ctx, t, t.Heads(cms.KindConcept, ids...))
}

// SupposingConcepts is a service for which an organization has these concepts, too,
// when content is checked that names them.
func (s *Service) SupposingConcepts(organization string, ids []string) *Service {
	t := *s
	supposed := map[string]bool{}
	for _, id := range storedTaxa(organization, ids) {
		supposed[id] = true
	}
	t.Store = supposingStore{s.Store, supposed}
	return &t
}

type supposingStore struct {
	store.Store
	concepts map[string]bool // as they are stored
}

func (u supposingStore) GetMany(ctx context.Context, s store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	heads, err := u.Store.GetMany(ctx, s, k, ids)
	if err != nil || k != cms.KindConcept {
		return heads, err
	}
	there := map[string]bool{}
	for _, h := range heads {
		there[h.ID] = true
	}
	for _, id := range ids {
		if u.concepts[id] && !there[id] {
			heads = append(heads, store.Head{Scope: s, Sys: cms.Sys{Kind: k, ID: id}})
		}
	}
	return heads, nil
}
