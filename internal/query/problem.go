package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// problems collects what is wrong with a query.
type problems struct {
	details  []fault.Detail
	messages []string // of details that have a message of their own
	bads     []string // bad requests, which have a message and no detail
	fields   int      // how many of details are unknown fields

	sent        string   // name of the parameter that is read, "" for several together
	suggestions []string // for a bad request
	hint        string   // likewise
}

// err is all problems in one error, nil if there are none. It is a BadRequest
// as soon as one is.
func (p *problems) err() error {
	var e *fault.Error
	switch {
	case len(p.bads) > 0:
		e = fault.New(fault.BadRequest, "%s", strings.Join(p.bads, " "))
		e.Suggestions, e.Hint = p.suggestions, p.hint
		if len(p.details) > 0 {
			e.Details = &fault.Details{Errors: p.details}
		}
	case len(p.details) == 0:
		return nil
	case p.fields == len(p.details):
		e = fault.Invalid(fault.UnknownQueryField, p.details...)
	default:
		e = fault.Invalid(fault.InvalidQuery, p.details...)
		if len(p.messages) == len(p.details) {
			e.Message = strings.Join(p.messages, ". ")
		}
	}
	return e
}

// add adds a problem with the parameter that is read.
func (p *problems) add(d fault.Detail) {
	if p.sent != dotted(d.Path) {
		d.Parameter = clip(p.sent)
	}
	p.details = append(p.details, d)
}

func dotted(path []any) string {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = fmt.Sprint(step)
	}
	return strings.Join(steps, ".")
}

// bad adds a bad request, once.
func (p *problems) bad(format string, args ...any) {
	if m := fmt.Sprintf(format, args...); !slices.Contains(p.bads, m) {
		p.bads = append(p.bads, m)
	}
}

// needsContentType is the answer to fields without content_type.
func (p *problems) needsContentType() {
	p.bad("A Content Type ID is required. When querying for Entries and involving fields you need to limit your query to a specific Content Type. " +
		`Please send a Content Type ID (not the name) as the URI query parameter "content_type"`)
}

// invalid adds a problem that has no documented shape of its own.
func (p *problems) invalid(path []string, format string, args ...any) {
	p.add(detail("invalid", path, fmt.Sprintf(format, args...)))
}

func detail(name string, path []string, text string) fault.Detail {
	d := fault.Detail{Name: name, Path: []any{}, Details: text}
	for _, s := range path {
		d.Path = append(d.Path, clip(s))
	}
	return d
}

func valueDetail(path []string, sent, typ string, op Op) fault.Detail {
	sent = clip(sent)
	d := detail("value", path, fmt.Sprintf("%s used on %s is not a valid value for type %s.", sent, strings.Join(path, "."), typ))
	if typ == dateClass.name {
		d.Details += " A Date is a text such as 2026-03-02 or 2026-03-02T09:30:00Z."
	}
	d.Value, d.Type, d.Filter = fault.Raw(sent), typ, string(op)
	return d
}

// clip shortens what is echoed.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
