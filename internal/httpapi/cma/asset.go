package cma

import (
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

func (a *api) listAssets(c *httpapi.Call) (httpapi.Reply, error) {
	return a.entities(c, a.s.Assets)
}

func (a *api) listPublicAssets(c *httpapi.Call) (httpapi.Reply, error) {
	return a.entities(c, a.s.PublicAssets)
}

func (a *api) createAsset(c *httpapi.Call) (httpapi.Reply, error) {
	in, err := authoring.ParseEntity(cms.KindAsset, c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.CreateAsset(c.Context(), c.Place, c.Actor, in)
	return a.entity(c, e, true, err)
}

func (a *api) getAsset(c *httpapi.Call) (httpapi.Reply, error) {
	if err := whole(c, cms.KindAsset); err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.Asset(c.Context(), c.Place, c.PathValue("id"))
	return a.entity(c, e, false, err)
}

func (a *api) putAsset(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	in, err := authoring.ParseEntity(cms.KindAsset, c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, created, err := a.s.PutAsset(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, in)
	return a.entity(c, e, created, err)
}

func (a *api) deleteAsset(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteAsset(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}

func (a *api) publishAsset(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	change, err := authoring.ParseLocaleChange(cms.KindAsset, c.Body, "add", "remove")
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.PublishAssetLocales(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, change)
	return a.entity(c, e, false, err)
}

func (a *api) unpublishAsset(c *httpapi.Call) (httpapi.Reply, error) {
	change, err := authoring.ParseLocaleChange(cms.KindAsset, c.Body, "remove")
	if err != nil {
		return httpapi.Reply{}, err
	}
	if change == nil { // which ignores a version
		e, err := a.s.UnpublishAsset(c.Context(), c.Place, c.Actor, c.PathValue("id"))
		return a.entity(c, e, false, err)
	}
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.PublishAssetLocales(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, change)
	return a.entity(c, e, false, err)
}

func (a *api) archiveAsset(c *httpapi.Call) (httpapi.Reply, error) {
	e, err := a.s.ArchiveAsset(c.Context(), c.Place, c.Actor, c.PathValue("id"))
	return a.entity(c, e, false, err)
}

func (a *api) unarchiveAsset(c *httpapi.Call) (httpapi.Reply, error) {
	e, err := a.s.UnarchiveAsset(c.Context(), c.Place, c.Actor, c.PathValue("id"))
	return a.entity(c, e, false, err)
}

// processAsset starts the processing of one locale's file. The work goes on
// after the answer.
func (a *api) processAsset(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.ProcessAsset(c.Context(), c.Place, c.Actor, c.PathValue("id"), c.PathValue("locale"))
}
