package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/store"
)

// What is told costs few statements, because they are about many events at once,
// and each event arrives though more have happened than are kept of calls.
func TestStatementsOfManyEvents(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}})
		w.stop()
		const entries, versions = 260, 2
		for v := range versions {
			for e := range entries {
				w.save(w.p, fmt.Sprint("e", e), v)
			}
		}
		before := w.st.Statements()
		w.run()
		got := w.after(2*time.Second + recordTime)
		if len(got) != entries*versions {
			t.Errorf("%d events arrived", len(got))
		}
		spent := w.st.Statements() - before
		t.Logf("%d statements for %d events", spent, len(got))
		// each call that is kept is one
		if most := int64(maxCalls + len(got)/4); spent > most {
			t.Errorf("%d statements for %d events, at most %d", spent, len(got), most)
		}
		calls := must(w.s.WebhookCalls(w.ctx, w.p, id, nil))(w)
		last := func(a arrival) bool { return a.header.Get("X-Contentful-Idempotency-Key") == calls.Items[0].Key }
		if calls.Total != maxCalls || !slices.ContainsFunc(got[len(got)-window:], last) { // those beside each other end in any order
			t.Errorf("%d calls are kept, the last of %s", calls.Total, calls.Items[0].Key)
		}
	})
}

// What events are made of is held for few of them when it is large.
func TestLargeEvents(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}})
		w.stop()
		const small = 40 // which do not say how large the others are
		for e := range small {
			w.save(w.p, fmt.Sprint("small", e), 0)
		}
		_, _, err := w.s.PutContentType(w.ctx, w.p, w.a, "long", authoring.Version{}, []byte(`{"name":"Long","fields":[{"id":"text","name":"Text","type":"Object"}]}`))
		w.must(nil, err)
		w.must(w.s.PublishContentType(w.ctx, w.p, w.a, "long", authoring.Version{Number: 1, Sent: true}))
		large := []byte(`{"en-US":{"x":"` + strings.Repeat("long ", 20_000) + `"}}`)
		for e := range 20 {
			_, _, err := w.s.PutEntry(w.ctx, w.p, w.a, fmt.Sprint("e", e), "long", authoring.Version{}, authoring.EntityInput{Fields: map[string]json.RawMessage{"text": large}})
			w.must(nil, err)
		}
		most := 0 // bytes that are read at once
		w.hooks.Store = reading{w.st, func(_ context.Context, _ []store.Revision, bodies map[store.Revision][]byte) error {
			bytes := 0
			for _, b := range bodies {
				bytes += len(b)
			}
			most = max(most, bytes)
			return nil
		}}
		w.run()
		got := w.after(5 * time.Second)
		arrived := len(got)
		got = slices.DeleteFunc(got, func(a arrival) bool { return len(a.body) < len(large) }) // in any order
		if arrived != small+20 || len(got) != 20 {
			t.Errorf("%d events arrived, %d of them large", arrived, len(got))
		}
		if most < 4*len(large) || most > maxAheadBytes+len(large)+500 {
			t.Errorf("%d bytes were read at once, at most %d and the last body", most, maxAheadBytes)
		}
	})
}

// A walk reads ahead as many events as it has room for.
func TestNext(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := &walk{queues: map[entity][]*item{}}
	w.most = maxAhead
	add := func(id string, items ...*item) {
		for _, it := range items {
			it.entity = entity{id: id}
			w.queues[it.entity] = append(w.queues[it.entity], it)
		}
	}
	first := &item{seq: 4}
	add("a", first, &item{seq: 7})
	add("b", &item{seq: 1, calling: true, then: &past{}}, &item{seq: 6})
	add("c", &item{seq: 2, parked: true, due: now.Add(time.Second)}, &item{seq: 3, parked: true})
	add("d", &item{seq: 5, parked: true, due: now}, &item{seq: 8, parked: true})
	check := func(want ...int64) {
		t.Helper()
		var got []int64
		for _, it := range w.next(first, now) {
			got = append(got, it.seq)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("next are %v, want %v", got, want)
		}
	}
	check(4, 5, 6, 7)
	w.largest = maxAheadBytes / 3
	check(4, 5, 6)
	w.loaded = maxAheadBytes
	check(4)
	w.ahead = ahead{}
	check(4)
	w.most = 2
	check(4, 5)
}
