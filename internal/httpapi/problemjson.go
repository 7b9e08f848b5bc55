package httpapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

const problemType = "application/problem+json"

// wantsProblem reports whether Accept ranks problem+json before everything
// else. A range such as */* does not ask for it.
func wantsProblem(h http.Header) bool {
	names := ranked(h)
	return len(names) > 0 && names[0] == problemType
}

// problemBody is an error in the form of RFC 9457, with the members of
// errorBody that have no counterpart there.
type problemBody struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Detail    string          `json:"detail"`
	Instance  string          `json:"instance"`
	Sys       errorSys        `json:"sys"`
	Errors    []problemDetail `json:"errors,omitempty"`
	Details   *fault.Details  `json:"details,omitempty"` // what they hold beside errors
	Truncated bool            `json:"truncated,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	additions
	RequestID string `json:"requestId"`
}

// problemDetail is an element of details.errors with the text where RFC 9457
// has it, and where it is first.
type problemDetail struct {
	Pointer   *string `json:"pointer,omitempty"`
	Parameter string  `json:"parameter,omitempty"`
	Detail    string  `json:"detail"`
	Details   string  `json:"details,omitempty"` // always empty: hides the one of plainDetail
	plainDetail
}

// plainDetail is a fault.Detail without its methods.
type plainDetail fault.Detail

// problem is the same error as b in the form of RFC 9457.
func (b errorBody) problem(status int, k fault.Kind) problemBody {
	p := problemBody{
		Type: b.Documentation, Title: wire[k].message, Status: status, Detail: b.Message,
		Instance: b.Documentation + "#" + b.RequestID, Sys: b.Sys, Details: b.Details, Reason: b.Reason, additions: b.additions, RequestID: b.RequestID,
	}
	if b.Details == nil || b.Details.Errors == nil {
		return p
	}
	p.Details, p.Truncated = nil, b.Details.Truncated
	if b.Details.Keys != nil || b.Details.Key != "" {
		p.Details = &fault.Details{Keys: b.Details.Keys, Key: b.Details.Key}
	}
	for _, d := range b.Details.Errors {
		if d.Path == nil {
			d.Path = []any{}
		}
		p.Errors = append(p.Errors, problemDetail{Pointer: d.Pointer, Parameter: d.Parameter, Detail: d.Details, plainDetail: plainDetail(d)})
	}
	return p
}

// dotted is a path as queries have it.
func dotted(path []any) string {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = fmt.Sprint(step)
	}
	return strings.Join(steps, ".")
}
