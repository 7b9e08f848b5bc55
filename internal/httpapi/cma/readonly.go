package cma

import (
	"net/http"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// levels are what stands before the pattern of a route.
var levels = map[httpapi.Level]string{
	httpapi.SpaceLevel: "/spaces/{space}", httpapi.EnvironmentLevel: "/spaces/{space}/environments/{environment}",
}

// readOnly makes every route but GET refuse tokens that may only read.
func readOnly(routes []httpapi.Route) []httpapi.Route {
	for i := range routes {
		action := routes[i].Method + " " + levels[routes[i].Level] + routes[i].Pattern
		if routes[i].Method == http.MethodGet {
			continue
		}
		for _, handle := range []*httpapi.Handler{&routes[i].Handle, &routes[i].Try} {
			if *handle != nil {
				*handle = writing(action, *handle)
			}
		}
	}
	return routes
}

func writing(action string, handle httpapi.Handler) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		if c.Actor.ReadOnly {
			return httpapi.Reply{}, &fault.Error{Kind: fault.AccessDenied, Details: &fault.Details{
				Reasons: "The access token has the scope content_management_read only; " + action + " needs content_management_manage.",
			}}
		}
		return handle(c)
	}
}
