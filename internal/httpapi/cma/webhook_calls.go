package cma

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// callTimeout is how long a receiver may take to answer, in seconds.
const callTimeout = 30

// callJSON is a call of a webhook: in lists without request and response.
type callJSON struct {
	Sys        callSys       `json:"sys"`
	Request    *calledJSON   `json:"request,omitempty"`
	Response   *answeredJSON `json:"response,omitempty"`
	StatusCode int           `json:"statusCode"`
	Errors     []string      `json:"errors"`
	EventType  string        `json:"eventType"`
	URL        string        `json:"url"`
	RequestAt  string        `json:"requestAt"`
	ResponseAt string        `json:"responseAt"`
	// beyond the original
	Topic          string `json:"topic"`
	IdempotencyKey string `json:"idempotencyKey"`
	Attempt        int    `json:"attempt"`
	Event          string `json:"event"`
}

type callSys struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Space     *cms.Link `json:"space"`
	CreatedBy *cms.Link `json:"createdBy"`
	CreatedAt string    `json:"createdAt,omitempty"`
}

type calledJSON struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Timeout int               `json:"timeout"`
}

type answeredJSON struct {
	URL        string            `json:"url"`
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

func (a *api) callOf(c *httpapi.Call, k authoring.Call) callJSON {
	j := callJSON{
		Sys: callSys{
			ID: k.ID, Type: "WebhookCallOverview", Space: link(cms.KindSpace, c.Place.SpaceID),
			CreatedBy: link(cms.KindWebhook, c.PathValue("id")), CreatedAt: millis(k.At),
		},
		StatusCode: k.StatusCode, Errors: k.Errors, EventType: k.Topic[strings.LastIndexByte(k.Topic, '.')+1:], URL: k.URL,
		RequestAt: millis(k.At), ResponseAt: millis(k.AnsweredAt),
		Topic: k.Topic, IdempotencyKey: k.Key, Attempt: k.Attempt, Event: k.Event,
	}
	if d := k.Detail; d != nil {
		j.Sys.Type = "WebhookCallDetails"
		j.Request = &calledJSON{k.URL, d.Method, headers(d.RequestHeaders), d.RequestBody, callTimeout}
		j.Response = &answeredJSON{k.URL, k.StatusCode, headers(d.ResponseHeaders), d.ResponseBody}
	}
	return j
}

// headers are never null in JSON.
func headers(h map[string]string) map[string]string {
	if h == nil {
		return map[string]string{}
	}
	return h
}

func (a *api) listWebhookCalls(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.WebhookCalls(c.Context(), c.Place, c.PathValue("id"), c.URL.Query())
	return listed(l, func(k authoring.Call) callJSON { return a.callOf(c, k) }, err)
}

func (a *api) getWebhookCall(c *httpapi.Call) (httpapi.Reply, error) {
	k, err := a.s.WebhookCall(c.Context(), c.Place, c.PathValue("id"), c.PathValue("call"))
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.OK(a.callOf(c, k)), nil
}

type healthJSON struct {
	Sys   callSys `json:"sys"`
	Calls struct {
		Total   int `json:"total"`
		Healthy int `json:"healthy"`
	} `json:"calls"`
}

func (a *api) getWebhookHealth(c *httpapi.Call) (httpapi.Reply, error) {
	id := c.PathValue("id")
	h, err := a.s.WebhookHealth(c.Context(), c.Place, id)
	j := healthJSON{Sys: callSys{ID: id, Type: "Webhook", Space: link(cms.KindSpace, c.Place.SpaceID), CreatedBy: link(cms.KindWebhook, id)}}
	j.Calls.Total, j.Calls.Healthy = h.Total, h.Healthy
	return ok(j, err)
}

// settingSys is the sys of what a space has one of: its version means nothing.
type settingSys struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Space     *cms.Link `json:"space"`
	CreatedAt string    `json:"createdAt"`
	UpdatedAt string    `json:"updatedAt"`
	CreatedBy *cms.Link `json:"createdBy"`
	UpdatedBy *cms.Link `json:"updatedBy"`
}

func settingOf(p access.Place, s cms.Sys) settingSys {
	return settingSys{
		s.ID, string(s.Kind), link(cms.KindSpace, p.SpaceID), seconds(s.CreatedAt), seconds(s.UpdatedAt),
		link(cms.KindUser, s.CreatedBy), link(cms.KindUser, s.UpdatedBy),
	}
}

type signingSecretJSON struct {
	RedactedValue string     `json:"redactedValue"`
	Sys           settingSys `json:"sys"`
}

func signingSecretOf(p access.Place, r authoring.Resource[cms.WebhookSigningSecret]) signingSecretJSON {
	return signingSecretJSON{r.Value.Redacted, settingOf(p, r.Sys)}
}

func (a *api) getSigningSecret(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.SigningSecret(c.Context(), c.Place)
	return ok(signingSecretOf(c.Place, r), err)
}

func (a *api) putSigningSecret(c *httpapi.Call) (httpapi.Reply, error) {
	var in struct {
		Value json.RawMessage `json:"value"`
	}
	if err := decodeOnly(c, &in, "sys"); err != nil {
		return httpapi.Reply{}, err
	}
	r, created, err := a.s.PutSigningSecret(c.Context(), c.Place, c.Actor, in.Value)
	return saved(signingSecretOf(c.Place, r), created, err)
}

func (a *api) deleteSigningSecret(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteSigningSecret(c.Context(), c.Place, c.Actor)
}

type retryPolicyJSON struct {
	MaxRetries int        `json:"maxRetries"`
	Sys        settingSys `json:"sys"`
}

func retryPolicyOf(p access.Place, r authoring.Resource[cms.WebhookRetryPolicy]) retryPolicyJSON {
	return retryPolicyJSON{r.Value.MaxRetries, settingOf(p, r.Sys)}
}

func (a *api) getRetryPolicy(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.RetryPolicy(c.Context(), c.Place)
	return ok(retryPolicyOf(c.Place, r), err)
}

func (a *api) putRetryPolicy(c *httpapi.Call) (httpapi.Reply, error) {
	var in struct {
		MaxRetries json.RawMessage `json:"maxRetries"`
	}
	if err := decodeOnly(c, &in, "sys"); err != nil {
		return httpapi.Reply{}, err
	}
	r, created, err := a.s.PutRetryPolicy(c.Context(), c.Place, c.Actor, in.MaxRetries)
	return saved(retryPolicyOf(c.Place, r), created, err)
}

func (a *api) deleteRetryPolicy(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteRetryPolicy(c.Context(), c.Place, c.Actor)
}

// deadLetterJSON is an event that was given up.
type deadLetterJSON struct {
	Sys struct {
		Type        string    `json:"type"`
		ID          string    `json:"id"`
		Environment *cms.Link `json:"environment,omitempty"`
	} `json:"sys"`
	Entity   *cms.Link `json:"entity"`
	Attempts int       `json:"attempts"`
	Since    string    `json:"firstAttemptAt,omitempty"`
	Reason   string    `json:"reason"`
}

func deadLetterOf(d authoring.DeadLetter) deadLetterJSON {
	j := deadLetterJSON{Entity: link(d.Kind, d.Entity), Attempts: d.Attempts, Since: millis(d.Since), Reason: d.Reason}
	j.Sys.Type, j.Sys.ID, j.Sys.Environment = "WebhookDeadLetter", d.ID, link(cms.KindEnvironment, d.Place)
	return j
}

func (a *api) listDeadLetters(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.DeadLetters(c.Context(), c.Place, c.PathValue("id"), c.URL.Query())
	return listed(l, deadLetterOf, err)
}

// replayJSON says what will be told again.
type replayJSON struct {
	Sys struct {
		Type      string `json:"type"`
		CreatedAt string `json:"createdAt"`
	} `json:"sys"`
	Events int `json:"events"`
	Logs   int `json:"logs"`
}

func (a *api) replayWebhook(c *httpapi.Call) (httpapi.Reply, error) {
	var in authoring.ReplayInput
	if err := decodeOnly(c, &in); err != nil {
		return httpapi.Reply{}, err
	}
	r, err := a.s.ReplayWebhook(c.Context(), c.Place, c.PathValue("id"), in)
	if err != nil {
		return httpapi.Reply{}, err
	}
	j := replayJSON{Events: r.Events, Logs: r.Lanes}
	j.Sys.Type, j.Sys.CreatedAt = "WebhookReplay", millis(a.s.Now())
	return httpapi.Reply{Status: http.StatusAccepted, Value: j}, nil
}
