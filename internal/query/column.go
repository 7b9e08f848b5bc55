package query

// Source is the part of an entity a column is taken from.
type Source int

// The sources.
const (
	SourceSys      Source = iota // Name is a member of sys: "id", "createdBy.sys.id" …
	SourceField                  // Name is a field key, Part what of its value
	SourceMetadata               // Name is "tags" or "concepts"
	SourceBody                   // Name is a member of a body without fields: "name" …
	SourceLinks                  // ids of everything linked to; Part is the link type
	SourceText                   // every text of the entity, for full-text search
)

// AnyLocale as Column.Locale means the values of all locales together.
const AnyLocale = "*"

// Column is what a condition or sort key looks at: for each entity a set of
// values. It is comparable, and for one content model its values depend on the
// entity alone.
type Column struct {
	Source Source
	Name   string
	Part   string
	Locale string // locale key, or AnyLocale; "" where locales do not apply
	Type   Type
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
	Str      string
	Num, Lon float64
}
