package httpapi

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// ErrorsPath is where the catalogue of errors is, and below it, after a slash,
// the page of each kind by its name or one of its ids. No API has such a path.
const ErrorsPath = "/errors"

// DocumentationURL is the address of the page about a kind of fault, below
// base, an address without a slash at its end.
func DocumentationURL(base string, k fault.Kind) string { return base + ErrorsPath + "/" + k.String() }

// FileBase is what goes before the path of a file's URL, without a slash at its
// end: public if it is set, else the host the client has used, with whichever
// scheme it likes. Who uses a host of the original gets one for files, which
// programs know files by.
func FileBase(r *http.Request, public string) string {
	if public != "" {
		return public
	}
	if _, domain, _ := strings.Cut(r.Host, "."); isOfficial(domain) {
		return "//images." + strings.TrimSuffix(domain, officialAPIs) + officialFiles
	}
	return "//" + r.Host
}

// BaseURL is the absolute address under which a client reaches this server,
// without a slash at its end: public if it is set, else what the request says.
func BaseURL(r *http.Request, public string) string {
	if public != "" {
		return public
	}
	u := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	if u.Host == "" { // HTTP/1.0 needs none
		u.Host = "localhost"
		if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
			u.Host = a.String()
		}
	}
	return u.String()
}
