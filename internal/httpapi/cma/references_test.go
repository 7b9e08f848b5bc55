package cma_test

import (
	"fmt"
	"strings"
	"testing"
)

// tree is the JSON of an entry with what it links to.
func tree(root, entries, assets, errors string) string {
	if errors != "" {
		errors = `,"errors":[` + errors + `]`
	}
	return `{"sys":{"type":"Array"},"items":[` + root + `],"includes":{"Entry":[` + entries + `],"Asset":[` + assets + `]}` + errors + `}`
}

func notResolved(kind, id string) string {
	return `{"sys":{"type":"error","id":"notResolvable"},"details":{"type":"Link","linkType":"` + kind + `","id":"` + id + `"}}`
}

// TestReferences follows links of every form, in circles and to nothing.
func TestReferences(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[
			{"id":"one","name":"O","type":"Link","linkType":"Entry"},
			{"id":"many","name":"M","type":"Array","items":{"type":"Link","linkType":"Entry"}},
			{"id":"image","name":"I","type":"Link","linkType":"Asset"},
			{"id":"text","name":"T","type":"RichText"}]}`)
		fields := map[string]string{
			"root": `{"one":{"en-US":` + linkJSON("Entry", "a") + `},"many":{"en-US":[` + linkJSON("Entry", "b") + `,` + linkJSON("Entry", "gone") + `,` + linkJSON("Entry", "a") + `]},"image":{"en-US":` + linkJSON("Asset", "pic") + `}}`,
			"a":    `{"one":{"en-US":` + linkJSON("Entry", "root") + `}}`,
			"b": `{"text":{"en-US":{"nodeType":"document","data":{},"content":[{"nodeType":"embedded-entry-block","data":{"target":` + linkJSON("Entry", "deep") +
				`},"content":[]}]}},"image":{"en-US":` + linkJSON("Asset", "lost") + `}}`,
			"deep": `{"one":{"en-US":` + linkJSON("Entry", "a") + `}}`,
		}
		of := map[string]string{}
		for id, f := range fields {
			sc.make(id, f)
			of[id] = sc.entry(id, f).show()
		}
		sc.play(step{name: "an asset", call: "PUT " + content + "/assets/pic", status: 201, find: map[string]string{"x": "sys.id"}})
		pic := sc.born("Asset", "pic", `"metadata":{"tags":[],"concepts":[]},"fields":{}`).show()
		const path = "GET " + content + "/entries/root/references"
		one := tree(of["root"], of["a"]+","+of["b"], pic, notResolved("Entry", "gone"))
		sc.play(
			step{name: "one level", call: path, want: one},
			step{name: "one level when asked for", call: path + "?include=1", want: one},
			step{name: "all levels", call: path + "?include=10", want: tree(of["root"], of["a"]+","+of["b"]+","+of["deep"], pic, notResolved("Entry", "gone")+","+notResolved("Asset", "lost"))},
			step{name: "no links but a circle", call: "GET " + content + "/entries/a/references?include=2", want: tree(of["a"], of["root"]+","+of["b"], pic, notResolved("Entry", "gone"))},
			step{name: "no such entry", call: "GET " + content + "/entries/none/references?include=2", want: tree("", "", "", "")},
		)
		for _, include := range []string{"0", "11", "x"} {
			message := `The value provided for "include" is invalid. Please provide a value between 1 and 10`
			sc.play(step{name: "include=" + include, call: path + "?include=" + include, status: 400, want: failure("InvalidQuery", message,
				`{"errors":[{"name":"value","path":["include"],"value":"`+include+`","details":`+fmt.Sprintf("%q", message)+`}]}`)})
		}
		sc.play(
			step{name: "archived", call: "PUT " + content + "/entries/a/archived", find: map[string]string{"x": "sys.id"}},
			step{name: "deleted", call: "DELETE " + content + "/entries/a", status: 204},
			step{name: "what is deleted is not resolved", call: "GET " + content + "/entries/deep/references", want: tree(of["deep"], "", "", notResolved("Entry", "a"))},
		)
	})
}

// TestReferencesAreBounded meets both bounds of the answer.
func TestReferencesAreBounded(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("./check runs it without the race detector, which makes it many times slower")
	}
	sc := newScript(t)
	sc.activate("post", `{"name":"Post","fields":[{"id":"many","name":"M","type":"Array","items":{"type":"Link","linkType":"Entry"}},{"id":"any","name":"A","type":"Object"}]}`)
	links := make([]string, 999)
	for i := range links {
		id := fmt.Sprintf("e%03d", i)
		sc.make(id, `{"many":{"en-US":[`+linkJSON("Entry", "x1")+`,`+linkJSON("Entry", "x2")+`]}}`)
		links[i] = linkJSON("Entry", id)
	}
	sc.make("x1", `{}`)
	sc.make("x2", `{}`)
	sc.make("root", `{"many":{"en-US":[`+strings.Join(links, ",")+`]}}`)
	const path = "GET " + content + "/entries/root/references"
	count := func(call string) (int, bool) {
		body, _ := decoded(t, sc.do(call, nil, "").Body.String()).(map[string]any)
		includes, _ := body["includes"].(map[string]any)
		entries, _ := includes["Entry"].([]any)
		return len(entries), body["truncated"] == true
	}
	if n, cut := count(path); n != 999 || cut {
		t.Errorf("one level: %d entries, truncated %v", n, cut)
	}
	if n, cut := count(path + "?include=2"); n != 1000 || !cut {
		t.Errorf("two levels: %d entries, truncated %v", n, cut)
	}
	large := make([]string, 8)
	for i := range large {
		id := fmt.Sprintf("large%d", i)
		sc.make(id, `{"any":{"en-US":{"v":"`+strings.Repeat("x", 950_000)+`"}}}`)
		large[i] = linkJSON("Entry", id)
	}
	sc.make("heavy", `{"many":{"en-US":[`+strings.Join(large, ",")+`]}}`)
	w := sc.do("GET "+content+"/entries/heavy/references", nil, "")
	if w.Code != 400 || !strings.Contains(w.Body.String(), "Response size too big. Maximum allowed response size:") || !strings.Contains(w.Body.String(), "Ask for fewer levels with include.") {
		t.Errorf("too large an answer: %d %.300s", w.Code, w.Body)
	}
}
