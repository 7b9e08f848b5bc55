package authoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// actionRef is the payload of jobs about an action; their scope is the
// environment.
type actionRef struct {
	SpaceID       string      `json:"space"`
	Space         store.Scope `json:"spaceScope"`
	EnvironmentID string      `json:"environment"`
	Kind          cms.Kind    `json:"kind"`
	ID            string      `json:"id"`
}

// actionJob is a job about an action of an environment.
func actionJob(name string, p access.Place, kind cms.Kind, id string) (store.Job, error) {
	payload, err := json.Marshal(actionRef{SpaceID: p.SpaceID, Space: p.Space, EnvironmentID: p.EnvironmentID, Kind: kind, ID: id})
	if err != nil {
		return store.Job{}, fault.Wrap(err, fault.ServerError, "encoding a job")
	}
	return store.Job{Name: name, Scope: p.Environment, Payload: payload}, nil
}

// refOf is what a job is about.
func refOf(j store.Job) (ref actionRef, p access.Place, err error) {
	if err := json.Unmarshal(j.Payload, &ref); err != nil {
		return ref, p, fault.Wrap(err, fault.BadRequest, "the job's payload is unreadable")
	}
	return ref, access.Place{SpaceID: ref.SpaceID, Space: ref.Space, EnvironmentID: ref.EnvironmentID, Environment: j.Scope, Target: ref.EnvironmentID}, nil
}

// jobRunAction is the job that does what a bulk action or a release action says.
const jobRunAction = "action.run"

// errEnded ends the transaction of a job whose work is done already.
var errEnded = errors.New("the action has ended")

// runAction is the handler of jobRunAction. What the action does and what the
// action then says of itself are one transaction: however often the job runs, it
// is done once, or not at all.
func (s *Service) runAction(ctx context.Context, j store.Job) error {
	ref, p, err := refOf(j)
	if err != nil {
		return err
	}
	a, err := s.beginAction(ctx, p, ref.Kind, ref.ID)
	if err != nil {
		return ended(err)
	}
	return ended(s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		pl, failures, err := s.plan(ctx, p, a.CreatedBy, model, a.Value.Release, a.Value.Items, nil)
		if err != nil {
			return err
		}
		return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
			now, err := get[cms.Action](ctx, tx, p.Environment, ref.Kind, ref.ID)
			if err != nil {
				return err
			}
			if now.Value.Ended() {
				return errEnded
			}
			failure, err := s.outdatedRelease(ctx, tx, p, now)
			switch {
			case err != nil:
				return err
			case failure == nil && len(failures) > 0:
				failure = &cms.ActionFailure{Entities: bounded(failures)}
			case failure == nil && now.Value.Action != cms.ActionValidate:
				if err := s.perform(ctx, tx, p, now.CreatedBy, pl, causeOf(now)); err != nil {
					return err
				}
			}
			return s.endAction(ctx, tx, p, now, failure)
		}, pl.asks())
	}))
}

// ended is the error of a job about an action: none when that has ended, or is
// gone.
func ended(err error) error {
	if errors.Is(err, errEnded) || fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// causeOf is what changes say that they are part of.
func causeOf(a Resource[cms.Action]) string {
	cause := store.OwnerOf(a.Kind, a.ID)
	if a.Value.Release != "" {
		cause = fmt.Sprintf("%s ReleaseVersion/%d %s", store.OwnerOf(cms.KindRelease, a.Value.Release), a.Value.Version, cause)
	}
	return cause
}

// An action that has begun is tried again some time later, unless it has ended by
// then: its job may be given up while the database does not answer. One that
// never ends, for instance because it kills the process, is not tried for ever.
const (
	tryAgain = 15 * time.Minute // longer than a job may take
	maxTries = 10
)

// tried is what is wrong with an action that has been begun so often; nil when it
// may be begun once more, for which the job is.
func (s *Service) tried(ctx context.Context, tx store.Tx, p access.Place, job string, kind cms.Kind, id string, tries int) (*cms.ActionFailure, error) {
	if tries > maxTries {
		return &cms.ActionFailure{Error: fault.New(fault.ServerError, "the action was begun %d times and never ended", maxTries)}, nil
	}
	again, err := actionJob(job, p, kind, id)
	if err != nil {
		return nil, err
	}
	again.Due = s.Now().Add(tryAgain)
	return nil, tx.Enqueue(ctx, again)
}

// beginAction notes that an action has begun.
func (s *Service) beginAction(ctx context.Context, p access.Place, kind cms.Kind, id string) (a Resource[cms.Action], err error) {
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		if a, err = get[cms.Action](ctx, tx, p.Environment, kind, id); err != nil {
			return err
		}
		if a.Value.Ended() {
			return errEnded
		}
		a.Value.Status = cms.ActionInProgress
		a.Value.Tries++
		did := store.Begin
		if a.Value.Failure, err = s.tried(ctx, tx, p, jobRunAction, kind, id, a.Value.Tries); err != nil {
			return err
		}
		if a.Value.Failure != nil {
			a.Value.Status, did = cms.ActionFailed, store.Execute
			if _, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(kind, id), nil); err != nil {
				return err
			}
		}
		return s.putAction(ctx, tx, p, a, did)
	})
	if err == nil && a.Value.Ended() {
		err = errEnded
	}
	return a, err
}

// endAction notes what came of an action, and what follows from it.
func (s *Service) endAction(ctx context.Context, tx store.Tx, p access.Place, a Resource[cms.Action], failure *cms.ActionFailure) error {
	a.Value.Status, a.Value.Failure = cms.ActionSucceeded, failure
	if failure != nil {
		a.Value.Status = cms.ActionFailed
	}
	if _, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(a.Kind, a.ID), nil); err != nil { // its slot is free
		return err
	}
	if a.Value.Status == cms.ActionSucceeded && a.Kind == cms.KindReleaseAction && a.Value.Action == cms.ActionPublish {
		if err := s.closeRelease(ctx, tx, p, a, causeOf(a)); err != nil {
			return err
		}
	}
	return s.putAction(ctx, tx, p, a, store.Execute)
}

// putAction saves an action for who made it.
func (s *Service) putAction(ctx context.Context, tx store.Tx, p access.Place, a Resource[cms.Action], did store.Action) error {
	h, err := tx.Get(ctx, p.Environment, a.Kind, a.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	_, err = put(ctx, tx, touched(h, a.CreatedBy, now), h.Version, a.Value, did, a.CreatedBy, now)
	return err
}

// What an action keeps of its failures: more helps nobody, and content can be
// large.
const (
	maxFailures     = 1 << 20 // bytes
	maxKeptValue    = 1 << 10
	maxKeptProblems = 20 // of one entity; one when the others take all the room
)

// bounded are failures as they are kept.
func bounded(failures []cms.EntityFailure) []cms.EntityFailure {
	size := 0
	out := make([]cms.EntityFailure, len(failures))
	for i, f := range failures {
		e := *f.Error
		if e.Details != nil {
			most := maxKeptProblems
			if size > maxFailures {
				most = 1
			}
			d := *e.Details
			d.Errors = append([]fault.Detail(nil), d.Errors[:min(len(d.Errors), most)]...)
			d.Truncated = d.Truncated || len(d.Errors) < len(e.Details.Errors)
			for k := range d.Errors {
				if len(d.Errors[k].Value) > maxKeptValue {
					d.Errors[k].Value = nil
				}
			}
			e.Details = &d
			size += len(fault.Raw(d))
		}
		f.Error = &e
		out[i] = f
	}
	return out
}

// slot finds a key that nobody holds among so many of a key space, which is how
// the number of what there can be at once is bounded. It has to be claimed in the
// same transaction.
func slot(ctx context.Context, tx store.Tx, env store.Scope, space string, count int) (store.Key, bool, error) {
	keys := make([]store.Key, count)
	for i := range keys {
		keys[i] = store.Key{Space: space, Value: strconv.Itoa(i)}
	}
	owners, err := tx.Owners(ctx, env, keys)
	if err != nil {
		return store.Key{}, false, err
	}
	for _, k := range keys {
		if owners[k] == "" {
			return k, true, nil
		}
	}
	return store.Key{}, false, nil
}

// hold takes keys that were free.
func hold(ctx context.Context, tx store.Tx, env store.Scope, owner string, keys ...store.Key) error {
	taken, err := tx.SetKeys(ctx, env, owner, keys)
	if err == nil && len(taken) > 0 {
		err = fmt.Errorf("a free key of %s was taken", taken[0].Space)
	}
	return err
}
