package cma_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	concepts = "/organizations/{org}/taxonomy/concepts"
	schemes  = "/organizations/{org}/taxonomy/concept-schemes"
)

const badQuery = "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field."

// taxonSys is the sys of a concept, made when a script begins, or of a scheme, made a
// minute later.
func taxonSys(typ, id string, version int, changed string) string {
	created := map[string]string{"TaxonomyConcept": "2026-05-01T10:00:00.123Z", "TaxonomyConceptScheme": "2026-05-01T10:01:00.123Z"}[typ]
	return fmt.Sprintf(`"sys":{"id":"%s","type":"%s","version":%d,"createdAt":"%s","updatedAt":"%s","organization":{"sys":{"type":"Link","linkType":"Organization","id":"{org}"}},
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}`, id, typ, version, created, changed)
}

// taxonLinks is the JSON of links.
func taxonLinks(typ string, ids ...string) string {
	links := make([]string, len(ids))
	for i, id := range ids {
		links[i] = linkJSON(typ, id)
	}
	return "[" + strings.Join(links, ",") + "]"
}

// concept is the JSON of a concept that has nothing but a label and relations.
func concept(id string, version int, changed string, inSchemes, broader, related []string) string {
	return `{` + taxonSys("TaxonomyConcept", id, version, changed) + `,"uri":null,"notations":[],
		"conceptSchemes":` + taxonLinks("TaxonomyConceptScheme", inSchemes...) + `,
		"broader":` + taxonLinks("TaxonomyConcept", broader...) + `,"related":` + taxonLinks("TaxonomyConcept", related...) + `,
		"prefLabel":{"en-US":"` + id + `"},"altLabels":{"en-US":[]},"hiddenLabels":{"en-US":[]},
		"note":null,"changeNote":null,"definition":null,"editorialNote":null,"example":null,"historyNote":null,"scopeNote":null}`
}

// scheme is the JSON of a concept scheme.
func scheme(id string, version int, changed string, top, all []string) string {
	return fmt.Sprintf(`{%s,"uri":null,"prefLabel":{"en-US":"%s"},"definition":null,"topConcepts":%s,"concepts":%s,"totalConcepts":%d}`,
		taxonSys("TaxonomyConceptScheme", id, version, changed), id, taxonLinks("TaxonomyConcept", top...), taxonLinks("TaxonomyConcept", all...), len(all))
}

func labelled(id, more string) string { return `{"prefLabel":{"en-US":"` + id + `"}` + more + `}` }

func broaderThan(ids ...string) string { return `,"broader":` + taxonLinks("TaxonomyConcept", ids...) }

func page(limit int, pages string, items ...string) string {
	return fmt.Sprintf(`{"sys":{"type":"Array"},"limit":%d,"items":[%s],"pages":{%s}}`, limit, strings.Join(items, ","), pages)
}

var (
	noTaxon   = failure("NotFound", notFound, "")
	patchType = "Content-Type: application/json-patch+json"
)

func TestConceptLife(t *testing.T) {
	onBoth(t, func(sc *script) {
		const ms = "2026-05-01T10:00:00.123Z"
		put := func(id, more string) step {
			return step{name: "put " + id, call: "PUT " + concepts + "/" + id, body: labelled(id, more), status: 201, find: map[string]string{"x": "sys.id"}}
		}
		full := `"uri":"https://example.com/x","notations":["A1"],"broader":` + taxonLinks("TaxonomyConcept", "a") + `,"related":[],
			"prefLabel":{"de":"Hund","en-US":"<Dog>"},"altLabels":{"de":[],"en-US":["Hound"]},"hiddenLabels":{"de":["Hunt"],"en-US":[]},"note":{"en-US":"n","de":null},
			"changeNote":{"en-US":"c"},"definition":{"en-US":"d"},"editorialNote":{},"example":{"en-US":"e"},"historyNote":{"en-US":"h"},"scopeNote":{"en-US":"s"}`
		sc.play(
			step{name: "none", call: "GET " + concepts, want: page(100, "")},
			step{name: "the least", call: "PUT " + concepts + "/a", body: labelled("a", ""), status: 201, want: concept("a", 1, ms, nil, nil, nil)},
			step{name: "as it was read", call: "GET " + concepts + "/a", want: concept("a", 1, ms, nil, nil, nil)},
			step{name: "version 0, and what comes back with what was read", call: "PUT " + concepts + "/b", header: version(0), body: labelled("b", `,"sys":{"id":"q"},"conceptSchemes":[]`+broaderThan("a", "a")), status: 201,
				want: concept("b", 1, ms, nil, []string{"a"}, nil)},
			step{name: "an id of its own", call: "POST " + concepts, body: `{` + strings.Replace(full, `"altLabels":{"de":[],`, `"altLabels":{`, 1) + `}`, status: 201, find: map[string]string{"new": "sys.id"}},
			step{name: "everything", call: "GET " + concepts + "/{new}", want: `{` + taxonSys("TaxonomyConcept", "{new}", 1, ms) + `,"conceptSchemes":[],` + full + `}`},
			step{name: "count", call: "GET " + concepts + "/total", want: `{"total":3}`},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "replace", call: "PUT " + concepts + "/{new}", header: version(1), body: `{"prefLabel":{"en-US":"{new}"},"related":` + taxonLinks("TaxonomyConcept", "b") + `}`,
				want: concept("{new}", 2, "{ms}", nil, nil, []string{"b"})},
			step{name: "put again, as to make one", call: "PUT " + concepts + "/a", body: labelled("a", ""), status: 409,
				want: failure("VersionMismatch", `TaxonomyConcept a is at version 1. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
			step{name: "patch", call: "PATCH " + concepts + "/{new}", header: append(version(2), patchType), body: `[{"op":"add","path":"/broader","value":` + taxonLinks("TaxonomyConcept", "a") + `}]`,
				want: concept("{new}", 3, "{ms}", nil, []string{"a"}, []string{"b"})},
			step{name: "a part of nothing", call: "PATCH " + concepts + "/a", header: append(version(1), patchType), body: `[{"op":"add","path":"/note/en-US","value":"x"}]`, status: 400,
				want: failure("BadRequest", `The JSON Patch cannot be applied: The value at "/note" is neither an object nor an array: add that whole, with all that it is to have.`,
					`{"errors":[{"name":"invalid","path":[0,"path"],"value":"/note/en-US","details":"The value at \"/note\" is neither an object nor an array: add that whole, with all that it is to have."}]}`)},
			step{name: "patched to what cannot be", call: "PATCH " + concepts + "/a", header: append(version(1), patchType), body: `[{"op":"remove","path":"/prefLabel"}]`, status: 422,
				want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"invalid_type","type":"string","path":["prefLabel","en-US"],"details":"Invalid input: expected string, received undefined"}]}`)},
			step{name: "patch, outdated", call: "PATCH " + concepts + "/{new}", header: append(version(2), patchType), body: `[]`, status: 409,
				want: failure("VersionMismatch", "TaxonomyConcept {new} is at version 3, the request was made for version 2. Read it again, apply your change to what you get, and retry.", "")},
			step{name: "delete, outdated", call: "DELETE " + concepts + "/{new}", header: version(2), status: 409,
				want: failure("VersionMismatch", "TaxonomyConcept {new} is at version 3, the request was made for version 2. Read it again, apply your change to what you get, and retry.", "")},
			step{name: "delete", call: "DELETE " + concepts + "/{new}", header: version(3), status: 204},
			step{name: "gone", call: "GET " + concepts + "/{new}", status: 404, want: noTaxon},
			step{name: "deleted twice", call: "DELETE " + concepts + "/{new}", header: version(3), status: 404, want: noTaxon},
			step{name: "patch what is not there", call: "PATCH " + concepts + "/{new}", header: append(version(3), patchType), body: `[]`, status: 404, want: noTaxon},
			step{name: "of another organization", call: "GET /organizations/other/taxonomy/concepts", status: 404, want: noTaxon},
			step{name: "into another organization", call: "PUT /organizations/other/taxonomy/concepts/a", body: labelled("a", ""), status: 404, want: noTaxon},
		)
		for _, id := range []string{concepts + "/a", schemes + "/none"} {
			for _, call := range []string{"PATCH ", "DELETE "} {
				sc.play(
					step{name: "no version", call: call + id, header: []string{patchType}, body: map[bool]string{true: "[]"}[call == "PATCH "], status: 422,
						want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"invalid_type","type":"number","path":["version"],"details":"Invalid input: expected number, received NaN"}]}`)},
					step{name: "version 0", call: call + id, header: append(version(0), patchType), body: map[bool]string{true: "[]"}[call == "PATCH "], status: 422,
						want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"too_small","path":["version"],"value":0,"min":1,"details":"Too small: expected number to be >0"}]}`)},
				)
			}
		}

		// a > b > c > d, a > e; b is related to e
		sc.play(put("c", broaderThan("b")), put("d", broaderThan("c")), put("e", broaderThan("a")+`,"related":`+taxonLinks("TaxonomyConcept", "b")))
		ids := func(call string, want ...string) {
			sc.t.Helper()
			w := sc.do("GET "+call, nil, "")
			var got []string
			for _, item := range decoded(sc.t, w.Body.String()).(map[string]any)["items"].([]any) {
				got = append(got, item.(map[string]any)["sys"].(map[string]any)["id"].(string))
			}
			if w.Code != http.StatusOK || strings.Join(got, " ") != strings.Join(want, " ") {
				sc.t.Errorf("%s: %d %q, want %q", call, w.Code, got, want)
			}
		}
		ids(concepts+"/a/descendants", "b", "c", "d", "e")
		ids(concepts+"/a/descendants?depth=1&order=-prefLabel", "e", "b")
		ids(concepts+"/a/descendants?depth=2", "b", "c", "e")
		ids(concepts+"/d/ancestors", "a", "b", "c")
		ids(concepts+"/d/ancestors?depth=1", "c")
		ids(concepts + "/d/descendants")
		ids(concepts+"?order=-sys.id&limit=2", "e", "d")
		ids(concepts+"?query=B", "b")
		ids(concepts+"?purpose=internal&access_token=x", "a", "b", "c", "d", "e")
		sc.play(step{name: "relatives of none", call: "GET " + concepts + "/none/ancestors", status: 404, want: noTaxon})
		w := sc.do("GET "+concepts+"?limit=2", nil, "")
		next := member(sc.t, w.Body.String(), "pages.next")
		ids(next, "c", "d")
		w = sc.do("GET "+next, nil, "")
		ids(member(sc.t, w.Body.String(), "pages.next"), "e")
		ids(member(sc.t, w.Body.String(), "pages.prev"), "a", "b")
		sc.play(step{name: "a page too long", call: "GET " + concepts + "?limit=1001", status: 400, want: failure("InvalidQuery", `The value provided for "limit" is invalid. Please provide a value between 0 and 1000`,
			`{"errors":[{"name":"value","path":["limit"],"value":"1001","details":"The value provided for \"limit\" is invalid. Please provide a value between 0 and 1000"}]}`)},
			step{name: "an order there is not", call: "GET " + concepts + "?order=sys.version", status: 400, want: failure("InvalidQuery", badQuery,
				`{"errors":[{"name":"unknown","path":["sys","version"],"parameter":"order","details":"The path \"sys.version\" is not recognized"}]}`)},
		)

		// schemes
		sc.play(
			step{name: "no schemes", call: "GET " + schemes, want: page(100, "")},
			step{name: "put", call: "PUT " + schemes + "/s1", body: labelled("s1", `,"totalConcepts":9,"topConcepts":`+taxonLinks("TaxonomyConcept", "a")+`,"concepts":`+taxonLinks("TaxonomyConcept", "a", "b", "c")), status: 201,
				want: scheme("s1", 1, "{ms}", []string{"a"}, []string{"a", "b", "c"})},
		)
		sc.play(
			step{name: "get", call: "GET " + schemes + "/s1", want: scheme("s1", 1, "{ms}", []string{"a"}, []string{"a", "b", "c"})},
			step{name: "a concept says where it is", call: "GET " + concepts + "/b", want: concept("b", 1, ms, []string{"s1"}, []string{"a"}, nil)},
			step{name: "list", call: "GET " + schemes + "?purpose=internal&query=S1", want: page(100, "", scheme("s1", 1, "{ms}", []string{"a"}, []string{"a", "b", "c"}))},
			step{name: "count", call: "GET " + schemes + "/total", want: `{"total":1}`},
		)
		ids(concepts+"?conceptScheme=s1&order=-prefLabel", "c", "b", "a")
		ids(concepts + "?conceptScheme=none")
		sc.tick(time.Minute)
		sc.play(
			step{name: "patch", call: "PATCH " + schemes + "/s1", header: append(version(1), patchType), body: `[{"op":"add","path":"/concepts/-","value":` + linkJSON("TaxonomyConcept", "d") + `}]`,
				want: scheme("s1", 2, "{ms}", []string{"a"}, []string{"a", "b", "c", "d"})},
			step{name: "an id of its own", call: "POST " + schemes, body: labelled("s2", ""), status: 201, find: map[string]string{"scheme": "sys.id"}},
			step{name: "replace", call: "PUT " + schemes + "/{scheme}", header: version(1), body: labelled("s2", `,"concepts":`+taxonLinks("TaxonomyConcept", "b")), find: map[string]string{"x": "sys.id"}},
			step{name: "in both", call: "PUT " + concepts + "/b", header: version(1), body: labelled("b", broaderThan("a")), want: concept("b", 2, "{ms}", []string{"{scheme}", "s1"}, []string{"a"}, nil)},

			// with a concept goes all that connects it to others
			step{name: "delete b", call: "DELETE " + concepts + "/b", header: version(2), status: 204},
			step{name: "c has nothing above it", call: "GET " + concepts + "/c/ancestors", want: page(100, "")},
			step{name: "s1 without it", call: "GET " + schemes + "/s1", want: scheme("s1", 3, "{ms}", []string{"a"}, []string{"a", "c", "d"})},
			step{name: "the other scheme too", call: "PATCH " + schemes + "/{scheme}", header: append(version(3), patchType), body: `[{"op":"test","path":"/concepts","value":[]}]`, find: map[string]string{"x": "sys.id"}},
			step{name: "delete a, which is on top", call: "DELETE " + concepts + "/a", header: version(1), status: 204},
			step{name: "s1 without a", call: "GET " + schemes + "/s1", want: scheme("s1", 4, "{ms}", nil, []string{"c", "d"})},
			step{name: "delete a scheme, outdated", call: "DELETE " + schemes + "/s1", header: version(1), status: 409,
				want: failure("VersionMismatch", "TaxonomyConceptScheme s1 is at version 4, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
			step{name: "delete a scheme", call: "DELETE " + schemes + "/s1", header: version(4), status: 204},
			step{name: "it is gone", call: "GET " + schemes + "/s1", status: 404, want: noTaxon},
			step{name: "deleted twice", call: "DELETE " + schemes + "/s1", header: version(4), status: 404, want: noTaxon},
			step{name: "patch what is not there", call: "PATCH " + schemes + "/s1", header: append(version(4), patchType), body: `[]`, status: 404, want: noTaxon},
		)
		ids(concepts, "c", "d", "e")
	})
}

func TestConceptRules(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	found := map[string]string{"x": "sys.id"}
	for _, c := range []string{labelled("a", ""), labelled("b", broaderThan("a")), labelled("c", broaderThan("b"))} {
		id := decoded(t, c).(map[string]any)["prefLabel"].(map[string]any)["en-US"].(string)
		sc.play(step{name: id, call: "PUT " + concepts + "/" + id, body: c, status: 201, find: found})
	}
	refused := func(name, method, path, body, message string, problems ...string) {
		t.Helper()
		sc.play(step{name: name, call: method + " " + path, header: version(1), body: body, status: 422,
			want: failure("ValidationFailed", message, `{"errors":[`+strings.Join(problems, ",")+`]}`)})
	}
	relation := func(path, text string) string {
		return `{"name":"invalid","path":[` + path + `],"details":"` + text + `"}`
	}
	absent := func(path, id string) string {
		return `{"name":"notResolvable","path":[` + path + `],"link":{"type":"Link","linkType":"TaxonomyConcept","id":"` + id + `"},"details":"Failed to find concept: ` + id + `"}`
	}
	const itself, both = "Concept can't reference itself", "Concept can't be related and broader at the same time."
	const invalid = "Validation error"
	refused("itself", "PUT", concepts+"/a", labelled("a", broaderThan("a")), itself, relation(`"broader",0`, itself))
	refused("related to itself", "PUT", concepts+"/new", labelled("a", `,"related":`+taxonLinks("TaxonomyConcept", "new")), itself, relation(`"related",0`, itself))
	refused("nobody", "PUT", concepts+"/a", labelled("a", broaderThan("x")+`,"related":`+taxonLinks("TaxonomyConcept", "b", "y")), "Failed to find concept: x", absent(`"broader",0`, "x"), absent(`"related",1`, "y"))
	refused("both", "PUT", concepts+"/c", labelled("c", broaderThan("a")+`,"related":`+taxonLinks("TaxonomyConcept", "a")), both, relation(`"related",0`, both))
	circle := `Concept can't be broader than itself: "b" is narrower than it already.`
	refused("a circle", "PUT", concepts+"/a", labelled("a", broaderThan("c")), circle, relation(`"broader"`, strings.ReplaceAll(circle, `"`, `\"`)))
	refused("no scheme of nobody", "PUT", schemes+"/s", labelled("s", `,"concepts":`+taxonLinks("TaxonomyConcept", "a", "x")+`,"topConcepts":`+taxonLinks("TaxonomyConcept", "b")), "Failed to find concept: x",
		absent(`"concepts",1`, "x"), relation(`"topConcepts",0`, "Top concepts must be in scheme."))
	refused("top without being in", "POST", schemes, labelled("s", `,"topConcepts":`+taxonLinks("TaxonomyConcept", "a")), "Top concepts must be in scheme.", relation(`"topConcepts",0`, "Top concepts must be in scheme."))

	noLabel := `{"name":"invalid_type","type":"string","path":["prefLabel","en-US"],"details":"Invalid input: expected string, received undefined"}`
	wrong := func(property, typ, value, path string) string {
		return `{"name":"type","type":"` + typ + `","value":` + value + `,"path":[` + path + `],"details":"The type of \"` + property + `\" is incorrect, expected type: ` + typ + `"}`
	}
	refused("no body", "PUT", concepts+"/new", ``, invalid, noLabel)
	refused("a list", "PUT", schemes+"/new", `[]`, invalid, wrong("value", "Object", "[]", ""), noLabel)
	refused("another language alone", "POST", concepts, `{"prefLabel":{"de":"Hund"}}`, invalid, noLabel)
	refused("all kinds of types", "POST", concepts, `{"uri":1,"notations":[1,"a",null],"broader":null,"related":[{"sys":{"type":"Link","linkType":"Entry","id":"a"}}],"prefLabel":{"en-US":"","de":1,"x":"y"},
			"altLabels":{"en-US":"a"},"hiddenLabels":[],"note":"n","definition":{"en-US":1},"topConcepts":[]}`, invalid,
		wrong("en-US", "Array", `"a"`, `"altLabels","en-US"`), wrong("broader", "Array", "null", `"broader"`), wrong("en-US", "String", "1", `"definition","en-US"`), wrong("hiddenLabels", "Object", "[]", `"hiddenLabels"`),
		wrong("value", "String", "1", `"notations",0`), wrong("value", "String", "null", `"notations",2`), wrong("note", "Object", `"n"`, `"note"`),
		wrong("de", "String", "1", `"prefLabel","de"`), `{"name":"blank","path":["prefLabel","en-US"],"details":"\"en-US\" must not be blank"}`,
		`{"name":"invalid","path":["prefLabel","x"],"value":"x","details":"A locale's code has 2 to 11 letters, digits and hyphens."}`,
		wrong("value", "Link", linkJSON("Entry", "a"), `"related",0`),
		`{"name":"unknown","path":["topConcepts"],"value":[],"details":"The property \"topConcepts\" is not allowed here."}`,
		wrong("uri", "String", "1", `"uri"`))

	// what is checked is bounded
	above := "c"
	for i := range 98 {
		id := fmt.Sprint("d", i)
		sc.play(step{name: id, call: "PUT " + concepts + "/" + id, body: labelled(id, broaderThan(above)), status: 201, find: found})
		above = id
	}
	sc.play(step{name: "on top", call: "PUT " + concepts + "/top", body: labelled("top", ""), status: 201, find: found},
		step{name: "a hundred levels", call: "PUT " + concepts + "/top", header: version(1), body: labelled("top", broaderThan("d96")), find: found},
		step{name: "and more", call: "PUT " + concepts + "/top", header: version(2), body: labelled("top", broaderThan("d97")), status: 422,
			want: failure("ValidationFailed", "A concept can have at most 100 levels of broader ones above it.", `{"errors":[{"name":"size","path":["broader"],"max":100,"details":"A concept can have at most 100 levels of broader ones above it."}]}`)},
	)
}

// Concepts that are written at the same time do not come to stand above each other,
// and what is deleted at the same time is named by none.
func TestConceptsTogether(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	found := map[string]string{"x": "sys.id"}
	for round := range 10 {
		a, b, d := fmt.Sprint("a", round), fmt.Sprint("b", round), fmt.Sprint("d", round)
		sc.play(step{name: "a", call: "PUT " + concepts + "/" + a, body: labelled(a, ""), status: 201, find: found},
			step{name: "b", call: "PUT " + concepts + "/" + b, body: labelled(b, ""), status: 201, find: found},
			step{name: "d", call: "PUT " + concepts + "/" + d, body: labelled(d, ""), status: 201, find: found})
		codes := make(chan int, 2)
		for _, pair := range [][2]string{{a, b}, {b, a}} {
			go func() {
				codes <- sc.do("PUT "+concepts+"/"+pair[0], version(1), labelled(pair[0], broaderThan(pair[1]))).Code
			}()
		}
		if got := <-codes + <-codes; got != 200+422 {
			t.Fatalf("round %d: both together %d", round, got)
		}
		w := sc.do("GET "+concepts+"/"+a, nil, "")
		v := versionOf(t, w.Body.String())
		replaced := make(chan int)
		go func() { codes <- sc.do("DELETE "+concepts+"/"+a, version(v), "").Code }()
		go func() { replaced <- sc.do("PUT "+deprecatedPath+d+"/deprecated", version(1), replacedBy(a)).Code }()
		c := sc.do("POST "+concepts, nil, labelled("c", broaderThan(a)))
		if code := <-codes; code != http.StatusNoContent || c.Code != 201 && c.Code != 422 {
			t.Fatalf("round %d: %d, %d", round, code, c.Code)
		}
		if code := <-replaced; code != http.StatusOK && code != http.StatusUnprocessableEntity {
			t.Fatalf("round %d: replaced by what is deleted: %d", round, code)
		}
		if w := sc.do("GET "+concepts, nil, ""); strings.Contains(w.Body.String(), linkJSON("TaxonomyConcept", a)) {
			t.Fatalf("round %d: a deleted concept is named: %s", round, w.Body)
		}
	}
}

// What a content type's taxonomy lets in and wants is checked when entries are
// published, with the concepts there are then.
func TestTaxonomyOfContentTypes(t *testing.T) {
	onBoth(t, func(sc *script) {
		found := map[string]string{"x": "sys.id"}
		for _, c := range [][2]string{{"animal", ""}, {"dog", broaderThan("animal")}, {"poodle", broaderThan("dog")}, {"red", ""}, {"blue", ""}} {
			sc.play(step{name: c[0], call: "PUT " + concepts + "/" + c[0], body: labelled(c[0], c[1]), status: 201, find: found})
		}
		rule := func(kind, id string, required bool) string {
			return fmt.Sprintf(`{"sys":{"type":"Link","linkType":"%s","id":"%s"},"required":%v}`, kind, id, required)
		}
		v := 0
		model := func(rules ...string) {
			sc.t.Helper()
			put := step{name: "type", call: "PUT " + content + "/content_types/pet", header: version(v), find: found,
				body: `{"name":"Pet","fields":[{"id":"next","name":"Next","type":"Link","linkType":"Entry"}],"metadata":{"taxonomy":[` + strings.Join(rules, ",") + `]}}`}
			if v == 0 {
				put.status = 201
			}
			sc.play(put, step{name: "activate", call: "PUT " + content + "/content_types/pet/published", header: version(v + 1), find: found})
			v += 2
		}
		n := 0
		publish := func(status int, want, fields string, ids ...string) {
			sc.t.Helper()
			n++
			id := fmt.Sprint("e", n)
			sc.play(step{name: "save", call: "PUT " + content + "/entries/" + id, header: []string{"X-Contentful-Content-Type: pet"}, status: 201, find: found,
				body: `{"metadata":{"tags":[],"concepts":` + taxonLinks("TaxonomyConcept", ids...) + `},"fields":{` + fields + `}}`})
			blockers := step{name: "what keeps it", call: "GET " + content + "/_typecase/publish_blockers?entry=" + id, find: map[string]string{"x": "items.0.error.details.errors.0.name"}}
			publish := step{name: strings.Join(ids, " "), call: "PUT " + content + "/entries/" + id + "/published", header: version(1), status: status, want: want}
			if status == 200 {
				publish.find = found
				sc.play(publish)
				return
			}
			sc.play(blockers, publish)
		}
		no := func(i int, id string) string {
			return fmt.Sprintf(`{"name":"unexpected","path":["metadata","concepts",%d],"link":{"type":"Link","linkType":"TaxonomyConcept","id":"%s"},"details":"The content type does not let entries have the concept \"%[2]s\"."}`, i, id)
		}
		needs := func(text string) string {
			return `{"name":"required","path":["metadata","concepts"],"details":"` + strings.ReplaceAll(text, `"`, `\"`) + `"}`
		}
		dead := `"next":{"en-US":` + linkJSON("Entry", "nowhere") + `}`

		model()
		publish(200, "", "", "red", "poodle")
		model(rule("TaxonomyConcept", "animal", false))
		publish(200, "", "")
		publish(200, "", "", "poodle", "animal")
		publish(422, problems("InvalidEntry", no(1, "red"), no(2, "blue")), dead, "dog", "red", "blue")
		model(rule("TaxonomyConcept", "dog", true), rule("TaxonomyConceptScheme", "colors", true))
		publish(422, problems("InvalidEntry", no(0, "animal"), no(1, "red"), needs(`The concept "dog", or one below it, is required here`), needs(`A concept of the scheme "colors" is required here`)), "", "animal", "red")
		sc.play(step{name: "scheme", call: "PUT " + schemes + "/colors", body: labelled("colors", `,"concepts":`+taxonLinks("TaxonomyConcept", "red")), status: 201, find: found})
		publish(422, problems("InvalidEntry", needs(`The concept "dog", or one below it, is required here`)), "", "red")
		publish(200, "", "", "red", "poodle")
		sc.play(step{name: "a poodle is no dog any more", call: "PUT " + concepts + "/poodle", header: version(1), body: labelled("poodle", ""), find: found})
		publish(422, problems("InvalidEntry", no(1, "poodle"), needs(`The concept "dog", or one below it, is required here`)), "", "red", "poodle")
	})
}
