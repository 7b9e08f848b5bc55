package server

import (
	"encoding/json"
	"strings"
	"testing"
)

// The tests of docs/differences.md about people who work together.
func init() {
	differences[51] = func(t *testing.T, l *live) {
		l.model(t, "worked", `{"name":"Worked","fields":[]}`)
		const entry = master + "/entries/worked"
		l.succeeds(t, "PUT", entry, `{}`, "X-Contentful-Content-Type: worked")
		me := idOf(l.succeeds(t, "GET", "/users/me", ""))
		task := func(linkType, id string) string {
			return `{"body":"Look","assignedTo":{"sys":{"type":"Link","linkType":"` + linkType + `","id":"` + id + `"}}}`
		}
		l.succeeds(t, "POST", entry+"/tasks", task("User", me))
		l.fails(t, "POST", entry+"/tasks", testToken, task("Team", "editors"), 422, "ValidationFailedError")
		if f := l.fails(t, "PUT", entry+"/published", testToken, "", 400, "BadRequestError", "X-Contentful-Version: 1"); f["message"] != "Cannot publish with unresolved tasks" {
			t.Errorf("publishing answers %v", f)
		}
		raw, err := json.Marshal(l.succeeds(t, "GET", master+"/_typecase/publish_blockers?entry=worked", ""))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), "Cannot publish with unresolved tasks") {
			t.Errorf("blockers are %s", raw)
		}
		first := idOf(l.succeeds(t, "POST", entry+"/comments", `{"body":"Why?"}`))
		answer := idOf(l.succeeds(t, "POST", entry+"/comments", `{"body":"So"}`, "X-Contentful-Parent-Id: "+first))
		l.succeeds(t, "DELETE", entry+"/comments/"+first, "", "X-Contentful-Version: 1")
		l.fails(t, "GET", entry+"/comments/"+answer, testToken, "", 404, "NotFoundError")
		last := idOf(l.succeeds(t, "POST", entry+"/comments", `{"body":"Bye"}`))
		l.succeeds(t, "DELETE", entry, "")
		trash := l.succeeds(t, "GET", master+"/_typecase/trash?type=Entry&limit=1", "")
		l.succeeds(t, "POST", master+"/_typecase/trash/"+idOf(trash["items"].([]any)[0].(map[string]any))+"/restore", "")
		l.fails(t, "GET", entry+"/comments/"+last, testToken, "", 404, "NotFoundError")
		l.succeeds(t, "PUT", entry+"/published", "", "X-Contentful-Version: 2")
	}
}
