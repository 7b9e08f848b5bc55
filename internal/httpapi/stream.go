package httpapi

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// Stream is an answer that goes on: server-sent events, sent as they come, until
// the client leaves, the server stops, or the token or the place is no longer
// good. The edge runs it, without the time limit of requests. It keeps nothing
// for a client who is slow: Next is called again when all is sent.
type Stream interface {
	// Watch begins to watch for anything that Next may have to tell, or that may
	// end the right to it. It returns a function that waits until there is
	// something since, or until ctx ends.
	Watch(place access.Place) (wait func(ctx context.Context))

	// Next returns the events that are there and have not been returned yet; more
	// when it did not return all. place is where the request acts, as it is now:
	// an alias may have moved. An error ends the stream.
	Next(ctx context.Context, place access.Place) (events []Event, more bool, err error)
}

// Event is an event of a stream. Without data it only tells the client its id,
// for when it comes back.
type Event struct {
	ID   string
	Data []byte // shared: read only
}

const (
	// heartbeat is how long a stream is silent at most: what stands between
	// shall not take it for dead, and we want to know when it is.
	heartbeat = 15 * time.Second
	// sendTime is how long a client may take to receive what is sent at once.
	sendTime = 30 * time.Second
	// stopTime is the same once the server is about to stop.
	stopTime = time.Second

	// An idle stream costs some 50 KB, what the connection needs included. Many visitors of a site come with one
	// token: the limit for each only sees to it that no site takes all.
	maxStreams        = 8192
	maxStreamsOfToken = 2048
	retryStream       = 10 * time.Second // when there may be room again
)

// streams counts those that are open.
type streams struct {
	mu      sync.Mutex
	all     int
	byToken map[[sha256.Size]byte]int
}

// take counts one more, if it may be.
func (s *streams) take(token [sha256.Size]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var f *fault.Error
	switch {
	case s.byToken[token] >= maxStreamsOfToken:
		f = fault.New(fault.RateLimitExceeded, "The access token has %d streams open, which is the limit. Please wait until some have ended.", maxStreamsOfToken)
	case s.all >= maxStreams:
		f = fault.New(fault.RateLimitExceeded, "The server has %d streams open, which is the limit. Please wait until some have ended.", maxStreams)
	default:
		if s.byToken == nil {
			s.byToken = map[[sha256.Size]byte]int{}
		}
		s.all++
		s.byToken[token]++
		return nil
	}
	f.RetryAfter = retryStream
	return f
}

func (s *streams) giveBack(token [sha256.Size]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.byToken[token]--; s.byToken[token] == 0 {
		delete(s.byToken, token)
	}
}

// begin answers with the head of a stream, and returns the stream if there is
// to be more. Whoever gets one has to follow it.
func (x *exchange) begin(s Stream) Stream {
	if x.r.Method == http.MethodHead {
		s = nil
	} else if err := x.h.streams.take(sha256.Sum256([]byte(x.token))); err != nil {
		x.fail(err)
		return nil
	}
	h := x.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would wait for more
	x.status = http.StatusOK
	x.keep(0)
	x.w.WriteHeader(x.status)
	return s
}

// follow sends events until the stream ends. What ends it is the last of them,
// if there is somebody to be told.
func (x *exchange) follow(s Stream) {
	defer x.h.streams.giveBack(sha256.Sum256([]byte(x.token)))
	ctx, cancel := context.WithCancel(x.r.Context())
	defer cancel()
	var mu sync.Mutex // the writer is ours until we return, and no longer
	over := false
	defer func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
	}()
	defer context.AfterFunc(x.h.opt.Stopping, func() {
		cancel()
		mu.Lock()
		defer mu.Unlock()
		if over {
			return
		}
		_ = http.NewResponseController(x.w).SetWriteDeadline(time.Now().Add(stopTime)) // of a push under way
	})()
	x.events = new(int)
	if !x.push(nil) { // the head goes out, whether there is an event or not
		return
	}
	err := x.relay(ctx, s)
	if err == nil || ctx.Err() != nil {
		return
	}
	_, body := x.tell(fault.Of(err), err)
	b, err := encode(body)
	if err != nil { // a detail that is no JSON; the error without it still is
		x.err = err
		body.Details = nil
		b, _ = encode(body) // nothing but strings
	}
	x.push(appendEvent([]byte("event: error\n"), Event{Data: b}))
}

// relay sends the events of a stream until ctx ends or one does not reach the
// client. It returns the error of the stream.
func (x *exchange) relay(ctx context.Context, s Stream) error {
	place := x.place
	for ctx.Err() == nil {
		watched := place
		wait := s.Watch(watched) // before looking
		events, more, err := x.next(ctx, s, &place)
		if err != nil {
			return err
		}
		if len(events) > 0 && !x.pushEvents(events) {
			return nil
		}
		if more || place != watched {
			continue
		}
		silence, cancel := context.WithTimeout(ctx, heartbeat)
		wait(silence)
		silent := silence.Err() != nil
		cancel()
		if silent && ctx.Err() == nil && !x.push([]byte(":\n\n")) {
			return nil
		}
	}
	return nil
}

// next checks that the client may have what comes next, and gets it, in the time
// a request may take.
func (x *exchange) next(ctx context.Context, s Stream, place *access.Place) (events []Event, more bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			x.stack = debug.Stack()
			err = fault.New(fault.ServerError, "panic: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, x.h.opt.Timeout)
	defer cancel()
	opt := &x.h.opt
	actor, err := opt.Access.Authenticate(ctx, x.token)
	if err != nil {
		return nil, false, err
	}
	if *place, err = opt.Access.Locate(ctx, actor, x.place.SpaceID, x.place.EnvironmentID); err != nil {
		return nil, false, err
	}
	if opt.Awake != nil { // the space is in use as long as the stream is
		if err := opt.Awake(*place); err != nil {
			return nil, false, err
		}
	}
	return s.Next(ctx, *place)
}

func (x *exchange) pushEvents(events []Event) bool {
	buf := buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= maxBuffer {
			buffers.Put(buf)
		}
	}()
	*buf = (*buf)[:0]
	for i, e := range events {
		*buf = appendEvent(*buf, e)
		if last := i == len(events)-1; !last && len(*buf) < maxBuffer/2 {
			continue
		}
		if !x.push(*buf) {
			return false
		}
		*buf = (*buf)[:0]
	}
	*x.events += len(events)
	return true
}

// push sends a part of a stream. It is not ok when the client has gone, or does
// not take it in time.
func (x *exchange) push(b []byte) (ok bool) {
	rc := http.NewResponseController(x.w)
	// A writer without deadlines has other means against clients that do not read.
	_ = rc.SetWriteDeadline(time.Now().Add(sendTime))
	stopping := x.h.opt.Stopping
	if stopping.Err() != nil {
		return false
	}
	_, err := x.w.Write(b)
	if err == nil {
		err = rc.Flush()
	}
	_ = rc.SetWriteDeadline(time.Time{}) // one that passes in silence ends streams of HTTP/2
	left := x.r.Context().Err() != nil && !errors.Is(err, os.ErrDeadlineExceeded)
	if err != nil && !left && stopping.Err() == nil { // clients that just leave are no news
		x.unsent = err
	}
	return err == nil
}

// appendEvent appends an event as the client reads it. JSON does not care where
// its lines end.
func appendEvent(b []byte, e Event) []byte {
	if e.ID != "" {
		b = append(b, "id: "...)
		b = append(b, e.ID...)
		b = append(b, '\n')
	}
	if e.Data != nil {
		b = append(b, "data: "...)
		from := len(b)
		b = append(b, e.Data...)
		for i := from; i < len(b); i++ {
			if b[i] == '\n' || b[i] == '\r' {
				b[i] = ' '
			}
		}
		b = append(b, '\n')
	}
	return append(b, '\n')
}
