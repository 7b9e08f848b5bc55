package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// the sentence for fields without a content type
const needsType = `A Content Type ID is required. When querying for Entries and involving fields you need to limit your query to a specific Content Type. Please send a Content Type ID (not the name) as the URI query parameter "content_type"`

func TestParseErrors(t *testing.T) {
	t.Parallel()
	m := testModel()
	del := Options{API: Delivery, Kind: cms.KindEntry, Model: m}
	man := Options{API: Management, Kind: cms.KindEntry, Model: m}
	asset := Options{API: Delivery, Kind: cms.KindAsset, Model: m}
	single := Options{API: Delivery, Kind: cms.KindEntry, Model: m, Single: true}
	tests := []struct {
		query   string
		opt     Options
		kind    fault.Kind
		message string
		details []string // as JSON
	}{
		{"some=parameter", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["some"],"details":"The path \"some\" is not recognized"}`}},
		{"limt=1", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["limt"],"details":"The path \"limt\" is not recognized","suggestions":["limit"]}`}},
		{"name=0", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["name"],"details":"The path \"name\" is not recognized"}`}},
		{"sys.foo=1", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["sys","foo"],"details":"The path \"sys.foo\" is not recognized"}`}},
		{"sys.archivedAt[exists]=true", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["sys","archivedAt"],"details":"The path \"sys.archivedAt\" is not recognized","parameter":"sys.archivedAt[exists]"}`}},
		{"metadata.foo=1", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["metadata","foo"],"details":"The path \"metadata.foo\" is not recognized"}`}},
		{"sys.archivedAt=false", man, fault.InvalidQuery, "", []string{`{"name":"value","path":["sys","archivedAt"],"value":"false","details":"false used on sys.archivedAt is not a valid value for type Date. A Date is a text such as 2026-03-02 or 2026-03-02T09:30:00Z.","type":"Date","filter":"equals"}`}},
		{"sys.id[exists]=True", man, fault.InvalidQuery, "", []string{`{"name":"value","path":["sys","id"],"value":"True","details":"True used on sys.id is not a valid value for type Boolean.","type":"Boolean","filter":"exists","parameter":"sys.id[exists]"}`}},
		{"content_type=nope", del, fault.InvalidQuery, "", []string{`{"name":"unknownContentType","path":["content_type"],"value":"nope","details":"The content type \"nope\" could not be found or was not activated."}`}},
		{"content_type=pots&fields.x=1&order=fields.y&select=fields.z", del, fault.InvalidQuery, "", []string{`{"name":"unknownContentType","path":["content_type"],"value":"pots","details":"The content type \"pots\" could not be found or was not activated.","suggestions":["post"]}`}},
		{"content_type=post&fields.nope=1", del, fault.UnknownQueryField, "", []string{`{"name":"unknown","path":["fields","nope"],"details":"No field with id \"nope\" found."}`}},
		{"content_type=post&fields.titel.x[in]=1&order=fields.nope&select=fields.none", del, fault.UnknownQueryField, "", []string{
			`{"name":"unknown","path":["fields","titel"],"details":"No field with id \"titel\" found.","suggestions":["title"],"parameter":"fields.titel.x[in]"}`,
			`{"name":"unknown","path":["fields","nope"],"details":"No field with id \"nope\" found.","parameter":"order"}`,
			`{"name":"unknown","path":["fields","none"],"details":"No field with id \"none\" found.","parameter":"select"}`}},
		{"content_type=post&fields.secret=1", del, fault.UnknownQueryField, "", []string{`{"name":"unknown","path":["fields","secret"],"details":"No field with id \"secret\" found."}`}},
		{"content_type=post&fields.nope=1&foo=2", del, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["fields","nope"],"details":"No field with id \"nope\" found."}`,
			`{"name":"unknown","path":["foo"],"details":"The path \"foo\" is not recognized"}`}},
		{"content_type=post&fields.title.en-US=1", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","title","en-US"],"details":"The path \"fields.title.en-US\" is not recognized","suggestions":["fields.title"]}`}},
		{"content_type=post&fields.title.zz=1", man, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","title","zz"],"details":"The path \"fields.title.zz\" is not recognized"}`}},
		{"content_type=post&fields.author=x", del, fault.InvalidQuery, "", []string{`{"name":"invalid","path":["fields","author"],"details":"The operator \"equals\" is not applicable to fields.author, which is of type Link.","type":"Link","filter":"equals","expected":["exists"]}`}},
		{"content_type=post&fields.title[lt]=x", del, fault.InvalidQuery, "", []string{`{"name":"invalid","path":["fields","title"],"details":"The operator \"lt\" is not applicable to fields.title, which is of type Symbol.","type":"Symbol","filter":"lt","expected":["equals","ne","in","nin","all","exists","match"],"parameter":"fields.title[lt]"}`}},
		{"content_type=post&fields.rank[matsch]=x", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","rank"],"details":"The operator \"matsch\" is not recognized.","filter":"matsch","expected":["all","exists","gt","gte","in","lt","lte","match","ne","near","nin","within"],"suggestions":["match"],"parameter":"fields.rank[matsch]"}`}},
		{"content_type=post&fields.rank=x", del, fault.InvalidQuery, "", []string{`{"name":"value","path":["fields","rank"],"value":"x","details":"x used on fields.rank is not a valid value for type Integer.","type":"Integer","filter":"equals"}`}},
		{"content_type=post&fields.price[in]=1,0x2", del, fault.InvalidQuery, "", []string{`{"name":"value","path":["fields","price"],"value":"1,0x2","details":"1,0x2 used on fields.price is not a valid value for type Number.","type":"Number","filter":"in","parameter":"fields.price[in]"}`}},
		{"content_type=post&fields.place[near]=95,0", del, fault.InvalidQuery, "", []string{`{"name":"value","path":["fields","place"],"value":"95,0","details":"95,0 used on fields.place is not a valid value for type Location.","type":"Location","filter":"near","parameter":"fields.place[near]"}`}},
		{"content_type=post&order=fields.body", del, fault.InvalidQuery, "", []string{`{"name":"invalid","path":["fields","body"],"details":"Ordering by fields.body is not possible, it is of type Text.","type":"Text","filter":"order","parameter":"order"}`}},
		{"order=metadata.tags", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["metadata","tags"],"details":"The path \"metadata.tags\" is not recognized","parameter":"order"}`}},
		{"content_type=post", asset, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["content_type"],"details":"The path \"content_type\" is not recognized"}`}},
		{"fields.file.nope=x", asset, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","file","nope"],"details":"The path \"fields.file.nope\" is not recognized"}`}},
		{"mimetype_group=pictures", asset, fault.InvalidQuery, "", []string{`{"name":"value","path":["mimetype_group"],"value":"pictures","details":"pictures used on mimetype_group is not a valid value for type mimetype group.","type":"mimetype group","filter":"equals","expected":["archive","attachment","audio","code","image","markup","pdfdocument","plaintext","presentation","richtext","spreadsheet","video"]}`}},
		{"select=fields.title,metadata.tags,fields[0]&select[x]=sys", Options{API: Delivery, Kind: cms.KindContentType, Model: m}, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["fields","title"],"details":"The path \"fields.title\" is not recognized","parameter":"select"}`,
			`{"name":"unknown","path":["metadata","tags"],"details":"The path \"metadata.tags\" is not recognized","parameter":"select"}`,
			`{"name":"unknown","path":["fields[0]"],"details":"The path \"fields[0]\" is not recognized","parameter":"select"}`,
			`{"name":"unknown","path":["select[x]"],"details":"The path \"select[x]\" is not recognized"}`}},
		{"select=sys.contentType.id,sys.id.sys", del, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["sys","contentType","id"],"details":"The path \"sys.contentType.id\" is not recognized","parameter":"select","suggestions":["sys.contentType"]}`,
			`{"name":"unknown","path":["sys","id","sys"],"details":"The path \"sys.id.sys\" is not recognized","parameter":"select","suggestions":["sys.id"]}`}},
		{"select=sys.doesNotExist,foo,metadata.x", del, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["sys","doesNotExist"],"details":"The path \"sys.doesNotExist\" is not recognized","parameter":"select"}`,
			`{"name":"unknown","path":["foo"],"details":"The path \"foo\" is not recognized","parameter":"select"}`,
			`{"name":"unknown","path":["metadata","x"],"details":"The path \"metadata.x\" is not recognized","parameter":"select"}`}},
		{"content_type=post&select=fields.title.en-US", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","title","en-US"],"suggestions":["fields.title"],"details":"The path \"fields.title.en-US\" is not recognized","parameter":"select"}`}},
		{"select=sys.id", single, fault.InvalidQuery, "", []string{`{"name":"select","path":["select"],"details":"Select is only applicable when querying a collection of entities."}`}},
		{"foo.bar=1", single, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["foo","bar"],"details":"The path \"foo.bar\" is not recognized"}`}},

		// what was probably meant
		{"content_type=post&title=x&id=1", del, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["id"],"details":"The path \"id\" is not recognized","suggestions":["sys.id"]}`,
			`{"name":"unknown","path":["title"],"details":"The path \"title\" is not recognized","suggestions":["fields.title"]}`}},
		{"contentType=post&sys.creatdAt=1", del, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["contentType"],"details":"The path \"contentType\" is not recognized","suggestions":["content_type"]}`,
			`{"name":"unknown","path":["sys","creatdAt"],"details":"The path \"sys.creatdAt\" is not recognized","suggestions":["sys.createdAt"]}`}},
		{"content_type=post&order=title,limt,-sys.updatedat&field.title=x", del, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["field","title"],"details":"The path \"field.title\" is not recognized","suggestions":["fields.title"]}`,
			`{"name":"unknown","path":["title"],"details":"The path \"title\" is not recognized","parameter":"order","suggestions":["fields.title"]}`,
			`{"name":"unknown","path":["limt"],"details":"The path \"limt\" is not recognized","parameter":"order"}`,
			`{"name":"unknown","path":["sys","updatedat"],"details":"The path \"sys.updatedat\" is not recognized","parameter":"order","suggestions":["sys.updatedAt"]}`}},
		{"sys.archivdAt=1&content_typ=x", asset, fault.InvalidQuery, "", []string{ // neither is there for delivered assets
			`{"name":"unknown","path":["content_typ"],"details":"The path \"content_typ\" is not recognized"}`,
			`{"name":"unknown","path":["sys","archivdAt"],"details":"The path \"sys.archivdAt\" is not recognized"}`}},

		// bad requests have a sentence and no details of their own
		{"fields.title=x&select=sys,fields.slug&order=fields.rank", del, fault.BadRequest, needsType, nil},
		{"select=sys,fields.name", man, fault.BadRequest, needsType, nil},
		{"locale=fr", del, fault.BadRequest, "Unknown locale: fr", nil},
		{"locale=xx", del, fault.BadRequest, "Unknown locale: xx", nil}, // not delivered
		{"locale=fr", single, fault.BadRequest, "Unknown locale: fr", nil},
		{"locale=fr&fields.a=1&foo=2", del, fault.BadRequest, "Unknown locale: fr " + needsType, []string{`{"name":"unknown","path":["foo"],"details":"The path \"foo\" is not recognized"}`}},

		// paging
		{"limit=abc", del, fault.InvalidQuery, `The value provided for "limit" is invalid. Please provide a valid number value`,
			[]string{`{"name":"value","path":["limit"],"value":"abc","details":"The value provided for \"limit\" is invalid. Please provide a valid number value"}`}},
		{"limit=1001", del, fault.InvalidQuery, `The value provided for "limit" is invalid. Please provide a value between 0 and 1000`,
			[]string{`{"name":"value","path":["limit"],"value":"1001","details":"The value provided for \"limit\" is invalid. Please provide a value between 0 and 1000"}`}},
		{"limit=-1", man, fault.InvalidQuery, `The value provided for "limit" is invalid. Please provide a value between 0 and 1000`,
			[]string{`{"name":"value","path":["limit"],"value":"-1","details":"The value provided for \"limit\" is invalid. Please provide a value between 0 and 1000"}`}},
		{"skip=-1", del, fault.InvalidQuery, `The value provided for "skip" is invalid. Please provide a value larger than or equal to 0`,
			[]string{`{"name":"value","path":["skip"],"value":"-1","details":"The value provided for \"skip\" is invalid. Please provide a value larger than or equal to 0"}`}},
		{"include=11", del, fault.InvalidQuery, `The value provided for "include" is invalid. Please provide a value between 0 and 10`,
			[]string{`{"name":"value","path":["include"],"value":"11","details":"The value provided for \"include\" is invalid. Please provide a value between 0 and 10"}`}},
		{"skip=x&foo=1", del, fault.InvalidQuery, "", []string{
			`{"name":"value","path":["skip"],"value":"x","details":"The value provided for \"skip\" is invalid. Please provide a valid number value"}`,
			`{"name":"unknown","path":["foo"],"details":"The path \"foo\" is not recognized"}`}},

		// references
		{"content_type=post&fields.author.fields.name=x", del, fault.InvalidQuery, "", []string{`{"name":"required","path":["fields","author","sys","contentType","sys","id"],"details":"The property \"fields.author.sys.contentType.sys.id\" is required here"}`}},
		{"content_type=post&fields.author.fields.name=x&fields.author.sys.contentType.sys.id=perso", del, fault.InvalidQuery, "", []string{`{"name":"unknownContentType","path":["fields","author","sys","contentType","sys","id"],"value":"perso","details":"The content type \"perso\" could not be found or was not activated.","suggestions":["person"]}`}},
		{"content_type=post&fields.author.fields.nope=x&fields.author.sys.contentType.sys.id=person", del, fault.UnknownQueryField, "", []string{`{"name":"unknown","path":["fields","author","fields","nope"],"details":"No field with id \"nope\" found."}`}},
		{"content_type=post&fields.author.fields.boss.fields.name=x&fields.author.sys.contentType.sys.id=person", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","author","fields","boss","fields","name"],"details":"The path \"fields.author.fields.boss.fields.name\" is not recognized"}`}},
		{"content_type=post&fields.cover.fields.title=x&fields.cover.sys.contentType.sys.id=person", del, fault.InvalidQuery, "", []string{`{"name":"invalid","path":["fields","cover"],"details":"Only fields with links to entries can be searched for what they refer to.","parameter":"fields.cover.fields.title"}`}},
		{"content_type=post&fields.author.sys.contentType.sys.id[in]=person", del, fault.InvalidQuery, "", []string{
			`{"name":"unknown","path":["fields","author","sys","contentType","sys","id"],"details":"The path \"fields.author.sys.contentType.sys.id\" is not recognized","parameter":"fields.author.sys.contentType.sys.id[in]"}`,
			`{"name":"required","path":["fields","author","sys","contentType","sys","id"],"details":"The property \"fields.author.sys.contentType.sys.id\" is required here"}`}},
		{"fields.author.fields.name=x", del, fault.BadRequest, needsType, nil},

		// what other APIs and languages have instead
		{"page=2", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["page"],"details":"The path \"page\" is not recognized","suggestions":["skip"]}`}},
		{"orderBy=sys.id", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["orderBy"],"details":"The path \"orderBy\" is not recognized","suggestions":["order"]}`}},
		{"per_page=9", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["per_page"],"details":"The path \"per_page\" is not recognized","suggestions":["limit"]}`}},
		{"content_type=post&fields[title]=x", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields[title]"],"details":"The path \"fields[title]\" is not recognized","suggestions":["fields.title"]}`}},
		{"content_type=post&fields.title.match=x", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","title","match"],"details":"The path \"fields.title.match\" is not recognized","suggestions":["fields.title[match]"]}`}},
		{"content_type=post&fields.author.name=x", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","author","name"],"details":"The path \"fields.author.name\" is not recognized","suggestions":["fields.author.fields.name"]}`}},
		{"content_type=post&order=fields.title desc", del, fault.UnknownQueryField, "", []string{`{"name":"unknown","path":["fields","title desc"],"details":"No field with id \"title desc\" found.","suggestions":["-fields.title"],"parameter":"order"}`}},
		{"content_type=post&order=fields.title ASC", del, fault.UnknownQueryField, "", []string{`{"name":"unknown","path":["fields","title ASC"],"details":"No field with id \"title ASC\" found.","suggestions":["fields.title"],"parameter":"order"}`}},
		{"content_type=post&fields.title[like]=x", del, fault.InvalidQuery, "", []string{`{"name":"unknown","path":["fields","title"],"details":"The operator \"like\" is not recognized.","filter":"like","expected":["all","exists","gt","gte","in","lt","lte","match","ne","near","nin","within"],"suggestions":["match"],"parameter":"fields.title[like]"}`}},
	}
	for _, tt := range tests {
		q, err := Parse(values(t, tt.query), tt.opt)
		var f *fault.Error
		if q != nil || !errors.As(err, &f) {
			t.Errorf("%s: no fault but %v", tt.query, err)
			continue
		}
		var got []string
		if f.Details != nil {
			for _, d := range f.Details.Errors {
				got = append(got, asJSON(t, d))
			}
		}
		var want []string
		for _, d := range tt.details {
			var x any
			if err := json.Unmarshal([]byte(d), &x); err != nil {
				t.Fatalf("%s: %v", d, err)
			}
			want = append(want, asJSON(t, x))
		}
		if diff := cmp.Diff(want, got); f.Kind != tt.kind || f.Message != tt.message || diff != "" {
			t.Errorf("%s: %v %q (-want +got)\n%s", tt.query, f.Kind, f.Message, diff)
		}
	}
}

// asJSON has sorted keys.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var x any
	if err := json.Unmarshal(b, &x); err != nil {
		t.Fatal(err)
	}
	b, err = json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParseBounds(t *testing.T) {
	t.Parallel()
	opt := Options{API: Delivery, Kind: cms.KindEntry, Model: testModel()}
	repeat := func(n int, f func(i int) string, sep string) string {
		var parts []string
		for i := range n {
			parts = append(parts, f(i))
		}
		return strings.Join(parts, sep)
	}
	id := func(i int) string { return fmt.Sprintf("id%d", i) }
	filter := func(i int) string { return fmt.Sprintf("sys.id[ne]=%d", i) }
	sysID := func(int) string { return "sys.id" }
	tests := []struct {
		name, query string
		ok          bool
	}{
		{"many in a list", "sys.id[in]=" + repeat(5000, id, ","), true},
		{"too many in a list", "sys.id[in]=" + repeat(maxList+1, id, ","), false},
		{"many conditions", repeat(maxConds, filter, "&"), true},
		{"too many conditions", repeat(maxConds+1, filter, "&"), false},
		{"many selected", "select=" + repeat(maxSelect, sysID, ","), true},
		{"too many selected", "select=" + repeat(maxSelect+1, sysID, ","), false},
		{"too many selected in two lists", "select[0]=" + repeat(maxSelect, sysID, ",") + "&select[1]=sys.id", false},
		{"many sort keys", "order=" + repeat(maxOrder, sysID, ","), true},
		{"too many sort keys", "order=" + repeat(maxOrder+1, sysID, ","), false},
		{"two references", "content_type=post&fields.author.sys.contentType.sys.id=person&fields.related.sys.contentType.sys.id=post", true},
	}
	for _, tt := range tests {
		if _, err := Parse(values(t, tt.query), opt); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestThreeReferences(t *testing.T) {
	t.Parallel()
	m := testModel()
	for _, id := range []string{"a", "b", "c"} {
		m.Types["person"].Fields = append(m.Types["person"].Fields, cms.Field{ID: id, Key: id, Type: cms.TypeLink, LinkType: "Entry"})
	}
	_, err := Parse(values(t, "content_type=person&fields.a.sys.contentType.sys.id=post&fields.b.sys.contentType.sys.id=post&fields.c.sys.contentType.sys.id=post"),
		Options{API: Delivery, Kind: cms.KindEntry, Model: m})
	if !fault.Is(err, fault.InvalidQuery) {
		t.Error(err)
	}
}

func TestErrorsHoldNoToken(t *testing.T) {
	t.Parallel()
	_, err := Parse(values(t, "access_token=SECRET&foo=1&limit=x&locale=fr"), Options{API: Delivery, Kind: cms.KindEntry, Model: testModel()})
	if s := asJSON(t, fault.Of(err)); strings.Contains(s, "SECRET") {
		t.Error(s)
	}
}
