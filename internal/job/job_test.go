package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// queue is a Queue in memory. It keeps the contract of store.Store.
type queue struct {
	mu     sync.Mutex
	jobs   []*queued
	leases int   // calls of Lease
	broken error // returned by Lease
}

type queued struct {
	store.Job
	hidden time.Time
}

func (q *queue) add(name string, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, &queued{Job: store.Job{ID: int64(len(q.jobs) + 1), Name: name, Due: due}})
}

func (q *queue) Lease(_ context.Context, now time.Time, lease time.Duration, n int) ([]store.Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.leases++
	if q.broken != nil {
		return nil, q.broken
	}
	var out []store.Job
	for _, j := range q.jobs {
		if len(out) < n && !j.Due.After(now) && !j.hidden.After(now) {
			j.hidden = now.Add(lease)
			j.Attempts++
			out = append(out, j.Job)
		}
	}
	return out, nil
}

func (q *queue) Finish(_ context.Context, id int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = slices.DeleteFunc(q.jobs, func(j *queued) bool { return j.ID == id })
	return nil
}

// left are the jobs that are not finished, by name.
func (q *queue) left() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var names []string
	for _, j := range q.jobs {
		names = append(names, j.Name)
	}
	return names
}

// start runs a Runner until the returned function is called, which waits for
// its end.
func start(t *testing.T, q Queue, handlers map[string]Handler) (r *Runner, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r = New(q, time.Now, slog.New(slog.DiscardHandler), handlers)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	return r, func() {
		cancel()
		<-done
	}
}

// journal notes when something happened.
type journal struct {
	mu    sync.Mutex
	begin time.Time
	lines []string
}

// add returns how much it has noted.
func (j *journal) add(what string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprint(what, " ", time.Since(j.begin)))
	return len(j.lines)
}

func TestWakeAndPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, seen := &queue{}, &journal{begin: time.Now()}
		r, stop := start(t, q, map[string]Handler{
			"woken":   func(context.Context, store.Job) error { seen.add("woken"); return nil },
			"polled":  func(context.Context, store.Job) error { seen.add("polled"); return nil },
			"delayed": func(context.Context, store.Job) error { seen.add("delayed"); return nil },
		})
		synctest.Wait() // it has found nothing
		q.add("woken", time.Now())
		r.Wake()
		r.Wake()
		synctest.Wait()
		q.add("polled", time.Now())
		q.add("delayed", time.Now().Add(7*time.Second))
		time.Sleep(10 * time.Second) // of the bubble's clock
		stop()
		want := []string{"woken 0s", "polled 2s", "delayed 8s"}
		if diff := cmp.Diff(want, seen.lines); diff != "" {
			t.Error(diff)
		}
		if left := q.left(); len(left) > 0 {
			t.Errorf("not finished: %v", left)
		}
	})
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		result func(attempt int) error
		want   []string
	}{
		{"at once", func(int) error { return nil }, []string{"try 0s"}},
		{"later", func(n int) error {
			if n < 3 {
				return errors.New("database is away")
			}
			return nil
		}, []string{"try 0s", "try 1s", "try 5s"}},
		{"timeout", func(n int) error {
			if n < 2 {
				return fault.New(fault.Timeout, "")
			}
			return nil
		}, []string{"try 0s", "try 1s"}},
		{"never", func(int) error { return fault.New(fault.ServerError, "") }, []string{"try 0s", "try 1s", "try 5s", "try 20s", "try 1m20s"}},
		{"no use", func(int) error { return fault.New(fault.BadRequest, "") }, []string{"try 0s"}},
		{"panic", func(n int) error {
			if n == 1 {
				panic("broken")
			}
			return nil
		}, []string{"try 0s", "try 1s"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q, seen := &queue{}, &journal{begin: time.Now()}
				q.add("work", time.Now())
				r, stop := start(t, q, map[string]Handler{"work": func(context.Context, store.Job) error {
					return tt.result(seen.add("try"))
				}})
				time.Sleep(5 * time.Minute)
				stop()
				if diff := cmp.Diff(tt.want, seen.lines); diff != "" {
					t.Error(diff)
				}
				if left := q.left(); len(left) > 0 {
					t.Errorf("not finished: %v", left)
				}
				stats := Stats{Done: 1, Repeated: int64(len(tt.want) - 1)}
				if tt.name == "never" || tt.name == "no use" {
					stats.Done, stats.Failed = 0, 1
				}
				if got := r.Stats(); got != stats {
					t.Errorf("counted %+v, want %+v", got, stats)
				}
			})
		})
	}
}

// Failing jobs that wait for their next attempt do not keep others from running,
// and no more than the workers run at once.
func TestPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		for range 3 * workers {
			q.add("failing", time.Now())
		}
		for range 3 * workers {
			q.add("slow", time.Now())
		}
		var mu sync.Mutex
		running, most, failed, done := 0, 0, 0, 0
		enter := func(d int) {
			mu.Lock()
			defer mu.Unlock()
			running += d
			most = max(most, running)
		}
		_, stop := start(t, q, map[string]Handler{
			"failing": func(context.Context, store.Job) error {
				enter(1)
				defer enter(-1)
				mu.Lock()
				defer mu.Unlock()
				failed++
				return errors.New("away")
			},
			"slow": func(context.Context, store.Job) error {
				enter(1)
				defer enter(-1)
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				done++
				return nil
			},
		})
		time.Sleep(900 * time.Millisecond) // before the first second attempt
		stop()
		if failed != 3*workers || done != 3*workers {
			t.Errorf("%d failed once, %d are done; want %d each", failed, done, 3*workers)
		}
		if most != workers {
			t.Errorf("%d ran at once, want %d", most, workers)
		}
	})
}

// A job of a runner that died is taken over when its lease ends, and not before.
func TestTakeover(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, seen := &queue{}, &journal{begin: time.Now()}
		q.add("work", time.Now())
		if jobs, err := q.Lease(t.Context(), time.Now(), lease, 1); err != nil || len(jobs) != 1 {
			t.Fatalf("the process that dies leased %v, %v", jobs, err)
		}
		_, stop := start(t, q, map[string]Handler{"work": func(_ context.Context, j store.Job) error {
			seen.add(fmt.Sprint("lease ", j.Attempts))
			return nil
		}})
		time.Sleep(lease + pollTime)
		stop()
		if diff := cmp.Diff([]string{"lease 2 10m0s"}, seen.lines); diff != "" {
			t.Error(diff)
		}
		if left := q.left(); len(left) > 0 {
			t.Errorf("not finished: %v", left)
		}
	})
}

// A job that never ends is cut off with its lease and given up at last.
func TestEndlessJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, runs := &queue{}, &journal{begin: time.Now()}
		q.add("endless", time.Now())
		_, stop := start(t, q, map[string]Handler{"endless": func(ctx context.Context, _ store.Job) error {
			runs.add("run")
			<-ctx.Done()
			return ctx.Err()
		}})
		time.Sleep(2 * maxLeases * lease)
		stop()
		if len(runs.lines) != maxLeases {
			t.Errorf("ran %d times, want %d", len(runs.lines), maxLeases)
		}
		if left := q.left(); len(left) > 0 {
			t.Errorf("not given up: %v", left)
		}
	})
}

func TestUnknownJobIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &queue{}
		q.add("newer", time.Now())
		_, stop := start(t, q, nil)
		time.Sleep(lease / 2)
		stop()
		if diff := cmp.Diff([]string{"newer"}, q.left()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestBrokenQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &queue{broken: errors.New("database is away")}
		_, stop := start(t, q, nil)
		time.Sleep(10 * pollTime)
		stop()
		if q.leases < 10 || q.leases > 11 {
			t.Errorf("asked %d times in %v", q.leases, 10*pollTime)
		}
	})
}

// Stopping lets running jobs end for a while, then cancels them, and does not
// begin new attempts.
func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, seen := &queue{}, &journal{begin: time.Now()}
		for _, name := range []string{"short", "endless", "failing"} {
			q.add(name, time.Now())
		}
		_, stop := start(t, q, map[string]Handler{
			"short": func(ctx context.Context, _ store.Job) error {
				time.Sleep(3 * time.Second)
				seen.add("short")
				return ctx.Err()
			},
			"endless": func(ctx context.Context, _ store.Job) error {
				<-ctx.Done()
				seen.add("endless")
				return ctx.Err()
			},
			"failing": func(context.Context, store.Job) error {
				seen.add("failing")
				return errors.New("away")
			},
		})
		synctest.Wait()
		stop()
		seen.add("stopped")
		want := []string{"failing 0s", "short 3s", "endless 8s", "stopped 8s"}
		if diff := cmp.Diff(want, seen.lines); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"endless", "failing"}, q.left()); diff != "" {
			t.Error(diff)
		}
	})
}
