package index_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// organizations have ids that are easily taken for each other's.
var organizations = []string{"o", "o.x", "o0", "o-"}

// TestTaxonomyEqualsDefinition lets a random writer of concepts and schemes and
// random questions about them run against each other: what is above and below, the
// lists of concepts, and the entries that have a concept or one below it, are as
// walking all that the store has gives them.
func TestTaxonomyEqualsDefinition(t *testing.T) {
	t.Parallel()
	eachSeed(t, 4, 2, func(t *testing.T, d *database, seed uint64) {
		w := newContent(t, d, seed)
		server := *w
		server.scope = store.Server
		lasting, tiny := index.New(d.Store, index.Options{}), index.New(d.Store, index.Options{Bytes: 1})
		var asked, matched int
		for round := range 25 {
			for range 6 {
				server.classify()
				w.step(open(t, lasting, w.scope).Model())
			}
			if w.rnd.IntN(8) == 0 {
				d.restart(t)
				lasting, tiny = index.New(d.Store, index.Options{}), index.New(d.Store, index.Options{Bytes: 1})
			}
			all := server.taxonomies()
			model, now := open(t, lasting, w.scope).Model(), w.state()
			for _, x := range []*index.Index{lasting, tiny, index.New(d.Store, index.Options{})} {
				organization := pick(w.rnd, organizations...)
				taxonomy, err := x.Taxonomy(context.Background(), organization, true)
				if err != nil {
					t.Fatal(err)
				}
				concepts := all[organization]
				from, depth := []string{server.concept(), server.concept()}, w.rnd.IntN(4)
				same(t, seed, fmt.Sprint("below ", from, depth), spreadBy(from, depth, concepts.below), taxonomy.Below, from, depth)
				same(t, seed, fmt.Sprint("above ", from, depth), spreadBy(from, depth, concepts.above), taxonomy.Above, from, depth)
				server.compareList(taxonomy, organization, seed)

				params := url.Values{"metadata.concepts.descendants[in]": {server.concept() + "," + server.concept()}, "order": {"sys.id"}, "limit": {"1000"}}
				opt := query.Options{API: query.Management, Kind: pick(w.rnd, cms.KindEntry, cms.KindAsset), Model: model}
				q, err := query.Parse(params, opt)
				if err == nil {
					err = q.Widen(func(ids []string) ([]string, error) { return taxonomy.Below(context.Background(), ids, 0) })
				}
				if err != nil {
					t.Fatal(err)
				}
				page, err := open(t, x, w.scope).Search(context.Background(), cms.Draft, q)
				if err != nil {
					t.Fatal(err)
				}
				named, err := query.Parse(url.Values{"metadata.concepts.sys.id[in]": params["metadata.concepts.descendants[in]"]}, opt)
				if err != nil {
					t.Fatal(err)
				}
				var want []string
				for _, e := range now[cms.Draft][opt.Kind] {
					// what an entity has a concept of, it has all concepts above it of
					wide := *e
					doc := *e.Doc
					doc.Metadata.Concepts = append(slices.Clone(doc.Metadata.Concepts), spreadBy(doc.Metadata.Concepts, 0, concepts.above)...)
					wide.Doc = &doc
					if named.Match(&wide, model, nil) {
						want = append(want, e.Sys.ID)
					}
				}
				slices.Sort(want)
				if diff := cmp.Diff(want, idsOf(page)); diff != "" {
					t.Fatalf("seed %d, round %d, %s of %s (-want +got)\n%s", seed, round, params.Encode(), organization, diff)
				}
				if asked++; len(want) > 0 {
					matched++
				}
			}
		}
		if matched < asked/4 {
			t.Errorf("%d of %d queries matched anything", matched, asked)
		}
	})
}

func same(t *testing.T, seed uint64, what string, want []string, side func(context.Context, []string, int) ([]string, error), from []string, depth int) {
	t.Helper()
	got, err := side(context.Background(), from, depth)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("seed %d, %s (-want +got)\n%s", seed, what, diff)
	}
}

// spreadBy is what is reached from ids in so many steps, in order.
func spreadBy(ids []string, depth int, next func(id string) []string) []string {
	reached := map[string]bool{}
	for step := 0; len(ids) > 0 && (depth == 0 || step < depth); step++ {
		var more []string
		for _, id := range ids {
			for _, to := range next(id) {
				if !reached[to] {
					reached[to] = true
					more = append(more, to)
				}
			}
		}
		ids = more
	}
	return slices.Sorted(maps.Keys(reached))
}

// compareList asks for a list of concepts, page by page.
func (w *world) compareList(taxonomy *index.Taxonomy, organization string, seed uint64) {
	w.t.Helper()
	params := url.Values{"limit": {strconv.Itoa(1 + w.rnd.IntN(4))}}
	if w.rnd.IntN(2) == 0 {
		params.Set("order", pick(w.rnd, "prefLabel", "-prefLabel,sys.updatedAt", "-sys.createdAt", "sys.id"))
	}
	if w.rnd.IntN(3) == 0 {
		params.Set("query", pick(w.rnd, words...))
	}
	scheme := ""
	if w.rnd.IntN(3) == 0 {
		scheme = pick(w.rnd, "s1", "s2", "s3")
		params.Set("conceptScheme", scheme)
	}
	model := &cms.Model{}
	var got []string
	for {
		q, err := query.ParseTaxonomy(params, query.Options{API: query.Management, Kind: cms.KindConcept, Model: model})
		if err != nil {
			w.t.Fatal(err)
		}
		page, err := taxonomy.Find(context.Background(), q)
		if err != nil {
			w.t.Fatal(err)
		}
		got = append(got, idsOf(page)...)
		if page.Next == nil {
			break
		}
		params = url.Values{"pageNext": {q.Token(page.Next)}}
	}
	q, err := query.ParseTaxonomy(params, query.Options{API: query.Management, Kind: cms.KindConcept, Model: model})
	if err != nil {
		w.t.Fatal(err)
	}
	members := map[string]bool{}
	if e := w.entities(cms.KindConceptScheme, cms.Draft)[cms.TaxonomyID(organization, scheme)]; e != nil {
		var s cms.ConceptScheme
		if err := json.Unmarshal(e.Body, &s); err != nil {
			w.t.Fatal(err)
		}
		for _, id := range s.Concepts {
			members[id] = true
		}
	}
	var found []*query.Entity
	for stored, e := range w.entities(cms.KindConcept, cms.Draft) {
		id := cms.InTaxonomy(stored)
		if stored == cms.TaxonomyID(organization, id) && (scheme == "" || members[id]) && q.Match(e, model, nil) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *query.Entity) int { return q.Compare(a, b, model) })
	var want []string
	for _, e := range found {
		want = append(want, cms.InTaxonomy(e.Sys.ID))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Fatalf("seed %d, %s with %q (-want +got)\n%s", seed, organization, q.Params, diff)
	}
}

// concept is the id of a concept, which may not exist. The first two are those that
// entries have.
func (w *world) concept() string { return fmt.Sprint("c", 1+w.rnd.IntN(7)) }

// classify writes or deletes a concept or scheme of some organization, or writes
// something else that lies beside them.
func (w *world) classify() {
	w.t.Helper()
	organization := pick(w.rnd, organizations...)
	switch n := w.rnd.IntN(10); {
	case n < 6:
		id := w.concept()
		c := cms.Concept{PrefLabel: map[string]string{cms.TaxonomyLocale: pick(w.rnd, words...), "de": pick(w.rnd, words...)}, Notations: []string{pick(w.rnd, words...)}}
		for range w.rnd.IntN(3) {
			if up := w.concept(); up > id && !slices.Contains(c.Broader, up) { // leads up, never back
				c.Broader = append(c.Broader, up)
			}
		}
		w.put(cms.KindConcept, cms.TaxonomyID(organization, id), "", c, false)
	case n < 7:
		w.put(cms.KindConceptScheme, cms.TaxonomyID(organization, pick(w.rnd, "s1", "s2")), "", cms.ConceptScheme{Concepts: []string{w.concept(), w.concept()}}, false)
	case n < 8:
		w.put(cms.KindAccessToken, fmt.Sprint("t", w.rnd.IntN(3)), "", cms.AccessToken{}, false)
	default:
		id := cms.TaxonomyID(organization, w.concept())
		if h, ok := w.head(cms.KindConcept, id); ok {
			w.update(w.scope, func(tx store.Tx) error {
				return tx.Delete(context.Background(), w.scope, h.Kind, h.ID, h.Version, w.user(), w.now)
			})
		}
	}
}

// taxonomies are all concepts there are.
func (w *world) taxonomies() map[string]relations {
	w.t.Helper()
	all := map[string]relations{}
	for _, organization := range organizations {
		all[organization] = relations{}
	}
	for stored, e := range w.entities(cms.KindConcept, cms.Draft) {
		var c cms.Concept
		if err := json.Unmarshal(e.Body, &c); err != nil {
			w.t.Fatal(err)
		}
		for organization, concepts := range all {
			if id := cms.InTaxonomy(stored); stored == cms.TaxonomyID(organization, id) {
				concepts[id] = c.Broader
			}
		}
	}
	return all
}

// relations are the broader concepts of each concept.
type relations map[string][]string

func (r relations) above(id string) []string { return r[id] }

func (r relations) below(id string) []string {
	var out []string
	for other, broader := range r {
		if slices.Contains(broader, id) {
			out = append(out, other)
		}
	}
	return out
}
