package webhook

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// reading is a store that says how it goes when bodies are read.
type reading struct {
	Store
	each func(ctx context.Context, revs []store.Revision, bodies map[store.Revision][]byte) error
}

func (r reading) BodiesWithin(ctx context.Context, revs []store.Revision, room int) (map[store.Revision][]byte, bool, error) {
	bodies, all, err := r.Store.BodiesWithin(ctx, revs, room)
	if err == nil {
		err = r.each(ctx, revs, bodies)
	}
	return bodies, all, err
}

// Events that there is no time for to read at once are read in smaller numbers.
func TestSlowReading(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}})
		w.stop()
		const entries = 40
		for e := range entries {
			w.save(w.p, fmt.Sprint("e", e), 0)
		}
		most := 0
		w.hooks.Store = reading{w.st, func(ctx context.Context, revs []store.Revision, _ map[store.Revision][]byte) error {
			slow, cancel := context.WithTimeout(ctx, time.Duration(len(revs))*payloadTime/10)
			defer cancel()
			<-slow.Done()
			if ctx.Err() == nil {
				most = max(most, len(revs))
			}
			return ctx.Err()
		}}
		w.run()
		if got := w.after(2 * time.Minute); len(got) != entries {
			t.Errorf("%d events arrived", len(got))
		}
		if s := w.hooks.Stats(); s.Failed != 0 || most < 4 {
			t.Errorf("%d calls failed, %d bodies were read at once", s.Failed, most)
		}
	})
}

// An event that cannot be read holds up nothing but its entity, and is given up
// in the end.
func TestUnreadableEvent(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(context.Context) error{
		"an error": func(context.Context) error { return fault.New(fault.ServerError, "It is broken.") },
		"no end": func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				id := w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}})
				w.stop()
				for e := range 20 {
					w.save(w.p, fmt.Sprint("e", e), 0)
				}
				bad := must(w.st.Get(w.ctx, w.p.Environment, cms.KindEntry, "e7"))(w).Draft
				w.hooks.Store = reading{w.st, func(ctx context.Context, revs []store.Revision, _ map[store.Revision][]byte) error {
					if slices.Contains(revs, bad) {
						return fails(ctx)
					}
					return nil
				}}
				w.run()
				if got := w.after(time.Minute); len(got) != 19 || slices.ContainsFunc(got, func(a arrival) bool { return a.id == "e7" }) {
					t.Errorf("arrived: %s", said(got))
				}
				w.want(w.after(3*time.Hour), "")
				dead := must(w.s.DeadLetters(w.ctx, w.p, id, nil))(w)
				if len(dead.Items) != 1 || dead.Items[0].Entity != "e7" || dead.Items[0].Reason != "The event could not be made." {
					t.Errorf("given up: %+v", dead.Items)
				}
			})
		})
	}
}
