package authoring

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Call is a call of a webhook with its id.
type Call struct {
	ID string
	cms.WebhookCall
}

// Limits of the log of calls.
const (
	defaultCalls = 20
	maxCalls     = 500
)

// WebhookCalls lists the latest calls of a webhook, the last one first.
func (s *Service) WebhookCalls(ctx context.Context, p access.Place, id string, params url.Values) (Listing[Call], error) {
	var problems []fault.Detail
	out := Listing[Call]{Skip: whole(params, "skip", 0, &problems), Limit: whole(params, "limit", defaultCalls, &problems)}
	if problems != nil {
		f := fault.Of(fault.Invalid(fault.InvalidQuery, problems...))
		f.Message = problems[0].Details
		return out, f
	}
	all, err := s.calls(ctx, p, id)
	if err != nil {
		return out, err
	}
	if out.Limit == 0 {
		out.Limit = defaultCalls
	}
	out.Total, out.Limit = len(all), min(out.Limit, maxCalls)
	all = all[min(out.Skip, len(all)):]
	out.Items = all[:min(out.Limit, len(all))]
	return out, nil
}

func (s *Service) calls(ctx context.Context, p access.Place, id string) ([]Call, error) {
	if _, err := s.Store.Get(ctx, p.Space, cms.KindWebhook, id); err != nil {
		return nil, err
	}
	kept, err := s.Store.Calls(ctx, p.Space, id)
	if err != nil {
		return nil, err
	}
	out := make([]Call, len(kept))
	for i, c := range kept {
		if out[i], err = decodeCall(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func decodeCall(c store.Call) (Call, error) {
	out := Call{ID: c.ID}
	err := json.Unmarshal(c.Summary, &out.WebhookCall)
	if err == nil && c.Detail != nil {
		err = json.Unmarshal(c.Detail, &out.Detail)
	}
	if err != nil {
		return out, fault.Wrap(err, fault.ServerError, "the stored call %s is unreadable", c.ID)
	}
	return out, nil
}

// WebhookCall returns a call with what was sent and what came back.
func (s *Service) WebhookCall(ctx context.Context, p access.Place, id, call string) (Call, error) {
	if _, err := s.Store.Get(ctx, p.Space, cms.KindWebhook, id); err != nil {
		return Call{}, err
	}
	c, err := s.Store.Call(ctx, p.Space, id, call)
	if fault.Is(err, fault.NotFound) {
		return Call{}, fault.Missing("WebhookCall", call, "", p.SpaceID)
	}
	if err != nil {
		return Call{}, err
	}
	return decodeCall(c)
}

// Health counts the calls of a webhook that are kept.
type Health struct{ Total, Healthy int }

// WebhookHealth says how a webhook's calls go.
func (s *Service) WebhookHealth(ctx context.Context, p access.Place, id string) (Health, error) {
	all, err := s.calls(ctx, p, id)
	h := Health{Total: len(all)}
	for _, c := range all {
		if c.Healthy() {
			h.Healthy++
		}
	}
	return h, err
}

// DeadLetter is an event that was given up.
type DeadLetter struct {
	ID       string // of the event; see cms.WebhookCall
	Kind     cms.Kind
	Entity   string
	Place    string // id of the environment; "" outside of environments
	Attempts int
	Since    time.Time // of the first attempt
	Reason   string
}

// maxDeadLetters is how many are listed.
const maxDeadLetters = 1000

// DeadLetters lists what was given up of a webhook's events, by environment and
// in the order of the changes.
func (s *Service) DeadLetters(ctx context.Context, p access.Place, id string, params url.Values) (Listing[DeadLetter], error) {
	var problems []fault.Detail
	out := Listing[DeadLetter]{Skip: whole(params, "skip", 0, &problems), Limit: whole(params, "limit", maxListing, &problems)}
	if problems != nil {
		f := fault.Of(fault.Invalid(fault.InvalidQuery, problems...))
		f.Message = problems[0].Details
		return out, f
	}
	if out.Limit = min(out.Limit, maxDeadLetters); out.Limit == 0 {
		out.Limit = maxListing
	}
	err := s.eachDead(ctx, p, id, func(environment string, d store.Parked) error {
		if out.Total >= out.Skip && len(out.Items) < out.Limit {
			out.Items = append(out.Items, DeadLetter{
				ID: eventID(d), Kind: d.Kind, Entity: d.ID, Place: environment, Attempts: d.Attempts, Since: d.Since, Reason: d.Reason,
			})
		}
		out.Total++
		return nil
	})
	return out, err
}

// eachDead calls fn with every event of a webhook that was given up.
func (s *Service) eachDead(ctx context.Context, p access.Place, id string, fn func(environment string, d store.Parked) error) error {
	lanes, names, err := s.lanes(ctx, p, id)
	if err != nil {
		return err
	}
	const page = 1000
	for _, l := range lanes {
		for after := int64(0); ; {
			dead, err := s.Store.Parked(ctx, l.LaneID, true, after, page)
			if err != nil {
				return err
			}
			for _, d := range dead {
				if err := fn(names[l.Log], d); err != nil {
					return err
				}
				after = d.Seq
			}
			if len(dead) < page {
				break
			}
		}
	}
	return nil
}

// lanes are those of a webhook, and the ids of the environments they are in.
func (s *Service) lanes(ctx context.Context, p access.Place, id string) ([]store.Lane, map[store.Scope]string, error) {
	if _, err := s.Store.Get(ctx, p.Space, cms.KindWebhook, id); err != nil {
		return nil, nil, err
	}
	environments, err := list[cms.Environment](ctx, s.Store, p.Space, cms.KindEnvironment)
	if err != nil {
		return nil, nil, err
	}
	names := map[store.Scope]string{}
	for _, e := range environments {
		names[e.Child] = e.ID
	}
	lanes, err := s.Store.LanesOf(ctx, p.Space, id)
	return lanes, names, err
}
