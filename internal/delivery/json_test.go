package delivery

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriterStrings(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                   `""`,
		"plain <b>&amp;</b>": `"plain <b>&amp;</b>"`,
		"a\"b\\c":            `"a\"b\\c"`,
		"\n\r\t\x00\x1f\x7f": "\"\\n\\r\\t\\u0000\\u001f\x7f\"",
		"Grüße 🎉 \u2028":     "\"Grüße 🎉 \u2028\"",
		"bad \xff\xfe end":   "\"bad \uFFFD\uFFFD end\"",
		"replacement \uFFFD": "\"replacement \uFFFD\"",
	} {
		w := &writer{}
		w.str(in)
		if diff := cmp.Diff(want, string(w.buf)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func FuzzWriterStrings(f *testing.F) {
	f.Add("a\"\\\n\xff🎉")
	f.Fuzz(func(t *testing.T, s string) {
		w := &writer{}
		w.str(s)
		var got string
		if err := json.Unmarshal(w.buf, &got); err != nil {
			t.Fatalf("%q became %s: %v", s, w.buf, err)
		}
		if want := string([]rune(s)); got != want {
			t.Errorf("%q came back as %q", want, got)
		}
	})
}

func TestWriterMembers(t *testing.T) {
	t.Parallel()
	text := "x"
	w := &writer{[]byte("{")}
	w.strMember("a{", "[")
	w.intMember("b", -7)
	w.boolMember("c", true)
	w.optMember("d", nil)
	w.optMember("e", &text)
	w.timeMember("f", time.Date(2026, 2, 3, 4, 5, 6, 78e6, time.FixedZone("", 3600)))
	w.linkMember("g", "Entry", "id")
	w.key("h")
	w.raw("[")
	w.next()
	w.raw("1")
	w.next()
	w.raw("2]}")
	want := `{"a{":"[","b":-7,"c":true,"d":null,"e":"x","f":"2026-02-03T03:05:06.078Z",` +
		`"g":{"sys":{"type":"Link","linkType":"Entry","id":"id"}},"h":[1,2]}`
	if diff := cmp.Diff(want, string(w.buf)); diff != "" {
		t.Error(diff)
	}
}
