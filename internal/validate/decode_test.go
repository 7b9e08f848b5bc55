package validate

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// checkDecode holds decode against the decoder of encoding/json.
func checkDecode(t *testing.T, b []byte) {
	t.Helper()
	if !json.Valid(b) {
		_, _ = decode(b) // whatever it says, it does not panic
		return
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var want any
	failure := d.Decode(&want)
	got, err := decode(b)
	if (err != nil) != (failure != nil) || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %#v, %v, but encoding/json %#v, %v", b, got, err, want, failure)
	}
}

var valuesToDecode = []string{
	`""`, `"x"`, `"ü"`, `"a\"b"`, `"\\"`, `"\u00fc\ud800"`, "\"\xff\"", `"<&>"`, "\"\u2028\"", ` "x"`, `"x" `,
	`0`, `7`, `-7`, `10`, `9007199254740993`, `1.50`, `1e3`, `1E400`, `-0`, ` 5`, `5 `, `true`, `false`, `null`, ` null`,
	`[]`, `{}`, `["a","b"]`, `["1","-2","\\",3]`, `["\"",-1]`, `[true,null]`, `{"sys":{"type":"Link","linkType":"Entry","id":"x-1"}}`,
	`[{"sys":{"id":"a","id":"b"}},{}]`, `[[[["a"]]]]`, `[[["a"],[]],{"b":{"c":{}}}]`, `{"a":{"b":{"c":{"d":"e"}}}}`, `{"\u0061":["b"]}`, `[{"a":[1.5]},[]]`, `["a",]`, `{"a":"b"`,
	`{"lat":52.5,"lon":13}`, `{"a":1,"a":"2"}`, `{"a":{"b":1},"a":{"c":"d"}}`, "[ \"a\" ,\t{ } ]",
	``, `"`, `"a`, `"a"b"`, `"\`, `1a`, `12.`, `tru`, `[1`, `["a]`, "\"\n\"",
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, s := range valuesToDecode {
		checkDecode(t, []byte(s))
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range valuesToDecode {
		f.Add([]byte(s))
	}
	f.Fuzz(checkDecode)
}
