package server

import (
	"encoding/json"
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
	text := func(v map[string]any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	task := l.succeeds(t, "POST", entry+"/tasks", `{"body":"Look","assignedTo":{"sys":{"type":"Link","linkType":"User","id":"`+me+`"}}}`)
	if said := told("Task.create"); text(said) != text(task) {
		t.Errorf("told of %v, read %v", said, task)
	}
	comment := l.succeeds(t, "POST", entry+"/comments", `{"body":"Why?"}`)
	if said := told("Comment.create"); text(said) != text(comment) {
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
