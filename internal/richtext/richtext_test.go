package richtext

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

// doc is a document with this content.
func doc(content string) string {
	return `{"nodeType":"document","data":{},"content":[` + content + `]}`
}

// node is a node with this data and content.
func node(nodeType, data, content string) string {
	return fmt.Sprintf(`{"nodeType":%q,"data":%s,"content":[%s]}`, nodeType, data, content)
}

func span(s, marks string) string {
	return fmt.Sprintf(`{"nodeType":"text","value":%q,"marks":[%s],"data":{}}`, s, marks)
}

func targetOf(typ, linkType, key, id string) string {
	return fmt.Sprintf(`{"target":{"sys":{"type":%q,"linkType":%q,%q:%q}}}`, typ, linkType, key, id)
}

var (
	entry    = targetOf("Link", "Entry", "id", "e1")
	asset    = targetOf("Link", "Asset", "id", "a1")
	resource = targetOf("ResourceLink", "Contentful:Entry", "urn", "crn:contentful:::content:spaces/s/entries/e")
)

// everything has each node type once.
var everything = doc(strings.Join([]string{
	node("heading-1", "{}", span("Title", `{"type":"bold"},{"type":"mine"}`)),
	node("paragraph", `{"anything":1}`, span("See ", "")+","+
		node("hyperlink", `{"uri":"https://example.org"}`, span("there", ""))+","+
		node("entry-hyperlink", entry, span("é", ""))+","+
		node("asset-hyperlink", asset, "")+","+
		node("resource-hyperlink", resource, span("far", ""))+","+
		node("embedded-entry-inline", entry, "")+","+
		node("embedded-resource-inline", resource, "")),
	node("blockquote", "{}", node("paragraph", "{}", "")),
	node("hr", "{}", ""),
	node("ordered-list", "{}", node("list-item", "{}", node("unordered-list", "{}", node("list-item", "{}", node("paragraph", "{}", span("deep", "")))))),
	node("table", "{}", node("table-row", "{}",
		node("table-header-cell", `{"colspan":2}`, node("paragraph", "{}", span("head", "")))+","+
			node("table-cell", `{}`, node("unordered-list", "{}", "")))),
	node("embedded-entry-block", entry, ""),
	node("embedded-asset-block", asset, ""),
	node("embedded-resource-block", resource, ""),
}, ","))

// check is Check of a document that is not decoded.
func check(doc string, at ...any) []fault.Detail {
	tree, _ := decode(json.RawMessage(doc)) // what is no JSON is no document either
	return Check(tree, json.RawMessage(doc), at...)
}

func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	for _, d := range []string{everything, doc("")} {
		if got := check(d, "fields"); got != nil {
			t.Errorf("%s: %+v", d, got)
		}
	}
}

func anys(s ...string) []any {
	var list []any
	for _, e := range s {
		list = append(list, e)
	}
	return list
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	at := func(way ...any) []any { return append([]any{"fields", "body", "en"}, way...) }
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	in := "Value must be one of expected values"
	inlines := anys("asset-hyperlink", "embedded-entry-inline", "embedded-resource-inline", "entry-hyperlink", "hyperlink", "resource-hyperlink", "text")
	tests := []struct {
		name, doc string
		want      []fault.Detail
	}{
		{"no object", `"text"`, []fault.Detail{{Name: "type", Type: "RichText", Value: raw(`"text"`), Path: at(),
			Details: `The type of "value" is incorrect, expected type: RichText. A document looks like {"nodeType":"document","data":{},"content":[…]}.`}}},
		{"no document", node("paragraph", "{}", ""), []fault.Detail{{Name: "in", NodeType: "paragraph", Value: raw(`"paragraph"`), Path: at("nodeType"),
			Expected: anys("document"), Details: in}}},
		{"no node type", `{"data":{},"content":[]}`, []fault.Detail{{Name: "in", Path: at("nodeType"), Expected: anys("document"), Details: in}}},
		{"members missing", `{"nodeType":"document"}`, []fault.Detail{
			{Name: "required", NodeType: "document", Path: at("data"), Details: `The property "data" is required here`},
			{Name: "required", NodeType: "document", Path: at("content"), Details: `The property "content" is required here`}}},
		{"members of the wrong type", `{"nodeType":"document","data":[],"content":{}}`, []fault.Detail{
			{Name: "type", NodeType: "document", Type: "Object", Value: raw(`[]`), Path: at("data"), Details: `The type of "data" is incorrect, expected type: Object`},
			{Name: "type", NodeType: "document", Type: "Array", Value: raw(`{}`), Path: at("content"), Details: `The type of "content" is incorrect, expected type: Array`}}},
		{"members too many", `{"nodeType":"document","data":{},"content":[],"style":1,"id":2}`, []fault.Detail{
			{Name: "unexpected", NodeType: "document", Expected: anys("nodeType", "data", "content"), Path: at("id"), Details: `The property "id" is not expected`},
			{Name: "unexpected", NodeType: "document", Expected: anys("nodeType", "data", "content"), Path: at("style"), Details: `The property "style" is not expected`}}},
		{"child is no object", doc(`null`), []fault.Detail{{Name: "type", NodeType: "document", Type: "Object", Value: raw(`null`), Path: at("content", 0),
			Details: `The type of "0" is incorrect, expected type: Object`}}},
		{"illegal position", doc(node("paragraph", "{}", node("hr", "{}", "")+","+span("a", ""))), []fault.Detail{{Name: "in", NodeType: "hr", Value: raw(`"hr"`),
			Path: at("content", 0, "content", 0, "nodeType"), Expected: inlines, Details: in}}},
		{"unknown node", doc(node("marquee", "{}", "")), []fault.Detail{{Name: "in", NodeType: "marquee", Value: raw(`"marquee"`), Path: at("content", 0, "nodeType"),
			Expected: anys("blockquote", "embedded-asset-block", "embedded-entry-block", "embedded-resource-block", "heading-1", "heading-2",
				"heading-3", "heading-4", "heading-5", "heading-6", "hr", "ordered-list", "paragraph", "table", "unordered-list"), Details: in}}},
		{"content in a void node", doc(node("hr", "{}", `1`)), []fault.Detail{{Name: "size", NodeType: "hr", Max: raw(`0`), Value: raw(`[1]`), Path: at("content", 0, "content"),
			Details: "Size must be at most 0"}}},
		{"empty table", doc(node("table", "{}", "")), []fault.Detail{{Name: "size", NodeType: "table", Min: raw(`1`), Value: raw(`[]`), Path: at("content", 0, "content"),
			Details: "Size must be at least 1"}}},
		{"text", doc(node("paragraph", "{}", `{"nodeType":"text","value":1,"marks":[{"type":"bold","object":"mark"},{},2]}`)), []fault.Detail{
			{Name: "required", NodeType: "text", Path: at("content", 0, "content", 0, "data"), Details: `The property "data" is required here`},
			{Name: "type", NodeType: "text", Type: "String", Value: raw(`1`), Path: at("content", 0, "content", 0, "value"), Details: `The type of "value" is incorrect, expected type: String`},
			{Name: "unexpected", NodeType: "text", Expected: anys("type"), Path: at("content", 0, "content", 0, "marks", 0, "object"), Details: `The property "object" is not expected`},
			{Name: "required", NodeType: "text", Path: at("content", 0, "content", 0, "marks", 1, "type"), Details: `The property "type" is required here`},
			{Name: "type", NodeType: "text", Type: "Object", Value: raw(`2`), Path: at("content", 0, "content", 0, "marks", 2), Details: `The type of "2" is incorrect, expected type: Object`}}},
		{"hyperlink", doc(node("paragraph", "{}", node("hyperlink", `{"title":"t"}`, ""))), []fault.Detail{
			{Name: "required", NodeType: "hyperlink", Path: at("content", 0, "content", 0, "data", "uri"), Details: `The property "uri" is required here`},
			{Name: "unexpected", NodeType: "hyperlink", Expected: anys("uri"), Path: at("content", 0, "content", 0, "data", "title"), Details: `The property "title" is not expected`}}},
		{"cell", doc(node("table", "{}", node("table-row", "{}", node("table-cell", `{"rowspan":"2","x":1}`, node("paragraph", "{}", ""))))), []fault.Detail{
			{Name: "type", NodeType: "table-cell", Type: "Number", Value: raw(`"2"`), Path: at("content", 0, "content", 0, "content", 0, "data", "rowspan"), Details: `The type of "rowspan" is incorrect, expected type: Number`},
			{Name: "unexpected", NodeType: "table-cell", Expected: anys("colspan", "rowspan"), Path: at("content", 0, "content", 0, "content", 0, "data", "x"), Details: `The property "x" is not expected`}}},
		{"no target", doc(node("embedded-entry-block", `{}`, "")), []fault.Detail{
			{Name: "required", NodeType: "embedded-entry-block", Path: at("content", 0, "data", "target"), Details: `The property "target" is required here`}}},
		{"a whole entry as target", doc(node("embedded-entry-block", `{"target":{"sys":{"type":"Entry","id":"e"},"fields":{}}}`, "")), []fault.Detail{
			{Name: "unexpected", NodeType: "embedded-entry-block", Expected: anys("sys"), Path: at("content", 0, "data", "target", "fields"), Details: `The property "fields" is not expected`},
			{Name: "in", NodeType: "embedded-entry-block", Value: raw(`"Entry"`), Path: at("content", 0, "data", "target", "sys", "type"), Expected: anys("Link"), Details: in},
			{Name: "in", NodeType: "embedded-entry-block", Path: at("content", 0, "data", "target", "sys", "linkType"), Expected: anys("Entry"), Details: in}}},
		{"link to the wrong kind", doc(node("embedded-asset-block", entry, "")), []fault.Detail{
			{Name: "in", NodeType: "embedded-asset-block", Value: raw(`"Entry"`), Path: at("content", 0, "data", "target", "sys", "linkType"), Expected: anys("Asset"), Details: in}}},
		{"resource", doc(node("embedded-resource-block", targetOf("ResourceLink", "Contentful:Entry", "id", "x"), "")), []fault.Detail{
			{Name: "required", NodeType: "embedded-resource-block", Path: at("content", 0, "data", "target", "sys", "urn"), Details: `The property "urn" is required here`},
			{Name: "unexpected", NodeType: "embedded-resource-block", Expected: anys("type", "linkType", "urn"), Path: at("content", 0, "data", "target", "sys", "id"), Details: `The property "id" is not expected`}}},
		{"too long", doc(node("paragraph", "{}", span(strings.Repeat("é", MaxLength), "")+","+span("!", ""))), []fault.Detail{{Name: "size", Max: raw(`200000`), Path: at(),
			Details: "Size must be at most 200000"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, check(tt.doc, "fields", "body", "en")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// nested is a document of lists in lists, with this many levels in all.
func nested(levels int) string {
	s := node("paragraph", "{}", "")
	for n := 2; n < levels; n += 2 {
		s = node("ordered-list", "{}", node("list-item", "{}", s))
	}
	return doc(s)
}

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	if got := check(nested(MaxDepth)); got != nil {
		t.Errorf("at the limit: %+v", got)
	}
	got := check(nested(MaxDepth + 2))
	if len(got) != 1 || got[0].Name != "size" || got[0].Details != "Rich text must be at most 100 levels deep" || len(got[0].Path) != 2*MaxDepth {
		t.Errorf("beyond the limit: %+v", got)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	if n := len(check(doc(strings.TrimSuffix(strings.Repeat("1,", 1000), ",")))); n != maxProblems {
		t.Errorf("%d problems", n)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	link := func(nodeType string, target Target, way ...any) Link {
		return Link{Target: target, NodeType: nodeType, Path: append(way, "data", "target")}
	}
	e := Target{Type: "Link", LinkType: "Entry", ID: "e1"}
	a := Target{Type: "Link", LinkType: "Asset", ID: "a1"}
	r := Target{Type: "ResourceLink", LinkType: "Contentful:Entry", URN: "crn:contentful:::content:spaces/s/entries/e"}
	want := []Link{
		link("entry-hyperlink", e, "content", 1, "content", 2),
		link("asset-hyperlink", a, "content", 1, "content", 3),
		link("resource-hyperlink", r, "content", 1, "content", 4),
		link("embedded-entry-inline", e, "content", 1, "content", 5),
		link("embedded-resource-inline", r, "content", 1, "content", 6),
		link("embedded-entry-block", e, "content", 6),
		link("embedded-asset-block", a, "content", 7),
		link("embedded-resource-block", r, "content", 8),
	}
	if diff := cmp.Diff(want, Links(json.RawMessage(everything))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, none := range []string{`[1]`, `{`, doc(node("paragraph", entry, "")), doc(node("embedded-entry-block", `{"target":{"sys":{"type":"Link"}}}`, ""))} {
		if got := Links(json.RawMessage(none)); got != nil {
			t.Errorf("%s: %+v", none, got)
		}
	}
}

func TestLength(t *testing.T) {
	t.Parallel()
	tree, _ := decode(json.RawMessage(everything))
	if got, want := Length(tree), len([]rune("TitleSee thereéfardeephead")); got != want {
		t.Errorf("Length is %d, want %d", got, want)
	}
}

// What Check accepts, Walk sees whole: the same number of links as targets in
// the text, and every path leads to the node it is the path of.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{everything, doc(""), `{}`, `null`, `{"nodeType":"document","content":[[]],"data":{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := decode(b)
		if err != nil {
			return
		}
		problems := Check(tree, b, "fields")
		for _, p := range problems {
			if p.Name == "" || p.Details == "" || len(p.Path) == 0 || p.Path[0] != "fields" {
				t.Errorf("incomplete problem %+v", p)
			}
		}
		Walk(tree, func(n *Node) {
			at := tree
			for _, step := range n.Path() {
				switch step := step.(type) {
				case string:
					at = at.(map[string]any)[step]
				case int:
					at = at.([]any)[step]
				}
			}
			if at.(map[string]any)["nodeType"] != n.Type {
				t.Errorf("path %v does not lead to %s", n.Path(), n.Type)
			}
		})
	})
}

func BenchmarkCheck(b *testing.B) {
	raw := json.RawMessage(doc(strings.TrimSuffix(strings.Repeat(node("paragraph", "{}", span("Some words of a text, ", "")+","+span("and more", `{"type":"bold"}`))+",", 20), ",")))
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = decode(raw)
		}
	})
	tree, err := decode(raw)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if Check(tree, raw, "fields", "body", "en-US") != nil {
				b.Fatal("it is right")
			}
		}
	})
}
