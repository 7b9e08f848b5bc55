package authoring

import (
	"context"
	"encoding/json"
	"regexp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// signing stands for the signing secret where webhooks have their ids.
const signing = "/signing"

// signingSecret is what a signing secret looks like.
var signingSecret = regexp.MustCompile(`^[0-9a-zA-Z+/=_-]{64}$`)

// maxRetries is the greatest retry policy.
const maxRetries = 99

// SigningSecret is the secret that the calls of a space's webhooks are signed with.
func (s *Service) SigningSecret(ctx context.Context, p access.Place) (Resource[cms.WebhookSigningSecret], error) {
	r, err := get[cms.WebhookSigningSecret](ctx, s.Store, p.Space, cms.KindSigningSecret, cms.OnlyID)
	return r, missingSetting(err, p, cms.KindSigningSecret)
}

// PutSigningSecret sets the secret; created says whether there was none.
func (s *Service) PutSigningSecret(ctx context.Context, p access.Place, a access.Actor, value json.RawMessage) (r Resource[cms.WebhookSigningSecret], created bool, err error) {
	var secret string
	if value == nil || isNull(value) {
		return r, false, invalidResource(required("value"))
	}
	if json.Unmarshal(value, &secret) != nil {
		return r, false, invalidResource(fault.Detail{Name: "type", Type: "String", Path: []any{"value"}, Details: `The type of "value" is incorrect, expected type: String`})
	}
	if !signingSecret.MatchString(secret) { // which is not repeated
		return r, false, invalidResource(fault.Detail{Name: "regexp", Path: []any{"value"}, Pattern: signingSecret.String(),
			Details: "The secret must have 64 characters out of 0-9, a-z, A-Z and +/=_-."})
	}
	v := cms.WebhookSigningSecret{Redacted: secret[len(secret)-4:]}
	if v.Sealed, err = s.seal(webhookSecret(p, signing), secret); err != nil {
		return r, false, err
	}
	return putSetting(ctx, s, p, a, cms.KindSigningSecret, v)
}

// DeleteSigningSecret removes the secret: calls are not signed any more.
func (s *Service) DeleteSigningSecret(ctx context.Context, p access.Place, a access.Actor) error {
	return s.deleteSetting(ctx, p, a, cms.KindSigningSecret)
}

// RetryPolicy says how often a failed call of a space's webhooks is repeated.
func (s *Service) RetryPolicy(ctx context.Context, p access.Place) (Resource[cms.WebhookRetryPolicy], error) {
	r, err := get[cms.WebhookRetryPolicy](ctx, s.Store, p.Space, cms.KindRetryPolicy, cms.OnlyID)
	return r, missingSetting(err, p, cms.KindRetryPolicy)
}

// PutRetryPolicy sets the policy; created says whether there was none.
func (s *Service) PutRetryPolicy(ctx context.Context, p access.Place, a access.Actor, value json.RawMessage) (r Resource[cms.WebhookRetryPolicy], created bool, err error) {
	var n int
	if value == nil || isNull(value) {
		return r, false, invalidResource(required("maxRetries"))
	}
	if json.Unmarshal(value, &n) != nil || n < 1 || n > maxRetries {
		return r, false, invalidResource(fault.Detail{Name: "range", Path: []any{"maxRetries"}, Value: value, Min: fault.Raw(1), Max: fault.Raw(maxRetries),
			Details: "The value must be a whole number from 1 to 99."})
	}
	return putSetting(ctx, s, p, a, cms.KindRetryPolicy, cms.WebhookRetryPolicy{MaxRetries: n})
}

// DeleteRetryPolicy removes the policy: failed calls are repeated as long as the
// server's settings say.
func (s *Service) DeleteRetryPolicy(ctx context.Context, p access.Place, a access.Actor) error {
	return s.deleteSetting(ctx, p, a, cms.KindRetryPolicy)
}

// putSetting writes a resource of which a space has one at most, whatever version
// it has, as the original does.
func putSetting[T any](ctx context.Context, s *Service, p access.Place, a access.Actor, kind cms.Kind, value T) (r Resource[T], isNew bool, err error) {
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		at := s.Now()
		h, err := tx.Get(ctx, p.Space, kind, cms.OnlyID)
		was, action := h.Version, store.Save
		switch isNew = fault.Is(err, fault.NotFound); {
		case isNew:
			h = created(p.Space, kind, cms.OnlyID, 0, a.User, at)
			was, action = store.Absent, store.Create
		case err != nil:
			return err
		default:
			h = touched(h, a.User, at)
		}
		r, err = put(ctx, tx, h, was, value, action, a.User, at)
		return err
	})
	return r, isNew, err
}

func (s *Service) deleteSetting(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind) error {
	err := s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Space, kind, cms.OnlyID)
		if err != nil {
			return err
		}
		return tx.Delete(ctx, p.Space, kind, cms.OnlyID, h.Version, a.User, s.Now())
	})
	return missingSetting(err, p, kind)
}

// missingSetting words the absence of a setting.
func missingSetting(err error, p access.Place, kind cms.Kind) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := fault.Of(fault.Missing(string(kind), "", "", p.SpaceID))
	f.Message = string(kind) + " does not exist."
	return f
}
