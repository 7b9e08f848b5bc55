package server

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"time"
)

// either splits the connections of one address by what the client speaks: those
// that begin a TLS handshake come out of secure, all others out of plain. So a
// scheme-relative URL, as files of assets have, works whichever scheme the
// client puts before it.
type either struct {
	plain, secure *branch
	sources       []net.Listener
	done          chan struct{}
	once          sync.Once
}

// handshake is the first byte of every TLS connection.
const handshake = 0x16

// newEither accepts from all sources until closed.
func newEither(sources ...net.Listener) *either {
	e := &either{sources: sources, done: make(chan struct{})}
	e.plain = &branch{e: e, conns: make(chan net.Conn), addr: sources[0].Addr()}
	e.secure = &branch{e: e, conns: make(chan net.Conn), addr: sources[len(sources)-1].Addr()}
	for _, l := range sources {
		go e.accept(l)
	}
	return e
}

func (e *either) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			go e.sort(conn)
		case errors.Is(err, net.ErrClosed):
			return
		default: // out of file descriptors, for instance: the next moment may be better
			select {
			case <-e.done:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}

// sort reads the first byte, which a client has to send soon.
func (e *either) sort(conn net.Conn) {
	if err := conn.SetReadDeadline(time.Now().Add(readHeaderTimeout)); err != nil {
		_ = conn.Close() // it is gone already
		return
	}
	r := bufio.NewReaderSize(conn, 16)
	first, err := r.Peek(1)
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	if err != nil {
		_ = conn.Close() // the client said nothing, or left
		return
	}
	to := e.plain
	if first[0] == handshake {
		to = e.secure
	}
	select {
	case to.conns <- &begun{Conn: conn, r: r}:
	case <-e.done:
		_ = conn.Close() // the server stops
	}
}

func (e *either) close() error {
	var err error
	e.once.Do(func() {
		close(e.done)
		for _, l := range e.sources {
			err = errors.Join(err, l.Close())
		}
	})
	return err
}

// branch is one side of either, as a listener.
type branch struct {
	e     *either
	conns chan net.Conn
	addr  net.Addr
}

func (b *branch) Accept() (net.Conn, error) {
	select {
	case c := <-b.conns:
		return c, nil
	case <-b.e.done:
		return nil, net.ErrClosed
	}
}

func (b *branch) Close() error   { return b.e.close() }
func (b *branch) Addr() net.Addr { return b.addr }

// begun is a connection whose first bytes have been read.
type begun struct {
	net.Conn
	r *bufio.Reader // nil once it is empty
}

func (c *begun) Read(p []byte) (int, error) {
	if c.r == nil {
		return c.Conn.Read(p)
	}
	n, err := c.r.Read(p)
	if c.r.Buffered() == 0 {
		c.r = nil
	}
	return n, err
}
