package validate

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// Targets knows the entities that the document under check links to. The
// caller reads them in advance; Links says which they are.
type Targets interface {
	// Entry returns the content type id of an entry; false when there is none.
	Entry(id string) (contentType string, ok bool)
	// Asset returns an asset's document; false when there is none.
	Asset(id string) (*cms.Document, bool)
}

// Publish checks an entry's stored document against its activated content type
// before it is published in these locales, which may be some of those there are:
// fields that are not localized are looked at with the default one. Values under
// locales that the management API hides, and other locales of a field that is not
// localized, are nobody's to repair and pass unseen. Whether unique values are
// free is not checked.
//
// find is asked once, for what the links lead to.
//
// Errors: fault.InvalidEntry with everything the content type refuses, else
// fault.UnresolvedLinks with every link to an entry or asset that is missing; and
// that of find.
func Publish(ct *cms.ContentType, locales cms.Locales, doc *cms.Document, find func([]Link) (Targets, error)) error {
	c := &publication{locales: locales, main: locales.Default().Default, patternTime: maxPatternTime}
	var links []Link
	all := make([]value, 0, len(ct.Fields)+len(ct.Fields)/2) // in the order of fields
	for i := range ct.Fields {
		f := &ct.Fields[i]
		for l, raw := range values(f, locales, doc) {
			v, err := decode(raw)
			if err == nil {
				links = appendLinks(links, f, v, l.Code)
			}
			all = append(all, value{v: v, err: err, field: f, typ: f.Type, raw: raw, code: l.Code, key: l.Key, item: -1})
		}
	}
	var err error
	if c.targets, err = find(links); err != nil {
		return err
	}
	if c.main && len(all) == 0 && slices.ContainsFunc(ct.Fields, func(f cms.Field) bool { return f.Required }) {
		c.add(required("fields", []any{"fields"}))
	}
	for i := range ct.Fields {
		n := 0
		for n < len(all) && all[n].field == &ct.Fields[i] {
			n++
		}
		c.field(&ct.Fields[i], all[:n])
		all = all[n:]
	}
	if err := c.err(fault.InvalidEntry); err != nil {
		return err
	}
	return unresolved(links, c.targets)
}

// publication is the check of one document.
type publication struct {
	problems
	targets     Targets
	locales     cms.Locales
	main        bool          // the default locale is among them
	patternTime time.Duration // left for matching patterns
}

// value is one value that is checked against a validation.
type value struct {
	v         any
	err       error // of decoding it
	field     *cms.Field
	typ       cms.FieldType
	raw       json.RawMessage
	code, key string // of the locale
	item      int    // in the array that is the value of the field; -1 for the value itself
}

// at is where the value stands.
func (v value) at() []any {
	if v.item >= 0 {
		return join(place(v.field, v.code), v.item)
	}
	return place(v.field, v.code)
}

// field checks a field with its values.
func (c *publication) field(f *cms.Field, values []value) {
	c.required(f, values)
	for _, v := range values {
		if v.err != nil {
			c.add(wrongValue(f.Type, nil, v.at()))
			continue
		}
		if wrong := valueType(f, v.v, v.raw, v.code); wrong != nil {
			c.add(wrong...)
			continue
		}
		c.validations(f.Validations, v)
		if f.Type == cms.Array && len(f.Items.Validations) > 0 {
			c.items(f.Items, v)
		}
	}
}

// items checks the elements of an array against their validations.
func (c *publication) items(items *cms.Items, array value) {
	raws, err := cms.Elements(array.raw)
	if err != nil {
		c.add(wrongValue(cms.Array, nil, array.at()))
		return
	}
	for i, v := range array.v.([]any) {
		if c.full() {
			return
		}
		c.validations(items.Validations, value{v: v, field: array.field, typ: items.Type, raw: raws[i], code: array.code, key: array.key, item: i})
	}
}

// required reports the locales in which a required field has no value: one
// problem for the whole field when it has none at all, not even in the default
// locale.
func (c *publication) required(f *cms.Field, values []value) {
	if !f.Required {
		return
	}
	has := func(l cms.Locale) bool {
		return slices.ContainsFunc(values, func(v value) bool { return v.key == l.Key })
	}
	if len(values) == 0 && c.main {
		c.add(required(f.ID, []any{"fields", f.ID}))
		return
	}
	for _, l := range c.locales {
		if f.InLocale(l) && !has(l) && (l.Default || !l.Optional) {
			c.add(required(f.ID, []any{"fields", f.ID, l.Code}))
		}
	}
}

// validations checks a value against each of a list.
func (c *publication) validations(list []cms.Validation, v value) {
	for _, validation := range list {
		for _, name := range sortedKeys(validation) {
			holds := keywords[name].holds
			if holds == nil {
				continue
			}
			arg, err := decode(validation[name])
			if err != nil {
				continue // a stored body is JSON; its decoder would have failed before
			}
			found := holds(c, arg, v)
			for i := range found {
				if found[i].CustomMessage == "" {
					found[i].CustomMessage = message(validation)
				}
			}
			c.add(found...)
		}
	}
}
