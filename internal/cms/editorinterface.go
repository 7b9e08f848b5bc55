package cms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// EditorInterface is the stored body of an editor interface: how editors show
// the fields of a content type. Every part is kept as it was sent; a part that
// was not sent is absent, which means the default.
type EditorInterface struct {
	Controls      json.RawMessage `json:"controls,omitempty"`
	Sidebar       json.RawMessage `json:"sidebar,omitempty"`
	Editors       json.RawMessage `json:"editors,omitempty"`
	Editor        json.RawMessage `json:"editor,omitempty"`
	EditorLayout  json.RawMessage `json:"editorLayout,omitempty"`
	GroupControls json.RawMessage `json:"groupControls,omitempty"`
}

// maxLayoutDepth bounds the arrays and objects inside each other in a layout:
// tabs with field sets need six.
const maxLayoutDepth = 20

// maxPartProblems is after how many problems nobody looks for more: they would not
// be sent.
const maxPartProblems = 200

// control says which widget edits a field.
type control struct {
	FieldID         string `json:"fieldId"`
	WidgetID        string `json:"widgetId"`
	WidgetNamespace string `json:"widgetNamespace"`
}

// ParseEditorInterface reads the body of a write; sys in it is ignored.
//
// Errors: fault.ValidationFailed; fault.BadRequest for a body that is no JSON.
func ParseEditorInterface(body json.RawMessage) (*EditorInterface, error) {
	if !json.Valid(body) {
		return nil, fault.New(fault.BadRequest, "Invalid JSON in request body: %s", body)
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || members == nil {
		return nil, fault.Invalid(fault.ValidationFailed, wrongPart("value", "Object", body))
	}
	var e EditorInterface
	var problems []fault.Detail
	parts := []string{"controls", "sidebar", "editors", "editor", "editorLayout", "groupControls"}
	lists := map[string]*json.RawMessage{"controls": &e.Controls, "sidebar": &e.Sidebar, "editors": &e.Editors,
		"editorLayout": &e.EditorLayout, "groupControls": &e.GroupControls}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		raw := members[name]
		switch list := lists[name]; {
		case name == "sys" || string(raw) == "null" && (list != nil || name == "editor"):
		case name == "editor":
			e.Editor = raw
			problems = append(problems, partProblems(name, raw, name)...)
		case list == nil:
			problems = append(problems, fault.Detail{Name: "unknown", Path: []any{name}, Value: raw,
				Details: fmt.Sprintf("The property %q is not allowed here.", name), Suggestions: nearest.Likely(name, slices.Values(parts))})
		default:
			*list = raw
			if name == "editorLayout" && Depth(raw) > maxLayoutDepth {
				problems = append(problems, fault.Detail{Name: "size", Max: fault.Raw(maxLayoutDepth), Path: []any{name},
					Details: fmt.Sprintf("The layout must be at most %d levels deep", maxLayoutDepth)})
				continue
			}
			elements, err := Elements(raw)
			if err != nil {
				problems = append(problems, wrongPart(name, "Array", raw, name))
			}
			for i, element := range elements {
				if len(problems) > maxPartProblems {
					break
				}
				problems = append(problems, partProblems(name, element, name, i)...)
			}
		}
	}
	if problems != nil {
		return nil, fault.Invalid(fault.ValidationFailed, problems...)
	}
	return &e, e.placedTwice()
}

func wrongPart(property, typ string, value json.RawMessage, at ...any) fault.Detail {
	return fault.Detail{Name: "type", Type: typ, Value: value, Path: at,
		Details: fmt.Sprintf("The type of %q is incorrect, expected type: %s", property, typ)}
}

// placedTwice reports a field that the layout shows more than once.
func (e *EditorInterface) placedTwice() error {
	var problems []fault.Detail
	seen := map[string]int{}
	eachPlace(e.EditorLayout, func(fieldID string) (string, bool) {
		if seen[fieldID]++; seen[fieldID] == 2 {
			problems = append(problems, fault.Detail{Name: "unique", Path: []any{"editorLayout"}, Value: fault.Raw(fieldID),
				Details: fmt.Sprintf(`Field "%s" mapped multiple times in "editorLayout"`, fieldID)})
		}
		return fieldID, true
	})
	if problems == nil {
		return nil
	}
	err := fault.Invalid(fault.ValidationFailed, problems...)
	err.Message = problems[0].Details // the original says it here and nowhere else
	return err
}

// NewEditorInterface is what a content type has after its first activation:
// the default control for each field.
func NewEditorInterface(ct *ContentType) *EditorInterface {
	controls := make([]control, len(ct.Fields))
	for i := range ct.Fields {
		controls[i] = defaultControl(ct, &ct.Fields[i])
	}
	return &EditorInterface{Controls: fault.Raw(controls)}
}

// Sync is the editor interface after another activation of its content type:
// controls and places of removed fields are gone, those of renamed fields carry
// the new id, and fields without a control have the default one at the end.
// Absent parts stay absent. before is the version activated until now, nil when
// it was inactive.
func (e *EditorInterface) Sync(before, after *ContentType) *EditorInterface {
	next := *e
	rename := renames(before, after)
	if e.Controls != nil {
		has := map[string]bool{}
		controls := rewriteItems(e.Controls, func(item json.RawMessage) (json.RawMessage, bool) {
			return rewriteField(item, func(id string) (string, bool) {
				id, keep := rename(id)
				has[id] = has[id] || keep
				return id, keep
			})
		})
		var missing []json.RawMessage
		for i := range after.Fields {
			if f := &after.Fields[i]; !has[f.ID] {
				missing = append(missing, fault.Raw(defaultControl(after, f)))
			}
		}
		next.Controls = appendItems(controls, missing)
	}
	next.EditorLayout = eachPlace(e.EditorLayout, rename)
	return &next
}

// renames maps a field's id to the one it has now; false when it has gone. Ids
// that only the new version knows are those of fields a client placed ahead of
// the activation.
func renames(before, after *ContentType) func(id string) (string, bool) {
	return func(id string) (string, bool) {
		if before != nil {
			if was := before.Field(id); was != nil {
				for i := range after.Fields {
					if after.Fields[i].Key == was.Key {
						return after.Fields[i].ID, true
					}
				}
				return id, false
			}
		}
		return id, after.Field(id) != nil
	}
}

// widgets are the default widgets by type, of links and arrays with what they
// hold.
var widgets = map[string]string{
	"Symbol": "singleLine", "Text": "markdown", "RichText": "richTextEditor", "Integer": "numberEditor", "Number": "numberEditor",
	"Boolean": "boolean", "Date": "datePicker", "Location": "locationEditor", "Object": "objectEditor",
	"Link Entry": "entryLinkEditor", "Link Asset": "assetLinkEditor", "ResourceLink": "resourceLinkEditor",
	"Array Symbol": "tagEditor", "Array Link Entry": "entryLinksEditor", "Array Link Asset": "assetLinksEditor",
	"Array ResourceLink": "resourceLinksEditor",
}

// defaultControl is the control a field has until somebody chooses another.
func defaultControl(ct *ContentType, f *Field) control {
	kind := string(f.Type)
	switch {
	case f.Type == TypeLink:
		kind += " " + f.LinkType
	case f.Type == Array && f.Items.Type == TypeLink:
		kind += " Link " + f.Items.LinkType
	case f.Type == Array:
		kind += " " + string(f.Items.Type)
	}
	widget := widgets[kind]
	switch f.Type {
	case Text:
		if ct.DisplayField != nil && *ct.DisplayField == f.ID {
			widget = "singleLine"
		}
		fallthrough
	case Symbol, Integer, Number, Boolean:
		if slices.ContainsFunc(f.Validations, func(v Validation) bool { return v["in"] != nil }) {
			widget = "dropdown"
		}
	}
	return control{f.ID, widget, "builtin"}
}

// eachPlace passes the id of every field in a layout through place, which says
// what it is now and whether it stays. Groups nest in groups.
func eachPlace(layout json.RawMessage, place func(id string) (string, bool)) json.RawMessage {
	if layout == nil {
		return nil
	}
	return rewriteItems(layout, func(item json.RawMessage) (json.RawMessage, bool) {
		item, keep := rewriteField(item, place)
		if !keep {
			return nil, false
		}
		start, end := memberAt(item, "items")
		if end == 0 {
			return item, true
		}
		return splice(item, start, end, eachPlace(item[start:end], place)), true
	})
}

// rewriteField passes an object's fieldId through place; an object without one
// stays as it is.
func rewriteField(item json.RawMessage, place func(id string) (string, bool)) (json.RawMessage, bool) {
	start, end := memberAt(item, "fieldId")
	var id string
	if end == 0 || json.Unmarshal(item[start:end], &id) != nil {
		return item, true
	}
	next, keep := place(id)
	if next != id {
		item = splice(item, start, end, fault.Raw(next))
	}
	return item, keep
}

// rewriteItems passes the elements of an array through rewrite. What is no
// array, and an array that stays the same, is returned byte for byte.
func rewriteItems(array json.RawMessage, rewrite func(json.RawMessage) (json.RawMessage, bool)) json.RawMessage {
	var items, kept []json.RawMessage
	if json.Unmarshal(array, &items) != nil {
		return array
	}
	same := true
	for _, item := range items {
		next, keep := rewrite(item)
		if same = same && keep && bytes.Equal(next, item); keep {
			kept = append(kept, next)
		}
	}
	if same {
		return array
	}
	return appendItems(json.RawMessage("[]"), kept)
}

// appendItems appends elements to an array that is valid JSON.
func appendItems(array json.RawMessage, items []json.RawMessage) json.RawMessage {
	if len(items) == 0 {
		return array
	}
	out := bytes.TrimSuffix(bytes.TrimRight(slices.Clone(array), " \t\r\n"), []byte("]"))
	for _, item := range items {
		if out = bytes.TrimRight(out, " \t\r\n"); !bytes.Equal(out, []byte("[")) {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return append(out, ']')
}

// memberAt finds the value of an object's member; 0, 0 when there is none. The
// last of several members of one name counts, as it does for every reader.
func memberAt(object json.RawMessage, name string) (start, end int) {
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0, 0
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, 0
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return 0, 0
		}
		if key == name {
			end = int(d.InputOffset())
			start = end - len(value)
		}
	}
	return start, end
}

func splice(raw json.RawMessage, start, end int, with json.RawMessage) json.RawMessage {
	return slices.Concat(raw[:start], with, raw[end:])
}
