package detour

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

var established = []byte("HTTP/1.1 200 Connection established\r\n\r\n")

// catch makes a connection to an official host one to this server.
func (p *Proxy) catch(w http.ResponseWriter, r *http.Request, to place) {
	var box *inbox
	switch to.port {
	case 443:
		box = p.secure
	case 80:
		box = p.plain
	default:
		p.fail(w, r, 0, fault.New(fault.AccessDenied, "The official hosts have the ports 443 and 80 only."))
		return
	}
	if conn := p.take(w, r); conn != nil && !box.put(conn) {
		_ = conn.Close() // the proxy stops
	}
}

// tunnel connects a client with another host, whatever they say to each other.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request, to place) {
	far, err := p.dialer.DialContext(r.Context(), "tcp", to.String())
	if err != nil {
		p.unreached(w, r, to.host, err)
		return
	}
	near := p.take(w, r)
	if near == nil {
		_ = far.Close() // the client is gone
		return
	}
	end := sync.OnceFunc(func() { _, _ = near.Close(), far.Close() }) // the proxy stops, or both have ended
	defer end()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-p.secure.done: // closes with the proxy
			end()
		case <-ended:
		}
	}()
	var both sync.WaitGroup
	both.Go(func() { pass(far, near) })
	both.Go(func() { pass(near, far) })
	both.Wait()
}

// pass copies what src sends until it has sent everything. The other direction
// goes on, and meets whatever went wrong.
func pass(dst, src net.Conn) {
	_, _ = io.Copy(dst, src)
	_ = closeWrite(dst)
}

// closeWrite says to the other side that nothing more will be sent.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

// take tells the client that it is connected and takes the connection over; nil
// if that fails.
func (p *Proxy) take(w http.ResponseWriter, r *http.Request) net.Conn {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.fail(w, r, 0, fault.Wrap(err, fault.ServerError, "taking over a connection"))
		return nil
	}
	if _, err := conn.Write(established); err != nil {
		_ = conn.Close() // it is gone already
		return nil
	}
	return &taken{conn, buffered.Reader}
}

// handshake is the first byte of every TLS connection.
const handshake = 0x16

// begin reads the first byte of a connection, which a client has to send soon.
func begin(conn net.Conn) (begun net.Conn, first byte, err error) {
	if err := conn.SetReadDeadline(time.Now().Add(readHeaderTimeout)); err != nil {
		return nil, 0, err
	}
	r := bufio.NewReaderSize(conn, 16)
	b, err := r.Peek(1)
	if err != nil {
		return nil, 0, err
	}
	return &taken{conn, r}, b[0], conn.SetReadDeadline(time.Time{})
}

// taken is a connection of which some was read ahead.
type taken struct {
	net.Conn
	r *bufio.Reader
}

func (t *taken) Read(b []byte) (int, error) { return t.r.Read(b) }

// CloseWrite says that nothing more will be sent.
func (t *taken) CloseWrite() error { return closeWrite(t.Conn) }
