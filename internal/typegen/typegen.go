// Package typegen writes a content model as types of a programming language:
// TypeScript for the skeletons of the official contentful package, and Go structs
// for what delivery answers.
//
// It is pure: a model in, source text out, the same text for the same model. It
// knows nothing of databases or HTTP.
//
// Start reading at Model, then TypeScript and Go.
package typegen

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/typecase/typecase/internal/cms"
)

// Model is the content model of an environment.
type Model struct {
	Space, Environment string
	Locales            []string // codes that delivery knows, the default one first
	Types              []Type
}

// Type is an activated content type.
type Type struct {
	ID string
	cms.ContentType
}

// sorted are the types in the order of their ids, whatever order they came in.
func (m *Model) sorted() []Type {
	return slices.SortedFunc(slices.Values(m.Types), func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
}

// delivered are the fields that readers get.
func (t *Type) delivered() []cms.Field {
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f cms.Field) bool { return f.Omitted })
}

// origin says where the types come from; it stands in the first line.
func (m *Model) origin() string {
	return "the content model of space " + m.Space + ", environment " + m.Environment
}

// names gives out identifiers, none twice.
type names map[string]bool

// take returns an identifier made of id such that it is free with every suffix.
// What an id cannot keep apart a number does.
func (n names) take(id string, suffixes ...string) string {
	base := pascal(id)
	for i := 1; ; i++ {
		name := base
		if i > 1 {
			name += strconv.Itoa(i)
		}
		if !slices.ContainsFunc(suffixes, func(s string) bool { return n[name+s] }) {
			for _, s := range suffixes {
				n[name+s] = true
			}
			return name
		}
	}
}

// pascal is an id as an identifier with a capital at its beginning.
func pascal(id string) string {
	var b strings.Builder
	up := true
	for _, r := range id {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
		case b.Len() == 0 && unicode.IsDigit(r):
			b.WriteString("Type")
			b.WriteRune(r)
			up = false
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "Type"
	}
	return b.String()
}

// argument reads the argument of a keyword from the first validation that has
// it.
func argument[T any](list []cms.Validation, keyword string) (arg T, ok bool) {
	for _, v := range list {
		if raw, has := v[keyword]; has {
			return arg, json.Unmarshal(raw, &arg) == nil
		}
	}
	return arg, false
}

// literals are the values that the keyword in allows, as JSON.
func literals(list []cms.Validation) []string {
	values, ok := argument[[]json.RawMessage](list, "in")
	if !ok {
		return nil
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// targets are the content types that a link may lead to and that exist, in
// order; none means any.
func targets(list []cms.Validation, known map[string]string) []string {
	ids, ok := argument[[]string](list, "linkContentType")
	if one, single := argument[string](list, "linkContentType"); single {
		ids, ok = []string{one}, true
	}
	if !ok {
		return nil
	}
	found := map[string]bool{}
	for _, id := range ids {
		if name := known[id]; name != "" {
			found[name] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// lines are the lines of texts that are not empty, fit for a comment: without
// what ends one, and without control characters.
func lines(texts ...string) []string {
	var out []string
	for _, text := range texts {
		text = strings.ReplaceAll(text, "*/", "* /")
		for line := range strings.Lines(strings.TrimSpace(text)) {
			line = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
					return ' '
				}
				return r
			}, strings.TrimRight(line, "\r\n"))
			out = append(out, strings.TrimRight(line, " "))
		}
	}
	return out
}

// about is what people wrote about a type.
func (t *Type) about() []string {
	if t.Description == nil {
		return lines(t.Name)
	}
	return lines(t.Name, *t.Description)
}
