package validate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// targets are an entry e1 of content type post and assets by id.
type targets map[string]string

func (targets) Entry(id string) (string, bool) { return "post", id == "e1" }

func (ts targets) Asset(id string) (*cms.Document, bool) {
	fields, ok := ts[id]
	if !ok {
		return nil, false
	}
	var doc cms.Document
	if err := json.Unmarshal([]byte(fields), &doc.Fields); err != nil {
		panic(err)
	}
	return &doc, true
}

const png = `{"contentType":"image/png","fileName":"a.png","url":"/a.png","details":{"size":500,"image":{"width":100,"height":50}}}`

var linked = targets{
	"a1":    `{"file":{"k-en":` + png + `}}`,
	"both":  `{"file":{"k-en":` + png + `,"k-de":{"contentType":"application/pdf","fileName":"a.pdf","url":"/a.pdf","details":{"size":9000}}}}`,
	"draft": `{"file":{"k-en":{"contentType":"image/png","fileName":"a.png","upload":"https://example.org/a.png"}}}`,
	"svg":   `{"file":{"k-en":{"contentType":"image/svg+xml","fileName":"a.svg","url":"/a.svg","details":{"size":10}}}}`,
	"empty": `{}`,
}

func assetWith(id string) string {
	return `{"sys":{"type":"Link","linkType":"Asset","id":"` + id + `"}}`
}

// paragraph is a document with one paragraph of this content.
func paragraph(content string) string {
	return `{"nodeType":"document","data":{},"content":[{"nodeType":"paragraph","data":{},"content":[` + content + `]}]}`
}

func textNode(s, mark string) string {
	return `{"nodeType":"text","value":"` + s + `","marks":[{"type":"` + mark + `"}],"data":{}}`
}

func entryNode1(nodeType string) string {
	return `{"nodeType":"` + nodeType + `","data":{"target":` + entryLink + `},"content":[]}`
}

func TestPublishKeywords(t *testing.T) {
	t.Parallel()
	at := func(way ...any) []any { return append([]any{"fields", "f", "en-US"}, way...) }
	sizeText := "Size must be at least 2 and at most 5"
	inText := "Value must be one of expected values"
	wrongType, wrongFile := "Link has the wrong content type", "Asset has the wrong file type"
	numbers := func(s ...string) []any {
		var list []any
		for _, n := range s {
			list = append(list, json.Number(n))
		}
		return list
	}
	tests := []struct {
		field string // without id
		value string
		want  []fault.Detail
	}{
		// size
		{`"type":"Symbol","validations":[{"size":{"min":2,"max":5}}]`, `"éé"`, nil},
		{`"type":"Symbol","validations":[{"size":{"min":2,"max":5}}]`, `"éééééé"`, []fault.Detail{{Name: "size", Min: raw("2"), Max: raw("5"), Value: raw(`"éééééé"`), Path: at(), Details: sizeText}}},
		{`"type":"Symbol","validations":[{"size":{"min":2,"max":null}}]`, `"a"`, []fault.Detail{{Name: "size", Min: raw("2"), Value: raw(`"a"`), Path: at(), Details: "Size must be at least 2"}}},
		{`"type":"Text","validations":[{"size":{"max":1},"message":"Only one letter"}]`, `"ab"`, []fault.Detail{{Name: "size", Max: raw("1"), Value: raw(`"ab"`), Path: at(), Details: "Size must be at most 1", CustomMessage: "Only one letter"}}},
		{`"type":"Text","validations":[{"size":{"max":1},"message":null}]`, `"a"`, nil},
		{`"type":"Text","validations":[{"size":{}}]`, `"a"`, nil},
		{`"type":"Array","items":{"type":"Symbol","validations":[]},"validations":[{"size":{"min":2,"max":5}}]`, `["a"]`, []fault.Detail{{Name: "size", Min: raw("2"), Max: raw("5"), Value: raw(`["a"]`), Path: at(), Details: sizeText}}},
		{`"type":"Array","items":{"type":"Symbol","validations":[{"size":{"min":2,"max":5}}]}`, `["ab","c"]`, []fault.Detail{{Name: "size", Min: raw("2"), Max: raw("5"), Value: raw(`"c"`), Path: at(1), Details: sizeText}}},
		{`"type":"Object","validations":[{"size":{"max":1}}]`, `{"nodeType":"document","b":2}`, []fault.Detail{{Name: "size", Max: raw("1"), Path: at(), Details: "Size must be at most 1"}}},
		{`"type":"RichText","validations":[{"size":{"max":3}}]`, paragraph(textNode("abc", "bold")), nil},
		{`"type":"RichText","validations":[{"size":{"max":3}}]`, paragraph(textNode("ab", "bold") + "," + textNode("cd", "bold")), []fault.Detail{{Name: "size", Max: raw("3"), Path: at(), Details: "Size must be at most 3"}}},

		// range
		{`"type":"Integer","validations":[{"range":{"min":1,"max":10}}]`, `10`, nil},
		{`"type":"Integer","validations":[{"range":{"min":1,"max":10}}]`, `42`, []fault.Detail{{Name: "range", Min: raw("1"), Max: raw("10"), Value: raw("42"), Path: at(), Details: "Range must be at least 1 and at most 10"}}},
		{`"type":"Number","validations":[{"range":{"min":-0.5}}]`, `-0.6`, []fault.Detail{{Name: "range", Min: raw("-0.5"), Value: raw("-0.6"), Path: at(), Details: "Range must be at least -0.5"}}},

		// in
		{`"type":"Symbol","validations":[{"in":["L","M"]}]`, `"M"`, nil},
		{`"type":"Symbol","validations":[{"in":["L","M"]}]`, `"XXL"`, []fault.Detail{{Name: "in", Value: raw(`"XXL"`), Expected: []any{"L", "M"}, Path: at(), Details: inText}}},
		{`"type":"Number","validations":[{"in":[1,2.5]}]`, `1.0`, nil},
		{`"type":"Integer","validations":[{"in":[1,2]}]`, `3`, []fault.Detail{{Name: "in", Value: raw(`3`), Expected: numbers("1", "2"), Path: at(), Details: inText}}},
		{`"type":"Array","items":{"type":"Symbol","validations":[{"in":["a"]}]}`, `["a","b"]`, []fault.Detail{{Name: "in", Value: raw(`"b"`), Expected: []any{"a"}, Path: at(1), Details: inText}}},

		// regexp and prohibitRegexp
		{`"type":"Symbol","validations":[{"regexp":{"pattern":"^[a-z-]+$"}}]`, `"kitchen-lamp"`, nil},
		{`"type":"Symbol","validations":[{"regexp":{"pattern":"^[a-z-]+$","flags":null}}]`, `"Kitchen Lamp"`, []fault.Detail{{Name: "regexp", Pattern: "^[a-z-]+$", Value: raw(`"Kitchen Lamp"`), Path: at(), Details: "Does not match /^[a-z-]+$/"}}},
		{`"type":"Text","validations":[{"regexp":{"pattern":"^such","flags":"im"}}]`, `"first\nSUCH"`, nil},
		{`"type":"Text","validations":[{"regexp":{"pattern":"^such","flags":"iy"}}]`, `"first\nSUCH"`, []fault.Detail{{Name: "regexp", Pattern: "^such", Value: raw(`"first\nSUCH"`), Path: at(), Details: "Does not match /^such/iy"}}},
		{`"type":"Symbol","validations":[{"prohibitRegexp":{"pattern":"lorem","flags":"i"}}]`, `"dolor"`, nil},
		{`"type":"Symbol","validations":[{"prohibitRegexp":{"pattern":"lorem","flags":"i"},"message":"No filler"}]`, `"Lorem ipsum"`, []fault.Detail{{Name: "prohibitRegexp", Pattern: "lorem", Value: raw(`"Lorem ipsum"`), Path: at(), Details: "Matches /lorem/i", CustomMessage: "No filler"}}},

		// dateRange
		{`"type":"Date","validations":[{"dateRange":{"min":"2025-01-01","max":"2025-12-31"}}]`, `"2025-12-31T23:59Z"`, nil},
		{`"type":"Date","validations":[{"dateRange":{"min":"2025-01-01","max":"2025-12-31"}}]`, `"2031-05-05"`, []fault.Detail{{Name: "dateRange", Min: raw(`"2025-01-01"`), Max: raw(`"2025-12-31"`), Value: raw(`"2031-05-05"`), Path: at(), Details: "Date must be at least 2025-01-01 and at most 2025-12-31"}}},
		{`"type":"Date","validations":[{"dateRange":{"after":"2025-01-01T12:00+02:00"}}]`, `"2025-01-01T09:59:59Z"`, []fault.Detail{{Name: "dateRange", Min: raw(`"2025-01-01T12:00+02:00"`), Value: raw(`"2025-01-01T09:59:59Z"`), Path: at(), Details: "Date must be at least 2025-01-01T12:00+02:00"}}},
		{`"type":"Date","validations":[{"dateRange":{"before":"2025-01-01","min":null}}]`, `"2025-01-02"`, []fault.Detail{{Name: "dateRange", Max: raw(`"2025-01-01"`), Value: raw(`"2025-01-02"`), Path: at(), Details: "Date must be at most 2025-01-01"}}},

		// linkContentType
		{`"type":"Link","linkType":"Entry","validations":[{"linkContentType":["post","page"]}]`, entryLink, nil},
		{`"type":"Link","linkType":"Entry","validations":[{"linkContentType":["person"]}]`, entryLink, []fault.Detail{{Name: "linkContentType", Value: raw(entryLink), ContentTypeID: []string{"person"}, Path: at(), Details: wrongType}}},
		{`"type":"Link","linkType":"Entry","validations":[{"linkContentType":"person"}]`, entryLink, []fault.Detail{{Name: "linkContentType", Value: raw(entryLink), ContentTypeID: []string{"person"}, Path: at(), Details: wrongType}}},
		{`"type":"Array","items":{"type":"Link","linkType":"Entry","validations":[{"linkContentType":["person"]}]}`, `[` + entryLink + `]`, []fault.Detail{{Name: "linkContentType", Value: raw(entryLink), ContentTypeID: []string{"person"}, Path: at(0), Details: wrongType}}},

		// linkMimetypeGroup
		{`"type":"Link","linkType":"Asset","validations":[{"linkMimetypeGroup":["image"]}]`, assetWith("a1"), nil},
		{`"type":"Link","linkType":"Asset","validations":[{"linkMimetypeGroup":["video","audio"]}]`, assetWith("a1"), []fault.Detail{{Name: "linkMimetypeGroup", Value: raw(assetWith("a1")), MimetypeGroupName: []string{"video", "audio"}, Path: at(), Details: wrongFile}}},
		{`"type":"Link","linkType":"Asset","validations":[{"linkMimetypeGroup":["image"]}]`, assetWith("empty"), []fault.Detail{{Name: "linkMimetypeGroup", Value: raw(assetWith("empty")), MimetypeGroupName: []string{"image"}, Path: at(), Details: wrongFile}}},

		// assetFileSize
		{`"type":"Link","linkType":"Asset","validations":[{"assetFileSize":{"min":1,"max":500}}]`, assetWith("a1"), nil},
		{`"type":"Link","linkType":"Asset","validations":[{"assetFileSize":{"max":499}}]`, assetWith("a1"), []fault.Detail{{Name: "assetFileSize", Max: raw("499"), Value: raw("500"), Path: at(), Details: "File size must be at most 499 bytes"}}},
		{`"type":"Link","linkType":"Asset","validations":[{"assetFileSize":{"min":10,"max":499}}]`, assetWith("draft"), []fault.Detail{{Name: "assetFileSize", Min: raw("10"), Max: raw("499"), Path: at(), Details: "File size must be at least 10 and at most 499 bytes"}}},
		{`"type":"Link","linkType":"Asset","validations":[{"assetFileSize":{}}]`, assetWith("draft"), nil},

		// assetImageDimensions
		{`"type":"Link","linkType":"Asset","validations":[{"assetImageDimensions":{"width":{"min":100,"max":100},"height":null}}]`, assetWith("a1"), nil},
		{`"type":"Link","linkType":"Asset","validations":[{"assetImageDimensions":{"width":{"max":99}}}]`, assetWith("a1"), []fault.Detail{{Name: "assetImageDimensions", Width: raw(`{"max":99}`), Height: raw(`{}`), Value: raw(`{"width":100,"height":50}`), Path: at(), Details: "Image width must be at most 99"}}},
		{`"type":"Link","linkType":"Asset","validations":[{"assetImageDimensions":{"height":{"min":60}}}]`, assetWith("a1"), []fault.Detail{{Name: "assetImageDimensions", Width: raw(`{}`), Height: raw(`{"min":60}`), Value: raw(`{"width":100,"height":50}`), Path: at(), Details: "Image height must be at least 60"}}},
		{`"type":"Link","linkType":"Asset","validations":[{"assetImageDimensions":{"height":{"min":60}}}]`, assetWith("draft"), []fault.Detail{{Name: "assetImageDimensions", Width: raw(`{}`), Height: raw(`{"min":60}`), Path: at(), Details: "Asset is not an image of known size"}}},
		{`"type":"Link","linkType":"Asset","validations":[{"assetImageDimensions":{"height":{"min":60}}}]`, assetWith("svg"), nil},

		// enabledNodeTypes, enabledMarks
		{`"type":"RichText","validations":[{"enabledNodeTypes":["hr"]}]`, paragraph(textNode("a", "bold")), nil},
		{`"type":"RichText","validations":[{"enabledNodeTypes":[]}]`, paragraph(textNode("a", "bold") + "," + entryNode1("embedded-entry-inline")), []fault.Detail{{Name: "enabledNodeTypes", NodeType: "embedded-entry-inline", Expected: []any{}, Value: raw(`"embedded-entry-inline"`), Path: at("content", 0, "content", 1), Details: "Node type is not allowed"}}},
		{`"type":"RichText","validations":[{"enabledMarks":["bold"]}]`, paragraph(textNode("a", "bold")), nil},
		{`"type":"RichText","validations":[{"enabledMarks":["bold"],"message":"Plain, please"}]`, paragraph(textNode("a", "bold") + "," + textNode("b", "code")), []fault.Detail{{Name: "enabledMarks", NodeType: "text", Expected: []any{"bold"}, Value: raw(`"code"`), Path: at("content", 0, "content", 1, "marks", 0), Details: "Mark is not allowed", CustomMessage: "Plain, please"}}},

		// nodes
		{`"type":"RichText","validations":[{"nodes":{"embedded-entry-inline":[{"size":{"max":1}},{"linkContentType":["post"]}]}}]`, paragraph(entryNode1("embedded-entry-inline")), nil},
		{`"type":"RichText","validations":[{"nodes":{"embedded-entry-inline":[{"size":{"max":1},"message":"One at most"}]},"message":"outer"}]`, paragraph(entryNode1("embedded-entry-inline") + "," + entryNode1("embedded-entry-inline")), []fault.Detail{
			{Name: "size", NodeType: "embedded-entry-inline", Max: raw("1"), Value: raw("2"), Path: at(), Details: "Size must be at most 1", CustomMessage: "One at most"}}},
		{`"type":"RichText","validations":[{"nodes":{"entry-hyperlink":[{"linkContentType":["callToAction"]}]}}]`, paragraph(entryNode1("embedded-entry-inline") + "," + entryNode1("entry-hyperlink")), []fault.Detail{
			{Name: "linkContentType", NodeType: "entry-hyperlink", ContentTypeID: []string{"callToAction"}, Path: at("content", 0, "content", 1, "data", "target"), Details: wrongType}}},
		{`"type":"RichText","validations":[{"nodes":{"embedded-resource-block":{"validations":[{"size":{"min":1}}]}}}]`, emptyDoc, []fault.Detail{
			{Name: "size", NodeType: "embedded-resource-block", Min: raw("1"), Value: raw("0"), Path: at(), Details: "Size must be at least 1"}}},

		// the type is checked again, and nothing else then
		{`"type":"Symbol","validations":[{"size":{"min":5}}]`, `12`, []fault.Detail{formProblem("Symbol", "12", "fields", "f", "en-US")}},
		// unique is the caller's; keywords of the future are ignored
		{`"type":"Symbol","validations":[{"unique":true},{"future":1}]`, `"a"`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.field+tt.value[:min(20, len(tt.value))], func(t *testing.T) {
			t.Parallel()
			ct := contentType(t, `[{"id":"f",`+tt.field+`}]`)
			doc := document(t, `{"k-f":{"k-en":`+tt.value+`}}`)
			checkError(t, Publish(ct, locales, doc, to(linked)), fault.InvalidEntry, tt.want)
		})
	}
}

func TestPublishRequired(t *testing.T) {
	t.Parallel()
	missing := func(name string, at ...any) fault.Detail {
		return fault.Detail{Name: "required", Path: at, Details: `The property "` + name + `" is required here`}
	}
	ct := `[{"id":"title","type":"Symbol","required":true,"localized":true},{"id":"slug","type":"Symbol","required":true},{"id":"note","type":"Symbol"}]`
	tests := []struct {
		name, doc string
		want      []fault.Detail
	}{
		{"complete", `{"k-title":{"k-en":"a","k-de":"b"},"k-slug":{"k-en":""}}`, nil},
		{"no field at all", `{}`, []fault.Detail{missing("fields", "fields"), missing("title", "fields", "title"), missing("slug", "fields", "slug")}},
		{"null is no value", `{"k-title":{"k-en":null},"k-slug":{"k-en":"s"}}`, []fault.Detail{missing("title", "fields", "title")}},
		{"a locale is missing, an optional one may be", `{"k-title":{"k-en":"a"},"k-slug":{"k-en":"s"}}`, []fault.Detail{missing("title", "fields", "title", "de")}},
		{"the default locale never is optional", `{"k-title":{"k-de":"a"},"k-slug":{"k-en":"s"}}`, []fault.Detail{missing("title", "fields", "title", "en-US")}},
		{"other locales of a field that is not localized do not count", `{"k-title":{"k-en":"a","k-de":"a"},"k-slug":{"k-de":"s"}}`, []fault.Detail{missing("slug", "fields", "slug")}},
		{"nor does a hidden locale", `{"k-title":{"k-xx":"a"},"k-slug":{"k-en":"s"}}`, []fault.Detail{missing("title", "fields", "title")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkError(t, Publish(contentType(t, ct), locales, document(t, tt.doc), to(linked)), fault.InvalidEntry, tt.want)
		})
	}
	t.Run("an empty entry without required fields", func(t *testing.T) {
		t.Parallel()
		checkError(t, Publish(contentType(t, allTypes), locales, &cms.Document{}, to(linked)), fault.InvalidEntry, nil)
	})
}

// The file that counts is the one readers of the value's locale would see.
func TestPublishFileByLocale(t *testing.T) {
	t.Parallel()
	ct := contentType(t, `[{"id":"f","type":"Link","linkType":"Asset","localized":true,"validations":[{"linkMimetypeGroup":["image"]}]}]`)
	doc := document(t, `{"k-f":{"k-en":`+assetWith("both")+`,"k-de":`+assetWith("both")+`,"k-fr":`+assetWith("both")+`}}`)
	checkError(t, Publish(ct, locales, doc, to(linked)), fault.InvalidEntry, []fault.Detail{{Name: "linkMimetypeGroup", Value: raw(assetWith("both")),
		MimetypeGroupName: []string{"image"}, Path: []any{"fields", "f", "de"}, Details: "Asset has the wrong file type"}})
}

func TestPublishUnresolvedLinks(t *testing.T) {
	t.Parallel()
	ct := contentType(t, `[
		{"id":"one","type":"Link","linkType":"Asset","localized":true,"validations":[{"linkMimetypeGroup":["image"]},{"assetFileSize":{"max":1}},{"assetImageDimensions":{"width":{"max":1}}}]},
		{"id":"many","type":"Array","items":{"type":"Link","linkType":"Entry","validations":[{"linkContentType":["post"]}]},"validations":[]},
		{"id":"body","type":"RichText","validations":[{"nodes":{"embedded-entry-inline":[{"linkContentType":["x"]}]}}]},
		{"id":"far","type":"ResourceLink","validations":[]},
		{"id":"size","type":"Integer","validations":[{"range":{"max":1}}]}]`)
	gone := `{"sys":{"type":"Link","linkType":"Entry","id":"gone"}}`
	fields := `"k-one":{"k-de":` + assetWith("gone") + `,"k-en":null,"k-xx":` + assetWith("hidden") + `},"k-many":{"k-en":[` + entryLink + `,` + gone + `,` + gone + `]},` +
		`"k-body":{"k-en":` + paragraph(strings.Replace(entryNode1("embedded-entry-inline"), entryLink, gone, 1)) + `},"k-far":{"k-en":` + resourceLink + `},"k-retired":{"k-en":` + gone + `}`
	broken := func(linkType, text string, at ...any) fault.Detail {
		return fault.Detail{Name: "notResolvable", Path: at, Details: text, Link: cms.LinkSys{Type: "Link", LinkType: linkType, ID: "gone"}}
	}
	inText := broken("Entry", `There is no entry "gone".`, "fields", "body", "en-US", "content", 0, "content", 0, "data", "target")
	inText.NodeType = "embedded-entry-inline"
	checkError(t, Publish(ct, locales, document(t, `{`+fields+`}`), to(linked)), fault.UnresolvedLinks, []fault.Detail{
		broken("Asset", `There is no asset "gone".`, "fields", "one", "de"),
		broken("Entry", `There is no entry "gone".`, "fields", "many", "en-US", 1),
		broken("Entry", `There is no entry "gone".`, "fields", "many", "en-US", 2),
		inText,
	})
	// only when nothing else is wrong
	checkError(t, Publish(ct, locales, document(t, `{`+fields+`,"k-size":{"k-en":2}}`), to(linked)), fault.InvalidEntry, []fault.Detail{
		{Name: "range", Max: raw("1"), Value: raw("2"), Path: []any{"fields", "size", "en-US"}, Details: "Range must be at most 1"}})
}

func TestLinks(t *testing.T) {
	t.Parallel()
	ct := contentType(t, allTypes)
	doc := document(t, `{"k-asset":{"k-en":`+assetLink+`},"k-entries":{"k-en":[`+entryLink+`,7]},"k-tags":{"k-en":["a"]},
		"k-entry":{"k-en":"wrong"},"k-rich":{"k-en":`+paragraph(entryNode1("entry-hyperlink"))+`},"k-resources":{"k-en":[`+resourceLink+`]}}`)
	want := []Link{
		{LinkType: "Entry", ID: "e1", NodeType: "entry-hyperlink", Path: []any{"fields", "rich", "en-US", "content", 0, "content", 0, "data", "target"}},
		{LinkType: "Asset", ID: "a1", Path: []any{"fields", "asset", "en-US"}},
		{LinkType: "Entry", ID: "e1", Path: []any{"fields", "entries", "en-US", 0}},
	}
	if diff := cmp.Diff(want, Links(ct, locales, doc)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestUniqueKeys(t *testing.T) {
	t.Parallel()
	ct := contentType(t, `[
		{"id":"slug","type":"Symbol","localized":true,"validations":[{"size":{"max":9}},{"unique":true,"message":"Taken"}]},
		{"id":"number","type":"Number","validations":[{"unique":true}]},
		{"id":"free","type":"Symbol","validations":[{"unique":false}]}]`)
	doc := document(t, `{"k-slug":{"k-de":"b","k-en":"a","k-fr":null,"k-xx":"x"},"k-number":{"k-en":1.0,"k-de":2},"k-free":{"k-en":"f"}}`)
	want := []UniqueKey{
		{"slug", "k-slug", "en-US", "k-en", "a", raw(`"a"`), "Taken"},
		{"slug", "k-slug", "de", "k-de", "b", raw(`"b"`), "Taken"},
		{"number", "k-number", "en-US", "k-en", "1", raw(`1.0`), ""},
	}
	got := UniqueKeys(ct, locales, doc)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	other := cms.LinkTo(cms.KindEntry, "4mQpR7")
	problem := fault.Detail{Name: "unique", Value: raw(`"a"`), Path: []any{"fields", "slug", "en-US"}, Conflicting: []any{other},
		Details: "Same field value present in other entry", CustomMessage: "Taken"}
	if diff := cmp.Diff(problem, UniqueProblem(got[0], other)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if wrong := UniqueKeys(ct, locales, document(t, `{"k-slug":{"k-en":5}}`)); wrong != nil {
		t.Errorf("a value of the wrong type has keys %v", wrong)
	}
}

// A pattern that explodes is a problem within its time, however many values it
// is matched with, and so is one that the engine refuses.
func TestPublishHostilePattern(t *testing.T) {
	t.Parallel()
	values := strings.TrimSuffix(strings.Repeat(`"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",`, 80), ",")
	ct := contentType(t, `[{"id":"f","type":"Array","items":{"type":"Symbol","validations":[{"regexp":{"pattern":"^(([a-z])+.)+[A-Z]([a-z])+$"}}]}},
		{"id":"g","type":"Symbol","validations":[{"regexp":{"pattern":"("}},{"prohibitRegexp":{"pattern":"a","flags":"q"}}]}]`)
	start := time.Now()
	err := Publish(ct, locales, document(t, `{"k-f":{"k-en":[`+values+`]},"k-g":{"k-en":"a"}}`), to(linked))
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	checkContract(t, fault.Of(err))
	problems := fault.Of(err).Details.Errors
	if n := len(problems); n != 82 {
		t.Fatalf("%d problems", n)
	}
	for i, want := range map[int]string{0: "took longer than 50ms", 79: "this entry's patterns takes too long", 80: "Cannot match /(/", 81: `flag 'q' is unknown`} {
		if !strings.Contains(problems[i].Details, want) {
			t.Errorf("problem %d: %q", i, problems[i].Details)
		}
	}
}

func TestPatternFlags(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, flags, s string
		want              bool
	}{
		{`a.c`, "", "a\nc", false},
		{`a.c`, "s", "a\nc", true},
		{`^c`, "", "a\nc", false},
		{`^c`, "m", "a\nc", true},
		{`C`, "i", "abc", true},
		{`b`, "y", "abc", false},
		{`a|b`, "y", "abc", true},
		{`x|b`, "y", "abc", false},
		{`^c`, "my", "a\nc", false},
		{`^.$`, "u", "😀", true},
		{`\u{1F600}`, "u", "😀", true},
		{`(?<=\$)\d+`, "g", "cost $42", true},
		{`(a)\1`, "", "aa", true},
		{`^\d$`, "", "٣", false},
		{`[^]`, "", "\n", true},
	}
	c := &publication{patternTime: time.Minute}
	for _, tt := range tests {
		got, err := c.match(pattern{tt.pattern, tt.flags}, tt.s)
		if err != nil || got != tt.want {
			t.Errorf("/%s/%s in %q: %v, %v", tt.pattern, tt.flags, tt.s, got, err)
		}
	}
}

// A group repeated over the longest text is no attack; over much more it needs
// too much memory. Time is out of the question here.
func TestPatternMemory(t *testing.T) {
	t.Parallel()
	p := pattern{`^(?:(a)|(b))*$`, ""}
	re, err := p.compile()
	if err != nil {
		t.Fatal(err)
	}
	re.MatchTimeout = time.Hour
	c := &publication{patternTime: time.Hour}
	if found, err := c.match(p, strings.Repeat("ab", MaxText/2)); !found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := c.match(p, strings.Repeat("ab", 20*MaxText)); err == nil || err.Error() != "matching needs too much memory" {
		t.Errorf("error %v", err)
	}
}

func TestPatternCacheIsBounded(t *testing.T) {
	c := &publication{patternTime: time.Minute}
	for i := range 2*maxPatterns + 10 {
		if _, err := c.match(pattern{fmt.Sprint(i), ""}, "x"); err != nil {
			t.Fatal(err)
		}
	}
	patterns.Lock()
	defer patterns.Unlock()
	if n := len(patterns.compiled); n > maxPatterns {
		t.Errorf("%d patterns kept", n)
	}
}
