package cma_test

import (
	"strings"
	"testing"
	"time"
)

// typed is what of a content type comes beside sys.
func typed(display, fields string) string {
	return `"name":"Post","description":null,"displayField":` + display + `,"fields":[` + fields + `]`
}

// symbol is a Symbol field as the API shows it.
func symbol(id, more string) string {
	f := `{"id":"` + id + `","name":"F","type":"Symbol","localized":false,"required":false,"validations":[],"disabled":false,"omitted":false}`
	if more != "" {
		f = strings.Replace(f, `"omitted":false`, more, 1)
	}
	return f
}

const postType = content + "/content_types/post"

func TestContentTypeLife(t *testing.T) {
	onBoth(t, func(sc *script) {
		one := `"name":"Post","fields":[{"id":"a","name":"F","type":"Symbol"}]`
		l := sc.born("ContentType", "post", typed("null", symbol("a", "")))
		sc.play(
			step{name: "create, with sys", call: "PUT " + postType, body: `{"sys":{"id":"x"},` + one + `}`, status: 201, want: l.show()},
			step{name: "not public", call: "GET " + content + "/public/content_types/post", status: 404, want: lacking("ContentType", "post")},
			step{name: "nor in the list", call: "GET " + content + "/public/content_types", want: list(0, 0, 100)},
			step{name: "no entries of it", call: "PUT " + content + "/entries/one", header: []string{contentOf}, status: 400, want: badRequest(noSuchType)},
			step{name: "not active", call: "DELETE " + postType + "/published", status: 400, want: badRequest("Not published")},
		)
		sc.tick(time.Second)
		sc.play(step{name: "activate", call: "PUT " + postType + "/published", header: version(1), want: l.publish().show()})
		active := *l
		sc.tick(time.Second)
		sc.play(
			step{name: "save", call: "PUT " + postType, header: version(2), body: `{"name":"Post","displayField":"b","fields":[{"id":"b","name":"F","type":"Symbol"},{"id":"a","name":"F","type":"Symbol","apiName":"a"}]}`,
				want: l.saved(typed(`"b"`, symbol("b", "")+","+symbol("a", ""))).show()},
			step{name: "get", call: "GET " + postType, want: l.show()},
			step{name: "list", call: "GET " + content + "/content_types?order=name", want: list(1, 0, 100, l.show())},
			step{name: "list of parts", call: "GET " + content + "/content_types?select[0]=sys.id&select[1]=name,displayField", want: list(1, 0, 100, `{"sys":{"id":"post"},"name":"Post","displayField":"b"}`)},
		)
		// the activated version, with the sys of now
		public := *l
		public.rest = active.rest
		sc.play(
			step{name: "the public one", call: "GET " + content + "/public/content_types/post", want: public.show()},
			step{name: "the public list", call: "GET " + content + "/public/content_types", want: list(1, 0, 100, public.show())},
			step{name: "the new field is not active", call: "PUT " + content + "/entries/one", header: []string{contentOf}, body: `{"fields":{"b":{"en-US":"x"}}}`, status: 422,
				want: failure("UnknownField", `No field with id "b" found.`, `{"errors":[{"name":"unknown","path":["fields","b"],"value":{"en-US":"x"},"details":"The property \"b\" is not allowed here."}]}`)},
			step{name: "activate", call: "PUT " + postType + "/published", header: version(3), want: l.publish().show()},
			step{name: "activate the same", call: "PUT " + postType + "/published", header: version(4), want: l.publish().show()},
			step{name: "an entry", call: "PUT " + content + "/entries/one", header: []string{contentOf}, body: `{"fields":{"b":{"en-US":"x"}}}`, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "archived", call: "PUT " + content + "/entries/one/archived", find: map[string]string{"x": "sys.id"}},
			step{name: "no deleting", call: "DELETE " + postType, status: 400, want: badRequest("Cannot delete published")},
			step{name: "no deactivating", call: "DELETE " + postType + "/published", status: 400, want: badRequest("Content Type has entries")},
			step{name: "delete the entry", call: "DELETE " + content + "/entries/one", status: 204},
			step{name: "deactivate", call: "DELETE " + postType + "/published", want: l.unpublish().show()},
			step{name: "twice", call: "DELETE " + postType + "/published", status: 400, want: badRequest("Not published")},
			step{name: "no entries of it any more", call: "PUT " + content + "/entries/one", header: []string{contentOf}, status: 400, want: badRequest(noSuchType)},
			step{name: "no editor interface", call: "GET " + postType + "/editor_interface", status: 404, want: lacking("EditorInterface", "post")},
			step{name: "inactive fields are free", call: "PUT " + postType, header: version(6), body: `{"name":"Post","fields":[{"id":"a","name":"F","type":"Symbol","omitted":true}]}`,
				want: l.saved(typed("null", symbol("a", `"omitted":true`))).show()},
			step{name: "delete", call: "DELETE " + postType, status: 204},
			step{name: "gone", call: "GET " + postType, status: 404, want: lacking("ContentType", "post")},
		)
	})
}

func TestContentTypeRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	no := func(name, body string, elements ...string) {
		t.Helper()
		sc.play(step{name: name, call: "PUT " + postType, header: version(2), body: body, status: 422, want: problems("ValidationFailed", elements...)})
	}
	noName := `{"name":"required","path":["name"],"details":"The property \"name\" is required here"}`
	for _, empty := range []string{"", "null", "{}"} {
		sc.play(step{name: "empty: " + empty, call: "PUT " + postType, body: empty, status: 422, want: problems("ValidationFailed", noName)},
			step{name: "POST, empty: " + empty, call: "POST " + content + "/content_types", body: empty, status: 422, want: problems("ValidationFailed", noName)})
	}
	sc.activate("post", `{"name":"Post","fields":[{"id":"a","name":"F","type":"Symbol"},{"id":"b","name":"F","type":"Link","linkType":"Entry"}]}`)
	no("no object", `[]`, `{"name":"type","type":"Object","path":[],"value":[],"details":"The type of \"value\" is incorrect, expected type: Object"}`)
	no("all at once, before the version", `{"colour":1,"displayField":"nope","fields":[{"id":"1","name":"F","type":"Symbol"},{"id":"b","type":"Word","name":"F","newid":1},{"id":"b","name":"F","type":"Text"}],"metadata":{}}`,
		`{"name":"unknown","path":["colour"],"value":1,"details":"The property \"colour\" is not allowed here."}`,
		noName,
		`{"name":"regexp","path":["fields",0,"id"],"value":"1","pattern":"^[a-zA-Z][a-zA-Z0-9_]{0,63}$","details":"Does not match /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/"}`,
		`{"name":"unknown","path":["fields",1,"newid"],"value":1,"details":"The property \"newid\" is not allowed here.","suggestions":["newId"]}`,
		`{"name":"in","path":["fields",1,"type"],"value":"Word","expected":["Array","Boolean","Date","Integer","Link","Location","Number","Object","ResourceLink","RichText","Symbol","Text"],"details":"Value must be one of expected values"}`,
		`{"name":"uniqueFieldIds","path":["fields"],"value":"b","details":"More than one field has the id \"b\""}`,
		`{"name":"required","path":["metadata","annotations"],"details":"The property \"annotations\" is required here"}`,
		`{"name":"required","path":["metadata","taxonomy"],"details":"The property \"taxonomy\" is required here"}`,
		`{"name":"in","path":["displayField"],"value":"nope","expected":["1","b"],"details":"Value must be one of expected values"}`)
	sc.play(
		step{name: "the schema comes before the version", call: "PUT " + postType, header: version(1), body: `{}`, status: 422, want: problems("ValidationFailed", noName)},
		step{name: "the version before the rules of content", call: "PUT " + postType, header: version(1), body: `{"name":"Post"}`, status: 409, want: tooOld("ContentType", "post", 2, 1)},
		step{name: "a field that is not omitted", call: "PUT " + postType, header: version(2), body: `{"name":"Post"}`, status: 400,
			want: with("fields", `["a","b"]`, badRequest("You need to omit a field before deleting it"))},
		step{name: "by deleted", call: "PUT " + postType, header: version(2), body: `{"name":"Post","fields":[{"id":"a","name":"F","type":"Symbol","omitted":true,"deleted":true},{"id":"b","name":"F","type":"Link","linkType":"Entry"}]}`, status: 400,
			want: with("fields", `["a"]`, badRequest("You need to omit a field before deleting it"))},
		step{name: "another type", call: "PUT " + postType, header: version(2), body: `{"name":"Post","fields":[{"id":"a","name":"F","type":"Text"},{"id":"b","name":"F","type":"Link","linkType":"Entry"}]}`, status: 400,
			want: with("fields", `["a"]`, badRequest("Previously published fields are invalid"))},
		step{name: "another link type", call: "PUT " + postType, header: version(2), body: `{"name":"Post","fields":[{"id":"a","name":"F","type":"Symbol"},{"id":"b","name":"F","type":"Link","linkType":"Asset"}]}`, status: 400,
			want: with("fields", `["b"]`, badRequest("Previously published fields are invalid"))},
	)
}

// TestFieldRename renames a field: values follow without a write, once the
// rename is activated.
func TestFieldRename(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"a","name":"F","type":"Symbol"},{"id":"b","name":"F","type":"Symbol"}]}`)
		const one = content + "/entries/one"
		l := sc.entry("one", `{"a":{"en-US":"1"},"b":{"en-US":"2"}}`)
		sc.play(
			step{name: "an entry", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"a":{"en-US":"1"},"b":{"en-US":"2"}}}`, status: 201, want: l.show()},
			step{name: "publish", call: "PUT " + one + "/published", header: version(1), want: l.publish().show()},
		)
		ct := sc.born("ContentType", "post", typed("null", symbol("a", "")+","+symbol("b", ""))).publish()
		sc.tick(time.Second)
		sc.play(
			step{name: "swap their names", call: "PUT " + postType, header: version(2), body: `{"name":"Post","displayField":"a","fields":[{"id":"a","newId":"b","name":"F","type":"Symbol"},{"id":"b","newId":"a","name":"F","type":"Symbol"}]}`,
				want: ct.saved(typed(`"b"`, symbol("b", "")+","+symbol("a", ""))).show()},
			step{name: "not yet", call: "GET " + one, want: l.show()},
			step{name: "activate", call: "PUT " + postType + "/published", header: version(3), want: ct.publish().show()},
		)
		l.rest = none + `"fields":{"b":{"en-US":"1"},"a":{"en-US":"2"}}`
		sc.play(
			step{name: "the values followed", call: "GET " + one, want: l.show()},
			step{name: "in lists too", call: "GET " + content + "/entries?content_type=post&fields.b=1", want: list(1, 0, 100, l.show())},
			step{name: "and in public ones", call: "GET " + content + "/public/entries?content_type=post&fields.a[match]=2", want: list(1, 0, 100, l.show())},
			step{name: "not by the old name", call: "GET " + content + "/entries?content_type=post&fields.a=1", want: list(0, 0, 100)},
		)
	})
}

// TestFieldRemoval removes a field step by step; its values are gone for good.
func TestFieldRemoval(t *testing.T) {
	onBoth(t, func(sc *script) {
		both := `{"name":"Post","fields":[{"id":"a","name":"F","type":"Symbol","required":true},{"id":"b","name":"F","type":"Symbol"}]}`
		sc.activate("post", both)
		const one = content + "/entries/one"
		l := sc.entry("one", `{"a":{"en-US":"1"},"b":{"en-US":"2"}}`)
		fields := func(s string) string { l.rest = none + `"fields":` + s; return l.show() }
		sc.play(
			step{name: "an entry", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"a":{"en-US":"1"},"b":{"en-US":"2"}}}`, status: 201, want: l.show()},
			step{name: "publish", call: "PUT " + one + "/published", header: version(1), want: l.publish().show()},
		)
		sc.activate("post", strings.Replace(both, `"required":true`, `"omitted":true`, 1))
		sc.play(step{name: "omitted is still here", call: "GET " + one, want: l.show()})
		sc.play(step{name: "removed from the draft", call: "PUT " + postType, header: version(4), body: strings.Replace(both, `"required":true`, `"deleted":true`, 1), find: map[string]string{"x": "sys.id"}},
			step{name: "still here", call: "GET " + one, want: l.show()},
			step{name: "taken back", call: "PUT " + postType, header: version(5), body: strings.Replace(both, `"required":true`, `"omitted":true`, 1), find: map[string]string{"x": "sys.id"}},
			step{name: "activate", call: "PUT " + postType + "/published", header: version(6), find: map[string]string{"x": "sys.id"}},
			step{name: "all is as before", call: "GET " + one, want: l.show()})
		sc.activate("post", `{"name":"Post","fields":[{"id":"b","name":"F","type":"Symbol"}]}`)
		sc.play(step{name: "gone", call: "GET " + one, want: fields(`{"b":{"en-US":"2"}}`)},
			step{name: "unknown", call: "PUT " + one, header: version(2), body: `{"fields":{"a":{"en-US":"1"}}}`, status: 422,
				want: failure("UnknownField", `No field with id "a" found.`, `{"errors":[{"name":"unknown","path":["fields","a"],"value":{"en-US":"1"},"details":"The property \"a\" is not allowed here."}]}`)})
		sc.activate("post", `{"name":"Post","fields":[{"id":"a","name":"F","type":"Integer"},{"id":"b","name":"F","type":"Symbol"}]}`)
		sc.play(step{name: "a field of its name, even of another type, does not have its values", call: "GET " + one, want: fields(`{"b":{"en-US":"2"}}`)},
			step{name: "nor finds them", call: "GET " + content + "/entries?content_type=post&fields.a[exists]=true", want: list(0, 0, 100)},
			step{name: "as if they had never been", call: "GET " + content + "/public/entries", want: list(1, 0, 100, l.show())},
			step{name: "its own", call: "PUT " + one, header: version(2), body: `{"fields":{"a":{"en-US":1}}}`, want: l.saved(none + `"fields":{"a":{"en-US":1}}`).show()})
	})
}

// TestFieldLocalized switches a field to one locale and back.
func TestFieldLocalized(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	const one = content + "/entries/one"
	sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}})
	l := sc.entry("one", `{"title":{"en-US":"a","de":"b"}}`).withGerman()
	shown := func(fields string) string { l.rest = none + `"fields":` + fields; return l.show() }
	sc.play(step{name: "an entry", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a","de":"b"}}}`, status: 201, want: l.show()})
	plain := strings.Replace(`{"name":"Post","fields":[`+postFields+`]}`, `"localized":true`, `"localized":false`, 1)
	sc.activate("post", plain)
	sc.play(
		step{name: "the other locale is hidden", call: "GET " + one, want: shown(`{"title":{"en-US":"a"}}`)},
		step{name: "and refused", call: "PUT " + one, header: version(1), body: `{"fields":{"title":{"en-US":"a","de":"b"}}}`, status: 422,
			want: problems("InvalidEntry", `{"name":"unknown","path":["fields","title","de"],"value":"b","details":"The property \"de\" is not allowed here."}`)},
	)
	sc.activate("post", strings.Replace(plain, `"localized":false`, `"localized":true`, 1))
	sc.play(step{name: "it comes back, nobody wrote meanwhile", call: "GET " + one, want: shown(`{"title":{"en-US":"a","de":"b"}}`)})
	sc.activate("post", plain)
	sc.play(step{name: "a write without it", call: "PUT " + one, header: version(1), body: `{"fields":{"title":{"en-US":"a"}}}`, want: l.saved(none + `"fields":{"title":{"en-US":"a"}}`).show()})
	sc.activate("post", strings.Replace(plain, `"localized":false`, `"localized":true`, 1))
	sc.play(step{name: "then it is lost", call: "GET " + one, want: l.show()})
}

// TestLocaleWithContent adds, renames, hides, deletes and makes again a locale
// that entries have values in.
func TestLocaleWithContent(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		const one = content + "/entries/one"
		found := map[string]string{"x": "sys.type"}
		l := sc.entry("one", `{"title":{"en-US":"a"}}`)
		shown := func(de, fields string) string {
			l.rest = none + `"fields":` + fields
			l.status = map[string]string{"en-US": "draft"}
			if de != "" {
				l.status[de] = "draft"
			}
			return l.show()
		}
		sc.play(
			step{name: "an entry", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a"}}}`, status: 201, want: l.show()},
			step{name: "unknown locale", call: "PUT " + one, header: version(1), body: `{"fields":{"title":{"de":"b"}}}`, status: 422,
				want: problems("InvalidEntry", `{"name":"unknown","path":["fields","title","de"],"value":"b","details":"The property \"de\" is not allowed here."}`)},
			step{name: "add", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}},
			step{name: "nothing in it", call: "GET " + one, want: shown("de", `{"title":{"en-US":"a"}}`)},
			step{name: "a value", call: "PUT " + one, header: version(1), body: `{"fields":{"title":{"en-US":"a","de":"b"}}}`, want: l.saved(none + `"fields":{"title":{"en-US":"a","de":"b"}}`).show()},
			step{name: "rename", call: "PUT " + content + "/locales/{de}", header: version(1), body: `{"code":"de-AT"}`, find: found},
			step{name: "the value followed", call: "GET " + one, want: shown("de-AT", `{"title":{"en-US":"a","de-AT":"b"}}`)},
			step{name: "in queries too", call: "GET " + content + "/entries?content_type=post&fields.title.de-AT=b", want: list(1, 0, 100, l.show())},
			step{name: "hide", call: "PUT " + content + "/locales/{de}", header: version(2), body: `{"contentManagementApi":false}`, find: found},
			step{name: "hidden", call: "GET " + one, want: shown("", `{"title":{"en-US":"a"}}`)},
			step{name: "hidden ones are refused", call: "PUT " + one, header: version(2), body: `{"fields":{"title":{"de-AT":"b"}}}`, status: 422,
				want: problems("InvalidEntry", `{"name":"unknown","path":["fields","title","de-AT"],"value":"b","details":"The property \"de-AT\" is not allowed here."}`)},
			step{name: "show", call: "PUT " + content + "/locales/{de}", header: version(3), body: `{"contentManagementApi":true}`, find: found},
			step{name: "shown", call: "GET " + one, want: shown("de-AT", `{"title":{"en-US":"a","de-AT":"b"}}`)},
			step{name: "delete", call: "DELETE " + content + "/locales/{de}", status: 204},
			step{name: "gone", call: "GET " + one, want: shown("", `{"title":{"en-US":"a"}}`)},
			step{name: "unknown again", call: "PUT " + one, header: version(2), body: `{"fields":{"title":{"de-AT":"b"}}}`, status: 422,
				want: problems("InvalidEntry", `{"name":"unknown","path":["fields","title","de-AT"],"value":"b","details":"The property \"de-AT\" is not allowed here."}`)},
			step{name: "the code again", call: "POST " + content + "/locales", body: germanIt, status: 201, find: found},
			step{name: "does not bring it back", call: "GET " + one, want: shown("de", `{"title":{"en-US":"a"}}`)},
			step{name: "nor in queries", call: "GET " + content + "/entries?content_type=post&fields.title.de[exists]=true", want: list(0, 0, 100)},
		)
	})
}
