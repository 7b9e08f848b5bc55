package detour

import (
	"net"
	"sync"
)

// inbox is a listener for connections that are open already.
type inbox struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
	addr  net.Addr
}

func newInbox(addr net.Addr) *inbox {
	done := make(chan struct{})
	return &inbox{conns: make(chan net.Conn), done: done, close: sync.OnceFunc(func() { close(done) }), addr: addr}
}

// put hands over a connection; false if nobody takes it any more.
func (i *inbox) put(c net.Conn) bool {
	select {
	case i.conns <- c:
		return true
	case <-i.done:
		return false
	}
}

func (i *inbox) Accept() (net.Conn, error) {
	select {
	case c := <-i.conns:
		return c, nil
	case <-i.done:
		return nil, net.ErrClosed
	}
}

func (i *inbox) Close() error {
	i.close()
	return nil
}

func (i *inbox) Addr() net.Addr { return i.addr }

// bounded is a listener with so many open connections at most; further clients
// wait until one closes.
type bounded struct {
	net.Listener
	free chan struct{}
	done chan struct{}
	stop func()
}

func newBounded(l net.Listener, most int) *bounded {
	done := make(chan struct{})
	return &bounded{Listener: l, free: make(chan struct{}, most), done: done, stop: sync.OnceFunc(func() { close(done) })}
}

func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.free <- struct{}{}:
	case <-b.done:
		return nil, net.ErrClosed
	}
	c, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	return &counted{c, sync.OnceFunc(func() { <-b.free })}, nil
}

func (b *bounded) Close() error {
	b.stop()
	return b.Listener.Close()
}

type counted struct {
	net.Conn
	release func()
}

func (c *counted) CloseWrite() error { return closeWrite(c.Conn) }

func (c *counted) Close() error {
	defer c.release()
	return c.Conn.Close()
}
