// Package sqlstore implements package store on SQL databases: SQLite and
// PostgreSQL speak the same statements, with a small dialect between them. It
// decides nothing about content, and it does not keep two processes from
// opening one SQLite file: that is the caller's to see to.
//
// All writes of a process go through one loop, which takes the writes that wait
// into one transaction. So many writers share one flush to disk, and durability
// costs next to nothing.
//
// Start reading at Store.Update (update.go), then group (group.go) and tx.Put
// (tx.go); what the two databases do differently is the type dialect.
package sqlstore

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/typecase/typecase/internal/store"
)

// scanner copies the columns of a row.
type scanner func(dest ...any) error

// querier sends queries: to the pool of readers or inside a transaction.
type querier interface {
	query(ctx context.Context, each func(scanner) error, sql string, args ...any) error
}

// statement is one that only writes.
type statement struct {
	text string
	args []any
}

// read is a statement with rows, and what takes each of them.
type read struct {
	statement
	each func(scanner) error
}

// transaction is open on the one connection that writes. Of everything it is
// asked to send at once, PostgreSQL gets all in one round trip. After an error
// there is nothing left but rollback.
type transaction interface {
	// run sends writes and then reads.
	run(ctx context.Context, writes []statement, reads ...read) error
	// commit sends writes and ends the transaction. An error is an unknownOutcome
	// when nobody can say whether it was kept; else nothing was.
	commit(ctx context.Context, writes []statement) error
	// rollback ends the transaction and keeps nothing, not even when it fails.
	rollback(ctx context.Context) error
}

// dialect is what SQLite and PostgreSQL do differently.
type dialect interface {
	// among is the condition that column is one of a list given as argument n;
	// list makes that argument from a []int64 or a []string, and from a [][]byte
	// for amongBytes.
	among(column string, n int) string
	amongBytes(column string, n int) string
	list(values any) (any, error)

	forUpdate() string  // ends a SELECT whose rows stay locked until the transaction ends
	skipLocked() string // the same, leaving out rows that others have locked

	// sole says whether no other process writes.
	sole() bool

	// retriable says whether a transaction that failed before its commit may well
	// succeed the next time: the database gave it up for the sake of another one,
	// or the connection broke.
	retriable(err error) bool

	// analyze tells the planner how large the tables are.
	analyze(ctx context.Context) error

	reader() querier
	begin(ctx context.Context) (transaction, error)
	// revisions reserves unused ids of revisions, first to last.
	revisions(ctx context.Context, q querier) (first, last int64, err error)
	close() error
}

// Store is a store.Store on a SQL database.
type Store struct {
	reader
	statements      *atomic.Int64
	commits, writes atomic.Int64 // see Commits

	queue   chan *update
	closing chan struct{} // no more writes are taken
	closed  chan struct{} // the loop has ended
	once    sync.Once

	mu        sync.RWMutex
	committed map[store.Scope]int64
	waited    map[store.Scope]chan struct{} // by Moved; closed when committed changes

	recent    *recent
	positions *shared

	// The loop's alone:
	nextRevision, lastRevision int64 // reserved ids
	changed, analyzeAt         int64 // changes so far, and how many there are when the tables are looked at
}

var _ store.Store = (*Store)(nil)

func newStore(d dialect, statements *atomic.Int64) *Store {
	s := &Store{
		statements: statements,
		queue:      make(chan *update, maxBatch),
		closing:    make(chan struct{}),
		closed:     make(chan struct{}),
		committed:  map[store.Scope]int64{},
		waited:     map[store.Scope]chan struct{}{},
		recent:     newRecent(),
		analyzeAt:  firstAnalyze,
	}
	s.reader = reader{q: guard{d.reader(), s}, d: d}
	s.positions = &shared{ask: s.reader.Position, scopes: map[store.Scope]*question{}}
	go s.loop()
	return s
}

// guard is the pool of readers, with errors as callers shall see them.
type guard struct {
	querier
	s *Store
}

func (g guard) query(ctx context.Context, each func(scanner) error, sql string, args ...any) error {
	err := g.querier.query(ctx, each, sql, args...)
	g.s.recent.looked()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil: // a driver may call it an interruption
		return ctx.Err()
	case g.s.isClosing():
		return errClosed()
	}
	return unexpected(err)
}

// saw notes a position of a scope that is committed.
func (s *Store) saw(scope store.Scope, seq int64) {
	if s.Committed(scope) >= seq {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq > s.committed[scope] {
		s.committed[scope] = seq
		s.wake(scope)
	}
}

// wake tells those who wait for a scope to move. The caller holds mu.
func (s *Store) wake(scope store.Scope) {
	if moved, ok := s.waited[scope]; ok {
		close(moved)
		delete(s.waited, scope)
	}
}

// Moved implements store.Store.
func (s *Store) Moved(scope store.Scope) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved, ok := s.waited[scope]
	if !ok {
		moved = make(chan struct{})
		s.waited[scope] = moved
	}
	return moved
}

// Committed implements store.Store.
func (s *Store) Committed(scope store.Scope) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.committed[scope]
}

// Commits implements store.Store.
func (s *Store) Commits() (commits, writes int64) { return s.commits.Load(), s.writes.Load() }

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.reader.Position(ctx, store.Server)
	return err
}

// Statements implements store.Store.
func (s *Store) Statements() int64 { return s.statements.Load() }

func (s *Store) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

// Close implements store.Store. The writes that run are finished, those that
// wait are refused. Closing again does nothing.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		<-s.closed
		err = s.d.close()
	})
	return err
}

// newRevision is an unused id for a revision. Those of failed writes are lost,
// which is harmless.
func (s *Store) newRevision(ctx context.Context, q querier) (store.Revision, error) {
	if s.nextRevision >= s.lastRevision {
		first, last, err := s.d.revisions(ctx, q)
		if err != nil {
			return 0, err
		}
		s.nextRevision, s.lastRevision = first-1, last
	}
	s.nextRevision++
	return store.Revision(s.nextRevision), nil
}
