package detour

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Names are the host names that are caught: those of the original's APIs and
// files, in both of its regions.
var Names = slices.Concat(
	prefixed("contentful.com", "api", "cdn", "preview", "upload", "graphql"),
	prefixed("eu.contentful.com", "api", "cdn", "preview", "upload", "graphql"),
	prefixed("ctfassets.net", "images", "assets", "videos", "downloads"),
	prefixed("eu.ctfassets.net", "images", "assets", "videos", "downloads"),
	prefixed("secure.ctfassets.net", "images", "assets", "videos", "downloads"), // of protected files
	prefixed("secure.eu.ctfassets.net", "images", "assets", "videos", "downloads"),
)

func prefixed(domain string, labels ...string) []string {
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = l + "." + domain
	}
	return names
}

// place is where a client wants to go.
type place struct {
	host string // in lower case, without a dot at its end; IPv6 addresses without brackets
	port uint16
}

// parsePlace reads host:port; without a port it is the one given, unless that
// is 0.
func parsePlace(authority string, port uint16) (p place, ok bool) {
	host, number, err := net.SplitHostPort(authority)
	if err != nil {
		if port == 0 {
			return place{}, false
		}
		host, number = authority, strconv.Itoa(int(port))
		if inside, bracketed := strings.CutPrefix(host, "["); bracketed {
			if host, bracketed = strings.CutSuffix(inside, "]"); !bracketed {
				return place{}, false
			}
		} else if strings.Contains(host, ":") {
			return place{}, false
		}
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 {
		return place{}, false
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err != nil && !isName(host) {
		return place{}, false
	}
	return place{host, uint16(n)}, true
}

// isName reports whether a text can be a host name. What is longer or has other
// characters is nobody's, and might be read as something else further on.
func isName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
	})
}

func (p place) caught() bool { return slices.Contains(Names, p.host) }

// String is host:port.
func (p place) String() string { return net.JoinHostPort(p.host, strconv.Itoa(int(p.port))) }
