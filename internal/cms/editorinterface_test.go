package cms

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

func TestNewEditorInterface(t *testing.T) {
	t.Parallel()
	display := "heading"
	choice := []Validation{{"in": json.RawMessage(`["a"]`)}}
	tests := []struct {
		field  Field
		widget string
	}{
		{Field{Type: Symbol}, "singleLine"},
		{Field{Type: Symbol, Validations: choice}, "dropdown"},
		{Field{Type: Text}, "markdown"},
		{Field{Type: Text, ID: "heading"}, "singleLine"},
		{Field{Type: Text, ID: "heading", Validations: choice}, "dropdown"},
		{Field{Type: Integer}, "numberEditor"},
		{Field{Type: Integer, Validations: choice}, "dropdown"},
		{Field{Type: Number}, "numberEditor"},
		{Field{Type: Number, Validations: choice}, "dropdown"},
		{Field{Type: Boolean}, "boolean"},
		{Field{Type: Boolean, Validations: choice}, "dropdown"},
		{Field{Type: Date}, "datePicker"},
		{Field{Type: Location}, "locationEditor"},
		{Field{Type: Object}, "objectEditor"},
		{Field{Type: RichText}, "richTextEditor"},
		{Field{Type: TypeLink, LinkType: "Entry"}, "entryLinkEditor"},
		{Field{Type: TypeLink, LinkType: "Asset"}, "assetLinkEditor"},
		{Field{Type: ResourceLink}, "resourceLinkEditor"},
		{Field{Type: Array, Items: &Items{Type: Symbol}}, "tagEditor"},
		{Field{Type: Array, Items: &Items{Type: TypeLink, LinkType: "Entry"}}, "entryLinksEditor"},
		{Field{Type: Array, Items: &Items{Type: TypeLink, LinkType: "Asset"}}, "assetLinksEditor"},
		{Field{Type: Array, Items: &Items{Type: ResourceLink}}, "resourceLinksEditor"},
	}
	for _, tt := range tests {
		t.Run(string(tt.field.Type)+" "+tt.widget, func(t *testing.T) {
			t.Parallel()
			if tt.field.ID == "" {
				tt.field.ID = "other"
			}
			got := NewEditorInterface(&ContentType{DisplayField: &display, Fields: []Field{tt.field}})
			want := `[{"fieldId":"` + tt.field.ID + `","widgetId":"` + tt.widget + `","widgetNamespace":"builtin"}]`
			if string(got.Controls) != want {
				t.Errorf("controls %s, want %s", got.Controls, want)
			}
		})
	}
}

func TestSyncEditorInterface(t *testing.T) {
	t.Parallel()
	symbol := func(id, key string) Field { return Field{ID: id, Key: key, Type: Symbol} }
	before := &ContentType{Fields: []Field{symbol("title", "title"), symbol("slug", "slug"), symbol("old", "old")}}
	after := &ContentType{Fields: []Field{symbol("headline", "title"), symbol("slug", "slug"), symbol("title", "title~2")}}
	tests := []struct {
		name         string
		before       *ContentType
		after        *ContentType
		stored, want string
	}{
		{"removed, renamed and new", before, after,
			`{"controls":[{"settings":{"b":1,"a":[2]},"fieldId":"title","widgetId":"x"},{"fieldId":"old"}, {"fieldId":"slug"}]}`,
			`{"controls":[{"settings":{"b":1,"a":[2]},"fieldId":"headline","widgetId":"x"},{"fieldId":"slug"},` +
				`{"fieldId":"title","widgetId":"singleLine","widgetNamespace":"builtin"}]}`},
		{"nothing changes", before, before,
			`{"controls":[ {"fieldId":"title" },{"fieldId":"slug"},{"fieldId":"old","x":1e2}],"sidebar":[{"widgetId":"w","disabled":false}]}`,
			`{"controls":[ {"fieldId":"title" },{"fieldId":"slug"},{"fieldId":"old","x":1e2}],"sidebar":[{"widgetId":"w","disabled":false}]}`},
		{"absent stays absent", before, after, `{"editor":{"widgetId":"e"}}`, `{"editor":{"widgetId":"e"}}`},
		{"empty controls", nil, before, `{"controls":[ ]}`,
			`{"controls":[{"fieldId":"title","widgetId":"singleLine","widgetNamespace":"builtin"},` +
				`{"fieldId":"slug","widgetId":"singleLine","widgetNamespace":"builtin"},` +
				`{"fieldId":"old","widgetId":"singleLine","widgetNamespace":"builtin"}]}`},
		{"a control placed ahead of the activation", &ContentType{}, &ContentType{Fields: []Field{symbol("a", "a")}},
			`{"controls":[{"fieldId":"a","widgetId":"mine"},{"fieldId":"b"}]}`, `{"controls":[{"fieldId":"a","widgetId":"mine"}]}`},
		{"layout", before, after,
			`{"editorLayout":[{"groupId":"g","items":[{"fieldId":"old"},{"groupId":"h","items":[{"fieldId":"title"}],"name":"H"},{"fieldId":"slug"}]}],"groupControls":[{"groupId":"g"}]}`,
			`{"editorLayout":[{"groupId":"g","items":[{"groupId":"h","items":[{"fieldId":"headline"}],"name":"H"},{"fieldId":"slug"}]}],"groupControls":[{"groupId":"g"}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var e EditorInterface
			if err := json.Unmarshal([]byte(tt.stored), &e); err != nil {
				t.Fatal(err)
			}
			kept := string(e.Controls)
			next := e.Sync(tt.before, tt.after)
			var want EditorInterface
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parts(&want), parts(next)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if string(e.Controls) != kept {
				t.Error("Sync changed what it was given")
			}
		})
	}
}

// parts shows an editor interface as text, so that spaces and order count.
func parts(e *EditorInterface) map[string]string {
	return map[string]string{"controls": string(e.Controls), "sidebar": string(e.Sidebar), "editors": string(e.Editors),
		"editor": string(e.Editor), "editorLayout": string(e.EditorLayout), "groupControls": string(e.GroupControls)}
}

func TestParseEditorInterface(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[{"items":`, 11) + `[]` + strings.Repeat(`}]`, 11)
	tests := []struct {
		name, body string
		message    string
		want       []fault.Detail
	}{
		{name: "everything", body: `{"sys":{"version":1},"controls":[{"fieldId":"a"}],"sidebar":[],"editors":null,"editor":{},"editorLayout":[{"groupId":"g","items":[{"fieldId":"a"}]}],"groupControls":[]}`},
		{name: "no JSON", body: ``},
		{name: "no object", body: `[]`, want: []fault.Detail{{Name: "type", Type: "Object", Path: nil, Value: json.RawMessage(`[]`),
			Details: `The type of "value" is incorrect, expected type: Object`}}},
		{name: "null", body: `null`, want: []fault.Detail{{Name: "type", Type: "Object", Path: nil, Value: json.RawMessage(`null`),
			Details: `The type of "value" is incorrect, expected type: Object`}}},
		{name: "wrong parts", body: `{"controls":{},"editor":[],"sidebar":[1],"tabs":2}`, want: []fault.Detail{
			{Name: "type", Type: "Array", Path: []any{"controls"}, Value: json.RawMessage(`{}`), Details: `The type of "controls" is incorrect, expected type: Array`},
			{Name: "type", Type: "Object", Path: []any{"editor"}, Value: json.RawMessage(`[]`), Details: `The type of "editor" is incorrect, expected type: Object`},
			{Name: "type", Type: "Object", Path: []any{"sidebar", 0}, Value: json.RawMessage(`1`), Details: `The type of "0" is incorrect, expected type: Object`},
			{Name: "unknown", Path: []any{"tabs"}, Value: json.RawMessage(`2`), Details: `The property "tabs" is not allowed here.`},
		}},
		{name: "members of another type", body: `{"controls":[{"widgetId":"x"},{"fieldId":"a","widgetId":null,"settings":"s","other":1}],"sidebar":[{},{"widgetId":1,"disabled":"no"},null],"groupControls":[{"groupId":null}],` +
			`"editorLayout":[{"items":[{"fieldId":1},{"name":"h"},{"groupId":"i","items":{}}]}]}`, want: []fault.Detail{
			{Name: "required", Path: []any{"controls", 0, "fieldId"}, Details: `The property "fieldId" is required here`},
			{Name: "type", Type: "Object", Path: []any{"controls", 1, "settings"}, Value: json.RawMessage(`"s"`), Details: `The type of "settings" is incorrect, expected type: Object`},
			{Name: "required", Path: []any{"editorLayout", 0, "groupId"}, Details: `The property "groupId" is required here`},
			{Name: "type", Type: "String", Path: []any{"editorLayout", 0, "items", 0, "fieldId"}, Value: json.RawMessage(`1`), Details: `The type of "fieldId" is incorrect, expected type: String`},
			{Name: "required", Path: []any{"editorLayout", 0, "items", 1, "groupId"}, Details: `The property "groupId" is required here`},
			{Name: "type", Type: "Array", Path: []any{"editorLayout", 0, "items", 2, "items"}, Value: json.RawMessage(`{}`), Details: `The type of "items" is incorrect, expected type: Array`},
			{Name: "required", Path: []any{"groupControls", 0, "groupId"}, Details: `The property "groupId" is required here`},
			{Name: "required", Path: []any{"sidebar", 0, "widgetId"}, Details: `The property "widgetId" is required here`},
			{Name: "type", Type: "Boolean", Path: []any{"sidebar", 1, "disabled"}, Value: json.RawMessage(`"no"`), Details: `The type of "disabled" is incorrect, expected type: Boolean`},
			{Name: "type", Type: "String", Path: []any{"sidebar", 1, "widgetId"}, Value: json.RawMessage(`1`), Details: `The type of "widgetId" is incorrect, expected type: String`},
			{Name: "type", Type: "Object", Path: []any{"sidebar", 2}, Value: json.RawMessage(`null`), Details: `The type of "2" is incorrect, expected type: Object`},
		}},
		{name: "placed twice", body: `{"editorLayout":[{"groupId":"g","items":[{"fieldId":"a"},{"groupId":"h","items":[{"fieldId":"a"}]}]}]}`,
			message: `Field "a" mapped multiple times in "editorLayout"`,
			want: []fault.Detail{{Name: "unique", Path: []any{"editorLayout"}, Value: json.RawMessage(`"a"`),
				Details: `Field "a" mapped multiple times in "editorLayout"`}}},
		{name: "too deep", body: `{"editorLayout":` + deep + `}`, want: []fault.Detail{{Name: "size", Max: json.RawMessage(`20`), Path: []any{"editorLayout"},
			Details: "The layout must be at most 20 levels deep"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseEditorInterface(json.RawMessage(tt.body))
			if tt.body == "" {
				if !fault.Is(err, fault.BadRequest) {
					t.Errorf("error %v", err)
				}
				return
			}
			if tt.want == nil {
				if err != nil || string(got.Controls) != `[{"fieldId":"a"}]` || got.Editors != nil {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			f := fault.Of(err)
			if f == nil || f.Kind != fault.ValidationFailed || f.Message != tt.message {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(tt.want, f.Details.Errors); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
