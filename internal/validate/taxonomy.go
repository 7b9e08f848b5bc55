package validate

import (
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// Class is one line of a content type's taxonomy: what entries may be classified by
// or, when it is required, must be. A concept lets in those below it too, a scheme
// all that are in it.
type Class struct {
	Link     cms.LinkSys     // to a concept or concept scheme
	Required bool            // at least one of those it lets in
	Lets     map[string]bool // ids of concepts; the caller says which
}

// Classes are the lines of a content type's taxonomy, still without Lets; none of
// them let in all concepts.
func Classes(ct *cms.ContentType) []Class {
	var m typeMetadata
	if ct.Metadata == nil || json.Unmarshal(ct.Metadata, &m) != nil {
		return nil
	}
	classes := make([]Class, len(m.Taxonomy))
	for i, t := range m.Taxonomy {
		classes[i] = Class{Link: t.Sys, Required: t.Required}
	}
	return classes
}

// Concepts checks the concepts of an entry that is to be published.
func Concepts(classes []Class, concepts []string) []fault.Detail {
	if len(classes) == 0 {
		return nil
	}
	var problems []fault.Detail
	used := make([]bool, len(classes))
	for i, id := range concepts {
		let := false
		for n, c := range classes {
			if c.Lets[id] {
				let, used[n] = true, true
			}
		}
		if !let {
			d := unexpected(fmt.Sprintf("The content type does not let entries have the concept %q.", id), []any{"metadata", "concepts", i})
			d.Link = cms.LinkTo(cms.KindConcept, id).Sys
			problems = append(problems, d)
		}
	}
	for n, c := range classes {
		if !c.Required || used[n] {
			continue
		}
		d := required("concepts", []any{"metadata", "concepts"})
		d.Details = fmt.Sprintf("The concept %q, or one below it, is required here", c.Link.ID)
		if c.Link.LinkType == string(cms.KindConceptScheme) {
			d.Details = fmt.Sprintf("A concept of the scheme %q is required here", c.Link.ID)
		}
		problems = append(problems, d)
	}
	return problems
}
