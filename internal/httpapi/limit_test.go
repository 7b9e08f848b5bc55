package httpapi

import (
	"strconv"
	"testing"
	"time"
)

// TestLimiterForgets: tokens that do nothing any more take no memory.
func TestLimiterForgets(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := newLimiter(5)
	for i := range 10 * minSweep {
		l.take("token "+strconv.Itoa(i), now)
		now = now.Add(time.Millisecond)
	}
	if n := len(l.buckets); n > 2*minSweep {
		t.Errorf("%d buckets for the tokens of one second", n)
	}
}

func TestLimiterKeepsTheBusy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := newLimiter(1)
	l.take("busy", now)
	for i := range 3 * minSweep {
		l.take("token "+strconv.Itoa(i), now)
	}
	if l.take("busy", now).ok {
		t.Error("the limit was forgotten")
	}
}
