package fault

import "slices"

var kindNames = [NumKinds]string{
	BadRequest: "BadRequest", UnknownKey: "UnknownKey", MissingKey: "MissingKey",
	UnsupportedMediaType: "UnsupportedMediaType", BodyTooLarge: "BodyTooLarge", URITooLong: "URITooLong",
	InvalidQuery: "InvalidQuery", UnknownQueryField: "UnknownQueryField",
	AccessTokenInvalid: "AccessTokenInvalid", AccessDenied: "AccessDenied", Forbidden: "Forbidden",
	DefaultLocaleNotDeletable: "DefaultLocaleNotDeletable", FallbackLocaleNotDeletable: "FallbackLocaleNotDeletable",
	FallbackLocaleNotRenameable: "FallbackLocaleNotRenameable",
	NotFound:                    "NotFound", UnknownRoute: "UnknownRoute", MissingOrganizationParameter: "MissingOrganizationParameter",
	VersionMismatch: "VersionMismatch", Conflict: "Conflict",
	ValidationFailed: "ValidationFailed", UnknownField: "UnknownField", InvalidEntry: "InvalidEntry",
	UnresolvedLinks: "UnresolvedLinks", ActionPreconditionsFailed: "ActionPreconditionsFailed",
	PersonalAccessTokenInvalidScopes: "PersonalAccessTokenInvalidScopes",
	RateLimitExceeded:                "RateLimitExceeded", ServerError: "ServerError", Timeout: "Timeout", Hibernated: "Hibernated",
}

// String is the kind's name in logs and in the generated error reference.
func (k Kind) String() string {
	if k < 0 || k >= NumKinds {
		return "Kind(?)"
	}
	return kindNames[k]
}

// MarshalText is the kind's name: errors that are kept are kept by kind, and put
// into words when they are served.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name. A name that this version of the program does
// not have is a ServerError.
func (k *Kind) UnmarshalText(name []byte) error {
	*k = ServerError
	if i := slices.Index(kindNames[:], string(name)); i >= 0 {
		*k = Kind(i)
	}
	return nil
}
