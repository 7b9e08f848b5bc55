package authoring

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// ExtensionInput is the body of a write to a UI extension.
type ExtensionInput struct {
	Extension  *ExtensionBody  `json:"extension"`
	Parameters json.RawMessage `json:"parameters"` // values of installation parameters

	Raw json.RawMessage `json:"-"` // all of it; nil for none
}

// ExtensionBody is what a body says about the extension itself; nil is absent or
// null.
type ExtensionBody struct {
	Name       *string                  `json:"name"`
	FieldTypes []cms.ExtensionFieldType `json:"fieldTypes"`
	Src        *string                  `json:"src"`
	Srcdoc     *string                  `json:"srcdoc"`
	Sidebar    bool                     `json:"sidebar"`
	Parameters *struct {
		Installation []cms.Parameter `json:"installation"`
		Instance     []cms.Parameter `json:"instance"`
	} `json:"parameters"`
}

// Extensions lists the UI extensions of an environment.
func (s *Service) Extensions(ctx context.Context, p access.Place, params url.Values) (Listing[Resource[cms.Extension]], error) {
	all, err := list[cms.Extension](ctx, s.Store, p.Environment, cms.KindExtension)
	if err != nil {
		return Listing[Resource[cms.Extension]]{}, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	return listing(all, params, maxListing, func(e cms.Extension) string { return e.Name })
}

// Extension returns a UI extension.
func (s *Service) Extension(ctx context.Context, p access.Place, id string) (Resource[cms.Extension], error) {
	e, err := get[cms.Extension](ctx, s.Store, p.Environment, cms.KindExtension, id)
	return e, suggest(ctx, s.Store, p.Environment, missing(err, p, cms.KindExtension, id), id, cms.KindExtension)
}

// CreateExtension makes a UI extension with a new id.
func (s *Service) CreateExtension(ctx context.Context, p access.Place, a access.Actor, in ExtensionInput) (Resource[cms.Extension], error) {
	e, _, err := s.PutExtension(ctx, p, a, s.IDs.New(), Version{}, in)
	return e, err
}

// PutExtension replaces a UI extension, or makes one with this id when there is
// none; created says which.
func (s *Service) PutExtension(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in ExtensionInput) (out Resource[cms.Extension], isNew bool, err error) {
	next, err := in.extension()
	if err != nil {
		return out, false, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		at := s.Now()
		h, err := tx.Get(ctx, p.Environment, cms.KindExtension, id)
		was, action := h.Version, store.Save
		switch isNew = fault.Is(err, fault.NotFound); {
		case isNew:
			h = created(p.Environment, cms.KindExtension, id, 1, a.User, at)
			was, action = store.Absent, store.Create
		case err != nil:
			return err
		default:
			if err := v.check(h.Sys); err != nil {
				return err
			}
			h = touched(h, a.User, at)
		}
		out, err = put(ctx, tx, h, was, next, action, a.User, at)
		return err
	})
	return out, isNew, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// DeleteExtension removes a UI extension, also where editor interfaces name it:
// editors then show the control of the field's type. The version counts if it is
// sent.
func (s *Service) DeleteExtension(ctx context.Context, p access.Place, a access.Actor, id string, v Version) error {
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, cms.KindExtension, id)
		if err != nil {
			return missing(err, p, cms.KindExtension, id)
		}
		if v.Sent {
			if err := v.check(h.Sys); err != nil {
				return err
			}
		}
		return tx.Delete(ctx, p.Environment, cms.KindExtension, id, h.Version, a.User, s.Now())
	})
}
