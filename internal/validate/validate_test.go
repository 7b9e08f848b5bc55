package validate

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// locales have keys of their own, so that a mix-up of code and key shows.
var locales = cms.Locales{
	{Code: "en-US", Key: "k-en", Default: true, Management: true, Delivery: true},
	{Code: "de", Key: "k-de", Management: true, Delivery: true, FallbackCode: new("en-US")},
	{Code: "fr", Key: "k-fr", Management: true, Delivery: true, Optional: true},
	{Code: "xx", Key: "k-xx", Delivery: true}, // hidden from the management API
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// members reads {"title":{…}} as the request has it.
func members(t *testing.T, s string) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return m
}

// document reads stored fields, by keys.
func document(t *testing.T, s string) *cms.Document {
	t.Helper()
	var doc cms.Document
	if err := json.Unmarshal([]byte(s), &doc.Fields); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return &doc
}

// contentType reads fields; key, name and flags may be left out.
func contentType(t testing.TB, fields string) *cms.ContentType {
	t.Helper()
	ct := &cms.ContentType{Name: "Test"}
	if err := json.Unmarshal([]byte(fields), &ct.Fields); err != nil {
		t.Fatalf("%s: %v", fields, err)
	}
	for i := range ct.Fields {
		if ct.Fields[i].Key == "" {
			ct.Fields[i].Key = "k-" + ct.Fields[i].ID
		}
	}
	return ct
}

// to finds the same targets for any links.
func to(targets Targets) func([]Link) (Targets, error) {
	return func([]Link) (Targets, error) { return targets, nil }
}

// checkError compares an error's kind and all its problems; no wanted problems
// mean no error.
func checkError(t *testing.T, err error, kind fault.Kind, want []fault.Detail) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Errorf("unexpected error: %v %+v", err, fault.Of(err).Details)
		}
		return
	}
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Details == nil {
		t.Fatalf("got error %v, want %v", err, kind)
	}
	if diff := cmp.Diff(want, f.Details.Errors); diff != "" {
		t.Errorf("problems, -want +got\n%s", diff)
	}
	checkContract(t, f)
}

// checkContract holds an error against the rules of the error contract that
// concern details.errors: name, path and details are always there, expected
// holds scalars only.
func checkContract(t testing.TB, f *fault.Error) {
	t.Helper()
	if f.Details == nil || len(f.Details.Errors) == 0 || len(f.Details.Errors) > maxProblems {
		t.Errorf("%d problems", len(f.Details.Errors))
	}
	for _, d := range f.Details.Errors {
		if d.Name == "" || d.Details == "" {
			t.Errorf("incomplete problem %+v", d)
		}
		for _, e := range d.Expected {
			switch e.(type) {
			case string, json.Number, bool, cms.FieldType:
			default:
				t.Errorf("expected holds a %T", e)
			}
		}
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("cannot encode %+v: %v", d, err)
		}
	}
}

func typeProblem(typ, value string, at ...any) fault.Detail {
	return fault.Detail{Name: "type", Type: typ, Value: raw(value), Path: at,
		Details: `The type of "value" is incorrect, expected type: ` + typ}
}

// formProblem is typeProblem for a value of a field, which says too what values
// of the type look like.
func formProblem(typ, value string, at ...any) fault.Detail {
	d := typeProblem(typ, value, at...)
	form := map[string]string{
		"Symbol":       "A Symbol is a text of at most 256 characters.",
		"Text":         "A Text has at most 50000 characters.",
		"Integer":      "An Integer is a whole number without quotes.",
		"Number":       "A Number has no quotes.",
		"Boolean":      "A Boolean is true or false, without quotes.",
		"Date":         "A Date is a text such as 2026-03-02 or 2026-03-02T09:30:00Z.",
		"Location":     `A Location looks like {"lat":52.5,"lon":13.4}.`,
		"Array":        "An Array is a list, even when it has one element only: […].",
		"Link":         `The link looks like {"sys":{"type":"Link","linkType":"Entry","id":"…"}}.`,
		"ResourceLink": `A ResourceLink looks like {"sys":{"type":"ResourceLink","linkType":"…","urn":"…"}}.`,
		"RichText":     `A document looks like {"nodeType":"document","data":{},"content":[…]}.`,
	}[typ]
	switch {
	case len(at) == 2: // the field itself
		form = `The values of a field stand below the codes of their locales: {"en-US": …}.`
	case at[1] == "asset":
		form = `The link looks like {"sys":{"type":"Link","linkType":"Asset","id":"…"}}.`
	}
	if form != "" {
		d.Details += ". " + form
	}
	return d
}

// long is a JSON string of n characters that take two bytes each.
func long(n int) string { return `"` + strings.Repeat("é", n) + `"` }
