package authoring

import (
	"context"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// maxPast is how many changes of a resource an export has: the newest.
const maxPast = 1000

// PastStep is one change in the history of a resource, with what it left.
type PastStep struct {
	Step
	Saved          bool // it made another draft
	Latest, Public bool // and that is the latest version, or the published one
	Partly         bool // it published some locales only
	// Content is what was saved or partly published, unless it is Latest or Public.
	Content
}

// EachPast calls f with the history of an entry, asset or content type, the oldest
// change first. What was in the trash meanwhile never was.
func (s *Service) EachPast(ctx context.Context, p access.Place, kind cms.Kind, id string, f func(PastStep) error) error {
	h, err := s.Store.Get(ctx, p.Environment, kind, id)
	if fault.Is(err, fault.NotFound) {
		return nil // it was deleted a moment ago
	}
	if err != nil {
		return err
	}
	var changes []store.Change
	err = s.life(ctx, p.Environment, kind, id, func(c store.Change) bool {
		if c.Action != store.Delete {
			changes = append(changes, c)
		}
		return len(changes) < maxPast
	})
	if err != nil {
		return err
	}
	slices.Reverse(changes)
	model, err := s.model(ctx, p)
	if err != nil {
		return err
	}
	var shown []store.Change // whose content is wanted
	steps := make([]PastStep, len(changes))
	for i, c := range changes {
		st := PastStep{Step: stepOf(c), Saved: c.DraftAfter != c.DraftBefore, Partly: c.Action == store.Publish && c.PublishedAfter != c.DraftAfter}
		if st.Saved {
			st.Latest, st.Public = c.DraftAfter == h.Draft, c.DraftAfter == h.Published
		}
		if st.shown() {
			shown = append(shown, c)
		}
		steps[i] = st
	}
	if err := s.prefetchPast(ctx, kind, shown); err != nil {
		return err
	}
	for i, c := range changes {
		if steps[i].shown() {
			sys := cms.Sys{Kind: kind, ID: id, ContentType: c.ContentType, Version: c.Version}
			if steps[i].Content, err = s.contentAt(ctx, p, model, sys, c); err != nil {
				return err
			}
		}
		if err := f(steps[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p PastStep) shown() bool { return p.Partly || p.Saved && !p.Latest && !p.Public }

// prefetchPast reads together what changes left.
func (s *Service) prefetchPast(ctx context.Context, kind cms.Kind, changes []store.Change) (err error) {
	const together = 500 // changes, of two revisions each
	for some := range slices.Chunk(changes, together) {
		var revs []store.Revision
		for _, c := range some {
			revs = append(revs, c.DraftAfter, c.PublishedAfter)
		}
		if kind == cms.KindContentType {
			_, err = s.Index.Bodies(ctx, revs)
		} else {
			_, err = s.Index.Documents(ctx, revs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
