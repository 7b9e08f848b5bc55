package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// maxReferences is how many entities come with an entry.
const maxReferences = 1000

// References is an entry with what it links to, as they are latest.
type References struct {
	Root       []Entity // one, or none when there is no such entry
	Entries    []Entity // level by level, in the order of their links
	Assets     []Entity
	Unresolved []cms.Link // to what does not exist
	Truncated  bool       // there are more than maxReferences
}

// References follows the links of an entry, breadth first, for so many levels.
// Drafts and archived entities are among what it finds.
func (s *Service) References(ctx context.Context, p access.Place, id string, levels int) (References, error) {
	model, err := s.model(ctx, p)
	if err != nil {
		return References{}, err
	}
	var out References
	root, err := s.Store.Get(ctx, p.Environment, cms.KindEntry, id)
	if fault.Is(err, fault.NotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if out.Root, err = s.latestOf(ctx, model, []store.Head{root}); err != nil {
		return out, err
	}
	seen := map[cms.Link]bool{cms.LinkTo(cms.KindEntry, id): true}
	for level := out.Root; levels > 0 && len(level) > 0; levels-- {
		if level, err = s.follow(ctx, p, model, level, seen, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// follow adds what entries link to, as far as it has not been seen, and returns
// the entries among it.
func (s *Service) follow(ctx context.Context, p access.Place, model *cms.Model, from []Entity, seen map[cms.Link]bool, out *References) ([]Entity, error) {
	var links []cms.Link
	ids := map[cms.Kind][]string{}
	for _, e := range from {
		for _, l := range validate.Links(e.Type, model.Locales, e.Document) {
			kind := cms.Kind(l.LinkType)
			if link := cms.LinkTo(kind, l.ID); !seen[link] {
				seen[link] = true
				links = append(links, link)
				ids[kind] = append(ids[kind], l.ID)
			}
		}
	}
	found := map[cms.Link]store.Head{}
	for _, kind := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
		heads, err := s.heads(ctx, p, kind, ids[kind])
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			found[cms.LinkTo(kind, h.ID)] = h
		}
	}
	var heads []store.Head
	for _, link := range links {
		h, ok := found[link]
		switch {
		case !ok:
			out.Unresolved = append(out.Unresolved, link)
		case len(out.Entries)+len(out.Assets)+len(heads) == maxReferences:
			out.Truncated = true
		default:
			heads = append(heads, h)
		}
	}
	entities, err := s.latestOf(ctx, model, heads)
	if err != nil {
		return nil, err
	}
	var entries []Entity
	for _, e := range entities {
		if e.Kind == cms.KindEntry {
			entries = append(entries, e)
		} else {
			out.Assets = append(out.Assets, e)
		}
	}
	out.Entries = append(out.Entries, entries...)
	return entries, nil
}

// latestOf are heads with their documents.
func (s *Service) latestOf(ctx context.Context, model *cms.Model, heads []store.Head) ([]Entity, error) {
	docs, err := s.Index.Documents(ctx, append(revisions(heads, cms.Draft), revisions(heads, cms.Published)...))
	if err != nil {
		return nil, err
	}
	out := make([]Entity, 0, len(heads))
	for _, h := range heads {
		if docs[h.Draft] != nil { // else it went with its environment
			out = append(out, entityOf(model, h, docs[h.Draft], docs[h.Published]))
		}
	}
	return out, nil
}
