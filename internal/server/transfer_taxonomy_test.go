package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/transfer"
)

// TestTransferTaxonomy: an export has the taxonomy that is connected with its content,
// and an import makes what is missing of it and touches nothing that is there.
func TestTransferTaxonomy(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	everyState(t, l)
	dir := t.TempDir()
	export := func(to string) transfer.Report {
		t.Helper()
		var r transfer.Report
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: to}}, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	from := filepath.Join(dir, "all")
	if r := export(from); len(r.Notices) > 0 {
		t.Errorf("notices: %q", r.Notices)
	}
	if diff := cmp.Diff([]string{"animals", "beings", "minerals", "plants"}, slices.Sorted(maps.Keys(lines(t, from, "concepts")))); diff != "" {
		t.Errorf("concepts (-want +got):\n%s", diff)
	}
	l.succeeds(t, "POST", demoMaster+"/entries/classed/comments", `{"body":"Look"}`)
	release := idOf(l.succeeds(t, "POST", demoMaster+"/releases", `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"Soon","entities":{"sys":{"type":"Array"},"items":[]}}`))
	l.succeeds(t, "POST", demoMaster+"/releases/"+release+"/assets", `{}`)
	l.succeeds(t, "POST", demoMaster+"/releases/"+release+"/entries", `{}`, "X-Contentful-Content-Type: topic")
	l.succeeds(t, "POST", demoMaster+"/workflow_definitions", `{"name":"Review"}`)
	want := "Left out, since such an export has no place for them: 1 extensions, 1 content previews, 1 configuration of views, 1 list of enablements, 4 concepts, 1 concept schemes, 1 releases, 1 versions of entries in releases, 1 versions of assets in releases, 1 comments, 1 workflow definitions."
	if r := export(filepath.Join(dir, "all.json")); !slices.Contains(r.Notices, want) {
		t.Errorf("notices: %q", r.Notices)
	}

	if r := bring(t, l, from, keepSys); len(r.Notices) > 0 || len(r.Problems) > 0 {
		t.Errorf("over what is there: %+v", r)
	}
	// One is changed, and one has lost what it names, as after an import that was cut off.
	for id, body := range map[string]string{"plants": `{"prefLabel":{"en-US":"Flora"}}`, "animals": `{"prefLabel":{"en-US":"Animals","de-DE":"Tiere"}}`} {
		if res, _ := l.send(t, http.MethodPut, l.concepts(t)+"/"+id, testToken, body, "X-Contentful-Version: 1"); res.StatusCode != http.StatusOK {
			l.succeeds(t, http.MethodPut, l.concepts(t)+"/"+id, body, "X-Contentful-Version: 2")
		}
	}
	r := bring(t, l, from, keepSys)
	if len(r.Problems) > 0 || len(r.Notices) != 1 || !strings.HasPrefix(r.Notices[0], "1 concepts are there already with other values") {
		t.Errorf("over a changed one: %+v", r)
	}
	if _, got := l.send(t, http.MethodGet, l.concepts(t)+"/plants", testToken, ""); got["prefLabel"].(map[string]any)["en-US"] != "Flora" {
		t.Errorf("an import changed a concept: %v", got)
	}
	if _, got := l.send(t, http.MethodGet, l.concepts(t)+"/animals", testToken, ""); len(got["broader"].([]any)) != 1 || len(got["related"].([]any)) != 1 {
		t.Errorf("one that was cut off: %v", got)
	}

	// A dry run makes none, and content that names one is none the worse for it.
	emptied(t, l)
	if r := bring(t, l, from, func(o *transfer.ImportOptions) { o.DryRun = true }); len(r.Problems) > 0 {
		t.Errorf("dry run: %+v", r.Problems)
	}
	if _, got := l.send(t, http.MethodGet, l.concepts(t), testToken, ""); len(got["items"].([]any)) > 0 {
		t.Errorf("a dry run made concepts: %v", got)
	}
}

// TestTransferDeprecation: deprecated concepts come deprecated, and content that has
// them comes with them, whether they are there already or not.
func TestTransferDeprecation(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, l *live) {
		everyState(t, l)
		at := strings.Replace(l.taxonomy(t), "/taxonomy/", "/_typecase/taxonomy/", 1) + "concepts/"
		for _, id := range []string{"sheep", "dolls"} { // that no content names
			l.succeeds(t, "PUT", l.concepts(t)+"/"+id, `{"prefLabel":{"en-US":"`+id+`"}}`)
		}
		// animals, which an entry has, is replaced by what is deprecated later
		l.succeeds(t, "PUT", at+"animals/deprecated", `{"replacedBy":`+conceptLink("sheep")+`}`, "X-Contentful-Version: 1")
		l.succeeds(t, "PUT", at+"sheep/deprecated", `{"replacedBy":`+conceptLink("dolls")+`}`, "X-Contentful-Version: 1")
		from := filepath.Join(t.TempDir(), "all")
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: from}}, new(transfer.Report)); err != nil {
			t.Fatal(err)
		}
		want := lines(t, from, "concepts")
		if diff := cmp.Diff([]string{"animals", "beings", "dolls", "minerals", "plants", "sheep"}, slices.Sorted(maps.Keys(want))); diff != "" {
			t.Fatalf("concepts (-want +got):\n%s", diff)
		}
		sys := func(concepts map[string]map[string]any, id string) map[string]any {
			return concepts[id]["sys"].(map[string]any)
		}
		if s := sys(want, "animals"); s["deprecatedAt"] == nil || s["deprecatedBy"] == nil || s["replacedBy"] == nil {
			t.Fatalf("exported: %v", s)
		}
		now := func() map[string]map[string]any {
			t.Helper()
			out := map[string]map[string]any{}
			for id := range want {
				res, got := l.send(t, http.MethodGet, l.concepts(t)+"/"+id, testToken, "")
				if res.StatusCode != http.StatusOK {
					t.Fatalf("%s: %v", id, got)
				}
				out[id] = got
			}
			return out
		}
		clean := func(r transfer.Report, of string) {
			t.Helper()
			if len(r.Problems) > 0 || strings.Contains(fmt.Sprint(r.Notices), "already") {
				t.Errorf("%s: %+v, %q", of, r.Problems, r.Notices)
			}
		}

		emptied(t, l)
		clean(bring(t, l, from, func(o *transfer.ImportOptions) { o.KeepSys, o.DryRun = true, true }), "a dry run")
		clean(bring(t, l, from, keepSys), "a new space")
		if diff := cmp.Diff(want, now()); diff != "" {
			t.Errorf("with sys kept (-want +got):\n%s", diff)
		}
		clean(bring(t, l, from, keepSys), "what is there")

		// Where it was taken back, it stays so.
		version := "X-Contentful-Version: " + sys(now(), "animals")["version"].(json.Number).String()
		l.succeeds(t, "DELETE", at+"animals/deprecated", "", version)
		for _, change := range []func(*transfer.ImportOptions){keepSys, nil} {
			if r := bring(t, l, from, change); len(r.Problems) > 0 || !strings.Contains(fmt.Sprint(r.Notices), "1 concepts are there already with other values") {
				t.Errorf("taken back: %+v, %q", r.Problems, r.Notices)
			}
		}
		if s := sys(now(), "animals"); s["deprecatedAt"] != nil {
			t.Errorf("taken back: %v", s)
		}

		// What was cut off before it was deprecated is deprecated by the next one.
		emptied(t, l)
		l.succeeds(t, "PUT", l.concepts(t)+"/minerals", `{"prefLabel":{"en-US":"Minerals"}}`)
		clean(bring(t, l, from, nil), "what was cut off")
		if s := sys(now(), "minerals"); s["deprecatedAt"] == nil || s["replacedBy"] == nil {
			t.Errorf("what was cut off: %v", s)
		}

		// Into a space of the organization that has the concepts already, deprecated.
		if err := order(t, l, "space delete", SpaceID{ID: "typecasedemo"}, new(struct{})); err != nil {
			t.Fatal(err)
		}
		if err := order(t, l, "space create", SpaceCreate{ID: "typecasedemo", Name: "Again"}, new(Space)); err != nil {
			t.Fatal(err)
		}
		clean(bring(t, l, from, nil), "with the concepts there")
		if e := l.succeeds(t, "GET", demoMaster+"/entries/classed", ""); len(e["metadata"].(map[string]any)["concepts"].([]any)) != 1 {
			t.Errorf("an entry that has one: %v", e["metadata"])
		}

		// Without sys, they are deprecated since now.
		emptied(t, l)
		clean(bring(t, l, from, nil), "as new")
		for id, c := range now() {
			got, had := c["sys"].(map[string]any), sys(want, id)
			if (got["deprecatedAt"] == nil) != (had["deprecatedAt"] == nil) || !cmp.Equal(got["replacedBy"], had["replacedBy"]) {
				t.Errorf("%s as new: %v, want %v", id, got, had)
			}
		}

		// A single file may have them too. What there is not replaces nothing.
		file := filepath.Join(t.TempDir(), "all.json")
		concept := func(id, by string) string {
			return `{"sys":{"id":"` + id + `","deprecatedAt":"2026-01-01T00:00:00.000Z","replacedBy":` + conceptLink(by) + `},"prefLabel":{"en-US":"` + id + `"}}`
		}
		if err := os.WriteFile(file, []byte(`{"concepts":[`+concept("swan", "goose")+`,`+concept("duck", "nothing")+`,{"sys":{"id":"goose"},"prefLabel":{"en-US":"goose"}}]}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := bring(t, l, file, nil); len(r.Problems) != 1 || !hasProblem(r, "duck", "Failed to find concept: nothing") {
			t.Errorf("replaced by nothing: %+v", r.Problems)
		}
		if got := l.succeeds(t, "GET", l.concepts(t)+"/swan", "")["sys"].(map[string]any); got["deprecatedAt"] == nil || !strings.Contains(fmt.Sprint(got["replacedBy"]), "id:goose") {
			t.Errorf("from a single file: %v", got)
		}
	})
}
