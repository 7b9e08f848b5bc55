package webhook

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

const (
	maxAhead      = 32      // events that are read at once
	maxAheadBytes = 1 << 20 // about what a lane holds of what its events are made of
)

// ahead is what a walk holds of what its events are made of.
type ahead struct {
	loaded  int // bytes
	largest int // bytes of one, when it was read the last time
}

// readAhead reads what an event is made of that is about to be told and, with it,
// what those are that come next.
func (w *walk) readAhead(ctx context.Context, first *item, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, payloadTime)
	defer cancel()
	items := w.next(first, now)
	changes := make([]store.Change, 0, len(items))
	for _, it := range items {
		if it.change == nil {
			found, err := w.Store.Changes(ctx, w.lane.Log, it.seq-1, 1)
			if err != nil {
				return err
			}
			if len(found) == 0 || found[0].Seq != it.seq {
				found = []store.Change{{Scope: w.lane.Log, Seq: it.seq, Kind: it.kind, ID: it.id}}
				it.then = &past{gone: fault.New(fault.NotFound, "The change is not kept any more.")}
			}
			it.change = &found[0]
		}
		if it.then == nil {
			changes = append(changes, *it.change)
		}
	}
	then, err := w.pasts(ctx, w.lane.Log, changes)
	if err != nil {
		return err
	}
	w.largest = 0
	for _, it := range items {
		if it.then == nil {
			it.then, then = &then[0], then[1:]
		}
		w.loaded += it.then.size()
		w.largest = max(w.largest, it.then.size())
	}
	return nil
}

// next are an event that is about to be told and those that come after it, as far
// as there is room for what they are made of.
func (w *walk) next(first *item, now time.Time) []*item {
	n := maxAhead
	if w.largest > 0 {
		n = min(n, (maxAheadBytes-w.loaded)/w.largest)
	}
	if n <= 1 {
		return []*item{first}
	}
	var rest []*item
	for _, q := range w.queues {
		for i, it := range q {
			if it.parked && !(i == 0 && it.ready(now)) {
				break // so are those behind it
			}
			if it != first && it.then == nil {
				rest = append(rest, it)
			}
		}
	}
	slices.SortFunc(rest, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	return append([]*item{first}, rest[:min(len(rest), n-1)]...)
}

// forget lets go of what an event is made of, if that is read.
func (w *walk) forget(it *item) {
	if it.then != nil {
		w.loaded -= it.then.size()
		it.then = nil
	}
}
