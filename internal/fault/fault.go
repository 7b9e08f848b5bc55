// Package fault says what can go wrong in Typecase: a closed list of kinds and
// one error type that carries a kind, a message for the person holding the
// client, and structured details.
//
// It knows nothing of HTTP: status codes and the two vocabularies of sys.id are
// rows of one table in package httpapi. It imports the standard library only.
// Start reading at Kind, then Error.
package fault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind is what went wrong. The list is closed: httpapi has one wire row per
// kind, and a test fails when a kind has none.
type Kind int

// The kinds, in the order of docs/reference/errors.md.
const (
	BadRequest                       Kind = iota // malformed request, missing parameter, or an action the state forbids
	UnknownKey                                   // a body key the resource does not have
	MissingKey                                   // an empty body where one is needed
	UnsupportedMediaType                         // Content-Type the endpoint does not take
	BodyTooLarge                                 // request body over the limit
	URITooLong                                   // request target over the limit
	InvalidQuery                                 // unknown or unusable query parameter
	UnknownQueryField                            // a query names a field the content type does not have
	AccessTokenInvalid                           // no token, or one that is unknown, revoked or of another kind
	AccessDenied                                 // the actor sees the resource but may not do this to it
	Forbidden                                    // not authorized, or over a limit
	DefaultLocaleNotDeletable                    // the default locale cannot be deleted
	FallbackLocaleNotDeletable                   // a locale others fall back to cannot be deleted
	FallbackLocaleNotRenameable                  // a locale others fall back to cannot change its code
	NotFound                                     // no such resource, or none the actor may see
	UnknownRoute                                 // no such path, or not with this method
	MissingOrganizationParameter                 // several organizations, none named
	VersionMismatch                              // version missing or outdated
	Conflict                                     // another change got in between (API keys)
	ValidationFailed                             // valid JSON, wrong content
	UnknownField                                 // an entry write names a field the content type does not have
	InvalidEntry                                 // an entry's values are wrong
	UnresolvedLinks                              // publishing would leave links to nothing
	ActionPreconditionsFailed                    // still in use
	PersonalAccessTokenInvalidScopes             // scopes a token cannot have
	RateLimitExceeded                            // too many requests
	ServerError                                  // anything unexpected
	Timeout                                      // the server did not finish in time
	Hibernated                                   // the space sleeps and is waking up
	NumKinds                                     // the number of kinds; not a kind
)

// Error is the one error type of Typecase. As JSON it is kept, never served: the
// edge puts it into words.
type Error struct {
	Kind       Kind          `json:"kind"`
	Message    string        `json:"message,omitempty"`   // for the client's user; empty means the kind's default message
	Details    *Details      `json:"details,omitempty"`   // nil when there is nothing to say
	RetryAfter time.Duration `json:"retryAfter,omitzero"` // RateLimitExceeded, Hibernated and Timeout: when to try again

	// Additions to message and details, for who looks for the cause.
	Suggestions []string  `json:"suggestions,omitempty"` // names that were probably meant, nearest first, where no Detail has them
	Fields      []string  `json:"fields,omitempty"`      // ids of the fields that the message is about
	Hint        string    `json:"hint,omitempty"`        // what may help, as a sentence
	Versions    *Versions `json:"versions,omitempty"`

	// Quoted is the part of Message that repeats the body of the request. What is
	// written down does not have it.
	Quoted string `json:"-"`

	cause error // for the operator's log only, never sent
}

// Versions explains a VersionMismatch: what the resource is and what the
// request took it for.
type Versions struct {
	Current   int       `json:"current"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
	UpdatedBy string    `json:"updatedBy,omitempty"` // user id; "" if nobody is known
	Sent      *int      `json:"sent,omitempty"`      // nil when the request named no version
	Changed   []string  `json:"changed,omitzero"`    // ids of the fields that differ between the two; nil when that is not known
}

// Details is the structured part of an error. Exactly one group is set; Keys may
// have Errors that explain them.
type Details struct {
	Errors    []Detail `json:"errors,omitempty"`    // InvalidQuery and every 422
	Truncated bool     `json:"truncated,omitempty"` // Errors is full; there may be more problems

	// NotFound: what was looked for.
	Type        string `json:"type,omitempty"`
	ID          string `json:"id,omitempty"`
	Environment string `json:"environment,omitempty"`
	Space       string `json:"space,omitempty"`
	Release     string `json:"release,omitempty"` // of a ReleaseAction

	Reasons string   `json:"reasons,omitempty"` // AccessDenied: a string, never a list
	Keys    []string `json:"keys,omitempty"`    // UnknownKey
	Key     string   `json:"key,omitempty"`     // MissingKey
}

// New makes an error. An empty format leaves the kind's default message.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error with a cause that only the log sees.
func Wrap(cause error, k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Missing is NotFound for one resource; type, id, environment and space as far
// as they apply.
func Missing(typ, id, environment, space string) *Error {
	return &Error{Kind: NotFound, Details: &Details{Type: typ, ID: id, Environment: environment, Space: space}}
}

// Invalid is an error of kind k with all the problems found.
func Invalid(k Kind, problems ...Detail) *Error {
	return &Error{Kind: k, Details: &Details{Errors: problems}}
}

// Error is for logs: kind, message and cause.
func (e *Error) Error() string {
	s := e.Kind.String()
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is(err, &Error{Kind: k}) true for errors of kind k.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Message == "" && t.Details == nil
}

// Is reports whether err is an Error of kind k, however deeply wrapped.
func Is(err error, k Kind) bool {
	if err == nil { // the usual case, without the memory that errors.As needs
		return false
	}
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// Of returns the Error in err's chain. A context's deadline becomes Timeout;
// any other error becomes ServerError with err as its cause.
func Of(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Timeout, cause: err, RetryAfter: time.Second}
	default:
		return &Error{Kind: ServerError, cause: err}
	}
}
