package cma_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// problems is the JSON of a 422 with these elements.
func problems(id string, elements ...string) string {
	return failure(id, "Validation error", `{"errors":[`+strings.Join(elements, ",")+`]}`)
}

const (
	none      = `"metadata":{"tags":[],"concepts":[]},`
	germanIt  = `{"name":"German","code":"de","optional":true}`
	italianIt = `{"name":"Italian","code":"it","optional":true}`
)

// withGerman expects an entity in an environment of the locales en-US and de.
func (l *life) withGerman() *life {
	l.status = map[string]string{"en-US": "draft", "de": "draft"}
	return l
}

func TestEntryBody(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}})
	const one = content + "/entries/one"
	l := sc.entry("one", `{}`).withGerman()
	sc.play(
		step{name: "without a body", call: "PUT " + one, header: []string{contentOf}, status: 201, want: l.show(), check: func(t *testing.T, h http.Header) {
			if h.Get("Accept-Patch") != "application/json-patch+json" || h.Get("Location") != "" {
				t.Errorf("Accept-Patch %q, Location %q", h.Get("Accept-Patch"), h.Get("Location"))
			}
		}},
		step{name: "fields are replaced, sys is ignored", call: "PUT " + one, header: version(1), body: `{"sys":{"id":"x","version":77},"fields":{"title":{"en-US":"a","de":"b"},"body":{"en-US":"c"}}}`,
			want: l.saved(none + `"fields":{"title":{"en-US":"a","de":"b"},"body":{"en-US":"c"}}`).show()},
		step{name: "what is left out is gone", call: "PUT " + one, header: version(2), body: `{"fields":{"title":{"de":"b"}}}`, want: l.saved(none + `"fields":{"title":{"de":"b"}}`).show()},
		step{name: "a null field is none, a null value stays", call: "PUT " + one, header: version(3), body: `{"fields":{"title":{"en-US":null},"body":null}}`, want: l.saved(none + `"fields":{"title":{"en-US":null}}`).show()},
		step{name: "no locale is no field", call: "PUT " + one, header: version(4), body: `{"fields":{"title":{}}}`, want: l.saved(none + `"fields":{}`).show()},
		step{name: "null fields", call: "PUT " + one, header: version(5), body: `{"fields":null,"metadata":null}`, want: l.saved(none + `"fields":{}`).show()},
		step{name: "a null body", call: "PUT " + one, header: version(6), body: `null`, want: l.saved(none + `"fields":{}`).show()},
		step{name: "media types have parameters", call: "PUT " + one, header: append(version(7), "Content-Type: application/vnd.contentful.management.v1+json; charset=utf-8"), body: `{}`, want: l.saved(none + `"fields":{}`).show()},
		step{name: "plain JSON", call: "PUT " + one, header: append(version(8), "Content-Type: application/json;charset=UTF-8"), body: `{}`, want: l.saved(none + `"fields":{}`).show()},
		step{name: "paths with slashes too many, and without environment", call: "PUT /spaces/{s}//entries/one/", header: version(9), body: `{}`, want: l.saved(none + `"fields":{}`).show()},

		step{name: "XML", call: "PUT " + one, header: append(version(10), "Content-Type: text/xml"), body: `{}`, status: 415,
			want: failure("UnsupportedMediaType", "The content type of the request body must be application/vnd.contentful.management.v1+json or application/json.", "")},
		step{name: "no JSON", call: "PUT " + one, header: version(10), body: `{"fields"`, status: 400, want: badRequest(`Invalid JSON in request body: {"fields" (unexpected end of JSON input, at byte 9)`)},
		step{name: "an array", call: "PUT " + one, header: version(10), body: `[]`, status: 422,
			want: problems("InvalidEntry", `{"name":"type","type":"Object","path":[],"value":[],"details":"The type of \"value\" is incorrect, expected type: Object"}`)},
		step{name: "unknown members and no fields", call: "PUT " + one, header: version(10), body: `{"fields":[],"title":{"en-US":"x"},"Metadata":null}`, status: 422, want: problems("InvalidEntry",
			`{"name":"unknown","path":["Metadata"],"value":null,"details":"The property \"Metadata\" is not allowed here.","suggestions":["metadata"]}`,
			`{"name":"type","type":"Object","path":["fields"],"value":[],"details":"The type of \"fields\" is incorrect, expected type: Object"}`,
			`{"name":"unknown","path":["title"],"value":{"en-US":"x"},"details":"The property \"title\" is not allowed here."}`)},
		step{name: "unknown fields come first, all of them", call: "PUT " + one, header: version(10), body: `{"fields":{"title":{"xx":1},"nope":{"en-US":"x"},"Title":{}}}`, status: 422,
			want: failure("UnknownField", `No field with id "Title" found.`, `{"errors":[
				{"name":"unknown","path":["fields","Title"],"value":{},"details":"The property \"Title\" is not allowed here.","suggestions":["title"]},
				{"name":"unknown","path":["fields","nope"],"value":{"en-US":"x"},"details":"The property \"nope\" is not allowed here."}]}`)},
		step{name: "all other problems at once", call: "PUT " + one, header: version(10), body: `{"fields":{"title":{"en-US":1,"it":"x"},"body":{"de":"no","en-US":["x"]}},"metadata":{"tags":[1],"colour":"red"}}`, status: 422, want: problems("InvalidEntry",
			`{"name":"unknown","path":["metadata","colour"],"value":"red","details":"The property \"colour\" is not allowed here."}`,
			`{"name":"type","type":"Link","path":["metadata","tags",0],"value":1,"details":"The type of \"value\" is incorrect, expected type: Link"}`,
			`{"name":"type","type":"Symbol","path":["fields","title","en-US"],"value":1,"details":"The type of \"value\" is incorrect, expected type: Symbol"}`,
			`{"name":"unknown","path":["fields","title","it"],"value":"x","details":"The property \"it\" is not allowed here."}`,
			`{"name":"unknown","path":["fields","body","de"],"value":"no","details":"The property \"de\" is not allowed here."}`,
			`{"name":"type","type":"Text","path":["fields","body","en-US"],"value":["x"],"details":"The type of \"value\" is incorrect, expected type: Text"}`)},
		step{name: "no map of locales", call: "PUT " + one, header: version(10), body: `{"fields":{"title":"yes"}}`, status: 422,
			want: problems("InvalidEntry", `{"name":"type","type":"Object","path":["fields","title"],"value":"yes","details":"The type of \"value\" is incorrect, expected type: Object"}`)},
		step{name: "the version comes before the values", call: "PUT " + one, header: version(9), body: `{"fields":{"title":1}}`, status: 409, want: with("changed", "[]", tooOld("Entry", "one", 10, 9))},
		step{name: "nothing of all this was kept", call: "GET " + one, want: l.show()},
	)
}

func TestEntryDefaults(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(
		step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}},
		step{name: "it", call: "POST " + content + "/locales", body: italianIt, status: 201, find: map[string]string{"it": "sys.id"}},
	)
	sc.activate("post", `{"name":"Post","fields":[
		{"id":"title","name":"T","type":"Symbol","localized":true,"defaultValue":{"en-US":"Hello","de":null,"it":"Ciao"}},
		{"id":"stars","name":"S","type":"Integer","defaultValue":{"en-US":3,"de":4}},
		{"id":"tags","name":"L","type":"Array","items":{"type":"Symbol"},"defaultValue":{"en-US":["a"]}},
		{"id":"plain","name":"P","type":"Symbol"}]}`)
	all := func(id, fields string) *life {
		l := sc.entry(id, fields)
		l.status = map[string]string{"en-US": "draft", "de": "draft", "it": "draft"}
		return l
	}
	const defaults = `{"title":{"en-US":"Hello","de":null,"it":"Ciao"},"stars":{"en-US":3},"tags":{"en-US":["a"]}}`
	put := func(id, body, fields string) step {
		return step{name: id, call: "PUT " + content + "/entries/" + id, header: []string{contentOf}, body: body, status: 201, want: all(id, fields).show()}
	}
	one := all("one", defaults)
	sc.play(
		put("one", `{}`, defaults),
		put("two", `{"fields":{"title":{"de":"Hallo"},"stars":null}}`, `{"title":{"de":"Hallo"},"tags":{"en-US":["a"]}}`),
		put("three", `{"fields":{"title":{},"stars":{"en-US":null},"tags":{"en-US":[]}}}`, `{"stars":{"en-US":null}}`),
		step{name: "POST too", call: "POST " + content + "/entries", header: []string{contentOf}, body: `{"fields":{"plain":{"en-US":"x"}}}`, status: 201, find: map[string]string{"id": "sys.id"}},
		step{name: "with its defaults", call: "GET " + content + "/entries/{id}", want: strings.ReplaceAll(all("{id}", defaults).show(), `"tags":{"en-US":["a"]}`, `"tags":{"en-US":["a"]},"plain":{"en-US":"x"}`)},
		step{name: "not on update", call: "PUT " + content + "/entries/one", header: version(1), body: `{}`, want: one.saved(none + `"fields":{}`).show()},
		step{name: "de gets another code", call: "PUT " + content + "/locales/{de}", header: version(1), body: `{"code":"de-AT"}`, find: map[string]string{"x": "code"}},
		step{name: "it goes", call: "DELETE " + content + "/locales/{it}", status: 204},
	)
	l := sc.entry("four", `{"title":{"en-US":"Hello","de-AT":null},"stars":{"en-US":3},"tags":{"en-US":["a"]}}`)
	l.status = map[string]string{"en-US": "draft", "de-AT": "draft"}
	sc.play(step{name: "the defaults followed", call: "PUT " + content + "/entries/four", header: []string{contentOf}, status: 201, want: l.show()})
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	for kind, plural := range map[string]string{"Entry": "entries", "Asset": "assets"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sc := newScript(t)
			sc.post()
			id := map[string]string{"Entry": "InvalidEntry", "Asset": "ValidationFailed"}[kind]
			one := content + "/" + plural + "/one"
			tagged := func(ids ...string) string {
				for i := range ids {
					ids[i] = linkJSON("Tag", ids[i])
				}
				return `"metadata":{"tags":[` + strings.Join(ids, ",") + `],"concepts":[]}`
			}
			l := sc.born(kind, "one", tagged()+`,"fields":{}`)
			l.contentType = "post"
			found := map[string]string{"x": "name"}
			save := func(name, metadata, want string) step {
				return step{name: name, call: "PUT " + one, header: version(l.version), body: `{` + metadata + `}`, want: l.saved(want + `,"fields":{}`).show()}
			}
			no := func(name, metadata, want string) step {
				return step{name: name, call: "PUT " + one, header: version(l.version), body: `{"metadata":` + metadata + `}`, status: 422, want: want}
			}
			sc.play(
				step{name: "tag a", call: "PUT " + content + "/tags/a", body: `{"name":"A"}`, status: 201, find: found},
				step{name: "tag b", call: "PUT " + content + "/tags/b", body: `{"name":"B"}`, status: 201, find: found},
				step{name: "create", call: "PUT " + one, header: []string{contentOf}, status: 201, want: l.show()},
				save("tags in their order, once each", `"metadata":{"tags":[`+linkJSON("Tag", "b")+`,`+linkJSON("Tag", "a")+`,`+linkJSON("Tag", "b")+`]}`, tagged("b", "a")),
				save("absent keeps", `"fields":{}`, tagged("b", "a")),
			)
			sc.play(step{name: "as it is", call: "GET " + one, want: l.show()})
			sc.play(
				step{name: "concept c", call: "PUT " + concepts + "/c", body: labelled("c", ""), status: 201, find: map[string]string{"x": "sys.id"}},
				save("concepts", `"metadata":{"tags":[],"concepts":[`+linkJSON("TaxonomyConcept", "c")+`]}`, `"metadata":{"tags":[],"concepts":[`+linkJSON("TaxonomyConcept", "c")+`]}`),
				step{name: "delete it", call: "DELETE " + concepts + "/c", header: version(1), status: 204},
				save("it stays where it is", `"metadata":{"tags":[],"concepts":[`+linkJSON("TaxonomyConcept", "c")+`]}`, `"metadata":{"tags":[],"concepts":[`+linkJSON("TaxonomyConcept", "c")+`]}`),
				no("but no other", `{"tags":[],"concepts":[`+linkJSON("TaxonomyConcept", "c")+`,`+linkJSON("TaxonomyConcept", "d")+`]}`, problems("UnresolvedLinks",
					`{"name":"notResolvable","path":["metadata","concepts",1],"link":{"type":"Link","linkType":"TaxonomyConcept","id":"d"},"details":"There is no concept \"d\"."}`)),
				save("null is empty", `"metadata":null`, tagged()),
				no("nor again", `{"tags":[],"concepts":[`+linkJSON("TaxonomyConcept", "c")+`]}`, problems("UnresolvedLinks",
					`{"name":"notResolvable","path":["metadata","concepts",0],"link":{"type":"Link","linkType":"TaxonomyConcept","id":"c"},"details":"There is no concept \"c\"."}`)),
			)
			sc.play(
				no("without tags", `{}`, problems(id, `{"name":"required","path":["tags"],"details":"The property \"tags\" is required here"}`)),
				no("null tags", `{"tags":null}`, problems(id, `{"name":"type","type":"Array","path":["metadata","tags"],"value":null,"details":"The type of \"tags\" is incorrect, expected type: Array"}`)),
				no("a list", `[]`, problems(id, `{"name":"type","type":"Object","path":["metadata"],"value":[],"details":"The type of \"metadata\" is incorrect, expected type: Object"}`)),
				no("links to others", `{"tags":[`+linkJSON("Entry", "a")+`,{"sys":{"id":"a"}}]}`, problems(id,
					`{"name":"type","type":"Link","path":["metadata","tags",0],"value":`+linkJSON("Entry", "a")+`,"details":"The type of \"value\" is incorrect, expected type: Link"}`,
					`{"name":"type","type":"Link","path":["metadata","tags",1],"value":{"sys":{"id":"a"}},"details":"The type of \"value\" is incorrect, expected type: Link"}`)),
				no("unknown tags", `{"tags":[`+linkJSON("Tag", "x")+`,`+linkJSON("Tag", "a")+`,`+linkJSON("Tag", "y")+`]}`, problems("UnresolvedLinks",
					`{"name":"notResolvable","path":["metadata","tags",0],"link":{"type":"Link","linkType":"Tag","id":"x"},"details":"There is no tag \"x\"."}`,
					`{"name":"notResolvable","path":["metadata","tags",2],"link":{"type":"Link","linkType":"Tag","id":"y"},"details":"There is no tag \"y\"."}`)),
				step{name: "as it was", call: "GET " + one, want: l.show()},
			)
		})
	}
}

// TestFieldStatus looks at what sys.fieldStatus says of changes to one locale,
// to all, and to none.
func TestFieldStatus(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	const one = content + "/entries/one"
	sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}},
		step{name: "tag", call: "PUT " + content + "/tags/a", body: `{"name":"A"}`, status: 201, find: map[string]string{"x": "name"}})
	fields := `"fields":{"title":{"en-US":"<a>","de":"ä"},"body":{"en-US":"b"}}`
	l := sc.entry("one", "").withGerman()
	l.rest = none + fields
	save := func(name, body, want, enUS, de string) {
		t.Helper()
		sc.tick(time.Second)
		st := step{name: name, call: "PUT " + one, header: version(l.version), body: `{` + body + `}`}
		l.saved(want)
		l.status = map[string]string{"en-US": enUS, "de": de}
		st.want = l.show()
		sc.play(st, step{name: name + ", read", call: "GET " + one, want: l.show()}, step{name: name + ", listed", call: "GET " + content + "/entries", want: list(1, 0, 100, l.show())})
	}
	sc.play(
		step{name: "create", call: "PUT " + one, header: []string{contentOf}, body: `{` + fields + `}`, status: 201, want: l.show()},
		step{name: "publish", call: "PUT " + one + "/published", header: version(1), want: l.publish().show()},
	)
	tagged := `"metadata":{"tags":[` + linkJSON("Tag", "a") + `],"concepts":[]},`
	save("metadata alone", tagged+fields, tagged+fields, "published", "published")
	save("spelled differently", strings.NewReplacer(`<`, `\u003c`, `:`, " : ", `ä`, `\u00e4`).Replace(fields), tagged+fields, "published", "published")
	save("one locale", `"fields":{"title":{"en-US":"<a>","de":"B"},"body":{"en-US":"b"}}`, tagged+`"fields":{"title":{"en-US":"<a>","de":"B"},"body":{"en-US":"b"}}`, "published", "changed")
	save("a field that is not localized", `"fields":{"title":{"en-US":"<a>","de":"ä"}}`, tagged+`"fields":{"title":{"en-US":"<a>","de":"ä"}}`, "changed", "published")
	save("both", `"fields":{}`, tagged+`"fields":{}`, "changed", "changed")
	sc.play(step{name: "the published one", call: "GET " + content + "/public/entries", find: map[string]string{"en": "items.0.sys.fieldStatus.*.en-US", "title": "items.0.fields.title.en-US"}})
	if sc.names["en"] != "published" || sc.names["title"] != "<a>" {
		t.Errorf("public list: %s, %s", sc.names["en"], sc.names["title"])
	}
}

// TestEntryLimits looks at how much an entry can hold.
func TestEntryLimits(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const links = `"type":"Array","items":{"type":"Link","linkType":"Entry"}`
	sc.activate("post", `{"name":"Post","fields":[{"id":"a","name":"A",`+links+`},{"id":"b","name":"B",`+links+`}]}`)
	some := func(n int) string {
		return `{"en-US":[` + strings.Repeat(linkJSON("Entry", "x")+`,`, n-1) + linkJSON("Entry", "x") + `]}`
	}
	sc.make("one", `{"a":`+some(1000)+`}`)
	sc.play(
		step{name: "items of a field", call: "PUT " + content + "/entries/one", header: version(1), body: `{"fields":{"a":` + some(1001) + `}}`, status: 422,
			want: problems("InvalidEntry", `{"name":"size","path":["fields","a","en-US"],"max":1000,"details":"Size must be at most 1000"}`)},
		step{name: "links of an entry", call: "PUT " + content + "/entries/one", header: version(1), body: `{"fields":{"a":` + some(600) + `,"b":` + some(401) + `}}`, status: 422,
			want: problems("InvalidEntry", `{"name":"size","path":["fields"],"max":1000,"details":"An entry can have at most 1000 links, this one has 1001"}`)},
		step{name: "a large body", call: "PUT " + content + "/entries/one", header: version(1), body: `{"fields":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`, status: 413,
			want: failure("BodyTooLarge", "The request body is larger than 1048576 bytes.", "")},
		step{name: "a thousand links to one entry that is not there", call: "PUT " + content + "/entries/one/published", header: version(1), status: 422, find: map[string]string{"message": "message"}},
	)
}
