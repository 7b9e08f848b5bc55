package cms

import (
	"encoding/json"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// What actions do to entities. An action that validates says what another one
// would come to.
const (
	ActionPublish   = "publish"
	ActionUnpublish = "unpublish"
	ActionValidate  = "validate"
)

// States of an action: Scheduled and Canceled are for scheduled ones, which have
// no Created.
const (
	ActionCreated    = "created"
	ActionScheduled  = "scheduled"
	ActionInProgress = "inProgress"
	ActionSucceeded  = "succeeded"
	ActionFailed     = "failed"
	ActionCanceled   = "canceled"
)

// Action is the stored body of a bulk action and of a release action: something
// that is done to several entities together, in the background.
type Action struct {
	Action  string          `json:"action"`
	Status  string          `json:"status"`
	Items   []ActionItem    `json:"items"`
	Payload json.RawMessage `json:"payload,omitempty"` // bulk actions: as it was sent
	Release string          `json:"release,omitempty"` // release actions: id
	Version int             `json:"version,omitempty"` // release actions: of the release that Items are from
	Failure *ActionFailure  `json:"failure,omitempty"`
	Tries   int             `json:"tries,omitempty"` // how often it has been begun
}

// Ended reports whether an action has come to its end.
func (a Action) Ended() bool { return a.Status == ActionSucceeded || a.Status == ActionFailed }

// ActionItem is an entity that something is done to.
type ActionItem struct {
	Kind    Kind   `json:"kind"` // Entry or Asset
	ID      string `json:"id"`
	Version int    `json:"version,omitempty"` // what it must have; 0: whatever it has
	Action  string `json:"action"`            // ActionPublish or ActionUnpublish

	// Codes of the locales it is done in, and of those that are unpublished; none of
	// both: all there are.
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
}

// ActionFailure is why an action failed: each entity that it failed for, or what
// was wrong as a whole.
type ActionFailure struct {
	Entities []EntityFailure `json:"entities,omitempty"`
	Error    *fault.Error    `json:"error,omitempty"`
}

// EntityFailure is what kept something from being done to one entity.
type EntityFailure struct {
	Kind    Kind         `json:"kind"`
	ID      string       `json:"id"`
	Version int          `json:"version,omitempty"` // as ActionItem has it
	Error   *fault.Error `json:"error"`
}

// Release is the stored body of a release: entities that are published together.
type Release struct {
	Title         string       `json:"title"`
	SchemaVersion string       `json:"schemaVersion"`     // ReleaseV1 or ReleaseV2
	Status        string       `json:"status"`            // ReleaseActive or ReleaseArchived
	Items         []ActionItem `json:"items"`             // without versions
	Actions       []string     `json:"actions,omitempty"` // ids of its release actions, the last one last
}

// Schemas and states of releases.
const (
	ReleaseV1       = "Release.v1" // lists entities
	ReleaseV2       = "Release.v2" // says of each what is done to it
	ReleaseActive   = "active"
	ReleaseArchived = "archived"
)

// ScheduledAction is the stored body of a scheduled action.
type ScheduledAction struct {
	Action      string         `json:"action"` // ActionPublish or ActionUnpublish
	Status      string         `json:"status"`
	Entity      LinkSys        `json:"entity"`             // Entry, Asset or Release
	Environment string         `json:"environment"`        // as it was addressed
	At          time.Time      `json:"at"`                 // UTC
	Sent        string         `json:"sent"`               // At as it was spelled
	Timezone    string         `json:"timezone,omitempty"` // for who shows it: At says when
	Failure     *ActionFailure `json:"failure,omitempty"`

	Tries      int       `json:"tries,omitempty"` // how often it has been begun
	ExecutedAt time.Time `json:"executedAt,omitzero"`
	CanceledAt time.Time `json:"canceledAt,omitzero"`
	CanceledBy string    `json:"canceledBy,omitempty"`
}
