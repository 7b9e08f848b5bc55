package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

func parked(id store.LaneID, seq int64, due time.Time) store.Parked {
	return store.Parked{Lane: id, Seq: seq, Kind: cms.KindEntry, ID: fmt.Sprint("e", seq), Due: due, Attempts: 1, Since: now, Reason: "no"}
}

func testLanes(w *world) {
	ctx := w.Context()
	id := store.LaneID{Space: w.space, Follower: "hook", Log: w.env}
	lease := func(holder string, at time.Time, n int) []store.Lane {
		w.Helper()
		return must[[]store.Lane](w)(w.LeaseLanes(ctx, holder, at, at.Add(time.Minute), n))
	}
	settle := func(s store.Settlement) bool {
		w.Helper()
		s.MaxDead, s.MaxCall = 10, 3
		return must[bool](w)(w.Settle(ctx, s))
	}
	waiting := func(dead bool) []store.Parked {
		w.Helper()
		return must[[]store.Parked](w)(w.Store.Parked(ctx, id, dead, 0, 100))
	}
	if got := lease("a", now, 10); len(got) > 0 {
		w.Fatalf("lanes of an empty database: %v", got)
	}
	w.put(create(w.env, "one"))
	w.update(w.space, func(tx store.Tx) error { return tx.OpenLane(ctx, store.Lane{LaneID: id, Seq: 1}) })
	if got := lease("a", now, 10); len(got) > 0 {
		w.Fatalf("a lane that is at the end of its log: %v", got)
	}
	for i := range 9 {
		w.put(create(w.env, fmt.Sprint("more", i)))
	}
	w.update(w.space, func(tx store.Tx) error { return tx.OpenLane(ctx, store.Lane{LaneID: id, Seq: 7}) }) // stays as it is
	if got := lease("a", now, 0); len(got) > 0 {
		w.Fatalf("no lanes were asked for: %v", got)
	}
	same(w, "a lane behind", lease("a", now, 10), []store.Lane{{LaneID: id, Seq: 1}})
	same(w, "held", lease("b", now.Add(time.Minute-time.Millisecond), 10), []store.Lane(nil))
	same(w, "behind", must[store.Behind](w)(w.Behind(ctx)), store.Behind{Lanes: 1, Changes: 9})

	soon := now.Add(time.Second)
	if settle(store.Settlement{Lane: store.Lane{LaneID: id, Seq: 10}, Holder: "a", Until: now.Add(2 * time.Minute), Due: soon,
		Parked: []store.Parked{parked(id, 3, soon), parked(id, 2, time.Time{}), parked(id, 5, soon)},
		Calls:  []store.Call{{Follower: "hook", ID: "c1", Summary: []byte("1"), Detail: []byte("one")}, {Follower: "hook", ID: "c2", Summary: []byte("2"), Detail: []byte("two")}}}) {
		w.Error("recalled by nobody")
	}
	same(w, "the lease was prolonged", lease("b", now.Add(2*time.Minute-time.Millisecond), 10), []store.Lane(nil))
	same(w, "parked", waiting(false), []store.Parked{parked(id, 3, soon), parked(id, 5, soon)})
	same(w, "given up", waiting(true), []store.Parked{parked(id, 2, time.Time{})})
	same(w, "behind", must[store.Behind](w)(w.Behind(ctx)), store.Behind{Lanes: 1, Parked: 2, Dead: 1})

	again := parked(id, 3, soon.Add(time.Minute))
	again.Attempts, again.Reason = 2, "still no"
	settle(store.Settlement{Lane: store.Lane{LaneID: id, Seq: 10}, Holder: "a", Release: true, Due: soon, Parked: []store.Parked{again}, Done: []int64{5, 77},
		Calls: []store.Call{{Follower: "hook", ID: "c3", Summary: []byte("3"), Detail: []byte{}}, {Follower: "hook", ID: "c4", Summary: []byte("4"), Detail: []byte("four")}}})
	same(w, "replaced and done", waiting(false), []store.Parked{again})
	same(w, "a parked change is not due", lease("b", now, 10), []store.Lane(nil))
	_, err := w.Settle(ctx, store.Settlement{Lane: store.Lane{LaneID: id, Seq: 1}, Holder: "a", Done: []int64{3}})
	want(w, "settling what was given back", err, fault.NotFound)
	same(w, "nothing of it was kept", waiting(false), []store.Parked{again})
	same(w, "a parked change is due", lease("b", soon, 10), []store.Lane{{LaneID: id, Seq: 10}})
	same(w, "taken over when the lease ends", lease("c", soon.Add(time.Minute), 10), []store.Lane{{LaneID: id, Seq: 10}})
	_, err = w.Settle(ctx, store.Settlement{Lane: store.Lane{LaneID: id, Seq: 1}, Holder: "b"})
	want(w, "settling what another took over", err, fault.NotFound)

	calls := must[[]store.Call](w)(w.Calls(ctx, w.space, "hook"))
	same(w, "the latest calls", calls, []store.Call{{Follower: "hook", ID: "c4", Summary: []byte("4")}, {Follower: "hook", ID: "c3", Summary: []byte("3")}, {Follower: "hook", ID: "c2", Summary: []byte("2")}})
	same(w, "a call", must[store.Call](w)(w.Call(ctx, w.space, "hook", "c4")), store.Call{Follower: "hook", ID: "c4", Summary: []byte("4"), Detail: []byte("four")})
	for _, missing := range [][2]string{{"hook", "c1"}, {"other", "c4"}, {"hook", "\xff"}} {
		_, err := w.Call(ctx, w.space, missing[0], missing[1])
		want(w, fmt.Sprint(missing), err, fault.NotFound)
	}
	testRecall(w, id)
}

func testRecall(w *world, id store.LaneID) {
	ctx := w.Context()
	late := now.Add(time.Hour)
	recall := func(back int64) {
		w.Helper()
		w.update(w.space, func(tx store.Tx) error { return tx.Recall(ctx, id, back) })
	}
	lease := func() []store.Lane {
		w.Helper()
		return must[[]store.Lane](w)(w.LeaseLanes(ctx, "d", late, late.Add(time.Minute), 10))
	}
	give := func(seq int64, until time.Time) bool {
		w.Helper()
		return must[bool](w)(w.Settle(ctx, store.Settlement{Lane: store.Lane{LaneID: id, Seq: seq}, Holder: "d", Until: until, Release: until.IsZero(), MaxDead: 10, MaxCall: 10}))
	}
	same(w, "due since long", lease(), []store.Lane{{LaneID: id, Seq: 10}})
	recall(-1)
	if !give(10, late.Add(time.Minute)) {
		w.Error("the holder was not told of the recall")
	}
	give(10, time.Time{})
	same(w, "recalled", lease(), []store.Lane{{LaneID: id, Seq: 10}})
	if give(10, time.Time{}) {
		w.Error("recalled again by nobody")
	}
	same(w, "nothing to do", lease(), []store.Lane(nil))

	recall(-1)
	lease()
	must[bool](w)(w.Settle(ctx, store.Settlement{Lane: store.Lane{LaneID: id, Seq: 9}, Holder: "d", Until: late.Add(time.Second), Release: true}))
	same(w, "given back for later", lease(), []store.Lane(nil))
	recall(-1)
	same(w, "a recall does not wait", lease(), []store.Lane{{LaneID: id, Seq: 9}})
	if err := w.ReleaseLanes(ctx, "d"); err != nil {
		w.Error(err)
	}
	same(w, "its holder died", lease(), []store.Lane{{LaneID: id, Seq: 9}})
	give(10, time.Time{})

	recall(12)
	same(w, "recalled to what is ahead", lease(), []store.Lane{{LaneID: id, Seq: 10}})
	recall(4)
	recall(2)
	recall(6)
	give(10, time.Time{})
	w.update(w.space, func(tx store.Tx) error { return tx.Park(ctx, parked(id, 1, late)) })
	same(w, "recalled to an earlier position", lease(), []store.Lane{{LaneID: id, Seq: 2}})
	same(w, "what was parked behind it is gone", must[[]store.Parked](w)(w.Store.Parked(ctx, id, false, 0, 10)), []store.Parked{parked(id, 1, late)})
	same(w, "what was given up before it stays", must[[]store.Parked](w)(w.Store.Parked(ctx, id, true, 0, 10)), []store.Parked{parked(id, 2, time.Time{})})

	for i := range int64(12) {
		w.update(w.space, func(tx store.Tx) error { return tx.Park(ctx, parked(id, 20+i, time.Time{})) })
	}
	must[bool](w)(w.Settle(ctx, store.Settlement{Lane: store.Lane{LaneID: id, Seq: 40}, Holder: "d", MaxDead: 10, MaxCall: 10, Parked: []store.Parked{parked(id, 40, time.Time{})}}))
	dead := must[[]store.Parked](w)(w.Store.Parked(ctx, id, true, 0, 100))
	if len(dead) != 10 || dead[0].Seq != 23 || dead[9].Seq != 40 {
		w.Errorf("given up and kept: %v", dead)
	}
	same(w, "a page", len(must[[]store.Parked](w)(w.Store.Parked(ctx, id, true, 25, 3))), 3)

	other := store.LaneID{Space: w.space, Follower: "hook", Log: w.space}
	w.update(w.space, func(tx store.Tx) error { return tx.OpenLane(ctx, store.Lane{LaneID: other}) })
	same(w, "lanes", must[[]store.Lane](w)(w.LanesOf(ctx, w.space, "hook")), []store.Lane{{LaneID: other}, {LaneID: id, Seq: 40}})
	w.update(w.space, func(tx store.Tx) error { return tx.DropScope(ctx, w.env) })
	same(w, "after its log was dropped", must[[]store.Lane](w)(w.LanesOf(ctx, w.space, "hook")), []store.Lane{{LaneID: other}})
	same(w, "its calls stay", len(must[[]store.Call](w)(w.Calls(ctx, w.space, "hook"))), 3)
	w.update(w.space, func(tx store.Tx) error { return tx.CloseLanes(ctx, w.space, "hook") })
	same(w, "closed", must[[]store.Lane](w)(w.LanesOf(ctx, w.space, "hook")), []store.Lane(nil))
	same(w, "its calls are gone", len(must[[]store.Call](w)(w.Calls(ctx, w.space, "hook"))), 0)
	recall(1)
	same(w, "nothing is left", must[store.Behind](w)(w.Behind(ctx)), store.Behind{})
}

// checkLanes lets many take lanes on all stores: nobody gets one that is held.
func checkLanes(t *testing.T, space, log store.Scope, stores ...store.Store) {
	const lanes, workers = 40, 4
	err := stores[0].Update(t.Context(), space, func(tx store.Tx) error {
		for i := range lanes {
			id := store.LaneID{Space: space, Follower: fmt.Sprintf("hook%02d", i), Log: log}
			if err := tx.OpenLane(t.Context(), store.Lane{LaneID: id}); err != nil {
				return err
			}
			if err := tx.Recall(t.Context(), id, -1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	taken := make([][]string, workers*len(stores))
	parallel(t, len(taken), func(i int) error {
		for {
			got, err := stores[i%len(stores)].LeaseLanes(t.Context(), fmt.Sprint("w", i), now, now.Add(time.Hour), 3)
			if err != nil || len(got) == 0 {
				return err
			}
			for _, l := range got {
				taken[i] = append(taken[i], l.Follower)
			}
		}
	})
	all := slices.Concat(taken...)
	rest, err := stores[0].LeaseLanes(t.Context(), "rest", now, now.Add(time.Hour), lanes)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range rest {
		all = append(all, l.Follower)
	}
	slices.Sort(all)
	if len(all) != lanes || len(slices.Compact(all)) != lanes {
		t.Errorf("lanes given out: %v", all)
	}
}

func testLanesUnderConcurrency(w *world) { checkLanes(w.T, w.space, w.env, w.Store) }
