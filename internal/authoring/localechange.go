package authoring

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// LocaleChange says in which locales an entry or asset is to be published as it
// is, and in which not to be any more. Others stay as they are.
type LocaleChange struct{ Add, Remove []string } // codes

// onlyRemoves reports whether nothing is published.
func (c *LocaleChange) onlyRemoves() bool { return c != nil && len(c.Add) == 0 }

// read finds the locales of a change among those of the environment.
func (c *LocaleChange) read(kind cms.Kind, locales cms.Locales) (added, removed cms.Locales, err error) {
	var problems []fault.Detail
	find := func(member string, codes []string) (found cms.Locales) {
		for i, code := range codes {
			l, ok := locales.ByCode(code)
			if !ok || !l.Management {
				problems = append(problems, unknownLocale(locales, code, member, "fields", "*", i))
			} else if !found.Has(l.Key) {
				found = append(found, l)
			}
		}
		return found
	}
	added, removed = find("add", c.Add), find("remove", c.Remove)
	if problems = append(problems, bothWays(c.Add, c.Remove)...); problems != nil {
		return nil, nil, fault.Invalid(invalid(kind), problems...)
	}
	return added, removed, nil
}

// bothWays are the problems of codes that are to be published and unpublished.
func bothWays(add, remove []string, at ...any) (problems []fault.Detail) {
	adds := make(map[string]bool, len(add))
	for _, code := range add {
		adds[code] = true
	}
	for i, code := range remove {
		if len(problems) == enoughProblems {
			break
		}
		if adds[code] {
			problems = append(problems, fault.Detail{Name: "unexpected", Path: below(at, "remove", "fields", "*", i), Value: fault.Raw(code),
				Details: fmt.Sprintf("The locale %q cannot be published and unpublished at once.", code)})
		}
	}
	return problems
}

const (
	maxListed = 1000 // codes of locales in a list
	maxCodes  = 3    // that are named to who has used none
)

// unknownLocale is the problem of a code that no locale has.
func unknownLocale(locales cms.Locales, code string, path ...any) fault.Detail {
	managed := func(l cms.Locale) bool { return l.Management }
	d := fault.Detail{Name: "unknown", Value: fault.Raw(code), Path: path, Details: fmt.Sprintf("There is no locale %q.", code),
		Suggestions: locales.Likely(code, managed)}
	if d.Suggestions == nil {
		var codes []string
		for _, l := range locales {
			if managed(l) && len(codes) < maxCodes {
				codes = append(codes, l.Code)
			}
		}
		d.Details += " Use a code such as " + nearest.Quoted(codes) + "."
	}
	return d
}

// ParseLocaleChange reads the body of a request to publish or unpublish some
// locales: {"add":{"fields":{"*":[codes]}}}, "remove" likewise. It is nil when the
// body says nothing about locales: all are meant then, and whatever else is in
// the body means nothing. Only members that look like a slip for one of the two
// are refused, as it would be worse to do it with all locales.
func ParseLocaleChange(kind cms.Kind, body []byte, may ...string) (*LocaleChange, error) {
	var members map[string]json.RawMessage
	if body == nil || json.Unmarshal(body, &members) != nil {
		return nil, nil
	}
	c := &LocaleChange{}
	var problems []fault.Detail
	for _, name := range slices.Sorted(maps.Keys(members)) {
		raw := members[name]
		switch {
		case isNull(raw):
		case slices.Contains(may, name):
			codes, wrong := readCodes(raw, name)
			problems = append(problems, wrong...)
			if name == "add" {
				c.Add = codes
			} else {
				c.Remove = codes
			}
		case name == "fields" && hasMember(raw, "*"):
			problems = append(problems, fault.Detail{Name: "unexpected", Path: []any{name, "*"},
				Details: fmt.Sprintf("The codes of locales stand below %s.", nearest.Quoted(may))})
		case name == "add":
			problems = append(problems, fault.Detail{Name: "unexpected", Path: []any{name}, Details: "Locales are published with PUT."})
		default:
			if d := unknown(raw, may, name); d.Suggestions != nil {
				problems = append(problems, d)
			}
		}
	}
	switch {
	case problems != nil:
		return nil, inBody(fault.Invalid(invalid(kind), problems...))
	case c.Add == nil && c.Remove == nil:
		return nil, nil
	}
	return c, nil
}

// inBody says of each problem that is about the locales of a change where in the
// body it is. Those of the entity are not in the body.
func inBody(err error) error {
	f := fault.Of(err)
	if f == nil || f.Details == nil {
		return err
	}
	for i := range f.Details.Errors {
		d := &f.Details.Errors[i]
		if len(d.Path) > 0 && d.Path[0] != "metadata" && (d.Path[0] != "fields" || slices.Equal(d.Path, []any{"fields", "*"})) {
			at := fault.Pointer(d.Path)
			d.Pointer = &at
		}
	}
	return err
}

func hasMember(raw json.RawMessage, name string) bool {
	var members map[string]json.RawMessage
	return json.Unmarshal(raw, &members) == nil && members[name] != nil
}

// readCodes reads {"fields":{"*":[codes]}}.
func readCodes(raw json.RawMessage, member string) (codes []string, problems []fault.Detail) {
	at := []any{member}
	for _, name := range []string{"fields", "*"} {
		var members map[string]json.RawMessage
		if isNull(raw) || json.Unmarshal(raw, &members) != nil {
			return nil, append(problems, wrongType(fmt.Sprint(at[len(at)-1]), "Object", raw, at...))
		}
		for _, other := range slices.Sorted(maps.Keys(members)) {
			if other != name {
				d := unknown(members[other], []string{name}, append(slices.Clone(at), other)...)
				if name == "*" {
					d.Details = `Locales are published for all fields together: the only member is "*".`
				}
				problems = append(problems, d)
			}
		}
		at = append(at, name)
		if raw = members[name]; raw == nil {
			return nil, append(problems, required(at...))
		}
	}
	var list []json.RawMessage
	if isNull(raw) || json.Unmarshal(raw, &list) != nil {
		return nil, append(problems, wrongType("*", "Array", raw, at...))
	}
	switch {
	case len(list) == 0:
		return nil, append(problems, fault.Detail{Name: "size", Path: at, Min: fault.Raw(1),
			Details: "Size must be at least 1. Leave out the body to mean all locales."})
	case len(list) > maxListed:
		return nil, append(problems, fault.Detail{Name: "size", Path: at, Max: fault.Raw(maxListed),
			Details: fmt.Sprintf("Size must be at most %d", maxListed)})
	}
	for i, raw := range list {
		var code string
		if !bytes.HasPrefix(raw, []byte(`"`)) || json.Unmarshal(raw, &code) != nil {
			problems = append(problems, wrongType("value", "Symbol", raw, append(slices.Clone(at), i)...))
			continue
		}
		codes = append(codes, code)
	}
	return codes, problems
}
