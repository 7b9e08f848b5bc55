package validate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

func TestAsset(t *testing.T) {
	t.Parallel()
	at := func(way ...any) []any { return append([]any{"fields", "file", "en-US"}, way...) }
	upload := `{"sys":{"type":"Link","linkType":"Upload","id":"u1"}}`
	one := "A file has only one of upload, uploadFrom and url"
	tests := []struct {
		name, fields string
		stored       cms.Fields
		want         []fault.Detail
	}{
		{name: "nothing", fields: `{}`, stored: cms.Fields{}},
		{name: "empty fields are dropped", fields: `{"file":{},"description":{},"title":null}`, stored: cms.Fields{}},
		{name: "no file in a locale", fields: `{"file":{"en-US":null},"title":{"de":null}}`, stored: cms.Fields{"title": {"k-de": raw(`null`)}}},
		{name: "by URL", fields: `{"title":{"en-US":"A","de":"B"},"file":{"de":{"contentType":"image/png","fileName":"a.png","upload":"https://example.org/a.png"}}}`,
			stored: cms.Fields{"title": {"k-en": raw(`"A"`), "k-de": raw(`"B"`)},
				"file": {"k-de": raw(`{"contentType":"image/png","fileName":"a.png","upload":"https://example.org/a.png"}`)}}},
		{name: "by upload", fields: `{"file":{"en-US":{"fileName":"a.png","contentType":"image/png","uploadFrom":` + upload + `}}}`,
			stored: cms.Fields{"file": {"k-en": raw(`{"contentType":"image/png","fileName":"a.png","uploadFrom":` + upload + `}`)}}},
		{name: "put back", fields: `{"file":{"en-US":{"url":"//assets/a.png","details":{"size":10.0,"image":{"width":3,"height":4}},"contentType":"image/png","fileName":"a.png"}}}`,
			stored: cms.Fields{"file": {"k-en": raw(`{"contentType":"image/png","fileName":"a.png","url":"//assets/a.png","details":{"size":10,"image":{"width":3,"height":4}}}`)}}},
		{name: "unknown fields and locales", fields: `{"name":{"en-US":"x"},"title":{"pl":"p"},"file":{"xx":{}}}`, want: []fault.Detail{
			unknownAt(`{"en-US":"x"}`, "fields", "name"),
			strayAt(`"p"`, "fields", "title", "pl"), strayAt(`{}`, "fields", "file", "xx")}},
		{name: "types", fields: `{"title":{"en-US":1},"description":"d","file":{"en-US":"a.png"}}`, want: []fault.Detail{
			formProblem("Symbol", `1`, "fields", "title", "en-US"), formProblem("Object", `"d"`, "fields", "description"),
			typeAt("en-US", "Object", `"a.png"`, at()...)}},
		{name: "lengths", fields: `{"title":{"en-US":` + long(MaxSymbol+1) + `},"file":{"en-US":{"contentType":"a/b","fileName":` + long(MaxSymbol+1) + `,"upload":"u"}}}`, want: []fault.Detail{
			formProblem("Symbol", long(MaxSymbol+1), "fields", "title", "en-US"),
			{Name: "size", Max: raw("256"), Value: raw(long(MaxSymbol + 1)), Path: at("fileName"), Details: "Size must be at most 256"}}},
		{name: "file without anything", fields: `{"file":{"en-US":{}}}`, want: []fault.Detail{
			requiredAt("contentType", at("contentType")...), requiredAt("fileName", at("fileName")...), requiredAt("upload", at("upload")...)}},
		{name: "file with everything", fields: `{"file":{"en-US":{"contentType":1,"fileName":null,"upload":2,"uploadFrom":` + entryLink + `,"url":3,"details":[],"x":4}}}`, want: []fault.Detail{
			unknownAt(`4`, at("x")...),
			typeAt("contentType", "String", `1`, at("contentType")...), typeAt("fileName", "String", `null`, at("fileName")...),
			{Name: "unexpected", Path: at("uploadFrom"), Details: one}, {Name: "unexpected", Path: at("url"), Details: one},
			typeAt("upload", "String", `2`, at("upload")...), typeAt("url", "String", `3`, at("url")...),
			typeAt("uploadFrom", "Link", entryLink, at("uploadFrom")...), typeAt("details", "Object", `[]`, at("details")...)}},
		{name: "details", fields: `{"file":{"en-US":{"contentType":"a/b","fileName":"a","url":"u","details":{"size":-1,"image":{"width":1.5,"depth":2},"x":3}}}}`, want: []fault.Detail{
			unknownAt(`3`, at("details", "x")...), typeAt("size", "Integer", `-1`, at("details", "size")...),
			unknownAt(`2`, at("details", "image", "depth")...), typeAt("width", "Integer", `1.5`, at("details", "image", "width")...),
			requiredAt("height", at("details", "image", "height")...)}},
		{name: "more details", fields: `{"file":{"en-US":{"contentType":"a/b","fileName":"a","url":"u","details":{"image":7}}}}`, want: []fault.Detail{
			requiredAt("size", at("details", "size")...), typeAt("image", "Object", `7`, at("details", "image")...)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Asset(locales, members(t, tt.fields))
			checkError(t, err, fault.ValidationFailed, tt.want)
			if diff := cmp.Diff(tt.stored, got); diff != "" {
				t.Errorf("stored, -want +got\n%s", diff)
			}
		})
	}
}

// strayAt is the problem of a value below what is no locale, the last of at.
func strayAt(value string, at ...any) fault.Detail {
	d := unknownAt(value, at...)
	d.Details += ` The values of a field stand below the codes of their locales, such as "en-US", "de" or "fr".`
	return d
}

func TestAssetPublish(t *testing.T) {
	t.Parallel()
	at := func(locale string) []any { return []any{"fields", "file", locale, "url"} }
	none := []fault.Detail{{Name: "required", Path: []any{"fields", "file"}, Details: "The asset has no files"}}
	tests := []struct {
		name, doc string
		want      []fault.Detail
	}{
		{"processed", `{"file":{"k-en":{"url":"own/a"},"k-de":{"url":"own/b"}}}`, nil},
		{"nothing", `{}`, none},
		{"a title is no file", `{"title":{"k-en":"a"},"file":{"k-en":null,"k-gone":{"url":"own/a"}}}`, none},
		{"not processed", `{"file":{"k-en":{"url":"own/a"},"k-de":{"upload":"https://example.org/b"}}}`, []fault.Detail{
			{Name: "required", Path: at("de"), Details: `The property "url" is required here. The file is not processed: PUT …/files/de/process starts that, and the file gets its url some time after. ` +
				"Where it gets none, processing has failed, and the log of the server says why."}}},
		{"elsewhere", `{"file":{"k-en":{"url":"https://cdn.example.org/a"},"k-fr":{"uploadFrom":null}}}`, []fault.Detail{
			{Name: "hasHostname", Value: raw(`"https://cdn.example.org/a"`), Path: at("en-US"), Details: "The file is not on an asset host of this server"},
			requiredAt("url", at("fr")...)}},
		{"broken", `{"file":{"k-en":"a"}}`, []fault.Detail{typeProblem("Object", `"a"`, "fields", "file", "en-US")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := AssetPublish(locales, locales, document(t, tt.doc), func(url string) bool { return strings.HasPrefix(url, "own/") })
			checkError(t, err, fault.ValidationFailed, tt.want)
		})
	}
}
