package index

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// readModel decodes the content model as it is after a batch, which may be nil.
// Content types that did not change keep their address.
func (v *environment) readModel(ctx context.Context, seq int64, b *batch) (*cms.Model, map[store.Revision]*cms.ContentType, error) {
	locales, types := v.headsAfter(cms.KindLocale, b), v.headsAfter(cms.KindContentType, b)
	var revs []store.Revision
	for _, h := range locales {
		revs = append(revs, h.Draft)
	}
	for _, h := range types {
		if h.Published != 0 && v.types[h.Published] == nil {
			revs = append(revs, h.Published)
		}
	}
	bodies, err := v.x.Bodies(ctx, revs)
	if err != nil {
		return nil, nil, err
	}
	m, decoded, err := makeModel(seq, locales, types, v.types, bodies)
	if err == nil {
		m.Workflows = len(v.headsAfter(cms.KindWorkflowDefinition, b)) > 0
	}
	return m, decoded, err
}

// makeModel decodes a content model. Activated content types that are known by
// their revision keep their address.
func makeModel(seq int64, locales, types []*store.Head, known map[store.Revision]*cms.ContentType, bodies map[store.Revision][]byte) (*cms.Model, map[store.Revision]*cms.ContentType, error) {
	m := &cms.Model{Seq: seq, Types: map[string]*cms.ContentType{}}
	for _, h := range locales {
		var l cms.Locale
		if err := decode(bodies[h.Draft], &l, h); err != nil {
			return nil, nil, err
		}
		m.Locales = append(m.Locales, l)
	}
	slices.SortStableFunc(m.Locales, func(a, b cms.Locale) int {
		if a.Default != b.Default {
			return map[bool]int{true: -1, false: 1}[a.Default]
		}
		return cmp.Compare(a.Code, b.Code)
	})
	decoded := map[store.Revision]*cms.ContentType{}
	for _, h := range types {
		if h.Published == 0 {
			continue
		}
		ct := known[h.Published]
		if ct == nil {
			ct = &cms.ContentType{}
			if err := decode(bodies[h.Published], ct, h); err != nil {
				return nil, nil, err
			}
		}
		decoded[h.Published] = ct
		m.Types[h.ID] = ct
	}
	return m, decoded, nil
}

// ReadModel reads the content model of an environment without opening it, for
// those who need nothing else of it. It is not kept.
func ReadModel(ctx context.Context, r store.Reader, s store.Scope) (*cms.Model, error) {
	pos, err := r.Position(ctx, s) // first: what is read may be newer than it says, never older
	if err != nil {
		return nil, err
	}
	var heads [2][]*store.Head
	var revs []store.Revision
	for i, kind := range []cms.Kind{cms.KindLocale, cms.KindContentType} {
		for after := ""; ; {
			page, err := r.List(ctx, s, kind, after, modelPage)
			if err != nil {
				return nil, err
			}
			for j := range page {
				heads[i] = append(heads[i], &page[j])
				if kind == cms.KindLocale {
					revs = append(revs, page[j].Draft)
				} else if page[j].Published != 0 {
					revs = append(revs, page[j].Published)
				}
			}
			if len(page) < modelPage {
				break
			}
			after = page[len(page)-1].ID
		}
	}
	bodies, err := r.Bodies(ctx, revs)
	if err != nil {
		return nil, err
	}
	m, _, err := makeModel(pos.Model, heads[0], heads[1], nil, bodies)
	if err == nil {
		m.Workflows, err = r.Has(ctx, s, cms.KindWorkflowDefinition, "")
	}
	return m, err
}

const modelPage = 1000

// headsAfter are the heads of a kind once a batch is applied.
func (v *environment) headsAfter(k cms.Kind, b *batch) []*store.Head {
	var changed map[string]*store.Head
	if b != nil {
		changed = b.heads[k]
	}
	var out []*store.Head
	if t := v.kinds[k]; t != nil {
		for id, h := range t.byID {
			if _, ok := changed[id]; !ok {
				full := h.full()
				out = append(out, &full)
			}
		}
	}
	for _, h := range changed {
		if h != nil {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b *store.Head) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func decode(body []byte, into any, h *store.Head) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fault.Wrap(err, fault.ServerError, "the stored body of %s %s is unreadable", h.Kind, h.ID)
	}
	return nil
}
