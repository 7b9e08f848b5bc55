// Package access says who is asking and what they may reach: it turns a token
// into an Actor and the ids of a path into a Place. Tokens are random and are
// stored as SHA-256 only.
//
// Start reading at Actor, Place and Authenticator, then Directory.
package access

import (
	"context"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// TokenKind decides which API a token opens.
type TokenKind string

// The kinds of token.
const (
	Management TokenKind = "management" // personal access token, CFPAT-…
	Delivery   TokenKind = "delivery"   // API key
	Preview    TokenKind = "preview"    // preview API key
)

// Actor is who makes a request.
type Actor struct {
	Kind     TokenKind
	TokenID  string // id of the access token or API key
	User     string // id of the user; for keys, who made the key
	ReadOnly bool   // management token with scope content_management_read only

	// Delivery and preview keys open one space and the environments (or aliases)
	// they list.
	Space        store.Scope
	SpaceID      string
	Environments []string
}

// Place is where a request acts: nothing, a space, or an environment in it.
type Place struct {
	Organization  string // id, of the space
	SpaceID       string
	Space         store.Scope
	EnvironmentID string      // as addressed: may be an alias
	Environment   store.Scope // 0 when the path names no environment
	Target        string      // id of the environment itself; differs from EnvironmentID for an alias
	Hibernated    bool        // the space sleeps
	Protection    cms.Protection
}

// Authenticator turns tokens into actors and ids into places.
type Authenticator interface {
	// Recall returns the actor of a token that has been good before, without asking
	// the database. It is not current when it may be good no longer, or has
	// changed: then Authenticate knows.
	Recall(token string) (a Actor, known, current bool)

	// Authenticate returns fault.AccessTokenInvalid for a token nobody has.
	Authenticate(ctx context.Context, token string) (Actor, error)

	// Locate finds a space and, unless environment is "", an environment or
	// alias in it. What the actor may not see is fault.NotFound, with the details
	// the API of the actor's kind of token gives.
	Locate(ctx context.Context, a Actor, space, environment string) (Place, error)
}
