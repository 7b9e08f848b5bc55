package cma_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// invalidQuery is the JSON of a query that cannot be answered; message "" is the
// general one.
func invalidQuery(message, problem string) string {
	if message == "" {
		message = "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field."
	}
	return failure("InvalidQuery", message, `{"errors":[`+problem+`]}`)
}

func TestEntryCollection(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.activate("other", `{"name":"Other","fields":[{"id":"ref","name":"R","type":"Link","linkType":"Entry"}]}`)
		lives := map[string]*life{}
		for i, id := range []string{"a", "b", "c", "d"} {
			sc.tick(time.Second)
			fields := fmt.Sprintf(`{"title":{"en-US":"title %d"}}`, i)
			lives[id] = sc.entry(id, fields)
			sc.make(id, fields)
		}
		sc.tick(time.Second)
		other := sc.entry("r", `{"ref":{"en-US":`+linkJSON("Entry", "b")+`}}`)
		other.contentType = "other"
		sc.play(
			step{name: "a link to b", call: "PUT " + content + "/entries/r", header: []string{"X-Contentful-Content-Type: other"}, body: `{"fields":{"ref":{"en-US":` + linkJSON("Entry", "b") + `}}}`, status: 201, want: other.show()},
			step{name: "publish b", call: "PUT " + content + "/entries/b/published", header: version(1), want: lives["b"].publish().show()},
		)
		sc.tick(time.Second)
		sc.play(step{name: "archive c", call: "PUT " + content + "/entries/c/archived", want: lives["c"].archive().show()})
		lives["r"] = other

		// page asks for entries and expects those with the ids
		page := func(query string, total, skip, limit int, ids ...string) {
			sc.t.Helper()
			items := make([]string, len(ids))
			for i, id := range ids {
				items[i] = lives[id].show()
			}
			sc.play(step{name: query, call: "GET " + content + "/entries" + query, want: list(total, skip, limit, items...)})
		}
		page("", 5, 0, 100, "c", "b", "r", "d", "a") // last updated first
		page("?&limit=100&order=sys.createdAt&skip=0", 5, 0, 100, "a", "b", "c", "d", "r")
		page("?order=sys.createdAt,sys.id&limit=2&skip=1", 5, 1, 2, "b", "c")
		page("?order=-sys.createdAt", 5, 0, 100, "r", "d", "c", "b", "a")
		page("?order[0]=sys.contentType.sys.id&order[1]=-sys.id", 5, 0, 100, "r", "d", "c", "b", "a")
		page("?limit=0", 5, 0, 0)
		page("?limit=1000", 5, 0, 1000, "c", "b", "r", "d", "a")
		page("?skip=100", 5, 100, 100)
		page("?sys.archivedAt[exists]=false&order=sys.id", 4, 0, 100, "a", "b", "d", "r")
		page("?sys.archivedVersion[exists]=true", 1, 0, 100, "c")
		page("?sys.publishedVersion[exists]=true", 1, 0, 100, "b")
		page("?sys.id[in]=a,d,nope&order=sys.id", 2, 0, 100, "a", "d")
		page("?sys.id[nin]=a,d&sys.id[ne]=c&order=sys.id", 2, 0, 100, "b", "r")
		page("?sys.contentType.sys.id=other", 1, 0, 100, "r")
		page("?sys.contentType.sys.id[in]=other,post&sys.id=a", 1, 0, 100, "a")
		page("?content_type=post&fields.title=title+3", 1, 0, 100, "d")
		page("?content_type=post&fields.title.en-US[match]=title&order=-fields.title&limit=1", 4, 0, 1, "d")
		page("?query=title&order=sys.id&limit=1", 4, 0, 1, "a")
		page("?links_to_entry=b", 1, 0, 100, "r")
		page("?sys.createdBy.sys.id={user}&order=sys.id&limit=1", 5, 0, 1, "a")
		page("?sys.updatedAt[gte]="+strings.ReplaceAll(lives["b"].updated, ":", "%3A")+"&order=sys.id", 3, 0, 100, "b", "c", "r")
		page("?include=2&locale=xx&sys.id=a", 1, 0, 100, "a") // of no meaning here

		sc.play(
			step{name: "select", call: "GET " + content + "/entries?select=sys.id,sys.version,fields.title&content_type=post&sys.id=a",
				want: list(1, 0, 100, `{"sys":{"id":"a","version":1},"fields":{"title":{"en-US":"title 0"}}}`)},
			step{name: "select of one", call: "GET " + content + "/entries/a?select=fields.title", status: 400,
				want: invalidQuery("", `{"name":"select","path":["select"],"details":"Select is only applicable when querying a collection of entities."}`)},
			step{name: "select wholes", call: "GET " + content + "/entries?select=fields,metadata.tags&sys.id=r",
				want: list(1, 0, 100, `{"metadata":{"tags":[]},"fields":{"ref":{"en-US":`+linkJSON("Entry", "b")+`}}}`)},
			step{name: "public", call: "GET " + content + "/public/entries?order=sys.id", want: list(1, 0, 100, lives["b"].show())},
			step{name: "too many", call: "GET " + content + "/entries?limit=1001", status: 400,
				want: invalidQuery(`The value provided for "limit" is invalid. Please provide a value between 0 and 1000`, `{"name":"value","path":["limit"],"value":"1001","details":"The value provided for \"limit\" is invalid. Please provide a value between 0 and 1000"}`)},
			step{name: "no number", call: "GET " + content + "/entries?skip=x", status: 400,
				want: invalidQuery(`The value provided for "skip" is invalid. Please provide a valid number value`, `{"name":"value","path":["skip"],"value":"x","details":"The value provided for \"skip\" is invalid. Please provide a valid number value"}`)},
			step{name: "negative", call: "GET " + content + "/entries?skip=-1", status: 400,
				want: invalidQuery(`The value provided for "skip" is invalid. Please provide a value larger than or equal to 0`, `{"name":"value","path":["skip"],"value":"-1","details":"The value provided for \"skip\" is invalid. Please provide a value larger than or equal to 0"}`)},
			step{name: "unknown path", call: "GET " + content + "/entries?sys.foo=1", status: 400,
				want: invalidQuery("", `{"name":"unknown","path":["sys","foo"],"details":"The path \"sys.foo\" is not recognized"}`)},
			step{name: "unknown parameter", call: "GET " + content + "/entries?foo=1", status: 400,
				want: invalidQuery("", `{"name":"unknown","path":["foo"],"details":"The path \"foo\" is not recognized"}`)},
			step{name: "wrong value", call: "GET " + content + "/entries?sys.archivedAt=false", status: 400,
				want: invalidQuery("", `{"name":"value","path":["sys","archivedAt"],"type":"Date","filter":"equals","value":"false","details":"false used on sys.archivedAt is not a valid value for type Date."}`)},
		)
		// the list shows a write as soon as it is acknowledged
		for i := range 3 {
			l := lives["a"]
			sc.tick(time.Second)
			fields := fmt.Sprintf(`{"title":{"en-US":"again %d"}}`, i)
			sc.play(step{name: "save", call: "PUT " + content + "/entries/a", header: version(l.version), body: `{"fields":` + fields + `}`, want: l.saved(none + `"fields":` + fields).show()})
			page("?limit=1", 5, 0, 1, "a")
			page(fmt.Sprintf("?content_type=post&fields.title=again+%d", i), 1, 0, 100, "a")
		}
		sc.play(step{name: "delete", call: "DELETE " + content + "/entries/a", status: 204})
		page("?sys.id=a", 0, 0, 100)
	})
}

// TestEnvironmentCopy looks at a copy of an environment, and at an alias of one.
func TestEnvironmentCopy(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true}]}]}`)
		const one, copied = content + "/entries/one", "/spaces/{s}/environments/copy/entries/one"
		l := sc.entry("one", `{"slug":{"en-US":"x"}}`)
		sc.play(
			step{name: "an entry", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"slug":{"en-US":"x"}}}`, status: 201, want: l.show()},
			step{name: "publish", call: "PUT " + one + "/published", header: version(1), want: l.publish().show()},
			step{name: "copy", call: "PUT /spaces/{s}/environments/copy", status: 201, find: map[string]string{"x": "name"}},
			step{name: "alias", call: "PUT /spaces/{s}/environment_aliases/live", body: `{"environment":` + linkJSON("Environment", "copy") + `}`, status: 201, find: map[string]string{"x": "sys.id"}},
		)
		c := *l
		c.environment, c.status = "copy", map[string]string{"en-US": "published"}
		sc.tick(time.Second)
		sc.play(
			step{name: "the copy", call: "GET " + copied, want: c.show()},
			step{name: "unique values are taken there too", call: "PUT /spaces/{s}/environments/copy/entries/two", header: []string{contentOf}, body: `{"fields":{"slug":{"en-US":"x"}}}`, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "by the entry there", call: "PUT /spaces/{s}/environments/copy/entries/two/published", header: version(1), status: 422, want: problems("InvalidEntry", notUnique("slug", `"x"`, "one"))},
			step{name: "a change of the copy", call: "PUT " + copied, header: version(2), body: `{"fields":{"slug":{"en-US":"y"}}}`, want: c.saved(none + `"fields":{"slug":{"en-US":"y"}}`).show()},
			step{name: "published", call: "PUT " + copied + "/published", header: version(3), want: c.publish().show()},
			step{name: "is none of the original", call: "GET " + one, want: l.show()},
			step{name: "nor the other way", call: "DELETE " + one + "/published", want: l.unpublish().show()},
			step{name: "delete the original", call: "DELETE " + one, status: 204},
			step{name: "the copy stays", call: "GET " + copied, want: c.show()},
			step{name: "its values too", call: "PUT /spaces/{s}/environments/copy/entries/two/published", header: version(1), find: map[string]string{"x": "sys.publishedAt"}},
		)
		c.environment = "live"
		const alias = "/spaces/{s}/environments/live/entries/one"
		sc.play(
			step{name: "by the alias", call: "GET " + alias, want: c.show()},
			step{name: "listed", call: "GET /spaces/{s}/environments/live/entries?sys.id=one", want: list(1, 0, 100, c.show())},
			step{name: "saved", call: "PUT " + alias, header: version(4), body: `{"fields":{}}`, want: c.saved(none + `"fields":{}`).show()},
			step{name: "published", call: "PUT " + alias + "/published", header: version(5), want: c.publish().show()},
			step{name: "no such entry", call: "GET /spaces/{s}/environments/live/entries/nope", status: 404,
				want: failure("NotFound", notFound, `{"type":"Entry","id":"nope","environment":"live","space":"{s}"}`)},
		)
	})
}
