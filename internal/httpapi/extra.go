package httpapi

import (
	"context"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// extra is the handler beside the APIs that has a path, or nil. Of several the
// longest prefix wins.
func (h *handler) extra(path string) *Extra {
	var best *Extra
	for i := range h.opt.Extra {
		e := &h.opt.Extra[i]
		fits := path == e.Prefix || e.Prefix != "/" && strings.HasSuffix(e.Prefix, "/") && strings.HasPrefix(path, e.Prefix)
		if fits && (best == nil || len(e.Prefix) > len(best.Prefix)) {
			best = e
		}
	}
	return best
}

type exchangeKey struct{}

// serveExtra runs a handler that writes its own answer. A panic before anything
// is written is answered like every other.
func (x *exchange) serveExtra(e *Extra) {
	w := &watcher{ResponseWriter: x.w}
	x.route = e.Prefix
	defer func() {
		switch p := recover(); {
		case p == nil:
			if x.status == 0 {
				x.status = w.status
				x.keep(w.written)
			}
		case p == http.ErrAbortHandler: // net/http compares it so too
			panic(p)
		default:
			x.stack = debug.Stack()
			err := fault.New(fault.ServerError, "panic: %v", p)
			if w.status != 0 { // too late for an answer: let the client see that it is broken
				x.fault, x.err, x.status = err, err, w.status
				x.keep(w.written)
				x.log()
				panic(http.ErrAbortHandler)
			}
			x.fail(err)
		}
		x.log()
	}()
	e.Handler.ServeHTTP(w, x.r.WithContext(context.WithValue(x.r.Context(), exchangeKey{}, x)))
}

// Fail answers a request to an Extra handler with err as the documented error.
// The handler has written nothing before and writes nothing after.
func Fail(r *http.Request, err error) {
	x, ok := r.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		panic("httpapi: Fail outside of an Extra handler")
	}
	x.fail(err)
}

// watcher notes the status an Extra handler sends, and how much.
type watcher struct {
	http.ResponseWriter
	status  int
	written int
}

func (w *watcher) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.written += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }
