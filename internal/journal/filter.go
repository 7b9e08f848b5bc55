package journal

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// Filter says which requests to list. What is zero does not filter, but Limit
// does.
type Filter struct {
	Least, Most  int // status
	Since, Until time.Time
	Method       string
	Route        string // a part of the pattern
	Fault        string // name of a kind
	Space        string
	Skip, Limit  int
}

const (
	usualLimit = 100
	maxLimit   = 1000
)

func (f *Filter) takes(r *Request) bool {
	return (f.Least == 0 || f.Least <= r.Status && r.Status <= f.Most) &&
		(f.Since.IsZero() || !r.Time.Before(f.Since)) &&
		(f.Until.IsZero() || !r.Time.After(f.Until)) &&
		(f.Method == "" || f.Method == r.Method) &&
		(f.Route == "" || strings.Contains(r.Route, f.Route)) &&
		(f.Fault == "" || f.Fault == r.Fault) &&
		(f.Space == "" || f.Space == r.Space)
}

// parameter reads one parameter into a filter. It returns what is expected when
// it cannot, as the end of a sentence, and the values that were probably meant.
type parameter func(f *Filter, value string, now time.Time) (want string, meant []string)

var parameters = map[string]parameter{
	"status": func(f *Filter, value string, _ time.Time) (string, []string) {
		class, isClass := strings.CutSuffix(strings.ToLower(value), "xx")
		n, err := strconv.Atoi(class)
		switch {
		case err == nil && isClass && n >= 1 && n <= 5:
			f.Least, f.Most = n*100, n*100+99
		case err == nil && !isClass && n >= 100 && n <= 599:
			f.Least, f.Most = n, n
		default:
			return "a status such as 404 or a class such as 4xx", nil
		}
		return "", nil
	},
	"since": func(f *Filter, value string, now time.Time) (want string, _ []string) {
		f.Since, want = moment(value, now)
		return want, nil
	},
	"until": func(f *Filter, value string, now time.Time) (want string, _ []string) {
		f.Until, want = moment(value, now)
		return want, nil
	},
	"method": func(f *Filter, value string, _ time.Time) (string, []string) {
		f.Method = strings.ToUpper(value)
		known := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
		if f.Method == "OTHER" { // as the log calls the rest
			f.Method = "other"
		} else if !slices.Contains(known, f.Method) {
			return "one of " + strings.Join(known, ", ") + ", other", nearest.Likely(f.Method, slices.Values(known))
		}
		return "", nil
	},
	"route": func(f *Filter, value string, _ time.Time) (string, []string) {
		f.Route = value
		return "", nil
	},
	"fault": func(f *Filter, value string, _ time.Time) (string, []string) {
		var known []string
		for k := range fault.NumKinds {
			f.Fault = k.String()
			if strings.EqualFold(value, f.Fault) || strings.EqualFold(value, f.Fault+"Error") { // as either vocabulary has it
				return "", nil
			}
			known = append(known, f.Fault)
		}
		return "the id of an error, such as InvalidEntry", nearest.Likely(value, slices.Values(known))
	},
	"space": func(f *Filter, value string, _ time.Time) (string, []string) {
		f.Space = value
		return "", nil
	},
	"skip": func(f *Filter, value string, _ time.Time) (want string, _ []string) {
		f.Skip, want = number(value, 1<<31-1, "a value larger than or equal to 0")
		return want, nil
	},
	"limit": func(f *Filter, value string, _ time.Time) (want string, _ []string) {
		f.Limit, want = number(value, maxLimit, fmt.Sprintf("a value between 0 and %d", maxLimit))
		return want, nil
	},
}

// ParseFilter reads the parameters of a list of requests; those without a value
// count as absent, and of several with one name the last counts. All problems
// come in one fault.InvalidQuery. now is what durations go back from.
func ParseFilter(values url.Values, now time.Time) (Filter, error) {
	f := Filter{Limit: usualLimit}
	var problems []fault.Detail
	var messages []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		sent := values[name][len(values[name])-1]
		read, known := parameters[name]
		if !known {
			problems = append(problems, fault.Detail{Name: "unknown", Path: []any{clip(name, maxText)}, Details: fmt.Sprintf("The path %q is not recognized", clip(name, maxText)),
				Suggestions: nearest.Likely(name, maps.Keys(parameters))})
			continue
		}
		if sent == "" {
			continue
		}
		if want, meant := read(&f, sent, now); want != "" {
			text := fmt.Sprintf("The value provided for %q is invalid. Please provide %s", name, want)
			problems = append(problems, fault.Detail{Name: "value", Path: []any{name}, Value: fault.Raw(clip(sent, maxText)), Details: text, Suggestions: meant})
			messages = append(messages, text)
		}
	}
	if problems == nil {
		return f, nil
	}
	err := fault.Invalid(fault.InvalidQuery, problems...)
	if len(messages) == len(problems) {
		err.Message = strings.Join(messages, ". ")
	}
	return Filter{}, err
}

// moment reads a time, or a duration back from now.
func moment(value string, now time.Time) (at time.Time, want string) {
	if d, err := time.ParseDuration(value); err == nil && d >= 0 {
		return now.Add(-d), ""
	}
	// a plus sign that was not percent-encoded arrives as a space
	at, err := time.Parse(time.RFC3339, strings.Replace(value, " ", "+", 1))
	if err != nil {
		return at, "a duration such as 10m, or a time such as 2026-05-01T10:00:00Z"
	}
	return at, ""
}

func number(value string, most int, otherwise string) (n int, want string) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > most {
		return 0, otherwise
	}
	return n, ""
}
