package cma

import (
	"net/http"
	"strings"

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
		action := deed(&routes[i])
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
				Reasons: "The access token has the scope content_management_read only. To " + action + " it needs content_management_manage.",
			}}
		}
		return handle(c)
	}
}

// entityTypes are what the collections of paths hold; editor_interface is one.
var entityTypes = map[string]string{
	"access_tokens": "PersonalAccessToken", "spaces": "Space", "environments": "Environment", "environment_aliases": "EnvironmentAlias",
	"api_keys": "ApiKey", "webhook_definitions": "WebhookDefinition", "locales": "Locale", "tags": "Tag", "editor_interface": "EditorInterface",
	"concepts": "TaxonomyConcept", "concept-schemes": "TaxonomyConceptScheme",
	"signing_secret": "WebhookSigningSecret", "retry_policy": "WebhookRetryPolicy", "replays": "WebhookReplay",
	"content_types": "ContentType", "entries": "Entry", "assets": "Asset", "asset_keys": "AssetKey", "asset_protection": "AssetProtection", "uploads": "Upload", "trash": "TrashItem",
	"bulk_actions": "BulkAction", "releases": "Release", "scheduled_actions": "ScheduledAction",
	"workflow_definitions": "WorkflowDefinition", "workflows": "Workflow",
	"tasks": "Task", "comments": "Comment", "ui_config": "UIConfig", "enablements": "SpaceEnablements", "preview_environments": "PreviewEnvironment",
}

// states are what a path ends with that puts something into a state by PUT, and
// takes it out by DELETE.
var states = map[string][2]string{
	"published": {"publish", "unpublish"}, "archived": {"archive", "unarchive"}, "process": {"process the file of", ""}, "revoked": {"revoke", ""},
	"restore":    {"restore", ""},
	"complete":   {"complete", ""},
	"validate":   {"validate", ""},
	"deprecated": {"deprecate", "reinstate"},
}

// deed says what a writing route does to what: publish an Entry (PUT /spaces/…).
func deed(r *httpapi.Route) string {
	path := levels[r.Level] + r.Pattern
	verb := map[string]string{http.MethodPost: "create", http.MethodPut: "save", http.MethodPatch: "change", http.MethodDelete: "delete"}[r.Method]
	entity := ""
	for segment := range strings.SplitSeq(path, "/") {
		if name := entityTypes[segment]; name != "" {
			entity = name
		}
		if s, ok := states[segment]; ok {
			verb = s[0]
			if r.Method == http.MethodDelete {
				verb = s[1]
			}
		}
	}
	article := "a "
	if strings.ContainsAny(entity[:min(1, len(entity))], "AEU") {
		article = "an "
	}
	return verb + " " + article + entity + " (" + r.Method + " " + path + ")"
}
