package query

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/typecase/typecase/internal/cms"
)

// Source is the part of an entity a column is taken from.
type Source int

// The sources.
const (
	SourceSys      Source = iota // Name is a member of sys: "id", "createdBy.sys.id" …
	SourceField                  // Name is a field key, Part what of its value
	SourceMetadata               // Name is "tags" or "concepts"
	SourceBody                   // Name is a path in a body without fields: "name", "items.id" …
	SourceLinks                  // ids of everything linked to; Part is the kind linked to
	SourceText                   // every text of the entity, for full-text search
	SourceLocales                // keys of the locales that the entity is published in, see PublishedIn
)

// Values of Column.Locale beside locale keys: the values of all locales
// together that an API shows.
const (
	AnyManaged   = "*management"
	AnyDelivered = "*delivery"
	anyLocale    = "*" // hidden ones too
)

// Column is what a condition or sort key looks at: for each entity a set of
// values. It is comparable, and for one content model its values depend on the
// entity alone.
type Column struct {
	Source Source
	Name   string
	Part   string
	Locale string // locale key, AnyManaged or AnyDelivered; "" where locales do not apply and, of links, for all there are
	Type   Type
}

// OfModel reports whether the values depend on the content model besides the
// entity, so that they may change with it.
func (c Column) OfModel() bool {
	return c.Source == SourceLinks || c.Source == SourceText || c.Locale == AnyManaged || c.Locale == AnyDelivered
}

// Type is the type of a column's values.
type Type int

// The types.
const (
	String   Type = iota // Value.Str, compared byte by byte
	Number               // Value.Num
	Date                 // Value.Num, milliseconds since 1970 UTC
	Boolean              // Value.Num, 0 or 1
	Location             // Value.Num is the latitude, Value.Lon the longitude
	Opaque               // no values; only whether one is set
)

// Value is one value of a column.
type Value struct {
	Str string  `json:"s,omitempty"`
	Num float64 `json:"n,omitempty"`
	Lon float64 `json:"l,omitempty"`
}

// Values is what an entity has in a column. Set is what exists asks: a stored
// value other than null, be it an empty list, or of another shape than Type.
type Values struct {
	Set  bool
	List []Value
}

// Entity is what queries are judged on: one stage of a resource.
type Entity struct {
	Sys  cms.Sys
	Doc  *cms.Document   // entries and assets
	Body json.RawMessage // other kinds
}

// Values returns what e has in the column under the model m.
func (c Column) Values(e *Entity, m *cms.Model) Values {
	switch c.Source {
	case SourceSys:
		return sysValues(c.Name, &e.Sys)
	case SourceBody:
		return bodyValues(c, e.Body)
	case SourceMetadata:
		return c.metadataValues(e)
	case SourceField:
		return c.fieldValues(e, m)
	case SourceLocales:
		return localeValues(e)
	case SourceLinks:
		return linkValues(e, m, c.Part, c.Locale)
	default:
		return textValues(e, m, c.Locale)
	}
}

func (c Column) metadataValues(e *Entity) Values {
	if e.Doc == nil {
		return Values{}
	}
	ids := e.Doc.Metadata.Tags
	if c.Name == "concepts" {
		ids = e.Doc.Metadata.Concepts
	}
	vs := Values{Set: len(ids) > 0}
	for _, id := range ids {
		vs.List = append(vs.List, Value{Str: id})
	}
	return vs
}

func (c Column) fieldValues(e *Entity, m *cms.Model) Values {
	var vs Values
	if e.Doc == nil {
		return vs
	}
	byLocale := e.Doc.Fields[c.Name]
	if len(byLocale) == 0 {
		return vs
	}
	eachLocale(c.Locale, true, m, func(key string) { vs.add(c.Type, c.Part, byLocale[key]) })
	return vs
}

// eachLocale calls f with the locale keys that a Column.Locale means for a
// field. A field that is not localized has values of the default locale only.
func eachLocale(locale string, localized bool, m *cms.Model, f func(key string)) {
	if !localized {
		f(m.Locales.Default().Key)
		return
	}
	if locale != AnyManaged && locale != AnyDelivered && locale != anyLocale {
		f(locale)
		return
	}
	for _, l := range m.Locales {
		if locale == anyLocale || l.Management && locale == AnyManaged || l.Delivered() && locale == AnyDelivered {
			f(l.Key)
		}
	}
}

// add takes a stored value into the set.
func (vs *Values) add(t Type, part string, raw json.RawMessage) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return
	}
	switch part {
	case partID, partURN:
		vs.Set = true
		for _, l := range linksIn(raw) {
			if id := l.id(part); id != "" {
				vs.List = append(vs.List, Value{Str: id})
			}
		}
	case partText:
		vs.Set = true
		vs.List = append(vs.List, Value{Str: plainText(raw)})
	case partLabels:
		vs.Set = true
		for _, label := range cms.Labels(raw) {
			vs.List = append(vs.List, Value{Str: label})
		}
	case "":
		vs.Set = true
		vs.scan(t, raw)
	default:
		vs.addFile(part, raw)
	}
}

// scan takes a value or, of an array, each element. What is not of type t is
// passed over: only drafts hold such values.
func (vs *Values) scan(t Type, raw json.RawMessage) {
	if t == String && raw[0] == '[' {
		var elements []json.RawMessage
		if json.Unmarshal(raw, &elements) == nil {
			for _, el := range elements {
				if len(el) > 0 && el[0] == '"' {
					vs.scan(t, el)
				}
			}
		}
		return
	}
	if v, ok := t.decode(raw); ok {
		vs.List = append(vs.List, v)
	}
}

// decode reads one stored value of type t.
func (t Type) decode(raw json.RawMessage) (Value, bool) {
	switch t {
	case String, Date:
		var s string
		if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
			return Value{}, false
		}
		return t.parse(s)
	case Number, Boolean:
		return t.parse(string(raw))
	case Location:
		var p struct{ Lat, Lon *float64 }
		if json.Unmarshal(raw, &p) != nil || p.Lat == nil || p.Lon == nil {
			return Value{}, false
		}
		return Value{Num: *p.Lat, Lon: *p.Lon}, true
	}
	return Value{}, false
}

// sysValues reads a member of sys; times and versions that never came about are
// not set.
func sysValues(name string, s *cms.Sys) Values {
	switch name {
	case "id":
		return stringValue(s.ID)
	case "type":
		return stringValue(string(s.Kind))
	case "contentType.sys.id":
		return stringValue(s.ContentType)
	case "createdAt":
		return timeValue(s.CreatedAt)
	case "updatedAt":
		return timeValue(s.UpdatedAt)
	case "publishedAt":
		return timeValue(s.PublishedAt)
	case "firstPublishedAt":
		return timeValue(s.FirstPublishedAt)
	case "archivedAt":
		return timeValue(s.ArchivedAt)
	case "createdBy.sys.id":
		return stringValue(s.CreatedBy)
	case "updatedBy.sys.id":
		return stringValue(s.UpdatedBy)
	case "publishedBy.sys.id":
		return stringValue(s.PublishedBy)
	case "archivedBy.sys.id":
		return stringValue(s.ArchivedBy)
	case "version":
		return Values{true, []Value{{Num: float64(s.Version)}}}
	case "publishedCounter":
		return Values{true, []Value{{Num: float64(s.PublishedCounter)}}}
	case "publishedVersion":
		return versionValue(s.PublishedVersion)
	case "archivedVersion":
		return versionValue(s.ArchivedVersion)
	}
	return Values{}
}

func stringValue(s string) Values {
	if s == "" {
		return Values{}
	}
	return Values{true, []Value{{Str: s}}}
}

func timeValue(at time.Time) Values {
	if at.IsZero() {
		return Values{}
	}
	return Values{true, []Value{instant(at)}}
}

func versionValue(n int) Values {
	if n == 0 {
		return Values{}
	}
	return Values{true, []Value{{Num: float64(n)}}}
}
