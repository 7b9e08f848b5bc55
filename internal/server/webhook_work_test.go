package server

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestWebhooksOfWork: tasks and comments are told as a read shows them, by the ids
// they have there.
func TestWebhooksOfWork(t *testing.T) {
	l, c := startCalling(t)
	l.model(t, "worked", `{"name":"Worked","fields":[]}`)
	const entry = master + "/entries/worked"
	l.succeeds(t, "PUT", entry, `{}`, "X-Contentful-Content-Type: worked")
	l.hook(t, "work", `{"name":"Work","url":"`+c.url+`/work","topics":["Task.*","Comment.*"]}`)
	me := idOf(l.succeeds(t, "GET", "/users/me", ""))
	told := func(topic string) map[string]any {
		t.Helper()
		r, body := c.next(t)
		if got := r.Header.Get("X-Contentful-Topic"); got != "ContentManagement."+topic {
			t.Fatalf("told of %s, want %s: %v", got, topic, body)
		}
		return body
	}
	task := l.succeeds(t, "POST", entry+"/tasks", `{"body":"Look","assignedTo":{"sys":{"type":"Link","linkType":"User","id":"`+me+`"}}}`)
	if said := told("Task.create"); asText(t, said) != asText(t, task) {
		t.Errorf("told of %v, read %v", said, task)
	}
	comment := l.succeeds(t, "POST", entry+"/comments", `{"body":"Why?"}`)
	if said := told("Comment.create"); asText(t, said) != asText(t, comment) {
		t.Errorf("told of %v, read %v", said, comment)
	}
	l.succeeds(t, "DELETE", entry+"/tasks/"+idOf(task), "", "X-Contentful-Version: 1")
	if gone := told("Task.delete"); idOf(gone) != idOf(task) || at(gone, "sys", "type") != "DeletedTask" {
		t.Errorf("told of %v", gone)
	}
	l.succeeds(t, "DELETE", entry, "")
	if gone := told("Comment.delete"); idOf(gone) != idOf(comment) {
		t.Errorf("told of %v", gone)
	}
}

// TestWebhooksOfWorkflows: what happens to workflows is told as a read shows them,
// and the end of one with who has completed it.
func TestWebhooksOfWorkflows(t *testing.T) {
	l, c := startCalling(t)
	l.model(t, "worked", `{"name":"Worked","fields":[]}`)
	const entry = master + "/entries/worked"
	l.succeeds(t, "PUT", entry, `{}`, "X-Contentful-Content-Type: worked")
	d := l.succeeds(t, "POST", master+"/workflow_definitions", `{"name":"Review","appliesTo":[{"type":"Link","linkType":"Entry","validations":[{"linkContentType":["worked"]}]}],"steps":[{"id":"a","name":"A"},{"id":"b","name":"B"}]}`)
	l.hook(t, "work", `{"name":"Work","url":"`+c.url+`/work","topics":["Workflow.*"]}`)
	told := func(action string, want map[string]any) {
		t.Helper()
		r, said := c.next(t)
		if got := r.Header.Get("X-Contentful-Topic"); got != "ContentManagement.Workflow."+action {
			t.Fatalf("told of %s, want %s: %v", got, action, said)
		}
		if asText(t, want) != asText(t, said) {
			t.Errorf("told of %v, read %v", said, want)
		}
	}
	body := `{"entity":{"sys":{"type":"Link","linkType":"Entry","id":"worked"}},"workflowDefinition":{"sys":{"type":"Link","linkType":"WorkflowDefinition","id":"` + idOf(d) + `"}},"stepId":"a"}`
	w := l.succeeds(t, "POST", master+"/workflows", body)
	told("create", w)
	w = l.succeeds(t, "PUT", master+"/workflows/"+idOf(w), `{"stepId":"b"}`, "X-Contentful-Version: 1")
	told("save", w)
	cancelled := l.succeeds(t, "POST", master+"/workflows", strings.Replace(body, idOf(d), idOf(l.succeeds(t, "POST", master+"/workflow_definitions", strings.Replace(asText(t, d), "Review", "Other", 1))), 1))
	told("create", cancelled)
	l.succeeds(t, "DELETE", master+"/workflows/"+idOf(cancelled), "", "X-Contentful-Version: 1") // which is not told
	l.succeeds(t, "PUT", master+"/workflows/"+idOf(w)+"/complete", "", "X-Contentful-Version: 2")
	r, said := c.next(t)
	if got := r.Header.Get("X-Contentful-Topic"); got != "ContentManagement.Workflow.complete" {
		t.Fatalf("told of %s: %v", got, said)
	}
	sys := w["sys"].(map[string]any)
	sys["version"], sys["completedBy"] = 3, sys["createdBy"]
	sys["completedAt"], sys["updatedAt"] = at(said, "sys", "completedAt"), at(said, "sys", "completedAt")
	if asText(t, w) != asText(t, said) || sys["completedAt"] == nil {
		t.Errorf("told of %v, not %v", said, w)
	}
}

// TestWebhooksOfReleases: what is saved in a release is told as a read shows it, the
// first time too, and what a release publishes says which version of it did so.
func TestWebhooksOfReleases(t *testing.T) {
	l, c := startCalling(t)
	l.model(t, "told", `{"name":"Told","fields":[]}`)
	release := idOf(l.succeeds(t, "POST", master+"/releases", `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"R","entities":{"items":[]}}`))
	path := master + "/releases/" + release
	l.hook(t, "releases", `{"name":"Releases","url":"`+c.url+`/r","topics":["ReleaseEntry.*","ReleaseAsset.save","Entry.publish"]}`)
	told := func(topic string, made map[string]any, action any) {
		t.Helper()
		r, body := c.next(t)
		want := map[string]any{"X-Contentful-Topic": "ContentManagement." + topic, "X-Contentful-Release-Id": release, "X-Contentful-Release-Version-Id": "", "X-Contentful-Release-Action-Id": ""}
		if action != nil {
			want["X-Contentful-Release-Version-Id"], want["X-Contentful-Release-Action-Id"] = "4", action
		}
		for name, value := range want {
			if got := r.Header.Get(name); got != value {
				t.Errorf("%s: %q, want %q", name, got, value)
			}
		}
		if made != nil && asText(t, body) != asText(t, made) {
			t.Errorf("told of %v, read %v", body, made)
		}
	}
	told("ReleaseEntry.save", l.succeeds(t, "PUT", path+"/entries/told", `{}`, "X-Contentful-Content-Type: told"), nil)
	told("ReleaseEntry.save", l.succeeds(t, "PUT", path+"/entries/told", `{}`, "X-Contentful-Version: 1"), nil)
	asset := l.succeeds(t, "PUT", path+"/assets/told", `{}`)
	told("ReleaseAsset.save", asset, nil)
	l.succeeds(t, "PUT", path, `{"title":"R","entities":{"items":[{"entity":{"sys":{"type":"Link","linkType":"Entry","id":"told"}},"action":"publish"}]}}`, "X-Contentful-Version: 3")
	begun := l.succeeds(t, "PUT", path+"/published", "", "X-Contentful-Version: 4")
	told("Entry.publish", nil, idOf(begun))
}

func asText(t *testing.T, v map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
