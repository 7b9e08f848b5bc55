package authoring

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// The workflows changelog of an entry is a resource whose versions are the events:
// the change log of the environment has them in their order and for good, and to
// read some costs what they are, however long the log is. It stays when workflows
// end, and when the entry is deleted.

// WorkflowEvent is a record of the workflows changelog.
type WorkflowEvent struct {
	cms.WorkflowEvent
	Entry string // id
	By    string // user id
	At    time.Time
}

// logWorkflow notes what happened to a workflow.
func (s *Service) logWorkflow(ctx context.Context, tx store.Tx, p access.Place, user, event string, w Workflow) error {
	now := s.Now()
	was, action := store.Absent, store.Create
	h, err := tx.Get(ctx, p.Environment, cms.KindWorkflowsChangelog, w.Value.Entry)
	switch {
	case fault.Is(err, fault.NotFound):
		h = created(p.Environment, cms.KindWorkflowsChangelog, w.Value.Entry, 1, user, now)
	case err != nil:
		return err
	default:
		was, action = h.Version, store.Save
		h = touched(h, user, now)
	}
	_, err = put(ctx, tx, h, was, cms.WorkflowEvent{Event: event, Workflow: w.ID, Version: w.Version, Definition: w.Value.Definition, Step: w.Value.Step}, action, user, now)
	return err
}

// workflowLogQuery says which records of a changelog are asked for.
type workflowLogQuery struct {
	entry, workflow string
	definitions     []string // nil: all
	from, to        time.Time
	skip, limit     int
}

func parseWorkflowLogQuery(params url.Values) (q workflowLogQuery, err error) {
	const entry, linkType, workflow, definitions, to, from = "entity.sys.id", "entity.sys.linkType", "workflow.sys.id", "workflowDefinition.sys.id[in]", "eventAt[lte]", "eventAt[gte]"
	problems := unknownParams(params, entry, linkType, workflow, definitions, to, from, "skip", "limit")
	if problem := entryLinkType(params, linkType, true); problem != nil {
		problems = append(problems, *problem)
	}
	if q.entry = last(params, entry); q.entry == "" {
		problems = append(problems, fault.Detail{Name: "any.required", Path: []any{entry}, Details: `"entity.sys.id" is required`})
	}
	q.workflow = last(params, workflow)
	if params.Has(definitions) {
		q.definitions = strings.Split(last(params, definitions), ",")
	}
	for name, at := range map[string]*time.Time{to: &q.to, from: &q.from} {
		if sent := last(params, name); params.Has(name) {
			if *at, err = time.Parse(time.RFC3339, sent); err != nil {
				if *at, err = time.Parse(time.DateOnly, sent); err != nil {
					problems = append(problems, badParam(name, sent, "The value is no date of ISO 8601."))
				}
			}
		}
	}
	q.skip = between(params, "skip", 0, 0, 1<<31-1, &problems)
	q.limit = between(params, "limit", 100, 0, 1000, &problems)
	if problems != nil {
		slices.SortStableFunc(problems, func(a, b fault.Detail) int { return strings.Compare(a.Path[0].(string), b.Path[0].(string)) })
		return q, fault.Invalid(fault.InvalidQuery, problems...)
	}
	return q, nil
}

func (q workflowLogQuery) takes(e WorkflowEvent) bool {
	return (q.workflow == "" || e.Workflow == q.workflow) && (q.definitions == nil || slices.Contains(q.definitions, e.Definition)) &&
		!e.At.Before(q.from) && (q.to.IsZero() || !e.At.After(q.to))
}

// WorkflowsChangelog lists what happened to the workflows of an entry, the latest
// first.
func (s *Service) WorkflowsChangelog(ctx context.Context, p access.Place, params url.Values) (Listing[WorkflowEvent], error) {
	q, err := parseWorkflowLogQuery(params)
	if err != nil {
		return Listing[WorkflowEvent]{}, err
	}
	out := Listing[WorkflowEvent]{Skip: q.skip, Limit: q.limit}
	const page = 1000
	for before := (store.Point{}); ; {
		changes, err := s.Store.ChangesOf(ctx, p.Environment, cms.KindWorkflowsChangelog, q.entry, before, page)
		if err != nil {
			return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
		}
		more := len(changes) == page
		if end := slices.IndexFunc(changes, func(c store.Change) bool { return c.Scope != p.Environment }); end >= 0 {
			changes, more = changes[:end], false // the environment that this one was copied from had workflows of its own
		}
		if err := s.takeEvents(ctx, q, changes, &out); err != nil || !more {
			return out, err
		}
		before = changes[len(changes)-1].Point()
	}
}

// takeEvents adds those records to a page that belong to it.
func (s *Service) takeEvents(ctx context.Context, q workflowLogQuery, changes []store.Change, out *Listing[WorkflowEvent]) error {
	revs := make([]store.Revision, len(changes))
	for i, c := range changes {
		revs[i] = c.DraftAfter
	}
	bodies, err := s.Store.Bodies(ctx, revs)
	if err != nil {
		return err
	}
	for _, c := range changes {
		r, err := decode[cms.WorkflowEvent](store.Head{Sys: cms.Sys{Kind: c.Kind, ID: c.ID}}, bodies[c.DraftAfter])
		if err != nil {
			return err
		}
		e := WorkflowEvent{r.Value, c.ID, c.Actor, c.At}
		if !q.takes(e) {
			continue
		}
		if out.Total >= q.skip && len(out.Items) < q.limit {
			out.Items = append(out.Items, e)
		}
		out.Total++
	}
	return nil
}
