package authoring

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Bounds of a workflow definition.
const (
	maxWorkflowSteps = 20
	maxStepTasks     = 5
	maxTaskDays      = 3650      // until a task is due
	maxDefinition    = 256 << 10 // bytes of all of it; of a webhook too
)

// definitionBody is a definition that was read, with what it names: those have to
// exist.
type definitionBody struct {
	cms.WorkflowDefinition
	names []namedLink
}

type namedLink struct {
	link cms.LinkSys
	path []any
}

// readDefinition reads the body of a workflow definition. Steps without an id get
// one.
func (s *Service) readDefinition(ctx context.Context, p access.Place, body []byte) (cms.WorkflowDefinition, error) {
	var b bodyReader
	d := definitionBody{}
	members := b.object(body, nil, "sys", "name", "description", "appliesTo", "flowType", "startOnEntityCreation", "steps")
	if members == nil {
		return d.WorkflowDefinition, b.err()
	}
	d.Name = b.short(members["name"], []any{"name"}, 1)
	d.Description = b.optional(members["description"], []any{"description"})
	d.FlowType = cms.FlowFree
	if raw := members["flowType"]; raw != nil {
		d.FlowType = b.oneOf(raw, []any{"flowType"}, cms.FlowFree, cms.FlowNeighbor)
	}
	if raw := members["startOnEntityCreation"]; raw != nil {
		d.StartOnEntityCreation, _ = read[bool](&b, raw, "Boolean", []any{"startOnEntityCreation"})
	}
	d.AppliesTo = b.targets(members["appliesTo"], &d)
	d.Steps = b.steps(members["steps"], &d)
	if err := b.err(); err != nil {
		return d.WorkflowDefinition, err
	}
	for i := range d.Steps {
		if d.Steps[i].ID == "" {
			d.Steps[i].ID = s.IDs.New()
		}
	}
	if size, err := encode(d.WorkflowDefinition); err != nil {
		return d.WorkflowDefinition, fault.Wrap(err, fault.ServerError, "encoding a workflow definition")
	} else if len(size) > maxDefinition {
		return d.WorkflowDefinition, fault.Invalid(fault.ValidationFailed, fault.Detail{Name: "size", Max: fault.Raw(maxDefinition), Details: fmt.Sprintf("Size must be at most %d bytes", maxDefinition)})
	}
	return d.WorkflowDefinition, s.resolvable(ctx, p, d.names)
}

// resolvable refuses links to what does not exist.
func (s *Service) resolvable(ctx context.Context, p access.Place, names []namedLink) error {
	ids := map[string][]string{}
	for _, n := range names {
		ids[n.link.LinkType] = append(ids[n.link.LinkType], n.link.ID)
	}
	there := map[cms.LinkSys]bool{} // there are no teams
	for kind, scope := range map[cms.Kind]store.Scope{cms.KindUser: store.Server, cms.KindContentType: p.Environment} {
		found := ids[string(kind)]
		slices.Sort(found)
		for page := range slices.Chunk(slices.Compact(found), 1000) {
			heads, err := s.Store.GetMany(ctx, scope, kind, page)
			if err != nil {
				return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
			}
			for _, h := range heads {
				there[cms.LinkTo(kind, h.ID).Sys] = true
			}
		}
	}
	var b bodyReader
	for _, n := range names {
		if !there[n.link] {
			b.add(fault.Detail{Name: "notResolvable", Path: n.path, Link: n.link, Details: fmt.Sprintf("There is no %s %q.", n.link.LinkType, n.link.ID)})
		}
	}
	return b.err()
}

// targets reads what entries a definition is for.
func (b *bodyReader) targets(raw json.RawMessage, d *definitionBody) []cms.WorkflowTarget {
	if raw == nil {
		return nil
	}
	list, _ := read[[]json.RawMessage](b, raw, "Array", []any{"appliesTo"})
	out := make([]cms.WorkflowTarget, 0, len(list))
	for i, raw := range list {
		at := []any{"appliesTo", i}
		members := b.object(raw, at, "type", "linkType", "validations")
		if members == nil {
			continue
		}
		t := cms.WorkflowTarget{
			Type:     b.oneOf(members["type"], below(at, "type"), "Link"),
			LinkType: b.oneOf(members["linkType"], below(at, "linkType"), string(cms.KindEntry)),
		}
		validations, _ := read[[]json.RawMessage](b, members["validations"], "Array", below(at, "validations"))
		for j, raw := range validations {
			at := below(at, "validations", j)
			if members := b.object(raw, at, "linkContentType"); members != nil {
				at = below(at, "linkContentType")
				types, _ := read[[]string](b, members["linkContentType"], "Array", at)
				for k, id := range types {
					d.names = append(d.names, namedLink{cms.LinkTo(cms.KindContentType, id).Sys, below(at, k)})
				}
				t.Validations = append(t.Validations, cms.WorkflowTargetValidation{LinkContentType: types})
			}
		}
		out = append(out, t)
	}
	return out
}

// steps reads the steps of a definition.
func (b *bodyReader) steps(raw json.RawMessage, d *definitionBody) []cms.WorkflowStep {
	out := []cms.WorkflowStep{}
	if raw == nil {
		return out
	}
	list, _ := read[[]json.RawMessage](b, raw, "Array", []any{"steps"})
	if len(list) > maxWorkflowSteps {
		b.add(fault.Detail{Name: "size", Path: []any{"steps"}, Max: fault.Raw(maxWorkflowSteps), Details: fmt.Sprintf("Size must be at most %d", maxWorkflowSteps)})
		return out
	}
	seen := map[string]int{}
	for i, raw := range list {
		at := []any{"steps", i}
		step := b.step(raw, at, d)
		if first, twice := seen[step.ID]; twice && step.ID != "" {
			b.add(fault.Detail{Name: "array.unique", Path: below(at, "id"), Value: fault.Raw(step.ID), Details: fmt.Sprintf("%q is the same as %q", dotted(below(at, "id")), dotted([]any{"steps", first, "id"}))})
		} else {
			seen[step.ID] = i
		}
		out = append(out, step)
	}
	return out
}

func (b *bodyReader) step(raw json.RawMessage, at []any, d *definitionBody) (step cms.WorkflowStep) {
	members := b.object(raw, at, "id", "name", "description", "annotations", "permissions", "actions")
	if members == nil {
		return step
	}
	if raw := members["id"]; raw != nil {
		id, ok := read[string](b, raw, "String", below(at, "id"))
		if step.ID = id; ok && !cms.ValidID(id) {
			b.add(fault.Detail{Name: "regexp", Path: below(at, "id"), Value: raw, Pattern: `^[a-zA-Z0-9-_.]{1,64}$`, Details: "Does not match /^[a-zA-Z0-9-_.]{1,64}$/"})
		}
	}
	step.Name = b.short(members["name"], below(at, "name"), 1)
	step.Description = b.optional(members["description"], below(at, "description"))
	step.Annotations = eachOf(b, members["annotations"], below(at, "annotations"), func(raw json.RawMessage, at []any) string { return b.short(raw, at, 0) })
	step.Permissions = eachOf(b, members["permissions"], below(at, "permissions"), func(raw json.RawMessage, at []any) cms.WorkflowPermission { return b.stepPermission(raw, at, d) })
	step.Actions = eachOf(b, members["actions"], below(at, "actions"), func(raw json.RawMessage, at []any) cms.WorkflowAction { return b.stepAction(raw, at, d) })
	tasks := 0
	for _, a := range step.Actions {
		if a.Type == cms.StepTask {
			tasks++
		}
	}
	if tasks > maxStepTasks {
		b.add(fault.Detail{Name: "size", Path: below(at, "actions"), Max: fault.Raw(maxStepTasks), Details: fmt.Sprintf("There can be at most %d tasks", maxStepTasks)})
	}
	return step
}

// eachOf reads a list, nil if it is absent.
func eachOf[T any](b *bodyReader, raw json.RawMessage, path []any, element func(raw json.RawMessage, path []any) T) []T {
	if raw == nil {
		return nil
	}
	list, _ := read[[]json.RawMessage](b, raw, "Array", path)
	out := make([]T, 0, len(list))
	for i, raw := range list {
		out = append(out, element(raw, below(path, i)))
	}
	return out
}

func (b *bodyReader) stepPermission(raw json.RawMessage, at []any, d *definitionBody) (p cms.WorkflowPermission) {
	members := b.object(raw, at, "type", "configuration")
	if members == nil {
		return p
	}
	p.Type = b.oneOf(members["type"], below(at, "type"), cms.OfEntity, cms.OfWorkflow)
	at = below(at, "configuration")
	rule := b.object(members["configuration"], at, "actors", "action", "effect")
	if rule == nil {
		return p
	}
	p.Configuration.Action = b.oneOf(rule["action"], below(at, "action"), cms.StepEdit, cms.StepPublish, cms.StepDelete)
	p.Configuration.Effect = b.oneOf(rule["effect"], below(at, "effect"), cms.StepAllow, cms.StepDeny)
	if string(rule["actors"]) == `"all"` {
		return p
	}
	at = below(at, "actors")
	actors, ok := read[[]json.RawMessage](b, rule["actors"], "Array", at)
	if ok && len(actors) == 0 {
		b.add(fault.Detail{Name: "size", Path: at, Min: fault.Raw(1), Details: `Size must be at least 1. "all" is everybody.`})
	}
	p.Configuration.Actors = cms.WorkflowActors{}
	for i, raw := range actors {
		p.Configuration.Actors = append(p.Configuration.Actors, cms.Link{Sys: b.person(raw, below(at, i), d)})
	}
	return p
}

// person reads a link to a user, who has to exist.
func (b *bodyReader) person(raw json.RawMessage, at []any, d *definitionBody) cms.LinkSys {
	l := b.link(raw, at, false, string(cms.KindUser), "Team").LinkSys
	d.names = append(d.names, namedLink{l, at})
	return l
}

func (b *bodyReader) stepAction(raw json.RawMessage, at []any, d *definitionBody) (a cms.WorkflowAction) {
	members := b.object(raw, at, "type", "appId", "appActionId", "configuration")
	if members == nil {
		return a
	}
	a.Type = b.oneOf(members["type"], below(at, "type"), cms.StepTask, cms.StepEmail, cms.StepApp)
	in := below(at, "configuration")
	switch a.Type {
	case cms.StepTask:
		b.stepTask(members["configuration"], in, d)
	case cms.StepEmail:
		if config := b.object(members["configuration"], in, "recipients"); config != nil {
			at := below(in, "recipients")
			to, _ := read[[]json.RawMessage](b, config["recipients"], "Array", at)
			for i, raw := range to {
				if json.Unmarshal(raw, new(string)) != nil { // no address
					b.person(raw, below(at, i), d)
				}
			}
		}
	case cms.StepApp:
		a.AppID = b.short(members["appId"], below(at, "appId"), 1)
		a.AppActionID = b.short(members["appActionId"], below(at, "appActionId"), 1)
		if raw := members["configuration"]; raw != nil {
			b.object(raw, in, "body", "headers")
		}
	}
	var compact bytes.Buffer
	if raw := members["configuration"]; raw != nil && json.Compact(&compact, raw) == nil {
		a.Configuration = compact.Bytes()
	}
	return a
}

func (b *bodyReader) stepTask(raw json.RawMessage, at []any, d *definitionBody) {
	config := b.object(raw, at, "assignee", "body", "dueDate")
	if config == nil {
		return
	}
	b.person(config["assignee"], below(at, "assignee"), d)
	b.remark(config["body"], below(at, "body"))
	if raw := config["dueDate"]; raw != nil && !isNull(raw) {
		days, ok := read[int](b, raw, "Integer", below(at, "dueDate"))
		if ok && (days < 0 || days > maxTaskDays) {
			b.add(fault.Detail{Name: "range", Path: below(at, "dueDate"), Value: raw, Min: fault.Raw(0), Max: fault.Raw(maxTaskDays), Details: fmt.Sprintf("Value must be at least 0 and at most %d: days from when the task is made", maxTaskDays)})
		}
	}
}

// optional is short for what may be left out.
func (b *bodyReader) optional(raw json.RawMessage, path []any) string {
	if raw == nil || isNull(raw) {
		return ""
	}
	return b.short(raw, path, 0)
}
