package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// decodeJSON decodes well-formed JSON. encoding/json alone would match names
// without regard to case, stop at the first wrong type and say where in words.
func decodeJSON(body []byte, dst any) error {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fault.New(fault.ServerError, "Decode needs a pointer, not %T", dst)
	}
	d := decoder{}
	if err := d.value(body, v.Elem(), nil); err != nil {
		return err
	}
	if len(d.problems) > 0 {
		f := fault.Invalid(fault.ValidationFailed, d.problems...)
		f.Details.Truncated = len(d.problems) >= maxProblems
		return f
	}
	return nil
}

type decoder struct {
	problems []fault.Detail
}

var (
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	rawMessage  = reflect.TypeFor[json.RawMessage]()
)

// value decodes raw into v. Wrong types are collected; an error is a failure of
// the program or a fault of a type's own UnmarshalJSON.
func (d *decoder) value(raw json.RawMessage, v reflect.Value, path []any) error {
	if len(d.problems) >= maxProblems {
		return nil
	}
	if v.Type() == rawMessage {
		v.SetBytes(slices.Clone(raw))
		return nil
	}
	if v.CanAddr() && v.Addr().Type().Implements(unmarshaler) {
		err := json.Unmarshal(raw, v.Addr().Interface())
		if f := (*fault.Error)(nil); errors.As(err, &f) {
			return f
		}
		if err != nil {
			d.wrongType(raw, v.Type(), path)
		}
		return nil
	}
	null := string(raw) == "null"
	switch v.Kind() {
	case reflect.Pointer:
		if null {
			v.SetZero()
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.value(raw, v.Elem(), path)
	case reflect.Slice, reflect.Map:
		if null {
			v.SetZero()
			return nil
		}
	case reflect.Interface: // the caller wants whatever is there
		return json.Unmarshal(raw, v.Addr().Interface())
	}
	if null {
		return nil
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.object(raw, v, path)
	case reflect.Map:
		return d.dictionary(raw, v, path)
	case reflect.Slice:
		return d.array(raw, v, path)
	}
	if !scalar(raw, v) {
		d.wrongType(raw, v.Type(), path)
	}
	return nil
}

// scalar stores a string, boolean or number; it reports whether the type fits.
func scalar(raw json.RawMessage, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil { // 2.0 and 1e3 are whole numbers too
			f, err := strconv.ParseFloat(string(raw), 64)
			if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
				return false
			}
			n = int64(f)
		}
		if v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
		return true
	default:
		return json.Unmarshal(raw, v.Addr().Interface()) == nil
	}
}

func (d *decoder) object(raw json.RawMessage, v reflect.Value, path []any) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		d.wrongType(raw, v.Type(), path)
		return nil
	}
	return d.members(members, v, path)
}

func (d *decoder) members(members map[string]json.RawMessage, v reflect.Value, path []any) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			if err := d.members(members, v.Field(i), path); err != nil {
				return err
			}
			continue
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if raw, ok := members[name]; ok {
			if err := d.value(raw, v.Field(i), append(path[:len(path):len(path)], name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *decoder) dictionary(raw json.RawMessage, v reflect.Value, path []any) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		d.wrongType(raw, v.Type(), path)
		return nil
	}
	if v.Type().Key().Kind() != reflect.String {
		return fault.New(fault.ServerError, "Decode knows no maps like %v", v.Type())
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(members)))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(members[name], element, append(path[:len(path):len(path)], name)); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), element)
	}
	return nil
}

func (d *decoder) array(raw json.RawMessage, v reflect.Value, path []any) error {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		d.wrongType(raw, v.Type(), path)
		return nil
	}
	v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	for i, element := range elements {
		if err := d.value(element, v.Index(i), append(path[:len(path):len(path)], i)); err != nil {
			return err
		}
	}
	return nil
}

// wrongType notes a value that is not of the JSON type t decodes from.
func (d *decoder) wrongType(raw json.RawMessage, t reflect.Type, path []any) {
	property := "value" // the body itself
	if len(path) > 0 {
		property = fmt.Sprint(path[len(path)-1])
	}
	expected := jsonType(t)
	d.problems = append(d.problems, fault.Detail{
		Name: "type", Path: path, Type: expected, Value: slices.Clone(raw),
		Details: fmt.Sprintf("The type of %q is incorrect, expected type: %s", property, expected),
	})
}

// jsonType is the name the API gives to the JSON type that t decodes from.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "String"
	case reflect.Bool:
		return "Boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "Integer"
	case reflect.Float32, reflect.Float64:
		return "Number"
	case reflect.Slice, reflect.Array:
		return "Array"
	case reflect.Pointer:
		return jsonType(t.Elem())
	default:
		return "Object"
	}
}
