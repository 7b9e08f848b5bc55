package usage

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/store"
)

// memory is a Store that may be down.
type memory struct {
	down    bool
	kept    map[store.Usage]int64 // by counts without Requests
	adds    int
	forgets []int
}

func (m *memory) AddUsage(_ context.Context, counts []store.Usage) error {
	m.adds++
	if m.down {
		return errors.New("down")
	}
	for _, u := range counts {
		n := u.Requests
		u.Requests = 0
		m.kept[u] += n
	}
	return nil
}

func (m *memory) ForgetUsage(_ context.Context, day int) error {
	m.forgets = append(m.forgets, day)
	return nil
}

var start = time.Date(2026, 5, 1, 23, 59, 59, 0, time.UTC)

func counted(api string, day int) store.Usage {
	return store.Usage{Organization: "o", Space: "s", API: api, Day: day}
}

func TestFlush(t *testing.T) {
	t.Parallel()
	m := &memory{kept: map[store.Usage]int64{}}
	now := start
	c := New(m, func() time.Time { return now })
	flush := func(want string) {
		t.Helper()
		if err := c.Flush(t.Context()); (err != nil) != (want != "") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	today := Day(start)
	flush("")
	if m.adds != 0 {
		t.Error("nothing was counted, and yet there was something to add")
	}
	c.Add("o", "s", "cda", now)
	c.Add("o", "s", "cda", now)
	c.Add("o", "s", "cma", now)
	now = now.Add(2 * time.Second)
	c.Add("o", "s", "cda", now)
	flush("")
	want := map[store.Usage]int64{counted("cda", today): 2, counted("cma", today): 1, counted("cda", today+1): 1}
	if diff := cmp.Diff(want, m.kept); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	m.down = true
	c.Add("o", "s", "cda", now)
	flush("down")
	c.Add("o", "s", "cda", now)
	m.down = false
	flush("")
	flush("")
	want[counted("cda", today+1)] = 3
	if diff := cmp.Diff(want, m.kept); diff != "" {
		t.Errorf("after a failure (-want +got):\n%s", diff)
	}
	now = now.AddDate(0, 0, 1)
	c.Add("o", "s", "cda", now)
	flush("")
	if diff := cmp.Diff([]int{today + 1 - keepDays, today + 2 - keepDays}, m.forgets); diff != "" {
		t.Errorf("old days (-want +got):\n%s", diff)
	}
}

// Nothing is lost that is counted while others flush.
func TestConcurrently(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 2000
	m := &memory{kept: map[store.Usage]int64{}}
	c := New(m, func() time.Time { return start })
	var counting sync.WaitGroup
	for range writers {
		counting.Go(func() {
			for range each {
				c.Add("o", "s", "cda", start)
			}
		})
	}
	done := make(chan struct{})
	go func() { counting.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		if err := c.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := m.kept[counted("cda", Day(start))]; got != writers*each {
		t.Errorf("%d of %d", got, writers*each)
	}
}

func BenchmarkAdd(b *testing.B) {
	c := New(nil, time.Now)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.Add("organization", "space", "cda", start)
		}
	})
}
