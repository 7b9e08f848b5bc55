// Package turn keeps those who write from crowding out those who read.
//
// When many write at once, a reader stands in the scheduler's line behind all of
// them, and the network is not looked at while anybody stands there. So writes take
// turns in what they compute: few of them are ready to run at a time, which costs them nothing as
// long as that is as many as there are processors for them. A turn ends before
// the write waits for the database, where many go together, or for what has to be
// read into memory first.
//
// Start reading at Turns.Take.
package turn

import (
	"context"
	"sync"
)

// Turns lets so many have a turn at a time; nil lets everybody.
type Turns chan struct{}

// New makes n turns, which is at least 1.
func New(n int) Turns { return make(Turns, n) }

// key is where a context has the end of its turn.
type key struct{}

// Take waits for a turn and returns a context that Leave ends it by. leave ends it
// too, whichever comes first. It fails with the context's error.
func (t Turns) Take(ctx context.Context) (with context.Context, leave func(), err error) {
	if t == nil {
		return ctx, func() {}, nil
	}
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return ctx, func() {}, ctx.Err()
	}
	leave = sync.OnceFunc(func() { <-t })
	return context.WithValue(ctx, key{}, leave), leave, nil
}

// Leave ends the turn that the context has, if it has one, before a wait.
func Leave(ctx context.Context) {
	if leave, ok := ctx.Value(key{}).(func()); ok {
		leave()
	}
}
