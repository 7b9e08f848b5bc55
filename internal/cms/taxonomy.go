package cms

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// TaxonomyLocale is the locale that every concept and concept scheme has a label
// in. Other locales are any codes: a taxonomy belongs to an organization, which
// has no locales of its own.
const TaxonomyLocale = "en-US"

// Concept is the stored body of a taxonomy concept. Texts are by locale code. The
// schemes a concept is in are those that name it.
type Concept struct {
	URI           *string             `json:"uri"`
	Notations     []string            `json:"notations"`
	Broader       []string            `json:"broader"` // ids of concepts; what leads up never comes back
	Related       []string            `json:"related"` // ids of concepts
	PrefLabel     map[string]string   `json:"prefLabel"`
	AltLabels     map[string][]string `json:"altLabels"`
	HiddenLabels  map[string][]string `json:"hiddenLabels"`
	Note          Notes               `json:"note"`
	ChangeNote    Notes               `json:"changeNote"`
	Definition    Notes               `json:"definition"`
	EditorialNote Notes               `json:"editorialNote"`
	Example       Notes               `json:"example"`
	HistoryNote   Notes               `json:"historyNote"`
	ScopeNote     Notes               `json:"scopeNote"`

	Deprecation *Deprecation `json:"deprecation,omitempty"` // nil: it is not deprecated
}

// Deprecation says since when content is not to be given a concept any more.
type Deprecation struct {
	At         time.Time `json:"at"`
	By         string    `json:"by"`                   // id of a user
	ReplacedBy string    `json:"replacedBy,omitempty"` // id of the concept to use instead
}

// Notes is a text by locale code, which may be null; nil is none at all.
type Notes map[string]*string

// ConceptScheme is the stored body of a concept scheme, a collection of concepts.
type ConceptScheme struct {
	URI         *string           `json:"uri"`
	PrefLabel   map[string]string `json:"prefLabel"`
	Definition  Notes             `json:"definition"`
	TopConcepts []string          `json:"topConcepts"` // ids, among Concepts
	Concepts    []string          `json:"concepts"`    // ids
}

// ConceptView is a concept as the APIs show it, without sys.
type ConceptView struct {
	URI            *string             `json:"uri"`
	Notations      []string            `json:"notations"`
	ConceptSchemes []Link              `json:"conceptSchemes"`
	Broader        []Link              `json:"broader"`
	Related        []Link              `json:"related"`
	PrefLabel      map[string]string   `json:"prefLabel"`
	AltLabels      map[string][]string `json:"altLabels"`
	HiddenLabels   map[string][]string `json:"hiddenLabels"`
	Note           Notes               `json:"note"`
	ChangeNote     Notes               `json:"changeNote"`
	Definition     Notes               `json:"definition"`
	EditorialNote  Notes               `json:"editorialNote"`
	Example        Notes               `json:"example"`
	HistoryNote    Notes               `json:"historyNote"`
	ScopeNote      Notes               `json:"scopeNote"`
}

// View is c, which is in these schemes, as the APIs show it.
func (c Concept) View(schemes []string) ConceptView {
	return ConceptView{
		URI: c.URI, Notations: c.Notations,
		ConceptSchemes: linksTo(KindConceptScheme, schemes), Broader: linksTo(KindConcept, c.Broader), Related: linksTo(KindConcept, c.Related),
		PrefLabel: c.PrefLabel, AltLabels: c.AltLabels, HiddenLabels: c.HiddenLabels,
		Note: c.Note, ChangeNote: c.ChangeNote, Definition: c.Definition, EditorialNote: c.EditorialNote,
		Example: c.Example, HistoryNote: c.HistoryNote, ScopeNote: c.ScopeNote,
	}
}

// ConceptSchemeView is a concept scheme as the APIs show it, without sys.
type ConceptSchemeView struct {
	URI           *string           `json:"uri"`
	PrefLabel     map[string]string `json:"prefLabel"`
	Definition    Notes             `json:"definition"`
	TopConcepts   []Link            `json:"topConcepts"`
	Concepts      []Link            `json:"concepts"`
	TotalConcepts int               `json:"totalConcepts"`
}

// View is s as the APIs show it.
func (s ConceptScheme) View() ConceptSchemeView {
	return ConceptSchemeView{
		URI: s.URI, PrefLabel: s.PrefLabel, Definition: s.Definition,
		TopConcepts: linksTo(KindConcept, s.TopConcepts), Concepts: linksTo(KindConcept, s.Concepts), TotalConcepts: len(s.Concepts),
	}
}

func linksTo(kind Kind, ids []string) []Link {
	links := make([]Link, len(ids))
	for i, id := range ids {
		links[i] = LinkTo(kind, id)
	}
	return links
}

// Labels are the texts of labels by locale in order: those of TaxonomyLocale, then
// those of the others by code.
func Labels(raw json.RawMessage) []string {
	var one map[string]json.RawMessage
	if json.Unmarshal(raw, &one) != nil {
		return nil
	}
	codes := slices.Sorted(maps.Keys(one))
	if i, ok := slices.BinarySearch(codes, TaxonomyLocale); ok {
		codes = slices.Concat([]string{TaxonomyLocale}, codes[:i], codes[i+1:])
	}
	var out []string
	for _, code := range codes {
		var text string
		var list []string
		switch {
		case json.Unmarshal(one[code], &text) == nil:
			out = append(out, text)
		case json.Unmarshal(one[code], &list) == nil:
			out = append(out, list...)
		}
	}
	return out
}

// What belongs to an organization's taxonomy is stored under the organization's id
// and its own with a slash between, which no id has: all organizations share one
// scope.

// TaxonomyID is the id that a concept or scheme of an organization is stored under.
func TaxonomyID(organization, id string) string { return organization + "/" + id }

// InTaxonomy is the id of a concept or scheme within its organization.
func InTaxonomy(stored string) string {
	_, id, _ := strings.Cut(stored, "/")
	return id
}
