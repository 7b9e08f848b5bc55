package cma_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

const schedules = "/spaces/{s}/scheduled_actions"

// scheduleBody is the body of a scheduled action, so long from now.
func (sc *script) scheduleBody(action, kind, id string, in time.Duration) string {
	return `{"action":"` + action + `","entity":` + linkJSON(kind, id) + `,"environment":` + linkJSON("Environment", "master") +
		`,"scheduledFor":{"datetime":"` + sc.now.Add(in).Format(time.RFC3339) + `"}}`
}

// schedule plans something under a name.
func (sc *script) schedule(name, action, kind, id string, in time.Duration) {
	sc.t.Helper()
	sc.play(step{name: "schedule " + name, call: "POST " + schedules, body: sc.scheduleBody(action, kind, id, in), status: 201, find: map[string]string{name: "sys.id"}})
}

// scheduled is the JSON of the scheduled action {id}; rest is what its sys has
// more, more what itself has.
func scheduled(version int, status, action, kind, id, at, created, updated, rest, more string) string {
	return `{"sys":{"type":"ScheduledAction","id":"{id}","version":` + strconv.Itoa(version) + `,"status":"` + status + `","space":` + linkJSON("Space", "{s}") +
		`,"createdAt":"` + created + `","updatedAt":"` + updated + `","createdBy":` + linkJSON("User", "{user}") + `,"updatedBy":` + linkJSON("User", "{user}") + rest +
		`},"action":"` + action + `","entity":` + linkJSON(kind, id) + `,"environment":` + linkJSON("Environment", "master") + `,"scheduledFor":` + at + more + `}`
}

const inMaster = "?environment.sys.id=master"

func TestScheduledAction(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","required":true}]}`)
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.make("empty", `{}`)
		made := sc.names["ms"]
		at := func(d time.Duration) string { return `{"datetime":"` + sc.now.Add(d).Format(time.RFC3339) + `"}` }
		first := at(time.Hour)
		get := func(name, want string) step {
			return step{name: name, call: "GET " + schedules + "/{id}" + inMaster, want: want}
		}
		sc.schedule("id", "publish", "Entry", "a", time.Hour)
		sc.play(get("as it was made", scheduled(1, "scheduled", "publish", "Entry", "a", first, made, made, "", "")))
		sc.tick(time.Minute)
		later := strings.Replace(at(2*time.Hour), `}`, `,"timezone":"Europe/Berlin"}`, 1)
		body := `{"action":"publish","entity":` + linkJSON("Entry", "a") + `,"environment":` + linkJSON("Environment", "master") + `,"scheduledFor":` + later + `}`
		moved := scheduled(2, "scheduled", "publish", "Entry", "a", later, made, sc.names["ms"], "", "")
		sc.play(
			step{name: "later", call: "PUT " + schedules + "/{id}" + inMaster, header: version(1), body: body, want: moved},
			step{name: "an old version", call: "PUT " + schedules + "/{id}" + inMaster, header: version(1), body: body, status: 409, want: tooOld("ScheduledAction", "{id}", 2, 1)},
			step{name: "nothing else", call: "PUT " + schedules + "/{id}" + inMaster, header: version(2), body: strings.Replace(body, `"publish"`, `"unpublish"`, 1), status: 400,
				want: with("hint", `"Cancel the action and make another one: DELETE …/scheduled_actions/{id}."`, badRequest("Only scheduledFor can be changed."))},
		)
		sc.tick(time.Hour) // the time it had at first
		sc.worked()
		sc.play(get("not yet", moved))
		sc.is("a 1")
		sc.tick(time.Hour)
		sc.worked()
		sc.is("a 2!")
		done := scheduled(4, "succeeded", "publish", "Entry", "a", later, made, "{ms}", "", `,"executedAt":"{ms}"`)
		sc.play(get("done", done))
		sc.worked()
		sc.play(
			get("done once", done),
			step{name: "it cannot be moved", call: "PUT " + schedules + "/{id}" + inMaster, header: version(4), body: strings.Replace(body, later, at(time.Hour), 1), status: 400, want: badRequest("The action is succeeded and cannot be changed any more.")},
			step{name: "nor canceled", call: "DELETE " + schedules + "/{id}" + inMaster, status: 400, want: badRequest("The action is succeeded and cannot be canceled any more.")},
		)

		made, first = sc.names["ms"], at(time.Minute)
		sc.schedule("id", "unpublish", "Entry", "a", time.Minute)
		sc.tick(time.Second)
		canceled := scheduled(2, "canceled", "unpublish", "Entry", "a", first, made, sc.names["ms"], `,"canceledAt":"`+sc.names["ms"]+`","canceledBy":`+linkJSON("User", "{user}"), "")
		sc.play(step{name: "cancel", call: "DELETE " + schedules + "/{id}" + inMaster, want: canceled})
		sc.tick(time.Hour)
		sc.worked()
		sc.play(get("it stays canceled", canceled))
		sc.is("a 2!")

		made, first = sc.names["ms"], at(time.Minute)
		sc.schedule("id", "publish", "Entry", "empty", time.Minute)
		sc.tick(2*time.Hour + 31*time.Second) // the server was down
		sc.worked()
		inner := nested("InvalidEntry", "Validation error", `{"errors":[`+missingField(`["fields"]`, "fields")+`,`+missingField(`["fields","title"]`, "title")+`]}`)
		sc.play(get("late, and failed", scheduled(3, "failed", "publish", "Entry", "empty", first, made, "{ms}", "",
			`,"executedAt":"{ms}","lateBy":7171,"error":`+nested("InvalidEntry", "Validation error", `{"errors":[`+failing(linkJSON("Entry", "empty"), inner)+`]}`))))
	})
}

func TestScheduledRelease(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","required":true}]}`)
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.make("b", `{"title":{"en-US":"b"}}`)
		sc.make("empty", `{}`)
		at := func() string { return `{"datetime":"` + sc.now.Add(time.Minute).Format(time.RFC3339) + `"}` }
		run := func(action, status, more string) {
			sc.t.Helper()
			when, made := at(), sc.names["ms"]
			sc.schedule("id", action, "Release", "{r}", time.Minute)
			sc.tick(time.Minute)
			sc.worked()
			sc.play(step{name: action, call: "GET " + schedules + "/{id}" + inMaster, want: scheduled(3, status, action, "Release", "{r}", when, made, "{ms}", "", `,"executedAt":"{ms}"`+more)})
		}
		sc.newRelease("r", releaseBody("R", linkJSON("Entry", "a"), linkJSON("Entry", "b")))
		run("publish", "succeeded", "")
		sc.is("a 2!", "b 2!")
		sc.play(step{name: "it is archived", call: "GET " + releases + "/{r}", find: map[string]string{"x": "sys.archivedAt", "a": "sys.lastAction.sys.id"}})
		sc.names["begun"] = sc.names["ms"]
		sc.play(step{name: "it has an action", call: "GET " + releases + "/{r}/actions/{a}", want: releaseActed("succeeded", "publish", "")})
		causes := map[string]bool{}
		changes, err := sc.s.Store.Changes(sc.t.Context(), sc.place().Environment, 0, 1000)
		if err != nil {
			sc.t.Fatal(err)
		}
		for _, c := range changes {
			if c.Action == store.Publish && c.Kind == cms.KindEntry {
				causes[c.Cause] = true
			}
		}
		if want := sc.fill("ScheduledAction/{id} Release/{r} ReleaseVersion/1 ReleaseAction/{a}"); len(causes) != 1 || !causes[want] {
			sc.t.Errorf("entries were published because of %v, want %s", causes, want)
		}

		run("publish", "failed", `,"error":`+nested("BadRequest", "Cannot publish archived", "")[:len(nested("BadRequest", "Cannot publish archived", ""))-1]+`,"hint":"Take it out of the archive first: DELETE …/releases/{r}/archived."}`)
		sc.newRelease("r", releaseBody("R", linkJSON("Entry", "a"), linkJSON("Entry", "empty")))
		inner := nested("InvalidEntry", "Validation error", `{"errors":[`+missingField(`["fields"]`, "fields")+`,`+missingField(`["fields","title"]`, "title")+`]}`)
		run("publish", "failed", `,"error":`+nested("ReleaseActionFailed", "Nothing was changed, because the action is not possible for some of its entities.", `{"errors":[`+failing(linkJSON("Entry", "empty"), inner)+`]}`))
		sc.is("a 2!", "empty 1")
		run("unpublish", "succeeded", "")
		sc.is("a 3", "b 2!", "empty 1")

		sc.schedule("id", "publish", "Release", "{r}", time.Minute)
		sc.play(step{name: "it goes", call: "DELETE " + releases + "/{r}", status: 204})
		sc.tick(time.Minute)
		sc.worked()
		if w := sc.do("GET "+schedules+"/{id}"+inMaster, nil, ""); !strings.Contains(w.Body.String(), `"error":{"sys":{"type":"Error","id":"NotFound"}`) {
			sc.t.Errorf("a release that is gone: %s", w.Body)
		}
	})
}

// errKilled stands for the end of the process.
var errKilled = errors.New("killed")

// killer is a store that fails at a moment: before the n-th transaction, or after
// it.
type killer struct {
	store.Store
	mu     sync.Mutex
	left   int
	before bool
}

func (k *killer) Update(ctx context.Context, s store.Scope, fn func(store.Tx) error, ahead ...store.Ahead) error {
	k.mu.Lock()
	k.left--
	now := k.left == 0
	k.mu.Unlock()
	if now && k.before {
		return errKilled
	}
	err := k.Store.Update(ctx, s, fn, ahead...)
	if now {
		return errKilled
	}
	return err
}

// TestScheduledOnce: whenever the process is killed, and however many take the job
// over at once, what was planned is done once.
func TestScheduledOnce(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		for n := 1; n <= 4; n++ {
			for _, before := range []bool{true, false} {
				id := fmt.Sprintf("e%d-%t", n, before)
				sc.make(id, `{"title":{"en-US":"a"}}`)
				sc.newRelease("r", releaseBody("R", linkJSON("Entry", id)))
				sc.schedule("id", "publish", "Release", "{r}", time.Minute)
				sc.tick(time.Minute)
				jobs, err := sc.s.Store.Lease(sc.t.Context(), sc.now, time.Minute, 100)
				if err != nil || len(jobs) != 1 {
					sc.t.Fatalf("%v %v", jobs, err)
				}
				dying := *sc.s
				dying.Store = &killer{Store: sc.s.Store, left: n, before: before}
				if err := dying.Jobs()[jobs[0].Name](sc.t.Context(), jobs[0]); n <= 2 && !errors.Is(err, errKilled) {
					sc.t.Fatalf("kill %d: %v", n, err)
				}
				sc.tick(time.Minute) // the lease ends
				again, err := sc.s.Store.Lease(sc.t.Context(), sc.now, time.Minute, 100)
				if err != nil || len(again) != 1 {
					sc.t.Fatalf("%v %v", again, err)
				}
				var both sync.WaitGroup
				for range 4 {
					both.Go(func() {
						if err := sc.s.Jobs()[again[0].Name](sc.t.Context(), again[0]); err != nil {
							sc.t.Error(err)
						}
					})
				}
				both.Wait()
				if err := sc.s.Store.Finish(sc.t.Context(), again[0].ID); err != nil {
					sc.t.Fatal(err)
				}
				sc.is(id + " 2!")
				sc.play(step{name: "it is done", call: "GET " + schedules + "/{id}" + inMaster, find: map[string]string{"x": "executedAt"}})
				if w := sc.do("GET "+content+"/release_actions?sys.release.sys.id[in]={r}", nil, ""); strings.Count(w.Body.String(), `"succeeded"`) != 1 {
					sc.t.Errorf("kill %d: %s", n, w.Body)
				}
			}
		}
	})
}

func TestScheduleBody(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{"title":{"en-US":"a"}}`)
	needed := func(path, text string) string {
		return `{"name":"any.required","path":` + path + `,"details":` + strconv.Quote(strconv.Quote(text)+" is required") + `}`
	}
	body := func(when string) string {
		return `{"action":"publish","entity":` + linkJSON("Entry", "a") + `,"environment":` + linkJSON("Environment", "master") + `,"scheduledFor":` + when + `}`
	}
	const low, high = "2026-05-01T10:00:00Z", "2031-05-01T10:00:00Z"
	outside := func(value string) string {
		return `{"name":"dateRange","path":["scheduledFor","datetime"],"value":"` + value + `","min":"` + low + `","max":"` + high + `","details":"Date must be at least ` + low + ` and at most ` + high + `"}`
	}
	for name, c := range map[string]struct{ body, want string }{
		"nothing":          {``, needed(`["action"]`, "action") + `,` + needed(`["entity"]`, "entity") + `,` + needed(`["environment"]`, "environment") + `,` + needed(`["scheduledFor"]`, "scheduledFor")},
		"no time":          {body(`{}`), needed(`["scheduledFor","datetime"]`, "scheduledFor.datetime")},
		"the past":         {body(`{"datetime":"2026-05-01T10:00:00Z"}`), outside("2026-05-01T10:00:00Z")},
		"the far future":   {body(`{"datetime":"2031-05-01T10:00:01Z"}`), outside("2031-05-01T10:00:01Z")},
		"no time of a day": {body(`{"datetime":"2027-01-01"}`), `{"name":"type","type":"Date","path":["scheduledFor","datetime"],"value":"2027-01-01","details":"The type of \"datetime\" is incorrect, expected type: Date"}`},
		"no such zone": {body(`{"datetime":"2027-01-01T10:00:00+02:00","timezone":"Europe/Atlantis"}`),
			`{"name":"in","path":["scheduledFor","timezone"],"value":"Europe/Atlantis","details":"Value must be the name of a time zone, such as Europe/Berlin"}`},
		"an entity that cannot be": {strings.Replace(body(`{"datetime":"2027-01-01T10:00:00Z"}`), `"Entry"`, `"Tag"`, 1),
			`{"name":"in","path":["entity","sys","linkType"],"value":"Tag","expected":["Entry","Asset","Release"],"details":"Value must be one of expected values"}`},
	} {
		sc.play(step{name: name, call: "POST " + schedules, body: c.body, status: 422, want: problems("ValidationFailed", c.want)})
	}
	good := body(`{"datetime":"2027-01-01T10:00:00Z"}`)
	sc.play(
		step{name: "no such entry", call: "POST " + schedules, body: strings.Replace(good, `"a"`, `"no"`, 1), status: 400,
			want: with("hint", `"There is no entry no."`, failure("BadRequest", notFound, `{"errors":[`+absentOne("Entry", "no", `["entity"]`)+`]}`))},
		step{name: "no such environment", call: "POST " + schedules, body: strings.Replace(good, `"master"`, `"no"`, 1), status: 404, find: map[string]string{"x": "sys.id"}},
		step{name: "with what it links to", call: "POST " + schedules, body: strings.Replace(good, `"action"`, `"payload":{"withReferences":{}},"action"`, 1), status: 400,
			want: badRequest("A payload is not supported: an action publishes its entity, not what that links to. Make a release of all of them instead.")},
		step{name: "no such action", call: "GET " + schedules + "/no" + inMaster, status: 404, want: lacking("ScheduledAction", "no")},
		step{name: "none to cancel", call: "DELETE " + schedules + "/no" + inMaster, status: 404, want: lacking("ScheduledAction", "no")},
		step{name: "none to move", call: "PUT " + schedules + "/no" + inMaster, header: version(1), body: good, status: 404, want: lacking("ScheduledAction", "no")},
		step{name: "a list of no environment", call: "GET " + schedules, status: 400, want: failure("InvalidQuery", "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.",
			`{"errors":[{"name":"required","path":["environment","sys","id"],"details":"The parameter \"environment.sys.id\" is required here"}]}`)},
	)
}

// TestScheduleLimits: so many in a minute, and so many in all.
func TestScheduleLimits(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("./check runs it without the race detector, which makes it many times slower")
	}
	sc := newScript(t)
	sc.post()
	sc.make("a", `{"title":{"en-US":"a"}}`)
	for i := range 200 {
		sc.schedule("id", "publish", "Entry", "a", 2*time.Hour)
		if i%2 == 0 {
			sc.schedule("id", "publish", "Entry", "a", 3*time.Hour)
		}
	}
	full := step{name: "a full minute", call: "POST " + schedules, body: sc.scheduleBody("publish", "Entry", "a", 2*time.Hour), status: 400,
		want: badRequest("There are 200 scheduled actions in this minute, which is the most there can be.")}
	sc.play(full)
	for range 100 {
		sc.schedule("id", "publish", "Entry", "a", 3*time.Hour)
	}
	for range 100 {
		sc.schedule("id", "publish", "Entry", "a", 4*time.Hour)
	}
	full.body, full.want = sc.scheduleBody("publish", "Entry", "a", 5*time.Hour), badRequest("There are 500 scheduled actions in the environment, which is the most there can be.")
	sc.play(full, step{name: "cancel one", call: "DELETE " + schedules + "/{id}" + inMaster, find: map[string]string{"x": "sys.canceledAt"}})
	sc.schedule("id", "publish", "Entry", "a", 5*time.Hour)
	sc.tick(90 * 24 * time.Hour)
	for range 6 {
		sc.worked()
	}
	if w := sc.do("GET "+schedules+inMaster+"&sys.status=canceled", nil, ""); strings.Contains(w.Body.String(), `"items":[{`) {
		t.Errorf("what was canceled is kept for ever: %.300s", w.Body)
	}
}

// TestScheduleLists asks for scheduled actions in all the ways there are.
func TestScheduleLists(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.make("b", `{"title":{"en-US":"b"}}`)
		sc.newRelease("r", releaseBody("R"))
		sc.schedule("one", "publish", "Entry", "a", 3*time.Hour)
		sc.schedule("two", "publish", "Release", "{r}", time.Hour)
		sc.schedule("three", "unpublish", "Entry", "b", 2*time.Hour)
		sc.play(step{name: "cancel one", call: "DELETE " + schedules + "/{three}" + inMaster, find: map[string]string{"x": "sys.canceledAt"}})
		names := map[string]string{sc.names["one"]: "one", sc.names["two"]: "two", sc.names["three"]: "three"}
		list := func(params string) (ids []string, next string) {
			sc.t.Helper()
			w := sc.do("GET "+params, nil, "")
			body, _ := decoded(sc.t, w.Body.String()).(map[string]any)
			items, ok := body["items"].([]any)
			if !ok || body["total"] != nil {
				sc.t.Fatalf("%s: %s", params, w.Body)
			}
			for _, item := range items {
				ids = append(ids, names[fmt.Sprint(item.(map[string]any)["sys"].(map[string]any)["id"])])
			}
			next, _ = body["pages"].(map[string]any)["next"].(string)
			return ids, next
		}
		const byTime = "&order=scheduledFor.datetime"
		for params, want := range map[string]string{
			byTime:                                "[two three one]",
			"&order=-scheduledFor.datetime":       "[one three two]",
			"&sys.status=scheduled" + byTime:      "[two one]",
			"&sys.status[in]=canceled,failed":     "[three]",
			"&entity.sys.id=a":                    "[one]",
			"&entity.sys.linkType=Entry" + byTime: "[three one]",
			"&entity.sys.id[in]=a,b" + byTime:     "[three one]",
			"&action=unpublish":                   "[three]",
			"&scheduledFor.datetime[gt]=" + sc.now.Add(90*time.Minute).Format(time.RFC3339) + byTime: "[three one]",
			"&scheduledFor.datetime[lte]=" + sc.now.Add(time.Hour).Format(time.RFC3339):              "[two]",
		} {
			if got, _ := list(schedules + inMaster + params); fmt.Sprint(got) != want {
				sc.t.Errorf("%s: %s, want %s", params, got, want)
			}
		}
		first, next := list(schedules + inMaster + byTime + "&limit=2")
		rest, end := list(next)
		if fmt.Sprint(first, rest) != "[two three] [one]" || end != "" {
			sc.t.Errorf("pages %s, %s and %q", first, rest, end)
		}
		_, token, _ := strings.Cut(next, "pageNext=")
		if again, _ := list(schedules + inMaster + "&next=" + token); fmt.Sprint(again) != "[one]" {
			sc.t.Errorf("next: %s", again)
		}
	})
}

// TestActionsAreNotTriedForEver: what never ends is begun again for a while, then
// it has failed and lets others in.
func TestActionsAreNotTriedForEver(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.make("a", `{"title":{"en-US":"a"}}`)
		sc.schedule("id", "publish", "Entry", "a", time.Minute)
		sc.play(step{name: "a bulk action", call: "POST " + bulk + "/publish", body: `{"entities":` + inArray(versioned("Entry", "a", 1)) + `}`, find: map[string]string{"b": "sys.id"}})
		sc.tick(time.Minute)
		for range 11 {
			jobs, err := sc.s.Store.Lease(sc.t.Context(), sc.now, time.Minute, 100)
			if err != nil || len(jobs) != 2 {
				sc.t.Fatalf("%v %v", jobs, err)
			}
			for _, j := range jobs { // the process ends after the first transaction, and the job is given up
				dying := *sc.s
				dying.Store = &killer{Store: sc.s.Store, left: 2, before: true}
				if err := dying.Jobs()[j.Name](sc.t.Context(), j); err != nil && !errors.Is(err, errKilled) {
					sc.t.Fatal(err)
				}
				if err := sc.s.Store.Finish(sc.t.Context(), j.ID); err != nil {
					sc.t.Fatal(err)
				}
			}
			sc.tick(15 * time.Minute)
		}
		const wrong = `"error":{"sys":{"type":"Error","id":"`
		for call, id := range map[string]string{schedules + "/{id}" + inMaster: "ServerError", bulk + "/{b}": "BulkActionFailed"} {
			if w := sc.do("GET "+call, nil, ""); !strings.Contains(w.Body.String(), wrong+id+`"},"message":"Something went wrong on our end.`) || !strings.Contains(w.Body.String(), `"failed"`) {
				sc.t.Errorf("%s: %s", call, w.Body)
			}
		}
		sc.is("a 1")
		owners, err := sc.s.Store.Owners(sc.t.Context(), sc.place().Environment, []store.Key{{Space: "bulkaction.slot", Value: "0"}, {Space: "scheduledaction.slot", Value: "0"}})
		if err != nil || len(owners) > 0 {
			sc.t.Errorf("what has failed holds %v, %v", owners, err)
		}
	})
}
