package authoring

import (
	"context"
	"net/url"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Environment is an environment with the names it has.
type Environment struct {
	Resource[cms.Environment]
	Aliases []string // ids of the aliases that stand for it
	Target  string   // read by an alias: id of the environment; else ""
}

// EnvironmentInput says what a new environment is like.
type EnvironmentInput struct {
	Name   string // "" for its id
	Source string // environment or alias to copy; "" for master
}

// Environments lists the environments of a space, aliases not among them.
func (s *Service) Environments(ctx context.Context, p access.Place, params url.Values) (Listing[Environment], error) {
	all, err := list[cms.Environment](ctx, s.Store, p.Space, cms.KindEnvironment)
	if err != nil {
		return Listing[Environment]{}, err
	}
	page, err := listing(all, params, defaultListing, func(e cms.Environment) string { return e.Name })
	if err != nil {
		return Listing[Environment]{}, err
	}
	aliases, err := list[cms.EnvironmentAlias](ctx, s.Store, p.Space, cms.KindEnvironmentAlias)
	out := Listing[Environment]{Total: page.Total, Skip: page.Skip, Limit: page.Limit, Items: make([]Environment, len(page.Items))}
	for i, e := range page.Items {
		out.Items[i] = Environment{Resource: e, Aliases: aliasesOf(aliases, e.ID)}
	}
	return out, err
}

// Environment returns an environment by its id or an alias. By an alias it
// comes under the alias's name.
func (s *Service) Environment(ctx context.Context, p access.Place, id string) (Environment, error) {
	aliases, err := list[cms.EnvironmentAlias](ctx, s.Store, p.Space, cms.KindEnvironmentAlias)
	if err != nil {
		return Environment{}, err
	}
	target := id
	for _, alias := range aliases {
		if alias.ID == id {
			target = alias.Value.Environment
		}
	}
	e, err := get[cms.Environment](ctx, s.Store, p.Space, cms.KindEnvironment, target)
	if err != nil {
		return Environment{}, suggest(ctx, s.Store, p.Space, err, id, cms.KindEnvironment, cms.KindEnvironmentAlias)
	}
	if target != id {
		e.ID, e.Value.Name = id, id
		return Environment{Resource: e, Target: target}, nil
	}
	return Environment{Resource: e, Aliases: aliasesOf(aliases, id)}, nil
}

// CreateEnvironment makes an environment with a new id.
func (s *Service) CreateEnvironment(ctx context.Context, p access.Place, a access.Actor, in EnvironmentInput) (Environment, error) {
	e, _, err := s.PutEnvironment(ctx, p, a, s.IDs.Short(), Version{}, in)
	return e, err
}

// PutEnvironment renames an environment, or makes one with this id when there
// is none: a copy of its source as it stands at that moment, ready at once;
// created says which. master keeps its name.
func (s *Service) PutEnvironment(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in EnvironmentInput) (e Environment, isNew bool, err error) {
	if !cms.ValidEnvironmentID(id) {
		return e, false, invalidResource(fault.Detail{Name: "invalid", Path: []any{"sys", "id"}, Elsewhere: true, Value: fault.Raw(id),
			Details: "The id of an environment has 1 to 40 letters, digits, hyphens, underscores and dots."})
	}
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, stored, err := current[cms.Environment](ctx, tx, p.Space, cms.KindEnvironment, id)
		if isNew = fault.Is(err, fault.NotFound); isNew {
			e, err = s.copyEnvironment(ctx, tx, p, a, id, in)
			return err
		}
		if err != nil {
			return err
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		if in.Name != "" && in.Name != stored.Name {
			if id == cms.MainEnvironment {
				return fault.New(fault.BadRequest, "The environment master cannot be renamed.")
			}
			stored.Name = in.Name
		}
		aliases, err := list[cms.EnvironmentAlias](ctx, tx, p.Space, cms.KindEnvironmentAlias)
		if err != nil {
			return err
		}
		at := s.Now()
		e.Aliases = aliasesOf(aliases, id)
		e.Resource, err = put(ctx, tx, touched(h, a.User, at), h.Version, stored, store.Save, a.User, at)
		return err
	})
	return e, isNew, err
}

// notCopied is what happens in an environment and is no content of it.
var notCopied = []cms.Kind{
	cms.KindBulkAction, cms.KindRelease, cms.KindReleaseAction, cms.KindReleaseEntry, cms.KindReleaseAsset, cms.KindScheduledAction,
	cms.KindTask, cms.KindComment, cms.KindWorkflowDefinition, cms.KindWorkflow, cms.KindWorkflowsChangelog,
}

func (s *Service) copyEnvironment(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, id string, in EnvironmentInput) (Environment, error) {
	if _, err := tx.Get(ctx, p.Space, cms.KindEnvironmentAlias, id); !fault.Is(err, fault.NotFound) {
		if err == nil {
			err = fault.New(fault.Conflict, "There is an environment alias %q already.", id)
		}
		return Environment{}, err
	}
	source, err := sourceOf(ctx, tx, p, in.Source)
	if err != nil {
		return Environment{}, err
	}
	at := s.Now()
	h := created(p.Space, cms.KindEnvironment, id, 1, a.User, at)
	if h.Child, err = tx.NewScope(ctx, p.Space); err != nil {
		return Environment{}, err
	}
	if err := tx.CopyScope(ctx, source.Child, h.Child, notCopied...); err != nil {
		return Environment{}, err
	}
	if in.Name == "" {
		in.Name = id
	}
	r, err := put(ctx, tx, h, store.Absent, cms.Environment{Name: in.Name}, store.Create, a.User, at)
	return Environment{Resource: r}, err
}

// sourceOf is the environment that the source of a copy names.
func sourceOf(ctx context.Context, tx store.Tx, p access.Place, name string) (store.Head, error) {
	if name == "" {
		name = cms.MainEnvironment
	}
	h, err := tx.Get(ctx, p.Space, cms.KindEnvironment, name)
	if fault.Is(err, fault.NotFound) {
		var alias cms.EnvironmentAlias
		if _, alias, err = current[cms.EnvironmentAlias](ctx, tx, p.Space, cms.KindEnvironmentAlias, name); err == nil {
			h, err = tx.Get(ctx, p.Space, cms.KindEnvironment, alias.Environment)
		}
	}
	if fault.Is(err, fault.NotFound) {
		err = suggest(ctx, tx, p.Space, fault.Missing(string(cms.KindEnvironment), name, "", p.SpaceID), name, cms.KindEnvironment, cms.KindEnvironmentAlias)
	}
	return h, err
}

// DeleteEnvironment removes an environment with everything in it. master stays,
// and so does an environment that an alias stands for.
func (s *Service) DeleteEnvironment(ctx context.Context, p access.Place, a access.Actor, id string) error {
	var scope store.Scope
	err := s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Space, cms.KindEnvironment, id)
		if err != nil {
			return suggest(ctx, tx, p.Space, err, id, cms.KindEnvironment)
		}
		if id == cms.MainEnvironment {
			return fault.New(fault.BadRequest, "The environment master cannot be deleted.")
		}
		aliases, err := list[cms.EnvironmentAlias](ctx, tx, p.Space, cms.KindEnvironmentAlias)
		if err != nil {
			return err
		}
		if in := aliasesOf(aliases, id); len(in) > 0 {
			return fault.New(fault.BadRequest, "The environment is the target of the alias %q. Point the alias to another environment first.", in[0])
		}
		if err := s.uncover(ctx, tx, p.Space, id, a.User); err != nil {
			return err
		}
		if err := tx.DropScope(ctx, h.Child); err != nil {
			return err
		}
		scope = h.Child
		if err := s.sweepLater(ctx, tx, p); err != nil {
			return err
		}
		return tx.Delete(ctx, p.Space, cms.KindEnvironment, id, h.Version, a.User, s.Now())
	})
	if err == nil {
		s.Index.Drop(scope)
	}
	return err
}

// aliasesOf are the ids of the aliases that stand for an environment.
func aliasesOf(aliases []Resource[cms.EnvironmentAlias], environment string) []string {
	var ids []string
	for _, a := range aliases {
		if a.Value.Environment == environment {
			ids = append(ids, a.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
