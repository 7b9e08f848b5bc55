package server

import (
	"encoding/json"
	"fmt"
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
	differences[55] = func(t *testing.T, l *live) {
		l.model(t, "moved", `{"name":"Moved","fields":[]}`)
		const entry = master + "/entries/moved"
		l.succeeds(t, "PUT", entry, `{}`, "X-Contentful-Content-Type: moved")
		me := idOf(l.succeeds(t, "GET", "/users/me", ""))
		user := `{"sys":{"type":"Link","linkType":"User","id":"` + me + `"}}`
		d := idOf(l.succeeds(t, "POST", master+"/workflow_definitions", `{"name":"Review","appliesTo":[{"type":"Link","linkType":"Entry","validations":[{"linkContentType":["moved"]}]}],"steps":[{"id":"a","name":"A",
			"permissions":[{"type":"entity_permission","configuration":{"actors":"all","action":"edit","effect":"deny"}}],"actions":[
			{"type":"task","configuration":{"assignee":`+user+`,"body":"Look","dueDate":1}},{"type":"email","configuration":{"recipients":["a@example.com"]}},{"type":"app","appId":"a","appActionId":"b"}]}]}`))
		l.fails(t, "POST", master+"/workflow_definitions", testToken, `{"name":"Localized","variables":[]}`, 422, "ValidationFailedError")
		begin := func() string {
			return idOf(l.succeeds(t, "POST", master+"/workflows", `{"entity":{"sys":{"type":"Link","linkType":"Entry","id":"moved"}},"workflowDefinition":{"sys":{"type":"Link","linkType":"WorkflowDefinition","id":"`+d+`"}},"stepId":"a"}`))
		}
		first := begin()
		if n := fmt.Sprint(l.succeeds(t, "GET", entry+"/tasks", "")["total"]); n != "1" {
			t.Errorf("%s tasks were made", n)
		}
		l.succeeds(t, "PUT", entry, `{}`, "X-Contentful-Version: 1") // the owner is not bound
		l.fails(t, "DELETE", master+"/workflow_definitions/"+d, testToken, "", 422, "ValidationFailedError", "X-Contentful-Version: 1")
		l.succeeds(t, "POST", master+"/workflows/"+first+"/versions/1/comments", `{"body":"Go"}`)
		l.succeeds(t, "PUT", master+"/workflows/"+first+"/complete", "", "X-Contentful-Version: 1")
		l.fails(t, "GET", master+"/workflows/"+first, testToken, "", 404, "NotFoundError")
		if n := fmt.Sprint(l.succeeds(t, "GET", master+"/workflows/"+first+"/comments", "")["total"]); n != "1" {
			t.Errorf("of what has ended there are %s comments", n)
		}
		begin()
		l.succeeds(t, "DELETE", entry, "")
		if n := fmt.Sprint(l.succeeds(t, "GET", master+"/workflows_changelog?entity.sys.linkType=entry&entity.sys.id=moved", "")["total"]); n != "4" {
			t.Errorf("%s events are kept", n)
		}
		l.succeeds(t, "DELETE", master+"/workflow_definitions/"+d, "", "X-Contentful-Version: 1")
	}
}
