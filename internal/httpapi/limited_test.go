package httpapi

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type limitedKey struct{}

// TestLimited: whatever is asked of a limited context, and when, the answers are
// those of context.WithDeadline.
func TestLimited(t *testing.T) {
	t.Parallel()
	// What may happen to a context, and what may be asked of it before.
	events := map[string]func(c *limited, parent context.CancelCauseFunc, after time.Duration){
		"nothing":  func(*limited, context.CancelCauseFunc, time.Duration) {},
		"deadline": func(_ *limited, _ context.CancelCauseFunc, after time.Duration) { time.Sleep(after) },
		"parent":   func(_ *limited, cancel context.CancelCauseFunc, _ time.Duration) { cancel(errors.New("the reason")) },
		"end":      func(c *limited, _ context.CancelCauseFunc, _ time.Duration) { c.end(); c.end() },
	}
	asked := map[string]func(context.Context){
		"nothing": func(context.Context) {},
		"Err":     func(c context.Context) { _ = c.Err() },
		"Done":    func(c context.Context) { _ = c.Done() },
		"child": func(c context.Context) {
			_, cancel := context.WithCancel(c)
			cancel()
		},
	}
	for event, happens := range events {
		for early, ask := range asked {
			for parentLimit, deadline := range map[time.Duration]time.Duration{0: time.Minute, time.Second: time.Second, time.Hour: time.Minute} {
				synctest.Test(t, func(t *testing.T) {
					parent, cancel := context.WithCancelCause(context.WithValue(context.Background(), limitedKey{}, "value"))
					defer cancel(nil)
					if parentLimit > 0 {
						var stop func()
						parent, stop = context.WithTimeout(parent, parentLimit)
						defer stop()
					}
					c := &limited{Context: parent, deadline: time.Now().Add(time.Minute)}
					defer c.end()
					want, end := context.WithDeadline(parent, c.deadline)
					defer end()
					ask(c)
					happens(c, cancel, deadline)
					if event == "end" {
						end()
					}
					synctest.Wait()
					same := func(when string) {
						t.Helper()
						if c.Err() != want.Err() || context.Cause(c).Error() != context.Cause(want).Error() {
							t.Errorf("%s, after %s, parent with %v: %s: %v (%v), want %v (%v)",
								event, early, parentLimit, when, c.Err(), context.Cause(c), want.Err(), context.Cause(want))
						}
					}
					if event == "nothing" {
						if c.Err() != nil || context.Cause(c) != nil {
							t.Errorf("%s: it has ended: %v", early, c.Err())
						}
						select {
						case <-c.Done():
							t.Error("it is done")
						default:
						}
						time.Sleep(deadline)
						synctest.Wait()
					}
					same("first")
					<-c.Done()
					child, cancelChild := context.WithCancel(c)
					defer cancelChild()
					if child.Err() != want.Err() {
						t.Errorf("a child ends with %v", child.Err())
					}
					c.end()
					cancel(errors.New("another reason"))
					time.Sleep(time.Hour)
					same("for ever")
					got, ok := c.Deadline()
					if wanted, _ := want.Deadline(); !ok || !got.Equal(wanted) {
						t.Errorf("the deadline is %v, want %v", got, wanted)
					}
					if c.Value(limitedKey{}) != "value" || c.Value("other") != nil {
						t.Errorf("%s: value %v", event, c.Value(limitedKey{}))
					}
				})
			}
		}
	}
}

// TestLimitedWakes: who waits already hears of the end, in time, and so do those
// that were made of the context.
func TestLimitedWakes(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*limited, context.CancelFunc){
		"deadline": func(*limited, context.CancelFunc) { time.Sleep(time.Minute) },
		"parent":   func(_ *limited, cancel context.CancelFunc) { cancel() },
		"end":      func(c *limited, _ context.CancelFunc) { c.end() },
	} {
		synctest.Test(t, func(t *testing.T) {
			parent, cancel := context.WithCancel(context.Background())
			defer cancel()
			c := &limited{Context: parent, deadline: time.Now().Add(time.Minute)}
			child, cancelChild := context.WithCancel(context.WithValue(c, limitedKey{}, 1))
			defer cancelChild()
			var woken, called atomic.Bool
			go func() {
				<-child.Done()
				woken.Store(true)
			}()
			context.AfterFunc(c, func() { called.Store(true) })
			time.Sleep(time.Minute - time.Nanosecond)
			synctest.Wait()
			if woken.Load() || called.Load() || c.Err() != nil {
				t.Errorf("%s: it has ended early", name)
			}
			end(c, cancel)
			synctest.Wait()
			if !woken.Load() || !called.Load() || c.Err() == nil {
				t.Errorf("%s: woken %v, called %v, %v", name, woken.Load(), called.Load(), c.Err())
			}
		})
	}
}

// TestLimitedAtOnce is for the race detector.
func TestLimitedAtOnce(t *testing.T) {
	t.Parallel()
	for range 50 {
		c := &limited{Context: context.Background(), deadline: time.Now().Add(time.Microsecond)}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { _ = c.Err() })
			all.Go(func() { <-c.Done() })
			all.Go(func() { _ = c.Value(limitedKey{}) })
		}
		all.Go(c.end)
		all.Wait()
		if c.Err() == nil {
			t.Fatal("it goes on")
		}
	}
}
