package cma

import (
	"context"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/query"
)

// window is the part of a collection that a request asks for: by skip, or by a
// cursor, which is the number of items before the page as an opaque token.
type window struct {
	params url.Values // without those of cursors
	cursor bool
}

// cursored is a collection that is walked by cursor.
type cursored struct {
	Sys   arraySys `json:"sys"`
	Limit int      `json:"limit"`
	Items []any    `json:"items"`
	Pages struct {
		Next string `json:"next,omitempty"` // relative URLs; none at the ends
		Prev string `json:"prev,omitempty"`
	} `json:"pages"`
}

// find answers a query over a collection.
type find[T any] func(context.Context, access.Place, url.Values) (authoring.Found[T], error)

// windowOf reads cursor, pageNext and pagePrev. A token alone asks for a cursor
// too. Without an order of its own a walk goes by id, so that items which change
// meanwhile stay in their places.
func windowOf(c *httpapi.Call) (window, error) {
	w := window{params: c.URL.Query()}
	skip := 0
	for _, name := range []string{"pageNext", "pagePrev"} {
		if t := w.params.Get(name); t != "" {
			var err error
			if skip, err = skipOf(t); err != nil {
				return w, fault.Invalid(fault.InvalidQuery, fault.Detail{Name: "value", Path: []any{name}, Value: fault.Raw(t),
					Details: "This is no token of a page"})
			}
			w.cursor = true
		}
	}
	switch flag := w.params.Get("cursor"); flag {
	case "true":
		w.cursor = true
	case "", "false":
	default:
		return w, fault.Invalid(fault.InvalidQuery, fault.Detail{Name: "value", Path: []any{"cursor"}, Type: "Boolean", Value: fault.Raw(flag),
			Details: "A cursor is true or false"})
	}
	for _, name := range []string{"cursor", "pageNext", "pagePrev"} {
		w.params.Del(name)
	}
	if !w.cursor {
		return w, nil
	}
	w.params.Set("skip", strconv.Itoa(skip))
	ordered := false
	for name := range w.params {
		ordered = ordered || name == "order" || strings.HasPrefix(name, "order[")
	}
	if !ordered {
		w.params.Set("order", "sys.id")
	}
	return w, nil
}

// answer is a page of a collection as it was asked for.
func (w window) answer(c *httpapi.Call, items []any, total int, q *query.Query) httpapi.Reply {
	if !w.cursor {
		return httpapi.OK(collect(items, total, q.Skip, q.Limit))
	}
	out := cursored{Sys: arraySys{"Array"}, Limit: q.Limit, Items: items}
	if next := q.Skip + len(items); len(items) > 0 && next < total {
		out.Pages.Next = pageURL(c.URL, "pageNext", next)
	}
	if q.Skip > 0 {
		out.Pages.Prev = pageURL(c.URL, "pagePrev", max(0, q.Skip-q.Limit))
	}
	return httpapi.OK(out)
}

// pageURL is the relative URL of the page after so many items.
func pageURL(u *url.URL, name string, skip int) string {
	params := u.Query()
	for _, other := range []string{"cursor", "pageNext", "pagePrev", "skip"} {
		params.Del(other)
	}
	params.Set(name, base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(skip))))
	return u.EscapedPath() + "?" + params.Encode()
}

// skipOf is the number of items before the page of a token.
func skipOf(token string) (int, error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(b), 10, 31)
	return int(n), err
}
