package query

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/nearest"
)

// target is what a path leads to.
type target struct {
	column Column
	class  class
}

// condition reads one filter, name[op]=value.
func (p *parser) condition(key, value string) {
	name, bracket := cutOperator(key)
	path := strings.Split(name, ".")
	op := Equals
	if bracket != "" || strings.HasSuffix(key, "[]") {
		op = Op(bracket)
		if _, ok := operators[op]; !ok || op == Equals {
			near := nearest.Likely(bracket, operatorNames)
			d := detail("unknown", path, fmt.Sprintf("The operator %q is not recognized.", clip(bracket)))
			if meant, ok := otherOperators[bracket]; ok && near == nil {
				near = []string{meant}
			}
			d.Filter, d.Suggestions = clip(bracket), near
			for _, known := range slices.Sorted(operatorNames) {
				d.Expected = append(d.Expected, known)
			}
			p.add(d)
			return
		}
	}
	if p.isReference(path) {
		p.reference(path, op, value)
		return
	}
	if t, ok := p.resolve(path); ok {
		if c, ok := p.makeCond(t, path, op, value); ok {
			p.cond(c)
			if op == Near {
				p.near = &Order{Column: c.Column, Near: &c.Args[0]}
			}
		}
	}
}

var operatorNames iter.Seq[string] = func(yield func(string) bool) {
	for op := range operators {
		if op != Equals && !yield(string(op)) {
			return
		}
	}
}

// makeCond checks an operator and its argument against what the path leads to.
func (p *parser) makeCond(t target, path []string, op Op, value string) (Cond, bool) {
	if !t.class.takes(op) {
		d := detail("invalid", path, fmt.Sprintf("The operator %q is not applicable to %s, which is of type %s.", op, strings.Join(path, "."), t.class.name))
		d.Type, d.Filter = t.class.name, string(op)
		for _, o := range t.class.ops {
			d.Expected = append(d.Expected, string(o))
		}
		p.add(d)
		return Cond{}, false
	}
	args, ok := operators[op].parse(t.class.typ, value)
	if !ok {
		typ := t.class.name
		if op == Exists {
			typ = booleanClass.name
		}
		p.add(valueDetail(path, value, typ, op))
		return Cond{}, false
	}
	c := t.column
	below := c.Part == partDescendants
	switch {
	case below:
		c.Part = ""
	case op == Match && t.class.name == richTextClass.name:
		c.Part, c.Type = partText, String
	case c.Part == partURL && op != Match && op != Exists:
		for i := range args {
			args[i].Str = pathOfURL(args[i].Str)
		}
	}
	return Cond{Column: c, Op: op, Args: args, Below: below}, true
}

// order reads a comma list of paths, each with - in front for descending.
func (p *parser) order(value string) {
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		name, desc := strings.CutPrefix(item, "-")
		path := strings.Split(name, ".")
		if _, ok := p.body(path); !ok && name != "name" && path[0] != "sys" && path[0] != "fields" {
			p.unknownPath(path)
			continue
		}
		t, ok := p.resolve(path)
		if !ok {
			continue
		}
		if !t.class.order {
			d := detail("invalid", path, fmt.Sprintf("Ordering by %s is not possible, it is of type %s.", name, t.class.name))
			d.Type, d.Filter = t.class.name, "order"
			p.add(d)
			continue
		}
		c := t.column
		if c.Locale == AnyManaged || c.Locale == AnyDelivered {
			c.Locale = p.opt.Model.Locales.Default().Key
		}
		p.q.Order = append(p.q.Order, Order{Column: c, Desc: desc})
	}
	if len(p.q.Order) > maxOrder {
		p.invalid([]string{"order"}, "A query can be ordered by at most %d properties.", maxOrder)
		p.q.Order = p.q.Order[:maxOrder]
	}
}

// resolve finds out what a path without search on references leads to.
func (p *parser) resolve(path []string) (target, bool) {
	t, ok := p.body(path)
	switch {
	case ok || len(path) == 1:
	case path[0] == "sys":
		t, ok = p.sys(strings.Join(path[1:], "."))
	case path[0] == "metadata" && hasDocument(p.opt.Kind):
		t, ok = metadata(strings.Join(path[1:], "."))
	case path[0] == "fields" && p.opt.Kind == cms.KindAsset:
		return p.field(cms.AssetType, path, path[1:])
	case path[0] == "fields" && p.opt.Kind == cms.KindEntry:
		switch {
		case !p.want:
			p.needsContentType()
			return t, false
		case p.ct == nil:
			return t, false // reported as an unknown content type
		}
		return p.field(p.ct, path, path[1:])
	}
	if !ok {
		p.unknownPath(path)
	}
	return t, ok
}

// body is what a path leads to in the bodies of a kind without fields.
func (p *parser) body(path []string) (target, bool) {
	t, ok := bodyPaths[p.opt.Kind][strings.Join(path, ".")]
	return t, ok
}

func metadata(name string) (target, bool) {
	list, part, _ := strings.Cut(name, ".")
	c := Column{Source: SourceMetadata, Name: list, Type: String}
	switch {
	case list != "tags" && list != "concepts":
		return target{}, false
	case part == "":
		return target{c, metadataClass}, true
	case list == "concepts" && part == partDescendants:
		c.Part = partDescendants
		return target{c, descendantsClass}, true
	}
	return target{c, metadataIDClass}, part == partID
}

// field resolves rest, what follows "fields.", in a content type.
func (p *parser) field(ct *cms.ContentType, path, rest []string) (target, bool) {
	f := ct.Field(rest[0])
	if f == nil || p.hidden(f) {
		d := detail("unknown", path[:len(path)-len(rest)+1], fmt.Sprintf("No field with id %q found.", clip(rest[0])))
		d.Suggestions = nearest.Likely(rest[0], p.fieldIDs(ct))
		if id, direction, ok := strings.Cut(rest[0], " "); ok && p.sent == "order" && ct.Field(id) != nil {
			d.Suggestions = []string{directed("fields."+id, direction)}
		}
		p.add(d)
		p.fields++
		return target{}, false
	}
	locale, rest := p.cutLocale(rest[1:])
	c := Column{Source: SourceField, Name: f.Key, Locale: locale}
	if !f.Localized {
		c.Locale = p.opt.Model.Locales.Default().Key
	}
	class, part, ok := classAt(f, p.opt.Kind == cms.KindAsset, strings.Join(rest, "."))
	if !ok {
		p.unknownPath(path)
	}
	c.Part, c.Type = part, class.typ
	return target{c, class}, ok
}

// classAt is what lies at a path below a field, "" for the field itself.
func classAt(f *cms.Field, asset bool, below string) (c class, part string, ok bool) {
	switch {
	case below == "":
		return classOf(f), linkPart(f), true
	case asset && f.ID == cms.AssetFile:
		c, ok = fileParts[below]
		return c, below, ok
	case below != linkPart(f):
		return c, "", false
	case f.Type == cms.Array:
		return linksIDClass, below, true
	}
	return linkIDClass, below, true
}

// cutLocale takes the locale code out of what follows a field's id; management
// paths may have one there or at their end.
func (p *parser) cutLocale(rest []string) (key string, others []string) {
	if p.opt.API == Management && len(rest) > 0 {
		for _, i := range []int{0, len(rest) - 1} {
			if l, ok := p.opt.Model.Locales.ByCode(rest[i]); ok && l.Management {
				return l.Key, slices.Concat(rest[:i], rest[i+1:])
			}
		}
	}
	return p.localeKey(), rest
}

// hidden reports whether a field does not exist for the API: what is omitted is
// not delivered.
func (p *parser) hidden(f *cms.Field) bool { return f.Omitted && p.opt.API != Management }

func (p *parser) fieldIDs(ct *cms.ContentType) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range ct.Fields {
			if !p.hidden(&ct.Fields[i]) && !yield(ct.Fields[i].ID) {
				return
			}
		}
	}
}
