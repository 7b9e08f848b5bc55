package typegen_test

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/typegen"
	"github.com/typecase/typecase/internal/typegen/testdata/awkward"
	"github.com/typecase/typecase/internal/typegen/testdata/example"
	"github.com/typecase/typecase/internal/typegen/testdata/nothing"
)

var update = flag.Bool("update", false, "write the generated examples")

// exampleModel is the model of the example space.
func exampleModel(t *testing.T) typegen.Model {
	t.Helper()
	raw, err := os.ReadFile("../demo/space.json")
	if err != nil {
		t.Fatal(err)
	}
	var space struct {
		ContentTypes []struct {
			Sys struct{ ID string }
			cms.ContentType
		}
	}
	if err := json.Unmarshal(raw, &space); err != nil {
		t.Fatal(err)
	}
	m := typegen.Model{Space: "demo", Environment: "master", Locales: []string{"en-US", "de"}}
	for _, ct := range space.ContentTypes {
		m.Types = append(m.Types, typegen.Type{ID: ct.Sys.ID, ContentType: ct.ContentType})
	}
	return m
}

// awkwardModel is a model that takes all care to write down.
func awkwardModel(t *testing.T) typegen.Model {
	t.Helper()
	m := typegen.Model{Space: "s", Environment: "e\n*/", Locales: []string{"de"}}
	for _, raw := range []string{
		`{"ID":"2-col","name":"Ends */ here","description":"one\u2028two\r\nthree","fields":[
			{"id":"a_b","name":"","type":"Symbol","required":true,"validations":[{"in":["it's","\"q\""]}]},
			{"id":"aB","name":"B","type":"Integer","validations":[{"range":{}},{"in":[1,2]}]},
			{"id":"gone","name":"G","type":"Symbol","omitted":true},
			{"id":"list","name":"L","type":"Array","items":{"type":"Symbol","validations":[{"in":["x"]}]}},
			{"id":"other","name":"O","type":"ResourceLink"},
			{"id":"others","name":"O","type":"Array","items":{"type":"ResourceLink"}},
			{"id":"any","name":"A","type":"Link","linkType":"Entry"},
			{"id":"lost","name":"L","type":"Link","linkType":"Entry","validations":[{"linkContentType":["no-such-type"]}]},
			{"id":"two","name":"T","type":"Link","linkType":"Entry","validations":[{"linkContentType":["entry","2-col","entry"]}]},
			{"id":"old","name":"O","type":"Link","linkType":"Entry","validations":[{"linkContentType":"entry"}]},
			{"id":"object","name":"O","type":"Object","required":true},{"id":"number","name":"N","type":"Number"}]}`,
		`{"ID":"entry","name":"","fields":[]}`, `{"ID":"any","name":"","fields":[]}`, `{"ID":"any_skeleton","name":"","fields":[]}`,
		`{"ID":"a.b","name":"","fields":[]}`, `{"ID":"aB","name":"","fields":[]}`, `{"ID":"---","name":"","fields":[]}`, `{"ID":"type","name":"","fields":[]}`,
	} {
		var ct typegen.Type
		if err := json.Unmarshal([]byte(raw), &ct); err != nil {
			t.Fatal(err)
		}
		m.Types = append(m.Types, ct)
	}
	return m
}

// TestExamples compares whole sources. Those in Go are compiled with this test;
// clients/contentful compiles TypeScript.
func TestExamples(t *testing.T) {
	t.Parallel()
	golang := func(m typegen.Model, name string) []byte {
		b, err := typegen.Go(m, name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for path, got := range map[string][]byte{
		"testdata/example.ts":         typegen.TypeScript(exampleModel(t)),
		"testdata/awkward.ts":         typegen.TypeScript(awkwardModel(t)),
		"testdata/example/example.go": golang(exampleModel(t), "example"),
		"testdata/awkward/awkward.go": golang(awkwardModel(t), "awkward"),
		"testdata/nothing/nothing.go": golang(typegen.Model{Space: "s", Environment: "master"}, "nothing"),
	} {
		if *update {
			if err := os.MkdirAll(path[:strings.LastIndex(path, "/")], 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: go test -update writes it (-want +got):\n%s", path, diff)
		}
	}
}

// TestOrder: the order in which types come does not show.
func TestOrder(t *testing.T) {
	t.Parallel()
	m := awkwardModel(t)
	want := string(typegen.TypeScript(m))
	slices.Reverse(m.Types)
	if diff := cmp.Diff(want, string(typegen.TypeScript(m))); diff != "" {
		t.Error(diff)
	}
}

func TestPackageNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "_", "type", "a b", "2", "a\nb"} {
		if out, err := typegen.Go(exampleModel(t), name); err == nil {
			t.Errorf("%q became a package:\n%.80s", name, out)
		}
	}
}

// TestGoDecodes: what delivery answers fits the structs.
func TestGoDecodes(t *testing.T) {
	t.Parallel()
	var got example.Entry[example.Article]
	err := json.Unmarshal([]byte(`{"metadata":{"tags":[],"concepts":[]},"sys":{"id":"a1","type":"Entry","createdAt":"2026-01-02T03:04:05.678Z","updatedAt":"2026-01-02T03:04:05.678Z",
		"revision":2,"locale":"en-US","contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"article"}},"space":{"sys":{"type":"Link","linkType":"Space","id":"demo"}}},
		"fields":{"title":"T","publishedOn":"2026-01-02T03:04+02:00","minutes":4,"keywords":["k"],"author":{"sys":{"type":"Link","linkType":"Entry","id":"p1"}},
		"body":{"nodeType":"document","data":{},"content":[{"nodeType":"text","value":"x","marks":[{"type":"bold"}],"data":{}}]},"place":{"lat":1.5,"lon":2}}}`), &got)
	if err != nil {
		t.Fatal(err)
	}
	f := got.Fields
	at, err := f.PublishedOn.Time()
	if err != nil {
		t.Error(err)
	}
	if got.Sys.ContentType.Sys.ID != example.ArticleContentType || f.Title != "T" || *f.Minutes != 4 || f.Keywords[0] != "k" || f.Author.Sys.ID != "p1" ||
		f.Body.Content[0].Marks[0].Type != "bold" || f.Place.Lon != 2 || f.Featured != nil || at.UTC().Hour() != 1 {
		t.Errorf("%+v", got)
	}
	if _, err := example.Date("soon").Time(); err == nil {
		t.Error("soon is no date")
	}
	if awkward.Type2ColContentType != "2-col" || (awkward.Type2Col{AB: "x"}).AB2 != nil || (nothing.Link{}).Sys.ID != "" {
		t.Error("the other examples")
	}
}
