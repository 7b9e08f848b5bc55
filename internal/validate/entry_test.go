package validate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

const allTypes = `[
	{"id":"symbol","type":"Symbol","localized":true},
	{"id":"text","type":"Text"},
	{"id":"rich","type":"RichText"},
	{"id":"integer","type":"Integer"},
	{"id":"number","type":"Number"},
	{"id":"date","type":"Date"},
	{"id":"boolean","type":"Boolean"},
	{"id":"object","type":"Object"},
	{"id":"location","type":"Location"},
	{"id":"entry","type":"Link","linkType":"Entry"},
	{"id":"asset","type":"Link","linkType":"Asset"},
	{"id":"resource","type":"ResourceLink"},
	{"id":"tags","type":"Array","items":{"type":"Symbol"}},
	{"id":"entries","type":"Array","items":{"type":"Link","linkType":"Entry"}},
	{"id":"resources","type":"Array","items":{"type":"ResourceLink"}}
]`

const (
	entryLink    = `{"sys":{"type":"Link","linkType":"Entry","id":"e1"}}`
	assetLink    = `{"sys":{"type":"Link","linkType":"Asset","id":"a1"}}`
	resourceLink = `{"sys":{"type":"ResourceLink","linkType":"Contentful:Entry","urn":"crn:contentful:::content:spaces/s/entries/e"}}`
	emptyDoc     = `{"nodeType":"document","data":{},"content":[]}`
)

func TestEntryTypes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		field, typ string
		right      []string
		wrong      []string
	}{
		{"symbol", "Symbol", []string{`""`, `"a"`, long(MaxSymbol), `null`}, []string{`1`, `true`, `[]`, `{}`, long(MaxSymbol + 1)}},
		{"text", "Text", []string{`""`, `"a\nb"`, long(MaxText), `null`}, []string{`1`, `[]`, long(MaxText + 1)}},
		{"integer", "Integer", []string{`0`, `-7`, `3.0`, `3e2`, `9007199254740993`, `null`}, []string{`"1"`, `1.5`, `true`, `1e999`}},
		{"number", "Number", []string{`0`, `-7.25`, `1e-7`, `null`}, []string{`"1"`, `{}`, `-1e999`}},
		{"date", "Date", []string{`"2025-02-28"`, `"2025-02-28T10:30"`, `"2025-02-28T10:30Z"`, `"2025-02-28T10:30+02:00"`, `"2025-02-28T10:30:15"`,
			`"2025-02-28T10:30:15-08:00"`, `"2025-02-28T10:30:15.123"`, `"2025-02-28T10:30:15.123Z"`, `null`},
			[]string{`""`, `"yesterday"`, `"2025-02-30"`, `"2025-13-01"`, `"2025-02-28T25:00"`, `"2025-02-28 10:30"`, `"2025-02-28T10"`,
				`"2025-02-28Z"`, `"28.02.2025"`, `1740700800`}},
		{"boolean", "Boolean", []string{`true`, `false`, `null`}, []string{`"true"`, `0`}},
		{"object", "Object", []string{`{}`, `{"a":[1]}`, `[]`, `[1,"a"]`, `null`}, []string{`"a"`, `1`, `true`}},
		{"location", "Location", []string{`{"lat":1,"lon":-2.5}`, `null`}, []string{`{"lat":1}`, `{"lat":"1","lon":2}`, `[1,2]`, `"1,2"`, `{"lat":1,"lon":1e999}`}},
		{"entry", "Link", []string{entryLink, `null`}, []string{assetLink, resourceLink, `"e1"`, `{"sys":{"type":"Entry","id":"e1"}}`,
			`{"sys":{"type":"Link","linkType":"Entry"}}`, `{"sys":{"type":"Link","linkType":"Entry","id":""}}`, `{"sys":{"type":"Link","linkType":"Entry","id":1}}`, `[]`}},
		{"asset", "Link", []string{assetLink}, []string{entryLink}},
		{"resource", "ResourceLink", []string{resourceLink, `null`}, []string{entryLink, `{"sys":{"type":"ResourceLink","linkType":"Contentful:Entry"}}`, `{}`}},
		{"tags", "Array", []string{`[]`, `["a","b"]`, `null`}, []string{`"a"`, `{}`, `{"0":"a"}`}},
		{"entries", "Array", []string{`[]`, `[` + entryLink + `]`}, []string{entryLink}},
		{"resources", "Array", []string{`[` + resourceLink + `]`}, []string{resourceLink}},
		{"rich", "RichText", []string{emptyDoc, `null`}, []string{`"text"`, `[]`, `1`}},
	}
	for _, tt := range tests {
		t.Run(tt.field, func(t *testing.T) {
			t.Parallel()
			ct := contentType(t, allTypes)
			for _, value := range tt.right {
				got, _, err := Entry(ct, locales, members(t, `{"`+tt.field+`":{"en-US":`+value+`}}`))
				checkError(t, err, fault.InvalidEntry, nil)
				want := cms.Fields{"k-" + tt.field: {"k-en": raw(value)}}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, -want +got\n%s", value, diff)
				}
			}
			for _, value := range tt.wrong {
				_, _, err := Entry(ct, locales, members(t, `{"`+tt.field+`":{"en-US":`+value+`}}`))
				checkError(t, err, fault.InvalidEntry, []fault.Detail{formProblem(tt.typ, value, "fields", tt.field, "en-US")})
			}
		})
	}
}

func TestEntryOnSave(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fields string
		stored       cms.Fields
		want         []fault.Detail
	}{
		{name: "nothing", fields: `{}`, stored: cms.Fields{}},
		{name: "a null field and an empty map are no values", fields: `{"symbol":null,"text":{}}`, stored: cms.Fields{}},
		{name: "null and other locales are kept", fields: `{"symbol":{"de":null,"fr":"f","en-US":"e"}}`,
			stored: cms.Fields{"k-symbol": {"k-de": raw(`null`), "k-fr": raw(`"f"`), "k-en": raw(`"e"`)}}},
		{name: "no map of locales", fields: `{"symbol":"yes","text":["a"],"boolean":true}`, want: []fault.Detail{
			formProblem("Object", `"yes"`, "fields", "symbol"),
			formProblem("Object", `["a"]`, "fields", "text"),
			formProblem("Object", `true`, "fields", "boolean")}},
		{name: "unknown, hidden and forbidden locales", fields: `{"symbol":{"xx":"x","pl":"p"},"text":{"de":"d"}}`, want: []fault.Detail{
			strayAt(`"p"`, "fields", "symbol", "pl"),
			strayAt(`"x"`, "fields", "symbol", "xx"),
			{Name: "unknown", Path: []any{"fields", "text", "de"}, Value: raw(`"d"`),
				Details: `The property "de" is not allowed here. The field is not localized: it has a value for "en-US" only.`}}},
		{name: "null does not excuse an unknown locale", fields: `{"symbol":{"pl":null}}`, want: []fault.Detail{strayAt(`null`, "fields", "symbol", "pl")}},
		{name: "elements", fields: `{"tags":{"en-US":["a",1,` + long(MaxSymbol+1) + `,null]},"entries":{"en-US":[` + assetLink + `]},"resources":{"en-US":["a"]}}`, want: []fault.Detail{
			formProblem("Symbol", `1`, "fields", "tags", "en-US", 1),
			formProblem("Symbol", long(MaxSymbol+1), "fields", "tags", "en-US", 2),
			formProblem("Symbol", `null`, "fields", "tags", "en-US", 3),
			formProblem("Link", assetLink, "fields", "entries", "en-US", 0),
			formProblem("ResourceLink", `"a"`, "fields", "resources", "en-US", 0)}},
		{name: "too many elements", fields: `{"tags":{"en-US":[` + strings.Repeat(`"a",`, MaxItems) + `"a"]}}`, want: []fault.Detail{
			{Name: "size", Max: raw(`1000`), Path: []any{"fields", "tags", "en-US"}, Details: "Size must be at most 1000"}}},
		{name: "rich text", fields: `{"rich":{"en-US":{"nodeType":"document","content":[{"nodeType":"hr","data":{},"content":[],"x":1}],"data":{}}}}`, want: []fault.Detail{
			{Name: "unexpected", NodeType: "hr", Expected: []any{"nodeType", "data", "content"}, Path: []any{"fields", "rich", "en-US", "content", 0, "x"}, Details: `The property "x" is not expected`}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := Entry(contentType(t, allTypes), locales, members(t, tt.fields))
			checkError(t, err, fault.InvalidEntry, tt.want)
			if diff := cmp.Diff(tt.stored, got); diff != "" {
				t.Errorf("stored, -want +got\n%s", diff)
			}
		})
	}
}

// Unknown fields come alone and all at once: import removes what is reported
// and tries again.
func TestEntryUnknownFields(t *testing.T) {
	t.Parallel()
	_, _, err := Entry(contentType(t, allTypes), locales, members(t, `{"text":{"en-US":1},"title":{"en-US":"a"},"author":null}`))
	checkError(t, err, fault.UnknownField, []fault.Detail{
		{Name: "unknown", Path: []any{"fields", "author"}, Value: raw(`null`), Details: `The property "author" is not allowed here.`},
		{Name: "unknown", Path: []any{"fields", "title"}, Value: raw(`{"en-US":"a"}`), Details: `The property "title" is not allowed here.`}})
	if got := fault.Of(err).Message; got != `No field with id "author" found.` {
		t.Errorf("message %q", got)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	_, _, err := Entry(contentType(t, allTypes), locales, members(t, `{"tags":{"en-US":[`+strings.Repeat(`1,`, 500)+`1]},"text":{"en-US":1}}`))
	if n := len(fault.Of(err).Details.Errors); n != maxProblems {
		t.Errorf("%d problems", n)
	}
}

// Whatever is sent, Entry either stores it or says why not, and what it stores
// it accepts again and Publish finds to have the right types.
func FuzzEntry(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"symbol":{"en-US":"a","de":null}}`, `{"nope":1}`, `{"tags":{"en-US":["a",1]}}`,
		`{"rich":{"en-US":` + emptyDoc + `},"entry":{"en-US":` + entryLink + `},"date":{"en-US":"2025-01-01"}}`,
		`{"integer":{"en-US":1e400},"location":{"en-US":{"lat":1,"lon":2}}}`,
	} {
		f.Add([]byte(seed))
	}
	ct := contentType(f, allTypes)
	f.Fuzz(func(t *testing.T, b []byte) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(b, &fields) != nil {
			return
		}
		stored, _, err := Entry(ct, locales, fields)
		if err != nil {
			checkContract(t, fault.Of(err))
			return
		}
		for _, byLocale := range stored {
			for key := range byLocale {
				if key == "k-xx" {
					t.Error("stored a hidden locale")
				}
			}
		}
		doc := &cms.Document{Fields: stored}
		if err := Publish(ct, locales, doc, to(anything{})); err != nil {
			t.Errorf("stored, but not publishable: %v %+v", err, fault.Of(err).Details)
		}
	})
}

// anything says that every link resolves.
type anything struct{}

func (anything) Entry(string) (string, bool)        { return "post", true }
func (anything) Asset(string) (*cms.Document, bool) { return &cms.Document{}, true }
