package sqlstore

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// asked is a database in which a position is what it was when the statement began.
type asked struct {
	mu         sync.Mutex
	now        int64
	statements int
	answer     chan error
}

func (a *asked) ask(ctx context.Context, _ store.Scope) (store.Position, error) {
	a.mu.Lock()
	at := store.Position{Seq: a.now}
	a.statements++
	a.mu.Unlock()
	select {
	case err := <-a.answer:
		return at, err
	case <-ctx.Done():
		return store.Position{}, ctx.Err()
	}
}

// TestSharedPosition: nobody is told what was read before he asked, those who come
// at the same time share what comes next, and one who leaves takes nobody along.
func TestSharedPosition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &asked{now: 1, answer: make(chan error)}
		q := &shared{ask: a.ask, scopes: map[store.Scope]*question{}}
		type result struct {
			at  store.Position
			err error
		}
		ask := func(ctx context.Context, s store.Scope) <-chan result {
			c := make(chan result, 1)
			go func() {
				at, err := q.position(ctx, s)
				c <- result{at, err}
			}()
			synctest.Wait()
			return c
		}
		gone, leave := context.WithCancel(t.Context())
		first := ask(gone, 5)
		a.now = 2
		second, third := ask(t.Context(), 5), ask(t.Context(), 5)
		impatient, cancel := context.WithCancel(t.Context())
		fourth := ask(impatient, 5)
		elsewhere := ask(t.Context(), 6)
		if a.statements != 2 {
			t.Errorf("%d statements, want those of two scopes", a.statements)
		}
		cancel()
		if r := <-fourth; !errors.Is(r.err, context.Canceled) {
			t.Errorf("who left got %v", r)
		}
		leave()
		if r := <-first; !errors.Is(r.err, context.Canceled) {
			t.Errorf("the first got %v", r)
		}
		synctest.Wait()
		a.now = 3
		last := ask(t.Context(), 5)
		for range 3 {
			a.answer <- nil
			synctest.Wait()
		}
		for name, test := range map[string]struct {
			got  <-chan result
			want int64
		}{"second": {second, 2}, "third": {third, 2}, "elsewhere": {elsewhere, 2}, "last": {last, 3}} {
			if r := <-test.got; r.at.Seq != test.want || r.err != nil {
				t.Errorf("%s: %v, want %d", name, r, test.want)
			}
		}
		if a.statements != 4 || len(q.scopes) != 0 {
			t.Errorf("%d statements, want 4; %d scopes left", a.statements, len(q.scopes))
		}
		failed := ask(t.Context(), 5)
		joined := ask(t.Context(), 5)
		a.answer <- errors.New("no")
		synctest.Wait()
		a.answer <- errors.New("no again")
		if r := <-failed; r.err == nil || r.err.Error() != "no" {
			t.Errorf("failed: %v", r)
		}
		if r := <-joined; r.err == nil || r.err.Error() != "no again" {
			t.Errorf("joined: %v", r)
		}
	})
}

// TestSharedFails: a database that does not answer, and a driver that panics, hold
// up those who wait for the next statement no longer than it takes.
func TestSharedFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		q := &shared{scopes: map[store.Scope]*question{}, ask: func(ctx context.Context, _ store.Scope) (store.Position, error) {
			switch n.Add(1) {
			case 1:
				<-ctx.Done()
				return store.Position{}, ctx.Err()
			case 2:
				panic("in the driver")
			}
			return store.Position{Seq: 7}, nil
		}}
		errs := make(chan error, 1)
		go func() {
			_, err := q.position(context.Background(), 5)
			errs <- err
		}()
		synctest.Wait()
		_, err := q.position(t.Context(), 5)
		if err == nil || !strings.Contains(fault.Of(err).Error(), "in the driver") {
			t.Errorf("who waited for what panicked: %v", err)
		}
		if err := <-errs; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who asked what is never answered: %v", err)
		}
		synctest.Wait()
		if at, err := q.position(t.Context(), 5); at.Seq != 7 || err != nil || len(q.scopes) != 0 {
			t.Errorf("%v, %v, %d scopes left", at, err, len(q.scopes))
		}
	})
}
