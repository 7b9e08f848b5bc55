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
	most    int // events that there surely is time for to read at once, if it is more than one
	loaded  int // bytes
	largest int // bytes of one, as far as the latest tell

	published publications
}

// readAhead reads what an event is made of that is about to be told and, with it,
// what those are that come next. If that fails it reads the first alone, and if
// that fails too it is this event that fails: the others go on.
func (w *walk) readAhead(ctx context.Context, first *item, now time.Time) error {
	items := w.next(first, now)
	err := w.readAll(ctx, items)
	if err == nil && first.then == nil { // there was room for others only
		err = w.readAll(ctx, items[:1])
	}
	if err == nil {
		w.most = max(w.most, min(2*len(items), maxAhead))
		return nil
	}
	w.most = 1
	if len(items) > 1 && ctx.Err() == nil {
		err = w.readAll(ctx, items[:1])
	}
	if err == nil || ctx.Err() != nil || first.change == nil {
		return err
	}
	w.hold(first, &past{gone: err})
	return nil
}

// readAll reads what events are made of.
func (w *walk) readAll(ctx context.Context, items []*item) error {
	ctx, cancel := context.WithTimeout(ctx, payloadTime)
	defer cancel()
	var wanted []*item
	var changes []store.Change
	for _, it := range items {
		if it.change == nil {
			found, err := w.Store.Changes(ctx, w.lane.Log, it.seq-1, 1)
			if err != nil {
				return err
			}
			if len(found) == 0 || found[0].Seq != it.seq {
				found = []store.Change{{Scope: w.lane.Log, Seq: it.seq, Kind: it.kind, ID: it.id}}
				w.hold(it, &past{gone: fault.New(fault.NotFound, "The change is not kept any more.")})
			}
			it.change = &found[0]
		}
		if it.then == nil {
			wanted, changes = append(wanted, it), append(changes, *it.change)
		}
	}
	then, err := w.pasts(ctx, w.lane.Log, changes, maxAheadBytes-w.loaded, &w.published)
	if err != nil {
		return err
	}
	w.largest /= 2 // so what was once is forgotten little by little
	for i, it := range wanted {
		if then[i] != nil {
			w.hold(it, then[i])
		}
	}
	return nil
}

// hold keeps what an event is made of until it is told.
func (w *walk) hold(it *item, then *past) {
	it.then = then
	w.loaded += then.size()
	w.largest = max(w.largest, then.size())
}

// next are an event that is about to be told and those that come after it, as far
// as there is room for what they are made of.
func (w *walk) next(first *item, now time.Time) []*item {
	n := w.most
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
