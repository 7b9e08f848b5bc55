package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

const (
	// maxBatch is how many waiting writes share one transaction.
	maxBatch = 64
	// firstAnalyze is after how many changes of a process the tables are looked at
	// first, and then each time there are four times as many, up to lastAnalyze.
	firstAnalyze = 100
	lastAnalyze  = 100_000
	// maxAttempts is how often a transaction is tried that the database gives up
	// for the sake of another one.
	maxAttempts = 10
)

// noScope is for writes outside of any scope, such as leases.
const noScope store.Scope = 0

// update is a write that waits for its turn. Its function runs on the goroutine
// that called Update, when the loop says so: a panic in it is the caller's own.
type update struct {
	ctx      context.Context
	scope    store.Scope
	ahead    []store.Ahead
	supposed *store.Supposition // of the scope; nil: nothing
	state    atomic.Int32       // waiting, taken or abandoned
	turn     chan *tx           // from the loop: run now
	ran      chan error         // to the loop: what the function returned
	done     chan error         // from the loop: the result of Update
}

const (
	waiting int32 = iota
	taken
	abandoned // by its caller, while it waited or by a panic
)

// errAbandoned is what a function "returns" that does not return.
var errAbandoned = errors.New("the function of a write did not return")

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, scope store.Scope, fn func(store.Tx) error, ahead ...store.Ahead) error {
	if scope == noScope {
		return notFound()
	}
	return s.submit(ctx, scope, func(x *tx) error { return fn(x) }, ahead...)
}

// submit queues a write and runs fn when its turn comes.
func (s *Store) submit(ctx context.Context, scope store.Scope, fn func(*tx) error, ahead ...store.Ahead) error {
	if s.isClosing() {
		return errClosed()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{ctx: ctx, scope: scope, ahead: ahead, supposed: store.Supposed(ctx, scope), turn: make(chan *tx), ran: make(chan error), done: make(chan error, 1)}
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
		s.write(batch, false)
		clear(batch)
		s.analyze()
	}
}

// analyze has the database look at tables that have grown. It would do so by itself,
// but within a minute; until then it keeps to plans that it made for empty tables,
// and looks through all of what an import has brought for each head.
func (s *Store) analyze() {
	if s.changed < s.analyzeAt || s.analyzeAt > lastAnalyze {
		return
	}
	s.analyzeAt = max(s.analyzeAt, s.changed) * 4
	// When it fails nothing is lost but time: the next write meets what is wrong.
	_ = s.d.analyze(context.Background())
}

// write commits a batch and tells every writer what became of its part. What the
// database refuses is tried again carefully, and then each write alone.
func (s *Store) write(batch []*update, careful bool) {
	// The batch belongs to many requests: none of them may cancel it.
	ctx := context.Background()
	results, err := s.attempt(ctx, batch, careful)
	for n := 1; n < maxAttempts && err != nil && s.mayRetry(err); n++ {
		time.Sleep(rand.N(time.Duration(n) * 2 * time.Millisecond)) // so that two nodes do not meet again
		results, err = s.attempt(ctx, batch, careful)
	}
	switch {
	case err == nil:
		for i, u := range batch {
			u.done <- results[i]
		}
	case errors.As(err, new(unknownOutcome)):
		refuse(batch, fault.Wrap(err, fault.ServerError, "The database did not say whether the change was kept."))
	case errors.As(err, new(unreachable)):
		refuse(batch, unexpected(err))
	case !careful:
		s.write(batch, true)
	case len(batch) > 1: // one of them is to blame
		for i := range batch {
			s.write(batch[i:i+1], true)
		}
	default:
		refuse(batch, unexpected(err))
	}
}

func refuse(batch []*update, err error) {
	for _, u := range batch {
		u.done <- err
	}
}

// mayRetry says whether a transaction can be tried again at once. Where the
// outcome is unknown, again could be twice.
func (s *Store) mayRetry(err error) bool {
	return !errors.As(err, new(unknownOutcome)) && !errors.As(err, new(unreachable)) && s.d.retriable(err)
}

// attempt runs a batch in one transaction. An error means that nothing of it was
// kept, unless it is an unknownOutcome.
func (s *Store) attempt(ctx context.Context, batch []*update, careful bool) (results []error, err error) {
	t, err := s.d.begin(ctx)
	if err != nil {
		return nil, unreachable{err}
	}
	g := &group{s: s, t: t, joint: len(batch) > 1, careful: careful, scopes: make(map[store.Scope]position, 2), heads: map[headKey]store.Head{}}
	defer func() {
		if err != nil {
			failed := t.rollback(ctx)
			if failed != nil || !errors.Is(err, errAssumed) {
				s.recent.clear() // who knows what the database has kept
			}
			err = errors.Join(err, failed)
		}
	}()
	if err := g.lock(ctx, batch); err != nil {
		return nil, err
	}
	results = make([]error, len(batch))
	for i, u := range batch {
		results[i] = g.run(u)
		if g.broken != nil { // whatever the function made of it
			return nil, g.broken
		}
	}
	return results, g.commit(ctx)
}
