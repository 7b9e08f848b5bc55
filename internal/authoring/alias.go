package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Aliases lists the environment aliases of a space.
func (s *Service) Aliases(ctx context.Context, p access.Place, params url.Values) (Listing[Resource[cms.EnvironmentAlias]], error) {
	all, err := list[cms.EnvironmentAlias](ctx, s.Store, p.Space, cms.KindEnvironmentAlias)
	if err != nil {
		return Listing[Resource[cms.EnvironmentAlias]]{}, err
	}
	return listing(all, params, defaultListing, func(a cms.EnvironmentAlias) string { return a.Environment })
}

// Alias returns an environment alias.
func (s *Service) Alias(ctx context.Context, p access.Place, id string) (Resource[cms.EnvironmentAlias], error) {
	alias, err := get[cms.EnvironmentAlias](ctx, s.Store, p.Space, cms.KindEnvironmentAlias, id)
	return alias, suggest(ctx, s.Store, p.Space, err, id, cms.KindEnvironmentAlias)
}

// PutAlias points an alias to another environment, or makes one with this id
// when there is none; created says which. target is the link in the body.
func (s *Service) PutAlias(ctx context.Context, p access.Place, a access.Actor, id string, v Version, target json.RawMessage) (alias Resource[cms.EnvironmentAlias], isNew bool, err error) {
	if !cms.ValidID(id) {
		return alias, false, invalidID(fault.ValidationFailed, id)
	}
	l, problem := environmentLink(target, "environment")
	if problem != nil {
		return alias, false, invalidResource(*problem)
	}
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		at := s.Now()
		h, err := tx.Get(ctx, p.Space, cms.KindEnvironmentAlias, id)
		was, action := h.Version, store.Save
		switch isNew = fault.Is(err, fault.NotFound); {
		case isNew:
			if _, err := tx.Get(ctx, p.Space, cms.KindEnvironment, id); !fault.Is(err, fault.NotFound) {
				if err == nil {
					err = fault.New(fault.Conflict, "There is an environment %q already.", id)
				}
				return err
			}
			h = created(p.Space, cms.KindEnvironmentAlias, id, 1, a.User, at)
			was, action = store.Absent, store.Create
		case err != nil:
			return err
		default:
			if err := v.check(h.Sys); err != nil {
				return err
			}
			h = touched(h, a.User, at)
		}
		if _, err := tx.Get(ctx, p.Space, cms.KindEnvironment, l); err != nil {
			if !fault.Is(err, fault.NotFound) {
				return err
			}
			near, err := likely(ctx, tx, p.Space, l, cms.KindEnvironment)
			if err != nil {
				return err
			}
			return invalidResource(noEnvironment(l, near, "environment"))
		}
		alias, err = put(ctx, tx, h, was, cms.EnvironmentAlias{Environment: l}, action, a.User, at)
		return err
	})
	return alias, isNew, err
}

// DeleteAlias removes an alias; the environment it stood for stays.
func (s *Service) DeleteAlias(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Space, cms.KindEnvironmentAlias, id)
		if err != nil {
			return suggest(ctx, tx, p.Space, err, id, cms.KindEnvironmentAlias)
		}
		if err := s.uncover(ctx, tx, p.Space, id, a.User); err != nil {
			return err
		}
		return tx.Delete(ctx, p.Space, cms.KindEnvironmentAlias, id, h.Version, a.User, s.Now())
	})
}

// environmentLink reads a link to an environment and returns its id. What links
// to an alias may call it one or an environment.
func environmentLink(raw json.RawMessage, path ...any) (string, *fault.Detail) {
	var l cms.Link
	isPlace := json.Unmarshal(raw, &l) == nil && l.Sys.Type == "Link" && l.Sys.ID != "" &&
		(l.Sys.LinkType == string(cms.KindEnvironment) || l.Sys.LinkType == string(cms.KindEnvironmentAlias))
	if !isPlace {
		problem := wrongType(fmt.Sprint(path[0]), "Link", raw, path...)
		return "", &problem
	}
	return l.Sys.ID, nil
}

func noEnvironment(id string, near []string, path ...any) fault.Detail {
	return fault.Detail{Name: "notResolvable", Path: path, Link: cms.LinkTo(cms.KindEnvironment, id).Sys,
		Details: fmt.Sprintf("There is no environment %q.", id), Suggestions: near}
}
