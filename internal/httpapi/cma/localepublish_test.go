package cma_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// inLocales is the body of a request to publish or unpublish some locales.
func inLocales(member string, codes ...string) string {
	return `{"` + member + `":{"fields":{"*":["` + strings.Join(codes, `","`) + `"]}}}`
}

// publishedIn expects another publication, with these states of locales.
func (l *life) publishedIn(status map[string]string) *life {
	l.publish()
	l.status = status
	return l
}

func inStates(enUS, de, it string) map[string]string {
	return map[string]string{"en-US": enUS, "de": de, "it": it}
}

// languages makes three locales, and a content type with a field for each, one
// for all of them, and one for unique values.
func (sc *script) languages() {
	sc.t.Helper()
	sc.play(
		step{name: "de", call: "POST " + content + "/locales", body: `{"name":"German","code":"de"}`, status: 201, find: map[string]string{"de": "sys.id"}},
		step{name: "it", call: "POST " + content + "/locales", body: italianIt, status: 201, find: map[string]string{"it": "sys.id"}},
	)
	sc.activate("post", `{"name":"Post","displayField":"title","fields":[`+postFields+`,
		{"id":"slug","name":"Slug","type":"Symbol","localized":true,"validations":[{"unique":true}]}]}`)
}

// TestPublishLocales publishes, changes and unpublishes the locales of an entry one
// after the other.
func TestPublishLocales(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.languages()
		const one = content + "/entries/one"
		l := sc.entry("one", `{"title":{"en-US":"a","de":"ä"},"body":{"en-US":"b"}}`)
		l.status = inStates("draft", "draft", "draft")
		public := func(name, fields string) {
			t.Helper()
			shown := *l
			shown.rest = none + `"fields":` + fields
			want := list(1, 0, 100, shown.show())
			if fields == "" {
				want = list(0, 0, 100)
			}
			sc.play(step{name: name + ": what is published", call: "GET " + content + "/public/entries", want: want},
				step{name: name + ": what is latest", call: "GET " + one, want: l.show()})
		}
		publish := func(name, member string, codes ...string) step {
			sc.tick(time.Second)
			return step{name: name, call: "PUT " + one + "/published", header: version(l.version), body: inLocales(member, codes...)}
		}
		do := func(st step, status map[string]string, fields string) {
			t.Helper()
			st.want = l.publishedIn(status).show()
			sc.play(st)
			status = l.status
			inPublic := map[string]string{}
			for code, s := range status {
				inPublic[code] = strings.Replace(s, "changed", "published", 1)
			}
			l.status = inPublic
			shown := *l
			l.status = status
			shown.rest = none + `"fields":` + fields
			sc.play(step{name: st.name + ": what is published", call: "GET " + content + "/public/entries", want: list(1, 0, 100, shown.show())},
				step{name: st.name + ": what is latest", call: "GET " + one, want: l.show()})
		}
		save := func(fields, enUS, de, it string) {
			t.Helper()
			st := step{name: "save " + fields, call: "PUT " + one, header: version(l.version), body: `{"fields":` + fields + `}`}
			l.saved(none + `"fields":` + fields)
			l.status = inStates(enUS, de, it)
			st.want = l.show()
			sc.play(st)
		}

		sc.play(step{name: "create", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a","de":"ä"},"body":{"en-US":"b"}}}`, status: 201, want: l.show()})
		sc.play(
			step{name: "nothing to unpublish", call: "PUT " + one + "/published", header: version(1), body: inLocales("remove", "de"), status: 400, want: badRequest("Not published")},
			step{name: "a version is needed", call: "PUT " + one + "/published", body: inLocales("add", "de"), status: 409, want: noVersion("Entry", "one", 1)},
			step{name: "the right one", call: "PUT " + one + "/published", header: version(7), body: inLocales("add", "de"), status: 409, want: tooOld("Entry", "one", 1, 7)},
		)
		public("nothing yet", "")
		do(publish("a locale that is not the default one", "add", "de"), inStates("draft", "published", "draft"), `{"title":{"de":"ä"}}`)
		save(`{"title":{"en-US":"a2","de":"ä2"},"body":{"en-US":"b2"}}`, "draft", "changed", "draft")
		do(publish("the default one", "add", "en-US"), inStates("published", "changed", "draft"), `{"title":{"en-US":"a2","de":"ä"},"body":{"en-US":"b2"}}`)
		do(publish("the same again", "add", "en-US", "en-US"), inStates("published", "changed", "draft"), `{"title":{"en-US":"a2","de":"ä"},"body":{"en-US":"b2"}}`)
		do(publish("one without values", "add", "it"), inStates("published", "changed", "published"), `{"title":{"en-US":"a2","de":"ä"},"body":{"en-US":"b2"}}`)
		do(publish("not the default one any more", "remove", "en-US"), inStates("draft", "changed", "published"), `{"title":{"de":"ä"}}`)
		save(`{"title":{"en-US":"a2","de":"ä"},"body":{"en-US":"b2"}}`, "draft", "published", "published")
		sc.play(
			step{name: "none of them is published", call: "DELETE " + one + "/published", header: version(l.version), body: inLocales("remove", "en-US"), status: 400, want: badRequest("Not published")},
			step{name: "an old version", call: "DELETE " + one + "/published", header: version(3), body: inLocales("remove", "it"), status: 409, find: map[string]string{"x": "sys.id"}},
			step{name: "an old version", call: "PUT " + one + "/published", header: version(3), body: inLocales("remove", "it"), status: 409, find: map[string]string{"x": "sys.id"}},
		)
		both := publish("one for another", "add", "en-US")
		both.body = `{"add":{"fields":{"*":["en-US"]}},"remove":{"fields":{"*":["it"]}}}`
		do(both, inStates("published", "published", "draft"), `{"title":{"en-US":"a2","de":"ä"},"body":{"en-US":"b2"}}`)
		do(step{name: "without a version, one that is and one that is not", call: "DELETE " + one + "/published", body: inLocales("remove", "it", "de")},
			inStates("published", "draft", "draft"), `{"title":{"en-US":"a2"},"body":{"en-US":"b2"}}`)
		do(step{name: "all", call: "PUT " + one + "/published", header: version(l.version), body: `{"add":null}`},
			inStates("published", "published", "published"), `{"title":{"en-US":"a2","de":"ä"},"body":{"en-US":"b2"}}`)
		do(publish("two of them", "remove", "de", "it"), inStates("published", "draft", "draft"), `{"title":{"en-US":"a2"},"body":{"en-US":"b2"}}`)
		last := publish("the last one", "remove", "en-US")
		last.want = l.unpublish().show()
		sc.play(last)
		public("nothing any more", "")
		do(publish("in all by name", "add", "it", "de", "en-US"), inStates("published", "published", "published"), `{"title":{"en-US":"a2","de":"ä"},"body":{"en-US":"b2"}}`)
		sc.play(step{name: "all are unpublished without a body", call: "DELETE " + one + "/published", want: l.unpublish().show()},
			step{name: "archive", call: "PUT " + one + "/archived", want: l.archive().show()},
			step{name: "archived", call: "PUT " + one + "/published", header: version(l.version), body: inLocales("add", "de"), status: 400, want: badRequest("Cannot publish archived")},
			step{name: "archived", call: "DELETE " + one + "/published", body: inLocales("remove", "de"), status: 400, want: badRequest("Not published")})
	})
}

// TestPublishLocalesChecks: only what is published now is checked.
func TestPublishLocalesChecks(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.languages()
		publish := func(id string, v int, codes ...string) step {
			return step{name: "publish " + id + " in " + strings.Join(codes, ", "), call: "PUT " + content + "/entries/" + id + "/published",
				header: version(v), body: inLocales("add", codes...), find: map[string]string{"x": "sys.id"}}
		}
		refused := func(st step, elements ...string) step {
			st.status, st.find, st.want = 422, nil, problems("InvalidEntry", elements...)
			return st
		}
		sc.make("a", `{"title":{"en-US":"a"},"slug":{"en-US":"same","de":"gleich"}}`)
		sc.play(
			refused(publish("a", 1, "de"), missingField(`["fields","title","de"]`, "title")),
			refused(publish("a", 1, "en-US", "de"), missingField(`["fields","title","de"]`, "title")),
			publish("a", 1, "it"), // optional
			publish("a", 2, "en-US"),
		)
		// Values of locales that are not published are nobody's.
		taken := notUnique("slug", `"same"`, "a")
		sc.make("b", `{"title":{"en-US":"b","de":"b"},"slug":{"en-US":"same","de":"gleich"}}`)
		sc.play(
			publish("b", 1, "de"),
			refused(publish("b", 2, "en-US"), taken),
			step{name: "a gives its value back", call: "PUT " + content + "/entries/a/published", header: version(3), body: inLocales("remove", "en-US"), find: map[string]string{"x": "sys.id"}},
			publish("b", 2, "en-US"),
			refused(publish("a", 4, "en-US"), notUnique("slug", `"same"`, "b")),
		)
		// A field that becomes unique later does not keep other locales from being published.
		sc.activate("post", `{"name":"Post","displayField":"title","fields":[`+postFields+`,{"id":"slug","name":"Slug","type":"Symbol","localized":true}]}`)
		sc.make("c", `{"title":{"en-US":"c","de":"c"},"slug":{"en-US":"own","de":"gleich"}}`)
		sc.play(publish("c", 1, "de"))
		sc.activate("post", `{"name":"Post","displayField":"title","fields":[`+postFields+`,
			{"id":"slug","name":"Slug","type":"Symbol","localized":true,"validations":[{"unique":true}]}]}`)
		inGerman := strings.Replace(notUnique("slug", `"gleich"`, "b"), "en-US", "de", 1)
		sc.play(
			publish("c", 2, "en-US"),
			refused(publish("c", 3, "de"), inGerman),
			step{name: "unpublish", call: "DELETE " + content + "/entries/c/published", body: inLocales("remove", "en-US"), find: map[string]string{"x": "sys.id"}},
		)
		// Links are looked at in the locales that are published.
		sc.activate("post", `{"name":"Post","displayField":"title","fields":[`+postFields+`,{"id":"slug","name":"Slug","type":"Symbol","localized":true},{"id":"ref","name":"R","type":"Link","linkType":"Entry","localized":true}]}`)
		sc.make("d", `{"title":{"en-US":"d","de":"d"},"ref":{"en-US":`+linkJSON("Entry", "gone")+`}}`)
		lost := publish("d", 2, "en-US")
		lost.status, lost.find = 422, nil
		lost.want = problems("UnresolvedLinks", `{"name":"notResolvable","path":["fields","ref","en-US"],"link":{"type":"Link","linkType":"Entry","id":"gone"},"details":"There is no entry \"gone\"."}`)
		sc.play(publish("d", 1, "de"), lost)
	})
}

// TestPublishLocalesOfAsset: it needs a file in a locale that is published.
func TestPublishLocalesOfAsset(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.languages()
		const one = content + "/assets/one"
		fields := `{"title":{"en-US":"a","de":"ä"},"file":{"en-US":` + processedFile("one") + `,"it":{"contentType":"image/png","fileName":"i.png","upload":"https://example.com/i.png"}}}`
		l := sc.asset("one", fields)
		l.status = inStates("draft", "draft", "draft")
		none := assetInvalid(`{"name":"required","path":["fields","file"],"details":"The asset has no files"}`)
		sc.play(
			step{name: "create", call: "PUT " + one, body: `{"fields":` + fields + `}`, status: 201, want: l.show()},
			step{name: "no file", call: "PUT " + one + "/published", header: version(1), body: inLocales("add", "de"), status: 422, want: none},
			step{name: "not processed", call: "PUT " + one + "/published", header: version(1), body: inLocales("add", "it"), status: 422,
				want: assetInvalid(`{"name":"required","path":["fields","file","it","url"],"details":"The property \"url\" is required here"}`)},
			step{name: "one", call: "PUT " + one + "/published", header: version(1), body: inLocales("add", "en-US"), want: l.publishedIn(inStates("published", "draft", "draft")).show()},
			step{name: "one beside it", call: "PUT " + one + "/published", header: version(2), body: inLocales("add", "de"), want: l.publishedIn(inStates("published", "published", "draft")).show()},
			step{name: "without a version", call: "PUT " + one + "/published", body: inLocales("remove", "en-US"), want: l.publishedIn(inStates("draft", "published", "draft")).show()},
			step{name: "the last one", call: "DELETE " + one + "/published", body: inLocales("remove", "de"), want: l.unpublish().show()},
		)
	})
}

// TestPublishLocalesBodies looks at bodies that name locales the wrong way, and at
// those that name none.
func TestPublishLocalesBodies(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.languages()
	sc.play(step{name: "hidden", call: "POST " + content + "/locales", body: `{"name":"Hidden","code":"fr","contentManagementApi":false}`, status: 201, find: map[string]string{"x": "sys.id"}})
	unknown := func(value, path string) string {
		return `{"name":"unknown","path":` + path + `,"value":` + value + `,"details":"There is no locale \"` + strings.Trim(value, `"`) + `\"."}`
	}
	wrong := func(typ, property, value, path string) string {
		return `{"name":"type","type":"` + typ + `","path":` + path + `,"value":` + value + `,"details":"The type of \"` + property + `\" is incorrect, expected type: ` + typ + `"}`
	}
	meant := func(name, problem string) string {
		return strings.Replace(problem, `"details"`, `"suggestions":["`+name+`"],"details"`, 1)
	}
	notHere := func(property, value, path, name string) string {
		return meant(name, `{"name":"unknown","path":`+path+`,"value":`+value+`,"details":"The property \"`+property+`\" is not allowed here."}`)
	}
	put := map[string][]string{
		`{"add":false}`:           {wrong("Object", "add", "false", `["add"]`)},
		`{"add":{}}`:              {missingField(`["add","fields"]`, "fields")},
		`{"add":{"fields":null}}`: {wrong("Object", "fields", "null", `["add","fields"]`)},
		`{"add":{"fields":{"title":["de"]}}}`: {`{"name":"unknown","path":["add","fields","title"],"value":["de"],"details":"Locales are published for all fields together: the only member is \"*\"."}`,
			missingField(`["add","fields","*"]`, "*")},
		`{"add":{"fields":{"*":"de"}}}`:                                           {wrong("Array", "*", `"de"`, `["add","fields","*"]`)},
		inLocales("add", strings.Split(strings.Repeat("de ", 1000)+"de", " ")...): {`{"name":"size","path":["add","fields","*"],"max":1000,"details":"Size must be at most 1000"}`},
		`{"add":{"fields":{"*":[]}}}`:                                             {`{"name":"size","path":["add","fields","*"],"min":1,"details":"Size must be at least 1"}`},
		`{"add":{"field":{},"fields":{"*":["de",1,null]}},"x":1}`:                 {notHere("field", "{}", `["add","field"]`, "fields"), wrong("Symbol", "value", "1", `["add","fields","*",1]`), wrong("Symbol", "value", "null", `["add","fields","*",2]`)},
		`{"add":{"fields":{"*":["de","dee","fr","*"]}}}`:                          {meant("de", unknown(`"dee"`, `["add","fields","*",1]`)), unknown(`"fr"`, `["add","fields","*",2]`), unknown(`"*"`, `["add","fields","*",3]`)},
		`{"add":{"fields":{"*":["de"]}},"remove":{"fields":{"*":["it","de"]}}}`:   {`{"name":"unexpected","path":["remove","fields","*",1],"value":"de","details":"The locale \"de\" cannot be published and unpublished at once."}`},
		`{"Add":{"fields":{"*":["de"]}}}`:                                         {notHere("Add", `{"fields":{"*":["de"]}}`, `["Add"]`, "add")},
		`{"removed":1}`:                                                           {notHere("removed", `1`, `["removed"]`, "remove")},
		`{"fields":{"*":["de"]}}`:                                                 {`{"name":"unexpected","path":["fields","*"],"details":"The codes of locales stand below \"add\" or \"remove\"."}`},
	}
	remove := map[string][]string{
		`{"add":{"fields":{"*":["de"]}}}`:    {`{"name":"unexpected","path":["add"],"details":"Locales are published with PUT."}`},
		`{"remove":{"fields":{"*":[]}}}`:     {`{"name":"size","path":["remove","fields","*"],"min":1,"details":"Size must be at least 1"}`},
		`{"remove":{"fields":{"*":["en"]}}}`: {meant("en-US", unknown(`"en"`, `["remove","fields","*",0]`))},
	}
	for path, l := range map[string]*life{
		content + "/entries/one": sc.entry("one", `{"title":{"en-US":"a","de":"b"}}`),
		content + "/assets/one":  sc.asset("one", `{"file":{"en-US":`+processedFile("one")+`}}`),
	} {
		id := map[string]string{"Entry": "InvalidEntry", "Asset": "ValidationFailed"}[l.kind]
		l.status = inStates("draft", "draft", "draft")
		_, fields, _ := strings.Cut(l.rest, none)
		sc.play(step{name: "create", call: "PUT " + path, header: []string{contentOf}, body: `{` + fields + `}`, status: 201, want: l.show()})
		for body, elements := range put {
			sc.play(step{name: body, call: "PUT " + path + "/published", header: version(1), body: body, status: 422, want: problems(id, elements...)})
		}
		sc.play(step{name: "still a draft", call: "GET " + path, want: l.show()})
		for _, body := range []string{``, `null`, `{}`, `{"add":null}`, `[]`, `"x"`, `{"fields":{}}`, `{"sys":{"id":"one"},"fields":{"title":{"en-US":"other"}}}`} {
			sc.play(step{name: "publish with " + body, call: "PUT " + path + "/published", header: version(l.version), body: body, want: l.publish().show()})
		}
		for body, elements := range remove {
			sc.play(step{name: body, call: "DELETE " + path + "/published", body: body, status: 422, want: problems(id, elements...)})
		}
		sc.play(
			step{name: "still published", call: "GET " + path, want: l.show()},
			step{name: "unpublish", call: "DELETE " + path + "/published", body: `{}`, want: l.unpublish().show()},
		)
	}
}

// TestPublishedLocalesLast: what is published of which locale is kept by a new name
// of it, by copies of the environment, and by new locales, which nothing is
// published in.
func TestPublishedLocalesLast(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.languages()
		const one = content + "/entries/one"
		l := sc.entry("one", `{"title":{"en-US":"a","de":"ä"}}`)
		l.status = inStates("draft", "draft", "draft")
		sc.play(
			step{name: "create", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a","de":"ä"}}}`, status: 201, want: l.show()},
			step{name: "publish", call: "PUT " + one + "/published", header: version(1), body: inLocales("add", "de"), want: l.publishedIn(inStates("draft", "published", "draft")).show()},
			step{name: "a new name", call: "PUT " + content + "/locales/{de}", header: version(1), body: `{"name":"German","code":"de-DE"}`, find: map[string]string{"x": "sys.id"}},
		)
		l.rest = none + `"fields":{"title":{"en-US":"a","de-DE":"ä"}}`
		l.status = map[string]string{"en-US": "draft", "de-DE": "published", "it": "draft"}
		sc.play(step{name: "by the new name", call: "GET " + one, want: l.show()},
			step{name: "a copy", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"Copy"}`, status: 201, find: map[string]string{"x": "sys.id"}})
		copied := *l
		copied.environment = "copy"
		sc.play(step{name: "in the copy", call: "GET /spaces/{s}/environments/copy/entries/one", want: copied.show()})

		sc.play(step{name: "publish all", call: "PUT " + one + "/published", header: version(2), want: l.publishedIn(map[string]string{"en-US": "published", "de-DE": "published", "it": "published"}).show()},
			step{name: "a new locale", call: "POST " + content + "/locales", body: `{"name":"French","code":"fr"}`, status: 201, find: map[string]string{"fr": "sys.id"}})
		l.status["fr"] = "draft"
		sc.play(step{name: "not published in it", call: "GET " + one, want: l.show()},
			step{name: "without its value", call: "PUT " + one + "/published", header: version(3), status: 422, want: problems("InvalidEntry", missingField(`["fields","title","fr"]`, "title"))},
			step{name: "drop it", call: "DELETE " + content + "/locales/{it}", status: 204},
			step{name: "not required", call: "PUT " + content + "/locales/{fr}", header: version(1), body: `{"name":"French","code":"fr","optional":true}`, find: map[string]string{"x": "sys.id"}})
		delete(l.status, "it")
		l.status["fr"] = "published"
		sc.play(step{name: "publish all again, with the old draft", call: "PUT " + one + "/published", header: version(3), want: l.publishedIn(l.status).show()})
	})
}

// TestHiddenLocales: a locale that the management API hides goes with the others
// when all are published, and when none of the others is left.
func TestHiddenLocales(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.languages()
	l := sc.entry("one", `{"title":{"en-US":"a","de":"ä"}}`)
	l.status = inStates("draft", "draft", "draft")
	const one = content + "/entries/one"
	sc.play(
		step{name: "create", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a","de":"ä"}}}`, status: 201, want: l.show()},
		step{name: "publish all", call: "PUT " + one + "/published", header: version(1), want: l.publishedIn(inStates("published", "published", "published")).show()},
		step{name: "hide one", call: "PUT " + content + "/locales/{it}", header: version(1), body: `{"contentManagementApi":false}`, find: map[string]string{"x": "sys.id"}},
	)
	l.status = map[string]string{"en-US": "published", "de": "draft"}
	sc.play(
		step{name: "unpublish one", call: "PUT " + one + "/published", header: version(2), body: inLocales("remove", "de"), want: l.publishedIn(map[string]string{"en-US": "published", "de": "draft"}).show()},
		step{name: "it cannot be named", call: "PUT " + one + "/published", header: version(3), body: inLocales("remove", "it"), status: 422, find: map[string]string{"x": "sys.id"}},
		step{name: "unpublish the last one that can be", call: "PUT " + one + "/published", header: version(3), body: inLocales("remove", "en-US"), want: l.unpublish().show()},
	)
}

// TestDeletePublishedLocale: what is published in no other locale is unpublished
// with the one that is deleted.
func TestDeletePublishedLocale(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.languages()
		entries := map[string]*life{}
		for id, codes := range map[string][]string{"lonely": {"it"}, "two": {"it", "de"}, "other": {"de"}, "all": nil, "draft": {}} {
			l := sc.entry(id, `{"title":{"en-US":"a","de":"ä","it":"à"},"slug":{"it":"`+id+`"}}`)
			l.status = inStates("draft", "draft", "draft")
			entries[id] = l
			sc.play(step{name: "create", call: "PUT " + content + "/entries/" + id, header: []string{contentOf}, status: 201, want: l.show(),
				body: `{"fields":{"title":{"en-US":"a","de":"ä","it":"à"},"slug":{"it":"` + id + `"}}}`})
			publish := step{name: "publish", call: "PUT " + content + "/entries/" + id + "/published", header: version(1)}
			switch {
			case codes == nil:
				publish.want = l.publish().show()
			case len(codes) > 0:
				publish.body = inLocales("add", codes...)
				l.publish().setStatus("draft")
				for _, code := range codes {
					l.status[code] = "published"
				}
				publish.want = l.show()
			default:
				continue
			}
			sc.play(publish)
		}
		asset := sc.asset("lonely", `{"file":{"it":`+processedFile("lonely")+`}}`)
		asset.status = inStates("draft", "draft", "draft")
		sc.play(step{name: "an asset", call: "PUT " + content + "/assets/lonely", body: `{"fields":{"file":{"it":` + processedFile("lonely") + `}}}`, status: 201, want: asset.show()},
			step{name: "publish it", call: "PUT " + content + "/assets/lonely/published", header: version(1), body: inLocales("add", "it"), want: asset.publishedIn(inStates("draft", "draft", "published")).show()})

		sc.tick(time.Second)
		sc.play(step{name: "delete the locale", call: "DELETE " + content + "/locales/{it}", status: 204})
		entries["lonely"].unpublish()
		asset.unpublish()
		asset.rest = none + `"fields":{}`
		for id, l := range entries {
			delete(l.status, "it")
			l.rest = none + `"fields":{"title":{"en-US":"a","de":"ä"}}`
			sc.play(step{name: id, call: "GET " + content + "/entries/" + id, want: l.show()})
		}
		delete(asset.status, "it")
		sc.play(step{name: "the asset", call: "GET " + content + "/assets/lonely", want: asset.show()})

		// published while the locale is being deleted
		sc.play(step{name: "fr", call: "POST " + content + "/locales", body: `{"name":"French","code":"fr","optional":true}`, status: 201, find: map[string]string{"fr": "sys.id"}})
		sc.s.Store = &meanwhile{Store: sc.s.Store, do: func() {
			if w := sc.do("PUT "+content+"/entries/draft/published", version(1), inLocales("add", "fr")); w.Code != 200 {
				sc.t.Errorf("publish meanwhile: %d %s", w.Code, w.Body)
			}
		}}
		if w := sc.do("DELETE "+content+"/locales/{fr}", nil, ""); w.Code != 204 {
			sc.t.Errorf("delete: %d %s", w.Code, w.Body)
		}
		draft := entries["draft"]
		draft.publish()
		sc.play(step{name: "not left behind", call: "GET " + content + "/entries/draft", want: draft.unpublish().show()})
	})
}

// meanwhile is a store in which something happens before the next transaction.
type meanwhile struct {
	store.Store
	do func()
}

func (m *meanwhile) Update(ctx context.Context, s store.Scope, fn func(store.Tx) error, ahead ...store.Ahead) error {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.Store.Update(ctx, s, fn, ahead...)
}

// TestPublishLocalesRace publishes and unpublishes different locales at once: each
// that succeeds is there in the end.
func TestPublishLocalesRace(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.languages()
		codes := []string{"en-US", "de", "it"}
		sc.make("one", `{"title":{"en-US":"a","de":"b","it":"c"}}`)
		sc.play(step{name: "publish", call: "PUT " + content + "/entries/one/published", header: version(1), find: map[string]string{"x": "sys.id"}})
		answers := sc.atOnce(3, func(i int) *httptest.ResponseRecorder {
			return sc.do("DELETE "+content+"/entries/one/published", nil, inLocales("remove", codes[i]))
		})
		for i, w := range answers {
			if w.Code != 200 {
				sc.t.Errorf("unpublish %s: %d %s", codes[i], w.Code, w.Body)
			}
		}
		w := sc.do("GET "+content+"/entries/one", nil, "")
		if strings.Contains(w.Body.String(), "publishedVersion") || versionOf(sc.t, w.Body.String()) != 5 {
			sc.t.Errorf("left over: %s", w.Body)
		}
		won := 0
		for i, w := range sc.atOnce(3, func(i int) *httptest.ResponseRecorder {
			return sc.do("PUT "+content+"/entries/one/published", version(5), inLocales("add", codes[i]))
		}) {
			if w.Code == 200 {
				won++
			} else if w.Code != 409 {
				sc.t.Errorf("publish %s: %d %s", codes[i], w.Code, w.Body)
			}
		}
		if won != 1 {
			sc.t.Errorf("%d of 3 publications of one version", won)
		}
	})
}
