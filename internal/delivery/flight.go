package delivery

import (
	"context"
	"sync"

	"github.com/typecase/typecase/internal/fault"
)

// flights lets identical requests that come while their answer is being made wait
// for that one: after a publication many clients ask for the same page at once,
// and it is cold.
type flights struct {
	mu    sync.Mutex
	byKey map[answerKey]*flight
}

// flight is an answer in the making. Who makes it sets the others before done is
// closed.
type flight struct {
	done    chan struct{}
	settled bool // body or err are for everyone
	body    *Body
	err     error
}

// do calls answer, or waits for a call with the same key. What only befell the one
// who made the answer, such as a client that went away, a panic or a database
// that did not answer, is not passed on: the next one tries.
func (f *flights) do(ctx context.Context, key answerKey, answer func() (*Body, error)) (*Body, error) {
	for {
		f.mu.Lock()
		running := f.byKey[key]
		if running == nil {
			return f.lead(key, answer)
		}
		f.mu.Unlock()
		select {
		case <-running.done:
			if running.settled {
				return running.body, running.err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// lead makes an answer. The caller holds mu, which it releases.
func (f *flights) lead(key answerKey, answer func() (*Body, error)) (*Body, error) {
	own := &flight{done: make(chan struct{})}
	f.byKey[key] = own
	f.mu.Unlock()
	defer func() { // also when it panics
		f.mu.Lock()
		delete(f.byKey, key)
		f.mu.Unlock()
		close(own.done)
	}()
	own.body, own.err = answer()
	own.settled = own.err == nil || !passing(own.err)
	return own.body, own.err
}

// passing reports whether an error may be gone at the next attempt.
func passing(err error) bool {
	kind := fault.Of(err).Kind
	return kind == fault.ServerError || kind == fault.Timeout
}
