// Package usage counts requests: how many each API answers in each space, by day.
// They are counted in memory, and what was counted is added to the database now and
// then, so no request waits for it. Servers that share a database add up. A process
// that is killed loses what it has counted since the last time.
//
// It does not say what a request is, and it reads nothing; figures are for package
// authoring to answer.
//
// Start reading at Counter.
package usage

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// keepDays is how long what was counted is kept.
const keepDays = 400

// Store keeps what was counted; store.Store does.
type Store interface {
	AddUsage(ctx context.Context, counts []store.Usage) error
	ForgetUsage(ctx context.Context, day int) error
}

// Counter counts. It is safe for concurrent use.
type Counter struct {
	store Store
	now   func() time.Time

	// mu keeps requests from counting in cells that Flush has taken; they share it.
	mu    sync.RWMutex
	cells map[cell]*atomic.Int64

	flushing sync.Mutex
	pruned   int // the day when old counts were last removed; of who flushes
}

type cell struct {
	organization, space, api string
	day                      int
}

// New makes a Counter.
func New(st Store, now func() time.Time) *Counter {
	return &Counter{store: st, now: now, cells: map[cell]*atomic.Int64{}}
}

// Day is the day of a time.
func Day(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }

// Add counts a request to an API in a space of an organization.
func (c *Counter) Add(organization, space, api string, at time.Time) {
	k := cell{organization, space, api, Day(at)}
	c.mu.RLock()
	n := c.cells[k]
	if n != nil {
		n.Add(1)
	}
	c.mu.RUnlock()
	if n == nil {
		c.add(k, 1)
	}
}

func (c *Counter) add(k cell, requests int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.cells[k]
	if n == nil {
		n = new(atomic.Int64)
		c.cells[k] = n
	}
	n.Add(requests)
}

// Flush adds what was counted to the store and, once a day, removes what is too
// old. When nothing was counted it does nothing. What cannot be added is kept for
// the next time; if nobody can say whether it was added, it counts twice.
func (c *Counter) Flush(ctx context.Context) error {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	c.mu.Lock()
	taken := c.cells
	c.cells = make(map[cell]*atomic.Int64, len(taken))
	c.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	counts := make([]store.Usage, 0, len(taken))
	for k, n := range taken {
		counts = append(counts, store.Usage{Organization: k.organization, Space: k.space, API: k.api, Day: k.day, Requests: n.Load()})
	}
	slices.SortFunc(counts, func(a, b store.Usage) int { // as all servers do, so that none waits for another in a circle
		return cmp.Or(cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Space, b.Space), cmp.Compare(a.API, b.API))
	})
	if err := c.store.AddUsage(ctx, counts); err != nil {
		for k, n := range taken {
			c.add(k, n.Load())
		}
		return err
	}
	today := Day(c.now())
	if today == c.pruned {
		return nil
	}
	if err := c.store.ForgetUsage(ctx, today-keepDays); err != nil {
		return err
	}
	c.pruned = today
	return nil
}
