package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

const (
	// maxBatch is how many waiting writes share one transaction.
	maxBatch = 64
	// maxAttempts is how often a transaction is tried that the database gives up
	// for the sake of another one.
	maxAttempts = 10
)

// noScope is for writes outside of any scope, such as leases.
const noScope store.Scope = 0

// update is a write that waits for its turn. Its function runs on the goroutine
// that called Update, when the loop says so: a panic in it is the caller's own.
type update struct {
	ctx   context.Context
	scope store.Scope
	state atomic.Int32 // waiting, taken or abandoned
	turn  chan *tx     // from the loop: run now
	ran   chan error   // to the loop: what the function returned
	done  chan error   // from the loop: the result of Update
}

const (
	waiting int32 = iota
	taken
	abandoned // by its caller, while it waited or by a panic
)

// errAbandoned is what a function "returns" that does not return.
var errAbandoned = errors.New("the function of a write did not return")

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, scope store.Scope, fn func(store.Tx) error) error {
	if scope == noScope {
		return notFound()
	}
	return s.submit(ctx, scope, func(x *tx) error { return fn(x) })
}

// submit queues a write and runs fn when its turn comes.
func (s *Store) submit(ctx context.Context, scope store.Scope, fn func(*tx) error) error {
	if s.isClosing() {
		return errClosed()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{ctx: ctx, scope: scope, turn: make(chan *tx), ran: make(chan error), done: make(chan error, 1)}
	select {
	case s.queue <- u:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed()
	}
	gone := ctx.Done()
	for {
		select {
		case x := <-u.turn:
			u.run(x, fn)
		case err := <-u.done:
			return err
		case <-gone:
			if u.state.CompareAndSwap(waiting, abandoned) {
				return ctx.Err()
			}
			gone = nil // it runs: whoever left now would not know what became of it
		case <-s.closed:
			select {
			case err := <-u.done:
				return err
			default:
				return errClosed()
			}
		}
	}
}

// run runs the function and tells the loop its result, even if it does not
// return.
func (u *update) run(x *tx, fn func(*tx) error) {
	err := errAbandoned
	defer func() { u.ran <- err }()
	err = fn(x)
}

// loop is the one writer of the process.
func (s *Store) loop() {
	defer close(s.closed)
	batch := make([]*update, 0, maxBatch)
	for {
		select {
		case <-s.closing:
			return
		case u := <-s.queue:
			batch = append(batch[:0], u)
		}
	fill:
		for len(batch) < maxBatch {
			select {
			case u := <-s.queue:
				batch = append(batch, u)
			default:
				break fill
			}
		}
		s.write(batch)
		clear(batch)
	}
}

// write commits a batch and tells every writer what became of its part. When the
// database refuses the batch as a whole, each write is tried alone.
func (s *Store) write(batch []*update) {
	// The batch belongs to many requests: none of them may cancel it.
	ctx := context.Background()
	results, err := s.attempt(ctx, batch)
	for n := 1; n < maxAttempts && err != nil && s.mayRetry(err); n++ {
		time.Sleep(rand.N(time.Duration(n) * 2 * time.Millisecond)) // so that two nodes do not meet again
		results, err = s.attempt(ctx, batch)
	}
	switch {
	case err == nil:
		for i, u := range batch {
			u.done <- results[i]
		}
	case errors.As(err, new(unknownOutcome)):
		err = fault.Wrap(err, fault.ServerError, "The database did not say whether the change was kept.")
		for _, u := range batch {
			u.done <- err
		}
	case len(batch) > 1 && !errors.As(err, new(unreachable)):
		for i := range batch {
			s.write(batch[i : i+1])
		}
	default:
		for _, u := range batch {
			u.done <- unexpected(err)
		}
	}
}

// mayRetry says whether a transaction can be tried again at once. Where the
// outcome is unknown, again could be twice.
func (s *Store) mayRetry(err error) bool {
	return !errors.As(err, new(unknownOutcome)) && !errors.As(err, new(unreachable)) && s.d.retriable(err)
}

// attempt runs a batch in one transaction. An error means that nothing of it was
// kept, unless it is an unknownOutcome.
func (s *Store) attempt(ctx context.Context, batch []*update) (results []error, err error) {
	t, err := s.d.begin(ctx)
	if err != nil {
		return nil, unreachable{err}
	}
	g := &group{s: s, t: t, joint: len(batch) > 1, scopes: make(map[store.Scope]position, 2)}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.rollback(ctx))
		}
	}()
	if err := g.lock(ctx, batch); err != nil {
		return nil, err
	}
	results = make([]error, len(batch))
	for i, u := range batch {
		if results[i], err = g.run(ctx, u); err != nil {
			return nil, err
		}
	}
	if !g.wrote {
		return results, t.rollback(ctx)
	}
	if err := g.flush(ctx); err != nil {
		return nil, err
	}
	if err := t.commit(ctx); err != nil {
		return nil, err
	}
	g.remember()
	return results, nil
}

// group is one transaction and the writes in it.
type group struct {
	s      *Store
	t      transaction
	joint  bool // several writes: each needs a savepoint
	wrote  bool // there is something to commit
	scopes map[store.Scope]position
}

// position is how far a locked scope is. It is counted in memory and written at
// the end of the transaction: nobody else can move it.
type position struct {
	store.Position
	parent store.Scope
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
		if u.scope != noScope && !slices.Contains(ids, int64(u.scope)) {
			ids = append(ids, int64(u.scope))
			g.scopes[u.scope] = position{gone: true} // until it is found
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, err := g.s.d.list(ids)
	if err != nil {
		return err
	}
	return g.t.query(ctx, func(scan scanner) error {
		id, p, err := scanPosition(scan)
		g.scopes[id] = p
		return err
	}, selectPosition+g.s.d.among("id", 1)+" ORDER BY id"+g.s.d.forUpdate(), list)
}

const selectPosition = "SELECT id, parent, seq, model FROM scope WHERE "

func scanPosition(scan scanner) (id store.Scope, p position, err error) {
	err = scan((*int64)(&id), (*int64)(&p.parent), &p.Seq, &p.Model)
	return id, p, err
}

// run runs one write. The second error is one of the transaction: all is lost.
func (g *group) run(ctx context.Context, u *update) (result, broken error) {
	if u.state.Load() == waiting && !u.state.CompareAndSwap(waiting, taken) || u.state.Load() == abandoned {
		return nil, nil // nobody waits for the result
	}
	if err := u.ctx.Err(); err != nil {
		return err, nil
	}
	if g.scopes[u.scope].gone {
		return notFound(), nil
	}
	x := &tx{g: g}
	x.reader = reader{q: x, d: g.s.d}
	u.turn <- x
	result = <-u.ran
	x.over = true
	if result == errAbandoned {
		u.state.Store(abandoned)
	}
	switch {
	case x.broken != nil:
		return nil, x.broken
	case result == nil:
		if x.marked {
			broken = g.t.exec(ctx, "RELEASE SAVEPOINT write")
		}
		for s, p := range x.scopes {
			g.scopes[s] = p
		}
	case x.marked:
		broken = g.t.exec(ctx, "ROLLBACK TO SAVEPOINT write")
		if broken == nil {
			broken = g.t.exec(ctx, "RELEASE SAVEPOINT write")
		}
	case !g.joint:
		g.wrote = false // the transaction is rolled back as a whole
	}
	return result, broken
}

// flush writes the positions that have moved.
func (g *group) flush(ctx context.Context) error {
	for s, p := range g.scopes {
		if !p.moved || p.gone {
			continue
		}
		if err := g.t.exec(ctx, "UPDATE scope SET seq = $2, model = $3 WHERE id = $1", int64(s), p.Seq, p.Model); err != nil {
			return err
		}
	}
	return nil
}

// remember notes the positions that are committed now.
func (g *group) remember() {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	for s, p := range g.scopes {
		switch {
		case p.gone:
			delete(g.s.committed, s)
		case p.moved:
			g.s.committed[s] = max(g.s.committed[s], p.Seq)
		}
	}
}
