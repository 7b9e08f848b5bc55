package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

func TestDelivery(t *testing.T) {
	inWorld(t, func(w *world) {
		w.save(w.p, "before", 0) // the webhook begins with what happens from now on
		id := w.hook("https://example.org/", authoring.WebhookInput{})
		w.save(w.p, "a", 0)
		w.save(w.p, "a", 1)
		w.must(w.s.PublishEntry(w.ctx, w.p, w.a, "a", authoring.Version{Number: 2, Sent: true}))
		got := w.after(time.Second)
		w.want(got, "Entry.create a 1, Entry.save a 2, Entry.publish a 0")
		for i, a := range got {
			if a.method != "POST" || a.url != "https://example.org/" || a.header.Get("Content-Type") != "application/vnd.contentful.management.v1+json" ||
				a.header.Get("X-Contentful-Webhook-Name") != "Hook of https://example.org/" || len(a.header.Get("X-Contentful-Idempotency-Key")) != 64 {
				t.Errorf("call %d: %+v", i, a)
			}
		}
		w.must(w.s.UnpublishEntry(w.ctx, w.p, w.a, "a"))
		w.must(w.s.ArchiveEntry(w.ctx, w.p, w.a, "a"))
		w.must(w.s.UnarchiveEntry(w.ctx, w.p, w.a, "a"))
		w.must(nil, w.s.DeleteEntry(w.ctx, w.p, w.a, "a"))
		got = w.after(5 * time.Second)
		w.want(got, "Entry.unpublish a 0, Entry.archive a 5, Entry.unarchive a 6, Entry.delete a 0")
		if calls := must(w.s.WebhookCalls(w.ctx, w.p, id, nil))(w); calls.Total != 7 || calls.Items[0].Topic != "ContentManagement.Entry.delete" {
			t.Errorf("%d calls, the last %+v", calls.Total, calls.Items[0])
		}
		if h := must(w.s.WebhookHealth(w.ctx, w.p, id))(w); h != (authoring.Health{Total: 7, Healthy: 7}) {
			t.Errorf("health %+v", h)
		}
		w.must(nil, w.s.DeleteWebhook(w.ctx, w.p, w.a, id))
		w.save(w.p, "b", 0)
		w.want(w.after(time.Minute), "")
		if b := must(w.st.Behind(w.ctx))(w); b != (store.Behind{}) {
			t.Errorf("left behind: %+v", b)
		}
	})
}

// A receiver that fails gets the events of an entity again in their order, with
// growing delays and the same key, while other entities go on.
func TestRetries(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hook("https://example.org/", authoring.WebhookInput{})
		w.answers(func(a arrival, nth int) (int, http.Header, error) {
			if a.id == "a" && a.version == 1 && nth <= 7 {
				return 503, nil, nil
			}
			return 200, nil, nil
		})
		w.save(w.p, "a", 0)
		w.save(w.p, "a", 1)
		w.save(w.p, "b", 0)
		got := w.after(3 * time.Minute)
		first := got[:2] // which come in any order
		slices.SortFunc(first, func(a, b arrival) int { return strings.Compare(a.id, b.id) })
		w.want(got, "Entry.create a 1, Entry.create b 1"+strings.Repeat(", Entry.create a 1", 6)+", Entry.save a 2")
		var last arrival
		var waits []time.Duration
		for _, a := range got {
			if a.id != "a" || a.version != 1 {
				continue
			}
			if last.id != "" {
				waits = append(waits, a.at.Sub(last.at).Round(50*time.Millisecond))
				if a.header.Get("X-Contentful-Idempotency-Key") != last.header.Get("X-Contentful-Idempotency-Key") {
					t.Error("a retry has another key")
				}
			}
			last = a
		}
		if fmt.Sprint(waits) != "[250ms 500ms 1s 2s 4s 8s]" {
			t.Errorf("waits %v", waits)
		}
	})
}

func TestRetryAfterAndGivingUp(t *testing.T) {
	inWorld(t, func(w *world) {
		id, busy := w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}}), false
		w.answers(func(a arrival, _ int) (int, http.Header, error) {
			switch {
			case a.id == "gone":
				return 410, nil, nil
			case a.id == "busy" && !busy:
				busy = true
				return 429, http.Header{"Retry-After": {"100"}}, nil
			case a.id == "moved":
				return 301, http.Header{"Location": {"https://example.com"}}, nil
			case a.id == "down":
				return 0, nil, fault.Wrap(errRefused, fault.ServerError, "It could not be fetched.")
			}
			return 200, nil, nil
		})
		w.save(w.p, "busy", 0)
		w.want(w.after(99*time.Second), "Entry.create busy 1")
		w.want(w.after(5*time.Second), "Entry.create busy 1")
		w.save(w.p, "gone", 0)
		w.save(w.p, "gone", 1)
		w.save(w.p, "moved", 0)
		if got := w.after(time.Hour); len(got) != 3 {
			t.Errorf("what fails for good is tried once: %s", said(got))
		}
		w.save(w.p, "down", 0)
		if n := len(w.after(3 * time.Hour)); n < 8 || n > 15 {
			t.Errorf("%d attempts in an hour", n)
		}
		dead := must(w.s.DeadLetters(w.ctx, w.p, id, nil))(w)
		var reasons []string
		for _, d := range dead.Items {
			reasons = append(reasons, d.Entity+": "+d.Reason)
		}
		want := []string{"gone: The receiver answered 410 Gone.", "gone: The receiver answered 410 Gone.", "moved: The receiver answered 301 Moved Permanently.", "down: It could not be fetched."}
		slices.Sort(reasons)
		slices.Sort(want)
		if !slices.Equal(reasons, want) {
			t.Errorf("given up: %q", reasons)
		}

		w.answers(nil)
		key := func(a arrival) string { return a.header.Get("X-Contentful-Idempotency-Key") }
		w.must(w.s.ReplayWebhook(w.ctx, w.p, id, authoring.ReplayInput{Event: fmt.Appendf(nil, "%q", dead.Items[0].ID)}))
		one := w.after(time.Second)
		w.want(one, "Entry.create gone 1")
		if r := must(w.s.ReplayWebhook(w.ctx, w.p, id, authoring.ReplayInput{DeadLetters: json.RawMessage("true")}))(w); r.Events != 3 {
			t.Errorf("%+v", r)
		}
		if n := len(w.after(5 * time.Second)); n != 3 {
			t.Errorf("%d of three dead letters came", n)
		}
		if dead := must(w.s.DeadLetters(w.ctx, w.p, id, nil))(w); dead.Total != 0 {
			t.Errorf("still given up: %+v", dead)
		}
		w.must(w.s.ReplayWebhook(w.ctx, w.p, id, authoring.ReplayInput{Since: json.RawMessage(`"2000-01-01T00:00:00Z"`)}))
		all := w.after(10 * time.Second)
		if i := slices.IndexFunc(all, func(a arrival) bool { return a.id == "gone" && a.version == 1 }); len(all) != 5 || key(all[i]) != key(one[0]) {
			t.Errorf("replayed: %s", said(all))
		}
	})
}

func TestRetryPolicy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hook("https://example.org/", authoring.WebhookInput{})
		_, _, err := w.s.PutRetryPolicy(w.ctx, w.p, w.a, json.RawMessage("2"))
		w.must(nil, err)
		w.answers(func(arrival, int) (int, http.Header, error) { return 500, nil, nil })
		w.save(w.p, "a", 0)
		w.want(w.after(time.Hour), "Entry.create a 1, Entry.create a 1, Entry.create a 1")
	})
}

// A receiver that never answers holds up nobody else.
func TestSlowReceiver(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hook("https://slow.example.org/", authoring.WebhookInput{})
		w.hook("https://example.org/", authoring.WebhookInput{})
		slow := func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "slow.example.org" {
				<-req.Context().Done()
				return nil, fault.Wrap(req.Context().Err(), fault.Timeout, "It did not answer in time.")
			}
			return w.receive(req)
		}
		w.stop()
		w.hooks.Send = slow
		w.run()
		for i := range 30 {
			w.save(w.p, fmt.Sprint("e", i), 0)
		}
		if got := w.after(2 * time.Second); len(got) != 30 {
			t.Errorf("%d of 30 arrived beside a slow receiver", len(got))
		}
		pass(10 * time.Minute)
		if s := w.hooks.Stats(); s.Calling > perLane || s.Delivered != 30 || s.Failed == 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestEnvironmentsAndAliases(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*", "EnvironmentAlias.*"}})
		w.hook("https://all.example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}, Filters: json.RawMessage("[]")})
		_, _, err := w.s.PutEnvironment(w.ctx, w.p, w.a, "staging", authoring.Version{}, authoring.EnvironmentInput{})
		w.must(nil, err)
		staging := w.place("staging")
		w.save(staging, "a", 0)
		got := w.after(5 * time.Second)
		w.want(got, "Entry.create a 1")
		if len(got) == 1 && (got[0].url != "https://all.example.org/" || !strings.Contains(got[0].body, `"environment":{"sys":{"type":"Link","linkType":"Environment","id":"staging"}}`)) {
			t.Errorf("%+v", got[0])
		}
		_, _, err = w.s.PutAlias(w.ctx, w.p, w.a, "live", authoring.Version{}, json.RawMessage(`{"sys":{"type":"Link","linkType":"Environment","id":"staging"}}`))
		w.must(nil, err)
		w.want(w.after(5*time.Second), "EnvironmentAlias.create live 1")
		w.hook("https://live.example.org/", authoring.WebhookInput{Filters: json.RawMessage(`[{"equals":[{"doc":"sys.environment.sys.id"},"live"]}]`)})
		w.save(w.place("live"), "a", 1)
		w.want(w.after(5*time.Second), "Entry.save a 2, Entry.save a 2")
	})
}

func TestOffAndOn(t *testing.T) {
	inWorld(t, func(w *world) {
		off, on := false, true
		in := authoring.WebhookInput{Topics: []string{"*.*"}, Active: &off}
		id := w.hook("https://example.org/", in)
		w.save(w.p, "a", 0)
		w.want(w.after(time.Minute), "")
		in.Name, in.URL, in.Active = "on", "https://example.org/", &on
		_, _, err := w.s.PutWebhook(w.ctx, w.p, w.a, id, authoring.Version{Number: 0, Sent: true}, in)
		w.must(nil, err)
		w.answers(func(arrival, int) (int, http.Header, error) { return 500, nil, nil })
		w.save(w.p, "a", 1)
		if got := said(w.after(500 * time.Millisecond)); !strings.HasPrefix(got, "Entry.save a 2") {
			t.Errorf("turned on: %s", got)
		}
		in.Active = &off
		_, _, err = w.s.PutWebhook(w.ctx, w.p, w.a, id, authoring.Version{Number: 1, Sent: true}, in)
		w.must(nil, err)
		w.after(2 * time.Second)
		w.want(w.after(time.Hour), "") // what failed waits
		w.answers(nil)
		in.Active = &on
		_, _, err = w.s.PutWebhook(w.ctx, w.p, w.a, id, authoring.Version{Number: 2, Sent: true}, in)
		w.must(nil, err)
		w.want(w.after(5*time.Second), "Entry.save a 2")
	})
}

// Two services on one database, of which one disappears in the middle: nothing is
// told twice at once, nothing is lost, and the order is kept.
func TestTakeover(t *testing.T) {
	inWorld(t, func(w *world) {
		for i := range 4 {
			w.hook(fmt.Sprintf("https://%d.example.org/", i), authoring.WebhookInput{})
		}
		running := map[string]bool{}
		w.answers(func(a arrival, _ int) (int, http.Header, error) {
			key := a.header.Get("X-Contentful-Idempotency-Key")
			w.mu.Lock()
			if running[key] {
				t.Errorf("%s is told twice at once", said([]arrival{a}))
			}
			running[key] = true
			w.mu.Unlock()
			pass(time.Duration(rand.IntN(300)) * time.Millisecond)
			w.mu.Lock()
			delete(running, key)
			w.mu.Unlock()
			if rand.IntN(3) == 0 {
				return 500, nil, nil
			}
			return 200, http.Header{"Taken": {"yes"}}, nil
		})
		second := w.service("b")
		ctx, cancel := context.WithCancel(w.ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			second.Run(ctx)
		}()
		const entries, versions = 10, 5
		for v := range versions {
			for e := range entries {
				w.save(w.p, fmt.Sprint("e", e), v)
			}
			pass(time.Second)
			if v == 2 {
				w.stop()
			}
		}
		got := w.after(10 * time.Minute)
		cancel()
		<-ended
		last := map[string]int{}
		for _, a := range got {
			of := a.url + a.id
			if a.version > last[of]+1 {
				t.Errorf("%s of %s comes after version %d", said([]arrival{a}), a.url, last[of])
			}
			last[of] = max(last[of], a.version)
		}
		if len(last) != 4*entries {
			t.Errorf("%d entities", len(last))
		}
		for of, v := range last {
			if v != versions {
				t.Errorf("%s ended at version %d", of, v)
			}
		}
		if first, b := w.hooks.Stats(), second.Stats(); b.Delivered == 0 || first.Delivered+b.Delivered < 4*entries*versions {
			t.Errorf("delivered %d and %d", first.Delivered, b.Delivered)
		}
	})
}

// What a webhook says of a change is how things were, though much has happened
// since.
func TestPayloadsOfThePast(t *testing.T) {
	inWorld(t, func(w *world) {
		w.stop()
		w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}})
		version := func(n int) authoring.Version { return authoring.Version{Number: n, Sent: true} }
		w.save(w.p, "a", 0)
		pass(time.Second)
		w.must(w.s.PublishEntry(w.ctx, w.p, w.a, "a", version(1)))
		pass(time.Second)
		w.save(w.p, "a", 2)
		then := must(w.s.Entry(w.ctx, w.p, "a"))(w)
		pass(time.Second)
		w.must(w.s.PublishEntry(w.ctx, w.p, w.a, "a", version(3)))
		w.must(w.s.UnpublishEntry(w.ctx, w.p, w.a, "a"))
		w.must(w.s.ArchiveEntry(w.ctx, w.p, w.a, "a"))
		archived := must(w.s.Entry(w.ctx, w.p, "a"))(w)
		w.must(nil, w.s.DeleteEntry(w.ctx, w.p, w.a, "a"))
		w.save(w.p, "a", 0)
		w.run()
		got := w.after(10 * time.Second)
		w.want(got, "Entry.create a 1, Entry.publish a 0, Entry.save a 3, Entry.publish a 0, Entry.unpublish a 0, Entry.archive a 6, Entry.delete a 0, Entry.create a 1")
		if len(got) != 8 {
			return
		}
		for i, want := range map[int]cms.Sys{2: then.Sys, 5: archived.Sys} {
			var body struct{ Sys map[string]any }
			w.must(nil, json.Unmarshal([]byte(got[i].body), &body))
			for member, value := range map[string]any{
				"createdAt": stamp(want.CreatedAt), "updatedAt": stamp(want.UpdatedAt), "publishedVersion": want.PublishedVersion, "publishedAt": want.PublishedAt,
				"firstPublishedAt": stamp(want.FirstPublishedAt), "publishedCounter": want.PublishedCounter, "archivedVersion": want.ArchivedVersion, "archivedAt": want.ArchivedAt,
			} {
				if at, ok := value.(time.Time); ok {
					if value = nil; !at.IsZero() {
						value = stamp(at)
					}
				}
				if n, ok := value.(int); ok {
					if value = float64(n); n == 0 {
						value = nil
					}
				}
				if body.Sys[member] != value {
					t.Errorf("event %d: sys.%s is %v, want %v", i, member, body.Sys[member], value)
				}
			}
		}
		if !strings.Contains(got[1].body, `"revision":1`) || !strings.Contains(got[1].body, `"fields":{"title":{"en-US":"a at 0"}}`) || !strings.Contains(got[3].body, `"revision":2`) {
			t.Errorf("publications: %s\n%s", got[1].body, got[3].body)
		}
		if !strings.Contains(got[6].body, `"type":"DeletedEntry"`) || !strings.Contains(got[6].body, `"deletedBy":`) {
			t.Errorf("deletion: %s", got[6].body)
		}
	})
}

// A webhook that is deleted and made again with the same id has nothing to do with
// the one before, though that is still being called.
func TestMadeAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		create := func() {
			w.Helper()
			_, _, err := w.s.PutWebhook(w.ctx, w.p, w.a, "h", authoring.Version{}, authoring.WebhookInput{Name: "h", URL: "https://example.org/", Topics: []string{"Entry.*"}})
			w.must(nil, err)
		}
		create()
		w.answers(func(arrival, int) (int, http.Header, error) {
			pass(15 * time.Second)
			return 200, nil, nil
		})
		for i := range 20 {
			w.save(w.p, fmt.Sprint("before", i), 0)
		}
		w.after(4900 * time.Millisecond) // in the middle of it, and soon before it is looked for lanes
		w.must(nil, w.s.DeleteWebhook(w.ctx, w.p, w.a, "h"))
		create()
		w.save(w.p, "b", 0)
		w.save(w.p, "b", 1)
		w.want(w.after(5*time.Minute), "Entry.create b 1, Entry.save b 2")
		if s := w.hooks.Stats(); s.Lanes != 0 || s.Calling != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// An event that is being made when the process stops is no failed attempt.
func TestStoppedWhileMaking(t *testing.T) {
	inWorld(t, func(w *world) {
		id := w.hook("https://example.org/", authoring.WebhookInput{Topics: []string{"Entry.*"}})
		w.stop()
		first := w.service("a")
		first.Authored = func(ctx context.Context, _ access.Place, _ *cms.Model, _ store.Head, _, _ cms.Body) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		second := w.hooks
		w.hooks = first
		w.run()
		w.save(w.p, "a", 0)
		w.want(w.after(2*time.Second), "")
		w.stop()
		w.hooks = second
		w.run()
		w.want(w.after(10*time.Second), "Entry.create a 1")
		if h := must(w.s.WebhookHealth(w.ctx, w.p, id))(w); h != (authoring.Health{Total: 1, Healthy: 1}) {
			t.Errorf("health %+v", h)
		}
	})
}
