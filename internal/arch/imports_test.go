package arch

import (
	"slices"
	"strings"
	"testing"
)

// Groups of packages, from the ground up.
var (
	ground = []string{"fault", "cms", "nearest"}
	rules  = []string{"validate", "richtext", "query", "jsonpatch"} // pure: values in, values out
	state  = []string{"store", "index", "blob"}
	tools  = []string{"fetch", "imaging"} // know nothing of content
	below  = slices.Concat(ground, rules, state, tools)
)

// mayImport says which packages of this module a package may import, without
// internal/ in front. A name that ends with a slash stands for all packages
// below it; the longest match counts. Tests and packages that end with "test"
// may import what they like.
var mayImport = map[string][]string{
	// what can go wrong and what there is; they know nobody
	"internal/fault":   {},
	"internal/cms":     {"fault", "nearest"},
	"internal/nearest": {},

	// pure rules
	"internal/richtext":  ground,
	"internal/validate":  append([]string{"richtext"}, ground...),
	"internal/query":     ground,
	"internal/jsonpatch": ground,
	"internal/metrics":   {"fault"},
	"internal/journal":   append([]string{"richtext"}, ground...),

	"internal/webhook/rule": ground,

	// state
	"internal/store":          ground,
	"internal/store/sqlstore": append([]string{"store"}, ground...),
	"internal/blob":           ground,
	"internal/index":          append([]string{"store", "query", "turn"}, ground...),

	// tools of the services
	"internal/fetch":     {"fault"},
	"internal/turn":      {},
	"internal/imaging":   {"fault"},
	"internal/authority": {"fault"},
	"internal/config":    {"fault", "nearest"},
	"internal/typegen":   {"cms"},

	// services: each on its own, all on what is below
	"internal/access":    below,
	"internal/timeline":  append([]string{"store", "index", "query"}, ground...),
	"internal/job":       below,
	"internal/usage":     below,
	"internal/authoring": append([]string{"access", "timeline", "webhook/rule"}, below...),
	"internal/delivery":  append([]string{"access", "timeline"}, below...),
	"internal/embargo":   append([]string{"access"}, below...),
	"internal/graphql":   append([]string{"access", "delivery"}, below...),
	"internal/webhook":   append([]string{"access", "webhook/rule"}, below...),
	"internal/demo":      append([]string{"access", "authoring", "demo/art"}, below...),
	"internal/demo/":     {},
	"internal/transfer":  append([]string{"access", "authoring"}, below...),

	// the edge: HTTP, never storage
	"internal/httpapi": append([]string{"access", "journal", "turn"}, ground...),
	"internal/httpapi/": append([]string{"httpapi", "journal", "access", "authoring", "delivery", "embargo", "graphql", "imaging", "blob"},
		append(rules, ground...)...),
	"internal/console": {"fault", "httpapi"},

	// putting it together
	"internal/detour":  {"fault", "fetch", "httpapi"},
	"internal/server":  {"*"},
	"internal/docgen":  {},
	"internal/arch":    {},
	"cmd/typecase":     {"server", "config", "authority", "detour", "fault", "journal", "httpapi/errorpage", "transfer", "typegen"},
	"clients":          {},
	"bench":            {"*"},
	"bench/space":      {},
	"bench/pocketbase": {}, // another module
	"internal/server/": {"*"},
}

// ruleFor is the line of the table for a package.
func ruleFor(pkg string) (allowed []string, ok bool) {
	if allowed, ok = mayImport[pkg]; ok {
		return allowed, true
	}
	best := ""
	for name := range mayImport {
		if strings.HasSuffix(name, "/") && strings.HasPrefix(pkg, name) && len(name) > len(best) {
			best = name
		}
	}
	return mayImport[best], best != ""
}

func helps(pkg string) bool { return strings.HasSuffix(pkg, "test") }

func TestImports(t *testing.T) {
	t.Parallel()
	for _, s := range tree(t) {
		if s.test || helps(s.pkg) {
			continue
		}
		allowed, ok := ruleFor(s.pkg)
		if !ok {
			t.Errorf("%s: package %s has no line in the table of imports", s.path, s.pkg)
			continue
		}
		for _, path := range s.imports {
			name, ours := strings.CutPrefix(path, module)
			if !ours {
				continue
			}
			name = strings.TrimPrefix(name, "internal/")
			if helps(name) {
				t.Errorf("%s imports %s, which is for tests", s.path, name)
			}
			if !slices.Contains(allowed, name) && !slices.Contains(allowed, "*") {
				t.Errorf("%s imports %s; %s may import %v only", s.path, name, s.pkg, allowed)
			}
		}
	}
}

// TestForeignImports: what belongs to one layer stays there.
func TestForeignImports(t *testing.T) {
	t.Parallel()
	// the only packages that may import each of these
	only := map[string][]string{
		"net/http":                  {"internal/httpapi", "internal/httpapi/", "internal/console", "internal/server", "internal/fetch", "internal/webhook", "internal/detour", "internal/blob/", "cmd/", "clients", "bench"},
		"database/sql":              {"internal/store/sqlstore"},
		"github.com/jackc/pgx/":     {"internal/store/sqlstore"},
		"modernc.org/":              {"internal/store/sqlstore"},
		"github.com/pressly/":       {"internal/store/sqlstore"},
		"github.com/alecthomas/":    {"internal/config", "cmd/"},
		"github.com/google/go-cmp/": {},
		"testing":                   {},
	}
	for _, s := range tree(t) {
		if s.test || helps(s.pkg) {
			continue
		}
		pure := s.pkg == "internal/fault" || s.pkg == "internal/cms" || s.pkg == "internal/nearest"
		for _, path := range s.imports {
			if pure && strings.Contains(path, ".") && !strings.HasPrefix(path, module) {
				t.Errorf("%s imports %s; %s needs the standard library only", s.path, path, s.pkg)
			}
			for what, where := range only {
				if path != what && !(strings.HasSuffix(what, "/") && strings.HasPrefix(path, what)) {
					continue
				}
				in := func(place string) bool {
					return s.pkg == place || strings.HasSuffix(place, "/") && strings.HasPrefix(s.pkg, place)
				}
				if !slices.ContainsFunc(where, in) {
					t.Errorf("%s imports %s, which only %v may", s.path, path, where)
				}
			}
		}
	}
}

// TestTableOfImports: the table itself has no line that can never apply.
func TestTableOfImports(t *testing.T) {
	t.Parallel()
	for pkg, allowed := range mayImport {
		for _, name := range allowed {
			if _, ok := ruleFor("internal/" + name); !ok && name != "*" {
				t.Errorf("%s may import %s, which the table does not know", pkg, name)
			}
		}
	}
	if _, ok := ruleFor("internal/nobody"); ok {
		t.Error("a package nobody has heard of has a rule")
	}
	if a, _ := ruleFor("internal/httpapi/cma"); slices.Contains(a, "store") || slices.Contains(a, "index") {
		t.Errorf("the management API may import %v", a)
	}
}
