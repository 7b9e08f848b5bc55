package query

import (
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

// ref is a search on references while its parameters are being read.
type ref struct {
	path    []string // of the reference field, as sent
	sent    string   // the parameter that began it
	target  target   // its links
	typeID  string   // of the entries searched
	pending []pending
}

// pending is a condition on referenced entries; it is checked once all
// parameters are read, as the content type may come last.
type pending struct {
	sent  string   // parameter
	path  []string // whole
	below []string // from the field id in the referenced entry on
	op    Op
	value string
}

// isReference reports whether a path searches on references: it goes on with
// fields or sys.contentType behind a field.
func (p *parser) isReference(path []string) bool {
	if p.opt.Kind != cms.KindEntry || path[0] != "fields" || len(path) < 4 {
		return false
	}
	_, rest := p.cutLocale(path[2:])
	return len(rest) >= 2 && (rest[0] == "fields" || rest[0] == "sys" && rest[1] == "contentType")
}

// reference reads one parameter of a search on references.
func (p *parser) reference(path []string, op Op, value string) {
	i := 2 + slices.IndexFunc(path[2:], func(s string) bool { return s == "fields" || s == "sys" })
	field := path[:i]
	r := p.refTo(field)
	if r == nil {
		return
	}
	below := path[i:]
	switch {
	case below[0] == "fields":
		r.pending = append(r.pending, pending{sent: p.sent, path: path, below: below[1:], op: op, value: value})
	case strings.Join(below, ".") == "sys.contentType.sys.id" && op == Equals:
		r.typeID = value
	default:
		p.unknownPath(path)
	}
}

// refTo finds or begins the search on the references of a field. It is nil when
// the field holds no links to entries.
func (p *parser) refTo(field []string) *ref {
	for _, r := range p.refs {
		if slices.Equal(r.path, field) {
			if r.target.column == (Column{}) {
				return nil // reported before
			}
			return r
		}
	}
	r := &ref{path: field, sent: p.sent}
	p.refs = append(p.refs, r)
	t, ok := p.resolve(field)
	if !ok {
		return nil
	}
	f := p.ct.Field(field[1])
	if linkPart(f) != partID || linkType(f) != string(cms.KindEntry) {
		p.invalid(field, "Only fields with links to entries can be searched for what they refer to.")
		return nil
	}
	r.target = t
	return r
}

// finishRefs turns the searches on references into conditions.
func (p *parser) finishRefs() {
	done := 0
	defer func() { p.sent = "" }()
	for _, r := range p.refs {
		p.sent = ""
		if r.target.column == (Column{}) {
			continue
		}
		if done++; done > maxRefs {
			p.sent = r.sent
			p.invalid(r.path, "At most %d reference fields can be searched in one query.", maxRefs)
			return
		}
		typePath := slices.Concat(r.path, []string{"sys", "contentType", "sys", "id"})
		if r.typeID == "" {
			p.add(detail("required", typePath, "The property \""+strings.Join(typePath, ".")+"\" is required here"))
			continue
		}
		ct := p.opt.Model.Types[r.typeID]
		if ct == nil {
			p.unknownContentType(r.typeID, typePath)
			continue
		}
		c := Cond{Column: r.target.column, Op: Refers, Ref: &Ref{ContentType: r.typeID}}
		for _, w := range r.pending {
			p.sent = w.sent
			if t, ok := p.field(ct, w.path, w.below); ok {
				if inner, ok := p.makeCond(t, w.path, w.op, w.value); ok {
					c.Ref.Conds = append(c.Ref.Conds, inner)
				}
			}
		}
		p.cond(c)
	}
}
