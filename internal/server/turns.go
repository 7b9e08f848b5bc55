package server

import (
	"context"
	"runtime"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/turn"
)

// turnsOf are the turns of those who write: half of the processors are left to
// readers. With PostgreSQL most of the work of a write is done by another process,
// and waited for.
func turnsOf(cfg config.Config) turn.Turns {
	if cfg.Database != "" {
		return nil
	}
	return turn.New(max(1, runtime.GOMAXPROCS(0)/2))
}

// leavingStore ends the turn of a write before it waits for others.
type leavingStore struct{ store.Store }

func (s leavingStore) Update(ctx context.Context, scope store.Scope, fn func(tx store.Tx) error, ahead ...store.Ahead) error {
	turn.Leave(ctx)
	return s.Store.Update(ctx, scope, fn, ahead...)
}
