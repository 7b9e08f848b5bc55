package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// sourceHeader names the environment that a new one copies.
const sourceHeader = "X-Contentful-Source-Environment"

// environmentJSON is an environment of the management API.
type environmentJSON struct {
	Name string         `json:"name"`
	Sys  environmentSys `json:"sys"`
}

type environmentSys struct {
	sysJSON
	Status             cms.Link   `json:"status"`
	Aliases            []cms.Link `json:"aliases"`
	AliasedEnvironment *cms.Link  `json:"aliasedEnvironment,omitempty"`
}

func environmentOf(p access.Place, e authoring.Environment) environmentJSON {
	sys := environmentSys{
		sysJSON: organizationSys(access.Place{SpaceID: p.SpaceID}, e.Sys),
		Status:  cms.LinkTo("Status", "ready"), // a copy is whole when it is first seen
		Aliases: make([]cms.Link, len(e.Aliases)), AliasedEnvironment: link(cms.KindEnvironment, e.Target),
	}
	for i, id := range e.Aliases {
		sys.Aliases[i] = cms.LinkTo(cms.KindEnvironmentAlias, id)
	}
	return environmentJSON{Name: e.Value.Name, Sys: sys}
}

func (a *api) listEnvironments(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Environments(c.Context(), c.Place, c.URL.Query())
	return listed(l, func(e authoring.Environment) environmentJSON { return environmentOf(c.Place, e) }, err)
}

func (a *api) createEnvironment(c *httpapi.Call) (httpapi.Reply, error) {
	in, err := environmentBody(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.CreateEnvironment(c.Context(), c.Place, c.Actor, in)
	return located(c, e.ID, environmentOf(c.Place, e), err)
}

func (a *api) getEnvironment(c *httpapi.Call) (httpapi.Reply, error) {
	e, err := a.s.Environment(c.Context(), c.Place, c.PathValue("id"))
	return ok(environmentOf(c.Place, e), err)
}

func (a *api) putEnvironment(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	in, err := environmentBody(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, created, err := a.s.PutEnvironment(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, in)
	return saved(environmentOf(c.Place, e), created, err)
}

func (a *api) deleteEnvironment(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteEnvironment(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}

func environmentBody(c *httpapi.Call) (authoring.EnvironmentInput, error) {
	var body struct {
		Name string `json:"name"`
	}
	err := decodeOnly(c, &body, "sys")
	return authoring.EnvironmentInput{Name: body.Name, Source: c.Header.Get(sourceHeader)}, err
}
