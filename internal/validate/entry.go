package validate

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// maxCodes is how many codes of locales are named to who has used none.
const maxCodes = 3

// Entry checks the fields of an entry on save and returns them as they are
// stored, and how many links they hold. fields are the request's, by public field id, each a map of locale
// code to value; a null instead of that map stands for no value.
//
// Errors: fault.UnknownField with every field the content type does not have,
// else fault.InvalidEntry with every value that has the wrong type or stands
// under a locale it may not have.
func Entry(ct *cms.ContentType, locales cms.Locales, fields map[string]json.RawMessage) (stored cms.Fields, links int, err error) {
	if err := unknownFields(ct, fields); err != nil {
		return nil, 0, err
	}
	var p problems
	out := make(cms.Fields, len(fields))
	for i := range ct.Fields {
		f := &ct.Fields[i]
		raw, ok := fields[f.ID]
		if !ok || isNull(raw) {
			continue
		}
		values := localized(&p, f, locales, raw, func(v any, raw json.RawMessage, code string) json.RawMessage {
			p.add(valueType(f, v, raw, code)...)
			links += countLinks(f, v)
			return raw
		})
		if len(values) > 0 {
			out[f.Key] = values
		}
	}
	if err := p.err(fault.InvalidEntry); err != nil {
		return nil, 0, err
	}
	return out, links, nil
}

// unknownFields reports the fields a content type does not have.
func unknownFields(ct *cms.ContentType, fields map[string]json.RawMessage) error {
	var p problems
	first := ""
	for _, id := range sortedKeys(fields) {
		if ct.Field(id) == nil {
			if first == "" {
				first = id
			}
			p.add(unknown(fields[id], []any{"fields", id}, nearest.Likely(id, fieldIDs(ct))))
		}
	}
	if first == "" {
		return nil
	}
	f := fault.Of(p.err(fault.UnknownField))
	f.Message = "No field with id " + string(fault.Raw(first)) + " found."
	return f
}

func fieldIDs(ct *cms.ContentType) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range ct.Fields {
			if !yield(ct.Fields[i].ID) {
				return
			}
		}
	}
}

// localized reads a field's map of locale code to value. check sees every
// value that is not null, decoded and as it was sent, and returns what to store,
// nil for nothing.
func localized(p *problems, f *cms.Field, locales cms.Locales, raw json.RawMessage,
	check func(v any, raw json.RawMessage, code string) json.RawMessage) map[string]json.RawMessage {
	sent, ok := membersOf(raw)
	if !ok {
		d := wrongValue(cms.Object, raw, []any{"fields", f.ID})
		d.Details += fmt.Sprintf(`. The values of a field stand below the codes of their locales: {%q: …}.`, locales.Default().Code)
		p.add(d)
		return nil
	}
	values := make(map[string]json.RawMessage, len(sent))
	for _, m := range sent {
		code, raw := m.name, m.value
		l, ok := locales.ByCode(code)
		if !ok || !f.InLocale(l) {
			p.add(unknownLocale(f, locales, l, raw, place(f, code)))
			continue
		}
		if isNull(raw) {
			values[l.Key] = raw
			continue
		}
		v, err := decode(raw)
		if err != nil { // unreachable behind a decoder, which has read it whole
			p.add(wrongValue(f.Type, nil, place(f, code)))
			continue
		}
		if stored := check(v, raw, code); stored != nil {
			values[l.Key] = stored
		}
	}
	return values
}

// member is one of an object.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf are the members of an object in the order of their names.
func membersOf(raw json.RawMessage) (members []member, ok bool) {
	members = make([]member, 0, 4)
	if !cms.EachMember(raw, func(name string, value json.RawMessage) bool {
		members = append(members, member{name, value})
		return true
	}) {
		byName, err := cms.Members(raw)
		if err != nil {
			return nil, false
		}
		members = members[:0]
		for name, value := range byName {
			members = append(members, member{name, value})
		}
	}
	slices.SortStableFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	kept := members[:0]
	for i, m := range members {
		if i+1 == len(members) || members[i+1].name != m.name { // the last of a name counts
			kept = append(kept, m)
		}
	}
	return kept, true
}

// place is where a value of a field stands in a body.
func place(f *cms.Field, code string) []any { return []any{"fields", f.ID, code} }

// unknownLocale is the problem of a value below what is no locale of the field;
// l is a locale all the same, or the zero one.
func unknownLocale(f *cms.Field, locales cms.Locales, l cms.Locale, raw json.RawMessage, at []any) fault.Detail {
	if l.Management && !f.Localized {
		d := unknown(raw, at, nil)
		d.Details += fmt.Sprintf(" The field is not localized: it has a value for %q only.", locales.Default().Code)
		return d
	}
	d := unknown(raw, at, locales.Likely(last(at), f.InLocale))
	if d.Suggestions == nil {
		var codes []string
		for _, l := range locales {
			if f.InLocale(l) && len(codes) < maxCodes {
				codes = append(codes, l.Code)
			}
		}
		d.Details += " The values of a field stand below the codes of their locales, such as " + nearest.Quoted(codes) + "."
	}
	return d
}
