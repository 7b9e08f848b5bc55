package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// bulkActionJSON is a bulk action of the management API.
type bulkActionJSON struct {
	Sys     actionSys       `json:"sys"`
	Action  string          `json:"action"`
	Payload json.RawMessage `json:"payload"`
	Error   *actionError    `json:"error,omitempty"`
}

// actionSys is the sys of what is done in the background.
type actionSys struct {
	Type        string    `json:"type"`
	ID          string    `json:"id"`
	Status      string    `json:"status"`
	Space       *cms.Link `json:"space"`
	Environment *cms.Link `json:"environment"`
	Release     *cms.Link `json:"release,omitempty"`
	CreatedAt   string    `json:"createdAt"`
	CreatedBy   *cms.Link `json:"createdBy"`
	UpdatedAt   string    `json:"updatedAt"`
	UpdatedBy   *cms.Link `json:"updatedBy"`
}

func actionSysOf(c *httpapi.Call, a authoring.Resource[cms.Action]) actionSys {
	return actionSys{
		Type: string(a.Kind), ID: a.ID, Status: a.Value.Status,
		Space: link(cms.KindSpace, c.Place.SpaceID), Environment: link(cms.KindEnvironment, c.Place.EnvironmentID),
		Release:   link(cms.KindRelease, a.Value.Release),
		CreatedAt: millis(a.CreatedAt), CreatedBy: link(cms.KindUser, a.CreatedBy),
		UpdatedAt: millis(a.UpdatedAt), UpdatedBy: link(cms.KindUser, a.UpdatedBy),
	}
}

// actionError is why an action failed. Its id is the same in all vocabularies;
// those of the errors in it are not.
type actionError struct {
	Sys struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"sys"`
	Message string `json:"message"`
	Details struct {
		Errors []entityError `json:"errors"`
	} `json:"details"`
}

// entityError is what kept something from being done to one entity.
type entityError struct {
	Entity any                 `json:"entity"` // a link, to a version if one was named
	Error  httpapi.NestedError `json:"error"`
}

const nothingWasChanged = "Nothing was changed, because the action is not possible for some of its entities."

// failureOf words why an action failed for its entities.
func failureOf(c *httpapi.Call, id, message string, f *cms.ActionFailure) *actionError {
	if f == nil {
		return nil
	}
	var e actionError
	e.Sys.Type, e.Sys.ID, e.Message = "Error", id, message
	if f.Error != nil { // of no entity
		e.Message = c.Nested(f.Error).Message
	}
	e.Details.Errors = entityErrors(c, f)
	return &e
}

func entityErrors(c *httpapi.Call, f *cms.ActionFailure) []entityError {
	out := make([]entityError, len(f.Entities))
	for i, one := range f.Entities {
		out[i] = entityError{cms.LinkTo(one.Kind, one.ID), c.Nested(one.Error)}
		if one.Version != 0 {
			out[i].Entity = versionOf(cms.Sys{Kind: one.Kind, ID: one.ID, Version: one.Version})
		}
	}
	return out
}

func bulkActionOf(c *httpapi.Call, a authoring.Resource[cms.Action]) bulkActionJSON {
	return bulkActionJSON{
		Sys: actionSysOf(c, a), Action: a.Value.Action, Payload: a.Value.Payload,
		Error: failureOf(c, "BulkActionFailed", nothingWasChanged, a.Value.Failure),
	}
}

// createBulkAction begins a bulk action; the path may name what it does.
func (a *api) createBulkAction(action string) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		in, err := authoring.ParseBulkAction(action, c.Body)
		if err != nil {
			return httpapi.Reply{}, err
		}
		b, err := a.s.CreateBulkAction(c.Context(), c.Place, c.Actor, in)
		if err != nil {
			return httpapi.Reply{}, err
		}
		if action == "" {
			return httpapi.Created(bulkActionOf(c, b)), nil
		}
		return httpapi.OK(bulkActionOf(c, b)), nil
	}
}

func (a *api) getBulkAction(c *httpapi.Call) (httpapi.Reply, error) {
	b, err := a.s.BulkAction(c.Context(), c.Place, c.PathValue("id"))
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.OK(bulkActionOf(c, b)), nil
}
