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
// Errors: fault.InvalidEntry with everything the content type refuses, else
// fault.UnresolvedLinks with every link to an entry or asset that is missing.
func Publish(ct *cms.ContentType, locales cms.Locales, doc *cms.Document, targets Targets) error {
	c := &publication{targets: targets, locales: locales, main: locales.Default().Default, patternTime: maxPatternTime}
	if c.main && empty(ct, locales, doc) && slices.ContainsFunc(ct.Fields, func(f cms.Field) bool { return f.Required }) {
		c.add(required("fields", []any{"fields"}))
	}
	for i := range ct.Fields {
		c.field(&ct.Fields[i], doc)
	}
	if err := c.err(fault.InvalidEntry); err != nil {
		return err
	}
	return unresolved(ct, locales, doc, targets)
}

// empty reports whether no field has a value.
func empty(ct *cms.ContentType, locales cms.Locales, doc *cms.Document) bool {
	for i := range ct.Fields {
		for range values(&ct.Fields[i], locales, doc) {
			return false
		}
	}
	return true
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
	v      any
	typ    cms.FieldType
	raw    json.RawMessage
	locale cms.Locale
	at     []any
}

func (c *publication) field(f *cms.Field, doc *cms.Document) {
	c.required(f, doc)
	for l, raw := range values(f, c.locales, doc) {
		at := []any{"fields", f.ID, l.Code}
		v, err := decode(raw)
		if err != nil {
			c.add(wrongValue(f.Type, nil, at))
			continue
		}
		if wrong := valueType(f, v, raw, at); wrong != nil {
			c.add(wrong...)
			continue
		}
		c.validations(f.Validations, value{v, f.Type, raw, l, at})
		if f.Type == cms.Array && len(f.Items.Validations) > 0 {
			c.items(f.Items, value{v, f.Type, raw, l, at})
		}
	}
}

// items checks the elements of an array against their validations.
func (c *publication) items(items *cms.Items, array value) {
	var raws []json.RawMessage
	if err := json.Unmarshal(array.raw, &raws); err != nil {
		c.add(wrongValue(cms.Array, nil, array.at))
		return
	}
	for i, v := range array.v.([]any) {
		if c.full() {
			return
		}
		c.validations(items.Validations, value{v, items.Type, raws[i], array.locale, join(array.at, i)})
	}
}

// required reports the locales in which a required field has no value: one
// problem for the whole field when it has none at all, not even in the default
// locale.
func (c *publication) required(f *cms.Field, doc *cms.Document) {
	if !f.Required {
		return
	}
	has := map[string]bool{}
	for l := range values(f, c.locales, doc) {
		has[l.Key] = true
	}
	if len(has) == 0 && c.main {
		c.add(required(f.ID, []any{"fields", f.ID}))
		return
	}
	for _, l := range c.locales {
		if f.InLocale(l) && !has[l.Key] && (l.Default || !l.Optional) {
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
