package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// readBody checks size, media type and syntax of the body, in this order, and
// returns what the handler gets as Call.Body. Nothing is read for RawBody.
func (h *handler) readBody(r *http.Request, kind BodyKind) ([]byte, error) {
	if kind == RawBody || r.ContentLength == 0 {
		return nil, nil
	}
	tooLarge := func() error {
		return fault.New(fault.BodyTooLarge, "The request body is larger than %d bytes.", h.opt.MaxBody)
	}
	if r.ContentLength > h.opt.MaxBody {
		return nil, tooLarge()
	}
	b, err := readAll(io.LimitReader(r.Body, h.opt.MaxBody+1), r.ContentLength)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fault.Wrap(err, fault.Timeout, "")
	case err != nil:
		return nil, fault.Wrap(err, fault.BadRequest, "The request body ended early.")
	case int64(len(b)) > h.opt.MaxBody:
		return nil, tooLarge()
	case kind == NoBody || len(b) == 0:
		return nil, nil
	}
	if err := checkMediaType(r, kind); err != nil {
		return nil, err
	}
	b, err = checkJSON(b)
	if err != nil || string(b) == "null" {
		return nil, err
	}
	return b, nil
}

// announced is how much room a body gets before any of it has come, as far as the
// client says that it is so long: it may never send it.
const announced = 16 << 10

// readAll is io.ReadAll for what is probably of this length, -1 for unknown.
func readAll(r io.Reader, length int64) ([]byte, error) {
	var b bytes.Buffer
	if length > 0 {
		b.Grow(int(min(length, announced)) + bytes.MinRead) // so much is free when the end is looked for
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

const patchType = "application/json-patch+json"

// checkMediaType looks at Content-Type where a body means something: clients
// send one with GET and DELETE too, where it never matters. None at all is JSON.
func checkMediaType(r *http.Request, kind BodyKind) error {
	header := r.Header.Get("Content-Type")
	if header == "" || r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodDelete {
		return nil
	}
	got, _, err := mime.ParseMediaType(header)
	if errors.Is(err, mime.ErrInvalidMediaParameter) {
		err = nil // the type itself is readable
	}
	switch {
	case err != nil:
	case kind == PatchBody && got == patchType:
		return nil
	case kind == JSONBody && (got == "application/json" ||
		strings.HasPrefix(got, "application/vnd.contentful.") && strings.HasSuffix(got, "+json")):
		return nil
	}
	want := "application/vnd.contentful.management.v1+json or application/json"
	if kind == PatchBody {
		want = patchType
	}
	return fault.New(fault.UnsupportedMediaType, "The content type of the request body must be %s.", want)
}
