package validate

import (
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/fault"
)

// wrongType is the problem of a value that is not of the expected type.
// property names the value in the text: the last part of the path in schemas,
// "value" in entries.
func wrongType(property, typ string, value json.RawMessage, at []any) fault.Detail {
	return fault.Detail{Name: "type", Type: typ, Value: value, Path: at,
		Details: fmt.Sprintf("The type of %q is incorrect, expected type: %s", property, typ)}
}

// wrongValue is wrongType for a value of an entry or asset.
func wrongValue[T ~string](typ T, value json.RawMessage, at []any) fault.Detail {
	return wrongType("value", string(typ), value, at)
}

// wrongForm is wrongValue with what a value of the type looks like.
func wrongForm(t typed, value json.RawMessage, at []any) fault.Detail {
	d := wrongValue(t.Type, value, at)
	if form := t.form(); form != "" {
		d.Details += ". " + form
	}
	return d
}

// unknown is the problem of a key that does not exist here, the last of path,
// with those that it was probably meant to be.
func unknown(value json.RawMessage, at []any, suggestions []string) fault.Detail {
	return fault.Detail{Name: "unknown", Value: value, Path: at, Suggestions: suggestions,
		Details: fmt.Sprintf("The property %q is not allowed here.", last(at))}
}

// unexpected is the problem of a key that exists, but not in this combination.
func unexpected(details string, at []any) fault.Detail {
	return fault.Detail{Name: "unexpected", Path: at, Details: details}
}

// required is the problem of a missing property at the path.
func required(property string, at []any) fault.Detail {
	return fault.Detail{Name: "required", Path: at, Details: fmt.Sprintf("The property %q is required here", property)}
}

// notIn is the problem of a value outside a list.
func notIn[T any](expected []T, value json.RawMessage, at []any) fault.Detail {
	d := fault.Detail{Name: "in", Value: value, Path: at, Details: "Value must be one of expected values", Expected: []any{}}
	for _, e := range expected {
		d.Expected = append(d.Expected, e)
	}
	return d
}

// wrongSize is the problem of too few or too many; a nil bound is left out.
func wrongSize(b bounds, value json.RawMessage, at []any) fault.Detail {
	return fault.Detail{Name: "size", Min: b.rawMin(), Max: b.rawMax(), Value: value, Path: at, Details: b.text("Size")}
}

// mismatch is the problem of a text that a pattern refuses.
func mismatch(pattern, flags string, value json.RawMessage, at []any) fault.Detail {
	return fault.Detail{Name: "regexp", Value: value, Pattern: pattern, Path: at,
		Details: fmt.Sprintf("Does not match /%s/%s", pattern, flags)}
}
