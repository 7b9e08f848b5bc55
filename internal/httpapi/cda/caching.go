package cda

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/httpapi"
)

// caching is what answers say to caches, by what they depend on. Drafts must not
// lie in a cache that others share. A shared cache that may keep answers must not
// give them to those who have no key: the key belongs to what tells answers
// apart, be it in the Authorization header or in the URL.
type caching struct {
	alone   http.Header // for one client only
	shared  http.Header // for all that send the same
	content http.Header // shared, of entries and assets
	entries http.Header // content, but for entries of other spaces
	far     http.Header // with entries of other spaces
}

// newCaching is for the APIs of a stage; shared is as for New.
func newCaching(stage cms.Stage, shared time.Duration) caching {
	alone, vary := "max-age=0", "Accept-Encoding"
	if stage == cms.Draft {
		alone = "private, max-age=0"
	}
	together := alone
	if shared > 0 {
		together += ", s-maxage=" + strconv.Itoa(int(shared/time.Second))
		vary += ", Authorization"
	}
	header := func(control, vary string) http.Header {
		return http.Header{"Cache-Control": {control}, "Vary": {vary}}
	}
	locales := ""
	if stage == cms.Published {
		locales = ", " + localeHeader
	}
	return caching{
		alone: header(alone, "Accept-Encoding"), shared: header(together, vary), content: header(together, vary+locales),
		entries: header(together, vary+locales+", "+resolutionHeader), far: header(alone, "Accept-Encoding"+locales+", "+resolutionHeader),
	}
}

// reply is an answer with what it says to caches, and with its keys: separated by
// spaces in one header and by commas in the other, as the two families of caches
// want them. A 304 has none: it renews an answer that came with the same ones.
func reply(a delivery.Answer, err error, header http.Header) (httpapi.Reply, error) {
	if err != nil {
		return httpapi.Reply{}, err
	}
	if a.Body == nil {
		return httpapi.Reply{ETag: a.ETag, NotModified: true, Header: header}, nil
	}
	if keys := a.Body.Keys; keys != "" {
		header = maps.Clone(header)
		header["Surrogate-Key"] = []string{keys}
		header["Cache-Tag"] = []string{strings.ReplaceAll(keys, " ", ",")}
	}
	return httpapi.Reply{Body: a.Body, ETag: a.ETag, Header: header}, nil
}

// purgesJSON is what shared caches are to forget.
type purgesJSON struct {
	Sys struct {
		Type string `json:"type"`
	} `json:"sys"`
	Keys []string `json:"keys"`
	Next string   `json:"next"`
	More bool     `json:"more"`
}

// purges lists the keys of answers that have changed since a position.
func (a *api) purges(c *httpapi.Call) (httpapi.Reply, error) {
	p, err := a.s.Purges(c.Context(), c.Place, c.URL.Query())
	if err != nil {
		return httpapi.Reply{}, err
	}
	out := purgesJSON{Keys: p.Keys, Next: p.Next, More: p.More}
	out.Sys.Type = "Purges"
	return httpapi.OK(out), nil
}
