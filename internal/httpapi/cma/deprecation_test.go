package cma_test

import (
	"strings"
	"testing"
	"time"
)

// deprecatedPath is where concepts are deprecated.
const deprecatedPath = "/organizations/{org}/_typecase/taxonomy/concepts/"

// deprecatedConcept is the JSON of a concept with this in its sys.
func deprecatedConcept(of, at, replacedBy string) string {
	more := `"deprecatedAt":"` + at + `","deprecatedBy":` + linkJSON("User", "{user}")
	if replacedBy != "" {
		more += `,"replacedBy":` + linkJSON("TaxonomyConcept", replacedBy)
	}
	return strings.Replace(of, `"sys":{`, `"sys":{`+more+",", 1)
}

func replacedBy(id string) string {
	return `{"replacedBy":` + linkJSON("TaxonomyConcept", id) + `}`
}

func TestDeprecation(t *testing.T) {
	onBoth(t, func(sc *script) {
		const ms, at, later = "2026-05-01T10:00:00.123Z", "2026-05-01T10:01:00.123Z", "2026-05-01T10:02:00.123Z"
		found := map[string]string{"x": "sys.id"}
		for _, c := range [][2]string{{"old", ""}, {"new", ""}, {"newer", ""}, {"below", broaderThan("old")}} {
			sc.play(step{name: c[0], call: "PUT " + concepts + "/" + c[0], body: labelled(c[0], c[1]), status: 201, find: found})
		}
		plain := func(id string, version int, changed string) string {
			return concept(id, version, changed, nil, nil, nil)
		}
		sc.tick(time.Minute)
		sc.play(
			step{name: "deprecate", call: "PUT " + deprecatedPath + "old/deprecated", header: version(1), want: deprecatedConcept(plain("old", 2, at), at, "")},
			step{name: "as it is read", call: "GET " + concepts + "/old", want: deprecatedConcept(plain("old", 2, at), at, "")},
			step{name: "the list", call: "GET " + concepts + "?query=old", want: page(100, "", deprecatedConcept(plain("old", 2, at), at, ""))},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "say what replaces it", call: "PUT " + deprecatedPath + "old/deprecated", header: version(2), body: replacedBy("new"), want: deprecatedConcept(plain("old", 3, later), at, "new")},
			step{name: "what is sent back keeps it", call: "PUT " + concepts + "/old", header: version(3), body: labelled("old", `,"sys":{"deprecatedAt":"2000-01-01T00:00:00.000Z"}`), want: deprecatedConcept(plain("old", 4, later), at, "new")},
			step{name: "and a patch", call: "PATCH " + concepts + "/old", header: append(version(4), patchType), body: `[{"op":"add","path":"/notations/-","value":"n"},{"op":"remove","path":"/notations/0"}]`, want: deprecatedConcept(plain("old", 5, later), at, "new")},
			step{name: "take it back", call: "DELETE " + deprecatedPath + "old/deprecated", header: version(5), want: plain("old", 6, later)},
			step{name: "twice", call: "DELETE " + deprecatedPath + "old/deprecated", header: version(6), status: 400, want: failure("BadRequest", "Not deprecated", "")},
			step{name: "nothing in the body", call: "PUT " + deprecatedPath + "old/deprecated", header: version(6), body: `{}`, want: deprecatedConcept(plain("old", 7, later), later, "")},
			step{name: "replaced", call: "PUT " + deprecatedPath + "old/deprecated", header: version(7), body: replacedBy("new"), want: deprecatedConcept(plain("old", 8, later), later, "new")},
			step{name: "what replaces it can be deprecated too", call: "PUT " + deprecatedPath + "new/deprecated", header: version(1), body: replacedBy("newer"), want: deprecatedConcept(plain("new", 2, later), later, "newer")},
			step{name: "it stays what is said", call: "GET " + concepts + "/old", want: deprecatedConcept(plain("old", 8, later), later, "new")},
			step{name: "concepts may name it", call: "PUT " + concepts + "/below", header: version(1), body: labelled("below", broaderThan("old")+`,"related":`+taxonLinks("TaxonomyConcept", "new")), want: concept("below", 2, later, nil, []string{"old"}, []string{"new"})},
			step{name: "schemes too", call: "PUT " + schemes + "/s", body: labelled("s", `,"concepts":`+taxonLinks("TaxonomyConcept", "old")), status: 201, find: found},
			step{name: "delete what replaces it", call: "DELETE " + concepts + "/new", header: version(2), status: 204},
			step{name: "nothing does any more", call: "GET " + concepts + "/old", want: deprecatedConcept(concept("old", 9, later, []string{"s"}, nil, nil), later, "")},
			step{name: "of another organization", call: "PUT /organizations/other/_typecase/taxonomy/concepts/old/deprecated", header: version(1), status: 404, want: noTaxon},
		)
	})
}

func TestDeprecationRules(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	found := map[string]string{"x": "sys.id"}
	for _, id := range []string{"old", "gone", "lantern"} {
		sc.play(step{name: id, call: "PUT " + concepts + "/" + id, body: labelled(id, ""), status: 201, find: found})
	}
	sc.play(step{name: "deprecate", call: "PUT " + deprecatedPath + "gone/deprecated", header: version(1), body: replacedBy("lantern"), find: found})
	refused := func(name, method, id string, header []string, body, message, problem string) {
		t.Helper()
		sc.play(step{name: name, call: method + " " + deprecatedPath + id + "/deprecated", header: header, body: body, status: 422,
			want: failure("ValidationFailed", message, `{"errors":[`+problem+`]}`)})
	}
	const invalid = "Validation error"
	for _, method := range []string{"PUT", "DELETE"} {
		refused("no version", method, "old", nil, "", invalid, `{"name":"invalid_type","type":"number","path":["version"],"details":"Invalid input: expected number, received NaN"}`)
		refused("version 0", method, "old", version(0), "", invalid, `{"name":"too_small","path":["version"],"value":0,"min":1,"details":"Too small: expected number to be >0"}`)
		sc.play(
			step{name: "outdated", call: method + " " + deprecatedPath + "old/deprecated", header: version(9), status: 409,
				want: failure("VersionMismatch", "TaxonomyConcept old is at version 1, the request was made for version 9. Read it again, apply your change to what you get, and retry.", "")},
			step{name: "none", call: method + " " + deprecatedPath + "none/deprecated", header: version(1), status: 404, want: noTaxon},
		)
	}
	refused("a list", "PUT", "old", version(1), "[]", invalid, `{"name":"type","type":"Object","value":[],"path":[],"details":"The type of \"value\" is incorrect, expected type: Object"}`)
	refused("something else", "PUT", "old", version(1), `{"at":1}`, invalid, `{"name":"unknown","path":["at"],"value":1,"details":"The property \"at\" is not allowed here."}`)
	refused("no link", "PUT", "old", version(1), `{"replacedBy":"lantern"}`, invalid, `{"name":"type","type":"Link","value":"lantern","path":["replacedBy"],"details":"The type of \"replacedBy\" is incorrect, expected type: Link"}`)
	refused("itself", "PUT", "old", version(1), replacedBy("old"), "Concept can't reference itself", `{"name":"invalid","path":["replacedBy"],"details":"Concept can't reference itself"}`)
	refused("one that is not there", "PUT", "old", version(1), replacedBy("lantren"), "Failed to find concept: lantren",
		`{"name":"notResolvable","path":["replacedBy"],"link":{"type":"Link","linkType":"TaxonomyConcept","id":"lantren"},"details":"Failed to find concept: lantren.","suggestions":["lantern"]}`)
	refused("one that is deprecated", "PUT", "old", version(1), replacedBy("gone"), `The concept "gone" is deprecated. Use "lantern" instead.`,
		`{"name":"deprecated","path":["replacedBy"],"value":"gone","details":"The concept \"gone\" is deprecated. Use \"lantern\" instead.","suggestions":["lantern"]}`)
}

// What has a deprecated concept keeps it and is published; nothing else gets it.
func TestDeprecatedConceptsOfContent(t *testing.T) {
	onBoth(t, func(sc *script) {
		found := map[string]string{"x": "sys.id"}
		with := func(ids ...string) string {
			return `{"metadata":{"tags":[],"concepts":` + taxonLinks("TaxonomyConcept", ids...) + `},"fields":{}}`
		}
		ofType := []string{"X-Contentful-Content-Type: pet"}
		for _, id := range []string{"old", "bare", "new"} {
			sc.play(step{name: id, call: "PUT " + concepts + "/" + id, body: labelled(id, ""), status: 201, find: found})
		}
		sc.play(
			step{name: "type", call: "PUT " + content + "/content_types/pet", header: version(0), body: `{"name":"Pet","fields":[]}`, status: 201, find: found},
			step{name: "activate", call: "PUT " + content + "/content_types/pet/published", header: version(1), find: found},
			step{name: "has it", call: "PUT " + content + "/entries/has", header: ofType, body: with("old"), status: 201, find: found},
			step{name: "has not", call: "PUT " + content + "/entries/has-not", header: ofType, body: with(), status: 201, find: found},
			step{name: "an asset", call: "PUT " + content + "/assets/has", header: version(0), body: with("old"), status: 201, find: found},
			step{name: "deprecate", call: "PUT " + deprecatedPath + "old/deprecated", header: version(1), body: replacedBy("new"), find: found},
			step{name: "and without another one", call: "PUT " + deprecatedPath + "bare/deprecated", header: version(1), find: found},
			step{name: "kept", call: "PUT " + content + "/entries/has", header: version(1), body: with("old", "new"), find: found},
			step{name: "published", call: "PUT " + content + "/entries/has/published", header: version(2), find: found},
			step{name: "kept by an asset", call: "PUT " + content + "/assets/has", header: version(1), body: with("old"), find: found},
		)
		old := `{"name":"deprecated","path":["metadata","concepts",%],"value":"old","details":"The concept \"old\" is deprecated. Use \"new\" instead.","suggestions":["new"]}`
		bare := `{"name":"deprecated","path":["metadata","concepts",%],"value":"bare","details":"The concept \"bare\" is deprecated."}`
		refused := func(call string, header []string, body, kind string, errors ...string) {
			sc.t.Helper()
			sc.play(step{name: call, call: call, header: header, body: body, status: 422, want: problems(kind, errors...)})
		}
		place := func(problem, i string) string { return strings.Replace(problem, "%", i, 1) }
		refused("POST "+content+"/entries", ofType, with("new", "old", "bare"), "InvalidEntry", place(old, "1"), place(bare, "2"))
		refused("PUT "+content+"/entries/has-not", version(1), with("old"), "InvalidEntry", place(old, "0"))
		refused("PATCH "+content+"/entries/has-not", append(version(1), patchType), `[{"op":"add","path":"/metadata/concepts/-","value":`+linkJSON("TaxonomyConcept", "bare")+`}]`, "InvalidEntry", place(bare, "0"))
		refused("PUT "+content+"/assets/has", version(2), with("old", "bare"), "ValidationFailed", place(bare, "1"))
		refused("PUT "+content+"/entries/has", version(3), with("old", "bare"), "InvalidEntry", place(bare, "1"))
		sc.play(
			step{name: "those that are missing come first", call: "POST " + content + "/entries", header: ofType, body: with("old", "none"), status: 422,
				want: problems("UnresolvedLinks", `{"name":"notResolvable","path":["metadata","concepts",1],"link":{"type":"Link","linkType":"TaxonomyConcept","id":"none"},"details":"There is no concept \"none\"."}`)},
			step{name: "a release", call: "POST " + content + "/releases", body: `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"Soon","entities":{"sys":{"type":"Array"},"items":[]}}`, status: 201, find: map[string]string{"release": "sys.id"}},
		)
		refused("PUT "+content+"/releases/{release}/entries/has-not", version(1), with("old"), "InvalidEntry", place(old, "0"))
		sc.play(
			step{name: "kept in a release", call: "PUT " + content + "/releases/{release}/entries/has", header: version(3), body: with("old"), status: 201, find: found},
			step{name: "into the trash", call: "DELETE " + content + "/assets/has", status: 204},
			step{name: "the trash", call: "GET " + content + "/_typecase/trash", find: map[string]string{"trash": "items.0.sys.id"}},
			step{name: "and out of it", call: "POST " + content + "/_typecase/trash/{trash}/restore", find: map[string]string{"kept": "metadata.concepts.0.sys.id"}},
			step{name: "it is still that", call: "GET " + concepts + "/{kept}", want: deprecatedConcept(concept("old", 2, "2026-05-01T10:00:00.123Z", nil, nil, nil), "2026-05-01T10:00:00.123Z", "new")},
			step{name: "taken back", call: "DELETE " + deprecatedPath + "bare/deprecated", header: version(2), find: found},
			step{name: "it can be given", call: "PUT " + content + "/entries/has-not", header: version(1), body: with("bare"), find: found},
		)
	})
}
