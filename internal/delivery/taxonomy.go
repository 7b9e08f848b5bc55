package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// taxonReader is the state of one read of the taxonomy. It belongs to the space's
// organization: no environment is looked at, and preview shows the same.
type taxonReader struct {
	*reader
	taxonomy *index.Taxonomy
	path     string          // below the environment
	asked    *query.Taxonomy // of a list
}

// taxonomy answers a read of the taxonomy at a path below the environment. kind is
// what is listed, "" for a single resource.
func (s *Service) taxonomy(ctx context.Context, r Request, kind cms.Kind, path string, write func(*taxonReader) (*Body, error)) (Answer, error) {
	t, err := s.index.Taxonomy(ctx, r.Place.Organization, false)
	if err != nil {
		return Answer{}, err
	}
	rd := &taxonReader{reader: &reader{Service: s, Request: r, ctx: ctx}, taxonomy: t, path: path}
	etag := tagOf(format, r.Place.Organization, path, strconv.FormatInt(t.Seq(), 10), r.Place.SpaceID, r.Place.EnvironmentID, r.Params.Encode())
	return rd.finish(etag, func() (*Body, error) {
		if kind != "" {
			if rd.asked, err = query.ParseTaxonomy(r.Params, query.Options{API: query.Delivery, Kind: kind, Model: &cms.Model{}}); err != nil {
				return nil, err
			}
			rd.query = rd.asked.Query
		}
		b, err := write(rd)
		if err == nil && rd.Keys {
			b.Keys = nameKey(rd.Place) + " " + taxonomyKey(rd.Place)
		}
		return b, err
	})
}

// taxonomySeq is what the answer to a request of an environment depends on besides:
// the position of the taxonomy, when its parameters are about it.
func (rd *reader) taxonomySeq() ([]string, error) {
	if !query.OfTaxonomy(rd.Params) {
		return nil, nil
	}
	t, err := rd.index.Taxonomy(rd.ctx, rd.Place.Organization, false)
	if err != nil {
		return nil, err
	}
	return []string{strconv.FormatInt(t.Seq(), 10)}, nil
}

// widen gives conditions on the descendants of concepts their meaning.
func (rd *reader) widen() error {
	if !rd.query.Widens() {
		return nil
	}
	return rd.query.Widen(func(ids []string) ([]string, error) {
		t, err := rd.index.Taxonomy(rd.ctx, rd.Place.Organization, false)
		if err != nil {
			return nil, err
		}
		return t.Below(rd.ctx, ids, 0)
	})
}

// Concepts answers a query over the concepts of the space's organization.
func (s *Service) Concepts(ctx context.Context, r Request) (Answer, error) {
	return s.taxonomy(ctx, r, cms.KindConcept, "taxonomy/concepts", func(rd *taxonReader) (*Body, error) {
		page, err := rd.taxonomy.Find(ctx, rd.asked)
		if err != nil {
			return nil, err
		}
		return rd.concepts(page)
	})
}

// Ancestors answers a query over the concepts that are broader than one, nearer or
// farther.
func (s *Service) Ancestors(ctx context.Context, r Request, id string) (Answer, error) {
	return s.relatives(ctx, r, id, "ancestors", (*index.Taxonomy).Above)
}

// Descendants answers a query over the concepts that are narrower than one, nearer
// or farther.
func (s *Service) Descendants(ctx context.Context, r Request, id string) (Answer, error) {
	return s.relatives(ctx, r, id, "descendants", (*index.Taxonomy).Below)
}

func (s *Service) relatives(ctx context.Context, r Request, id, side string, find func(*index.Taxonomy, context.Context, []string, int) ([]string, error)) (Answer, error) {
	return s.taxonomy(ctx, r, cms.KindConcept, "taxonomy/concepts/"+id+"/"+side, func(rd *taxonReader) (*Body, error) {
		if len(rd.taxonomy.Heads(cms.KindConcept, id)) == 0 {
			return nil, rd.taxonomy.Missing(ctx, cms.KindConcept, id)
		}
		ids, err := find(rd.taxonomy, ctx, []string{id}, rd.asked.Depth)
		if err != nil {
			return nil, err
		}
		page, err := rd.taxonomy.Among(ctx, rd.query, ids)
		if err != nil {
			return nil, err
		}
		return rd.concepts(page)
	})
}

// Concept is one concept.
func (s *Service) Concept(ctx context.Context, r Request, id string) (Answer, error) {
	return s.taxonomy(ctx, r, "", "taxonomy/concepts/"+id, func(rd *taxonReader) (*Body, error) {
		return rd.one(cms.KindConcept, id, rd.conceptFragments)
	})
}

// ConceptSchemes answers a query over the concept schemes of the space's
// organization.
func (s *Service) ConceptSchemes(ctx context.Context, r Request) (Answer, error) {
	return s.taxonomy(ctx, r, cms.KindConceptScheme, "taxonomy/concept-schemes", func(rd *taxonReader) (*Body, error) {
		page, err := rd.taxonomy.Find(ctx, rd.asked)
		if err != nil {
			return nil, err
		}
		items, err := rd.schemeFragments(page.Heads)
		if err != nil {
			return nil, err
		}
		return rd.list(page, items)
	})
}

// ConceptScheme is one concept scheme.
func (s *Service) ConceptScheme(ctx context.Context, r Request, id string) (Answer, error) {
	return s.taxonomy(ctx, r, "", "taxonomy/concept-schemes/"+id, func(rd *taxonReader) (*Body, error) {
		return rd.one(cms.KindConceptScheme, id, rd.schemeFragments)
	})
}

// one is the body of the concept or scheme with this id.
func (rd *taxonReader) one(kind cms.Kind, id string, show func([]store.Head) ([]*fragment, error)) (*Body, error) {
	heads := rd.taxonomy.Heads(kind, id)
	if len(heads) == 0 {
		return nil, rd.taxonomy.Missing(rd.ctx, kind, id)
	}
	items, err := show(heads)
	if err != nil {
		return nil, err
	}
	return plainBody(items[0].json), nil
}

// list writes the envelope around a page.
func (rd *taxonReader) list(page index.Page, items []*fragment) (*Body, error) {
	size := 512
	for _, f := range items {
		size += len(f.json) + 1
	}
	if size > MaxAnswer+512 {
		return nil, tooMany(size, items, included{})
	}
	b, w := &Body{}, &writer{[]byte(`{"sys":{"type":"Array"}`)}
	w.intMember("limit", int64(rd.query.Limit))
	w.raw(`,"items":[`)
	for i, f := range items {
		if i > 0 {
			w.raw(",")
		}
		b.splice(w, f)
	}
	w.raw("]")
	rd.pages(w, page, rd.path)
	b.text = append(w.buf, '}')
	return b, nil
}

func (rd *taxonReader) concepts(page index.Page) (*Body, error) {
	items, err := rd.conceptFragments(page.Heads)
	if err != nil {
		return nil, err
	}
	return rd.list(page, items)
}

func (rd *taxonReader) conceptFragments(heads []store.Head) ([]*fragment, error) {
	concepts, err := rd.taxonomy.Concepts(rd.ctx, heads)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(heads))
	for i, h := range heads {
		ids[i] = h.ID
	}
	schemes, err := rd.taxonomy.SchemesOf(rd.ctx, ids)
	if err != nil {
		return nil, err
	}
	return taxonFragments(heads, func(i int, sys taxonSys) any {
		if d := concepts[i].Deprecation; d != nil {
			sys.DeprecatedAt = d.At.UTC().Format(timeLayout)
			if d.ReplacedBy != "" {
				l := cms.LinkTo(cms.KindConcept, d.ReplacedBy)
				sys.ReplacedBy = &l
			}
		}
		return struct {
			Sys taxonSys `json:"sys"`
			cms.ConceptView
		}{sys, concepts[i].View(schemes[heads[i].ID])}
	})
}

func (rd *taxonReader) schemeFragments(heads []store.Head) ([]*fragment, error) {
	schemes, err := rd.taxonomy.Schemes(rd.ctx, heads)
	if err != nil {
		return nil, err
	}
	return taxonFragments(heads, func(i int, sys taxonSys) any {
		return struct {
			Sys taxonSys `json:"sys"`
			cms.ConceptSchemeView
		}{sys, schemes[i].View()}
	})
}

// taxonSys is the sys of concepts and schemes.
type taxonSys struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
	Version   int    `json:"version"`

	DeprecatedAt string    `json:"deprecatedAt,omitempty"` // of a concept
	ReplacedBy   *cms.Link `json:"replacedBy,omitempty"`
}

func taxonFragments(heads []store.Head, show func(i int, sys taxonSys) any) ([]*fragment, error) {
	at := func(t time.Time) string { return t.UTC().Format(timeLayout) }
	out := make([]*fragment, len(heads))
	for i, h := range heads {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(show(i, taxonSys{ID: h.ID, Type: string(h.Kind), CreatedAt: at(h.CreatedAt), UpdatedAt: at(h.UpdatedAt), Version: h.Version})); err != nil {
			return nil, fault.Wrap(err, fault.ServerError, "encoding %s %s", h.Kind, h.ID)
		}
		out[i] = &fragment{json: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
	}
	return out, nil
}
