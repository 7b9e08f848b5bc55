package httpapi

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// fail writes an error: the one function every failure leaves through.
func (x *exchange) fail(err error) {
	f := fault.Of(err)
	status, body := x.tell(f, err)
	x.headers()
	h := x.w.Header()
	for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Range", "ETag", "Last-Modified"} {
		h.Del(name) // of an answer that came to nothing
	}
	h["Cache-Control"] = noAge
	h.Set("Vary", "Accept, Accept-Encoding")
	if x.h.opt.ErrorIDs == Auto {
		h.Set("Vary", "X-Contentful-User-Agent, User-Agent, Accept, Accept-Encoding")
	}
	switch f.Kind {
	case fault.RateLimitExceeded, fault.Hibernated, fault.Timeout:
		h.Set("Retry-After", wholeSeconds(f.RetryAfter))
	}
	if f.Kind == fault.RateLimitExceeded {
		h.Set(rateHeader+"Reset", h.Get("Retry-After"))
	}
	encoded := func() ([]byte, error) {
		if !wantsProblem(x.r.Header) {
			return encode(body)
		}
		h.Set("Content-Type", problemType)
		return encode(body.problem(status, f.Kind))
	}
	b, err := encoded()
	if err != nil { // a detail that is no JSON; the error without it still is
		x.err = err
		body.Details, x.told.Details = nil, nil
		b, _ = encoded() // nothing but strings
	}
	x.send(status, b)
}

// tell notes an error and words it for the client.
func (x *exchange) tell(f *fault.Error, err error) (status int, body errorBody) {
	x.fault, x.err = f, err
	status, body = describe(f, x.h.opt.ErrorIDs.short(x.r.Header), x.jsonBody, x.id)
	body.Documentation = DocumentationURL(BaseURL(x.r, x.h.opt.PublicURL), f.Kind)
	x.told = body
	return status, body
}

// wholeSeconds rounds up and is at least 1: clients parse it as an integer and
// must not come back at once.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}

// headers sets what every answer of an API says about itself.
func (x *exchange) headers() {
	h := x.w.Header()
	if x.endpoint == nil { // beside the APIs
		return
	}
	x.say(h, "Contentful-Api", x.endpoint.api.Name)
	x.say(h, "X-Contentful-Route", x.route)
	x.say(h, "Cf-Space-Id", x.place.SpaceID)
	x.say(h, "Cf-Environment-Id", x.place.EnvironmentID)
	if x.quota.counted && (x.visible || x.fault != nil && x.fault.Kind == fault.RateLimitExceeded) {
		x.announce(h)
	}
}

// say sets a header, whose name is given in canonical form, unless the value is
// empty. As many as most answers have take no memory of their own.
func (x *exchange) say(h http.Header, name, value string) {
	if value == "" {
		return
	}
	n := len(x.said)
	if n == cap(x.said) {
		h[name] = []string{value}
		return
	}
	x.said = append(x.said, value)
	h[name] = x.said[n : n+1 : n+1]
}
