package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/transfer"
)

// everyState gives the example space resources in every state there is.
func everyState(t *testing.T, l *live) {
	t.Helper()
	for _, s := range []struct{ method, path, version, body string }{
		// a draft on top of what is published
		{"PUT", demoMaster + "/entries/why-lower-case", "2", `{"fields":{"title":{"en-US":"Draft"}}}`},
		// published once, a draft now
		{"DELETE", demoMaster + "/entries/leila-okafor/published", "", ``},
		// archived
		{"DELETE", demoMaster + "/entries/jonas-hartwig/published", "", ``},
		{"PUT", demoMaster + "/entries/jonas-hartwig/archived", "", ``},
		// an asset without a file
		{"PUT", demoMaster + "/assets/bare", "", `{"fields":{"title":{"en-US":"Bare"}}}`},
		// a content type with changes that are not active
		{"PUT", demoMaster + "/content_types/plain", "", `{"name":"Plain","displayField":"title","fields":[{"id":"title","name":"Title","type":"Symbol","localized":true}]}`},
		{"PUT", demoMaster + "/content_types/plain/published", "1", ``},
		{"PUT", demoMaster + "/content_types/plain", "2", `{"name":"Plainer","displayField":"title","fields":[{"id":"title","name":"Title","type":"Symbol","localized":true},{"id":"more","name":"More","type":"Text"}]}`},
		{"PUT", demoMaster + "/content_types/dormant", "", `{"name":"Dormant","fields":[]}`},
		{"PUT", demoMaster + "/tags/fresh", "", `{"name":"Fresh","sys":{"visibility":"public"}}`},
		// published in one of two locales
		{"PUT", demoMaster + "/entries/half", "", `{"fields":{"title":{"en-US":"Half","de-DE":"Halb"}}}`},
		{"PUT", demoMaster + "/entries/half/published", "1", `{"add":{"fields":{"*":["de-DE"]}}}`},
		// and changed since
		{"PUT", demoMaster + "/entries/half", "2", `{"fields":{"title":{"en-US":"Half two","de-DE":"Halb zwei"}},"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"fresh"}}]}}`},
		{"PUT", demoMaster + "/extensions/colour", "", `{"extension":{"name":"Colour","src":"https://example.com/colour","fieldTypes":[{"type":"Symbol"}]}}`},
		// what is of the space, and of its organization
		{"PUT", l.taxonomy(t) + "concepts/beings", "", `{"prefLabel":{"en-US":"Beings"}}`},
		{"PUT", l.taxonomy(t) + "concepts/plants", "", `{"prefLabel":{"en-US":"Plants"}}`},
		{"PUT", l.taxonomy(t) + "concepts/animals", "", `{"prefLabel":{"en-US":"Animals","de-DE":"Tiere"},"broader":[` + conceptLink("beings") + `],"related":[` + conceptLink("plants") + `]}`},
		{"PUT", l.taxonomy(t) + "concepts/minerals", "", `{"prefLabel":{"en-US":"Minerals"}}`},
		{"PUT", strings.Replace(l.taxonomy(t), "/taxonomy/", "/_typecase/taxonomy/", 1) + "concepts/minerals/deprecated", "1", `{"replacedBy":` + conceptLink("plants") + `}`},
		{"PUT", l.taxonomy(t) + "concepts/unused", "", `{"prefLabel":{"en-US":"Unused"}}`},
		{"PUT", l.taxonomy(t) + "concept-schemes/life", "", `{"prefLabel":{"en-US":"Life"},"topConcepts":[` + conceptLink("beings") + `],"concepts":[` + conceptLink("beings") + `,` + conceptLink("minerals") + `]}`},
		{"PUT", demoMaster + "/entries/classed", "", `{"fields":{"title":{"en-US":"Classed"}},"metadata":{"tags":[],"concepts":[` + conceptLink("animals") + `]}}`},
		{"PUT", "/spaces/typecasedemo/preview_environments/site", "", `{"name":"Site","configurations":[{"entityType":"ContentType","entityId":"plain","url":"https://example.org/{entry.sys.id}"}]}`},
		{"PUT", demoMaster + "/ui_config", "", `{"entryListViews":[{"id":"all","title":"All","views":[]}]}`},
		{"PUT", "/spaces/typecasedemo/enablements", "1", `{"suggestConcepts":{"enabled":true},"spaceTemplates":{"enabled":false},"crossSpaceLinks":{"enabled":false}}`},
		{"PUT", "/spaces/typecasedemo/webhook_definitions/tell", "", `{"name":"Tell","url":"https://example.com/tell","topics":["Entry.publish"],"headers":[{"key":"X-A","value":"b"}]}`},
	} {
		header := []string{"X-Contentful-Content-Type: plain"}
		if s.version != "" {
			header = append(header, "X-Contentful-Version: "+s.version)
		}
		if res, got := l.send(t, s.method, s.path, testToken, s.body, header...); res.StatusCode >= 300 {
			t.Fatalf("%s %s: %v", s.method, s.path, got)
		}
	}
}

// taxonomy is where the taxonomy of the only organization is.
func (l *live) taxonomy(t *testing.T) string {
	return strings.TrimSuffix(l.concepts(t), "concepts")
}

func conceptLink(id string) string {
	return `{"sys":{"type":"Link","linkType":"TaxonomyConcept","id":"` + id + `"}}`
}

// exported is all of an environment, without what no import can keep: users, and
// id and times of the default locale, which every environment has from the beginning.
func exported(t *testing.T, l *live) map[string]map[string]map[string]any {
	t.Helper()
	to := filepath.Join(t.TempDir(), "out")
	var r transfer.Report
	if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: to}}, &r); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]map[string]any{}
	for _, kind := range []string{"locales", "extensions", "concepts", "conceptSchemes", "contentTypes", "editorInterfaces", "tags", "assets", "entries", "previewEnvironments", "uiConfig", "enablements", "webhooks"} {
		byID := map[string]map[string]any{}
		for id, v := range lines(t, to, kind) {
			for _, by := range []string{"createdBy", "updatedBy", "publishedBy", "archivedBy"} {
				delete(v["sys"].(map[string]any), by)
				if p, ok := v["published"].(map[string]any); ok && p["sys"] != nil {
					delete(p["sys"].(map[string]any), by)
				}
			}
			if v["default"] == true {
				id = "default"
				v["sys"] = nil
			}
			byID[id] = v
		}
		all[kind] = byID
	}
	return all
}

// bring imports into the only space of a server.
func bring(t *testing.T, l *live, from string, change func(*transfer.ImportOptions)) transfer.Report {
	t.Helper()
	in := Import{Space: "typecasedemo", Environment: "master", ImportOptions: transfer.ImportOptions{From: from}}
	if change != nil {
		change(&in.ImportOptions)
	}
	var r transfer.Report
	if err := order(t, l, "content import", in, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// emptied makes the space of the example anew, without anything inside, and removes
// the taxonomy of its organization.
func emptied(t *testing.T, l *live) {
	t.Helper()
	for _, kind := range []string{"concept-schemes", "concepts"} {
		for {
			_, all := l.send(t, http.MethodGet, l.taxonomy(t)+kind, testToken, "")
			items := all["items"].([]any)
			if len(items) == 0 {
				break
			}
			sys := items[0].(map[string]any)["sys"].(map[string]any)
			res, got := l.send(t, http.MethodDelete, l.taxonomy(t)+kind+"/"+sys["id"].(string), testToken, "", "X-Contentful-Version: "+sys["version"].(json.Number).String())
			if res.StatusCode != http.StatusNoContent {
				t.Fatal(got)
			}
		}
	}
	if err := order(t, l, "space delete", SpaceID{ID: "typecasedemo"}, new(struct{})); err != nil {
		t.Fatal(err)
	}
	if err := order(t, l, "space create", SpaceCreate{ID: "typecasedemo", Name: "Again"}, new(Space)); err != nil {
		t.Fatal(err)
	}
}

// TestRoundTrip: what is exported, imported and exported again is the same, with
// versions, times and states; a second import finds nothing to do, and a dry run
// says what the import does and does nothing.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, l *live) {
		everyState(t, l)
		from := filepath.Join(t.TempDir(), "all")
		var r transfer.Report
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: from}}, &r); err != nil {
			t.Fatal(err)
		}
		want := exported(t, l)
		emptied(t, l)
		empty := exported(t, l)

		dry := bring(t, l, from, func(o *transfer.ImportOptions) { o.KeepSys, o.DryRun = true, true })
		if diff := cmp.Diff(empty, exported(t, l)); diff != "" {
			t.Errorf("a dry run changed something (-before +after):\n%s", diff)
		}
		if _, envs := l.send(t, http.MethodGet, "/spaces/typecasedemo/environments", testToken, ""); len(envs["items"].([]any)) != 1 {
			t.Errorf("a dry run left an environment behind: %v", envs)
		}
		real := bring(t, l, from, keepSys)
		if len(real.Problems) > 0 || real.Environment != "master" {
			t.Errorf("report: %+v", real)
		}
		if diff := cmp.Diff(real.Counts, dry.Counts); diff != "" || len(dry.Problems) > 0 {
			t.Errorf("the dry run said something else (-real +dry): %s\n%v", diff, dry.Problems)
		}
		if diff := cmp.Diff(want, exported(t, l)); diff != "" {
			t.Errorf("after the import (-before +after):\n%s", diff)
		}
		for _, keep := range []bool{true, false} {
			again := bring(t, l, from, func(o *transfer.ImportOptions) { o.KeepSys = keep })
			for _, c := range again.Counts {
				if c.Unchanged != c.Total {
					t.Errorf("a second import, keep %v: %+v", keep, c)
				}
			}
			if again.Files > 0 || len(again.Problems) > 0 {
				t.Errorf("a second import: %+v", again)
			}
		}
		if diff := cmp.Diff(want, exported(t, l)); diff != "" {
			t.Errorf("after the second import (-before +after):\n%s", diff)
		}
		// The files are there, and the history is that of a resource that was published.
		_, asset := l.send(t, http.MethodGet, demoMaster+"/assets/ada", testToken, "")
		url := asset["fields"].(map[string]any)["file"].(map[string]any)["en-US"].(map[string]any)["url"].(string)
		if res, err := http.Get("http:" + url); err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("GET %s: %v, %v", url, res, err)
		} else {
			res.Body.Close()
		}
		_, snapshots := l.send(t, http.MethodGet, demoMaster+"/entries/why-lower-case/snapshots", testToken, "")
		if len(snapshots["items"].([]any)) != 1 {
			t.Errorf("snapshots: %v", snapshots)
		}
	})
}

// TestImportAsNew: without keeping sys everything is made as if it was written now,
// and what is there already gets a new version.
func TestImportAsNew(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, l *live) {
		everyState(t, l)
		from := filepath.Join(t.TempDir(), "all")
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: from}}, new(transfer.Report)); err != nil {
			t.Fatal(err)
		}
		want := exported(t, l)
		emptied(t, l)
		if r := bring(t, l, from, nil); len(r.Problems) > 0 {
			t.Errorf("problems: %v", r.Problems)
		}
		got := exported(t, l)
		for kind, all := range want {
			for id, w := range all {
				g := got[kind][id]
				if kind == "locales" {
					continue // those have new ids
				}
				if g == nil {
					t.Errorf("no %s %s", kind, id)
					continue
				}
				for _, v := range []map[string]any{w, g} {
					delete(v, "sys")
					if p, ok := v["published"].(map[string]any); ok {
						delete(p, "sys")
					}
				}
				if diff := cmp.Diff(w, g); diff != "" {
					t.Errorf("%s %s (-before +after):\n%s", kind, id, diff)
				}
			}
		}
		// Somebody changes an entry; the import brings the old values back, as a new version.
		_, e := l.send(t, http.MethodGet, demoMaster+"/entries/ada-mendez", testToken, "")
		version := e["sys"].(map[string]any)["version"].(json.Number).String()
		if res, got := l.send(t, http.MethodPut, demoMaster+"/entries/ada-mendez", testToken, `{"fields":{}}`, "X-Contentful-Version: "+version); res.StatusCode != http.StatusOK {
			t.Fatal(got)
		}
		r := bring(t, l, from, keepSys)
		if !hasProblem(r, "ada-mendez", "with other content or another sys") {
			t.Errorf("keeping sys of what has changed: %+v", r.Problems)
		}
		r = bring(t, l, from, nil)
		_, after := l.send(t, http.MethodGet, demoMaster+"/entries/ada-mendez", testToken, "")
		if diff := cmp.Diff(e["fields"], after["fields"]); diff != "" || len(r.Problems) > 0 {
			t.Errorf("fields (-want +got): %s\n%v", diff, r.Problems)
		}
	})
}

func keepSys(o *transfer.ImportOptions) { o.KeepSys = true }

func hasProblem(r transfer.Report, id, text string) bool {
	for _, p := range r.Problems {
		if p.ID == id && strings.Contains(p.Problem, text) {
			return true
		}
	}
	return false
}

// TestImportCutOff: an import that is stopped anywhere goes on when it is begun
// again, and ends as one that was not.
func TestImportCutOff(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, l *live) {
		everyState(t, l)
		from := filepath.Join(t.TempDir(), "all")
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: from}}, new(transfer.Report)); err != nil {
			t.Fatal(err)
		}
		want := exported(t, l)
		owner, err := l.Authoring.Owner(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{"locales", "concepts", "contentTypes", "editorInterfaces", "tags", "assets", "publishing assets", "entries", "publishing entries"} {
			emptied(t, l)
			ctx, cut := context.WithCancel(t.Context())
			p, err := l.Access.Locate(ctx, owner, "typecasedemo", "master")
			if err != nil {
				t.Fatal(err)
			}
			m := l.mover(func(string) {})
			m.Progress = func(p transfer.Progress) {
				if p.Doing == at {
					cut()
				}
			}
			_, err = m.Import(ctx, p, owner, transfer.ImportOptions{From: from, KeepSys: true})
			cut()
			if at != "locales" && !errors.Is(err, context.Canceled) {
				t.Errorf("cut off at %s: %v", at, err)
			}
			if r := bring(t, l, from, keepSys); len(r.Problems) > 0 {
				t.Errorf("cut off at %s, then: %+v", at, r.Problems)
			}
			if diff := cmp.Diff(want, exported(t, l)); diff != "" {
				t.Errorf("cut off at %s (-want +got):\n%s", at, diff)
			}
		}
	})
}

// TestImportProblems: what is wrong with a resource is said of it, and keeps nothing
// else from going in.
func TestImportProblems(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, l *live) {
		emptied(t, l)
		file := filepath.Join(t.TempDir(), "bad.json")
		sys := func(kind, id, more string) string {
			return `"sys":{"type":"` + kind + `","id":"` + id + `","version":2,"publishedVersion":1,"createdAt":"2020-01-01T00:00:00Z","updatedAt":"2020-01-01T00:00:00Z"` + more + `}`
		}
		page := `,"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"page"}}`
		content := `{"locales":[1,{"name":"Nowhere"}],"extensions":[""],"concepts":[2],"webhooks":[{"sys":{"id":"hook"},"name":[]},
{"sys":{"id":"known"},"name":"Known","url":"https://example.com/","topics":["*.*"],"httpBasicUsername":"u"},
{"sys":{"id":"secret"},"name":"Secret","url":"https://example.org/","topics":["*.*"],"headers":[{"key":"x","secret":true}]}],
"contentTypes":[
{` + sys("ContentType", "page", "") + `,"name":"Page","displayField":"title","fields":[{"id":"title","name":"Title","type":"Symbol","required":true,"validations":[{"unique":true}]},{"id":"next","name":"Next","type":"Link","linkType":"Entry"}]},
{` + sys("ContentType", "broken", "") + `,"name":"Broken","fields":[{"id":"x","name":"X","type":"Colour"}]},true],
"tags":[{` + sys("Tag", "named", "") + `}, 7],
"assets":[{` + sys("Asset", "lost", "") + `,"fields":{"file":{"en-US":{"contentType":"image/png","fileName":"a.png","url":"//images.ctfassets.net/s/lost/u/a.png"}}}}],
"entries":[
{` + sys("Entry", "good", page) + `,"fields":{"title":{"en-US":"Good"},"next":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"also"}}}}},
{` + sys("Entry", "also", page) + `,"fields":{"title":{"en-US":"Also"},"next":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"good"}}}}},
{` + sys("Entry", "taken", page) + `,"fields":{"title":{"en-US":"Good"}}},
{` + sys("Entry", "untitled", page) + `,"fields":{}},
{` + sys("Entry", "leads-nowhere", page) + `,"fields":{"title":{"en-US":"Nowhere"},"next":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"gone"}}}}},
{` + sys("Entry", "odd-field", page) + `,"fields":{"colour":{"en-US":"red"}}},
{` + sys("Entry", "no-type", `,"contentType":{"sys":{"id":"nothing"}}`) + `,"fields":{}},
{` + sys("Entry", "tagged", page) + `,"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"unknown"}}]},"fields":{}},
{` + sys("Entry", "not/valid", page) + `,"fields":{}},
{` + sys("Entry", "good", page) + `,"fields":{"title":{"en-US":"Twice"}}},
{"fields":{}},
"text"],
"roles":[{},{}]}`
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		files := t.TempDir()
		r := bring(t, l, file, func(o *transfer.ImportOptions) { o.Assets = files })
		want := []string{
			"locales number 1, read", "locales number 2, save", "extensions number 1, read", "contentTypes number 3, read", "webhooks hook, read", "webhooks known, save", "webhooks secret, save", "concepts number 1, read",
			"contentTypes broken, save", "tags named, save", "tags number 2, read", "assets lost, file",
			"entries odd-field, save", "entries no-type, save", "entries tagged, save", "entries not/valid, save", "entries good, save", "entries number 11, read", "entries number 12, read",
			"entries taken, publish", "entries untitled, publish", "entries leads-nowhere, publish",
		}
		seen := map[string]string{}
		for _, p := range r.Problems {
			if strings.Contains(p.Problem, "Go ") || p.Kind == "webhooks" && p.Doing == "save" && !strings.HasSuffix(p.Problem, "make it by hand") {
				t.Errorf("of no use to people: %s", p)
			}
			seen[p.Kind+" "+p.ID+", "+p.Doing] = p.Problem
		}
		for _, w := range want {
			if seen[w] == "" {
				t.Errorf("no problem %q", w)
			}
			delete(seen, w)
		}
		for p, text := range seen {
			t.Errorf("unexpected: %s: %s", p, text)
		}
		for _, c := range r.Counts {
			if c.Kind == "entries" && c != (transfer.Count{Kind: "entries", Total: 12, Created: 5, Published: 2, Failed: 10}) {
				t.Errorf("entries: %+v", c)
			}
		}
		if diff := cmp.Diff([]string{"2 roles were left out: an import does not make them."}, r.Notices); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
		for id, version := range map[string]string{"good": "1", "also": "1", "taken": "", "untitled": "", "leads-nowhere": ""} {
			_, e := l.send(t, http.MethodGet, demoMaster+"/entries/"+id, testToken, "")
			got, _ := e["sys"].(map[string]any)["publishedVersion"].(json.Number)
			if got.String() != version {
				t.Errorf("%s: published version %q, want %q", id, got, version)
			}
		}
	})
}

// TestImportUnfetched: a file that does not come from its URL is said in words.
func TestImportUnfetched(t *testing.T) {
	t.Parallel()
	l := startLive(t, func(c *config.Config) { c.AllowPrivateAddresses = true })
	gone := httptest.NewServer(nil)
	gone.Close()
	file := filepath.Join(t.TempDir(), "assets.json")
	content := `{"assets":[{"sys":{"id":"lost"},"fields":{"file":{"en-US":{"contentType":"text/plain","fileName":"a.txt","url":"` + gone.URL + `/a.txt"}}}}]}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	r := bring(t, l, file, nil)
	want := gone.URL + "/a.txt: " + gone.URL + "/a.txt could not be fetched: dial tcp "
	if len(r.Problems) != 1 || !strings.HasPrefix(r.Problems[0].Problem, want) {
		t.Errorf("problems: %+v, want %s…", r.Problems, want)
	}
}

// TestKeepNonsense: a sys that no resource can have is refused, of each kind.
func TestKeepNonsense(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	emptied(t, l)
	times := `,"createdAt":"2020-01-01T00:00:00Z","updatedAt":"2020-01-01T00:00:00Z"`
	file := filepath.Join(t.TempDir(), "odd.json")
	content := `{
"contentTypes":[{"sys":{"id":"page","version":1` + times + `},"name":"Page","fields":[]},{"sys":{"id":"later","version":2,"publishedVersion":2` + times + `},"name":"L","fields":[]}],
"tags":[{"sys":{"id":"timeless","version":1},"name":"Timeless"},{"sys":{"id":"negative","version":-1` + times + `},"name":"Negative"}],
"locales":[{"sys":{"id":"x","version":-4` + times + `},"name":"German","code":"de-DE","fallbackCode":"en-US"}],
"assets":[{"sys":{"id":"counted","version":3,"publishedCounter":-1` + times + `},"fields":{}},{"sys":{"id":"both","version":3,"archivedVersion":3` + times + `},"fields":{}},{"sys":{"id":"fine","version":7` + times + `},"fields":{}}]}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	r := bring(t, l, file, keepSys)
	for _, id := range []string{"later", "timeless", "negative", "de-DE", "counted", "both"} {
		if !hasProblem(r, id, "sys cannot be kept. The versions") {
			t.Errorf("%s: no problem", id)
		}
	}
	if len(r.Problems) != 6 {
		t.Errorf("problems: %+v", r.Problems)
	}
	_, fine := l.send(t, http.MethodGet, demoMaster+"/assets/fine", testToken, "")
	if v, _ := fine["sys"].(map[string]any)["version"].(json.Number); v != "7" {
		t.Errorf("a sys that can be kept: %v", fine)
	}
	if r := bring(t, l, file, nil); len(r.Problems) > 0 {
		t.Errorf("without keeping it: %+v", r.Problems)
	}
}

// TestDamagedExport: nothing is begun with an export that is not whole, and no file
// of an asset goes in that is not the one that was exported.
func TestDamagedExport(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	from := filepath.Join(t.TempDir(), "all")
	if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: from}}, new(transfer.Report)); err != nil {
		t.Fatal(err)
	}
	emptied(t, l)
	if err := l.Authoring.Blobs.DeleteSpace("typecasedemo"); err != nil { // files that are there already are not read again
		t.Fatal(err)
	}
	in := Import{Environment: "master", ImportOptions: transfer.ImportOptions{From: from}}
	spoil := func(name string) (undo func()) {
		whole, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bad := append([]byte{}, whole...)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := os.WriteFile(name, whole, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	undo := spoil(filepath.Join(from, "entries.ndjson"))
	err := order(t, l, "content import", in, new(transfer.Report))
	if err == nil || !regexp.MustCompile(`entries\.ndjson is damaged: .*SHA-256`).MatchString(err.Error()) {
		t.Errorf("a damaged list: %v", err)
	}
	if n := len(exported(t, l)["contentTypes"]); n > 0 {
		t.Errorf("%d content types were made of a damaged export", n)
	}
	undo()
	pictures, err := filepath.Glob(filepath.Join(from, "files/localhost/files/typecasedemo/ada/*/*"))
	if err != nil || len(pictures) != 1 {
		t.Fatal(pictures, err)
	}
	undo = spoil(pictures[0])
	r := bring(t, l, from, nil)
	if len(r.Problems) == 0 || r.Problems[0].ID != "ada" || !strings.Contains(r.Problems[0].Problem, "the file is damaged") {
		t.Errorf("a damaged file: %+v", r.Problems)
	}
	if res, _ := l.send(t, http.MethodGet, demoMaster+"/assets/ada", testToken, ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("its asset: %d", res.StatusCode)
	}
	undo()
	if r := bring(t, l, from, nil); len(r.Problems) > 0 {
		t.Errorf("with the right file: %+v", r.Problems)
	}
	if err := os.Remove(filepath.Join(from, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	if err := order(t, l, "content import", in, new(transfer.Report)); err == nil || !strings.Contains(err.Error(), "not finished") {
		t.Errorf("without a manifest: %v", err)
	}
}
