package webhook

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// past is a resource as a change left it.
type past struct {
	head             store.Head
	draft, published cms.Body
	bytes            int   // of both
	gone             error // why nobody knows it
}

// size is about how much memory it takes.
func (p past) size() int { return p.bytes + 500 }

// needsPast reports whether an event says more than its change does.
func needsPast(c store.Change) bool {
	return c.Action != store.Delete && (c.Action != store.Unpublish || c.PublishedAfter != 0)
}

// pasts reads what the events of these changes of one log are made of, in their
// order. Where nothing has happened since, that is one statement for the heads of
// a kind and one for all bodies that nobody has in memory. Those that there is no
// room for are nil; the only one never is.
func (s *Service) pasts(ctx context.Context, log store.Scope, changes []store.Change, room int, known *publications) ([]*past, error) {
	now, err := s.heads(ctx, log, changes)
	if err != nil {
		return nil, err
	}
	if len(changes) == 1 {
		room = math.MaxInt
	}
	out := make([]*past, len(changes)) // each of its own: they are let go one by one
	var revs []store.Revision
	for i, c := range changes {
		if out[i] = new(past); !needsPast(c) {
			continue
		}
		if out[i].head, err = s.headAt(ctx, c, now[store.Resource{Kind: c.Kind, ID: c.ID}], known); err != nil {
			return nil, err
		}
		known.note(out[i].head)
		revs = append(revs, out[i].head.Draft, out[i].head.Published)
	}
	slices.Sort(revs)
	bodies, all, err := s.bodies(ctx, slices.Compact(revs), room)
	if err != nil {
		return nil, err
	}
	for i, c := range changes {
		h := out[i].head
		draft, published := bodies[h.Draft], bodies[h.Published]
		out[i].draft, out[i].published, out[i].bytes = draft.Body, published.Body, draft.bytes+published.bytes
		switch {
		case !needsPast(c) || draft.Exists() && (h.Published == 0 || published.Exists()):
		case !all:
			out[i] = nil
		default:
			out[i].gone = fault.New(fault.NotFound, "The version %d of %s %s is not kept any more.", c.Version, c.Kind, c.ID)
		}
	}
	return out, nil
}

// sized is a body and how many bytes it has.
type sized struct {
	cms.Body
	bytes int
}

// bodies are those of some revisions, from memory as far as they are there. all is
// false if there was no room for others.
func (s *Service) bodies(ctx context.Context, revs []store.Revision, room int) (bodies map[store.Revision]sized, all bool, err error) {
	bodies = make(map[store.Revision]sized, len(revs))
	var missing []store.Revision
	for _, r := range revs {
		if r == 0 {
			continue
		}
		d, size := s.Known(r)
		if d == nil || room <= 0 {
			missing = append(missing, r)
			continue
		}
		bodies[r] = sized{cms.Body{Document: d}, size}
		room -= size
	}
	found, all, err := s.Store.BodiesWithin(ctx, missing, room)
	for r, b := range found {
		bodies[r] = sized{cms.Body{JSON: b}, len(b)}
	}
	return bodies, all, err
}

// heads are the newest heads of what has changed and is still there.
func (s *Service) heads(ctx context.Context, log store.Scope, changes []store.Change) (map[store.Resource]store.Head, error) {
	ids := map[cms.Kind][]string{}
	for _, c := range changes {
		if needsPast(c) && !slices.Contains(ids[c.Kind], c.ID) {
			ids[c.Kind] = append(ids[c.Kind], c.ID)
		}
	}
	out := map[store.Resource]store.Head{}
	for kind, of := range ids {
		found, err := s.Store.GetMany(ctx, log, kind, of)
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			out[store.Resource{Kind: kind, ID: h.ID}] = h
		}
	}
	return out, nil
}

// headAt is the head of a resource as a change left it. Mostly it is still the
// newest, now; of older ones the log says what the head says no more. A zero head
// is that of a resource that is gone.
func (s *Service) headAt(ctx context.Context, c store.Change, now store.Head, known *publications) (store.Head, error) {
	if now.CreatedAt.After(c.At) { // another of the same id
		now = store.Head{}
	}
	if now.Version == c.Version && now.Draft == c.DraftAfter && now.Published == c.PublishedAfter {
		return now, nil
	}
	h := store.Head{Scope: c.Scope, Draft: c.DraftAfter, Published: c.PublishedAfter, Child: now.Child, Sys: cms.Sys{
		Kind: c.Kind, ID: c.ID, ContentType: c.ContentType, Version: c.Version,
		CreatedAt: now.CreatedAt, CreatedBy: now.CreatedBy, UpdatedAt: c.At, UpdatedBy: c.Actor, PublishedCounter: c.Publications,
	}}
	if !now.FirstPublishedAt.After(c.At) {
		h.FirstPublishedAt = now.FirstPublishedAt
	}
	if c.Publications == now.PublishedCounter && c.PublishedAfter != 0 {
		h.PublishedAt, h.PublishedBy, h.PublishedVersion = now.PublishedAt, now.PublishedBy, now.PublishedVersion
	}
	take(&h, c, c)
	known.complete(&h)
	return h, s.fromLog(ctx, &h, c)
}

// publications are those that events of a walk were about lately, by the revision
// that they made public. What is changed and published over and over has two events
// each time, and the head that is left says of the publication before no more when
// the change is told. Of what it forgets it forgets the older half at once.
type publications struct {
	young, old map[store.Revision]publication
}

// maxPublications is how many of them are known.
const maxPublications = 1000

type publication struct {
	count   int // Sys.PublishedCounter: a revision may be published again
	at      time.Time
	by      string
	version int
}

// note remembers what a head says of its publication.
func (p *publications) note(h store.Head) {
	if h.Published == 0 || h.PublishedAt.IsZero() {
		return
	}
	if p.young == nil || len(p.young) >= maxPublications/2 {
		p.young, p.old = map[store.Revision]publication{}, p.young
	}
	p.young[h.Published] = publication{h.PublishedCounter, h.PublishedAt, h.PublishedBy, h.PublishedVersion}
}

// complete adds to a head what is known of its publication.
func (p *publications) complete(h *store.Head) {
	last, ok := p.young[h.Published]
	if !ok {
		last, ok = p.old[h.Published]
	}
	if ok && h.PublishedAt.IsZero() && last.count == h.PublishedCounter {
		h.PublishedAt, h.PublishedBy, h.PublishedVersion = last.at, last.by, last.version
	}
}

// fromLog completes a head from the changes that led to c, as far back as that takes.
func (s *Service) fromLog(ctx context.Context, h *store.Head, c store.Change) error {
	page := 2 // mostly the one before says what is missing
	for at := c.Point(); h.CreatedAt.IsZero() || h.Published != 0 && h.PublishedAt.IsZero() || c.Publications > 0 && h.FirstPublishedAt.IsZero(); {
		before, err := s.Store.ChangesOf(ctx, c.Scope, c.Kind, c.ID, at, page)
		if err != nil {
			return err
		}
		for _, b := range before {
			if take(h, c, b); b.Action == store.Create {
				return nil // what is before it was another resource of the same id
			}
			at = b.Point()
		}
		if len(before) < page {
			return nil
		}
		page = 100
	}
	return nil
}

// take adds to a head, which is as c left it, what the change b says, which is c or
// one before it. They come from the latest to the first.
func take(h *store.Head, c, b store.Change) {
	switch b.Action {
	case store.Create:
		h.CreatedAt, h.CreatedBy = b.At, b.Actor
	case store.Archive:
		if b.Point() == c.Point() { // nothing else happens to what is archived
			h.ArchivedAt, h.ArchivedBy, h.ArchivedVersion = b.At, b.Actor, b.Version-1
		}
	case store.Publish:
		if h.Published != 0 && h.PublishedAt.IsZero() {
			h.PublishedAt, h.PublishedBy, h.PublishedVersion = b.At, b.Actor, b.Version-1
		}
		if b.Publications == 1 {
			h.FirstPublishedAt = b.At
		}
	}
}
