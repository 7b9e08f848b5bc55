// Package files serves the files of assets. A file's URL always means the same
// bytes and, unless its space is protected, whoever knows it may read them: then
// answers need no token and may be cached for ever. URLs of protected files are
// signed; package embargo says which are good. What browsers would run as a page is
// never shown as one.
//
// Other query parameters than those of a signature are ignored: the file is served
// as it is.
//
// Start reading at New.
package files

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// Prefix is where the URLs of files begin, and SecurePrefix where those of
// protected ones do.
const (
	Prefix       = "/files/"
	SecurePrefix = embargo.Prefix + Prefix
)

// methods are what a file answers to.
const methods = "GET,HEAD,OPTIONS"

// sandbox keeps scripts in a drawing from running and from reaching anything;
// its styles work.
const sandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'"

// server serves the files in blobs that guard lets through.
type server struct {
	blobs     *blob.Store
	guard     *embargo.Service
	publicURL string
	now       func() time.Time
}

// New serves the files in blobs, as an httpapi.Extra at Prefix and at
// SecurePrefix, as far as guard lets it. publicURL is the address that clients
// reach the server by, without a slash at its end; "" means the host each request
// names.
func New(blobs *blob.Store, guard *embargo.Service, publicURL string, now func() time.Time) http.Handler {
	s := &server{blobs, guard, publicURL, now}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			s.serve(w, r)
		case http.MethodOptions:
			h := w.Header()
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Allow-Headers", "If-Modified-Since,If-None-Match,If-Range,Range")
			h.Set("Access-Control-Max-Age", "86400")
			w.WriteHeader(http.StatusNoContent)
		default:
			httpapi.Fail(r, fault.New(fault.UnknownRoute, ""))
		}
	})
}

// serve answers with a file, whole, in ranges or as not modified.
func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	file, ok := blob.ParsePath(strings.TrimPrefix(r.URL.EscapedPath(), embargo.Prefix))
	if !ok {
		httpapi.Fail(r, fault.New(fault.NotFound, ""))
		return
	}
	q := r.URL.Query()
	pass, err := s.guard.Admit(r.Context(), embargo.Request{File: file, Policy: q.Get("policy"), Token: q.Get("token"), URLs: s.addresses(r)})
	if err != nil {
		httpapi.Fail(r, err)
		return
	}
	b, err := s.blobs.Open(file.Key())
	if err != nil {
		httpapi.Fail(r, err)
		return
	}
	defer b.Close() // only read from

	caching := s.caching(pass)
	setHeaders(w.Header(), file, b, caching)
	if r.Header.Get("Range") == "" {
		http.ServeContent(w, r, file.Name, b.ModTime, b.ReadSeekCloser)
		return
	}
	first := &rangeWriter{ResponseWriter: w}
	http.ServeContent(first, r, file.Name, b.ModTime, b.ReadSeekCloser)
	if first.unsatisfiable {
		// RFC 9110 lets a server ignore Range, and so there is no plain text error.
		whole := r.Clone(r.Context())
		whole.Header.Del("Range")
		w.Header().Del("Content-Range")
		setHeaders(w.Header(), file, b, caching)
		http.ServeContent(w, whole, file.Name, b.ModTime, b.ReadSeekCloser)
	}
}

// caching is what an answer says to caches. Where a file may stop being public they
// have to ask each time, and what a signature opens is kept no longer than that.
func (s *server) caching(pass embargo.Pass) string {
	switch {
	case pass.Forever:
		return "public, max-age=31536000, immutable"
	case pass.Until.IsZero():
		return "public, no-cache"
	}
	return "private, max-age=" + strconv.Itoa(int(pass.Until.Sub(s.now())/time.Second))
}

// addresses are the URLs, without a scheme, that a request may have come by: that
// of the host it names, and that of the public URL.
func (s *server) addresses(r *http.Request) []string {
	path := r.URL.EscapedPath()
	urls := []string{embargo.Address("http", r.Host) + path, embargo.Address("https", r.Host) + path}
	if u, err := url.Parse(s.publicURL); err == nil && s.publicURL != "" {
		urls = append(urls, embargo.Address(u.Scheme, u.Host)+u.EscapedPath()+path)
	}
	return urls
}

func setHeaders(h http.Header, file blob.File, b *blob.Blob, caching string) {
	contentType := b.ContentType
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	h.Set("Content-Type", contentType)
	h.Set("ETag", `"`+file.Unique+`"`)
	h.Set("Cache-Control", caching)
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	switch riskOf(contentType) {
	case drawing:
		h.Set("Content-Security-Policy", sandbox)
	case page:
		h.Set("Content-Security-Policy", sandbox)
		h.Set("Content-Disposition", `attachment; filename="`+file.Name+`"`)
	}
}

// rangeWriter holds back the answer that no part of the file was asked for.
type rangeWriter struct {
	http.ResponseWriter
	unsatisfiable bool
}

func (w *rangeWriter) WriteHeader(status int) {
	if status == http.StatusRequestedRangeNotSatisfiable {
		w.unsatisfiable = true
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *rangeWriter) Write(p []byte) (int, error) {
	if w.unsatisfiable {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// risk says what a browser would do with a file that is opened as a page.
type risk int

const (
	harmless risk = iota
	drawing       // shown, but might run scripts: SVG
	page          // run as a document or script
)

func riskOf(contentType string) risk {
	mediaType, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return page
	case mediaType == "image/svg+xml":
		return drawing
	case strings.HasSuffix(mediaType, "+xml"), strings.HasSuffix(mediaType, "/xml"), strings.HasSuffix(mediaType, "html"),
		strings.HasSuffix(mediaType, "javascript"), strings.HasSuffix(mediaType, "ecmascript"):
		return page
	}
	switch mediaType {
	case "text/xsl", "text/x-component", "text/cache-manifest", "multipart/related", "multipart/x-mixed-replace", "message/rfc822",
		"application/x-shockwave-flash", "application/x-mimearchive":
		return page
	}
	return harmless
}
