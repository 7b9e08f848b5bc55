package cms

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/fault"
)

// partTypes are the types of what the objects in an editor interface are known to
// have. What else they have is kept as it is.
var partTypes = map[string]string{
	"fieldId": "String", "groupId": "String", "widgetId": "String", "widgetNamespace": "String", "name": "String",
	"settings": "Object", "disabled": "Boolean", "items": "Array",
}

// partNeeds is what each object of a part cannot be without: whoever reads it would
// not know what it is about. Widgets may be left open, which means the default.
var partNeeds = map[string]string{
	"controls": "fieldId", "sidebar": "widgetId", "editors": "widgetId",
	"editorLayout": "groupId", "groupControls": "groupId",
}

// partProblems are the problems of one object in the named part, which stands at at.
func partProblems(part string, raw json.RawMessage, at ...any) (problems []fault.Detail) {
	members, err := Members(raw)
	if err != nil || members == nil {
		return []fault.Detail{wrongPart(fmt.Sprint(at[len(at)-1]), "Object", raw, at...)}
	}
	needed := partNeeds[part]
	if part == "editorLayout" && len(at) > 2 && members["fieldId"] != nil { // a field in a group
		needed = "fieldId"
	}
	if v := members[needed]; needed != "" && (v == nil || string(v) == "null") {
		problems = append(problems, fault.Detail{Name: "required", Path: append(slices.Clone(at), needed),
			Details: fmt.Sprintf("The property %q is required here", needed)})
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		typ, known := partTypes[name]
		if v := members[name]; known && string(v) != "null" && typeOf(v) != typ {
			problems = append(problems, wrongPart(name, typ, v, append(slices.Clone(at), name)...))
		}
	}
	if items := members["items"]; part == "editorLayout" && typeOf(items) == "Array" {
		elements, _ := Elements(items) // an array that is well-formed
		for i, item := range elements {
			if len(problems) > maxPartProblems {
				break
			}
			problems = append(problems, partProblems(part, item, append(slices.Clone(at), "items", i)...)...)
		}
	}
	return problems
}

// typeOf is the type of a JSON value, "" of a number and of none.
func typeOf(v json.RawMessage) string {
	if len(v) == 0 {
		return ""
	}
	switch v[0] {
	case '"':
		return "String"
	case '{':
		return "Object"
	case '[':
		return "Array"
	case 't', 'f':
		return "Boolean"
	}
	return ""
}
