package authoring

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// CreateConceptScheme makes a concept scheme with a new id.
func (s *Service) CreateConceptScheme(ctx context.Context, organization string, a access.Actor, body []byte) (Resource[cms.ConceptScheme], error) {
	scheme, _, err := s.PutConceptScheme(ctx, organization, a, s.IDs.New(), Version{}, body)
	return scheme, err
}

// PutConceptScheme replaces a concept scheme, or makes one with this id when there
// is none; created says which.
func (s *Service) PutConceptScheme(ctx context.Context, organization string, a access.Actor, id string, v Version, body []byte) (scheme Resource[cms.ConceptScheme], created bool, err error) {
	next, err := parseScheme(body)
	if err != nil {
		return scheme, false, err
	}
	return putTaxon(ctx, s, organization, cms.KindConceptScheme, a, id, v, func(tx store.Tx, _ *cms.ConceptScheme) (cms.ConceptScheme, error) {
		return next, checkMembers(ctx, tx, organization, next)
	})
}

// PatchConceptScheme applies a JSON Patch (RFC 6902) to a concept scheme as the
// management API shows it, without sys and number of concepts.
func (s *Service) PatchConceptScheme(ctx context.Context, organization string, a access.Actor, id string, v Version, patch []byte) (Resource[cms.ConceptScheme], error) {
	if err := v.needed(); err != nil {
		return Resource[cms.ConceptScheme]{}, err
	}
	scheme, _, err := putTaxon(ctx, s, organization, cms.KindConceptScheme, a, id, v, func(tx store.Tx, before *cms.ConceptScheme) (cms.ConceptScheme, error) {
		if before == nil {
			return cms.ConceptScheme{}, fault.New(fault.NotFound, "")
		}
		body, err := patchedTaxon(cms.KindConceptScheme, before.View(), patch)
		if err != nil {
			return cms.ConceptScheme{}, err
		}
		next, err := parseScheme(body)
		if err != nil {
			return next, err
		}
		return next, checkMembers(ctx, tx, organization, next)
	})
	return scheme, err
}

// checkMembers reports concepts of a scheme that do not exist, and top ones that
// are not in it.
func checkMembers(ctx context.Context, tx store.Tx, organization string, s cms.ConceptScheme) error {
	known, err := knownConcepts(ctx, tx, organization, s.Concepts)
	if err != nil {
		return err
	}
	var problems []fault.Detail
	for i, id := range s.Concepts {
		if !known[id] {
			problems = append(problems, noConcept([]any{"concepts", i}, id))
		}
	}
	members := make(map[string]bool, len(s.Concepts))
	for _, id := range s.Concepts {
		members[id] = true
	}
	for i, id := range s.TopConcepts {
		if !members[id] {
			problems = append(problems, relation([]any{"topConcepts", i}, "Top concepts must be in scheme."))
		}
	}
	return relationFault(problems)
}

// DeleteConceptScheme removes a concept scheme, but not the concepts in it.
func (s *Service) DeleteConceptScheme(ctx context.Context, organization string, a access.Actor, id string, v Version) error {
	if err := v.needed(); err != nil {
		return err
	}
	return s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, err := tx.Get(ctx, store.Server, cms.KindConceptScheme, cms.TaxonomyID(organization, id))
		if err != nil {
			return err
		}
		if err := v.check(inOrganization(h.Sys)); err != nil {
			return err
		}
		return tx.Delete(ctx, store.Server, cms.KindConceptScheme, h.ID, h.Version, a.User, s.Now())
	})
}

// patchedTaxon is the body that patching a concept or scheme gives.
func patchedTaxon(kind cms.Kind, view any, patch []byte) ([]byte, error) {
	doc, err := encode(view)
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding a %s", kind)
	}
	return patched(doc, patch)
}

// naming is the stored ids of those that name something, by kind.
type naming map[cms.Kind]map[string]bool

func (n naming) add(k cms.Kind, id string) {
	if n[k] == nil {
		n[k] = map[string]bool{}
	}
	n[k][id] = true
}

// since is n with all that has been written to an organization's taxonomy after seq:
// it may have come to name it.
func (n naming) since(ctx context.Context, tx store.Tx, organization string, seq int64) (map[cms.Kind][]string, error) {
	all := naming{}
	for kind, ids := range n {
		all[kind] = maps.Clone(ids)
	}
	const page = 1000
	for {
		changes, err := tx.Changes(ctx, store.Server, seq, page)
		if err != nil {
			return nil, err
		}
		for _, c := range changes {
			seq = c.Seq
			if (c.Kind == cms.KindConcept || c.Kind == cms.KindConceptScheme) && c.ID == cms.TaxonomyID(organization, cms.InTaxonomy(c.ID)) {
				all.add(c.Kind, c.ID)
			}
		}
		if len(changes) < page {
			break
		}
	}
	out := map[cms.Kind][]string{}
	for kind, ids := range all {
		out[kind] = slices.Sorted(maps.Keys(ids))
	}
	return out, nil
}

// unlink saves those of these resources anew in which remove changes something.
func unlink[T any](ctx context.Context, tx store.Tx, kind cms.Kind, ids []string, a access.Actor, at time.Time, remove func(*T) bool) error {
	if len(ids) == 0 {
		return nil
	}
	heads, err := tx.GetMany(ctx, store.Server, kind, ids)
	if err != nil {
		return err
	}
	bodies, err := tx.Bodies(ctx, revisions(heads, cms.Draft))
	if err != nil {
		return err
	}
	for _, h := range heads {
		var value T
		if err := json.Unmarshal(bodies[h.Draft], &value); err != nil {
			return fault.Wrap(err, fault.ServerError, "stored %s %s is unreadable", kind, h.ID)
		}
		if !remove(&value) {
			continue
		}
		if _, err := put(ctx, tx, touched(h, a.User, at), h.Version, value, store.Save, a.User, at); err != nil {
			return err
		}
	}
	return nil
}

// without removes an id from a list; it reports whether it was there.
func without(ids *[]string, id string) bool {
	before := len(*ids)
	*ids = slices.DeleteFunc(*ids, func(other string) bool { return other == id })
	return len(*ids) < before
}
