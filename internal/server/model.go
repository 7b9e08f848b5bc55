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
	if in.Space == "" {
		spaces, err := listSpaces(ctx, s, a, struct{}{})
		if err != nil {
			return typegen.Model{}, err
		}
		if len(spaces) != 1 {
			return typegen.Model{}, fault.New(fault.BadRequest, "There are %d spaces; say which one with --space.", len(spaces))
		}
		in.Space = spaces[0].ID
	}
	p, err := s.Access.Locate(ctx, a, in.Space, in.Environment)
	if err != nil {
		if f := fault.Of(err); f.Kind == fault.NotFound && f.Details != nil && f.Details.Type == "Environment" {
			return typegen.Model{}, fault.New(fault.NotFound, "There is no environment %q in space %q.", in.Environment, in.Space)
		}
		return typegen.Model{}, named(in.Space, err)
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
