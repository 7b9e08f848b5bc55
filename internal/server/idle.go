package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// idle puts spaces to sleep that are not used any more. It knows those that were
// used since the start; the others hold nothing that sleep would free.
type idle struct {
	after time.Duration // 0: never
	now   func() time.Time
	sleep func(ctx context.Context, space string) error

	mu   sync.Mutex
	last map[string]time.Time // last request, by id of the space
}

func newIdle(after time.Duration, now func() time.Time, sleep func(context.Context, string) error) *idle {
	return &idle{after: after, now: now, sleep: sleep, last: map[string]time.Time{}}
}

// used notes a request to a space.
func (i *idle) used(space string) {
	if i.after == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last[space] = i.now()
}

// interval is how often hibernate should be called.
func (i *idle) interval() time.Duration {
	return min(max(i.after/10, 100*time.Millisecond), time.Minute)
}

// hibernate puts the spaces to sleep whose last request was long ago.
func (i *idle) hibernate(ctx context.Context) error {
	var due []string
	i.mu.Lock()
	for space, at := range i.last {
		if i.now().Sub(at) >= i.after {
			due = append(due, space)
			delete(i.last, space)
		}
	}
	i.mu.Unlock()
	var err error
	for _, space := range due {
		// One that is deleted meanwhile sleeps for good.
		if e := i.sleep(ctx, space); e != nil && !fault.Is(e, fault.NotFound) {
			err = errors.Join(err, e)
		}
	}
	return err
}
