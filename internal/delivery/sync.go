package delivery

import (
	"context"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// A sync brings a client's copy of an environment up to date, in runs of one or
// more pages. A run leads to the position that the environment had when it
// began: the next run begins there. What is sent is always the newest state, so
// an entity that changes during a run may be newer in the copy than the
// position says, or be left to the next run, which meets the change again; none
// is ever missed.
//
//   - The first run walks over everything readers see (stepEntities), or, for a
//     sync of deletions, over the whole change log (stepChanges).
//   - A further run reads the changes since the last one, backwards: each entity
//     is sent with its newest change. When the model has changed, entities that
//     are shown differently for that are walked over too; see reshaped.
//   - When an alias has come to stand for another environment, a run walks over
//     that one and takes from the copy what only the old one had; see moveOver.

const (
	logBatch = 1000 // rows of one statement
	maxScan  = 10 * logBatch
	maxSteps = 16
	maxTypes = 8   // of a step; more are sent as all
	chunk    = 100 // entities whose JSON is made at once

	startOver = `Drop what you have synced and start again with "initial=true".`
)

// Sync answers a request to the sync endpoint.
func (s *Service) Sync(ctx context.Context, r Request) (Answer, error) {
	rd, err := s.open(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return rd.finish(rd.etag("Sync", "", r.SyncURL), func() (*Body, error) {
		asked, err := query.ParseSync(rd.Params, rd.model)
		if err != nil {
			return nil, err
		}
		t, was, err := rd.begin(asked)
		if err != nil {
			return nil, err
		}
		if rd.view, err = newView(rd.model.Locales, allLocales); err != nil {
			return nil, err
		}
		p := &syncPage{reader: rd, syncToken: t, scan: maxScan, seen: map[link]bool{}}
		if err := p.fill(); err != nil {
			return nil, err
		}
		if len(p.steps) == 0 && p.n == 0 && was != nil && t.seq-was.seq <= logBatch {
			// A run that brought nothing leads to where it came from, as in the
			// original, unless that would leave ever more to be read again.
			p.syncToken = was
		}
		return p.close(), nil
	})
}

// begin is the token of a request, with a new run in it if none is under way,
// and the token as it was before the run; nil if the run does not lead on from
// an earlier one.
func (rd *reader) begin(asked *query.Sync) (t, was *syncToken, err error) {
	here := rd.Place.Environment
	if asked.Token == "" {
		t = &syncToken{sync: *asked, scope: here, seq: rd.seq}
		t.steps = []syncStep{{kind: stepEntities}}
		if !asked.Entities() {
			t.steps = []syncStep{{kind: stepChanges, scope: here, upTo: rd.seq}}
		}
		return t, nil, nil
	}
	t, err = rd.unseal(asked.Token)
	if err != nil {
		return nil, nil, err
	}
	if err := asked.Beside(&t.sync); err != nil {
		return nil, nil, err
	}
	was, err = rd.leadOn(t)
	return t, was, err
}

// leadOn begins the run that follows a token, unless one is under way in it.
func (rd *reader) leadOn(t *syncToken) (was *syncToken, err error) {
	here := rd.Place.Environment
	if t.scope != here {
		return nil, rd.moveOver(t)
	}
	if t.seq > rd.seq { // the token comes from a node that is ahead
		if rd.env, err = rd.index.Open(rd.ctx, here, true); err != nil {
			return nil, err
		}
		rd.seq, rd.model = rd.env.Seq(), rd.env.Model()
	}
	switch {
	case t.seq > rd.seq:
		return nil, outOfReach()
	case t.seq == rd.seq || len(t.steps) > 0:
		return nil, nil
	}
	before := *t
	t.steps = []syncStep{{kind: stepChanges, scope: here, after: t.seq, upTo: rd.seq}}
	if t.sync.Entities() {
		again, err := rd.reshaped(t.seq)
		if err != nil {
			return nil, err
		}
		t.steps = append(t.steps, again...)
	}
	t.seq = rd.seq
	return &before, nil
}

// moveOver begins the run from the environment that a token is for to the one
// that its name stands for now. The copy may hold, and has to lose, whatever
// the old one shows or has shown since: first what it shows is gone through,
// then its changes, so that nothing slips through while it goes on changing.
// Whatever was left to lose from an earlier move is still to be lost.
func (rd *reader) moveOver(t *syncToken) error {
	old, since := t.scope, t.seq
	if _, err := rd.store.Position(rd.ctx, old); err != nil {
		return lostEnvironment(err)
	}
	var left []syncStep
	for _, s := range t.steps {
		switch {
		case s.kind == stepEntities:
		case s.scope != old:
			left = append(left, s)
		case s.kind == stepChanges:
			since = min(since, s.after)
		}
	}
	t.scope, t.seq, t.steps = rd.Place.Environment, rd.seq, nil
	if t.sync.Entities() {
		t.steps = append(t.steps, syncStep{kind: stepEntities})
	}
	if t.sync.WantsDeleted(cms.KindEntry) || t.sync.WantsDeleted(cms.KindAsset) {
		t.steps = append(t.steps, syncStep{kind: stepLost, scope: old}, syncStep{kind: stepChanges, scope: old, after: since, upTo: endOfLog})
		t.steps = append(t.steps, left...)
	}
	if len(t.steps) > maxSteps {
		return outOfReach()
	}
	return nil
}

// outOfReach is the error for a token that leads from a state nobody knows any
// more: its environment was deleted, or the database is an older copy.
func outOfReach() error {
	return fault.New(fault.BadRequest, "What the sync token refers to is not there any more. "+startOver)
}

// syncPage is an answer in the making: it works off the steps of its token.
type syncPage struct {
	*reader
	*syncToken
	body  Body
	w     writer // of its text
	n     int    // items
	scan  int    // rows that may still be read
	full  bool
	seen  map[link]bool // what the page says was deleted
	moved time.Time     // see movedAt
}

// syncItem is one item of a page.
type syncItem struct {
	head    store.Head
	deleted *deletion // instead
	rest    syncStep  // what is left of the step behind the item
}

// deletion is an entity that readers do not see any more.
type deletion struct {
	revision int
	at       time.Time
}

// fill works off steps until the page has enough. It looks one item further, so
// that there is a next page only if something is on it, unless reading takes
// too long.
func (p *syncPage) fill() error {
	p.w.raw(`{"sys":{"type":"Array"},"items":[`)
	for len(p.steps) > 0 && p.scan > 0 && !p.full {
		room := p.sync.Limit - p.n
		items, rest, err := p.next(p.steps[0], max(1, room))
		if err != nil {
			return err
		}
		if room == 0 && len(items) > 0 {
			return nil
		}
		if err := p.add(items); err != nil || p.full {
			return err
		}
		p.steps[0] = rest
		if rest.done {
			p.steps = p.steps[1:]
		}
	}
	return nil
}

// next is up to n items of a step, and what is left of it behind them.
func (p *syncPage) next(s syncStep, n int) ([]syncItem, syncStep, error) {
	switch s.kind {
	case stepChanges:
		return p.changes(s, n)
	case stepLost:
		return p.lost(s, n)
	}
	return p.entitiesStep(s, n)
}

// add writes items as long as the page does not become too large.
func (p *syncPage) add(items []syncItem) error {
	for some := range slices.Chunk(items, chunk) {
		var heads []store.Head
		for i := range some {
			if some[i].deleted == nil {
				heads = append(heads, some[i].head)
			}
		}
		fragments, err := p.entities(heads)
		if err != nil {
			return err
		}
		for i := range some {
			size := 2 * maxToken // more than any deletion, or the URL at the end
			if some[i].deleted == nil {
				size += len(fragments[0].json)
			}
			if p.full = p.n > 0 && len(p.w.buf)+p.body.size+size > MaxAnswer; p.full {
				return nil
			}
			if p.n > 0 {
				p.w.raw(",")
			}
			if d := some[i].deleted; d != nil {
				p.deletion(&some[i].head, d)
			} else {
				p.body.splice(&p.w, fragments[0])
				fragments = fragments[1:]
			}
			p.n++
			p.steps[0] = some[i].rest
		}
	}
	return nil
}

// deletion writes what takes the place of an entity.
func (p *syncPage) deletion(h *store.Head, d *deletion) {
	p.w.raw(`{"sys":{`)
	p.w.strMember("type", "Deleted"+string(h.Kind))
	p.w.strMember("id", h.ID)
	p.w.linkMember("space", cms.KindSpace, p.Place.SpaceID)
	p.w.linkMember("environment", cms.KindEnvironment, p.Place.EnvironmentID)
	p.w.intMember("revision", int64(d.revision))
	p.w.timeMember("createdAt", d.at)
	p.w.timeMember("updatedAt", d.at)
	p.w.timeMember("deletedAt", d.at)
	p.w.raw("}}")
}

// close ends the page with the URL of what follows: the next page or, when
// nothing is left, the next run.
func (p *syncPage) close() *Body {
	name := "nextPageUrl"
	if len(p.steps) == 0 {
		name = "nextSyncUrl"
	}
	p.w.raw("]")
	p.w.strMember(name, p.SyncURL+"?sync_token="+p.seal(p.syncToken))
	p.w.raw("}")
	p.body.text = p.w.buf
	return &p.body
}
