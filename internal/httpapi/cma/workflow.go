package cma

import (
	"strconv"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// definitionJSON is a workflow definition of the management API.
type definitionJSON struct {
	Sys definitionSys `json:"sys"`
	cms.WorkflowDefinition
}

type definitionSys struct {
	sysJSON
	IsLocked bool `json:"isLocked"` // never: what locks them in the original is the end of a subscription
}

func definitionOf(p access.Place, d authoring.Definition) definitionJSON {
	return definitionJSON{Sys: definitionSys{sysJSON: contentSys(p, d.Sys, false)}, WorkflowDefinition: d.Value}
}

func (a *api) listWorkflowDefinitions(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.WorkflowDefinitions(c.Context(), c.Place, c.URL.Query())
	return listed(l, func(d authoring.Definition) definitionJSON { return definitionOf(c.Place, d) }, err)
}

func (a *api) getWorkflowDefinition(c *httpapi.Call) (httpapi.Reply, error) {
	d, err := a.s.WorkflowDefinition(c.Context(), c.Place, c.PathValue("id"))
	return ok(definitionOf(c.Place, d), err)
}

func (a *api) createWorkflowDefinition(c *httpapi.Call) (httpapi.Reply, error) {
	d, err := a.s.CreateWorkflowDefinition(c.Context(), c.Place, c.Actor, c.Body)
	return saved(definitionOf(c.Place, d), true, err)
}

func (a *api) putWorkflowDefinition(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	d, err := a.s.PutWorkflowDefinition(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, c.Body)
	return ok(definitionOf(c.Place, d), err)
}

func (a *api) deleteWorkflowDefinition(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.DeleteWorkflowDefinition(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
}

// workflowJSON is a workflow of the management API.
type workflowJSON struct {
	Sys    workflowSys `json:"sys"`
	StepID string      `json:"stepId,omitempty"`
}

type workflowSys struct {
	sysJSON
	Entity             cms.Link  `json:"entity"`
	WorkflowDefinition cms.Link  `json:"workflowDefinition"`
	CompletedAt        string    `json:"completedAt,omitempty"` // webhooks only: what has ended cannot be read
	CompletedBy        *cms.Link `json:"completedBy,omitempty"`
}

func workflowOf(p access.Place, w authoring.Workflow) workflowJSON {
	return workflowJSON{Sys: workflowSys{
		sysJSON: contentSys(p, w.Sys, false),
		Entity:  cms.LinkTo(cms.KindEntry, w.Value.Entry), WorkflowDefinition: cms.LinkTo(cms.KindWorkflowDefinition, w.Value.Definition),
		CompletedAt: millis(w.Value.CompletedAt), CompletedBy: link(cms.KindUser, w.Value.CompletedBy),
	}, StepID: w.Value.Step.ID}
}

func (a *api) listWorkflows(c *httpapi.Call) (httpapi.Reply, error) {
	return answer(c, a.s.Workflows, func(w authoring.Workflow) any { return workflowOf(c.Place, w) })
}

func (a *api) getWorkflow(c *httpapi.Call) (httpapi.Reply, error) {
	w, err := a.s.Workflow(c.Context(), c.Place, c.PathValue("id"))
	return ok(workflowOf(c.Place, w), err)
}

func (a *api) createWorkflow(c *httpapi.Call) (httpapi.Reply, error) {
	w, err := a.s.CreateWorkflow(c.Context(), c.Place, c.Actor, c.Body)
	return saved(workflowOf(c.Place, w), true, err)
}

func (a *api) putWorkflow(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	w, err := a.s.PutWorkflow(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, c.Body)
	return ok(workflowOf(c.Place, w), err)
}

func (a *api) completeWorkflow(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.CompleteWorkflow(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
}

func (a *api) cancelWorkflow(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.CancelWorkflow(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
}

// workflowEventJSON is a record of the workflows changelog.
type workflowEventJSON struct {
	Event              string        `json:"event"`
	EventBy            cms.Link      `json:"eventBy"`
	EventAt            string        `json:"eventAt"`
	Workflow           versionedLink `json:"workflow"`
	WorkflowDefinition cms.Link      `json:"workflowDefinition"`
	Entity             cms.Link      `json:"entity"`
	StepID             string        `json:"stepId,omitempty"` // none yet
	StepName           string        `json:"stepName,omitempty"`
	StepAnnotations    []string      `json:"stepAnnotations"`
}

func workflowEventOf(e authoring.WorkflowEvent) workflowEventJSON {
	j := workflowEventJSON{
		Event: e.Event, EventBy: cms.LinkTo(cms.KindUser, e.By), EventAt: millis(e.At),
		Workflow:           versionOf(cms.Sys{Kind: cms.KindWorkflow, ID: e.Workflow, Version: e.Version}),
		WorkflowDefinition: cms.LinkTo(cms.KindWorkflowDefinition, e.Definition), Entity: cms.LinkTo(cms.KindEntry, e.Entry),
		StepID: e.Step.ID, StepName: e.Step.Name, StepAnnotations: e.Step.Annotations,
	}
	if j.StepAnnotations == nil {
		j.StepAnnotations = []string{}
	}
	return j
}

func (a *api) listWorkflowsChangelog(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.WorkflowsChangelog(c.Context(), c.Place, c.URL.Query())
	return listed(l, workflowEventOf, err)
}

// commentVersion is the version that the path of a comment on a workflow names; 0
// for none.
func commentVersion(c *httpapi.Call) (int, error) {
	sent := c.PathValue("version")
	if sent == "" {
		return 0, nil
	}
	v, err := strconv.Atoi(sent)
	if err != nil || v < 1 {
		return 0, fault.Missing(string(authoring.KindWorkflowVersion), sent, c.Place.EnvironmentID, c.Place.SpaceID)
	}
	return v, nil
}
