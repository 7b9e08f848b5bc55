// Package files serves the files of assets. A file's URL always means the same
// bytes and whoever knows it may read them, so answers need no token and may be
// cached for ever. What browsers would run as a page is never shown as one.
//
// Query parameters are ignored: the file is served as it is.
//
// Start reading at New.
package files

import (
	"mime"
	"net/http"
	"strings"

	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// Prefix is where the URLs of files begin.
const Prefix = "/files/"

// methods are what a file answers to.
const methods = "GET,HEAD,OPTIONS"

// sandbox keeps scripts in a drawing from running and from reaching anything;
// its styles work.
const sandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'"

// New serves the files in blobs, as an httpapi.Extra at Prefix.
func New(blobs *blob.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			serve(w, r, blobs)
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
func serve(w http.ResponseWriter, r *http.Request, blobs *blob.Store) {
	file, ok := blob.ParsePath(r.URL.EscapedPath())
	if !ok {
		httpapi.Fail(r, fault.New(fault.NotFound, ""))
		return
	}
	b, err := blobs.Open(file.Key())
	if err != nil {
		httpapi.Fail(r, err)
		return
	}
	defer b.Close() // only read from

	setHeaders(w.Header(), file, b)
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
		setHeaders(w.Header(), file, b)
		http.ServeContent(w, whole, file.Name, b.ModTime, b.ReadSeekCloser)
	}
}

func setHeaders(h http.Header, file blob.File, b *blob.Blob) {
	contentType := b.ContentType
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	h.Set("Content-Type", contentType)
	h.Set("ETag", `"`+file.Unique+`"`)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
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
