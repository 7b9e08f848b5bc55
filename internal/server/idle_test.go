package server

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

func TestIdle(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	var asleep []string
	fail := map[string]error{"deleted": fault.New(fault.NotFound, ""), "broken": errors.New("disk full")}
	i := newIdle(time.Minute, func() time.Time { return at }, func(_ context.Context, space string) error {
		asleep = append(asleep, space)
		return fail[space]
	})
	step := func(d time.Duration, wantErr bool, want ...string) {
		t.Helper()
		at, asleep = at.Add(d), nil
		if err := i.hibernate(t.Context()); (err != nil) != wantErr {
			t.Errorf("at %v: %v", at, err)
		}
		slices.Sort(asleep)
		if diff := cmp.Diff(want, asleep); diff != "" {
			t.Errorf("at %v (-want +got):\n%s", at, diff)
		}
	}
	i.used("a")
	i.used("b")
	step(40*time.Second, false)
	i.used("b")
	step(20*time.Second, false, "a")
	step(10*time.Second, false) // it sleeps already
	step(30*time.Second, false, "b")
	i.used("a")
	i.used("deleted")
	i.used("broken")
	step(time.Minute, true, "a", "broken", "deleted")

	for after, want := range map[time.Duration]time.Duration{
		time.Second: 100 * time.Millisecond, time.Minute: 6 * time.Second, 24 * time.Hour: time.Minute,
	} {
		if got := newIdle(after, now, nil).interval(); got != want {
			t.Errorf("after %v: every %v, want %v", after, got, want)
		}
	}
}

func TestNeverIdle(t *testing.T) {
	t.Parallel()
	i := newIdle(0, now, nil)
	i.used("a")
	if len(i.last) != 0 {
		t.Error("remembers requests for nothing")
	}
}
