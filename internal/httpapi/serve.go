package httpapi

import (
	"crypto/sha256"
	"net/http"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// serve takes a request through the checks of the edge, in the order in which
// their errors win, and calls the handler.
func (h *handler) serve(r *http.Request, token, id string, out *outcome) {
	actor, err := h.authenticate(r, token)
	if err != nil {
		out.err = err
		return
	}
	var m match
	out.endpoint = h.aim(r, actor.Kind, &m)
	f := m.found
	out.actor = actor
	out.quota.counted = true
	if l := out.endpoint.tokens; l != nil && !count(&out.quota, l, sha256.Sum256([]byte(token)), h.opt.Now()) {
		out.err = fault.New(fault.RateLimitExceeded, "")
		return
	}
	if actor.Kind != out.endpoint.api.Token {
		out.err = wrongKind(actor.Kind, out.endpoint.api.Token)
		return
	}
	if f != nil {
		out.route = f.label
	}
	if err := h.locate(r, &m, actor, out); err != nil {
		out.err = err
		return
	}
	if f == nil || f.route.Handle == nil {
		out.err = out.endpoint.router.noRoute(r, f)
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
	out.body = body
	// what is published is not what the body of the request holds
	out.jsonBody = body != nil && f.route.Body == JSONBody && !strings.HasSuffix(f.route.Pattern, "/published")
	if !m.validIDs() {
		out.err = out.endpoint.invalidID()
		return
	}
	handle, trial, err := f.route.handler(r)
	if err != nil {
		out.err = err
		return
	}
	out.trial = trial
	if out.endpoint.management() && f.route.Method != http.MethodGet && f.route.Body != RawBody { // raw ones come as slowly as the client sends them
		ctx, leave, err := h.opt.Turns.Take(r.Context())
		if err != nil {
			out.err = err
			return
		}
		defer leave()
		r = r.WithContext(ctx)
	}
	call := &Call{Request: r, Actor: actor, Place: out.place, Body: body, RequestID: id, short: h.opt.ErrorIDs.short(r.Header), path: m, edge: h}
	out.reply, out.err = handle(call)
	out.nested = call.nested
	if out.err == nil && out.reply.Raw == nil && out.reply.Value != nil {
		out.reply.Raw, out.err = encode(out.reply.Value) // here, where time is limited and a panic is caught
	}
}

// locate finds the space and environment of a request and sees to it that they
// are awake. The limit of a space counts only who sees it.
func (h *handler) locate(r *http.Request, m *match, actor access.Actor, out *outcome) error {
	space, environment, ok := located(r, m)
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
	if l := out.endpoint.spaces; l != nil && !count(&out.quota, l, place.SpaceID, h.opt.Now()) {
		return fault.New(fault.RateLimitExceeded, "")
	}
	if h.opt.Awake == nil {
		return nil
	}
	return h.opt.Awake(place)
}

// invalidID is the error for an id that no resource can have.
func (e *endpoint) invalidID() error {
	if e.management() {
		f := fault.New(fault.NotFound, "")
		f.Hint = "Ids have 1 to 64 letters, digits, dots, underscores and hyphens."
		return f
	}
	return fault.New(fault.NotFound, "Invalid resource id")
}
