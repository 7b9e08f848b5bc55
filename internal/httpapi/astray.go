package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// maxMended bounds how long a path is that another one is suggested for.
const maxMended = 300

// noToken is the error for a request without an access token. The hint says
// what the request has in its place; of what it has, only names are repeated.
func noToken(r *http.Request) error {
	f := fault.New(fault.AccessTokenInvalid, "")
	switch scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); {
	case strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) == "":
		f.Hint = `Nothing follows "Bearer" in the header Authorization; if the token was to come from a variable, the variable is empty.`
	case scheme != "":
		f.Hint = `The header Authorization has to be "Bearer", a space, and the access token.`
	default:
		f.Hint = "The request has no access token. Send it in the header Authorization: Bearer and the token, or as the parameter access_token."
		for _, name := range parameterNames(r.URL.RawQuery) {
			if plainName(name) == "accesstoken" || plainName(name) == "token" {
				f.Hint = "The parameter of the access token is called access_token."
			}
		}
	}
	return f
}

// strangeToken adds to the error for an unknown token what about its form tells
// that it is none. It repeats nothing of it.
func strangeToken(err error, token string) error {
	if !fault.Is(err, fault.AccessTokenInvalid) {
		return err
	}
	hint := ""
	switch {
	case len(token) > 7 && strings.EqualFold(token[:7], "Bearer "):
		hint = `The header Authorization says "Bearer" twice.`
	case strings.HasPrefix(token, "$"):
		hint = "The token begins with a dollar sign: the shell puts in the value of a variable between double quotes, not between single ones."
	case strings.ContainsAny(token[:1], "\"'<{[`") || strings.ContainsAny(token[len(token)-1:], "\"'>}]`"):
		hint = "The token stands in quotes or brackets; send it without them."
	case strings.ContainsAny(token, " \t\r\n"):
		hint = "There is a space or line end within the token."
	default:
		return err
	}
	f := *fault.Of(err)
	f.Hint = hint
	return &f
}

// parameterNames are the names of the parameters of a query.
func parameterNames(query string) []string {
	var names []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if n, err := url.QueryUnescape(name); err == nil {
			names = append(names, n)
		}
	}
	return names
}

// plainName is a name without what people spell in different ways.
func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// noRoute is the error for a request that no route has; f is one that is yet to
// be built, or nil. It says with which methods there is a route, or which path
// was probably meant.
func (rt *router) noRoute(r *http.Request, f *found) error {
	e := fault.New(fault.UnknownRoute, "")
	if f != nil {
		e.Hint = "The original has this endpoint; Typecase does not have it yet."
		return e
	}
	if methods := rt.methods(r.URL); methods != nil {
		e.Hint = "This path takes " + strings.Join(methods, ", ") + ", not " + r.Method + "."
		if below := r.URL.JoinPath("id"); (r.Method == http.MethodPost || r.Method == http.MethodPut) && slices.Contains(rt.methods(below), http.MethodPut) {
			e.Hint += " With an id at its end it takes PUT."
		}
		return e
	}
	e.Suggestions = rt.mended(r)
	return e
}

// methods are those for which there is a route with a path.
func (rt *router) methods(path *url.URL) []string {
	var methods []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		var found match
		if rt.match(m, path, &found); found.found != nil && found.route.Handle != nil {
			methods = append(methods, m)
		}
	}
	return methods
}

// mended are paths like that of r for which there is a route: with one segment
// spelled another way, or without what stands in front of /spaces.
func (rt *router) mended(r *http.Request) []string {
	path := r.URL.EscapedPath()
	if len(path) > maxMended {
		return nil
	}
	var out []string
	try := func(path string) {
		u, err := url.Parse(path)
		if err == nil && !slices.Contains(out, path) && slices.Contains(rt.methods(u), r.Method) {
			out = append(out, path)
		}
	}
	if i := strings.Index(path, "/spaces"); i > 0 {
		try(path[i:])
	}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, s := range segments {
		for _, word := range rt.likely(s) {
			mended := slices.Clone(segments)
			mended[i] = word
			try("/" + strings.Join(mended, "/"))
		}
	}
	return out
}

// likely are the words of routes that a segment was probably meant to be. A
// singular is one for its plural.
func (rt *router) likely(segment string) []string {
	near := nearest.Likely(segment, slices.Values(rt.words))
	if stem, ok := strings.CutSuffix(segment, "y"); ok && slices.Contains(rt.words, stem+"ies") {
		near = append(near, stem+"ies")
	}
	return near
}
