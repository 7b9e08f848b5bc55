package cms_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
)

var bodies = []string{
	`{}`,
	`{"metadata":{"tags":["a"],"concepts":["b"]},"fields":{"title":{"en-US":"T","de":null}},"locales":["x"]}`,
	`{"metadata":{},"fields":{"t":{"l":"\\"},"u":{"l":"a\"b\\\"c"},"v":{"l":{"a":["}","]",{"b":"{"}]}},"n":{"l":-1.5e3},"b":{"l":true}}}`,
	" { \"fields\" : { \"a\" : { \"l\" : [ 1 , 2 ] , \"m\" : { } } } , \"metadata\" : { } } ",
	`{"fields":null,"metadata":null}`,
	`{"fields":{"a":null}}`,
	`{"fields":{"a":{"l":1},"a":{"m":2}}}`,
	`{"fields":{"a":{"l":1}},"fields":{"b":{"l":1}}}`,
	`{"Fields":{"a":{"l":1}},"more":[{"x":1}]}`,
	`{"fields":{"\u0061":{"l":1}}}`,
	`{"fields":{"a":{"l":"ü\u00fc"}}}`,
	`{"a":1,"a":[2],"b":{"a":"}"},"":null}`, `{"\ud800":1,"\u0041":2}`,
	`[1,"]",[2,[]],{"a":[3]},null,true]`, ` [ ] `, "[\t1 ,\n\"\\\"]\" ] ", `null`, ` null`, `5`, `"x"`,
	`[]`, `{`, `{"fields":{"a":{"l":}}}`, `{"fields":{"a":1}}`, `{"fields":{}}x`, `{"fields":{"a":{"l":"x}}}`, `{,}`, `{"fields":{"a":{"l":1},}}`, ``,
}

// checkParse holds ParseDocument against encoding/json, which is the definition.
func checkParse(t *testing.T, body []byte) {
	t.Helper()
	if !json.Valid(body) {
		_, _ = cms.ParseDocument(body) // whatever it says, it does not panic
		return
	}
	var want cms.Document
	failure := json.Unmarshal(body, &want)
	got, err := cms.ParseDocument(bytes.Clone(body))
	if (err != nil) != (failure != nil) {
		t.Fatalf("%s: %v, but encoding/json %v", body, err, failure)
	}
	if diff := cmp.Diff(want, got); err == nil && diff != "" {
		t.Fatalf("%s: (-want +got)\n%s", body, diff)
	}
	same(t, body, cms.Members)
	same(t, body, cms.Elements)
}

// same holds a function against encoding/json.
func same[T any](t *testing.T, body []byte, parse func(json.RawMessage) (T, error)) {
	t.Helper()
	var want T
	failure := json.Unmarshal(body, &want)
	got, err := parse(bytes.Clone(body))
	if (err != nil) != (failure != nil) {
		t.Fatalf("%s: %v, but encoding/json %v", body, err, failure)
	}
	if diff := cmp.Diff(want, got); err == nil && diff != "" {
		t.Fatalf("%s: (-want +got)\n%s", body, diff)
	}
}

func TestParseDocument(t *testing.T) {
	t.Parallel()
	for _, body := range bodies {
		checkParse(t, []byte(body))
	}
	if d, err := cms.ParseDocument([]byte(`{"fields":`)); err == nil {
		t.Errorf("half a body: %v", d)
	}
}

func FuzzParseDocument(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) { checkParse(t, body) })
}

// longBody is of an entry with 2 KB of text.
var longBody = []byte(`{"metadata":{},"fields":{"title":{"de":"Ein Titel","en":"A title"},"body":{"en":"` + strings.Repeat("words and \\n more ", 120) + `"},"date":{"en":"2026-01-01"},"tags":{"en":["a","b"]},"author":{"en":{"sys":{"type":"Link","linkType":"Entry","id":"x"}}}}}`)

func BenchmarkParseDocument(b *testing.B) {
	body := longBody
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := cms.ParseDocument(body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		for b.Loop() {
			var d cms.Document
			if err := json.Unmarshal(body, &d); err != nil {
				b.Fatal(err)
			}
		}
	})
}
