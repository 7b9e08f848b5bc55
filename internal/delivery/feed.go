package delivery

import (
	"context"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// A feed is a sync that does not end: what a delta would bring, as soon as it is
// there. Its position is a sync token, and every event says which one leads on
// behind it, so that a client can go over from a sync to a feed, and back, and
// from one server to another. Nothing is kept for a client but that position: a
// slow one reads on later, and then gets the newest state only.

// feedBatch is how many events are made at once: all that is in memory for one
// client.
const feedBatch = 50

// Feed is one client's way through the changes of an environment. It is not
// safe for concurrent use.
type Feed struct {
	s     *Service
	r     Request
	token *syncToken
	told  logPoint // the client knows it can go on from here; the zero value is nowhere
}

// logPoint is a state of an environment.
type logPoint struct {
	scope store.Scope
	seq   int64
}

// FeedEvent is one change. Without JSON it only says where the client is.
type FeedEvent struct {
	Token string // of a sync that has had this event
	JSON  []byte // an entity or a deletion, as an item of a sync; shared: read only
}

// Feed begins a feed where the token resume or the parameter sync_token says, or
// now. Whatever is wrong with the request is an error here.
func (s *Service) Feed(ctx context.Context, r Request, resume string) (*Feed, error) {
	rd, err := s.open(ctx, r)
	if err != nil {
		return nil, err
	}
	asked, err := query.ParseFeed(r.Params, resume, rd.model)
	if err != nil {
		return nil, err
	}
	f := &Feed{s: s, r: Request{Stage: r.Stage, Base: r.Base, DraftBase: r.DraftBase}}
	if asked.Token == "" {
		f.token = &syncToken{sync: *asked, scope: r.Place.Environment, seq: rd.seq}
		return f, nil
	}
	f.token, _, err = rd.begin(asked)
	return f, err
}

// Watch begins to watch for what Next may have to tell, and for what may end the
// right to it. It returns a function that waits until there is something since,
// or until ctx ends.
func (f *Feed) Watch(p access.Place) func(ctx context.Context) {
	content, space, server := f.s.store.Moved(p.Environment), f.s.store.Moved(p.Space), f.s.store.Moved(store.Server)
	return func(ctx context.Context) {
		select {
		case <-content:
		case <-space:
		case <-server:
		case <-ctx.Done():
		}
	}
}

// Next is what comes next at a place, which is the one the feed began with, but
// may stand for another environment by now. more: there is more already. After
// an error the feed is where it was.
func (f *Feed) Next(ctx context.Context, p access.Place) (events []FeedEvent, more bool, err error) {
	r := f.r
	r.Place = p
	rd, err := f.s.open(ctx, r)
	if err != nil {
		return nil, false, err
	}
	t := *f.token
	t.steps = slices.Clone(t.steps)
	if _, err := rd.leadOn(&t); err != nil {
		return nil, false, err
	}
	if rd.view, err = newView(rd.model.Locales, allLocales); err != nil {
		return nil, false, err
	}
	page := &syncPage{reader: rd, syncToken: &t, scan: maxScan, seen: map[link]bool{}}
	for len(t.steps) > 0 && page.scan > 0 && len(events) < feedBatch {
		items, rest, err := page.next(t.steps[0], feedBatch-len(events))
		if err != nil {
			return nil, false, err
		}
		if events, err = page.events(events, items); err != nil {
			return nil, false, err
		}
		if t.steps[0] = rest; rest.done {
			t.steps = t.steps[1:]
		}
	}
	here := logPoint{t.scope, t.seq}
	switch {
	case len(events) > 0:
		f.told = here
	case f.told.scope != here.scope || here.seq-f.told.seq > logBatch:
		// Whoever comes back is not to read all of it again, nor to miss what
		// happened before the first event.
		events = append(events, FeedEvent{Token: rd.seal(&t)})
		f.told = here
	}
	f.token = &t
	return events, len(t.steps) > 0 || t.seq < rd.seq, nil // what was under way may have led to an earlier state
}

// events makes events of items of the first step.
func (p *syncPage) events(to []FeedEvent, items []syncItem) ([]FeedEvent, error) {
	var heads []store.Head
	for i := range items {
		if items[i].deleted == nil {
			heads = append(heads, items[i].head)
		}
	}
	fragments, err := p.entities(heads)
	if err != nil {
		return nil, err
	}
	for i := range items {
		p.steps[0] = items[i].rest
		e := FeedEvent{Token: p.seal(p.syncToken)}
		if d := items[i].deleted; d != nil {
			p.w = writer{}
			p.deletion(&items[i].head, d)
			e.JSON = p.w.buf
		} else {
			e.JSON = fragments[0].json
			fragments = fragments[1:]
		}
		to = append(to, e)
	}
	return to, nil
}
