package detour

import (
	"crypto/subtle"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// ServeHTTP answers a request to the proxy: CONNECT, or one with a whole URL.
// Some clients ask for https URLs in that way too, and leave TLS to the proxy.
//
// The secret is for other hosts only: the official CLI forgets it, and whoever
// can reach the proxy can reach the server too.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, ok := destination(r)
	switch {
	case !ok:
		p.fail(w, r, 0, fault.New(fault.BadRequest, "This is a proxy: requests need CONNECT with a host and a port, or a whole http or https URL."))
	case to.caught() && r.Method == http.MethodConnect:
		p.catch(w, r, to)
	case to.caught():
		p.serveCaught(w, r)
	case !p.knows(r):
		w.Header().Set("Proxy-Authenticate", `Basic realm="typecase run"`)
		p.fail(w, r, http.StatusProxyAuthRequired, fault.New(fault.AccessDenied, "The proxy of typecase run reaches other hosts only for the command it was started for."))
	case p.opt.Refuse:
		p.noteRefused(to.host, "not an official host name")
		p.fail(w, r, 0, fault.New(fault.AccessDenied, "%s is none of the official host names, and typecase run was told to refuse others.", to.host))
	case r.Method == http.MethodConnect:
		p.tunnel(w, r, to)
	default:
		p.others.ServeHTTP(w, r)
	}
}

// knows reports whether a request has the secret: as a password, or as the user
// where a client took the user of the URL for a scheme.
func (p *Proxy) knows(r *http.Request) bool {
	h := http.Header{"Authorization": r.Header["Proxy-Authorization"]}
	user, password, ok := (&http.Request{Header: h}).BasicAuth()
	if password == "" {
		password = user
	}
	return ok && subtle.ConstantTimeCompare([]byte(password), []byte(p.secret)) == 1
}

// destination is where a request wants to go. Without CONNECT or a whole URL, it
// wants to go here, or to an official host; see node.cjs.
func destination(r *http.Request) (place, bool) {
	if r.Method == http.MethodConnect {
		return parsePlace(r.RequestURI, 0)
	}
	switch r.URL.Scheme {
	case "http":
		return parsePlace(r.URL.Host, 80)
	case "https":
		return parsePlace(r.URL.Host, 443)
	case "":
		to, ok := parsePlace(r.Host, 80)
		return to, ok && to.caught()
	}
	return place{}, false
}

// serveCaught answers a request to an official host with what the server says.
func (p *Proxy) serveCaught(w http.ResponseWriter, r *http.Request) {
	to, ok := parsePlace(r.Host, 443)
	if !ok || !to.caught() {
		p.fail(w, r, http.StatusMisdirectedRequest, fault.New(fault.BadRequest, "The header Host names another host than the connection is to."))
		return
	}
	p.noteCaught(to.host)
	r.Host = to.host
	p.server.ServeHTTP(w, r)
}

// toServer brings requests to the server. The host they name stays: it chooses
// the API, and URLs in answers begin with it.
func (p *Proxy) toServer(errorLog *log.Logger) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = p.opt.Server.Scheme, p.opt.Server.Host
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{
			TLSClientConfig: p.opt.ServerTLS, ForceAttemptHTTP2: true, DisableCompression: true,
			MaxIdleConnsPerHost: 100, IdleConnTimeout: idleTimeout, TLSHandshakeTimeout: readHeaderTimeout,
		},
		ErrorLog: errorLog,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			p.broken(w, r, "the server did not answer", p.opt.Server.Host, err)
		},
	}
}

// toOthers passes requests on, unchanged as far as a proxy may.
func (p *Proxy) toOthers(errorLog *log.Logger) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
				if values, ok := r.In.Header[name]; ok { // taken out by default
					r.Out.Header[name] = values
				}
			}
		},
		Transport: &http.Transport{
			DialContext: p.dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true,
			IdleConnTimeout: idleTimeout, TLSHandshakeTimeout: readHeaderTimeout, MaxIdleConns: 100,
		},
		ErrorLog:     errorLog,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) { p.unreached(w, r, r.URL.Hostname(), err) },
	}
}

// unreached answers that a host could not be reached, or must not be.
func (p *Proxy) unreached(w http.ResponseWriter, r *http.Request, host string, err error) {
	if fault.Is(err, fault.BadRequest) { // a refused address, see fetch.Dialer
		p.noteRefused(host, fault.Of(err).Message)
		p.fail(w, r, http.StatusForbidden, fault.New(fault.AccessDenied, "%s", fault.Of(err).Message))
		return
	}
	p.broken(w, r, "a host could not be reached", host, err)
}

// broken answers that something did not work that should have.
func (p *Proxy) broken(w http.ResponseWriter, r *http.Request, what, host string, err error) {
	if r.Context().Err() == nil { // else the client has gone
		p.opt.Log.Error(what, "host", host, "error", plainError(err))
	}
	p.fail(w, r, http.StatusBadGateway, fault.Wrap(err, fault.ServerError, ""))
}

// plainError is an error without the URL that url.Error repeats: its query may
// hold a token.
func plainError(err error) error {
	if u, ok := err.(*url.Error); ok {
		return u.Err
	}
	return err
}

// fail writes an error as the server would; status is that of its kind if it is
// 0.
func (p *Proxy) fail(w http.ResponseWriter, r *http.Request, status int, f *fault.Error) {
	w.Header().Set("Connection", "close")
	if status != 0 {
		w = &withStatus{w, status}
	}
	httpapi.WriteError(w, r, f, strings.TrimSuffix(p.opt.Server.String(), "/"))
}

// withStatus answers with a status of its own: those of proxies are no errors of
// an API.
type withStatus struct {
	http.ResponseWriter
	status int
}

func (w *withStatus) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.status) }
