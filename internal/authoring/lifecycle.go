package authoring

import (
	"context"
	"fmt"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// missing adds what was looked for to a store's NotFound.
func missing(err error, p access.Place, kind cms.Kind, id string) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Missing(string(kind), id, p.EnvironmentID, p.SpaceID)
	}
	return err
}

// hinted is a fault.BadRequest about the state of a resource, with what to do.
func hinted(message, hint string, args ...any) error {
	return &fault.Error{Kind: fault.BadRequest, Message: message, Hint: fmt.Sprintf(hint, args...)}
}

// routes are the collections of what has a lifecycle, as they are spelled in paths.
var routes = map[cms.Kind]string{cms.KindEntry: "entries", cms.KindAsset: "assets", cms.KindContentType: "content_types", cms.KindRelease: "releases"}

// route names a request about a resource of the same environment.
func route(method string, kind cms.Kind, id, action string) string {
	return fmt.Sprintf("%s …/%s/%s/%s", method, routes[kind], id, action)
}

// editsArchived is the error for a change of what is archived.
func editsArchived(kind cms.Kind, id string) error {
	return hinted("Cannot edit archived", "Take it out of the archive first: %s.", route("DELETE", kind, id, "archived"))
}

// step computes the write that takes a resource from its present state to the
// next. It sees the state inside the transaction and may read through tx.
type step func(tx store.Tx, h store.Head) (store.Write, error)

// advance makes one lifecycle step of an entry, asset or content type and
// returns its head afterwards.
func (s *Service) advance(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, id string, next step, ahead ...store.Ahead) (store.Head, error) {
	var after store.Head
	err := s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, kind, id)
		if err != nil {
			return missing(err, p, kind, id)
		}
		w, err := next(tx, h)
		if err != nil {
			return err
		}
		after, err = tx.Put(ctx, stamped(w, a.User, s.Now()))
		return err
	}, ahead...)
	return after, err
}

// stamped is the write of a step as somebody does it now.
func stamped(w store.Write, user string, at time.Time) store.Write {
	w.Was, w.Actor, w.At = w.Head.Version, user, at
	w.Head = touched(w.Head, user, at)
	switch w.Action {
	case store.Publish:
		w.Head.PublishedAt, w.Head.PublishedBy = at, user
		if w.Head.FirstPublishedAt.IsZero() {
			w.Head.FirstPublishedAt = at
		}
	case store.Archive:
		w.Head.ArchivedAt, w.Head.ArchivedBy = at, user
	}
	return w
}

// publish is the step that makes the draft the published version.
func publish(h store.Head) store.Write {
	h.PublishedVersion = h.Version
	h.PublishedCounter++
	h.Published = h.Draft
	return store.Write{Head: h, Action: store.Publish}
}

// notPublished is what clients compare when they unpublish.
const notPublished = "Not published"

// unpublish is the step that takes the published version back. It keeps the
// counter and the time of the first publication.
func unpublish(h store.Head) (store.Write, error) {
	if !h.Sys.Published() {
		return store.Write{}, fault.New(fault.BadRequest, notPublished)
	}
	h.PublishedVersion, h.Published, h.PublishedBy = 0, 0, ""
	h.PublishedAt = time.Time{}
	return store.Write{Head: h, Action: store.Unpublish}, nil
}

// archive takes an unpublished entry or asset out of work.
func (s *Service) archive(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, id string) (store.Head, error) {
	return s.advance(ctx, p, a, kind, id, func(tx store.Tx, h store.Head) (store.Write, error) {
		if err := s.allowedAtStep(ctx, tx, p, a.User, kind, id, cms.StepEdit); err != nil {
			return store.Write{}, err
		}
		return toArchive(h)
	})
}

// toArchive is the step that takes an entry or asset out of work.
func toArchive(h store.Head) (store.Write, error) {
	switch {
	case h.Sys.Published():
		return store.Write{}, hinted("Cannot archive published", "Unpublish it first: %s.", route("DELETE", h.Kind, h.ID, "published"))
	case h.Archived():
		return store.Write{}, fault.New(fault.BadRequest, "Already archived")
	}
	h.ArchivedVersion = h.Version
	return store.Write{Head: h, Action: store.Archive}, nil
}

// unarchive makes an archived entry or asset a draft again.
func (s *Service) unarchive(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, id string) (store.Head, error) {
	return s.advance(ctx, p, a, kind, id, func(tx store.Tx, h store.Head) (store.Write, error) {
		if !h.Archived() {
			return store.Write{}, fault.New(fault.BadRequest, "Not archived")
		}
		if err := s.allowedAtStep(ctx, tx, p, a.User, kind, id, cms.StepEdit); err != nil {
			return store.Write{}, err
		}
		return toUnarchive(h), nil
	})
}

// toUnarchive is the step that makes what is archived a draft.
func toUnarchive(h store.Head) store.Write {
	h.ArchivedVersion, h.ArchivedBy, h.ArchivedAt = 0, "", time.Time{}
	return store.Write{Head: h, Action: store.Unarchive}
}

// remove puts an unpublished entry, asset or content type into the trash.
func (s *Service) remove(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, id string) error {
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, kind, id)
		if err != nil {
			return missing(err, p, kind, id)
		}
		if h.Sys.Published() {
			return hinted("Cannot delete published", "Unpublish it first: %s.", route("DELETE", kind, id, "published"))
		}
		if kind == cms.KindEntry {
			if err := s.endWorkflows(ctx, tx, p, a.User, id); err != nil {
				return err
			}
		}
		if err := s.discard(ctx, tx, p, h, a.User); err != nil {
			return err
		}
		return s.dropParts(ctx, tx, p, kind, id, a.User)
	})
}
