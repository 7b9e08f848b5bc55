package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/transfer"
)

// withHistory makes resources that have been through everything.
func withHistory(t *testing.T, l *live) {
	t.Helper()
	everyState(t, l)
	versions := map[string]int{}
	for _, s := range []string{
		"PUT /content_types/saga {}", "PUT /content_types/saga [title]", "PUT /content_types/saga/published", "PUT /content_types/saga [title more]", "PUT /content_types/saga/published",
		"PUT /content_types/saga [title more text]", "PUT /content_types/saga [title more text last]",
		"PUT /content_types/asleep [title]", "PUT /content_types/asleep/published", "DELETE /content_types/asleep/published", "PUT /content_types/asleep [title more]",
		"PUT /content_types/back [title]", "PUT /content_types/back/published", "PUT /content_types/back [title more]", "PUT /content_types/back [title]",
		"PUT /entries/long A", "PUT /entries/long B", "PUT /entries/long/published", "PUT /entries/long C", "PUT /entries/long/published", "PUT /entries/long D", "PUT /entries/long E", "PUT /entries/long F",
		"PUT /entries/same A", "PUT /entries/same/published", "PUT /entries/same B", "PUT /entries/same A", "PUT /entries/same/published",
		"PUT /entries/back A", "PUT /entries/back/published", "PUT /entries/back B", "PUT /entries/back A",
		"PUT /entries/down A", "PUT /entries/down/published", "PUT /entries/down B", "DELETE /entries/down/published", "PUT /entries/down C",
		"PUT /entries/up A", "PUT /entries/up/published", "DELETE /entries/up/published", "PUT /entries/up B", "PUT /entries/up/published",
		"PUT /entries/kept A", "PUT /entries/kept B", "PUT /entries/kept/archived", "DELETE /entries/kept/archived", "PUT /entries/kept C", "PUT /entries/kept/archived",
		"PUT /assets/drawn A", "PUT /assets/drawn B", "PUT /assets/drawn C",
	} {
		method, rest, _ := strings.Cut(s, " ")
		path, value, _ := strings.Cut(rest, " ")
		header := []string{"X-Contentful-Content-Type: saga"}
		of := strings.Join(strings.Split(path, "/")[:3], "/")
		if v := versions[of]; v > 0 {
			header = append(header, fmt.Sprint("X-Contentful-Version: ", v))
		}
		body := ""
		switch {
		case strings.HasPrefix(value, "["):
			var fields []string
			for id := range strings.FieldsSeq(strings.Trim(value, "[]")) {
				fields = append(fields, fmt.Sprintf(`{"id":%q,"name":%q,"type":"Symbol"}`, id, id))
			}
			body = `{"name":"Saga","fields":[` + strings.Join(fields, ",") + `]}`
		case value == "{}":
			body = `{"name":"Saga","fields":[]}`
		case value != "":
			body = fmt.Sprintf(`{"fields":{"title":{"en-US":%q}},"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"fresh"}}]}}`, value)
		}
		res, got := l.send(t, method, demoMaster+path, testToken, body, header...)
		if res.StatusCode >= 300 {
			t.Fatalf("%s: %v", s, got)
		}
		v, err := got["sys"].(map[string]any)["version"].(json.Number).Int64()
		if err != nil {
			t.Fatal(err)
		}
		versions[of] = int(v)
	}
	publishedInParts(t, l)
}

// publishedInParts makes entries of which some locales are published as they were, and
// others as they are.
func publishedInParts(t *testing.T, l *live) {
	t.Helper()
	version := 0
	send := func(path, body string) {
		t.Helper()
		res, got := l.send(t, http.MethodPut, demoMaster+path, testToken, body, "X-Contentful-Content-Type: tale", fmt.Sprint("X-Contentful-Version: ", version))
		if version++; res.StatusCode >= 300 {
			t.Fatalf("%s: %v", path, got)
		}
	}
	send("/content_types/tale", `{"name":"Tale","fields":[{"id":"title","name":"Title","type":"Symbol","localized":true,"validations":[{"unique":true}]}]}`)
	send("/content_types/tale/published", "")
	for id, more := range map[string]bool{"parts": false, "parts-and-more": true} {
		version = 0
		save := func(title string) {
			t.Helper()
			send("/entries/"+id, fmt.Sprintf(`{"fields":{"title":{"en-US":"%s %s","de-DE":"%[1]s %[2]s, deutsch"}}}`, id, title))
		}
		save("A")
		send("/entries/"+id+"/published", "")
		save("B")
		save("C")
		send("/entries/"+id+"/published", `{"add":{"fields":{"*":["de-DE"]}}}`)
		if more {
			save("D")
			save("E")
		}
	}
}

var historyLists = []string{"contentTypeHistory", "assetHistory", "entryHistory"}

// histories are the histories of an export, as they stand there.
func histories(t *testing.T, folder string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, list := range historyLists {
		raw, err := os.ReadFile(filepath.Join(folder, list+".ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		out[list] = strings.Split(strings.TrimSpace(string(raw)), "\n")
	}
	return out
}

// TestTransferHistory: with the sys of resources their history comes along, so that
// an export of what was imported has the same.
func TestTransferHistory(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, l *live) {
		withHistory(t, l)
		dir := t.TempDir()
		export := func(name string) (string, transfer.Report) {
			t.Helper()
			to := filepath.Join(dir, name)
			var r transfer.Report
			if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: to}}, &r); err != nil {
				t.Fatal(err)
			}
			return to, r
		}
		from, made := export("one")
		if len(made.Problems)+len(made.Notices) > 0 {
			t.Errorf("report: %+v", made)
		}
		want, state := histories(t, from), exported(t, l)
		for list, n := range map[string]int{"contentTypeHistory": 20, "entryHistory": 60, "assetHistory": 20} {
			if len(want[list]) < n {
				t.Errorf("%s has %d lines only", list, len(want[list]))
			}
		}
		past := map[string]any{}
		for _, v := range []string{"long/3", "long/6", "long/8", "parts/5", "parts-and-more/5", "parts-and-more/6"} {
			_, past[v] = l.send(t, http.MethodGet, demoMaster+"/_typecase/history/entries/"+v, testToken, "")
		}

		emptied(t, l)
		r := bring(t, l, from, keepSys)
		if len(r.Problems)+len(r.Notices) > 0 {
			t.Errorf("report: %+v", r)
		}
		to, _ := export("two")
		if diff := cmp.Diff(want, histories(t, to)); diff != "" {
			t.Errorf("histories (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(state, exported(t, l)); diff != "" {
			t.Errorf("resources (-before +after):\n%s", diff)
		}
		for v, want := range past {
			_, got := l.send(t, http.MethodGet, demoMaster+"/_typecase/history/entries/"+v, testToken, "")
			if diff := cmp.Diff(want, any(got)); diff != "" {
				t.Errorf("a version of the past (-before +after):\n%s", diff)
			}
		}
		_, snapshots := l.send(t, http.MethodGet, demoMaster+"/entries/long/snapshots", testToken, "")
		if n := len(snapshots["items"].([]any)); n != 2 {
			t.Errorf("%d snapshots", n)
		}
		_, types := l.send(t, http.MethodGet, demoMaster+"/content_types/saga/snapshots", testToken, "")
		if n := len(types["items"].([]any)); n != 2 {
			t.Errorf("%d snapshots of a content type", n)
		}
		for _, c := range bring(t, l, from, keepSys).Counts {
			if c.Unchanged != c.Total {
				t.Errorf("a second import: %+v", c)
			}
		}

		// Without it everything begins now, and the report says what stays behind.
		emptied(t, l)
		plain := bring(t, l, from, nil)
		if len(plain.Notices) != 1 || !strings.HasPrefix(plain.Notices[0], "The export has ") {
			t.Errorf("without keeping sys: %q", plain.Notices)
		}
	})
}

// folderOf is an export with these lines, by list.
func folderOf(t *testing.T, lists map[string][]string) string {
	t.Helper()
	dir := t.TempDir()
	m := transfer.Manifest{Format: "typecase-export", Version: 1, Lists: map[string]transfer.List{}}
	for kind, lines := range lists {
		content := strings.Join(lines, "\n") + "\n"
		sum := sha256.Sum256([]byte(content))
		m.Lists[kind] = transfer.List{Count: len(lines), Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
		if err := os.WriteFile(filepath.Join(dir, kind+".ndjson"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "manifest.json"), raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestOddHistories: what does not fit is left out, said, and keeps nothing else away.
func TestOddHistories(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	emptied(t, l)
	at := `"2026-01-01T00:00:0%d.000Z"`
	line := func(kind, id string, version int, action, rest string) string {
		return fmt.Sprintf(`{"sys":{"type":"Version","entity":{"sys":{"type":"Link","linkType":%q,"id":%q}},"version":%d,"action":%q,"createdAt":`+at+`,"createdBy":{"sys":{"id":"nobody"}}}%s}`, kind, id, version, action, version, rest)
	}
	resource := func(kind, id string, version int, more, rest string) string {
		return fmt.Sprintf(`{"sys":{"type":%q,"id":%q,"version":%d,"createdAt":`+at+`,"updatedAt":`+at+`%s},%s}`, kind, id, version, 1, version, more, rest)
	}
	const page, published = `,"contentType":{"sys":{"id":"page"}}`, `,"publishedVersion":2,"publishedCounter":1,"publishedAt":"2026-01-01T00:00:03.000Z"`
	fields := func(text string) string { return `"fields":{"title":{"en-US":"` + text + `"}}` }
	content := func(of string) string { return `,"content":{` + of + `}` }
	titled := `"name":"Page","fields":[{"id":"title","name":"Title","type":"Symbol"}]`
	from := folderOf(t, map[string][]string{
		"contentTypes": {
			resource("ContentType", "page", 3, published, titled),
			resource("ContentType", "retyped", 6, `,"publishedVersion":5,"publishedCounter":2`, titled),
		},
		"contentTypeHistory": {
			line("ContentType", "gone", 1, "create", content(titled)),
			line("ContentType", "page", 1, "create", content(`"name":"Old","fields":[]`)), line("ContentType", "page", 2, "save", `,"is":"published"`), line("ContentType", "page", 3, "publish", ``),
			// a field that vanished while it was in use: it had another id then
			line("ContentType", "retyped", 1, "create", content(`"name":"R","fields":[{"id":"a","name":"A","type":"Symbol"}]`)), line("ContentType", "retyped", 2, "publish", ``), line("ContentType", "retyped", 3, "save", `,"is":"published"`),
		},
		"entries": {
			resource("Entry", "backwards", 3, page, fields("C")),
			resource("Entry", "cut", 5, page, fields("E")),
			resource("Entry", "minus", 3, page, fields("C")),
			resource("Entry", "mistyped", 2, page, fields("B")),
			resource("Entry", "odd", 3, page+published, fields("B")),
			resource("Entry", "short", 4, page, fields("D")),
			resource("Entry", "torn", 9, page, fields("I")),
		},
		"entryHistory": {
			line("Entry", "backwards", 2, "create", content(fields("A"))), line("Entry", "backwards", 2, "save", content(fields("B"))), line("Entry", "backwards", 3, "save", `,"is":"latest"`),
			// its beginning is missing
			line("Entry", "cut", 2, "publish", ``), line("Entry", "cut", 3, "save", content(fields("C"))), line("Entry", "cut", 4, "archive", ``), line("Entry", "cut", 5, "unarchive", `,"is":"latest"`),
			strings.Replace(line("Entry", "minus", 1, "create", content(fields("A"))), `"version":1`, `"version":-1`, 1), line("Entry", "minus", 3, "save", `,"is":"latest"`),
			line("Entry", "mistyped", 1, "create", content(`"fields":{"title":{"en-US":7}}`)), line("Entry", "mistyped", 2, "save", `,"is":"latest"`),
			// fields and locales that there are not, and another draft than the published one
			line("Entry", "odd", 1, "create", content(`"fields":{"title":{"en-US":"A","xx":"?"},"lost":{"en-US":1}}`)), line("Entry", "odd", 2, "save", content(fields("other"))), line("Entry", "odd", 3, "publish", ``),
			// its end is missing
			line("Entry", "short", 1, "create", content(fields("A"))), line("Entry", "short", 2, "save", content(fields("B"))),
			// steps that do not follow on those before them
			line("Entry", "torn", 1, "save", content(fields("A"))), line("Entry", "torn", 2, "unpublish", ``), line("Entry", "torn", 3, "unarchive", ``), line("Entry", "torn", 4, "publish", ``),
			line("Entry", "torn", 5, "archive", ``), line("Entry", "torn", 6, "unpublish", ``), line("Entry", "torn", 7, "archive", ``), line("Entry", "torn", 8, "publish", ``), line("Entry", "torn", 9, "save", `,"is":"latest"`),
		},
	})
	r := bring(t, l, from, keepSys)
	want := []string{
		"1 changes of the past were left out: they are of no contentTypes in the export, or there were too many.",
		"The history of 1 contentTypes was left out: it does not fit what they are now.",
		"The history of 3 entries was left out: it does not fit what they are now.",
	}
	if diff := cmp.Diff(want, r.Notices); diff != "" || len(r.Problems) > 0 {
		t.Errorf("notices (-want +got):\n%s\n%v", diff, r.Problems)
	}
	for path, want := range map[string]string{
		"content_types/page": "publish 3, save 2, create 1", "content_types/retyped": "publish 6, create 5",
		"entries/cut": "unarchive 5, archive 4, create 3", "entries/mistyped": "create 2", "entries/odd": "publish 3, save 2, create 1", "entries/short": "save 4, save 2, create 1",
		"entries/backwards": "create 3", "entries/minus": "create 3", "entries/torn": "save 9, save 8, archive 7, unpublish 6, save 5, publish 4, save 3, save 2, create 1",
	} {
		_, got := l.send(t, http.MethodGet, demoMaster+"/_typecase/history/"+path, testToken, "")
		var steps []string
		for _, item := range got["items"].([]any) {
			sys := item.(map[string]any)["sys"].(map[string]any)
			steps = append(steps, fmt.Sprintf("%s %s", sys["action"], sys["version"]))
		}
		if diff := cmp.Diff(want, strings.Join(steps, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if _, odd := l.send(t, http.MethodGet, demoMaster+"/_typecase/history/entries/odd/1", testToken, ""); fmt.Sprint(odd["entity"].(map[string]any)["fields"]) != "map[title:map[en-US:A]]" {
		t.Errorf("a version with what is gone: %v", odd)
	}
	if _, short := l.send(t, http.MethodGet, demoMaster+"/entries/short", testToken, ""); short["sys"].(map[string]any)["version"] != json.Number("4") || fmt.Sprint(short["fields"]) != "map[title:map[en-US:D]]" {
		t.Errorf("one whose history is short: %v", short)
	}

	broken := folderOf(t, map[string][]string{"entries": {resource("Entry", "one", 1, page, fields("A"))}, "entryHistory": {`{"sys":7}`}})
	err := order(t, l, "content import", Import{Environment: "master", ImportOptions: transfer.ImportOptions{From: broken, KeepSys: true}}, new(transfer.Report))
	if err == nil || !strings.Contains(err.Error(), "entryHistory.ndjson is damaged") {
		t.Errorf("a history that cannot be read: %v", err)
	}
}

// TestLongHistory: an export has the end of a long history only. That may begin with a
// step that ends what is not there, and can be imported all the same.
func TestLongHistory(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	emptied(t, l)
	const changes, kept = 1002, 1000
	const at = `"2026-01-01T00:00:00.000Z"`
	page := `{"sys":{"id":"page","version":2,"publishedVersion":1,"publishedCounter":1,"createdAt":` + at + `,"updatedAt":` + at + `},"name":"Page","fields":[{"id":"title","name":"Title","type":"Symbol"}]}`
	entry := fmt.Sprintf(`{"sys":{"id":"long","version":%d,"contentType":{"sys":{"id":"page"}},"createdAt":`+at+`,"updatedAt":`+at+`},"fields":{}}`, changes)
	var steps []string
	for i := range changes {
		rest := []string{`"save"},"content":{"fields":{}}`, `"publish"}`, `"save"},"content":{"fields":{}}`, `"unpublish"}`}[i%4]
		steps = append(steps, fmt.Sprintf(`{"sys":{"entity":{"sys":{"id":"long"}},"version":%d,"createdAt":`+at+`,"action":%s}`, i+1, rest))
	}
	from := folderOf(t, map[string][]string{"contentTypes": {page}, "entries": {entry}, "entryHistory": steps})
	var before []string
	for range 2 {
		if r := bring(t, l, from, keepSys); len(r.Problems)+len(r.Notices) > 0 {
			t.Fatalf("report: %+v", r)
		}
		from = filepath.Join(t.TempDir(), "out")
		if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: from}}, new(transfer.Report)); err != nil {
			t.Fatal(err)
		}
		got := histories(t, from)["entryHistory"]
		if len(got) != kept || !strings.Contains(got[1], `"version":4,`) {
			t.Fatalf("%d changes, the second is %s", len(got), got[1])
		}
		if before != nil {
			if diff := cmp.Diff(before[2:], got[2:]); diff != "" {
				t.Errorf("history (-before +after):\n%s", diff)
			}
		}
		before = got
		emptied(t, l)
	}
}

// TestTransferPastFiles: the files that an asset had come along too.
func TestTransferPastFiles(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	const asset = demoMaster + "/assets/rewritten"
	file := func(text string, version int) string {
		t.Helper()
		_, upload := l.send(t, http.MethodPost, "/spaces/typecasedemo/environments/master/uploads", testToken, text, "Content-Type: application/octet-stream")
		body := fmt.Sprintf(`{"fields":{"file":{"en-US":{"fileName":"a.txt","contentType":"text/plain","uploadFrom":{"sys":{"type":"Link","linkType":"Upload","id":%q}}}}}}`, upload["sys"].(map[string]any)["id"])
		if res, got := l.send(t, http.MethodPut, asset, testToken, body, fmt.Sprint("X-Contentful-Version: ", version)); res.StatusCode >= 300 {
			t.Fatal(got)
		}
		l.send(t, http.MethodPut, asset+"/files/en-US/process", testToken, "", fmt.Sprint("X-Contentful-Version: ", version+1))
		url := func(got map[string]any) string {
			f, _ := got["fields"].(map[string]any)["file"].(map[string]any)["en-US"].(map[string]any)
			s, _ := f["url"].(string)
			return s
		}
		return url(l.eventually(t, asset, func(got map[string]any) bool { return url(got) != "" }))
	}
	first := file("first", 0)
	second := file("second", 2)
	if first == second {
		t.Fatal("both files are in one place")
	}
	from := filepath.Join(t.TempDir(), "all")
	var made transfer.Report
	if err := order(t, l, "content export", Export{Environment: "master", ExportOptions: transfer.ExportOptions{To: from}}, &made); err != nil || made.Files != 12 {
		t.Fatal(err, made)
	}
	emptied(t, l)
	if err := l.Authoring.Blobs.DeleteSpace("typecasedemo"); err != nil {
		t.Fatal(err)
	}
	for _, dry := range []bool{true, false} {
		r := bring(t, l, from, func(o *transfer.ImportOptions) { o.KeepSys, o.DryRun = true, dry })
		if len(r.Problems)+len(r.Notices) > 0 || r.Files != made.Files || r.Bytes != made.Bytes {
			t.Errorf("dry %v: report: %+v", dry, r)
		}
	}
	_, past := l.send(t, http.MethodGet, demoMaster+"/_typecase/history/assets/rewritten/2", testToken, "")
	url := past["entity"].(map[string]any)["fields"].(map[string]any)["file"].(map[string]any)["en-US"].(map[string]any)["url"].(string)
	res, err := http.Get("http:" + url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || string(text) != "first" {
		t.Errorf("the file of the past is %q, %v", text, err)
	}
}
