// Package cda is the content delivery API and the content preview API: the same
// routes over published entities and over latest drafts. Handlers say which
// read a request is and pass on what package delivery answers; they hold no
// rules.
//
// Start reading at routes.
package cda

import (
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/httpapi"
)

// mediaType is the content type of every answer.
const mediaType = "application/vnd.contentful.delivery.v1+json"

type api struct {
	s         *delivery.Service
	access    access.Authenticator
	stage     cms.Stage
	timeline  bool // entities as releases will have made them
	publicURL string
	embargo   *embargo.Service
	caching   caching
	keys      bool // shared caches may keep answers
}

// New is the delivery API over s or, when kind is access.Preview, the preview
// API. publicURL is what comes before the path of a file's URL, without a slash
// at its end; "" means the host each request names, by the scheme of the page
// that shows it. shared is how long shared caches may keep published content
// without asking; 0 means not at all. keys makes asset keys.
func New(s *delivery.Service, kind access.TokenKind, a access.Authenticator, publicURL string, shared time.Duration, keys *embargo.Service) httpapi.API {
	h := &api{s: s, access: a, stage: cms.Published, publicURL: publicURL, embargo: keys}
	out := httpapi.API{
		Name: "cda", ContentType: mediaType, Token: kind,
		Methods: "GET,HEAD,OPTIONS", MaxAge: "86400",
	}
	if kind == access.Preview {
		h.stage, out.Name, out.MaxAge = cms.Draft, "cpa", "1728000"
		shared = 0
	}
	h.caching, h.keys = newCaching(h.stage, shared), shared > 0
	out.Routes = h.routes()
	return out
}

// routes is the table of contents. A route without a handler exists in the
// original and is not built yet.
func (a *api) routes() []httpapi.Route {
	const (
		space = httpapi.SpaceLevel
		env   = httpapi.EnvironmentLevel
	)
	routes := []httpapi.Route{
		get(space, "", a.getSpace),

		get(env, "/content_types", a.list((*delivery.Service).ContentTypes)),
		get(env, "/content_types/{id}", a.one((*delivery.Service).ContentType)),
		get(env, "/entries", a.listEntries),
		get(env, "/entries/{id}", a.content((*delivery.Service).Entry)),
		get(env, "/assets", a.listAssets),
		get(env, "/assets/{id}", a.content((*delivery.Service).Asset)),
		get(env, "/locales", a.list((*delivery.Service).Locales)),
		get(env, "/tags", a.list((*delivery.Service).Tags)),
		get(env, "/tags/{id}", a.one((*delivery.Service).Tag)),

		get(env, "/sync", a.sync),
		get(env, "/changes", a.changes), // not of the original
		{Method: "POST", Level: env, Pattern: "/asset_keys", Body: httpapi.JSONBody, Handle: a.createAssetKey},

		get(env, "/taxonomy/concepts", a.list((*delivery.Service).Concepts)),
		get(env, "/taxonomy/concepts/{id}", a.one((*delivery.Service).Concept)),
		get(env, "/taxonomy/concepts/{id}/ancestors", a.one((*delivery.Service).Ancestors)),
		get(env, "/taxonomy/concepts/{id}/descendants", a.one((*delivery.Service).Descendants)),
		get(env, "/taxonomy/concept-schemes", a.list((*delivery.Service).ConceptSchemes)),
		get(env, "/taxonomy/concept-schemes/{id}", a.one((*delivery.Service).ConceptScheme)),
	}
	if a.stage == cms.Published {
		routes = append(routes, get(env, "/_typecase/purges", a.purges))
	} else {
		later := *a
		later.timeline = true
		routes = append(routes,
			get(env, "/timeline/entries", later.listEntries),
			get(env, "/timeline/entries/{id}", later.content((*delivery.Service).Entry)),
			get(env, "/timeline/assets", later.listAssets),
			get(env, "/timeline/assets/{id}", later.content((*delivery.Service).Asset)),
		)
	}
	return routes
}

// get is a route that reads, without a body.
func get(level httpapi.Level, pattern string, h httpapi.Handler) httpapi.Route {
	return httpapi.Route{Method: "GET", Level: level, Pattern: pattern, Handle: h}
}
