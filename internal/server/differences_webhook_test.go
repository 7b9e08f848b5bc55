package server

import (
	"fmt"
	"testing"

	"github.com/typecase/typecase/internal/demo"
)

func init() {
	differences[52] = func(t *testing.T, _ *live) {
		l, c := startCalling(t)
		c.answer("/build", 410)
		l.hook(t, "build", `{"name":"Build","url":"`+c.url+`/build","topics":["Entry.create"],"filters":[{"equals":[{"doc":"sys.id"},"news"]}]}`)
		l.publish(t, "news", 0)
		first, _ := c.next(t)
		at := "/spaces/" + demo.SpaceID + "/_typecase/webhooks/build/"
		dead := l.eventually(t, at+"dead_letters", func(got map[string]any) bool { return fmt.Sprint(got["total"]) == "1" })
		id := dead["items"].([]any)[0].(map[string]any)["sys"].(map[string]any)["id"].(string)
		c.answer("/build", 503)
		for _, replay := range []string{`{"event":"` + id + `"}`, `{"since":"2000-01-01T00:00:00Z"}`} {
			if res, got := l.send(t, "POST", at+"replays", testToken, replay); res.StatusCode != 202 {
				t.Fatalf("%s: %d %v", replay, res.StatusCode, got)
			}
			for _, status := range []int{0, 503} {
				if again, _ := c.next(t); again.Header.Get("X-Contentful-Idempotency-Key") != first.Header.Get("X-Contentful-Idempotency-Key") {
					t.Errorf("another key: %v", again.Header)
				}
				c.answer("/build", status)
			}
		}
		calls := l.eventually(t, "/spaces/"+demo.SpaceID+"/webhooks/build/calls", func(got map[string]any) bool { return fmt.Sprint(got["total"]) == "5" })
		last := calls["items"].([]any)[4].(map[string]any)
		if last["event"] != id || last["topic"] != "ContentManagement.Entry.create" || fmt.Sprint(last["attempt"]) != "1" || len(last["errors"].([]any)) != 2 {
			t.Errorf("the first call: %v", last)
		}
	}
	differences[53] = func(t *testing.T, _ *live) {
		l, c := startCalling(t)
		c.answer("/build", 302)
		l.hook(t, "build", `{"name":"Build","url":"`+c.url+`/build","topics":["Entry.create"],"headers":[{"key":"X-Key","value":"hush","secret":true}]}`)
		l.publish(t, "news", 0)
		c.next(t)
		calls := l.eventually(t, "/spaces/"+demo.SpaceID+"/webhooks/build/calls", func(got map[string]any) bool { return fmt.Sprint(got["total"]) == "1" })
		if errors := calls["items"].([]any)[0].(map[string]any)["errors"].([]any); errors[0] != "RedirectError" || len(c.took) > 0 {
			t.Errorf("%v, %d more calls", errors, len(c.took))
		}
	}
	differences[54] = func(t *testing.T, _ *live) {
		l, c := startCalling(t)
		alias := `{"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}}}`
		if res, got := l.send(t, "PUT", "/spaces/"+demo.SpaceID+"/environment_aliases/live", testToken, alias); res.StatusCode != 201 {
			t.Fatalf("%d %v", res.StatusCode, got)
		}
		l.hook(t, "live", `{"name":"Live","url":"`+c.url+`","topics":["Entry.save","Entry.create"],"filters":[{"equals":[{"doc":"sys.environment.sys.id"},"live"]}]}`)
		l.publish(t, "news", 0)
		if r, _ := c.next(t); r.Header.Get("X-Contentful-Topic") != "ContentManagement.Entry.create" {
			t.Error(r.Header)
		}
		l.publish(t, "news", 2) // edits by editors say so in a header, which changes nothing
		if r, _ := c.next(t); r.Header.Get("X-Contentful-Topic") != "ContentManagement.Entry.save" {
			t.Error(r.Header)
		}
	}
}
