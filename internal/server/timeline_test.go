package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// TestTimeline looks at what releases will make of a site: as items, by themselves
// and as what is linked to, by number and by cursor, until it is so.
func TestTimeline(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*config.Config){
		"SQLite":     func(*config.Config) {},
		"PostgreSQL": func(cfg *config.Config) { cfg.Database = config.Database(pgtest.URL(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onTimeline(t, startLive(t, change))
		})
	}
}

func onTimeline(t *testing.T, l *live) {
	l.model(t, "later", `{"name":"Later","fields":[{"id":"title","name":"T","type":"Symbol"},{"id":"next","name":"N","type":"Link","linkType":"Entry"},{"id":"image","name":"I","type":"Link","linkType":"Asset"}]}`)
	const of = "X-Contentful-Content-Type: later"
	link := func(kind, id string) string {
		return fmt.Sprintf(`{"sys":{"type":"Link","linkType":%q,"id":%q}}`, kind, id)
	}
	fields := func(title string) string {
		image := ""
		if title == "spring" {
			image = `,"image":{"en-US":` + link("Asset", "later-i") + `}`
		}
		return `{"title":{"en-US":"` + title + `"},"next":{"en-US":` + link("Entry", "later-b") + `}` + image + `}`
	}
	for _, id := range []string{"later-b", "later-a"} {
		l.succeeds(t, "PUT", master+"/entries/"+id, `{"fields":`+fields("now")+`}`, of)
		l.succeeds(t, "PUT", master+"/entries/"+id+"/published", "", "X-Contentful-Version: 1")
	}
	item := func(id string) string { return `{"entity":` + link("Entry", id) + `,"action":"publish"}` }
	release := func(title string, items ...string) (id, path string) {
		id = idOf(l.succeeds(t, "POST", master+"/releases", `{"sys":{"type":"Release","schemaVersion":"Release.v2"},"title":"`+title+`","entities":{"items":[`+strings.Join(items, ",")+`]}}`))
		return id, master + "/releases/" + id
	}
	spring, inSpring := release("Spring", item("later-b"))
	summer, inSummer := release("Summer", item("later-a"))
	made := map[string]map[string]any{
		"b":   l.succeeds(t, "PUT", inSpring+"/entries/later-b", `{"fields":`+fields("spring")+`}`, "X-Contentful-Version: 2"),
		"new": l.succeeds(t, "PUT", inSummer+"/entries/later-new", `{"fields":`+fields("summer")+`}`, of),
		"a":   l.succeeds(t, "PUT", inSummer+"/entries/later-a", `{"fields":`+fields("summer")+`}`, "X-Contentful-Version: 2"),
		"i":   l.succeeds(t, "PUT", inSpring+"/assets/later-i", `{"fields":{"title":{"en-US":"I"}}}`),
	}
	start := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Second)
	for i, id := range []string{spring, summer} {
		l.succeeds(t, "POST", "/spaces/"+demo.SpaceID+"/scheduled_actions", `{"action":"publish","entity":`+link("Release", id)+`,"environment":`+link("Environment", "master")+
			`,"scheduledFor":{"datetime":"`+start.Add(time.Duration(i)*time.Hour).Format(time.RFC3339)+`"}}`)
	}
	sys := func(kind, id string, e map[string]any, published string) string {
		s := `"sys":{"space":` + link("Space", demo.SpaceID) + `,"id":"` + id + `","type":"` + kind + `","createdAt":"` + fmt.Sprint(at(e, "sys", "createdAt")) + `","updatedAt":"` + fmt.Sprint(at(e, "sys", "updatedAt")) +
			`","environment":` + link("Environment", "master") + published
		if kind == "Entry" {
			s += `,"contentType":` + link("ContentType", "later")
		}
		return `"metadata":{"tags":[],"concepts":[]},` + s + `,"locale":"en-US"}`
	}
	entry := func(id string, e map[string]any, title string) string {
		published, image := `,"revision":0`, ""
		if title == "spring" {
			image = `,"image":` + link("Asset", "later-i")
		}
		if title == "now" {
			published = `,"publishedVersion":1,"revision":1`
		}
		return `{` + sys("Entry", id, e, published) + `,"fields":{"title":"` + title + `","next":` + link("Entry", "later-b") + image + `}}`
	}
	asset := `{` + sys("Asset", "later-i", made["i"], `,"revision":0`) + `,"fields":{"title":"I"}}`
	now := map[string]map[string]any{}
	for _, id := range []string{"a", "b"} {
		now[id] = l.succeeds(t, "GET", master+"/entries/later-"+id, "")
	}
	list := func(total string, items ...string) string {
		return `{"sys":{"type":"Array"},` + total + `"items":[` + strings.Join(items, ",") + `]`
	}
	shows := func(path, want string) {
		t.Helper()
		res, got := l.send(t, http.MethodGet, master+"/timeline/"+path, l.preview, "")
		if res.StatusCode != 200 || asText(t, got) != asText(t, jsonOf(t, want)) {
			t.Errorf("%s: %d (-want +got)\n-%s\n+%s", path, res.StatusCode, asText(t, jsonOf(t, want)), asText(t, got))
		}
	}
	hour := func(n int) string {
		return "timestamp%5Blte%5D=" + start.Add(time.Duration(n)*time.Hour).Format(time.RFC3339)
	}
	const query = "entries?content_type=later&order=sys.id&"
	a, b, n := entry("later-a", made["a"], "summer"), entry("later-b", made["b"], "spring"), entry("later-new", made["new"], "summer")
	shows(query+hour(-1), list(`"total":2,"skip":0,"limit":100,`, entry("later-a", now["a"], "now"), entry("later-b", now["b"], "now"))+`}`)
	shows(query+hour(0), list(`"total":2,"skip":0,"limit":100,`, entry("later-a", now["a"], "now"), b)+`,"includes":{"Asset":[`+asset+`]}}`)
	shows(query+hour(1), list(`"total":3,"skip":0,"limit":100,`, a, b, n)+`,"includes":{"Asset":[`+asset+`]}}`)
	shows(query+"release[lte]="+spring, list(`"total":2,"skip":0,"limit":100,`, entry("later-a", now["a"], "now"), b)+`,"includes":{"Asset":[`+asset+`]}}`)
	shows(query+"include=0&limit=1&skip=1&release[lte]="+summer, list(`"total":3,"skip":1,"limit":1,`, b)+`}`)
	shows(query+"fields.title=summer&limit=1&release[lte]="+summer+"&"+hour(-1), list(`"total":2,"skip":0,"limit":1,`, a)+`,"includes":{"Entry":[`+entry("later-b", now["b"], "now")+`]}}`)
	shows("entries?include=0&content_type=later&fields.next.sys.contentType.sys.id=later&fields.next.fields.title=spring&order=-sys.id&limit=2&release[lte]="+summer, list(`"total":3,"skip":0,"limit":2,`, n, b)+`}`)
	shows("entries/later-b?release[lte]="+summer, b)
	shows("entries/later-b?"+hour(-1), entry("later-b", now["b"], "now"))
	shows("assets?sys.id=later-i&release[lte]="+spring, list(`"total":1,"skip":0,"limit":100,`, asset)+`}`)
	shows("assets/later-i?release[lte]="+summer, asset)
	shows("entries?content_type=later&select=sys.id&order=sys.id&release[lte]="+summer, list(`"total":3,"skip":0,"limit":100,`, `{"sys":{"id":"later-a"}}`, `{"sys":{"id":"later-b"}}`, `{"sys":{"id":"later-new"}}`)+`}`)

	var seen []string
	for path := master + "/timeline/entries?content_type=later&select=sys.id&order=sys.id&cursor=true&limit=2&release[lte]=" + summer; path != ""; {
		res, page := l.send(t, http.MethodGet, path, l.preview, "")
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d %v", path, res.StatusCode, page)
		}
		for _, e := range page["items"].([]any) {
			seen = append(seen, idOf(e.(map[string]any)))
		}
		path, _ = at(page, "pages", "next").(string)
	}
	if got := strings.Join(seen, " "); got != "later-a later-b later-new" {
		t.Errorf("by cursor %s", got)
	}
	l.fails(t, "GET", master+"/timeline/entries/later-new?release[lte]="+spring, l.preview, "", 404, "NotFoundError")
	l.fails(t, "GET", master+"/timeline/assets/later-i?"+hour(-1), l.preview, "", 404, "NotFoundError")

	begun := l.succeeds(t, "PUT", inSummer+"/published", "", "X-Contentful-Version: 2")
	if action := l.ended(t, inSummer+"/actions/"+idOf(begun)); at(action, "sys", "status") != "succeeded" {
		t.Errorf("%v", action)
	}
	_, got := l.send(t, http.MethodGet, master+"/timeline/"+query+"select=fields.title,sys.id&"+hour(-1), l.preview, "")
	want := list(`"total":3,"skip":0,"limit":100,`, `{"fields":{"title":"summer"},"sys":{"id":"later-a"}}`, `{"fields":{"title":"now"},"sys":{"id":"later-b"}}`, `{"fields":{"title":"summer"},"sys":{"id":"later-new"}}`) + `}`
	if asText(t, got) != asText(t, jsonOf(t, want)) {
		t.Errorf("after it is published %v", got)
	}
}

func jsonOf(t *testing.T, s string) map[string]any {
	t.Helper()
	var v map[string]any
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}
