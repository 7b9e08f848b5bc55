package cma_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// FuzzWrites sends any body to each kind of content write: whatever it is, the
// server does not fail, and what it accepts it can show.
//
// Run it with -fuzzminimizetime 1x: what a database does is not the same twice,
// so every input looks new and would be minimized for a minute.
func FuzzWrites(f *testing.F) {
	for _, seed := range []string{
		`{"fields":{"title":{"en-US":"x"},"list":{"en-US":["a"]},"any":{"en-US":{"a":[1e400]}},"place":{"en-US":{"lat":1,"lon":2}}}}`,
		`{"fields":{"rich":{"en-US":{"nodeType":"document","data":{},"content":[{"nodeType":"paragraph","data":{},"content":[{"nodeType":"text","value":"x","marks":[{"type":"bold"}],"data":{}}]}]}}}}`,
		`{"fields":{"ref":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"one"}}},"day":{"en-US":"2026-02-30"},"n":{"en-US":-0.0e-999999999}},"metadata":{"tags":[null]}}`,
		`{"fields":{"file":{"en-US":{"contentType":"a/b","fileName":"../x","upload":"//[::1","details":{"size":-1}}}}}`,
		`{"name":"x","displayField":"a","fields":[{"id":"a","newId":"b","name":"","type":"Symbol","validations":[{"regexp":{"pattern":"(a+)+$","flags":"g"}},{"in":[1]},{"unique":true}],"defaultValue":{"en-US":[]}}],"metadata":{"taxonomy":[{}]}}`,
		`{"name":"x","fields":[{"id":"a","name":"","type":"RichText","validations":[{"nodes":{"hyperlink":[{}]}},{"enabledMarks":[0]}]},{"id":"c","name":"c","type":"Array","items":{"type":"Link","validations":[{"size":{"min":{}}}]}}]}`,
		`[{"op":"add","path":"/fields/title","value":{"en-US":"x"}},{"op":"move","from":"/fields","path":"/fields/title/en-US"}]`,
		`[{"op":"replace","path":""},{"op":"test","path":"/metadata/tags/01","value":null},{"op":"copy","from":"","path":"/fields/~2"}]`,
		`{"fields":{"title":null},"metadata":null,"sys":1}`, `null`, `[]`, `"\ud800"`, `{"add":{"fields":{"*":[]}}}`, "\x00", `{"":{"":""}}`, `{"fields":{"__proto__":{}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		sc := newScript(t)
		sc.activate("post", `{"name":"Post","fields":[`+postFields+`,
			{"id":"list","name":"F","type":"Array","items":{"type":"Symbol"}},{"id":"any","name":"F","type":"Object"},{"id":"place","name":"F","type":"Location"},
			{"id":"rich","name":"F","type":"RichText"},{"id":"ref","name":"F","type":"Link","linkType":"Entry"},{"id":"day","name":"F","type":"Date"},
			{"id":"n","name":"F","type":"Number","validations":[{"unique":true}]}]}`)
		sc.play(step{name: "an entry", call: "PUT " + content + "/entries/one", header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a"}}}`, status: 201, find: map[string]string{"x": "sys.id"}})
		content := sc.fill(content)
		clear(sc.names) // from here on a {s} in a body is one
		const patch = "Content-Type: application/json-patch+json"
		for _, r := range []struct {
			call   string
			header []string
		}{
			{"PATCH " + content + "/entries/one", append(version(1), patch)},
			{"PUT " + content + "/entries/new", []string{contentOf}},
			{"POST " + content + "/entries", []string{contentOf}},
			{"PUT " + content + "/entries/new/published", version(1)},
			{"DELETE " + content + "/entries/new/published", nil},
			{"PUT " + content + "/assets/new", nil},
			{"PUT " + content + "/assets/new/files/en-US/process", nil},
			{"PUT " + content + "/assets/new/published", version(1)},
			{"PUT " + content + "/content_types/new", nil},
			{"PUT " + content + "/content_types/new/published", version(1)},
			{"PUT " + content + "/content_types/new/editor_interface", version(1)},
			{"PUT " + content + "/content_types/post", version(2)},
			{"PUT " + content + "/entries/more", []string{"X-Contentful-Content-Type: new"}},
			{"GET " + content + "/entries", nil},
			{"GET " + content + "/assets", nil},
			{"GET " + content + "/content_types", nil},
			{"GET " + content + "/public/entries", nil},
		} {
			w := sc.do(r.call, r.header, body)
			if w.Code >= http.StatusInternalServerError {
				t.Errorf("%s: status %d: %s", r.call, w.Code, w.Body)
			}
			if w.Code != http.StatusNoContent && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %s", r.call, w.Body)
			}
		}
	})
}
