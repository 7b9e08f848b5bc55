package server

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const localeBased = "X-Contentful-Locale-Based-Publishing: true"

// TestLocaleBasedPublishing follows an entry from a publication in one locale to
// what delivery, preview and sync show of it, on a whole server.
func TestLocaleBasedPublishing(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	const entry = master + "/entries/one"
	l.model(t, "leaf", `{"name":"Leaf","fields":[{"id":"title","name":"Title","type":"Symbol","localized":true,"required":true},{"id":"n","name":"N","type":"Integer"}]}`)
	fields := `{"fields":{"title":{"en-US":"a","de-DE":"ä"},"n":{"en-US":1}}}`
	l.must(t, "PUT", entry, fields, "X-Contentful-Content-Type: leaf")
	_, start := l.send(t, "GET", master+"/sync?initial=true&type=Entry&content_type=leaf", l.delivery, "")
	since := syncToken(t, start)

	shown := func(token, params string, header ...string) string {
		t.Helper()
		res, body := l.send(t, "GET", entry+params, token, "", header...)
		if res.StatusCode != 200 {
			id, _ := body["sys"].(map[string]any)["id"].(string)
			return id
		}
		got, err := json.Marshal(body["fields"])
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	delta := func() string {
		t.Helper()
		_, page := l.send(t, "GET", master+"/sync?sync_token="+since, l.delivery, "", localeBased)
		since = syncToken(t, page)
		var items []string
		for _, item := range page["items"].([]any) {
			item := item.(map[string]any)
			got, err := json.Marshal(item["fields"])
			if err != nil {
				t.Fatal(err)
			}
			items = append(items, item["sys"].(map[string]any)["type"].(string)+" "+string(got))
		}
		return strings.Join(items, ", ")
	}
	check := func(what string, want ...string) {
		t.Helper()
		got := []string{
			shown(l.delivery, ""), shown(l.delivery, "?locale=de-DE"), shown(l.delivery, "?locale=*"),
			shown(l.delivery, "", localeBased), shown(l.delivery, "?locale=de-DE", localeBased), shown(l.delivery, "?locale=*", localeBased),
			delta(),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		for _, header := range [][]string{nil, {localeBased}} {
			if got := shown(l.preview, "", header...) + shown(l.preview, "?locale=de-DE", header...); got != `{"n":1,"title":"a"}{"n":1,"title":"ä"}` {
				t.Errorf("%s: the draft is %s", what, got)
			}
		}
	}

	check("a draft", "NotFoundError", "NotFoundError", "NotFoundError", "NotFoundError", "NotFoundError", "NotFoundError", "")
	l.must(t, "PUT", entry+"/published", `{"add":{"fields":{"*":["de-DE"]}}}`, "X-Contentful-Version: 1")
	german := `{"title":{"de-DE":"ä"}}`
	check("German", `{}`, `{"title":"ä"}`, german, "NotFoundError", `{"title":"ä"}`, german, "Entry "+german)
	l.must(t, "PUT", entry+"/published", `{"add":{"fields":{"*":["en-US"]}},"remove":{"fields":{"*":["de-DE"]}}}`, "X-Contentful-Version: 2")
	english := `{"n":{"en-US":1},"title":{"en-US":"a"}}`
	check("English", `{"n":1,"title":"a"}`, `{"n":1,"title":"a"}`, english, `{"n":1,"title":"a"}`, "NotFoundError", english, "Entry "+english)

	// a copy has the same locales published
	l.must(t, "PUT", strings.TrimSuffix(master, "master")+"copy", `{"name":"Copy"}`)
	_, copied := l.send(t, "GET", strings.TrimSuffix(master, "master")+"copy/entries/one", testToken, "")
	if diff := cmp.Diff(map[string]any{"*": map[string]any{"en-US": "published", "de-DE": "draft"}}, copied["sys"].(map[string]any)["fieldStatus"]); diff != "" {
		t.Errorf("the copy (-want +got):\n%s", diff)
	}

	l.must(t, "PUT", entry+"/published", "", "X-Contentful-Version: 3")
	all := `{"n":{"en-US":1},"title":{"de-DE":"ä","en-US":"a"}}`
	check("all", `{"n":1,"title":"a"}`, `{"n":1,"title":"ä"}`, all, `{"n":1,"title":"a"}`, `{"n":1,"title":"ä"}`, all, "Entry "+all)

	// a new locale shows nothing to who minds, until the entry is published again
	l.must(t, "POST", master+"/locales", `{"name":"French","code":"fr","optional":true}`)
	for header, want := range map[string]string{"X-Contentful-Locale-Based-Publishing: false": `{"n":1,"title":"a"}`, localeBased: "NotFoundError"} {
		if got := shown(l.delivery, "?locale=fr", header); got != want {
			t.Errorf("%s: in the new locale %s, want %s", header, got, want)
		}
	}
	l.must(t, "PUT", entry+"/published", "", "X-Contentful-Version: 4")
	if got := shown(l.delivery, "?locale=fr", localeBased); got != `{"n":1,"title":"a"}` {
		t.Errorf("published again, in the new locale: %s", got)
	}
	l.must(t, "DELETE", entry+"/published", `{"remove":{"fields":{"*":["fr","de-DE","en-US"]}}}`, "X-Contentful-Version: 5")
	delta()
	check("nothing", "NotFoundError", "NotFoundError", "NotFoundError", "NotFoundError", "NotFoundError", "NotFoundError", "")
}

// syncToken is where a page of a sync leads.
func syncToken(t *testing.T, page map[string]any) string {
	t.Helper()
	next, _ := page["nextSyncUrl"].(string)
	_, token, ok := strings.Cut(next, "sync_token=")
	if !ok {
		t.Fatalf("no token in %v", page)
	}
	return token
}
