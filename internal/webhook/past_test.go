package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

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
