package server

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/typegen"
)

// ModelOf are the arguments of "content model"; its result is a typegen.Model.
type ModelOf struct {
	Space       string // id; "" means the only one there is
	Environment string // id or alias
}

func contentModel(ctx context.Context, s *Server, a access.Actor, in ModelOf) (typegen.Model, error) {
	p, err := s.environment(ctx, a, in.Space, in.Environment)
	if err != nil {
		return typegen.Model{}, err
	}
	model, err := s.index.Model(ctx, p.Environment)
	if err != nil {
		return typegen.Model{}, err
	}
	m := typegen.Model{Space: p.SpaceID, Environment: p.EnvironmentID, Types: []typegen.Type{}}
	for _, l := range model.Locales {
		if l.Delivered() {
			m.Locales = append(m.Locales, l.Code)
		}
	}
	for id, ct := range model.Types {
		m.Types = append(m.Types, typegen.Type{ID: id, ContentType: *ct})
	}
	return m, nil
}

// environment finds an environment by its id or an alias, in a space or, with "",
// in the only one there is.
func (s *Server) environment(ctx context.Context, a access.Actor, space, environment string) (access.Place, error) {
	if space == "" {
		spaces, err := listSpaces(ctx, s, a, struct{}{})
		if err != nil {
			return access.Place{}, err
		}
		if len(spaces) != 1 {
			return access.Place{}, fault.New(fault.BadRequest, "There are %d spaces; say which one with --space.", len(spaces))
		}
		space = spaces[0].ID
	}
	p, err := s.Access.Locate(ctx, a, space, environment)
	if err == nil {
		return p, nil
	}
	if f := fault.Of(err); f.Kind == fault.NotFound && f.Details != nil && f.Details.Type == "Environment" {
		f = fault.New(fault.NotFound, "There is no environment %q in space %q.", environment, space)
		f.Suggestions = fault.Of(err).Suggestions
		return access.Place{}, f
	}
	return access.Place{}, named(space, err)
}
