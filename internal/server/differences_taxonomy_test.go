package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tests of docs/differences.md about the taxonomy.
func init() {
	differences[44] = func(t *testing.T, l *live) {
		concepts := l.concepts(t)
		with := func(id string) string {
			return `{"metadata":{"tags":[],"concepts":[{"sys":{"type":"Link","linkType":"TaxonomyConcept","id":"` + id + `"}}]},"fields":{}}`
		}
		l.succeeds(t, "PUT", concepts+"/wood", `{"prefLabel":{"en-US":"Wood"}}`)
		l.succeeds(t, "PUT", concepts+"/stone", `{"prefLabel":{"en-US":"Stone"}}`)
		l.model(t, "free", `{"name":"Free","fields":[]}`)
		l.fails(t, "POST", master+"/entries", testToken, with("nobody"), 422, "UnresolvedLinks", official, "X-Contentful-Content-Type: free")
		l.succeeds(t, "PUT", master+"/entries/free", with("stone"), "X-Contentful-Content-Type: free")
		l.succeeds(t, "PUT", master+"/entries/free/published", "", "X-Contentful-Version: 1")
		l.model(t, "bound", `{"name":"Bound","fields":[],"metadata":{"taxonomy":[{"sys":{"type":"Link","linkType":"TaxonomyConcept","id":"wood"},"required":true}]}}`)
		l.succeeds(t, "PUT", master+"/entries/bound", with("stone"), "X-Contentful-Content-Type: bound")
		body := l.fails(t, "PUT", master+"/entries/bound/published", testToken, "", 422, "InvalidEntry", official, "X-Contentful-Version: 1")
		if found := problems(t, body); len(found) != 2 || found[0]["name"] != "unexpected" || found[1]["name"] != "required" {
			t.Errorf("problems: %v", found)
		}
		if res, _ := l.send(t, "DELETE", concepts+"/stone", testToken, "", "X-Contentful-Version: 1"); res.StatusCode != http.StatusNoContent {
			t.Errorf("deletion: %d", res.StatusCode)
		}
		entry := l.succeeds(t, "PUT", master+"/entries/free", with("stone"), "X-Contentful-Version: 2")
		if !strings.Contains(fmt.Sprint(entry["metadata"]), "id:stone") {
			t.Errorf("metadata: %v", entry["metadata"])
		}
	}
	differences[45] = func(t *testing.T, l *live) {
		concepts := l.concepts(t)
		for _, id := range []string{"a", "b", "c"} {
			l.succeeds(t, "PUT", concepts+"/"+id, `{"prefLabel":{"en-US":"x"}}`)
		}
		read := func(params string) map[string]any {
			_, page := l.send(t, "GET", master+"/taxonomy/concepts?"+params, l.delivery, "")
			return page
		}
		_, token, _ := strings.Cut(read("limit=1&order=sys.id")["pages"].(map[string]any)["next"].(string), "pageNext=")
		next := read("pageNext=" + token)
		if diff := cmp.Diff(next, read("nextPage="+token)); diff != "" || len(next["items"].([]any)) != 1 {
			t.Errorf("(-pageNext +nextPage):\n%s", diff)
		}
		_, token, _ = strings.Cut(next["pages"].(map[string]any)["prev"].(string), "pagePrev=")
		if diff := cmp.Diff(read("pagePrev="+token), read("prevPage="+token)); diff != "" {
			t.Errorf("(-pagePrev +prevPage):\n%s", diff)
		}
	}
	differences[60] = func(t *testing.T, l *live) {
		concepts := l.concepts(t)
		deprecated := strings.Replace(concepts, "/taxonomy/", "/_typecase/taxonomy/", 1) + "/old/deprecated"
		with := func(id string) string {
			return `{"metadata":{"tags":[],"concepts":[` + conceptLink(id) + `]},"fields":{}}`
		}
		l.succeeds(t, "PUT", concepts+"/old", `{"prefLabel":{"en-US":"Old"}}`)
		l.succeeds(t, "PUT", concepts+"/new", `{"prefLabel":{"en-US":"New"}}`)
		l.model(t, "any", `{"name":"Any","fields":[]}`)
		l.succeeds(t, "PUT", master+"/entries/any-has", with("old"), "X-Contentful-Content-Type: any")
		l.succeeds(t, "PUT", deprecated, `{"replacedBy":`+conceptLink("new")+`}`, "X-Contentful-Version: 1")
		l.succeeds(t, "PUT", master+"/entries/any-has", with("old"), "X-Contentful-Version: 1")
		l.succeeds(t, "PUT", master+"/entries/any-has/published", "", "X-Contentful-Version: 2")
		body := l.fails(t, "PUT", master+"/entries/any-has-not", testToken, with("old"), 422, "InvalidEntry", official, "X-Contentful-Content-Type: any")
		if found := problems(t, body); len(found) != 1 || found[0]["name"] != "deprecated" || !strings.Contains(found[0]["details"].(string), `Use "new" instead.`) {
			t.Errorf("problems: %v", found)
		}
		_, shown := l.send(t, "GET", master+"/taxonomy/concepts/old", l.delivery, "")
		sys := shown["sys"].(map[string]any)
		if sys["deprecatedAt"] == nil || !strings.Contains(fmt.Sprint(sys["replacedBy"]), "id:new") || sys["deprecatedBy"] != nil {
			t.Errorf("delivered: %v", sys)
		}
		sys = l.succeeds(t, "DELETE", deprecated, "", "X-Contentful-Version: 2")["sys"].(map[string]any)
		if sys["deprecatedAt"] != nil {
			t.Errorf("taken back: %v", sys)
		}
		l.succeeds(t, "PUT", master+"/entries/any-has-not", with("old"), "X-Contentful-Content-Type: any")
	}
}

// concepts is the path of the only organization's concepts.
func (l *live) concepts(t *testing.T) string {
	t.Helper()
	organization := l.succeeds(t, "GET", "/organizations", "")["items"].([]any)[0].(map[string]any)
	return "/organizations/" + organization["sys"].(map[string]any)["id"].(string) + "/taxonomy/concepts"
}
