// Package cma is the content management API: one file per resource, and this
// list of its routes. Handlers decode, call package authoring and encode; they
// hold no rules.
//
// Start reading at routes.
package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/httpapi"
)

// mediaType is the content type of every answer.
const mediaType = "application/vnd.contentful.management.v1+json"

type api struct {
	s *authoring.Service
}

// New is the management API over s.
func New(s *authoring.Service) httpapi.API {
	a := &api{s: s}
	return httpapi.API{
		Name: "cma", ContentType: mediaType, Token: access.Management,
		Methods: "DELETE,GET,HEAD,POST,PUT,PATCH,OPTIONS", MaxAge: "1728000",
		Routes: a.routes(),
	}
}

// routes is the table of contents. A route without a handler exists in the
// original and is not built yet.
func (a *api) routes() []httpapi.Route {
	const (
		server = httpapi.ServerLevel
		space  = httpapi.SpaceLevel
		env    = httpapi.EnvironmentLevel
	)
	const (
		none  = httpapi.NoBody
		json  = httpapi.JSONBody
		patch = httpapi.PatchBody
		raw   = httpapi.RawBody
	)
	_, _, _, _, _, _, _ = server, space, env, none, json, patch, raw
	return []httpapi.Route{}
}
