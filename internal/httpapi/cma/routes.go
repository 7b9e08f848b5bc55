// Package cma is the content management API: one file per resource, and this
// list of its routes. Handlers decode, call package authoring and encode; they
// hold no rules.
//
// Start reading at routes.
package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/journal"
)

// mediaType is the content type of every answer.
const mediaType = "application/vnd.contentful.management.v1+json"

type api struct {
	s         *authoring.Service
	publicURL string
	embargo   *embargo.Service
	journal   *journal.Journal // nil: off
}

// New is the management API over s. publicURL is the address that clients
// reach the server by, without a slash at its end; "" means the host each
// request names. keys makes asset keys. j is the journal of requests, nil if there
// is none.
func New(s *authoring.Service, publicURL string, keys *embargo.Service, j *journal.Journal) httpapi.API {
	a := &api{s: s, publicURL: publicURL, embargo: keys, journal: j}
	return httpapi.API{
		Name: "cma", ContentType: mediaType, Token: access.Management,
		Methods: "DELETE,GET,HEAD,POST,PUT,PATCH,OPTIONS", MaxAge: "1728000",
		Routes: readOnly(a.routes()),
	}
}

// trial is the same API over a service that keeps nothing.
func (a *api) trial() *api { return &api{s: a.s.Trial(), publicURL: a.publicURL} }

// routes is the table of contents. A route without a handler exists in the
// original and is not built yet.
func (a *api) routes() []httpapi.Route {
	const (
		top   = httpapi.ServerLevel
		space = httpapi.SpaceLevel
		env   = httpapi.EnvironmentLevel
	)
	const (
		none  = httpapi.NoBody
		json  = httpapi.JSONBody
		patch = httpapi.PatchBody
		raw   = httpapi.RawBody
	)
	r := func(method string, level httpapi.Level, pattern string, body httpapi.BodyKind, handle httpapi.Handler) httpapi.Route {
		return httpapi.Route{Method: method, Level: level, Pattern: pattern, Body: body, Handle: handle}
	}
	// w is a route of writes that can be tried: the same handler once more, over a
	// service that keeps nothing.
	w := func(method, pattern string, body httpapi.BodyKind, handle func(*api, *httpapi.Call) (httpapi.Reply, error)) httpapi.Route {
		route := r(method, env, pattern, body, func(c *httpapi.Call) (httpapi.Reply, error) { return handle(a, c) })
		route.Try = func(c *httpapi.Call) (httpapi.Reply, error) { return handle(a.trial(), c) }
		return route
	}
	return []httpapi.Route{
		// organizations, users and their access tokens
		r("GET", top, "/organizations", none, a.listOrganizations),
		r("GET", top, "/organizations/{organization}/spaces", none, a.listSpaces),
		r("GET", top, "/organizations/{organization}/users", none, a.listUsers),
		r("GET", top, "/organizations/{organization}/users/{id}", none, a.getUser),
		r("GET", top, "/organizations/{organization}/organization_periodic_usages", none, a.listUsage(false)),
		r("GET", top, "/organizations/{organization}/space_periodic_usages", none, a.listUsage(true)),
		r("GET", top, "/users/me", none, a.getCurrentUser),
		r("GET", top, "/users/me/access_tokens", none, a.listTokens),
		r("POST", top, "/users/me/access_tokens", json, a.createToken),
		r("GET", top, "/users/me/access_tokens/{id}", none, a.getToken),
		r("PUT", top, "/users/me/access_tokens/{id}/revoked", none, a.revokeToken),

		// taxonomy: of an organization, shared by its spaces
		r("GET", top, "/organizations/{organization}/taxonomy/concepts", none, a.listConcepts),
		r("POST", top, "/organizations/{organization}/taxonomy/concepts", json, a.createConcept),
		r("GET", top, "/organizations/{organization}/taxonomy/concepts/total", none, a.countTaxa(cms.KindConcept)),
		r("GET", top, "/organizations/{organization}/taxonomy/concepts/{id}", none, a.getConcept),
		r("PUT", top, "/organizations/{organization}/taxonomy/concepts/{id}", json, a.putConcept),
		r("PATCH", top, "/organizations/{organization}/taxonomy/concepts/{id}", patch, a.patchConcept),
		r("DELETE", top, "/organizations/{organization}/taxonomy/concepts/{id}", none, a.deleteConcept),
		r("GET", top, "/organizations/{organization}/taxonomy/concepts/{id}/ancestors", none, a.listAncestors),
		r("GET", top, "/organizations/{organization}/taxonomy/concepts/{id}/descendants", none, a.listDescendants),
		r("GET", top, "/organizations/{organization}/taxonomy/concept-schemes", none, a.listConceptSchemes),
		r("POST", top, "/organizations/{organization}/taxonomy/concept-schemes", json, a.createConceptScheme),
		r("GET", top, "/organizations/{organization}/taxonomy/concept-schemes/total", none, a.countTaxa(cms.KindConceptScheme)),
		r("GET", top, "/organizations/{organization}/taxonomy/concept-schemes/{id}", none, a.getConceptScheme),
		r("PUT", top, "/organizations/{organization}/taxonomy/concept-schemes/{id}", json, a.putConceptScheme),
		r("PATCH", top, "/organizations/{organization}/taxonomy/concept-schemes/{id}", patch, a.patchConceptScheme),
		r("DELETE", top, "/organizations/{organization}/taxonomy/concept-schemes/{id}", none, a.deleteConceptScheme),
		r("PUT", top, "/organizations/{organization}/_typecase/taxonomy/concepts/{id}/deprecated", json, a.deprecateConcept),
		r("DELETE", top, "/organizations/{organization}/_typecase/taxonomy/concepts/{id}/deprecated", none, a.reinstateConcept),

		// spaces
		r("GET", top, "/spaces", none, a.listSpaces),
		r("POST", top, "/spaces", json, a.createSpace),
		r("GET", space, "", none, a.getSpace),
		r("PUT", space, "", json, a.putSpace),
		r("DELETE", space, "", none, a.deleteSpace),
		r("GET", space, "/users", none, a.listUsers),
		r("GET", space, "/users/{id}", none, a.getUser),
		r("GET", space, "/roles", none, a.listRoles),
		r("POST", space, "/roles", json, nil),
		r("GET", space, "/roles/{id}", none, nil),
		r("PUT", space, "/roles/{id}", json, nil),
		r("DELETE", space, "/roles/{id}", none, nil),
		r("GET", space, "/space_memberships", none, nil),
		r("POST", space, "/space_memberships", json, nil),
		r("GET", space, "/space_memberships/{id}", none, nil),
		r("PUT", space, "/space_memberships/{id}", json, nil),
		r("DELETE", space, "/space_memberships/{id}", none, nil),

		r("GET", space, "/_typecase/asset_protection", none, a.getProtection),
		r("PUT", space, "/_typecase/asset_protection", json, a.putProtection),

		// environments: at the space's level, since a PUT makes one
		r("GET", space, "/environments", none, a.listEnvironments),
		r("POST", space, "/environments", json, a.createEnvironment),
		r("GET", space, "/environments/{id}", none, a.getEnvironment),
		r("PUT", space, "/environments/{id}", json, a.putEnvironment),
		r("DELETE", space, "/environments/{id}", none, a.deleteEnvironment),
		r("GET", space, "/environment_aliases", none, a.listAliases),
		r("GET", space, "/environment_aliases/{id}", none, a.getAlias),
		r("PUT", space, "/environment_aliases/{id}", json, a.putAlias),
		r("DELETE", space, "/environment_aliases/{id}", none, a.deleteAlias),

		// API keys
		r("GET", space, "/api_keys", none, a.listKeys),
		r("POST", space, "/api_keys", json, a.createKey),
		r("GET", space, "/api_keys/{id}", none, a.getKey),
		r("PUT", space, "/api_keys/{id}", json, a.putKey),
		r("DELETE", space, "/api_keys/{id}", none, a.deleteKey),
		r("GET", space, "/preview_api_keys", none, a.listPreviewKeys),
		r("GET", space, "/preview_api_keys/{id}", none, a.getPreviewKey),

		// webhooks
		r("GET", space, "/webhook_definitions", none, a.listWebhooks),
		r("POST", space, "/webhook_definitions", json, a.createWebhook),
		r("GET", space, "/webhook_definitions/{id}", none, a.getWebhook),
		r("PUT", space, "/webhook_definitions/{id}", json, a.putWebhook),
		r("DELETE", space, "/webhook_definitions/{id}", none, a.deleteWebhook),
		r("GET", space, "/webhooks/{id}/calls", none, a.listWebhookCalls),
		r("GET", space, "/webhooks/{id}/calls/{call}", none, a.getWebhookCall),
		r("GET", space, "/webhooks/{id}/health", none, a.getWebhookHealth),
		r("GET", space, "/webhook_settings/signing_secret", none, a.getSigningSecret),
		r("PUT", space, "/webhook_settings/signing_secret", json, a.putSigningSecret),
		r("DELETE", space, "/webhook_settings/signing_secret", none, a.deleteSigningSecret),
		r("GET", space, "/webhook_settings/retry_policy", none, a.getRetryPolicy),
		r("PUT", space, "/webhook_settings/retry_policy", json, a.putRetryPolicy),
		r("DELETE", space, "/webhook_settings/retry_policy", none, a.deleteRetryPolicy),
		r("GET", space, "/_typecase/webhooks/{id}/dead_letters", none, a.listDeadLetters),
		r("POST", space, "/_typecase/webhooks/{id}/replays", json, a.replayWebhook),

		// content previews and features
		r("GET", space, "/preview_environments", none, a.listPreviews),
		r("POST", space, "/preview_environments", json, a.createPreview),
		r("GET", space, "/preview_environments/{id}", none, a.getPreview),
		r("PUT", space, "/preview_environments/{id}", json, a.putPreview),
		r("DELETE", space, "/preview_environments/{id}", none, a.deletePreview),
		r("GET", space, "/enablements", none, a.getEnablements),
		r("PUT", space, "/enablements", json, a.putEnablements),

		// locales and tags
		r("GET", env, "/locales", none, a.listLocales),
		r("POST", env, "/locales", json, a.createLocale),
		r("GET", env, "/locales/{id}", none, a.getLocale),
		r("PUT", env, "/locales/{id}", json, a.putLocale),
		r("DELETE", env, "/locales/{id}", none, a.deleteLocale),
		r("GET", env, "/tags", none, a.listTags),
		r("GET", env, "/tags/{id}", none, a.getTag),
		r("PUT", env, "/tags/{id}", json, a.putTag),
		r("DELETE", env, "/tags/{id}", none, a.deleteTag),

		// editor interfaces
		r("GET", env, "/editor_interfaces", none, a.listEditorInterfaces),
		r("GET", env, "/content_types/{id}/editor_interface", none, a.getEditorInterface),
		r("PUT", env, "/content_types/{id}/editor_interface", json, a.putEditorInterface),

		// what editors see
		r("GET", env, "/ui_config", none, a.getUIConfig(false)),
		r("PUT", env, "/ui_config", json, a.putUIConfig(false)),
		r("GET", env, "/ui_config/me", none, a.getUIConfig(true)),
		r("PUT", env, "/ui_config/me", json, a.putUIConfig(true)),

		// UI extensions
		r("GET", env, "/extensions", none, a.listExtensions),
		r("POST", env, "/extensions", json, a.createExtension),
		r("GET", env, "/extensions/{id}", none, a.getExtension),
		r("PUT", env, "/extensions/{id}", json, a.putExtension),
		r("DELETE", env, "/extensions/{id}", none, a.deleteExtension),

		// content types
		r("GET", env, "/content_types", none, a.listContentTypes),
		w("POST", "/content_types", json, (*api).createContentType),
		r("GET", env, "/content_types/{id}", none, a.getContentType),
		w("PUT", "/content_types/{id}", json, (*api).putContentType),
		w("DELETE", "/content_types/{id}", none, (*api).deleteContentType),
		w("PUT", "/content_types/{id}/published", none, (*api).publishContentType),
		w("DELETE", "/content_types/{id}/published", none, (*api).unpublishContentType),
		r("GET", env, "/public/content_types", none, a.listPublicContentTypes),
		r("GET", env, "/public/content_types/{id}", none, a.getPublicContentType),
		r("GET", env, "/content_types/{id}/snapshots", none, a.listSnapshots(cms.KindContentType)),
		r("GET", env, "/content_types/{id}/snapshots/{snapshot}", none, a.getSnapshot(cms.KindContentType)),

		// entries
		r("GET", env, "/entries", none, a.listEntries),
		w("POST", "/entries", json, (*api).createEntry),
		r("GET", env, "/entries/{id}", none, a.getEntry),
		w("PUT", "/entries/{id}", json, (*api).putEntry),
		w("PATCH", "/entries/{id}", patch, (*api).patchEntry),
		w("DELETE", "/entries/{id}", none, (*api).deleteEntry),
		w("PUT", "/entries/{id}/published", json, (*api).publishEntry),
		w("DELETE", "/entries/{id}/published", json, (*api).unpublishEntry),
		w("PUT", "/entries/{id}/archived", none, (*api).archiveEntry),
		w("DELETE", "/entries/{id}/archived", none, (*api).unarchiveEntry),
		r("GET", env, "/public/entries", none, a.listPublicEntries),
		r("GET", env, "/entries/{id}/references", none, a.getReferences),
		r("GET", env, "/entries/{id}/snapshots", none, a.listSnapshots(cms.KindEntry)),
		r("GET", env, "/entries/{id}/snapshots/{snapshot}", none, a.getSnapshot(cms.KindEntry)),

		// tasks and comments
		r("GET", env, "/entries/{entry}/tasks", none, a.listTasks),
		r("POST", env, "/entries/{entry}/tasks", json, a.createTask),
		r("GET", env, "/entries/{entry}/tasks/{id}", none, a.getTask),
		r("PUT", env, "/entries/{entry}/tasks/{id}", json, a.putTask),
		r("DELETE", env, "/entries/{entry}/tasks/{id}", none, a.deleteTask),
		r("GET", env, "/entries/{of}/comments", none, a.listComments(cms.KindEntry)),
		r("POST", env, "/entries/{of}/comments", json, a.createComment(cms.KindEntry)),
		r("GET", env, "/entries/{of}/comments/{id}", none, a.getComment(cms.KindEntry)),
		r("PUT", env, "/entries/{of}/comments/{id}", json, a.putComment(cms.KindEntry)),
		r("DELETE", env, "/entries/{of}/comments/{id}", none, a.deleteComment(cms.KindEntry)),
		r("GET", env, "/content_types/{of}/comments", none, a.listComments(cms.KindContentType)),
		r("POST", env, "/content_types/{of}/comments", json, a.createComment(cms.KindContentType)),
		r("GET", env, "/content_types/{of}/comments/{id}", none, a.getComment(cms.KindContentType)),
		r("PUT", env, "/content_types/{of}/comments/{id}", json, a.putComment(cms.KindContentType)),
		r("DELETE", env, "/content_types/{of}/comments/{id}", none, a.deleteComment(cms.KindContentType)),

		// workflows
		r("GET", env, "/workflow_definitions", none, a.listWorkflowDefinitions),
		r("POST", env, "/workflow_definitions", json, a.createWorkflowDefinition),
		r("GET", env, "/workflow_definitions/{id}", none, a.getWorkflowDefinition),
		r("PUT", env, "/workflow_definitions/{id}", json, a.putWorkflowDefinition),
		r("DELETE", env, "/workflow_definitions/{id}", none, a.deleteWorkflowDefinition),
		r("GET", env, "/workflows", none, a.listWorkflows),
		r("POST", env, "/workflows", json, a.createWorkflow),
		r("GET", env, "/workflows/{id}", none, a.getWorkflow),
		r("PUT", env, "/workflows/{id}", json, a.putWorkflow),
		r("DELETE", env, "/workflows/{id}", none, a.cancelWorkflow),
		r("PUT", env, "/workflows/{id}/complete", none, a.completeWorkflow),
		r("GET", env, "/workflows_changelog", none, a.listWorkflowsChangelog),
		r("GET", env, "/workflows/{of}/comments", none, a.listComments(cms.KindWorkflow)),
		r("GET", env, "/workflows/{of}/comments/{id}", none, a.getComment(cms.KindWorkflow)),
		r("PUT", env, "/workflows/{of}/comments/{id}", json, a.putComment(cms.KindWorkflow)),
		r("DELETE", env, "/workflows/{of}/comments/{id}", none, a.deleteComment(cms.KindWorkflow)),
		r("GET", env, "/workflows/{of}/versions/{version}/comments", none, a.listComments(cms.KindWorkflow)),
		r("POST", env, "/workflows/{of}/versions/{version}/comments", json, a.createComment(cms.KindWorkflow)),

		// assets
		r("GET", env, "/assets", none, a.listAssets),
		w("POST", "/assets", json, (*api).createAsset),
		r("GET", env, "/assets/{id}", none, a.getAsset),
		w("PUT", "/assets/{id}", json, (*api).putAsset),
		w("DELETE", "/assets/{id}", none, (*api).deleteAsset),
		w("PUT", "/assets/{id}/published", json, (*api).publishAsset),
		w("DELETE", "/assets/{id}/published", json, (*api).unpublishAsset),
		w("PUT", "/assets/{id}/archived", none, (*api).archiveAsset),
		w("DELETE", "/assets/{id}/archived", none, (*api).unarchiveAsset),
		w("PUT", "/assets/{id}/files/{locale}/process", none, (*api).processAsset),
		r("GET", env, "/public/assets", none, a.listPublicAssets),
		r("POST", env, "/asset_keys", json, a.createAssetKey),

		// what is done to many entries and assets together
		r("POST", env, "/bulk_actions/publish", json, a.createBulkAction(cms.ActionPublish)),
		r("POST", env, "/bulk_actions/unpublish", json, a.createBulkAction(cms.ActionUnpublish)),
		r("POST", env, "/bulk_actions/validate", json, a.createBulkAction(cms.ActionValidate)),
		r("GET", env, "/bulk_actions/actions/{id}", none, a.getBulkAction),
		r("POST", env, "/bulk_actions", json, a.createBulkAction("")),
		r("GET", env, "/bulk_actions/{id}", none, a.getBulkAction),
		r("GET", env, "/releases", none, a.listReleases),
		r("POST", env, "/releases", json, a.createRelease),
		r("GET", env, "/releases/{id}", none, a.getRelease),
		r("PUT", env, "/releases/{id}", json, a.putRelease),
		r("DELETE", env, "/releases/{id}", none, a.deleteRelease),
		r("PUT", env, "/releases/{id}/published", none, a.actOnRelease(cms.ActionPublish)),
		r("DELETE", env, "/releases/{id}/published", none, a.actOnRelease(cms.ActionUnpublish)),
		r("POST", env, "/releases/{id}/validate", json, a.validateRelease),
		r("PUT", env, "/releases/{id}/archived", none, a.archiveRelease),
		r("DELETE", env, "/releases/{id}/archived", none, a.unarchiveRelease),
		r("GET", env, "/releases/{release}/actions/{id}", none, a.getReleaseAction),
		r("GET", env, "/releases/{release}/entries", none, a.listReleaseEntities(cms.KindEntry)),
		w("POST", "/releases/{release}/entries", json, createReleaseEntity(cms.KindEntry)),
		r("GET", env, "/releases/{release}/entries/{id}", none, a.getReleaseEntity(cms.KindEntry)),
		w("PUT", "/releases/{release}/entries/{id}", json, putReleaseEntity(cms.KindEntry)),
		w("PATCH", "/releases/{release}/entries/{id}", patch, (*api).patchReleaseEntry),
		r("GET", env, "/releases/{release}/assets", none, a.listReleaseEntities(cms.KindAsset)),
		w("POST", "/releases/{release}/assets", json, createReleaseEntity(cms.KindAsset)),
		r("GET", env, "/releases/{release}/assets/{id}", none, a.getReleaseEntity(cms.KindAsset)),
		w("PUT", "/releases/{release}/assets/{id}", json, putReleaseEntity(cms.KindAsset)),
		w("PUT", "/releases/{release}/assets/{id}/files/{locale}/process", none, (*api).processReleaseAsset),
		r("GET", env, "/release_actions", none, a.listReleaseActions),
		r("GET", env, "/release_actions/{id}", none, a.getReleaseAction),

		r("GET", space, "/scheduled_actions", none, a.listScheduledActions),
		r("POST", space, "/scheduled_actions", json, a.createScheduledAction),
		r("GET", space, "/scheduled_actions/{id}", none, a.getScheduledAction),
		r("PUT", space, "/scheduled_actions/{id}", json, a.putScheduledAction),
		r("DELETE", space, "/scheduled_actions/{id}", none, a.cancelScheduledAction),

		// beyond the original
		r("GET", env, "/_typecase/publish_blockers", none, a.listPublishBlockers),

		// every version, and what was deleted: beyond the original too
		r("GET", env, "/_typecase/history/content_types/{id}", none, a.listHistory(cms.KindContentType)),
		r("GET", env, "/_typecase/history/content_types/{id}/compare", none, a.compareHistory(cms.KindContentType)),
		r("GET", env, "/_typecase/history/content_types/{id}/{version}", none, a.getHistory(cms.KindContentType)),
		w("POST", "/_typecase/history/content_types/{id}/{version}/restore", json, restoreHistory(cms.KindContentType)),
		r("GET", env, "/_typecase/history/entries/{id}", none, a.listHistory(cms.KindEntry)),
		r("GET", env, "/_typecase/history/entries/{id}/compare", none, a.compareHistory(cms.KindEntry)),
		r("GET", env, "/_typecase/history/entries/{id}/{version}", none, a.getHistory(cms.KindEntry)),
		w("POST", "/_typecase/history/entries/{id}/{version}/restore", json, restoreHistory(cms.KindEntry)),
		r("GET", env, "/_typecase/history/assets/{id}", none, a.listHistory(cms.KindAsset)),
		r("GET", env, "/_typecase/history/assets/{id}/compare", none, a.compareHistory(cms.KindAsset)),
		r("GET", env, "/_typecase/history/assets/{id}/{version}", none, a.getHistory(cms.KindAsset)),
		w("POST", "/_typecase/history/assets/{id}/{version}/restore", json, restoreHistory(cms.KindAsset)),
		r("GET", env, "/_typecase/trash", none, a.listTrash),
		r("GET", env, "/_typecase/trash/{id}", none, a.getTrash),
		w("POST", "/_typecase/trash/{id}/restore", none, (*api).restoreTrash),
		r("DELETE", env, "/_typecase/trash/{id}", none, a.deleteTrash),

		// uploads: on the management host too, for deployments with one address
		r("POST", env, "/uploads", raw, a.createUpload),
		r("GET", env, "/uploads/{id}", none, a.getUpload),
		r("DELETE", env, "/uploads/{id}", none, a.deleteUpload),
		r("POST", env, "/upload_credentials", none, nil),

		// the journal of requests, which the original does not have
		r("GET", top, "/_typecase/requests", none, a.listRequests),
		r("GET", top, "/_typecase/requests/{id}", none, a.getRequest),
	}
}
