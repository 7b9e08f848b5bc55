package validate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// history is a content type over time, as a client changes and activates it.
type history struct {
	t                *testing.T
	draft, activated *cms.ContentType
}

// put saves a draft. Each field is written as "id", "id:Type", "id>newId",
// "id!" for omitted or "id-" for deleted, separated by blanks.
func (h *history) put(fields string) error {
	h.t.Helper()
	var specs []string
	for _, spec := range strings.Fields(fields) {
		json := `"name":"N"`
		if id, ok := strings.CutSuffix(spec, "!"); ok {
			spec, json = id, json+`,"omitted":true`
		}
		if id, ok := strings.CutSuffix(spec, "-"); ok {
			spec, json = id, json+`,"deleted":true`
		}
		spec, newID, renamed := strings.Cut(spec, ">")
		if renamed {
			json += `,"newId":"` + newID + `"`
		}
		id, typ, ok := strings.Cut(spec, ":")
		if !ok {
			typ = `Symbol`
		}
		specs = append(specs, `{"id":"`+id+`",`+json+`,`+types[typ]+`}`)
	}
	request, err := ContentType(raw(`{"name":"A","fields":[` + strings.Join(specs, ",") + `]}`))
	if err != nil {
		h.t.Fatalf("%s: %v %+v", fields, err, fault.Of(err).Details)
	}
	next, err := ContentTypeChange(request, h.draft, h.activated)
	if err == nil {
		h.draft = next
	}
	return err
}

var types = map[string]string{
	"Symbol": `"type":"Symbol"`, "Text": `"type":"Text"`,
	"Entry": `"type":"Link","linkType":"Entry"`, "Asset": `"type":"Link","linkType":"Asset"`,
	"Symbols": `"type":"Array","items":{"type":"Symbol"}`, "Entries": `"type":"Array","items":{"type":"Link","linkType":"Entry"}`,
	"Assets": `"type":"Array","items":{"type":"Link","linkType":"Asset"}`,
	"Short":  `"type":"Symbol","validations":[{"size":{"max":3}}]`,
}

// show is the draft's fields as id=key, and after "|" its retired keys.
func (h *history) show() string {
	var b strings.Builder
	for _, f := range h.draft.Fields {
		b.WriteString(f.ID + "=" + f.Key + " ")
	}
	return b.String() + "|" + strings.Join(h.draft.RetiredKeys, ",")
}

func TestContentTypeChange(t *testing.T) {
	t.Parallel()
	const omit, invalid = "You need to omit a field before deleting it", "Previously published fields are invalid"
	// Steps are puts; "publish" and "unpublish" change what is activated. A
	// step "fields => result" says what the draft is after it; a refused put is
	// "fields => message".
	tests := []struct {
		name  string
		steps []string
	}{
		{"new", []string{"a b => a=a b=b |"}},
		{"reordered and added", []string{"a b", "b c a => b=b c=c a=a |"}},
		{"renamed", []string{"a b", "a>c b => c=a b=b |", "publish", "c>a b => a=a b=b |"}},
		{"the old id of a renamed field is another field", []string{"a", "publish", "a>b", "b a => b=a a=a~2 |"}},
		{"both at once", []string{"a", "publish", "a>b", "publish", "b a => b=a a=a~2 |", "a>c b => c=a~2 b=a |"}},
		{"ids swapped", []string{"a b", "publish", "a>b b>a => b=a a=b |"}},
		{"a renaming that was not activated can be taken back by the old id", []string{"a", "publish", "a>b", "a => a=a |"}},
		{"never activated fields go as they like, and other types come", []string{"a b", "a => a=a |b", "a b:Text => a=a b=b~2 |b", "a b- => a=a |b,b~2"}},
		{"activated fields stay", []string{"a b", "publish", "a => " + omit, "a b- => " + omit, "a b>c => a=a c=b |"}},
		{"omitting counts once activated", []string{"a b", "publish", "a b!", "a => " + omit, "publish", "a => a=a |b"}},
		{"undone before the activation, values come back", []string{"a b!", "publish", "a => a=a |b", "a b! => a=a b=b |"}},
		{"undone with deleted true", []string{"a b!", "publish", "a b- => a=a |b", "b a => b=b a=a |"}},
		{"undone with another type", []string{"a b!", "publish", "a", "a b:Text => " + invalid}},
		{"final: old values never come back", []string{"a b", "publish", "a b!", "publish", "a => a=a |b", "publish", "a b:Text => a=a b=b~2 |b",
			"publish", "a b:Text!", "publish", "a => a=a |b,b~2", "publish", "a b => a=a b=b~3 |b,b~2"}},
		{"final, and a rename to the old id", []string{"a b!", "publish", "a", "publish", "a>b => b=a |b", "publish", "b a => b=a a=a~2 |b"}},
		{"a removed field's id for another, before the activation", []string{"a b!", "publish", "b- a>b => b=a |b", "publish", "b a => b=a a=a~2 |b"}},
		{"deactivated: anything goes", []string{"a b", "publish", "unpublish", "b:Text => b=b |a", "publish", "a b:Text => a=a~2 b=b |a"}},
		{"types", []string{"a", "publish", "a:Text => " + invalid}},
		{"types of a renamed field", []string{"a", "publish", "a:Text>b => " + invalid}},
		{"link types", []string{"a:Entry", "publish", "a:Asset => " + invalid}},
		{"items", []string{"a:Symbols", "publish", "a:Entries => " + invalid}},
		{"items' link types", []string{"a:Entries", "publish", "a:Assets => " + invalid}},
		{"from a list", []string{"a:Entries", "publish", "a:Entry => " + invalid}},
		{"validations may change", []string{"a", "publish", "a:Short => a=a |"}},
		{"before the activation types may change", []string{"a", "a:Text => a=a |"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := history{t: t}
			for _, step := range tt.steps {
				fields, want, checked := strings.Cut(step, " => ")
				switch fields {
				case "publish":
					h.activated = h.draft
					continue
				case "unpublish":
					h.activated = nil
					continue
				}
				if err := h.put(fields); err != nil {
					f := fault.Of(err)
					if f.Kind != fault.BadRequest || f.Details != nil || f.Message != want {
						t.Fatalf("%s: %v", step, err)
					}
				} else if got := h.show(); checked && got != want {
					t.Fatalf("%s: got %s", step, got)
				}
			}
		})
	}
}

func TestContentTypeChangeMetadata(t *testing.T) {
	t.Parallel()
	both := raw(`{"annotations":{"ContentType":[]},"taxonomy":[{"sys":{"type":"Link","linkType":"TaxonomyConcept","id":"c"},"required":true}]}`)
	kept := raw(`{"taxonomy":[{"sys":{"type":"Link","linkType":"TaxonomyConcept","id":"c"},"required":true}]}`)
	for _, tt := range []struct {
		name, body         string
		before, after, pub *cms.ContentType
	}{
		{name: "kept without annotations", body: `{"name":"B"}`, before: &cms.ContentType{Metadata: both}, after: &cms.ContentType{Metadata: kept}},
		{name: "only annotations", body: `{"name":"B"}`, before: &cms.ContentType{Metadata: raw(`{"annotations":{}}`)}, after: &cms.ContentType{}},
		{name: "replaced", body: `{"name":"B","metadata":{"taxonomy":[]}}`, before: &cms.ContentType{Metadata: both}, after: &cms.ContentType{Metadata: raw(`{}`)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			request, err := ContentType(raw(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			got, err := ContentTypeChange(request, tt.before, tt.before)
			tt.after.Name, tt.after.Fields = "B", []cms.Field{}
			if diff := cmp.Diff(tt.after, got); diff != "" || err != nil {
				t.Errorf("%v, -want +got\n%s", err, diff)
			}
		})
	}
}
