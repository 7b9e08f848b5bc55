package authoring

import (
	"context"
	"errors"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
)

// errModelChanged ends a transaction whose validation used a content model that
// is not the current one any more.
var errModelChanged = errors.New("the content model changed")

// withModel runs write with the environment's read model as it is now, and
// again when the content model changed before the write took hold.
func (s *Service) withModel(ctx context.Context, p access.Place, write func(env *index.Env, model *cms.Model) error) error {
	for range 10 {
		env, err := s.Index.Open(ctx, p.Environment, true)
		if err != nil {
			return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
		}
		err = write(env, env.Model())
		if !errors.Is(err, errModelChanged) {
			return err
		}
	}
	return fault.New(fault.ServerError, "the content model changes too often to write against it")
}

// sameModel fails with errModelChanged when the transaction sees a newer
// content model than the one validated against.
func sameModel(ctx context.Context, tx store.Tx, p access.Place, model *cms.Model) error {
	pos, err := tx.Position(ctx, p.Environment)
	if err != nil {
		return err
	}
	if pos.Model != model.Seq {
		return errModelChanged
	}
	return nil
}

// activeType returns an activated content type.
func activeType(model *cms.Model, id string) (*cms.ContentType, error) {
	if ct := model.Types[id]; ct != nil {
		return ct, nil
	}
	return nil, fault.New(fault.BadRequest, "The content type you sent could not be found or was not activated.")
}
