package server

import (
	"maps"
	"net/http"
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
