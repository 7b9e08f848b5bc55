package cma

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// listReleaseEntities answers a query over the entries or assets of a release.
func (a *api) listReleaseEntities(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		return a.entities(c, func(ctx context.Context, p access.Place, params url.Values) (authoring.Found[authoring.Entity], error) {
			return a.s.ReleaseEntities(ctx, p, c.PathValue("release"), kind, params)
		})
	}
}

func (a *api) getReleaseEntity(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		if err := whole(c, kind); err != nil {
			return httpapi.Reply{}, err
		}
		e, err := a.s.ReleaseEntity(c.Context(), c.Place, c.PathValue("release"), kind, c.PathValue("id"))
		return a.entity(c, e, false, err)
	}
}

func createReleaseEntity(kind cms.Kind) func(*api, *httpapi.Call) (httpapi.Reply, error) {
	return func(a *api, c *httpapi.Call) (httpapi.Reply, error) {
		in, err := authoring.ParseEntity(kind, c.Body)
		if err != nil {
			return httpapi.Reply{}, err
		}
		e, err := a.s.CreateReleaseEntity(c.Context(), c.Place, c.Actor, c.PathValue("release"), kind, c.Header.Get(contentTypeHeader), in)
		return a.entity(c, e, true, err)
	}
}

func putReleaseEntity(kind cms.Kind) func(*api, *httpapi.Call) (httpapi.Reply, error) {
	return func(a *api, c *httpapi.Call) (httpapi.Reply, error) {
		v, err := version(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		in, err := authoring.ParseEntity(kind, c.Body)
		if err != nil {
			return httpapi.Reply{}, err
		}
		e, created, err := a.s.PutReleaseEntity(c.Context(), c.Place, c.Actor, c.PathValue("release"), kind, c.PathValue("id"), c.Header.Get(contentTypeHeader), v, in)
		return a.entity(c, e, created, err)
	}
}

func (a *api) patchReleaseEntry(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.PatchReleaseEntry(c.Context(), c.Place, c.Actor, c.PathValue("release"), c.PathValue("id"), v, c.Body)
	return a.entity(c, e, false, err)
}

// processReleaseAsset starts the processing of one locale's file. The work goes on
// after the answer.
func (a *api) processReleaseAsset(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.ProcessReleaseAsset(c.Context(), c.Place, c.Actor, c.PathValue("release"), c.PathValue("id"), c.PathValue("locale"))
}
