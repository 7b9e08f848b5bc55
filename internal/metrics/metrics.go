// Package metrics counts what a server does and writes numbers in the text format
// that Prometheus reads. Counting a request takes a look-up and a few atomic
// additions, and allocates nothing.
//
// It knows nothing of what it counts. Labels are names out of the program, never
// what a client sent, so their number is bounded.
//
// Start reading at Requests and Writer.
package metrics

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// Requests counts requests. The zero value is ready; it is safe for concurrent
// use.
type Requests struct {
	faults [fault.NumKinds]atomic.Uint64

	mu     sync.RWMutex
	counts map[Kind]*atomic.Uint64
	times  map[string]*histogram // by API
}

// Kind is what requests are counted by.
type Kind struct {
	API, Method, Route string
	Status             int
}

// buckets are the upper bounds of the histogram.
var buckets = [...]time.Duration{
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second,
}

type histogram struct {
	counts [len(buckets) + 1]atomic.Uint64 // the last one: longer than all bounds
	sum    atomic.Int64                    // nanoseconds
}

// Add counts a request; f is nil for one that succeeded.
func (r *Requests) Add(k Kind, f *fault.Error, took time.Duration) {
	count, times := r.find(k)
	count.Add(1)
	i := 0
	for i < len(buckets) && took > buckets[i] {
		i++
	}
	times.counts[i].Add(1)
	times.sum.Add(int64(took))
	if f != nil && f.Kind >= 0 && f.Kind < fault.NumKinds {
		r.faults[f.Kind].Add(1)
	}
}

// Total is how many there have been.
func (r *Requests) Total() int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var n uint64
	for _, c := range r.counts {
		n += c.Load()
	}
	return int64(n)
}

func (r *Requests) find(k Kind) (*atomic.Uint64, *histogram) {
	r.mu.RLock()
	count, times := r.counts[k], r.times[k.API]
	r.mu.RUnlock()
	if count != nil {
		return count, times
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts, r.times = map[Kind]*atomic.Uint64{}, map[string]*histogram{}
	}
	if r.times[k.API] == nil {
		r.times[k.API] = &histogram{}
	}
	if r.counts[k] == nil {
		r.counts[k] = &atomic.Uint64{}
	}
	return r.counts[k], r.times[k.API]
}
