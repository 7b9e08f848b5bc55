// Package cda is the content delivery API and the content preview API: the same
// routes over published entities and over latest drafts. Handlers say which
// read a request is and pass on what package delivery answers; they hold no
// rules.
//
// Start reading at routes.
package cda

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/httpapi"
)

// mediaType is the content type of every answer.
const mediaType = "application/vnd.contentful.delivery.v1+json"

type api struct {
	s         *delivery.Service
	access    access.Authenticator
	stage     cms.Stage
	publicURL string
}

// New is the delivery API over s or, when kind is access.Preview, the preview
// API. publicURL is what comes before the path of a file's URL, without a slash
// at its end; "" means the host each request names, by the scheme of the page
// that shows it.
func New(s *delivery.Service, kind access.TokenKind, a access.Authenticator, publicURL string) httpapi.API {
	h := &api{s: s, access: a, stage: cms.Published, publicURL: publicURL}
	out := httpapi.API{
		Name: "cda", ContentType: mediaType, Token: kind,
		Methods: "GET,HEAD,OPTIONS", MaxAge: "86400",
	}
	if kind == access.Preview {
		h.stage, out.Name, out.MaxAge = cms.Draft, "cpa", "1728000"
	}
	out.Routes = h.routes()
	return out
}

// routes is the table of contents. A route without a handler exists in the
// original and is not built yet.
func (a *api) routes() []httpapi.Route {
	const (
		space = httpapi.SpaceLevel
		env   = httpapi.EnvironmentLevel
		none  = httpapi.NoBody
		json  = httpapi.JSONBody
	)
	routes := []httpapi.Route{
		{"GET", space, "", none, a.getSpace},

		{"GET", env, "/content_types", none, a.list((*delivery.Service).ContentTypes)},
		{"GET", env, "/content_types/{id}", none, a.get((*delivery.Service).ContentType)},
		{"GET", env, "/entries", none, a.list((*delivery.Service).Entries)},
		{"GET", env, "/entries/{id}", none, a.get((*delivery.Service).Entry)},
		{"GET", env, "/assets", none, a.list((*delivery.Service).Assets)},
		{"GET", env, "/assets/{id}", none, a.get((*delivery.Service).Asset)},
		{"GET", env, "/locales", none, a.list((*delivery.Service).Locales)},
		{"GET", env, "/tags", none, a.list((*delivery.Service).Tags)},
		{"GET", env, "/tags/{id}", none, a.get((*delivery.Service).Tag)},

		{"GET", env, "/sync", none, nil},
		{"POST", env, "/asset_keys", json, nil},

		{"GET", env, "/taxonomy/concepts", none, nil},
		{"GET", env, "/taxonomy/concepts/{id}", none, nil},
		{"GET", env, "/taxonomy/concepts/{id}/ancestors", none, nil},
		{"GET", env, "/taxonomy/concepts/{id}/descendants", none, nil},
		{"GET", env, "/taxonomy/concept-schemes", none, nil},
		{"GET", env, "/taxonomy/concept-schemes/{id}", none, nil},
	}
	if a.stage == cms.Draft {
		routes = append(routes, []httpapi.Route{
			{"GET", env, "/timeline/entries", none, nil},
			{"GET", env, "/timeline/entries/{id}", none, nil},
			{"GET", env, "/timeline/assets", none, nil},
			{"GET", env, "/timeline/assets/{id}", none, nil},
		}...)
	}
	return routes
}
