package authoring

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// Found is the answer to a query: one page and the number of all matches.
type Found[T any] struct {
	Query *query.Query // as parsed: skip, limit and select are echoed from it
	Total int
	Items []T

	// With a cursor: where the pages beside this one are; nil when there is none.
	Prev, Next *query.Position
}

// search answers the query in params over one kind of resource of an
// environment. It sees everything written before the call.
func search[T any](ctx context.Context, s *Service, p access.Place, kind cms.Kind, stage cms.Stage, params url.Values,
	decode func(m *cms.Model, h store.Head, body []byte) (T, error)) (Found[T], error) {
	found, heads, model, err := s.find(ctx, p, kind, stage, params)
	out := Found[T]{Query: found.Query, Total: found.Total, Prev: found.Prev, Next: found.Next}
	if err != nil {
		return out, err
	}
	bodies, err := s.Index.Bodies(ctx, revisions(heads, stage))
	if err != nil {
		return out, err
	}
	out.Items = make([]T, len(heads))
	for i, h := range heads {
		if out.Items[i], err = decode(model, h, bodies[revision(h, stage)]); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Entries answers a query over the latest versions of entries.
func (s *Service) Entries(ctx context.Context, p access.Place, params url.Values) (Found[Entity], error) {
	return s.entities(ctx, p, cms.KindEntry, cms.Draft, params)
}

// PublicEntries answers a query over the published versions of entries.
func (s *Service) PublicEntries(ctx context.Context, p access.Place, params url.Values) (Found[Entity], error) {
	return s.entities(ctx, p, cms.KindEntry, cms.Published, params)
}

// Assets answers a query over the latest versions of assets.
func (s *Service) Assets(ctx context.Context, p access.Place, params url.Values) (Found[Entity], error) {
	return s.entities(ctx, p, cms.KindAsset, cms.Draft, params)
}

// PublicAssets answers a query over the published versions of assets.
func (s *Service) PublicAssets(ctx context.Context, p access.Place, params url.Values) (Found[Entity], error) {
	return s.entities(ctx, p, cms.KindAsset, cms.Published, params)
}

// entities is search for the kinds whose documents are cached decoded.
func (s *Service) entities(ctx context.Context, p access.Place, kind cms.Kind, stage cms.Stage, params url.Values) (Found[Entity], error) {
	found, heads, model, err := s.find(ctx, p, kind, stage, params)
	if err != nil {
		return found, err
	}
	revs := revisions(heads, cms.Published)
	if stage == cms.Draft {
		revs = append(revs, revisions(heads, cms.Draft)...)
	}
	docs, err := s.Index.Documents(ctx, revs)
	if err != nil {
		return found, err
	}
	found.Items = make([]Entity, len(heads))
	for i, h := range heads {
		found.Items[i] = entityOf(model, h, docs[revision(h, stage)], docs[h.Published])
	}
	return found, nil
}

func (s *Service) find(ctx context.Context, p access.Place, kind cms.Kind, stage cms.Stage, params url.Values) (Found[Entity], []store.Head, *cms.Model, error) {
	env, err := s.Index.Open(ctx, p.Environment, true)
	if err != nil {
		return Found[Entity]{}, nil, nil, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	model := env.Model()
	q, err := query.Parse(params, query.Options{API: query.Management, Kind: kind, Model: model, DefaultLimit: 100, MaxLimit: 1000})
	if err != nil {
		return Found[Entity]{}, nil, nil, err
	}
	if err := s.widen(ctx, p, q); err != nil {
		return Found[Entity]{}, nil, nil, err
	}
	page, err := env.Search(ctx, stage, q)
	return Found[Entity]{Query: q, Total: page.Total, Prev: page.Prev, Next: page.Next}, page.Heads, model, err
}

// widen gives conditions on the descendants of concepts their meaning.
func (s *Service) widen(ctx context.Context, p access.Place, q *query.Query) error {
	return q.Widen(func(ids []string) ([]string, error) {
		t, err := s.Index.Taxonomy(ctx, p.Organization, true)
		if err != nil {
			return nil, err
		}
		return t.Below(ctx, ids, 0)
	})
}

// revision is the body that a stage shows of a resource.
func revision(h store.Head, stage cms.Stage) store.Revision {
	if stage == cms.Published {
		return h.Published
	}
	return h.Draft
}

func revisions(heads []store.Head, stage cms.Stage) []store.Revision {
	revs := make([]store.Revision, len(heads))
	for i, h := range heads {
		revs[i] = revision(h, stage)
	}
	return revs
}

// decodeHit decodes a hit of a kind with one body type.
func decodeHit[T any](_ *cms.Model, h store.Head, body []byte) (Resource[T], error) {
	return decode[T](h, body)
}
