package cda

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/httpapi"
)

// list handles a collection.
func (a *api) list(read func(*delivery.Service, context.Context, delivery.Request) (delivery.Answer, error)) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		out, err := read(a.s, c.Context(), a.request(c, c.Place))
		return reply(out, err, a.caching.shared)
	}
}

// one handles the resource with the path's id.
func (a *api) one(read func(*delivery.Service, context.Context, delivery.Request, string) (delivery.Answer, error)) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		out, err := read(a.s, c.Context(), a.request(c, c.Place), c.PathValue("id"))
		return reply(out, err, a.caching.shared)
	}
}

// content handles the entry or asset with the path's id.
func (a *api) content(read func(*delivery.Service, context.Context, delivery.Request, string) (delivery.Answer, error)) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		out, err := read(a.s, c.Context(), a.contentRequest(c), c.PathValue("id"))
		return reply(out, err, a.caching.content)
	}
}

func (a *api) listAssets(c *httpapi.Call) (httpapi.Reply, error) {
	out, err := a.s.Assets(c.Context(), a.contentRequest(c))
	return reply(out, err, a.caching.content)
}

// localeHeader, when it is "true", asks for what is published in the locale asked
// for only.
const localeHeader = "X-Contentful-Locale-Based-Publishing"

// contentRequest is request for entries and assets.
func (a *api) contentRequest(c *httpapi.Call) delivery.Request {
	r := a.request(c, c.Place)
	r.LocaleBased = c.Header.Get(localeHeader) == "true"
	r.Timeline = a.timeline
	return r
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
	out, err := a.s.Space(c.Context(), a.request(c, main))
	return reply(out, err, a.caching.alone)
}

// sync leads on to the endpoint at the address the client has used.
func (a *api) sync(c *httpapi.Call) (httpapi.Reply, error) {
	r := a.request(c, c.Place)
	r.SyncURL = httpapi.BaseURL(c.Request, a.publicURL) + "/spaces/" + c.Place.SpaceID + "/environments/" + c.Place.EnvironmentID + "/sync"
	out, err := a.s.Sync(c.Context(), r)
	return reply(out, err, a.caching.alone)
}

// changes goes on where the client has been, as its browser tells by the header.
func (a *api) changes(c *httpapi.Call) (httpapi.Reply, error) {
	f, err := a.s.Feed(c.Context(), a.request(c, c.Place), c.Request.Header.Get("Last-Event-ID"))
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.Reply{Stream: feed{f}}, nil
}

// feed is a delivery.Feed as the edge sends it.
type feed struct{ *delivery.Feed }

func (f feed) Next(ctx context.Context, p access.Place) ([]httpapi.Event, bool, error) {
	changes, more, err := f.Feed.Next(ctx, p)
	events := make([]httpapi.Event, len(changes))
	for i, c := range changes {
		events[i] = httpapi.Event{ID: c.Token, Data: c.JSON}
	}
	return events, more, err
}

func (a *api) request(c *httpapi.Call, p access.Place) delivery.Request {
	base, drafts := embargo.Bases(httpapi.FileBase(c.Request, a.publicURL), p.Protection)
	var params url.Values
	if c.URL.RawQuery != "" {
		params = c.URL.Query()
	}
	return delivery.Request{
		Place: p, Stage: a.stage, Params: params, Base: base, DraftBase: drafts, Known: c.Known, Gzip: c.Gzip(), Keys: a.keys,
	}
}
