package errorpage

import (
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/httpapi"
)

// Client is what the user of an official client gets to see of an error.
type Client struct {
	Name  string `json:"name"`
	Shows string `json:"shows"`
}

// phpClasses are the ids for which the PHP clients have a class of their own.
var phpClasses = []string{
	"AccessTokenInvalid", "BadRequest", "InvalidQuery", "NotFound", "RateLimitExceeded", "VersionMismatch", "ValidationFailed",
	"UnknownKey", "MissingKey", "DefaultLocaleNotDeletable", "FallbackLocaleNotDeletable", "FallbackLocaleNotRenameable",
	"UnsupportedMediaType",
}

// clients says how the official clients, who are told the short id, show it.
func clients(f httpapi.ErrorForm) []Client {
	javascript := fmt.Sprintf("error.name is %q; error.message is JSON text with status, message, details and requestId. What else the answer says, such as hint, typecase request prints for that requestId.", f.ShortID)
	if f.ShortStatus == 429 || f.ShortStatus >= 500 {
		javascript += " Before that the client has tried again several times by itself."
	}
	php := fmt.Sprintf("The general exception of the client, with message and request id: %s has no class of its own.", f.ShortID)
	switch {
	case f.ShortStatus >= 500:
		php = "The exception of the HTTP library: the client leaves statuses from 500 on as they are."
	case slices.Contains(phpClasses, f.ShortID):
		php = fmt.Sprintf("An exception of the class %sException.", f.ShortID)
		if f.ShortID == "VersionMismatch" || f.ShortID == "MissingKey" {
			php += " Its message is the client's own."
		}
	}
	status := fmt.Sprintf("An error of the class for status %d, with message, details and request id.", f.ShortStatus)
	return []Client{
		{"JavaScript", javascript},
		{"PHP", php},
		{"Ruby, Python, .NET", status},
		{"Java", fmt.Sprintf("An HTTP error with status %d; the raw body has the rest.", f.ShortStatus)},
		{"Swift", fmt.Sprintf("An API error with the id %q.", f.ShortID)},
		{"Terraform, Go", fmt.Sprintf("An error with the id %q; the Terraform provider prints message and details.", f.ShortID)},
	}
}
