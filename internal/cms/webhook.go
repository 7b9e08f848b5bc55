package cms

import "encoding/json"

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
