package sqlstore

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

const (
	// recentHeads is how many heads of one generation are kept, some 2 MB of them.
	recentHeads = 4096
	// recentChanges is how many changes of a scope are kept at least, up to twice as
	// many, and maxChanges of all scopes, some 4 MB of them.
	recentChanges = 512
	maxChanges    = 8192
	// ownChanges is how many changes this process must have made to a scope since
	// the first write behind somebody else's, before it supposes that it is alone there.
	ownChanges = 100
)

// recent has the heads that were read or written lately, and the changes that were
// made. Every change moves the position of its scope, so a head that is known at the
// position where its scope is now is the head: nobody has to be asked. Of heads that
// it forgets it forgets the oldest generation at once.
type recent struct {
	mu         sync.RWMutex
	scopes     map[store.Scope]known
	young, old map[headKey]aged
	changed    int   // how many changes there are in all logs
	epochs     int64 // how many there have been

	forgotten  atomic.Int64 // how often a scope was
	committing atomic.Pointer[committing]
}

// committing is a transaction that others may see and that is not noted yet.
type committing struct {
	scopes map[store.Scope]position
	looked atomic.Bool // somebody has read the database meanwhile
}

// known is a scope with heads that are as they are at a position.
type known struct {
	store.Position
	epoch int64          // of these heads; those of an earlier one are outdated
	log   []store.Change // the last ones, without a gap up to the position
	since int64          // what comes after it has all been written by this process

	parent store.Scope
	locked bool // it was locked once, and so its parent is known
}

// aged is a head of an epoch of its scope. Its version is absent where there is none.
type aged struct {
	store.Head
	epoch int64
}

const absent = -1

type headKey struct {
	scope store.Scope
	kind  cms.Kind
	id    string
}

func keyOf(h store.Head) headKey { return headKey{h.Scope, h.Kind, h.ID} }

// none is what is known of a head that does not exist. The id may be a part of a
// much longer text, such as an address, which would be kept with it.
func none(k headKey) store.Head {
	return store.Head{Scope: k.scope, Sys: cms.Sys{Kind: k.kind, ID: strings.Clone(k.id), Version: absent}}
}

// present is a head that is known, or that there is none.
func present(h store.Head) (store.Head, error) {
	if h.Version == absent {
		return store.Head{}, notFound()
	}
	return h, nil
}

// existing leaves out of heads that are known those that do not exist.
func existing(heads []store.Head) []store.Head {
	return slices.DeleteFunc(heads, func(h store.Head) bool { return h.Version == absent })
}

// distinct is ids with each of them once.
func distinct(ids []string) []string {
	if len(ids) < 2 {
		return ids
	}
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

func newRecent() *recent {
	return &recent{scopes: map[store.Scope]known{}, young: map[headKey]aged{}}
}

// position is where a scope is if that is seq.
func (r *recent) position(s store.Scope, seq int64) (store.Position, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	at := r.scopes[s].Position
	return at, at.Seq > 0 && at.Seq == seq && !r.left(s)
}

// leave says which scopes are being committed, nil when that is over and noted.
func (r *recent) leave(scopes map[store.Scope]position) {
	if scopes == nil {
		r.committing.Store(nil)
		return
	}
	r.committing.Store(&committing{scopes: scopes})
}

// looked is for who has read the database.
func (r *recent) looked() {
	if c := r.committing.Load(); c != nil {
		c.looked.Store(true)
	}
}

// left says whether somebody may have read more of a scope than is known: what he
// has seen must not be denied. The caller holds mu.
func (r *recent) left(s store.Scope) bool {
	c := r.committing.Load()
	if c == nil || !c.looked.Load() {
		return false
	}
	p := c.scopes[s]
	return p.moved || p.gone
}

// place is where a scope is, if that is known and seq.
func (r *recent) place(s store.Scope, seq int64) (position, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k := r.scopes[s]
	return position{Position: k.Position, parent: k.parent, from: k.Seq}, k.locked && k.Seq > 0 && k.Seq == seq
}

// heads returns those heads among ids that are known at a position of their scope,
// and the ids of the others.
func (r *recent) heads(s store.Scope, seq int64, k cms.Kind, ids ...string) (heads []store.Head, others []string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	scope := r.scopes[s]
	if scope.Seq == 0 || scope.Seq != seq || r.left(s) {
		return nil, ids
	}
	for _, id := range ids {
		if h, ok := r.head(scope, headKey{s, k, id}); ok {
			heads = append(heads, h)
		} else {
			others = append(others, id)
		}
	}
	return heads, others
}

// read notes heads of one scope that were read at a position. When it is not the
// one that is known, there has been a write: who has made it tells what it changed.
// What was read before a scope was forgotten may be of that one, and is not noted;
// forgotten is what that counter was before.
func (r *recent) read(forgotten int64, s store.Scope, at store.Position, heads ...store.Head) {
	if at.Seq == 0 { // the one position at which heads come without a change: by CopyScope
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgotten.Load() != forgotten {
		return
	}
	scope := r.scopes[s]
	if scope.Seq == 0 {
		r.epochs++
		scope = known{Position: at, epoch: r.epochs, since: at.Seq}
		r.scopes[s] = scope
	}
	if scope.Seq == at.Seq {
		r.add(scope, heads)
	}
}

// moved notes how a write has moved a scope, and the heads that the write knows.
// What is known where it was before holds there too, as all that it has changed is among them.
func (r *recent) moved(s store.Scope, to position, changes []store.Change, heads []store.Head) {
	r.mu.Lock()
	defer r.mu.Unlock()
	scope := r.scopes[s]
	r.changed -= len(scope.log)
	if scope.Seq == 0 || scope.Seq != to.from {
		r.epochs++
		scope.epoch = r.epochs
		scope.log, scope.since = nil, to.Seq // two who import in turns are not alone, however much each of them writes
	}
	scope.Position, scope.parent, scope.locked = to.Position, to.parent, true
	scope.log = append(scope.log, changes...)
	if n := len(scope.log); n > 2*recentChanges {
		scope.log = slices.Clone(scope.log[n-recentChanges:])
	}
	if r.changed += len(scope.log); r.changed > maxChanges {
		for other, k := range r.scopes {
			k.log = nil
			r.scopes[other] = k
		}
		r.changed = len(scope.log)
	}
	r.scopes[s] = scope
	r.add(scope, heads)
}

// alone is where a scope is if that is seq and nobody else has written to it lately.
func (r *recent) alone(s store.Scope, seq int64) (store.Position, bool) {
	at, ok := r.position(s, seq)
	return at, ok && r.own(s, seq-ownChanges, seq)
}

// own reports whether a scope that is at seq was at an earlier position, or this one,
// and all changes since are known to be this process's.
func (r *recent) own(s store.Scope, after, seq int64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k := r.scopes[s]
	return k.Seq > 0 && k.Seq == seq && k.since <= after && after <= seq
}

// changes returns up to limit changes of a scope that come after one, if they are
// known up to seq.
func (r *recent) changes(s store.Scope, seq, after int64, limit int) (changes []store.Change, known bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	scope := r.scopes[s]
	first := scope.Seq - int64(len(scope.log)) // comes before the log
	if scope.Seq == 0 || scope.Seq != seq || after < first {
		return nil, false
	}
	if after >= seq {
		return nil, !r.left(s)
	}
	rest := scope.log[after-first:]
	return slices.Clone(rest[:min(limit, len(rest))]), true
}

// since returns the changes of a scope that come after one, and the heads that there
// are of what has changed, if all of that is known at seq.
func (r *recent) since(s store.Scope, seq, after int64) (changes []store.Change, heads []store.Head, known bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	scope := r.scopes[s]
	first := scope.Seq - int64(len(scope.log))
	if scope.Seq == 0 || scope.Seq != seq || after < first || after >= seq || r.left(s) {
		return nil, nil, false
	}
	seen := map[headKey]bool{}
	for _, c := range scope.log[after-first:] {
		key := headKey{s, c.Kind, c.ID}
		if seen[key] {
			continue
		}
		seen[key] = true
		h, ok := r.head(scope, key)
		if !ok {
			return nil, nil, false
		}
		if h.Version != absent {
			heads = append(heads, h)
		}
	}
	return slices.Clone(scope.log[after-first:]), heads, true
}

// head is one that is known of a scope.
func (r *recent) head(scope known, key headKey) (store.Head, bool) {
	h, ok := r.young[key]
	if !ok {
		h, ok = r.old[key]
	}
	return h.Head, ok && h.epoch == scope.epoch
}

func (r *recent) add(scope known, heads []store.Head) {
	for _, h := range heads {
		if len(r.young) >= recentHeads {
			r.young, r.old = make(map[headKey]aged, recentHeads), r.young
		}
		r.young[keyOf(h)] = aged{h, scope.epoch}
	}
}

// forget forgets a scope. Its heads go with their generation.
func (r *recent) forget(s store.Scope) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed -= len(r.scopes[s].log)
	delete(r.scopes, s)
	r.forgotten.Add(1)
}

// clear forgets everything.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.scopes)
	r.young, r.old, r.changed = map[headKey]aged{}, nil, 0
	r.forgotten.Add(1)
}

// Get implements store.Reader.
func (s *Store) Get(ctx context.Context, scope store.Scope, k cms.Kind, id string) (store.Head, error) {
	found, err := s.GetMany(ctx, scope, k, []string{id})
	if err != nil {
		return store.Head{}, err
	}
	if len(found) == 0 {
		return store.Head{}, notFound()
	}
	return found[0], nil
}

// GetMany implements store.Reader.
func (s *Store) GetMany(ctx context.Context, scope store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	if s.d.sole() {
		return s.Seen(ctx, scope, k, ids...)
	}
	return s.ask(ctx, scope, k, ids)
}

// Seen implements store.Store.
func (s *Store) Seen(ctx context.Context, scope store.Scope, k cms.Kind, ids ...string) ([]store.Head, error) {
	if s.isClosing() {
		return nil, errClosed()
	}
	known, others := s.recent.heads(scope, s.Committed(scope), k, distinct(ids)...)
	if len(others) == 0 {
		return existing(known), nil
	}
	found, err := s.ask(ctx, scope, k, others)
	return append(existing(known), found...), err
}

// ask reads heads, and where their scope was at that moment.
func (s *Store) ask(ctx context.Context, scope store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	var out []store.Head
	var at store.Position
	forgotten := s.recent.forgotten.Load()
	err := pages(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !isText(id) }), func(page []string) error {
		condition, list := "id = $3", any(page[0])
		if len(page) > 1 {
			var err error
			if list, err = s.d.list(page); err != nil {
				return err
			}
			condition = s.d.among("id", 3)
		}
		var heads []store.Head
		err := s.q.query(ctx, func(scan scanner) error {
			h, err := scanHead(func(dest ...any) error { return scan(append(dest, &at.Seq, &at.Model)...) })
			heads = append(heads, h)
			return err
		}, selectHeadAt+"scope = $1 AND kind = $2 AND "+condition, int64(scope), string(k), list)
		if err == nil && len(heads) > 0 {
			s.recent.read(forgotten, scope, at, heads...)
		}
		out = append(out, heads...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Position implements store.Reader.
func (s *Store) Position(ctx context.Context, scope store.Scope) (store.Position, error) {
	if s.d.sole() && !s.isClosing() {
		if at, ok := s.recent.position(scope, s.Committed(scope)); ok {
			return at, nil
		}
	}
	forgotten := s.recent.forgotten.Load()
	at, err := s.positions.position(ctx, scope)
	switch {
	case err == nil:
		s.recent.read(forgotten, scope, at)
		s.saw(scope, at.Seq)
	case fault.Is(err, fault.NotFound): // perhaps another process has dropped it
		s.recent.forget(scope)
	}
	return at, err
}

// Changes implements store.Reader. That there are none is known where nobody else
// writes.
func (s *Store) Changes(ctx context.Context, scope store.Scope, after int64, limit int) ([]store.Change, error) {
	if limit <= 0 || s.isClosing() {
		return s.reader.Changes(ctx, scope, after, limit)
	}
	if found, ok := s.recent.changes(scope, s.Committed(scope), after, limit); ok && (len(found) > 0 || s.d.sole()) {
		return found, nil
	}
	out, err := s.reader.Changes(ctx, scope, after, limit)
	if len(out) > 0 {
		s.saw(scope, out[len(out)-1].Seq)
	}
	return out, err
}

// Suppose implements store.Store. Where nobody else can write, Position is as cheap.
func (s *Store) Suppose(scope store.Scope) *store.Supposition {
	if s.d.sole() || s.isClosing() {
		return nil
	}
	at, ok := s.recent.alone(scope, s.Committed(scope))
	if !ok {
		return nil
	}
	return &store.Supposition{Scope: scope, Position: at}
}

// Confirm implements store.Store.
func (s *Store) Confirm(ctx context.Context, p *store.Supposition) bool {
	at, err := s.Position(ctx, p.Scope)
	return err == nil && at == p.Position && s.recent.own(p.Scope, p.Seq, at.Seq)
}

// Lately implements store.Store.
func (s *Store) Lately(scope store.Scope, after int64) (changes []store.Change, heads []store.Head, ok bool) {
	if s.isClosing() {
		return nil, nil, false
	}
	return s.recent.since(scope, s.Committed(scope), after)
}
