package authoring

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// arrive does what is to happen when a workflow comes to a step: it makes tasks.
// Mail is not sent, and there are no apps to be called. A step of nil is none.
func (s *Service) arrive(ctx context.Context, tx store.Tx, p access.Place, user, entry string, step *cms.WorkflowStep) error {
	if step == nil {
		return nil
	}
	made := false
	for _, a := range step.Actions {
		if a.Type != cms.StepTask {
			continue
		}
		var t cms.WorkflowTask
		if err := json.Unmarshal(a.Configuration, &t); err != nil {
			return fault.Wrap(err, fault.ServerError, "the stored task of the step %s is unreadable", step.ID)
		}
		task := cms.Task{Body: t.Body, AssignedTo: t.Assignee.Sys.ID, Status: cms.StatusActive}
		if t.DueDate != nil {
			task.DueDate = s.Now().AddDate(0, 0, *t.DueDate).UTC().Format(time.RFC3339)
		}
		if _, err := addPart(ctx, s, tx, p, cms.KindTask, entry, s.IDs.New(), user, task); err != nil {
			return err
		}
		made = true
	}
	if !made {
		return nil
	}
	return holdBack(ctx, tx, p, entry, true)
}

// beginOnCreation begins the workflows that a new entry begins with.
func (s *Service) beginOnCreation(ctx context.Context, tx store.Tx, p access.Place, user string, h store.Head) error {
	heads, err := tx.List(ctx, p.Environment, cms.KindWorkflowDefinition, "", maxDefinitions)
	if err != nil || len(heads) == 0 {
		return err
	}
	bodies, err := tx.Bodies(ctx, revisions(heads, cms.Draft))
	if err != nil {
		return err
	}
	for _, dh := range heads {
		d, err := decode[cms.WorkflowDefinition](dh, bodies[dh.Draft])
		if err != nil {
			return err
		}
		if !d.Value.StartOnEntityCreation || !slices.Contains(d.Value.ContentTypes(), h.ContentType) {
			continue
		}
		var first *cms.WorkflowStep
		if len(d.Value.Steps) > 0 {
			first = &d.Value.Steps[0]
		}
		if _, err := s.beginWorkflow(ctx, tx, p, user, h.ID, d, first); err != nil {
			return err
		}
	}
	return nil
}

// mayMove lets administrators move a workflow to any step and complete it, which
// is a next step of nil, and others as far as the step that it is at says so.
func mayMove(ctx context.Context, r store.Reader, a access.Actor, w cms.Workflow, d cms.WorkflowDefinition, next *cms.WorkflowStep) error {
	admin, err := administers(ctx, r, a.User)
	if err != nil || admin {
		return err
	}
	at := d.Step(w.Step.ID)
	if !stepAllows(d, at, cms.StepEdit, a.User) {
		return denied("The workflow is at %s, from where only administrators may move or complete it, and who the step allows to.", placeOf(w))
	}
	if d.FlowType != cms.FlowNeighbor {
		return nil
	}
	if next == nil {
		if at != len(d.Steps)-1 {
			return denied("The workflow is at %s and can be completed at its last step only.", placeOf(w))
		}
		return nil
	}
	if to := d.Step(next.ID); to < at-1 || to > at+1 {
		return denied("The workflow is at %s and can be moved to the step before and the one behind only.", placeOf(w))
	}
	return nil
}

// mayCancel lets administrators cancel a workflow, and others as far as the step
// that it is at says so.
func mayCancel(ctx context.Context, r store.Reader, a access.Actor, w cms.Workflow, d cms.WorkflowDefinition) error {
	admin, err := administers(ctx, r, a.User)
	if err == nil && !admin && !stepAllows(d, d.Step(w.Step.ID), cms.StepDelete, a.User) {
		err = denied("The workflow is at %s, where only administrators may cancel it, and who the step allows to.", placeOf(w))
	}
	return err
}

// stepAllows reports whether the rules of a step let a user do something with the
// workflow. What no rule allows is not allowed, whatever another one does.
func stepAllows(d cms.WorkflowDefinition, step int, action, user string) bool {
	if step < 0 {
		return false
	}
	allowed, forbidden := d.Steps[step].Rules(cms.OfWorkflow, action, user)
	return allowed && !forbidden
}

func placeOf(w cms.Workflow) string {
	if w.Step.ID == "" {
		return "no step yet"
	}
	return fmt.Sprintf("the step %q", w.Step.Name)
}

// entryWorkflows are workflows by entry, the first one first, with the definitions
// they are of.
type entryWorkflows struct {
	of          map[string][]Workflow
	definitions map[string]cms.WorkflowDefinition
}

// workflowsOf finds the workflows of entries. In an environment without definitions
// that costs one statement.
func workflowsOf(ctx context.Context, r store.Reader, p access.Place, entries ...string) (entryWorkflows, error) {
	out := entryWorkflows{map[string][]Workflow{}, map[string]cms.WorkflowDefinition{}}
	definitions, err := r.List(ctx, p.Environment, cms.KindWorkflowDefinition, "", maxDefinitions)
	if err != nil || len(definitions) == 0 || len(entries) == 0 {
		return out, err
	}
	var keys []store.Key
	for _, entry := range entries {
		for _, d := range definitions {
			keys = append(keys, workflowKey(entry, d.ID))
		}
	}
	var ids []string
	for page := range slices.Chunk(keys, 1000) {
		owners, err := r.Owners(ctx, p.Environment, page)
		if err != nil {
			return out, err
		}
		for _, owner := range owners {
			ids = append(ids, strings.TrimPrefix(owner, store.OwnerOf(cms.KindWorkflow, "")))
		}
	}
	for page := range slices.Chunk(ids, 1000-maxDefinitions) {
		heads, err := r.GetMany(ctx, p.Environment, cms.KindWorkflow, page)
		if err != nil {
			return out, err
		}
		slices.SortFunc(heads, func(a, b store.Head) int { return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID)) })
		bodies, err := r.Bodies(ctx, append(revisions(heads, cms.Draft), revisions(definitions, cms.Draft)...))
		if err != nil {
			return out, err
		}
		for _, h := range heads {
			w, err := decode[cms.Workflow](h, bodies[h.Draft])
			if err != nil {
				return out, err
			}
			out.of[w.Value.Entry] = append(out.of[w.Value.Entry], w)
		}
		for _, h := range definitions {
			d, err := decode[cms.WorkflowDefinition](h, bodies[h.Draft])
			if err != nil {
				return out, err
			}
			out.definitions[h.ID] = d.Value
		}
	}
	return out, nil
}

// stepRules are what the steps that entries are at forbid a user to do to them.
type stepRules struct {
	entryWorkflows
	user string
}

// rules are the rules of the workflows for a user. They do not bind administrators.
func (found entryWorkflows) rules(ctx context.Context, r store.Reader, user string) (stepRules, error) {
	if len(found.of) == 0 {
		return stepRules{}, nil
	}
	admin, err := administers(ctx, r, user)
	if err != nil || admin {
		return stepRules{}, err
	}
	return stepRules{found, user}, nil
}

// refusal is why the user may not do something to an entry; nil if they may. A rule
// that allows it changes nothing: without a rule everybody may.
func (rules stepRules) refusal(entry, action string) error {
	for _, w := range rules.of[entry] {
		d := rules.definitions[w.Value.Definition]
		i := d.Step(w.Value.Step.ID)
		if i < 0 {
			continue
		}
		if _, forbidden := d.Steps[i].Rules(cms.OfEntity, action, rules.user); forbidden {
			return denied("The entry is at the step %q of the workflow %q, where you may not %s it.", d.Steps[i].Name, d.Name, action)
		}
	}
	return nil
}

// mayHaveWorkflows reports whether a transaction has to look for workflows: not when
// the content model is the one that is remembered, and that has no definitions. It
// costs no statement where the transaction has locked the environment.
func (s *Service) mayHaveWorkflows(ctx context.Context, tx store.Tx, p access.Place) (bool, error) {
	model := s.Index.Remembered(p.Environment)
	if model == nil || model.Workflows {
		return true, nil
	}
	pos, err := tx.Position(ctx, p.Environment)
	return pos.Model != model.Seq, err
}

// allowedAtStep refuses what the steps that an entry is at forbid. Everything else
// than entries is at none.
func (s *Service) allowedAtStep(ctx context.Context, tx store.Tx, p access.Place, user string, kind cms.Kind, id, action string) error {
	if kind != cms.KindEntry {
		return nil
	}
	if may, err := s.mayHaveWorkflows(ctx, tx, p); err != nil || !may {
		return err
	}
	found, err := workflowsOf(ctx, tx, p, id)
	if err != nil {
		return err
	}
	rules, err := found.rules(ctx, tx, user)
	if err != nil {
		return err
	}
	return rules.refusal(id, action)
}

// endWorkflows ends the workflows of an entry that is deleted, unless one of them
// forbids that.
func (s *Service) endWorkflows(ctx context.Context, tx store.Tx, p access.Place, user, entry string) error {
	if may, err := s.mayHaveWorkflows(ctx, tx, p); err != nil || !may {
		return err
	}
	found, err := workflowsOf(ctx, tx, p, entry)
	if err != nil {
		return err
	}
	rules, err := found.rules(ctx, tx, user)
	if err != nil {
		return err
	}
	if err := rules.refusal(entry, cms.StepDelete); err != nil {
		return err
	}
	for _, w := range found.of[entry] {
		if err := s.endWorkflow(ctx, tx, p, user, cms.WorkflowDeleted, w); err != nil {
			return err
		}
	}
	return nil
}
