package server

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/demo"
)

// The tests of docs/differences.md about the past.
func init() {
	differences[46], differences[47], differences[48] = snapshotsEverywhere, everyVersion, trashAndBack
}

// topic makes a topic with this name, or the next version of it.
func (l *live) topic(t *testing.T, env, id, name string, version int) {
	t.Helper()
	res, body := l.send(t, "PUT", env+"/entries/"+id, testToken, fmt.Sprintf(`{"fields":{"name":{"en-US":%q},"slug":{"en-US":%q}}}`, name, name),
		"X-Contentful-Content-Type: topic", fmt.Sprint("X-Contentful-Version: ", version))
	if res.StatusCode >= 300 {
		t.Fatal(body)
	}
}

func snapshotsEverywhere(t *testing.T, l *live) {
	const copied = "/spaces/" + demo.SpaceID + "/environments/snapshots"
	l.topic(t, master, "printing", "printing", 0)
	l.succeeds(t, "PUT", master+"/entries/printing/published", "", "X-Contentful-Version: 1")
	before := l.succeeds(t, "GET", master+"/entries/printing/snapshots", "")
	l.succeeds(t, "PUT", copied, `{}`)
	after := l.succeeds(t, "GET", copied+"/entries/printing/snapshots", "")
	id := func(list map[string]any) any {
		items, _ := list["items"].([]any)
		if len(items) != 1 {
			t.Fatalf("%v", list)
		}
		return at(items[0].(map[string]any), "sys", "id")
	}
	if id(before) == nil || id(before) != id(after) {
		t.Errorf("%v in the copy, %v in the original", id(after), id(before))
	}
	for _, env := range []string{master, copied} {
		l.succeeds(t, "DELETE", env+"/entries/printing/published", "")
		l.succeeds(t, "DELETE", env+"/entries/printing", "")
	}
	l.topic(t, master, "printing", "again", 0)
	if again := l.succeeds(t, "GET", master+"/entries/printing/snapshots", ""); fmt.Sprint(again["total"]) != "0" {
		t.Errorf("an entry made anew has snapshots: %v", again)
	}
}

func everyVersion(t *testing.T, l *live) {
	const history = master + "/_typecase/history/entries/versions"
	l.topic(t, master, "versions", "one", 0)
	l.topic(t, master, "versions", "two", 1)
	first := l.succeeds(t, "GET", history+"/1", "")
	if at(first, "sys", "action") != "create" || at(first, "entity", "fields", "name", "en-US") != "one" {
		t.Errorf("version 1: %v", first)
	}
	differences := l.succeeds(t, "GET", history+"/compare?from=1", "")["differences"]
	var want []any
	for _, field := range []string{"name", "slug"} {
		want = append(want, map[string]any{"op": "replace", "path": []any{"fields", field, "en-US"}, "from": "one", "to": "two"})
	}
	if diff := cmp.Diff(want, differences); diff != "" {
		t.Error(diff)
	}
	restored := l.succeeds(t, "POST", history+"/1/restore", `{"fields":{"name":["*"]}}`, "X-Contentful-Version: 2")
	if fmt.Sprint(at(restored, "sys", "version")) != "3" || at(restored, "fields", "name", "en-US") != "one" || at(restored, "fields", "slug", "en-US") != "two" {
		t.Errorf("restored: %v", restored)
	}
}

func trashAndBack(t *testing.T, l *live) {
	const trash = master + "/_typecase/trash"
	l.topic(t, master, "thrown-away", "paper", 0)
	l.succeeds(t, "DELETE", master+"/entries/thrown-away", "")
	items, _ := l.succeeds(t, "GET", trash+"?type=Entry&limit=1", "")["items"].([]any)
	if len(items) != 1 {
		t.Fatal("the trash is empty")
	}
	item, _ := items[0].(map[string]any)
	path := fmt.Sprint(trash, "/", at(item, "sys", "id"))
	if at(item, "sys", "entity", "sys", "id") != "thrown-away" || at(item, "sys", "expiresAt") == nil {
		t.Errorf("%v", item)
	}
	back := l.succeeds(t, "POST", path+"/restore", "")
	if fmt.Sprint(at(back, "sys", "version")) != "2" || at(back, "fields", "name", "en-US") != "paper" {
		t.Errorf("back: %v", back)
	}
	l.fails(t, "DELETE", path, testToken, "", 404, "NotFound", official)
}
