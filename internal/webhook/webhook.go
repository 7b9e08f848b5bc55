// Package webhook delivers changes to the webhooks of their spaces. Nothing of it
// happens in a write: it goes along the change logs afterwards, one lane (see
// store.Lane) for each webhook and log, so a receiver that is slow or gone holds
// up neither writers nor other receivers.
//
// A change is delivered at least once, those of one entity in their order, each
// with a key that is the same however often it is sent. A lane is held by one
// process at a time, by a lease, and so is never walked twice at once. What fails
// is parked and tried again with growing delays; what failed for too long is given
// up and kept in a list. All of that stands in the database: a process that dies
// repeats at most what it had not settled yet. The records of calls follow a little
// later, and only the latest of them: of those a process takes some with it.
//
// What it costs must be little beside the writes it tells of. So changes, and what
// their events are made of, are read many at a time, as far as it is not in memory,
// and results are kept many at a time.
//
// The package must not write to resources, and must not log or keep secrets of
// definitions.
//
// Start reading at Service.Run, then walk (walk.go) for one lane, event.go for
// what is told and call.go for how.
package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

const (
	maxLanes    = 128                    // that one process holds at a time
	perLane     = 4                      // calls at once
	window      = 128                    // events of a lane in memory that are not parked
	maxParked   = 1000                   // of a lane; more wait in the log
	maxDead     = 10_000                 // given up events of a lane that are kept
	maxCalls    = 500                    // of a webhook that are kept
	pollTime    = 250 * time.Millisecond // how often to look for lanes with work
	linger      = time.Second            // how long an idle lane is held
	settleTime  = 200 * time.Millisecond // how long results wait to be kept together
	recordTime  = 2 * time.Second        // the least between two times that calls are recorded
	readTime    = 50 * time.Millisecond  // the least between two looks into a log that goes on
	firstDelay  = 250 * time.Millisecond // after a call that failed
	timeout     = 30 * time.Second       // of a call
	lease       = 90 * time.Second       // of a lane
	renewBefore = lease - 20*time.Second // what is left of a lease when it is prolonged
	grace       = 5 * time.Second        // what running calls get when the process stops
)

// Store is what the service needs of a store.Store.
type Store interface {
	store.Reader
	store.Lanes
	BodiesWithin(ctx context.Context, revs []store.Revision, bytes int) (bodies map[store.Revision][]byte, all bool, err error)
	Update(ctx context.Context, s store.Scope, fn func(tx store.Tx) error, ahead ...store.Ahead) error
	Moved(store.Scope) <-chan struct{}
}

// Options of a Service.
type Options struct {
	Store  Store
	Send   func(*http.Request) (*http.Response, error) // see fetch.Client.Send
	Holder string                                      // names this process among those of a database
	Now    func() time.Time
	NewID  func() string
	Jitter func() float64 // 0 to 1
	// RetryFor is how long a failed event is tried again.
	RetryFor time.Duration
	Log      *slog.Logger

	// Known is what a body of an entry or an asset says if that is in memory, with
	// about how many bytes it takes there; nil if it is not.
	Known func(store.Revision) (d *cms.Document, size int)
	// Secrets opens what a definition keeps sealed.
	Secrets func(ctx context.Context, p access.Place, id string, w cms.Webhook) (cms.WebhookSecrets, error)
	// Authored and Delivered are a resource as the management and the delivery API
	// show it. When ctx ends, nothing is known of the event but that it is to be told.
	Authored  func(ctx context.Context, p access.Place, m *cms.Model, h store.Head, draft, published cms.Body) ([]byte, error)
	Delivered func(ctx context.Context, p access.Place, m *cms.Model, h store.Head, body cms.Body) ([]byte, error)
}

// Service delivers. Several may share a database.
type Service struct {
	Options
	spaces    sync.Map // ids by scope
	walks     sync.Map // by store.LaneID; the latest of each
	held      atomic.Int64
	calling   atomic.Int64
	delivered atomic.Int64
	failed    atomic.Int64
	givenUp   atomic.Int64
}

// New makes a Service.
func New(opt Options) *Service { return &Service{Options: opt} }

// Stats are counts of this process since it began.
type Stats struct {
	Lanes, Calling int64 // now
	Delivered      int64
	Failed         int64 // and to be tried again
	GivenUp        int64
}

// Stats says how it goes.
func (s *Service) Stats() Stats {
	return Stats{s.held.Load(), s.calling.Load(), s.delivered.Load(), s.failed.Load(), s.givenUp.Load()}
}

// Run delivers until ctx ends. Then no more calls begin, those that run get a few
// seconds, and Run returns when all that is known of them is kept.
func (s *Service) Run(ctx context.Context) {
	if err := s.Store.ReleaseLanes(ctx, s.Holder); err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "lanes of webhooks that this server held before are free only later", "error", err)
	}
	var lanes sync.WaitGroup
	defer lanes.Wait()
	ended := make(chan struct{}, 1)
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	deaf := false
	for {
		now := s.Now()
		got, err := s.Store.LeaseLanes(ctx, s.Holder, now, now.Add(lease), maxLanes-int(s.held.Load()))
		if ctx.Err() != nil {
			return // what was leased anyway is free when the lease ends, or this server begins again
		}
		if err != nil && !deaf {
			s.Log.ErrorContext(ctx, "no webhooks can be called", "error", err)
		}
		deaf = err != nil
		for _, l := range got {
			s.held.Add(1)
			w := newWalk(s, l, now.Add(lease))
			before, _ := s.walks.Swap(l.LaneID, w)
			lanes.Go(func() {
				defer close(w.ended)
				if old, ok := before.(*walk); ok { // the lane it held is gone, or its lease
					close(old.lost)
					<-old.ended
				}
				w.run(ctx)
				s.walks.CompareAndDelete(l.LaneID, w)
				s.held.Add(-1)
				select {
				case ended <- struct{}{}:
				default: // it is about to look anyway
				}
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		case <-ended:
		}
	}
}
