// Package jsonpatch applies a JSON Patch (RFC 6902) to a document. What it does not
// touch stays byte for byte as it was: the order of members, the spelling of numbers.
// It knows nothing of what documents are about, and says of each problem in which
// operation it is, so that whoever wrote the patch can find it.
//
// What a patch costs is bounded by its size, that of the document, and by what Apply
// is told it may copy: a small patch must not make a huge document. A text is read once
// for each level of it that an operation leads into, so none may be too deep.
//
// Start reading at Parse and Apply; the document is a tree of nodes, see node.go.
package jsonpatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// Operation is one step of a patch.
type Operation struct {
	op    string
	path  pointer
	from  pointer         // of move and copy
	value json.RawMessage // of add, replace and test
}

var (
	names     = []string{"add", "remove", "replace", "move", "copy", "test"}
	withFrom  = []string{"move", "copy"}
	withValue = []string{"add", "replace", "test"}
)

// Parse reads the body of a request, which is well-formed JSON. problems are about
// single operations; without them, nil operations mean that the body is no list of
// at most so many.
func Parse(body []byte, most int) (ops []Operation, problems []fault.Detail) {
	var list []json.RawMessage
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) || json.Unmarshal(body, &list) != nil || len(list) > most {
		return nil, nil
	}
	ops = make([]Operation, len(list))
	for i, raw := range list {
		r := reader{at: i}
		if raw[0] != '{' || json.Unmarshal(raw, &r.members) != nil {
			problems = append(problems, found(fault.Detail{Name: "type", Type: "Object", Value: raw,
				Details: "The type of an operation is incorrect, expected type: Object"}, i))
			continue
		}
		ops[i] = r.operation()
		problems = append(problems, r.problems...)
	}
	return ops, problems
}

// found is a problem of an operation, or of a member of it.
func found(d fault.Detail, path ...any) fault.Detail {
	at := fault.Pointer(path)
	d.Path, d.Pointer = path, &at
	return d
}

// reader reads an operation.
type reader struct {
	at       int
	members  map[string]json.RawMessage
	problems []fault.Detail
}

func (r *reader) add(member string, d fault.Detail) {
	r.problems = append(r.problems, found(d, r.at, member))
}

func (r *reader) operation() (o Operation) {
	o.op = r.text("op")
	if o.op != "" && !slices.Contains(names, o.op) {
		d := fault.Detail{Name: "in", Value: r.members["op"], Details: "Value must be one of expected values", Suggestions: nearest.Likely(o.op, slices.Values(names))}
		for _, name := range names {
			d.Expected = append(d.Expected, name)
		}
		r.add("op", d)
	}
	o.path = r.pointer("path")
	if slices.Contains(withFrom, o.op) {
		o.from = r.pointer("from")
	}
	if slices.Contains(withValue, o.op) {
		if o.value = r.members["value"]; o.value == nil {
			r.missing("value")
		}
	}
	return o
}

func (r *reader) missing(member string) {
	r.add(member, fault.Detail{Name: "required", Details: fmt.Sprintf("The property %q is required here", member)})
}

func (r *reader) text(member string) (s string) {
	switch raw := r.members[member]; {
	case raw == nil:
		r.missing(member)
	case raw[0] != '"' || json.Unmarshal(raw, &s) != nil:
		r.add(member, fault.Detail{Name: "type", Type: "String", Value: raw, Details: fmt.Sprintf("The type of %q is incorrect, expected type: String", member)})
	case s == "" && member == "op":
		r.add(member, fault.Detail{Name: "blank", Details: `"op" must not be blank`})
	}
	return s
}

func (r *reader) pointer(member string) pointer {
	s := r.text(member)
	p, ok := parsePointer(s)
	if !ok {
		r.add(member, fault.Detail{Name: "invalid", Value: r.members[member],
			Details: `A path is a JSON pointer, such as "/fields/title": each step has a slash in front, and a slash and a tilde in a name are ~1 and ~0.`})
	}
	return p
}

// pointer is a JSON pointer (RFC 6901), unescaped.
type pointer []string

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

func parsePointer(s string) (pointer, bool) {
	if s == "" {
		return pointer{}, true
	}
	if s[0] != '/' {
		return nil, false
	}
	p := pointer(strings.Split(s[1:], "/"))
	for i, step := range p {
		n := strings.Count(step, "~")
		if n != strings.Count(step, "~0")+strings.Count(step, "~1") {
			return nil, false
		}
		if n > 0 {
			p[i] = unescape.Replace(step)
		}
	}
	return p, true
}

func (p pointer) String() string {
	path := make([]any, len(p))
	for i, step := range p {
		path[i] = step
	}
	return fault.Pointer(path)
}

// parent is where p is, which must not be the whole.
func (p pointer) parent() pointer { return p[:len(p)-1] }

func (p pointer) last() string { return p[len(p)-1] }

// below reports whether p is inside of q, or q itself.
func (p pointer) below(q pointer) bool { return len(p) >= len(q) && slices.Equal(p[:len(q)], q) }
