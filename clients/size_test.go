//go:build clients

package clients

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/bench/space"
)

// How large the space is, and how many of its entries the official tool imports: it
// is too slow for all of them.
const (
	sizeEntries  = 20_000
	sizeAssets   = 2_000
	sizeImported = 2_000 // without the limit of requests a second that it has by default
	sizeLimited  = 300   // with it
	sizeMemory   = 400 << 20
	sizeFaster   = 20
)

// TestSize moves a large space by the official tools as they ship, and by the
// program's own commands: the export has everything while the server stays small, and
// our import is many times faster than theirs. It takes minutes, so it is asked for:
//
//	TYPECASE_TEST_SIZE=1 go test -tags clients -run TestSize -v -timeout 60m ./clients
func TestSize(t *testing.T) {
	if os.Getenv("TYPECASE_TEST_SIZE") == "" {
		t.Skip("TYPECASE_TEST_SIZE is not set")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "typecase")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/typecase").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	files := filepath.Join(dir, "files")
	whole := writeExport(t, filepath.Join(dir, "whole.json"), files, sizeEntries, sizeAssets)

	s := start(t, program, "")
	command := func(args ...string) time.Duration {
		t.Helper()
		begin := time.Now()
		cmd := exec.Command(program, append(args, "--data", s.data)...)
		cmd.Env = environment()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("typecase %s: %v\n%s", args[0], err, out)
		}
		return time.Since(begin)
	}
	official := func(script string, env ...string) time.Duration {
		t.Helper()
		begin := time.Now()
		cmd := exec.Command(node(t), "--max-old-space-size=3072", script)
		cmd.Env = append(os.Environ(), append(env, "NODE_EXTRA_CA_CERTS="+s.ca, "TYPECASE_TEST_HTTPS="+s.https, "TYPECASE_TEST_TOKEN="+token)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return time.Since(begin)
	}
	for _, id := range []string{"large", "ours"} {
		command("space", "create", "--id", id, "--name", id)
	}

	begin := cpuTime(t, s.pid)
	ours := command("import", whole, "--space", "large", "--assets", files)
	t.Logf("typecase import of %d entries and %d assets: %v, %v of processor time; the server had at most %d MB",
		sizeEntries, sizeAssets, ours.Round(time.Second), (cpuTime(t, s.pid) - begin).Round(time.Second), peakMemory(t, s.pid)>>20)
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.pid), []byte("5"), 0o600); err != nil { // the peak begins anew
		t.Fatal(err)
	}
	to := filepath.Join(dir, "out")
	took := official("contentful-export/size.mjs", "SPACE=large", "TO="+to)
	peak := peakMemory(t, s.pid)
	t.Logf("contentful-export with all files: %v; the server had at most %d MB", took.Round(time.Second), peak>>20)
	if peak > sizeMemory {
		t.Errorf("the server took %d MB", peak>>20)
	}
	checkExport(t, filepath.Join(to, "export.json"), to)

	// The tool as it ships keeps to seven requests a second.
	file := func(n int) string { return writeExport(t, filepath.Join(dir, fmt.Sprint(n, ".json")), "", n, 0) }
	bring := func(n int, env ...string) time.Duration {
		t.Helper()
		id := fmt.Sprint("theirs", n)
		command("space", "create", "--id", id, "--name", id)
		return official("contentful-import/size.mjs", append(env, "SPACE="+id, "FILE="+file(n))...)
	}
	limited := bring(sizeLimited, "LIMIT=")
	before := cpuTime(t, s.pid)
	small := command("import", file(sizeImported), "--space", "ours")
	used := cpuTime(t, s.pid) - before
	theirs := bring(sizeImported)
	t.Logf("typecase import of %d entries: %v, %v of processor time; contentful-import: %v without its limit, and %v for %d entries with it",
		sizeImported, small.Round(time.Millisecond), used, theirs.Round(time.Millisecond), limited.Round(time.Millisecond), sizeLimited)
	perEntry := func(d time.Duration, n int) float64 { return d.Seconds() / float64(n) }
	ratio := perEntry(limited, sizeLimited) / perEntry(ours, sizeEntries)
	t.Logf("an entry of the large import is %.0f times as fast as one of contentful-import, %.0f times without its limit and at the same size",
		ratio, theirs.Seconds()/small.Seconds())
	if ratio < sizeFaster {
		t.Errorf("an import is %.0f times as fast, want %d", ratio, sizeFaster)
	}
}

type object = map[string]any

func linkTo(kind, id string) object {
	return object{"sys": object{"type": "Link", "linkType": kind, "id": id}}
}

// writeExport writes a space of the benchmarks in the form of the official tool, all
// of it published, and the files of its assets if there is a folder for them. Without
// assets, nothing links to any.
func writeExport(t *testing.T, name, files string, entries, assets int) string {
	t.Helper()
	size := space.SizeOf(entries)
	size.Assets = assets
	sys := func(kind, id string, more object) object {
		s := object{"type": kind, "id": id, "version": 2, "publishedVersion": 1, "publishedCounter": 1,
			"createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:05Z", "publishedAt": "2026-01-02T03:04:05Z"}
		for k, v := range more {
			s[k] = v
		}
		return s
	}
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	list := func(kind string, n int, item func(i int) any) {
		fmt.Fprintf(w, "%q:[", kind)
		for i := range n {
			raw, err := json.Marshal(item(i))
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				w.WriteByte(',')
			}
			w.Write(raw)
		}
		w.WriteByte(']')
	}
	field := func(id, kind string, more object) object {
		out := object{"id": id, "name": id, "type": kind, "localized": false, "required": false, "validations": []any{}}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	types := []object{
		{"sys": sys("ContentType", "author", nil), "name": "Author", "description": "", "displayField": "name", "fields": []object{
			field("name", "Symbol", object{"required": true}), field("bio", "Text", nil), field("picture", "Link", object{"linkType": "Asset"})}},
		{"sys": sys("ContentType", "post", nil), "name": "Post", "description": "", "displayField": "title", "fields": []object{
			field("title", "Symbol", object{"required": true, "localized": true}), field("slug", "Symbol", object{"validations": []object{{"unique": true}}}),
			field("body", "Text", nil), field("category", "Symbol", nil), field("views", "Integer", nil),
			field("author", "Link", object{"linkType": "Entry"}), field("hero", "Link", object{"linkType": "Asset"})}},
	}
	w.WriteByte('{')
	list("contentTypes", len(types), func(i int) any { return types[i] })
	w.WriteByte(',')
	list("locales", 2, func(i int) any {
		return []object{
			{"code": "en-US", "name": "English", "default": true, "fallbackCode": nil, "contentManagementApi": true, "contentDeliveryApi": true, "optional": false, "sys": sys("Locale", "en", nil)},
			{"code": "de", "name": "German", "default": false, "fallbackCode": "en-US", "contentManagementApi": true, "contentDeliveryApi": true, "optional": false, "sys": sys("Locale", "de", nil)},
		}[i]
	})
	w.WriteByte(',')
	list("assets", size.Assets, func(i int) any {
		a := size.Asset(i)
		at := "images.ctfassets.net/size/" + a.ID + "/" + a.FileName
		writePicture(t, filepath.Join(files, at), i)
		return object{"sys": sys("Asset", a.ID, nil), "fields": object{"title": object{"en-US": a.Title},
			"file": object{"en-US": object{"fileName": a.FileName, "contentType": "image/png", "url": "//" + at}}}}
	})
	w.WriteByte(',')
	english := func(v any) object { return object{"en-US": v} }
	picture := func(fields object, name, id string) object {
		if assets > 0 {
			fields[name] = english(linkTo("Asset", id))
		}
		return fields
	}
	// random links want at least one asset to choose from
	made := size
	made.Assets = max(1, made.Assets)
	list("entries", size.Authors+size.Posts, func(i int) any {
		if i < size.Authors {
			a := made.Author(i)
			return object{"sys": sys("Entry", a.ID, object{"contentType": linkTo("ContentType", "author")}),
				"fields": picture(object{"name": english(a.Name), "bio": english(a.Bio)}, "picture", a.Picture)}
		}
		p := made.Post(i - size.Authors)
		return object{"sys": sys("Entry", p.ID, object{"contentType": linkTo("ContentType", "post")}), "fields": picture(object{
			"title": object{"en-US": p.Title, "de": p.TitleDE}, "slug": english(p.Slug), "body": english(p.Body),
			"category": english(p.Category), "views": english(p.Views), "author": english(linkTo("Entry", p.Author)),
		}, "hero", p.Hero)}
	})
	w.WriteByte('}')
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// writePicture writes a small picture; no two are the same.
func writePicture(t *testing.T, name string, i int) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 64, 64))
	for bit := range 16 {
		m.SetGray(bit, 0, color.Gray{Y: uint8(i >> bit & 1 * 255)})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkExport wants everything in an export, and a file for each asset.
func checkExport(t *testing.T, name, files string) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Entries []json.RawMessage `json:"entries"`
		Assets  []struct {
			Fields struct {
				File map[string]struct {
					URL     string `json:"url"`
					Details struct {
						Size int64 `json:"size"`
					} `json:"details"`
				} `json:"file"`
			} `json:"fields"`
		} `json:"assets"`
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != sizeEntries || len(got.Assets) != sizeAssets {
		t.Errorf("%d entries and %d assets were exported", len(got.Entries), len(got.Assets))
	}
	for _, a := range got.Assets {
		f := a.Fields.File["en-US"]
		info, err := os.Stat(filepath.Join(files, strings.TrimPrefix(f.URL, "//")))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() != f.Details.Size {
			t.Fatalf("the file of %s has %d bytes", f.URL, info.Size())
		}
	}
}

// cpuTime is how much processor time a process has had.
func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), ") ") // its name may hold spaces
	fields := strings.Fields(rest)
	var ticks int64
	for _, i := range []int{11, 12} { // of its own and of the system for it
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// peakMemory is the most memory that a process has had.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("the system does not say how much memory a process has had")
	return 0
}
