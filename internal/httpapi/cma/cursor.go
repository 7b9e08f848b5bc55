package cma

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/query"
)

// find answers a query over a collection.
type find[T any] func(context.Context, access.Place, url.Values) (authoring.Found[T], error)

// cursored is a collection that is walked by cursor.
type cursored struct {
	Sys   arraySys `json:"sys"`
	Limit int      `json:"limit"`
	Items []any    `json:"items"`
	Pages pages    `json:"pages"`
}

// pages are relative URLs of the pages beside one; none at the ends.
type pages struct {
	Next string `json:"next,omitempty"`
	Prev string `json:"prev,omitempty"`
}

// answer is a page of a collection as it was asked for: by skip, or by cursor.
// show encodes an item.
func answer[T any](c *httpapi.Call, find find[T], show func(T) any) (httpapi.Reply, error) {
	found, err := find(c.Context(), c.Place, c.URL.Query())
	if err != nil {
		return httpapi.Reply{}, err
	}
	q := found.Query
	items := make([]any, len(found.Items))
	for i, item := range found.Items {
		if items[i], err = selected(q.Select, show(item)); err != nil {
			return httpapi.Reply{}, err
		}
	}
	var page any = collect(items, found.Total, q.Skip, q.Limit)
	if q.Cursor {
		page = cursored{Sys: arraySys{"Array"}, Limit: q.Limit, Items: items, Pages: pages{
			Next: pageURL(c, q, "pageNext", found.Next), Prev: pageURL(c, q, "pagePrev", found.Prev),
		}}
	}
	return sized(page, items)
}

// sized is the answer with a page, unless it is too large.
func sized(page any, items []any) (httpapi.Reply, error) {
	rep, err := httpapi.Encoded(page)
	if err == nil && len(rep.Raw) > delivery.MaxAnswer {
		return httpapi.Reply{}, tooLarge(len(rep.Raw), items)
	}
	return rep, err
}

// tooLarge is the error for a page of so many bytes. It says how many of the
// items would fit; a single one always does.
func tooLarge(size int, items []any) error {
	fits, left := len(items), size
	for fits > 1 && left > delivery.MaxAnswer {
		fits--
		item, err := httpapi.Encoded(items[fits])
		if err != nil {
			return err
		}
		left -= len(item.Raw) + 1
	}
	return delivery.TooLarge("The answer would have %d bytes. With limit=%d it fits.", size, fits)
}

// pageURL is the relative URL of the page at a position, "" for none.
func pageURL(c *httpapi.Call, q *query.Query, name string, at *query.Position) string {
	if at == nil {
		return ""
	}
	params := url.Values{name: {q.Token(at)}}
	if env := c.URL.Query().Get(environmentParam); env != "" { // which the path does not name
		params.Set(environmentParam, env)
	}
	return c.URL.EscapedPath() + "?" + params.Encode()
}
