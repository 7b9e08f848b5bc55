package transfer

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// written is a file with this content.
func written(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "export.json")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// read is what a source has of a kind.
func read(t testing.TB, s source, kind string) []string {
	t.Helper()
	var out []string
	err := s.each(t.Context(), kind, func(raw json.RawMessage) error {
		out = append(out, string(raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOfficialFile(t *testing.T) {
	t.Parallel()
	s, err := open(t.Context(), written(t, " {\n\"entries\" : [ {\"a\": [1,\"]\"]} ,\n{\"b\":2}],\"empty\":[], \"tags\":[{}] , \"roles\":[1,2]}\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // as often as one likes, in any order
		for kind, want := range map[string][]string{"tags": {"{}"}, "entries": {`{"a": [1,"]"]}`, `{"b":2}`}, "assets": nil, "empty": nil} {
			if diff := cmp.Diff(want, read(t, s, kind)); diff != "" || s.count(kind) != len(want) {
				t.Errorf("%s: %d (-want +got):\n%s", kind, s.count(kind), diff)
			}
		}
	}
	if diff := cmp.Diff([]string{"empty", "roles"}, s.strange()); diff != "" {
		t.Error(diff)
	}
	stop := errors.New("stop")
	if err := s.each(t.Context(), "entries", func(json.RawMessage) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestOfficialFileDamaged(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		``:                            "it ends at byte 0",
		`[]`:                          "begins with [",
		`"text"`:                      "begins with text",
		`{"entries":[{"a":1},`:        "it ends at byte 20, in the middle",
		`{"entries":[{"a":1}]`:        "in the middle",
		`{"entries":["cut off`:        "it ends at byte 20, in the middle",
		`{"entries":{}}`:              `"entries" is no list`,
		`{"entries":[],"entries":[]}`: `"entries" stands in it twice`,
		`{"entries":[]} more`:         "near byte",
		`{"entries":[]}{}`:            "stands behind its end",
		`{"entries":[{"a":}]}`:        "is damaged",
		`{"entries":[{} {}]}`:         "is damaged",
		`{"entries":["` + strings.Repeat("x", maxResource+1<<17) + `"]}`: "takes more than",
		`{"` + strings.Repeat("x", maxResource+1<<17) + `":[]}`:          "takes more than",
	} {
		_, err := open(t.Context(), written(t, content), "")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", content, err, want)
		}
	}
	if _, err := open(t.Context(), os.DevNull, ""); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a device: %v", err)
	}
}

// TestFolderDamaged: what is no export is told apart from one that is not whole.
func TestFolderDamaged(t *testing.T) {
	t.Parallel()
	const list, manifest = "tags.ndjson", `{"format":"typecase-export","version":1,"lists":{"tags":{"count":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}`
	for want, files := range map[string]map[string]string{
		"":                                  {manifestFile: manifest, list: ""},
		"has no manifest.json":              {list: ""},
		"manifest.json is not a file":       {manifestFile: "/"},
		"is damaged: unexpected end":        {manifestFile: `{`},
		"version is of the type string":     {manifestFile: `{"version":"1"}`},
		`form "typecase-export", version 2`: {manifestFile: `{"format":"typecase-export","version":2}`},
		"tags.ndjson is missing":            {manifestFile: manifest},
		"tags.ndjson is not a file":         {manifestFile: manifest, list: "/"},
		"it has 1 bytes":                    {manifestFile: manifest, list: "x"},
	} {
		dir := t.TempDir()
		for name, content := range files {
			name = filepath.Join(dir, name)
			var err error
			if content == "/" {
				err = os.Mkdir(name, 0o700)
			} else {
				err = os.WriteFile(name, []byte(content), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		s, err := open(t.Context(), dir, "")
		switch {
		case err == nil:
			err = s.close()
			if err != nil || want != "" {
				t.Errorf("%q was taken: %v", want, err)
			}
		case want == "" || !strings.Contains(err.Error(), want):
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// FuzzOfficialFile: what the survey takes can be read, and is what the standard
// decoder finds in it.
func FuzzOfficialFile(f *testing.F) {
	for _, s := range []string{`{}`, `{"entries":[1,{"a":"\u0000]"}],"tags":[]}`, `{"a":[[]],"":[null]}`, `{"a":[`, `{"a":[1]}x`, "{\"a\":[\"\xff\"]}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		var want map[string][]json.RawMessage
		valid := json.Unmarshal([]byte(content), &want)
		s, err := open(t.Context(), written(t, content), "")
		if err != nil {
			return
		}
		defer s.close()
		if valid != nil {
			t.Fatalf("%q was taken: %v", content, valid)
		}
		for kind, list := range want {
			got := read(t, s, kind)
			if len(got) != len(list) || s.count(kind) != len(list) {
				t.Fatalf("%q: %d of %s, counted %d, want %d", content, len(got), kind, s.count(kind), len(list))
			}
			for i := range got {
				if got[i] != string(list[i]) {
					t.Errorf("%s %d: %q, want %q", kind, i, got[i], list[i])
				}
			}
		}
	})
}

// FuzzEntity: whatever stands in a line, it is refused or makes an arrival.
func FuzzEntity(f *testing.F) {
	f.Add([]byte(`{"sys":{"id":"a","version":3,"publishedVersion":1,"fieldStatus":{"*":{"en-US":"draft","de":"changed"}}},"fields":{"a":{"en-US":1}},"published":{"fields":{}}}`))
	f.Add([]byte(`{"sys":{"id":"a","archivedVersion":1,"publishedVersion":1},"files":{"u":{"size":1}}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := parseEntity(line)
		if err != nil {
			return
		}
		a, _ := e.arrival("Entry", true, len(line)%2 == 0)
		if a.ID == "" || a.Publish && a.Archive || a.Keep == nil || !a.Publish && a.Keep.PublishedVersion != 0 {
			t.Errorf("%s: %+v", line, a)
		}
	})
}

// TestArrivalLost: what was published is told from what was saved since, in all locales
// or in some.
func TestArrivalLost(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`{"sys":{"id":"a","version":2,"publishedVersion":1}}`:                                                                      false,
		`{"sys":{"id":"a","version":3,"publishedVersion":1}}`:                                                                      true,
		`{"sys":{"id":"a","version":5,"publishedVersion":4,"fieldStatus":{"*":{"en":"changed","de":"published"}}}}`:                true,
		`{"sys":{"id":"a","version":5,"publishedVersion":4,"fieldStatus":{"*":{"en":"draft","de":"published"}}}}`:                  false,
		`{"sys":{"id":"a","version":5,"publishedVersion":4,"fieldStatus":{"*":{"en":"changed","de":"published"}}},"published":{}}`: false,
		`{"sys":{"id":"a","version":3,"publishedVersion":1,"archivedVersion":2,"fieldStatus":{"*":{"en":"changed"}}}}`:             false,
		`{"sys":{"id":"a","version":3,"fieldStatus":{"*":{"en":"draft"}}}}`:                                                        false,
	} {
		e, err := parseEntity(json.RawMessage(line))
		if err != nil {
			t.Fatal(err)
		}
		if _, lost := e.arrival("Entry", false, false); lost != want {
			t.Errorf("%s: lost is %v", line, lost)
		}
		if _, lost := e.arrival("Entry", false, true); lost {
			t.Errorf("%s: lost from a folder", line)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	right := fileSum{Size: 3, SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}
	for content, ok := range map[string]bool{"abc": true, "abd": false, "ab": false, "abcd": false, "": false} {
		for _, r := range []io.Reader{strings.NewReader(content), iotest.DataErrReader(strings.NewReader(content)), iotest.OneByteReader(strings.NewReader(content))} {
			got, err := io.ReadAll(verify(r, right))
			if (err == nil) != ok || string(got) != content {
				t.Errorf("%q: %q, %v", content, got, err)
			}
		}
	}
}

func TestFilePath(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"//images.ctfassets.net/s/a/u/n.png":      "images.ctfassets.net/s/a/u/n.png",
		"https://h/../../etc/passwd":              "h/etc/passwd",
		"https://h/a%2f..%2f..%2f..%2f..%2fetc/x": "h/etc/x",
		"//h/a b.png": "h/a b.png",
		"":            "",
		"/etc/passwd": "",
		"../x":        "",
		`//h/..\..\x`: "",
		"%":           "",
	} {
		got, err := filePath(url)
		if got != want && err == nil || (want == "") != (err != nil) {
			t.Errorf("%s: %q, %v; want %q", url, got, err, want)
		}
	}
}
