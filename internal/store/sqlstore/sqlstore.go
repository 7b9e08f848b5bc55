// Package sqlstore implements package store on SQL databases: SQLite and
// PostgreSQL speak the same statements, with a small dialect between them. It
// decides nothing about content.
//
// All writes of a process go through one loop, which takes the writes that wait
// into one transaction, each in a savepoint of its own. So many writers share
// one flush to disk, and durability costs next to nothing.
//
// Start reading at Store.Update, then Store.commit and tx.Put.
package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// maxBatch is how many waiting writes share one transaction.
const maxBatch = 64

// maxAttempts is how often a transaction is tried that the database gave up for
// the sake of another one.
const maxAttempts = 10

var errClosed = errors.New("the store is closed")

// querier sends statements: to the pool of readers or to the one transaction.
type querier interface {
	exec(ctx context.Context, sql string, args ...any) (affected int64, err error)
	query(ctx context.Context, each func(scan func(dest ...any) error) error, sql string, args ...any) error
}

// dialect is what SQLite and PostgreSQL do differently.
type dialect interface {
	// among is the condition that column is one of a list given as argument n;
	// list makes that argument.
	among(column string, n int) string
	list(ids any) (any, error)

	lockClause() string // makes a SELECT hold its rows until the transaction ends
	skipLocked() string // for a SELECT that takes jobs
	retriable(err error) bool

	reader() querier
	// begin starts a transaction on the writer's connection.
	begin(ctx context.Context) (transaction, error)
	// revisions reserves n or more ids of revisions: first … last.
	revisions(ctx context.Context, q querier, n int64) (first, last int64, err error)
	close() error
}

type transaction interface {
	querier
	commit(ctx context.Context) error
	rollback(ctx context.Context) error
}

// Store is a store.Store on a SQL database.
type Store struct {
	reader
	d          dialect
	statements *atomic.Int64

	queue   chan *update
	closing chan struct{}
	closed  chan struct{} // the loop has ended
	once    sync.Once

	mu        sync.Mutex
	committed map[store.Scope]int64

	nextRevision, lastRevision int64 // reserved ids; the loop's alone
}

var _ store.Store = (*Store)(nil)

// update is a write that waits for its turn.
type update struct {
	ctx   context.Context
	scope store.Scope
	fn    func(store.Tx) error
	done  chan error
}

func newStore(d dialect, statements *atomic.Int64) *Store {
	s := &Store{
		d: d, statements: statements,
		queue: make(chan *update, maxBatch), closing: make(chan struct{}), closed: make(chan struct{}),
		committed: map[store.Scope]int64{},
	}
	s.reader = reader{q: d.reader(), d: d, saw: s.saw}
	go s.loop()
	return s
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, scope store.Scope, fn func(store.Tx) error) error {
	u := &update{ctx: ctx, scope: scope, fn: fn, done: make(chan error, 1)}
	select {
	case <-s.closing:
		return errClosed
	default:
	}
	select {
	case s.queue <- u:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed
	}
	select {
	case err := <-u.done: // not ctx.Done: whoever gave up would not know what happened
		return err
	case <-s.closed:
		select {
		case err := <-u.done:
			return err
		default:
			return errClosed
		}
	}
}

// loop is the one writer of the process.
func (s *Store) loop() {
	defer close(s.closed)
	batch := make([]*update, 0, maxBatch)
	for {
		select {
		case u := <-s.queue:
			batch = append(batch[:0], u)
		case <-s.closing:
			return
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
	}
}

// write commits a batch, again when the database asks for it, and tells every
// writer what became of its part.
func (s *Store) write(batch []*update) {
	// The batch belongs to many requests: none of them may cancel it.
	ctx := context.Background()
	var err error
	for range maxAttempts {
		var results []error
		var seqs map[store.Scope]int64
		if results, seqs, err = s.commit(ctx, batch); err == nil {
			s.remember(seqs)
			for i, u := range batch {
				u.done <- results[i]
			}
			return
		}
		if !s.d.retriable(err) {
			break
		}
	}
	for _, u := range batch {
		u.done <- fmt.Errorf("committing: %w", err)
	}
}

// commit runs a batch in one transaction. An error means that nothing of it was
// kept.
func (s *Store) commit(ctx context.Context, batch []*update) (results []error, seqs map[store.Scope]int64, err error) {
	t, err := s.d.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.rollback(ctx))
		}
	}()
	results = make([]error, len(batch))
	seqs = map[store.Scope]int64{}
	wrote := false
	for i, u := range batch {
		if results[i] = u.ctx.Err(); results[i] != nil {
			continue
		}
		if len(batch) > 1 {
			if _, err := t.exec(ctx, "SAVEPOINT write"); err != nil {
				return nil, nil, err
			}
		}
		x := &tx{reader: reader{q: t, d: s.d}, s: s, scope: u.scope}
		results[i] = x.run(u)
		switch {
		case results[i] == nil:
			wrote = true
			for scope, pos := range x.positions {
				seqs[scope] = pos.Seq
			}
		case s.d.retriable(results[i]):
			return nil, nil, results[i] // the database has given up the whole transaction
		case len(batch) > 1:
			if _, err := t.exec(ctx, "ROLLBACK TO SAVEPOINT write"); err != nil {
				return nil, nil, errors.Join(results[i], err)
			}
		}
		if len(batch) > 1 {
			if _, err := t.exec(ctx, "RELEASE SAVEPOINT write"); err != nil {
				return nil, nil, err
			}
		}
	}
	if !wrote {
		return results, nil, t.rollback(ctx)
	}
	return results, seqs, t.commit(ctx)
}

// run runs one writer's function under the scope's lock.
func (x *tx) run(u *update) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack()), fault.ServerError, "")
		}
	}()
	x.ctx = u.ctx
	if err := x.lock(u.ctx, u.scope); err != nil {
		return err
	}
	if err := u.fn(x); err != nil {
		return err
	}
	return x.flush(u.ctx)
}

func (s *Store) remember(seqs map[store.Scope]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for scope, seq := range seqs {
		s.committed[scope] = max(s.committed[scope], seq)
	}
}

// saw notes a position that was read.
func (s *Store) saw(scope store.Scope, seq int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committed[scope] = max(s.committed[scope], seq)
}

// Committed implements store.Store.
func (s *Store) Committed(scope store.Scope) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.committed[scope]
}

// Statements implements store.Store.
func (s *Store) Statements() int64 { return s.statements.Load() }

// Close implements store.Store. Writes that wait are refused.
func (s *Store) Close() error {
	err := errClosed
	s.once.Do(func() {
		close(s.closing)
		<-s.closed
		err = s.d.close()
	})
	return err
}

// reserve gives n ids for new revisions. Gaps are harmless.
func (s *Store) reserve(ctx context.Context, q querier) (store.Revision, error) {
	if s.nextRevision >= s.lastRevision {
		first, last, err := s.d.revisions(ctx, q, 1)
		if err != nil {
			return 0, err
		}
		s.nextRevision, s.lastRevision = first-1, last
	}
	s.nextRevision++
	return store.Revision(s.nextRevision), nil
}
