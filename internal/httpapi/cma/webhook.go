package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// webhookJSON is a webhook definition of the management API. Passwords and
// secret headers never come back.
type webhookJSON struct {
	Name              string              `json:"name"`
	URL               string              `json:"url"`
	HTTPBasicUsername *string             `json:"httpBasicUsername"`
	Topics            []string            `json:"topics"`
	Filters           json.RawMessage     `json:"filters"`
	Transformation    json.RawMessage     `json:"transformation"`
	Headers           []webhookHeaderJSON `json:"headers"`
	Active            bool                `json:"active"`
	Sys               sysJSON             `json:"sys"`
}

type webhookHeaderJSON struct {
	Key    string  `json:"key"`
	Value  *string `json:"value,omitempty"`
	Secret bool    `json:"secret,omitempty"`
}

func webhookOf(p access.Place, r authoring.Resource[cms.Webhook]) webhookJSON {
	w := r.Value
	j := webhookJSON{
		Name: w.Name, URL: w.URL, HTTPBasicUsername: w.BasicAuthUsername, Topics: w.Topics,
		Filters: w.Filters, Transformation: w.Transformation, Headers: make([]webhookHeaderJSON, len(w.Headers)),
		Active: w.Active, Sys: organizationSys(access.Place{SpaceID: p.SpaceID}, r.Sys),
	}
	for i, h := range w.Headers {
		j.Headers[i] = webhookHeaderJSON{Key: h.Key, Secret: h.Secret}
		if !h.Secret {
			j.Headers[i].Value = &h.Value
		}
	}
	return j
}

func (a *api) listWebhooks(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Webhooks(c.Context(), c.Place, c.URL.Query())
	return listed(l, func(w authoring.Resource[cms.Webhook]) webhookJSON { return webhookOf(c.Place, w) }, err)
}

func (a *api) createWebhook(c *httpapi.Call) (httpapi.Reply, error) {
	var in authoring.WebhookInput
	if err := decodeOnly(c, &in, "sys"); err != nil {
		return httpapi.Reply{}, err
	}
	w, err := a.s.CreateWebhook(c.Context(), c.Place, c.Actor, in)
	return located(c, w.ID, webhookOf(c.Place, w), err)
}

func (a *api) getWebhook(c *httpapi.Call) (httpapi.Reply, error) {
	w, err := a.s.Webhook(c.Context(), c.Place, c.PathValue("id"))
	return ok(webhookOf(c.Place, w), err)
}

func (a *api) putWebhook(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	var in authoring.WebhookInput
	if err := decodeOnly(c, &in, "sys"); err != nil {
		return httpapi.Reply{}, err
	}
	w, created, err := a.s.PutWebhook(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, in)
	return saved(webhookOf(c.Place, w), created, err)
}

func (a *api) deleteWebhook(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteWebhook(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}
