package sqlstore

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// questionTime is how long a statement may hold up those who wait for the next one:
// a connection may be dead without anybody knowing.
const questionTime = 10 * time.Second

// shared lets those who ask for the position of a scope at the same time share a
// statement. Nobody may be told what was read before he asked, so whoever comes
// while one is under way waits for the next, with all others that come meanwhile.
type shared struct {
	ask func(context.Context, store.Scope) (store.Position, error)

	mu     sync.Mutex
	scopes map[store.Scope]*question // that is under way; its next one is behind it
}

// question is one statement for several who ask.
type question struct {
	next *question     // nil: nobody has come
	done chan struct{} // closed when the rest is set
	at   store.Position
	err  error
}

func (q *shared) position(ctx context.Context, s store.Scope) (store.Position, error) {
	q.mu.Lock()
	running, ok := q.scopes[s]
	if !ok {
		first := &question{}
		q.scopes[s] = first
		q.mu.Unlock()
		defer q.after(ctx, s, first)
		return q.inTime(ctx, s)
	}
	if running.next == nil {
		running.next = &question{done: make(chan struct{})}
	}
	next := running.next
	q.mu.Unlock()
	select {
	case <-next.done:
		return next.at, next.err
	case <-ctx.Done():
		return store.Position{}, ctx.Err()
	}
}

// after sees to those who came while a question was under way.
func (q *shared) after(ctx context.Context, s store.Scope, ended *question) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ended.next == nil {
		delete(q.scopes, s)
		return
	}
	q.scopes[s] = ended.next
	go q.run(context.WithoutCancel(ctx), s, ended.next)
}

func (q *shared) run(ctx context.Context, s store.Scope, next *question) {
	defer q.after(ctx, s, next)
	defer close(next.done)
	defer func() {
		if p := recover(); p != nil { // nobody else would catch it here
			next.err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.ServerError, "")
		}
	}()
	next.at, next.err = q.inTime(ctx, s)
}

func (q *shared) inTime(ctx context.Context, s store.Scope) (store.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	return q.ask(ctx, s)
}
