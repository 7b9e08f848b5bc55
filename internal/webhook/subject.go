package webhook

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/webhook/rule"
)

// subject is what a lane is about: a webhook as it is defined, and the place whose
// changes it tells.
type subject struct {
	follower string
	log      store.Scope
	place    access.Place
	names    []string   // ids the environment is known by: its own and its aliases'
	model    *cms.Model // nil outside of environments

	caller     *caller // nil while the webhook is off
	topics     []string
	filters    rule.Filters
	maxRetries int // 0: as many as there is time for

	seen  int64     // position of the space's log that all but the model is as new as
	made  time.Time // when the webhook was
	known bool
}

// refresh brings the subject up to date with changes of its log: all of it follows
// from the logs of the space and the environment, so mostly one statement finds that
// nothing is new.
func (sub *subject) refresh(ctx context.Context, id store.LaneID, s *Service, changes []store.Change) error {
	pos, err := s.Store.Position(ctx, id.Space)
	if err != nil {
		return lost(err)
	}
	if !sub.known || pos.Seq != sub.seen {
		fresh := subject{follower: id.Follower, log: id.Log, seen: pos.Seq, model: sub.model, known: true}
		if err := fresh.read(ctx, id, s); err != nil {
			return lost(err)
		}
		if sub.known && !fresh.made.Equal(sub.made) { // another webhook of the same id, with lanes of its own
			return errLost
		}
		*sub = fresh
	}
	if id.Log == id.Space {
		return nil
	}
	remodels := func(c store.Change) bool { return c.Kind == cms.KindLocale || c.Kind == cms.KindContentType }
	if sub.model == nil || slices.ContainsFunc(changes, remodels) {
		sub.model, err = index.ReadModel(ctx, s.Store, id.Log)
	}
	return lost(err)
}

// lost says that what a lane is about is gone, and the lane with it.
func lost(err error) error {
	if fault.Is(err, fault.NotFound) {
		return errLost
	}
	return err
}

func (sub *subject) read(ctx context.Context, id store.LaneID, s *Service) error {
	space, err := s.spaceID(ctx, id.Space)
	if err != nil {
		return err
	}
	sub.place = access.Place{SpaceID: space, Space: id.Space}
	if id.Log != id.Space {
		if err := sub.locate(ctx, id, s); err != nil {
			return err
		}
	}
	h, err := s.Store.Get(ctx, id.Space, cms.KindWebhook, id.Follower)
	if err != nil {
		return err
	}
	sub.made = h.CreatedAt
	var w cms.Webhook
	if err := body(ctx, s.Store, h, &w); err != nil || !w.Active {
		return err
	}
	policy, err := s.Store.Get(ctx, id.Space, cms.KindRetryPolicy, cms.OnlyID)
	if err == nil {
		var p cms.WebhookRetryPolicy
		err = body(ctx, s.Store, policy, &p)
		sub.maxRetries = p.MaxRetries
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	sub.topics = w.Topics
	if sub.filters, err = rule.ParseFilters(w.Filters); err != nil {
		return err
	}
	secrets, err := s.Secrets(ctx, sub.place, id.Follower, w)
	if err != nil {
		return err
	}
	sub.caller, err = newCaller(w, secrets)
	return err
}

// spaceID is the id of the space with a scope. It never changes.
func (s *Service) spaceID(ctx context.Context, scope store.Scope) (string, error) {
	if id, ok := s.spaces.Load(scope); ok {
		return id.(string), nil
	}
	found, err := all(ctx, s.Store, store.Server, cms.KindSpace, func(h store.Head) bool { return h.Child == scope })
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", errLost
	}
	s.spaces.Store(scope, found[0].ID)
	return found[0].ID, nil
}

// locate finds the names of the environment.
func (sub *subject) locate(ctx context.Context, id store.LaneID, s *Service) error {
	found, err := all(ctx, s.Store, id.Space, cms.KindEnvironment, func(h store.Head) bool { return h.Child == id.Log })
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return errLost
	}
	name := found[0].ID
	sub.place.EnvironmentID, sub.place.Target, sub.place.Environment = name, name, id.Log
	sub.names = []string{name}
	aliases, err := all(ctx, s.Store, id.Space, cms.KindEnvironmentAlias, func(store.Head) bool { return true })
	if err != nil {
		return err
	}
	for _, h := range aliases {
		var a cms.EnvironmentAlias
		if err := body(ctx, s.Store, h, &a); err != nil {
			return err
		}
		if a.Environment == name {
			sub.names = append(sub.names, h.ID)
		}
	}
	slices.Sort(sub.names[1:])
	return nil
}

// all are the heads of a kind that fulfil a condition.
func all(ctx context.Context, r store.Reader, s store.Scope, k cms.Kind, which func(store.Head) bool) ([]store.Head, error) {
	const page = 500
	var out []store.Head
	for after := ""; ; {
		heads, err := r.List(ctx, s, k, after, page)
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			if after = h.ID; which(h) {
				out = append(out, h)
			}
		}
		if len(heads) < page {
			return out, nil
		}
	}
}

func body(ctx context.Context, r store.Reader, h store.Head, into any) error {
	bodies, err := r.Bodies(ctx, []store.Revision{h.Draft})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(bodies[h.Draft], into); err != nil {
		return fault.Wrap(err, fault.ServerError, "the stored body of %s %s is unreadable", h.Kind, h.ID)
	}
	return nil
}

// wants reports whether the webhook is to be told of a change. now is the newest
// head of what has changed; only a filter on who made it asks for that.
func (sub *subject) wants(ctx context.Context, s *Service, c *store.Change, now store.Head) (bool, error) {
	kind, action := string(c.Kind), actionOf(*c)
	if sub.caller == nil || !rule.IsEvent(kind, action) || !rule.Wants(sub.topics, kind, action) {
		return false, nil
	}
	e := rule.Event{ID: cms.OwnID(c.ID), Environments: sub.names, ContentType: c.ContentType}
	gone := c.Action == store.Delete || c.Action == store.Unpublish
	if gone || c.Action == store.Cancel {
		e.DeletedBy = c.Actor
	} else {
		e.UpdatedBy = c.Actor
	}
	if !gone && sub.filters.Uses(rule.Creator) {
		h, err := s.headAt(ctx, *c, now, &publications{})
		if err != nil {
			return false, err
		}
		e.CreatedBy = h.CreatedBy
	}
	return sub.filters.Pass(e), nil
}
