package authoring

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// taxonomyBody reads the body of a write to a concept or concept scheme, member by
// member, and collects what is wrong.
type taxonomyBody struct{ problems []fault.Detail }

// members reads all members of a body by these readers. Those that clients send
// back as they got them are ignored.
func (b *taxonomyBody) members(body []byte, readers map[string]func(json.RawMessage, string), ignored ...string) {
	var members map[string]json.RawMessage
	if body != nil && json.Unmarshal(body, &members) != nil {
		b.problems = append(b.problems, wrongType("value", "Object", body))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch read := readers[name]; {
		case read != nil:
			read(members[name], name)
		case !slices.Contains(ignored, name):
			b.problems = append(b.problems, unknown(members[name], slices.Sorted(maps.Keys(readers)), name))
		}
	}
}

// err is everything that is wrong.
func (b *taxonomyBody) err() error {
	if b.problems == nil {
		return nil
	}
	return fault.Invalid(fault.ValidationFailed, b.problems...)
}

// parseConcept reads the body of a write to a concept.
func parseConcept(body []byte) (cms.Concept, error) {
	if len(body) > maxDocument {
		return cms.Concept{}, tooLarge(cms.KindConcept)
	}
	c := cms.Concept{Notations: []string{}, Broader: []string{}, Related: []string{}}
	b := &taxonomyBody{}
	b.members(body, map[string]func(json.RawMessage, string){
		"uri": b.text(&c.URI), "notations": b.texts(&c.Notations),
		"broader": b.concepts(&c.Broader), "related": b.concepts(&c.Related),
		"prefLabel": b.label(&c.PrefLabel), "altLabels": b.labels(&c.AltLabels), "hiddenLabels": b.labels(&c.HiddenLabels),
		"note": b.notes(&c.Note), "changeNote": b.notes(&c.ChangeNote), "definition": b.notes(&c.Definition),
		"editorialNote": b.notes(&c.EditorialNote), "example": b.notes(&c.Example), "historyNote": b.notes(&c.HistoryNote), "scopeNote": b.notes(&c.ScopeNote),
	}, "sys", "conceptSchemes")
	b.labelled(c.PrefLabel)
	for _, labels := range []*map[string][]string{&c.AltLabels, &c.HiddenLabels} {
		if *labels == nil {
			*labels = map[string][]string{}
		}
		for code := range c.PrefLabel { // a concept has lists, maybe empty, wherever it has a name
			if (*labels)[code] == nil {
				(*labels)[code] = []string{}
			}
		}
	}
	return c, b.err()
}

// parseScheme reads the body of a write to a concept scheme.
func parseScheme(body []byte) (cms.ConceptScheme, error) {
	if len(body) > maxDocument {
		return cms.ConceptScheme{}, tooLarge(cms.KindConceptScheme)
	}
	s := cms.ConceptScheme{TopConcepts: []string{}, Concepts: []string{}}
	b := &taxonomyBody{}
	b.members(body, map[string]func(json.RawMessage, string){
		"uri": b.text(&s.URI), "prefLabel": b.label(&s.PrefLabel), "definition": b.notes(&s.Definition),
		"topConcepts": b.concepts(&s.TopConcepts), "concepts": b.concepts(&s.Concepts),
	}, "sys", "totalConcepts")
	b.labelled(s.PrefLabel)
	return s, b.err()
}

// labelled wants a label in the locale that every one has; a label of the wrong
// type is enough of a problem.
func (b *taxonomyBody) labelled(label map[string]string) {
	if _, ok := label[cms.TaxonomyLocale]; ok || slices.ContainsFunc(b.problems, func(d fault.Detail) bool { return len(d.Path) > 0 && d.Path[0] == "prefLabel" }) {
		return
	}
	b.problems = append(b.problems, fault.Detail{Name: "invalid_type", Path: []any{"prefLabel", cms.TaxonomyLocale}, Type: "string", Details: "Invalid input: expected string, received undefined"})
}

// text reads a text or null.
func (b *taxonomyBody) text(into **string) func(json.RawMessage, string) {
	return func(raw json.RawMessage, name string) {
		if json.Unmarshal(raw, into) != nil {
			b.problems = append(b.problems, wrongType(name, "String", raw, name))
		}
	}
}

// texts reads a list of texts.
func (b *taxonomyBody) texts(into *[]string) func(json.RawMessage, string) {
	return func(raw json.RawMessage, name string) { *into = b.list(raw, name) }
}

// list reads the list of texts at a path.
func (b *taxonomyBody) list(raw json.RawMessage, path ...any) []string {
	var items []json.RawMessage
	if isNull(raw) || json.Unmarshal(raw, &items) != nil {
		b.problems = append(b.problems, wrongType(fmt.Sprint(path[len(path)-1]), "Array", raw, path...))
		return nil
	}
	out := make([]string, len(items))
	for i, item := range items {
		if isNull(item) || json.Unmarshal(item, &out[i]) != nil {
			b.problems = append(b.problems, wrongType("value", "String", item, slices.Concat(path, []any{i})...))
		}
	}
	return out
}

// concepts reads links to concepts.
func (b *taxonomyBody) concepts(into *[]string) func(json.RawMessage, string) {
	return func(raw json.RawMessage, name string) {
		*into = append(*into, parseLinks(raw, cms.KindConcept, &b.problems, name)...)
	}
}

// byLocale calls read for each value of an object by locale code.
func (b *taxonomyBody) byLocale(raw json.RawMessage, name string, read func(code string, raw json.RawMessage)) {
	var values map[string]json.RawMessage
	if isNull(raw) || json.Unmarshal(raw, &values) != nil {
		b.problems = append(b.problems, wrongType(name, "Object", raw, name))
		return
	}
	for _, code := range slices.Sorted(maps.Keys(values)) {
		if !cms.ValidLocaleCode(code) {
			b.problems = append(b.problems, fault.Detail{Name: "invalid", Path: []any{name, code}, Value: fault.Raw(code), Details: "A locale's code has 2 to 11 letters, digits and hyphens."})
			continue
		}
		read(code, values[code])
	}
}

// label reads one text by locale code; none of them is empty.
func (b *taxonomyBody) label(into *map[string]string) func(json.RawMessage, string) {
	return func(raw json.RawMessage, name string) {
		*into = map[string]string{}
		b.byLocale(raw, name, func(code string, raw json.RawMessage) {
			var text string
			switch {
			case isNull(raw) || json.Unmarshal(raw, &text) != nil:
				b.problems = append(b.problems, wrongType(code, "String", raw, name, code))
			case text == "":
				b.problems = append(b.problems, blank(name, code))
			default:
				(*into)[code] = text
			}
		})
	}
}

// labels reads a list of texts by locale code.
func (b *taxonomyBody) labels(into *map[string][]string) func(json.RawMessage, string) {
	return func(raw json.RawMessage, name string) {
		*into = map[string][]string{}
		b.byLocale(raw, name, func(code string, raw json.RawMessage) { (*into)[code] = b.list(raw, name, code) })
	}
}

// notes reads a text or null by locale code, or null.
func (b *taxonomyBody) notes(into *cms.Notes) func(json.RawMessage, string) {
	return func(raw json.RawMessage, name string) {
		if isNull(raw) {
			return
		}
		*into = cms.Notes{}
		b.byLocale(raw, name, func(code string, raw json.RawMessage) {
			var text *string
			if json.Unmarshal(raw, &text) != nil {
				b.problems = append(b.problems, wrongType(code, "String", raw, name, code))
			}
			(*into)[code] = text
		})
	}
}
