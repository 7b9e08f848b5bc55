package httpapi

import (
	"net/http"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// ValidateOnlyHeader asks that a write be tried only: checked and answered, and
// not kept.
const ValidateOnlyHeader = "X-Contentful-Validate-Only"

// handler is what answers a request to the route: Handle, or Try if the request
// says so. Whoever asks for a trial must never write, so a route without one
// refuses, and so does a header that says neither yes nor no.
func (r *Route) handler(req *http.Request) (handle Handler, trial bool, err error) {
	sent, ok := req.Header[ValidateOnlyHeader]
	if !ok || r.Method == http.MethodGet {
		return r.Handle, false, nil
	}
	switch strings.Join(sent, ",") {
	case "false":
		return r.Handle, false, nil
	case "true":
	default:
		return nil, false, fault.New(fault.BadRequest, `The header "%s" must be true or false.`, ValidateOnlyHeader)
	}
	if r.Try == nil {
		return nil, false, fault.New(fault.BadRequest, `%s %s cannot be tried. Nothing was changed; leave out the header "%s" to do it.`,
			r.Method, label(r.paths()[0]), ValidateOnlyHeader)
	}
	return r.Try, true, nil
}
