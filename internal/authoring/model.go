package authoring

import (
	"context"
	"errors"
	"maps"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
)

// errOutdated ends a transaction that was prepared with a content model, or with
// an entity, that is not the current one any more.
var errOutdated = errors.New("what a write was prepared with has changed")

// withModel runs write with the environment's content model as it is now, and
// again whenever that changed before the write took hold. Each time it did,
// someone else got a step further, so it goes on as long as the request may.
//
// Where nobody else has written lately it first supposes that this is still so,
// instead of asking. What write returns without a transaction that has checked it
// is believed only when it was right.
func (s *Service) withModel(ctx context.Context, p access.Place, write func(ctx context.Context, model *cms.Model) error) error {
	if model, supposed := s.Index.Suppose(p.Environment); model != nil {
		err := write(store.Supposing(ctx, supposed), model)
		if !errors.Is(err, errOutdated) && !errors.Is(err, store.ErrSupposed) && (supposed.Checked() || s.Store.Confirm(ctx, supposed)) {
			return err
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		model, err := s.model(ctx, p)
		if err != nil {
			return err
		}
		err = write(ctx, model)
		if !errors.Is(err, errOutdated) {
			return err
		}
	}
}

// model is the environment's content model as it is now.
func (s *Service) model(ctx context.Context, p access.Place) (*cms.Model, error) {
	m, err := s.Index.Model(ctx, p.Environment)
	return m, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// head is that of a resource, for who has the model: for that was asked, or supposed,
// how far the environment is.
func (s *Service) head(ctx context.Context, p access.Place, kind cms.Kind, id string) (store.Head, error) {
	found, err := s.Store.Seen(ctx, p.Environment, kind, id)
	switch {
	case err != nil:
		return store.Head{}, err
	case len(found) == 0:
		return store.Head{}, fault.New(fault.NotFound, "")
	}
	return found[0], nil
}

// sameModel fails with errOutdated when the transaction sees a newer
// content model than the one validated against.
func sameModel(ctx context.Context, tx store.Tx, p access.Place, model *cms.Model) error {
	pos, err := tx.Position(ctx, p.Environment)
	if err != nil {
		return err
	}
	if pos.Model != model.Seq {
		return errOutdated
	}
	return nil
}

// activeType returns an activated content type.
func activeType(model *cms.Model, id string) (*cms.ContentType, error) {
	if ct := model.Types[id]; ct != nil {
		return ct, nil
	}
	f := fault.Of(inactiveType())
	if f.Suggestions = nearest.Likely(id, maps.Keys(model.Types)); f.Suggestions == nil {
		f.Hint = "GET …/content_types lists all there are. One is activated, after each change too, by PUT …/content_types/{id}/published."
	}
	return nil, f
}

// inactiveType says that a request names a content type nothing can be made of.
func inactiveType() error {
	return fault.New(fault.BadRequest, "The content type you sent could not be found or was not activated.")
}
