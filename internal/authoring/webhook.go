package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// maxWebhooks is how many webhooks a space has at most: each is asked about each
// change. Together with maxDefinition it bounds what is read for that.
const maxWebhooks = 100

// webhookURLs is the key of a webhook's URL: it is unique in a space.
const webhookURLs = "webhook.url"

// WebhookInput is the body of a write to a webhook definition. Of raw members,
// nil is absent and "null" is null.
type WebhookInput struct {
	Name              string            `json:"name"`
	URL               string            `json:"url"`
	Topics            []string          `json:"topics"`
	Filters           json.RawMessage   `json:"filters"`
	Transformation    json.RawMessage   `json:"transformation"`
	Headers           []WebhookHeaderIn `json:"headers"`
	HTTPBasicUsername *string           `json:"httpBasicUsername"`
	HTTPBasicPassword json.RawMessage   `json:"httpBasicPassword"` // absent keeps what is stored, null removes it
	Active            *bool             `json:"active"`            // nil is true
}

// WebhookHeaderIn is a header in a body. A secret one without value keeps the
// stored value.
type WebhookHeaderIn struct {
	Key    string  `json:"key"`
	Value  *string `json:"value"`
	Secret bool    `json:"secret"`
}

// Webhooks lists the webhook definitions of a space.
func (s *Service) Webhooks(ctx context.Context, p access.Place, params url.Values) (Listing[Resource[cms.Webhook]], error) {
	all, err := list[cms.Webhook](ctx, s.Store, p.Space, cms.KindWebhook)
	if err != nil {
		return Listing[Resource[cms.Webhook]]{}, err
	}
	return listing(all, params, defaultListing, func(w cms.Webhook) string { return w.Name })
}

// Webhook returns a webhook definition.
func (s *Service) Webhook(ctx context.Context, p access.Place, id string) (Resource[cms.Webhook], error) {
	return get[cms.Webhook](ctx, s.Store, p.Space, cms.KindWebhook, id)
}

// CreateWebhook makes a webhook definition with a new id.
func (s *Service) CreateWebhook(ctx context.Context, p access.Place, a access.Actor, in WebhookInput) (Resource[cms.Webhook], error) {
	w, _, err := s.PutWebhook(ctx, p, a, s.IDs.New(), Version{}, in)
	return w, err
}

// PutWebhook replaces a webhook definition, or makes one with this id when there
// is none; created says which.
func (s *Service) PutWebhook(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in WebhookInput) (out Resource[cms.Webhook], isNew bool, err error) {
	problems := checkWebhook(in)
	if !cms.ValidID(id) {
		problems = append(problems, fault.Of(invalidID(fault.ValidationFailed, id)).Details.Errors...)
	}
	if problems != nil {
		return out, false, invalidResource(problems...)
	}
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		at := s.Now()
		h, before, err := current[cms.Webhook](ctx, tx, p.Space, cms.KindWebhook, id)
		was, action := h.Version, store.Save
		switch isNew = fault.Is(err, fault.NotFound); {
		case isNew:
			there, err := tx.List(ctx, p.Space, cms.KindWebhook, "", maxWebhooks)
			if err != nil {
				return err
			}
			if len(there) == maxWebhooks {
				return fault.New(fault.Forbidden, "The space has %d webhooks, which is the most there can be.", maxWebhooks)
			}
			h = created(p.Space, cms.KindWebhook, id, 0, a.User, at)
			was, action = store.Absent, store.Create
		case err != nil:
			return err
		default:
			if err := v.check(h.Sys); err != nil {
				return err
			}
			h = touched(h, a.User, at)
		}
		conflicts, err := tx.SetKeys(ctx, p.Space, store.OwnerOf(cms.KindWebhook, id), []store.Key{{Space: webhookURLs, Value: in.URL}})
		if err != nil {
			return err
		}
		if len(conflicts) > 0 {
			return invalidResource(fault.Detail{Name: "taken", Path: []any{"url"}, Value: fault.Raw(in.URL),
				Details: fmt.Sprintf("There is a webhook for %s already.", in.URL)})
		}
		next, err := s.webhookOf(p, id, in, before)
		if err != nil {
			return err
		}
		if out, err = put(ctx, tx, h, was, next, action, a.User, at); err != nil {
			return err
		}
		if isNew {
			return s.openLanes(ctx, tx, p, id)
		}
		return recallLanes(ctx, s.Store, tx, p, id) // what was parked while it was off is due
	})
	return out, isNew, err
}

// DeleteWebhook removes a webhook definition.
func (s *Service) DeleteWebhook(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Space, cms.KindWebhook, id)
		if err != nil {
			return err
		}
		if err := tx.CloseLanes(ctx, p.Space, id); err != nil {
			return err
		}
		return tx.Delete(ctx, p.Space, cms.KindWebhook, id, h.Version, a.User, s.Now())
	})
}

// webhookOf is the definition to store for a checked body, with the secrets the
// body does not name from the one before.
func (s *Service) webhookOf(p access.Place, id string, in WebhookInput, before cms.Webhook) (cms.Webhook, error) {
	w := cms.Webhook{
		Name: in.Name, URL: in.URL, Topics: in.Topics, Filters: in.Filters, Transformation: in.Transformation,
		Headers: make([]cms.WebhookHeader, len(in.Headers)), BasicAuthUsername: in.HTTPBasicUsername,
		BasicAuthPassword: before.BasicAuthPassword, Active: in.Active == nil || *in.Active,
	}
	owner := webhookSecret(p, id)
	var err error
	switch {
	case isNull(in.HTTPBasicPassword):
		w.BasicAuthPassword = nil
	case in.HTTPBasicPassword != nil:
		var password string
		if err := json.Unmarshal(in.HTTPBasicPassword, &password); err != nil {
			return w, fault.Wrap(err, fault.ServerError, "reading a checked password")
		}
		if w.BasicAuthPassword, err = s.seal(owner, password); err != nil {
			return w, err
		}
	}
	for i, h := range in.Headers {
		w.Headers[i] = cms.WebhookHeader{Key: h.Key, Secret: h.Secret}
		switch {
		case !h.Secret && h.Value != nil:
			w.Headers[i].Value = *h.Value
		case h.Value != nil:
			if w.Headers[i].Sealed, err = s.seal(owner, *h.Value); err != nil {
				return w, err
			}
		default:
			for _, old := range before.Headers {
				if old.Key == h.Key && old.Secret {
					w.Headers[i].Sealed = old.Sealed
				}
			}
		}
		if h.Secret && w.Headers[i].Sealed == nil {
			return w, invalidResource(required("headers", i, "value"))
		}
	}
	return w, nil
}
