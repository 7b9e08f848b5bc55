// Package detour is a proxy for one command: it catches the requests to the
// host names of the original and brings them to this server, so that a program
// with built-in hosts works against it unchanged. It ends TLS for exactly these
// names; everything else it passes on unread, or refuses.
//
// It listens on the loopback address only, and brings to other hosts only who
// knows its secret, which is in its URL: no other user of the machine can go
// through it.
// It connects to private and loopback addresses for nobody unless told so.
// It answers no request itself but with an error.
//
// Start reading at Proxy, then ServeHTTP, and Environment for what the command
// gets to know.
package detour

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/fetch"
)

// Options of a Proxy.
type Options struct {
	Server       *url.URL    // where what is caught goes
	ServerTLS    *tls.Config // how the server's certificate is checked, if it has one
	Certificates *tls.Config // certificates for Names
	Refuse       bool        // connect to nothing but the server
	AllowPrivate bool        // connect to private and loopback addresses too
	Log          *slog.Logger
}

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeader         = 64 << 10 // bytes
	maxConnections    = 1000     // at once; more have to wait
	maxRefused        = 100      // names that are remembered
)

// Proxy is a proxy that listens.
type Proxy struct {
	opt      Options
	secret   string
	dialer   *net.Dialer
	listener net.Listener
	outer    *http.Server // speaks to clients as a proxy
	inner    *http.Server // speaks to them as the official hosts
	proxied  *inbox       // connections of outer
	secure   *inbox       // connections whose clients begin TLS with an official host
	plain    *inbox       // likewise, without TLS
	server   *httputil.ReverseProxy
	others   *httputil.ReverseProxy

	mu      sync.Mutex
	caught  map[string]int // requests, by name
	refused map[string]int
}

// New makes a proxy on a free port. Clients may connect from now on; they are
// answered by Serve.
func New(opt Options) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &Proxy{
		opt: opt, secret: rand.Text(), dialer: fetch.Dialer(opt.AllowPrivate), listener: newBounded(l, maxConnections),
		proxied: newInbox(l.Addr()), secure: newInbox(l.Addr()), plain: newInbox(l.Addr()),
		caught: map[string]int{}, refused: map[string]int{},
	}
	errorLog := slog.NewLogLogger(opt.Log.Handler(), slog.LevelDebug)
	p.server, p.others = p.toServer(errorLog), p.toOthers(errorLog)
	p.outer = &http.Server{Handler: p, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: errorLog}
	p.inner = &http.Server{
		Handler: http.HandlerFunc(p.serveCaught), TLSConfig: opt.Certificates,
		ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: errorLog,
	}
	return p, nil
}

// URL is what clients have to know: the address, and the secret as a password.
//
// The name of the user is a scheme on purpose. The official import and export
// forget that of the proxy, and would read "127.0.0.1:…" as a URL; with a user
// of this name they read "http:secret@127.0.0.1:…", which is one.
func (p *Proxy) URL() *url.URL {
	return &url.URL{Scheme: "http", User: url.UserPassword("http", p.secret), Host: p.listener.Addr().String()}
}

// Serve answers until ctx ends, and closes all connections then.
func (p *Proxy) Serve(ctx context.Context) error {
	failed := make(chan error, 4)
	go func() { failed <- p.accept() }()
	go func() { failed <- p.outer.Serve(p.proxied) }()
	go func() { failed <- p.inner.ServeTLS(p.secure, "", "") }()
	go func() { failed <- p.inner.Serve(p.plain) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	return errors.Join(err, p.listener.Close(), p.outer.Close(), p.inner.Close())
}

// accept takes connections until the listener is closed. Those that begin with
// TLS come from Node, which takes this address for an official host; see
// node.cjs.
func (p *Proxy) accept() error {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			begun, first, err := begin(conn)
			box := p.proxied
			if first == handshake {
				box = p.secure
			}
			if err != nil || !box.put(begun) {
				_ = conn.Close() // it said nothing, or the proxy stops
			}
		}()
	}
}

// Count says how often a name was asked for.
type Count struct {
	Name     string
	Requests int
}

// Caught are the official names that were asked for.
func (p *Proxy) Caught() []Count { return p.counts(p.caught) }

// Refused are the names that nothing was sent to, up to a hundred.
func (p *Proxy) Refused() []Count { return p.counts(p.refused) }

func (p *Proxy) counts(of map[string]int) []Count {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Count
	for _, name := range slices.SortedFunc(maps.Keys(of), cmp.Compare) {
		out = append(out, Count{name, of[name]})
	}
	return out
}

func (p *Proxy) noteCaught(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.caught[name]++ // one of Names
}

// noteRefused logs a name the first time.
func (p *Proxy) noteRefused(name, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.refused[name]
	if !known && len(p.refused) == maxRefused {
		return
	}
	p.refused[name]++
	if !known {
		p.opt.Log.Warn("refused", "host", name, "reason", why)
	}
}
