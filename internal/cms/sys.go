// Package cms holds the domain: what spaces, environments, locales, content
// types, entries and assets are, and the pure rules about them. It does no I/O
// and knows neither storage nor HTTP.
//
// Start reading at Sys (what every versioned resource has in common), then
// ContentType and Document.
package cms

import "time"

// Kind names a kind of resource, spelled as in sys.type on the wire.
type Kind string

// The kinds of resource, by the scope they live in.
const (
	// in the server's scope
	KindOrganization Kind = "Organization"
	KindUser         Kind = "User"
	KindAccessToken  Kind = "PersonalAccessToken"
	KindSpace        Kind = "Space"

	// there too, see TaxonomyID
	KindConcept       Kind = "TaxonomyConcept"
	KindConceptScheme Kind = "TaxonomyConceptScheme"

	// in a space's scope
	KindEnvironment      Kind = "Environment"
	KindEnvironmentAlias Kind = "EnvironmentAlias"
	KindAPIKey           Kind = "ApiKey"
	KindPreviewAPIKey    Kind = "PreviewApiKey"
	KindWebhook          Kind = "WebhookDefinition"
	KindSigningSecret    Kind = "WebhookSigningSecret" // one of a space
	KindRetryPolicy      Kind = "WebhookRetryPolicy"   // one of a space
	KindUpload           Kind = "Upload"
	KindEnablements      Kind = "SpaceEnablements"
	KindPreviewPlatform  Kind = "PreviewEnvironment"

	// in an environment's scope
	KindLocale          Kind = "Locale"
	KindContentType     Kind = "ContentType"
	KindEditorInterface Kind = "EditorInterface" // id = content type id
	KindTag             Kind = "Tag"
	KindEntry           Kind = "Entry"
	KindAsset           Kind = "Asset"
	KindExtension       Kind = "Extension"
	KindUIConfig        Kind = "UIConfig"
	KindUserUIConfig    Kind = "UserUIConfig" // id = user id

	// in an environment's scope, and not copied with it
	KindBulkAction      Kind = "BulkAction"
	KindRelease         Kind = "Release"
	KindReleaseAction   Kind = "ReleaseAction"
	KindReleaseEntry    Kind = "ReleaseEntry" // see VersionID
	KindReleaseAsset    Kind = "ReleaseAsset" // too
	KindScheduledAction Kind = "ScheduledAction"
	KindTask            Kind = "Task"    // see PartID
	KindComment         Kind = "Comment" // too

	// there too
	KindWorkflowDefinition Kind = "WorkflowDefinition"
	KindWorkflow           Kind = "Workflow"
	KindWorkflowsChangelog Kind = "WorkflowsChangelogEntry" // id = entry id
)

// Sys is the metadata every versioned resource has. Times are UTC with
// millisecond precision; the zero time and 0 mean "never".
type Sys struct {
	Kind        Kind
	ID          string
	ContentType string // entries: id of the content type; else ""
	Version     int    // current version; 0 occurs (API keys start there)

	CreatedAt, UpdatedAt time.Time
	CreatedBy, UpdatedBy string // user ids

	PublishedVersion int // version that was published, one below the version the publication made
	PublishedCounter int
	PublishedAt      time.Time
	FirstPublishedAt time.Time
	PublishedBy      string

	ArchivedVersion int
	ArchivedAt      time.Time
	ArchivedBy      string
}

// Published reports whether a version is published now.
func (s Sys) Published() bool { return s.PublishedVersion > 0 }

// Changed reports whether there are changes after the published version.
func (s Sys) Changed() bool { return s.Published() && s.Version > s.PublishedVersion+1 }

// Archived reports whether the resource is archived.
func (s Sys) Archived() bool { return s.ArchivedVersion > 0 }

// Stage says which of an entity's two faces is meant.
type Stage int

const (
	Draft     Stage = iota // the latest saved version
	Published              // the published version
)
