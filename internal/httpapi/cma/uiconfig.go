package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// uiConfigJSON is what editors see of an environment.
type uiConfigJSON struct {
	Sys sysJSON `json:"sys"`
	cms.UIConfig
}

func uiConfigOf(p access.Place, r authoring.Resource[cms.UIConfig]) uiConfigJSON {
	j := uiConfigJSON{contentSys(p, r.Sys, false), r.Value}
	j.Sys.ID = "" // they have none
	return j
}

// getUIConfig answers what all editors see, or the user who asks.
func (a *api) getUIConfig(mine bool) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		r, err := a.s.UIConfig(c.Context(), c.Place, whose(c, mine))
		return ok(uiConfigOf(c.Place, r), err)
	}
}

func (a *api) putUIConfig(mine bool) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		v, err := version(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		r, err := a.s.PutUIConfig(c.Context(), c.Place, c.Actor, whose(c, mine), v, c.Body)
		return ok(uiConfigOf(c.Place, r), err)
	}
}

func whose(c *httpapi.Call, mine bool) string {
	if mine {
		return c.Actor.User
	}
	return ""
}

// enablementsJSON are the features that a space has switched on.
type enablementsJSON struct {
	Sys sysJSON `json:"sys"`
	cms.Enablements
}

func enablementsOf(p access.Place, r authoring.Resource[cms.Enablements]) enablementsJSON {
	j := enablementsJSON{organizationSys(access.Place{SpaceID: p.SpaceID}, r.Sys), r.Value}
	j.Sys.ID = ""
	return j
}

func (a *api) getEnablements(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.Enablements(c.Context(), c.Place)
	return ok(enablementsOf(c.Place, r), err)
}

func (a *api) putEnablements(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r, err := a.s.PutEnablements(c.Context(), c.Place, c.Actor, v, c.Body)
	return ok(enablementsOf(c.Place, r), err)
}
