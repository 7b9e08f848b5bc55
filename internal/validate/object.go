package validate

import (
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// object is a JSON object of a schema under check. V is any for decoded
// arguments, json.RawMessage where values are kept as they were sent.
type object[V any] struct {
	p       *problems
	members map[string]V
	at      []any
}

// objectAt is v as an object, or a type problem.
func objectAt(p *problems, v any, at []any) (object[any], bool) {
	members, ok := v.(map[string]any)
	if !ok {
		p.add(wrongType(last(at), "Object", fault.Raw(v), at))
	}
	return object[any]{p, members, at}, ok
}

// rawObject is raw as an object, or a type problem.
func rawObject(p *problems, raw json.RawMessage, at []any) (object[json.RawMessage], bool) {
	var members map[string]json.RawMessage
	ok := !isNull(raw) && json.Unmarshal(raw, &members) == nil
	if !ok {
		p.add(wrongType(last(at), "Object", raw, at))
	}
	return object[json.RawMessage]{p, members, at}, ok
}

// rawArray is raw as an array, or a type problem.
func rawArray(p *problems, raw json.RawMessage, at []any) []json.RawMessage {
	var items []json.RawMessage
	if isNull(raw) || json.Unmarshal(raw, &items) != nil {
		p.add(wrongType(last(at), "Array", raw, at))
	}
	return items
}

// only reports members with other names.
func (o object[V]) only(names ...string) {
	for _, name := range sortedKeys(o.members) {
		if !slices.Contains(names, name) {
			o.p.add(unknown(fault.Raw(o.members[name]), join(o.at, name), nearest.Likely(name, slices.Values(names))))
		}
	}
}

// text reads a string that has to be there; "" after a problem.
func text(o object[json.RawMessage], name string) string {
	raw, ok := o.members[name]
	if !ok {
		o.p.add(required(name, join(o.at, name)))
		return ""
	}
	return stringAt(o.p, raw, join(o.at, name))
}

// optional reads a string that may be absent or null.
func optional(o object[json.RawMessage], name string) *string {
	raw, ok := o.members[name]
	if !ok || isNull(raw) {
		return nil
	}
	s := stringAt(o.p, raw, join(o.at, name))
	return &s
}

// flag reads a boolean that may be absent.
func flag(o object[json.RawMessage], name string) bool {
	raw, ok := o.members[name]
	if ok && string(raw) != "true" && string(raw) != "false" {
		o.p.add(wrongType(name, "Boolean", raw, join(o.at, name)))
	}
	return string(raw) == "true"
}

func stringAt(p *problems, raw json.RawMessage, at []any) string {
	var s string
	if isNull(raw) || json.Unmarshal(raw, &s) != nil {
		p.add(wrongType(last(at), "String", raw, at))
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m)) // all at once, as Sorted cannot know
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
