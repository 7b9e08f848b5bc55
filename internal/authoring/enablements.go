package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

func enablements(p access.Place) single[cms.Enablements] {
	return single[cms.Enablements]{p.Space, cms.Sys{Kind: cms.KindEnablements, ID: OnlyID, Version: 1}, cms.Enablements{}}
}

// Enablements returns which features a space has switched on. Here they are notes
// for the tools that ask for them: everything works without.
func (s *Service) Enablements(ctx context.Context, p access.Place) (Resource[cms.Enablements], error) {
	return enablements(p).get(ctx, s.Store)
}

// PutEnablements switches features. Two of them come together only, and always.
func (s *Service) PutEnablements(ctx context.Context, p access.Place, a access.Actor, v Version, body []byte) (Resource[cms.Enablements], error) {
	var b bodyReader
	var next cms.Enablements
	members := b.object(body, nil, "sys", "spaceTemplates", "crossSpaceLinks", "studioExperiences", "suggestConcepts")
	for name, dst := range map[string]*cms.Enablement{
		"spaceTemplates": &next.SpaceTemplates, "crossSpaceLinks": &next.CrossSpaceLinks,
		"studioExperiences": &next.StudioExperiences, "suggestConcepts": &next.SuggestConcepts,
	} {
		if raw := members[name]; raw != nil {
			if m := b.object(raw, []any{name}, "enabled"); m != nil {
				dst.Enabled, _ = read[bool](&b, m["enabled"], "Boolean", []any{name, "enabled"})
			}
		}
	}
	for _, name := range []string{"spaceTemplates", "crossSpaceLinks"} {
		if members != nil && members[name] == nil {
			b.missing([]any{name})
		}
	}
	if next.SpaceTemplates != next.CrossSpaceLinks && b.problems == nil {
		b.add(fault.Detail{Name: "invalid", Details: "spaceTemplates and crossSpaceLinks come together: both are on, or none."})
	}
	if err := b.err(); err != nil {
		return Resource[cms.Enablements]{}, err
	}
	return enablements(p).put(ctx, s, a, v, next)
}
