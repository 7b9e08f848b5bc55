package server

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// sleep knows which spaces sleep on this server: nothing of them is in its
// memory. A request to one is refused and has it woken in the background, so
// that no request waits for what may be large.
//
// A space sleeps because nobody has used it here for long, which is a matter of
// this server alone, or because it was told to, which stands in the database and
// is for all servers. Nothing here outlives the process: a server that stops
// while a space wakes up finds it asleep, or just not loaded.
type sleep struct {
	after time.Duration // of idleness; 0: never
	now   func() time.Time
	log   *slog.Logger
	free  func(ctx context.Context, space string) error   // gives up the memory of a space
	load  func(ctx context.Context, p access.Place) error // fills it again, and ends the sleep in the database

	mu     sync.Mutex
	last   map[string]time.Time // last request, by id of the space; those not used since the start hold nothing
	asleep map[string]bool      // by id of the space
	busy   map[string]bool      // being freed or woken

	wakings sync.WaitGroup
	ctx     context.Context // of the wakings: they outlive the requests that begin them
	stop    context.CancelFunc
}

// retryWaking is when a client whose request woke a space should come again.
const retryWaking = time.Second

func newSleep(after time.Duration, now func() time.Time, log *slog.Logger) *sleep {
	ctx, stop := context.WithCancel(context.Background())
	return &sleep{
		after: after, now: now, log: log, ctx: ctx, stop: stop,
		last: map[string]time.Time{}, asleep: map[string]bool{}, busy: map[string]bool{},
	}
}

// awake lets a request to a space pass, or refuses it with fault.Hibernated and
// sees to it that the space wakes up.
func (s *sleep) awake(p access.Place) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.after > 0 {
		s.last[p.SpaceID] = s.now()
	}
	if !p.Hibernated && !s.asleep[p.SpaceID] {
		return nil
	}
	if !s.busy[p.SpaceID] && s.ctx.Err() == nil {
		s.busy[p.SpaceID] = true
		s.wakings.Go(func() { s.wakeBeside(p) })
	}
	f := fault.New(fault.Hibernated, "")
	f.RetryAfter = retryWaking
	return f
}

// wakeBeside wakes a space that is marked as busy. When that fails, the next
// request begins anew. It has all the time it needs, but ends with the server.
func (s *sleep) wakeBeside(p access.Place) {
	err := s.load(s.ctx, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, p.SpaceID)
	if err == nil {
		delete(s.asleep, p.SpaceID)
	} else if s.ctx.Err() == nil {
		s.log.Error("a space could not be woken", "space", p.SpaceID, "error", err)
	}
}

// wake wakes a space and waits for it.
func (s *sleep) wake(ctx context.Context, p access.Place) error {
	if err := s.load(ctx, p); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asleep, p.SpaceID)
	return nil
}

// put puts a space to sleep on this server.
func (s *sleep) put(ctx context.Context, space string) error {
	s.mu.Lock()
	if s.busy[space] {
		s.mu.Unlock()
		return nil // it wakes up because somebody wants it
	}
	s.asleep[space], s.busy[space] = true, true // from now on requests do not fill what is freed
	s.mu.Unlock()
	err := s.free(ctx, space)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, space)
	if err != nil {
		delete(s.asleep, space)
	}
	return err
}

// sleeps reports whether a space sleeps on this server.
func (s *sleep) sleeps(space string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asleep[space]
}

// interval is how often putIdle should be called.
func (s *sleep) interval() time.Duration {
	return min(max(s.after/10, 100*time.Millisecond), time.Minute)
}

// putIdle puts the spaces to sleep whose last request was long ago.
func (s *sleep) putIdle(ctx context.Context) error {
	due := map[string]time.Time{}
	s.mu.Lock()
	for space, at := range s.last {
		if s.now().Sub(at) >= s.after {
			due[space] = at
		}
	}
	maps.DeleteFunc(s.last, func(space string, _ time.Time) bool { _, is := due[space]; return is })
	s.mu.Unlock()
	var err error
	for space, at := range due {
		e := s.put(ctx, space)
		if e == nil || fault.Is(e, fault.NotFound) { // one that is deleted sleeps for good
			continue
		}
		err = errors.Join(err, e)
		s.mu.Lock()
		if _, used := s.last[space]; !used {
			s.last[space] = at // next time, then
		}
		s.mu.Unlock()
	}
	return err
}

// putTold puts those of the spaces to sleep here that do not sleep yet: they are
// told to by the database.
func (s *sleep) putTold(ctx context.Context, spaces []string) error {
	var err error
	for _, space := range spaces {
		if s.sleeps(space) {
			continue
		}
		if e := s.put(ctx, space); e != nil && !fault.Is(e, fault.NotFound) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// close ends the waking of spaces.
func (s *sleep) close() error {
	s.mu.Lock() // none begins from now on
	s.stop()
	s.mu.Unlock()
	s.wakings.Wait()
	return nil
}

// freeSpace gives up what the caches hold of a space.
func (s *Server) freeSpace(ctx context.Context, id string) error {
	environments, err := s.Authoring.EnvironmentScopes(ctx, id)
	for _, e := range environments {
		s.index.Drop(e)
		s.reading.Drop(e)
	}
	return err
}

// loadSpace reads the environment that a request is for, the main one if it
// names none, and ends the sleep of its space in the database. Other
// environments are read when they are asked for.
func (s *Server) loadSpace(ctx context.Context, p access.Place) error {
	environment := p.Environment
	if environment == 0 {
		h, err := s.store.Get(ctx, p.Space, cms.KindEnvironment, cms.MainEnvironment)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		environment = h.Child
	}
	if environment != 0 {
		if _, err := s.index.Open(ctx, environment, true); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if err := s.Authoring.WakeSpace(ctx, p.SpaceID); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return nil // what is gone needs no waking
}
