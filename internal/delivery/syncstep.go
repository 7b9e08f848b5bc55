package delivery

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// entitiesStep walks over what readers see, the newest first. Whatever changes
// meanwhile moves to the front, where the walk has been, and has a change that
// the next run meets.
func (p *syncPage) entitiesStep(s syncStep, n int) ([]syncItem, syncStep, error) {
	var found []store.Head
	more := false
	for _, kind := range entityKinds {
		params, ok := p.walk(s, kind)
		if !ok {
			continue
		}
		params.Set("limit", strconv.Itoa(n))
		q, err := query.Parse(params, p.options(kind, false))
		if err != nil {
			return nil, s, err
		}
		q.After = after(s.at, kind)
		page, err := p.env.Search(p.ctx, p.Stage, q)
		if err != nil {
			return nil, s, err
		}
		found = append(found, page.Heads...)
		more = more || page.Next != nil
	}
	slices.SortFunc(found, func(a, b store.Head) int { return p.cursor(&a).compare(p.cursor(&b)) })
	if len(found) > n {
		found, more = found[:n], true
	}
	p.scan -= len(found)
	var items []syncItem
	for i := range found {
		s.at = p.cursor(&found[i])
		if p.visible(&found[i]) {
			items = append(items, syncItem{head: found[i], rest: s})
		}
	}
	s.done = !more
	if s.done && len(items) > 0 {
		items[len(items)-1].rest = s
	}
	return items, s, nil
}

// walk is the query of a step for a kind; not ok when it is about no such
// entities.
func (p *syncPage) walk(s syncStep, kind cms.Kind) (params url.Values, ok bool) {
	params = url.Values{"cursor": {"true"}}
	only := p.sync.ContentType
	if kind == cms.KindAsset {
		return params, s.types == nil && p.sync.Wants(kind, "")
	}
	if !p.sync.Wants(kind, only) {
		return nil, false
	}
	if only != "" {
		params.Set("content_type", only)
		return params, p.model.Types[only] != nil && (s.types == nil || slices.Contains(s.types, only))
	}
	if s.types != nil {
		params.Set("sys.contentType.sys.id[in]", strings.Join(s.types, ","))
	}
	return params, true
}

// cursor is where an entity is in the walk.
func (rd *reader) cursor(h *store.Head) syncCursor {
	_, updated := rd.times(h)
	return syncCursor{updated.UnixMilli(), h.Kind, h.ID}
}

func (c syncCursor) compare(d syncCursor) int {
	return cmp.Or(cmp.Compare(d.time, c.time),
		cmp.Compare(slices.Index(entityKinds, c.kind), slices.Index(entityKinds, d.kind)), cmp.Compare(c.id, d.id))
}

// after is the position of a cursor among the entities of a kind.
func after(at syncCursor, kind cms.Kind) *query.Position {
	if at.kind == "" {
		return nil
	}
	p := &query.Position{Keys: []*query.Value{{Num: float64(at.time)}}, ID: at.id}
	switch c := cmp.Compare(slices.Index(entityKinds, at.kind), slices.Index(entityKinds, kind)); {
	case c < 0: // of the same time all are still to come
		p.ID = ""
	case c > 0: // and here none: no id has a ~
		p.ID = "~"
	}
	return p
}

// changes reads a log backwards. An entity that readers see is sent with the
// change that brought it to what it is now, and with no other; when it is newer
// than the log is read, that is for the next run. An entity that readers do not
// see is sent as deleted with the change that took it from them. The log of
// another environment says what is to be lost only.
func (p *syncPage) changes(s syncStep, n int) ([]syncItem, syncStep, error) {
	if s.upTo == endOfLog {
		pos, err := p.store.Position(p.ctx, s.scope)
		if err != nil {
			return nil, s, lostEnvironment(err)
		}
		s.upTo = pos.Seq
	}
	var items []syncItem
	for s.upTo > s.after && len(items) < n && p.scan > 0 {
		from := max(s.after, s.upTo-logBatch)
		changes, err := p.log(p.ctx, logPart{s.scope, from, s.upTo})
		if err != nil {
			return nil, s, err
		}
		p.scan -= len(changes)
		heads := p.headsOf(changes)
		for i := len(changes) - 1; i >= 0 && len(items) < n; i-- {
			s.upTo = changes[i].Seq - 1
			if item, ok := p.judge(s, &changes[i], heads); ok {
				item.rest = s
				items = append(items, item)
			}
		}
	}
	s.done = s.upTo <= s.after
	return items, s, nil
}

// logPart is a part of a change log.
type logPart struct {
	scope       store.Scope
	after, upTo int64
}

// log reads a part of a log. What has happened stays as it is, so it is read
// once for all clients that follow at the same pace.
func (s *Service) log(ctx context.Context, part logPart) ([]store.Change, error) {
	if changes, ok := s.logs.GetIfPresent(part); ok {
		return changes, nil
	}
	n := part.upTo - part.after
	changes, err := s.store.Changes(ctx, part.scope, part.after, int(n))
	if err != nil {
		return nil, err
	}
	if int64(len(changes)) != n { // a log without gaps misses some: it was deleted
		return nil, outOfReach()
	}
	s.logs.Set(part, changes)
	return changes, nil
}

// headsOf are the entities that changes are about, as far as they exist.
func (p *syncPage) headsOf(changes []store.Change) map[link]store.Head {
	ids := map[cms.Kind][]string{}
	for i := range changes {
		ids[changes[i].Kind] = append(ids[changes[i].Kind], changes[i].ID)
	}
	out := map[link]store.Head{}
	for _, kind := range entityKinds {
		for id, h := range p.env.Heads(kind, ids[kind]) {
			out[link{kind, id}] = h
		}
	}
	return out
}

// judge is the item that a change makes, if it makes one.
func (p *syncPage) judge(s syncStep, c *store.Change, heads map[link]store.Head) (syncItem, bool) {
	if !slices.Contains(entityKinds, c.Kind) {
		return syncItem{}, false
	}
	what := link{c.Kind, c.ID}
	h, exists := heads[what]
	if exists && p.visible(&h) {
		send := s.scope == p.scope && p.newest(c, &h) && p.sync.Wants(h.Kind, h.ContentType) && !p.comes(&h)
		return syncItem{head: h}, send
	}
	if !p.sync.WantsDeleted(c.Kind) || !p.removes(c) || p.seen[what] {
		return syncItem{}, false
	}
	if exists && s.scope == p.scope && p.removedLater(c, &h) {
		return syncItem{}, false
	}
	p.seen[what] = true
	return syncItem{
		head:    store.Head{Sys: cms.Sys{Kind: c.Kind, ID: c.ID}},
		deleted: &deletion{c.Publications, c.At},
	}, true
}

// newest reports whether a change made an entity what readers see.
func (rd *reader) newest(c *store.Change, h *store.Head) bool {
	if rd.Stage == cms.Published {
		return c.PublishedAfter == h.Published && c.Version == h.PublishedVersion+1
	}
	return c.DraftAfter == h.Draft && c.Version == h.Version
}

// removes reports whether a change took an entity from readers.
func (rd *reader) removes(c *store.Change) bool {
	if rd.Stage == cms.Published {
		return c.PublishedBefore != 0 && c.PublishedAfter == 0
	}
	return c.Action == store.Delete || c.Action == store.Archive
}

// removedLater reports whether an entity that exists was taken from readers once
// more after a change.
func (rd *reader) removedLater(c *store.Change, h *store.Head) bool {
	if rd.Stage == cms.Published {
		return c.Publications < h.PublishedCounter
	}
	return c.Action != store.Archive || c.Version != h.ArchivedVersion+1
}

// comes reports whether a later step of the run sends an entity anyway.
func (p *syncPage) comes(h *store.Head) bool {
	return slices.ContainsFunc(p.steps[1:], func(s syncStep) bool {
		return s.kind == stepEntities && (s.types == nil || slices.Contains(s.types, h.ContentType))
	})
}

// lost walks over what readers saw in another environment and do not see here.
func (p *syncPage) lost(s syncStep, n int) ([]syncItem, syncStep, error) {
	var items []syncItem
	for len(items) < n && p.scan > 0 && !s.done {
		if s.at.kind == "" {
			s.at.kind = entityKinds[0]
		}
		heads, err := p.store.List(p.ctx, s.scope, s.at.kind, s.at.id, logBatch)
		if err != nil {
			return nil, s, err
		}
		p.scan -= len(heads) + 1
		ids := make([]string, len(heads))
		for i := range heads {
			ids[i] = heads[i].ID
		}
		here := p.env.Heads(s.at.kind, ids)
		read := 0
		for ; read < len(heads) && len(items) < n; read++ {
			h := heads[read]
			s.at.id = h.ID
			now, exists := here[h.ID]
			if !p.shown(&h) || exists && p.visible(&now) || !p.sync.WantsDeleted(h.Kind) || p.seen[link{h.Kind, h.ID}] {
				continue
			}
			at, err := p.movedAt()
			if err != nil {
				return nil, s, err
			}
			p.seen[link{h.Kind, h.ID}] = true
			items = append(items, syncItem{head: h, deleted: &deletion{h.PublishedCounter, at}, rest: s})
		}
		if read == len(heads) && len(heads) < logBatch { // the end of the kind
			i := slices.Index(entityKinds, s.at.kind) + 1
			if s.done = i == len(entityKinds); !s.done {
				s.at = syncCursor{kind: entityKinds[i]}
			}
		}
	}
	// what was there to the end was there all the time
	if _, err := p.store.Position(p.ctx, s.scope); err != nil {
		return nil, s, lostEnvironment(err)
	}
	return items, s, nil
}

// shown is visible for an environment whose model is not at hand.
func (rd *reader) shown(h *store.Head) bool {
	if rd.Stage == cms.Published {
		return h.Published != 0
	}
	return !h.Archived()
}

// lostEnvironment says so when a token's environment is gone.
func lostEnvironment(err error) error {
	if fault.Is(err, fault.NotFound) {
		return outOfReach()
	}
	return err
}

// movedAt is when the name of the environment came to stand for what it does.
func (p *syncPage) movedAt() (time.Time, error) {
	if !p.moved.IsZero() {
		return p.moved, nil
	}
	h, err := p.store.Get(p.ctx, p.Place.Space, cms.KindEnvironmentAlias, p.Place.EnvironmentID)
	p.moved = h.UpdatedAt
	if fault.Is(err, fault.NotFound) { // an environment has taken the place of an alias
		h, err = p.store.Get(p.ctx, p.Place.Space, cms.KindEnvironment, p.Place.EnvironmentID)
		p.moved = h.CreatedAt
	}
	return p.moved, err
}
