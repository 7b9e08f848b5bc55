package cma_test

import (
	"strconv"
	"testing"
	"time"
)

// editor is the JSON of the editor interface of the content type post.
func editor(id, body string, version int, changed string) string {
	if id != "" {
		id = `"id":"` + id + `",`
	}
	if body != "" {
		body += ","
	}
	return `{` + body + `"sys":{` + id + `"type":"EditorInterface","version":` + strconv.Itoa(version) + `,
		"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
		"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}},
		"createdAt":"2026-05-01T10:00:00.123Z","updatedAt":"` + changed + `",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
}

func TestEditorInterfaceLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const (
		path     = "/spaces/{s}/environments/master/content_types/post/editor_interface"
		one      = `{"name":"Post","fields":[{"id":"title","name":"Title","type":"Symbol"}]}`
		two      = `{"name":"Post","fields":[{"id":"title","newId":"headline","name":"Title","type":"Symbol"},{"id":"body","name":"Body","type":"Text"}]}`
		fresh    = `"controls":[{"fieldId":"title","widgetId":"singleLine","widgetNamespace":"builtin"}]`
		changed  = `"controls":[{"fieldId":"title","widgetId":"slugEditor"}],"sidebar":[{"widgetId":"x","widgetNamespace":"app"}]`
		followed = `"controls":[{"fieldId":"headline","widgetId":"slugEditor"},{"fieldId":"body","widgetId":"markdown","widgetNamespace":"builtin"}],"sidebar":[{"widgetId":"x","widgetNamespace":"app"}]`
	)
	missing := failure("NotFound", notFound, `{"type":"EditorInterface","id":"post","environment":"master","space":"{s}"}`)
	inactive := failure("BadRequest", "The content type you sent could not be found or was not activated.", "")
	v := map[string]string{"x": "sys.type"}
	sc.play(
		step{name: "no such content type", call: "GET " + path, status: 404, want: missing},
		step{name: "content type", call: "PUT /spaces/{s}/content_types/post", body: one, status: 201, find: v},
		step{name: "not activated", call: "GET " + path, status: 404, want: missing},
		step{name: "put before activation", call: "PUT " + path, header: version(0), body: `{}`, status: 400, want: inactive},
		step{name: "none yet", call: "GET /spaces/{s}/editor_interfaces", want: `{"sys":{"type":"Array"},"total":0,"items":[]}`},
		step{name: "activate", call: "PUT /spaces/{s}/content_types/post/published", header: version(1), find: v},
		step{name: "it is there", call: "GET " + path, want: editor("default", fresh, 1, "{ms}")},
		step{name: "list", call: "GET /spaces/{s}/environments/master/editor_interfaces", want: `{"sys":{"type":"Array"},"total":1,"items":[` + editor("", fresh, 1, "{ms}") + `]}`},
	)
	sc.tick(time.Minute)
	sc.play(
		step{name: "put", call: "PUT " + path, header: version(1), body: `{` + changed + `,"editorLayout":null,"sys":{"id":"ignored"}}`, want: editor("default", changed, 2, "{ms}")},
		step{name: "outdated", call: "PUT " + path, header: version(1), body: `{}`, status: 409,
			want: failure("VersionMismatch", "EditorInterface post is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "no version", call: "PUT " + path, body: `{}`, status: 409,
			want: failure("VersionMismatch", `EditorInterface post is at version 2. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
		step{name: "unknown part", call: "PUT " + path, header: version(2), body: `{"toolbar":[]}`, status: 422,
			want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"unknown","path":["toolbar"],"value":[],"details":"The property \"toolbar\" is not allowed here."}]}`)},
		step{name: "field renamed, field added", call: "PUT /spaces/{s}/content_types/post", header: version(2), body: two, find: v},
		step{name: "a save changes nothing", call: "GET " + path, want: editor("default", changed, 2, "{ms}")},
		step{name: "activate", call: "PUT /spaces/{s}/content_types/post/published", header: version(3), find: v},
		step{name: "it followed", call: "GET " + path, want: editor("default", followed, 3, "{ms}")},
		step{name: "nothing is legal", call: "PUT " + path, header: version(3), body: `{}`, want: editor("default", "", 4, "{ms}")},
		step{name: "deactivate", call: "DELETE /spaces/{s}/content_types/post/published", find: v},
		step{name: "gone", call: "GET " + path, status: 404, want: missing},
		step{name: "activate again", call: "PUT /spaces/{s}/content_types/post/published", header: version(5), find: v},
		step{name: "a new one", call: "GET " + path, find: map[string]string{"created": "sys.createdAt"}},
	)
	if sc.names["created"] != sc.names["ms"] {
		t.Errorf("made at %s, want %s", sc.names["created"], sc.names["ms"])
	}
}
