package authoring

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// entryWorkflow is the key of an entry and a definition that belongs to the workflow
// which is under way: there is one at a time.
const entryWorkflow = "entry.workflow"

func workflowKey(entry, definition string) store.Key {
	return store.Key{Space: entryWorkflow, Value: cms.PartID(entry, definition)}
}

// Workflow is a workflow that is under way.
type Workflow = Resource[cms.Workflow]

// Workflows answers a query over the workflows that are under way in an environment,
// the one that was begun last first.
func (s *Service) Workflows(ctx context.Context, p access.Place, params url.Values) (Found[Workflow], error) {
	params = maps.Clone(params)
	const linkType, ids = "sys.entity.sys.linkType", "sys.entity.sys.id"
	filtered := slices.ContainsFunc(slices.Collect(maps.Keys(params)), func(name string) bool { return name == ids || strings.HasPrefix(name, ids+"[") })
	if problem := entryLinkType(params, linkType, filtered); problem != nil {
		return Found[Workflow]{}, fault.Invalid(fault.InvalidQuery, *problem)
	}
	if params.Has(linkType) && !filtered {
		return Found[Workflow]{}, fault.Invalid(fault.InvalidQuery, badParam(linkType, last(params, linkType), "%q needs %q beside it.", linkType, ids+"[in]"))
	}
	params.Del(linkType)
	if !params.Has("order") {
		params.Set("order", "-sys.createdAt")
	}
	return search(ctx, s, p, cms.KindWorkflow, cms.Draft, params, decodeHit[cms.Workflow])
}

// entryLinkType is what is wrong with a parameter that says that others are about
// entries.
func entryLinkType(params url.Values, name string, needed bool) *fault.Detail {
	if !params.Has(name) {
		if !needed {
			return nil
		}
		return &fault.Detail{Name: "any.required", Path: []any{name}, Details: fmt.Sprintf("%q is required", name)}
	}
	if sent := last(params, name); !strings.EqualFold(sent, string(cms.KindEntry)) { // some write entry
		d := badParam(name, sent, "Value must be one of expected values")
		d.Expected = []any{string(cms.KindEntry)}
		return &d
	}
	return nil
}

// Workflow returns a workflow that is under way.
func (s *Service) Workflow(ctx context.Context, p access.Place, id string) (Workflow, error) {
	w, err := get[cms.Workflow](ctx, s.Store, p.Environment, cms.KindWorkflow, id)
	return w, missing(err, p, cms.KindWorkflow, id)
}

// CreateWorkflow begins a workflow of an entry, at no step unless one is named.
func (s *Service) CreateWorkflow(ctx context.Context, p access.Place, a access.Actor, body []byte) (out Workflow, err error) {
	var b bodyReader
	members := b.object(body, nil, "sys", "entity", "workflowDefinition", "stepId")
	if members == nil {
		return out, b.err()
	}
	entry := b.link(members["entity"], []any{"entity"}, false, string(cms.KindEntry)).LinkSys
	definition := b.link(members["workflowDefinition"], []any{"workflowDefinition"}, false, string(cms.KindWorkflowDefinition)).LinkSys
	step := ""
	if raw := members["stepId"]; raw != nil && !isNull(raw) {
		step, _ = read[string](&b, raw, "String", []any{"stepId"})
	}
	if err := b.err(); err != nil {
		return out, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		var b bodyReader
		h, err := b.found(ctx, tx, p, entry, "entity")
		if err != nil {
			return err
		}
		if _, err := b.found(ctx, tx, p, definition, "workflowDefinition"); err != nil {
			return err
		}
		if err := b.err(); err != nil {
			return err
		}
		d, err := get[cms.WorkflowDefinition](ctx, tx, p.Environment, cms.KindWorkflowDefinition, definition.ID)
		if err != nil {
			return err
		}
		if types := d.Value.ContentTypes(); !slices.Contains(types, h.ContentType) {
			b.add(fault.Detail{Name: "linkContentType", Path: []any{"entity"}, ContentTypeID: types, Link: entry,
				Details: fmt.Sprintf("The workflow definition is not for entries of the content type %q.", h.ContentType)})
		}
		var at *cms.WorkflowStep
		if step != "" {
			at = b.knownStep(d.Value, step)
		}
		if err := b.err(); err != nil {
			return err
		}
		out, err = s.beginWorkflow(ctx, tx, p, a.User, entry.ID, d, at)
		return err
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// found is what a link of a body leads to.
func (b *bodyReader) found(ctx context.Context, r store.Reader, p access.Place, l cms.LinkSys, path ...any) (store.Head, error) {
	h, err := r.Get(ctx, p.Environment, cms.Kind(l.LinkType), l.ID)
	if fault.Is(err, fault.NotFound) {
		b.add(fault.Detail{Name: "notResolvable", Path: path, Link: l, Details: fmt.Sprintf("There is no %s %q.", l.LinkType, l.ID)})
		err = nil
	}
	return h, err
}

// knownStep finds the step that a body names.
func (b *bodyReader) knownStep(d cms.WorkflowDefinition, id string) *cms.WorkflowStep {
	if i := d.Step(id); i >= 0 {
		return &d.Steps[i]
	}
	problem := fault.Detail{Name: "in", Path: []any{"stepId"}, Value: fault.Raw(id), Expected: []any{}, Details: "Value must be one of expected values"}
	for _, step := range d.Steps {
		problem.Expected = append(problem.Expected, step.ID)
	}
	b.add(problem)
	return nil
}

// beginWorkflow begins a workflow; step is nil for none.
func (s *Service) beginWorkflow(ctx context.Context, tx store.Tx, p access.Place, user, entry string, d Definition, step *cms.WorkflowStep) (Workflow, error) {
	id, now := s.IDs.New(), s.Now()
	w := cms.Workflow{Entry: entry, Definition: d.ID}
	if step != nil {
		w.Step = markOf(*step)
	}
	taken, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindWorkflow, id), []store.Key{workflowKey(entry, d.ID)})
	if err != nil {
		return Workflow{}, err
	}
	if len(taken) > 0 {
		other := strings.TrimPrefix(taken[0].Owner, store.OwnerOf(cms.KindWorkflow, ""))
		return Workflow{}, fault.Invalid(fault.ValidationFailed, fault.Detail{Name: "taken", Path: []any{"entity"}, Link: cms.LinkTo(cms.KindWorkflow, other).Sys,
			Details: fmt.Sprintf("The entry has a workflow of this definition: %q. Complete or cancel it first.", other)})
	}
	out, err := put(ctx, tx, created(p.Environment, cms.KindWorkflow, id, 1, user, now), store.Absent, w, store.Create, user, now)
	if err != nil {
		return out, err
	}
	if err := s.logWorkflow(ctx, tx, p, user, cms.WorkflowCreated, out); err != nil {
		return out, err
	}
	return out, s.arrive(ctx, tx, p, user, entry, step)
}

func markOf(step cms.WorkflowStep) cms.WorkflowMark {
	return cms.WorkflowMark{ID: step.ID, Name: step.Name, Annotations: step.Annotations}
}

// PutWorkflow moves a workflow to another step.
func (s *Service) PutWorkflow(ctx context.Context, p access.Place, a access.Actor, id string, v Version, body []byte) (out Workflow, err error) {
	var b bodyReader
	members := b.object(body, nil, "sys", "stepId")
	if members == nil {
		return out, b.err()
	}
	step, _ := read[string](&b, members["stepId"], "String", []any{"stepId"})
	if err := b.err(); err != nil {
		return out, err
	}
	err = s.changeWorkflow(ctx, p, id, v, func(tx store.Tx, w Workflow, d Definition) error {
		var b bodyReader
		next := b.knownStep(d.Value, step)
		if err := b.err(); err != nil {
			return err
		}
		if err := mayMove(ctx, tx, a, w.Value, d.Value, next); err != nil {
			return err
		}
		moved := w.Value.Step.ID != next.ID
		w.Value.Step = markOf(*next)
		if out, err = s.putWorkflow(ctx, tx, p, a.User, w, store.Save); err != nil || !moved {
			return err
		}
		if err := s.logWorkflow(ctx, tx, p, a.User, cms.WorkflowStepChanged, out); err != nil {
			return err
		}
		return s.arrive(ctx, tx, p, a.User, w.Value.Entry, next)
	})
	return out, err
}

// CompleteWorkflow ends a workflow that has come to its end: the entry can go
// through the same again.
func (s *Service) CompleteWorkflow(ctx context.Context, p access.Place, a access.Actor, id string, v Version) error {
	return s.changeWorkflow(ctx, p, id, v, func(tx store.Tx, w Workflow, d Definition) error {
		if err := mayMove(ctx, tx, a, w.Value, d.Value, nil); err != nil {
			return err
		}
		w.Value.CompletedAt, w.Value.CompletedBy = s.Now(), a.User
		w, err := s.putWorkflow(ctx, tx, p, a.User, w, store.Complete)
		if err != nil {
			return err
		}
		return s.endWorkflow(ctx, tx, p, a.User, cms.WorkflowCompleted, w)
	})
}

// CancelWorkflow ends a workflow wherever it is.
func (s *Service) CancelWorkflow(ctx context.Context, p access.Place, a access.Actor, id string, v Version) error {
	return s.changeWorkflow(ctx, p, id, v, func(tx store.Tx, w Workflow, d Definition) error {
		if err := mayCancel(ctx, tx, a, w.Value, d.Value); err != nil {
			return err
		}
		return s.endWorkflow(ctx, tx, p, a.User, cms.WorkflowDeleted, w)
	})
}

// changeWorkflow reads a workflow with its definition and lets change do something
// with them.
func (s *Service) changeWorkflow(ctx context.Context, p access.Place, id string, v Version, change func(tx store.Tx, w Workflow, d Definition) error) error {
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		w, err := get[cms.Workflow](ctx, tx, p.Environment, cms.KindWorkflow, id)
		if err != nil {
			return missing(err, p, cms.KindWorkflow, id)
		}
		if err := v.check(w.Sys); err != nil {
			return err
		}
		d, err := get[cms.WorkflowDefinition](ctx, tx, p.Environment, cms.KindWorkflowDefinition, w.Value.Definition)
		if err != nil {
			return err
		}
		return change(tx, w, d)
	})
}

// putWorkflow makes the next version of a workflow.
func (s *Service) putWorkflow(ctx context.Context, tx store.Tx, p access.Place, user string, w Workflow, action store.Action) (Workflow, error) {
	h, err := tx.Get(ctx, p.Environment, cms.KindWorkflow, w.ID)
	if err != nil {
		return w, err
	}
	now := s.Now()
	return put(ctx, tx, touched(h, user, now), h.Version, w.Value, action, user, now)
}

// endWorkflow removes a workflow. Its changelog and what was said about it stay.
func (s *Service) endWorkflow(ctx context.Context, tx store.Tx, p access.Place, user, event string, w Workflow) error {
	if err := s.logWorkflow(ctx, tx, p, user, event, w); err != nil {
		return err
	}
	return tx.Delete(ctx, p.Environment, cms.KindWorkflow, w.ID, w.Version, user, s.Now())
}
