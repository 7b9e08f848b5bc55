package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// single is a resource of which a place has one. It is there from the beginning,
// with a first version and value, though nothing is stored until it is changed.
type single[T any] struct {
	scope store.Scope
	sys   cms.Sys // as it begins
	value T
}

// get returns the resource.
func (o single[T]) get(ctx context.Context, r store.Reader) (Resource[T], error) {
	out, err := get[T](ctx, r, o.scope, o.sys.Kind, o.sys.ID)
	if fault.Is(err, fault.NotFound) {
		return Resource[T]{Sys: o.sys, Value: o.value}, nil
	}
	return out, err
}

// put replaces the resource. Whoever changes it first may do so without a version.
func (o single[T]) put(ctx context.Context, s *Service, a access.Actor, v Version, next T) (out Resource[T], err error) {
	err = s.Store.Update(ctx, o.scope, func(tx store.Tx) error {
		now := s.Now()
		h, err := tx.Get(ctx, o.scope, o.sys.Kind, o.sys.ID)
		was, action := h.Version, store.Save
		if fault.Is(err, fault.NotFound) {
			h = created(o.scope, o.sys.Kind, o.sys.ID, o.sys.Version, a.User, now)
			was, action, err = store.Absent, store.Create, nil
			if !v.Sent {
				v = Version{Number: o.sys.Version, Sent: true}
			}
		}
		if err != nil {
			return err
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		out, err = put(ctx, tx, touched(h, a.User, now), was, next, action, a.User, now)
		return err
	})
	return out, err
}
