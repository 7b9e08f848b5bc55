// Package errorpage explains errors: as a catalogue for programs, as pages for
// people, on the terminal and in the reference. What the server answers is not
// told here but taken from package httpapi, so it cannot differ; this package
// adds what it means, what causes it and what helps. It must not decide how
// anything is answered.
//
// Start reading at Catalogue, then guide.go for the texts.
package errorpage

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/nearest"
)

const (
	maxTerm    = 64 // bytes of an unknown name that are looked at and sent back
	maxClosest = 3
)

// Entry explains one kind of error.
type Entry struct {
	Kind        string   `json:"kind"`
	Status      int      `json:"status"`
	ID          string   `json:"id"` // in the documented vocabulary
	ShortStatus int      `json:"shortStatus"`
	ShortID     string   `json:"shortId"`
	Details     string   `json:"details"` // what details holds, in words
	Message     string   `json:"message"` // when there is nothing more precise to say
	When        string   `json:"when"`
	Meaning     string   `json:"meaning"`
	Causes      []string `json:"causes"`
	Fix         []string `json:"fix"`
	Clients     []Client `json:"clients"`
	Example     Example  `json:"example"`
	URL         string   `json:"documentationUrl"`

	reason bool // ShortID is sent to plain clients as reason
}

// Catalogue explains every kind of error, in the order of package fault. base
// is the address of the server, without a slash at its end.
func Catalogue(base string) []Entry {
	entries := make([]Entry, fault.NumKinds)
	for i, f := range httpapi.ErrorForms() {
		entries[i] = explain(f, base)
	}
	return entries
}

func explain(f httpapi.ErrorForm, base string) Entry {
	g := guides[f.Kind]
	return Entry{
		Kind: f.Kind.String(), Status: f.Status, ID: f.ID, ShortStatus: f.ShortStatus, ShortID: f.ShortID,
		Details: f.Details, Message: f.Message, When: f.When,
		Meaning: g.meaning, Causes: g.causes, Fix: g.fixes,
		Clients: clients(f), Example: g.example.render(base),
		URL: httpapi.DocumentationURL(base, f.Kind), reason: f.Reason,
	}
}

// Find returns what a name or number stands for: a kind or an id of either
// vocabulary, whatever its case, or a status. When there is nothing, closest
// has the known names that look most like it.
func Find(term, base string) (entries []Entry, closest []string) {
	status, err := strconv.Atoi(term)
	known := map[string]bool{}
	for _, f := range httpapi.ErrorForms() {
		names := []string{f.Kind.String(), f.ID, f.ShortID}
		fits := err == nil && (status == f.Status || status == f.ShortStatus)
		for _, name := range names {
			fits = fits || strings.EqualFold(term, name)
			known[name] = true
		}
		if fits {
			entries = append(entries, explain(f, base))
		}
	}
	if entries != nil {
		return entries, nil
	}
	names := nearest.Sorted(term[:min(len(term), maxTerm)], slices.Collect(maps.Keys(known)))
	return nil, names[:maxClosest]
}

// Unknown is what to say about a term for which Find has nothing.
func Unknown(term string, closest []string) string {
	if len(term) > maxTerm {
		term = strings.ToValidUTF8(term[:maxTerm], "") + "…"
	}
	return fmt.Sprintf("There is no error %q. The nearest are %s.", term, strings.Join(closest, ", "))
}

// methods are what catalogue and pages answer to.
const methods = "GET,HEAD,OPTIONS"

// New serves the catalogue at httpapi.ErrorsPath and the pages below it, as an
// httpapi.Extra. public is the address of the server if one is configured.
func New(public string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			serve(w, r, httpapi.BaseURL(r, public))
		case http.MethodOptions:
			h := w.Header()
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", "Accept")
			h.Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
		default:
			httpapi.Fail(r, fault.New(fault.UnknownRoute, ""))
		}
	})
}

const (
	asHTML = "text/html"
	asJSON = "application/json"
)

// serve answers with the whole catalogue, for programs unless a page is asked
// for, or with a part of it, for people unless JSON is asked for.
func serve(w http.ResponseWriter, r *http.Request, base string) {
	term := strings.Trim(strings.TrimPrefix(r.URL.Path, httpapi.ErrorsPath), "/")
	var entries []Entry
	form := asJSON
	if term == "" {
		entries = Catalogue(base)
		form = httpapi.Preferred(r.Header, asJSON, asHTML)
	} else {
		var names []string
		if entries, names = Find(term, base); entries == nil {
			httpapi.Fail(r, &fault.Error{Kind: fault.NotFound, Message: Unknown(term, names),
				Details: &fault.Details{Type: "Error", ID: term}})
			return
		}
		form = httpapi.Preferred(r.Header, asHTML, asJSON)
	}
	write := writeJSON
	if form == asHTML {
		write = writePage
	}
	if err := write(w, r, page{Title: title(term, entries), Base: base, All: term == "", Entries: entries}); err != nil {
		httpapi.Fail(r, fault.Wrap(err, fault.ServerError, "explaining an error"))
	}
}

// title is what a page is called.
func title(term string, entries []Entry) string {
	switch {
	case term == "":
		return "Errors"
	case len(entries) > 1:
		return entries[0].ID + " and its kin"
	default:
		return entries[0].ID
	}
}
