package validate

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/richtext"
)

// size: characters of a text, elements of an array, members of an object;
// characters are code points. The value comes along where it is short enough
// to be of use.
func size(_ *publication, arg any, v value) []fault.Detail {
	b := boundsOf(arg)
	n, echo := 0, v.raw
	switch t := v.v.(type) {
	case string:
		n = utf8.RuneCountInString(t)
	case []any:
		n = len(t)
	case map[string]any:
		n, echo = len(t), nil
		if v.typ == cms.RichText {
			n = richtext.Length(t)
		}
	}
	if b.hold(float64(n)) {
		return nil
	}
	return []fault.Detail{wrongSize(b, echo, v.at())}
}

func sizeShape(p *problems, _ typed, arg any, at []any) {
	boundsShape(p, arg, at, func(n json.Number) bool { return whole(n) && float(n) >= 0 }, cms.Integer)
}

// boundsShape checks {"min":…,"max":…}: each absent, null, or a number that is
// right for it.
func boundsShape(p *problems, arg any, at []any, right func(json.Number) bool, typ cms.FieldType) {
	o, ok := objectAt(p, arg, at)
	if !ok {
		return
	}
	o.only("min", "max")
	for _, name := range []string{"min", "max"} {
		v, ok := o.members[name]
		if !ok || v == nil {
			continue
		}
		if n, ok := v.(json.Number); !ok || !right(n) {
			p.add(wrongType(name, string(typ), fault.Raw(v), join(at, name)))
		}
	}
}
