package authoring

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// checkConcepts reports concepts that an entity cannot be given: those that do not
// exist, as UnresolvedLinks, or else those that are deprecated. Those that the revision
// before has stay where they are.
func (s *Service) checkConcepts(ctx context.Context, p access.Place, kind cms.Kind, before store.Revision, m cms.Metadata) error {
	given, err := s.givenConcepts(ctx, p, before, m)
	if err != nil || len(given) == 0 {
		return err
	}
	bodies, err := s.Index.Bodies(ctx, revisions(slices.Collect(maps.Values(given)), cms.Draft))
	if err != nil {
		return err
	}
	var problems []fault.Detail
	for i, id := range m.Concepts {
		h, ok := given[id]
		if !ok {
			continue
		}
		c, err := decode[cms.Concept](h, bodies[h.Draft])
		if err != nil {
			return err
		}
		if d := c.Value.Deprecation; d != nil {
			problems = append(problems, deprecated([]any{"metadata", "concepts", i}, id, d))
		}
	}
	if problems == nil {
		return nil
	}
	return fault.Invalid(invalid(kind), problems...)
}

// givenConcepts are the concepts that the revision before does not have, by id. Those
// that do not exist are UnresolvedLinks.
func (s *Service) givenConcepts(ctx context.Context, p access.Place, before store.Revision, m cms.Metadata) (map[string]store.Head, error) {
	if len(m.Concepts) == 0 {
		return nil, nil
	}
	docs, err := s.Index.Documents(ctx, []store.Revision{before})
	if err != nil {
		return nil, err
	}
	has := func(id string) bool {
		return docs[before] != nil && slices.Contains(docs[before].Metadata.Concepts, id)
	}
	fresh := slices.DeleteFunc(slices.Clone(m.Concepts), has)
	if len(fresh) == 0 {
		return nil, nil
	}
	heads, err := s.Store.GetMany(ctx, store.Server, cms.KindConcept, storedTaxa(p.Organization, fresh))
	if err != nil {
		return nil, err
	}
	given := make(map[string]store.Head, len(heads))
	for _, h := range heads {
		given[cms.InTaxonomy(h.ID)] = h
	}
	var problems []fault.Detail
	for i, id := range m.Concepts {
		if _, ok := given[id]; !ok && !has(id) {
			problems = append(problems, fault.Detail{Name: "notResolvable", Path: []any{"metadata", "concepts", i},
				Details: fmt.Sprintf("There is no concept %q.", id), Link: cms.LinkTo(cms.KindConcept, id).Sys})
		}
	}
	if problems == nil {
		return given, nil
	}
	if err := suggestConcepts(ctx, s.Store, p.Organization, problems); err != nil {
		return nil, err
	}
	return nil, fault.Invalid(fault.UnresolvedLinks, problems...)
}

// suggestConcepts adds to problems with links to concepts those that were probably
// meant.
func suggestConcepts(ctx context.Context, r store.Reader, organization string, problems []fault.Detail) error {
	heads, err := r.List(ctx, store.Server, cms.KindConcept, cms.TaxonomyID(organization, ""), maxNamed)
	if err != nil {
		return err
	}
	var ids []string
	for _, h := range heads {
		if id := cms.InTaxonomy(h.ID); h.ID == cms.TaxonomyID(organization, id) {
			ids = append(ids, id)
		}
	}
	for i := range min(len(problems), maxSuggested) {
		problems[i].Suggestions = nearest.Likely(problems[i].Link.(cms.LinkSys).ID, slices.Values(ids))
	}
	return nil
}

// classes are the lines of a content type's taxonomy with the concepts they let in
// now.
func (s *Service) classes(ctx context.Context, p access.Place, ct *cms.ContentType) ([]validate.Class, error) {
	classes := validate.Classes(ct)
	if len(classes) == 0 {
		return nil, nil
	}
	t, err := s.Index.Taxonomy(ctx, p.Organization, true)
	if err != nil {
		return nil, err
	}
	for i := range classes {
		c := &classes[i]
		var ids []string
		if c.Link.LinkType == string(cms.KindConceptScheme) {
			ids, err = t.Members(ctx, c.Link.ID)
		} else if ids, err = t.Below(ctx, []string{c.Link.ID}, 0); err == nil {
			ids = append(ids, c.Link.ID)
		}
		if err != nil {
			return nil, err
		}
		c.Lets = make(map[string]bool, len(ids))
		for _, id := range ids {
			c.Lets[id] = true
		}
	}
	return classes, nil
}

// withConcepts adds the concepts that an entry must not or should have to what is
// wrong with it: to broken validations, but before broken links.
func withConcepts(refusal error, classes []validate.Class, doc *cms.Document) error {
	problems := validate.Concepts(classes, doc.Metadata.Concepts)
	if len(problems) > 0 && fault.Is(refusal, fault.UnresolvedLinks) {
		refusal = nil
	}
	return withProblems(refusal, fault.InvalidEntry, problems)
}
