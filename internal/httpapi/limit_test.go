package httpapi

import (
	"strconv"
	"testing"
	"time"
)

// TestLimiterIsBounded: keys that are made up, as many as anyone likes, take no
// more memory than two generations.
func TestLimiterIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := newLimiter[string](5)
	for i := range 5 * maxBuckets {
		l.take(strconv.Itoa(i), now)
		if n := len(l.young) + len(l.old); n > 2*maxBuckets {
			t.Fatalf("%d buckets", n)
		}
	}
}

// TestLimiterKeepsTheBusy: whoever comes back is not forgotten for those who do
// not.
func TestLimiterKeepsTheBusy(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := newLimiter[string](1)
	l.take("busy", now)
	for i := range 5 * maxBuckets {
		l.take(strconv.Itoa(i), now)
		if i%1000 == 0 {
			if _, ok := l.take("busy", now); ok {
				t.Fatalf("the limit was forgotten after %d others", i)
			}
		}
	}
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := newLimiter[string](10)
	want := func(step string, left int, ok bool) {
		t.Helper()
		if gotLeft, got := l.take("k", now); gotLeft != left || got != ok {
			t.Errorf("%s: %d left, %v; want %d, %v", step, gotLeft, got, left, ok)
		}
	}
	for i := range 10 {
		want("a second's worth at once", 9-i, true)
	}
	want("and no more", 0, false)
	now = now.Add(100 * time.Millisecond)
	want("a tenth of a second later", 0, true)
	now = now.Add(-time.Hour)
	want("a clock that goes back gives nothing", 0, false)
	l.giveBack("k", now)
	want("what was given back", 0, true)
	now = now.Add(2 * time.Hour)
	l.giveBack("new", now)
	want("never more than a second's worth", 9, true)
	if left, _ := l.take("new", now); left != 9 {
		t.Errorf("giving back makes %d", left+1)
	}
	if newLimiter[string](0) != nil || newLimiter[string](-1) != nil {
		t.Error("no limit is no limiter")
	}
}
