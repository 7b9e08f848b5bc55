package query

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
)

// post is an entry of the test model.
func post(fields string) *Entity {
	e := &Entity{
		Sys: cms.Sys{
			Kind: cms.KindEntry, ID: "e1", ContentType: "post", Version: 3, PublishedVersion: 2, PublishedCounter: 1,
			CreatedAt: time.UnixMilli(1000), UpdatedAt: time.UnixMilli(2000), FirstPublishedAt: time.UnixMilli(1500), PublishedAt: time.UnixMilli(1600),
			CreatedBy: "ann",
		},
		Doc: &cms.Document{Metadata: cms.Metadata{Tags: []string{"t1"}}},
	}
	if err := json.Unmarshal([]byte(fields), &e.Doc.Fields); err != nil {
		panic(err)
	}
	return e
}

func TestMatch(t *testing.T) {
	t.Parallel()
	rich := `{"nodeType":"document","content":[
		{"nodeType":"paragraph","content":[{"nodeType":"text","value":"Hel"},{"nodeType":"text","value":"lo "},
			{"nodeType":"entry-hyperlink","data":{"target":{"sys":{"type":"Link","linkType":"Entry","id":"r1"}}},"content":[{"nodeType":"text","value":"World"}]}]},
		{"nodeType":"embedded-asset-block","data":{"target":{"sys":{"type":"Link","linkType":"Asset","id":"a9"}}},"content":[]}]}`
	full := post(`{
		"k1":{"len":"Nyan Cat","lde":"Katze","lgone":"old"}, "k2":{"len":"nyan","lde":"stray"}, "k3":{"len":"Some Ähnliches text"},
		"k4":{"len":` + rich + `}, "k5":{"len":7}, "k6":{"len":-1.50}, "k7":{"len":"2018-01-01T00:00+02:00"}, "k8":{"len":false},
		"k9":{"len":{"lon":13.4,"lat":52.5}}, "k10":{"len":{"a":1}}, "k11":{"len":["red","Blue","a,b"]},
		"k12":{"len":{"sys":{"type":"Link","linkType":"Entry","id":"p1"}}}, "k13":{"len":{"sys":{"type":"Link","linkType":"Asset","id":"a1"}}},
		"k14":{"len":[{"sys":{"type":"Link","linkType":"Entry","id":"e2"}},{"sys":{"type":"Link","linkType":"Entry","id":"e3"}}]},
		"k16":{"len":"hush"}, "k17":{"len":{"sys":{"type":"Link","linkType":"Entry","id":"b1"}}}, "k18":{"lde":{"sys":{"type":"Link","linkType":"Entry","id":"v1"}},"lxx":{"sys":{"type":"Link","linkType":"Entry","id":"v2"}}},
		"k99":{"len":{"sys":{"type":"Link","linkType":"Entry","id":"ghost"}}}}`)
	empty := post(`{"k1":{"len":null},"k11":{"len":[]},"k5":{"len":"seven"}}`)
	tests := []struct {
		query       string
		api         API
		full, empty bool
	}{
		{"fields.title=Nyan Cat", Delivery, true, false},
		{"fields.title=nyan cat", Delivery, false, false},
		{"fields.title=Katze", Delivery, false, false},
		{"fields.title=Katze&locale=de-DE", Delivery, true, false},
		{"fields.title=Katze", Management, true, false},
		{"fields.title=Katze&locale=*", Delivery, true, false},
		{"fields.title=old", Management, false, false},  // of a locale that is gone
		{"fields.slug=stray", Management, false, false}, // not localized: only the default locale counts
		{"fields.title.en-US=Katze", Management, false, false},
		{"fields.title[ne]=Katze", Delivery, true, true},
		{"fields.title[ne]=Katze", Management, false, true}, // some locale is equal
		{"fields.title[in]=x,Nyan Cat", Delivery, true, false},
		{"fields.title[nin]=x,Nyan Cat", Delivery, false, true},
		{"fields.title[all]=Nyan Cat", Delivery, true, false},
		{"fields.title[all]=Nyan Cat,x", Delivery, false, false},
		{"fields.title[exists]=true", Delivery, true, false}, // null is no value
		{"fields.title[exists]=false", Delivery, false, true},
		{"fields.title[match]=CAT yan", Delivery, true, false},
		{"fields.title[match]=cat dog", Delivery, false, false},
		{"fields.body[match]=ähn", Delivery, true, false},
		{"fields.rich[match]=hello world", Delivery, true, false},
		{"fields.rich[exists]=true", Delivery, true, false},
		{"fields.rank=7.0", Delivery, true, false},
		{"fields.rank[ne]=7", Delivery, false, true},
		{"fields.rank[exists]=true", Delivery, true, true}, // something is set, be it of the wrong type
		{"fields.rank[lt]=7", Delivery, false, false},
		{"fields.rank[lte]=7", Delivery, true, false},
		{"fields.rank[gt]=6.9", Delivery, true, false},
		{"fields.rank[gte]=8", Delivery, false, false},
		{"fields.price=-1.5", Delivery, true, false},
		{"fields.day=2017-12-31T22:00:00Z", Delivery, true, false},
		{"fields.day[lt]=2018-01-01", Delivery, true, false},
		{"fields.hot=false", Delivery, true, false},
		{"fields.hot[ne]=true", Delivery, true, true},
		{"fields.place[near]=0,0", Delivery, true, false},
		{"fields.place[within]=52,13,53,14", Delivery, true, false},
		{"fields.place[within]=53,14,54,15", Delivery, false, false},
		{"fields.place[within]=52.5,13.5,7", Delivery, true, false}, // 6.8 km away
		{"fields.place[within]=52.5,13.5,6", Delivery, false, false},
		{"fields.data[exists]=true", Delivery, true, false},
		{"fields.tags=red", Delivery, true, false},
		{"fields.tags[ne]=red", Delivery, false, true},
		{"fields.tags[in]=green,Blue", Delivery, true, false},
		{"fields.tags[nin]=green,Blue", Delivery, false, true},
		{"fields.tags[nin]=green", Delivery, true, true},
		{"fields.tags[all]=red,Blue", Delivery, true, false},
		{"fields.tags[all]=red,green", Delivery, false, false},
		{"fields.tags[exists]=true", Delivery, true, true}, // an empty list is a value
		{"fields.tags[match]=blu", Delivery, true, false},
		{"fields.author.sys.id=p1", Delivery, true, false},
		{"fields.author[exists]=false", Delivery, false, true},
		{"fields.related.sys.id[all]=e2,e3", Delivery, true, false},
		{"links_to_entry=p1", Delivery, true, false},
		{"links_to_entry=r1", Delivery, true, false},
		{"links_to_entry=e3", Delivery, true, false},
		{"links_to_entry=a1", Delivery, false, false},
		{"links_to_entry=ghost", Delivery, false, false}, // of a field that is gone
		{"links_to_entry=b1", Delivery, false, false},    // of an omitted field
		{"links_to_entry=b1", Management, true, false},
		{"links_to_entry=v1", Delivery, true, false},  // of another locale
		{"links_to_entry=v2", Delivery, false, false}, // of a hidden one
		{"links_to_entry=v2", Management, true, false},
		{"links_to_asset=a1", Delivery, true, false},
		{"links_to_asset=a9", Delivery, true, false},
		{"query=world blue nyan", Delivery, true, false},
		{"query=katze", Delivery, false, false},
		{"query=katze", Management, true, false},
		{"query=hush", Delivery, false, false}, // in an omitted field
		{"query=hush&locale=*", Preview, false, false},
		{"query=hush", Management, true, false},
		{"sys.updatedAt=1970-01-01T00:00:01.600Z", Delivery, true, true},
		{"sys.updatedAt=1970-01-01T00:00:02Z", Preview, true, true},
		{"sys.archivedVersion[exists]=false", Management, true, true},
		{"sys.publishedVersion=2", Management, true, true},
		{"sys.createdBy.sys.id=ann", Management, true, true},
		{"metadata.tags.sys.id[in]=t1,t2", Delivery, true, true},
		{"metadata.concepts[exists]=true", Delivery, false, false},
		{"fields.author.sys.contentType.sys.id=person&fields.author.fields.name=Ann", Delivery, true, false},
		{"fields.author.sys.contentType.sys.id=person&fields.author.fields.name=Bob", Delivery, false, false},
		{"fields.author.sys.contentType.sys.id=post", Delivery, false, false},
		{"fields.related.sys.contentType.sys.id=person", Delivery, false, false},
	}
	m := testModel()
	ann := &Entity{Sys: cms.Sys{Kind: cms.KindEntry, ID: "p1", ContentType: "person"},
		Doc: &cms.Document{Fields: cms.Fields{"p1": {"len": json.RawMessage(`"Ann"`)}}}}
	lookup := func(id string) (*Entity, bool) { return ann, id == "p1" }
	for _, tt := range tests {
		q, err := Parse(values(t, "content_type=post&"+tt.query), Options{API: tt.api, Kind: cms.KindEntry, Model: m})
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		if got := q.Match(full, m, lookup); got != tt.full {
			t.Errorf("%s: full entry: %v", tt.query, got)
		}
		if got := q.Match(empty, m, lookup); got != tt.empty {
			t.Errorf("%s: empty entry: %v", tt.query, got)
		}
	}
}

func TestMatchArchived(t *testing.T) {
	t.Parallel()
	m := testModel()
	archived := post(`{"k12":{"len":{"sys":{"type":"Link","linkType":"Entry","id":"x"}}}}`)
	linking := post(`{"k12":{"len":{"sys":{"type":"Link","linkType":"Entry","id":"x"}}}}`)
	archived.Sys.ArchivedVersion = 1
	lookup := func(string) (*Entity, bool) { return archived, true }
	for api, want := range map[API]bool{Preview: false, Management: true} {
		q, err := Parse(values(t, "content_type=post&fields.author.sys.contentType.sys.id=post"), Options{API: api, Kind: cms.KindEntry, Model: m})
		if err != nil {
			t.Fatal(err)
		}
		if q.Match(archived, m, lookup) != want || q.Match(linking, m, lookup) != want {
			t.Errorf("API %d: archived entries are seen otherwise than %v", api, want)
		}
	}
}

func TestMatchAssets(t *testing.T) {
	t.Parallel()
	m := testModel()
	e := &Entity{Sys: cms.Sys{Kind: cms.KindAsset, ID: "a"}, Doc: &cms.Document{}}
	if err := json.Unmarshal([]byte(`{"title":{"len":"Cover"},"file":{"len":{"url":"/files/s/a/u/c.png","fileName":"c.png","contentType":"image/png","details":{"size":9,"image":{"width":3,"height":4}}}}}`), &e.Doc.Fields); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]bool{
		"fields.file.url=//any.host:80/files/s/a/u/c.png": true,
		"fields.file.url=/files/other":                    false,
		"fields.file.fileName[match]=C.PNG":               true,
		"fields.file.contentType=image/png":               true,
		"fields.file.details.size[gte]=9":                 true,
		"fields.file.details.image.width[gt]=3":           false,
		"fields.file.details.image.height=4":              true,
		"fields.file[exists]=true":                        true,
		"mimetype_group=image":                            true,
		"mimetype_group=attachment":                       false,
		"query=cover png":                                 true,
	} {
		parsed, err := Parse(values(t, q), Options{API: Delivery, Kind: cms.KindAsset, Model: m})
		if err != nil {
			t.Errorf("%s: %v", q, err)
		} else if got := parsed.Match(e, m, nil); got != want {
			t.Errorf("%s: %v", q, got)
		}
	}
}

func TestMatchOthers(t *testing.T) {
	t.Parallel()
	m := testModel()
	e := &Entity{Sys: cms.Sys{Kind: cms.KindContentType, ID: "cat2"}, Body: json.RawMessage(`{"name":"Animal","description":"has four legs","fields":[]}`)}
	for q, want := range map[string]bool{
		"query=CAT": true, "query=anim legs": true, "query=dog": false, "name=Animal": true, "name[match]=ANI": true, "sys.id[in]=x,cat2": true, "name[exists]=false": false,
	} {
		parsed, err := Parse(values(t, q), Options{API: Management, Kind: cms.KindContentType, Model: m})
		if err != nil {
			t.Errorf("%s: %v", q, err)
		} else if got := parsed.Match(e, m, nil); got != want {
			t.Errorf("%s: %v", q, got)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	m := testModel()
	at := func(id, fields string) *Entity {
		e := post(fields)
		e.Sys.ID = id
		return e
	}
	all := []*Entity{
		at("b", `{"k1":{"len":"b"},"k5":{"len":2},"k9":{"len":{"lat":0,"lon":9}}}`),
		at("a", `{"k1":{"len":"b"},"k5":{"len":1},"k9":{"len":{"lat":0,"lon":1}}}`),
		at("Z", `{"k1":{"len":"B"},"k5":{"len":10},"k9":{"len":{"lat":0,"lon":-3}}}`),
		at("0", `{}`),
	}
	for q, want := range map[string][]string{
		"order=sys.id":                         {"0", "Z", "a", "b"},
		"order=fields.title":                   {"Z", "a", "b", "0"},
		"order=-fields.title":                  {"a", "b", "Z", "0"},
		"order=-fields.title,fields.rank":      {"a", "b", "Z", "0"},
		"order=-fields.title,-fields.rank":     {"b", "a", "Z", "0"},
		"order=-fields.rank":                   {"Z", "b", "a", "0"},
		"fields.place[near]=0,0":               {"a", "Z", "b", "0"},
		"fields.place[near]=0,0&order=-sys.id": {"b", "a", "Z", "0"},
		"order=-sys.updatedAt":                 {"0", "Z", "a", "b"},
		"":                                     {"0", "Z", "a", "b"},
	} {
		parsed, err := Parse(values(t, "content_type=post&"+q), Options{API: Delivery, Kind: cms.KindEntry, Model: m})
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		sorted := slices.SortedFunc(slices.Values(all), func(a, b *Entity) int { return parsed.Compare(a, b, m) })
		var ids []string
		for _, e := range sorted {
			ids = append(ids, e.Sys.ID)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("%s (-want +got)\n%s", q, diff)
		}
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]float64{
		"1970": 0, "1970-01": 0, "1970-01-01": 0, "1970-01-01T00:00": 0, "1970-01-01T00:00Z": 0, "1970-01-01T00:00:00Z": 0,
		"1970-01-01T00:00:00.5Z": 500, "1970-01-01T02:00+02:00": 0, "1970-01-01T02:00:00+0200": 0, "1969-12-31T23:00:00-01:00": 0,
		"0001-01-01": -62135596800000, "9999-12-31T23:59:59.999Z": 253402300799999,
	} {
		if got, ok := parseDate(s); !ok || got.Num != want {
			t.Errorf("%s is %v, %v", s, got.Num, ok)
		}
	}
	for _, s := range []string{"", "now", "1970-13-01", "1970-01-01T25:00", "01.02.1970", "1970-01-01T00:00:00 Z"} {
		if got, ok := parseDate(s); ok {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestSysValues(t *testing.T) {
	t.Parallel()
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	full := &Entity{Sys: cms.Sys{
		Kind: cms.KindEntry, ID: "e", ContentType: "post", Version: 9, CreatedAt: at(1), UpdatedAt: at(2), CreatedBy: "ann", UpdatedBy: "bob",
		PublishedVersion: 7, PublishedCounter: 3, PublishedAt: at(4), FirstPublishedAt: at(3), PublishedBy: "cem",
		ArchivedVersion: 8, ArchivedAt: at(5), ArchivedBy: "dan",
	}}
	want := map[string]Value{
		"id": {Str: "e"}, "type": {Str: "Entry"}, "contentType.sys.id": {Str: "post"}, "version": {Num: 9},
		"createdAt": {Num: 1}, "updatedAt": {Num: 2}, "createdBy.sys.id": {Str: "ann"}, "updatedBy.sys.id": {Str: "bob"},
		"publishedVersion": {Num: 7}, "publishedCounter": {Num: 3}, "revision": {Num: 3}, "publishedAt": {Num: 4}, "firstPublishedAt": {Num: 3},
		"publishedBy.sys.id": {Str: "cem"}, "archivedVersion": {Num: 8}, "archivedAt": {Num: 5}, "archivedBy.sys.id": {Str: "dan"},
	}
	p := &parser{opt: Options{API: Management, Kind: cms.KindEntry}}
	for name := range sysMembers {
		target, ok := p.sys(name)
		if name == "visibility" { // of tags only
			if ok {
				t.Error("entries have a visibility")
			}
			continue
		}
		if diff := cmp.Diff(Values{true, []Value{want[name]}}, target.column.Values(full, nil)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
		bare := target.column.Values(&Entity{Sys: cms.Sys{Kind: cms.KindEntry, ID: "e"}}, nil)
		always := map[string]bool{"id": true, "type": true, "version": true, "publishedCounter": true, "revision": true}
		if bare.Set != always[name] {
			t.Errorf("%s of a bare entry: %+v", name, bare)
		}
	}
}

func TestOfModel(t *testing.T) {
	t.Parallel()
	m := testModel()
	for q, want := range map[string]bool{
		"fields.title=x&locale=de-DE": false, "fields.title=x&locale=*": true, "fields.slug=x&locale=*": false, "query=x": true, "links_to_entry=x": true, "sys.id=x": false,
	} {
		parsed, err := Parse(values(t, "content_type=post&"+q), Options{API: Delivery, Kind: cms.KindEntry, Model: m})
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed.Conds[0].Column.OfModel(); got != want {
			t.Errorf("%s: %v", q, got)
		}
	}
}

// An environment cannot do without its default locale: hidden, it is delivered
// all the same.
func TestHiddenDefaultLocale(t *testing.T) {
	t.Parallel()
	m := testModel()
	m.Locales[0].Delivery = false
	e := post(`{"k1":{"len":"Hi"}}`)
	for _, locale := range []string{"", "en-US", "*"} {
		q, err := Parse(values(t, "content_type=post&fields.title=Hi&locale="+locale), Options{API: Delivery, Kind: cms.KindEntry, Model: m})
		if err != nil {
			t.Errorf("locale %q: %v", locale, err)
		} else if !q.Match(e, m, nil) {
			t.Errorf("locale %q does not match", locale)
		}
	}
}
