package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/store"
)

func enqueue(t testing.TB, st store.Store, s store.Scope, jobs ...store.Job) {
	t.Helper()
	err := st.Update(t.Context(), s, func(tx store.Tx) error {
		for _, j := range jobs {
			if err := tx.Enqueue(t.Context(), j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testJobs(w *world) {
	ctx := w.Context()
	const lease = time.Minute
	due := func(at time.Time, n int) []store.Job {
		w.Helper()
		return must[[]store.Job](w)(w.Lease(ctx, at, lease, n))
	}
	names := func(jobs []store.Job) []string {
		var names []string
		for _, j := range jobs {
			names = append(names, fmt.Sprint(j.Name, " ", j.Attempts))
		}
		return names
	}
	if jobs := due(now, 10); len(jobs) > 0 {
		w.Errorf("jobs of an empty database: %v", jobs)
	}
	err := w.Update(ctx, w.env, func(tx store.Tx) error {
		if err := tx.Enqueue(ctx, store.Job{Name: "never", Due: now}); err != nil {
			return err
		}
		if jobs, err := w.Lease(ctx, now, lease, 0); len(jobs) > 0 || err != nil {
			w.Errorf("0 jobs: %v, %v", jobs, err)
		}
		return errFailing
	})
	if !errors.Is(err, errFailing) {
		w.Error(err)
	}
	enqueue(w, w, w.env,
		store.Job{Name: "later", Scope: w.env, Due: now.Add(time.Hour), ID: 77, Attempts: 5}, // both are ignored
		store.Job{Name: "second", Scope: w.env, Payload: []byte("{\x00\xff"), Due: now},
		store.Job{Name: "first", Scope: w.space, Due: now.Add(-time.Second)},
		store.Job{Name: "third", Due: now},
	)
	jobs := due(now, 2)
	same(w, "the first two jobs", names(jobs), []string{"first 1", "second 1"})
	if j := jobs[1]; j.Scope != w.env || string(j.Payload) != "{\x00\xff" || j.ID == 0 {
		w.Errorf("job: %+v", j)
	}
	same(w, "what is left", names(due(now, 10)), []string{"third 1"})
	same(w, "hidden while leased", names(due(now.Add(lease-time.Millisecond), 10)), []string(nil))

	if err := w.Finish(ctx, jobs[0].ID); err != nil {
		w.Error(err)
	}
	if err := w.Finish(ctx, jobs[0].ID); err != nil {
		w.Errorf("finishing again: %v", err)
	}
	again := names(due(now.Add(lease), 10))
	slices.Sort(again)
	same(w, "taken over when the lease ends", again, []string{"second 2", "third 2"})
	same(w, "due in an hour", names(due(now.Add(time.Hour), 1)), []string{"second 3"})
	var rest []string
	for _, j := range append(due(now.Add(time.Hour), 10), jobs[1]) {
		rest = append(rest, j.Name)
		if err := w.Finish(ctx, j.ID); err != nil {
			w.Error(err)
		}
	}
	slices.Sort(rest)
	same(w, "the rest", rest, []string{"later", "second", "third"})
	same(w, "after all were finished", names(due(now.Add(100*time.Hour), 10)), []string(nil))
}

func testJobsUnderConcurrency(w *world) { checkJobs(w.T, w.env, w.Store) }

// checkJobs lets many take jobs on all stores: each job is given out once.
func checkJobs(t *testing.T, s store.Scope, stores ...store.Store) {
	const jobs, workers = 100, 4
	for i := range jobs {
		enqueue(t, stores[i%len(stores)], s, store.Job{Name: fmt.Sprint(i), Scope: s, Due: now})
	}
	taken := make([][]string, workers*len(stores))
	parallel(t, len(taken), func(i int) error {
		st := stores[i%len(stores)]
		for {
			got, err := st.Lease(t.Context(), now, time.Hour, 3)
			if err != nil {
				return err
			}
			if len(got) == 0 {
				return nil
			}
			for _, j := range got {
				taken[i] = append(taken[i], j.Name)
				if err := st.Finish(t.Context(), j.ID); err != nil {
					return err
				}
			}
		}
	})
	all := slices.Concat(taken...)
	rest, err := stores[0].Lease(t.Context(), now, time.Hour, jobs)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range rest {
		all = append(all, j.Name)
	}
	var expected []string
	for i := range jobs {
		expected = append(expected, fmt.Sprint(i))
	}
	slices.Sort(all)
	slices.Sort(expected)
	same(t, "jobs given out", all, expected)
}
