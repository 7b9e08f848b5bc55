package storetest

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// testClose: a closed store answers, and with an error.
func testClose(w *world) {
	ctx := w.Context()
	h := w.put(create(w.env, "a"))
	if err := w.Close(); err != nil {
		w.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"Update": func() error {
			return w.Update(ctx, w.env, func(store.Tx) error {
				w.Error("a function ran in a closed store")
				return nil
			})
		},
		"Get":          func() error { _, err := w.Get(ctx, w.env, cms.KindEntry, "a"); return err },
		"GetMany":      func() error { _, err := w.GetMany(ctx, w.env, cms.KindEntry, []string{"a"}); return err },
		"Seen":         func() error { _, err := w.Seen(ctx, w.env, cms.KindEntry, "a"); return err },
		"Ping":         func() error { return w.Ping(ctx) },
		"List":         func() error { _, err := w.List(ctx, w.env, "", "", 1); return err },
		"Has":          func() error { _, err := w.Has(ctx, w.env, cms.KindEntry, ""); return err },
		"Bodies":       func() error { _, err := w.Bodies(ctx, []store.Revision{h.Draft}); return err },
		"BodiesWithin": func() error { _, _, err := w.BodiesWithin(ctx, []store.Revision{h.Draft}, 1); return err },
		"Position":     func() error { _, err := w.Position(ctx, w.env); return err },
		"Changes":      func() error { _, err := w.Changes(ctx, w.env, 0, 1); return err },
		"Owner":        func() error { _, err := w.Owner(ctx, w.env, store.Key{}); return err },
		"Lease":        func() error { _, err := w.Lease(ctx, now, 1, 1); return err },
		"Finish":       func() error { return w.Finish(ctx, 1) },
	} {
		if err := call(); err == nil {
			w.Errorf("%s of a closed store returns no error", name)
		}
	}
}

// testCloseWaits: Close lets the write that runs come to its end, while others
// wait, come and read. Each of them is acknowledged or gets an error.
func testCloseWaits(w *world) {
	running, goOn := make(chan struct{}), make(chan struct{})
	var finished atomic.Bool
	first := make(chan error, 1)
	go func() {
		first <- w.Update(w.Context(), w.env, func(tx store.Tx) error {
			close(running)
			<-goOn
			_, err := tx.Put(w.Context(), create(w.env, "first"))
			finished.Store(true)
			return err
		})
	}()
	<-running
	closed := make(chan error, 1)
	go func() { closed <- w.Close() }()
	const others = 100
	refused := make([]error, others)
	parallel(w, others+1, func(i int) error {
		switch {
		case i == others:
			for range 100 { // the others and Close get ahead of this one
				runtime.Gosched()
			}
			close(goOn)
		case i%3 == 0:
			_, refused[i] = w.Get(context.Background(), w.env, cms.KindEntry, "first")
		default:
			refused[i] = w.Update(context.Background(), w.env, func(store.Tx) error { return nil })
		}
		return nil
	})
	if err := <-closed; err != nil {
		w.Errorf("Close: %v", err)
	}
	if !finished.Load() {
		w.Error("Close did not wait")
	}
	if err := <-first; err != nil {
		w.Errorf("the write that ran when the store was closed: %v", err)
	}
	if err := w.Update(context.Background(), w.env, func(store.Tx) error { return nil }); err == nil {
		w.Error("a closed store takes writes")
	}
}
