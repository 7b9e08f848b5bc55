package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/demo"
)

// The tests of docs/differences.md about what is done to many entities together.
func init() {
	differences[41] = func(t *testing.T, l *live) {
		const count = 1001
		l.model(t, "many", `{"name":"Many","fields":[{"id":"links","name":"Links","type":"Array","items":{"type":"Link","linkType":"Entry"}}]}`)
		const of = "X-Contentful-Content-Type: many"
		links := make([]string, count)
		for i := range links {
			id := fmt.Sprintf("many-%d", i)
			links[i] = fmt.Sprintf(`{"sys":{"type":"Link","linkType":"Entry","id":%q}}`, id)
			l.succeeds(t, "PUT", master+"/entries/"+id, `{}`, of)
		}
		l.succeeds(t, "PUT", master+"/entries/many-half", `{"fields":{"links":{"en-US":[`+strings.Join(links[:500], ",")+`]}}}`, of)
		l.succeeds(t, "PUT", master+"/entries/many-all", `{"fields":{"links":{"en-US":[{"sys":{"type":"Link","linkType":"Entry","id":"many-half"}},`+strings.Join(links[500:], ",")+`]}}}`, of)
		for include, truncated := range map[int]bool{1: false, 2: true} {
			body := l.succeeds(t, "GET", fmt.Sprintf("%s/entries/many-all/references?include=%d", master, include), "")
			if (body["truncated"] == true) != truncated {
				t.Errorf("include=%d: truncated is %v", include, body["truncated"])
			}
		}
	}
	differences[43] = func(t *testing.T, l *live) {
		l.model(t, "needy", `{"name":"Needy","fields":[{"id":"title","name":"Title","type":"Symbol","required":true}]}`)
		for id, body := range map[string]string{"whole": `{"fields":{"title":{"en-US":"x"}}}`, "hollow": `{}`} {
			l.succeeds(t, "PUT", master+"/entries/"+id, body, "X-Contentful-Content-Type: needy")
		}
		const link = `{"sys":{"type":"Link","linkType":"Entry","version":1,"id":`
		made := l.succeeds(t, "POST", master+"/bulk_actions/publish", `{"entities":{"items":[`+link+`"whole"}},`+link+`"hollow"}}]}}`)
		a := l.ended(t, master+"/bulk_actions/actions/"+idOf(made))
		raw, err := json.Marshal(a["error"])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"BulkActionFailed"`, `"id":"hollow"`, `"InvalidEntryError"`, `"The property \"title\" is required here"`} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("no %s in %s", want, raw)
			}
		}
		if e := l.succeeds(t, "GET", master+"/entries/whole", ""); at(e, "sys", "publishedVersion") != nil {
			t.Error("one of the entities was published")
		}
	}
	differences[49] = func(t *testing.T, l *live) {
		l.model(t, "needed", `{"name":"Needed","fields":[{"id":"title","name":"Title","type":"Symbol","required":true}]}`)
		l.succeeds(t, "PUT", master+"/entries/needed", `{}`, "X-Contentful-Content-Type: needed")
		const body = `{"title":"Both","entities":{"items":[{"sys":{"type":"Link","linkType":"Entry","id":"needed"}}]}}`
		path := master + "/releases/" + idOf(l.succeeds(t, "POST", master+"/releases", body))
		publish := func(version string) map[string]any {
			begun := l.succeeds(t, "PUT", path+"/published", "", "X-Contentful-Version: "+version)
			return l.ended(t, path+"/actions/"+idOf(begun))
		}
		if a := publish("1"); at(a, "error", "sys", "id") != "ReleaseActionFailed" || at(a, "error", "details", "errors") == nil {
			t.Errorf("%v", a)
		}
		l.succeeds(t, "PUT", master+"/entries/needed", `{"fields":{"title":{"en-US":"x"}}}`, "X-Contentful-Version: 1")
		if a := publish("1"); at(a, "sys", "status") != "succeeded" {
			t.Errorf("%v", a)
		}
		if r := l.succeeds(t, "GET", path, ""); at(r, "sys", "status") != "archived" {
			t.Errorf("%v", r)
		}
	}
	differences[50] = func(t *testing.T, l *live) {
		l.model(t, "planned", `{"name":"Planned","fields":[]}`)
		l.succeeds(t, "PUT", master+"/entries/planned", `{}`, "X-Contentful-Content-Type: planned")
		const schedules = "/spaces/" + demo.SpaceID + "/scheduled_actions"
		body := func(more string) string {
			return `{"action":"publish","entity":{"sys":{"type":"Link","linkType":"Entry","id":"planned"}},"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
				"scheduledFor":{"datetime":"` + time.Now().Add(500*time.Millisecond).Format(time.RFC3339Nano) + `"}` + more + `}`
		}
		l.fails(t, "POST", schedules, testToken, body(`,"payload":{"withReferences":{"sys.contentType.sys.id":["x"]}}`), 400, "BadRequestError")
		made := l.succeeds(t, "POST", schedules, body(""))
		a := l.ended(t, schedules+"/"+idOf(made)+"?environment.sys.id=master")
		if at(a, "sys", "status") != "succeeded" || at(a, "executedAt") == nil || at(a, "lateBy") != nil {
			t.Errorf("%v", a)
		}
		if e := l.succeeds(t, "GET", master+"/entries/planned", ""); fmt.Sprint(at(e, "sys", "publishedVersion")) != "1" {
			t.Errorf("%v", e)
		}
	}
	differences[57] = func(t *testing.T, l *live) {
		l.model(t, "future", `{"name":"Future","fields":[{"id":"title","name":"Title","type":"Symbol"}]}`)
		title := func(s string) string { return `{"fields":{"title":{"en-US":"` + s + `"}}}` }
		for _, id := range []string{"future", "beside"} {
			l.succeeds(t, "PUT", master+"/entries/"+id, title("now"), "X-Contentful-Content-Type: future")
		}
		l.succeeds(t, "PUT", master+"/entries/future/published", "", "X-Contentful-Version: 1")
		release := func(items string) string {
			return `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"Later","entities":{"items":[` + items + `]}}`
		}
		const item = `{"entity":{"sys":{"type":"Link","linkType":"Entry","id":"future"}},"action":"publish"}`
		path := master + "/releases/" + idOf(l.succeeds(t, "POST", master+"/releases", release(item)))
		shows := func(entry, want string) {
			t.Helper()
			e := l.succeeds(t, "GET", entry, "")
			if got := fmt.Sprint(at(e, "fields", "title", "en-US"), " ", at(e, "sys", "version"), " ", at(e, "sys", "publishedVersion")); got != want {
				t.Errorf("%s is %s, want %s", entry, got, want)
			}
		}
		shows(path+"/entries/future", "now 2 <nil>")
		l.succeeds(t, "PUT", path+"/entries/future", title("later"), "X-Contentful-Version: 2")
		l.succeeds(t, "PUT", path+"/entries/beside", title("later"), "X-Contentful-Version: 1")
		l.succeeds(t, "PUT", master+"/entries/future", title("meanwhile"), "X-Contentful-Version: 2")
		shows(path+"/entries/future", "later 3 <nil>")
		shows(path+"/entries/beside", "later 2 <nil>")
		l.succeeds(t, "PUT", path, release(item), "X-Contentful-Version: 2")
		l.fails(t, "GET", path+"/entries/beside", testToken, "", 404, "NotFoundError")
		begun := l.succeeds(t, "PUT", path+"/published", "", "X-Contentful-Version: 3")
		if a := l.ended(t, path+"/actions/"+idOf(begun)); at(a, "sys", "status") != "succeeded" {
			t.Errorf("%v", a)
		}
		shows(master+"/entries/future", "later 5 4")
		shows(master+"/entries/beside", "now 1 <nil>")
		past := l.succeeds(t, "GET", master+"/_typecase/history/entries/future/3", "")
		if got := at(past, "entity", "fields", "title", "en-US"); got != "meanwhile" {
			t.Errorf("version 3 is %v", got)
		}
	}
	differences[59] = func(t *testing.T, l *live) {
		l.model(t, "planned-later", `{"name":"Later","fields":[{"id":"title","name":"Title","type":"Symbol"}]}`)
		title := func(s string) string { return `{"fields":{"title":{"en-US":"` + s + `"}}}` }
		item := func(id, action string) string {
			return `{"entity":{"sys":{"type":"Link","linkType":"Entry","id":"` + id + `"}},"action":"` + action + `"}`
		}
		for _, id := range []string{"line-a", "line-b"} {
			l.succeeds(t, "PUT", master+"/entries/"+id, title("published"), "X-Contentful-Content-Type: planned-later")
			l.succeeds(t, "PUT", master+"/entries/"+id+"/published", "", "X-Contentful-Version: 1")
			l.succeeds(t, "PUT", master+"/entries/"+id, title("draft"), "X-Contentful-Version: 2")
		}
		release := func(items ...string) string {
			return idOf(l.succeeds(t, "POST", master+"/releases", `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"R","entities":{"items":[`+strings.Join(items, ",")+`]}}`))
		}
		first, loose := release(item("line-a", "publish")), release(item("line-b", "unpublish"))
		day := time.Now().UTC().Add(24 * time.Hour)
		for action, entity := range map[string]string{"publish": `"linkType":"Release","id":"` + first + `"`, "unpublish": `"linkType":"Entry","id":"line-b"`} {
			l.succeeds(t, "POST", "/spaces/"+demo.SpaceID+"/scheduled_actions", `{"action":"`+action+`","entity":{"sys":{"type":"Link",`+entity+`}},
				"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},"scheduledFor":{"datetime":"`+day.Format(time.RFC3339)+`"}}`)
		}
		for moment, want := range map[string]string{
			"timestamp[lte]=" + day.Add(-time.Minute).Format(time.RFC3339):          "line-a published, line-b published",
			"timestamp[lte]=" + day.Format(time.RFC3339):                            "line-a draft, line-b published",
			"release[lte]=" + first:                                                 "line-a draft, line-b published",
			"release[lte]=" + loose:                                                 "line-a published",
			"release[lte]=" + loose + "&timestamp[lte]=" + day.Format(time.RFC3339): "line-a draft",
		} {
			res, page := l.send(t, "GET", master+"/timeline/entries?content_type=planned-later&order=sys.id&"+moment, l.preview, "")
			items, _ := page["items"].([]any)
			var got []string
			for _, e := range items {
				got = append(got, fmt.Sprint(idOf(e.(map[string]any)), " ", at(e.(map[string]any), "fields", "title")))
			}
			if res.StatusCode != 200 || strings.Join(got, ", ") != want {
				t.Errorf("%s: %d %v, want %s", moment, res.StatusCode, got, want)
			}
		}
	}
}

// ended waits for an action to end.
func (l *live) ended(t *testing.T, path string) map[string]any {
	t.Helper()
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		a := l.succeeds(t, "GET", path, "")
		if s := at(a, "sys", "status"); s == "succeeded" || s == "failed" {
			return a
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("it does not end")
		}
	}
}

// at is what is at a path in an answer.
func at(body map[string]any, path ...string) any {
	var v any = body
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func idOf(body map[string]any) string { return fmt.Sprint(at(body, "sys", "id")) }

// succeeds makes a management request that has to succeed and returns its answer.
func (l *live) succeeds(t *testing.T, method, path, body string, header ...string) map[string]any {
	t.Helper()
	res, got := l.send(t, method, path, testToken, body, header...)
	if res.StatusCode >= 300 {
		t.Errorf("%s %s: %d %v", method, path, res.StatusCode, got)
	}
	return got
}

// model makes and activates a content type.
func (l *live) model(t *testing.T, id, body string) {
	t.Helper()
	l.succeeds(t, "PUT", master+"/content_types/"+id, body)
	l.succeeds(t, "PUT", master+"/content_types/"+id+"/published", "", "X-Contentful-Version: 1")
}
