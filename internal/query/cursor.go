package query

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"

	"github.com/typecase/typecase/internal/cms"
)

// Position is a place in a query's order: that of an entity, which need not
// exist any more.
type Position struct {
	Keys []*Value `json:"k"` // by Query.Order, the distance for Near; nil without a value
	ID   string   `json:"i"`
}

var (
	// cursorParams are the parameters that walk a collection by cursor.
	cursorParams = []string{"cursor", "pageNext", "pagePrev"}
	// notInTokens are those that a token does not repeat; nobody's access token
	// comes back in a URL.
	notInTokens = append([]string{"skip", "access_token"}, cursorParams...)
)

// cursor is what a page's token holds: the whole query, as clients send the
// token alone, and where the page begins or ends.
type cursor struct {
	Params string   `json:"q"`
	At     Position `json:"p"`
}

// Token is the token of the page that begins behind p, or ends before it,
// whichever parameter it is sent as.
func (q *Query) Token(p *Position) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // which would make every & longer
	if err := enc.Encode(cursor{q.Params, *p}); err != nil {
		panic(err) // strings and finite numbers always encode
	}
	return base64.RawURLEncoding.EncodeToString(bytes.TrimSpace(b.Bytes()))
}

// cursor reads the parameters of a walk by cursor and returns those of the
// query: of a further page, what its token holds; only limit may be another one.
func (p *parser) cursor(values url.Values) url.Values {
	// the management API walks content types as well
	only := onlyByCursor[p.opt.Kind]
	if p.opt.Single || !hasDocument(p.opt.Kind) && !only && (p.opt.API != Management || p.opt.Kind != cms.KindContentType) {
		return values
	}
	flag := last(values, "cursor")
	if flag != "" && flag != "true" && flag != "false" {
		p.add(valueDetail([]string{"cursor"}, flag, booleanClass.name, Equals))
	}
	next, prev := last(values, "pageNext"), last(values, "pagePrev")
	p.q.Cursor = only || flag == "true" || next != "" || prev != ""
	if !p.q.Cursor {
		return without(values, cursorParams...)
	}
	if _, ok := values["skip"]; ok {
		p.invalid([]string{"skip"}, "Skip cannot be used together with a cursor.")
	}
	own := without(values, notInTokens...)
	switch {
	case next != "" && prev != "":
		p.invalid([]string{"pagePrev"}, "A page comes after or before another one, not both.")
	case next != "":
		own, p.q.After = p.page("pageNext", next, own)
	case prev != "":
		own, p.q.Before = p.page("pagePrev", prev, own)
	}
	p.q.Params = own.Encode()
	return own
}

// page reads a token.
func (p *parser) page(name, token string, sent url.Values) (url.Values, *Position) {
	c, ok := parseToken(token)
	values, err := url.ParseQuery(c.Params)
	if !ok || err != nil {
		p.add(valueDetail([]string{name}, token, "page token", Equals))
		return sent, nil
	}
	values = without(values, notInTokens...)
	if limit, ok := sent["limit"]; ok {
		values["limit"] = limit
	}
	return values, &c.At
}

func parseToken(token string) (c cursor, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	return c, err == nil && json.Unmarshal(raw, &c) == nil
}

// finishCursor checks that a position has a key for each of the query's order.
func (p *parser) finishCursor() {
	for name, at := range map[string]*Position{"pageNext": p.q.After, "pagePrev": p.q.Before} { // one at most
		if at != nil && len(at.Keys) != len(p.q.Order) {
			p.invalid([]string{name}, "The token of the page belongs to another query.")
		}
	}
}

func without(values url.Values, names ...string) url.Values {
	out := make(url.Values, len(values))
	for k, v := range values {
		out[k] = v
	}
	for _, name := range names {
		delete(out, name)
	}
	return out
}
