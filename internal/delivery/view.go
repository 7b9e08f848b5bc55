package delivery

import (
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// allLocales as a locale asks for the values of all locales.
const allLocales = "*"

// view says which values of a field are shown: those of one locale with its
// fallbacks, or those of all locales.
type view struct {
	code    string       // the locale asked for, or allLocales
	main    cms.Locale   // the default locale
	chain   []string     // one locale: keys to look under, in order
	locales []cms.Locale // all locales: those that are delivered
}

// newView makes the view of a locale; "" is the default one.
func newView(locales cms.Locales, code string) (view, error) {
	v := view{code: code, main: locales.Default()}
	if code == "" {
		v.code = v.main.Code
	}
	for _, l := range locales {
		if l.Delivered() {
			v.locales = append(v.locales, l)
		}
	}
	if v.code == allLocales {
		return v, nil
	}
	shown := func(key string) bool {
		return slices.ContainsFunc(v.locales, func(l cms.Locale) bool { return l.Key == key })
	}
	if l, ok := locales.ByCode(v.code); !ok || !shown(l.Key) {
		return v, fault.New(fault.BadRequest, "Unknown locale: %s", v.code)
	}
	// a fallback may lead through a hidden locale, but not end there
	for _, key := range locales.Chain(v.code) {
		if shown(key) {
			v.chain = append(v.chain, key)
		}
	}
	return v, nil
}

// one reports whether a single locale is shown.
func (v *view) one() bool { return v.code != allLocales }

// published reports whether a published body is for a locale that is shown.
func (v *view) published(doc *cms.Document) bool {
	if v.one() {
		return doc.For(v.chain[0])
	}
	return slices.ContainsFunc(v.locales, func(l cms.Locale) bool { return doc.For(l.Key) })
}

// value is what the view of one locale shows of a field. A null is a value: it
// is shown and nothing is taken from the fallback.
func (v *view) value(f *cms.Field, values map[string]json.RawMessage) (json.RawMessage, bool) {
	if !f.Localized {
		raw, ok := values[v.main.Key]
		return raw, ok
	}
	for _, key := range v.chain {
		if raw, ok := values[key]; ok {
			return raw, true
		}
	}
	return nil, false
}

// stored calls show for every value that the view of all locales shows of a
// field.
func (v *view) stored(f *cms.Field, values map[string]json.RawMessage, show func(code string, raw json.RawMessage)) {
	for _, l := range v.locales {
		if raw, ok := values[l.Key]; ok && (f.Localized || l.Default) {
			show(l.Code, raw)
		}
	}
}
