package cms

import "encoding/json"

// UIConfig is the stored body of what editors see of an environment, of all of
// them or of one: views of entries and assets, and how the web application works.
// Its parts are kept as they were sent.
type UIConfig struct {
	AssetListViews json.RawMessage `json:"assetListViews"`
	EntryListViews json.RawMessage `json:"entryListViews"`

	// of all editors only
	HomeViews   json.RawMessage `json:"homeViews,omitempty"`
	LivePreview json.RawMessage `json:"livePreview,omitempty"`
	Publish     json.RawMessage `json:"publish,omitempty"`
	Timeline    json.RawMessage `json:"timeline,omitempty"`
}

// Enablements is the stored body of the features that a space has switched on.
type Enablements struct {
	SpaceTemplates    Enablement `json:"spaceTemplates"`
	CrossSpaceLinks   Enablement `json:"crossSpaceLinks"`
	StudioExperiences Enablement `json:"studioExperiences"`
	SuggestConcepts   Enablement `json:"suggestConcepts"`
}

// Enablement is a switch.
type Enablement struct {
	Enabled bool `json:"enabled"`
}

// PreviewPlatform is the stored body of a content preview: where editors see the
// entries of each content type as a website shows them.
type PreviewPlatform struct {
	Name           string          `json:"name"`
	Description    string          `json:"description"`
	Configurations []PreviewConfig `json:"configurations"` // one for each content type at most
}

// PreviewConfig is where entries of a content type are seen.
type PreviewConfig struct {
	EntityType string `json:"entityType"` // "ContentType"
	EntityID   string `json:"entityId"`
	URL        string `json:"url"` // with tokens such as {entry.sys.id}
	Enabled    bool   `json:"enabled"`
	Example    bool   `json:"example"`
}
