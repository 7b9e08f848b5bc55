package cms_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/typecase/typecase/internal/cms"
)

// TestSameValue holds every pair of some values against their decoded forms.
func TestSameValue(t *testing.T) {
	t.Parallel()
	decoded := func(s string) (v any) {
		d := json.NewDecoder(bytes.NewReader([]byte(s)))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		return v
	}
	values := []string{
		`null`, `true`, `false`, `0`, `-0`, `1`, `1.0`, `1e0`, `" "`, `""`, `"1"`, `"a"`, `"\u0061"`, `"\\"`, `"\u005c"`, `"ü"`, `"\u00fc"`,
		"\"\xff\"", "\"\ufffd\"", `[]`, `[ ]`, `{}`, `[1,2]`, `[1, 2]`, `{"a":1,"b":2}`, `{"b":2,"a":1}`, ` 1`, "1\n", ` "a"`, `"a" `,
	}
	for _, a := range values {
		for _, b := range values {
			if got, want := cms.SameValue(json.RawMessage(a), json.RawMessage(b)), reflect.DeepEqual(decoded(a), decoded(b)); got != want {
				t.Errorf("%q and %q: %t", a, b, got)
			}
		}
		if cms.SameValue(nil, json.RawMessage(a)) || cms.SameValue(json.RawMessage(a), nil) {
			t.Errorf("%q is no value", a)
		}
	}
	if !cms.SameValue(nil, nil) {
		t.Error("no value is not no value")
	}
}
