package query

import (
	"net/url"

	"github.com/typecase/typecase/internal/fault"
)

// Parse turns URL parameters into a checked query. All problems come in one
// *fault.Error: fault.BadRequest, fault.InvalidQuery or, when nothing but
// unknown fields is wrong, fault.UnknownQueryField.
func Parse(values url.Values, opt Options) (*Query, error) {
	return nil, fault.New(fault.ServerError, "queries are not parsed yet")
}
