package delivery

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/typecase/typecase/internal/fault"
)

// waiter is what came of a call.
type waiter struct {
	body *Body
	err  error
}

// crowd makes n calls that wait for the one under way, and returns where their
// outcomes come. made counts those that had to make the answer themselves.
func crowd(ctx context.Context, f *flights, n int, made *int) chan waiter {
	var mu sync.Mutex
	out := make(chan waiter, n)
	for range n {
		go func() {
			b, err := f.do(ctx, answerKey{etag: "t"}, func() (*Body, error) {
				mu.Lock()
				*made++
				mu.Unlock()
				return plainBody([]byte("theirs")), nil
			})
			out <- waiter{b, err}
		}()
	}
	synctest.Wait()
	return out
}

func TestFlights(t *testing.T) {
	t.Parallel()
	refusal := fault.New(fault.BadRequest, "no")
	for _, test := range []struct {
		name   string
		answer func() (*Body, error) // of the first one
		want   string                // of all others
		err    error
		made   int
	}{
		{"an answer is for all", func() (*Body, error) { return plainBody([]byte("first")), nil }, "first", nil, 0},
		{"so is a refusal", func() (*Body, error) { return nil, refusal }, "", refusal, 0},
		{"a client that goes away", func() (*Body, error) { return nil, context.Canceled }, "theirs", nil, 1},
		{"one that was too slow", func() (*Body, error) { return nil, context.DeadlineExceeded }, "theirs", nil, 1},
		{"a database that fails", func() (*Body, error) { return nil, errors.New("disk") }, "theirs", nil, 1},
		{"a panic", func() (*Body, error) { panic("oh") }, "theirs", nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &flights{byKey: map[answerKey]*flight{}}
				begin, ended := make(chan struct{}), make(chan any)
				go func() {
					defer func() { ended <- recover() }()
					_, _ = f.do(t.Context(), answerKey{etag: "t"}, func() (*Body, error) {
						<-begin
						return test.answer()
					})
				}()
				synctest.Wait()
				made := 0
				out := crowd(t.Context(), f, 99, &made)
				close(begin)
				if p := <-ended; (p != nil) != (test.name == "a panic") {
					t.Errorf("the first one ended with %v", p)
				}
				for range 99 {
					w := <-out
					if !errors.Is(w.err, test.err) || w.err == nil && string(w.body.Bytes()) != test.want {
						t.Fatalf("%v, %v", w.body, w.err)
					}
				}
				// Of those whose leader failed one leads on; who comes to it too late
				// to wait makes one more.
				if made < test.made || test.made == 0 && made > 0 {
					t.Errorf("%d more were made", made)
				}
				if len(f.byKey) > 0 {
					t.Errorf("%d are left", len(f.byKey))
				}
			})
		})
	}
}

// Who waits can give up, and requests that differ do not wait for each other.
func TestFlightsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &flights{byKey: map[answerKey]*flight{}}
		begin := make(chan struct{})
		go func() {
			_, _ = f.do(t.Context(), answerKey{etag: "t"}, func() (*Body, error) {
				<-begin
				return nil, nil
			})
		}()
		synctest.Wait()
		for _, key := range []answerKey{{etag: "u"}, {etag: "t", gzip: true}, {etag: "t", keys: true}} {
			b, err := f.do(t.Context(), key, func() (*Body, error) { return plainBody([]byte("own")), nil })
			if err != nil || string(b.Bytes()) != "own" {
				t.Errorf("%v: %v", key, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		made := 0
		out := crowd(ctx, f, 1, &made)
		cancel()
		if w := <-out; !errors.Is(w.err, context.Canceled) || made > 0 {
			t.Errorf("%v after giving up", w.err)
		}
		close(begin)
	})
}
