package storetest

import (
	"sync"

	"github.com/typecase/typecase/internal/store"
)

// testUsage: what was counted adds up, by whoever, and is read by organization and
// days.
func testUsage(w *world) {
	ctx := w.Context()
	add := func(counts ...store.Usage) {
		w.Helper()
		if err := w.AddUsage(ctx, counts); err != nil {
			w.Error(err)
		}
	}
	of := func(organization string, from, to int) []store.Usage {
		w.Helper()
		return must[[]store.Usage](w)(w.Usage(ctx, organization, from, to))
	}
	count := func(space, api string, day int, n int64) store.Usage {
		return store.Usage{Organization: "o", Space: space, API: api, Day: day, Requests: n}
	}
	add()
	add(count("b", "cda", 20, 1), count("a", "cma", 20, 2), count("a", "cda", 21, 3), count("a", "cda", 19, 1<<40), store.Usage{Organization: "p", Space: "a", API: "cda", Day: 20, Requests: 9})
	add(count("a", "cda", 21, 4), count("a", "cda", 20, 5))
	same(w, "some days", of("o", 20, 21), []store.Usage{count("a", "cda", 20, 5), count("a", "cda", 21, 7), count("a", "cma", 20, 2), count("b", "cda", 20, 1)})
	same(w, "no days", of("o", 22, 90), []store.Usage(nil))
	same(w, "no organization", of("\xff", 0, 90), []store.Usage(nil))
	if err := w.ForgetUsage(ctx, 20); err != nil {
		w.Error(err)
	}
	same(w, "an old day", of("o", 0, 19), []store.Usage(nil))
	same(w, "a day that is kept", of("o", 20, 20), []store.Usage{count("a", "cda", 20, 5), count("a", "cma", 20, 2), count("b", "cda", 20, 1)})

	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				add(count("c", "cda", 30, 1), count("d", "cda", 30, 2))
			}
		})
	}
	all.Wait()
	same(w, "added by many", of("o", 30, 30), []store.Usage{count("c", "cda", 30, 40), count("d", "cda", 30, 80)})
}
