package validate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

func TestContentTypeNormalForm(t *testing.T) {
	t.Parallel()
	got, err := ContentType(raw(`{"sys":{"id":"x","anything":1},"name":"Post","displayField":"title",
		"metadata":{"annotations":{"ContentType":[{"sys":{"type":"Link","linkType":"Annotation","id":"Contentful:AggregateRoot"}}]},
			"taxonomy":[{"sys":{"type":"Link","linkType":"TaxonomyConcept","id":"c"}}]},
		"fields":[
			{"id":"title","apiName":"title","name":"Title","type":"Symbol","newId":"headline","linkType":null,"items":null,
				"validations":[{"size":{"min":1,"max":null},"message":null}],"defaultValue":{"en-US":"new","de":null}},
			{"id":"old","name":"Old","type":"Text","deleted":true,"localized":true,"required":true,"disabled":true,"omitted":true},
			{"id":"tags","name":"Tags","type":"Array","items":{"type":"Link","linkType":"Entry"}},
			{"id":"far","name":"Far","type":"ResourceLink","allowedResources":[{"type":"Contentful:Entry","source":"crn:contentful:::content:spaces/s","contentTypes":["post"]}]}
		]}`))
	if err != nil {
		t.Fatal(err, fault.Of(err).Details)
	}
	none := []cms.Validation{}
	want := &ContentTypeRequest{Name: "Post", DisplayField: new("headline"),
		Metadata: raw(`{"annotations":{"ContentType":[{"sys":{"type":"Link","linkType":"Annotation","id":"Contentful:AggregateRoot"}}]},` +
			`"taxonomy":[{"sys":{"type":"Link","linkType":"TaxonomyConcept","id":"c"},"required":false}]}`),
		Fields: []FieldRequest{
			{NewID: "headline", Field: cms.Field{ID: "title", Name: "Title", Type: cms.Symbol, DefaultValue: raw(`{"en-US":"new","de":null}`),
				Validations: []cms.Validation{{"size": raw(`{"min":1,"max":null}`), "message": raw(`null`)}}}},
			{Deleted: true, Field: cms.Field{ID: "old", Name: "Old", Type: cms.Text, Localized: true, Required: true, Disabled: true, Omitted: true, Validations: none}},
			{Field: cms.Field{ID: "tags", Name: "Tags", Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink, LinkType: "Entry", Validations: none}, Validations: none}},
			{Field: cms.Field{ID: "far", Name: "Far", Type: cms.ResourceLink, Validations: none,
				AllowedResources: raw(`[{"type":"Contentful:Entry","source":"crn:contentful:::content:spaces/s","contentTypes":["post"]}]`)}},
		}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	got, err = ContentType(raw(`{"name":"Empty"}`))
	if diff := cmp.Diff(&ContentTypeRequest{Name: "Empty"}, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

func typeAt(property, typ, value string, at ...any) fault.Detail {
	return fault.Detail{Name: "type", Type: typ, Value: raw(value), Path: at,
		Details: `The type of "` + property + `" is incorrect, expected type: ` + typ}
}

func requiredAt(property string, at ...any) fault.Detail {
	return fault.Detail{Name: "required", Path: at, Details: `The property "` + property + `" is required here`}
}

func unknownAt(value string, at ...any) fault.Detail {
	return fault.Detail{Name: "unknown", Value: raw(value), Path: at, Details: `The property "` + at[len(at)-1].(string) + `" is not allowed here.`}
}

func inAt(value string, expected []any, at ...any) fault.Detail {
	return fault.Detail{Name: "in", Value: raw(value), Path: at, Expected: expected, Details: "Value must be one of expected values"}
}

func misplacedAt(property, typ string, at ...any) fault.Detail {
	return fault.Detail{Name: "unexpected", Path: at, Details: `The property "` + property + `" is not expected on a field of type ` + typ}
}

func TestContentTypeProblems(t *testing.T) {
	t.Parallel()
	types := []any{cms.Array, cms.Boolean, cms.Date, cms.Integer, cms.TypeLink, cms.Location, cms.Number, cms.Object, cms.ResourceLink, cms.RichText, cms.Symbol, cms.Text}
	badID := func(value string, at ...any) fault.Detail {
		return fault.Detail{Name: "regexp", Value: raw(value), Pattern: fieldIDPattern, Path: at, Details: "Does not match /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/"}
	}
	tests := []struct {
		name, body string
		want       []fault.Detail
	}{
		{"no object", `[]`, []fault.Detail{typeAt("value", "Object", `[]`)}},
		{"null", `null`, []fault.Detail{typeAt("value", "Object", `null`)}},
		{"nothing", `{}`, []fault.Detail{requiredAt("name", "name")}},
		{"top level", `{"name":"","description":1,"displayField":2,"fields":{},"metadata":[],"kind":3}`, []fault.Detail{
			unknownAt(`3`, "kind"),
			typeAt("description", "String", `1`, "description"),
			typeAt("displayField", "String", `2`, "displayField"),
			{Name: "size", Min: raw("1"), Value: raw(`""`), Path: []any{"name"}, Details: "Size must be at least 1"},
			typeAt("fields", "Array", `{}`, "fields"),
			typeAt("metadata", "Object", `[]`, "metadata")}},
		{"wrong name", `{"name":null}`, []fault.Detail{typeAt("name", "String", `null`, "name")}},
		{"too many fields", `{"name":"A","fields":[` + strings.TrimSuffix(strings.Repeat(`{},`, 101), ",") + `]}`, []fault.Detail{
			{Name: "size", Max: raw("100"), Path: []any{"fields"}, Details: "Size must be at most 100"}}},
		{"empty field", `{"name":"A","fields":[{},7]}`, []fault.Detail{
			requiredAt("id", "fields", 0, "id"), requiredAt("name", "fields", 0, "name"), requiredAt("type", "fields", 0, "type"),
			typeAt("1", "Object", `7`, "fields", 1)}},
		{"field members", `{"name":"A","fields":[{"id":"9a","newId":"b-c","name":1,"type":"Sybol","localized":"yes","required":null,"disabled":0,"omitted":[],"deleted":{},"colour":"red"}]}`, []fault.Detail{
			unknownAt(`"red"`, "fields", 0, "colour"),
			badID(`"9a"`, "fields", 0, "id"), badID(`"b-c"`, "fields", 0, "newId"),
			typeAt("name", "String", `1`, "fields", 0, "name"),
			inAt(`"Sybol"`, types, "fields", 0, "type"),
			typeAt("localized", "Boolean", `"yes"`, "fields", 0, "localized"), typeAt("required", "Boolean", `null`, "fields", 0, "required"),
			typeAt("disabled", "Boolean", `0`, "fields", 0, "disabled"), typeAt("omitted", "Boolean", `[]`, "fields", 0, "omitted"),
			typeAt("deleted", "Boolean", `{}`, "fields", 0, "deleted")}},
		{"id and type of another type", `{"name":"A","fields":[{"id":1,"name":"A","type":null}]}`, []fault.Detail{
			typeAt("id", "String", `1`, "fields", 0, "id"), inAt(`null`, types, "fields", 0, "type")}},
		{"link types", `{"name":"A","fields":[{"id":"a","name":"A","type":"Link"},{"id":"b","name":"B","type":"Link","linkType":"Tag"},{"id":"c","name":"C","type":"Symbol","linkType":"Entry"}]}`, []fault.Detail{
			requiredAt("linkType", "fields", 0, "linkType"),
			inAt(`"Tag"`, []any{"Asset", "Entry"}, "fields", 1, "linkType"),
			misplacedAt("linkType", "Symbol", "fields", 2, "linkType")}},
		{"items", `{"name":"A","fields":[{"id":"a","name":"A","type":"Array"},{"id":"b","name":"B","type":"Array","items":{"type":"Text","x":1}},
			{"id":"c","name":"C","type":"Array","items":{"type":"Link"}},{"id":"d","name":"D","type":"Symbol","items":{"type":"Symbol"}},{"id":"e","name":"E","type":"Array","items":[]}]}`, []fault.Detail{
			requiredAt("items", "fields", 0, "items"),
			unknownAt(`1`, "fields", 1, "items", "x"),
			inAt(`"Text"`, []any{cms.TypeLink, cms.ResourceLink, cms.Symbol}, "fields", 1, "items", "type"),
			requiredAt("linkType", "fields", 2, "items", "linkType"),
			misplacedAt("items", "Symbol", "fields", 3, "items"),
			typeAt("items", "Object", `[]`, "fields", 4, "items")}},
		{"default values", `{"name":"A","fields":[{"id":"a","name":"A","type":"Symbol","defaultValue":null},{"id":"b","name":"B","type":"Symbol","defaultValue":"x"},
			{"id":"c","name":"C","type":"Location","defaultValue":{}},{"id":"d","name":"D","type":"Array","items":{"type":"Link","linkType":"Entry"},"defaultValue":{}},
			{"id":"e","name":"E","type":"Array","items":{"type":"Symbol"},"defaultValue":{"en-US":["x"]}}]}`, []fault.Detail{
			typeAt("defaultValue", "Object", `null`, "fields", 0, "defaultValue"), typeAt("defaultValue", "Object", `"x"`, "fields", 1, "defaultValue"),
			misplacedAt("defaultValue", "Location", "fields", 2, "defaultValue"), misplacedAt("defaultValue", "Array", "fields", 3, "defaultValue")}},
		{"allowed resources", `{"name":"A","fields":[{"id":"a","name":"A","type":"ResourceLink"},{"id":"b","name":"B","type":"Array","items":{"type":"ResourceLink"},"allowedResources":[]},
			{"id":"c","name":"C","type":"Symbol","allowedResources":[1]},{"id":"d","name":"D","type":"ResourceLink","allowedResources":{}},
			{"id":"e","name":"E","type":"ResourceLink","allowedResources":[1,{},{"type":"Contentful:Entry"},{"type":"Contentful:Entry","source":"s","contentTypes":[3],"x":1},{"type":"Contentful:Entry","source":"s"},{"type":"Shop:Product"},{"type":"Shop:Product","source":5},{"type":true}]}]}`, []fault.Detail{
			requiredAt("allowedResources", "fields", 0, "allowedResources"),
			{Name: "size", Min: raw("1"), Max: raw("20"), Path: []any{"fields", 1, "allowedResources"}, Details: "Size must be at least 1 and at most 20"},
			misplacedAt("allowedResources", "Symbol", "fields", 2, "allowedResources"),
			typeAt("allowedResources", "Array", `{}`, "fields", 3, "allowedResources"),
			typeAt("0", "Object", `1`, "fields", 4, "allowedResources", 0),
			requiredAt("type", "fields", 4, "allowedResources", 1, "type"),
			requiredAt("source", "fields", 4, "allowedResources", 2, "source"),
			unknownAt(`1`, "fields", 4, "allowedResources", 3, "x"),
			typeAt("0", "String", `3`, "fields", 4, "allowedResources", 3, "contentTypes", 0),
			{Name: "unique", Value: raw(`"s"`), Path: []any{"fields", 4, "allowedResources", 4, "source"}, Details: "The source is listed twice"},
			typeAt("source", "String", `5`, "fields", 4, "allowedResources", 6, "source"),
			{Name: "unique", Value: raw(`"Shop:Product"`), Path: []any{"fields", 4, "allowedResources", 6, "type"}, Details: "The type is listed twice"},
			typeAt("type", "String", `true`, "fields", 4, "allowedResources", 7, "type")}},
		{"ids twice", `{"name":"A","fields":[{"id":"a","name":"A","type":"Symbol"},{"id":"a","name":"B","type":"Symbol"},{"id":"a","name":"C","type":"Symbol"},{"id":"d","newId":"a","name":"D","type":"Symbol"}]}`, []fault.Detail{
			{Name: "uniqueFieldIds", Value: raw(`"a"`), Path: []any{"fields"}, Details: `More than one field has the id "a"`},
			{Name: "uniqueFieldApiNames", Value: raw(`"a"`), Path: []any{"fields"}, Details: `More than one field would have the id "a"`}}},
		{"the id of a deleted field is free, and ids may be swapped", `{"name":"A","displayField":"y","fields":[{"id":"a","name":"A","type":"Symbol","deleted":true},{"id":"b","newId":"a","name":"B","type":"Symbol"},
			{"id":"x","newId":"y","name":"X","type":"Symbol"},{"id":"y","newId":"x","name":"Y","type":"Symbol"}]}`, nil},
		{"display field", `{"name":"A","displayField":"n","fields":[{"id":"n","name":"N","type":"Integer"},{"id":"s","newId":"z","name":"S","type":"Symbol"},{"id":"t","name":"T","type":"Text"},{"id":"d","name":"D","type":"Text","deleted":true}]}`,
			[]fault.Detail{inAt(`"n"`, []any{"z", "t"}, "displayField")}},
		{"display field without fields", `{"name":"A","displayField":"n"}`, []fault.Detail{inAt(`"n"`, []any{}, "displayField")}},
		{"display field by its new id", `{"name":"A","displayField":"z","fields":[{"id":"s","newId":"z","name":"S","type":"Symbol"}]}`, nil},
		{"empty metadata", `{"name":"A","metadata":{}}`, []fault.Detail{requiredAt("annotations", "metadata", "annotations"), requiredAt("taxonomy", "metadata", "taxonomy")}},
		{"metadata", `{"name":"A","metadata":{"x":1,"annotations":{"ContentType":[1],"ContentTypeField":{"a":{}},"y":2},"taxonomy":[{"sys":{"type":"Link","linkType":"Tag","id":"t"},"required":1,"z":3},4]}}`, []fault.Detail{
			unknownAt(`1`, "metadata", "x"),
			unknownAt(`2`, "metadata", "annotations", "y"),
			typeProblem("Link", `1`, "metadata", "annotations", "ContentType", 0),
			typeAt("a", "Array", `{}`, "metadata", "annotations", "ContentTypeField", "a"),
			unknownAt(`3`, "metadata", "taxonomy", 0, "z"),
			typeProblem("Link", `{"sys":{"type":"Link","linkType":"Tag","id":"t"},"required":1,"z":3}`, "metadata", "taxonomy", 0),
			typeAt("required", "Boolean", `1`, "metadata", "taxonomy", 0, "required"),
			typeAt("1", "Object", `4`, "metadata", "taxonomy", 1)}},
		{"metadata that are no objects", `{"name":"A","metadata":{"annotations":[],"taxonomy":{}}}`, []fault.Detail{
			typeAt("annotations", "Object", `[]`, "metadata", "annotations"), typeAt("taxonomy", "Array", `{}`, "metadata", "taxonomy")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ContentType(raw(tt.body))
			checkError(t, err, fault.ValidationFailed, tt.want)
		})
	}
}

func TestContentTypeValidations(t *testing.T) {
	t.Parallel()
	at := func(way ...any) []any { return append([]any{"fields", 0, "validations", 0}, way...) }
	few := fault.Detail{Name: "size", Min: raw("1"), Path: at(), Details: "Too few properties provided. Must be at least 1"}
	var groups, marks, nodeTypes []any
	for _, s := range cms.MimetypeGroups {
		groups = append(groups, s)
	}
	for _, s := range []string{"bold", "code", "italic", "strikethrough", "subscript", "superscript", "underline"} {
		marks = append(marks, s)
	}
	for _, s := range []string{"asset-hyperlink", "blockquote", "embedded-asset-block", "embedded-entry-block", "embedded-entry-inline", "embedded-resource-block",
		"embedded-resource-inline", "entry-hyperlink", "heading-1", "heading-2", "heading-3", "heading-4", "heading-5", "heading-6", "hr", "hyperlink",
		"ordered-list", "resource-hyperlink", "table", "unordered-list"} {
		nodeTypes = append(nodeTypes, s)
	}
	entry, asset := `"type":"Link","linkType":"Entry"`, `"type":"Link","linkType":"Asset"`
	symbol, rich := `"type":"Symbol"`, `"type":"RichText"`
	tests := []struct {
		field, validation string
		want              []fault.Detail
	}{
		{symbol, `{}`, []fault.Detail{few}},
		{symbol, `{"message":"x"}`, []fault.Detail{few}},
		{symbol, `7`, []fault.Detail{typeAt("0", "Object", `7`, at()...)}},
		{symbol, `{"unique":true,"message":1}`, []fault.Detail{typeAt("message", "String", `1`, at("message")...)}},
		{symbol, `{"uniq":true}`, []fault.Detail{unknownAt(`true`, at("uniq")...)}},

		{symbol, `{"size":{"min":1,"max":2}}`, nil},
		{`"type":"Object"`, `{"size":{"max":2}}`, nil},
		{rich, `{"size":{"max":2}}`, nil},
		{`"type":"Array","items":{"type":"Symbol"}`, `{"size":{"max":2}}`, nil},
		{symbol, `{"size":5}`, []fault.Detail{typeAt("size", "Object", `5`, at("size")...)}},
		{symbol, `{"size":{"min":-1,"max":1.5,"x":0}}`, []fault.Detail{unknownAt(`0`, at("size", "x")...),
			typeAt("min", "Integer", `-1`, at("size", "min")...), typeAt("max", "Integer", `1.5`, at("size", "max")...)}},
		{`"type":"Date"`, `{"size":{"max":2}}`, []fault.Detail{misplacedAt("size", "Date", at("size")...)}},

		{`"type":"Number"`, `{"range":{"min":-1.5,"max":null}}`, nil},
		{`"type":"Integer"`, `{"range":{"min":"1"}}`, []fault.Detail{typeAt("min", "Number", `"1"`, at("range", "min")...)}},
		{symbol, `{"range":{}}`, []fault.Detail{misplacedAt("range", "Symbol", at("range")...)}},

		{symbol, `{"in":["a"]}`, nil},
		{`"type":"Integer"`, `{"in":[1]}`, nil},
		{symbol, `{"in":"a"}`, []fault.Detail{typeAt("in", "Array", `"a"`, at("in")...)}},
		{symbol, `{"in":["a",1]}`, []fault.Detail{typeAt("1", "Symbol", `1`, at("in", 1)...)}},
		{`"type":"Number"`, `{"in":["a"]}`, []fault.Detail{typeAt("0", "Number", `"a"`, at("in", 0)...)}},
		{`"type":"Boolean"`, `{"in":[true]}`, []fault.Detail{misplacedAt("in", "Boolean", at("in")...)}},

		{symbol, `{"regexp":{"pattern":"^(?=a)\\u0061","flags":"im"}}`, nil},
		{`"type":"Text"`, `{"prohibitRegexp":{"pattern":"(bad)","flags":null}}`, nil},
		{symbol, `{"regexp":"a"}`, []fault.Detail{typeAt("regexp", "Object", `"a"`, at("regexp")...)}},
		{symbol, `{"regexp":{}}`, []fault.Detail{requiredAt("pattern", at("regexp", "pattern")...)}},
		{symbol, `{"regexp":{"pattern":1,"x":2}}`, []fault.Detail{unknownAt(`2`, at("regexp", "x")...), typeAt("pattern", "String", `1`, at("regexp", "pattern")...)}},
		{symbol, `{"regexp":{"pattern":"a","flags":1}}`, []fault.Detail{typeAt("flags", "String", `1`, at("regexp", "flags")...)}},
		{symbol, `{"regexp":{"pattern":"a","flags":"ii"}}`, []fault.Detail{{Name: "regexp", Value: raw(`"ii"`), Path: at("regexp", "flags"), Details: "Invalid regular expression: flag 'i' is given twice"}}},
		{symbol, `{"prohibitRegexp":{"pattern":"a)(b","flags":"y"}}`, []fault.Detail{{Name: "regexp", Value: raw(`"a)(b"`), Path: at("prohibitRegexp", "pattern"), Details: "Invalid regular expression: error parsing regexp: unexpected ) in `a)(b`"}}},
		{`"type":"Date"`, `{"regexp":{"pattern":"a"}}`, []fault.Detail{misplacedAt("regexp", "Date", at("regexp")...)}},

		{symbol, `{"unique":true}`, nil},
		{`"type":"Integer"`, `{"unique":"yes"}`, []fault.Detail{typeAt("unique", "Boolean", `"yes"`, at("unique")...)}},
		{`"type":"Text"`, `{"unique":true}`, []fault.Detail{misplacedAt("unique", "Text", at("unique")...)}},

		{`"type":"Date"`, `{"dateRange":{"min":"2017-05-01","max":"2020-05-01T10:00Z"}}`, nil},
		{`"type":"Date"`, `{"dateRange":{"after":"2017-05-01","before":null}}`, nil},
		{`"type":"Date"`, `{"dateRange":{"min":2017,"before":"soon","x":1}}`, []fault.Detail{unknownAt(`1`, at("dateRange", "x")...),
			typeAt("before", "Date", `"soon"`, at("dateRange", "before")...), typeAt("min", "Date", `2017`, at("dateRange", "min")...)}},
		{`"type":"Date"`, `{"dateRange":[]}`, []fault.Detail{typeAt("dateRange", "Object", `[]`, at("dateRange")...)}},
		{symbol, `{"dateRange":{}}`, []fault.Detail{misplacedAt("dateRange", "Symbol", at("dateRange")...)}},

		{entry, `{"linkContentType":["post"]}`, nil},
		{entry, `{"linkContentType":"post"}`, nil},
		{entry, `{"linkContentType":[1]}`, []fault.Detail{typeAt("0", "String", `1`, at("linkContentType", 0)...)}},
		{entry, `{"linkContentType":{}}`, []fault.Detail{typeAt("linkContentType", "Array", `{}`, at("linkContentType")...)}},
		{asset, `{"linkContentType":["post"]}`, []fault.Detail{misplacedAt("linkContentType", "Link", at("linkContentType")...)}},
		{`"type":"Array","items":{` + entry + `}`, `{"linkContentType":["post"]}`, []fault.Detail{misplacedAt("linkContentType", "Array", at("linkContentType")...)}},

		{asset, `{"linkMimetypeGroup":["image","code"]}`, nil},
		{asset, `{"linkMimetypeGroup":"image"}`, nil},
		{asset, `{"linkMimetypeGroup":"images"}`, []fault.Detail{inAt(`"images"`, groups, at("linkMimetypeGroup")...)}},
		{asset, `{"linkMimetypeGroup":["images"]}`, []fault.Detail{inAt(`"images"`, groups, at("linkMimetypeGroup", 0)...)}},
		{entry, `{"linkMimetypeGroup":["image"]}`, []fault.Detail{misplacedAt("linkMimetypeGroup", "Link", at("linkMimetypeGroup")...)}},

		{asset, `{"assetImageDimensions":{"width":{"min":100,"max":1000},"height":null}}`, nil},
		{asset, `{"assetImageDimensions":{"width":{"min":"1"},"height":2,"depth":3}}`, []fault.Detail{unknownAt(`3`, at("assetImageDimensions", "depth")...),
			typeAt("min", "Integer", `"1"`, at("assetImageDimensions", "width", "min")...), typeAt("height", "Object", `2`, at("assetImageDimensions", "height")...)}},
		{asset, `{"assetImageDimensions":1}`, []fault.Detail{typeAt("assetImageDimensions", "Object", `1`, at("assetImageDimensions")...)}},
		{entry, `{"assetImageDimensions":{}}`, []fault.Detail{misplacedAt("assetImageDimensions", "Link", at("assetImageDimensions")...)}},
		{asset, `{"assetFileSize":{"min":1048576,"max":8388608}}`, nil},
		{asset, `{"assetFileSize":{"max":"8 MB"}}`, []fault.Detail{typeAt("max", "Integer", `"8 MB"`, at("assetFileSize", "max")...)}},
		{entry, `{"assetFileSize":{}}`, []fault.Detail{misplacedAt("assetFileSize", "Link", at("assetFileSize")...)}},

		{rich, `{"enabledNodeTypes":["heading-1","table"]}`, nil},
		{rich, `{"enabledNodeTypes":["table-row"]}`, []fault.Detail{inAt(`"table-row"`, nodeTypes, at("enabledNodeTypes", 0)...)}},
		{symbol, `{"enabledNodeTypes":[]}`, []fault.Detail{misplacedAt("enabledNodeTypes", "Symbol", at("enabledNodeTypes")...)}},
		{rich, `{"enabledMarks":["bold"]}`, nil},
		{rich, `{"enabledMarks":["blink"]}`, []fault.Detail{inAt(`"blink"`, marks, at("enabledMarks", 0)...)}},
		{symbol, `{"enabledMarks":[]}`, []fault.Detail{misplacedAt("enabledMarks", "Symbol", at("enabledMarks")...)}},

		{rich, `{"nodes":{"embedded-entry-block":[{"size":{"max":1},"message":"m"},{"linkContentType":["a"]}],"asset-hyperlink":[],
			"embedded-resource-block":{"validations":[{"size":{"max":1}}],"allowedResources":[{"type":"Shop:Product"}]},"resource-hyperlink":{}}}`, nil},
		{rich, `{"nodes":[]}`, []fault.Detail{typeAt("nodes", "Object", `[]`, at("nodes")...)}},
		{rich, `{"nodes":{"hr":[]}}`, []fault.Detail{unknownAt(`[]`, at("nodes", "hr")...)}},
		{rich, `{"nodes":{"entry-hyperlink":{}}}`, []fault.Detail{typeAt("entry-hyperlink", "Array", `{}`, at("nodes", "entry-hyperlink")...)}},
		{rich, `{"nodes":{"asset-hyperlink":[{"linkContentType":["a"]},{},1,{"size":{"min":"a"},"message":2}]}}`, []fault.Detail{
			unknownAt(`["a"]`, at("nodes", "asset-hyperlink", 0, "linkContentType")...),
			{Name: "size", Min: raw("1"), Path: at("nodes", "asset-hyperlink", 1), Details: few.Details},
			typeAt("2", "Object", `1`, at("nodes", "asset-hyperlink", 2)...),
			typeAt("message", "String", `2`, at("nodes", "asset-hyperlink", 3, "message")...),
			typeAt("min", "Integer", `"a"`, at("nodes", "asset-hyperlink", 3, "size", "min")...)}},
		{rich, `{"nodes":{"embedded-resource-inline":[],"resource-hyperlink":{"validations":1,"allowedResources":2,"x":3}}}`, []fault.Detail{
			typeAt("embedded-resource-inline", "Object", `[]`, at("nodes", "embedded-resource-inline")...),
			unknownAt(`3`, at("nodes", "resource-hyperlink", "x")...),
			typeAt("allowedResources", "Array", `2`, at("nodes", "resource-hyperlink", "allowedResources")...),
			typeAt("validations", "Array", `1`, at("nodes", "resource-hyperlink", "validations")...)}},
		{symbol, `{"nodes":{}}`, []fault.Detail{misplacedAt("nodes", "Symbol", at("nodes")...)}},

		// what a wrong type may carry is not judged
		{`"type":"Link","linkType":"x"`, `{"linkContentType":["a"]}`, []fault.Detail{inAt(`"x"`, []any{"Asset", "Entry"}, "fields", 0, "linkType")}},
	}
	for _, tt := range tests {
		t.Run(tt.validation, func(t *testing.T) {
			t.Parallel()
			_, err := ContentType(raw(`{"name":"A","fields":[{"id":"f","name":"F",` + tt.field + `,"validations":[` + tt.validation + `]}]}`))
			checkError(t, err, fault.ValidationFailed, tt.want)
		})
	}
	// on the items of an array
	items := []struct {
		items, validation string
		want              []fault.Detail
	}{
		{symbol, `{"regexp":{"pattern":"a"}}`, nil},
		{entry, `{"linkContentType":["a"]}`, nil},
		{asset, `{"linkMimetypeGroup":["image"]}`, nil},
		{symbol, `{"unique":true}`, []fault.Detail{misplacedAt("unique", "Symbol", "fields", 0, "items", "validations", 0, "unique")}},
		{symbol, `{"range":{}}`, []fault.Detail{misplacedAt("range", "Symbol", "fields", 0, "items", "validations", 0, "range")}},
	}
	for _, tt := range items {
		t.Run("items "+tt.validation, func(t *testing.T) {
			t.Parallel()
			_, err := ContentType(raw(`{"name":"A","fields":[{"id":"f","name":"F","type":"Array","items":{` + tt.items + `,"validations":[` + tt.validation + `]}}]}`))
			checkError(t, err, fault.ValidationFailed, tt.want)
		})
	}
	t.Run("no list", func(t *testing.T) {
		t.Parallel()
		_, err := ContentType(raw(`{"name":"A","fields":[{"id":"f","name":"F","type":"Symbol","validations":{}},{"id":"g","name":"G","type":"Symbol","validations":null}]}`))
		checkError(t, err, fault.ValidationFailed, []fault.Detail{typeAt("validations", "Array", `{}`, "fields", 0, "validations")})
	})
}

// What ContentType accepts can be stored, read and asked for again, and works
// as the content type of an entry.
func FuzzContentType(f *testing.F) {
	for _, seed := range []string{
		`A`, `{"name":"A"}`, `{"name":"A","fields":[{"id":"a","name":"A","type":"Symbol","validations":[{"regexp":{"pattern":"a"}},{"size":{"min":1}}]}]}`,
		`{"name":"A","fields":[{"id":"a","name":"A","type":"RichText","validations":[{"nodes":{"entry-hyperlink":[{"size":{"max":1}}]}}]}]}`,
		`{"name":"A","metadata":{"taxonomy":[]},"fields":[{"id":"a","newId":"b","name":"A","type":"Array","items":{"type":"Link","linkType":"Entry","validations":[{"linkContentType":["x"]}]}}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		request, err := ContentType(b)
		if fault.Is(err, fault.BadRequest) && !json.Valid(b) {
			return
		}
		if err != nil {
			checkContract(t, fault.Of(err))
			return
		}
		ct, err := ContentTypeChange(request, nil, nil)
		if err != nil {
			t.Fatalf("a new content type refused: %v", err)
		}
		body, err := json.Marshal(ct)
		if err != nil {
			t.Fatal(err)
		}
		var stored cms.ContentType
		if err := json.Unmarshal(body, &stored); err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{}
		for _, field := range stored.Fields {
			if keys[field.Key] || field.Key == "" || field.Validations == nil || !cms.ValidFieldID(field.ID) {
				t.Errorf("field %+v", field)
			}
			keys[field.Key] = true
		}
		cms.NewEditorInterface(&stored)
		doc := &cms.Document{Fields: cms.Fields{}}
		for _, field := range stored.Fields {
			doc.Fields[field.Key] = map[string]json.RawMessage{"k-en": raw(`["a"]`), "k-de": raw(emptyDoc)}
		}
		if err := Publish(&stored, locales, doc, to(anything{})); err != nil {
			checkContract(t, fault.Of(err))
		}
	})
}
