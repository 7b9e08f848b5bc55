package validate

import (
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// in: the value is one of a list.
func in(_ *publication, arg any, v value) []fault.Detail {
	list, _ := arg.([]any)
	if slices.ContainsFunc(list, func(allowed any) bool { return sameScalar(allowed, v.v) }) {
		return nil
	}
	return []fault.Detail{notIn(list, v.raw, v.at())}
}

// sameScalar compares numbers by value: 1.0 is 1.
func sameScalar(a, b any) bool {
	m, okM := a.(json.Number)
	n, okN := b.(json.Number)
	if okM && okN {
		return float(m) == float(n)
	}
	s, okS := a.(string)
	t, okT := b.(string)
	return okS && okT && s == t
}

func inShape(p *problems, t typed, arg any, at []any) {
	list, ok := arg.([]any)
	if !ok {
		p.add(wrongType(last(at), "Array", fault.Raw(arg), at))
		return
	}
	item := typed{Type: t.Type}
	if t.Type == cms.Text {
		item.Type = cms.Symbol // a choice is never long
	}
	for i, v := range list {
		if !hasType(item, v) {
			at := join(at, i)
			p.add(wrongType(last(at), string(t.Type), fault.Raw(v), at))
		}
	}
}
