// Package job runs background work: jobs that a transaction put into the store
// together with what they follow from. A job is leased, handled, finished; a
// process that dies loses none, because another takes a job over when its lease
// ends. So a job may run twice, and handlers are idempotent.
//
// The package knows no kind of work; handlers are given by name.
//
// Start reading at Runner.
package job

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Handler does the work of a job. An error that says that trying again may help
// (fault.ServerError, Timeout, a conflict …) makes it run again later; any
// other fault ends the job with a line in the log. The context ends with the
// job's lease.
type Handler = func(ctx context.Context, j store.Job) error

// Queue is what a Runner needs of store.Store.
type Queue interface {
	Lease(ctx context.Context, now time.Time, lease time.Duration, n int) ([]store.Job, error)
	Finish(ctx context.Context, id int64) error
}

const (
	workers  = 8                // jobs that run at once
	lease    = 10 * time.Minute // the longest a job may take, its repetitions included
	pollTime = 2 * time.Second  // how often to look for jobs that became due or that others enqueued
	grace    = 8 * time.Second  // what running jobs get to end when the runner is stopped

	// maxLeases is how often a job that never comes to an end, for instance
	// because it kills the process, is given out.
	maxLeases = 5
)

// delays are the waits before a failed job runs again, within its lease.
var delays = [...]time.Duration{time.Second, 4 * time.Second, 15 * time.Second, time.Minute}

// Runner takes jobs from a queue and runs them. Several may share one queue.
type Runner struct {
	queue    Queue
	handlers map[string]Handler
	now      func() time.Time
	log      *slog.Logger
	wake     chan struct{}
	slots    chan struct{} // one element for each job that runs

	running, done, failed, repeated atomic.Int64 // see Stats
}

// Stats count the jobs of a runner.
type Stats struct {
	Running                int64 // now, those that wait to be repeated included
	Done, Failed, Repeated int64 // so far
}

// Stats says how it is now.
func (r *Runner) Stats() Stats {
	return Stats{Running: r.running.Load(), Done: r.done.Load(), Failed: r.failed.Load(), Repeated: r.repeated.Load()}
}

// New makes a Runner; handlers are by job name.
func New(q Queue, now func() time.Time, log *slog.Logger, handlers map[string]Handler) *Runner {
	return &Runner{
		queue: q, handlers: handlers, now: now, log: log,
		wake:  make(chan struct{}, 1),
		slots: make(chan struct{}, workers),
	}
}

// Wake makes the runner look for jobs at once. It never blocks.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Run works until ctx ends. Then it takes no more jobs, gives those that run a
// few seconds to end, cancels the rest and returns when all have returned. What
// was cut off runs again when its lease ends.
func (r *Runner) Run(ctx context.Context) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	for {
		if r.takeAll(ctx, working, &running) {
			select {
			case <-ctx.Done():
			case <-r.wake:
			case <-poll.C:
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	stop := time.AfterFunc(grace, cancel)
	running.Wait()
	stop.Stop()
}

// takeAll waits for a free slot, leases as many jobs as there are free slots and
// starts them. It reports whether the queue had no more.
func (r *Runner) takeAll(ctx, working context.Context, running *sync.WaitGroup) (drained bool) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return true
	}
	free := 1
	for free < workers {
		select {
		case r.slots <- struct{}{}:
			free++
			continue
		default:
		}
		break
	}
	jobs, err := r.queue.Lease(ctx, r.now(), lease, free)
	if err != nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "no jobs could be leased", "error", err)
	}
	for range free - len(jobs) {
		<-r.slots
	}
	for _, j := range jobs {
		running.Go(func() { r.work(ctx, working, j) })
	}
	return len(jobs) < free
}

// work runs a job until it succeeds or there is no use in another attempt. It
// begins and ends with one slot taken, but holds none while it waits. stopping
// ends when the runner is told to stop, working when it must.
func (r *Runner) work(stopping, working context.Context, j store.Job) {
	defer func() { <-r.slots }()
	r.running.Add(1)
	defer r.running.Add(-1)
	leased, cancel := context.WithTimeout(working, lease)
	defer cancel()
	log := r.log.With("job", j.Name, "job_id", j.ID, "scope", int64(j.Scope))

	if j.Attempts > maxLeases {
		log.ErrorContext(leased, "job given up: it never came to an end", "leases", j.Attempts-1)
		r.failed.Add(1)
		r.finish(leased, log, j)
		return
	}
	handler, ok := r.handlers[j.Name]
	if !ok { // enqueued by a newer version of the program, which may take it over
		log.WarnContext(leased, "job left alone: this version has no handler for it")
		return
	}
	for attempt := 0; ; attempt++ {
		err := handle(leased, handler, j)
		switch {
		case err == nil:
			r.done.Add(1)
			r.finish(leased, log, j)
			return
		case leased.Err() != nil:
			log.WarnContext(leased, "job interrupted: it runs again when its lease ends", "error", err)
			return
		case !temporary(err):
			log.WarnContext(leased, "job failed", "error", err)
			r.failed.Add(1)
			r.finish(leased, log, j)
			return
		case attempt == len(delays):
			log.ErrorContext(leased, "job given up", "attempts", attempt+1, "error", err)
			r.failed.Add(1)
			r.finish(leased, log, j)
			return
		}
		r.repeated.Add(1)
		log.InfoContext(leased, "job failed and will be repeated", "after", delays[attempt], "error", err)
		if !r.wait(stopping, leased, delays[attempt]) {
			return
		}
	}
}

// wait gives the slot back for a time. It reports whether the job may go on.
func (r *Runner) wait(stopping, leased context.Context, d time.Duration) bool {
	<-r.slots
	timer := time.NewTimer(d)
	defer timer.Stop()
	goOn := true
	select {
	case <-timer.C:
	case <-stopping.Done():
		goOn = false
	case <-leased.Done():
		goOn = false
	}
	r.slots <- struct{}{}
	return goOn
}

// handle calls a handler; a panic becomes an error.
func handle(ctx context.Context, handler Handler, j store.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return handler(ctx, j)
}

// finish removes a job that is done. The work is, so it is tried even when the
// runner is being stopped; if it fails the job runs again and finds nothing to
// do.
func (r *Runner) finish(ctx context.Context, log *slog.Logger, j store.Job) {
	if err := r.queue.Finish(context.WithoutCancel(ctx), j.ID); err != nil {
		log.ErrorContext(ctx, "job could not be finished: it runs again when its lease ends", "error", err)
	}
}

// temporary reports whether the same work may succeed later.
func temporary(err error) bool {
	switch fault.Of(err).Kind {
	case fault.ServerError, fault.Timeout, fault.VersionMismatch, fault.Conflict, fault.RateLimitExceeded, fault.Hibernated:
		return true
	}
	return false
}
