package delivery_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/fault"
)

// animals fills the taxonomy: a dog is a pet and a mammal, a poodle is a dog.
func animals(w *world) {
	w.Concept("mammal")
	w.Concept("pet")
	w.Concept("dog", "pet", "mammal")
	w.Concept("poodle", "dog")
	w.Scheme("kinds", "mammal", "dog")
	w.Scheme("homes", "pet", "dog")
}

// ids are those of a list's items.
func ids(t *testing.T, body string) string {
	t.Helper()
	var list struct {
		Items []struct{ Sys struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var out []string
	for _, item := range list.Items {
		out = append(out, item.Sys.ID)
	}
	return strings.Join(out, " ")
}

func TestTaxonomy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	animals(w)
	link := func(kind cms.Kind, id string) string { return linkTo(string(kind), id) }
	const nothing = `"altLabels":{},"hiddenLabels":{},"note":null,"changeNote":null,"definition":null,"editorialNote":null,"example":null,"historyNote":null,"scopeNote":null}`
	dog := `{"sys":{"id":"dog","type":"TaxonomyConcept","createdAt":"2026-01-01T00:00:07.000Z","updatedAt":"2026-01-01T00:00:07.000Z","version":1},"uri":null,"notations":[],` +
		`"conceptSchemes":[` + link(cms.KindConceptScheme, "homes") + `,` + link(cms.KindConceptScheme, "kinds") + `],"broader":[` + link(cms.KindConcept, "pet") + `,` + link(cms.KindConcept, "mammal") + `],"related":[],` +
		`"prefLabel":{"en-US":"dog"},` + nothing
	kinds := `{"sys":{"id":"kinds","type":"TaxonomyConceptScheme","createdAt":"2026-01-01T00:00:09.000Z","updatedAt":"2026-01-01T00:00:09.000Z","version":1},"uri":null,"prefLabel":{"en-US":"kinds"},"definition":null,` +
		`"topConcepts":[],"concepts":[` + link(cms.KindConcept, "mammal") + `,` + link(cms.KindConcept, "dog") + `],"totalConcepts":2}`
	for _, stage := range []cms.Stage{delivered, preview} {
		if diff := cmp.Diff(dog, w.get(concept, stage, "dog", "")); diff != "" {
			t.Errorf("a concept (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(kinds, w.get(scheme, stage, "kinds", "")); diff != "" {
			t.Errorf("a scheme (-want +got):\n%s", diff)
		}
	}
	want := `{"sys":{"type":"Array"},"limit":1,"items":[` + kinds + `],"pages":{"next":"/spaces/s/environments/master/taxonomy/concept-schemes?pageNext=`
	if got := w.list(schemes, delivered, "limit=1"); !strings.HasPrefix(got, want) {
		t.Errorf("schemes: %s, want %s", got, want)
	}
	for params, want := range map[string]string{
		"": "mammal pet dog poodle", "order=prefLabel": "dog mammal pet poodle", "order=-sys.updatedAt&limit=3": "poodle dog pet",
		"conceptScheme=homes": "pet dog", "conceptScheme=none": "", "query=DO&cursor=true": "dog", "limit=0": "",
	} {
		if got := ids(t, w.list(concepts, delivered, params)); got != want {
			t.Errorf("concepts with %q: %s, want %s", params, got, want)
		}
	}
	for params, want := range map[string]string{"": "mammal pet dog", "depth=1": "dog", "depth=2&order=-prefLabel": "pet mammal dog", "depth=9": "mammal pet dog"} {
		if got := ids(t, w.get(ancestors, delivered, "poodle", params)); got != want {
			t.Errorf("above a poodle with %q: %s, want %s", params, got, want)
		}
	}
	for params, want := range map[string]string{"": "dog poodle", "depth=1": "dog"} {
		if got := ids(t, w.get(descendants, delivered, "pet", params)); got != want {
			t.Errorf("below a pet with %q: %s, want %s", params, got, want)
		}
	}

	// from page to page, by either name of the token
	pages := func(body string) (next, prev string) {
		var list struct{ Pages struct{ Next, Prev string } }
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		token := func(link string) string {
			u, err := url.Parse(link)
			if err != nil || link != "" && u.Path != "/spaces/s/environments/master/taxonomy/concepts/poodle/ancestors" {
				t.Errorf("a page at %q: %v", link, err)
			}
			return u.Query().Get("pageNext") + u.Query().Get("pagePrev")
		}
		return token(list.Pages.Next), token(list.Pages.Prev)
	}
	first := w.get(ancestors, delivered, "poodle", "limit=2&order=prefLabel")
	next, prev := pages(first)
	if ids(t, first) != "dog mammal" || prev != "" {
		t.Errorf("first page: %s", first)
	}
	second := w.get(ancestors, delivered, "poodle", "nextPage="+next)
	next, prev = pages(second)
	if ids(t, second) != "pet" || next != "" {
		t.Errorf("second page: %s", second)
	}
	if back := w.get(ancestors, delivered, "poodle", "prevPage="+prev); back != first {
		t.Errorf("back on the first page: %s", back)
	}
}

// A deprecated concept says so and is found like any other; by whom is not shown.
func TestTaxonomyDeprecated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Concept("canine")
	w.Deprecated("dog", "canine")
	w.Deprecated("cat", "")
	want := func(id, second, replaced string) string {
		return `{"sys":{"id":"` + id + `","type":"TaxonomyConcept","createdAt":"2026-01-01T00:00:` + second + `.000Z","updatedAt":"2026-01-01T00:00:` + second + `.000Z","version":1,"deprecatedAt":"2026-01-02T00:00:00.001Z"` + replaced + `},` +
			`"uri":null,"notations":[],"conceptSchemes":[],"broader":[],"related":[],"prefLabel":{"en-US":"` + id + `"},` +
			`"altLabels":{},"hiddenLabels":{},"note":null,"changeNote":null,"definition":null,"editorialNote":null,"example":null,"historyNote":null,"scopeNote":null}`
	}
	dog := want("dog", "06", `,"replacedBy":`+linkTo(string(cms.KindConcept), "canine"))
	for _, stage := range []cms.Stage{delivered, preview} {
		if diff := cmp.Diff(dog, w.get(concept, stage, "dog", "")); diff != "" {
			t.Errorf("replaced (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want("cat", "07", ""), w.get(concept, stage, "cat", "")); diff != "" {
			t.Errorf("not replaced (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(`{"sys":{"type":"Array"},"limit":100,"items":[`+dog+`],"pages":{}}`, w.list(concepts, delivered, "query=dog")); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

func TestTaxonomyErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	animals(w)
	for name, read := range map[string]resourceOf{"concept": concept, "scheme": scheme, "ancestors": ancestors, "descendants": descendants} {
		_, err := read(w.s, t.Context(), w.request(delivered, ""), "none")
		if !fault.Is(err, fault.NotFound) || fault.Of(err).Details != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for params, want := range map[string]string{
		"orders=prefLabel": `The path "orders" is not recognized`, "order=name": `The path "name" is not recognized`,
		"depth=x": `The value provided for "depth" is invalid. Please provide a valid number value`, "depth=-1": `The value provided for "depth" is invalid. Please provide a value larger than or equal to 0`,
		"pageNext=x": "x used on pageNext is not a valid value for type page token.", "pageNext=e30&pagePrev=e30": "A page comes after or before another one, not both.",
		"pageNext=e30": "The token of the page belongs to another query.", "order=" + strings.Repeat("sys.id,", 51): "A query can be ordered by at most 50 properties.",
	} {
		_, err := w.s.Concepts(t.Context(), w.request(delivered, params))
		if f := fault.Of(err); f == nil || f.Kind != fault.InvalidQuery || f.Details.Errors[0].Details != want {
			t.Errorf("%s: %v, want %s", params, err, want)
		}
	}
}

// An answer is known by its ETag until the taxonomy changes, whichever space asks.
func TestTaxonomyChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	animals(w)
	w.Type("post", post)
	w.Entry("e1", "post", `{}`, "concept:poodle")
	w.Entry("e2", "post", `{}`, "concept:pet")
	w.Entry("e3", "post", `{}`)
	w.Publish(cms.KindEntry, "e1", "e2", "e3")
	other := w.at(w.Copy("other"))
	reads := map[string]func(w *world, r delivery.Request) (delivery.Answer, error){
		"concepts": func(w *world, r delivery.Request) (delivery.Answer, error) { return w.s.Concepts(t.Context(), r) },
		"concept":  func(w *world, r delivery.Request) (delivery.Answer, error) { return w.s.Concept(t.Context(), r, "cat") },
		"descendants": func(w *world, r delivery.Request) (delivery.Answer, error) {
			return w.s.Descendants(t.Context(), r, "mammal")
		},
		"entries": func(w *world, r delivery.Request) (delivery.Answer, error) {
			r.Params.Set("metadata.concepts.descendants[in]", "mammal")
			return w.s.Entries(t.Context(), r)
		},
		"a page": func(w *world, r delivery.Request) (delivery.Answer, error) {
			first := w.request(r.Stage, "metadata.concepts.descendants[in]=mammal,pet&cursor=true&limit=1&order=sys.id")
			a, err := w.s.Entries(t.Context(), first)
			if err != nil {
				return a, err
			}
			_, token, _ := strings.Cut(string(a.Body.Bytes()), "pageNext=")
			token, _, _ = strings.Cut(token, `"`)
			r.Params.Set("pageNext", token)
			return w.s.Entries(t.Context(), r)
		},
	}
	w.Concept("cat", "pet")
	for name, read := range reads {
		for _, place := range []*world{w, other} {
			before, err := read(place, place.request(delivered, ""))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			again := place.request(delivered, "")
			again.Known = func(etag string) bool { return etag == before.ETag }
			if a, err := read(place, again); err != nil || a.Body != nil {
				t.Errorf("%s: known, but answered, %v", name, err)
			}
			w.Concept("cat", "pet")
			if a, err := read(place, again); err != nil || a.Body == nil {
				t.Errorf("%s: not answered after a change, %v", name, err)
			}
		}
	}
	for params, want := range map[string]string{
		"metadata.concepts.descendants[in]=mammal": "e1", "metadata.concepts.descendants[in]=pet": "e1 e2", "metadata.concepts.descendants[in]=cat,dog": "e1",
		"metadata.concepts.descendants[in]=none": "", "metadata.concepts.sys.id[in]=pet,dog": "e2", "metadata.concepts.sys.id[all]=pet,poodle": "",
		"metadata.concepts.sys.id[nin]=pet": "e1 e3", "metadata.concepts[exists]=false": "e3",
	} {
		if got := ids(t, w.list(entries, delivered, params+"&order=sys.id")); got != want {
			t.Errorf("%s: %s, want %s", params, got, want)
		}
	}
	w.Concept("dog", "mammal")
	if got := ids(t, w.list(entries, preview, "metadata.concepts.descendants[in]=pet")); got != "e2" {
		t.Errorf("when a dog is no pet any more: %s", got)
	}
}
