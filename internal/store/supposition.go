package store

import (
	"context"
	"errors"
	"sync/atomic"
)

// Supposition is that nobody but this process has written to a scope since it was
// at a position. Who prepares a write need not ask where the scope is then: Update
// sees, under the lock that it takes anyway, whether that was right. It begins with
// Store.Suppose.
type Supposition struct {
	Scope Scope
	Position
	checked atomic.Bool
}

// Checked reports whether an Update has seen that the supposition was right.
func (p *Supposition) Checked() bool { return p.checked.Load() }

// Check notes that an Update has seen that the supposition is right.
func (p *Supposition) Check() { p.checked.Store(true) }

// ErrSupposed ends a write that was prepared with a wrong Supposition.
var ErrSupposed = errors.New("others have written meanwhile")

type suppositionKey struct{}

// Supposing is a context whose writes to the scope are done only if the supposition
// is right, and end with ErrSupposed if it is not.
func Supposing(ctx context.Context, p *Supposition) context.Context {
	return context.WithValue(ctx, suppositionKey{}, p)
}

// Supposed is what a context supposes of a scope, nil if nothing.
func Supposed(ctx context.Context, s Scope) *Supposition {
	if p, ok := ctx.Value(suppositionKey{}).(*Supposition); ok && p.Scope == s {
		return p
	}
	return nil
}
