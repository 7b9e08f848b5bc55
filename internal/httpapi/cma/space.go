package cma

import (
	"net/http"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// organizationHeader names the organization a new space belongs to.
const organizationHeader = "X-Contentful-Organization"

// spaceJSON is a space of the management API.
type spaceJSON struct {
	Name string   `json:"name"`
	Sys  spaceSys `json:"sys"`
}

type spaceSys struct {
	sysJSON
	Organization *cms.Link `json:"organization"`
}

func spaceOf(sp authoring.Resource[cms.Space]) spaceJSON {
	return spaceJSON{Name: sp.Value.Name, Sys: spaceSys{
		sysJSON: organizationSys(access.Place{}, sp.Sys), Organization: link(cms.KindOrganization, sp.Value.Organization),
	}}
}

func (a *api) listSpaces(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Spaces(c.Context(), c.PathValue("organization"), c.URL.Query())
	return listed(l, spaceOf, err)
}

func (a *api) createSpace(c *httpapi.Call) (httpapi.Reply, error) {
	var body struct {
		Name          string `json:"name"`
		DefaultLocale string `json:"defaultLocale"`
	}
	if err := decode(c, &body); err != nil {
		return httpapi.Reply{}, err
	}
	in := authoring.SpaceInput{Name: body.Name, DefaultLocale: body.DefaultLocale}
	if named, ok := c.Header[organizationHeader]; ok {
		in.Organization = &named[0]
	}
	sp, err := a.s.CreateSpace(c.Context(), c.Actor, in)
	return located(c, sp.ID, spaceOf(sp), err)
}

func (a *api) getSpace(c *httpapi.Call) (httpapi.Reply, error) {
	sp, err := a.s.Space(c.Context(), c.Place.SpaceID)
	return ok(spaceOf(sp), err)
}

func (a *api) putSpace(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	var body struct {
		Name string `json:"name"`
	}
	if err := decode(c, &body); err != nil {
		return httpapi.Reply{}, err
	}
	sp, err := a.s.RenameSpace(c.Context(), c.Actor, c.Place.SpaceID, v, body.Name)
	return ok(spaceOf(sp), err)
}

func (a *api) deleteSpace(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteSpace(c.Context(), c.Actor, c.Place.SpaceID)
}

// listRoles is empty: there are no roles yet besides the owner's.
func (a *api) listRoles(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := authoring.EmptyListing(c.URL.Query())
	return listed(l, func(authoring.Resource[struct{}]) any { return nil }, err)
}

// ok is 200 with what a call returned.
func ok(value any, err error) (httpapi.Reply, error) {
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.OK(value), nil
}

// saved is 201 or 200 with what a PUT made or changed.
func saved(value any, created bool, err error) (httpapi.Reply, error) {
	if err == nil && created {
		return httpapi.Created(value), nil
	}
	return ok(value, err)
}

// located is 201 with what a POST made, and its address.
func located(c *httpapi.Call, id string, value any, err error) (httpapi.Reply, error) {
	if err != nil {
		return httpapi.Reply{}, err
	}
	r := httpapi.Created(value)
	r.Header = http.Header{"Location": {c.URL.Path + "/" + id}}
	return r, nil
}

// listed is 200 with a page of a small collection.
func listed[T, J any](l authoring.Listing[T], encode func(T) J, err error) (httpapi.Reply, error) {
	items := make([]J, len(l.Items))
	for i, item := range l.Items {
		items[i] = encode(item)
	}
	return ok(collect(items, l.Total, l.Skip, l.Limit), err)
}
