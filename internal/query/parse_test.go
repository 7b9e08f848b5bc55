package query

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
)

// testModel has one field of every kind, and three locales of which one is
// hidden from delivery.
func testModel() *cms.Model {
	en := "en-US"
	post := &cms.ContentType{Name: "Post", Fields: []cms.Field{
		{ID: "title", Key: "k1", Type: cms.Symbol, Localized: true},
		{ID: "slug", Key: "k2", Type: cms.Symbol},
		{ID: "body", Key: "k3", Type: cms.Text, Localized: true},
		{ID: "rich", Key: "k4", Type: cms.RichText},
		{ID: "rank", Key: "k5", Type: cms.Integer},
		{ID: "price", Key: "k6", Type: cms.Number},
		{ID: "day", Key: "k7", Type: cms.Date},
		{ID: "hot", Key: "k8", Type: cms.Boolean},
		{ID: "place", Key: "k9", Type: cms.Location},
		{ID: "data", Key: "k10", Type: cms.Object},
		{ID: "tags", Key: "k11", Type: cms.Array, Items: &cms.Items{Type: cms.Symbol}},
		{ID: "author", Key: "k12", Type: cms.TypeLink, LinkType: "Entry"},
		{ID: "cover", Key: "k13", Type: cms.TypeLink, LinkType: "Asset"},
		{ID: "related", Key: "k14", Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink, LinkType: "Entry"}},
		{ID: "foreign", Key: "k15", Type: cms.ResourceLink},
		{ID: "secret", Key: "k16", Type: cms.Symbol, Omitted: true},
		{ID: "buried", Key: "k17", Type: cms.TypeLink, LinkType: "Entry", Omitted: true},
		{ID: "see", Key: "k18", Type: cms.TypeLink, LinkType: "Entry", Localized: true},
	}}
	person := &cms.ContentType{Name: "Person", Fields: []cms.Field{
		{ID: "name", Key: "p1", Type: cms.Symbol, Localized: true},
		{ID: "boss", Key: "p2", Type: cms.TypeLink, LinkType: "Entry"},
	}}
	return &cms.Model{
		Locales: cms.Locales{
			{Code: en, Key: "len", Default: true, Management: true, Delivery: true},
			{Code: "de-DE", Key: "lde", FallbackCode: &en, Management: true, Delivery: true},
			{Code: "xx", Key: "lxx", Management: true},
		},
		Types: map[string]*cms.ContentType{"post": post, "person": person},
	}
}

// values parses a raw query string as a server does.
func values(t testing.TB, raw string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(strings.ReplaceAll(raw, "+", "%2B"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func field(key, part, locale string, t Type) Column {
	return Column{Source: SourceField, Name: key, Part: part, Locale: locale, Type: t}
}

func strs(list ...string) []Value {
	var out []Value
	for _, s := range list {
		out = append(out, Value{Str: s})
	}
	return out
}

func nums(list ...float64) []Value {
	var out []Value
	for _, n := range list {
		out = append(out, Value{Num: n})
	}
	return out
}

func TestParseConditions(t *testing.T) {
	t.Parallel()
	m := testModel()
	del := Options{API: Delivery, Kind: cms.KindEntry, Model: m}
	man := Options{API: Management, Kind: cms.KindEntry, Model: m}
	asset := Options{API: Delivery, Kind: cms.KindAsset, Model: m}
	tests := []struct {
		query string
		opt   Options
		want  []Cond
	}{
		{"sys.id=x", del, []Cond{{Column: sysColumn("id", String), Op: Equals, Args: strs("x")}}},
		{"sys.id%5Bin%5D=x%2Cy", del, []Cond{{Column: sysColumn("id", String), Op: In, Args: strs("x", "y")}}},
		{"sys.id[gt]=x", del, []Cond{{Column: sysColumn("id", String), Op: Gt, Args: strs("x")}}},
		{"sys.contentType.sys.id[nin]=a,b", del, []Cond{{Column: sysColumn("contentType.sys.id", String), Op: Nin, Args: strs("a", "b")}}},
		// delivery shows publication times and counts
		{"sys.createdAt[gte]=1970-01-01T00:00:01Z", del, []Cond{{Column: sysColumn("firstPublishedAt", Date), Op: Gte, Args: nums(1000)}}},
		{"sys.createdAt[gte]=1970-01-01T00:00:01Z", man, []Cond{{Column: sysColumn("createdAt", Date), Op: Gte, Args: nums(1000)}}},
		{"sys.revision[gt]=2", del, []Cond{{Column: sysColumn("publishedCounter", Number), Op: Gt, Args: nums(2)}}},
		{"sys.archivedAt[exists]=false", man, []Cond{{Column: sysColumn("archivedAt", Date), Op: Exists, Args: nums(0)}}},
		// locales: the requested one, the default one, all of them
		{"content_type=post&fields.title=Hi", del, []Cond{{Column: field("k1", "", "len", String), Op: Equals, Args: strs("Hi")}}},
		{"content_type=post&fields.title=Hi&locale=de-DE", del, []Cond{{Column: field("k1", "", "lde", String), Op: Equals, Args: strs("Hi")}}},
		{"content_type=post&fields.slug=hi&locale=de-DE", del, []Cond{{Column: field("k2", "", "len", String), Op: Equals, Args: strs("hi")}}},
		{"content_type=post&fields.title=Hi&locale=*", del, []Cond{{Column: field("k1", "", AnyDelivered, String), Op: Equals, Args: strs("Hi")}}},
		{"content_type=post&fields.title=Hi&locale=zz&include=77", man, []Cond{{Column: field("k1", "", AnyManaged, String), Op: Equals, Args: strs("Hi")}}},
		{"content_type=post&fields.title.de-DE[match]=Hi ho", man, []Cond{{Column: field("k1", "", "lde", String), Op: Match, Args: strs("hi", "ho")}}},
		{"content_type=post&fields.author.de-DE.sys.id=a", man, []Cond{{Column: field("k12", "sys.id", "len", String), Op: Equals, Args: strs("a")}}},
		// types
		{"content_type=post&fields.title=", del, []Cond{{Column: field("k1", "", "len", String), Op: Equals, Args: strs("")}}},
		{"content_type=post&fields.rank[lt]=3", del, []Cond{{Column: field("k5", "", "len", Number), Op: Lt, Args: nums(3)}}},
		{"content_type=post&fields.price[in]=1.5,-2e3", del, []Cond{{Column: field("k6", "", "len", Number), Op: In, Args: nums(1.5, -2000)}}},
		{"content_type=post&fields.hot=true", del, []Cond{{Column: field("k8", "", "len", Boolean), Op: Equals, Args: nums(1)}}},
		{"content_type=post&fields.day[lte]=1970-01-02", del, []Cond{{Column: field("k7", "", "len", Date), Op: Lte, Args: nums(86_400_000)}}},
		{"content_type=post&fields.day=1970-01-01T01:00:00+01:00", del, []Cond{{Column: field("k7", "", "len", Date), Op: Equals, Args: nums(0)}}},
		{"content_type=post&fields.day=1970-01-01T01:00 01:00", del, []Cond{{Column: field("k7", "", "len", Date), Op: Equals, Args: nums(0)}}},
		{"content_type=post&fields.day=1970-01-01T00:00:00.25", del, []Cond{{Column: field("k7", "", "len", Date), Op: Equals, Args: nums(250)}}},
		{"content_type=post&fields.tags[all]=a,b", del, []Cond{{Column: field("k11", "", "len", String), Op: All, Args: strs("a", "b")}}},
		{"content_type=post&fields.rich[match]=Word", del, []Cond{{Column: field("k4", "text", "len", String), Op: Match, Args: strs("word")}}},
		{"content_type=post&fields.data[exists]=true", del, []Cond{{Column: field("k10", "", "len", Opaque), Op: Exists, Args: nums(1)}}},
		{"content_type=post&fields.author[exists]=true", del, []Cond{{Column: field("k12", "sys.id", "len", String), Op: Exists, Args: nums(1)}}},
		{"content_type=post&fields.related.sys.id[in]=a,b", del, []Cond{{Column: field("k14", "sys.id", "len", String), Op: In, Args: strs("a", "b")}}},
		{"content_type=post&fields.foreign.sys.urn=u", del, []Cond{{Column: field("k15", "sys.urn", "len", String), Op: Equals, Args: strs("u")}}},
		{"content_type=post&fields.place[near]=1,-2.50", del, []Cond{{Column: field("k9", "", "len", Location), Op: Near, Args: []Value{{Num: 1, Lon: -2.5}}}}},
		{"content_type=post&fields.place[within]=40,-124,36,-120", del, []Cond{{Column: field("k9", "", "len", Location), Op: Within, Args: []Value{{Num: 36, Lon: -124}, {Num: 40, Lon: -120}}}}},
		{"content_type=post&fields.place[within]=40,-124,3.5", del, []Cond{{Column: field("k9", "", "len", Location), Op: Within, Args: []Value{{Num: 40, Lon: -124}, {Num: 3.5, Str: "km"}}}}},
		{"content_type=post&fields.secret=x", man, []Cond{{Column: field("k16", "", "len", String), Op: Equals, Args: strs("x")}}},
		// each value of a repeated filter is a condition
		{"sys.id[ne]=x&sys.id[ne]=y", del, []Cond{{Column: sysColumn("id", String), Op: Ne, Args: strs("x")}, {Column: sysColumn("id", String), Op: Ne, Args: strs("y")}}},
		// links, texts, metadata
		{"links_to_entry=e", del, []Cond{{Column: Column{Source: SourceLinks, Part: "Entry", Locale: AnyDelivered}, Op: Equals, Args: strs("e")}}},
		{"links_to_asset=a", man, []Cond{{Column: Column{Source: SourceLinks, Part: "Asset"}, Op: Equals, Args: strs("a")}}},
		{"query=Nyan  Cat", del, []Cond{{Column: Column{Source: SourceText, Locale: "len"}, Op: Match, Args: strs("nyan", "cat")}}},
		{"query= ", del, nil},
		{"metadata.tags.sys.id[all]=a,b", del, []Cond{{Column: Column{Source: SourceMetadata, Name: "tags"}, Op: All, Args: strs("a", "b")}}},
		{"metadata.tags[exists]=false", del, []Cond{{Column: Column{Source: SourceMetadata, Name: "tags"}, Op: Exists, Args: nums(0)}}},
		// assets
		{"fields.title=x", asset, []Cond{{Column: field("title", "", "len", String), Op: Equals, Args: strs("x")}}},
		{"fields.file.details.size[gt]=10", asset, []Cond{{Column: field("file", "details.size", "len", Number), Op: Gt, Args: nums(10)}}},
		{"fields.file.url=https://h/files/a.png", asset, []Cond{{Column: field("file", "url", "len", String), Op: Equals, Args: strs("/files/a.png")}}},
		{"mimetype_group=image", asset, []Cond{{Column: field("file", "mimetypeGroup", "len", String), Op: Equals, Args: strs("image")}}},
		{"metadata.concepts.descendants[in]=a,b", del, []Cond{{Column: Column{Source: SourceMetadata, Name: "concepts", Type: String}, Op: In, Args: strs("a", "b"), Below: true}}},
		// other kinds
		{"name[match]=x", Options{API: Management, Kind: cms.KindTag, Model: m}, []Cond{{Column: bodyColumn("name"), Op: Match, Args: strs("x")}}},
		{"sys.visibility=public", Options{API: Management, Kind: cms.KindTag, Model: m}, []Cond{{Column: bodyColumn("visibility"), Op: Equals, Args: strs("public")}}},
		{"", Options{API: Delivery, Kind: cms.KindTag, Model: m}, []Cond{{Column: bodyColumn("visibility"), Op: Equals, Args: strs("public")}}},
		{"sys.id[in]=a,b", Options{API: Delivery, Kind: cms.KindLocale, Model: m}, []Cond{
			{Column: sysColumn("id", String), Op: In, Args: strs("a", "b")}, {Column: bodyColumn("code"), Op: In, Args: strs("en-US", "de-DE")}}},
		// references
		{"content_type=post&fields.author.sys.contentType.sys.id=person&fields.author.fields.name[ne]=Ann&fields.author.fields.boss.sys.id=b&locale=de-DE", del,
			[]Cond{{Column: field("k12", "sys.id", "len", String), Op: Refers, Ref: &Ref{ContentType: "person", Conds: []Cond{
				{Column: field("p2", "sys.id", "len", String), Op: Equals, Args: strs("b")},
				{Column: field("p1", "", "lde", String), Op: Ne, Args: strs("Ann")},
			}}}}},
		{"content_type=post&fields.related.sys.contentType.sys.id=post", del,
			[]Cond{{Column: field("k14", "sys.id", "len", String), Op: Refers, Ref: &Ref{ContentType: "post"}}}},
	}
	for _, tt := range tests {
		q, err := Parse(values(t, tt.query), tt.opt)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		if diff := cmp.Diff(tt.want, q.Conds); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.query, diff)
		}
	}
}

func TestParseRest(t *testing.T) {
	t.Parallel()
	m := testModel()
	del := Options{API: Delivery, Kind: cms.KindEntry, Model: m}
	updated := []Order{{Column: sysColumn("publishedAt", Date), Desc: true}}
	base := Query{Kind: cms.KindEntry, Limit: 100, Include: 1, Order: updated}
	with := func(f func(*Query)) Query {
		q := base
		f(&q)
		return q
	}
	tests := []struct {
		query string
		opt   Options
		want  Query
	}{
		{"", del, base},
		{"&access_token=T&limit=7&skip=3&include=10", del, with(func(q *Query) { q.Limit, q.Skip, q.Include = 7, 3, 10 })},
		{"limit=0&include=0", del, with(func(q *Query) { q.Limit, q.Include = 0, 0 })},
		{"limit=5000", Options{API: Delivery, Kind: cms.KindEntry, Model: m, ClampLimit: true}, with(func(q *Query) { q.Limit = 1000 })},
		{"", Options{API: Delivery, Kind: cms.KindEntry, Model: m, DefaultLimit: 25, MaxLimit: 100}, with(func(q *Query) { q.Limit = 25 })},
		{"limit=1&limit=2", del, with(func(q *Query) { q.Limit = 2 })},
		{"locale=*", del, with(func(q *Query) { q.Locale = "*" })},
		{"locale=de-DE", del, with(func(q *Query) { q.Locale = "de-DE" })},
		{"", Options{API: Preview, Kind: cms.KindEntry, Model: m}, with(func(q *Query) {
			q.ArchivedOut = true
			q.Order = []Order{{Column: sysColumn("updatedAt", Date), Desc: true}}
		})},
		{"order=sys.contentType.sys.id,-sys.createdAt", del, with(func(q *Query) {
			q.Order = []Order{{Column: sysColumn("contentType.sys.id", String)}, {Column: sysColumn("firstPublishedAt", Date), Desc: true}}
		})},
		{"order[10]=-sys.id&order[2]=sys.id", del, with(func(q *Query) {
			q.Order = []Order{{Column: sysColumn("id", String)}, {Column: sysColumn("id", String), Desc: true}}
		})},
		{"content_type=post&order=fields.title,-fields.author.sys.id", Options{API: Management, Kind: cms.KindEntry, Model: m}, with(func(q *Query) {
			q.ContentType = "post"
			q.Order = []Order{{Column: field("k1", "", "len", String)}, {Column: field("k12", "sys.id", "len", String), Desc: true}}
		})},
		{"content_type=post&fields.place[near]=1,2", del, with(func(q *Query) {
			q.ContentType = "post"
			q.Conds = []Cond{{Column: field("k9", "", "len", Location), Op: Near, Args: []Value{{Num: 1, Lon: 2}}}}
			q.Order = []Order{{Column: field("k9", "", "len", Location), Near: &Value{Num: 1, Lon: 2}}}
		})},
		{"cursor=true&access_token=T&limit=7&order=sys.id", del, with(func(q *Query) {
			q.Limit, q.Order = 7, []Order{{Column: sysColumn("id", String)}}
			q.Cursor, q.Params = true, "limit=7&order=sys.id"
		})},
		{"cursor=true", Options{API: Delivery, Kind: cms.KindEntry, Model: m, Single: true}, Query{Kind: cms.KindEntry, Limit: 100, Include: 1}},
		{"select[0]=sys.id&select[1]=fields&select[10]=sys.type", del, with(func(q *Query) { q.Select = &Select{SysNames: []string{"id", "type"}, Fields: true} })},
		{"select=sys.contentType.sys.id,sys.space.sys", del, with(func(q *Query) { q.Select = &Select{SysNames: []string{"contentType", "space"}} })},
		{"select=sys.id,name,displayField,fields", Options{API: Delivery, Kind: cms.KindContentType, Model: m}, with(func(q *Query) {
			q.Kind, q.Select = cms.KindContentType, &Select{SysNames: []string{"id"}, Fields: true, Members: []string{"name", "displayField"}}
		})},
		{"select=sys,fields", del, with(func(q *Query) { q.Select = &Select{Sys: true, Fields: true} })},
		{"select=", del, base},
		{"content_type=post&select=sys.id,%20sys.type,fields.title,fields.title,metadata.tags", del, with(func(q *Query) {
			q.ContentType = "post"
			q.Select = &Select{SysNames: []string{"id", "type"}, FieldIDs: []string{"title"}, MetadataNames: []string{"tags"}}
		})},
		{"include=2&locale=de-DE&content_type=nope", Options{API: Delivery, Kind: cms.KindEntry, Model: m, Single: true}, Query{
			Kind: cms.KindEntry, Limit: 100, Include: 2, Locale: "de-DE",
		}},
	}
	for _, tt := range tests {
		q, err := Parse(values(t, tt.query), tt.opt)
		if err != nil {
			t.Errorf("%s: %v", tt.query, err)
			continue
		}
		if diff := cmp.Diff(&tt.want, q); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.query, diff)
		}
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	var all *Select
	if !all.AnySys() || !all.SysName("id") || !all.AnyField() || !all.Field("x") || !all.AnyMetadata() || !all.MetadataName("tags") {
		t.Error("nil does not select everything")
	}
	some := &Select{SysNames: []string{"id"}, FieldIDs: []string{"x"}}
	if !some.AnySys() || !some.SysName("id") || some.SysName("type") || !some.Field("x") || some.Field("y") || some.AnyMetadata() || some.MetadataName("tags") {
		t.Error("a part is not selected as it should be")
	}
	if whole := (&Select{Fields: true}); !whole.Field("x") || whole.AnySys() {
		t.Error("a whole is not selected as it should be")
	}
}
