package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

// Event is what filters look at.
type Event struct {
	ID                              string
	Environments                    []string // the environment's id and its aliases; none for what is outside of environments
	ContentType                     string
	CreatedBy, UpdatedBy, DeletedBy string
}

// Creator is what a filter looks at that asks who made a resource.
const Creator = "sys.createdBy.sys.id"

// documents are what a filter can look at. A value that an event lacks is no
// value: it equals nothing and matches no pattern.
var documents = map[string]func(*Event) []string{
	"sys.id":                 func(e *Event) []string { return []string{e.ID} },
	"sys.environment.sys.id": func(e *Event) []string { return e.Environments },
	"sys.contentType.sys.id": func(e *Event) []string { return present(e.ContentType) },
	Creator:                  func(e *Event) []string { return present(e.CreatedBy) },
	"sys.updatedBy.sys.id":   func(e *Event) []string { return present(e.UpdatedBy) },
	"sys.deletedBy.sys.id":   func(e *Event) []string { return present(e.DeletedBy) },
}

func present(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// Filters say which events of the wanted topics are delivered: those that pass
// all of them. Without any only events of the environment master are.
type Filters struct {
	all    []filter
	absent bool
}

// filter is one condition. An environment has several names: the condition
// holds when it does for one of them.
type filter struct {
	doc    string
	values func(*Event) []string
	test   func(string) bool
	not    bool
}

// maxPattern is the longest pattern in characters. The engine takes a time that
// grows with pattern and value only, so more is a matter of memory.
const maxPattern = 1000

// FilterError is a filter nobody can act on.
type FilterError struct {
	Index   int
	Problem string
}

func (e *FilterError) Error() string { return fmt.Sprintf("filter %d: %s", e.Index, e.Problem) }

// filterErrors are problems of filters that are a list.
type filterErrors []*FilterError

func (e filterErrors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "; ")
}

// FilterErrors are the problems that an error of ParseFilters has of single
// filters.
func FilterErrors(err error) []*FilterError {
	var list filterErrors
	errors.As(err, &list)
	return list
}

// errNoList is the error of filters that are not a list.
var errNoList = errors.New("filters are a list")

// ParseFilters reads the filters of a definition: null, or a list of
// {"equals"|"in"|"regexp":[{"doc":…}, argument]}, each maybe inside {"not":…}.
// What is
// wrong with single filters is in FilterErrors of the error.
func ParseFilters(raw json.RawMessage) (Filters, error) {
	if raw == nil || string(raw) == "null" {
		return Filters{absent: true}, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return Filters{}, errNoList
	}
	var out Filters
	var problems filterErrors
	for i, one := range list {
		f, problem := parseFilter(one, true)
		if problem != "" {
			problems = append(problems, &FilterError{i, problem})
			continue
		}
		out.all = append(out.all, f)
	}
	if problems != nil {
		return out, problems
	}
	return out, nil
}

const filterForm = `A filter is {"equals"|"in"|"regexp":[{"doc":"sys.id"}, argument]}, maybe inside {"not": …}.`

func parseFilter(raw json.RawMessage, mayNegate bool) (f filter, problem string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || len(members) != 1 {
		return f, filterForm
	}
	for op, inner := range members {
		if op == "not" && mayNegate {
			f, problem = parseFilter(inner, false)
			f.not = true
			return f, problem
		}
		var args []json.RawMessage
		var doc struct {
			Doc string `json:"doc"`
		}
		if json.Unmarshal(inner, &args) != nil || len(args) != 2 || json.Unmarshal(args[0], &doc) != nil || doc.Doc == "" {
			return f, filterForm
		}
		if f.test, problem = parseTest(op, args[1]); problem != "" {
			return f, problem
		}
		f.doc = doc.Doc
		if f.values = documents[doc.Doc]; f.values == nil {
			return f, fmt.Sprintf("No filter looks at %q. There are %s.", doc.Doc, strings.Join(slices.Sorted(maps.Keys(documents)), ", "))
		}
	}
	return f, ""
}

func parseTest(op string, arg json.RawMessage) (test func(string) bool, problem string) {
	if string(arg) == "null" {
		return nil, filterForm
	}
	switch op {
	case "equals":
		var want string
		if json.Unmarshal(arg, &want) != nil {
			return nil, filterForm
		}
		return func(s string) bool { return s == want }, ""
	case "in":
		var want []string
		if json.Unmarshal(arg, &want) != nil {
			return nil, filterForm
		}
		return func(s string) bool { return slices.Contains(want, s) }, ""
	case "regexp":
		var want struct {
			Pattern *string `json:"pattern"`
		}
		if json.Unmarshal(arg, &want) != nil || want.Pattern == nil {
			return nil, filterForm
		}
		if len(*want.Pattern) > maxPattern {
			return nil, fmt.Sprintf("The pattern has more than %d characters.", maxPattern)
		}
		re, err := regexp.Compile(*want.Pattern)
		if err != nil {
			return nil, "The pattern is not a regular expression in RE2's syntax: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ") + "."
		}
		return re.MatchString, ""
	}
	return nil, filterForm
}

// Uses reports whether a filter looks at this.
func (f Filters) Uses(doc string) bool {
	return slices.ContainsFunc(f.all, func(one filter) bool { return one.doc == doc })
}

// Pass reports whether an event is to be delivered.
func (f Filters) Pass(e Event) bool {
	if f.absent {
		return len(e.Environments) == 0 || slices.Contains(e.Environments, cms.MainEnvironment)
	}
	for _, one := range f.all {
		if slices.ContainsFunc(one.values(&e), one.test) == one.not {
			return false
		}
	}
	return true
}
