package httpapi

import (
	"errors"
	"strconv"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// Version is the version the caller has seen: the header X-Contentful-Version.
// sent is false when the header is missing or empty. A number too large for an
// int is still a version, one that no resource has. Anything but a whole
// number is fault.BadRequest.
func (c *Call) Version() (v int, sent bool, err error) {
	h := c.Request.Header.Get("X-Contentful-Version")
	if h == "" {
		return 0, false, nil
	}
	v, err = strconv.Atoi(h)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false, fault.New(fault.BadRequest, `The header "X-Contentful-Version" must be a whole number.`)
	}
	return v, true, nil
}

// PathValue is the id in the path that stands for a wildcard of the route's pattern,
// "" if it has none of this name.
func (c *Call) PathValue(name string) string { return c.path.value(name) }

// Decode reads the body into dst, a pointer. Names are matched exactly, numbers
// kept exact, members dst does not know ignored. No body leaves dst as it is,
// and so does a null for a string, number, boolean or struct; members of type
// json.RawMessage keep absent and null apart.
//
// Values of the wrong JSON type are fault.ValidationFailed with all of them in
// the details, up to a hundred.
func (c *Call) Decode(dst any) error {
	if c.Body == nil {
		return nil
	}
	return decodeJSON(c.Body, dst)
}

// Gzip reports whether the client takes gzip.
func (c *Call) Gzip() bool { return acceptsGzip(c.Request.Header) }

// Known reports whether the client says, by If-None-Match, that it has the
// answer with this ETag. A "*" says nothing about a certain answer.
func (c *Call) Known(etag string) bool {
	sent := c.Request.Header["If-None-Match"]
	return len(sent) > 0 && sent[0] != "*" && matches(c.Request.Header, etag)
}

// Authenticate finds out whose another token of the request is. Unknown ones count
// like those that requests are made with.
//
// Errors: fault.AccessTokenInvalid, fault.RateLimitExceeded.
func (c *Call) Authenticate(token string) (access.Actor, error) {
	return c.edge.authenticate(c.Request, token)
}

// Unasked is a call that nobody has made: for what is told of a place without being
// asked. Its words are those of the live service, for which receivers are written.
func Unasked(p access.Place) *Call { return &Call{Place: p, short: true} }

// Nested is an error in the words of the client that made the request, to be
// part of an answer.
func (c *Call) Nested(f *fault.Error) NestedError {
	c.nested = true
	_, body := word(f, c.short, false)
	return body
}

// In is an environment, or an alias of one, of the space that the request is in.
// One that the actor may not see is fault.NotFound.
func (c *Call) In(environment string) (access.Place, error) {
	return c.edge.opt.Access.Locate(c.Context(), c.Actor, c.Place.SpaceID, environment)
}
