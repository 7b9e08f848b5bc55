package validate

import (
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// dateRange: a date is not before min and not after max. A bound without a
// time includes its whole day.
func dateRange(_ *publication, arg any, v value) []fault.Detail {
	low, high := dateBounds(arg)
	d, _ := parseDate(v.v.(string))
	from, okFrom := parseDate(low)
	to, okTo := parseDate(high)
	if !(okFrom && d.from.Before(from.from)) && !(okTo && d.from.After(to.to)) {
		return nil
	}
	problem := fault.Detail{Name: "dateRange", Value: v.raw, Path: v.at()}
	switch {
	case !okTo:
		problem.Details = fmt.Sprintf("Date must be at least %s", low)
	case !okFrom:
		problem.Details = fmt.Sprintf("Date must be at most %s", high)
	default:
		problem.Details = fmt.Sprintf("Date must be at least %s and at most %s", low, high)
	}
	problem.Min, problem.Max = rawDate(low), rawDate(high)
	return []fault.Detail{problem}
}

// dateBounds reads min and max, or what they were called before.
func dateBounds(arg any) (low, high string) {
	members, _ := arg.(map[string]any)
	for _, name := range []string{"after", "min"} {
		if s, ok := members[name].(string); ok {
			low = s
		}
	}
	for _, name := range []string{"before", "max"} {
		if s, ok := members[name].(string); ok {
			high = s
		}
	}
	return low, high
}

func rawDate(s string) json.RawMessage {
	if s == "" {
		return nil
	}
	return fault.Raw(s)
}

func dateRangeShape(p *problems, _ typed, arg any, at []any) {
	o, ok := objectAt(p, arg, at)
	if !ok {
		return
	}
	o.only("min", "max", "after", "before")
	for _, name := range []string{"after", "before", "max", "min"} {
		if v, ok := o.members[name]; ok && v != nil && !hasType(typed{Type: cms.Date}, v) {
			p.add(wrongType(name, string(cms.Date), fault.Raw(v), join(at, name)))
		}
	}
}
