package server

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/demo"
)

// demoKey is the name of the API key that LoadDemo gives out.
const demoKey = "Example"

// LoadDemo puts the example space in, unless it is there already, and returns
// its id and a key to it, the same each time.
func (s *Server) LoadDemo(ctx context.Context) (space string, key Key, err error) {
	owner, err := s.Authoring.Owner(ctx)
	if err != nil {
		return "", Key{}, err
	}
	p, err := demo.Load(ctx, s.Authoring, s.Access, owner)
	if err != nil {
		return "", Key{}, err
	}
	key, err = s.demoKey(ctx, p, owner)
	return p.SpaceID, key, err
}

func (s *Server) demoKey(ctx context.Context, p access.Place, owner access.Actor) (Key, error) {
	keys, err := s.Authoring.APIKeys(ctx, p, cms.KindAPIKey, url.Values{"query": {demoKey}})
	if err != nil {
		return Key{}, err
	}
	for _, k := range keys.Items {
		if k.Value.Name == demoKey {
			return s.keyOf(ctx, p, k)
		}
	}
	return s.newKey(ctx, p, owner, authoring.APIKeyInput{Name: demoKey})
}
