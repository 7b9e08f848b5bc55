// Package validate judges content: whether entries and assets may be saved and
// published, and whether content types make sense. It is pure: what it needs to
// know about linked entities comes through Targets, and whether a unique value
// is free is the caller's question (UniqueKeys).
//
// All problems of a body are reported together, up to a bound, as *fault.Error;
// every function returns nil as error when there is nothing to report. Names,
// paths and texts of problems are those of docs/reference/errors.md.
//
// Start reading at Entry (on save) and Publish; keywords lists the validations
// a field can have, each in a file of its own. Content types start at
// ContentType, and what a change of one may do at ContentTypeChange.
package validate

import (
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/fault"
)

// Limits of values on save.
const (
	MaxSymbol   = 256    // characters of a Symbol, and of a file name
	MaxText     = 50_000 // characters of a Text
	MaxItems    = 1000   // elements of an Array
	MaxFields   = 100    // fields of a content type
	maxProblems = 100    // reported about one body
)

// problems gathers what is wrong with a body.
type problems struct{ list []fault.Detail }

func (p *problems) add(more ...fault.Detail) {
	more = more[:min(len(more), maxProblems-len(p.list))]
	p.list = append(p.list, more...)
}

// full reports that further problems would be dropped.
func (p *problems) full() bool { return len(p.list) >= maxProblems }

// err is the problems as an error of this kind, or nil without problems.
func (p *problems) err(kind fault.Kind) error {
	if len(p.list) == 0 {
		return nil
	}
	f := fault.Invalid(kind, p.list...)
	f.Details.Truncated = p.full()
	return f
}

// join makes a path that shares no memory with base.
func join(base []any, way ...any) []any { return slices.Concat(base, way) }

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }
