package query

import (
	"unique"

	"github.com/typecase/typecase/internal/cms"
)

// PublishedIn asks for what is published in at least one of these locales. It is
// a question about published bodies.
func PublishedIn(locales cms.Locales) Cond {
	return Cond{Column: Column{Source: SourceLocales, Type: String}, Op: In, Args: localeArgs(locales)}
}

// NotPublishedIn asks for what is published in none of these locales.
func NotPublishedIn(locales cms.Locales) Cond {
	return Cond{Column: Column{Source: SourceLocales, Type: String}, Op: Nin, Args: localeArgs(locales)}
}

// localeArgs are keys of locales, with what stands for all of them.
func localeArgs(locales cms.Locales) []Value {
	args := []Value{{Str: anyLocale}}
	for _, l := range locales {
		args = append(args, Value{Str: l.Key})
	}
	return args
}

// localeValues are the keys of the locales a body is for. There are few of them,
// so each is kept once.
func localeValues(e *Entity) Values {
	if e.Doc == nil {
		return Values{}
	}
	if e.Doc.Locales == nil {
		return stringValue(anyLocale)
	}
	vs := Values{Set: true}
	for _, key := range e.Doc.Locales {
		vs.List = append(vs.List, Value{Str: unique.Make(key).Value()})
	}
	return vs
}

// onlyPublished leaves out what is not published in a locale that is asked for,
// also as the target of a search on references.
func (p *parser) onlyPublished() {
	var asked cms.Locales
	for _, l := range p.opt.Model.Locales {
		if p.q.Locale == "*" && l.Delivered() || l.Code == p.q.Locale || l.Default && p.q.Locale == "" {
			asked = append(asked, l)
		}
	}
	for i := range p.q.Conds {
		if r := p.q.Conds[i].Ref; r != nil {
			r.Conds = append(r.Conds, PublishedIn(asked))
		}
	}
	p.cond(PublishedIn(asked))
}
