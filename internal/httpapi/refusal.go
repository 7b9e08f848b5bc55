package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/journal"
)

// Refuse is how New(opt) would answer a request that is not HTTP and so never
// reaches a handler: the error as a whole response of HTTP/1.1. base is the
// address of the server if the options name none; reason says what is wrong, ""
// if nobody knows.
func Refuse(opt Options, base, reason string) []byte {
	opt = opt.withDefaults()
	id := opt.RequestID()
	f := fault.New(fault.BadRequest, "The request is not valid HTTP, or its path has an incomplete escape.")
	if reason != "" {
		f = fault.New(fault.BadRequest, "The request is not valid HTTP: %s.", strings.TrimSuffix(reason, "."))
	}
	status, body := describe(f, opt.ErrorIDs == Short, false, id)
	if opt.PublicURL != "" {
		base = opt.PublicURL
	}
	body.Documentation = DocumentationURL(base, f.Kind)
	b, _ := encode(body) // nothing but strings
	h := http.Header{}
	h[requestHeader] = []string{id}
	commonHeaders(h)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "application/json")
	if len(opt.APIs) > 0 {
		h.Set("Content-Type", opt.APIs[0].ContentType)
	}
	if opt.Journal != nil {
		opt.Journal.Add(&journal.Request{
			ID: id, Time: opt.Now().Truncate(time.Millisecond), Status: status, Fault: f.Kind.String(), Message: f.Message, RequestBytes: -1, AnswerBytes: int64(len(b)),
		})
	}
	opt.Log.Info(RequestRecord, "request_id", id, "fault", f.Kind.String(), "reason", reason, "status", status)

	var out bytes.Buffer
	res := http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: h, Close: true,
		ContentLength: int64(len(b)), Body: io.NopCloser(bytes.NewReader(b)),
	}
	_ = res.Write(&out) // a buffer takes everything
	return out.Bytes()
}

// Values of headers that are the same in all answers: nobody writes to them.
var (
	anyOrigin      = []string{"*"}
	exposedHeaders = []string{exposed}
	noSniffing     = []string{"nosniff"}
	noAge          = []string{"max-age=0"}
	byEncoding     = []string{"Accept-Encoding"}
	notLimited     = []string{"0"}
	noLimit        = []string{strconv.Itoa(unlimited)}
)

const requestHeader = "X-Contentful-Request-Id"

// commonHeaders are those of every answer, whatever it says, beside the id.
func commonHeaders(h http.Header) {
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposedHeaders
	h["X-Content-Type-Options"] = noSniffing
}

// commonHeaders are those of every answer, with the id of the request.
func (x *exchange) commonHeaders(h http.Header) {
	x.say(h, requestHeader, x.id)
	commonHeaders(h)
}
