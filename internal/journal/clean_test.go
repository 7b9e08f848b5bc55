package journal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/journal"
)

const (
	inEnvironment = "/spaces/:space/environments/:environment"
	entryRoute    = inEnvironment + "/entries/:id"
	typeRoute     = inEnvironment + "/content_types/:id"
	webhookRoute  = "/spaces/:space/webhook_definitions/:id"
)

// cleaner is of a journal that keeps values or not, for a request with a token.
func cleaner(values bool) journal.Cleaner {
	return journal.New(journal.Options{Requests: 1, Bytes: 1 << 20, Values: values}).Cleaner("delivery-key-1234")
}

func TestBody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, route, body, without, with string }{
		{
			name: "an entry", route: entryRoute,
			body:    `{"sys":{"id":"e1","version":3},"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"t1"}}]},"fields":{"title":{"en-US":"Grüße","de":null},"price":{"en-US":1.5},"count":{"en-US":12},"on":{"en-US":true},"list":{"en-US":["a","bc"]}}}`,
			without: `{"sys":{"id":"e1","version":3},"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"t1"}}]},"fields":{"title":{"en-US":"(string:5)","de":null},"price":{"en-US":"(number)"},"count":{"en-US":"(integer)"},"on":{"en-US":"(boolean)"},"list":{"en-US":["(string:1)","(string:2)"]}}}`,
		},
		{
			name: "links keep their ids", route: entryRoute,
			body:    `{"fields":{"a":{"x":{"sys":{"id":"e2","type":"Link","linkType":"Entry"}}}}}`,
			without: `{"fields":{"a":{"x":{"sys":{"type":"Link","linkType":"Entry","id":"e2"}}}}}`,
			with:    `{"fields":{"a":{"x":{"sys":{"id":"e2","type":"Link","linkType":"Entry"}}}}}`,
		},
		{
			name: "what only looks like a link does not", route: entryRoute,
			body:    `{"fields":{"a":{"x":{"sys":{"id":"e2","type":"Link","linkType":"Entry","note":"mine"}},"y":{"sys":{"id":"two words","type":"Link","linkType":"Entry"}},"z":{"sys":"mine"}}}}`,
			without: `{"fields":{"a":{"x":{"sys":{"id":"(string:2)","type":"(string:4)","linkType":"(string:5)","note":"(string:4)"}},"y":{"sys":{"id":"(string:9)","type":"(string:4)","linkType":"(string:5)"}},"z":{"sys":"(string:4)"}}}}`,
		},
		{
			name: "rich text keeps its nodes", route: entryRoute,
			body:    `{"fields":{"b":{"x":{"nodeType":"document","data":{},"content":[{"nodeType":"my diary","content":[{"nodeType":"text","value":"hi","marks":[{"type":"bold"}]}]}]}}}}`,
			without: `{"fields":{"b":{"x":{"nodeType":"document","data":{},"content":[{"nodeType":"(string:8)","content":[{"nodeType":"text","value":"(string:2)","marks":[{"type":"(string:4)"}]}]}]}}}}`,
		},
		{
			name: "values where they do not belong", route: entryRoute,
			body:    `{"title":{"en-US":"Hi"},"name":"Ada","path":"/x","sys":{"note":"Ada"},"metadata":{"x":{"name":"Ada"}}}`,
			without: `{"title":{"en-US":"(string:2)"},"name":"(string:3)","path":"(string:2)","sys":{"note":"(string:3)"},"metadata":{"x":{"name":"(string:3)"}}}`,
		},
		{name: "a bare value", route: entryRoute, body: `"Ada"`, without: `"(string:3)"`},
		{
			name: "a patch", route: entryRoute,
			body:    `[{"op":"add","path":"/fields/title/en-US","value":"Ada"},{"op":"add","path":"/fields/x","value":{"name":"Ada"}},"Ada"]`,
			without: `[{"op":"add","path":"/fields/title/en-US","value":"(string:3)"},{"op":"add","path":"/fields/x","value":{"name":"(string:3)"}},"(string:3)"]`,
		},
		{
			name: "a content type", route: typeRoute,
			body:    `{"name":"Article","description":"Ours","fields":[{"id":"title","type":"Symbol","validations":[{"size":{"max":10}},{"in":["a","b"]}],"defaultValue":{"en-US":"Ada"}}]}`,
			without: `{"name":"Article","description":"(string:4)","fields":[{"id":"title","type":"Symbol","validations":[{"size":{"max":10}},{"in":["a","b"]}],"defaultValue":{"en-US":"(string:3)"}}]}`,
		},
		{
			name: "an entry sent to a content type", route: typeRoute,
			body:    `{"fields":{"name":{"en-US":"Ada"}}}`,
			without: `{"fields":{"name":{"en-US":"(string:3)"}}}`,
		},
		{
			name: "a webhook", route: webhookRoute,
			body:    `{"name":"W","url":"https://u:p@h/?k=v","httpBasicPassword":"pw","headers":[{"key":"X-Key","value":"v","secret":true}],"topics":["Entry.*"]}`,
			without: `{"name":"W","url":"(string:18)","httpBasicPassword":"(secret)","headers":[{"key":"(secret)","value":"(secret)","secret":true}],"topics":["Entry.*"]}`,
			with:    `{"name":"W","url":"https(secret)h/?k=v","httpBasicPassword":"(secret)","headers":[{"key":"(secret)","value":"(secret)","secret":true}],"topics":["Entry.*"]}`,
		},
		{
			name: "tokens wherever they are", route: typeRoute,
			body:    `{"name":"CFPAT-abc_d","displayField":"x delivery-key-1234 y","code":"bearer abcdefgh","CFPAT-k":1}`,
			without: `{"name":"(secret)","displayField":"x (secret) y","code":"(secret)","(secret)":"(integer)"}`,
			with:    `{"name":"(secret)","displayField":"x (secret) y","code":"(secret)","(secret)":1}`,
		},
		{name: "escapes", route: typeRoute, body: `{"name":"CFPAT\u002dabc \"\u001b"}`, without: `{"name":"(secret) \"\u001b"}`},
		{name: "no JSON", route: typeRoute, body: `{"name":`, without: `"(not JSON)"`, with: `"(not JSON)"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.without, string(cleaner(false).Body(tt.route, []byte(tt.body)))); diff != "" {
				t.Errorf("without values (-want +got):\n%s", diff)
			}
			if tt.with == "" {
				return
			}
			if diff := cmp.Diff(tt.with, string(cleaner(true).Body(tt.route, []byte(tt.body)))); diff != "" {
				t.Errorf("with values (-want +got):\n%s", diff)
			}
		})
	}
	if got := cleaner(false).Body(entryRoute, nil); got != nil {
		t.Errorf("no body: %s", got)
	}
}

// TestBodyIsBounded: what is too large ends early, as JSON.
func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a long text":   `{"fields":{"a":{"x":"` + strings.Repeat("x", 1<<20) + `"}}}`,
		"many texts":    `{"fields":{"a":{"x":["` + strings.Repeat(`","`, 1<<18) + `"]}}}`,
		"many members":  `{"fields":{` + strings.Repeat(`"a":{"x":1},`, 1<<17) + `"b":1}}`,
		"long names":    `{"fields":{"` + strings.Repeat("n", 1<<20) + `":1}}`,
		"a long number": `{"fields":{"a":{"x":` + strings.Repeat("9", 1<<20) + `}}}`,
	} {
		for _, values := range []bool{false, true} {
			got := cleaner(values).Body(entryRoute, []byte(body))
			if len(got) > 20<<10 || !json.Valid(got) {
				t.Errorf("%s: %d bytes: %.100s", name, len(got), got)
			}
			if strings.HasPrefix(name, "many") && !strings.Contains(string(got), `"(more)"`) {
				t.Errorf("%s: it does not say that there is more", name)
			}
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ raw, without, with string }{
		{"content_type=article&limit=2&skip=1&order=-fields.x", "content_type=article&limit=2&skip=1&order=-fields.x", ""},
		{"fields.title[in]=Ada,Bob&fields.n=1", "fields.title[in]=(string:7)&fields.n=(string:1)", "fields.title[in]=Ada,Bob&fields.n=1"},
		{"query=hello+world&name=x&unknown=%C3%A4", "query=(string:11)&name=(string:1)&unknown=(string:1)", "query=hello%20world&name=x&unknown=ä"},
		{"sys.id[in]=a,b&metadata.tags.sys.id=t", "sys.id[in]=a,b&metadata.tags.sys.id=t", ""},
		{"access_token=abc&x", "x", "x"},
		{"access%5Ftoken=abc&limit=1", "limit=1", "limit=1"},
		{"content_type=page?access_token=abc&limit=1", "content_type=page?(secret)&limit=1", ""},
		{"limit=1;access_token=abc;skip=2", "limit=1;(secret);skip%3D2", ""},
		{"order=x%26access_token%3Dabc", "order=x%26(secret)", ""},
		{"content_type=x%2526Access_Token%253Dabc", "content_type=x%2526(secret)", ""},
		{"apiKey=abc&my_token=x&limit=", "apiKey=(secret)&my_token=(secret)&limit=", "apiKey=(secret)&my_token=(secret)&limit="},
		{"limit=delivery-key-1234&CFPAT-x=1", "limit=(secret)&(secret)=(string:1)", "limit=(secret)&(secret)=1"},
		{"limit=%1b%5b31m%e2%80%ae", "limit=%1B[31m%E2%80%AE", ""},
		{"pageNext=eyJ4IjoxfQ", "pageNext=(string:10)", "pageNext=eyJ4IjoxfQ"},
		{"fields.x=100%&a=%zz", "fields.x=(string:4)&a=(string:3)", "fields.x=100%25&a=%25zz"},
	} {
		if got := cleaner(false).Query(tt.raw); got != tt.without {
			t.Errorf("%s: %s, want %s", tt.raw, got, tt.without)
		}
		if tt.with == "" {
			tt.with = tt.without
		}
		if got := cleaner(true).Query(tt.raw); got != tt.with {
			t.Errorf("%s with values: %s, want %s", tt.raw, got, tt.with)
		}
	}
	if got := cleaner(true).Query(strings.Repeat("limit=1&", 1<<16)); len(got) > 3000 || !strings.HasSuffix(got, "&(more)") {
		t.Errorf("a long query: %d bytes", len(got))
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/spaces/s1/entries/a.b~c":      "/spaces/s1/entries/a.b~c",
		"/spaces/delivery-key-1234":     "/spaces/(secret)",
		"/x/CFPAT-abc/y":                "/x/(secret)",
		"/a b/\x1b[0m\u202e/100%":       "/a%20b/%1B[0m%E2%80%AE/100%25",
		"/" + strings.Repeat("x", 5000): "/" + strings.Repeat("x", 999) + "…",
	} {
		if got := cleaner(false).Path(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	problem := func(path []any, value, text string) *fault.Details {
		return &fault.Details{Errors: []fault.Detail{{Name: "value", Path: path, Value: json.RawMessage(value), Details: text}}}
	}
	for _, tt := range []struct {
		name, message, quoted string
		details               *fault.Details
		wantMessage           string
		want                  *fault.Details
	}{
		{"nothing", "Version mismatch", "", nil, "Version mismatch", nil},
		{"a body", `Invalid JSON in request body: {"a":"Ada (unexpected end)`, `{"a":"Ada`, nil, "Invalid JSON in request body: (string:9) (unexpected end)", nil},
		{"a token", "There is no locale delivery-key-1234 for CFPAT-x.", "", nil, "There is no locale (secret) for (secret)", nil},
		{
			"a value", "art", "", problem([]any{"fields", "n"}, `"art"`, "art used on fields.article is not a valid value for type Number: art."),
			"(value)", problem([]any{"fields", "n"}, `"(string:3)"`, "(value) used on fields.article is not a valid value for type Number: (value)."),
		},
		{
			"a number", "12", "", problem([]any{"fields", "n"}, `12`, "12 is more than 120"),
			"(value)", problem([]any{"fields", "n"}, `"(integer)"`, "(value) is more than 120"),
		},
		{
			"a structure", "m", "", problem([]any{"fields", "n"}, `{"en":["Ada"]}`, "Wrong"),
			"m", problem([]any{"fields", "n"}, `{"en":["(string:3)"]}`, "Wrong"),
		},
		{
			"a secret", "m", "", problem([]any{"httpBasicPassword"}, `12`, "Not 12"),
			"m", problem([]any{"httpBasicPassword"}, `"(secret)"`, "Not (value)"),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			message, details := cleaner(false).Error(tt.message, tt.quoted, tt.details)
			if message != tt.wantMessage {
				t.Errorf("message %q, want %q", message, tt.wantMessage)
			}
			if diff := cmp.Diff(tt.want, details); diff != "" {
				t.Errorf("details (-want +got):\n%s", diff)
			}
		})
	}
	d := problem([]any{"httpBasicPassword"}, `"Ada"`, "Not Ada")
	if _, got := cleaner(true).Error("", "", d); string(got.Errors[0].Value) != `"(secret)"` || got.Errors[0].Details != "Not (value)" {
		t.Errorf("a secret, with values: %+v", got.Errors[0])
	}
	if string(d.Errors[0].Value) != `"Ada"` {
		t.Error("the error itself was changed")
	}
	if _, got := cleaner(true).Error("", "", problem([]any{"fields", "a"}, `"Ada"`, "Not Ada")); string(got.Errors[0].Value) != `"Ada"` {
		t.Errorf("with values: %+v", got.Errors[0])
	}
}
