package embargo

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// memory is what is known of published files, so that those who read them cost no
// statement as long as nothing is written to their space.
type memory struct {
	mu     sync.Mutex
	spaces map[store.Scope]*record
}

// record is what is known of one space.
type record struct {
	marks map[store.Scope]int64 // how far the space and its environments were before anything was read
	urls  map[string][]string   // of published files, by the id of their asset; only of assets that have some
	size  int                   // how many urls
}

// maxURLs is how many URLs of published files are remembered for a space; then they
// are read anew.
const maxURLs = 10_000

// published reports whether an environment of a space has published the file.
func (s *Service) published(ctx context.Context, space store.Scope, f blob.File) (bool, error) {
	r, err := s.record(ctx, space)
	if err != nil {
		return false, err
	}
	for _, id := range f.AssetIDs() {
		s.public.mu.Lock()
		urls, known := r.urls[id]
		s.public.mu.Unlock()
		if !known {
			if urls, err = s.publishedFiles(ctx, space, id); err != nil {
				return false, err
			}
			s.remember(r, id, urls)
		}
		if slices.Contains(urls, f.Path()) {
			return true, nil
		}
	}
	return false, nil
}

// record is that of a space, a new one if something was written there since.
func (s *Service) record(ctx context.Context, space store.Scope) (*record, error) {
	s.public.mu.Lock()
	r := s.public.spaces[space]
	s.public.mu.Unlock()
	if r != nil && s.current(r) {
		return r, nil
	}
	// A mark is older than what is read after it or as old, never newer.
	r = &record{marks: map[store.Scope]int64{space: s.store.Committed(space)}, urls: map[string][]string{}}
	const page = 1000
	for after := ""; ; {
		heads, err := s.store.List(ctx, space, cms.KindEnvironment, after, page)
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			r.marks[h.Child], after = s.store.Committed(h.Child), h.ID
		}
		if len(heads) < page {
			break
		}
	}
	s.public.mu.Lock()
	defer s.public.mu.Unlock()
	s.public.spaces[space] = r
	return r, nil
}

// current reports whether nothing was written since a record was begun.
func (s *Service) current(r *record) bool {
	for scope, seq := range r.marks {
		if s.store.Committed(scope) != seq {
			return false
		}
	}
	return true
}

// remember keeps the URLs of an asset's published files. That an asset has none is
// not kept: anybody could make up ids of assets.
func (s *Service) remember(r *record, asset string, urls []string) {
	s.public.mu.Lock()
	defer s.public.mu.Unlock()
	if _, known := r.urls[asset]; known || len(urls) == 0 {
		return
	}
	if r.size+len(urls) > maxURLs {
		clear(r.urls)
		r.size = 0
	}
	r.urls[asset] = urls
	r.size += len(urls)
}

// publishedFiles are the URLs of the files of an asset that environments of a space
// have published.
func (s *Service) publishedFiles(ctx context.Context, space store.Scope, asset string) ([]string, error) {
	heads, err := s.store.AcrossEnvironments(ctx, space, cms.KindAsset, asset)
	if err != nil {
		return nil, err
	}
	var revisions []store.Revision
	for _, h := range heads {
		if h.Published != 0 && !slices.Contains(revisions, h.Published) {
			revisions = append(revisions, h.Published)
		}
	}
	if revisions == nil {
		return nil, nil
	}
	bodies, err := s.store.Bodies(ctx, revisions)
	if err != nil {
		return nil, err
	}
	var urls []string
	for rev, body := range bodies {
		var doc cms.Document
		if err := json.Unmarshal(body, &doc); err != nil {
			return nil, fault.Wrap(err, fault.ServerError, "the stored body %d of asset %s is unreadable", rev, asset)
		}
		for _, url := range doc.FileURLs() {
			if !slices.Contains(urls, url) {
				urls = append(urls, url)
			}
		}
	}
	return urls, nil
}

// Poll asks how far other nodes have brought the spaces of which something is
// remembered, so that what they unpublish is free here no longer.
func (s *Service) Poll(ctx context.Context) error {
	s.public.mu.Lock()
	records := maps.Clone(s.public.spaces)
	s.public.mu.Unlock()
	for space, r := range records {
		for scope := range r.marks {
			// the store remembers what it sees, see store.Committed
			if _, err := s.store.Position(ctx, scope); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		if !s.current(r) {
			s.public.mu.Lock()
			if s.public.spaces[space] == r {
				delete(s.public.spaces, space)
			}
			s.public.mu.Unlock()
		}
	}
	return nil
}
