package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store/pgtest"
)

func TestPutIdle(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	var freed []string
	fail := map[string]error{"deleted": fault.New(fault.NotFound, ""), "broken": errors.New("disk full")}
	s := newSleep(time.Minute, func() time.Time { return at }, quiet())
	s.free = func(_ context.Context, space string) error {
		freed = append(freed, space)
		return fail[space]
	}
	use := func(space string) {
		t.Helper()
		if err := s.awake(access.Place{SpaceID: space}); err != nil {
			t.Error(err)
		}
	}
	step := func(d time.Duration, wantErr bool, want ...string) {
		t.Helper()
		at, freed = at.Add(d), nil
		if err := s.putIdle(t.Context()); (err != nil) != wantErr {
			t.Errorf("at %v: %v", at, err)
		}
		slices.Sort(freed)
		if diff := cmp.Diff(want, freed); diff != "" {
			t.Errorf("at %v (-want +got):\n%s", at, diff)
		}
	}
	use("a")
	use("b")
	step(40*time.Second, false)
	use("b")
	step(20*time.Second, false, "a")
	step(10*time.Second, false) // it sleeps already
	step(30*time.Second, false, "b")
	use("deleted")
	use("broken")
	step(time.Minute, true, "broken", "deleted")
	step(time.Second, true, "broken") // tried again
	use("broken")                     // and not taken for asleep
	step(time.Second, false)

	for after, want := range map[time.Duration]time.Duration{
		time.Second: 100 * time.Millisecond, time.Minute: 6 * time.Second, 24 * time.Hour: time.Minute,
	} {
		if got := newSleep(after, now, nil).interval(); got != want {
			t.Errorf("after %v: every %v, want %v", after, got, want)
		}
	}
}

func TestNeverIdle(t *testing.T) {
	t.Parallel()
	s := newSleep(0, now, nil)
	if err := s.awake(access.Place{SpaceID: "a"}); err != nil || len(s.last) != 0 {
		t.Errorf("%v; remembers %d requests for nothing", err, len(s.last))
	}
}

const anEntry = master + "/entries/why-lower-case"

// TestSleep: what sleeps takes no memory, and a request to it is refused while
// it wakes up beside, however long that takes.
func TestSleep(t *testing.T) {
	t.Parallel()
	for name, fallAsleep := range map[string]func(t *testing.T, l *live){
		"told to": func(t *testing.T, l *live) {
			if _, err := hibernateSpace(t.Context(), l.Server, access.Actor{}, SpaceID{demo.SpaceID}); err != nil {
				t.Fatal(err)
			}
		},
		"idle": func(t *testing.T, l *live) {
			l.sleep.now = func() time.Time { return now().Add(time.Hour) }
			if err := l.sleep.putIdle(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// the clock is the test's alone: Run looks too rarely to disturb it
			l := startLive(t, func(c *config.Config) { c.HibernateAfter = config.Duration(time.Hour) })
			l.serves(t)
			l.send(t, "GET", master+"/entries?order=fields.title&content_type=article", l.delivery, "")
			if got := l.index.Stats(); got.Environments != 1 || got.CacheBytes == 0 {
				t.Fatalf("nothing to free: %+v", got)
			}
			fallAsleep(t, l)
			if got := l.index.Stats(); got.Environments != 0 || got.CacheBytes != 0 || l.reading.Held() != 0 {
				t.Errorf("still held: %+v, and %d fragments", got, l.reading.Held())
			}
			if spaces, err := listSpaces(t.Context(), l.Server, access.Actor{}, struct{}{}); err != nil || len(spaces) != 1 || !spaces[0].Hibernated {
				t.Errorf("the list says %+v, %v", spaces, err)
			}

			goOn := make(chan struct{})
			load := l.sleep.load
			l.sleep.load = func(ctx context.Context, p access.Place) error {
				<-goOn
				return load(ctx, p)
			}
			for range 3 { // the first begins the waking, the others find it at work
				l.refuses(t)
			}
			if res, _ := l.send(t, "GET", "/spaces", testToken, ""); res.StatusCode != http.StatusOK {
				t.Errorf("outside of the space: %s", res.Status)
			}
			close(goOn)
			l.sleep.wakings.Wait()
			if got := l.index.Stats(); got.Environments != 1 {
				t.Errorf("awake, but nothing is loaded: %+v", got)
			}
			l.serves(t)
			if spaces, err := listSpaces(t.Context(), l.Server, access.Actor{}, struct{}{}); err != nil || spaces[0].Hibernated {
				t.Errorf("the list says %+v, %v", spaces, err)
			}
		})
	}
}

// serves makes a request that has to succeed.
func (l *live) serves(t *testing.T) {
	t.Helper()
	if res, body := l.send(t, "GET", anEntry, l.delivery, ""); res.StatusCode != http.StatusOK {
		t.Errorf("%s: %v", res.Status, body)
	}
}

// refuses makes requests to a space that sleeps or is about to wake up.
func (l *live) refuses(t *testing.T) {
	t.Helper()
	res, body := l.send(t, "GET", anEntry, l.delivery, "")
	sys, _ := body["sys"].(map[string]any)
	if res.StatusCode != http.StatusBadGateway || sys["id"] != "AccessDeniedError" || body["message"] != "The requested space is hibernated." || res.Header.Get("Retry-After") != "1" {
		t.Errorf("%s, Retry-After %q: %v", res.Status, res.Header.Get("Retry-After"), body)
	}
}

// TestWakingThatFails leaves nothing stuck: the next request begins anew.
func TestWakingThatFails(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	if err := l.Authoring.HibernateSpace(t.Context(), demo.SpaceID); err != nil {
		t.Fatal(err)
	}
	load, tries := l.sleep.load, 0
	l.sleep.load = func(ctx context.Context, p access.Place) error {
		if tries++; tries < 3 {
			return errors.New("the database has gone away")
		}
		return load(ctx, p)
	}
	for range 3 {
		l.refuses(t)
		l.sleep.wakings.Wait()
	}
	l.serves(t)
	if tries != 3 {
		t.Errorf("woken %d times", tries)
	}
}

// TestServerThatStopsWhileSpacesWake: the next one finds the space asleep, and
// wakes it.
func TestServerThatStopsWhileSpacesWake(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	if _, err := hibernateSpace(t.Context(), l.Server, access.Actor{}, SpaceID{demo.SpaceID}); err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{})
	l.sleep.load = func(ctx context.Context, _ access.Place) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}
	l.refuses(t)
	<-begun
	l.halt(t)
	again := startLive(t, func(c *config.Config) { c.Data = l.config.Data })
	again.refuses(t)
	again.sleep.wakings.Wait()
	again.serves(t)
}

func TestSpaceWake(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	for _, command := range []func(context.Context, *Server, access.Actor, SpaceID) (struct{}, error){hibernateSpace, wakeSpace} {
		owner, err := l.Authoring.Owner(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := command(t.Context(), l.Server, owner, SpaceID{demo.SpaceID}); err != nil {
			t.Fatal(err)
		}
		if _, err := command(t.Context(), l.Server, owner, SpaceID{"nowhere"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a space that is not there: %v", err)
		}
	}
	l.serves(t)
}

// TestSleepOnTwoServers: being idle is a matter of each server, being told to
// sleep one of all.
func TestSleepOnTwoServers(t *testing.T) {
	t.Parallel()
	database := config.Database(pgtest.URL(t))
	start := func() *live {
		return startLive(t, func(c *config.Config) {
			c.Database, c.Secret, c.HibernateAfter = database, "the same on all servers, 32 long", config.Duration(time.Hour)
		})
	}
	a, b := start(), start()
	a.serves(t)
	b.serves(t)

	a.sleep.now = func() time.Time { return now().Add(time.Hour) }
	if err := a.sleep.putIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.serves(t)
	a.refuses(t)
	a.sleep.wakings.Wait()
	a.serves(t)

	if _, err := hibernateSpace(t.Context(), a.Server, access.Actor{}, SpaceID{demo.SpaceID}); err != nil {
		t.Fatal(err)
	}
	b.learns(t, func() bool { return b.sleep.sleeps(demo.SpaceID) && b.index.Stats().Environments == 0 })
	b.refuses(t)
	b.sleep.wakings.Wait()
	b.serves(t)
	a.refuses(t) // nothing of the space is in its memory: the request would wait
	a.sleep.wakings.Wait()
	a.serves(t)
}

// learns waits until a server that polls the database knows something.
func (l *live) learns(t *testing.T, known func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	every(ctx, 10*time.Millisecond, func(context.Context) {
		if known() {
			cancel()
		}
	})
	if !known() {
		t.Fatal("the other server did not learn of it")
	}
}
