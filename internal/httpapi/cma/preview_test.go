package cma_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

const previews = "/spaces/{s}/preview_environments"

func preview(v int, changed, rest string) string {
	return `{"sys":{"type":"PreviewEnvironment","id":"{p}","version":` + strconv.Itoa(v) + `,"space":` + linkJSON("Space", "{s}") +
		`,"createdAt":"2026-05-01T10:00:00Z","updatedAt":"` + changed + `","createdBy":` + linkJSON("User", "{user}") + `,"updatedBy":` + linkJSON("User", "{user}") + `},` + rest + `}`
}

func previewRest(name, description string, configurations ...string) string {
	return fmt.Sprintf(`"name":%q,"description":%q,"configurations":[%s]`, name, description, strings.Join(configurations, ","))
}

func previewConfig(contentType, url string, enabled bool) string {
	return fmt.Sprintf(`{"entityType":"ContentType","entityId":%q,"url":%q,"enabled":%t,"example":false}`, contentType, url, enabled)
}

func TestPreview(t *testing.T) {
	onBoth(t, func(sc *script) {
		post, page := previewConfig("post", "https://example.org/{entry.sys.id}", true), previewConfig("page", "https://example.org/p", true)
		off := previewConfig("post", "https://example.org/old", false)
		first := previewRest("Site", "", post)
		sc.play(
			step{name: "none", call: "GET " + previews, want: list(0, 0, 100)},
			step{name: "create", call: "POST " + previews, body: `{"name":"Site","description":null,"configurations":[{"entityType":"ContentType","entityId":"post","url":"https://example.org/{entry.sys.id}"}]}`, status: 201,
				find: map[string]string{"p": "sys.id"}, want: preview(0, "{now}", first), check: func(t *testing.T, h http.Header) {
					if want := sc.fill(previews + "/{p}"); h.Get("Location") != want {
						t.Errorf("Location %q, want %q", h.Get("Location"), want)
					}
				}},
			step{name: "get", call: "GET " + previews + "/{p}", want: preview(0, "{now}", first)},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "more configurations are the same version", call: "PUT " + previews + "/{p}", header: version(0), body: `{` + previewRest("Site", "", page, off) + `}`, want: preview(0, "{now}", previewRest("Site", "", off, page))},
			step{name: "another name is not", call: "PUT " + previews + "/{p}", body: `{"name":"Blog"}`, want: preview(1, "{now}", previewRest("Blog", "", off, page))},
			step{name: "an old version", call: "PUT " + previews + "/{p}", header: version(0), body: `{"name":"Site"}`, status: 409, want: tooOld("PreviewEnvironment", "{p}", 1, 0)},
			step{name: "list", call: "GET " + previews + "?query=blog", want: list(1, 0, 100, preview(1, "{now}", previewRest("Blog", "", off, page)))},
			step{name: "delete", call: "DELETE " + previews + "/{p}", status: 204},
			step{name: "gone", call: "GET " + previews + "/{p}", status: 404, want: failure("NotFound", notFound, "")},
			step{name: "gone for good", call: "DELETE " + previews + "/{p}", status: 404, want: failure("NotFound", notFound, "")},
			step{name: "changed when gone", call: "PUT " + previews + "/{p}", header: version(1), body: `{"name":"Again"}`, status: 404, want: failure("NotFound", notFound, "")},
			step{name: "one with an id", call: "PUT " + previews + "/{p}", body: `{"name":"Again"}`, want: strings.ReplaceAll(preview(0, "{now}", previewRest("Again", "")), "2026-05-01T10:00:00Z", "{now}")},
		)
	})
}

func TestPreviewRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	size := func(path string, least int) string {
		return fmt.Sprintf(`{"name":"size","path":%s,"min":%d,"max":2000,"details":"Size must be at least %d and at most 2000"}`, path, least, least)
	}
	for name, c := range map[string][2]string{
		"empty":       {`{}`, `{"name":"any.required","path":["name"],"details":"\"name\" is required"}`},
		"no name":     {`{"name":""}`, size(`["name"]`, 1)},
		"long":        {`{"name":"x","description":"` + strings.Repeat("x", 2001) + `"}`, size(`["description"]`, 0)},
		"entity type": {`{"name":"x","configurations":[{"entityType":"Entry","entityId":"a","url":"u"}]}`, `{"name":"in","path":["configurations",0,"entityType"],"value":"Entry","expected":["ContentType"],"details":"Value must be one of expected values"}`},
		"twice":       {`{` + previewRest("x", "", previewConfig("a", "u", true), previewConfig("a", "u", true)) + `}`, `{"name":"array.unique","path":["configurations",1],"value":` + previewConfig("a", "u", true) + `,"details":"There are two configurations for \"a\""}`},
		"no switch":   {`{"name":"x","configurations":[{"entityType":"ContentType","entityId":"a","url":"u","enabled":1}]}`, `{"name":"type","type":"Boolean","path":["configurations",0,"enabled"],"value":1,"details":"The type of \"enabled\" is incorrect, expected type: Boolean"}`},
		"too many":    {`{"name":"x","configurations":[` + strings.Repeat("{},", 1000) + `{}]}`, `{"name":"size","path":["configurations"],"max":1000,"details":"Size must be at most 1000"}`},
	} {
		sc.play(step{name: name, call: "POST " + previews, body: c[0], status: 422, want: failure("ValidationFailed", "Validation error", `{"errors":[`+c[1]+`]}`)})
	}
	for range 100 {
		if w := sc.do("POST "+previews, nil, `{"name":"x"}`); w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
	}
	sc.play(step{name: "one more", call: "POST " + previews, body: `{"name":"x"}`, status: 403, want: failure("Forbidden", "The space has 100 content previews, which is the most there can be.", "")})
	var many []string
	for i := range 600 {
		many = append(many, previewConfig(fmt.Sprint("a", i), "u", true))
	}
	sc.play(step{name: "some", call: "GET " + previews, find: map[string]string{"p": "items.0.sys.id"}},
		step{name: "many", call: "PUT " + previews + "/{p}", body: `{` + previewRest("x", "", many...) + `}`, find: map[string]string{"x": "sys.id"}},
		step{name: "more", call: "PUT " + previews + "/{p}", body: strings.ReplaceAll(`{`+previewRest("x", "", many...)+`}`, `"a`, `"b`), status: 422,
			want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"size","path":["configurations"],"max":1000,"details":"Size must be at most 1000"}]}`)})
}
