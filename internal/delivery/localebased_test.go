package delivery_test

import (
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/fault"
)

// localeBased makes requests for published locales only.
func localeBased(w *world) (list func(read collectionOf, stage cms.Stage, params string) string, get func(read resourceOf, id, params string) (string, error)) {
	request := func(stage cms.Stage, params string) delivery.Request {
		r := w.request(stage, params)
		r.LocaleBased = true
		return r
	}
	list = func(read collectionOf, stage cms.Stage, params string) string {
		w.t.Helper()
		a, err := read(w.s, w.t.Context(), request(stage, params))
		if err != nil {
			w.t.Fatalf("%s: %v", params, err)
		}
		return string(a.Body.Bytes())
	}
	get = func(read resourceOf, id, params string) (string, error) {
		a, err := read(w.s, w.t.Context(), request(delivered, params), id)
		if err != nil {
			return "", err
		}
		return string(a.Body.Bytes()), nil
	}
	return list, get
}

// inLocales has entries and assets that are published in some locales: what comes
// first in their ids says which.
func inLocales(w *world) {
	w.t.Helper()
	w.Type("post", cms.ContentType{Fields: []cms.Field{
		{ID: "title", Type: cms.Symbol, Localized: true}, {ID: "plain", Type: cms.Symbol},
		{ID: "next", Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink, LinkType: "Entry"}, Localized: true},
		{ID: "picture", Type: cms.TypeLink, LinkType: "Asset", Localized: true},
	}})
	links := `"next":{"en-US":` + list(linkTo("Entry", "de-1"), linkTo("Entry", "en-1"), linkTo("Entry", "all-1")) + `},"picture":{"en-US":` + linkTo("Asset", "de-a") + `}`
	fields := `{"title":{"en-US":"E","de":"D"},"plain":{"en-US":"P"},` + links + `}`
	for _, e := range []struct {
		id  string
		add []string
	}{{"all-1", []string{"en-US", "de", "fr"}}, {"de-1", []string{"de"}}, {"en-1", []string{"en-US"}}} {
		w.Entry(e.id, "post", fields)
		w.PublishIn(cms.KindEntry, e.id, e.add, nil)
	}
	w.Asset("de-a", `{"title":{"en-US":"E","de":"D"}}`)
	w.PublishIn(cms.KindAsset, "de-a", []string{"de"}, nil)
}

// Without being asked, delivery shows what is published in any locale, in every
// locale, with the values that are published.
func TestPublishedInSomeLocales(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inLocales(w)
	for params, want := range map[string]string{
		"":          "items en-1 de-1 all-1; entries; assets de-a; errors",
		"locale=de": "items en-1 de-1 all-1; entries; assets de-a; errors",
		"locale=fr": "items en-1 de-1 all-1; entries; assets; errors",
		"locale=de&content_type=post&fields.title=D":  "items de-1 all-1; entries en-1; assets de-a; errors",
		"content_type=post&fields.title[exists]=true": "items en-1 all-1; entries de-1; assets de-a; errors",
		"content_type=post&fields.plain=P&locale=de":  "items en-1 all-1; entries de-1; assets de-a; errors",
	} {
		if got := outline(t, w.list(entries, delivered, params)); got != want {
			t.Errorf("%s: %s, want %s", params, got, want)
		}
	}
	for params, fields := range map[string]string{
		"select=fields&sys.id=de-1":                                                `{}`,
		"select=fields&sys.id=de-1&locale=de":                                      `{"title":"D"}`,
		"select=fields&sys.id=de-1&locale=*":                                       `{"title":{"de":"D"}}`,
		"select=fields.title,fields.plain&content_type=post&sys.id=en-1&locale=de": `{"title":"E","plain":"P"}`,
		"select=fields.title,fields.plain&content_type=post&sys.id=en-1&locale=*":  `{"title":{"en-US":"E"},"plain":{"en-US":"P"}}`,
		"select=fields.title,fields.plain&content_type=post&sys.id=en-1&locale=fr": `{"plain":"P"}`,
	} {
		sameJSON(t, params, `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":100,"items":[{"fields":`+fields+`}]}`, w.list(entries, delivered, params+"&include=0"))
	}
	if got := outline(t, w.list(entries, preview, "locale=fr")); got != "items en-1 de-1 all-1; entries; assets; errors" {
		t.Errorf("drafts: %s", got)
	}
}

// Who asks for it gets nothing that is not published in the locale: neither by a
// value it would take from a fallback, nor by a link, nor by a search for what it
// links to.
func TestLocaleBased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inLocales(w)
	list, get := localeBased(w)
	for params, want := range map[string]string{
		"":                    "items en-1 all-1; entries; assets; errors Entry/de-1 Asset/de-a",
		"locale=en-US":        "items en-1 all-1; entries; assets; errors Entry/de-1 Asset/de-a",
		"locale=de":           "items de-1 all-1; entries; assets de-a; errors Entry/en-1",
		"locale=fr":           "items all-1; entries; assets; errors",
		"locale=*":            "items en-1 de-1 all-1; entries; assets de-a; errors",
		"locale=de&limit=1":   "items de-1; entries; assets; errors",
		"locale=de&include=0": "items de-1 all-1; entries; assets; errors",
		"sys.id=de-1":         "items; entries; assets; errors",
		"content_type=post&fields.next.sys.contentType.sys.id=post&fields.next.fields.plain=P":              "items en-1 all-1; entries; assets; errors Entry/de-1 Asset/de-a",
		"content_type=post&fields.next.sys.contentType.sys.id=post&fields.next.sys.id=en-1":                 "items en-1 all-1; entries; assets; errors Entry/de-1 Asset/de-a",
		"content_type=post&fields.next.sys.contentType.sys.id=post&fields.next.fields.title[exists]=false":  "items; entries; assets; errors",
		"content_type=post&fields.next.sys.contentType.sys.id=post&fields.next.fields.plain=P&order=sys.id": "items all-1 en-1; entries; assets; errors Entry/de-1 Asset/de-a",
		"content_type=post&links_to_asset=de-a":                                                             "items en-1 all-1; entries; assets; errors Entry/de-1 Asset/de-a",
	} {
		if got := outline(t, list(entries, delivered, params)); got != want {
			t.Errorf("%s: %s, want %s", params, got, want)
		}
	}
	if got, want := list(entries, preview, ""), w.list(entries, preview, ""); got != want {
		t.Errorf("drafts differ: %s", got)
	}
	if got := outline(t, list(assets, delivered, "")) + ", " + outline(t, list(assets, delivered, "locale=de")); got != "items; entries; assets; errors, items de-a; entries; assets; errors" {
		t.Errorf("assets: %s", got)
	}
	if got, want := list(contentTypes, delivered, ""), w.list(contentTypes, delivered, ""); got != want {
		t.Errorf("content types differ: %s", got)
	}

	german, err := get(entry, "de-1", "locale=de")
	if err != nil || german != w.get(entry, delivered, "de-1", "locale=de") {
		t.Errorf("published: %s, %v", german, err)
	}
	_, err = get(entry, "de-1", "")
	wantFault(t, "not published", fault.Missing("Entry", "de-1", "master", "s"), err)
	_, err = get(asset, "de-a", "locale=fr")
	wantFault(t, "not published", fault.Missing("Asset", "de-a", "master", "s"), err)
	// a fallback fills what is published, and does not make anything visible
	w.Entry("de-2", "post", `{"title":{"en-US":"E"}}`)
	w.PublishIn(cms.KindEntry, "de-2", []string{"de", "en-US"}, nil)
	if got, err := get(entry, "de-2", "locale=de"); err != nil || got != w.get(entry, delivered, "de-2", "locale=de") {
		t.Errorf("filled from a fallback: %s, %v", got, err)
	}
	w.PublishIn(cms.KindEntry, "de-2", nil, []string{"de"})
	_, err = get(entry, "de-2", "locale=de")
	wantFault(t, "not published any more", fault.Missing("Entry", "de-2", "master", "s"), err)

	// a locale that nobody has is no locale to show anything in, nor is one that is hidden
	w.Locale("l3", cms.Locale{Name: "French", Code: "fr", Key: "key:fr", Management: true})
	w.Entry("fr-1", "post", `{"title":{"fr":"F"}}`)
	w.PublishIn(cms.KindEntry, "fr-1", []string{"fr"}, nil)
	_, err = get(entry, "fr-1", "locale=*")
	wantFault(t, "published in a hidden locale", fault.Missing("Entry", "fr-1", "master", "s"), err)
	if got := outline(t, list(entries, delivered, "locale=*")); got != "items de-2 en-1 de-1 all-1; entries; assets de-a; errors" {
		t.Errorf("with one in a hidden locale: %s", got)
	}

	// bodies that were written before locales were told apart are for all of them
	w.Entry("old", "post", `{}`)
	w.Publish(cms.KindEntry, "old")
	if _, err := get(entry, "old", "locale=de"); err != nil {
		t.Error(err)
	}
	if got := outline(t, list(entries, delivered, "sys.id=old")); got != "items old; entries; assets; errors" {
		t.Errorf("old: %s", got)
	}
}

// The answers of both kinds have different ETags, and a client that has one is not
// told that it has the other.
func TestLocaleBasedETag(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inLocales(w)
	plain := w.request(delivered, "locale=de")
	based := plain
	based.LocaleBased = true
	a, err := w.s.Entries(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	based.Known = func(etag string) bool { return etag == a.ETag }
	b, err := w.s.Entries(t.Context(), based)
	if err != nil || b.Body == nil || b.ETag == a.ETag {
		t.Errorf("%v, %s and %s", err, a.ETag, b.ETag)
	}
	drafts := w.request(preview, "locale=de")
	if a, err = w.s.Entries(t.Context(), drafts); err != nil {
		t.Fatal(err)
	}
	drafts.LocaleBased = true
	if b, err = w.s.Entries(t.Context(), drafts); err != nil || a.ETag != b.ETag {
		t.Errorf("%v, %s and %s of drafts", err, a.ETag, b.ETag)
	}
}

// Entries of other spaces are held to the same.
func TestLocaleBasedFar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	urn := func(id string) string {
		return `{"sys":{"type":"ResourceLink","linkType":"Contentful:Entry","urn":"crn:contentful:::content:spaces/far/entries/` + id + `"}}`
	}
	w.Type("far", cms.ContentType{Fields: []cms.Field{{ID: "to", Type: cms.Array, Items: &cms.Items{Type: cms.ResourceLink}}}})
	w.Entry("from", "far", `{"to":{"en-US":`+list(urn("de-1"), urn("en-1"))+`}}`)
	w.Publish(cms.KindEntry, "from")
	there := w.Copy("there")
	away := &world{&deliverytest.World{}, t, w.s}
	*away.World = *w.World
	away.Place = there
	inLocales(away)
	for _, based := range []bool{false, true} {
		r := w.request(delivered, "sys.id=from")
		r.LocaleBased = based
		r.Far = func(string, string) (access.Place, bool, error) { return there, true, nil }
		a, err := w.s.Entries(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		want := "items from; entries de-1 en-1; assets; errors"
		if based {
			want = "items from; entries en-1; assets; errors Contentful:Entry/"
		}
		if got := outline(t, string(a.Body.Bytes())); got != want {
			t.Errorf("locale-based %v: %q, want %q", based, got, want)
		}
	}
}
