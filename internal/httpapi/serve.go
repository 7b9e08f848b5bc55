package httpapi

import (
	"net/http"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// serve takes a request through the checks of the edge, in the order in which
// their errors win, and calls the handler.
func (h *handler) serve(r *http.Request, meant candidates, token, id string, out *outcome) {
	out.endpoint = meant.choose("")
	actor, err := h.authenticate(r, token)
	out.endpoint = meant.choose(actor.Kind)
	if token != "" {
		if out.quota = out.endpoint.limiter.take(token, h.opt.Now()); !out.quota.ok {
			out.err = fault.New(fault.RateLimitExceeded, "")
			return
		}
	}
	if err == nil && actor.Kind != out.endpoint.api.Token {
		err = wrongKind(actor.Kind, out.endpoint.api.Token)
	}
	if err != nil {
		out.err = err
		return
	}
	f, _ := out.endpoint.router.match(r)
	if f != nil {
		out.route = f.label
	}
	if err := h.locate(r, f, actor, out); err != nil {
		out.err = err
		return
	}
	if f == nil || f.route.Handle == nil {
		out.err = fault.New(fault.UnknownRoute, "")
		return
	}
	if h.simulator != nil {
		if out.err = h.simulator.meet(r, token, out); out.err != nil {
			return
		}
	}
	body, err := h.readBody(r, f.route.Body)
	if err != nil {
		out.err = err
		return
	}
	// what is published is not what the body of the request holds
	out.jsonBody = body != nil && f.route.Body == JSONBody && !strings.HasSuffix(f.route.Pattern, "/published")
	if !f.validIDs(r) {
		out.err = out.endpoint.invalidID()
		return
	}
	handle, trial, err := f.route.handler(r)
	if err != nil {
		out.err = err
		return
	}
	out.trial = trial
	out.reply, out.err = handle(&Call{Request: r, Actor: actor, Place: out.place, Body: body, RequestID: id})
	if out.err == nil && out.reply.Raw == nil && out.reply.Value != nil {
		out.reply.Raw, out.err = encode(out.reply.Value) // here, where time is limited and a panic is caught
	}
}

func (h *handler) authenticate(r *http.Request, token string) (access.Actor, error) {
	if token == "" {
		return access.Actor{}, fault.New(fault.AccessTokenInvalid, "")
	}
	return h.opt.Access.Authenticate(r.Context(), token)
}

// locate finds the space and environment of a request and sees to it that they
// are awake.
func (h *handler) locate(r *http.Request, f *found, actor access.Actor, out *outcome) error {
	space, environment, ok := located(r, f)
	if !ok {
		return out.endpoint.invalidID()
	}
	if space == "" {
		return nil
	}
	place, err := h.opt.Access.Locate(r.Context(), actor, space, environment)
	if err != nil {
		return err
	}
	out.place, out.visible = place, true
	if h.opt.Awake == nil {
		return nil
	}
	return h.opt.Awake(r.Context(), place)
}

// invalidID is the error for an id that no resource can have.
func (e *endpoint) invalidID() error {
	if e.management() {
		return fault.New(fault.NotFound, "")
	}
	return fault.New(fault.NotFound, "Invalid resource id")
}
