package cma_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

const bulk = content + "/bulk_actions"

// versioned is a link to a version of an entity.
func versioned(kind, id string, v int) string {
	return `{"sys":{"type":"Link","linkType":"` + kind + `","id":"` + id + `","version":` + strconv.Itoa(v) + `}}`
}

// inArray is a list as bulk actions and releases have it.
func inArray(items ...string) string {
	return `{"sys":{"type":"Array"},"items":[` + strings.Join(items, ",") + `]}`
}

// acted is the JSON of a bulk action {id} that was made at {begun} and changed now.
func acted(status, action, payload, failure string) string {
	if failure != "" {
		failure = `,"error":{"sys":{"type":"Error","id":"BulkActionFailed"},"message":"Nothing was changed, because the action is not possible for some of its entities.","details":{"errors":[` + failure + `]}}`
	}
	return `{"sys":{"type":"BulkAction","id":"{id}","status":"` + status + `","space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", "master") +
		`,"createdAt":"{begun}","updatedAt":"{ms}","createdBy":` + linkJSON("User", "{user}") + `,"updatedBy":` + linkJSON("User", "{user}") +
		`},"action":"` + action + `","payload":` + payload + failure + `}`
}

// nested is an error inside of another body.
func nested(id, message, details string) string {
	if details != "" {
		details = `,"details":` + details
	}
	return `{"sys":{"type":"Error","id":"` + id + `"},"message":` + strconv.Quote(message) + details + `}`
}

func failing(entity, err string) string { return `{"entity":` + entity + `,"error":` + err + `}` }

// versionNow is the version of an entry or asset, and whether it is published as it is.
func (sc *script) versionNow(kind, id string) (v int, published bool) {
	sc.t.Helper()
	body, _ := decoded(sc.t, sc.do("GET "+content+"/"+kind+"/"+id, nil, "").Body.String()).(map[string]any)
	sys, _ := body["sys"].(map[string]any)
	n, _ := sys["version"].(float64)
	p, _ := sys["publishedVersion"].(float64)
	return int(n), p > 0 && p == n-1
}

// is checks versions of entries; those of published ones are written with a !.
func (sc *script) is(entries ...string) {
	sc.t.Helper()
	for _, e := range entries {
		id, want, _ := strings.Cut(e, " ")
		v, published := sc.versionNow("entries", id)
		got := strconv.Itoa(v)
		if published {
			got += "!"
		}
		if got != want {
			sc.t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
}

func (sc *script) worked() {
	sc.t.Helper()
	if err := sc.work(); err != nil {
		sc.t.Fatal(err)
	}
}

// acts makes a bulk action and lets it run, to the end that is wanted.
func (sc *script) acts(form, action, body, status, failure string) {
	sc.t.Helper()
	path, code, payload := bulk+"/"+action, 200, body
	if form == "v2" {
		path, code = bulk, 201
	}
	sc.tick(time.Second)
	sc.names["begun"] = sc.names["ms"]
	sc.play(step{name: action, call: "POST " + path, body: body, status: code, find: map[string]string{"id": "sys.id"}})
	sc.play(step{name: "before it begins", call: "GET " + bulk + "/{id}", want: acted("created", action, payload, "")})
	sc.tick(time.Second)
	sc.worked()
	for _, at := range []string{"/actions/{id}", "/{id}"} {
		sc.play(step{name: "afterwards", call: "GET " + bulk + at, want: acted(status, action, payload, failure)})
	}
	sc.worked() // nothing is done twice
}

func TestBulkActions(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","required":true},{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true}]},
			{"id":"next","name":"N","type":"Link","linkType":"Entry"}]}`)
		sc.make("a", `{"title":{"en-US":"a"},"slug":{"en-US":"one"},"next":{"en-US":`+linkJSON("Entry", "b")+`}}`)
		sc.make("b", `{"title":{"en-US":"b"},"slug":{"en-US":"two"},"next":{"en-US":`+linkJSON("Entry", "a")+`}}`)
		sc.make("empty", `{}`)
		sc.make("same", `{"title":{"en-US":"c"},"slug":{"en-US":"one"}}`)
		sc.make("lost", `{"title":{"en-US":"d"},"next":{"en-US":`+linkJSON("Entry", "gone")+`}}`)
		sc.play(step{name: "an asset", call: "PUT " + content + "/assets/pic", status: 201, find: map[string]string{"x": "sys.id"}})

		both := func(a, b int) string {
			return `{"entities":` + inArray(versioned("Entry", "a", a), versioned("Entry", "b", b)) + `}`
		}
		sc.acts("v1", "validate", `{"entities":`+inArray(linkJSON("Entry", "a"), linkJSON("Entry", "b"))+`}`, "succeeded", "")
		sc.is("a 1", "b 1")
		sc.acts("v1", "publish", both(1, 1), "succeeded", "")
		sc.is("a 2!", "b 2!")

		everything := failing(versioned("Entry", "empty", 1), nested("InvalidEntry", "Validation error", `{"errors":[`+missingField(`["fields"]`, "fields")+`,`+missingField(`["fields","title"]`, "title")+`]}`)) + `,` +
			failing(versioned("Entry", "same", 1), nested("InvalidEntry", "Validation error", `{"errors":[`+notUnique("slug", `"one"`, "a")+`]}`)) + `,` +
			failing(versioned("Entry", "lost", 1), nested("UnresolvedLinks", "Validation error",
				`{"errors":[{"name":"notResolvable","path":["fields","next","en-US"],"link":{"type":"Link","linkType":"Entry","id":"gone"},"details":"There is no entry \"gone\"."}]}`)) + `,` +
			failing(versioned("Asset", "pic", 1), nested("ValidationFailed", "Validation error", `{"errors":[{"name":"required","path":["fields","file"],"details":"The asset has no files"}]}`))
		wrong := `{"entities":` + inArray(versioned("Entry", "a", 2), versioned("Entry", "empty", 1), versioned("Entry", "same", 1), versioned("Entry", "lost", 1), versioned("Asset", "pic", 1)) + `}`
		sc.acts("v1", "publish", wrong, "failed", everything)
		sc.is("a 2!", "empty 1", "same 1", "lost 1")

		sc.acts("v2", "unpublish", `{"action":"unpublish","entities":[{"entity":`+linkJSON("Entry", "a")+`},{"entity":`+linkJSON("Entry", "same")+`},{"entity":`+linkJSON("Asset", "pic")+`}]}`, "succeeded", "")
		sc.is("a 3", "same 1", "b 2!")
		sc.acts("v2", "publish", `{"action":"publish","entities":[{"entity":`+versioned("Entry", "same", 1)+`},{"entity":`+versioned("Entry", "b", 2)+`}]}`, "succeeded", "")
		sc.is("same 2!", "b 3!")
		sc.acts("v2", "validate", `{"action":"validate","entities":[{"entity":`+linkJSON("Entry", "a")+`}]}`, "failed",
			failing(linkJSON("Entry", "a"), nested("InvalidEntry", "Validation error", `{"errors":[`+notUnique("slug", `"one"`, "same")+`]}`)))
		sc.acts("v1", "validate", `{"action":"unpublish","entities":`+inArray(linkJSON("Entry", "same"))+`}`, "succeeded", "")
		sc.is("same 2!")
	})
}

// TestUniqueValuesChangeHands publishes entries that exchange their unique values:
// alone, neither could be.
func TestUniqueValuesChangeHands(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true}]}]}`)
		save := func(id, slug string, v int) step {
			return step{name: "save " + id, call: "PUT " + content + "/entries/" + id, header: version(v), body: `{"fields":{"slug":{"en-US":"` + slug + `"}}}`, find: map[string]string{"x": "sys.id"}}
		}
		entities := func(ids ...string) string {
			links := make([]string, len(ids))
			for i, e := range ids {
				id, v, _ := strings.Cut(e, " ")
				n, err := strconv.Atoi(v)
				if err != nil {
					sc.t.Fatal(err)
				}
				links[i] = versioned("Entry", id, n)
			}
			return `{"entities":` + inArray(links...) + `}`
		}
		for _, id := range []string{"a", "b", "c"} {
			sc.make(id, `{"slug":{"en-US":"`+id+`"}}`)
		}
		sc.acts("v1", "publish", entities("a 1", "b 1", "c 1"), "succeeded", "")
		sc.play(save("a", "b", 2), save("b", "c", 2), save("c", "a", 2))
		sc.acts("v1", "publish", entities("a 3", "b 3"), "failed", failing(versioned("Entry", "b", 3), nested("InvalidEntry", "Validation error", `{"errors":[`+notUnique("slug", `"c"`, "c")+`]}`)))
		sc.is("a 3", "b 3", "c 3")
		sc.acts("v1", "publish", entities("a 3", "b 3", "c 3"), "succeeded", "")
		sc.is("a 4!", "b 4!", "c 4!")
		sc.play(save("a", "x", 4), save("b", "x", 4))
		sc.acts("v1", "publish", entities("a 5", "b 5"), "failed", failing(versioned("Entry", "b", 5), nested("InvalidEntry", "Validation error", `{"errors":[`+notUnique("slug", `"x"`, "a")+`]}`)))
		sc.play(step{name: "the values are as they were", call: "PUT " + content + "/entries/a/published", header: version(5), find: map[string]string{"x": "sys.id"}})
	})
}

// TestBulkActionOnWhatMoves: between the request and its execution everything can
// change.
func TestBulkActionOnWhatMoves(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.make("b", `{"title":{"en-US":"b"}}`)
		sc.make("c", `{"title":{"en-US":"c"}}`)
		payload := `{"entities":` + inArray(versioned("Entry", "a", 1), versioned("Entry", "b", 1), versioned("Entry", "c", 1)) + `}`
		sc.names["begun"] = sc.names["ms"]
		sc.play(
			step{name: "begin", call: "POST " + bulk + "/publish", body: payload, find: map[string]string{"id": "sys.id"}},
			step{name: "b goes", call: "DELETE " + content + "/entries/b", status: 204},
			step{name: "c changes", call: "PUT " + content + "/entries/c", header: version(1), body: `{"fields":{}}`, find: map[string]string{"x": "sys.id"}},
		)
		sc.worked()
		sc.play(step{name: "nothing is done", call: "GET " + bulk + "/{id}", want: acted("failed", "publish", payload,
			failing(versioned("Entry", "b", 1), nested("NotFound", notFound, `{"type":"Entry","id":"b","environment":"master","space":"{s}"}`))+`,`+
				failing(versioned("Entry", "c", 1), strings.Replace(nested("VersionMismatch", "Entry c is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", ""), `"message"`,
					`"current":{"version":2,"updatedAt":"{ms}","updatedBy":`+linkJSON("User", "{user}")+`},"sent":{"version":1},"changed":["title"],"message"`, 1)))})
		sc.is("a 1", "c 2")
	})
}

func TestBulkActionBody(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{"title":{"en-US":"a"}}`)
	needed := func(path, text string) string {
		return `{"name":"any.required","path":` + path + `,"details":` + strconv.Quote(strconv.Quote(text)+" is required") + `}`
	}
	many := make([]string, 201)
	for i := range many {
		many[i] = linkJSON("Entry", fmt.Sprint("e", i))
	}
	size := func(path string) string {
		return `{"name":"size","path":` + path + `,"min":1,"max":200,"details":"Size must be at least 1 and at most 200"}`
	}
	for name, c := range map[string]struct{ path, body, want string }{
		"nothing":    {"/publish", ``, needed(`["entities"]`, "entities")},
		"no items":   {"/publish", `{"entities":{}}`, needed(`["entities","items"]`, "entities.items")},
		"no version": {"/publish", `{"entities":` + inArray(linkJSON("Entry", "a")) + `}`, needed(`["entities","items",0,"sys","version"]`, "entities.items[0].sys.version")},
		"version 0":  {"/publish", `{"entities":` + inArray(versioned("Entry", "a", 0)) + `}`, `{"name":"range","path":["entities","items",0,"sys","version"],"value":0,"min":1,"details":"Value must be at least 1"}`},
		"no link":    {"/unpublish", `{"entities":{"items":[{}]}}`, needed(`["entities","items",0,"sys"]`, "entities.items[0].sys")},
		"a link to what is no entity": {"/unpublish", `{"entities":` + inArray(linkJSON("Tag", "a")) + `}`,
			`{"name":"in","path":["entities","items",0,"sys","linkType"],"value":"Tag","expected":["Entry","Asset"],"details":"Value must be one of expected values"}`},
		"twice the same": {"/unpublish", `{"entities":` + inArray(linkJSON("Entry", "a"), linkJSON("Asset", "a"), linkJSON("Entry", "a")) + `}`,
			`{"name":"array.unique","path":["entities","items",2],"value":` + linkJSON("Entry", "a") + `,"details":"\"entities.items[2]\" is the same as \"entities.items[0]\""}`},
		"too many":           {"/unpublish", `{"entities":` + inArray(many...) + `}`, size(`["entities","items"]`)},
		"too few":            {"/unpublish", `{"entities":` + inArray() + `}`, size(`["entities","items"]`)},
		"an unknown key":     {"/unpublish", `{"entities":` + inArray(linkJSON("Entry", "a")) + `,"items":[]}`, `{"name":"unknown","path":["items"],"value":[],"details":"The property \"items\" is not allowed here."}`},
		"a wrong type":       {"/unpublish", `{"entities":[]}`, `{"name":"type","type":"Object","path":["entities"],"value":[],"details":"The type of \"entities\" is incorrect, expected type: Object"}`},
		"no object":          {"/unpublish", `[]`, `{"name":"type","type":"Object","path":[],"value":[],"details":"The type of \"value\" is incorrect, expected type: Object"}`},
		"validate what":      {"/validate", `{"action":"archive","entities":` + inArray(linkJSON("Entry", "a")) + `}`, `{"name":"in","path":["action"],"value":"archive","expected":["publish","unpublish"],"details":"Value must be one of expected values"}`},
		"no action":          {"", `{"entities":[{"entity":` + linkJSON("Entry", "a") + `}]}`, needed(`["action"]`, "action")},
		"no versions either": {"", `{"action":"publish","entities":[{"entity":` + linkJSON("Entry", "a") + `}]}`, needed(`["entities",0,"entity","sys","version"]`, "entities[0].entity.sys.version")},
		"no locales":         {"", `{"action":"unpublish","entities":[{"entity":` + linkJSON("Entry", "a") + `,"remove":{"fields":{"*":[]}}}]}`, `{"name":"size","path":["entities",0,"remove","fields","*"],"min":1,"details":"Size must be at least 1"}`},
		"add to what goes":   {"", `{"action":"unpublish","entities":[{"entity":` + linkJSON("Entry", "a") + `,"add":{"fields":{"*":["en-US"]}}}]}`, `{"name":"unknown","path":["entities",0,"add"],"value":{"fields":{"*":["en-US"]}},"details":"The property \"add\" is not allowed here."}`},
		"no entity":          {"", `{"action":"unpublish","entities":[{}]}`, needed(`["entities",0,"entity"]`, "entities[0].entity")},
	} {
		sc.play(step{name: name, call: "POST " + bulk + c.path, body: c.body, status: 422, want: problems("ValidationFailed", c.want)})
	}
	sc.play(
		step{name: "absent", call: "POST " + bulk + "/unpublish", body: `{"entities":` + inArray(linkJSON("Entry", "a"), linkJSON("Entry", "no"), linkJSON("Asset", "no")) + `}`, status: 400,
			want: with("hint", `"There is no entry no and no asset no."`, failure("BadRequest", notFound, `{"errors":[`+absentOne("Entry", "no", `["entities","items",1]`)+`,`+absentOne("Asset", "no", `["entities","items",2]`)+`]}`))},
		step{name: "absent, of the other form", call: "POST " + bulk, body: `{"action":"unpublish","entities":[{"entity":` + linkJSON("Entry", "no") + `}]}`, status: 400,
			want: with("hint", `"There is no entry no."`, failure("BadRequest", notFound, `{"errors":[`+absentOne("Entry", "no", `["entities",0,"entity"]`)+`]}`))},
		step{name: "outdated", call: "POST " + bulk + "/publish", body: `{"entities":` + inArray(versioned("Entry", "a", 7)) + `}`, status: 409,
			want: with("hint", `"Read them again: entry a is at version 1 and not 7."`, failure("VersionMismatch", "Version mismatch", ""))},
		step{name: "no such action", call: "GET " + bulk + "/no", status: 404, want: failure("NotFound", notFound, `{"type":"BulkAction","id":"no"}`)},
		step{name: "nor there", call: "GET " + bulk + "/actions/no", status: 404, want: failure("NotFound", notFound, `{"type":"BulkAction","id":"no"}`)},
	)
}

// TestBulkActionsAreBounded: five at once, and none is kept for longer than a week.
func TestBulkActionsAreBounded(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{"title":{"en-US":"a"}}`)
		begin := step{name: "begin", call: "POST " + bulk + "/validate", body: `{"entities":` + inArray(linkJSON("Entry", "a")) + `}`, find: map[string]string{"id": "sys.id"}}
		for range 5 {
			sc.play(begin)
		}
		sixth := begin
		sixth.name, sixth.status, sixth.find = "a sixth", 429, nil
		sixth.want = failure("RateLimitExceeded", "There are 5 bulk actions in progress, which is the most there can be. Please wait for one of them to end.", "")
		sc.play(sixth, step{name: "a copy", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"copy"}`, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "has none of them", call: "GET /spaces/{s}/environments/copy/bulk_actions/{id}", status: 404, want: failure("NotFound", notFound, `{"type":"BulkAction","id":"{id}"}`)})
		for range 5 {
			other := begin
			other.call = "POST /spaces/{s}/environments/copy/bulk_actions/validate"
			other.find = map[string]string{"x": "sys.id"}
			sc.play(other)
		}
		sc.worked()
		sc.play(begin)
		sc.worked()
		sc.tick(7*24*time.Hour - time.Second)
		sc.worked()
		sc.play(step{name: "it is there", call: "GET " + bulk + "/{id}", find: map[string]string{"x": "sys.id"}})
		sc.tick(time.Second)
		sc.worked()
		sc.play(step{name: "it is gone", call: "GET " + bulk + "/{id}", status: 404, want: failure("NotFound", notFound, `{"type":"BulkAction","id":"{id}"}`)})
	})
}

// TestBulkActionsInSomeLocales publishes and unpublishes locales together.
func TestBulkActionsInSomeLocales(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}})
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","localized":true,"required":true}]}`)
		sc.make("a", `{"title":{"en-US":"a","de":"a"}}`)
		sc.make("b", `{"title":{"de":"b"}}`)
		status := func(id, want string) {
			sc.t.Helper()
			body := decoded(sc.t, sc.do("GET "+content+"/entries/"+id, nil, "").Body.String())
			all, _ := body.(map[string]any)["sys"].(map[string]any)["fieldStatus"].(map[string]any)["*"].(map[string]any)
			if got := fmt.Sprint("en-US ", all["en-US"], ", de ", all["de"]); got != want {
				sc.t.Errorf("%s: %s, want %s", id, got, want)
			}
		}
		in := func(name, codes string) string { return `,"` + name + `":{"fields":{"*":[` + codes + `]}}}` }
		sc.acts("v2", "publish", `{"action":"publish","entities":[{"entity":`+versioned("Entry", "a", 1)+`},{"entity":`+versioned("Entry", "b", 1)+`}]}`, "failed",
			failing(versioned("Entry", "b", 1), nested("InvalidEntry", "Validation error", `{"errors":[`+missingField(`["fields","title","en-US"]`, "title")+`]}`)))
		status("a", "en-US draft, de draft")
		sc.acts("v2", "publish", `{"action":"publish","entities":[{"entity":`+versioned("Entry", "a", 1)+in("add", `"en-US"`)+`,{"entity":`+versioned("Entry", "b", 1)+in("add", `"de"`)+`]}`, "succeeded", "")
		status("a", "en-US published, de draft")
		status("b", "en-US draft, de published")
		sc.acts("v2", "publish", `{"action":"publish","entities":[{"entity":`+versioned("Entry", "a", 2)+`,"add":{"fields":{"*":["de"]}},"remove":{"fields":{"*":["en-US"]}}}]}`, "succeeded", "")
		status("a", "en-US draft, de published")
		sc.acts("v2", "unpublish", `{"action":"unpublish","entities":[{"entity":`+linkJSON("Entry", "a")+in("remove", `"en-US"`)+`,{"entity":`+linkJSON("Entry", "b")+in("remove", `"de"`)+`]}`, "succeeded", "")
		status("a", "en-US draft, de published")
		status("b", "en-US draft, de draft")
		sc.acts("v2", "validate", `{"action":"validate","entities":[{"entity":`+linkJSON("Entry", "a")+in("add", `"xx"`)+`]}`, "failed",
			failing(linkJSON("Entry", "a"), nested("InvalidEntry", "Validation error", `{"errors":[{"name":"unknown","path":["add","fields","*",0],"value":"xx","details":"There is no locale \"xx\". Use a code such as \"en-US\" or \"de\"."}]}`)))
	})
}

// absentOne is the problem of an entity that does not exist, at a path.
func absentOne(kind, id, path string) string {
	return `{"name":"notResolvable","path":` + path + `,"link":{"type":"Link","linkType":"` + kind + `","id":"` + id + `"},"details":"There is no ` + strings.ToLower(kind) + ` \"` + id + `\"."}`
}
