package cma_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

const releases = content + "/releases"

// release is what a test expects of a release.
type release struct {
	sc                                *script
	id, title, items, last            string
	version                           int
	created, updated, archived, extra string
}

func (sc *script) release(id, title string, items ...string) *release {
	return &release{sc: sc, id: id, title: title, items: strings.Join(items, ","), version: 1, created: sc.names["ms"], updated: sc.names["ms"]}
}

func (r *release) step() *release {
	r.version++
	r.updated = r.sc.names["ms"]
	return r
}

// show is the JSON of the release.
func (r *release) show() string {
	user := linkJSON("User", "{user}")
	s := `{"sys":{"type":"Release","id":"` + r.id + `","version":` + strconv.Itoa(r.version) + `,"space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", "master") +
		`,"createdAt":"` + r.created + `","createdBy":` + user + `,"updatedAt":"` + r.updated + `","updatedBy":` + user + r.extra
	status := "active"
	if r.archived != "" {
		status = "archived"
		s += `,"archivedAt":"` + r.archived + `","archivedBy":` + user
	}
	if r.last != "" {
		s += `,"lastAction":` + linkJSON("ReleaseAction", r.last)
	}
	return s + `,"status":"` + status + `"},"title":"` + r.title + `","entities":{"sys":{"type":"Array"},"items":[` + r.items + `]}}`
}

// releaseBody is the body of a release.
func releaseBody(title string, items ...string) string {
	return `{"title":"` + title + `","entities":` + inArray(items...) + `}`
}

// newRelease makes a release and names it.
func (sc *script) newRelease(name, body string) {
	sc.t.Helper()
	sc.play(step{name: "release " + name, call: "POST " + releases, body: body, status: 201, find: map[string]string{name: "sys.id"}})
}

// releaseActed is the JSON of the release action {a} of release {r} that was made
// at {begun} and changed now.
func releaseActed(status, action, failure string) string {
	if failure != "" {
		failure = `,"error":{"sys":{"type":"Error","id":"ReleaseActionFailed"},"message":"Nothing was changed, because the action is not possible for some of its entities.","details":{"errors":[` + failure + `]}}`
	}
	return `{"sys":{"type":"ReleaseAction","id":"{a}","status":"` + status + `","space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", "master") +
		`,"release":` + linkJSON("Release", "{r}") + `,"createdAt":"{begun}","updatedAt":"{ms}","createdBy":` + linkJSON("User", "{user}") + `,"updatedBy":` + linkJSON("User", "{user}") +
		`},"action":"` + action + `"` + failure + `}`
}

// releaseActs does something to release {r} and lets it run to the end that is
// wanted.
func (sc *script) releaseActs(call string, v int, body, action, status, failure string) {
	sc.t.Helper()
	sc.tick(time.Second)
	sc.names["begun"] = sc.names["ms"]
	method, path, _ := strings.Cut(call, " ")
	sc.play(step{name: call, call: method + " " + releases + "/{r}" + path, header: version(v), body: body, status: 202, find: map[string]string{"a": "sys.id"}})
	sc.play(step{name: "before it begins", call: "GET " + releases + "/{r}/actions/{a}", want: releaseActed("created", action, "")})
	sc.tick(time.Second)
	sc.worked()
	sc.play(
		step{name: "afterwards", call: "GET " + releases + "/{r}/actions/{a}", want: releaseActed(status, action, failure)},
		step{name: "without the release", call: "GET " + content + "/release_actions/{a}", want: releaseActed(status, action, failure)},
	)
	sc.worked()
}

func TestRelease(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","required":true},{"id":"next","name":"N","type":"Link","linkType":"Entry"}]}`)
		sc.make("a", `{"title":{"en-US":"a"},"next":{"en-US":`+linkJSON("Entry", "b")+`}}`)
		sc.make("b", `{"title":{"en-US":"b"},"next":{"en-US":`+linkJSON("Entry", "a")+`}}`)
		sc.make("empty", `{}`)
		a, b, empty := linkJSON("Entry", "a"), linkJSON("Entry", "b"), linkJSON("Entry", "empty")
		sc.newRelease("r", releaseBody("One", a))
		r := sc.release("{r}", "One", a)
		sc.play(step{name: "as it was made", call: "GET " + releases + "/{r}", want: r.show()})
		sc.tick(time.Second)
		r.step().title, r.items = "Two", a+","+b
		sc.play(
			step{name: "change", call: "PUT " + releases + "/{r}", header: version(1), body: releaseBody("Two", a, b), want: r.show()},
			step{name: "an old version", call: "PUT " + releases + "/{r}", header: version(1), body: releaseBody("Three"), status: 409, want: tooOld("Release", "{r}", 2, 1)},
			step{name: "no version", call: "PUT " + releases + "/{r}/published", status: 409, want: noVersion("Release", "{r}", 2)},
		)
		sc.releaseActs("POST /validate", 2, "", "validate", "succeeded", "")
		r.last = "{a}"
		sc.play(step{name: "it is the same version", call: "GET " + releases + "/{r}", want: r.show()})
		sc.releaseActs("POST /validate", 2, `{"action":"unpublish"}`, "validate", "succeeded", "")
		sc.is("a 1", "b 1")
		sc.releaseActs("PUT /published", 2, "", "publish", "succeeded", "")
		sc.is("a 2!", "b 2!")
		r.step().archived = sc.names["ms"]
		sc.play(
			step{name: "it is archived", call: "GET " + releases + "/{r}", want: r.show()},
			step{name: "what is archived is not changed", call: "PUT " + releases + "/{r}", header: version(3), body: releaseBody("Three"), status: 400,
				want: with("hint", `"Take it out of the archive first: DELETE …/releases/{r}/archived."`, badRequest("Cannot edit archived"))},
			step{name: "nor published", call: "PUT " + releases + "/{r}/published", header: version(3), status: 400,
				want: with("hint", `"Take it out of the archive first: DELETE …/releases/{r}/archived."`, badRequest("Cannot publish archived"))},
			step{name: "nor unpublished", call: "DELETE " + releases + "/{r}/published", header: version(3), status: 400,
				want: with("hint", `"Take it out of the archive first: DELETE …/releases/{r}/archived."`, badRequest("Cannot unpublish archived"))},
			step{name: "nor archived again", call: "PUT " + releases + "/{r}/archived", header: version(3), status: 400, want: badRequest("Already archived")},
		)
		sc.tick(time.Second)
		r.step().archived = ""
		sc.play(
			step{name: "take it out", call: "DELETE " + releases + "/{r}/archived", header: version(3), want: r.show()},
			step{name: "it is out", call: "DELETE " + releases + "/{r}/archived", header: version(4), status: 400, want: badRequest("Not archived")},
		)
		sc.releaseActs("DELETE /published", 4, "", "unpublish", "succeeded", "")
		sc.is("a 3", "b 3")
		r.last = "{a}"
		sc.tick(time.Second)
		r.step().items = a + "," + empty
		sc.play(step{name: "one that cannot be published", call: "PUT " + releases + "/{r}", header: version(4), body: releaseBody("Two", a, empty), want: r.show()})
		sc.releaseActs("PUT /published", 5, "", "publish", "failed",
			failing(empty, nested("InvalidEntry", "Validation error", `{"errors":[`+missingField(`["fields"]`, "fields")+`,`+missingField(`["fields","title"]`, "title")+`]}`)))
		sc.is("a 3", "empty 1")
		sc.play(step{name: "it stays open", call: "GET " + releases + "/{r}", want: r.show()})
		sc.tick(time.Second)
		r.step().archived = sc.names["ms"]
		sc.play(
			step{name: "archive", call: "PUT " + releases + "/{r}/archived", header: version(5), want: r.show()},
			step{name: "delete", call: "DELETE " + releases + "/{r}", status: 204},
			step{name: "it is gone", call: "GET " + releases + "/{r}", status: 404, want: lacking("Release", "{r}")},
			step{name: "with its actions", call: "GET " + releases + "/{r}/actions/{a}", status: 404,
				want: failure("NotFound", notFound, `{"type":"ReleaseAction","id":"{a}","environment":"master","space":"{s}","release":"{r}"}`)},
			step{name: "none is left", call: "GET " + content + "/release_actions", want: `{"sys":{"type":"Array"},"limit":100,"items":[],"pages":{}}`},
			step{name: "again", call: "DELETE " + releases + "/{r}", status: 404, want: lacking("Release", "{r}")},
		)
	})
}

// TestReleaseOfItems is about releases that say what is done to each entity.
func TestReleaseOfItems(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}})
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","localized":true}]}`)
		for _, id := range []string{"a", "b", "c"} {
			sc.make(id, `{"title":{"en-US":"x","de":"y"}}`)
		}
		sc.play(step{name: "b is published", call: "PUT " + content + "/entries/b/published", header: version(1), find: map[string]string{"x": "sys.id"}})
		item := func(id, rest string) string { return `{"entity":` + linkJSON("Entry", id) + rest + `}` }
		const german = `,"add":{"fields":{"*":["de"]}}`
		body := `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"V2","entities":` + inArray(item("a", ``), item("b", `,"action":"unpublish"`), item("c", german)) + `}`
		sc.newRelease("r", body)
		r := sc.release("{r}", "V2", item("a", `,"action":"publish"`), item("b", `,"action":"unpublish"`), item("c", german))
		r.extra = `,"schemaVersion":"Release.v2"`
		sc.play(
			step{name: "as it was made", call: "GET " + releases + "/{r}", want: r.show()},
			step{name: "the schema stays", call: "PUT " + releases + "/{r}", header: version(1), body: `{"title":"V2","entities":` + inArray(item("a", ``), item("b", `,"action":"unpublish"`), item("c", german)) + `}`, want: r.step().show()},
		)
		sc.releaseActs("PUT /published", 2, "", "publish", "succeeded", "")
		sc.is("a 2!", "b 3", "c 2!")
		w := sc.do("GET "+content+"/entries/c", nil, "")
		if !strings.Contains(w.Body.String(), `"fieldStatus":{"*":{"de":"published","en-US":"draft"}}`) {
			sc.t.Errorf("c: %s", w.Body)
		}
		sc.play(step{name: "open it", call: "DELETE " + releases + "/{r}/archived", header: version(3), find: map[string]string{"x": "sys.id"}})
		sc.releaseActs("DELETE /published", 4, "", "unpublish", "succeeded", "")
		sc.is("a 3", "b 3", "c 3")
	})
}

func TestReleaseBody(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{"title":{"en-US":"a"}}`)
	needed := func(path, text string) string {
		return `{"name":"any.required","path":` + path + `,"details":` + strconv.Quote(strconv.Quote(text)+" is required") + `}`
	}
	a := linkJSON("Entry", "a")
	many := make([]string, 201)
	for i := range many {
		many[i] = linkJSON("Entry", fmt.Sprint("e", i))
	}
	v2 := `"sys":{"schemaVersion":"Release.v2"},`
	for name, c := range map[string]struct{ body, want string }{
		"nothing":           {``, needed(`["title"]`, "title") + `,` + needed(`["entities"]`, "entities")},
		"an empty title":    {releaseBody(""), `{"name":"size","path":["title"],"value":"","min":1,"max":256,"details":"Size must be at least 1 and at most 256"}`},
		"too many":          {releaseBody("x", many...), `{"name":"size","path":["entities","items"],"min":0,"max":200,"details":"Size must be at least 0 and at most 200"}`},
		"twice":             {releaseBody("x", a, a), `{"name":"array.unique","path":["entities","items",1],"value":` + a + `,"details":"\"entities.items[1]\" is the same as \"entities.items[0]\""}`},
		"no link type":      {releaseBody("x", `{"sys":{"type":"Link","id":"a"}}`), needed(`["entities","items",0,"sys","linkType"]`, "entities.items[0].sys.linkType")},
		"a future schema":   {`{"sys":{"schemaVersion":"Release.v3"},"title":"x","entities":` + inArray() + `}`, `{"name":"in","path":["sys","schemaVersion"],"value":"Release.v3","expected":["Release.v1","Release.v2"],"details":"Value must be one of expected values.","suggestions":["Release.v1","Release.v2"]}`},
		"links in a second": {`{` + v2 + `"title":"x","entities":` + inArray(a) + `}`, `{"name":"unknown","path":["entities","items",0,"sys"],"value":{"type":"Link","linkType":"Entry","id":"a"},"details":"The property \"sys\" is not allowed here."},` + needed(`["entities","items",0,"entity"]`, "entities.items[0].entity")},
		"action and locales": {`{` + v2 + `"title":"x","entities":` + inArray(`{"entity":`+a+`,"action":"publish","add":{"fields":{"*":["en-US"]}}}`) + `}`,
			`{"name":"unexpected","path":["entities","items",0,"action"],"details":"Either an action is named or locales are, not both."}`},
		"a locale both ways": {`{` + v2 + `"title":"x","entities":` + inArray(`{"entity":`+a+`,"add":{"fields":{"*":["en-US"]}},"remove":{"fields":{"*":["en-US"]}}}`) + `}`,
			`{"name":"unexpected","path":["entities","items",0,"remove","fields","*",0],"value":"en-US","details":"The locale \"en-US\" cannot be published and unpublished at once."}`},
		"no such locale": {`{` + v2 + `"title":"x","entities":` + inArray(`{"entity":`+a+`,"add":{"fields":{"*":["en-US","xx"]}}}`) + `}`,
			`{"name":"unknown","path":["entities","items",0,"add","fields","*",1],"value":"xx","details":"There is no locale \"xx\". Use a code such as \"en-US\"."}`},
		"what is not there": {releaseBody("x", a, linkJSON("Entry", "no"), linkJSON("Asset", "a")),
			`{"name":"notResolvable","path":["entities","items",1],"link":{"type":"Link","linkType":"Entry","id":"no"},"details":"There is no entry \"no\".","error":` + nested("NotFound", notFound, `{"type":"Entry","id":"no","environment":"master","space":"{s}"}`) + `},` +
				`{"name":"notResolvable","path":["entities","items",2],"link":{"type":"Link","linkType":"Asset","id":"a"},"details":"There is no asset \"a\".","error":` + nested("NotFound", notFound, `{"type":"Asset","id":"a","environment":"master","space":"{s}"}`) + `}`},
	} {
		sc.play(step{name: name, call: "POST " + releases, body: c.body, status: 422, want: problems("ValidationFailed", c.want)})
	}
	sc.newRelease("r", releaseBody("x"))
	sc.play(
		step{name: "validate what", call: "POST " + releases + "/{r}/validate", body: `{"action":"delete"}`, status: 422,
			want: problems("ValidationFailed", `{"name":"in","path":["action"],"value":"delete","expected":["publish","unpublish"],"details":"Value must be one of expected values"}`)},
		step{name: "no such release", call: "POST " + releases + "/no/validate", status: 404, want: lacking("Release", "no")},
		step{name: "none to publish", call: "PUT " + releases + "/no/published", header: version(1), status: 404, want: lacking("Release", "no")},
		step{name: "none to change", call: "PUT " + releases + "/no", header: version(1), body: releaseBody("x"), status: 404, want: lacking("Release", "no")},
		step{name: "none to archive", call: "PUT " + releases + "/no/archived", header: version(1), status: 404, want: lacking("Release", "no")},
		step{name: "no such action", call: "GET " + content + "/release_actions/no", status: 404, want: lacking("ReleaseAction", "no")},
	)
}

// TestReleaseLists asks for releases and their actions in all the ways there are.
func TestReleaseLists(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.play(step{name: "an asset", call: "PUT " + content + "/assets/pic", status: 201, find: map[string]string{"x": "sys.id"}})
		for i, body := range []string{
			releaseBody("Summer sale", linkJSON("Entry", "a")), releaseBody("Winter sale"),
			`{"sys":{"schemaVersion":"Release.v2"},"title":"Launch","entities":` + inArray(`{"entity":`+linkJSON("Asset", "pic")+`}`) + `}`,
		} {
			sc.tick(time.Second)
			sc.newRelease(fmt.Sprint("r", i), body)
		}
		sc.play(step{name: "archive one", call: "PUT " + releases + "/{r1}/archived", header: version(1), find: map[string]string{"x": "sys.id"}})
		list := func(call string) []string {
			sc.t.Helper()
			w := sc.do("GET "+call, nil, "")
			if w.Code != 200 {
				sc.t.Fatalf("%s: %d %s", call, w.Code, w.Body)
			}
			var out []string
			for _, item := range decoded(sc.t, w.Body.String()).(map[string]any)["items"].([]any) {
				item := item.(map[string]any)
				if title, ok := item["title"].(string); ok {
					out = append(out, title)
				} else {
					sys := item["sys"].(map[string]any)
					out = append(out, fmt.Sprint(item["action"], " ", sys["status"]))
				}
			}
			return out
		}
		for params, want := range map[string]string{
			"":                                         "[Winter sale Launch Summer sale]", // by the latest change
			"?order=title":                             "[Launch Summer sale Winter sale]",
			"?order=-sys.createdAt":                    "[Launch Winter sale Summer sale]",
			"?title[match]=sale&order=title":           "[Summer sale Winter sale]",
			"?sys.status[in]=active":                   "[Launch Summer sale]",
			"?sys.status[nin]=active":                  "[Winter sale]",
			"?sys.schemaVersion=Release.v2":            "[Launch]",
			"?entities.sys.id[in]=a,pic":               "[Launch Summer sale]",
			"?entities.sys.id=a":                       "[Summer sale]",
			"?entities.sys.linkType=Asset":             "[Launch]",
			"?entities[exists]=false":                  "[Winter sale]",
			"?sys.id[in]={r0},{r1}&order=title":        "[Summer sale Winter sale]",
			"?sys.id[nin]={r0}":                        "[Winter sale Launch]",
			"?sys.createdBy.sys.id[in]={user}&limit=1": "[Winter sale]",
		} {
			if got := fmt.Sprint(list(releases + params)); got != want {
				sc.t.Errorf("%s: %s, want %s", params, got, want)
			}
		}
		page := decoded(sc.t, sc.do("GET "+releases+"?order=title&limit=2", nil, "").Body.String()).(map[string]any)
		next, _ := page["pages"].(map[string]any)["next"].(string)
		if got := fmt.Sprint(list(next)); got != "[Winter sale]" || page["total"] != nil {
			sc.t.Errorf("the second page is %s, the first %v", got, page)
		}
		sc.releaseless()
		sc.names["r"] = sc.names["r0"]
		sc.releaseActs("POST /validate", 1, "", "validate", "succeeded", "")
		sc.releaseActs("PUT /published", 1, "", "publish", "succeeded", "")
		sc.names["r"] = sc.names["r2"]
		sc.releaseActs("DELETE /published", 1, "", "unpublish", "succeeded", "")
		const actions = content + "/release_actions"
		for params, want := range map[string]string{
			"":                                "[unpublish succeeded publish succeeded validate succeeded]",
			"?order=sys.updatedAt&limit=1":    "[validate succeeded]",
			"?action=publish":                 "[publish succeeded]",
			"?sys.release.sys.id[in]={r2}":    "[unpublish succeeded]",
			"?sys.status[in]=failed":          "[]",
			"?sys.status[nin]=failed&limit=2": "[unpublish succeeded publish succeeded]",
			"?sys.id[in]={a}":                 "[unpublish succeeded]",
		} {
			if got := fmt.Sprint(list(actions + params)); got != want {
				sc.t.Errorf("%s: %s, want %s", params, got, want)
			}
		}
	})
}

// releaseless asks for what lists of releases do not know.
func (sc *script) releaseless() {
	sc.t.Helper()
	unknownPath := func(path, text, more string) string {
		return failure("InvalidQuery", "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.",
			`{"errors":[{"name":"unknown","path":`+path+`,"details":"The path \"`+text+`\" is not recognized."`+more+`}]}`)
	}
	sc.play(
		step{name: "an unknown path", call: "GET " + releases + "?titel=x", status: 400, want: unknownPath(`["titel"]`, "titel", `,"suggestions":["title"]`)},
		step{name: "another", call: "GET " + releases + "?sys.statu=active", status: 400, want: unknownPath(`["sys","statu"]`, "sys.statu", `,"suggestions":["sys.status"]`)},
		step{name: "of entities", call: "GET " + releases + "?entities.sys.ids=a", status: 400, want: unknownPath(`["entities","sys","ids"]`, "entities.sys.ids", `,"suggestions":["entities.sys.id"]`)},
	)
}
