package delivery

import (
	"cmp"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// included is what comes with the items of a collection.
type included struct {
	entries, assets []part
	unresolved      []link // links to nothing readers see, in order of id

	far  []part   // entries of other spaces
	lost []string // URNs of entries of other spaces that are not seen
}

// part is one included entity.
type part struct {
	id string
	*fragment
}

// include follows the links of items, breadth first. Entries are resolved for
// the given number of levels; assets for every entry that is returned, so one
// level further. With 0 levels nothing is resolved, and nothing reported.
//
// Each level costs at most one request for bodies per 1000 entities.
func (rd *reader) include(heads []store.Head, items []*fragment, levels int) (included, error) {
	var in included
	if levels == 0 {
		return in, nil
	}
	links := 0
	for _, f := range items {
		links += len(f.links)
	}
	if links == 0 {
		return in, nil
	}
	seen := make(map[link]bool, len(heads)+links)
	for i := range heads {
		seen[link{heads[i].Kind, heads[i].ID}] = true
	}
	room := MaxAnswer
	for level := 0; len(items) > 0; level++ {
		var entryIDs, assetIDs []string
		for _, f := range items {
			for _, l := range f.links {
				if l.kind == cms.KindEntry && level == levels || seen[l] {
					continue
				}
				seen[l] = true
				if l.kind == cms.KindEntry {
					entryIDs = append(entryIDs, l.id)
				} else {
					assetIDs = append(assetIDs, l.id)
				}
			}
		}
		found := rd.resolve(cms.KindEntry, entryIDs, &in)
		entries := len(found)
		found = append(found, rd.resolve(cms.KindAsset, assetIDs, &in)...)
		fragments, err := rd.within(&room, found)
		if err != nil {
			return in, err
		}
		items = fragments[:0]
		for i, f := range fragments {
			p := part{found[i].ID, f}
			switch {
			case rd.hidden(f):
				in.unresolved = append(in.unresolved, link{found[i].Kind, found[i].ID})
			case i < entries:
				in.entries = append(in.entries, p)
				items = append(items, f)
			default:
				in.assets = append(in.assets, p)
			}
		}
	}
	byID := func(a, b part) int { return cmp.Compare(a.id, b.id) }
	slices.SortFunc(in.entries, byID)
	slices.SortFunc(in.assets, byID)
	slices.SortFunc(in.unresolved, func(a, b link) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(b.kind, a.kind))
	})
	return in, nil
}

// within is entities as long as there is room for them in an answer: a few links
// may lead to more than memory holds.
func (rd *reader) within(room *int, heads []store.Head) ([]*fragment, error) {
	out := make([]*fragment, 0, len(heads))
	for some := range slices.Chunk(heads, 1000) {
		fragments, err := rd.entities(some)
		if err != nil {
			return nil, err
		}
		for _, f := range fragments {
			if *room -= len(f.json); *room < 0 {
				return nil, TooLarge("What the items link to has more than %d bytes. Ask for fewer items with limit, or for fewer levels of links with include.", MaxAnswer)
			}
		}
		out = append(out, fragments...)
	}
	return out, nil
}

// resolve returns the heads that readers see among ids, and notes the others.
func (rd *reader) resolve(kind cms.Kind, ids []string, in *included) []store.Head {
	if len(ids) == 0 {
		return nil
	}
	heads := rd.heads(kind, ids)
	out := make([]store.Head, 0, len(ids))
	for _, id := range ids {
		if h, ok := heads[id]; ok && rd.visible(&h) {
			out = append(out, h)
		} else {
			in.unresolved = append(in.unresolved, link{kind, id})
		}
	}
	return out
}
