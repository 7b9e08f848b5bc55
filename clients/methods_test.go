//go:build clients

package clients

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cma"
)

// elsewhere says why what the plain client asks for has no route, by the names of
// methods or of a part of the client. Routes that are listed as not built yet need
// no line here.
var elsewhere = map[string]string{
	"agent": artificial, "agentRun": artificial, "aiAction": artificial, "aiActionInvocation": artificial,
	"automationDefinition": artificial, "automationExecution": artificial,
	"semanticDuplicates": artificial, "semanticRecommendations": artificial, "semanticReferenceSuggestions": artificial,
	"semanticSearch": artificial, "semanticSettings": artificial, "contentSemanticsIndex": artificial,

	"appAccessToken": apps, "appAction": apps, "appActionCall": apps, "appBundle": apps, "appDefinition": apps, "appDetails": apps,
	"appEventSubscription": apps, "appInstallation": apps, "appKey": apps, "appSignedRequest": apps, "appSigningSecret": apps, "appUpload": apps,
	"function": apps, "functionLog": apps, "resource": apps, "resourceProvider": apps, "resourceType": apps, "oauthApplication": apps,

	"component": experiences, "componentType": experiences, "dataAssembly": experiences, "designToken": experiences,
	"experience": experiences, "experienceFragment": experiences, "experienceFragmentVariant": experiences, "experienceTemplate": experiences,
	"experienceVariant": experiences, "fragment": experiences, "template": experiences,

	"organizationInvitation": people, "organizationMembership": people, "role.getManyForOrganization": people,
	"spaceMember": people, "spaceMembership.getForOrganization": people, "spaceMembership.getManyForOrganization": people,
	"team": people, "teamMembership": people, "teamSpaceMembership": people, "accessToken.getManyForOrganization": people,

	"usage.getAggregated": together, "usage.getAssetBandwidthUsageDetailed": together,

	"environmentTemplate": templates, "environmentTemplateInstallation": templates,

	"entry.getPublishedWithCursor": noEndpoint, "asset.getPublishedWithCursor": noEndpoint,
}

const (
	artificial  = "what is made by models is no part of this server"
	apps        = "apps are not built yet"
	experiences = "Experience Orchestration is no part of this server"
	people      = "people, teams and roles are not built yet"
	together    = "not built yet"
	templates   = "templates of environments are no part of this server"
	noEndpoint  = "the client has a method, and nothing behind it"
)

const noMethod = "the web application and other tools ask for it"

// unasked says why the plain client has no method for what is built.
var unasked = map[string]string{
	"GET /spaces/{space}/environments/{environment}/public/content_types":      "only its raw requests ask for it",
	"GET /spaces/{space}/environments/{environment}/public/content_types/{id}": "only its raw requests ask for it",
	"GET /spaces/{space}/enablements":                                          noMethod, "PUT /spaces/{space}/enablements": noMethod,
	"GET /spaces/{space}/preview_environments": noMethod, "POST /spaces/{space}/preview_environments": noMethod,
	"GET /spaces/{space}/preview_environments/{id}": noMethod, "PUT /spaces/{space}/preview_environments/{id}": noMethod,
	"DELETE /spaces/{space}/preview_environments/{id}":                    noMethod,
	"GET /spaces/{space}/environments/{environment}/release_actions/{id}": "releaseAction.get asks for it below its release",
}

// addition is a route that the original does not have.
const addition = "/_typecase/"

// asked is what the plain client asks for, by method.
type asked map[string]struct {
	Ways  [][]string // requests: method and path, in which ids begin with "~"
	Error string     // why there are none
}

// plainClient calls every method of the plain client, without a server.
func plainClient(t *testing.T) asked {
	t.Helper()
	cmd := exec.Command(node(t), "contentful-management/methods.mjs")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("methods.mjs: %v", err)
	}
	var methods asked
	if err := json.Unmarshal(out, &methods); err != nil {
		t.Fatal(err)
	}
	if len(methods) < 400 {
		t.Fatalf("found %d methods only", len(methods))
	}
	return methods
}

// routes are the management API's, by method and pattern.
func routes() map[string]httpapi.Route {
	prefix := map[httpapi.Level]string{
		httpapi.SpaceLevel:       "/spaces/{space}",
		httpapi.EnvironmentLevel: "/spaces/{space}/environments/{environment}",
	}
	list := map[string]httpapi.Route{}
	for _, r := range cma.New(nil, "", nil, nil).Routes {
		list[r.Method+" "+prefix[r.Level]+r.Pattern] = r
	}
	return list
}

// meant is the pattern of the route that a request of methods.mjs has, and
// whether there is one.
func meant(list map[string]httpapi.Route, request string) (string, bool) {
	for pattern := range list {
		if sameShape(pattern, request) {
			return pattern, true
		}
	}
	return "", false
}

var wildcard = regexp.MustCompile(`^\{\w+\}$`)

func sameShape(pattern, request string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(request, "/")
	return slices.EqualFunc(a, b, func(p, r string) bool {
		id := strings.HasPrefix(r, "~") || r == "en-US"
		return wildcard.MatchString(p) && id || p == r
	})
}

// reason looks up a method or the part of the client it is in.
func reason(method string) (key, why string) {
	for key := method; ; {
		if why, ok := elsewhere[key]; ok {
			return key, why
		}
		i := strings.LastIndexByte(key, '.')
		if i < 0 {
			return "", ""
		}
		key = key[:i]
	}
}

// TestPlainClientAndRoutes holds the methods of the plain client against the
// list of routes: each has the other, or there is a reason.
func TestPlainClientAndRoutes(t *testing.T) {
	list, needed := routes(), map[string]bool{}
	callers := map[string][]string{} // of each route
	for method, is := range plainClient(t) {
		key, why := reason(method)
		lost := is.Error
		for _, request := range slices.Concat(is.Ways...) {
			if pattern, ok := meant(list, request); ok {
				callers[pattern] = append(callers[pattern], method)
			} else {
				lost = "there is no route for " + request
			}
		}
		switch {
		case lost != "" && why == "":
			t.Errorf("%s: %s", method, lost)
		case lost != "":
			needed[key] = true
		}
	}
	for key := range elsewhere {
		if !needed[key] {
			t.Errorf("all of %s has routes; it needs no reason any more", key)
		}
	}
	for pattern, r := range list {
		built := r.Handle != nil
		_, why := unasked[pattern]
		switch asks := len(callers[pattern]) > 0 || strings.Contains(pattern, addition); {
		case !asks && built && !why:
			t.Errorf("no method asks for %s", pattern)
		case asks && why:
			t.Errorf("%s is asked for by %v; it needs no reason any more", pattern, callers[pattern])
		}
	}
	for pattern := range unasked {
		if _, ok := list[pattern]; !ok {
			t.Errorf("%s is no route", pattern)
		}
	}
}

// mustCall are the methods for which all is built that they ask for, in one way at
// least.
func mustCall(t *testing.T) []string {
	t.Helper()
	list := routes()
	var methods []string
	for method, is := range plainClient(t) {
		unbuilt := func(request string) bool {
			pattern, ok := meant(list, request)
			return !ok || list[pattern].Handle == nil
		}
		if slices.ContainsFunc(is.Ways, func(way []string) bool { return !slices.ContainsFunc(way, unbuilt) }) {
			methods = append(methods, method)
		}
	}
	slices.Sort(methods)
	return methods
}

// checkCalled reads what the suites noted in dir, and says which methods that
// must be called succeeded in none of them.
func checkCalled(t *testing.T, dir string, methods []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for method := range strings.FieldsSeq(string(text)) {
			called[method] = true
		}
	}
	for _, method := range methods {
		if !called[method] {
			t.Errorf("no suite calls %s of the plain client with success", method)
		}
	}
}
