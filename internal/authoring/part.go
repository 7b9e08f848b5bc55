package authoring

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// MaxParts is how many tasks an entry has at most, and how many comments anything.
const MaxParts = 100

// partsOf are all of a kind that belong to an owner, see cms.PartID, in the order
// they were made in.
func partsOf[T any](ctx context.Context, r store.Reader, p access.Place, kind cms.Kind, owner string) ([]Resource[T], error) {
	heads, err := r.List(ctx, p.Environment, kind, cms.PartID(owner, ""), MaxParts)
	if err != nil {
		return nil, err
	}
	if end := slices.IndexFunc(heads, func(h store.Head) bool { return !strings.HasPrefix(h.ID, cms.PartID(owner, "")) }); end >= 0 {
		heads = heads[:end]
	}
	bodies, err := r.Bodies(ctx, revisions(heads, cms.Draft))
	if err != nil {
		return nil, err
	}
	out := make([]Resource[T], len(heads))
	for i, h := range heads {
		if out[i], err = decode[T](h, bodies[h.Draft]); err != nil {
			return nil, err
		}
		out[i].ID = cms.OwnID(h.ID)
	}
	slices.SortStableFunc(out, byCreation[T])
	return out, nil
}

// part is one of partsOf.
func part[T any](ctx context.Context, r store.Reader, p access.Place, kind cms.Kind, owner, id string) (Resource[T], error) {
	out, err := get[T](ctx, r, p.Environment, kind, cms.PartID(owner, id))
	out.ID = id
	return out, missing(err, p, kind, id)
}

// addPart makes one more, unless there are as many as there can be.
func addPart[T any](ctx context.Context, s *Service, tx store.Tx, p access.Place, kind cms.Kind, owner, id, user string, value T) (Resource[T], error) {
	there, err := tx.List(ctx, p.Environment, kind, cms.PartID(owner, ""), MaxParts)
	if err != nil {
		return Resource[T]{}, err
	}
	if len(there) == MaxParts && strings.HasPrefix(there[MaxParts-1].ID, cms.PartID(owner, "")) {
		return Resource[T]{}, fault.New(fault.Forbidden, "There are %d already, which is the most there can be: of tasks of an entry, and of comments on anything.", MaxParts)
	}
	now := s.Now()
	out, err := put(ctx, tx, created(p.Environment, kind, cms.PartID(owner, id), 1, user, now), store.Absent, value, store.Create, user, now)
	out.ID = id
	return out, err
}

// changePart makes the next version of one.
func changePart[T any](ctx context.Context, s *Service, tx store.Tx, p access.Place, kind cms.Kind, owner, user string, r Resource[T]) (Resource[T], error) {
	h, err := tx.Get(ctx, p.Environment, kind, cms.PartID(owner, r.ID))
	if err != nil {
		return r, err
	}
	now := s.Now()
	out, err := put(ctx, tx, touched(h, user, now), h.Version, r.Value, store.Save, user, now)
	out.ID = r.ID
	return out, err
}

// dropParts removes what belongs to an entry or a content type. It does not come
// back with it from the trash.
func (s *Service) dropParts(ctx context.Context, tx store.Tx, p access.Place, kind cms.Kind, id, user string) error {
	if _, err := s.dropAll(ctx, tx, p, cms.KindComment, cms.CommentsOn(kind, id), user); err != nil || kind != cms.KindEntry {
		return err
	}
	if tasks, err := s.dropAll(ctx, tx, p, cms.KindTask, id, user); err != nil || tasks == 0 {
		return err
	}
	return holdBack(ctx, tx, p, id, false)
}

// dropAll returns how many there were.
func (s *Service) dropAll(ctx context.Context, tx store.Tx, p access.Place, kind cms.Kind, owner, user string) (int, error) {
	heads, err := tx.List(ctx, p.Environment, kind, cms.PartID(owner, ""), MaxParts)
	if err != nil {
		return 0, err
	}
	for i, h := range heads {
		if !strings.HasPrefix(h.ID, cms.PartID(owner, "")) {
			return i, nil
		}
		if err := tx.Delete(ctx, p.Environment, kind, h.ID, h.Version, user, s.Now()); err != nil {
			return i, err
		}
	}
	return len(heads), nil
}

// ownersOnly lets only those change what somebody has made who made it or, here,
// own the server.
func ownersOnly(ctx context.Context, r store.Reader, a access.Actor, made cms.Sys, what string) error {
	if made.CreatedBy == a.User {
		return nil
	}
	admin, err := administers(ctx, r, a.User)
	if err == nil && !admin {
		err = denied("Only who made it and administrators may %s.", what)
	}
	return err
}

// administers reports whether a user may do everything, as here who owns the server.
func administers(ctx context.Context, r store.Reader, user string) (bool, error) {
	admin, err := owner(ctx, r)
	return admin == user, err
}

// denied is a fault.AccessDenied with the reason.
func denied(reason string, args ...any) error {
	return &fault.Error{Kind: fault.AccessDenied, Details: &fault.Details{Reasons: fmt.Sprintf(reason, args...)}}
}
