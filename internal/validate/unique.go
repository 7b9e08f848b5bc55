package validate

import (
	"encoding/json"
	"strconv"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// UniqueKey is a value that no other published entry of its content type may
// have in the same field and locale.
type UniqueKey struct {
	FieldID, FieldKey     string
	LocaleCode, LocaleKey string
	Value                 string // equal values have equal strings: 1.0 and 1 are the same number
	Raw                   json.RawMessage
	Message               string // the validation's own text, or ""
}

// UniqueKeys lists an entry's values in fields with {"unique":true}, in the
// order of fields and locales. Values that do not have their field's type are
// left out; Publish reports them.
func UniqueKeys(ct *cms.ContentType, locales cms.Locales, doc *cms.Document) []UniqueKey {
	var keys []UniqueKey
	for i := range ct.Fields {
		f := &ct.Fields[i]
		text, ok := isUnique(f)
		if !ok {
			continue
		}
		for l, raw := range values(f, locales, doc) {
			v, err := decode(raw)
			if err != nil || !hasType(typed{f.Type, f.LinkType}, v) {
				continue
			}
			canonical, ok := v.(string)
			if n, number := v.(json.Number); number {
				canonical, ok = strconv.FormatFloat(float(n), 'g', -1, 64), true
			}
			if ok {
				keys = append(keys, UniqueKey{f.ID, f.Key, l.Code, l.Key, canonical, raw, text})
			}
		}
	}
	return keys
}

// UniqueProblem is the problem of a value that other entries have already.
func UniqueProblem(k UniqueKey, conflicting ...cms.Link) fault.Detail {
	d := fault.Detail{Name: "unique", Value: k.Raw, Path: []any{"fields", k.FieldID, k.LocaleCode},
		Details: "Same field value present in other entry", CustomMessage: k.Message}
	for _, l := range conflicting {
		d.Conflicting = append(d.Conflicting, l)
	}
	return d
}

// isUnique reports whether a field has {"unique":true}, and with what message.
func isUnique(f *cms.Field) (text string, ok bool) {
	for _, v := range f.Validations {
		if string(v["unique"]) == "true" {
			return message(v), true
		}
	}
	return "", false
}

func mayBeUnique(t typed, item bool) bool {
	return !item && is(cms.Symbol, cms.Integer, cms.Number)(t, item)
}

func uniqueShape(p *problems, _ typed, arg any, at []any) {
	if _, ok := arg.(bool); !ok {
		p.add(wrongType(last(at), "Boolean", fault.Raw(arg), at))
	}
}
