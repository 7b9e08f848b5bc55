package cma

import (
	"net/http"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// releaseJSON is a release of the management API.
type releaseJSON struct {
	Sys      releaseSys   `json:"sys"`
	Title    string       `json:"title"`
	Entities entitiesJSON `json:"entities"`
}

type releaseSys struct {
	sysJSON
	Status        string    `json:"status"`
	LastAction    *cms.Link `json:"lastAction,omitempty"`
	SchemaVersion string    `json:"schemaVersion,omitempty"` // of the second schema only
}

// entitiesJSON are the entities of a release: links, or what is done to each.
type entitiesJSON struct {
	Sys   arraySys `json:"sys"`
	Items []any    `json:"items"`
}

// releaseItemJSON is an entity of a release of the second schema.
type releaseItemJSON struct {
	Entity cms.Link     `json:"entity"`
	Action string       `json:"action,omitempty"` // unless locales are named
	Add    *localesJSON `json:"add,omitempty"`
	Remove *localesJSON `json:"remove,omitempty"`
}

// localesJSON are locales of all fields.
type localesJSON struct {
	Fields map[string][]string `json:"fields"`
}

func localesOf(codes []string) *localesJSON {
	if codes == nil {
		return nil
	}
	return &localesJSON{map[string][]string{"*": codes}}
}

func releaseOf(c *httpapi.Call, r authoring.Resource[cms.Release]) releaseJSON {
	j := releaseJSON{
		Sys:      releaseSys{sysJSON: contentSys(c.Place, r.Sys, false), Status: r.Value.Status},
		Title:    r.Value.Title,
		Entities: entitiesJSON{Sys: arraySys{"Array"}, Items: make([]any, len(r.Value.Items))},
	}
	j.Sys.ArchivedVersion = 0 // which releases do not show
	if n := len(r.Value.Actions); n > 0 {
		j.Sys.LastAction = link(cms.KindReleaseAction, r.Value.Actions[n-1])
	}
	if r.Value.SchemaVersion == cms.ReleaseV2 {
		j.Sys.SchemaVersion = cms.ReleaseV2
	}
	for i, it := range r.Value.Items {
		entity := cms.LinkTo(it.Kind, it.ID)
		j.Entities.Items[i] = entity
		if r.Value.SchemaVersion == cms.ReleaseV2 {
			item := releaseItemJSON{Entity: entity, Action: it.Action, Add: localesOf(it.Add), Remove: localesOf(it.Remove)}
			if it.Add != nil || it.Remove != nil {
				item.Action = ""
			}
			j.Entities.Items[i] = item
		}
	}
	return j
}

func (a *api) listReleases(c *httpapi.Call) (httpapi.Reply, error) {
	return answer(c, a.s.Releases, func(r authoring.Resource[cms.Release]) any { return releaseOf(c, r) })
}

func (a *api) createRelease(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.CreateRelease(c.Context(), c.Place, c.Actor, c.Body)
	return saved(releaseOf(c, r), true, err)
}

func (a *api) getRelease(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.Release(c.Context(), c.Place, c.PathValue("id"))
	return ok(releaseOf(c, r), err)
}

func (a *api) putRelease(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r, err := a.s.PutRelease(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, c.Body)
	return ok(releaseOf(c, r), err)
}

func (a *api) deleteRelease(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteRelease(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}

func (a *api) archiveRelease(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r, err := a.s.ArchiveRelease(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
	return ok(releaseOf(c, r), err)
}

func (a *api) unarchiveRelease(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r, err := a.s.UnarchiveRelease(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
	return ok(releaseOf(c, r), err)
}

// releaseActionJSON is something that is done to a release.
type releaseActionJSON struct {
	Sys    actionSys    `json:"sys"`
	Action string       `json:"action"`
	Error  *actionError `json:"error,omitempty"`
}

// releaseActionFailed is the id of the error of a release action.
const releaseActionFailed = "ReleaseActionFailed"

func releaseActionOf(c *httpapi.Call, a authoring.Resource[cms.Action]) releaseActionJSON {
	return releaseActionJSON{Sys: actionSysOf(c, a), Action: a.Value.Action, Error: failureOf(c, releaseActionFailed, nothingWasChanged, a.Value.Failure)}
}

// accepted is 202 with an action that has been begun.
func accepted(c *httpapi.Call, a authoring.Resource[cms.Action], err error) (httpapi.Reply, error) {
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.Reply{Status: http.StatusAccepted, Value: releaseActionOf(c, a)}, nil
}

// actOnRelease publishes or unpublishes a release.
func (a *api) actOnRelease(action string) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		v, err := version(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		begun, err := a.s.ActOnRelease(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, action)
		return accepted(c, begun, err)
	}
}

func (a *api) validateRelease(c *httpapi.Call) (httpapi.Reply, error) {
	action, err := authoring.ParseReleaseValidation(c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	begun, err := a.s.ValidateRelease(c.Context(), c.Place, c.Actor, c.PathValue("id"), action)
	return accepted(c, begun, err)
}

func (a *api) listReleaseActions(c *httpapi.Call) (httpapi.Reply, error) {
	return answer(c, a.s.ReleaseActions, func(r authoring.Resource[cms.Action]) any { return releaseActionOf(c, r) })
}

// getReleaseAction finds an action by its release, or without.
func (a *api) getReleaseAction(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.ReleaseAction(c.Context(), c.Place, c.PathValue("release"), c.PathValue("id"))
	return ok(releaseActionOf(c, r), err)
}
