package httpapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// What details.errors may hold: an error helps nobody who cannot read it, and a
// body must not be answered with a multiple of itself.
const (
	maxProblems     = 100       // of one body; the rest would only repeat them
	maxProblemsSize = 256 << 10 // bytes of all of them
	maxProblemValue = 4 << 10   // bytes of one value; a longer one is left out
	maxExpected     = 1000      // values that would do; a longer list is left out
)

// errorBody is the JSON of every error.
type errorBody struct {
	NestedError
	RequestID     string `json:"requestId"`
	Documentation string `json:"documentationUrl"`
}

// NestedError is the JSON of an error inside another body: what went wrong with
// one of many. What keeps such an error keeps the fault, and Call.Nested words it
// when it is served.
type NestedError struct {
	Sys     errorSys       `json:"sys"`
	Message string         `json:"message"`
	Details *fault.Details `json:"details,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	additions
}

type errorSys struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// describe is the status and body of an error in one of the vocabularies.
// jsonBody says that the request had a body whose parts can be pointed to.
func describe(f *fault.Error, short, jsonBody bool, requestID string) (status int, body errorBody) {
	status, nested := word(f, short, jsonBody)
	return status, errorBody{NestedError: nested, RequestID: requestID}
}

// word puts an error into words of one of the vocabularies.
func word(f *fault.Error, short, jsonBody bool) (status int, body NestedError) {
	w := wire[f.Kind]
	body = NestedError{Sys: errorSys{Type: "Error", ID: w.id}, Message: f.Message, additions: additionsOf(f)}
	status = w.status
	if short {
		body.Sys.ID = w.short
		if w.shortStatus != 0 {
			status = w.shortStatus
		}
	} else if w.beyond {
		body.Reason = w.short
	}
	if body.Message == "" || f.Kind == fault.ServerError { // what went wrong inside is for the log
		body.Message = w.message
	}
	// the rules of a 400 about a query hold for its documented form too
	body.Details = shaped(f.Details, w.details, body.Message, aboutQuery(f.Kind))
	if body.Details != nil {
		// of bad requests only queries have problems, beside a body or without one
		locate(body.Details.Errors, aboutQuery(f.Kind) || f.Kind == fault.BadRequest, jsonBody)
		for i := range body.Details.Errors {
			if nested := body.Details.Errors[i].Nested; nested != nil {
				_, body.Details.Errors[i].Error = word(nested, short, false)
			}
		}
	}
	return status, body
}

func aboutQuery(k fault.Kind) bool { return k == fault.InvalidQuery || k == fault.UnknownQueryField }

// shaped is the part of d that s allows, nil when there is nothing to say.
func shaped(d *fault.Details, s shape, message string, query bool) *fault.Details {
	if d == nil {
		d = &fault.Details{}
	}
	out := fault.Details{}
	switch s {
	case errorsIfAny, errorsAlways:
		for _, p := range d.Errors {
			out.Errors = append(out.Errors, problem(p, message, query))
		}
		if len(out.Errors) == 0 && s == errorsAlways {
			out.Errors = []fault.Detail{problem(fault.Detail{}, message, query)}
		}
		if len(out.Errors) == 0 {
			return nil
		}
		fit := fitting(out.Errors)
		cut := len(fit) < len(out.Errors)
		out.Errors = fit
		out.Truncated = (d.Truncated || cut) && s == errorsAlways && !query // about a query there are errors alone
	case target:
		if d.Type == "" { // clients that read the others read type first
			return nil
		}
		out.Type, out.ID, out.Environment, out.Space, out.Release = d.Type, d.ID, d.Environment, d.Space, d.Release
	case reasons:
		if d.Reasons == "" {
			return nil
		}
		out.Reasons = d.Reasons
	case keyList:
		if len(d.Keys) == 0 {
			return nil
		}
		out.Keys = d.Keys[:min(len(d.Keys), maxProblems)]
		for _, p := range d.Errors {
			out.Errors = append(out.Errors, problem(p, message, query))
		}
		if len(out.Errors) == 0 {
			for _, key := range out.Keys {
				out.Errors = append(out.Errors, fault.Detail{Name: "unknown", Path: []any{key}, Details: fmt.Sprintf("The property %q is not allowed here.", key)})
			}
		}
		out.Errors = fitting(out.Errors)
	case oneKey:
		if d.Key == "" {
			return nil
		}
		out.Key, out.Errors = d.Key, []fault.Detail{{Name: "required", Details: message}}
	default:
		return nil
	}
	return &out
}

// problem makes an element of details.errors safe for every client: it has a
// name and a text, the path of a query is all strings, expected has nothing but
// strings, numbers and booleans.
func problem(p fault.Detail, message string, query bool) fault.Detail {
	if p.Name == "" {
		p.Name = "invalid"
	}
	if p.Details == "" {
		p.Details = message
	}
	if query {
		path := make([]any, len(p.Path))
		for i, step := range p.Path {
			path[i] = fmt.Sprint(step)
		}
		p.Path = path
	}
	if len(p.Expected) > maxExpected {
		p.Expected = nil
	}
	if len(p.Expected) > 0 {
		p.Expected = slices.DeleteFunc(slices.Clone(p.Expected), func(v any) bool { return !scalarJSON(v) })
		if len(p.Expected) == 0 { // which would say that nothing will do
			p.Expected = nil
		}
	}
	if p.Suggestions == nil && (p.Name == "in" || p.Name == "value") { // not where what is spelled well is not allowed
		p.Suggestions = likely(p.Value, p.Expected)
	}
	if p.Name != "deprecated" { // which says itself what to use instead
		p.Details += didYouMean(p.Details, p.Suggestions)
	}
	if len(p.Value) > maxProblemValue {
		p.Value = nil
	}
	return p
}

// likely are those of the expected strings that a value was probably meant to
// be.
func likely(value json.RawMessage, expected []any) []string {
	var sent string
	if len(expected) == 0 || json.Unmarshal(value, &sent) != nil {
		return nil
	}
	return nearest.Likely(sent, func(yield func(string) bool) {
		for _, e := range expected {
			if s := reflect.ValueOf(e); s.Kind() == reflect.String && !yield(s.String()) {
				return
			}
		}
	})
}

// didYouMean is what suggestions add to a text that stays as it is.
func didYouMean(text string, suggestions []string) string {
	if len(suggestions) == 0 {
		return ""
	}
	stop := "."
	if strings.HasSuffix(text, ".") {
		stop = ""
	}
	return stop + " Did you mean " + nearest.Quoted(suggestions) + "?"
}

// fitting are the first of the problems: as many as can be sent, one at least.
func fitting(problems []fault.Detail) []fault.Detail {
	problems = problems[:min(len(problems), maxProblems)]
	size := 0
	for i, p := range problems {
		if len(problems) == 1 {
			break
		}
		b, err := json.Marshal(p)
		if err != nil { // fail meets it again and says so
			continue
		}
		if size += len(b); size > maxProblemsSize && i > 0 {
			return problems[:i]
		}
	}
	return problems
}

// locate says of each problem where in the request it is.
func locate(problems []fault.Detail, query, jsonBody bool) {
	for i := range problems {
		switch p := &problems[i]; {
		case p.Pointer != nil: // it is known already
		case query && p.Parameter == "":
			p.Parameter = dotted(p.Path)
		case !query:
			p.Parameter = ""
			if jsonBody && !p.Elsewhere {
				at := fault.Pointer(p.Path)
				if p.At != nil {
					at = fault.Pointer(p.At)
				}
				p.Pointer = &at
			}
		}
	}
}

func scalarJSON(v any) bool {
	b, err := json.Marshal(v)
	return err == nil && string(b) != "null" && b[0] != '{' && b[0] != '['
}
