package server

import (
	"bytes"
	"net"
)

// refusing is a listener on whose connections the answers that net/http writes
// by itself, in plain text, to what it cannot read as a request are replaced by
// refuse, which gets the server's address and what is wrong. It has to be the
// listener the HTTP server accepts from, and not one below TLS.
type refusing struct {
	net.Listener
	refuse func(base, reason string) []byte
}

func (l refusing) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &refusingConn{conn, l.refuse}, nil
}

type refusingConn struct {
	net.Conn
	refuse func(base, reason string) []byte
}

// Such an answer is one write: a status line and always the same headers, which
// none of our own answers begins with.
var (
	plainText       = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	badExpectation  = []byte("HTTP/1.1 417 ")
	statusLineStart = []byte("HTTP/1.1 ")
)

func (c *refusingConn) Write(p []byte) (int, error) {
	reason, ok := refused(p)
	if !ok {
		return c.Conn.Write(p)
	}
	if _, err := c.Conn.Write(c.refuse("http://"+c.LocalAddr().String(), reason)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// refused reports whether p is an answer of net/http's own, and the reason that
// it gives.
func refused(p []byte) (reason string, ok bool) {
	if bytes.HasPrefix(p, badExpectation) {
		return "unknown expectation", true
	}
	if !bytes.HasPrefix(p, statusLineStart) {
		return "", false
	}
	line, _, _ := bytes.Cut(p, []byte("\r\n"))
	if !bytes.HasPrefix(p[len(line):], plainText) {
		return "", false
	}
	switch status := line[len(statusLineStart):]; {
	case bytes.HasPrefix(status, []byte("431 ")):
		return "its headers are too large", true
	case bytes.HasPrefix(status, []byte("501 ")):
		return "unsupported transfer encoding", true
	default: // 400 Bad Request: missing required Host header
		_, detail, _ := bytes.Cut(status, []byte(": "))
		return string(detail), true
	}
}
