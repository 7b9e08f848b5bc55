package cma

import (
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// organizationJSON is an organization of the management API.
type organizationJSON struct {
	Name string   `json:"name"`
	Sys  ownerSys `json:"sys"`
}

// ownerSys is the sys of organizations and users, which nobody created.
type ownerSys struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	Version   int    `json:"version"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

func ownerSysOf(s cms.Sys) ownerSys {
	return ownerSys{string(s.Kind), s.ID, s.Version, seconds(s.CreatedAt), seconds(s.UpdatedAt)}
}

func organizationOf(o authoring.Resource[cms.Organization]) organizationJSON {
	return organizationJSON{Name: o.Value.Name, Sys: ownerSysOf(o.Sys)}
}

func (a *api) listOrganizations(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Organizations(c.Context(), c.URL.Query())
	return listed(l, organizationOf, err)
}
