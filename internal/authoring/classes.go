package authoring

import (
	"context"
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// checkConcepts reports concepts that do not exist, as UnresolvedLinks, but for those
// that the revision before has: a concept that is deleted stays where it is.
func (s *Service) checkConcepts(ctx context.Context, p access.Place, before store.Revision, m cms.Metadata) error {
	if len(m.Concepts) == 0 {
		return nil
	}
	docs, err := s.Index.Documents(ctx, []store.Revision{before})
	if err != nil {
		return err
	}
	has := func(id string) bool {
		return docs[before] != nil && slices.Contains(docs[before].Metadata.Concepts, id)
	}
	known, err := knownConcepts(ctx, s.Store, p.Organization, slices.DeleteFunc(slices.Clone(m.Concepts), has))
	if err != nil {
		return err
	}
	var problems []fault.Detail
	for i, id := range m.Concepts {
		if !known[id] && !has(id) {
			problems = append(problems, fault.Detail{Name: "notResolvable", Path: []any{"metadata", "concepts", i},
				Details: fmt.Sprintf("There is no concept %q.", id), Link: cms.LinkTo(cms.KindConcept, id).Sys})
		}
	}
	if problems == nil {
		return nil
	}
	heads, err := s.Store.List(ctx, store.Server, cms.KindConcept, cms.TaxonomyID(p.Organization, ""), maxNamed)
	if err != nil {
		return err
	}
	var ids []string
	for _, h := range heads {
		if id := cms.InTaxonomy(h.ID); h.ID == cms.TaxonomyID(p.Organization, id) {
			ids = append(ids, id)
		}
	}
	for i := range min(len(problems), maxSuggested) {
		problems[i].Suggestions = nearest.Likely(problems[i].Link.(cms.LinkSys).ID, slices.Values(ids))
	}
	return fault.Invalid(fault.UnresolvedLinks, problems...)
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
