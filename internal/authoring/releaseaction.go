package authoring

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// maxReleaseActions is how many actions of a release are kept: of more, the oldest
// goes.
const maxReleaseActions = 100

// ReleaseActions answers a query over the actions of all releases of an
// environment.
func (s *Service) ReleaseActions(ctx context.Context, p access.Place, params url.Values) (Found[Resource[cms.Action]], error) {
	return search(ctx, s, p, cms.KindReleaseAction, cms.Draft, params, decodeHit[cms.Action])
}

// ReleaseAction returns an action of a release, "" being any.
func (s *Service) ReleaseAction(ctx context.Context, p access.Place, release, id string) (Resource[cms.Action], error) {
	a, err := get[cms.Action](ctx, s.Store, p.Environment, cms.KindReleaseAction, id)
	if fault.Is(err, fault.NotFound) || err == nil && release != "" && a.Value.Release != release {
		f := fault.Missing(string(cms.KindReleaseAction), id, p.EnvironmentID, p.SpaceID)
		f.Details.Release = release
		err = f
	}
	return a, err
}

// ParseReleaseValidation reads what a release is to be validated for: an action,
// ActionPublish without one.
func ParseReleaseValidation(body []byte) (string, error) {
	var b bodyReader
	members := b.object(body, nil, "action")
	if raw := members["action"]; raw != nil && !isNull(raw) {
		return b.oneOf(raw, []any{"action"}, cms.ActionPublish, cms.ActionUnpublish), b.err()
	}
	return cms.ActionPublish, b.err()
}

// ValidateRelease begins to find out what publishing a release, or unpublishing
// it, would come to.
func (s *Service) ValidateRelease(ctx context.Context, p access.Place, a access.Actor, id, action string) (Resource[cms.Action], error) {
	return s.beginReleaseAction(ctx, p, a, id, func(r Resource[cms.Release]) (cms.Action, error) {
		return cms.Action{Action: cms.ActionValidate, Items: itemsOf(r.Value, action)}, nil
	})
}

// ActOnRelease begins to publish or unpublish all of a release.
func (s *Service) ActOnRelease(ctx context.Context, p access.Place, a access.Actor, id string, v Version, action string) (Resource[cms.Action], error) {
	return s.beginReleaseAction(ctx, p, a, id, func(r Resource[cms.Release]) (cms.Action, error) {
		if err := v.check(r.Sys); err != nil {
			return cms.Action{}, err
		}
		return releaseAction(r, action)
	})
}

// releaseAction is the action that publishes or unpublishes a release.
func releaseAction(r Resource[cms.Release], action string) (cms.Action, error) {
	if r.Archived() {
		message := map[string]string{cms.ActionPublish: "Cannot publish archived", cms.ActionUnpublish: "Cannot unpublish archived"}[action]
		return cms.Action{}, hinted(message, "Take it out of the archive first: %s.", route("DELETE", cms.KindRelease, r.ID, "archived"))
	}
	return cms.Action{Action: action, Items: itemsOf(r.Value, action), Version: r.Version}, nil
}

// beginReleaseAction makes an action of a release and the job that does it.
func (s *Service) beginReleaseAction(ctx context.Context, p access.Place, a access.Actor, release string, action func(r Resource[cms.Release]) (cms.Action, error)) (out Resource[cms.Action], err error) {
	id := s.IDs.New()
	run, err := actionJob(jobRunAction, p, cms.KindReleaseAction, id)
	if err != nil {
		return out, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		r, err := get[cms.Release](ctx, tx, p.Environment, cms.KindRelease, release)
		if err != nil {
			return missing(err, p, cms.KindRelease, release)
		}
		next, err := action(r)
		if err != nil {
			return err
		}
		next.Status = cms.ActionCreated
		if out, err = s.addReleaseAction(ctx, tx, p, a.User, r, id, next); err != nil {
			return err
		}
		run.Due = s.Now()
		return tx.Enqueue(ctx, run)
	})
	if err == nil {
		s.Wake()
	}
	return out, err
}

// addReleaseAction stores an action of a release. The release notes it without
// becoming another version: clients that have just read it go on with that.
func (s *Service) addReleaseAction(ctx context.Context, tx store.Tx, p access.Place, user string, r Resource[cms.Release], id string, next cms.Action) (out Resource[cms.Action], err error) {
	next.Release = r.ID
	now := s.Now()
	if out, err = put(ctx, tx, created(p.Environment, cms.KindReleaseAction, id, 1, user, now), store.Absent, next, store.Create, user, now); err != nil {
		return out, err
	}
	r.Value.Actions = append(r.Value.Actions, id)
	if len(r.Value.Actions) > maxReleaseActions {
		if err := s.dropAction(ctx, tx, p, r.Value.Actions[0], user); err != nil {
			return out, err
		}
		r.Value.Actions = r.Value.Actions[1:]
	}
	h, err := tx.Get(ctx, p.Environment, cms.KindRelease, r.ID)
	if err != nil {
		return out, err
	}
	body, err := encode(r.Value)
	if err != nil {
		return out, fault.Wrap(err, fault.ServerError, "encoding a release")
	}
	_, err = tx.Put(ctx, store.Write{Head: h, Was: h.Version, Body: body, Action: store.Begin, Actor: user, At: now, Cause: store.OwnerOf(cms.KindReleaseAction, id)})
	return out, err
}

// outdatedRelease is why an action cannot be done any more that publishes or
// unpublishes a release: the release is another version than it was asked for, so
// what it is about, and its versions of that, may be others too.
func (s *Service) outdatedRelease(ctx context.Context, tx store.Tx, p access.Place, a Resource[cms.Action]) (*cms.ActionFailure, error) {
	if a.Kind != cms.KindReleaseAction || a.Value.Action == cms.ActionValidate {
		return nil, nil
	}
	h, err := tx.Get(ctx, p.Environment, cms.KindRelease, a.Value.Release)
	if err != nil {
		return nil, err
	}
	if err := (Version{Number: a.Value.Version, Sent: true}).check(h.Sys); err != nil {
		return &cms.ActionFailure{Error: fault.Of(err)}, nil
	}
	return nil, nil
}

// closeRelease archives a release that has been published.
func (s *Service) closeRelease(ctx context.Context, tx store.Tx, p access.Place, a Resource[cms.Action], cause string) error {
	r, err := get[cms.Release](ctx, tx, p.Environment, cms.KindRelease, a.Value.Release)
	if err != nil {
		return err
	}
	archiveRelease(&r)
	_, err = s.putRelease(ctx, tx, p, a.CreatedBy, r, store.Archive, cause)
	return err
}
