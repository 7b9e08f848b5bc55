package httpapi

import (
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

// paths are the patterns of a route, whole.
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

// clean makes the path of u one the router takes as it is: no empty segments, hence
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
func located(r *http.Request, m *match) (space, environment string, ok bool) {
	space, environment = named(r, m)
	ok = space == "" && environment == "" || cms.ValidID(space) && (environment == "" || cms.ValidID(environment))
	return space, environment, ok
}

func named(r *http.Request, m *match) (space, environment string) {
	if m.found == nil {
		s := segments(r.URL)
		if len(s) < 2 || s[0] != "spaces" {
			return "", ""
		}
		if len(s) > 4 && s[2] == "environments" { // with 4, an environment that may be yet to be made
			return s[1], s[3]
		}
		return s[1], ""
	}
	switch m.route.Level {
	case SpaceLevel:
		return m.value("space"), ""
	case EnvironmentLevel:
		if environment = m.value("environment"); environment == "" {
			environment = mainEnvironment
		}
		return m.value("space"), environment
	default:
		return "", ""
	}
}

var wildcard = regexp.MustCompile(`\{([^}$.]+)\}`)

func wildcards(path string) []string {
	var names []string
	for _, m := range wildcard.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}

// label is a pattern in the form clients and logs know: /spaces/:space.
func label(path string) string { return wildcard.ReplaceAllString(path, ":$1") }
