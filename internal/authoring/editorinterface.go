package authoring

import (
	"context"
	"encoding/json"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// EditorInterfaces are the editor interfaces of an environment, by content type;
// their ids are those of the content types.
func (s *Service) EditorInterfaces(ctx context.Context, p access.Place) ([]Resource[cms.EditorInterface], error) {
	all, err := list[cms.EditorInterface](ctx, s.Store, p.Environment, cms.KindEditorInterface)
	return all, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// EditorInterface returns the editor interface of a content type. There is none
// until the content type is first activated.
func (s *Service) EditorInterface(ctx context.Context, p access.Place, contentType string) (Resource[cms.EditorInterface], error) {
	e, err := get[cms.EditorInterface](ctx, s.Store, p.Environment, cms.KindEditorInterface, contentType)
	return e, suggest(ctx, s.Store, p.Environment, missing(err, p, cms.KindEditorInterface, contentType), contentType, cms.KindEditorInterface)
}

// PutEditorInterface replaces the editor interface of an active content type.
func (s *Service) PutEditorInterface(ctx context.Context, p access.Place, a access.Actor, contentType string, v Version, body json.RawMessage) (Resource[cms.EditorInterface], error) {
	var out Resource[cms.EditorInterface]
	next, err := cms.ParseEditorInterface(body)
	if err != nil {
		return out, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, cms.KindEditorInterface, contentType)
		if fault.Is(err, fault.NotFound) { // it lives as long as its type is active
			f := fault.Of(inactiveType())
			f.Suggestions, err = likely(ctx, tx, p.Environment, contentType, cms.KindEditorInterface)
			if err != nil {
				return err
			}
			return f
		}
		if err != nil {
			return err
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		at := s.Now()
		out, err = put(ctx, tx, touched(h, a.User, at), h.Version, *next, store.Save, a.User, at)
		return err
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// syncEditorInterface follows an activation of a content type: the first one
// makes its editor interface, each later one brings it up to date and raises its
// version. before is the version that was active until now, or nil.
func (s *Service) syncEditorInterface(ctx context.Context, tx store.Tx, env store.Scope, contentType string, after, before *cms.ContentType, actor string, at time.Time) error {
	h, e, err := current[cms.EditorInterface](ctx, tx, env, cms.KindEditorInterface, contentType)
	if fault.Is(err, fault.NotFound) {
		h = created(env, cms.KindEditorInterface, contentType, 1, actor, at)
		_, err = put(ctx, tx, h, store.Absent, *cms.NewEditorInterface(after), store.Create, actor, at)
		return err
	}
	if err != nil {
		return err
	}
	_, err = put(ctx, tx, touched(h, actor, at), h.Version, *e.Sync(before, after), store.Save, actor, at)
	return err
}

// dropEditorInterface follows a deactivation.
func (s *Service) dropEditorInterface(ctx context.Context, tx store.Tx, env store.Scope, contentType, actor string, at time.Time) error {
	h, err := tx.Get(ctx, env, cms.KindEditorInterface, contentType)
	if err != nil {
		return err
	}
	return tx.Delete(ctx, env, cms.KindEditorInterface, contentType, h.Version, actor, at)
}
