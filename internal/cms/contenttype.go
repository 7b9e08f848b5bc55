package cms

import "encoding/json"

// ContentType is the stored body of a content type.
type ContentType struct {
	Name         string          `json:"name"`
	Description  *string         `json:"description"`
	DisplayField *string         `json:"displayField"`
	Fields       []Field         `json:"fields"`
	Metadata     json.RawMessage `json:"metadata,omitempty"` // annotations and taxonomy, as sent

	// RetiredKeys are keys of fields that are gone for good. A new field never
	// takes one, so old values do not come back to life.
	RetiredKeys []string `json:"retiredKeys,omitempty"`
}

// Field is one field of a content type. ID is its public name and may change;
// Key is the name its values are stored under and never changes. Key is not
// part of any API.
type Field struct {
	ID               string          `json:"id"`
	Key              string          `json:"key"`
	Name             string          `json:"name"`
	Type             FieldType       `json:"type"`
	LinkType         string          `json:"linkType,omitempty"` // Link: Entry or Asset
	Items            *Items          `json:"items,omitempty"`    // Array
	Localized        bool            `json:"localized"`
	Required         bool            `json:"required"`
	Disabled         bool            `json:"disabled"`
	Omitted          bool            `json:"omitted"`
	Validations      []Validation    `json:"validations"`
	DefaultValue     json.RawMessage `json:"defaultValue,omitempty"` // {locale code: value}
	AllowedResources json.RawMessage `json:"allowedResources,omitempty"`
}

// Items describes the elements of an Array field.
type Items struct {
	Type        FieldType    `json:"type"` // Symbol, Link or ResourceLink
	LinkType    string       `json:"linkType,omitempty"`
	Validations []Validation `json:"validations"`
}

// Validation is one element of validations: one keyword with its argument and
// maybe a message, as sent. Package validate gives it meaning.
type Validation map[string]json.RawMessage

// FieldType is a field's type.
type FieldType string

// The field types.
const (
	Symbol       FieldType = "Symbol"
	Text         FieldType = "Text"
	RichText     FieldType = "RichText"
	Integer      FieldType = "Integer"
	Number       FieldType = "Number"
	Date         FieldType = "Date"
	Boolean      FieldType = "Boolean"
	Object       FieldType = "Object"
	Location     FieldType = "Location"
	TypeLink     FieldType = "Link"
	ResourceLink FieldType = "ResourceLink"
	Array        FieldType = "Array"
)

// InLocale reports whether the management API shows values of the field in a
// locale, and takes them.
func (f *Field) InLocale(l Locale) bool { return l.Management && (f.Localized || l.Default) }

// Field returns the field with this id, or nil.
func (ct *ContentType) Field(id string) *Field {
	for i := range ct.Fields {
		if ct.Fields[i].ID == id {
			return &ct.Fields[i]
		}
	}
	return nil
}
