package server

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/typecase/typecase/internal/store"
)

// Run serves until ctx ends, then lets running requests and jobs finish for a
// few seconds and returns nil. Listen comes before it, Close after it.
func (s *Server) Run(ctx context.Context) error {
	commands, err := listenSocket(s.config.Data)
	if err != nil {
		return err
	}
	if err := s.lock.announce(commands.path()); err != nil {
		return errors.Join(err, commands.close())
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return s.front.serve(ctx) })
	if s.metrics != nil {
		all.Go(func() error { return s.serveMetrics(ctx) })
	}
	all.Go(func() error { return commands.serve(ctx, s.command) })
	all.Go(func() error {
		<-ctx.Done()
		return commands.close()
	})
	all.Go(func() error {
		s.jobs.Run(ctx)
		return nil
	})
	all.Go(func() error {
		s.rest(ctx)
		return nil
	})
	all.Go(func() error {
		s.hooks.Run(ctx)
		return nil
	})
	all.Go(func() error {
		every(ctx, usageTime, s.flushUsage)
		return nil
	})
	if s.config.Database != "" {
		all.Go(func() error {
			every(ctx, pollTime, s.poll)
			return nil
		})
	}
	if s.config.HibernateAfter > 0 {
		all.Go(func() error {
			every(ctx, s.sleep.interval(), s.hibernate)
			return nil
		})
	}
	err = all.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), usageTime)
	defer cancel()
	s.flushUsage(last) // of the last requests
	return err
}

// flushUsage keeps what was counted of requests. What fails is tried again.
func (s *Server) flushUsage(ctx context.Context) {
	if err := s.usage.Flush(ctx); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "numbers of requests could not be kept yet", "error", err)
	}
}

// every calls f again and again, d apart, until ctx ends.
func every(ctx context.Context, d time.Duration, f func(context.Context)) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f(ctx)
		}
	}
}

// poll learns what other servers have written to the database they share.
func (s *Server) poll(ctx context.Context) {
	err := errors.Join(s.index.Poll(ctx), s.Access.Poll(ctx), s.keys.Poll(ctx), s.pollSleep(ctx))
	if ctx.Err() == nil {
		s.polled(ctx, err)
	}
}

// pollSleep puts to sleep here what was told to sleep through another server.
func (s *Server) pollSleep(ctx context.Context) error {
	now := s.store.Committed(store.Server) // s.Access.Poll has asked
	if now == s.told {
		return nil
	}
	spaces, err := s.Authoring.HibernatedSpaces(ctx)
	if err == nil {
		err = s.sleep.putTold(ctx, spaces)
	}
	if err == nil {
		s.told = now
	}
	return err
}

// polled logs when polling begins to fail and when it works again, but not each
// time between: it happens several times a second.
func (s *Server) polled(ctx context.Context, err error) {
	switch {
	case err != nil && !s.deaf:
		s.log.ErrorContext(ctx, "no news of other servers", "error", err)
	case err == nil && s.deaf:
		s.log.InfoContext(ctx, "news of other servers again")
	}
	s.deaf = err != nil
}

func (s *Server) hibernate(ctx context.Context) {
	if err := s.sleep.putIdle(ctx); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "an idle space could not be put to sleep", "error", err)
	}
}
