package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/webhook/rule"
)

const (
	keptRequest  = 500_000 // bytes of a request's body that are kept
	keptResponse = 200_000 // bytes of a response's body that are read and kept
	keptHeader   = 4096    // bytes of a header's value that are kept
)

// redacted stands in records for what is secret.
const redacted = "**redacted**"

// outcome is what became of a call.
type outcome struct {
	call     cms.WebhookCall // without its detail
	exchange *exchange       // nil when nothing was sent
	retry    bool            // it failed, but may succeed later
	after    time.Duration   // the receiver asks to wait so long
}

// exchange is what was sent and what came back, as it was. Of most calls nobody
// wants to know: the detail is made of those that are recorded.
type exchange struct {
	caller         *caller
	method         string
	sent, received http.Header // received is nil without an answer
	body, answer   []byte
}

func (x *exchange) detail() *cms.WebhookCallDetail {
	c := x.caller
	d := &cms.WebhookCallDetail{Method: x.method, RequestHeaders: c.shown(x.sent), RequestBody: text(x.body, keptRequest)}
	for _, h := range c.webhook.Headers {
		if h.Secret {
			d.RequestHeaders[strings.ToLower(h.Key)] = redacted
		}
	}
	if _, ok := d.RequestHeaders["authorization"]; ok {
		d.RequestHeaders["authorization"] = redacted
	}
	if x.received != nil {
		d.ResponseHeaders, d.ResponseBody = c.shown(x.received), c.hide(text(x.answer, keptResponse))
	}
	return d
}

// size is about how much memory what was sent and came back takes.
func (o outcome) size() int {
	if o.exchange == nil {
		return 0
	}
	return len(o.exchange.body) + len(o.exchange.answer)
}

// caller makes the calls of one definition.
type caller struct {
	webhook        cms.Webhook
	secrets        cms.WebhookSecrets
	transformation rule.Transformation
	target         *url.URL // nil when it depends on the event
	hidden         []string // what no record shows, the longest first: one may be part of another
}

func newCaller(w cms.Webhook, secrets cms.WebhookSecrets) (*caller, error) {
	c := &caller{webhook: w, secrets: secrets}
	hidden := append(slices.Collect(maps.Values(secrets.Headers)), secrets.Password, secrets.Signing)
	if w.BasicAuthUsername != nil && secrets.Password != "" {
		hidden = append(hidden, base64.StdEncoding.EncodeToString([]byte(*w.BasicAuthUsername+":"+secrets.Password)))
	}
	c.hidden = slices.DeleteFunc(hidden, func(s string) bool { return s == "" })
	slices.SortFunc(c.hidden, func(a, b string) int { return len(b) - len(a) })
	var err error
	if c.transformation, err = rule.ParseTransformation(w.Transformation); err != nil {
		return nil, err
	}
	if rule.Fixed(w.URL) {
		c.target, _ = parseTarget(w.URL) // what is wrong with it say the calls
	}
	return c, nil
}

// request makes the request that tells an event.
func (c *caller) request(ctx context.Context, e event, at time.Time) (*http.Request, []byte, error) {
	in := rule.NewContext(e.topic, e.payload)
	body, err := c.transformation.Apply(in, e.payload)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.BadRequest, "The body could not be made: %v.", err)
	}
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	target := c.target
	if target == nil {
		if target, err = parseTarget(in.Fill(c.webhook.URL, escape)); err != nil {
			return nil, nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, c.transformation.Method, "", content)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.ServerError, "making a request")
	}
	req.URL, req.Host = target, target.Host
	if !c.transformation.IncludeContentLength {
		req.ContentLength = -1
		if body == nil {
			req.ContentLength = 0
		}
	}
	c.headers(req, in, e)
	if err := in.Err(); err != nil {
		return nil, nil, fault.Wrap(err, fault.ServerError, "reading a payload back")
	}
	if c.secrets.Signing != "" {
		names := []string{"X-Contentful-Topic", "X-Contentful-Idempotency-Key", "X-Contentful-Event-Datetime"}
		if body != nil {
			names = append(names, "Content-Type")
		}
		sign(req, c.secrets.Signing, body, names, at)
	}
	return req, body, nil
}

func parseTarget(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fault.New(fault.BadRequest, "The URL is malformed.") // err repeats it whole
	}
	u.Host = strings.TrimSuffix(u.Host, ":")
	return u, nil
}

// escape makes a value a part of a URL, in its path or in its query.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (c *caller) headers(req *http.Request, in *rule.Context, e event) {
	h := req.Header
	h.Set("User-Agent", "Typecase")
	if req.Body != nil {
		h.Set("Content-Type", c.transformation.ContentType)
	}
	if c.webhook.BasicAuthUsername != nil && *c.webhook.BasicAuthUsername != "" {
		req.SetBasicAuth(*c.webhook.BasicAuthUsername, c.secrets.Password)
	}
	for i, header := range c.webhook.Headers {
		value := header.Value
		if header.Secret {
			value = c.secrets.Headers[i]
		}
		value = line(in.Fill(value, nil))
		if strings.EqualFold(header.Key, "Host") {
			req.Host = value
			continue
		}
		h.Set(header.Key, value)
	}
	// These say what was sent, so nothing takes their place.
	h.Set("X-Contentful-Topic", e.topic)
	h.Set("X-Contentful-Webhook-Name", line(c.webhook.Name))
	h.Set("X-Contentful-Idempotency-Key", e.key)
	h.Set("X-Contentful-Event-Datetime", stamp(e.change.At))
	for name, value := range contextHeaders(e.change) {
		h.Set(name, value)
	}
}

// line is a text as the value of a header: what would end the line is a space.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// call tells an event and says what became of it. It ends within the timeout.
func (s *Service) call(ctx context.Context, c *caller, e event, attempt int) (out outcome) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out = outcome{call: cms.WebhookCall{At: s.Now(), URL: c.hide(c.webhook.URL), Topic: e.topic, Key: e.key, Event: eventID(e.change.Scope, e.change.Seq), Attempt: attempt, Errors: []string{}}}
	defer func() { out.call.AnsweredAt = s.Now() }()
	req, body, err := c.request(ctx, e, out.call.At)
	if err != nil {
		return out.fails(c, err)
	}
	out.call.URL = c.hide(req.URL.Redacted())
	if len(body) > keptRequest { // the rest is not kept in memory either
		body = []byte(text(body, keptRequest))
	}
	x := &exchange{caller: c, method: req.Method, sent: req.Header, body: body}
	out.exchange = x
	res, err := s.Send(req)
	if err != nil {
		return out.fails(c, err)
	}
	// An answer that breaks off is as good: its status says whether the event arrived.
	if res.Body != http.NoBody {
		x.answer, _ = io.ReadAll(io.LimitReader(res.Body, keptResponse))
	}
	_ = res.Body.Close()
	out.call.StatusCode, x.received = res.StatusCode, res.Header
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		out.retry = true
		out.after = retryAfter(res.Header.Get("Retry-After"), s.Now())
		fallthrough
	default:
		out.call.Errors = []string{class(code), fmt.Sprintf("The receiver answered %s.", c.hide(text([]byte(res.Status), 200)))}
	}
	return out
}

// class names what an answer means that is no success.
func class(code int) string {
	switch {
	case code >= 500:
		return "ServerError"
	case code >= 400:
		return "ClientError"
	}
	return "RedirectError" // which is not followed: the signature is for this address
}

// fails is the outcome of a call without an answer.
func (o outcome) fails(c *caller, err error) outcome {
	f := fault.Of(err)
	o.retry = f.Kind == fault.ServerError || f.Kind == fault.Timeout
	kind := "ConnectionError"
	switch f.Kind {
	case fault.Timeout:
		kind = "TimeoutError"
	case fault.BadRequest:
		kind = "RequestError" // it was not made
	}
	o.call.Errors = []string{kind, c.hide(text([]byte(f.Message), 1000))}
	return o
}

// maxWait is the longest that a receiver can ask to wait.
const maxWait = time.Hour

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	var d time.Duration
	if n, err := strconv.Atoi(value); err == nil {
		d = time.Duration(min(max(n, 0), int(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxWait)
}

// shown are headers for the record.
func (c *caller) shown(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		out[strings.ToLower(name)] = c.hide(text([]byte(strings.Join(values, ", ")), keptHeader))
	}
	return out
}

// hide takes secrets out of a text: receivers may send back what they got.
func (c *caller) hide(s string) string {
	for _, secret := range c.hidden {
		s = strings.ReplaceAll(s, secret, redacted)
	}
	return s
}

// text is what a record keeps of a body: up to max bytes of it, as UTF-8.
func text(b []byte, max int) string {
	if len(b) > max {
		cut := max
		for cut > 0 && max-cut < utf8.UTFMax && !utf8.RuneStart(b[cut]) {
			cut-- // not through the middle of a character
		}
		b = b[:cut]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
}
