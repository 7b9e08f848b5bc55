package webhook

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/webhook/rule"
)

// walk is a lane that this process holds. Its own goroutine alone touches what is
// in it; calls run beside it and report to results.
//
// The events of an entity stand in a queue, and only the first is called about.
// One that fails stays first and is parked, and with it those behind, so that the
// position of the lane can move on: it is where the first event stands that is
// neither parked nor done.
type walk struct {
	*Service
	lane  store.Lane // as last settled
	until time.Time  // end of the lease
	log   *slog.Logger
	lost  chan struct{} // closed by who holds the lane now
	ended chan struct{} // closed at the end

	subject

	read   int64 // the log is read up to here
	more   bool  // there may be more to read
	behind bool  // surely there is: the last time was not enough
	readAt time.Time
	queues map[entity][]*item
	fresh  int // events in queues that are not parked
	parked int // events in queues that are
	ahead
	calling int
	workers int       // goroutines that call
	tasks   chan task // for them
	results chan result
	silent  int       // calls without any answer since the last one with
	rest    time.Time // no call begins before

	// what is to be settled
	changed map[int64]store.Parked
	done    []int64
	waiting time.Time // since when it waits; zero: there is nothing
	records
	recalled bool
	idle     time.Time // since when there is nothing to do
}

type entity struct {
	kind cms.Kind
	id   string
}

// item is an event in a queue.
type item struct {
	entity
	seq      int64
	change   *store.Change // nil for one that was parked by somebody else
	then     *past         // nil when it is not read, or not any more
	attempts int
	since    time.Time // of the first attempt
	due      time.Time
	parked   bool
	calling  bool
}

// task is an event to tell, and what the lane was about when it was due.
type task struct {
	subject subject
	item    *item
}

type result struct {
	item    *item
	outcome outcome
	cut     bool // off by this side: nobody knows what became of it
}

// errLost ends the walk on a lane that is gone or somebody else's.
var errLost = errors.New("the lane is not held any more")

func newWalk(s *Service, l store.Lane, until time.Time) *walk {
	return &walk{
		Service: s, lane: l, until: until, read: l.Seq, more: true,
		log:    s.Log.With("webhook", l.Follower, "log", int64(l.Log)),
		queues: map[entity][]*item{}, changed: map[int64]store.Parked{}, tasks: make(chan task, perLane), results: make(chan result, perLane),
		lost: make(chan struct{}), ended: make(chan struct{}),
	}
}

// run walks until there is nothing left to do for a while, the lane is wanted
// back, or ctx ends.
func (w *walk) run(ctx context.Context) {
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer close(w.tasks)
	err := w.load(ctx)
	if err == nil {
		err = w.steps(ctx, calls, cancel)
	}
	if err != nil && !errors.Is(err, errLost) && ctx.Err() == nil {
		w.log.ErrorContext(ctx, "calling a webhook was interrupted", "error", err)
	}
	cancel()
	for ; w.calling > 0; w.calling-- {
		<-w.results // cut off; what they reached is called again
	}
}

// load reads what was parked.
func (w *walk) load(ctx context.Context) error {
	const page = 500
	for after := int64(0); ; {
		list, err := w.Store.Parked(ctx, w.lane.LaneID, false, after, page)
		if err != nil {
			return err
		}
		for _, p := range list {
			e := entity{p.Kind, p.ID}
			w.queues[e] = append(w.queues[e], &item{entity: e, seq: p.Seq, attempts: p.Attempts, since: p.Since, due: p.Due, parked: true})
			w.parked++
			after = p.Seq
		}
		if len(list) < page {
			return w.refresh(ctx, w.lane.LaneID, w.Service, nil)
		}
	}
}

func (w *walk) steps(ctx, calls context.Context, cancel func()) error {
	stop := ctx.Done()
	for {
		moved := w.Store.Moved(w.lane.Log)
		stopping := ctx.Err() != nil || w.recalled
		if !stopping {
			err := w.fill(ctx)
			if err == nil {
				err = w.start(calls)
			}
			if err != nil {
				return w.giveBack(ctx, err)
			}
		}
		now := w.Now()
		if w.calling == 0 && (stopping || w.nothing(now)) {
			return w.settle(ctx, now, true)
		}
		if w.mustSettle(now) {
			if err := w.settle(ctx, now, false); err != nil {
				return err
			}
			if w.recalled {
				continue
			}
		}
		if w.more {
			moved = nil // that is known
		}
		wake := time.NewTimer(w.nextStep(now))
		select {
		case r := <-w.results:
			w.take(r)
			for len(w.results) > 0 {
				w.take(<-w.results)
			}
		case <-moved:
			w.more = true
		case <-wake.C:
		case <-w.lost:
			wake.Stop()
			return errLost
		case <-stop:
			stop = nil
			defer time.AfterFunc(grace, cancel).Stop()
		}
		wake.Stop()
	}
}

// giveBack settles what is known after an error of this side.
func (w *walk) giveBack(ctx context.Context, err error) error {
	if errors.Is(err, errLost) {
		return err
	}
	w.rest = w.Now().Add(pause)
	return errors.Join(err, w.settle(ctx, w.Now(), true))
}

// pause is how long a receiver is left alone that answers nothing, and the lane
// too: so many of them cannot take the place of those that answer.
const pause = 10 * time.Second

// hasRoom reports whether there is room for more events.
func (w *walk) hasRoom() bool { return w.fresh < window && w.parked < maxParked }

// mayRead reports whether to read on in the log. Each time has its price, so while
// changes keep coming it is not for a few of them.
func (w *walk) mayRead(now time.Time) bool {
	return w.more && w.hasRoom() && (w.behind && w.fresh <= window/4 || now.Sub(w.readAt) >= readTime)
}

// fill reads on in the log as far as there is room for events.
func (w *walk) fill(ctx context.Context) error {
	now := w.Now()
	if now.Sub(w.readAt) >= linger { // what other processes write wakes nobody here
		w.more = true
	}
	for again := w.mayRead(now); again; again = w.behind && w.hasRoom() {
		changes, err := w.Store.Changes(ctx, w.lane.Log, w.read, window)
		if err != nil {
			return err
		}
		w.readAt = now
		w.behind = len(changes) == window
		w.more = w.behind
		if len(changes) == 0 {
			return nil
		}
		// After the changes, so that it is as new as they are.
		if err := w.refresh(ctx, w.lane.LaneID, w.Service, changes); err != nil {
			return err
		}
		var heads map[store.Resource]store.Head
		if w.filters.Uses(rule.Creator) {
			if heads, err = w.heads(ctx, w.lane.Log, changes); err != nil {
				return err
			}
		}
		for i := range changes {
			c := &changes[i]
			if err := w.follow(ctx, c); err != nil {
				return err
			}
			wanted, err := w.wants(ctx, w.Service, c, heads[store.Resource{Kind: c.Kind, ID: c.ID}])
			if err != nil {
				return err
			}
			if w.read = c.Seq; wanted {
				w.enqueue(c)
			}
		}
		w.idle = time.Time{}
		w.touch()
	}
	return nil
}

// enqueue puts an event behind those of its entity.
func (w *walk) enqueue(c *store.Change) {
	e := entity{c.Kind, c.ID}
	it := &item{entity: e, seq: c.Seq, change: c, due: w.Now()}
	w.fresh++
	behind := w.queues[e]
	w.queues[e] = append(behind, it)
	if len(behind) > 0 && behind[0].parked {
		w.park(it, "")
	}
}

// follow opens the lane of an environment that was made.
func (w *walk) follow(ctx context.Context, c *store.Change) error {
	if c.Kind != cms.KindEnvironment || c.Action != store.Create || w.lane.Log != w.lane.Space {
		return nil
	}
	return w.Store.Update(ctx, w.lane.Space, func(tx store.Tx) error {
		h, err := tx.Get(ctx, w.lane.Space, c.Kind, c.ID)
		if fault.Is(err, fault.NotFound) {
			return nil // deleted since
		}
		if err != nil {
			return err
		}
		if _, err := tx.Get(ctx, w.lane.Space, cms.KindWebhook, w.lane.Follower); err != nil {
			if fault.Is(err, fault.NotFound) {
				return nil
			}
			return err
		}
		id := w.lane.LaneID
		id.Log = h.Child
		return tx.OpenLane(ctx, store.Lane{LaneID: id})
	})
}

// start begins the calls that are due, those of the earliest changes first.
func (w *walk) start(ctx context.Context) error {
	for w.caller != nil && w.calling < perLane {
		now := w.Now()
		if now.Before(w.rest) || w.until.Sub(now) <= timeout+2*payloadTime { // it is read twice at most
			return nil
		}
		var first *item
		for _, q := range w.queues {
			if it := q[0]; it.ready(now) && (first == nil || it.seq < first.seq) {
				first = it
			}
		}
		if first == nil {
			return nil
		}
		if first.then == nil {
			if err := w.readAhead(ctx, first, now); err != nil {
				return err
			}
		}
		first.calling = true
		if w.calling++; w.calling > w.workers {
			w.workers++
			go w.work(ctx)
		}
		w.tasks <- task{w.subject, first}
	}
	return nil
}

// work calls about one event after the other. What a call needs of a stack is much
// to make for each of them.
func (w *walk) work(ctx context.Context) {
	for t := range w.tasks {
		out := w.tell(ctx, t.subject, t.item)
		w.results <- result{t.item, out, ctx.Err() != nil}
	}
}

// ready reports whether an event that is the first of its queue may be called about.
func (it *item) ready(now time.Time) bool { return !it.calling && !it.due.After(now) }

// payloadTime is how long reading what payloads are made of may take.
const payloadTime = 5 * time.Second

// tell makes the event of an item and calls about it.
func (s *Service) tell(ctx context.Context, sub subject, it *item) outcome {
	s.calling.Add(1)
	defer s.calling.Add(-1)
	e := event{change: *it.change, topic: topicOf(*it.change), key: keyOf(sub.follower, *it.change)}
	err := it.then.gone
	if err == nil {
		e.payload, err = s.payload(ctx, sub.place, sub.model, e.change, *it.then)
	}
	if err == nil {
		return s.call(ctx, sub.caller, e, it.attempts+1)
	}
	now := s.Now()
	o := outcome{call: cms.WebhookCall{At: now, AnsweredAt: now, Attempt: it.attempts + 1, URL: sub.caller.webhook.URL, Topic: e.topic, Key: e.key, Event: eventID(sub.log, it.seq)}}
	if o.retry = !fault.Is(err, fault.NotFound); !o.retry {
		o.call.Errors = []string{"EventError", fault.Of(err).Message}
		return o
	}
	s.Log.WarnContext(ctx, "an event for a webhook could not be made", "webhook", sub.follower, "kind", it.kind, "id", it.id, "seq", it.seq, "error", err)
	o.call.Errors = []string{"EventError", "The event could not be made."}
	return o
}

// take notes what became of a call.
func (w *walk) take(r result) {
	now := w.Now()
	w.calling--
	it := r.item
	it.calling = false
	w.forget(it)
	w.idle = time.Time{}
	if r.cut {
		return
	}
	w.record(r.outcome, now)
	if r.outcome.call.StatusCode == 0 && r.outcome.retry {
		if w.silent++; w.silent >= perLane {
			w.rest = now.Add(pause)
		}
	} else {
		w.silent = 0
	}
	if r.outcome.call.Healthy() {
		w.delivered.Add(1)
		w.end(it, false, "")
		return
	}
	it.attempts++
	if it.since.IsZero() {
		it.since = r.outcome.call.At
	}
	reason := r.outcome.call.Errors[1]
	it.due = now.Add(max(w.delay(it.attempts), r.outcome.after))
	if !r.outcome.retry || it.due.After(it.since.Add(w.RetryFor)) || w.maxRetries > 0 && it.attempts > w.maxRetries {
		w.end(it, true, reason)
		return
	}
	w.failed.Add(1)
	w.park(it, reason)
	for _, behind := range w.queues[it.entity][1:] {
		if !behind.parked {
			w.park(behind, "")
		}
	}
}

// delay is how long to wait after some failed attempts: doubled each time, up to
// an hour, and spread so that not all come back at once. Others of the entity wait
// too, so the first time is short: most of what fails succeeds then.
func (s *Service) delay(attempts int) time.Duration {
	d := min(firstDelay<<min(attempts-1, 20), time.Hour)
	return d/2 + time.Duration(s.Jitter()*float64(d/2))
}

// park notes that an event waits beside the lane.
func (w *walk) park(it *item, reason string) {
	if !it.parked {
		it.parked = true
		w.fresh--
		w.parked++
	}
	w.forget(it)
	w.changed[it.seq] = store.Parked{
		Lane: w.lane.LaneID, Seq: it.seq, Kind: it.kind, ID: it.id, Due: it.due, Attempts: it.attempts, Since: it.since, Reason: reason,
	}
	w.touch()
}

// end takes an event out of its queue, done or given up.
func (w *walk) end(it *item, dead bool, reason string) {
	q := w.queues[it.entity]
	if q = slices.Delete(q, 0, 1); len(q) == 0 {
		delete(w.queues, it.entity)
	} else {
		w.queues[it.entity] = q
	}
	if dead {
		w.givenUp.Add(1)
		it.due = time.Time{}
		w.park(it, reason)
	}
	if it.parked {
		w.parked--
	} else {
		w.fresh--
	}
	if !dead && it.parked {
		delete(w.changed, it.seq)
		w.done = append(w.done, it.seq)
	}
	w.touch()
}

// touch notes that there is something to settle.
func (w *walk) touch() {
	if w.waiting.IsZero() {
		w.waiting = w.Now()
	}
}

// nothing reports whether the lane has had nothing to do for a while, or nothing
// it may do.
func (w *walk) nothing(now time.Time) bool {
	if now.Before(w.rest) {
		return true
	}
	if w.caller != nil && w.firstDue().Sub(now) < linger && len(w.queues) > 0 || w.more && w.hasRoom() {
		w.idle = time.Time{}
		return false
	}
	if w.idle.IsZero() {
		w.idle = now
	}
	return now.Sub(w.idle) >= linger
}

// firstDue is when the first of all queues may be called about.
func (w *walk) firstDue() time.Time {
	var first time.Time
	for _, q := range w.queues {
		if it := q[0]; !it.calling && (first.IsZero() || it.due.Before(first)) {
			first = it.due
		}
	}
	return first
}

// nextStep is how long to wait for something to happen by itself.
func (w *walk) nextStep(now time.Time) time.Duration {
	d := linger
	if !w.waiting.IsZero() {
		d = min(d, w.waiting.Add(settleTime).Sub(now))
	}
	if len(w.calls) > 0 {
		d = min(d, w.recordAt.Sub(now))
	}
	if w.more && w.hasRoom() {
		d = min(d, w.readAt.Add(readTime).Sub(now))
	}
	if w.calling < perLane && w.caller != nil {
		if due := w.firstDue(); !due.IsZero() {
			d = min(d, due.Sub(now))
		}
	}
	return max(d, 10*time.Millisecond)
}

// mustSettle reports whether it is time to keep what has happened, or to prolong
// the lease.
func (w *walk) mustSettle(now time.Time) bool {
	return !w.waiting.IsZero() && now.Sub(w.waiting) >= settleTime || w.recordDue(now) || w.until.Sub(now) < renewBefore
}

// settle keeps what has happened. What could not be kept is kept with the next
// settlement; a lane that is not prolonged in time is lost.
func (w *walk) settle(ctx context.Context, now time.Time, release bool) error {
	s := store.Settlement{
		Lane: store.Lane{LaneID: w.lane.LaneID, Seq: w.read}, Holder: w.Holder, Until: now.Add(lease), Release: release,
		Done: w.done, MaxDead: maxDead, MaxCall: maxCalls,
	}
	record := release || w.recordDue(now)
	if record {
		s.Calls = w.encoded()
	}
	for _, q := range w.queues {
		for _, it := range q {
			if !it.parked {
				s.Lane.Seq = min(s.Lane.Seq, it.seq-1)
			}
		}
	}
	if w.caller != nil { // else what is parked waits until the webhook is on again
		s.Due = w.firstDue()
	}
	for _, p := range w.changed {
		s.Parked = append(s.Parked, p)
	}
	slices.SortFunc(s.Parked, func(a, b store.Parked) int { return int(a.Seq - b.Seq) })
	if release {
		s.Until = w.rest
	}
	recalled, err := w.Store.Settle(context.WithoutCancel(ctx), s)
	switch {
	case fault.Is(err, fault.NotFound):
		return errLost
	case err != nil && (release || !now.Before(w.until)):
		return err
	case err != nil:
		w.log.Error("what became of calls of a webhook could not be kept yet", "error", err)
		w.waiting, w.recordAt = now, now.Add(settleTime) // not at once again
		return nil
	}
	w.lane, w.until, w.recalled = s.Lane, s.Until, recalled
	w.changed, w.done, w.waiting = map[int64]store.Parked{}, nil, time.Time{}
	if record {
		w.recorded(now)
	}
	return nil
}
