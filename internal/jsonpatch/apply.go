package jsonpatch

import (
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// Apply is what the operations make of a document, which is well-formed JSON. They
// may not copy more than so many bytes, nor what is deeper than a request may be.
//
// problem says why an operation is not possible; err is about a document that is no
// JSON.
func Apply(doc []byte, ops []Operation, mayCopy int) (out []byte, problem *fault.Detail, err error) {
	d := document{root: newNode(doc), mayCopy: mayCopy, left: mayCopy}
	for i, o := range ops {
		member, problem, err := d.apply(o)
		if err != nil {
			return nil, nil, err
		}
		if problem != nil {
			*problem = found(*problem, i, member)
			return nil, problem, nil
		}
	}
	return d.root.append(make([]byte, 0, len(doc))), nil, nil
}

// document is what a patch is applied to.
type document struct {
	root    *node
	mayCopy int
	left    int // of that
}

// apply does one operation. A problem is in the named member of it.
func (d *document) apply(o Operation) (member string, problem *fault.Detail, err error) {
	v := newNode(o.value)
	switch o.op {
	case "add":
	case "remove":
		problem, err = d.remove(o.path)
		return "path", problem, err
	case "replace":
		problem, err = d.replace(o.path, v)
		return "path", problem, err
	case "test":
		return d.test(o.path, v)
	default: // move and copy
		if v, problem, err = d.get(o.from); problem != nil || err != nil {
			return "from", problem, err
		}
		if o.op == "copy" {
			if v = newNode(v.append(nil)); len(v.raw) > d.left {
				return "from", &fault.Detail{Name: "size", Max: fault.Raw(d.mayCopy), Details: fmt.Sprintf("More than %d bytes would be copied.", d.mayCopy)}, nil
			}
			d.left -= len(v.raw)
			if cms.Depth(v.raw) > cms.MaxDepth { // no text may be, so that opening it stays cheap
				return "from", &fault.Detail{Name: "size", Max: fault.Raw(cms.MaxDepth), Details: fmt.Sprintf("What would be copied is nested more than %d levels deep.", cms.MaxDepth)}, nil
			}
			break
		}
		if o.path.below(o.from) {
			if len(o.path) == len(o.from) {
				return "", nil, nil // it is there
			}
			return "path", invalid(o.path, "%q is inside of what is to be moved there.", o.path), nil
		}
		if problem, err = d.remove(o.from); problem != nil || err != nil {
			return "from", problem, err
		}
	}
	problem, err = d.add(o.path, v)
	return "path", problem, err
}

// get is the value at p.
func (d *document) get(p pointer) (*node, *fault.Detail, error) {
	at := d.root
	for i, step := range p {
		if err := at.open(); err != nil {
			return nil, nil, err
		}
		var next *node
		switch at.kind {
		case '{':
			next = at.members[step]
		case '[':
			n, ok := index(step, len(at.list))
			if !ok {
				return nil, notIndex(p, p[:i], step), nil
			}
			if n < len(at.list) {
				next = at.list[n]
			}
		}
		if next == nil {
			return nil, nothing(p, p[:i+1]), nil
		}
		at = next
	}
	return at, nil, nil
}

// container is what the value at p is in, opened.
func (d *document) container(p pointer) (*node, *fault.Detail, error) {
	n, problem, err := d.get(p.parent())
	if problem != nil || err != nil {
		return nil, problem, err
	}
	return n, nil, n.open()
}

// around is the container of a value that has to be there.
func (d *document) around(p pointer) (*node, *fault.Detail, error) {
	if _, problem, err := d.get(p); problem != nil || err != nil {
		return nil, problem, err
	}
	return d.container(p)
}

// add puts a value at p: there may be one already, unless it is in an array.
func (d *document) add(p pointer, v *node) (*fault.Detail, error) {
	if len(p) == 0 {
		d.root = v
		return nil, nil
	}
	in, problem, err := d.container(p)
	if problem != nil && problem.Name == "unknown" {
		problem.Value = fault.Raw(p.String())
		problem.Details += " What a value is added to has to be there: add that whole, with all that it is to have."
	}
	if problem != nil || err != nil {
		return problem, err
	}
	switch in.kind {
	case '{':
		in.set(p.last(), v)
	case '[':
		n, ok := index(p.last(), len(in.list))
		switch {
		case !ok:
			return notIndex(p, p.parent(), p.last()), nil
		case n > len(in.list):
			return invalid(p, "The array at %q has %d elements.", p.parent(), len(in.list)), nil
		}
		in.list = append(in.list, nil)
		copy(in.list[n+1:], in.list[n:])
		in.list[n] = v
	default:
		return nothingInside(p), nil
	}
	return nil, nil
}

func (d *document) replace(p pointer, v *node) (*fault.Detail, error) {
	if len(p) == 0 {
		d.root = v
		return nil, nil
	}
	in, problem, err := d.around(p)
	if problem != nil || err != nil {
		return problem, err
	}
	if in.kind == '{' {
		in.set(p.last(), v)
	} else {
		n, _ := index(p.last(), len(in.list)) // get has found something there
		in.list[n] = v
	}
	return nil, nil
}

func (d *document) remove(p pointer) (*fault.Detail, error) {
	if len(p) == 0 {
		return invalid(p, "The whole cannot be removed."), nil
	}
	in, problem, err := d.around(p)
	if problem != nil || err != nil {
		return problem, err
	}
	if in.kind == '{' {
		in.drop(p.last())
	} else {
		n, _ := index(p.last(), len(in.list))
		in.list = append(in.list[:n], in.list[n+1:]...)
	}
	return nil, nil
}

func (d *document) test(p pointer, v *node) (member string, problem *fault.Detail, err error) {
	n, problem, err := d.get(p)
	if problem != nil || err != nil {
		return "path", problem, err
	}
	sent := json.RawMessage(v.append(nil))
	ok, err := same(n, v)
	if !ok && err == nil {
		problem = &fault.Detail{Name: "test", Value: sent, Details: fmt.Sprintf("The value at %q is another one.", p)}
	}
	return "value", problem, err
}

// nothing is the problem of a path p whose first steps lead nowhere.
func nothing(p, first pointer) *fault.Detail {
	return &fault.Detail{Name: "unknown", Value: fault.Raw(p.String()), Details: fmt.Sprintf("There is nothing at %q.", first)}
}

func nothingInside(p pointer) *fault.Detail {
	return invalid(p, "The value at %q is neither an object nor an array: add that whole, with all that it is to have.", p.parent())
}

func notIndex(p, array pointer, step string) *fault.Detail {
	return invalid(p, "%q is no index of the array at %q.", step, array)
}

func invalid(p pointer, format string, args ...any) *fault.Detail {
	return &fault.Detail{Name: "invalid", Value: fault.Raw(p.String()), Details: fmt.Sprintf(format, args...)}
}
