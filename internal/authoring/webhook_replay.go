package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// ReplayInput says what a webhook is to be told again: exactly one of Event,
// DeadLetters and Since.
type ReplayInput struct {
	Event       json.RawMessage `json:"event"`       // id of an event, as calls and dead letters have it
	DeadLetters json.RawMessage `json:"deadLetters"` // true: all that were given up
	Since       json.RawMessage `json:"since"`       // a time: all that happened from then on
	Environment json.RawMessage `json:"environment"` // with Since: there only
}

// Replay is what will be told again.
type Replay struct {
	Events int // of those that are known one by one
	Lanes  int // logs that are gone along again
}

// eventID names an event; see cms.WebhookCall.
func eventID(d store.Parked) string { return fmt.Sprintf("%d-%d", d.Lane.Log, d.Seq) }

// sinceMargin is how much earlier than asked a replay begins: a change has the
// time at which its write began, and others may have been written before it.
const sinceMargin = time.Minute

// ReplayWebhook tells a webhook again what it was told, or should have been. The
// events have the keys they had.
func (s *Service) ReplayWebhook(ctx context.Context, p access.Place, id string, in ReplayInput) (Replay, error) {
	given := 0
	for _, raw := range []json.RawMessage{in.Event, in.DeadLetters, in.Since} {
		if raw != nil {
			given++
		}
	}
	if given != 1 {
		return Replay{}, invalidResource(fault.Detail{Name: "required", Path: []any{},
			Details: `Say what to replay: one of {"event": id}, {"deadLetters": true} and {"since": time}.`})
	}
	if in.Environment != nil && in.Since == nil {
		return Replay{}, invalidResource(unknown(in.Environment, []string{"event", "deadLetters"}, "environment"))
	}
	var event, since, environment string
	var all bool
	for _, m := range []struct {
		name string
		raw  json.RawMessage
		into any
	}{{"event", in.Event, &event}, {"deadLetters", in.DeadLetters, &all}, {"since", in.Since, &since}, {"environment", in.Environment, &environment}} {
		if m.raw == nil {
			continue
		}
		if isNull(m.raw) || json.Unmarshal(m.raw, m.into) != nil {
			want := "String"
			if m.name == "deadLetters" {
				want = "Boolean"
			}
			return Replay{}, invalidResource(wrongType(m.name, want, m.raw, m.name))
		}
	}
	switch {
	case in.Event != nil:
		return s.replayEvent(ctx, p, id, event)
	case in.Since != nil:
		return s.replaySince(ctx, p, id, since, environment)
	case !all:
		return Replay{}, invalidResource(fault.Detail{Name: "in", Path: []any{"deadLetters"}, Value: in.DeadLetters, Expected: []any{true}, Details: "Value must be one of expected values"})
	}
	return s.replayDead(ctx, p, id)
}

// replayEvent has one event told again.
func (s *Service) replayEvent(ctx context.Context, p access.Place, id, event string) (Replay, error) {
	lanes, _, err := s.lanes(ctx, p, id)
	if err != nil {
		return Replay{}, err
	}
	left, right, _ := strings.Cut(event, "-")
	log, err1 := strconv.ParseInt(left, 10, 64)
	seq, err2 := strconv.ParseInt(right, 10, 64)
	absent := fault.Missing("WebhookEvent", event, "", p.SpaceID)
	if err1 != nil || err2 != nil {
		return Replay{}, absent
	}
	for _, l := range lanes {
		if int64(l.Log) != log || seq > l.Seq {
			continue
		}
		found, err := s.Store.Changes(ctx, l.Log, seq-1, 1)
		if err != nil {
			return Replay{}, err
		}
		if len(found) == 0 || found[0].Seq != seq {
			break
		}
		err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
			if err := tx.Park(ctx, store.Parked{Lane: l.LaneID, Seq: seq, Kind: found[0].Kind, ID: found[0].ID, Due: s.Now()}); err != nil {
				return err
			}
			return tx.Recall(ctx, l.LaneID, -1)
		})
		return Replay{Events: 1}, err
	}
	return Replay{}, absent
}

// replayDead has everything told again that was given up.
func (s *Service) replayDead(ctx context.Context, p access.Place, id string) (Replay, error) {
	var dead []store.Parked
	err := s.eachDead(ctx, p, id, func(_ string, d store.Parked) error {
		dead = append(dead, d)
		return nil
	})
	if err != nil {
		return Replay{}, err
	}
	const batch = 500 // others write in between
	for rest := dead; len(rest) > 0; {
		n := min(batch, len(rest))
		err := s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
			lanes := map[store.LaneID]bool{}
			for _, d := range rest[:n] {
				d.Due, d.Attempts, d.Since = s.Now(), 0, time.Time{}
				if err := tx.Park(ctx, d); err != nil {
					return err
				}
				lanes[d.Lane] = true
			}
			for l := range lanes {
				if err := tx.Recall(ctx, l, -1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return Replay{}, err
		}
		rest = rest[n:]
	}
	return Replay{Events: len(dead)}, nil
}

// replaySince goes along the logs again.
func (s *Service) replaySince(ctx context.Context, p access.Place, id, since, environment string) (Replay, error) {
	from, err := time.Parse(time.RFC3339, since)
	if err != nil {
		return Replay{}, invalidResource(fault.Detail{Name: "dateFormat", Path: []any{"since"}, Value: fault.Raw(since),
			Details: "The time must be one such as 2026-01-31T12:00:00Z."})
	}
	lanes, names, err := s.lanes(ctx, p, id)
	if err != nil {
		return Replay{}, err
	}
	back := map[store.LaneID]int64{}
	for _, l := range lanes {
		if environment != "" && names[l.Log] != environment {
			continue
		}
		if back[l.LaneID], err = s.before(ctx, l.Log, from.Add(-sinceMargin)); err != nil {
			return Replay{}, err
		}
	}
	if environment != "" && len(back) == 0 {
		return Replay{}, fault.Missing(string(cms.KindEnvironment), environment, "", p.SpaceID)
	}
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		for lane, seq := range back {
			if err := tx.Recall(ctx, lane, seq); err != nil {
				return err
			}
		}
		return nil
	})
	return Replay{Lanes: len(back)}, err
}

// before is the number of the last change of a log before a time.
func (s *Service) before(ctx context.Context, log store.Scope, at time.Time) (int64, error) {
	pos, err := s.Store.Position(ctx, log)
	if err != nil {
		return 0, err
	}
	var failed error
	n := sort.Search(int(pos.Seq), func(i int) bool {
		found, err := s.Store.Changes(ctx, log, int64(i), 1)
		if err != nil {
			failed = err
		}
		return failed != nil || len(found) == 0 || !found[0].At.Before(at)
	})
	return int64(n), failed
}
