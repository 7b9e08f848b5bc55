package cma

import (
	"context"
	"net/url"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// scheduledActionJSON is a scheduled action of the management API.
type scheduledActionJSON struct {
	Sys          scheduledSys `json:"sys"`
	Action       string       `json:"action"`
	Entity       cms.Link     `json:"entity"`
	Environment  cms.Link     `json:"environment"`
	ScheduledFor whenJSON     `json:"scheduledFor"`
	ExecutedAt   string       `json:"executedAt,omitempty"`
	LateBy       int          `json:"lateBy,omitempty"` // seconds, when it could not be done in its minute
	Error        any          `json:"error,omitempty"`
}

type whenJSON struct {
	Datetime string `json:"datetime"` // as it was sent
	Timezone string `json:"timezone,omitempty"`
}

type scheduledSys struct {
	sysJSON
	Status     string    `json:"status"`
	CanceledAt string    `json:"canceledAt,omitempty"`
	CanceledBy *cms.Link `json:"canceledBy,omitempty"`
}

// punctual is how late an action may be without saying so.
const punctual = time.Minute

func scheduledOf(c *httpapi.Call, s authoring.Schedule) scheduledActionJSON {
	v := s.Value
	j := scheduledActionJSON{
		Sys: scheduledSys{
			sysJSON: contentSys(access.Place{SpaceID: c.Place.SpaceID}, s.Sys, false), Status: v.Status,
			CanceledAt: millis(v.CanceledAt), CanceledBy: link(cms.KindUser, v.CanceledBy),
		},
		Action: v.Action, Entity: cms.Link{Sys: v.Entity}, Environment: cms.LinkTo(cms.KindEnvironment, v.Environment),
		ScheduledFor: whenJSON{v.Sent, v.Timezone}, ExecutedAt: millis(v.ExecutedAt), Error: scheduleError(c, v),
	}
	if late := v.ExecutedAt.Sub(v.At); !v.ExecutedAt.IsZero() && late >= punctual {
		j.LateBy = int(late / time.Second)
	}
	return j
}

// scheduleError is why a scheduled action failed: for its one entity, for some of
// a release, or as a whole.
func scheduleError(c *httpapi.Call, v cms.ScheduledAction) any {
	switch f := v.Failure; {
	case f == nil:
		return nil
	case f.Error != nil:
		return c.Nested(f.Error)
	case v.Entity.LinkType == string(cms.KindRelease):
		return failureOf(c, releaseActionFailed, nothingWasChanged, f)
	default:
		one := c.Nested(f.Entities[0].Error)
		return failureOf(c, one.Sys.ID, one.Message, f)
	}
}

// environmentParam names the environment of scheduled actions, whose paths do not.
const environmentParam = "environment.sys.id"

// inEnvironment finds the environment that a request about scheduled actions
// names, or else another one.
func inEnvironment(c *httpapi.Call, otherwise string) (access.Place, error) {
	id := c.URL.Query().Get(environmentParam)
	if id == "" {
		id = otherwise
	}
	return c.In(id)
}

// listScheduledActions is a list like others, of an environment that has to be
// named. Clients walk it by next and prev too.
func (a *api) listScheduledActions(c *httpapi.Call) (httpapi.Reply, error) {
	if c.URL.Query().Get(environmentParam) == "" {
		return httpapi.Reply{}, fault.Invalid(fault.InvalidQuery, fault.Detail{Name: "required", Path: []any{"environment", "sys", "id"},
			Details: `The parameter "environment.sys.id" is required here`})
	}
	place, err := inEnvironment(c, "")
	if err != nil {
		return httpapi.Reply{}, err
	}
	find := func(ctx context.Context, _ access.Place, params url.Values) (authoring.Found[authoring.Schedule], error) {
		delete(params, environmentParam)
		for short, name := range map[string]string{"next": "pageNext", "prev": "pagePrev"} {
			if token, ok := params[short]; ok {
				params[name] = token
				delete(params, short)
			}
		}
		return a.s.ScheduledActions(ctx, place, params)
	}
	return answer(c, find, func(s authoring.Schedule) any { return scheduledOf(c, s) })
}

func (a *api) createScheduledAction(c *httpapi.Call) (httpapi.Reply, error) {
	in, err := a.s.ParseSchedule(c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	place, err := c.In(in.Environment)
	if err != nil {
		return httpapi.Reply{}, err
	}
	s, err := a.s.CreateScheduledAction(c.Context(), place, c.Actor, in)
	return saved(scheduledOf(c, s), true, err)
}

func (a *api) getScheduledAction(c *httpapi.Call) (httpapi.Reply, error) {
	place, err := inEnvironment(c, cms.MainEnvironment)
	if err != nil {
		return httpapi.Reply{}, err
	}
	s, err := a.s.ScheduledAction(c.Context(), place, c.PathValue("id"))
	return ok(scheduledOf(c, s), err)
}

func (a *api) putScheduledAction(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	in, err := a.s.ParseSchedule(c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	place, err := c.In(in.Environment)
	if err != nil {
		return httpapi.Reply{}, err
	}
	s, err := a.s.PutScheduledAction(c.Context(), place, c.Actor, c.PathValue("id"), v, in)
	return ok(scheduledOf(c, s), err)
}

// cancelScheduledAction answers with what was canceled.
func (a *api) cancelScheduledAction(c *httpapi.Call) (httpapi.Reply, error) {
	place, err := inEnvironment(c, cms.MainEnvironment)
	if err != nil {
		return httpapi.Reply{}, err
	}
	s, err := a.s.CancelScheduledAction(c.Context(), place, c.Actor, c.PathValue("id"))
	return ok(scheduledOf(c, s), err)
}
