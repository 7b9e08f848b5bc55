package httpapi

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// RequestRecord is the message of the log's record of each request.
const RequestRecord = "request"

// log writes the one record of a request. It has no token, no path, no query
// and no value of a field: only what names the kind of request and answer.
func (x *exchange) log() {
	now := x.h.opt.Now()
	if observe := x.h.opt.Observe; observe != nil {
		s := Served{Method: knownMethod(x.r.Method), Route: x.route, Status: x.status, Fault: x.fault, At: x.start, Took: now.Sub(x.start)}
		if x.visible {
			s.Organization, s.Space = x.place.Organization, x.place.SpaceID
		}
		if x.endpoint != nil {
			s.API = x.endpoint.api.Name
		}
		observe(s)
	}
	var room [usualAttrs]slog.Attr
	level, attrs := x.record(now, room[:0])
	attrs = append(attrs, slog.Int("status", x.status))
	if x.events != nil {
		attrs = append(attrs, slog.Int("events", *x.events))
	}
	if x.unsent != nil {
		attrs = append(attrs, slog.String("unsent", x.unsent.Error()))
	}
	x.write(now, level, RequestRecord, attrs)
}

// late says what became of a request that was answered without its handler:
// which route is slow, and how it ended.
func (x *exchange) late(out outcome) {
	end := &exchange{h: x.h, r: x.r, id: x.id, start: x.start, progress: out.progress}
	if out.err != nil {
		end.err, end.fault = out.err, fault.Of(out.err)
	}
	now := x.h.opt.Now()
	level, attrs := end.record(now, nil)
	end.write(now, max(level, slog.LevelWarn), "request finished after its answer", attrs)
}

// usualAttrs is about how many attributes a record of a request has.
const usualAttrs = 8

// record is what is known of a request by now and how much it matters. The attributes
// go behind attrs.
func (x *exchange) record(now time.Time, attrs []slog.Attr) (slog.Level, []slog.Attr) {
	level := slog.LevelInfo
	attrs = append(attrs,
		slog.String("request_id", x.id), slog.String("method", knownMethod(x.r.Method)),
		slog.String("route", x.route), slog.Duration("took", now.Sub(x.start)),
	)
	if trace := traceID(x.r.Header); trace != "" {
		attrs = append(attrs, slog.String("trace_id", trace))
	}
	if x.endpoint != nil {
		attrs = append(attrs, slog.String("api", x.endpoint.api.Name))
	}
	if x.trial {
		attrs = append(attrs, slog.Bool("validate_only", true))
	}
	if x.fault != nil {
		attrs = append(attrs, slog.String("fault", x.fault.Kind.String()))
		switch kind := x.fault.Kind; { // the errors of clients may hold what they sent
		case x.simulated != "":
			attrs = append(attrs, slog.String("simulated", x.simulated))
		case kind == fault.ServerError:
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", x.err.Error()))
		case kind == fault.Timeout:
			level = slog.LevelWarn
			attrs = append(attrs, slog.String("error", x.err.Error()))
		}
	}
	if x.stack != nil {
		attrs = append(attrs, slog.String("stack", string(x.stack)))
	}
	return level, attrs
}

// write is Logger.LogAttrs without a look for the place in the code.
func (x *exchange) write(now time.Time, level slog.Level, message string, attrs []slog.Attr) {
	ctx, out := x.r.Context(), x.h.opt.Log.Handler()
	if !out.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(now, level, message, 0)
	r.AddAttrs(attrs...)
	_ = out.Handle(ctx, r) // as LogAttrs does: there is nowhere to tell
}

// knownMethod keeps what a client may invent out of the log.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
