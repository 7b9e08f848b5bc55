package httpapi

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

const maxURI = 7600 // bytes of path and query

// handler is everything behind the address.
type handler struct {
	opt       Options
	endpoints []*endpoint     // as Options.APIs
	uploads   map[string]bool // methods of routes that take files
	simulator *simulator      // nil outside test mode
	strangers *limiter[netip.Prefix]
	lookups   lookups
	streams   streams
	usual     alarms // of requests
	patient   alarms // of uploads
}

// endpoint is an API with what the edge keeps for it.
type endpoint struct {
	api    API
	router router
	tokens *limiter[[sha256.Size]byte] // of each token, kept as its hash only; nil: no limit
	spaces *limiter[string]            // of all tokens in each space
}

func (e *endpoint) management() bool { return e.api.Token == access.Management }

// New puts the APIs behind one handler. It panics on mistakes in the route
// lists, as http.ServeMux does, and when there is no API.
func New(opt Options) http.Handler {
	h := &handler{opt: opt.withDefaults(), strangers: newStrangers(), uploads: map[string]bool{}}
	if len(opt.APIs) == 0 {
		panic("httpapi: no API")
	}
	h.usual.time = h.opt.Timeout + patience
	h.patient.time = h.opt.Timeout*uploadTime + patience
	if opt.TestMode {
		h.simulator = newSimulator(h.opt.Timeout)
	}
	for _, api := range opt.APIs {
		if h.simulator != nil {
			api = h.simulator.equip(api)
		}
		for _, r := range api.Routes {
			if r.Body == RawBody {
				h.uploads[r.Method] = true
			}
		}
		h.endpoints = append(h.endpoints, &endpoint{
			api: api, router: newRouter(api),
			tokens: newLimiter[[sha256.Size]byte](opt.RateLimit[api.Name]), spaces: newLimiter[string](opt.SpaceRateLimit[api.Name]),
		})
	}
	return h
}

// exchange is one request and its answer, and what the log will say about it. What
// every request needs is a part of it, so as to be made in one piece.
type exchange struct {
	h      *handler
	w      http.ResponseWriter
	r      *http.Request // as received; nobody changes it
	target http.Request  // as it is answered, with a context that ends in time
	url    url.URL       // of target
	ctx    limited       // of target
	alarm  alarm
	id     string
	token  string
	start  time.Time

	said  []string // in headers
	words [12]string

	answering sync.Mutex // whoever comes first answers; the other one waits until that is done
	answered  bool

	progress
	status int
	fault  *fault.Error // what the client was told
	err    error        // the whole chain, for the log
	told   errorBody    // what the client was told, in full
	unsent error        // the answer did not reach the client
	events *int         // so many were sent; nil: the answer was no stream
}

// progress is what is known of a request when it is answered.
type progress struct {
	endpoint *endpoint
	route    string // pattern
	actor    access.Actor
	place    access.Place
	body     []byte // JSON, for the journal
	quota    quota
	visible  bool   // the request is inside a space that the actor sees
	jsonBody bool   // the request has a body that is JSON, and no patch
	trial    bool   // the request was tried only
	nested   bool   // there are errors inside the answer
	stack    []byte // of a panic

	simulated string // whose wish the error was: header, dial; "" for a real one
}

// ServeHTTP answers a request, come what may. The order is that of the error
// contract: URI, rate limit of the token, token, place, rate limit of the space,
// route, body, then the handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{h: h, w: w, r: r, id: requestID(r.Header, h.opt.RequestID), start: h.opt.Now()}
	x.said = x.words[:0]
	header := w.Header()
	x.commonHeaders(header)

	if e := h.extra(r.URL.Path); e != nil && len(r.RequestURI) <= maxURI {
		x.serveExtra(e)
		return
	}
	header["Cache-Control"] = noAge
	header["Vary"] = byEncoding
	target := x.aimed()
	x.token = takeToken(target)
	switch {
	case len(r.RequestURI) > maxURI:
		x.endpoint = h.candidates(target).endpoints[0]
		x.fail(fault.New(fault.URITooLong, "The URI of the request is longer than %d characters.", maxURI))
	case r.Method == http.MethodOptions:
		x.preflight(target)
	default:
		s, late := x.answer(target)
		if late { // and in the log already
			return
		}
		if s != nil {
			x.follow(s)
		}
	}
	x.log()
}

// outcome is what came of a request: progress with a reply or an error.
type outcome struct {
	progress
	reply Reply
	err   error
	abort bool // the handler panicked with http.ErrAbortHandler
}

// uploadTime is how much more time an upload gets than other requests.
const uploadTime = 10

// patience is how long after its time limit a request may still answer itself.
// Handlers that look at their context do; nobody waits longer for the others.
const patience = 50 * time.Millisecond

// aimed is the request as it is answered: its path is clean.
func (x *exchange) aimed() *http.Request {
	x.ctx.Context = x.r.Context()
	x.target = *x.r.WithContext(&x.ctx)
	x.url = *x.r.URL
	x.target.URL, x.target.RequestURI = &x.url, "" // which may have a token in it
	clean(&x.url)
	return &x.target
}

// answer runs the request and answers it. When a handler does not look at its
// context, the answer is given without it; late says so. A stream is only begun.
func (x *exchange) answer(r *http.Request) (s Stream, late bool) {
	timeout, alarms := x.h.opt.Timeout, &x.h.usual
	if x.h.uploads[r.Method] && x.h.candidates(r).upload {
		timeout, alarms = timeout*uploadTime, &x.h.patient
	}
	now := time.Now()
	x.ctx.deadline = now.Add(timeout)
	defer x.ctx.end()
	x.alarm.x = x
	alarms.set(&x.alarm, now)
	var out outcome
	x.h.guard(r, x.token, x.id, &out)
	alarms.stop(&x.alarm)
	x.answering.Lock()
	defer x.answering.Unlock()
	if x.answered {
		x.late(out)
		return nil, true
	}
	x.answered = true
	if out.endpoint == nil { // it did not come so far as to be chosen
		out.endpoint = x.h.candidates(r).endpoints[0]
	}
	if out.abort {
		panic(http.ErrAbortHandler)
	}
	x.progress = out.progress
	if out.err != nil {
		if fault.Of(out.err).Kind != fault.Timeout || out.simulated != "" {
			x.drain()
		}
		x.fail(out.err)
		return nil, false
	}
	x.headers()
	if out.reply.Stream != nil {
		return x.begin(out.reply.Stream), false
	}
	x.reply(out.reply)
	return nil, false
}

// ring is what happens when the handler has had its time.
func (x *exchange) ring() {
	x.answering.Lock()
	defer x.answering.Unlock()
	if !x.answered {
		x.answered = true
		x.giveUp()
	}
}

// giveUp answers a request whose handler has had its time, while that goes on.
// A client of HTTP/1.1 has the whole answer then; one of HTTP/2 has it, but is
// told that this was all only when the handler ends.
func (x *exchange) giveUp() {
	defer func() {
		if p := recover(); p != nil { // nobody else would catch it here
			x.h.opt.Log.Error("panic", "request_id", x.id, "error", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	control := http.NewResponseController(x.w)
	// A read of the body that still waits would hold up the answer; writers
	// without deadlines have no such read, and those that cannot flush no hurry.
	_ = control.SetReadDeadline(time.Unix(1, 0))
	x.w.Header().Set("Connection", "close")
	x.progress = progress{endpoint: x.h.candidates(&x.target).endpoints[0]}
	x.fail(fault.Of(context.DeadlineExceeded))
	_ = control.Flush()
	x.log()
}

// guard turns panics of serve into outcomes.
func (h *handler) guard(r *http.Request, token, id string, out *outcome) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			out.abort = true
		default:
			out.stack = debug.Stack()
			out.err = fault.New(fault.ServerError, "panic: %v", p)
		}
	}()
	h.serve(r, token, id, out)
	if out.err != nil && r.Context().Err() != nil && fault.Of(out.err).Kind == fault.ServerError {
		// not every driver's error says that it only gave up with the context
		out.err = fault.Wrap(out.err, fault.Timeout, "")
	}
}
