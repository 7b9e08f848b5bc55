package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// aliasJSON is an environment alias of the management API.
type aliasJSON struct {
	Environment cms.Link `json:"environment"`
	Sys         sysJSON  `json:"sys"`
}

func aliasOf(p access.Place, alias authoring.Resource[cms.EnvironmentAlias]) aliasJSON {
	return aliasJSON{
		Environment: cms.LinkTo(cms.KindEnvironment, alias.Value.Environment),
		Sys:         organizationSys(access.Place{SpaceID: p.SpaceID}, alias.Sys),
	}
}

func (a *api) listAliases(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Aliases(c.Context(), c.Place, c.URL.Query())
	return listed(l, func(r authoring.Resource[cms.EnvironmentAlias]) aliasJSON { return aliasOf(c.Place, r) }, err)
}

func (a *api) getAlias(c *httpapi.Call) (httpapi.Reply, error) {
	alias, err := a.s.Alias(c.Context(), c.Place, c.PathValue("id"))
	return ok(aliasOf(c.Place, alias), err)
}

func (a *api) putAlias(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	var body struct {
		Environment json.RawMessage `json:"environment"`
	}
	if err := decodeOnly(c, &body, "sys"); err != nil {
		return httpapi.Reply{}, err
	}
	alias, created, err := a.s.PutAlias(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, body.Environment)
	return saved(aliasOf(c.Place, alias), created, err)
}

func (a *api) deleteAlias(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteAlias(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}
