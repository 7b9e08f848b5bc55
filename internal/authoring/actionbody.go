package authoring

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// bodyReader reads the bodies of bulk actions, releases and scheduled actions,
// and collects what is wrong with them.
type bodyReader struct{ problems []fault.Detail }

func (b *bodyReader) add(d fault.Detail) { b.problems = append(b.problems, d) }

// err is every problem found.
func (b *bodyReader) err() error {
	if b.problems == nil {
		return nil
	}
	return fault.Invalid(fault.ValidationFailed, b.problems...)
}

// dotted is a path as the texts of these problems spell it: entities.items[0].sys.
func dotted(path []any) string {
	var s strings.Builder
	for i, step := range path {
		switch n, isIndex := step.(int); {
		case isIndex:
			fmt.Fprintf(&s, "[%d]", n)
		case i > 0:
			fmt.Fprintf(&s, ".%s", step)
		default:
			fmt.Fprint(&s, step)
		}
	}
	return s.String()
}

// below is a path that goes on.
func below(path []any, steps ...any) []any { return append(slices.Clone(path), steps...) }

func (b *bodyReader) missing(path []any) {
	b.add(fault.Detail{Name: "any.required", Path: path, Details: fmt.Sprintf("%q is required", dotted(path))})
}

// read decodes a required value of a type.
func read[T any](b *bodyReader, raw json.RawMessage, typ string, path []any) (v T, ok bool) {
	switch {
	case raw == nil || isNull(raw):
		b.missing(path)
	case json.Unmarshal(raw, &v) != nil:
		b.add(wrongType(fmt.Sprint(path[len(path)-1]), typ, raw, path...))
	default:
		return v, true
	}
	return v, false
}

// object reads an object; when known names are given, it may have no others.
func (b *bodyReader) object(raw json.RawMessage, path []any, known ...string) map[string]json.RawMessage {
	if len(path) == 0 && (raw == nil || isNull(raw)) {
		raw = json.RawMessage("{}")
	}
	if len(path) == 0 && json.Unmarshal(raw, new(map[string]json.RawMessage)) != nil {
		b.add(wrongType("value", "Object", raw))
		return nil
	}
	members, _ := read[map[string]json.RawMessage](b, raw, "Object", path)
	if known != nil {
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !slices.Contains(known, name) {
				b.add(unknown(members[name], known, below(path, name)...))
			}
		}
	}
	return members
}

// oneOf reads a string out of a few.
func (b *bodyReader) oneOf(raw json.RawMessage, path []any, values ...string) string {
	s, ok := read[string](b, raw, "String", path)
	if ok && !slices.Contains(values, s) {
		d := fault.Detail{Name: "in", Path: path, Value: raw, Details: "Value must be one of expected values"}
		for _, v := range values {
			d.Expected = append(d.Expected, v)
		}
		b.add(d)
	}
	return s
}

// versionedLink is a link that may name a version.
type versionedLink struct {
	cms.LinkSys
	Version int
}

// link reads a link to one of some types.
func (b *bodyReader) link(raw json.RawMessage, path []any, needsVersion bool, types ...string) (l versionedLink) {
	members := b.object(raw, path)
	if members == nil {
		return l
	}
	sys := b.object(members["sys"], below(path, "sys"))
	if sys == nil {
		return l
	}
	l.Type = b.oneOf(sys["type"], below(path, "sys", "type"), "Link")
	l.LinkType = b.oneOf(sys["linkType"], below(path, "sys", "linkType"), types...)
	l.ID, _ = read[string](b, sys["id"], "String", below(path, "sys", "id"))
	if sys["version"] != nil || needsVersion {
		v, ok := read[int](b, sys["version"], "Integer", below(path, "sys", "version"))
		if l.Version = v; ok && v < 1 {
			b.add(fault.Detail{Name: "range", Path: below(path, "sys", "version"), Value: sys["version"], Min: fault.Raw(1), Details: "Value must be at least 1"})
		}
	}
	return l
}

// entities reads a list of entities, each by itself; none may occur twice.
func (b *bodyReader) entities(list []json.RawMessage, path []any, least int, read func(raw json.RawMessage, path []any) cms.ActionItem) []cms.ActionItem {
	if len(list) > maxTogether || len(list) < least {
		b.add(fault.Detail{Name: "size", Path: path, Min: fault.Raw(least), Max: fault.Raw(maxTogether),
			Details: fmt.Sprintf("Size must be at least %d and at most %d", least, maxTogether)})
		return nil
	}
	items := make([]cms.ActionItem, 0, len(list))
	seen := map[cms.Link]int{}
	for i, raw := range list {
		it := read(raw, below(path, i))
		link := cms.LinkTo(it.Kind, it.ID)
		if first, twice := seen[link]; twice && it.ID != "" {
			b.add(fault.Detail{Name: "array.unique", Path: below(path, i), Value: raw, Details: fmt.Sprintf("%q is the same as %q", dotted(below(path, i)), dotted(below(path, first)))})
		} else {
			seen[link] = i
		}
		items = append(items, it)
	}
	return items
}

var entityTypes = []string{string(cms.KindEntry), string(cms.KindAsset)}

// collection reads the list in {"sys":{"type":"Array"},"items":[…]}.
func (b *bodyReader) collection(raw json.RawMessage, path []any) ([]json.RawMessage, bool) {
	members := b.object(raw, path, "sys", "items")
	if members == nil {
		return nil, false
	}
	return read[[]json.RawMessage](b, members["items"], "Array", below(path, "items"))
}

// item reads an entity with the locales it is published and unpublished in. What
// is unpublished takes no locales to add.
func (b *bodyReader) item(raw json.RawMessage, path []any, action string, known ...string) (members map[string]json.RawMessage, it cms.ActionItem) {
	known = append([]string{"entity", "remove"}, known...)
	if action != cms.ActionUnpublish {
		known = append(known, "add")
	}
	members = b.object(raw, path, known...)
	if members == nil {
		return nil, it
	}
	it = itemOf(b.link(members["entity"], below(path, "entity"), action == cms.ActionPublish, entityTypes...))
	if slices.Contains(known, "add") {
		it.Add = b.locales(members["add"], path, "add")
	}
	it.Remove = b.locales(members["remove"], path, "remove")
	if len(b.problems) < enoughProblems {
		b.problems = append(b.problems, bothWays(it.Add, it.Remove, path...)...)
	}
	return members, it
}

// locales reads codes as in {"fields":{"*":[codes]}}, if there are any.
func (b *bodyReader) locales(raw json.RawMessage, path []any, name string) []string {
	if raw == nil || isNull(raw) {
		return nil
	}
	codes, problems := readCodes(raw, name)
	for _, d := range problems {
		d.Path = below(path, d.Path...)
		b.add(d)
	}
	return codes
}

func itemOf(l versionedLink) cms.ActionItem {
	return cms.ActionItem{Kind: cms.Kind(l.LinkType), ID: l.ID, Version: l.Version}
}

// ParseBulkAction reads the body of a bulk action: of the form that names its
// action in the path, or of the other one when action is "".
func ParseBulkAction(action string, body []byte) (cms.Action, error) {
	var b bodyReader
	out := cms.Action{Action: action, Payload: body}
	members := b.object(body, nil, "action", "entities")
	what := action
	switch {
	case members == nil:
	case action == "":
		out.Action = b.oneOf(members["action"], []any{"action"}, cms.ActionPublish, cms.ActionUnpublish, cms.ActionValidate)
		what = out.Action
		if list, ok := read[[]json.RawMessage](&b, members["entities"], "Array", []any{"entities"}); ok {
			out.Items = b.entities(list, []any{"entities"}, 1, func(raw json.RawMessage, path []any) cms.ActionItem {
				_, it := b.item(raw, path, what)
				return it
			})
		}
	default:
		if action == cms.ActionValidate && members["action"] != nil {
			what = b.oneOf(members["action"], []any{"action"}, cms.ActionPublish, cms.ActionUnpublish)
		}
		if list, ok := b.collection(members["entities"], []any{"entities"}); ok {
			out.Items = b.entities(list, []any{"entities", "items"}, 1, func(raw json.RawMessage, path []any) cms.ActionItem {
				return itemOf(b.link(raw, path, what == cms.ActionPublish && action != cms.ActionValidate, entityTypes...))
			})
		}
	}
	if what == cms.ActionValidate { // without saying of what
		what = cms.ActionPublish
	}
	for i := range out.Items {
		out.Items[i].Action = what
	}
	return out, b.err()
}
