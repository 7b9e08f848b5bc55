package richtext

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// Check reports what is wrong with the structure of a decoded document: its first
// 100 problems, each with a path that starts with at, the type of the node it is in
// and what is allowed there. It does not look at what links point to. doc is the
// same as it was sent.
func Check(tree any, doc json.RawMessage, at ...any) []fault.Detail {
	c := checker{}
	root, ok := tree.(map[string]any)
	if !ok {
		return []fault.Detail{{Name: "type", Type: "RichText", Value: doc, Path: slices.Clone(at),
			Details: `The type of "value" is incorrect, expected type: RichText. A document looks like {"nodeType":"document","data":{},"content":[…]}.`}}
	}
	if c.nodeType(root, at, []string{document}) {
		c.node(root, at, 1)
		if c.length > MaxLength {
			c.add(at, fault.Detail{Name: "size", Max: fault.Raw(MaxLength), Details: fmt.Sprintf("Size must be at most %d", MaxLength)})
		}
	}
	return c.problems
}

// checker gathers the problems of one document. Paths of its methods are appended
// to in place, as most of them lead to no problem: whoever keeps one copies it.
type checker struct {
	problems []fault.Detail
	length   int    // characters of the text so far
	inside   string // type of the node that is checked
}

// add reports a problem at base and the way on from it.
func (c *checker) add(base []any, d fault.Detail, way ...any) {
	if len(c.problems) < maxProblems {
		d.Path = join(base, way...)
		if d.NodeType == "" {
			d.NodeType = c.inside
		}
		c.problems = append(c.problems, d)
	}
}

// join makes a path that shares no memory with base.
func join(base []any, way ...any) []any { return slices.Concat(base, way) }

// node checks a node whose type is known to be allowed where it stands.
func (c *checker) node(n map[string]any, at []any, depth int) {
	if len(c.problems) >= maxProblems {
		return
	}
	if depth > MaxDepth {
		c.add(at, fault.Detail{Name: "size", Max: fault.Raw(MaxDepth), Details: fmt.Sprintf("Rich text must be at most %d levels deep", MaxDepth)})
		return
	}
	outer := c.inside
	c.inside = n["nodeType"].(string)
	defer func() { c.inside = outer }()
	if c.inside == text {
		c.text(n, at)
		return
	}
	k := nodes[c.inside]
	c.only(n, at, "nodeType", "data", "content")
	if data, ok := c.object(n, "data", at); ok {
		c.data(k, data, append(at, "data"))
	}
	content, ok := c.array(n, "content", at)
	switch {
	case !ok:
	case k.content == nil && len(content) > 0:
		c.add(at, fault.Detail{Name: "size", Max: fault.Raw(0), Value: fault.Raw(content), Details: "Size must be at most 0"}, "content")
	case len(content) < k.min:
		c.add(at, fault.Detail{Name: "size", Min: fault.Raw(k.min), Value: fault.Raw(content), Details: fmt.Sprintf("Size must be at least %d", k.min)}, "content")
	default:
		for i, child := range content {
			path := append(at, "content", i)
			if members, ok := child.(map[string]any); !ok {
				c.add(path, wrongType(fmt.Sprint(i), "Object", child))
			} else if c.nodeType(members, path, k.content) {
				c.node(members, path, depth+1)
			}
		}
	}
}

// text checks a text node. Marks outside the known ones are allowed: editors
// may have their own.
func (c *checker) text(n map[string]any, at []any) {
	c.only(n, at, "nodeType", "data", "value", "marks")
	c.object(n, "data", at)
	value, _ := c.string(n, "value", at)
	c.length += utf8.RuneCountInString(value)
	marks, _ := c.array(n, "marks", at)
	for i, m := range marks {
		path := append(at, "marks", i)
		mark, ok := m.(map[string]any)
		if !ok {
			c.add(path, wrongType(fmt.Sprint(i), "Object", m))
			continue
		}
		c.string(mark, "type", path)
		c.only(mark, path, "type")
	}
}

// data checks what a node carries beside its content. Blocks without data of
// their own may carry anything.
func (c *checker) data(k kind, data map[string]any, at []any) {
	switch {
	case k.uri:
		c.string(data, "uri", at)
		c.only(data, at, "uri")
	case k.spans:
		for _, name := range []string{"colspan", "rowspan"} {
			if v, ok := data[name]; ok {
				if _, ok := v.(json.Number); !ok {
					c.add(at, wrongType(name, "Number", v), name)
				}
			}
		}
		c.only(data, at, "colspan", "rowspan")
	case k.linkType != "":
		c.only(data, at, "target")
		if target, ok := c.object(data, "target", at); ok {
			c.link(target, k.linkType, append(at, "target"))
		}
	}
}

// link checks the shape of a link to linkType.
func (c *checker) link(link map[string]any, linkType string, at []any) {
	c.only(link, at, "sys")
	sys, ok := c.object(link, "sys", at)
	if !ok {
		return
	}
	at = append(at, "sys")
	typ, id := "Link", "id"
	if linkType == resourceEntry {
		typ, id = "ResourceLink", "urn"
	}
	c.in(sys, "type", at, []string{typ})
	c.in(sys, "linkType", at, []string{linkType})
	c.string(sys, id, at)
	c.only(sys, at, "type", "linkType", id)
}

// nodeType reports whether the node has a type that is allowed at its place.
func (c *checker) nodeType(n map[string]any, at []any, allowed []string) bool {
	outer := c.inside
	c.inside, _ = n["nodeType"].(string) // its own, wrong as it may be
	defer func() { c.inside = outer }()
	return c.in(n, "nodeType", at, allowed)
}

// in checks that a member is one of the allowed strings.
func (c *checker) in(n map[string]any, name string, at []any, allowed []string) bool {
	v, present := n[name]
	if s, ok := v.(string); ok && slices.Contains(allowed, s) {
		return true
	}
	d := fault.Detail{Name: "in", Details: "Value must be one of expected values"}
	if present {
		d.Value = fault.Raw(v)
	}
	d.Expected = expected(allowed)
	c.add(at, d, name)
	return false
}

// expected is a list as the values that would do.
func expected(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// only reports members that the object must not have.
func (c *checker) only(n map[string]any, at []any, names ...string) {
	var more []string
	for name := range n {
		if !slices.Contains(names, name) {
			more = append(more, name)
		}
	}
	slices.Sort(more)
	for _, name := range more {
		d := fault.Detail{Name: "unexpected", Details: fmt.Sprintf("The property %q is not expected", name)}
		d.Expected, d.Suggestions = expected(names), nearest.Likely(name, slices.Values(names))
		c.add(at, d, name)
	}
}

func (c *checker) object(n map[string]any, name string, at []any) (map[string]any, bool) {
	return member[map[string]any](c, n, name, "Object", at)
}

func (c *checker) array(n map[string]any, name string, at []any) ([]any, bool) {
	return member[[]any](c, n, name, "Array", at)
}

func (c *checker) string(n map[string]any, name string, at []any) (string, bool) {
	return member[string](c, n, name, "String", at)
}

// member returns a member that must be there and be of type T.
func member[T any](c *checker, n map[string]any, name, typ string, at []any) (T, bool) {
	v, present := n[name]
	t, ok := v.(T)
	switch {
	case !present:
		c.add(at, fault.Detail{Name: "required", Details: fmt.Sprintf("The property %q is required here", name)}, name)
	case !ok:
		c.add(at, wrongType(name, typ, v), name)
	}
	return t, ok
}

func wrongType(property, typ string, v any) fault.Detail {
	return fault.Detail{Name: "type", Type: typ, Value: fault.Raw(v),
		Details: fmt.Sprintf("The type of %q is incorrect, expected type: %s", property, typ)}
}
