// Package httpapi is the edge: it turns HTTP requests into calls of handlers
// and their results into answers. It owns the wire table of errors, headers,
// CORS, body limits and JSON checks, and the choice between the APIs that share
// one address. The APIs themselves are in its subpackages: cma (management),
// cda (delivery and preview).
//
// Every failure, from an unknown path to a panic, leaves through one function
// as the documented JSON error. Handlers never write to a ResponseWriter.
//
// Start reading at Route and API, then wire.go for the error table.
package httpapi

import (
	"net/http"

	"github.com/typecase/typecase/internal/access"
)

// Handler answers one route: a reply or an error, never both.
type Handler func(c *Call) (Reply, error)

// Level says what a route's path names before the route's own pattern.
type Level int

const (
	ServerLevel      Level = iota // pattern as it stands
	SpaceLevel                    // /spaces/{space} + pattern
	EnvironmentLevel              // /spaces/{space}/environments/{environment} + pattern; without /environments/… it means master
)

// BodyKind says what body a route takes; it is checked before the handler runs.
type BodyKind int

const (
	NoBody    BodyKind = iota // any body is read within the limit and ignored
	JSONBody                  // JSON or nothing; Call.Body is nil for an empty body or a bare null
	PatchBody                 // JSON Patch, application/json-patch+json
	RawBody                   // the handler reads Call.Request.Body itself
)

// Route is one line of an API's table of contents.
type Route struct {
	Method  string // a GET route answers HEAD too
	Level   Level
	Pattern string // http.ServeMux pattern, "" for the space or environment itself
	Body    BodyKind
	Handle  Handler // nil: a route of the original that is not built yet; listed, answered 404 UnknownRoute
	Try     Handler // Handle for requests with ValidateOnlyHeader: the same answer, nothing kept; nil: they are refused
}

// Call is a request that has passed the checks of the edge: the actor is known,
// space and environment exist and are visible, the body is well-formed.
type Call struct {
	*http.Request // Context, Header, URL
	Actor         access.Actor
	Place         access.Place
	Body          []byte // JSON as received; nil if there was none
	RequestID     string

	short  bool // errors are worded in the short vocabulary
	nested bool // there is an error in the answer

	path match
	edge *handler // nil when nobody has made the request
}

// Reply is a successful answer.
type Reply struct {
	Status      int         // 0 means 200
	Header      http.Header // additional headers, may be nil; nobody changes them
	Value       any         // encoded as JSON; ignored when Raw is set
	Raw         []byte      // finished JSON
	Body        Body        // finished JSON in pieces, instead of Raw; it needs an ETag
	ETag        string      // unquoted; when set, If-None-Match is answered 304
	NotModified bool        // the handler compared If-None-Match itself: 304 without a body
	Stream      Stream      // the answer goes on: events instead of a body; see there
}

// Body is finished JSON that is put together when it leaves.
type Body interface {
	Len() int                     // bytes of the JSON
	Append(dst []byte) []byte     // appends the JSON
	AppendGzip(dst []byte) []byte // appends the JSON as one member of gzip
	Ready(gzip bool) []byte       // one of the two as shared bytes, or nil
}

// OK is 200 with a JSON value.
func OK(v any) Reply { return Reply{Status: http.StatusOK, Value: v} }

// Encoded is OK with the value as JSON already, for those who ask how large it is.
func Encoded(v any) (Reply, error) {
	raw, err := encode(v)
	return Reply{Status: http.StatusOK, Raw: raw}, err
}

// Created is 201 with a JSON value.
func Created(v any) Reply { return Reply{Status: http.StatusCreated, Value: v} }

// NoContent is 204.
func NoContent() Reply { return Reply{Status: http.StatusNoContent} }

// API is one of the APIs behind the address.
type API struct {
	Name        string // "cma", "cda", "cpa": the Contentful-Api header
	ContentType string // of answers and errors
	Token       access.TokenKind
	Methods     string // Access-Control-Allow-Methods
	MaxAge      string // Access-Control-Max-Age
	Routes      []Route
}
