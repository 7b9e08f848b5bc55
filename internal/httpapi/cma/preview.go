package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// previewJSON is a content preview.
type previewJSON struct {
	Sys sysJSON `json:"sys"`
	cms.PreviewPlatform
}

func previewOf(p access.Place, r authoring.Resource[cms.PreviewPlatform]) previewJSON {
	return previewJSON{organizationSys(access.Place{SpaceID: p.SpaceID}, r.Sys), r.Value}
}

func (a *api) listPreviews(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Previews(c.Context(), c.Place, c.URL.Query())
	return listed(l, func(r authoring.Resource[cms.PreviewPlatform]) previewJSON { return previewOf(c.Place, r) }, err)
}

func (a *api) createPreview(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.CreatePreview(c.Context(), c.Place, c.Actor, c.Body)
	return located(c, r.ID, previewOf(c.Place, r), err)
}

func (a *api) getPreview(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.Preview(c.Context(), c.Place, c.PathValue("id"))
	return ok(previewOf(c.Place, r), err)
}

func (a *api) putPreview(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r, err := a.s.PutPreview(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, c.Body)
	return ok(previewOf(c.Place, r), err)
}

func (a *api) deletePreview(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeletePreview(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}
