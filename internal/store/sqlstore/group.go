package sqlstore

import (
	"context"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/store"
)

// maxPending is how many statements wait to be sent.
const maxPending = 256

// group is one transaction and the writes in it, which run one after the other.
//
// Statements that only write wait until somebody reads, and most writes read
// first and write last: such a one is just taken out of what waits when it fails.
// It needs a savepoint only when it reads after it has written.
type group struct {
	s       *Store
	t       transaction
	joint   bool // several writes: they must not take each other down
	careful bool // nothing is taken for granted; see tx.Put
	kept    int  // writes that ended well and changed something
	scopes  map[store.Scope]position
	heads   map[headKey]store.Head // those its writes have read or written under a lock; see none
	changes []store.Change
	keys    atHand
	pending []statement
	broken  error // of the database: the transaction cannot go on
}

// position is how far a locked scope is. It is counted in memory and written at
// the end of the transaction: nobody else can move it.
type position struct {
	store.Position
	parent store.Scope
	from   int64 // its Seq when it was locked
	moved  bool
	gone   bool // there is no such scope, or no longer
}

// root is the scope whose deletion takes revisions written in s away: for an
// environment its space, so that copies can share them.
func (p position) root(s store.Scope) store.Scope {
	if p.parent > store.Server {
		return p.parent
	}
	return s
}

// lock locks the scopes of all writes at once, in the order of their ids, so that
// two nodes do not wait for each other.
func (g *group) lock(ctx context.Context, batch []*update) error {
	var ids []int64
	for _, u := range batch {
		if _, done := g.scopes[u.scope]; done || u.scope == noScope {
			continue
		}
		if p, ok := g.s.recent.place(u.scope, g.s.Committed(u.scope)); ok && g.s.d.sole() { // who writes has locked everything
			g.scopes[u.scope] = p
			continue
		}
		ids = append(ids, int64(u.scope))
		g.scopes[u.scope] = position{gone: true} // until it is found
	}
	var reads []read
	if len(ids) > 0 {
		list, err := g.s.d.list(ids)
		if err != nil {
			return err
		}
		reads = append(reads, read{statement{selectPosition + g.s.d.among("id", 1) + " ORDER BY id" + g.s.d.forUpdate(), []any{list}}, func(scan scanner) error {
			id, p, err := scanPosition(scan)
			g.scopes[id] = p
			return err
		}})
	}
	keys, err := g.readAhead(batch)
	if err != nil {
		return err
	}
	if reads = append(reads, keys...); len(reads) == 0 {
		return nil
	}
	return g.send(ctx, reads...)
}

const selectPosition = "SELECT id, parent, seq, model FROM scope WHERE dropped = 0 AND "

func scanPosition(scan scanner) (id store.Scope, p position, err error) {
	err = scan((*int64)(&id), (*int64)(&p.parent), &p.Seq, &p.Model)
	p.from = p.Seq
	return id, p, err
}

// run runs one write and returns its function's error.
func (g *group) run(u *update) error {
	if u.state.Load() == waiting && !u.state.CompareAndSwap(waiting, taken) || u.state.Load() == abandoned {
		return nil // nobody waits for the result
	}
	if err := u.ctx.Err(); err != nil {
		return err
	}
	if g.scopes[u.scope].gone {
		return notFound()
	}
	if p := u.supposed; p != nil {
		if !g.s.recent.own(u.scope, p.Seq, g.scopes[u.scope].from) {
			return store.ErrSupposed
		}
		p.Check()
	}
	x := &tx{g: g, mark: len(g.pending)}
	x.reader = reader{q: x, d: g.s.d}
	u.turn <- x
	err := <-u.ran
	x.over = true
	if err == errAbandoned {
		u.state.Store(abandoned)
	}
	switch {
	case err == nil:
		x.keep()
	case x.assumed && err != errAbandoned: // it may have failed in another way than it should
		g.broken = errAssumed
	default:
		x.undo()
	}
	return err
}

// keep makes what a write did part of the transaction.
func (x *tx) keep() {
	if x.saved {
		x.g.pending = append(x.g.pending, statement{text: "RELEASE SAVEPOINT write"})
	}
	if x.wrote {
		x.g.kept++
	}
	maps.Copy(x.g.scopes, x.scopes)
	maps.Copy(x.g.heads, x.heads)
	x.g.changes = append(x.g.changes, x.changes...)
}

// undo takes back what a write did.
func (x *tx) undo() {
	x.g.pending = x.g.pending[:x.mark]
	if x.saved {
		x.g.pending = append(x.g.pending, statement{text: "ROLLBACK TO SAVEPOINT write"}, statement{text: "RELEASE SAVEPOINT write"})
	}
}

// protect sees to it that a write that reaches the database can be taken back
// without the others.
func (x *tx) protect() {
	if x.g.joint && !x.saved {
		x.saved = true
		x.g.pending = slices.Insert(x.g.pending, x.mark, statement{text: "SAVEPOINT write"})
	}
}

// send sends what waits, and reads.
func (g *group) send(ctx context.Context, reads ...read) error {
	g.broken = g.t.run(ctx, g.pending, reads...)
	clear(g.pending)
	g.pending = g.pending[:0]
	return g.broken
}

// commit writes the positions that have moved, and commits. When no write changed
// anything it rolls back, which flushes no disk.
func (g *group) commit(ctx context.Context) error {
	if g.kept == 0 {
		return g.t.rollback(ctx)
	}
	for _, s := range slices.Sorted(maps.Keys(g.scopes)) {
		if p := g.scopes[s]; p.moved && !p.gone {
			g.pending = append(g.pending, statement{"UPDATE scope SET seq = $2, model = $3 WHERE id = $1", []any{int64(s), p.Seq, p.Model}})
		}
	}
	g.s.recent.leave(g.scopes)
	defer g.s.recent.leave(nil)
	if err := g.t.commit(ctx, g.pending); err != nil {
		return err
	}
	g.s.commits.Add(1)
	g.s.writes.Add(int64(g.kept))
	g.s.changed += int64(len(g.changes))
	heads := map[store.Scope][]store.Head{}
	for k, h := range g.heads {
		heads[k.scope] = append(heads[k.scope], h)
	}
	changes := map[store.Scope][]store.Change{}
	for _, c := range g.changes {
		changes[c.Scope] = append(changes[c.Scope], c)
	}
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	for s, p := range g.scopes {
		switch {
		case p.gone:
			g.s.recent.forget(s)
			delete(g.s.committed, s)
			g.s.wake(s)
		case p.moved:
			g.s.recent.moved(s, p, changes[s], heads[s])
			if p.Seq > g.s.committed[s] {
				g.s.committed[s] = p.Seq
				g.s.wake(s)
			}
		default:
			g.s.recent.read(g.s.recent.forgotten.Load(), s, p.Position, heads[s]...)
		}
	}
	return nil
}
