package httpapi

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

const (
	spacePath       = "/spaces/{space}"
	environmentPath = spacePath + "/environments/{environment}"
	mainEnvironment = "master" // what a path without environment means
)

// router finds the route of an API that a path means. It uses http.ServeMux
// for the matching only: nothing the mux would write itself, its redirects and
// its plain 404 and 405, reaches a client.
type router struct {
	mux   *http.ServeMux
	words []string // segments of paths that are no ids, of the routes that are built
}

// newRouter panics when two routes collide, as http.ServeMux does.
func newRouter(api API) router {
	mux := http.NewServeMux()
	words := map[string]bool{}
	for i := range api.Routes {
		r := &api.Routes[i]
		for _, path := range r.paths() {
			mux.Handle(r.Method+" "+path, &found{r, label(path), wildcards(path)})
			for word := range strings.SplitSeq(path, "/") {
				words[word] = words[word] || r.Handle != nil && word != "" && word[0] != '{'
			}
		}
	}
	maps.DeleteFunc(words, func(_ string, spelled bool) bool { return !spelled })
	return router{mux, slices.Sorted(maps.Keys(words))}
}

// paths are the mux patterns of a route.
func (r *Route) paths() []string {
	switch r.Level {
	case SpaceLevel:
		return []string{spacePath + r.Pattern}
	case EnvironmentLevel:
		paths := []string{environmentPath + r.Pattern}
		if r.Pattern != "" { // without it the short form is the space itself
			paths = append(paths, spacePath+r.Pattern)
		}
		return paths
	default:
		return []string{r.Pattern}
	}
}

// found is the handler of every pattern: it hands itself to the catcher.
type found struct {
	route *Route
	label string   // as clients and logs know it
	ids   []string // names of the wildcards
}

func (f *found) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.(*catcher).found = f }

// catcher takes what the mux writes and keeps what it found.
type catcher struct {
	header http.Header
	found  *found
}

func (c *catcher) Header() http.Header         { return c.header }
func (c *catcher) Write(b []byte) (int, error) { return len(b), nil }
func (c *catcher) WriteHeader(int)             {}

// match finds the route for a request whose path is clean and stores its path
// values in the request. known says that the API has the path, be it with
// another method.
func (rt router) match(r *http.Request) (f *found, known bool) {
	c := &catcher{header: http.Header{}}
	rt.mux.ServeHTTP(c, r)
	return c.found, c.found != nil || c.header.Get("Allow") != ""
}

// clean makes the path of u one the mux takes as it is: no empty segments, hence
// no trailing slash, and dots as the ids they are. Escapes stay, so %2F is part
// of an id and no separator.
func clean(u *url.URL) {
	if isClean(u) {
		return
	}
	segments := slices.DeleteFunc(strings.Split(u.EscapedPath(), "/"), func(s string) bool { return s == "" })
	for i, s := range segments {
		if s == "." || s == ".." {
			segments[i] = strings.ReplaceAll(s, ".", "%2E")
		}
	}
	raw := "/" + strings.Join(segments, "/")
	path, err := url.PathUnescape(raw)
	if err != nil { // not for a path net/url has parsed; no route has it
		path = raw
	}
	u.Path, u.RawPath = path, raw
}

// isClean reports that a path is as nearly all of them are: clean, without
// escapes, and nothing in it needs any.
func isClean(u *url.URL) bool {
	path := u.Path
	if u.RawPath != "" || len(path) < 2 || path[0] != '/' || path[len(path)-1] == '/' {
		return false
	}
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		case c == '.', c == '/':
			if i > 0 && path[i-1] == '/' {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// segments are the parts of a clean path, unescaped.
func segments(u *url.URL) []string {
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for i, p := range parts {
		if s, err := url.PathUnescape(p); err == nil {
			parts[i] = s
		}
	}
	return parts
}

// located says which space and environment a request names; "" for none. A
// path below a space names that space even when there is no such route. It is
// not ok when one of them can be no id.
func located(r *http.Request, f *found) (space, environment string, ok bool) {
	space, environment = named(r, f)
	ok = space == "" && environment == "" || cms.ValidID(space) && (environment == "" || cms.ValidID(environment))
	return space, environment, ok
}

func named(r *http.Request, f *found) (space, environment string) {
	if f == nil {
		s := segments(r.URL)
		if len(s) < 2 || s[0] != "spaces" {
			return "", ""
		}
		if len(s) > 4 && s[2] == "environments" { // with 4, an environment that may be yet to be made
			return s[1], s[3]
		}
		return s[1], ""
	}
	switch f.route.Level {
	case SpaceLevel:
		return r.PathValue("space"), ""
	case EnvironmentLevel:
		if environment = r.PathValue("environment"); environment == "" {
			environment = mainEnvironment
		}
		return r.PathValue("space"), environment
	default:
		return "", ""
	}
}

var wildcard = regexp.MustCompile(`\{([^}$.]+)\}`)

// validIDs reports whether all ids in the path can be ids at all.
func (f *found) validIDs(r *http.Request) bool {
	for _, name := range f.ids {
		if !cms.ValidID(r.PathValue(name)) {
			return false
		}
	}
	return true
}

func wildcards(path string) []string {
	var names []string
	for _, m := range wildcard.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}

// label is a pattern in the form clients and logs know: /spaces/:space.
func label(path string) string { return wildcard.ReplaceAllString(path, ":$1") }
