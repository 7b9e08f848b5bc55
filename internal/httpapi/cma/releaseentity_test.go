package cma_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// release2Body is the body of a release of the second schema; items are as
// publishes and unpublishes make them.
func release2Body(title string, items ...string) string {
	return `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"` + title + `","entities":` + inArray(items...) + `}`
}

func publishes(kind, id string) string {
	return `{"entity":` + linkJSON(kind, id) + `,"action":"publish"}`
}

func unpublishes(kind, id string) string {
	return `{"entity":` + linkJSON(kind, id) + `,"action":"unpublish"}`
}

// in is what an entity is in release {r}: nothing of it is published there.
func (l *life) in() *life {
	c := *l
	c.release, c.counter, c.publishedVersion, c.published, c.firstPublished = "{r}", 0, 0, "", ""
	c.status = map[string]string{}
	for locale := range l.status {
		c.status[locale] = "draft"
	}
	return &c
}

// notIn is the answer to a request for what is not in release {r}.
func notIn(kind, id string) string {
	return failure("NotFound", notFound, `{"type":"`+kind+`","id":"`+id+`","environment":"master","space":"{s}","release":"{r}"}`)
}

const (
	inR        = releases + "/{r}"
	noVersions = "The release has no versions of entities"
)

// The life of a release's versions: an entry that the release is about is what it
// is outside, until it is changed there; others are made there; all become the
// latest versions of their entries when the release is published.
func TestReleaseEntries(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","displayField":"title","fields":[{"id":"title","name":"T","type":"Symbol","required":true},
			{"id":"next","name":"N","type":"Link","linkType":"Entry","validations":[{"linkContentType":["post"]}]}]}`)
		sc.make("a", `{"title":{"en-US":"a"}}`)
		a := sc.entry("a", `{"title":{"en-US":"a"}}`)
		sc.tick(time.Second)
		sc.play(step{name: "publish a", call: "PUT " + content + "/entries/a/published", header: version(1), want: a.publish().show()})
		sc.make("b", `{"title":{"en-US":"b"}}`)
		b := sc.entry("b", `{"title":{"en-US":"b"}}`)
		sc.newRelease("r", release2Body("R", publishes("Entry", "a")))
		r := sc.release("{r}", "R", publishes("Entry", "a"))
		r.extra = `,"schemaVersion":"Release.v2"`
		const one, two = inR + "/entries/a", inR + "/entries/new"
		sc.play(
			step{name: "as it is", call: "GET " + one, want: a.in().show()},
			step{name: "not in it", call: "GET " + inR + "/entries/b", status: 404, want: notIn("Entry", "b")},
			step{name: "no asset", call: "GET " + inR + "/assets/a", status: 404, want: notIn("Asset", "a")},
			step{name: "a list", call: "GET " + inR + "/entries", want: list(1, 0, 100, a.in().show())},
			step{name: "of assets", call: "GET " + inR + "/assets", want: list(0, 0, 100)},
			step{name: "without the version", call: "PUT " + one, body: `{}`, status: 409, want: noVersion("Entry", "a", 2)},
			step{name: "with an old one", call: "PUT " + one, header: version(1), body: `{}`, status: 409, want: with("changed", "[]", tooOld("Entry", "a", 2, 1))},
			step{name: "select is for lists", call: "GET " + one + "?select=sys", status: 400, want: invalidQuery("The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.",
				`{"name":"select","path":["select"],"details":"Select is only applicable when querying a collection of entities."}`)},
		)
		sc.tick(time.Second)
		in := a.in().saved(none + `"fields":{"title":{"en-US":"a!"},"next":{"en-US":` + linkJSON("Entry", "new") + `}}`)
		in.created = a.created
		sc.play(
			step{name: "change it", call: "PUT " + one, header: version(2), body: `{"fields":{"title":{"en-US":"a!"},"next":{"en-US":` + linkJSON("Entry", "new") + `}}}`, want: in.show()},
			step{name: "it is changed", call: "GET " + one, want: in.show()},
			step{name: "in there only", call: "GET " + content + "/entries/a", want: a.show()},
			step{name: "the release is as it was", call: "GET " + inR, want: r.show()},
		)
		sc.tick(time.Second)
		sc.play(
			step{name: "the entity goes its own way", call: "PUT " + content + "/entries/a", header: version(2), body: `{"fields":{"title":{"en-US":"outside"}}}`, want: a.saved(none + `"fields":{"title":{"en-US":"outside"}}`).show()},
			step{name: "which the version does not", call: "GET " + one, want: in.show()},
			step{name: "with the version that was", call: "PUT " + one, header: version(2), body: `{}`, status: 409, want: tooOld("Entry", "a", 3, 2)},
			step{name: "an unknown field", call: "PUT " + one, header: version(3), body: `{"fields":{"Title":{}}}`, status: 422,
				want: failure("UnknownField", `No field with id "Title" found.`, `{"errors":[{"name":"unknown","path":["fields","Title"],"value":{},"details":"The property \"Title\" is not allowed here.","suggestions":["title"]}]}`)},
			step{name: "a patch", call: "PATCH " + one, header: append(version(3), "Content-Type: application/json-patch+json"), body: `[{"op":"replace","path":"/fields/title/en-US","value":"a?"}]`,
				want: in.saved(none + `"fields":{"title":{"en-US":"a?"},"next":{"en-US":` + linkJSON("Entry", "new") + `}}`).show()},
			step{name: "another", call: "PATCH " + one, header: append(version(3), "Content-Type: application/json-patch+json"), body: `[]`, status: 409, want: with("changed", `["title"]`, tooOld("Entry", "a", 4, 3))},
			step{name: "of nothing", call: "PATCH " + inR + "/entries/b", header: append(version(1), "Content-Type: application/json-patch+json"), body: `[]`, status: 404, want: notIn("Entry", "b")},
			step{name: "no path", call: "PATCH " + one, header: append(version(4), "Content-Type: application/json-patch+json"), body: `[{"op":"remove","path":"/x"}]`, status: 400,
				want: failure("BadRequest", `The JSON Patch cannot be applied: There is nothing at "/x".`, `{"errors":[{"name":"unknown","path":[0,"path"],"value":"/x","details":"There is nothing at \"/x\"."}]}`)},
		)
		sc.tick(time.Second)
		made := sc.entry("new", `{"title":{"en-US":"n"}}`).in()
		r.step().items += "," + publishes("Entry", "new")
		sc.play(
			step{name: "new, of no content type", call: "PUT " + two, body: `{}`, status: 400, want: badRequest("You should provide a content type in X-Contentful-Content-Type request header.")},
			step{name: "of one that there is not", call: "PUT " + two, header: []string{"X-Contentful-Content-Type: nope"}, body: `{}`, status: 400, want: badRequest(noSuchType)},
			step{name: "new", call: "PUT " + two, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"n"}}}`, status: 201, want: made.show()},
			step{name: "it is in the release", call: "GET " + inR, want: r.show()},
			step{name: "and nowhere else", call: "GET " + content + "/entries/new", status: 404, want: lacking("Entry", "new")},
		)
		sc.tick(time.Second)
		joined := b.in().saved(none + `"fields":{"title":{"en-US":"b!"}}`)
		joined.created = b.created
		sc.play(
			step{name: "one more that there is", call: "PUT " + inR + "/entries/b", header: version(1), body: `{"fields":{"title":{"en-US":"b!"}}}`, status: 201, want: joined.show()},
			step{name: "and a new one", call: "POST " + inR + "/entries", header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"p"}}}`, status: 201, find: map[string]string{"p": "sys.id"}},
		)
		r.step().step().items += "," + publishes("Entry", "b") + "," + publishes("Entry", "{p}")
		posted := sc.entry("{p}", `{"title":{"en-US":"p"}}`).in()
		sc.play(
			step{name: "the release", call: "GET " + inR, want: r.show()},
			step{name: "its entries", call: "GET " + inR + "/entries?order=fields.title&content_type=post", want: list(4, 0, 100, in.show(), joined.show(), made.show(), posted.show())},
			step{name: "by what they are in it", call: "GET " + inR + "/entries?fields.title=b!&content_type=post", want: list(1, 0, 100, joined.show())},
			step{name: "and by what they link to", call: "GET " + inR + "/entries?content_type=post&fields.next.sys.contentType.sys.id=post&fields.next.fields.title[match]=n", want: list(1, 0, 100, in.show())},
			step{name: "a page", call: "GET " + inR + "/entries?order=-fields.title&content_type=post&skip=1&limit=2", want: list(4, 1, 2, made.show(), joined.show())},
			step{name: "a wrong one", call: "GET " + inR + "/entries?skip=x", status: 400,
				want: failure("InvalidQuery", `The value provided for "skip" is invalid. Please provide a valid number value`, `{"errors":[{"name":"value","path":["skip"],"value":"x","details":"The value provided for \"skip\" is invalid. Please provide a valid number value"}]}`)},
		)
		sc.releaseActs("POST /validate", 4, "", "validate", "succeeded", "")
		sc.is("a 3", "b 1")
		sc.releaseActs("PUT /published", 4, "", "publish", "succeeded", "")
		sc.is("a 5!", "b 3!", "new 2!", "{p} 2!")
		sc.play(
			step{name: "what was outside is in the history", call: "GET " + content + "/_typecase/history/entries/a/3", find: map[string]string{"x": "entity.fields.title.en-US"}},
			step{name: "what is in the release is the entity now", call: "GET " + two, find: map[string]string{"made": "sys.createdAt"}},
		)
		if sc.names["x"] != "outside" {
			t.Errorf("version 3 is %s", sc.names["x"])
		}
		live := sc.entry("new", `{"title":{"en-US":"n"}}`)
		live.publish()
		sc.play(
			step{name: "as it is in the release", call: "GET " + two, want: live.in().show()},
			step{name: "and outside", call: "GET " + content + "/entries/new", want: live.show()},
			step{name: "a published release is archived", call: "PUT " + two, header: version(2), body: `{}`, status: 400,
				want: with("hint", `"Take it out of the archive first: DELETE …/releases/{r}/archived."`, badRequest("Cannot edit archived"))},
		)
		sc.noVersions()
	})
}

// noVersions checks that no release has versions of its own.
func (sc *script) noVersions() {
	sc.t.Helper()
	for _, kind := range []cms.Kind{cms.KindReleaseEntry, cms.KindReleaseAsset} {
		heads, err := sc.s.Store.List(sc.t.Context(), sc.place().Environment, kind, "", 10)
		if err != nil || len(heads) > 0 {
			sc.t.Errorf("%s are left: %v, %v", kind, heads, err)
		}
	}
}

// What a release is no more about has no version in it, nor has a release that is
// gone; those of the first schema never have.
func TestReleaseVersionsGo(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.newRelease("r", release2Body("R", publishes("Entry", "a")))
		put := func(name, id string, v, status int) step {
			return step{name: name, call: "PUT " + inR + "/entries/" + id, header: append(version(v), contentOf), body: `{"fields":{"title":{"en-US":"x"}}}`, status: status, find: map[string]string{"x": "sys.id"}}
		}
		sc.play(
			put("a", "a", 1, 200), put("b", "b", 0, 201),
			step{name: "only b is left", call: "PUT " + inR, header: version(2), body: release2Body("R", publishes("Entry", "b")), find: map[string]string{"x": "sys.id"}},
			step{name: "a is not in it", call: "GET " + inR + "/entries/a", status: 404, want: notIn("Entry", "a")},
			step{name: "b is", call: "GET " + inR + "/entries/b", find: map[string]string{"x": "sys.id"}},
			step{name: "a comes back as it is", call: "PUT " + inR, header: version(3), body: release2Body("R", publishes("Entry", "a"), publishes("Entry", "b")), find: map[string]string{"x": "sys.id"}},
			step{name: "as it is", call: "GET " + inR + "/entries/a", want: sc.entry("a", `{"title":{"en-US":"a"}}`).in().show()},
			step{name: "what is nowhere is nothing to publish", call: "PUT " + inR, header: version(4), body: release2Body("R", publishes("Entry", "c")), status: 422,
				want: problems("ValidationFailed", `{"name":"notResolvable","path":["entities","items",0],"link":{"type":"Link","linkType":"Entry","id":"c"},"details":"There is no entry \"c\".","error":`+nested("NotFound", notFound, `{"type":"Entry","id":"c","environment":"master","space":"{s}"}`)+`}`)},
			put("a once more", "a", 1, 200),
			step{name: "an environment", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"copy"}`, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "has no releases", call: "GET /spaces/{s}/environments/copy/releases/{r}/entries/a", status: 404, want: strings.Replace(lacking("Release", "{r}"), "master", "copy", 1)},
			step{name: "delete the release", call: "DELETE " + inR, status: 204},
			step{name: "it is gone", call: "GET " + inR + "/entries/a", status: 404, want: lacking("Release", "{r}")},
			step{name: "with its list", call: "GET " + inR + "/entries", status: 404, want: lacking("Release", "{r}")},
			step{name: "nothing is saved in it", call: "PUT " + inR + "/entries/a", header: version(1), body: `{}`, status: 404, want: lacking("Release", "{r}")},
			step{name: "nor made", call: "POST " + inR + "/assets", body: `{}`, status: 404, want: lacking("Release", "{r}")},
			step{name: "nor processed", call: "PUT " + inR + "/assets/a/files/en-US/process", header: version(1), status: 404, want: lacking("Release", "{r}")},
		)
		sc.noVersions()
		sc.newRelease("r", releaseBody("R", linkJSON("Entry", "a")))
		hint := with("hint", `"Only releases that were made with \"sys\": {\"type\": \"Release\", \"schemaVersion\": \"Release.v2\"} have."`, badRequest(noVersions))
		for _, call := range []string{"GET /entries", "GET /entries/a", "PUT /entries/a", "POST /entries", "GET /assets", "GET /assets/a", "PUT /assets/a", "POST /assets", "PUT /assets/a/files/en-US/process"} {
			method, path, _ := strings.Cut(call, " ")
			sc.play(step{name: "of the first schema", call: method + " " + inR + path, header: version(1), status: 400, want: hint})
		}
		sc.play(step{name: "of the first schema", call: "PATCH " + inR + "/entries/a", header: append(version(1), "Content-Type: application/json-patch+json"), body: `[]`, status: 400, want: hint})
		heads, err := sc.s.Store.List(t.Context(), sc.place().Environment, cms.KindRelease, "", 10)
		if err != nil || len(heads) != 1 {
			t.Errorf("releases %v, %v", heads, err)
		}
	})
}

// Tags and content types that only a release's version has stay until it is gone.
func TestReleaseVersionsHold(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		tagged := func(tag string) string {
			return `{"metadata":{"tags":[` + linkJSON("Tag", tag) + `]},"fields":{}}`
		}
		inUse := failure("ActionPreconditionsFailed", "Validation error", `{"errors":[{"name":"reference","path":[],"details":"Tag is referenced by another entity"}]}`)
		hasEntries := with("hint", `"Releases have versions of them: take the entries out of the releases, or delete the releases. GET …/releases/{release}/entries?content_type=post lists them."`, badRequest("Content Type has entries"))
		x := map[string]string{"x": "sys.id"}
		sc.newRelease("r", release2Body("R"))
		for _, id := range []string{"onentry", "onasset", "free"} {
			sc.play(step{name: "tag " + id, call: "PUT " + content + "/tags/" + id, body: `{"name":"` + id + `"}`, status: 201, find: x})
		}
		const deactivate = "DELETE " + content + "/content_types/post/published"
		sc.play(
			step{name: "an entry", call: "PUT " + inR + "/entries/new", header: []string{contentOf}, body: tagged("onentry"), status: 201, find: x},
			step{name: "an asset", call: "PUT " + inR + "/assets/new", body: tagged("onasset"), status: 201, find: x},
			step{name: "the entry's tag", call: "DELETE " + content + "/tags/onentry", header: version(1), status: 422, want: inUse},
			step{name: "the asset's tag", call: "DELETE " + content + "/tags/onasset", header: version(1), status: 422, want: inUse},
			step{name: "nobody's", call: "DELETE " + content + "/tags/free", header: version(1), status: 204},
			step{name: "the content type", call: deactivate, status: 400, want: hasEntries},
			step{name: "the release goes", call: "DELETE " + inR, status: 204},
			step{name: "with the entry", call: "DELETE " + content + "/tags/onentry", header: version(1), status: 204},
			step{name: "and the asset", call: "DELETE " + content + "/tags/onasset", header: version(1), status: 204},
			step{name: "nothing is of the type", call: deactivate, find: x},
		)
	})
}

// What is asked of a release is asked of the version it has then.
func TestReleaseMovesOn(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{"title":{"en-US":"draft"}}`)
		sc.newRelease("r", release2Body("R", publishes("Entry", "a")))
		x := map[string]string{"x": "sys.id"}
		moved := strings.Replace(releaseActed("failed", "publish", "?"), "Nothing was changed, because the action is not possible for some of its entities.",
			"Release {r} is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", 1)
		moved = strings.Replace(moved, `"errors":[?]`, `"errors":[]`, 1)
		sc.play(step{name: "in the release", call: "PUT " + inR + "/entries/a", header: version(1), body: `{"fields":{"title":{"en-US":"release"}}}`, find: x})
		sc.tick(time.Second)
		sc.names["begun"] = sc.names["ms"]
		sc.play(
			step{name: "publish it", call: "PUT " + inR + "/published", header: version(1), status: 202, find: map[string]string{"a": "sys.id"}},
			step{name: "a is taken out first", call: "PUT " + inR, header: version(1), body: release2Body("R"), find: x},
		)
		sc.worked()
		sc.is("a 1")
		sc.play(step{name: "it failed", call: "GET " + inR + "/actions/{a}", want: moved})
		sc.releaseActs("PUT /published", 2, "", "publish", "succeeded", "")
		sc.is("a 1")
	})
}

// What a release only takes locales of an entry back for stays what it is otherwise,
// whatever the release's version of it is.
func TestReleaseTakesLocalesBack(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}})
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","localized":true}]}`)
		sc.make("a", `{"title":{"en-US":"x","de":"y"}}`)
		x := map[string]string{"x": "sys.id"}
		sc.newRelease("r", release2Body("R", `{"entity":`+linkJSON("Entry", "a")+`,"remove":{"fields":{"*":["de"]}}}`))
		sc.play(
			step{name: "a is published", call: "PUT " + content + "/entries/a/published", header: version(1), find: x},
			step{name: "another in the release", call: "PUT " + inR + "/entries/a", header: version(2), body: `{"fields":{"title":{"en-US":"release"}}}`, find: x},
		)
		sc.releaseActs("PUT /published", 1, "", "publish", "succeeded", "")
		sc.play(step{name: "the entry", call: "GET " + content + "/entries/a", find: map[string]string{"title": "fields.title.en-US", "en": "sys.fieldStatus.*.en-US", "de": "sys.fieldStatus.*.de"}},
			step{name: "the version", call: "GET " + inR + "/entries/a", find: map[string]string{"version": "fields.title.en-US"}})
		if got, want := strings.Join([]string{sc.names["title"], sc.names["en"], sc.names["de"], sc.names["version"]}, " "), "x published draft release"; got != want {
			sc.t.Errorf("%s, want %s", got, want)
		}
	})
}

// All of a release is published or nothing, and what is wrong is said of each.
func TestReleaseVersionsAreChecked(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","required":true,"validations":[{"unique":true}]},{"id":"next","name":"N","type":"Link","linkType":"Entry"}]}`)
		sc.activate("note", `{"name":"Note","fields":[{"id":"title","name":"T","type":"Symbol"}]}`)
		for _, id := range []string{"a", "gone", "kept", "old"} {
			sc.make(id, `{"title":{"en-US":"`+id+`"}}`)
			sc.play(step{name: "publish " + id, call: "PUT " + content + "/entries/" + id + "/published", header: version(1), find: map[string]string{"x": "sys.id"}})
		}
		sc.newRelease("r", release2Body("R", publishes("Entry", "a"), unpublishes("Entry", "gone")))
		put := func(id, fields string, v, status int) {
			sc.t.Helper()
			sc.play(step{name: "save " + id, call: "PUT " + inR + "/entries/" + id, header: append(version(v), contentOf), body: `{"fields":` + fields + `}`, status: status, find: map[string]string{"x": "sys.id"}})
		}
		put("a", `{"title":{"en-US":"kept"}}`, 2, 200)
		put("bad", `{"next":{"en-US":`+linkJSON("Entry", "nowhere")+`}}`, 0, 201)
		put("typed", `{"title":{"en-US":"typed"}}`, 0, 201)
		sc.play(
			step{name: "another one takes the id", call: "PUT " + content + "/entries/typed", header: []string{"X-Contentful-Content-Type: note"}, body: `{}`, status: 201, find: map[string]string{"x": "sys.id"}},
		)
		sc.releaseActs("PUT /published", 3, "", "publish", "failed",
			failing(linkJSON("Entry", "a"), nested("InvalidEntry", "Validation error", `{"errors":[`+notUnique("title", `"kept"`, "kept")+`]}`))+","+
				failing(linkJSON("Entry", "bad"), nested("InvalidEntry", "Validation error", `{"errors":[`+missingField(`["fields","title"]`, "title")+`]}`))+","+
				failing(linkJSON("Entry", "typed"), strings.TrimSuffix(nested("BadRequest", "The content type is another one by now", ""), "}")+`,"hint":"The entry has the content type \"note\", and in the release it has \"post\"."}`))
		sc.is("a 2!", "gone 2!", "typed 1")
		put("a", `{"title":{"en-US":"old"},"next":{"en-US":`+linkJSON("Entry", "bad")+`}}`, 3, 200)
		put("bad", `{"title":{"en-US":"a"}}`, 1, 200)
		put("old", `{"title":{"en-US":"older"}}`, 2, 201)
		sc.play(
			step{name: "the other one goes", call: "DELETE " + content + "/entries/typed", status: 204},
			step{name: "archive what is in it", call: "PUT " + content + "/entries/typed", header: []string{contentOf}, body: `{}`, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "archive", call: "PUT " + content + "/entries/typed/archived", find: map[string]string{"x": "sys.id"}},
		)
		sc.releaseActs("PUT /published", 4, "", "publish", "failed",
			failing(linkJSON("Entry", "typed"), strings.TrimSuffix(nested("BadRequest", "Cannot publish archived", ""), "}")+`,"hint":"Take it out of the archive first: DELETE …/entries/typed/archived."}`))
		sc.play(step{name: "it is taken out", call: "DELETE " + content + "/entries/typed/archived", find: map[string]string{"x": "sys.id"}})
		sc.releaseActs("PUT /published", 4, "", "publish", "succeeded", "")
		sc.is("a 4!", "gone 3", "typed 5!", "bad 2!", "old 4!")
		sc.noVersions()
		causes := map[string]int{}
		changes, err := sc.s.Store.Changes(t.Context(), sc.place().Environment, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if c.Cause != "" && c.Kind == cms.KindEntry && c.Action != store.Unpublish {
				causes[string(c.Action)+" "+c.Cause]++
			}
		}
		cause := sc.fill("Release/{r} ReleaseVersion/4 ReleaseAction/{a}")
		if causes["create "+cause] != 1 || causes["save "+cause] != 3 || causes["publish "+cause] != 4 {
			t.Errorf("changes by cause: %v", causes)
		}
	})
}

// Writers who save one entry of a release again and again, each with the version
// that was read, lose nothing to each other, from the first version on.
func TestReleaseWriterRace(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.activate("post", `{"name":"Post","fields":[{"id":"n","name":"N","type":"Object"}]}`)
		sc.make("one", `{"n":{"en-US":[]}}`)
		sc.newRelease("r", release2Body("R", publishes("Entry", "one")))
		const writers, saves = 8, 3
		var mu sync.Mutex
		acknowledged := map[int]string{}
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for done := 0; done < saves; {
					var e struct {
						Sys    struct{ Version int }
						Fields struct {
							N struct {
								Value []string `json:"en-US"`
							}
						}
					}
					read := sc.do("GET "+inR+"/entries/one", nil, "")
					if err := json.Unmarshal(read.Body.Bytes(), &e); err != nil || read.Code != 200 {
						t.Errorf("status %d: %s", read.Code, read.Body)
						return
					}
					mine := fmt.Sprintf("%d.%d", i, done)
					all, err := json.Marshal(append(e.Fields.N.Value, mine))
					if err != nil {
						t.Error(err)
						return
					}
					w := sc.do("PUT "+inR+"/entries/one", version(e.Sys.Version), `{"fields":{"n":{"en-US":`+string(all)+`}}}`)
					switch w.Code {
					case 200:
						mu.Lock()
						acknowledged[versionOf(t, w.Body.String())] += mine
						mu.Unlock()
						done++
					case 409:
					default:
						t.Errorf("status %d: %s", w.Code, w.Body)
						return
					}
				}
			})
		}
		wg.Wait()
		want := make([]string, 0, writers*saves)
		for v := 2; v <= 1+writers*saves; v++ {
			want = append(want, acknowledged[v])
		}
		all, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		l := sc.entry("one", `{"n":{"en-US":`+string(all)+`}}`).in()
		l.version = 1 + writers*saves
		sc.play(step{name: "every save is in it", call: "GET " + inR + "/entries/one", want: l.show()})

		codes := map[int]int{}
		for _, w := range sc.atOnce(8, func(i int) *httptest.ResponseRecorder {
			return sc.do(fmt.Sprintf("PUT "+inR+"/entries/new%d", i/2), []string{contentOf}, `{}`)
		}) {
			codes[w.Code]++
		}
		if codes[201] != 4 || codes[409] != 4 {
			t.Errorf("each of four entries is made by one of two: answers by status %v", codes)
		}
		var r struct {
			Entities struct{ Items []json.RawMessage }
		}
		if body := sc.do("GET "+inR, nil, "").Body.Bytes(); json.Unmarshal(body, &r) != nil || len(r.Entities.Items) != 5 {
			t.Errorf("the release is %s", body)
		}
	})
}

// A release has no more entities than it can have.
func TestReleaseIsFull(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	items := make([]string, 200)
	for i := range items {
		id := fmt.Sprintf("e%d", i)
		sc.make(id, `{}`)
		items[i] = publishes("Entry", id)
	}
	sc.newRelease("r", release2Body("R", items...))
	sc.play(
		step{name: "one more", call: "POST " + inR + "/entries", header: []string{contentOf}, body: `{}`, status: 422,
			want: problems("ValidationFailed", `{"name":"size","path":["entities","items"],"max":200,"details":"A release has at most 200 entities, and this one has that many."}`)},
		step{name: "what is in it can be changed", call: "PUT " + inR + "/entries/e1", header: version(1), body: `{}`, find: map[string]string{"x": "sys.id"}},
	)
	for path, pages := "GET "+inR+"/entries?limit=70&cursor=true&order=sys.id", 0; ; pages++ {
		var page struct {
			Items []json.RawMessage
			Pages struct{ Next, Prev string }
		}
		w := sc.do(path, nil, "")
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != http.StatusOK {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		if want := []int{70, 70, 60}[pages]; len(page.Items) != want || (page.Pages.Prev != "") != (pages > 0) {
			t.Errorf("page %d has %d items and before it %q", pages, len(page.Items), page.Pages.Prev)
		}
		if path = "GET " + page.Pages.Next; page.Pages.Next == "" {
			if pages != 2 {
				t.Errorf("page %d is the last one", pages)
			}
			break
		}
	}
}

// A version is published in the locales that the release says, and is the draft in
// all of them.
func TestReleaseVersionsInLocales(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.languages()
		l := sc.entry("a", `{"title":{"en-US":"a","de":"ä"}}`)
		l.status = inStates("draft", "draft", "draft")
		sc.play(
			step{name: "make", call: "PUT " + content + "/entries/a", header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a","de":"ä"}}}`, status: 201, want: l.show()},
			step{name: "publish", call: "PUT " + content + "/entries/a/published", header: version(1), want: l.publish().show()},
		)
		item := `{"entity":` + linkJSON("Entry", "a") + `,"add":{"fields":{"*":["en-US"]}},"remove":{"fields":{"*":["de","it"]}}}`
		sc.newRelease("r", release2Body("R", item))
		sc.tick(time.Second)
		in := l.in().saved(none + `"fields":{"title":{"en-US":"b"}}`)
		sc.play(step{name: "change it", call: "PUT " + inR + "/entries/a", header: version(2), body: `{"fields":{"title":{"en-US":"b"}}}`, want: in.show()})
		sc.releaseActs("PUT /published", 1, "", "publish", "succeeded", "")
		l.step() // saved, and
		l.publish()
		l.status, l.rest = inStates("published", "draft", "draft"), none+`"fields":{"title":{"en-US":"b"}}`
		sc.play(
			step{name: "it is", call: "GET " + content + "/entries/a", want: l.show()},
			step{name: "what is published", call: "GET " + content + "/public/entries", want: list(1, 0, 100, l.show())},
		)
		sc.noVersions()
	})
}

// Who may not edit an entry at the step it is at does not do so through a release.
func TestReleaseAtStep(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.join("zoe")
	sc.make("a", `{"title":{"en-US":"a"}}`)
	sc.define("d", process("no_restriction", false, stepJSON("one", `,"permissions":[`+rule("entity", `[`+linkJSON("User", "zoe")+`]`, "edit", "deny")+`]`)))
	x := map[string]string{"x": "sys.id"}
	sc.newRelease("r", release2Body("R", publishes("Entry", "a")))
	sc.play(
		step{name: "a workflow", call: "POST " + workflows, body: begins("a", "d", `,"stepId":"one"`), status: 201, find: x},
		step{name: "publishing what is there is none", call: "PUT " + inR + "/published", header: as("zoe", 1), status: 202, find: map[string]string{"a": "sys.id"}},
	)
	sc.worked()
	sc.is("a 2!")
	sc.play(
		step{name: "once more", call: "DELETE " + inR + "/archived", header: version(2), find: x},
		step{name: "a version of a release is at no step", call: "PUT " + inR + "/entries/a", header: as("zoe", 2), body: `{"fields":{"title":{"en-US":"b"}}}`, find: x},
		step{name: "which the entry is", call: "PUT " + inR + "/published", header: as("zoe", 3), status: 202, find: map[string]string{"a": "sys.id"}},
	)
	sc.worked()
	sc.is("a 2!")
	if w := sc.do("GET "+inR+"/actions/{a}", nil, ""); !strings.Contains(w.Body.String(), "where you may not edit it.") {
		t.Errorf("the action is %s", w.Body)
	}
}

// at is an entity as it was made at a time.
func (l *life) at(made string) *life {
	l.created, l.updated = made, made
	return l
}
