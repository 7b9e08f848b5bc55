package errorpage

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"

	"github.com/typecase/typecase/internal/httpapi"
)

var (
	//go:embed page.html
	layout string
	//go:embed page.css
	style string

	pages = template.Must(template.New("page").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(style) }, // our own file
		"status": http.StatusText,
		"errors": func() string { return httpapi.ErrorsPath },
	}).Parse(layout))

	// A page needs nothing but its own style, and nobody may frame it.
	policy = func() string {
		sum := sha256.Sum256([]byte(style))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	}()
)

// page is what a template or a program is given.
type page struct {
	Title   string
	Base    string
	All     bool // the whole catalogue, as a list
	Entries []Entry
}

func writePage(w http.ResponseWriter, r *http.Request, p page) error {
	var b bytes.Buffer
	if err := pages.Execute(&b, p); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	send(w, r, asHTML+"; charset=utf-8", b.Bytes())
	return nil
}

// writeJSON writes entries as a collection, in the form all collections have.
func writeJSON(w http.ResponseWriter, r *http.Request, p page) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{
		"sys": map[string]string{"type": "Array"}, "total": len(p.Entries), "skip": 0, "limit": len(p.Entries), "items": p.Entries,
	})
	if err != nil {
		return err
	}
	send(w, r, asJSON, bytes.TrimSpace(b.Bytes()))
	return nil
}

func send(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Vary", "Accept")
	h.Set("Cache-Control", "max-age=300")
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return
	}
	// A client that has hung up does not want to know.
	_, _ = w.Write(body)
}
