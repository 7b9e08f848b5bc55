package cma_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// join makes a user with this id whose access token is CFPAT- and the id.
func (sc *script) join(id string) {
	sc.t.Helper()
	put := func(tx store.Tx, kind cms.Kind, id, by string, value any) error {
		body, err := json.Marshal(value)
		if err != nil {
			return err
		}
		_, err = tx.Put(sc.t.Context(), store.Write{Head: store.Head{Scope: store.Server, Sys: cms.Sys{
			Kind: kind, ID: id, Version: 1, CreatedAt: sc.now, UpdatedAt: sc.now, CreatedBy: by, UpdatedBy: by,
		}}, Was: store.Absent, Body: body, Action: store.Create, Actor: by, At: sc.now})
		return err
	}
	err := sc.s.Store.Update(sc.t.Context(), store.Server, func(tx store.Tx) error {
		if err := put(tx, cms.KindUser, id, id, cms.User{FirstName: id}); err != nil {
			return err
		}
		if err := put(tx, cms.KindAccessToken, "t-"+id, id, cms.AccessToken{Name: id, Scopes: []string{cms.ScopeManage}}); err != nil {
			return err
		}
		_, err := tx.SetKeys(sc.t.Context(), store.Server, store.OwnerOf(cms.KindAccessToken, "t-"+id), []store.Key{access.TokenKey("CFPAT-" + id)})
		return err
	})
	if err != nil {
		sc.t.Fatal(err)
	}
}

// as is who makes a request, and the version it is made for.
func as(user string, v int) []string {
	return append(version(v), "Authorization: Bearer CFPAT-"+user)
}

// part is what a test expects of a task or a comment: sys but for its last members,
// which are moreSys, and the rest.
type part struct {
	sc               *script
	kind, id         string
	version          int
	created, updated string
	by, updatedBy    string
	moreSys, rest    string
}

func (sc *script) part(kind, id, moreSys, rest string) *part {
	return &part{sc: sc, kind: kind, id: id, version: 1, created: sc.names["ms"], updated: sc.names["ms"], by: "{user}", updatedBy: "{user}", moreSys: moreSys, rest: rest}
}

// saved expects the next version.
func (p *part) saved(by, rest string) *part {
	p.version++
	p.updated, p.updatedBy, p.rest = p.sc.names["ms"], by, rest
	return p
}

func (p *part) show() string {
	return `{"sys":{"type":"` + p.kind + `","id":"` + p.id + `","version":` + strconv.Itoa(p.version) + `,"space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", "master") +
		`,"createdAt":"` + p.created + `","updatedAt":"` + p.updated + `","createdBy":` + linkJSON("User", p.by) + `,"updatedBy":` + linkJSON("User", p.updatedBy) + p.moreSys + `},` + p.rest + `}`
}

func taskBody(text, assignee, status, more string) string {
	return `"body":"` + text + `","assignedTo":` + linkJSON("User", assignee) + `,"status":"` + status + `"` + more
}

const tasks = content + "/entries/a/tasks"

func TestTask(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.join("zoe")
		sc.join("zed")
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.make("ab", `{"title":{"en-US":"ab"}}`)
		due := `,"dueDate":"2026-06-01T10:00:00Z"`
		made := sc.part("Task", "{t}", `,"parentEntity":`+linkJSON("Entry", "a"), taskBody("Check the title", "zoe", "active", due))
		sc.play(
			step{name: "none", call: "GET " + tasks, want: list(0, 0, 100)},
			step{name: "create", call: "POST " + tasks, body: `{` + made.rest + `}`, status: 201, find: map[string]string{"t": "sys.id"}, want: made.show()},
			step{name: "get", call: "GET " + tasks + "/{t}", want: made.show()},
			step{name: "of another entry", call: "GET " + content + "/entries/ab/tasks/{t}", status: 404, want: lacking("Task", "{t}")},
			step{name: "the other has none", call: "GET " + content + "/entries/ab/tasks", want: list(0, 0, 100)},
			step{name: "publishing is held back", call: "PUT " + content + "/entries/a/published", header: version(1), status: 400,
				want: with("hint", `"Resolve them first: GET …/entries/a/tasks lists the tasks of the entry."`, badRequest("Cannot publish with unresolved tasks"))},
			step{name: "of the other entry it is not", call: "PUT " + content + "/entries/ab/published", header: version(1), find: map[string]string{"x": "sys.id"}},
		)
		if ids, _ := sc.blockedIDs(""); fmt.Sprint(ids) != "[Entry/a]" {
			t.Errorf("what is blocked: %v", ids)
		}
		sc.tick(time.Minute)
		sc.play(
			step{name: "the assignee changes the text", call: "PUT " + tasks + "/{t}", header: as("zoe", 1), body: `{` + taskBody("No", "zoe", "active", due) + `}`, status: 403,
				want: failure("AccessDenied", "Forbidden", `{"reasons":"Only who made it and administrators may change a task; who it is assigned to may resolve it and open it again."}`)},
			step{name: "somebody else resolves it", call: "PUT " + tasks + "/{t}", header: as("zed", 1), body: `{` + taskBody("Check the title", "zoe", "resolved", due) + `}`, status: 403,
				want: failure("AccessDenied", "Forbidden", `{"reasons":"Only who made it and administrators may change a task; who it is assigned to may resolve it and open it again."}`)},
			step{name: "somebody else deletes it", call: "DELETE " + tasks + "/{t}", header: as("zoe", 1), status: 403,
				want: failure("AccessDenied", "Forbidden", `{"reasons":"Only who made it and administrators may delete a task."}`)},
			step{name: "the assignee resolves it", call: "PUT " + tasks + "/{t}", header: as("zoe", 1), body: `{` + taskBody("Check the title", "zoe", "resolved", due) + `}`,
				want: made.saved("zoe", taskBody("Check the title", "zoe", "resolved", due)).show()},
			step{name: "what is resolved is not edited", call: "PUT " + tasks + "/{t}", header: version(2), body: `{` + taskBody("Again", "zoe", "resolved", due) + `}`, status: 400,
				want: badRequest("Cannot edit resolved")},
			step{name: "nor opened with another text", call: "PUT " + tasks + "/{t}", header: version(2), body: `{` + taskBody("Again", "zoe", "active", due) + `}`, status: 400,
				want: badRequest("Cannot edit resolved")},
			step{name: "publish", call: "PUT " + content + "/entries/a/published", header: version(1), find: map[string]string{"x": "sys.id"}},
			step{name: "no version", call: "PUT " + tasks + "/{t}", body: `{` + made.rest + `}`, status: 409, want: noVersion("Task", "{t}", 2)},
			step{name: "an old version", call: "DELETE " + tasks + "/{t}", header: version(1), status: 409, want: tooOld("Task", "{t}", 2, 1)},
			step{name: "open it", call: "PUT " + tasks + "/{t}", header: version(2), body: `{"sys":{"version":2},` + taskBody("Check the title", "zoe", "active", due) + `}`,
				want: made.saved("{user}", taskBody("Check the title", "zoe", "active", due)).show()},
			step{name: "edit it", call: "PUT " + tasks + "/{t}", header: version(3), body: `{` + taskBody("Check it", "zed", "active", "") + `}`,
				want: made.saved("{user}", taskBody("Check it", "zed", "active", "")).show()},
		)
		second := sc.part("Task", "{t2}", `,"parentEntity":`+linkJSON("Entry", "a"), taskBody("Two", "{user}", "active", ""))
		second.by, second.updatedBy = "zed", "zed"
		sc.play(
			step{name: "somebody else makes one", call: "POST " + tasks, header: as("zed", 0), body: `{"body":"Two","assignedTo":` + linkJSON("User", "{user}") + `}`, status: 201, find: map[string]string{"t2": "sys.id"}, want: second.show()},
			step{name: "both", call: "GET " + tasks + "?limit=1&skip=1", want: list(2, 1, 1, second.show())},
			step{name: "unpublishing is not held back", call: "DELETE " + content + "/entries/a/published", find: map[string]string{"x": "sys.id"}},
			step{name: "delete the first", call: "DELETE " + tasks + "/{t}", header: version(4), status: 204},
			step{name: "it is gone", call: "DELETE " + tasks + "/{t}", header: version(4), status: 404, want: lacking("Task", "{t}")},
			step{name: "one is left", call: "PUT " + content + "/entries/a/published", header: version(3), status: 400, want: badRequest("Cannot publish with unresolved tasks")},
			step{name: "a copy", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"copy"}`, status: 201, find: map[string]string{"copy": "sys.id"}},
			step{name: "has no tasks", call: "GET /spaces/{s}/environments/copy/entries/a/tasks", want: list(0, 0, 100)},
			step{name: "and is not held back", call: "PUT /spaces/{s}/environments/copy/entries/a/published", header: version(3), find: map[string]string{"x": "sys.id"}},
			step{name: "validating tells of it", call: "POST " + content + "/bulk_actions/validate", body: `{"entities":` + inArray(linkJSON("Entry", "a")) + `}`, find: map[string]string{"bulk": "sys.id"}},
		)
		sc.worked()
		if w := sc.do("GET "+content+"/bulk_actions/actions/{bulk}", nil, ""); !strings.Contains(w.Body.String(), "Cannot publish with unresolved tasks") {
			t.Errorf("a validation answers %s", w.Body)
		}
		sc.play(
			step{name: "delete the entry", call: "DELETE " + content + "/entries/a", status: 204},
			step{name: "with its tasks", call: "GET " + tasks, status: 404, want: lacking("Entry", "a")},
			step{name: "nothing is left of them", call: "GET " + tasks + "/{t2}", status: 404, want: lacking("Task", "{t2}")},
			step{name: "a task of nothing", call: "POST " + tasks, body: `{` + second.rest + `}`, status: 404, want: lacking("Entry", "a")},
		)
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.play(step{name: "another of the same id is free", call: "PUT " + content + "/entries/a/published", header: version(1), find: map[string]string{"x": "sys.id"}})
	})
}

func TestTaskLimit(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{}`)
	for range 100 {
		if w := sc.do("POST "+tasks, nil, `{`+taskBody("One", "{user}", "resolved", "")+`}`); w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
	}
	sc.play(step{name: "one more", call: "POST " + tasks, body: `{` + taskBody("One", "{user}", "active", "") + `}`, status: 403,
		want: failure("Forbidden", "There are 100 already, which is the most there can be: of tasks of an entry, and of comments on anything.", "")})
}

func TestTaskRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{}`)
	for name, c := range map[string][2]string{
		"empty":        {`{}`, `{"name":"any.required","path":["body"],"details":"\"body\" is required"},{"name":"any.required","path":["assignedTo"],"details":"\"assignedTo\" is required"}`},
		"unknown":      {`{` + taskBody("x", "{user}", "active", `,"duedate":"2026"`) + `}`, `{"name":"unknown","path":["duedate"],"value":"2026","details":"The property \"duedate\" is not allowed here.","suggestions":["dueDate"]}`},
		"long":         {`{` + taskBody(strings.Repeat("é", 257), "{user}", "active", "") + `}`, `{"name":"size","path":["body"],"min":1,"max":512,"details":"Size must be at least 1 and at most 512 bytes"}`},
		"status":       {`{` + taskBody("x", "{user}", "done", "") + `}`, `{"name":"in","path":["status"],"value":"done","expected":["active","resolved"],"details":"Value must be one of expected values"}`},
		"no such date": {`{` + taskBody("x", "{user}", "active", `,"dueDate":"2026-02-30"`) + `}`, `{"name":"type","type":"Date","path":["dueDate"],"value":"2026-02-30","details":"The type of \"dueDate\" is incorrect, expected type: Date"}`},
		"nobody":       {`{` + taskBody("x", "nobody", "active", "") + `}`, `{"name":"notResolvable","path":["assignedTo"],"link":{"type":"Link","linkType":"User","id":"nobody"},"details":"There is no User \"nobody\"."}`},
		"a team":       {`{"body":"x","assignedTo":` + linkJSON("Team", "t") + `}`, `{"name":"notResolvable","path":["assignedTo"],"link":{"type":"Link","linkType":"Team","id":"t"},"details":"There is no Team \"t\"."}`},
	} {
		sc.play(step{name: name, call: "POST " + tasks, body: c[0], status: 422, want: failure("ValidationFailed", "Validation error", `{"errors":[`+c[1]+`]}`)})
	}
}
