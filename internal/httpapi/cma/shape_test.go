package cma

import (
	"encoding/json"
	"testing"
)

// An entity whose fields are put in later is the one that is encoded at once.
func TestWithFields(t *testing.T) {
	t.Parallel()
	fields := json.RawMessage(`{"a":{"en":null},"b":{"en":"\"fields\":null}"}}`)
	without, err := json.Marshal(entityJSON{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(entityJSON{Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := withFields(without, fields); err != nil || string(got) != string(want) {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	for _, other := range []string{`{"sys":{},"fields":null,"more":1}`, `{"sys":{},"fields":null,"more":null}`, `{"sys":{}}`} {
		if got, err := withFields([]byte(other), fields); err == nil {
			t.Errorf("%s became %s", other, got)
		}
	}
}
