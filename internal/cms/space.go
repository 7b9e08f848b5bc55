package cms

import "time"

// Organization is the stored body of an organization.
type Organization struct {
	Name string `json:"name"`
}

// User is the stored body of a user.
type User struct {
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     string `json:"email"`
}

// Space is the stored body of a space. What it contains is in the scope its
// head has as child.
type Space struct {
	Name         string `json:"name"`
	Organization string `json:"organization"`         // id
	Hibernated   bool   `json:"hibernated,omitempty"` // asleep; the next request wakes it

	Protection Protection `json:"protection,omitempty"` // of the files of its assets
}

// Protection says which files of a space are read with an asset key only.
type Protection string

// The protections of a space.
const (
	ProtectNone        Protection = ""
	ProtectUnpublished Protection = "unpublished" // files that no environment has published
	ProtectAll         Protection = "all"
)

// MainEnvironment is the environment every space begins with.
const MainEnvironment = "master"

// Environment is the stored body of an environment. What it contains is in the
// scope its head has as child.
type Environment struct {
	Name string `json:"name"`
}

// EnvironmentAlias is the stored body of an alias: a second name for an
// environment, which can be moved to another one.
type EnvironmentAlias struct {
	Environment string `json:"environment"` // id of the environment it stands for
}

// Tag is the stored body of a tag.
type Tag struct {
	Name       string `json:"name"`
	Visibility string `json:"visibility"` // TagPublic or TagPrivate
}

// Visibilities of a tag. Only public tags exist for delivery and preview.
const (
	TagPublic  = "public"
	TagPrivate = "private"
)

// AccessToken is the stored body of a personal access token. The token itself
// is nowhere: only its hash, as a unique key, is.
type AccessToken struct {
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes"`             // ScopeManage, ScopeRead
	Redacted  string    `json:"redacted"`           // last four characters
	ExpiresAt time.Time `json:"expiresAt,omitzero"` // zero: never
	RevokedAt time.Time `json:"revokedAt,omitzero"` // zero: valid
}

// Scopes of a personal access token.
const (
	ScopeManage = "content_management_manage"
	ScopeRead   = "content_management_read" // alone: nothing but GET
)

// APIKey is the stored body of an API key and of its preview key; the two differ
// in nothing but the value and what it opens.
type APIKey struct {
	Name         string   `json:"name"`
	Description  *string  `json:"description"`
	Environments []string `json:"environments"` // ids of environments and aliases, sorted
	Partner      string   `json:"partner"`      // id of the preview key, or of the key a preview key belongs to
	Sealed       []byte   `json:"sealed"`       // the value, encrypted
}
