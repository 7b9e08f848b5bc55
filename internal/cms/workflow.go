package cms

import (
	"encoding/json"
	"slices"
	"time"
)

// WorkflowDefinition is the stored body of a workflow definition: the steps that
// entries of some content types go through.
type WorkflowDefinition struct {
	Name                  string           `json:"name"`
	Description           string           `json:"description,omitempty"`
	AppliesTo             []WorkflowTarget `json:"appliesTo,omitzero"`
	FlowType              string           `json:"flowType"` // FlowFree or FlowNeighbor
	StartOnEntityCreation bool             `json:"startOnEntityCreation"`
	Steps                 []WorkflowStep   `json:"steps"`
}

// How workflows may be moved by who is no administrator: to any step, or to the
// one before and the one behind.
const (
	FlowFree     = "no_restriction"
	FlowNeighbor = "strict_neighbor"
)

// WorkflowTarget says what entries a definition is for: those of all content types
// that it names.
type WorkflowTarget struct {
	Type        string                     `json:"type"`     // "Link"
	LinkType    string                     `json:"linkType"` // "Entry"
	Validations []WorkflowTargetValidation `json:"validations"`
}

// WorkflowTargetValidation names content types.
type WorkflowTargetValidation struct {
	LinkContentType []string `json:"linkContentType"`
}

// ContentTypes are the ids of the content types a definition is for.
func (d WorkflowDefinition) ContentTypes() []string {
	types := []string{}
	for _, target := range d.AppliesTo {
		for _, v := range target.Validations {
			types = append(types, v.LinkContentType...)
		}
	}
	return types
}

// Step finds a step, -1 if there is none with this id (any more).
func (d WorkflowDefinition) Step(id string) int {
	return slices.IndexFunc(d.Steps, func(s WorkflowStep) bool { return s.ID == id })
}

// WorkflowStep is a step of a workflow definition.
type WorkflowStep struct {
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	Description string               `json:"description,omitempty"`
	Annotations []string             `json:"annotations,omitzero"`
	Permissions []WorkflowPermission `json:"permissions,omitzero"`
	Actions     []WorkflowAction     `json:"actions,omitzero"`
}

// WorkflowPermission is a rule about what may be done while a workflow is at a
// step: to its entry, or to the workflow itself.
type WorkflowPermission struct {
	Type          string                 `json:"type"` // OfEntity or OfWorkflow
	Configuration WorkflowPermissionRule `json:"configuration"`
}

// WorkflowPermissionRule is who may do what, or may not.
type WorkflowPermissionRule struct {
	Actors WorkflowActors `json:"actors"`
	Action string         `json:"action"` // StepEdit, StepPublish or StepDelete
	Effect string         `json:"effect"` // StepAllow or StepDeny
}

// Parts of a permission.
const (
	OfEntity   = "entity_permission"
	OfWorkflow = "workflow_permission"

	StepEdit    = "edit" // workflows: move it, and complete it
	StepPublish = "publish"
	StepDelete  = "delete" // workflows: cancel it

	StepAllow = "allow"
	StepDeny  = "deny"
)

// WorkflowActors are users; nil is everybody.
type WorkflowActors []Link

// MarshalJSON writes "all" for everybody.
func (a WorkflowActors) MarshalJSON() ([]byte, error) {
	if a == nil {
		return []byte(`"all"`), nil
	}
	return json.Marshal([]Link(a))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *WorkflowActors) UnmarshalJSON(raw []byte) error {
	if string(raw) == `"all"` {
		*a = nil
		return nil
	}
	return json.Unmarshal(raw, (*[]Link)(a))
}

// Rules says whether any permission of a step about something allows an action to
// a user, and whether any denies it.
func (s WorkflowStep) Rules(about, action, user string) (allowed, denied bool) {
	for _, p := range s.Permissions {
		rule := p.Configuration
		if p.Type != about || rule.Action != action || rule.Actors != nil && !slices.Contains(rule.Actors, LinkTo(KindUser, user)) {
			continue
		}
		allowed = allowed || rule.Effect == StepAllow
		denied = denied || rule.Effect == StepDeny
	}
	return allowed, denied
}

// WorkflowAction is something that is to happen when a workflow comes to a step.
type WorkflowAction struct {
	Type          string          `json:"type"` // StepTask, StepEmail or StepApp
	AppID         string          `json:"appId,omitempty"`
	AppActionID   string          `json:"appActionId,omitempty"`
	Configuration json.RawMessage `json:"configuration,omitempty"` // as sent; of a task WorkflowTask
}

// Types of the actions of steps.
const (
	StepTask  = "task"
	StepEmail = "email"
	StepApp   = "app"
)

// WorkflowTask is the configuration of an action that makes a task.
type WorkflowTask struct {
	Assignee Link   `json:"assignee"`
	Body     string `json:"body"`
	DueDate  *int   `json:"dueDate"` // days from then on
}

// Workflow is the stored body of a workflow: an entry on its way through the steps
// of a definition.
type Workflow struct {
	Entry       string       `json:"entry"`      // id
	Definition  string       `json:"definition"` // id
	Step        WorkflowMark `json:"step,omitzero"`
	CompletedAt time.Time    `json:"completedAt,omitzero"`
	CompletedBy string       `json:"completedBy,omitempty"` // user id
}

// WorkflowMark is where a workflow stands: a step as it was when the workflow came
// to it. The zero value is no step yet.
type WorkflowMark struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Annotations []string `json:"annotations,omitempty"`
}

// IsZero makes omitzero leave out the zero value.
func (m WorkflowMark) IsZero() bool { return m.ID == "" }

// WorkflowEvent is what last happened to a workflow of an entry: the stored body of
// the changelog of that entry. What happened before are the versions before.
type WorkflowEvent struct {
	Event      string       `json:"event"`
	Workflow   string       `json:"workflow"` // id
	Version    int          `json:"version"`  // of the workflow then
	Definition string       `json:"definition"`
	Step       WorkflowMark `json:"step,omitzero"`
}

// What happens to workflows.
const (
	WorkflowCreated     = "created"
	WorkflowStepChanged = "stepChanged"
	WorkflowCompleted   = "completed"
	WorkflowDeleted     = "deleted"
)
