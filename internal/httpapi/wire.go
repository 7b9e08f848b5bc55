package httpapi

import (
	"net/http"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// shape is what details of a kind may hold. The clients' parsers are strict:
// an object of the wrong shape breaks them, an absent one never does.
type shape int

const (
	noDetails shape = iota
	errorsIfAny
	errorsAlways // never empty: a problem is made from the message if need be
	target       // type, id, environment, space
	reasons      // a string
	keyList      // with errors too: the client for Python looks for them in every 400
	oneKey       // likewise
)

// row is how one kind of fault looks on the wire.
type row struct {
	status  int
	id      string // sys.id in the documented vocabulary
	short   string // sys.id in the short vocabulary
	details shape
	message string // when the fault has none of its own
	when    string // for the generated reference

	shortStatus int  // where the short vocabulary differs from status
	beyond      bool // outside the documented table: plain clients get the nearest id, and short as reason
}

// wire is the one table of errors: a row for each kind, the twelve of the
// documentation and those that only the short vocabulary names.
var wire = [fault.NumKinds]row{
	fault.BadRequest: {
		status: http.StatusBadRequest, id: "BadRequestError", short: "BadRequest", details: errorsIfAny,
		message: "The request was malformed or it is missing a required parameter.",
		when:    "The request is malformed, misses a required parameter, or asks for what the state of the resource forbids.",
	},
	fault.UnknownKey: {
		status: http.StatusBadRequest, id: "BadRequestError", short: "UnknownKey", details: keyList, beyond: true,
		message: "The body you sent contains an unknown key.",
		when:    "The body has a key that the resource does not have.",
	},
	fault.MissingKey: {
		status: http.StatusBadRequest, id: "BadRequestError", short: "MissingKey", details: oneKey, beyond: true,
		message: "The body you sent is missing a required key.",
		when:    "The body lacks what it has to hold.",
	},
	fault.UnsupportedMediaType: {
		status: http.StatusUnsupportedMediaType, id: "BadRequestError", short: "UnsupportedMediaType", beyond: true,
		message: "The content type of the request body is not supported here.",
		when:    "The body is of a media type that the endpoint does not take.",
	},
	fault.BodyTooLarge: {
		status: http.StatusRequestEntityTooLarge, id: "BadRequestError", short: "BodyTooLarge", beyond: true,
		message: "The request body is too large.",
		when:    "The request body is over the limit.",
	},
	fault.URITooLong: {
		status: http.StatusRequestURITooLong, id: "BadRequestError", short: "URITooLong", beyond: true,
		message: "The URI of the request is too long.",
		when:    "Path and query together are over the limit.",
	},
	fault.InvalidQuery: {
		status: http.StatusBadRequest, id: "InvalidQueryError", short: "InvalidQuery", details: errorsAlways,
		message: invalidQuery,
		when:    "The query has an unknown parameter, or one that cannot be used like this.",
	},
	fault.UnknownQueryField: {
		status: http.StatusUnprocessableEntity, id: "ValidationFailedError", details: errorsAlways,
		shortStatus: http.StatusBadRequest, short: "InvalidQuery",
		message: invalidQuery,
		when:    "The query names a field that the content type does not have.",
	},
	fault.AccessTokenInvalid: {
		status: http.StatusUnauthorized, id: "AccessTokenInvalidError", short: "AccessTokenInvalid",
		message: "The access token you sent could not be found or is invalid.",
		when:    "The access token is missing, unknown, revoked, or made for another API.",
	},
	fault.AccessDenied: {
		status: http.StatusForbidden, id: "AccessDeniedError", short: "AccessDenied", details: reasons,
		message: "Forbidden",
		when:    "The user sees the resource but may not do this to it.",
	},
	fault.Forbidden: {
		status: http.StatusForbidden, id: "AccessDeniedError", short: "Forbidden", details: reasons, beyond: true,
		message: "You are not authorized to do this action or exceeded your plan limits.",
		when:    "The action is not open to the user, or a limit is reached.",
	},
	fault.DefaultLocaleNotDeletable: {
		status: http.StatusForbidden, id: "AccessDeniedError", short: "DefaultLocaleNotDeletable", details: reasons, beyond: true,
		message: "Cannot delete a default locale",
		when:    "The default locale was to be deleted.",
	},
	fault.FallbackLocaleNotDeletable: {
		status: http.StatusForbidden, id: "AccessDeniedError", short: "FallbackLocaleNotDeletable", details: reasons, beyond: true,
		message: "Cannot delete locale which is fallback of another one",
		when:    "A locale that others fall back to was to be deleted.",
	},
	fault.FallbackLocaleNotRenameable: {
		status: http.StatusForbidden, id: "AccessDeniedError", short: "FallbackLocaleNotRenameable", details: reasons, beyond: true,
		message: "Cannot change the code of a locale which is fallback of another one",
		when:    "A locale that others fall back to was to change its code.",
	},
	fault.NotFound: {
		status: http.StatusNotFound, id: "NotFoundError", short: "NotFound", details: target,
		message: "The resource could not be found.",
		when:    "The resource does not exist, or the token may not see it.",
	},
	fault.UnknownRoute: {
		status: http.StatusNotFound, id: "NotFoundError", short: "UnknownRoute", beyond: true,
		message: "The path you tried to reach is unknown or doesn't support this HTTP method.",
		when:    "No endpoint has this path and method.",
	},
	fault.MissingOrganizationParameter: {
		status: http.StatusNotFound, id: "NotFoundError", short: "MissingOrganizationParameter", beyond: true,
		message: "This User has multiple Organizations with permissions to create a Space. Please pass the X-Contentful-Organization header in which Organization to create the Space.",
		when:    "A space is to be created, there are several organizations, and the header names none.",
	},
	fault.VersionMismatch: {
		status: http.StatusConflict, id: "VersionMismatchError", short: "VersionMismatch",
		message: "Version mismatch",
		when:    "The version in the header is missing or not the current one.",
	},
	fault.Conflict: {
		status: http.StatusConflict, id: "VersionMismatchError", short: "Conflict", beyond: true,
		message: "The resource was changed by another request at the same time.",
		when:    "Another change got in between.",
	},
	fault.ValidationFailed: {
		status: http.StatusUnprocessableEntity, id: "ValidationFailedError", short: "ValidationFailed", details: errorsAlways,
		message: "Validation error",
		when:    "The body is JSON, but something is wrong with its data.",
	},
	fault.UnknownField: {
		status: http.StatusUnprocessableEntity, id: "ValidationFailedError", short: "UnknownField", details: errorsAlways, beyond: true,
		message: "Validation error",
		when:    "An entry has a field that its content type does not have.",
	},
	fault.InvalidEntry: {
		status: http.StatusUnprocessableEntity, id: "InvalidEntryError", short: "InvalidEntry", details: errorsAlways,
		message: "Validation error",
		when:    "A value of an entry is wrong.",
	},
	fault.UnresolvedLinks: {
		status: http.StatusUnprocessableEntity, id: "ValidationFailedError", short: "UnresolvedLinks", details: errorsAlways, beyond: true,
		message: "Validation error",
		when:    "An entry to be published links to what does not exist.",
	},
	fault.ActionPreconditionsFailed: {
		status: http.StatusUnprocessableEntity, id: "ValidationFailedError", short: "ActionPreconditionsFailed", details: errorsAlways, beyond: true,
		message: "Validation error",
		when:    "The resource is still in use.",
	},
	fault.PersonalAccessTokenInvalidScopes: {
		status: http.StatusUnprocessableEntity, id: "ValidationFailedError", short: "PersonalAccessTokenInvalidScopes", details: errorsAlways, beyond: true,
		message: "Provided scopes for the personal access token are invalid",
		when:    "A token was to get scopes that do not exist.",
	},
	fault.RateLimitExceeded: {
		status: http.StatusTooManyRequests, id: "RateLimitExceededError", short: "RateLimitExceeded", details: errorsIfAny,
		message: "You have exceeded the rate limit of the Organization this Space belongs to by making too many API requests within a short timespan. Please wait a moment before trying the request again.",
		when:    "The token, or all tokens in the space together, make too many requests; or too many unknown tokens come from the client's network address. Retry-After says when to try again.",
	},
	fault.ServerError: {
		status: http.StatusInternalServerError, id: "ServerError", short: "ServerError",
		message: "Something went wrong on our end. The server's log says more under the request id.",
		when:    "Something unexpected; only the log has the details.",
	},
	fault.Timeout: { // no documented row is nearer: the request was fine, the server was not
		status: http.StatusServiceUnavailable, id: "ServerError", short: "Timeout", beyond: true,
		message: "The server did not finish the request in time. Please try again.",
		when:    "The answer took longer than the server allows; Retry-After says when to try again.",
	},
	fault.Hibernated: {
		status: http.StatusBadGateway, id: "AccessDeniedError", short: "Hibernated",
		message: "The requested space is hibernated.",
		when:    "The space slept and is waking up; Retry-After says when to try again.",
	},
}

const invalidQuery = "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field."

// Vocabulary chooses the sys.id of errors.
type Vocabulary string

// The vocabularies, as the setting errors.ids spells them.
const (
	Auto       Vocabulary = "auto"       // short for official clients, documented for everyone else
	Documented Vocabulary = "documented" // NotFoundError, VersionMismatchError …
	Short      Vocabulary = "short"      // NotFound, VersionMismatch …: what the official clients branch on
)

// goProvider is a Terraform provider that branches on short ids and has no
// other mark.
const goProvider = "contentful-management-go/"

// short reports whether a request gets the short vocabulary. The mere presence
// of the header marks an official client; its value is free text.
func (v Vocabulary) short(h http.Header) bool {
	switch v {
	case Short:
		return true
	case Documented:
		return false
	}
	_, sdk := h["X-Contentful-User-Agent"]
	return sdk || strings.HasPrefix(h.Get("User-Agent"), goProvider)
}
