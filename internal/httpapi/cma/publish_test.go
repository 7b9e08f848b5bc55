package cma_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// notUnique is the problem of a value that another entry has published.
func notUnique(field, value, holder string) string {
	return `{"name":"unique","path":["fields","` + field + `","en-US"],"value":` + value + `,"details":"Same field value present in other entry","conflicting":[` + linkJSON("Entry", holder) + `]}`
}

func missingField(path, property string) string {
	return `{"name":"required","path":` + path + `,"details":"The property \"` + property + `\" is required here"}`
}

func (sc *script) make(id, fields string) {
	sc.t.Helper()
	sc.play(step{name: "make " + id, call: "PUT " + content + "/entries/" + id, header: []string{contentOf}, body: `{"fields":` + fields + `}`, status: 201, find: map[string]string{"x": "sys.id"}})
}

func TestPublishChecks(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.play(step{name: "de", call: "POST " + content + "/locales", body: `{"name":"German","code":"de"}`, status: 201, find: map[string]string{"de": "sys.id"}})
		sc.activate("post", `{"name":"Post","fields":[
			{"id":"title","name":"T","type":"Symbol","localized":true,"required":true,"validations":[{"size":{"min":2,"max":5}}]},
			{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true,"message":"taken!"},{"regexp":{"pattern":"^[a-z]+$"}}]},
			{"id":"stars","name":"N","type":"Integer","validations":[{"range":{"min":1,"max":5}}]},
			{"id":"ref","name":"R","type":"Link","linkType":"Entry","validations":[{"linkContentType":["other"]}]},
			{"id":"refs","name":"R","type":"Array","items":{"type":"Link","linkType":"Asset","validations":[]}}]}`)
		sc.activate("other", `{"name":"Other","fields":[]}`)
		const one = content + "/entries/one"
		sc.make("taken", `{"title":{"en-US":"ab","de":"ab"},"slug":{"en-US":"same"}}`)
		sc.make("empty", `{}`)
		sc.make("one", `{"title":{"en-US":"x"},"slug":{"en-US":"same"},"stars":{"en-US":9},"ref":{"en-US":`+linkJSON("Entry", "empty")+`},"refs":{"en-US":[`+linkJSON("Asset", "no")+`]}}`)
		unique := strings.Replace(notUnique("slug", `"same"`, "taken"), `"conflicting"`, `"customMessage":"taken!","conflicting"`, 1)
		sc.play(
			step{name: "taken is published", call: "PUT " + content + "/entries/taken/published", header: version(1), find: map[string]string{"x": "sys.id"}},
			step{name: "nothing in it", call: "PUT " + content + "/entries/empty/published", header: version(1), status: 422,
				want: problems("InvalidEntry", missingField(`["fields"]`, "fields"), missingField(`["fields","title"]`, "title"))},
			step{name: "everything at once", call: "PUT " + one + "/published", header: version(1), status: 422, want: problems("InvalidEntry", unique,
				missingField(`["fields","title","de"]`, "title"),
				`{"name":"size","path":["fields","title","en-US"],"value":"x","min":2,"max":5,"details":"Size must be at least 2 and at most 5"}`,
				`{"name":"range","path":["fields","stars","en-US"],"value":9,"min":1,"max":5,"details":"Range must be at least 1 and at most 5"}`,
				`{"name":"linkContentType","path":["fields","ref","en-US"],"value":`+linkJSON("Entry", "empty")+`,"contentTypeId":["other"],"details":"Link has the wrong content type"}`)},
			step{name: "links and a taken value", call: "PUT " + one, header: version(1), body: `{"fields":{"title":{"en-US":"ab","de":"ab"},"slug":{"en-US":"same"},"ref":{"en-US":` + linkJSON("Entry", "gone") + `}}}`, find: map[string]string{"x": "sys.id"}},
			step{name: "the value comes first", call: "PUT " + one + "/published", header: version(2), status: 422, want: problems("InvalidEntry", unique)},
			step{name: "links", call: "PUT " + one, header: version(2), body: `{"fields":{"title":{"en-US":"ab","de":"ab"},"slug":{"en-US":"own"},"ref":{"en-US":` + linkJSON("Entry", "gone") + `},"refs":{"en-US":[` + linkJSON("Asset", "a") + `,` + linkJSON("Asset", "b") + `]}}}`, find: map[string]string{"x": "sys.id"}},
			step{name: "an asset", call: "PUT " + content + "/assets/b", status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "broken links", call: "PUT " + one + "/published", header: version(3), status: 422, want: problems("UnresolvedLinks",
				`{"name":"notResolvable","path":["fields","ref","en-US"],"link":{"type":"Link","linkType":"Entry","id":"gone"},"details":"There is no entry \"gone\"."}`,
				`{"name":"notResolvable","path":["fields","refs","en-US",0],"link":{"type":"Link","linkType":"Asset","id":"a"},"details":"There is no asset \"a\"."}`)},
			step{name: "the other asset", call: "PUT " + content + "/assets/a", status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "the entry, a draft", call: "PUT " + content + "/entries/gone", header: []string{"X-Contentful-Content-Type: other"}, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "drafts will do", call: "PUT " + one + "/published", header: version(3), find: map[string]string{"x": "sys.publishedAt"}},
			step{name: "a target may go", call: "DELETE " + content + "/entries/gone", status: 204},
			step{name: "and then not again", call: "PUT " + one + "/published", header: version(4), status: 422, want: problems("UnresolvedLinks",
				`{"name":"notResolvable","path":["fields","ref","en-US"],"link":{"type":"Link","linkType":"Entry","id":"gone"},"details":"There is no entry \"gone\"."}`)},
		)
	})
}

// TestUniqueLife follows a unique field from its start to its end: values are
// taken by publication and given back by everything that ends it.
func TestUniqueLife(t *testing.T) {
	onBoth(t, func(sc *script) {
		fields := func(id, validations string) string {
			return `{"name":"Post","fields":[{"id":"slug"` + id + `,"name":"S","type":"Symbol","validations":[` + validations + `]}]}`
		}
		sc.activate("post", fields("", ""))
		publish := func(id string, v int) step {
			return step{name: "publish " + id, call: "PUT " + content + "/entries/" + id + "/published", header: version(v), find: map[string]string{"x": "sys.publishedAt"}}
		}
		refused := func(id, field, value, holder string, v int) step {
			return step{name: "refuse " + id, call: "PUT " + content + "/entries/" + id + "/published", header: version(v), status: 422, want: problems("InvalidEntry", notUnique(field, value, holder))}
		}
		save := func(id, field, value string, v int) step {
			return step{name: "save " + id, call: "PUT " + content + "/entries/" + id, header: version(v), body: `{"fields":{"` + field + `":{"en-US":` + value + `}}}`, find: map[string]string{"x": "sys.id"}}
		}
		find := map[string]string{"x": "sys.id"}
		for _, id := range []string{"a", "b", "c"} {
			sc.make(id, `{"slug":{"en-US":"same"}}`)
		}
		sc.play(publish("a", 1), publish("b", 1)) // not unique yet
		sc.activate("post", fields("", `{"unique":true}`))
		sc.play(
			refused("c", "slug", `"same"`, "a", 1), // the values of published entries were claimed, the first by id keeps it
			refused("b", "slug", `"same"`, "a", 2),
			publish("a", 2), // its own value
			save("a", "slug", `"other"`, 3),
			refused("b", "slug", `"same"`, "a", 2), // the published value counts, not the draft
			publish("a", 4),
			publish("b", 2),
			refused("c", "slug", `"same"`, "b", 1),
			step{name: "unpublish b", call: "DELETE " + content + "/entries/b/published", find: find},
			publish("c", 1),
			refused("b", "slug", `"same"`, "c", 4),
			step{name: "unpublish c", call: "DELETE " + content + "/entries/c/published", find: find},
			step{name: "delete c", call: "DELETE " + content + "/entries/c", status: 204},
			publish("b", 4),
		)
		sc.activate("post", fields(`,"newId":"path"`, `{"unique":true}`)) // a new name: the values stay taken
		sc.make("d", `{"path":{"en-US":"same"}}`)
		sc.play(refused("d", "path", `"same"`, "b", 1))
		sc.activate("post", strings.ReplaceAll(fields("", ""), "slug", "path")) // no longer unique
		sc.play(publish("d", 1))
		sc.activate("post", strings.ReplaceAll(fields("", `{"unique":true}`), "slug", "path"))
		sc.make("e", `{"path":{"en-US":"same"}}`)
		sc.play(refused("e", "path", `"same"`, "b", 1), refused("d", "path", `"same"`, "b", 2))
		sc.make("f", `{"path":{"en-US":null}}`)
		sc.make("g", `{"path":{"en-US":null}}`)
		sc.play(publish("f", 1), publish("g", 1)) // no value is no claim
	})
}

// TestUniqueNumbers makes sure that equal numbers are equal however spelled.
func TestUniqueNumbers(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.activate("post", `{"name":"Post","fields":[{"id":"n","name":"N","type":"Number","validations":[{"unique":true}]}]}`)
	sc.make("a", `{"n":{"en-US":1}}`)
	sc.make("b", `{"n":{"en-US":1.0}}`)
	sc.play(
		step{name: "publish a", call: "PUT " + content + "/entries/a/published", header: version(1), find: map[string]string{"x": "sys.id"}},
		step{name: "refuse b", call: "PUT " + content + "/entries/b/published", header: version(1), status: 422, want: problems("InvalidEntry", notUnique("n", "1.0", "a"))},
	)
}

// TestUniqueRace publishes entries with the same value beside each other: one
// wins.
func TestUniqueRace(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.activate("post", `{"name":"Post","fields":[{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true}]}]}`)
		const writers = 16
		for round := range 3 {
			value := fmt.Sprintf("%q", fmt.Sprint("same", round))
			ids := make([]string, writers)
			for i := range ids {
				ids[i] = fmt.Sprintf("e%d-%d", round, i)
				sc.make(ids[i], `{"slug":{"en-US":`+value+`}}`)
			}
			answers := sc.atOnce(writers, func(i int) *httptest.ResponseRecorder {
				return sc.do("PUT "+content+"/entries/"+ids[i]+"/published", version(1), "")
			})
			winner := ""
			for i, w := range answers {
				if w.Code == 200 {
					if winner != "" {
						t.Fatalf("both %s and %s are published", winner, ids[i])
					}
					winner = ids[i]
				}
			}
			for i, w := range answers {
				if w.Code != 200 {
					sc.same(ids[i], problems("InvalidEntry", notUnique("slug", value, winner)), w.Body.String())
				}
			}
		}
	})
}
