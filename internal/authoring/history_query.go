package authoring

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
)

// unknownParams are the problems of parameters that a list does not have.
func unknownParams(sent url.Values, known ...string) []fault.Detail {
	var problems []fault.Detail
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if !slices.Contains(known, name) {
			problems = append(problems, fault.Detail{Name: "unknown", Path: []any{name}, Details: fmt.Sprintf("The path %q is not recognized", name),
				Suggestions: nearest.Likely(name, slices.Values(known))})
		}
	}
	return problems
}

// between reads a parameter that is a whole number of a range.
func between(params url.Values, name string, usual, least, most int, problems *[]fault.Detail) int {
	if !params.Has(name) {
		return usual
	}
	v := last(params, name)
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		*problems = append(*problems, badParam(name, v, "The value provided for %q is invalid. Please provide a value between %d and %d", name, least, most))
		return usual
	}
	return n
}

func badParam(name, value, format string, args ...any) fault.Detail {
	return fault.Detail{Name: "value", Path: []any{name}, Value: fault.Raw(value), Details: fmt.Sprintf(format, args...)}
}

// historyQuery says what part of a history is asked for.
type historyQuery struct {
	historyToken
	limit int
}

// historyToken is where a page of a history begins.
type historyToken struct {
	from store.Point
	life store.Life
}

func (t historyToken) String() string {
	return fmt.Sprintf("%d.%d.%d", t.from.Scope, t.from.Seq, t.life.Resumed)
}

func readHistoryQuery(params url.Values) (historyQuery, error) {
	q := historyQuery{}
	problems := unknownParams(params, "limit", "pageNext")
	q.limit = between(params, "limit", 100, 1, 1000, &problems)
	if token := last(params, "pageNext"); token != "" {
		n, err := fmt.Sscanf(token, "%d.%d.%d", (*int64)(&q.from.Scope), &q.from.Seq, (*int64)(&q.life.Resumed))
		if n != 3 || err != nil || q.String() != token {
			problems = append(problems, badParam("pageNext", token, "This is no token of a page."))
		}
	}
	if problems != nil {
		return q, fault.Invalid(fault.InvalidQuery, problems...)
	}
	return q, nil
}
