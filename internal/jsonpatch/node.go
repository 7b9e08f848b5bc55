package jsonpatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

// node is a value in a document. It is closed until something inside of it is asked
// for, and its text stays as it was until then.
type node struct {
	raw     json.RawMessage // of a closed one and of a scalar
	kind    byte            // '{' or '[' of an open one, 's' of a scalar; 0 of a closed one
	names   []string        // of an object's members, in their order
	members map[string]*node
	list    []*node
}

func newNode(raw json.RawMessage) *node { return &node{raw: bytes.TrimSpace(raw)} }

// open reads one level of a value. Its text is well-formed. What lies deeper is passed
// over without a copy, since it is passed over again for each level that is opened.
func (n *node) open() error {
	if n.kind != 0 {
		return nil
	}
	switch n.raw[0] {
	case '{':
		n.members = map[string]*node{}
		if !cms.EachMember(n.raw, func(name string, value json.RawMessage) bool {
			n.set(name, newNode(value))
			return true
		}) {
			return errors.New("an object cannot be read")
		}
	case '[':
		elements, err := cms.Elements(n.raw)
		if err != nil {
			return err
		}
		n.list = make([]*node, len(elements))
		for i, element := range elements {
			n.list[i] = newNode(element)
		}
	default:
		n.kind = 's'
		return nil
	}
	n.kind, n.raw = n.raw[0], nil
	return nil
}

// set makes v a member of an open object, in its old place if it had one.
func (n *node) set(name string, v *node) {
	if n.members[name] == nil {
		n.names = append(n.names, name)
	}
	n.members[name] = v
}

// drop takes a member out of an open object.
func (n *node) drop(name string) {
	delete(n.members, name)
	n.names = slices.DeleteFunc(n.names, func(s string) bool { return s == name })
}

// append appends the text of a value.
func (n *node) append(b []byte) []byte {
	switch n.kind {
	case '{':
		b = append(b, '{')
		for i, name := range n.names {
			if i > 0 {
				b = append(b, ',')
			}
			key, _ := json.Marshal(name) // a string can always be encoded
			b = append(append(b, key...), ':')
			b = n.members[name].append(b)
		}
		return append(b, '}')
	case '[':
		b = append(b, '[')
		for i, v := range n.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = v.append(b)
		}
		return append(b, ']')
	default:
		return append(b, n.raw...)
	}
}

// same compares values as RFC 6902 does: members in any order, numbers by what they
// are. It opens what it compares, so that comparing again costs no more than what it
// is compared with.
func same(a, b *node) (bool, error) {
	if err := a.open(); err != nil {
		return false, err
	}
	if err := b.open(); err != nil {
		return false, err
	}
	if a.kind != b.kind || len(a.names) != len(b.names) || len(a.list) != len(b.list) {
		return false, nil
	}
	if a.kind == 's' {
		return sameScalar(a.raw, b.raw), nil
	}
	for i, v := range b.list {
		if ok, err := same(a.list[i], v); !ok || err != nil {
			return false, err
		}
	}
	for name, v := range b.members {
		w := a.members[name]
		if w == nil {
			return false, nil
		}
		if ok, err := same(w, v); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

func sameScalar(a, b json.RawMessage) bool {
	switch {
	case bytes.Equal(a, b):
		return true
	case a[0] == '"' && b[0] == '"':
		var s, t string
		return json.Unmarshal(a, &s) == nil && json.Unmarshal(b, &t) == nil && s == t
	case isNumber(a) && isNumber(b):
		if isWhole(a) && isWhole(b) { // which may have more digits than a float has
			return string(a) == "-0" && string(b) == "0" || string(a) == "0" && string(b) == "-0"
		}
		x, err := strconv.ParseFloat(string(a), 64)
		y, failed := strconv.ParseFloat(string(b), 64)
		return err == nil && failed == nil && x == y
	default:
		return false
	}
}

func isNumber(b json.RawMessage) bool { return b[0] == '-' || '0' <= b[0] && b[0] <= '9' }

func isWhole(b json.RawMessage) bool { return !bytes.ContainsAny(b, ".eE") }

// index is the index that a step of a pointer is, in an array of n elements; n itself
// is the one behind the last. There is none with a sign or with zeros in front.
func index(step string, n int) (i int, ok bool) {
	if step == "-" {
		return n, true
	}
	i, err := strconv.Atoi(step)
	if step == "" || strings.Trim(step, "0123456789") != "" || len(step) > 1 && step[0] == '0' {
		return 0, false
	}
	if err != nil || i > n { // however large
		i = n + 1
	}
	return i, true
}
