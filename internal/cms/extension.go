package cms

import "encoding/json"

// Extension is the stored body of a UI extension: a page that stands in for the
// control of a field, or beside the fields. Exactly one of Src and Srcdoc is set.
type Extension struct {
	Name       string               `json:"name"`
	FieldTypes []ExtensionFieldType `json:"fieldTypes"`
	Src        string               `json:"src,omitempty"`    // URL of the page
	Srcdoc     string               `json:"srcdoc,omitempty"` // the page itself
	Sidebar    bool                 `json:"sidebar"`
	Parameters *ParameterTypes      `json:"parameters,omitempty"`
	Values     json.RawMessage      `json:"values,omitempty"` // of installation parameters, as sent; nil: none
}

// ExtensionFieldType is a type of fields that an extension is for.
type ExtensionFieldType struct {
	Type     string              `json:"type"`
	LinkType string              `json:"linkType,omitempty"`
	Items    *ExtensionFieldType `json:"items,omitempty"`
}

// ParameterTypes are the definitions of an extension's parameters: of each
// installation of it, and of each place where it is used.
type ParameterTypes struct {
	Installation []Parameter `json:"installation,omitempty"`
	Instance     []Parameter `json:"instance,omitempty"`
}

// Parameter is the definition of a parameter.
type Parameter struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Description string          `json:"description,omitempty"`
	Required    bool            `json:"required,omitempty"`
	Default     json.RawMessage `json:"default,omitempty"`
	Options     json.RawMessage `json:"options,omitempty"` // of an Enum, as sent
	Labels      json.RawMessage `json:"labels,omitempty"`  // as sent
}
