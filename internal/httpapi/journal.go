package httpapi

import (
	"strings"
	"time"

	"github.com/typecase/typecase/internal/journal"
)

// keep puts the request into the journal, before its answer leaves: whoever has
// the answer can find the request. The journal has what the client was told; why
// the server itself failed is for the log.
func (x *exchange) keep(answerBytes int) {
	j := x.h.opt.Journal
	if j == nil {
		return
	}
	clean := j.Cleaner(x.token)
	r := &journal.Request{
		ID: x.id, Trace: strings.Clone(traceID(x.r.Header)),
		Time: x.start.UTC().Truncate(time.Millisecond), Took: float64(x.h.opt.Now().Sub(x.start).Microseconds()) / 1000,
		Method: knownMethod(x.r.Method), Path: clean.Path(x.r.URL.Path), Query: clean.Query(x.r.URL.RawQuery), Route: x.route,
		Space: strings.Clone(x.place.SpaceID), Environment: strings.Clone(x.place.EnvironmentID),
		TokenKind: string(x.actor.Kind), Token: x.actor.TokenID, User: x.actor.User,
		Status: x.status, Simulated: x.simulated, Trial: x.trial,
		RequestBytes: x.r.ContentLength, AnswerBytes: int64(answerBytes),
	}
	if x.endpoint != nil {
		r.API = x.endpoint.api.Name
	}
	if r.RequestBytes < 0 && x.body != nil { // sent in pieces
		r.RequestBytes = int64(len(x.body))
	}
	if x.fault != nil {
		r.Fault = x.fault.Kind.String()
		r.Body = clean.Body(x.route, x.body)
		told := x.told
		told.Message, told.Details = clean.Error(told.Message, x.fault.Quoted, told.Details)
		r.Message = told.Message
		if b, err := encode(told); err == nil { // it was encoded for the client already
			r.Answer = clean.Answer(b)
		}
	}
	j.Add(r)
}
