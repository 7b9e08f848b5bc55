package cms

import (
	"encoding/json"
	"time"
)

// Webhook is the stored body of a webhook definition. Secrets are encrypted and
// are never shown again.
type Webhook struct {
	Name              string          `json:"name"`
	URL               string          `json:"url"` // may hold templates: { /payload/sys/id }
	Topics            []string        `json:"topics"`
	Filters           json.RawMessage `json:"filters"`        // as sent; null: only events of master
	Transformation    json.RawMessage `json:"transformation"` // as sent, or null
	Headers           []WebhookHeader `json:"headers"`
	BasicAuthUsername *string         `json:"httpBasicUsername"`
	BasicAuthPassword []byte          `json:"httpBasicPassword,omitempty"` // sealed
	Active            bool            `json:"active"`
}

// WebhookHeader is a header that is sent with every call. Exactly one of Value
// and Sealed is set.
type WebhookHeader struct {
	Key    string `json:"key"`
	Value  string `json:"value,omitempty"`
	Secret bool   `json:"secret,omitempty"`
	Sealed []byte `json:"sealed,omitempty"` // the value of a secret header
}

// WebhookSecrets are what is sealed in a definition and in its space, opened to
// make a call.
type WebhookSecrets struct {
	Password string
	Headers  map[int]string // by index in the definition
	Signing  string         // "" when calls are not signed
}

// WebhookCall is the record of one attempt to deliver an event.
type WebhookCall struct {
	At         time.Time `json:"requestAt"`
	AnsweredAt time.Time `json:"responseAt"` // or given up
	StatusCode int       `json:"statusCode"` // 0: no answer
	Errors     []string  `json:"errors"`     // a word and a sentence on why it failed; empty: it did not
	URL        string    `json:"url"`
	Topic      string    `json:"topic"` // ContentManagement.Entry.publish
	Key        string    `json:"key"`   // the same for all attempts for one change
	Event      string    `json:"event"` // scope and number of the change, with a hyphen between
	Attempt    int       `json:"attempt"`

	Detail *WebhookCallDetail `json:"-"`
}

// Healthy reports whether the receiver took the event.
func (c WebhookCall) Healthy() bool { return len(c.Errors) == 0 }

// WebhookCallDetail is what was sent and what came back, without secrets.
type WebhookCallDetail struct {
	Method          string            `json:"method"`
	RequestHeaders  map[string]string `json:"requestHeaders"`
	RequestBody     string            `json:"requestBody"`
	ResponseHeaders map[string]string `json:"responseHeaders"`
	ResponseBody    string            `json:"responseBody"`
}

// OnlyID is the id of a resource of which a space has one at most.
const OnlyID = "default"

// WebhookSigningSecret is the stored secret that the calls of a space's webhooks
// are signed with.
type WebhookSigningSecret struct {
	Sealed   []byte `json:"sealed"`
	Redacted string `json:"redacted"` // its end, to tell it by
}

// WebhookRetryPolicy says how often a failed call is repeated at most.
type WebhookRetryPolicy struct {
	MaxRetries int `json:"maxRetries"`
}
