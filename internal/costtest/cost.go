// Package costtest holds operations to what they may allocate. Time is noise on a
// busy machine; allocations and their bytes are the same on every one, and most of
// what a request costs follows them. It is for tests only.
//
// Limits are what was measured and a little more. Whoever exceeds one either finds a
// way around it or raises it, with a reason in the commit.
//
// Start reading at Check.
package costtest

import (
	"runtime"
	"testing"
)

const (
	batches = 5
	runs    = 40
)

// Check fails when f takes more than so many allocations or bytes, as the best of
// several batches: what others allocate meanwhile does not count. f runs some 200
// times. The race detector allocates too, so tests that call this skip under it.
func Check(t *testing.T, allocs, bytes uint64, f func()) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range 3 { // fills caches and pools
		f()
	}
	var before, after runtime.MemStats
	leastAllocs, leastBytes := ^uint64(0), ^uint64(0)
	for range batches {
		runtime.ReadMemStats(&before)
		for range runs {
			f()
		}
		runtime.ReadMemStats(&after)
		leastAllocs = min(leastAllocs, (after.Mallocs-before.Mallocs)/runs)
		leastBytes = min(leastBytes, (after.TotalAlloc-before.TotalAlloc)/runs)
	}
	t.Logf("%d allocations of %d, %d bytes of %d", leastAllocs, allocs, leastBytes, bytes)
	if leastAllocs > allocs {
		t.Errorf("%d allocations, at most %d are allowed", leastAllocs, allocs)
	}
	if leastBytes > bytes {
		t.Errorf("%d bytes allocated, at most %d are allowed", leastBytes, bytes)
	}
}
