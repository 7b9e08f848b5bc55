package cma_test

import (
	"strconv"
	"testing"
	"time"
)

// tag is the JSON of a tag.
func tag(id, name, visibility string, version int, changed string) string {
	return `{"name":"` + name + `","sys":{"type":"Tag","id":"` + id + `","version":` + strconv.Itoa(version) + `,"visibility":"` + visibility + `",
		"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
		"createdAt":"2026-05-01T10:00:00.123Z","updatedAt":"` + changed + `",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
}

func tagMissing(id string) string {
	return failure("NotFound", notFound, `{"type":"Tag","id":"`+id+`","environment":"master","space":"{s}"}`)
}

func TestTagLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const public = "X-Contentful-Tag-Visibility: public"
	sc.play(
		step{name: "private by default", call: "PUT /spaces/{s}/environments/master/tags/one", header: version(0), body: `{"name":"One"}`, status: 201, want: tag("one", "One", "private", 1, "{ms}")},
		step{name: "visibility in the body", call: "PUT /spaces/{s}/tags/two", body: `{"name":"Two","sys":{"visibility":"public","id":"two","type":"Tag"}}`, status: 201, want: tag("two", "Two", "public", 1, "{ms}")},
		step{name: "the header wins", call: "PUT /spaces/{s}/tags/three", header: []string{public}, body: `{"name":"Three","sys":{"visibility":"private"}}`, status: 201, want: tag("three", "Three", "public", 1, "{ms}")},
		step{name: "get", call: "GET /spaces/{s}/tags/two", want: tag("two", "Two", "public", 1, "{ms}")},
		step{name: "list", call: "GET /spaces/{s}/tags?order=sys.id&limit=2", want: list(3, 0, 2, tag("one", "One", "private", 1, "{ms}"), tag("three", "Three", "public", 1, "{ms}"))},
		step{name: "list of some", call: "GET /spaces/{s}/tags?sys.id[in]=one,two&sys.visibility=public", want: list(1, 0, 100, tag("two", "Two", "public", 1, "{ms}"))},
		step{name: "list by name", call: "GET /spaces/{s}/tags?name=One", want: list(1, 0, 100, tag("one", "One", "private", 1, "{ms}"))},
	)
	sc.tick(time.Minute)
	sc.play(
		step{name: "rename; visibility stays", call: "PUT /spaces/{s}/tags/one", header: append(version(1), public), body: `{"name":"Uno","sys":{"visibility":"public"}}`, want: tag("one", "Uno", "private", 2, "{ms}")},
		step{name: "the old name is free", call: "PUT /spaces/{s}/tags/two", header: version(1), body: `{"name":"One"}`, want: tag("two", "One", "public", 2, "{ms}")},
		step{name: "name in use", call: "PUT /spaces/{s}/tags/two", header: version(2), body: `{"name":"Uno"}`, status: 422,
			want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"taken","path":["name"],"value":"Uno","details":"There is a tag \"Uno\" already."}]}`)},
		step{name: "no name", call: "PUT /spaces/{s}/tags/two", header: version(2), body: `{}`, status: 422,
			want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"required","path":["name"],"details":"The property \"name\" is required here"}]}`)},
		step{name: "bad visibility", call: "PUT /spaces/{s}/tags/new", body: `{"name":"x","sys":{"visibility":"secret"}}`, status: 422,
			want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"in","path":["sys","visibility"],"value":"secret","expected":["private","public"],"details":"Value must be one of expected values"}]}`)},
		step{name: "outdated", call: "PUT /spaces/{s}/tags/two", header: version(1), body: `{"name":"x"}`, status: 409,
			want: failure("VersionMismatch", "Tag two is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "no version", call: "PUT /spaces/{s}/tags/two", body: `{"name":"x"}`, status: 409,
			want: failure("VersionMismatch", `Tag two is at version 2. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
		step{name: "delete, outdated", call: "DELETE /spaces/{s}/tags/two", header: version(1), status: 409,
			want: failure("VersionMismatch", "Tag two is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "delete", call: "DELETE /spaces/{s}/tags/two", header: version(2), status: 204},
		step{name: "gone", call: "GET /spaces/{s}/tags/two", status: 404, want: tagMissing("two")},
		step{name: "deleted twice", call: "DELETE /spaces/{s}/tags/two", header: version(2), status: 404, want: tagMissing("two")},
		step{name: "no POST", call: "POST /spaces/{s}/tags", body: `{"name":"x"}`, status: 404,
			want: failure("UnknownRoute", "The path you tried to reach is unknown or doesn't support this HTTP method.", "")},
	)
}

func TestTagInUseStays(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const tagged = `{"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"used"}}]},"fields":{}}`
	const untagged = `{"metadata":{"tags":[]},"fields":{}}`
	inUse := failure("ActionPreconditionsFailed", "Validation error", `{"errors":[{"name":"reference","path":[],"details":"Tag is referenced by another entity"}]}`)
	v := map[string]string{"x": "sys.type"}
	sc.play(
		step{name: "tag", call: "PUT /spaces/{s}/tags/used", body: `{"name":"Used"}`, status: 201, find: v},
		step{name: "type", call: "PUT /spaces/{s}/content_types/note", body: `{"name":"Note","fields":[]}`, status: 201, find: v},
		step{name: "activate", call: "PUT /spaces/{s}/content_types/note/published", header: version(1), find: v},
		step{name: "entry", call: "PUT /spaces/{s}/entries/e", header: []string{"X-Contentful-Content-Type: note"}, body: tagged, status: 201, find: v},
		step{name: "in a draft", call: "DELETE /spaces/{s}/tags/used", header: version(1), status: 422, want: inUse},
		step{name: "publish", call: "PUT /spaces/{s}/entries/e/published", header: version(1), find: v},
		step{name: "take it off the draft", call: "PUT /spaces/{s}/entries/e", header: version(2), body: untagged, find: v},
		step{name: "in a published version", call: "DELETE /spaces/{s}/tags/used", header: version(1), status: 422, want: inUse},
		step{name: "publish", call: "PUT /spaces/{s}/entries/e/published", header: version(3), find: v},
		step{name: "asset", call: "PUT /spaces/{s}/assets/a", body: tagged, status: 201, find: v},
		step{name: "on an asset", call: "DELETE /spaces/{s}/tags/used", header: version(1), status: 422, want: inUse},
		step{name: "without the asset", call: "DELETE /spaces/{s}/assets/a", status: 204},
		step{name: "nowhere", call: "DELETE /spaces/{s}/tags/used", header: version(1), status: 204},
	)
}
