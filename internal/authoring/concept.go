package authoring

import (
	"context"
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// maxHierarchy is how many levels above a concept are followed in search of a
// circle: inside a transaction, where others wait, each costs two statements.
const maxHierarchy = 100

// CreateConcept makes a concept with a new id.
func (s *Service) CreateConcept(ctx context.Context, organization string, a access.Actor, body []byte) (Concept, error) {
	c, _, err := s.PutConcept(ctx, organization, a, s.IDs.New(), Version{}, body)
	return c, err
}

// PutConcept replaces a concept, or makes one with this id when there is none;
// created says which.
func (s *Service) PutConcept(ctx context.Context, organization string, a access.Actor, id string, v Version, body []byte) (c Concept, created bool, err error) {
	next, err := parseConcept(body)
	if err != nil {
		return c, false, err
	}
	return s.putConcept(ctx, organization, a, id, v, func(_ store.Tx, before *cms.Concept) (cms.Concept, error) {
		c := next // a transaction may run again, on what is something else then
		if before != nil {
			c.Deprecation = before.Deprecation
		}
		return c, nil
	})
}

// PatchConcept applies a JSON Patch (RFC 6902) to a concept as the management API
// shows it, without sys and schemes.
func (s *Service) PatchConcept(ctx context.Context, organization string, a access.Actor, id string, v Version, patch []byte) (Concept, error) {
	if err := v.needed(); err != nil {
		return Concept{}, err
	}
	c, _, err := s.putConcept(ctx, organization, a, id, v, func(_ store.Tx, before *cms.Concept) (cms.Concept, error) {
		if before == nil {
			return cms.Concept{}, fault.New(fault.NotFound, "")
		}
		body, err := patchedTaxon(cms.KindConcept, before.View(nil), patch)
		if err != nil {
			return cms.Concept{}, err
		}
		next, err := parseConcept(body)
		next.Deprecation = before.Deprecation
		return next, err
	})
	return c, err
}

// putConcept is putTaxon with the rules that concepts have among each other.
func (s *Service) putConcept(ctx context.Context, organization string, a access.Actor, id string, v Version,
	next func(tx store.Tx, before *cms.Concept) (cms.Concept, error)) (Concept, bool, error) {
	c, isNew, err := putTaxon(ctx, s, organization, cms.KindConcept, a, id, v, func(tx store.Tx, before *cms.Concept) (cms.Concept, error) {
		value, err := next(tx, before)
		if err != nil {
			return value, err
		}
		if err := checkRelations(ctx, tx, organization, id, value); err != nil {
			return value, err
		}
		if before != nil && !slices.Equal(before.Broader, value.Broader) { // nothing is below a new one
			err = checkCircle(ctx, tx, organization, id, value.Broader)
		}
		return value, err
	})
	if err != nil {
		return Concept{}, false, err
	}
	out := Concept{Resource: c}
	if !isNew { // no scheme can have named a new one
		t, err := s.taxonomy(ctx, organization)
		if err != nil {
			return out, false, err
		}
		schemes, err := t.SchemesOf(ctx, []string{id})
		if err != nil {
			return out, false, err
		}
		out.Schemes = schemes[id]
	}
	return out, isNew, nil
}

// checkRelations reports broader and related concepts that cannot be.
func checkRelations(ctx context.Context, tx store.Tx, organization, id string, c cms.Concept) error {
	known, err := knownConcepts(ctx, tx, organization, slices.Concat(c.Broader, c.Related))
	if err != nil {
		return err
	}
	var problems []fault.Detail
	for _, list := range []struct {
		name string
		ids  []string
	}{{"broader", c.Broader}, {"related", c.Related}} {
		for i, to := range list.ids {
			at := []any{list.name, i}
			switch {
			case to == id:
				problems = append(problems, relation(at, "Concept can't reference itself"))
			case list.name == "related" && slices.Contains(c.Broader, to):
				problems = append(problems, relation(at, "Concept can't be related and broader at the same time."))
			case !known[to]:
				problems = append(problems, noConcept(at, to))
			}
		}
	}
	return relationFault(problems)
}

// knownConcepts says which of these concepts exist: one statement per 1000.
func knownConcepts(ctx context.Context, r store.Reader, organization string, ids []string) (map[string]bool, error) {
	known := make(map[string]bool, len(ids))
	if len(ids) == 0 {
		return known, nil
	}
	heads, err := r.GetMany(ctx, store.Server, cms.KindConcept, storedTaxa(organization, ids))
	for _, h := range heads {
		known[cms.InTaxonomy(h.ID)] = true
	}
	return known, err
}

func storedTaxa(organization string, ids []string) []string {
	stored := make([]string, len(ids))
	for i, id := range ids {
		stored[i] = cms.TaxonomyID(organization, id)
	}
	return stored
}

func relation(at []any, text string) fault.Detail {
	return fault.Detail{Name: "invalid", Path: at, Details: text}
}

// noConcept is the problem of a link to a concept that does not exist.
func noConcept(at []any, id string) fault.Detail {
	return fault.Detail{Name: "notResolvable", Path: at, Link: cms.LinkTo(cms.KindConcept, id).Sys, Details: "Failed to find concept: " + id}
}

// relationFault is the error for problems between concepts; the original says the
// first one in its message.
func relationFault(problems []fault.Detail) error {
	if problems == nil {
		return nil
	}
	f := fault.Invalid(fault.ValidationFailed, problems...)
	f.Message = problems[0].Details
	return f
}

// checkCircle reports broader concepts of a concept that lead back to it.
func checkCircle(ctx context.Context, tx store.Tx, organization, id string, broader []string) error {
	seen := map[string]bool{}
	for level := 0; len(broader) > 0; level++ {
		if level == maxHierarchy {
			return relationFault([]fault.Detail{{Name: "size", Path: []any{"broader"}, Max: fault.Raw(maxHierarchy),
				Details: fmt.Sprintf("A concept can have at most %d levels of broader ones above it.", maxHierarchy)}})
		}
		heads, err := tx.GetMany(ctx, store.Server, cms.KindConcept, storedTaxa(organization, broader))
		if err != nil {
			return err
		}
		bodies, err := tx.Bodies(ctx, revisions(heads, cms.Draft))
		if err != nil {
			return err
		}
		broader = nil
		for _, h := range heads {
			c, err := decode[cms.Concept](h, bodies[h.Draft])
			if err != nil {
				return err
			}
			for _, up := range c.Value.Broader {
				if up == id {
					return relationFault([]fault.Detail{relation([]any{"broader"}, fmt.Sprintf("Concept can't be broader than itself: %q is narrower than it already.", cms.InTaxonomy(h.ID)))})
				}
				if !seen[up] {
					seen[up] = true
					broader = append(broader, up)
				}
			}
		}
	}
	return nil
}

// DeleteConcept removes a concept with all that connects it to other concepts and to
// schemes. Content and content types that name it stay as they are.
func (s *Service) DeleteConcept(ctx context.Context, organization string, a access.Actor, id string, v Version) error {
	if err := v.needed(); err != nil {
		return err
	}
	t, err := s.taxonomy(ctx, organization)
	if err != nil {
		return err
	}
	named := naming{}
	for _, by := range []struct {
		kind cms.Kind
		list string
	}{{cms.KindConcept, "broader"}, {cms.KindConcept, "related"}, {cms.KindConcept, "deprecation.replacedBy"}, {cms.KindConceptScheme, "concepts"}} {
		heads, err := t.Naming(ctx, by.kind, by.list, []string{id})
		if err != nil {
			return err
		}
		for _, h := range heads {
			named.add(by.kind, cms.TaxonomyID(organization, h.ID))
		}
	}
	return s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, err := tx.Get(ctx, store.Server, cms.KindConcept, cms.TaxonomyID(organization, id))
		if err != nil {
			return err
		}
		if err := v.check(inOrganization(h.Sys)); err != nil {
			return err
		}
		all, err := named.since(ctx, tx, organization, t.Seq())
		if err != nil {
			return err
		}
		at := s.Now()
		if err := unlink[cms.Concept](ctx, tx, cms.KindConcept, all[cms.KindConcept], a, at, func(c *cms.Concept) bool {
			replaced := c.Deprecation != nil && c.Deprecation.ReplacedBy == id
			if replaced {
				c.Deprecation.ReplacedBy = ""
			}
			return without(&c.Broader, id) || without(&c.Related, id) || replaced // broader and related: never both
		}); err != nil {
			return err
		}
		if err := unlink[cms.ConceptScheme](ctx, tx, cms.KindConceptScheme, all[cms.KindConceptScheme], a, at, func(c *cms.ConceptScheme) bool {
			without(&c.TopConcepts, id)
			return without(&c.Concepts, id)
		}); err != nil {
			return err
		}
		return tx.Delete(ctx, store.Server, cms.KindConcept, h.ID, h.Version, a.User, at)
	})
}
