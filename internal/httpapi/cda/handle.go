package cda

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/httpapi"
)

// list handles a collection.
func (a *api) list(read func(*delivery.Service, context.Context, delivery.Request) (delivery.Answer, error)) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		return reply(read(a.s, c.Context(), a.request(c, c.Place)))
	}
}

// one handles the resource with the path's id.
func (a *api) one(read func(*delivery.Service, context.Context, delivery.Request, string) (delivery.Answer, error)) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		return reply(read(a.s, c.Context(), a.request(c, c.Place), c.PathValue("id")))
	}
}

// getSpace answers with the locales of the main environment, whichever
// environments the key opens.
func (a *api) getSpace(c *httpapi.Call) (httpapi.Reply, error) {
	actor := c.Actor
	actor.Environments = []string{cms.MainEnvironment}
	main, err := a.access.Locate(c.Context(), actor, c.Place.SpaceID, cms.MainEnvironment)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return reply(a.s.Space(c.Context(), a.request(c, main)))
}

// sync leads on to the endpoint at the address the client has used.
func (a *api) sync(c *httpapi.Call) (httpapi.Reply, error) {
	r := a.request(c, c.Place)
	r.SyncURL = httpapi.BaseURL(c.Request, a.publicURL) + "/spaces/" + c.Place.SpaceID + "/environments/" + c.Place.EnvironmentID + "/sync"
	return reply(a.s.Sync(c.Context(), r))
}

func (a *api) request(c *httpapi.Call, p access.Place) delivery.Request {
	base := a.publicURL
	if base == "" {
		base = "//" + c.Host
	}
	return delivery.Request{Place: p, Stage: a.stage, Params: c.URL.Query(), Base: base, Known: c.Known, Gzip: c.Gzip()}
}

func reply(a delivery.Answer, err error) (httpapi.Reply, error) {
	if err != nil {
		return httpapi.Reply{}, err
	}
	if a.Body == nil {
		return httpapi.Reply{ETag: a.ETag, NotModified: true}, nil
	}
	return httpapi.Reply{Body: a.Body, ETag: a.ETag}, nil
}
