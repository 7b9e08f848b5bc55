package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// openLanes begins a webhook's way along the logs of its space, from now on: what
// is committed after the webhook is told.
func (s *Service) openLanes(ctx context.Context, tx store.Tx, p access.Place, id string) error {
	environments, err := list[cms.Environment](ctx, tx, p.Space, cms.KindEnvironment)
	if err != nil {
		return err
	}
	logs := []store.Scope{p.Space}
	for _, e := range environments {
		logs = append(logs, e.Child)
	}
	for _, log := range logs {
		pos, err := tx.Position(ctx, log)
		if err != nil {
			return err
		}
		if err := tx.OpenLane(ctx, store.Lane{LaneID: store.LaneID{Space: p.Space, Follower: id, Log: log}, Seq: pos.Seq}); err != nil {
			return err
		}
	}
	return nil
}

// recallLanes has all lanes of a webhook looked at anew.
func recallLanes(ctx context.Context, r store.Lanes, tx store.Tx, p access.Place, id string) error {
	lanes, err := r.LanesOf(ctx, p.Space, id)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if err := tx.Recall(ctx, l.LaneID, -1); err != nil {
			return err
		}
	}
	return nil
}

// webhookSecret is the place that the sealed values of a webhook belong to.
func webhookSecret(p access.Place, id string) string {
	return p.SpaceID + "/" + store.OwnerOf(cms.KindWebhook, id)
}

// WebhookSecrets opens what is sealed of a webhook and its space, to make a call.
func (s *Service) WebhookSecrets(ctx context.Context, p access.Place, id string, w cms.Webhook) (cms.WebhookSecrets, error) {
	out := cms.WebhookSecrets{Headers: map[int]string{}}
	var err error
	if w.BasicAuthPassword != nil {
		if out.Password, err = s.unseal(webhookSecret(p, id), w.BasicAuthPassword); err != nil {
			return out, err
		}
	}
	for i, h := range w.Headers {
		if !h.Secret {
			continue
		}
		if out.Headers[i], err = s.unseal(webhookSecret(p, id), h.Sealed); err != nil {
			return out, err
		}
	}
	secret, err := get[cms.WebhookSigningSecret](ctx, s.Store, p.Space, cms.KindSigningSecret, cms.OnlyID)
	if fault.Is(err, fault.NotFound) {
		return out, nil
	}
	if err == nil {
		out.Signing, err = s.unseal(webhookSecret(p, signing), secret.Value.Sealed)
	}
	return out, err
}
