package fault

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Detail is one element of details.errors. Name, Path and Details are always
// sent; the companions only where the named problem has them (chapter 5 of the
// error contract). Raw JSON values: nil means absent, "null" is sent as null.
type Detail struct {
	Name    string          `json:"name"`
	Path    []any           `json:"path"` // strings and ints; [] for rules over several keys
	Value   json.RawMessage `json:"value,omitempty"`
	Details string          `json:"details"`

	Type              string          `json:"type,omitempty"`    // expected type
	Filter            string          `json:"filter,omitempty"`  // query operator
	Expected          []any           `json:"expected,omitzero"` // strings, numbers, booleans only; empty: nothing would do
	Min               json.RawMessage `json:"min,omitempty"`
	Max               json.RawMessage `json:"max,omitempty"`
	Width             json.RawMessage `json:"width,omitempty"`
	Height            json.RawMessage `json:"height,omitempty"`
	Pattern           string          `json:"pattern,omitempty"`
	Conflicting       []any           `json:"conflicting,omitempty"` // links
	Link              any             `json:"link,omitempty"`        // flat: type, linkType, id
	ContentTypeID     []string        `json:"contentTypeId,omitempty"`
	MimetypeGroupName []string        `json:"mimetypeGroupName,omitempty"`
	NodeType          string          `json:"nodeType,omitempty"`
	CustomMessage     string          `json:"customMessage,omitempty"`

	// Additions. Where the problem is, for machines: in the body of the request
	// (a JSON pointer, RFC 6901, which the edge makes of Path where the body is what
	// Path leads into, and who finds the problem elsewhere) or in its query (the
	// name of a parameter; empty means that Path spells it).
	Pointer     *string  `json:"pointer,omitempty"`
	Parameter   string   `json:"parameter,omitempty"`
	Suggestions []string `json:"suggestions,omitempty"` // names that were probably meant, nearest first; the edge adds them to Details

	// A whole error of what Path leads to: kept by kind, and put into words by the
	// edge, which sets Error.
	Nested *Error `json:"-"`
	Error  any    `json:"error,omitempty"`

	At        []any `json:"-"` // the place in the body where Path, which is part of the contract, spells it otherwise
	Elsewhere bool  `json:"-"` // the problem is not in the body: it is the id of a path or the value of a header
}

// MarshalJSON writes an absent path as [], as the contract wants an array.
func (d Detail) MarshalJSON() ([]byte, error) {
	type plain Detail
	if d.Path == nil {
		d.Path = []any{}
	}
	return json.Marshal(plain(d))
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

// Pointer is a path as a JSON pointer (RFC 6901).
func Pointer(path []any) string {
	var b strings.Builder
	for _, step := range path {
		b.WriteByte('/')
		b.WriteString(escapePointer.Replace(fmt.Sprint(step)))
	}
	return b.String()
}

// Raw is v as JSON, for the Value, Min and Max of a Detail.
func Raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil { // only for values that cannot be JSON, such as a channel
		return json.RawMessage("null")
	}
	return b
}
