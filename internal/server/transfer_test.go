package server

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/transfer"
)

const demoMaster = "/spaces/typecasedemo/environments/master"

// onBothDatabases runs a test on a whole server, once on each database.
func onBothDatabases(t *testing.T, test func(t *testing.T, l *live)) {
	for name, database := range map[string]func(*testing.T) config.Database{
		"sqlite":   func(*testing.T) config.Database { return "" },
		"postgres": func(t *testing.T) config.Database { return config.Database(pgtest.URL(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			test(t, startLive(t, func(c *config.Config) {
				c.Database = url
				c.Secret = config.Secret(strings.Repeat("transfer ", 5))
			}))
		})
	}
}

// order runs a command on the socket of a running server.
func order(t testing.TB, l *live, command string, args, result any) error {
	t.Helper()
	return Command(t.Context(), l.config, quiet(), command, args, result, func(string) {})
}

// lines are the resources of one list of a folder, by sys.id, or by that of the content
// type they are of.
func lines(t testing.TB, folder, kind string) map[string]map[string]any {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, kind+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]map[string]any{}
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var v map[string]any
		dec := json.NewDecoder(bytes.NewReader(s.Bytes()))
		dec.UseNumber() // as send does
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		sys := v["sys"].(map[string]any)
		id, _ := sys["id"].(string)     // what there is one of has none
		if kind == "editorInterfaces" { // which all have the same
			id = sys["contentType"].(map[string]any)["sys"].(map[string]any)["id"].(string)
		}
		out[id] = v
	}
	return out
}

// TestExport: an export has what the management API shows, the published version
// beside a changed draft, and the files with their checksums.
func TestExport(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, l *live) {
		_, entry := l.send(t, http.MethodGet, demoMaster+"/entries/why-lower-case", testToken, "")
		published := entry["fields"]
		fields := entry["fields"].(map[string]any)
		draft := map[string]any{}
		for k, v := range fields {
			draft[k] = v
		}
		draft["title"] = map[string]any{"en-US": "Changed <since>"}
		body, err := json.Marshal(map[string]any{"fields": draft})
		if err != nil {
			t.Fatal(err)
		}
		if res, got := l.send(t, http.MethodPut, demoMaster+"/entries/why-lower-case", testToken, string(body), "X-Contentful-Version: 2"); res.StatusCode != http.StatusOK {
			t.Fatal(got)
		}
		to := filepath.Join(t.TempDir(), "out")
		var r transfer.Report
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: to}}, &r); err != nil {
			t.Fatal(err)
		}
		if len(r.Problems) > 0 || len(r.Notices) > 0 || r.Files != 10 {
			t.Errorf("report: %+v", r)
		}
		var m transfer.Manifest
		raw, err := os.ReadFile(filepath.Join(to, "manifest.json"))
		if err == nil {
			err = json.Unmarshal(raw, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		for kind, want := range m.Lists {
			content, err := os.ReadFile(filepath.Join(to, kind+".ndjson"))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(content)
			got := transfer.List{Count: bytes.Count(content, []byte("\n")), Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
			if got != want {
				t.Errorf("%s: %+v, the manifest says %+v", kind, got, want)
			}
		}
		for kind, path := range map[string]string{"entries": "/entries/", "assets": "/assets/", "contentTypes": "/content_types/", "tags": "/tags/", "locales": "/locales/"} {
			all := lines(t, to, kind)
			if len(all) == 0 {
				t.Errorf("no %s", kind)
			}
			for id, got := range all {
				_, want := l.send(t, http.MethodGet, demoMaster+path+id, testToken, "")
				if id == "why-lower-case" {
					face := got["published"].(map[string]any)["fields"]
					if diff := cmp.Diff(published, face); diff != "" {
						t.Errorf("published fields (-want +got):\n%s", diff)
					}
					delete(got, "published")
				}
				if kind == "assets" {
					checkFiles(t, to, got)
					here(got, "//localhost/", strings.TrimPrefix(l.url, "http:")+"/")
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s %s (-want +got):\n%s", kind, id, diff)
				}
			}
		}

		// The official form has the latest versions only, and says so.
		file := to + ".json"
		r = transfer.Report{}
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: file, Assets: to + "-files"}}, &r); err != nil {
			t.Fatal(err)
		}
		if len(r.Notices) != 1 || !strings.Contains(r.Notices[0], "1 entries, assets and content types have unpublished changes") {
			t.Errorf("notices: %q", r.Notices)
		}
		var official map[string][]map[string]any
		if raw, err = os.ReadFile(file); err == nil {
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.UseNumber()
			err = dec.Decode(&official)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range official["entries"] {
			want := lines(t, to, "entries")[e["sys"].(map[string]any)["id"].(string)]
			delete(want, "published")
			if diff := cmp.Diff(want, e); diff != "" {
				t.Errorf("official form (-folder +file):\n%s", diff)
			}
		}
		if roles, ok := official["roles"]; !ok || len(roles) > 0 || len(official["entries"]) != 15 {
			t.Errorf("%d entries, roles %v", len(official["entries"]), roles)
		}

		// Protected files go along all the same.
		l.protect(t, "all")
		r = transfer.Report{}
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: to + "-again"}}, &r); err != nil || len(r.Problems) > 0 {
			t.Fatalf("%v %+v", err, r)
		}
		if diff := cmp.Diff(lines(t, to, "assets"), lines(t, to+"-again", "assets")); diff != "" {
			t.Errorf("protected assets (-free +protected):\n%s", diff)
		}

		// Nothing is overwritten.
		err = order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: file}}, &r)
		if err == nil || !strings.Contains(err.Error(), "is there already") {
			t.Errorf("a second export to the same file: %v", err)
		}
		assets := to + "-files"
		beside := func(to string) error {
			return order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: to, Assets: assets}}, new(transfer.Report))
		}
		if err := beside(file + "3.json"); err != nil {
			t.Errorf("beside the same files: %v", err)
		}
		pictures, err := filepath.Glob(filepath.Join(assets, "localhost/files/typecasedemo/ada/*/*"))
		if err != nil || len(pictures) != 1 {
			t.Fatal(pictures, err)
		}
		if err := os.WriteFile(pictures[0], []byte("somebody's"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := beside(file + "4.json"); err == nil || !strings.Contains(err.Error(), pictures[0]+" is there already with other content") {
			t.Errorf("beside another file: %v", err)
		}
		if text, err := os.ReadFile(pictures[0]); string(text) != "somebody's" || err != nil {
			t.Errorf("the other file: %.20q, %v", text, err)
		}
		if _, err := os.Stat(file + "4.json"); err == nil {
			t.Error("there is a file of an export that failed")
		}
		err = order(t, l, "content export", Export{Environment: "maste", ExportOptions: transfer.ExportOptions{To: file + "2.json"}}, &r)
		if err == nil || !strings.Contains(err.Error(), `no environment "maste"`) {
			t.Errorf("an environment that is not there: %v", err)
		}
	})
}

// checkFiles compares the files of an exported asset with what its line says, and
// takes that out of it.
func checkFiles(t *testing.T, folder string, asset map[string]any) {
	t.Helper()
	files := asset["files"].(map[string]any)
	delete(asset, "files")
	if len(files) != 1 {
		t.Errorf("%d files", len(files))
	}
	for url, of := range files {
		content, err := os.ReadFile(filepath.Join(folder, "files", strings.TrimPrefix(url, "//")))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		want := map[string]any{"size": json.Number(strconv.Itoa(len(content))), "sha256": hex.EncodeToString(sum[:])}
		if diff := cmp.Diff(want, of); diff != "" {
			t.Errorf("file %s (-want +got):\n%s", url, diff)
		}
	}
}

// here rewrites the addresses of an asset's files.
func here(asset map[string]any, from, to string) {
	for _, f := range asset["fields"].(map[string]any)["file"].(map[string]any) {
		file := f.(map[string]any)
		file["url"] = strings.Replace(file["url"].(string), from, to, 1)
	}
}
