package httpapi

import (
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/access"
)

// hostLabels are the labels of a host name that choose an API, by the kind of
// token the API takes.
var hostLabels = map[string]access.TokenKind{
	"api": access.Management, "upload": access.Management,
	"cdn": access.Delivery, "preview": access.Preview,
}

// isOfficial reports whether a domain is the original's, in one of its regions.
// Requests to its hosts come from programs that were led here, as typecase run
// does.
func isOfficial(domain string) bool { return domain == officialAPIs || domain == "eu."+officialAPIs }

// The domains of the original's APIs and of its files.
const (
	officialAPIs  = "contentful.com"
	officialFiles = "ctfassets.net"
)

// byHost is the API a host name such as cdn.example.com chooses, or nil.
func (h *handler) byHost(host string) *endpoint {
	label, domain, _ := strings.Cut(host, ".")
	kind, ok := hostLabels[strings.ToLower(label)]
	if !ok {
		return nil
	}
	if name, _, err := net.SplitHostPort(domain); err == nil {
		domain = name
	}
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if !(domain == "localhost" || strings.HasSuffix(domain, ".localhost") || isOfficial(domain) || slices.Contains(h.opt.Domains, domain)) {
		return nil
	}
	return h.byKind(kind)
}

func (h *handler) byKind(k access.TokenKind) *endpoint {
	for _, e := range h.endpoints {
		if e.api.Token == k {
			return e
		}
	}
	return nil
}

// aim is the API of a request with a token of a certain kind; m becomes its route
// there.
func (h *handler) aim(r *http.Request, kind access.TokenKind, m *match) *endpoint {
	e := h.byHost(r.Host)
	if e == nil {
		e = h.byKind(kind)
	}
	if e != nil { // as a rule it is this one, without a look at all of them
		if e.router.match(r.Method, r.URL, m); m.found != nil {
			return e
		}
	}
	e = h.candidates(r).choose(kind)
	e.router.match(r.Method, r.URL, m)
	return e
}

// candidates are the APIs a request may be meant for, as far as host name and
// path say.
type candidates struct {
	endpoints []*endpoint // at least one
	upload    bool        // the path may be that of an upload
}

// candidates are the one API of the host name, or those that have the path with
// the method, or those that have the path, or all. So a delivery key that is
// used to write is a wrong token, as at the original's management host.
func (h *handler) candidates(r *http.Request) candidates {
	search := h.endpoints
	if e := h.byHost(r.Host); e != nil {
		search = []*endpoint{e}
	}
	var c candidates
	var otherMethod []*endpoint
	for _, e := range search {
		var m match
		switch known := e.router.match(r.Method, r.URL, &m); {
		case m.found != nil:
			c.endpoints = append(c.endpoints, e)
			c.upload = c.upload || m.route.Body == RawBody
		case known:
			otherMethod = append(otherMethod, e)
		}
	}
	if len(c.endpoints) == 0 {
		c.endpoints = otherMethod
	}
	if len(c.endpoints) == 0 {
		c.endpoints = search
	}
	return c
}

// choose lets the kind of the token decide. An unknown or unfitting token gets
// its 401 from the first candidate: with the management API first in the list
// the clients that check the content type of an error are content.
func (c candidates) choose(kind access.TokenKind) *endpoint {
	for _, e := range c.endpoints {
		if e.api.Token == kind {
			return e
		}
	}
	return c.endpoints[0]
}

// takeToken returns the access token of a request, "" if it has none, and
// removes it from the query so that nothing downstream can log or echo it. The
// header wins over the parameter. What is left of the query can be parsed.
func takeToken(r *http.Request) string {
	var parameter string
	if q := r.URL.RawQuery; strings.ContainsAny(q, "%;") || strings.Contains(q, "access_token") {
		var kept []string
		for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
			name, value, _ := strings.Cut(part, "=")
			if n, err := url.QueryUnescape(name); err == nil && n == "access_token" {
				if v, err := url.QueryUnescape(value); err == nil && parameter == "" {
					parameter = v
				}
				continue
			}
			kept = append(kept, mend(part))
		}
		r.URL.RawQuery = strings.Join(kept, "&")
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); strings.EqualFold(scheme, "Bearer") && token != "" {
		return token
	}
	return parameter
}

// mend escapes in a part of a query what net/url takes for a mistake: a
// semicolon, and a percent sign that begins no escape. It would drop the part,
// and so answer a query with fewer conditions than were sent.
func mend(part string) string {
	if !strings.ContainsAny(part, "%;") {
		return part
	}
	var b strings.Builder
	for i := range len(part) {
		switch c := part[i]; {
		case c == ';':
			b.WriteString("%3B")
		case c == '%' && !isEscape(part[i:]):
			b.WriteString("%25")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// isEscape reports whether s, which begins with a percent sign, begins with an
// escape.
func isEscape(s string) bool {
	if len(s) < 3 {
		return false
	}
	_, err := hex.DecodeString(s[1:3])
	return err == nil
}
