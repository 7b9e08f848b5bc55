package authoring

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

const (
	maxScheduled      = 500 // scheduled actions of an environment that are still to come
	maxInMinute       = 200 // of these, in one minute
	scheduleSlots     = "scheduledaction.slot"
	scheduleMinute    = "scheduledaction.minute." // the minute follows
	scheduledKept     = 90 * 24 * time.Hour       // after their end
	jobScheduled      = "action.scheduled"
	maxScheduleNumber = "There are %d scheduled actions %s, which is the most there can be."
)

// Schedule is a scheduled action.
type Schedule = Resource[cms.ScheduledAction]

// ScheduledActions answers a query over the scheduled actions of an environment.
func (s *Service) ScheduledActions(ctx context.Context, p access.Place, params url.Values) (Found[Schedule], error) {
	return search(ctx, s, p, cms.KindScheduledAction, cms.Draft, params, decodeHit[cms.ScheduledAction])
}

// ScheduledAction returns a scheduled action.
func (s *Service) ScheduledAction(ctx context.Context, p access.Place, id string) (Schedule, error) {
	a, err := get[cms.ScheduledAction](ctx, s.Store, p.Environment, cms.KindScheduledAction, id)
	return a, missing(err, p, cms.KindScheduledAction, id)
}

// CreateScheduledAction plans something for later.
func (s *Service) CreateScheduledAction(ctx context.Context, p access.Place, a access.Actor, in ScheduleInput) (out Schedule, err error) {
	id := s.IDs.New()
	job, err := actionJob(jobScheduled, p, cms.KindScheduledAction, id)
	if err != nil {
		return out, err
	}
	next := cms.ScheduledAction{Action: in.Action, Status: cms.ActionScheduled, Entity: in.Entity, Environment: p.EnvironmentID}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		if _, err := tx.Get(ctx, p.Environment, cms.Kind(in.Entity.LinkType), in.Entity.ID); err != nil {
			if fault.Is(err, fault.NotFound) {
				it := cms.ActionItem{Kind: cms.Kind(in.Entity.LinkType), ID: in.Entity.ID}
				err = absentEntities(strings.ToLower(in.Entity.LinkType)+" "+in.Entity.ID, absentEntity(it, "entity"))
			}
			return err
		}
		if err := s.setTime(ctx, tx, p, id, &next, in); err != nil {
			return err
		}
		now := s.Now()
		if out, err = put(ctx, tx, created(p.Environment, cms.KindScheduledAction, id, 1, a.User, now), store.Absent, next, store.Create, a.User, now); err != nil {
			return err
		}
		job.Due = next.At
		return tx.Enqueue(ctx, job)
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// setTime plans an action for the time of a body, as far as there is room.
func (s *Service) setTime(ctx context.Context, tx store.Tx, p access.Place, id string, a *cms.ScheduledAction, in ScheduleInput) error {
	owner := store.OwnerOf(cms.KindScheduledAction, id)
	if _, err := tx.SetKeys(ctx, p.Environment, owner, nil); err != nil {
		return err
	}
	one, free, err := slot(ctx, tx, p.Environment, scheduleSlots, maxScheduled)
	if err != nil {
		return err
	}
	if !free {
		return fault.New(fault.BadRequest, maxScheduleNumber, maxScheduled, "in the environment")
	}
	two, free, err := slot(ctx, tx, p.Environment, scheduleMinute+strconv.FormatInt(in.At.Unix()/60, 10), maxInMinute)
	if err != nil {
		return err
	}
	if !free {
		return fault.New(fault.BadRequest, maxScheduleNumber, maxInMinute, "in this minute")
	}
	a.At, a.Sent, a.Timezone = in.At, in.Sent, in.Timezone
	return hold(ctx, tx, p.Environment, owner, one, two)
}

// PutScheduledAction gives an action that is still to come another time. Nothing
// else of it can change.
func (s *Service) PutScheduledAction(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in ScheduleInput) (Schedule, error) {
	job, err := actionJob(jobScheduled, p, cms.KindScheduledAction, id)
	if err != nil {
		return Schedule{}, err
	}
	return s.changeSchedule(ctx, p, a.User, id, store.Save, "changed", func(tx store.Tx, now *Schedule) error {
		if err := v.check(now.Sys); err != nil {
			return err
		}
		if in.Action != now.Value.Action || in.Entity != now.Value.Entity {
			return hinted("Only scheduledFor can be changed.", "Cancel the action and make another one: DELETE …/scheduled_actions/%s.", id)
		}
		if err := s.setTime(ctx, tx, p, id, &now.Value, in); err != nil {
			return err
		}
		job.Due = now.Value.At // the job for the time before will find nothing to do
		return tx.Enqueue(ctx, job)
	})
}

// CancelScheduledAction takes back an action that is still to come.
func (s *Service) CancelScheduledAction(ctx context.Context, p access.Place, a access.Actor, id string) (Schedule, error) {
	return s.changeSchedule(ctx, p, a.User, id, store.Cancel, "canceled", func(tx store.Tx, now *Schedule) error {
		now.Value.Status, now.Value.CanceledAt, now.Value.CanceledBy = cms.ActionCanceled, s.Now(), a.User
		return s.leaveSchedule(ctx, tx, p, id)
	})
}

// leaveSchedule frees what an action takes while it is to come, and sees to it
// that it is not kept for ever.
func (s *Service) leaveSchedule(ctx context.Context, tx store.Tx, p access.Place, id string) error {
	expire, err := actionJob(jobExpireAction, p, cms.KindScheduledAction, id)
	if err != nil {
		return err
	}
	expire.Due = s.Now().Add(scheduledKept)
	if _, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindScheduledAction, id), nil); err != nil {
		return err
	}
	return tx.Enqueue(ctx, expire)
}

// changeSchedule makes the next version of an action that is still to come.
func (s *Service) changeSchedule(ctx context.Context, p access.Place, user, id string, did store.Action, participle string, change func(tx store.Tx, now *Schedule) error) (out Schedule, err error) {
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now, err := get[cms.ScheduledAction](ctx, tx, p.Environment, cms.KindScheduledAction, id)
		if err != nil {
			return missing(err, p, cms.KindScheduledAction, id)
		}
		if now.Value.Status != cms.ActionScheduled {
			return fault.New(fault.BadRequest, "The action is %s and cannot be %s any more.", now.Value.Status, participle)
		}
		if err := change(tx, &now); err != nil {
			return err
		}
		out, err = s.putSchedule(ctx, tx, p, user, now, did)
		return err
	})
	return out, err
}

func (s *Service) putSchedule(ctx context.Context, tx store.Tx, p access.Place, user string, a Schedule, did store.Action) (Schedule, error) {
	h, err := tx.Get(ctx, p.Environment, cms.KindScheduledAction, a.ID)
	if err != nil {
		return a, err
	}
	now := s.Now()
	return put(ctx, tx, touched(h, user, now), h.Version, a.Value, did, user, now)
}

// runScheduled is the handler of jobScheduled. What is done and that it has been
// done are one transaction, so it is done once, whenever the process is killed;
// what could not be done in time is done as soon as it can be.
func (s *Service) runScheduled(ctx context.Context, j store.Job) error {
	ref, p, err := refOf(j)
	if err != nil {
		return err
	}
	var a Schedule
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		if a, err = get[cms.ScheduledAction](ctx, tx, p.Environment, cms.KindScheduledAction, ref.ID); err != nil {
			return err
		}
		// it is in progress when a job was cut off, and to come when it was moved
		if a.Value.Status != cms.ActionInProgress && a.Value.Status != cms.ActionScheduled || a.Value.At.After(s.Now()) {
			return errEnded
		}
		a.Value.Status = cms.ActionInProgress
		a.Value.Tries++
		did := store.Begin
		if a.Value.Failure, err = s.tried(ctx, tx, p, jobScheduled, cms.KindScheduledAction, ref.ID, a.Value.Tries); err != nil {
			return err
		}
		if a.Value.Failure != nil {
			a.Value.Status, did = cms.ActionFailed, store.Execute
			if err := s.leaveSchedule(ctx, tx, p, ref.ID); err != nil {
				return err
			}
		}
		a, err = s.putSchedule(ctx, tx, p, a.CreatedBy, a, did)
		return err
	})
	if err != nil || a.Value.Failure != nil {
		return ended(err)
	}
	return ended(s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error { return s.execute(ctx, p, model, a) }))
}

// execute does what a scheduled action says.
func (s *Service) execute(ctx context.Context, p access.Place, model *cms.Model, a Schedule) error {
	target, failure, err := s.scheduled(ctx, p, a)
	if err != nil {
		return err
	}
	var pl plan
	if failure == nil {
		var failures []cms.EntityFailure
		release := ""
		if target.release != nil {
			release = target.release.ID
		}
		if pl, failures, err = s.plan(ctx, p, a.CreatedBy, model, release, target.action.Items, nil); err != nil {
			return err
		}
		if len(failures) > 0 {
			failure = &cms.ActionFailure{Entities: bounded(failures)}
		}
	}
	releaseAction := s.IDs.New()
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now, err := get[cms.ScheduledAction](ctx, tx, p.Environment, cms.KindScheduledAction, a.ID)
		if err != nil {
			return err
		}
		if now.Value.Status != cms.ActionInProgress {
			return errEnded
		}
		cause := store.OwnerOf(cms.KindScheduledAction, a.ID)
		var made Resource[cms.Action]
		if target.release != nil {
			if made, cause, err = s.scheduledRelease(ctx, tx, p, now, *target.release, releaseAction, target.action, failure, cause); err != nil {
				return err
			}
		}
		if failure == nil {
			if err := s.perform(ctx, tx, p, now.CreatedBy, pl, cause); err != nil {
				return err
			}
		}
		if target.release != nil {
			if err := s.putAction(ctx, tx, p, made, store.Execute); err != nil {
				return err
			}
		}
		now.Value.Status, now.Value.Failure, now.Value.ExecutedAt = cms.ActionSucceeded, failure, s.Now()
		if failure != nil {
			now.Value.Status = cms.ActionFailed
		}
		if err := s.leaveSchedule(ctx, tx, p, a.ID); err != nil {
			return err
		}
		_, err = s.putSchedule(ctx, tx, p, now.CreatedBy, now, store.Execute)
		return err
	}, pl.asks())
}

// scheduledTarget is what a scheduled action is about.
type scheduledTarget struct {
	release *Resource[cms.Release] // nil: an entry or asset
	action  cms.Action
}

// scheduled finds what a scheduled action is about, or says why it cannot be done.
func (s *Service) scheduled(ctx context.Context, p access.Place, a Schedule) (t scheduledTarget, failure *cms.ActionFailure, err error) {
	e := a.Value.Entity
	if cms.Kind(e.LinkType) != cms.KindRelease {
		t.action.Items = []cms.ActionItem{{Kind: cms.Kind(e.LinkType), ID: e.ID, Action: a.Value.Action}}
		return t, nil, nil
	}
	r, err := s.Release(ctx, p, e.ID)
	if err == nil {
		t.action, err = releaseAction(r, a.Value.Action)
		t.release = &r
	}
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.BadRequest) {
		t.release = nil
		return t, &cms.ActionFailure{Error: fault.Of(err)}, nil
	}
	return t, nil, err
}

// scheduledRelease stores the action of the release that a scheduled action makes,
// which has ended with it, and returns the cause of what follows.
func (s *Service) scheduledRelease(ctx context.Context, tx store.Tx, p access.Place, a Schedule, was Resource[cms.Release], id string, action cms.Action, failure *cms.ActionFailure, cause string) (made Resource[cms.Action], causes string, err error) {
	r, err := get[cms.Release](ctx, tx, p.Environment, cms.KindRelease, was.ID)
	if fault.Is(err, fault.NotFound) || err == nil && r.Version != was.Version {
		return made, "", errOutdated
	}
	if err != nil {
		return made, "", err
	}
	action.Status, action.Failure = cms.ActionSucceeded, failure
	if failure != nil {
		action.Status = cms.ActionFailed
	}
	made, err = s.addReleaseAction(ctx, tx, p, a.CreatedBy, r, id, action)
	if err != nil {
		return made, "", err
	}
	cause += " " + causeOf(made)
	if failure == nil && action.Action == cms.ActionPublish {
		err = s.closeRelease(ctx, tx, p, made, cause)
	}
	return made, cause, err
}
