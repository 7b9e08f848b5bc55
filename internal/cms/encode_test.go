package cms_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/typecase/typecase/internal/cms"
)

// checkEncode holds Encode against encoding/json, which is the definition.
func checkEncode(t *testing.T, d *cms.Document) {
	t.Helper()
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		t.Fatal(err)
	}
	got, err := d.Encode()
	if err != nil || string(got)+"\n" != want.String() {
		t.Errorf("%s, %v, but encoding/json %s", got, err, &want)
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, d := range []cms.Document{
		{},
		{Fields: cms.Fields{}, Locales: []string{}},
		{Fields: cms.Fields{"b": {}, "a": nil, "c": {"x": nil}}},
		{Metadata: cms.Metadata{Tags: []string{"a", "<b>&\u2028\"\\"}}, Locales: []string{"en", "ü", "\xff"}},
		{Metadata: cms.Metadata{Concepts: []string{"c"}}},
		{Metadata: cms.Metadata{Tags: []string{"t"}, Concepts: []string{"c", "\x7f\n"}}},
		{Fields: cms.Fields{
			"z<&>": {"de": json.RawMessage(`"<&>\u2028\u00fc \" \\"`), "": json.RawMessage(" [ 1 ,\t{ \"a b\" : \"\\\\\" , \"c\" : [ ] } ,\r\n null ] ")},
			"a\"":  {"z": json.RawMessage(`-1.50e+3`), "a": json.RawMessage("\"\u2028 \xff\"")},
		}},
	} {
		checkEncode(t, &d)
	}
	for _, broken := range []string{``, `"`, `["a]`, `"\"`} {
		d := cms.Document{Fields: cms.Fields{"a": {"b": json.RawMessage(broken)}}}
		if got, err := d.Encode(); err == nil {
			t.Errorf("%s", got)
		}
	}
}

func FuzzEncode(f *testing.F) {
	for _, body := range bodies {
		f.Add("title", "en-US", []byte(body))
	}
	f.Fuzz(func(t *testing.T, field, locale string, value []byte) {
		d := &cms.Document{Fields: cms.Fields{field: {locale: value}, "more": {locale: json.RawMessage("0")}}, Locales: []string{locale}}
		if !json.Valid(value) {
			_, _ = d.Encode() // whatever it says, it does not panic
			return
		}
		checkEncode(t, d)
	})
}

func BenchmarkEncode(b *testing.B) {
	d, err := cms.ParseDocument(longBody)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}
