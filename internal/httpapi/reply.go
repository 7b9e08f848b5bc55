package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/typecase/typecase/internal/fault"
)

const minGzip = 1 << 10 // bytes; below, compressing gains nothing

// encode is v as JSON, without the escapes that are only needed inside HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding an answer")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// reply writes a successful answer, whose value is encoded already.
func (x *exchange) reply(rep Reply) {
	status := rep.Status
	if status == 0 {
		status = http.StatusOK
	}
	h := x.w.Header()
	if x.nested && x.h.opt.ErrorIDs == Auto {
		h.Set("Vary", "X-Contentful-User-Agent, User-Agent, Accept-Encoding")
	}
	for name, values := range rep.Header {
		h[http.CanonicalHeaderKey(name)] = values[:len(values):len(values)] // shared by all answers of its kind
	}
	tag := rep.ETag
	read := x.r.Method == http.MethodGet || x.r.Method == http.MethodHead
	if tag == "" && rep.Body == nil && read && status == http.StatusOK && !rep.NotModified {
		sum := sha256.Sum256(rep.Raw)
		tag = base64.RawURLEncoding.EncodeToString(sum[:16])
	}
	if tag != "" {
		x.say(h, "Etag", `"`+tag+`"`)
	}
	if rep.NotModified || tag != "" && read && status == http.StatusOK && matches(x.r.Header, tag) {
		h.Del("Content-Encoding")
		x.send(http.StatusNotModified, nil)
		return
	}
	if rep.Body != nil {
		x.sendBody(status, rep.Body)
		return
	}
	x.send(status, rep.Raw)
}

// buffers are what bodies are put together in.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

const maxBuffer = 1 << 20 // bytes; a larger buffer is not kept

// sendBody puts a body together and sends it.
func (x *exchange) sendBody(status int, b Body) {
	zipped := b.Len() >= minGzip && acceptsGzip(x.r.Header)
	if ready := b.Ready(zipped); ready != nil {
		x.transmit(status, ready, zipped)
		return
	}
	buf := buffers.Get().(*[]byte)
	if zipped {
		*buf = b.AppendGzip((*buf)[:0])
	} else {
		*buf = b.Append((*buf)[:0])
	}
	x.transmit(status, *buf, zipped)
	if cap(*buf) <= maxBuffer {
		buffers.Put(buf)
	}
}

// matches compares If-None-Match with a tag, weakly as the header demands.
func matches(h http.Header, tag string) bool {
	for _, line := range h["If-None-Match"] {
		for candidate := range strings.SplitSeq(line, ",") {
			candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
			if candidate == "*" || candidate == `"`+tag+`"` {
				return true
			}
		}
	}
	return false
}

// send writes status and body with the headers set so far.
func (x *exchange) send(status int, body []byte) {
	zipped := len(body) >= minGzip && x.w.Header().Get("Content-Encoding") == "" && acceptsGzip(x.r.Header)
	if zipped {
		body = compress(body)
	}
	x.transmit(status, body, zipped)
}

// transmit is the one place where an answer leaves. It keeps nothing of body.
func (x *exchange) transmit(status int, body []byte, zipped bool) {
	h := x.w.Header()
	x.status = status
	if body != nil && h["Content-Type"] == nil {
		x.say(h, "Content-Type", x.contentType())
	}
	if status != http.StatusNoContent && status != http.StatusNotModified {
		x.say(h, "Content-Length", strconv.Itoa(len(body)))
	}
	if zipped {
		h.Set("Content-Encoding", "gzip")
		if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
			h.Set("ETag", "W/"+tag) // not the same bytes as the plain form
		}
	}
	x.keep(len(body))
	x.w.WriteHeader(status)
	if x.r.Method == http.MethodHead || len(body) == 0 {
		return
	}
	if _, err := x.w.Write(body); err != nil {
		x.unsent = err // the client has gone; the request log says so
	}
}

func (x *exchange) contentType() string {
	if x.endpoint == nil { // an error beside the APIs
		return "application/json"
	}
	return x.endpoint.api.ContentType
}

// acceptsGzip reads Accept-Encoding; a quality of 0 is a refusal.
func acceptsGzip(h http.Header) bool {
	accepted := false
	for _, line := range h["Accept-Encoding"] {
		for part := range strings.SplitSeq(line, ",") {
			name, parameter, _ := strings.Cut(part, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			refused := false
			if q, isQ := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(parameter), " ", ""), "q="); isQ {
				quality, err := strconv.ParseFloat(q, 64)
				refused = err == nil && quality == 0
			}
			if name == "gzip" {
				return !refused
			}
			if name == "*" {
				accepted = !refused
			}
		}
	}
	return accepted
}

var gzips = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // fails for unknown levels only
	return w
}}

func compress(b []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(b) / 4)
	w := gzips.Get().(*gzip.Writer)
	defer gzips.Put(w)
	w.Reset(&out)
	_, _ = w.Write(b) // a bytes.Buffer never fails
	_ = w.Close()
	return out.Bytes()
}
