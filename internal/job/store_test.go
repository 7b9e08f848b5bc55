package job_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/job"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// On a real store: a job whose process died is taken over when its lease ends.
func TestTakeoverFromStore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	st, err := sqlstore.OpenSQLite(ctx, filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	begin := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	err = st.Update(ctx, store.Server, func(tx store.Tx) error {
		return tx.Enqueue(ctx, store.Job{Name: "work", Scope: store.Server, Payload: []byte(`{"n":1}`), Due: begin})
	})
	if err != nil {
		t.Fatal(err)
	}
	const lease = 10 * time.Minute
	dead, err := st.Lease(ctx, begin, lease, 10)
	if err != nil || len(dead) != 1 {
		t.Fatalf("the process that dies leased %v, %v", dead, err)
	}
	if early, err := st.Lease(ctx, begin.Add(lease-time.Millisecond), lease, 10); err != nil || len(early) > 0 {
		t.Fatalf("leased before the end of the lease: %v, %v", early, err)
	}

	taken := make(chan store.Job, 1)
	runner := job.New(st, func() time.Time { return begin.Add(lease) }, slog.New(slog.DiscardHandler), map[string]job.Handler{
		"work": func(_ context.Context, j store.Job) error {
			taken <- j
			return nil
		},
	})
	running, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		runner.Run(running)
	}()
	j := <-taken
	stop()
	<-stopped
	if j.ID != dead[0].ID || j.Attempts != 2 || j.Scope != store.Server || string(j.Payload) != `{"n":1}` {
		t.Errorf("took over %+v, want %+v", j, dead[0])
	}
	if left, err := st.Lease(ctx, begin.Add(100*lease), lease, 10); err != nil || len(left) > 0 {
		t.Errorf("not finished: %v, %v", left, err)
	}
}
