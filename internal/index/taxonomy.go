package index

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// Taxonomy is the read model of the concepts and concept schemes of one
// organization. It is a view of the server's scope, which is kept like an
// environment; heads it returns have the ids they have in the organization.
type Taxonomy struct {
	env          *Env
	organization string
}

// Taxonomy returns an organization's taxonomy, brought up to date as Open says. Of
// an organization that does not exist it is empty.
func (x *Index) Taxonomy(ctx context.Context, organization string, fresh bool) (*Taxonomy, error) {
	env, err := x.Open(ctx, store.Server, fresh)
	if err != nil {
		return nil, err
	}
	return &Taxonomy{env, organization}, nil
}

// Seq is the change-log position of the server's scope, for ETags.
func (t *Taxonomy) Seq() int64 { return t.env.Seq() }

// Exists reports whether there is the organization.
func (t *Taxonomy) Exists() bool {
	return len(t.env.Heads(cms.KindOrganization, []string{t.organization})) > 0
}

// Heads returns those concepts or schemes that exist among ids, in the order of ids.
func (t *Taxonomy) Heads(k cms.Kind, ids ...string) []store.Head {
	found := t.env.Heads(k, t.stored(ids))
	heads := make([]store.Head, 0, len(found))
	for _, id := range ids {
		if h, ok := found[cms.TaxonomyID(t.organization, id)]; ok {
			h.ID = id
			heads = append(heads, h)
		}
	}
	return heads
}

func (t *Taxonomy) stored(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = cms.TaxonomyID(t.organization, id)
	}
	return out
}

// Search answers a query over all concepts or schemes.
func (t *Taxonomy) Search(ctx context.Context, q *query.Query) (Page, error) {
	column := query.Column{Source: query.SourceSys, Name: "id", Type: query.String}
	bound := func(op query.Op, id string) query.Cond {
		return query.Cond{Column: column, Op: op, Args: []query.Value{{Str: id}}}
	}
	of := *q
	of.Conds = slices.Concat([]query.Cond{bound(query.Gt, t.organization+"/"), bound(query.Lt, t.organization+"0")}, q.Conds) // 0 follows /
	return t.search(ctx, &of)
}

// Among is Search over those with one of these ids.
func (t *Taxonomy) Among(ctx context.Context, q *query.Query, ids []string) (Page, error) {
	of := *q
	of.Conds = slices.Concat([]query.Cond{oneOf(query.SourceSys, "id", t.stored(ids))}, q.Conds)
	return t.search(ctx, &of)
}

func (t *Taxonomy) search(ctx context.Context, q *query.Query) (Page, error) {
	page, err := t.env.Search(ctx, cms.Draft, q)
	for i := range page.Heads {
		page.Heads[i].ID = cms.InTaxonomy(page.Heads[i].ID)
	}
	return page, err
}

// Naming returns the concepts or schemes that have one of these ids in a list.
func (t *Taxonomy) Naming(ctx context.Context, k cms.Kind, list string, ids []string) ([]store.Head, error) {
	page, err := t.Search(ctx, &query.Query{Kind: k, Limit: math.MaxInt, Conds: []query.Cond{oneOf(query.SourceBody, list, ids)},
		Order: []query.Order{{Column: query.Column{Source: query.SourceSys, Name: "id", Type: query.String}}}})
	return page.Heads, err
}

func oneOf(s query.Source, name string, ids []string) query.Cond {
	c := query.Cond{Column: query.Column{Source: s, Name: name, Type: query.String}, Op: query.In}
	for _, id := range ids {
		c.Args = append(c.Args, query.Value{Str: id})
	}
	return c
}

// Below returns the ids of all concepts that are narrower than one of these, up to
// so many levels away; 0 is any number. Without these, unless one of them is below
// another.
func (t *Taxonomy) Below(ctx context.Context, ids []string, depth int) ([]string, error) {
	return spread(ids, depth, func(ids []string) ([]string, error) {
		heads, err := t.Naming(ctx, cms.KindConcept, "broader", ids)
		next := make([]string, len(heads))
		for i, h := range heads {
			next[i] = h.ID
		}
		return next, err
	})
}

// Above returns the ids of all concepts that are broader than one of these, like
// Below.
func (t *Taxonomy) Above(ctx context.Context, ids []string, depth int) ([]string, error) {
	return spread(ids, depth, func(ids []string) ([]string, error) {
		concepts, err := t.Concepts(ctx, t.Heads(cms.KindConcept, ids...))
		var next []string
		for _, c := range concepts {
			next = append(next, c.Broader...)
		}
		return next, err
	})
}

// spread goes from ids to the next ones until there are no new ones.
func spread(ids []string, depth int, next func(ids []string) ([]string, error)) ([]string, error) {
	var all []string
	seen := map[string]bool{}
	for level := 1; len(ids) > 0 && (depth == 0 || level <= depth); level++ {
		found, err := next(ids)
		if err != nil {
			return nil, err
		}
		ids = nil
		for _, id := range found {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		all = append(all, ids...)
	}
	return all, nil
}

// Concepts returns the bodies of concepts, in order.
func (t *Taxonomy) Concepts(ctx context.Context, heads []store.Head) ([]cms.Concept, error) {
	return taxa[cms.Concept](ctx, t.env.v.x, heads)
}

// Schemes returns the bodies of concept schemes, in order.
func (t *Taxonomy) Schemes(ctx context.Context, heads []store.Head) ([]cms.ConceptScheme, error) {
	return taxa[cms.ConceptScheme](ctx, t.env.v.x, heads)
}

func taxa[T any](ctx context.Context, x *Index, heads []store.Head) ([]T, error) {
	revs := make([]store.Revision, len(heads))
	for i := range heads {
		revs[i] = heads[i].Draft
	}
	bodies, err := x.Bodies(ctx, revs)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(heads))
	for i := range heads {
		if err := json.Unmarshal(bodies[revs[i]], &out[i]); err != nil {
			return nil, fault.Wrap(err, fault.ServerError, "stored %s %s is unreadable", heads[i].Kind, heads[i].ID)
		}
	}
	return out, nil
}

// Missing is the error for a concept or scheme that does not exist: fault.NotFound
// without details, as in the original, with the ids that were probably meant.
func (t *Taxonomy) Missing(ctx context.Context, k cms.Kind, id string) error {
	page, err := t.Search(ctx, &query.Query{Kind: k, Limit: pageSize})
	if err != nil {
		return err
	}
	f := fault.New(fault.NotFound, "")
	f.Suggestions = nearest.Likely(id, func(yield func(string) bool) {
		for _, h := range page.Heads {
			if !yield(h.ID) {
				return
			}
		}
	})
	return f
}

// SchemesOf returns the ids of the schemes that each of these concepts is in, in
// order.
func (t *Taxonomy) SchemesOf(ctx context.Context, concepts []string) (map[string][]string, error) {
	heads, err := t.Naming(ctx, cms.KindConceptScheme, "concepts", concepts)
	if err != nil {
		return nil, err
	}
	schemes, err := t.Schemes(ctx, heads)
	if err != nil {
		return nil, err
	}
	of := make(map[string][]string, len(concepts))
	for i, s := range schemes {
		members := make(map[string]bool, len(s.Concepts))
		for _, id := range s.Concepts {
			members[id] = true
		}
		for _, id := range concepts {
			if members[id] {
				of[id] = append(of[id], heads[i].ID)
			}
		}
	}
	return of, nil
}

// Members returns the ids of the concepts in a scheme; none when there is no such
// scheme.
func (t *Taxonomy) Members(ctx context.Context, scheme string) ([]string, error) {
	schemes, err := t.Schemes(ctx, t.Heads(cms.KindConceptScheme, scheme))
	if err != nil || len(schemes) == 0 {
		return nil, err
	}
	return schemes[0].Concepts, nil
}

// Find answers a query over all concepts or schemes, as far as it names no scheme.
func (t *Taxonomy) Find(ctx context.Context, q *query.Taxonomy) (Page, error) {
	if q.Scheme == "" {
		return t.Search(ctx, q.Query)
	}
	ids, err := t.Members(ctx, q.Scheme)
	if err != nil {
		return Page{}, err
	}
	return t.Among(ctx, q.Query, ids)
}
