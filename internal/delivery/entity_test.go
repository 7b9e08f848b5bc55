package delivery_test

import (
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// post is a content type with a field of each sort that is treated differently.
var post = cms.ContentType{Name: "Post", Fields: []cms.Field{
	{ID: "title", Type: cms.Symbol, Localized: true},
	{ID: "data", Type: cms.Object},
	{ID: "secret", Type: cms.Symbol, Omitted: true},
	{ID: "old", Type: cms.Symbol, Disabled: true},
	{ID: "nothing", Type: cms.Symbol, Localized: true},
}}

func TestEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Tag("pub", cms.TagPublic)
	w.Tag("priv", cms.TagPrivate)
	w.Entry("e1", "post", `{
		"nothing":{"en-US":null,"de":"nicht nichts"}, "old":{"en-US":"x"}, "secret":{"en-US":"x"}, "gone":{"en-US":"x"},
		"title":{"en-US":"<First> \u00fc"}, "data":{"en-US":{"b":1.50,"a":[1e3,"\/"]}}}`, "priv", "pub")
	w.Publish(cms.KindEntry, "e1")
	w.Entry("e1", "post", `{"title":{"en-US":"Second"}}`, "priv")
	w.Entry("e2", "post", `{}`)

	sameJSON(t, "published", `{
		"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"pub"}}],"concepts":[]},
		"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"e1","type":"Entry",
			"createdAt":"2026-01-01T00:00:10.000Z","updatedAt":"2026-01-01T00:00:10.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
			"publishedVersion":1,"revision":1,
			"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}},"locale":"en-US"},
		"fields":{"title":"<First> \u00fc","data":{"b":1.50,"a":[1e3,"\/"]},"old":"x","nothing":null}}`,
		w.get(entry, delivered, "e1", ""))
	sameJSON(t, "changed since", `{
		"metadata":{"tags":[],"concepts":[]},
		"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"e1","type":"Entry",
			"createdAt":"2026-01-01T00:00:09.000Z","updatedAt":"2026-01-01T00:00:11.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
			"publishedVersion":1,"revision":1,
			"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}},"locale":"en-US"},
		"fields":{"title":"Second"}}`,
		w.get(entry, preview, "e1", ""))
	sameJSON(t, "never published", `{
		"metadata":{"tags":[],"concepts":[]},
		"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"e2","type":"Entry",
			"createdAt":"2026-01-01T00:00:12.000Z","updatedAt":"2026-01-01T00:00:12.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
			"revision":0,
			"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}},"locale":"en-US"},
		"fields":{}}`,
		w.get(entry, preview, "e2", ""))
}

func TestEntryInLocales(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	english := "en-US"
	w.Locale("l4", cms.Locale{Name: "Hidden", Code: "xx", FallbackCode: &english, Management: true})
	w.Entry("e1", "post", `{
		"title":{"en-US":"E","de":"D","xx":"X"}, "data":{"en-US":1}, "old":{"de":"no longer localized"},
		"nothing":{"en-US":"N","de":null}}`)
	w.Publish(cms.KindEntry, "e1")
	sys := func(locale string) string {
		return `{"metadata":{"tags":[],"concepts":[]},"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"e1","type":"Entry",
			"createdAt":"2026-01-01T00:00:09.000Z","updatedAt":"2026-01-01T00:00:09.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},"publishedVersion":1,"revision":1,
			"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}}` + locale + `},"fields":`
	}
	for params, want := range map[string]string{
		"":             sys(`,"locale":"en-US"`) + `{"title":"E","data":1,"nothing":"N"}}`,
		"locale=en-US": sys(`,"locale":"en-US"`) + `{"title":"E","data":1,"nothing":"N"}}`,
		"locale=de":    sys(`,"locale":"de"`) + `{"title":"D","data":1,"nothing":null}}`,
		"locale=fr":    sys(`,"locale":"fr"`) + `{"data":1}}`,
		"locale=*":     sys(``) + `{"title":{"en-US":"E","de":"D"},"data":{"en-US":1},"nothing":{"en-US":"N","de":null}}}`,
	} {
		sameJSON(t, params, want, w.get(entry, delivered, "e1", params))
	}
	for _, code := range []string{"xx", "zz"} {
		_, err := w.s.Entry(t.Context(), w.request(delivered, "locale="+code), "e1")
		wantFault(t, code, fault.New(fault.BadRequest, "Unknown locale: %s", code), err)
	}
}

func TestMissingEntities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Entry("draft", "post", `{}`)
	w.Entry("archived", "post", `{}`)
	w.Archive(cms.KindEntry, "archived")
	w.Entry("deleted", "post", `{}`)
	w.Publish(cms.KindEntry, "deleted")
	w.get(entry, delivered, "deleted", "")
	w.Unpublish(cms.KindEntry, "deleted")
	w.Delete(cms.KindEntry, "deleted")
	for _, id := range []string{"draft", "archived", "deleted", "never"} {
		_, err := w.s.Entry(t.Context(), w.request(delivered, ""), id)
		wantFault(t, "delivery "+id, fault.Missing("Entry", id, "master", "s"), err)
		if id == "draft" {
			continue
		}
		_, err = w.s.Entry(t.Context(), w.request(preview, ""), id)
		wantFault(t, "preview "+id, fault.Missing("Entry", id, "master", "s"), err)
	}
	_, err := w.s.Asset(t.Context(), w.request(preview, ""), "draft")
	wantFault(t, "an entry is no asset", fault.Missing("Asset", "draft", "master", "s"), err)

	gone := w.request(delivered, "")
	gone.Place.Environment = 4711
	_, err = w.s.Entries(t.Context(), gone)
	wantFault(t, "environment", fault.Missing("Environment", "master", "", "s"), err)
}

func TestSelectOnSingleResources(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Entry("e1", "post", `{}`)
	_, err := w.s.Entry(t.Context(), w.request(preview, "select=sys"), "e1")
	wantFault(t, "select", fault.Invalid(fault.InvalidQuery, fault.Detail{
		Name: "select", Path: []any{"select"}, Details: "Select is only applicable when querying a collection of entities.",
	}), err)
}

func TestAsset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/files/s/a1/0123456789abcdef0123456789abcdef/p.png"
	w.Asset("a1", `{
		"description":{"en-US":""}, "title":{"en-US":"Picture","de":"Bild"},
		"file":{"en-US":{"contentType":"image/png","fileName":"p.png","url":"`+path+`","details":{"size":7,"image":{"width":3,"height":2}}}}}`)
	w.Publish(cms.KindAsset, "a1")
	w.Asset("a2", `{"file":{"en-US":{"contentType":"image/png","fileName":"p.png","upload":"https://x.example/p.png"}}}`)
	sys := func(id, created, revision, locale string) string {
		return `{"metadata":{"tags":[],"concepts":[]},"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"` + id + `","type":"Asset",
			"createdAt":"2026-01-01T00:00:` + created + `.000Z","updatedAt":"2026-01-01T00:00:` + created + `.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},` + revision + locale + `},"fields":`
	}
	file := `{"url":"https://files.example` + path + `","details":{"size":7,"image":{"width":3,"height":2}},"fileName":"p.png","contentType":"image/png"}`
	sameJSON(t, "published", sys("a1", "06", `"publishedVersion":1,"revision":1`, `,"locale":"de"`)+
		`{"title":"Bild","description":"","file":`+file+`}}`,
		w.get(asset, delivered, "a1", "locale=de"))
	sameJSON(t, "all locales", sys("a1", "06", `"publishedVersion":1,"revision":1`, ``)+
		`{"title":{"en-US":"Picture","de":"Bild"},"description":{"en-US":""},"file":{"en-US":`+file+`}}}`,
		w.get(asset, delivered, "a1", "locale=*"))
	sameJSON(t, "not processed", sys("a2", "07", `"revision":0`, `,"locale":"en-US"`)+
		`{"file":{"upload":"https://x.example/p.png","fileName":"p.png","contentType":"image/png"}}}`,
		w.get(asset, preview, "a2", ""))

	sameJSON(t, "collection", `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":100,"items":[`+
		w.get(asset, delivered, "a1", "")+`]}`, w.list(assets, delivered, ""))
	sameJSON(t, "filtered", `{"sys":{"type":"Array"},"total":0,"skip":0,"limit":5,"items":[]}`,
		w.list(assets, delivered, "mimetype_group=video&limit=5"))
}
