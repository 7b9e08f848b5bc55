package server

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/demo"
)

// TestWebhooksOfActions: what is done in the background is told when it is made and
// when it has ended, in whatever way, as the official clients read it.
func TestWebhooksOfActions(t *testing.T) {
	l, c := startCalling(t)
	l.model(t, "acted", `{"name":"Acted","fields":[{"id":"title","name":"Title","type":"Symbol","required":true}]}`)
	for id, body := range map[string]string{"good": `{"fields":{"title":{"en-US":"x"}}}`, "bad": `{}`} {
		l.succeeds(t, "PUT", master+"/entries/"+id, body, "X-Contentful-Content-Type: acted")
	}
	link := func(kind, id string) string {
		return `{"sys":{"type":"Link","linkType":"` + kind + `","id":"` + id + `"}}`
	}
	l.hook(t, "actions", `{"name":"Actions","url":"`+c.url+`/actions","topics":["BulkAction.*","Release.*","ReleaseAction.*","ScheduledAction.*"],`+
		`"filters":[{"equals":[{"doc":"sys.createdBy.sys.id"},"`+idOf(l.succeeds(t, "GET", "/users/me", ""))+`"]}]}`)
	told := func(topic string, want map[string]any) {
		t.Helper()
		r, body := c.next(t)
		if got := r.Header.Get("X-Contentful-Topic"); got != "ContentManagement."+topic {
			t.Fatalf("told of %s, want %s: %v", got, topic, body)
		}
		if diff := cmp.Diff(asJSON(t, want), asJSON(t, body)); diff != "" {
			t.Errorf("%s (-read +told):\n%s", topic, diff)
		}
	}
	read := func(path string) map[string]any {
		t.Helper()
		l.ended(t, path)
		return l.succeeds(t, "GET", path, "", "X-Contentful-User-Agent: sdk test")
	}
	for _, id := range []string{"good", "bad"} {
		versioned := `{"sys":{"type":"Link","linkType":"Entry","id":"` + id + `","version":1}}`
		bulk := l.succeeds(t, "POST", master+"/bulk_actions/publish", `{"entities":{"sys":{"type":"Array"},"items":[`+versioned+`]}}`)
		told("BulkAction.create", bulk)
		told("BulkAction.execute", read(master+"/bulk_actions/actions/"+idOf(bulk)))
	}
	release := l.succeeds(t, "POST", master+"/releases", `{"title":"Two","entities":{"items":[`+link("Entry", "good")+`,`+link("Entry", "bad")+`]}}`)
	told("Release.create", release)
	action := l.succeeds(t, "PUT", master+"/releases/"+idOf(release)+"/published", "", "X-Contentful-Version: 1")
	told("ReleaseAction.create", action)
	told("ReleaseAction.execute", read(master+"/releases/"+idOf(release)+"/actions/"+idOf(action)))

	const schedules = "/spaces/" + demo.SpaceID + "/scheduled_actions"
	planned := l.succeeds(t, "POST", schedules, `{"action":"unpublish","entity":`+link("Release", idOf(release))+`,"environment":`+link("Environment", "master")+`,
		"scheduledFor":{"datetime":"`+time.Now().Add(200*time.Millisecond).Format(time.RFC3339Nano)+`"}}`)
	told("ScheduledAction.create", planned)
	done := read(schedules + "/" + idOf(planned) + "?environment.sys.id=master")
	last := l.succeeds(t, "GET", master+"/releases/"+idOf(release), "")
	made := read(master + "/releases/" + idOf(release) + "/actions/" + at(last, "sys", "lastAction", "sys", "id").(string))
	got := map[string]map[string]any{} // of two entities: in any order
	for range 3 {
		r, body := c.next(t)
		got[r.Header.Get("X-Contentful-Topic")] = body
	}
	const created = "ContentManagement.ReleaseAction.create"
	if idOf(got[created]) != idOf(made) {
		t.Errorf("made %v, told of %v", made, got[created])
	}
	delete(got, created)
	want := map[string]map[string]any{"ContentManagement.ReleaseAction.execute": made, "ContentManagement.ScheduledAction.execute": done}
	if diff := cmp.Diff(asJSON(t, want), asJSON(t, got)); diff != "" {
		t.Errorf("of a schedule (-read +told):\n%s", diff)
	}
	later := l.succeeds(t, "POST", schedules, `{"action":"publish","entity":`+link("Entry", "good")+`,"environment":`+link("Environment", "master")+`,"scheduledFor":{"datetime":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"}}`)
	told("ScheduledAction.create", later)
	told("ScheduledAction.delete", l.succeeds(t, "DELETE", schedules+"/"+idOf(later)+"?environment.sys.id=master", ""))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
