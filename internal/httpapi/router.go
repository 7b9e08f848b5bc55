package httpapi

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

// router finds the route of an API that a path means, as http.ServeMux would: a
// segment that is spelled out wins over one that may be anything, from left to
// right, and a GET route takes HEAD. It answers nothing, redirects nowhere, needs
// no memory.
type router struct {
	root  node
	words []string // segments of paths that are no ids, of the routes that are built
}

// node is where the first segments of a path lead.
type node struct {
	named    map[string]*node  // by the next segment
	any      *node             // by any other one
	byMethod map[string]*found // when there is no next one
}

// found is a pattern of a route.
type found struct {
	route *Route
	label string   // as clients and logs know it
	ids   []string // names of the wildcards
}

// maxIDs is how many wildcards a pattern may have.
const maxIDs = 6

// match is a pattern that a path has, and what stands for its wildcards. Without a
// pattern found is nil.
type match struct {
	*found
	values [maxIDs]string
}

// newRouter panics when two routes collide, as http.ServeMux does.
func newRouter(api API) router {
	var rt router
	colliding := http.NewServeMux()
	words := map[string]bool{}
	for i := range api.Routes {
		r := &api.Routes[i]
		for _, path := range r.paths() {
			colliding.Handle(r.Method+" "+path, http.NotFoundHandler())
			rt.root.add(path, r.Method, &found{r, label(path), wildcards(path)})
			for word := range strings.SplitSeq(path, "/") {
				words[word] = words[word] || r.Handle != nil && word != "" && word[0] != '{'
			}
		}
	}
	maps.DeleteFunc(words, func(_ string, spelled bool) bool { return !spelled })
	rt.words = slices.Sorted(maps.Keys(words))
	return rt
}

// add is for newRouter. A pattern with more than the router can do is a mistake.
func (n *node) add(path, method string, f *found) {
	if len(f.ids) > maxIDs || strings.ContainsAny(path, ".$%") || path[0] != '/' || path[len(path)-1] == '/' {
		panic("httpapi: pattern " + path)
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		n = n.next(segment)
	}
	if n.byMethod == nil {
		n.byMethod = map[string]*found{}
	}
	n.byMethod[method] = f
}

// next is the node behind a segment of a pattern.
func (n *node) next(segment string) *node {
	if segment[0] == '{' {
		if n.any == nil {
			n.any = &node{}
		}
		return n.any
	}
	if n.named == nil {
		n.named = map[string]*node{}
	}
	if n.named[segment] == nil {
		n.named[segment] = &node{}
	}
	return n.named[segment]
}

// match finds the pattern for a request whose path is clean. known says that the
// API has the path, be it with another method.
func (rt *router) match(method string, u *url.URL, m *match) (known bool) {
	path, escaped := u.Path, u.RawPath != ""
	if escaped {
		path = u.EscapedPath()
	}
	m.found = nil
	return rt.root.find(method, path, escaped, m, 0) ||
		method == http.MethodHead && rt.root.find(http.MethodGet, path, escaped, m, 0) ||
		rt.root.find("", path, escaped, m, 0)
}

// find is match from a node on; no method is any of them, and finds no pattern.
func (n *node) find(method, path string, escaped bool, m *match, ids int) bool {
	if path == "" {
		if method == "" {
			return len(n.byMethod) > 0
		}
		m.found = n.byMethod[method]
		return m.found != nil
	}
	segment, rest := path[1:], ""
	if i := strings.IndexByte(segment, '/'); i >= 0 {
		segment, rest = segment[:i], segment[i:]
	}
	if segment == "" || segment == "." || segment == ".." {
		return false // not clean
	}
	if escaped {
		if plain, err := url.PathUnescape(segment); err == nil {
			segment = plain
		}
	}
	if next := n.named[segment]; next != nil && next.find(method, rest, escaped, m, ids) {
		return true
	}
	if n.any == nil {
		return false
	}
	m.values[ids] = segment
	return n.any.find(method, rest, escaped, m, ids+1)
}

// value is what stands for a wildcard, "" if the pattern has none of this name.
func (m *match) value(name string) string {
	if m.found != nil {
		for i, id := range m.ids {
			if id == name {
				return m.values[i]
			}
		}
	}
	return ""
}

// validIDs reports whether all ids in the path can be ids at all.
func (m *match) validIDs() bool {
	for i := range m.ids {
		if !cms.ValidID(m.values[i]) {
			return false
		}
	}
	return true
}
