package authoring

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// maxDefinitions is how many workflow definitions an environment has at most, so
// that all of them can be read at once.
const maxDefinitions = 20

// Definition is a workflow definition.
type Definition = Resource[cms.WorkflowDefinition]

// WorkflowDefinitions lists the workflow definitions of an environment.
func (s *Service) WorkflowDefinitions(ctx context.Context, p access.Place, params url.Values) (Listing[Definition], error) {
	all, err := list[cms.WorkflowDefinition](ctx, s.Store, p.Environment, cms.KindWorkflowDefinition)
	if err != nil {
		return Listing[Definition]{}, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	return listing(all, params, maxListing, func(d cms.WorkflowDefinition) string { return d.Name })
}

// WorkflowDefinition returns a workflow definition.
func (s *Service) WorkflowDefinition(ctx context.Context, p access.Place, id string) (Definition, error) {
	d, err := get[cms.WorkflowDefinition](ctx, s.Store, p.Environment, cms.KindWorkflowDefinition, id)
	return d, missing(err, p, cms.KindWorkflowDefinition, id)
}

// CreateWorkflowDefinition makes a workflow definition with a new id.
func (s *Service) CreateWorkflowDefinition(ctx context.Context, p access.Place, a access.Actor, body []byte) (out Definition, err error) {
	if err := s.administratorsOnly(ctx, a); err != nil {
		return out, err
	}
	next, err := s.readDefinition(ctx, p, body)
	if err != nil {
		return out, err
	}
	id := s.IDs.New()
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		there, err := tx.List(ctx, p.Environment, cms.KindWorkflowDefinition, "", maxDefinitions)
		if err != nil {
			return err
		}
		if len(there) == maxDefinitions {
			return fault.New(fault.Forbidden, "There are %d workflow definitions already, which is the most there can be in an environment.", maxDefinitions)
		}
		now := s.Now()
		out, err = put(ctx, tx, created(p.Environment, cms.KindWorkflowDefinition, id, 1, a.User, now), store.Absent, next, store.Create, a.User, now)
		return err
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

func (s *Service) administratorsOnly(ctx context.Context, a access.Actor) error {
	admin, err := administers(ctx, s.Store, a.User)
	if err == nil && !admin {
		err = denied("Only administrators may make, change and delete workflow definitions.")
	}
	return err
}

// PutWorkflowDefinition replaces a workflow definition. Workflows that are at a step
// which is there no more stay there, under no rules, until they are moved.
func (s *Service) PutWorkflowDefinition(ctx context.Context, p access.Place, a access.Actor, id string, v Version, body []byte) (out Definition, err error) {
	if err := s.administratorsOnly(ctx, a); err != nil {
		return out, err
	}
	next, err := s.readDefinition(ctx, p, body)
	if err != nil {
		return out, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, cms.KindWorkflowDefinition, id)
		if err != nil {
			return missing(err, p, cms.KindWorkflowDefinition, id)
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		now := s.Now()
		out, err = put(ctx, tx, touched(h, a.User, now), h.Version, next, store.Save, a.User, now)
		return err
	})
	return out, err
}

// DeleteWorkflowDefinition removes a workflow definition that no workflow is under
// way of.
func (s *Service) DeleteWorkflowDefinition(ctx context.Context, p access.Place, a access.Actor, id string, v Version) error {
	if err := s.administratorsOnly(ctx, a); err != nil {
		return err
	}
	env, err := s.Index.Open(ctx, p.Environment, true)
	if err != nil {
		return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	// Who is found here and has ended since is no obstacle for long. Who is not has
	// been begun since, if at all.
	seq := env.Seq()
	under, err := s.Workflows(ctx, p, url.Values{"sys.workflowDefinition.sys.id": {id}, "limit": {"0"}})
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, cms.KindWorkflowDefinition, id)
		if err != nil {
			return missing(err, p, cms.KindWorkflowDefinition, id)
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		used := under.Total > 0
		if !used {
			if used, err = begunSince(ctx, tx, p.Environment, seq, id); err != nil {
				return err
			}
		}
		if used {
			return fault.Invalid(fault.ActionPreconditionsFailed, fault.Detail{Name: "reference",
				Details: "There are workflows of this definition. Complete or cancel them first: GET …/workflows?sys.workflowDefinition.sys.id=" + id + " lists them."})
		}
		return tx.Delete(ctx, p.Environment, cms.KindWorkflowDefinition, id, h.Version, a.User, s.Now())
	})
}

// begunSince reports whether a workflow of a definition was begun after seq and is
// still under way.
func begunSince(ctx context.Context, tx store.Tx, env store.Scope, seq int64, definition string) (bool, error) {
	const page = 1000
	for {
		changes, err := tx.Changes(ctx, env, seq, page)
		if err != nil {
			return false, err
		}
		for _, c := range changes {
			seq = c.Seq
			if c.Kind != cms.KindWorkflow || c.Action != store.Create {
				continue
			}
			w, err := get[cms.Workflow](ctx, tx, env, cms.KindWorkflow, c.ID)
			if err == nil && w.Value.Definition == definition {
				return true, nil
			}
			if err != nil && !fault.Is(err, fault.NotFound) {
				return false, err
			}
		}
		if len(changes) < page {
			return false, nil
		}
	}
}
