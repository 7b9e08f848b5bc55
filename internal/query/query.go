// Package query is the search language of the content APIs: it turns URL
// parameters into a checked query tree, and says what each condition means on a
// document.
//
// It is pure: it looks at nothing but the parameters and the content model, and
// never executes a query; package index does, and must agree with Query.Match.
//
// Start reading at Parse and Query, then Column (what a condition looks at) and
// operators (what it asks).
package query

import (
	"github.com/typecase/typecase/internal/cms"
)

// API is the API a query is meant for; they differ in locales and parameters.
type API int

// The APIs.
const (
	Management API = iota // any locale counts unless a path names one; include and locale are ignored
	Delivery              // the requested locale's stored value counts
	Preview               // like Delivery, over drafts without the archived ones
)

// Options say in whose name a query is parsed.
type Options struct {
	API   API
	Kind  cms.Kind // what is listed
	Model *cms.Model

	// Single is set for endpoints of one resource: select and every search
	// parameter are refused, include and locale remain.
	Single bool

	// LocaleBased leaves out entries and assets that are not published in the locale
	// asked for; of locale=* in any that is delivered. For published bodies only.
	LocaleBased bool

	DefaultLimit int  // 0 means 100
	MaxLimit     int  // 0 means 1000
	ClampLimit   bool // a greater limit is lowered instead of refused
}

// Query is a checked query. Conditions are ANDed.
type Query struct {
	Kind        cms.Kind
	ContentType string // entries: the only content type to look at; "" means all
	Conds       []Cond
	Order       []Order // never empty; ties beyond it go by sys.id ascending
	Skip, Limit int
	Include     int     // levels of links to resolve
	Locale      string  // locale code; "" is the default locale, "*" all locales
	Select      *Select // nil selects everything
	ArchivedOut bool    // archived resources do not exist for this query

	// Cursor asks for a page by its position in the order, which stays right
	// whatever comes and goes before it, instead of by Skip: behind After, or up
	// to Before, or the first one.
	Cursor        bool
	After, Before *Position
	Params        string // what a token repeats
}

// Cond is one condition. Its meaning is Match.
type Cond struct {
	Column Column
	Op     Op
	Args   []Value // checked for the column's type, in the order sent
	Ref    *Ref    // only with Op Refers
	Below  bool    // Args are concepts that stand for all below them too, see Query.Widen
}

// Ref is a search on references: the entity links (by Cond.Column) to at least
// one entry of this content type that fulfils all of Conds.
type Ref struct {
	ContentType string
	Conds       []Cond
}

// Order is one sort key. Entities without a value come last in both directions.
type Order struct {
	Column Column
	Desc   bool
	Near   *Value // sort by distance from this point instead of by value
}
