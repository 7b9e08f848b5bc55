package httpapi

import (
	"context"
	"sync"
	"time"
)

// limited is the context of a request, which ends with the one that the request
// came with, at a deadline, or when the request has been answered. It is
// context.WithDeadline for those who mostly never wait for its end: nothing is set
// to happen at the deadline before somebody asks for Done. All methods may be
// called at once, and for ever.
type limited struct {
	context.Context // that of the request as received
	deadline        time.Time

	mu     sync.Mutex
	whole  context.Context // all that is asked of this one, once somebody has waited
	cancel context.CancelFunc
	ended  bool
}

func (c *limited) Deadline() (time.Time, bool) {
	if d, ok := c.Context.Deadline(); ok && d.Before(c.deadline) {
		return d, true
	}
	return c.deadline, true
}

func (c *limited) Done() <-chan struct{} { return c.complete().Done() }

func (c *limited) Err() error {
	if c.goesOn() {
		return nil
	}
	return c.complete().Err()
}

// Value has what package context keeps in a context that can end, too: so whatever
// is made of this one costs no goroutine, and finds the cause of its end.
func (c *limited) Value(key any) any {
	if c.goesOn() {
		return c.Context.Value(key)
	}
	return c.complete().Value(key)
}

// goesOn reports that nobody waits for the end, and that it has not come.
func (c *limited) goesOn() bool {
	c.mu.Lock()
	simple := c.whole == nil && !c.ended
	c.mu.Unlock()
	return simple && c.Context.Err() == nil && time.Now().Before(c.deadline)
}

// complete is a context of package context that ends as this one does.
func (c *limited) complete() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.whole != nil:
	case c.ended:
		c.whole, c.cancel = context.WithCancel(c.Context)
		c.cancel()
	default:
		c.whole, c.cancel = context.WithDeadline(c.Context, c.deadline)
	}
	return c.whole
}

// end ends the context and frees what belongs to it.
func (c *limited) end() {
	c.mu.Lock()
	c.ended = true
	cancel := c.cancel
	c.mu.Unlock()
	if cancel != nil {
		cancel() // of whoever waits, not with mu held
	}
}
