package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// SpaceInput says what a new space is like.
type SpaceInput struct {
	ID            string // "" for a new one
	Name          string
	DefaultLocale string  // code; "" for en-US
	Organization  *string // id; nil for the only one there is
}

// Spaces lists the spaces, by name unless params ask for another order; of one
// organization, or of all with "".
func (s *Service) Spaces(ctx context.Context, organization string, params url.Values) (Listing[Resource[cms.Space]], error) {
	var none Listing[Resource[cms.Space]]
	all, err := list[cms.Space](ctx, s.Store, store.Server, cms.KindSpace)
	if err != nil {
		return none, err
	}
	if organization != "" {
		if _, err := s.Organization(ctx, organization); err != nil {
			return none, err
		}
		kept := all[:0]
		for _, sp := range all {
			if sp.Value.Organization == organization {
				kept = append(kept, sp)
			}
		}
		all = kept
	}
	if params.Get("order") == "" && !params.Has("order[0]") {
		ordered := url.Values{"order": {"name"}}
		for k, v := range params {
			if k != "order" {
				ordered[k] = v
			}
		}
		params = ordered
	}
	return listing(all, params, defaultListing, func(sp cms.Space) string { return sp.Name })
}

// Space returns a space.
func (s *Service) Space(ctx context.Context, id string) (Resource[cms.Space], error) {
	return get[cms.Space](ctx, s.Store, store.Server, cms.KindSpace, id)
}

// CreateSpace makes a space with an environment master and one locale. An id
// that is in use is fault.Conflict.
func (s *Service) CreateSpace(ctx context.Context, a access.Actor, in SpaceInput) (Resource[cms.Space], error) {
	var sp Resource[cms.Space]
	if in.ID == "" {
		in.ID = s.IDs.Short()
	}
	if in.DefaultLocale == "" {
		in.DefaultLocale = "en-US"
	}
	var problems []fault.Detail
	if !cms.ValidID(in.ID) || strings.Trim(in.ID, ".") == "" {
		problems = append(problems, fault.Of(invalidID(fault.ValidationFailed, in.ID)).Details.Errors...)
	}
	if in.Name == "" {
		problems = append(problems, blank("name"))
	}
	if !cms.ValidLocaleCode(in.DefaultLocale) {
		problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"defaultLocale"}, Value: fault.Raw(in.DefaultLocale),
			Details: "A locale's code has 2 to 11 letters, digits and hyphens."})
	}
	if problems != nil {
		return sp, invalidResource(problems...)
	}
	err := s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		organization, err := owning(ctx, tx, in.Organization)
		if err != nil {
			return err
		}
		if _, err := tx.Get(ctx, store.Server, cms.KindSpace, in.ID); !fault.Is(err, fault.NotFound) {
			if err == nil {
				err = fault.New(fault.Conflict, "There is a space %q already.", in.ID)
			}
			return err
		}
		at := s.Now()
		h := created(store.Server, cms.KindSpace, in.ID, 1, a.User, at)
		if h.Child, err = tx.NewScope(ctx, store.Server); err != nil {
			return err
		}
		sp, err = put(ctx, tx, h, store.Absent, cms.Space{Name: in.Name, Organization: organization}, store.Create, a.User, at)
		if err != nil {
			return err
		}
		return s.newMaster(ctx, tx, h.Child, in.DefaultLocale, a.User, at)
	})
	return sp, err
}

// newMaster makes the first environment of a space and its default locale.
func (s *Service) newMaster(ctx context.Context, tx store.Tx, space store.Scope, locale, actor string, at time.Time) error {
	env := created(space, cms.KindEnvironment, cms.MainEnvironment, 1, actor, at)
	var err error
	if env.Child, err = tx.NewScope(ctx, space); err != nil {
		return err
	}
	if _, err := put(ctx, tx, env, store.Absent, cms.Environment{Name: cms.MainEnvironment}, store.Create, actor, at); err != nil {
		return err
	}
	h := created(env.Child, cms.KindLocale, s.IDs.New(), 1, actor, at)
	_, err = s.insertLocale(ctx, tx, h, cms.Locale{
		Name: localeName(locale), Code: locale, Default: true, Management: true, Delivery: true,
	})
	return err
}

// RenameSpace gives a space another name.
func (s *Service) RenameSpace(ctx context.Context, a access.Actor, id string, v Version, name string) (Resource[cms.Space], error) {
	var sp Resource[cms.Space]
	if name == "" {
		return sp, invalidResource(blank("name"))
	}
	err := s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, space, err := current[cms.Space](ctx, tx, store.Server, cms.KindSpace, id)
		if err != nil {
			return err
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		space.Name = name
		at := s.Now()
		sp, err = put(ctx, tx, touched(h, a.User, at), h.Version, space, store.Save, a.User, at)
		return err
	})
	return sp, err
}

// DeleteSpace removes a space with everything in it. Its keys stop working.
func (s *Service) DeleteSpace(ctx context.Context, a access.Actor, id string) error {
	var environments []store.Head
	err := s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, err := tx.Get(ctx, store.Server, cms.KindSpace, id)
		if err != nil {
			return err
		}
		for _, kind := range []cms.Kind{cms.KindAPIKey, cms.KindPreviewAPIKey} {
			keys, err := list[cms.APIKey](ctx, tx, h.Child, kind)
			if err != nil {
				return err
			}
			for _, k := range keys {
				if _, err := tx.SetKeys(ctx, store.Server, access.KeyOwner(kind, id, k.ID), nil); err != nil {
					return err
				}
			}
		}
		if environments, err = tx.List(ctx, h.Child, cms.KindEnvironment, "", 1000); err != nil {
			return err
		}
		if err := tx.DropScope(ctx, h.Child); err != nil {
			return err
		}
		at := s.Now()
		if err := tx.Enqueue(ctx, store.Job{Name: jobDropFiles, Scope: store.Server, Payload: fault.Raw(id), Due: at}); err != nil {
			return err
		}
		return tx.Delete(ctx, store.Server, cms.KindSpace, id, h.Version, a.User, at)
	})
	if err != nil {
		return err
	}
	s.Wake()
	for _, e := range environments {
		s.Index.Drop(e.Child)
	}
	return nil
}

// jobDropFiles is the job that removes the files and uploads of a space that is
// gone; its payload is the space's id.
const jobDropFiles = "space.drop-files"

// dropFiles is the handler of jobDropFiles.
func (s *Service) dropFiles(ctx context.Context, j store.Job) error {
	var id string
	if err := json.Unmarshal(j.Payload, &id); err != nil {
		return fault.Wrap(err, fault.BadRequest, "the job's payload is unreadable")
	}
	if _, err := s.Space(ctx, id); !fault.Is(err, fault.NotFound) {
		return err // made anew meanwhile: the files are that one's
	}
	return s.Blobs.DeleteSpace(id)
}

// HibernateSpace says in the database that a space sleeps; the servers that have
// something of it in memory free that when they learn of it.
func (s *Service) HibernateSpace(ctx context.Context, id string) error {
	return s.setHibernated(ctx, id, true)
}

// WakeSpace ends the sleep of a space.
func (s *Service) WakeSpace(ctx context.Context, id string) error {
	return s.setHibernated(ctx, id, false)
}

// HibernatedSpaces are the ids of the spaces that sleep.
func (s *Service) HibernatedSpaces(ctx context.Context) ([]string, error) {
	all, err := list[cms.Space](ctx, s.Store, store.Server, cms.KindSpace)
	var ids []string
	for _, sp := range all {
		if sp.Value.Hibernated {
			ids = append(ids, sp.ID)
		}
	}
	return ids, err
}

// EnvironmentScopes are the scopes of the environments of a space.
func (s *Service) EnvironmentScopes(ctx context.Context, id string) ([]store.Scope, error) {
	h, err := s.Store.Get(ctx, store.Server, cms.KindSpace, id)
	if err != nil {
		return nil, err
	}
	var scopes []store.Scope
	for after := ""; ; {
		page, err := s.Store.List(ctx, h.Child, cms.KindEnvironment, after, 1000)
		if err != nil {
			return nil, err
		}
		for _, e := range page {
			scopes = append(scopes, e.Child)
			after = e.ID
		}
		if len(page) < 1000 {
			return scopes, nil
		}
	}
}

// setHibernated is no edit: version and times of the space stay.
func (s *Service) setHibernated(ctx context.Context, id string, asleep bool) error {
	return s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, space, err := current[cms.Space](ctx, tx, store.Server, cms.KindSpace, id)
		if err != nil || space.Hibernated == asleep {
			return err
		}
		space.Hibernated = asleep
		_, err = put(ctx, tx, h, h.Version, space, store.Save, h.UpdatedBy, s.Now())
		return err
	})
}

// current reads a resource inside a transaction: its head and its body.
func current[T any](ctx context.Context, tx store.Tx, s store.Scope, k cms.Kind, id string) (store.Head, T, error) {
	h, err := tx.Get(ctx, s, k, id)
	if err != nil {
		var none T
		return h, none, err
	}
	bodies, err := tx.Bodies(ctx, []store.Revision{h.Draft})
	if err != nil {
		var none T
		return h, none, err
	}
	r, err := decode[T](h, bodies[h.Draft])
	return h, r.Value, err
}

// InvalidResource is how the organization service words that something is wrong
// with a body.
const InvalidResource = "The resource you sent in the body is invalid."

func invalidResource(problems ...fault.Detail) error {
	f := fault.Invalid(fault.ValidationFailed, problems...)
	f.Message = InvalidResource
	return f
}

// blank is the problem of a text that must not be empty.
func blank(path ...any) fault.Detail {
	return fault.Detail{Name: "blank", Path: path, Details: fmt.Sprintf("%q must not be blank", path[len(path)-1])}
}
