package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// lazyDeadlines is a listener on whose connections a deadline costs nothing until it
// matters. For each request net/http sets one half a dozen times: for the next
// request, for its header, for none, and into the past, which ends the read that
// waits beside the handler for the client to leave. Setting a timer of the runtime
// each time costs more than finding the route.
type lazyDeadlines struct{ net.Listener }

func (l lazyDeadlines) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &lazyDeadline{Conn: conn}, nil
}

// lazyDeadline is a connection that passes a deadline of reads on only when a read
// could miss it: when one begins or is under way, and what is passed on already is
// later. If that turns out to have been too early, the read goes on.
type lazyDeadline struct {
	net.Conn

	mu      sync.Mutex
	wanted  time.Time // zero: none
	passed  time.Time // on to Conn; zero: none
	over    bool      // passed has ended a read
	reads   int       // under way
	written bool      // there is a deadline of writes
}

func (c *lazyDeadline) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *lazyDeadline) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.IsZero() && !c.written {
		return nil
	}
	c.written = !t.IsZero()
	return c.Conn.SetWriteDeadline(t)
}

func (c *lazyDeadline) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wanted = t
	if c.reads == 0 {
		return nil
	}
	return c.passOn()
}

// passOn is called with mu held.
func (c *lazyDeadline) passOn() error {
	sooner := !c.wanted.IsZero() && (c.passed.IsZero() || c.wanted.Before(c.passed))
	if !sooner && !c.over {
		return nil
	}
	c.passed, c.over = c.wanted, false
	return c.Conn.SetReadDeadline(c.wanted)
}

func (c *lazyDeadline) Read(p []byte) (int, error) {
	for {
		if err := c.begin(); err != nil {
			return 0, err
		}
		n, err := c.Conn.Read(p)
		if goesOn := c.end(err); !goesOn || n > 0 {
			return n, err
		}
	}
}

// longAgo is before any time that a read is to end at; a deadline before it says
// that it is to end now.
var longAgo = time.Unix(1e6, 0)

func (c *lazyDeadline) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.wanted.IsZero() && c.wanted.Before(longAgo) {
		return os.ErrDeadlineExceeded
	}
	if err := c.passOn(); err != nil {
		return err
	}
	c.reads++
	return nil
}

// end reports that a read has ended too early.
func (c *lazyDeadline) end(err error) (tooEarly bool) {
	timeout := err != nil && errors.Is(err, os.ErrDeadlineExceeded)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads--
	if !timeout {
		return false
	}
	c.over = true
	return c.wanted.IsZero() || time.Now().Before(c.wanted)
}
