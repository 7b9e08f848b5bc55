package cma

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
)

// An entity whose fields are put in later is the one that is encoded at once.
func TestEncodeEntity(t *testing.T) {
	t.Parallel()
	fields := cms.Fields{
		"a": {"en": json.RawMessage(`"\"fields\":null}"`), "de": json.RawMessage(`null`)},
		"b": {"en": json.RawMessage(`[]`)}, "c": {"en": json.RawMessage(`{"x":["<&>",1.50]}`)},
	}
	ct := &cms.ContentType{Fields: []cms.Field{
		{ID: "first", Key: "a", Type: cms.Symbol, Localized: true}, {ID: "second", Key: "b", Type: cms.Array}, {ID: "third", Key: "c", Type: cms.Object},
	}}
	locales := cms.Locales{{Code: "en-US", Key: "en", Default: true, Management: true}, {Code: "de", Key: "de", Management: true}}
	entry := cms.Sys{Kind: cms.KindEntry, ID: "e", ContentType: "t", Version: 3, CreatedAt: time.Unix(1, 0), CreatedBy: "u"}
	for _, e := range []authoring.Entity{
		{Sys: entry, Type: ct, Locales: locales, Document: &cms.Document{Fields: fields}},
		{Sys: entry, Type: ct, Locales: locales, Document: &cms.Document{Fields: fields}, PublishedDocument: &cms.Document{}, Release: "r"},
		{Sys: entry, Type: &cms.ContentType{}, Document: &cms.Document{Metadata: cms.Metadata{Tags: []string{"a<b"}}}},
		{Sys: cms.Sys{Kind: cms.KindAsset, ID: "a"}, Type: cms.AssetType, Locales: locales, Document: &cms.Document{Fields: cms.Fields{
			cms.AssetFile: {"en": json.RawMessage(`{"url":"/s/a/t/a.png","contentType":"image/png","fileName":"a&b.png"}`)},
		}}},
	} {
		p := access.Place{SpaceID: "s", EnvironmentID: "master"}
		want, err := encode(entityAt(p, "http://files", e))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := encodeEntity(p, "http://files", e); err != nil || string(got) != string(want) {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}
