package server

import (
	"context"
	"runtime"

	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/turn"
)

// turns are those of who writes: half of the processors are left to readers.
func turns() turn.Turns {
	return turn.New(max(1, min(runtime.GOMAXPROCS(0), runtime.NumCPU())/2))
}

// leavingStore ends the turn of a write before it waits for others.
type leavingStore struct{ store.Store }

func (s leavingStore) Update(ctx context.Context, scope store.Scope, fn func(tx store.Tx) error, ahead ...store.Ahead) error {
	turn.Leave(ctx)
	return s.Store.Update(ctx, scope, fn, ahead...)
}
