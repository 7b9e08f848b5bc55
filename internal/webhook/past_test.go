package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// histories is a store that counts how often a history is read.
type histories struct {
	Store
	read *int
}

func (h histories) ChangesOf(ctx context.Context, s store.Scope, k cms.Kind, id string, before store.Point, limit int) ([]store.Change, error) {
	*h.read++
	return h.Store.ChangesOf(ctx, s, k, id, before, limit)
}

// What is changed and published over and over is told as it was, and only for what
// no event before has said is a history read.
func TestPublishedOverAndOver(t *testing.T) {
	for _, tt := range []struct {
		topics []string
		read   int
	}{{[]string{"Entry.*"}, 0}, {[]string{"Entry.save"}, 2}} { // the newest head says of the last publication
		t.Run(tt.topics[0], func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.stop()
				w.hook("https://example.org/", authoring.WebhookInput{Topics: tt.topics})
				const rounds = 3
				var published []time.Time
				for i := range rounds {
					w.save(w.p, "a", 2*i)
					pass(time.Second)
					e := must(w.s.PublishEntry(w.ctx, w.p, w.a, "a", authoring.Version{Number: 2*i + 1, Sent: true}))(w)
					published = append(published, e.PublishedAt)
					pass(time.Second)
				}
				w.save(w.p, "a", 2*rounds)
				pass(time.Second)
				w.save(w.p, "a", 2*rounds+1)
				read := 0
				w.hooks.Store = histories{w.st, &read}
				w.run()
				saves := 0
				for _, a := range w.after(10 * time.Second) {
					if a.topic() != "Entry.save" {
						continue
					}
					var body struct{ Sys map[string]any }
					w.must(nil, json.Unmarshal([]byte(a.body), &body))
					last := min(saves, rounds-1)
					saves++
					got := fmt.Sprint(body.Sys["publishedAt"], body.Sys["publishedVersion"], body.Sys["publishedCounter"])
					if want := fmt.Sprint(stamp(published[last]), 2*last+1, last+1); got != want {
						t.Errorf("version %d was published %s, want %s", a.version, got, want)
					}
				}
				if saves != rounds+1 || read != tt.read {
					t.Errorf("%d versions were told and %d histories read, want %d and %d", saves, read, rounds+1, tt.read)
				}
			})
		})
	}
}

// A publication is known by what it made public and by its number, and not for ever.
func TestPublications(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	head := func(rev store.Revision, count int) store.Head {
		return store.Head{Published: rev, Sys: cms.Sys{PublishedCounter: count}}
	}
	p := &publications{}
	known := func(rev store.Revision, count int) bool {
		h := head(rev, count)
		p.complete(&h)
		return h.PublishedAt.Equal(at) && h.PublishedBy == "ann" && h.PublishedVersion == 5
	}
	h := head(7, 2)
	if p.note(h); known(7, 2) {
		t.Error("a head that does not know when it was published says it")
	}
	h.PublishedAt, h.PublishedBy, h.PublishedVersion = at, "ann", 5
	if p.note(h); !known(7, 2) || known(7, 3) || known(8, 2) {
		t.Errorf("known are %+v", p)
	}
	other := head(7, 2)
	other.PublishedAt = at.Add(time.Second)
	if p.complete(&other); other.PublishedBy != "" {
		t.Error("what a head says is replaced")
	}
	for rev := range store.Revision(3 * maxPublications) {
		h.Published = 100 + rev
		p.note(h)
		if n := len(p.young) + len(p.old); n > maxPublications || !known(h.Published, 2) || rev > maxPublications && !known(h.Published-maxPublications/2, 2) {
			t.Fatalf("%d publications are known", n)
		}
	}
	if known(7, 2) {
		t.Error("a publication is known for ever")
	}
}

// shelf is a store of bodies that tells what it is asked for.
type shelf struct {
	Store
	asked []store.Revision
}

func (s *shelf) BodiesWithin(_ context.Context, revs []store.Revision, room int) (map[store.Revision][]byte, bool, error) {
	s.asked = revs
	out := map[store.Revision][]byte{}
	for _, r := range revs {
		if room <= 0 {
			return out, false, nil
		}
		out[r] = []byte(`{"fields":{}}`)
		room -= len(out[r])
	}
	return out, true, nil
}

// Bodies that are in memory are not read, as far as there is room for them.
func TestBodiesInMemory(t *testing.T) {
	t.Parallel()
	known := &cms.Document{}
	of := &shelf{}
	s := New(Options{Store: of, Known: func(r store.Revision) (*cms.Document, int) {
		if r%2 == 0 {
			return known, 40
		}
		return nil, 0
	}})
	for _, tt := range []struct {
		revs  []store.Revision
		room  int
		asked string
		found int
		all   bool
	}{
		{[]store.Revision{0, 2, 4}, 100, "[]", 2, true},
		{[]store.Revision{0, 1, 2, 3}, 100, "[1 3]", 3, true},
		{[]store.Revision{1, 2, 4, 6}, 80, "[1 6]", 2, false},
		{[]store.Revision{2}, 0, "[2]", 0, false},
	} {
		bodies, all, err := s.bodies(t.Context(), tt.revs, tt.room)
		if err != nil || fmt.Sprint(of.asked) != tt.asked || len(bodies) != tt.found || all != tt.all {
			t.Errorf("%v with room for %d: asked for %v, %d bodies, all is %v, %v", tt.revs, tt.room, of.asked, len(bodies), all, err)
		}
		for r, b := range bodies {
			if d, size := s.Known(r); b.Document != d || d != nil && b.bytes != size || d == nil && b.bytes != len(b.JSON) {
				t.Errorf("%d is %+v", r, b)
			}
		}
	}
}

// What was written a moment ago is told without a look into the database for it,
// and as it would be with one.
func TestToldFromMemory(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}})
		w.stop()
		for e := range 10 {
			entry := fmt.Sprint("e", e)
			w.save(w.p, entry, 0)
			w.must(w.s.PublishEntry(w.ctx, w.p, w.a, entry, authoring.Version{Number: 1, Sent: true}))
			w.save(w.p, entry, 2)
		}
		read := 0
		w.hooks.Store = reading{w.st, func(_ context.Context, revs []store.Revision, _ map[store.Revision][]byte) error {
			read += len(revs)
			return nil
		}}
		bodies := func(known func(store.Revision) (*cms.Document, int)) map[string]string {
			w.hooks.Known = known
			w.run()
			defer w.stop()
			out := map[string]string{}
			for _, a := range w.after(10 * time.Second) {
				out[a.header.Get("X-Contentful-Idempotency-Key")] = a.body
			}
			return out
		}
		fast := bodies(w.s.Index.Known)
		if len(fast) != 30 || read != 0 {
			t.Errorf("%d events, for which %d bodies were read", len(fast), read)
		}
		w.must(w.s.ReplayWebhook(w.ctx, w.p, id, authoring.ReplayInput{Since: json.RawMessage(`"2000-01-01T00:00:00Z"`)}))
		slow := bodies(func(store.Revision) (*cms.Document, int) { return nil, 0 })
		if read == 0 {
			t.Error("nothing was read the second time")
		}
		if diff := cmp.Diff(slow, fast); diff != "" {
			t.Error(diff)
		}
	})
}
