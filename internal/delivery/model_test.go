package delivery_test

import (
	"encoding/json"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

func TestContentTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	display, about := "title", "About"
	rule := func(s string) cms.Validation {
		var v cms.Validation
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	w.Type("post", cms.ContentType{Name: "Post", Description: &about, DisplayField: &display, Fields: []cms.Field{
		{ID: "title", Type: cms.Symbol, Localized: true, Required: true, Validations: []cms.Validation{rule(`{"unique":true}`)},
			DefaultValue: []byte(`{"en-US":"x"}`)},
		{ID: "author", Type: cms.TypeLink, LinkType: "Entry", Disabled: true, Omitted: true},
		{ID: "tags", Type: cms.Array, Items: &cms.Items{Type: cms.Symbol}},
		{ID: "related", Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink, LinkType: "Entry",
			Validations: []cms.Validation{rule(`{"message":"No <i>","linkContentType":["post"]}`)}}},
		{ID: "remote", Type: cms.ResourceLink, AllowedResources: []byte(`[{"type":"Contentful:Entry"}]`)},
	}})
	w.Type("empty", cms.ContentType{Name: "Empty"})
	w.Type("gone", cms.ContentType{Name: "Gone"})
	w.Unpublish(cms.KindContentType, "gone")
	sys := func(id, at string) string {
		return `"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"` + id + `","type":"ContentType",
			"createdAt":"2026-01-01T00:00:` + at + `.000Z","updatedAt":"2026-01-01T00:00:` + at + `.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},"revision":1}`
	}
	post := `{` + sys("post", "06") + `,"displayField":"title","name":"Post","description":"About","fields":[
		{"id":"title","name":"Field title","type":"Symbol","localized":true,"required":true,"disabled":false,"omitted":false},
		{"id":"author","name":"Field author","type":"Link","localized":false,"required":false,"disabled":true,"omitted":true,"linkType":"Entry"},
		{"id":"tags","name":"Field tags","type":"Array","localized":false,"required":false,"disabled":false,"omitted":false,"items":{"type":"Symbol","validations":[]}},
		{"id":"related","name":"Field related","type":"Array","localized":false,"required":false,"disabled":false,"omitted":false,
			"items":{"type":"Link","linkType":"Entry","validations":[{"linkContentType":["post"],"message":"No <i>"}]}},
		{"id":"remote","name":"Field remote","type":"ResourceLink","localized":false,"required":false,"disabled":false,"omitted":false,
			"allowedResources":[{"type":"Contentful:Entry"}]}]}`
	empty := `{` + sys("empty", "08") + `,"displayField":null,"name":"Empty","description":null,"fields":[]}`
	for _, stage := range []cms.Stage{delivered, preview} {
		sameJSON(t, "one", post, w.get(contentType, stage, "post", ""))
		sameJSON(t, "all", `{"sys":{"type":"Array"},"total":2,"skip":0,"limit":100,"items":[`+post+`,`+empty+`]}`,
			w.list(contentTypes, stage, "order=-sys.id"))
		sameJSON(t, "by name", `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":100,"items":[`+empty+`]}`,
			w.list(contentTypes, stage, "name=Empty"))
		sameJSON(t, "selected", `{"sys":{"type":"Array"},"total":2,"skip":0,"limit":100,"items":[
			{"sys":{"id":"post","revision":1},"name":"Post"},{"sys":{"id":"empty","revision":1},"name":"Empty"}]}`,
			w.list(contentTypes, stage, "order=-sys.id&select[0]=sys.id&select[1]=name,sys.revision"))
		sameJSON(t, "fields only", `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":100,"items":[{"displayField":null,"description":null,"fields":[]}]}`,
			w.list(contentTypes, stage, "sys.id=empty&select=fields,displayField,description"))
		sameJSON(t, "sys only", `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":100,"items":[{`+sys("empty", "08")+`}]}`,
			w.list(contentTypes, stage, "sys.id=empty&select=sys"))
		_, err := w.s.ContentType(t.Context(), w.request(stage, ""), "gone")
		wantFault(t, "unpublished", fault.Missing("ContentType", "gone", "master", "s"), err)
	}
}

func TestLocales(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Locale("l25", cms.Locale{Name: "Hidden", Code: "xx", Management: true})
	const (
		l1 = `{"code":"en-US","name":"English","default":true,"fallbackCode":null,"sys":{"id":"l1","type":"Locale","version":1}}`
		l2 = `{"code":"de","name":"German","default":false,"fallbackCode":"en-US","sys":{"id":"l2","type":"Locale","version":1}}`
		l3 = `{"code":"fr","name":"French","default":false,"fallbackCode":null,"sys":{"id":"l3","type":"Locale","version":1}}`
	)
	sameJSON(t, "all", `{"sys":{"type":"Array"},"total":3,"skip":0,"limit":1000,"items":[`+l1+`,`+l2+`,`+l3+`]}`, w.list(locales, delivered, ""))
	sameJSON(t, "page", `{"sys":{"type":"Array"},"total":3,"skip":2,"limit":1,"items":[`+l3+`]}`, w.list(locales, preview, "skip=2&limit=1"))
	sameJSON(t, "none", `{"sys":{"type":"Array"},"total":3,"skip":0,"limit":0,"items":[]}`, w.list(locales, preview, "limit=0"))
	sameJSON(t, "ordered", `{"sys":{"type":"Array"},"total":2,"skip":0,"limit":1000,"items":[`+l3+`,`+l2+`]}`, w.list(locales, delivered, "order=-sys.id&sys.id[ne]=l1"))
	sameJSON(t, "searched", `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":1000,"items":[`+l2+`]}`, w.list(locales, delivered, "query=germ"))
	sameJSON(t, "hidden", `{"sys":{"type":"Array"},"total":0,"skip":0,"limit":1000,"items":[]}`, w.list(locales, delivered, "sys.id=l25"))
}

func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Tag("b", cms.TagPublic)
	w.Tag("priv", cms.TagPrivate)
	w.Tag("a", cms.TagPublic)
	one := func(id, at string) string {
		return `{"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"` + id + `","type":"Tag",
			"createdAt":"2026-01-01T00:00:` + at + `.000Z","updatedAt":"2026-01-01T00:00:` + at + `.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
			"createdBy":{"sys":{"type":"Link","linkType":"User","id":"u"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"u"}},
			"version":1,"visibility":"public"},"name":"Tag ` + id + `"}`
	}
	for _, stage := range []cms.Stage{delivered, preview} {
		sameJSON(t, "all", `{"sys":{"type":"Array"},"total":2,"skip":0,"limit":100,"items":[`+one("a", "07")+`,`+one("b", "05")+`]}`,
			w.list(tags, stage, ""))
		sameJSON(t, "named", `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":100,"items":[`+one("b", "05")+`]}`,
			w.list(tags, stage, "name=Tag+b"))
		sameJSON(t, "one", one("b", "05"), w.get(tag, stage, "b", ""))
		for _, id := range []string{"priv", "none"} {
			_, err := w.s.Tag(t.Context(), w.request(stage, ""), id)
			wantFault(t, id, fault.Missing("Tag", id, "master", "s"), err)
		}
	}
}

func TestSpace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Locale("l25", cms.Locale{Name: "Hidden", Code: "xx", Management: true})
	sameJSON(t, "space", `{"sys":{"type":"Space","id":"s"},"name":"The \"space\"","locales":[
		{"code":"en-US","default":true,"name":"English","fallbackCode":null},
		{"code":"de","default":false,"name":"German","fallbackCode":"en-US"},
		{"code":"fr","default":false,"name":"French","fallbackCode":null}]}`,
		w.list(space, delivered, ""))
	gone := w.request(delivered, "")
	gone.Place.SpaceID = "none"
	_, err := w.s.Space(t.Context(), gone)
	wantFault(t, "no space", fault.Missing("Space", "none", "", ""), err)
}
