package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/demo"
)

// toolsDir has a file for each tool that is not run itself: what it asks for and needs
// of the answers, from its published schemas. README.md there describes the form.
const toolsDir = "testdata/tools"

// toolFile is what one tool asks for.
type toolFile struct {
	Header    []string          `json:"header"` // of every request
	Steps     []toolStep        `json:"steps"`
	Elsewhere map[string]string `json:"elsewhere"` // requests that are not answered yet, and why
}

// toolStep is one request and what its tool needs of the answer.
type toolStep struct {
	Name   string            `json:"name"`
	Call   string            `json:"call"` // method and path
	Header []string          `json:"header"`
	Body   json.RawMessage   `json:"body"`
	Status int               `json:"status"` // 0: 200
	Want   any               `json:"want"`   // see needed
	Keep   map[string]string `json:"keep"`   // names for members of the answer, by path
}

// TestTools plays what tools ask for that are not run here, on both databases.
func TestTools(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(toolsDir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tools: %v", err)
	}
	onBothDatabases(t, func(t *testing.T, l *live) {
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { playTool(t, l, file) })
		}
	})
}

func playTool(t *testing.T, l *live, file string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var tool toolFile
	if err := json.Unmarshal(raw, &tool); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	organization := l.succeeds(t, "GET", "/organizations", "")["items"].([]any)[0].(map[string]any)["sys"].(map[string]any)["id"].(string)
	tag := strings.TrimSuffix(filepath.Base(file), ".json")
	names := map[string]string{
		"space": "/spaces/" + demo.SpaceID, "organization": "/organizations/" + organization,
		"env":  "/spaces/" + demo.SpaceID + "/environments/" + tag,
		"year": inYears(1), "years": inYears(2),
	}
	l.succeeds(t, "PUT", names["env"], `{"name":"`+tag+`"}`)
	fill := func(s string) string {
		for name, value := range names {
			s = strings.ReplaceAll(s, "{"+name+"}", value)
		}
		return s
	}
	header := func(s toolStep) []string {
		var out []string
		for _, h := range append(tool.Header, s.Header...) {
			out = append(out, fill(h))
		}
		return out
	}
	for _, s := range tool.Steps {
		method, path, _ := strings.Cut(fill(s.Call), " ")
		res, got := l.send(t, method, path, testToken, fill(string(s.Body)), header(s)...)
		if s.Status == 0 {
			s.Status = http.StatusOK
		}
		if res.StatusCode != s.Status {
			t.Fatalf("%s: %s: status %d, want %d: %v", s.Name, s.Call, res.StatusCode, s.Status, got)
		}
		if media := res.Header.Get("Content-Type"); got != nil && media != "application/vnd.contentful.management.v1+json" && media != "application/json" {
			t.Errorf("%s: %s: the answer is %s", s.Name, s.Call, media)
		}
		var lacks []string
		if s.Want != nil {
			var v any = got
			needed(&lacks, "", v, s.Want, fill)
		}
		for _, problem := range lacks {
			t.Errorf("%s: %s: %s\nin %v", s.Name, s.Call, problem, got)
		}
		for name, at := range s.Keep {
			names[name] = textAt(t, got, at)
		}
	}
	for call, why := range tool.Elsewhere {
		method, path, _ := strings.Cut(fill(call), " ")
		if res, got := l.send(t, method, path, testToken, "{}", header(toolStep{})...); res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusNotImplemented {
			t.Errorf("%s is answered with %d, though %s: %v", call, res.StatusCode, why, got)
		}
	}
}

// inYears is a time that many years from now.
func inYears(n int) string {
	return time.Now().UTC().AddDate(n, 0, 0).Format("2006-01-02T15:04:05.000Z")
}

// needed compares what a tool needs with what there is: of objects the members it
// names, of arrays all elements, and in place of a value one of the texts of kinds.
func needed(lacks *[]string, at string, got, want any, fill func(string) string) {
	lack := func(format string, args ...any) {
		*lacks = append(*lacks, fmt.Sprintf("%s: ", at)+fmt.Sprintf(format, args...))
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			lack("%v is no object", got)
			return
		}
		for name, value := range w {
			member, there := g[name]
			switch {
			case value == "<none>":
				if there {
					lack("%s is there", name)
				}
			case !there:
				lack("no %s", name)
			default:
				needed(lacks, at+"/"+name, member, value, fill)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			lack("%v are not %d elements", got, len(w))
			return
		}
		for i := range w {
			needed(lacks, at+"/"+strconv.Itoa(i), g[i], w[i], fill)
		}
	case string:
		if is, ok := kinds[w]; ok {
			if !is(got) {
				lack("%v is not %s", got, w)
			}
		} else if got != fill(w) {
			lack("%v is not %q", got, fill(w))
		}
	case float64:
		if n, ok := got.(json.Number); !ok || n.String() != strconv.FormatFloat(w, 'f', -1, 64) {
			lack("%v is not %v", got, w)
		}
	default: // true, false, null
		if got != w {
			lack("%v is not %v", got, w)
		}
	}
}

// kinds are what a member can be when its value does not matter.
var kinds = map[string]func(any) bool{
	"<any>":    func(any) bool { return true },
	"<text>":   func(v any) bool { s, ok := v.(string); return ok && s != "" },
	"<number>": func(v any) bool { _, ok := v.(json.Number); return ok },
	"<list>":   func(v any) bool { _, ok := v.([]any); return ok },
	"<object>": func(v any) bool { _, ok := v.(map[string]any); return ok },
	"<switch>": func(v any) bool { _, ok := v.(bool); return ok },
}

// textAt is the text or number at a path such as items.0.sys.id.
func textAt(t *testing.T, v any, path string) string {
	t.Helper()
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			if i, err := strconv.Atoi(part); err == nil && i < len(x) {
				v = x[i]
			}
		}
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	t.Fatalf("no text at %s", path)
	return ""
}
