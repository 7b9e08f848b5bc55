package fault

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
