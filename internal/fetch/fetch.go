// Package fetch makes the requests that this server sends out for its users,
// such as for the file of an asset. Users choose the URLs, so it must never
// reach what only this machine can: every address is checked after the name is
// resolved, at the moment of the connection, redirects included.
//
// It uses no proxy: behind one the check would see the proxy's address.
//
// Start reading at Client.Get and Client.Send, then refuse in address.go.
package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// Client sends requests. It is safe for concurrent use.
type Client struct {
	http      http.Client // follows redirects
	transport *http.Transport
}

// Options of a Client.
type Options struct {
	AllowPrivate bool          // reach private and loopback addresses too
	Timeout      time.Duration // of a whole request of Get, the body of the answer included; 0 is DefaultTimeout
}

// DefaultTimeout is how long a request may take.
const DefaultTimeout = 8 * time.Minute

const maxRedirects = 5

// Response is what came back. The caller closes Body, which fails with
// fault.BodyTooLarge where it exceeds the limit of the request.
type Response struct {
	Body        io.ReadCloser
	ContentType string // as the server says; may be empty
}

// New makes a Client.
func New(opt Options) *Client {
	if opt.AllowPrivate {
		return newClient(opt, func(netip.Addr) string { return "" })
	}
	return newClient(opt, refuse)
}

// Dialer makes connections for others: to public addresses only unless
// allowPrivate. What it refuses is fault.BadRequest.
func Dialer(allowPrivate bool) *net.Dialer {
	if allowPrivate {
		return dialer(func(netip.Addr) string { return "" })
	}
	return dialer(refuse)
}

// dialer makes no connection to addresses for which refuse has a reason.
func dialer(refuse func(netip.Addr) string) *net.Dialer {
	return &net.Dialer{
		Timeout: 10 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil {
				return err
			}
			if reason := refuse(to.Addr().Unmap().WithZone("")); reason != "" {
				return fault.New(fault.BadRequest, "%s is %s, to which no requests are sent unless the setting allow-private-addresses is on.", to.Addr(), reason)
			}
			return nil
		},
	}
}

// newClient makes a Client that does not connect to addresses for which refuse
// has a reason.
func newClient(opt Options, refuse func(netip.Addr) string) *Client {
	if opt.Timeout == 0 {
		opt.Timeout = DefaultTimeout
	}
	transport := &http.Transport{
		DialContext:           dialer(refuse).DialContext,
		ForceAttemptHTTP2:     true,
		DisableCompression:    true, // the bytes as they are
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: time.Minute,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConns:          128,
		MaxIdleConnsPerHost:   16,       // several webhooks, each with a few calls at once, may go to one host
		WriteBufferSize:       16 << 10, // most events go out in one piece
	}
	return &Client{transport: transport, http: http.Client{
		Timeout: opt.Timeout, Transport: transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fault.New(fault.BadRequest, "%s redirects more than %d times.", shown(via[0].URL), maxRedirects)
			}
			return checkURL(r.URL)
		},
	}}
}

// Get fetches a URL of at most limit bytes.
//
// What will fail again is fault.BadRequest (an unusable URL, a refused address,
// an answer that is not 200) or fault.BodyTooLarge; what may work later is
// fault.ServerError or fault.Timeout.
func (c *Client) Get(ctx context.Context, rawURL string, limit int64) (*Response, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fault.New(fault.BadRequest, "The URL is malformed.") // err repeats it whole
	}
	if err := checkURL(u); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fault.Wrap(err, fault.BadRequest, "%s cannot be requested.", shown(u))
	}
	req.Header.Set("User-Agent", "Typecase")
	req.Header.Set("Accept", "*/*")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, failed(err, u)
	}
	if err := checkResponse(res, u, limit); err != nil {
		return nil, errors.Join(err, res.Body.Close())
	}
	return &Response{
		Body:        &body{ReadCloser: res.Body, url: u, left: limit, limit: limit},
		ContentType: res.Header.Get("Content-Type"),
	}, nil
}

func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fault.New(fault.BadRequest, "%s is not an http or https URL.", shown(u))
	case u.Hostname() == "":
		return fault.New(fault.BadRequest, "%s names no host.", shown(u))
	}
	return nil
}

func checkResponse(res *http.Response, u *url.URL, limit int64) error {
	switch code := res.StatusCode; {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return fault.New(fault.ServerError, "%s answered %s.", shown(u), res.Status)
	case code != http.StatusOK:
		return fault.New(fault.BadRequest, "%s answered %s.", shown(u), res.Status)
	case res.ContentLength > limit:
		return tooLarge(u, limit)
	}
	return nil
}

// body is a response's body with a limit and with errors that say whose.
type body struct {
	io.ReadCloser
	url         *url.URL
	left, limit int64
}

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.url, b.limit)
	}
	if err != nil && err != io.EOF {
		err = failed(err, b.url)
	}
	return n, err
}

func tooLarge(u *url.URL, limit int64) error {
	return fault.New(fault.BodyTooLarge, "%s has more than %d bytes, the largest that is fetched.", shown(u), limit)
}

// failed words an error of the transport. A fault inside, such as the refusal
// of an address, is the error itself.
func failed(err error, u *url.URL) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	var wrapper *url.Error
	if errors.As(err, &wrapper) {
		err = wrapper.Err // it repeats the whole URL, which may hold a secret
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fault.Wrap(err, fault.Timeout, "%s did not answer in time.", shown(u))
	}
	return fault.Wrap(err, fault.ServerError, "%s could not be fetched.", shown(u))
}

// shown is a URL for messages and logs, without user, password and query.
func shown(u *url.URL) string {
	short := url.URL{Scheme: u.Scheme, Opaque: u.Opaque, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return short.String()
}
