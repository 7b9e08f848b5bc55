package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// NoProtection is how a body says cms.ProtectNone.
const NoProtection = "none"

// Protection says which files of a space are protected, and since which version of
// the space.
func (s *Service) Protection(ctx context.Context, p access.Place) (Resource[cms.Protection], error) {
	sp, err := s.Space(ctx, p.SpaceID)
	return Resource[cms.Protection]{Sys: sp.Sys, Value: sp.Value.Protection}, err
}

// PutProtection protects the files of a space, or frees them. It is an edit of the
// space, whose version it takes.
//
// Errors: fault.ValidationFailed, fault.VersionMismatch.
func (s *Service) PutProtection(ctx context.Context, p access.Place, a access.Actor, v Version, body []byte) (Resource[cms.Protection], error) {
	var out Resource[cms.Protection]
	var b bodyReader
	members := b.object(body, nil, "sys", "protected")
	next := cms.Protection(b.oneOf(members["protected"], []any{"protected"}, NoProtection, string(cms.ProtectUnpublished), string(cms.ProtectAll)))
	if next == NoProtection {
		next = cms.ProtectNone
	}
	if err := b.err(); err != nil {
		return out, err
	}
	err := s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, space, err := current[cms.Space](ctx, tx, store.Server, cms.KindSpace, p.SpaceID)
		if fault.Is(err, fault.NotFound) { // deleted meanwhile
			return fault.Missing(string(cms.KindSpace), p.SpaceID, "", "")
		}
		if err != nil {
			return err
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		space.Protection = next
		at := s.Now()
		sp, err := put(ctx, tx, touched(h, a.User, at), h.Version, space, store.Save, a.User, at)
		out = Resource[cms.Protection]{Sys: sp.Sys, Value: next}
		return err
	})
	return out, err
}
