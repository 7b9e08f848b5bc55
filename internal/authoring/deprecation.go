package authoring

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// A deprecated concept stays what it is, where it is. Only content that does not have
// it yet cannot get it, see checkConcepts.

// DeprecateConcept deprecates a concept, maybe in favour of another one. Who does it
// again says anew what replaces it.
func (s *Service) DeprecateConcept(ctx context.Context, organization string, a access.Actor, id string, v Version, body []byte) (Concept, error) {
	if err := v.needed(); err != nil {
		return Concept{}, err
	}
	to, err := parseDeprecation(body)
	if err != nil {
		return Concept{}, err
	}
	return s.changeDeprecation(ctx, organization, a, id, v, func(tx store.Tx, now *cms.Deprecation) (*cms.Deprecation, error) {
		next := cms.Deprecation{At: s.Now(), By: a.User}
		if now != nil {
			next = *now
		}
		next.ReplacedBy = to
		return &next, checkReplacement(ctx, tx, organization, id, to, false)
	})
}

// ReinstateConcept takes the deprecation of a concept back.
func (s *Service) ReinstateConcept(ctx context.Context, organization string, a access.Actor, id string, v Version) (Concept, error) {
	if err := v.needed(); err != nil {
		return Concept{}, err
	}
	return s.changeDeprecation(ctx, organization, a, id, v, func(_ store.Tx, now *cms.Deprecation) (*cms.Deprecation, error) {
		if now == nil {
			return nil, fault.New(fault.BadRequest, "Not deprecated")
		}
		return nil, nil
	})
}

// ReceiveDeprecation deprecates a concept as it was elsewhere. A user that this server
// does not know is the one who writes. What replaces it may have been deprecated later.
func (s *Service) ReceiveDeprecation(ctx context.Context, organization string, a access.Actor, id string, v Version, d cms.Deprecation) (Concept, error) {
	return s.changeDeprecation(ctx, organization, a, id, v, func(tx store.Tx, _ *cms.Deprecation) (*cms.Deprecation, error) {
		next := d
		if _, err := tx.Get(ctx, store.Server, cms.KindUser, d.By); fault.Is(err, fault.NotFound) {
			next.By = a.User
		} else if err != nil {
			return nil, err
		}
		return &next, checkReplacement(ctx, tx, organization, id, d.ReplacedBy, true)
	})
}

func (s *Service) changeDeprecation(ctx context.Context, organization string, a access.Actor, id string, v Version,
	next func(tx store.Tx, now *cms.Deprecation) (*cms.Deprecation, error)) (Concept, error) {
	c, _, err := s.putConcept(ctx, organization, a, id, v, func(tx store.Tx, before *cms.Concept) (cms.Concept, error) {
		if before == nil {
			return cms.Concept{}, fault.New(fault.NotFound, "")
		}
		c := *before
		var err error
		c.Deprecation, err = next(tx, before.Deprecation)
		return c, err
	})
	return c, err
}

// parseDeprecation reads what replaces a concept; "" is nothing.
func parseDeprecation(body []byte) (string, error) {
	var to string
	b := &taxonomyBody{}
	b.members(body, map[string]func(json.RawMessage, string){"replacedBy": func(raw json.RawMessage, name string) {
		var l cms.Link
		if json.Unmarshal(raw, &l) != nil || l.Sys.Type != "Link" || l.Sys.LinkType != string(cms.KindConcept) || l.Sys.ID == "" {
			b.problems = append(b.problems, wrongType(name, "Link", raw, name))
			return
		}
		to = l.Sys.ID
	}})
	return to, b.err()
}

// checkReplacement reports a concept that cannot replace another one. late says that it
// may be deprecated itself.
func checkReplacement(ctx context.Context, tx store.Tx, organization, id, to string, late bool) error {
	at := []any{"replacedBy"}
	switch to {
	case "":
		return nil
	case id:
		return relationFault([]fault.Detail{relation(at, "Concept can't reference itself")})
	}
	_, c, err := current[cms.Concept](ctx, tx, store.Server, cms.KindConcept, cms.TaxonomyID(organization, to))
	switch {
	case fault.Is(err, fault.NotFound):
		problems := []fault.Detail{noConcept(at, to)}
		if err := suggestConcepts(ctx, tx, organization, problems); err != nil {
			return err
		}
		return relationFault(problems)
	case err != nil || late || c.Deprecation == nil:
		return err
	}
	return relationFault([]fault.Detail{deprecated(at, to, c.Deprecation)})
}

// deprecated is the problem of a concept that cannot be used any more.
func deprecated(at []any, id string, d *cms.Deprecation) fault.Detail {
	problem := fault.Detail{Name: "deprecated", Path: at, Value: fault.Raw(id), Details: fmt.Sprintf("The concept %q is deprecated.", id)}
	if d.ReplacedBy != "" {
		problem.Details += fmt.Sprintf(" Use %q instead.", d.ReplacedBy)
		problem.Suggestions = []string{d.ReplacedBy}
	}
	return problem
}
