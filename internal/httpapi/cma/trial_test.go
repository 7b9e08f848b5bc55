package cma_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cma"
	"github.com/typecase/typecase/internal/store"
)

const onlyTry = httpapi.ValidateOnlyHeader + ": true"

// twice makes a request, but first tries it: every script is also a test that
// trials answer what comes of the write, failures included, and keep nothing.
func (sc *script) twice(st step) *httptest.ResponseRecorder {
	t := sc.t
	t.Helper()
	if strings.HasPrefix(st.call, "GET ") || slices.ContainsFunc(st.header, func(h string) bool { return strings.HasPrefix(h, httpapi.ValidateOnlyHeader) }) {
		return sc.do(st.call, st.header, st.body)
	}
	before := sc.positions()
	tried := sc.do(st.call, append(slices.Clone(st.header), onlyTry), st.body)
	if diff := cmp.Diff(before, sc.positions()); diff != "" {
		t.Errorf("%s: a trial of %s left changes (-before +after)\n%s", st.name, st.call, diff)
	}
	w := sc.do(st.call, st.header, st.body)
	if refusedTrial(tried) {
		return w
	}
	if w.Code == http.StatusUnprocessableEntity || strings.Contains(w.Body.String(), "Cannot publish archived") {
		sc.agree(st, w.Body.Bytes())
	}
	route := st.call[:strings.Index(st.call, " ")+1] + tried.Header().Get("X-Contentful-Route")
	if sc.tried == nil {
		sc.tried = map[string]bool{}
	}
	sc.tried[route] = sc.tried[route] || tried.Code/100 == 2
	want, got := w.Body.String(), tried.Body.String()
	if w.Code == http.StatusCreated && strings.HasPrefix(st.call, "POST ") { // each with a new id
		got = strings.ReplaceAll(got, member(t, got, "sys.id"), member(t, want, "sys.id"))
	}
	if diff := cmp.Diff(want, got); diff != "" || w.Code != tried.Code {
		t.Errorf("%s: %s answers %d, and %d when it is tried (-done +tried)\n%s", st.name, st.call, w.Code, tried.Code, diff)
	}
	if diff := cmp.Diff(w.Header(), tried.Header()); diff != "" {
		t.Errorf("%s: headers of %s (-done +tried)\n%s", st.name, st.call, diff)
	}
	return w
}

func refusedTrial(w *httptest.ResponseRecorder) bool {
	return w.Code == http.StatusBadRequest && strings.Contains(w.Body.String(), " cannot be tried. ")
}

// maxScope is above the scopes that a script makes.
const maxScope = 12

// positions are how far all scopes have come.
func (sc *script) positions() []store.Position {
	sc.t.Helper()
	out := make([]store.Position, maxScope)
	for i := range out {
		out[i], _ = sc.s.Store.Position(sc.t.Context(), store.Scope(i+1)) // zero for those that do not exist
	}
	return out
}

// state is everything that is stored in all scopes, and how many jobs are due.
func (sc *script) state() map[string]any {
	t := sc.t
	t.Helper()
	all := map[string]any{"positions": sc.positions()}
	for s := store.Server; s <= maxScope; s++ {
		changes, err := sc.s.Store.Changes(t.Context(), s, 0, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		heads, err := sc.s.Store.List(t.Context(), s, "", "", 10_000)
		if err != nil {
			t.Fatal(err)
		}
		var revs []store.Revision
		for _, h := range heads {
			revs = append(revs, h.Draft, h.Published)
		}
		bodies, err := sc.s.Store.Bodies(t.Context(), revs)
		if err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint("changes ", s)], all[fmt.Sprint("heads ", s)], all[fmt.Sprint("bodies ", s)] = changes, heads, bodies
	}
	jobs, err := sc.s.Store.Lease(t.Context(), sc.now, -time.Second, 100) // a lease that is over at once
	if err != nil {
		t.Fatal(err)
	}
	all["jobs"] = len(jobs)
	return all
}

// TestTrials goes once through every write that can be tried, and through what
// they refuse.
func TestTrials(t *testing.T) {
	onBoth(t, func(sc *script) {
		const entry, asset, typ = content + "/entries", content + "/assets", content + "/content_types"
		found := map[string]string{"x": "sys.type"}
		typed := `{"name":"Page","fields":[{"id":"slug","name":"S","type":"Symbol","required":true,"validations":[{"unique":true}]},{"id":"link","name":"L","type":"Link","linkType":"Entry"}]}`
		ofPage := "X-Contentful-Content-Type: page"
		a := `{"fields":{"slug":{"en-US":"a"}}}`
		fails := func(name, call string, header []string, body string, status int) step {
			return step{name: name, call: call, header: header, body: body, status: status, find: map[string]string{"x": "message"}}
		}
		sc.play(
			step{name: "new type", call: "POST " + typ, body: typed, status: 201, find: map[string]string{"other": "sys.id"}},
			step{name: "new type, chosen id", call: "PUT " + typ + "/page", body: typed, status: 201, find: found},
			step{name: "save type", call: "PUT " + typ + "/page", header: version(1), body: typed, find: found},
			fails("old type", "PUT "+typ+"/page", version(1), typed, 409),
			fails("wrong type", "PUT "+typ+"/page", version(2), `{"fields":[{}]}`, 422),
			fails("inactive type", "POST "+entry, []string{ofPage}, a, 400),
			step{name: "activate", call: "PUT " + typ + "/page/published", header: version(2), find: found},
			step{name: "deactivate", call: "DELETE " + typ + "/page/published", find: found},
			fails("deactivate again", "DELETE "+typ+"/page/published", nil, "", 400),
			step{name: "activate again", call: "PUT " + typ + "/page/published", header: version(4), find: found},
			step{name: "delete type", call: "DELETE " + typ + "/{other}", status: 204},
			fails("delete type again", "DELETE "+typ+"/{other}", nil, "", 404),
			fails("delete active type", "DELETE "+typ+"/page", nil, "", 400),

			step{name: "new entry", call: "POST " + entry, header: []string{ofPage}, body: a, status: 201, find: map[string]string{"a": "sys.id"}},
			step{name: "new entry, chosen id", call: "PUT " + entry + "/b", header: []string{ofPage}, body: a, status: 201, find: found},
			fails("taken id", "PUT "+entry+"/b", []string{ofPage}, a, 409),
			fails("wrong field", "PUT "+entry+"/b", version(1), `{"fields":{"slug":{"en-US":1}}}`, 422),
			fails("unknown field", "PUT "+entry+"/b", version(1), `{"fields":{"slugg":{"en-US":1}}}`, 422),
			step{name: "publish", call: "PUT " + entry + "/{a}/published", header: version(1), find: found},
			fails("taken value", "PUT "+entry+"/b/published", version(1), "", 422),
			step{name: "save", call: "PUT " + entry + "/b", header: version(1), body: `{"fields":{"slug":{"en-US":"b"},"link":{"en-US":` + linkJSON("Entry", "none") + `}}}`, find: found},
			fails("broken link", "PUT "+entry+"/b/published", version(2), "", 422),
			step{name: "patch", call: "PATCH " + entry + "/b", header: append(version(2), "Content-Type: application/json-patch+json"), body: `[{"op":"remove","path":"/fields/link"}]`, find: found},
			step{name: "publish b", call: "PUT " + entry + "/b/published", header: version(3), find: found},
			fails("delete published", "DELETE "+entry+"/b", nil, "", 400),
			step{name: "unpublish", call: "DELETE " + entry + "/b/published", find: found},
			step{name: "archive", call: "PUT " + entry + "/b/archived", find: found},
			fails("edit archived", "PUT "+entry+"/b", version(6), a, 400),
			step{name: "unarchive", call: "DELETE " + entry + "/b/archived", find: found},
			step{name: "delete", call: "DELETE " + entry + "/b", status: 204},
			fails("a type with entries", "DELETE "+typ+"/page/published", nil, "", 400),

			step{name: "new asset", call: "POST " + asset, body: `{}`, status: 201, find: found},
			step{name: "new asset, chosen id", call: "PUT " + asset + "/p", body: `{}`, status: 201, find: found},
			fails("no file", "PUT "+asset+"/p/files/en-US/process", nil, "", 422),
			fails("no file to publish", "PUT "+asset+"/p/published", version(1), "", 422),
			step{name: "a file", call: "PUT " + asset + "/p", header: version(1), body: `{"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","upload":"http://127.0.0.1:1/a.gif"}}}}`, find: found},
			step{name: "process", call: "PUT " + asset + "/p/files/en-US/process", status: 204},
			step{name: "processed", call: "PUT " + asset + "/p", header: version(2), body: `{"fields":{"file":{"en-US":` + processedFile("p") + `}}}`, find: found},
			step{name: "publish asset", call: "PUT " + asset + "/p/published", header: version(3), find: found},
			step{name: "unpublish asset", call: "DELETE " + asset + "/p/published", find: found},
			step{name: "archive asset", call: "PUT " + asset + "/p/archived", find: found},
			step{name: "unarchive asset", call: "DELETE " + asset + "/p/archived", find: found},
			step{name: "an earlier asset", call: "POST " + history + "/assets/p/1/restore", header: version(7), find: found},
			step{name: "delete asset", call: "DELETE " + asset + "/p", status: 204},

			step{name: "an earlier entry", call: "POST " + history + "/entries/{a}/1/restore", header: version(2), find: found},
			fails("no such version", "POST "+history+"/entries/{a}/9/restore", version(3), "", 404),
			step{name: "an earlier type", call: "POST " + history + "/content_types/page/1/restore", header: version(5), find: found},
			step{name: "what is in the trash", call: "GET " + trash, find: map[string]string{"item": "items.0.sys.id"}},
			step{name: "comes back", call: "POST " + trash + "/{item}/restore", find: found},
			fails("not twice", "POST "+trash+"/{item}/restore", nil, "", 404),

			step{name: "a release", call: "POST " + releases, body: release2Body("R"), status: 201, find: map[string]string{"r": "sys.id"}},
			step{name: "new entry in it", call: "POST " + inR + "/entries", header: []string{ofPage}, body: a, status: 201, find: found},
			step{name: "new entry in it, chosen id", call: "PUT " + inR + "/entries/in", header: []string{ofPage}, body: a, status: 201, find: found},
			step{name: "patch it", call: "PATCH " + inR + "/entries/in", header: append(version(1), "Content-Type: application/json-patch+json"), body: `[{"op":"remove","path":"/fields/slug"}]`, find: found},
			fails("an old version of it", "PUT "+inR+"/entries/in", version(1), a, 409),
			step{name: "new asset in it", call: "POST " + inR + "/assets", body: `{}`, status: 201, find: found},
			step{name: "new asset in it, chosen id", call: "PUT " + inR + "/assets/in", body: `{"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","upload":"http://127.0.0.1:1/a.gif"}}}}`, status: 201, find: found},
			step{name: "process its file", call: "PUT " + inR + "/assets/in/files/en-US/process", header: version(1), status: 204},
		)
		for _, r := range cma.New(sc.s, "", nil, nil).Routes {
			if name := r.Method + " /spaces/:space/environments/:environment" + strings.NewReplacer("{", ":", "}", "").Replace(r.Pattern); r.Try != nil && !sc.tried[name] {
				sc.t.Errorf("%s was not tried with success", name)
			}
		}
	})
}

// TestTrialsKeepNothing compares all that is stored before and after trials that
// would each change something.
func TestTrialsKeepNothing(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","validations":[{"unique":true}]}]}`)
		sc.make("draft", `{"title":{"en-US":"a"}}`)
		sc.play(
			step{name: "asset", call: "PUT " + content + "/assets/pending", body: `{"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","upload":"http://127.0.0.1:1/a.gif"}}}}`, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "type", call: "PUT " + content + "/content_types/inactive", body: `{"name":"I","fields":[]}`, status: 201, find: map[string]string{"x": "sys.id"}},
		)
		woken := 0
		sc.s.Wake = func() { woken++ }
		before := sc.state()
		for _, tr := range []struct {
			call, body string
			header     []string
			status     int
		}{
			{"PUT " + content + "/entries/draft/published", "", version(1), 200},
			{"DELETE " + content + "/entries/draft", "", nil, 204},
			{"PUT " + content + "/entries/new", `{"fields":{}}`, []string{contentOf}, 201},
			{"POST " + content + "/entries", `{"fields":{}}`, []string{contentOf}, 201},
			{"PUT " + content + "/assets/pending/files/en-US/process", "", nil, 204},
			{"PUT " + content + "/content_types/inactive/published", "", version(1), 200},
		} {
			if w := sc.do(tr.call, append(tr.header, onlyTry), tr.body); w.Code != tr.status {
				t.Errorf("%s: status %d: %s", tr.call, w.Code, w.Body)
			}
		}
		if diff := cmp.Diff(before, sc.state()); diff != "" {
			t.Errorf("(-before +after)\n%s", diff)
		}
		key := store.Key{Space: "field:post.title.en-US", Value: "a"}
		env := sc.place().Environment
		if owner, err := sc.s.Store.Owner(t.Context(), env, key); owner != "" || err != nil {
			t.Errorf("the value of a draft belongs to %q, %v", owner, err)
		}
		if woken != 0 {
			t.Error("the job runner was woken")
		}
		if w := sc.do("PUT "+content+"/entries/draft/published", version(1), ""); w.Code != 200 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if owner, _ := sc.s.Store.Owner(t.Context(), env, key); owner != "Entry/draft" {
			t.Errorf("the key of the value is another one: %q", owner)
		}
	})
}

// place is the environment master of a script's space.
func (sc *script) place() access.Place {
	sc.t.Helper()
	actor, err := sc.dir.Authenticate(sc.t.Context(), ownerToken)
	if err != nil {
		sc.t.Fatal(err)
	}
	p, err := sc.dir.Locate(sc.t.Context(), actor, sc.names["s"], "master")
	if err != nil {
		sc.t.Fatal(err)
	}
	return p
}

// TestNoTrialWrites sends the header with every write there is: either the route
// can be tried, or it refuses.
func TestNoTrialWrites(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.post()
		sc.make("x", `{}`)
		id := func(name string) map[string]string { return map[string]string{name: "sys.id"} }
		sc.play(
			step{name: "asset", call: "PUT " + content + "/assets/x", body: `{}`, status: 201, find: id("_")},
			step{name: "tag", call: "PUT " + content + "/tags/x", body: `{"name":"X"}`, status: 201, find: id("_")},
			step{name: "locale", call: "POST " + content + "/locales", body: `{"name":"German","code":"de"}`, status: 201, find: id("locales")},
			step{name: "webhook", call: "POST /spaces/{s}/webhook_definitions", body: `{"name":"W","url":"http://localhost/","topics":["*.*"]}`, status: 201, find: id("webhook_definitions")},
			step{name: "key", call: "POST /spaces/{s}/api_keys", body: `{"name":"K"}`, status: 201, find: id("api_keys")},
			step{name: "environment", call: "PUT /spaces/{s}/environments/x", body: `{}`, status: 201, find: id("_")},
			step{name: "token", call: "POST /users/me/access_tokens", body: `{"name":"T","scopes":["content_management_read"]}`, status: 201, find: id("access_tokens")},
		)
		before := sc.state()
		refused := 0
		for _, r := range cma.New(sc.s, "", nil, nil).Routes {
			if r.Method == http.MethodGet || r.Handle == nil {
				continue
			}
			path := []string{"", "/spaces/{s}", "/spaces/{s}/environments/master"}[r.Level] + r.Pattern
			known := "x"
			for collection := range maps.Keys(sc.names) {
				if strings.Contains(path, "/"+collection+"/{id}") {
					known = "{" + collection + "}"
				}
			}
			path = strings.NewReplacer("{id}", known, "{locale}", "en-US", "{version}", "1", "{organization}", "{org}", "{entry}", "x", "{of}", "x", "{release}", "x").Replace(path)
			body := `{"name":"Y","code":"fr","scopes":["content_management_read"],"url":"http://localhost/","topics":["*.*"]}`
			if r.Body == httpapi.PatchBody {
				body = `[]`
			}
			header := []string{"X-Contentful-Version: 1", contentOf}
			if r.Body == httpapi.PatchBody {
				header = append(header, "Content-Type: application/json-patch+json")
			}
			w := sc.do(r.Method+" "+path, append(slices.Clone(header), onlyTry), body)
			if refusedTrial(w) == (r.Try != nil) {
				t.Errorf("%s %s: status %d: %s", r.Method, path, w.Code, w.Body)
			}
			if r.Try == nil {
				refused++
				if !strings.Contains(w.Body.String(), `\"X-Contentful-Validate-Only\"`) {
					t.Errorf("%s %s does not name the header: %s", r.Method, path, w.Body)
				}
			}
			if diff := cmp.Diff(before, sc.state()); diff != "" {
				t.Fatalf("a trial of %s %s left changes (-before +after)\n%s", r.Method, path, diff)
			}
			for _, wrong := range []string{"", "yes", "TRUE", "1", "true,false"} {
				w := sc.do(r.Method+" "+path, append(slices.Clone(header), httpapi.ValidateOnlyHeader+": "+wrong), body)
				if w.Code != http.StatusBadRequest {
					t.Fatalf("%s %s with the header %q: status %d: %s", r.Method, path, wrong, w.Code, w.Body)
				}
				sc.same(wrong, failure("BadRequest", `The header "X-Contentful-Validate-Only" must be true or false.`, ""), w.Body.String())
			}
		}
		if refused == 0 {
			t.Error("every route can be tried")
		}
		if diff := cmp.Diff(before, sc.state()); diff != "" {
			t.Errorf("(-before +after)\n%s", diff)
		}
		sc.play(
			step{name: "refused", call: "PUT " + content + "/tags/new", header: []string{onlyTry}, body: `{"name":"N"}`, status: 400,
				want: failure("BadRequest", `PUT /spaces/:space/environments/:environment/tags/:id cannot be tried. Nothing was changed; leave out the header "X-Contentful-Validate-Only" to do it.`, "")},
			step{name: "reading", call: "GET " + content + "/tags/x", header: []string{onlyTry}, find: id("_")},
			step{name: "false", call: "PUT " + content + "/tags/new", header: []string{httpapi.ValidateOnlyHeader + ": false"}, body: `{"name":"N"}`, status: 201, find: id("_")},
			step{name: "kept", call: "GET " + content + "/tags/new", find: id("_")},
		)
	})
}

// TestTrialsBesideWrites lets trials and writes of the same entries run beside
// each other: every write counts, and no trial does.
func TestTrialsBesideWrites(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol","validations":[{"unique":true}]}]}`)
		const n = 24
		var mu sync.Mutex
		codes := map[string]int{}
		note := func(what string, w *httptest.ResponseRecorder) {
			mu.Lock()
			defer mu.Unlock()
			codes[fmt.Sprint(what, " ", w.Code)]++
		}
		var wg sync.WaitGroup
		for i := range n {
			path := fmt.Sprint(content, "/entries/e", i)
			body := fmt.Sprintf(`{"fields":{"title":{"en-US":"%d"}}}`, i)
			wg.Go(func() {
				note("create", sc.do("PUT "+path, []string{contentOf}, body))
				note("publish", sc.do("PUT "+path+"/published", version(1), ""))
			})
			wg.Go(func() {
				note("try new", sc.do("PUT "+path+"-tried", []string{contentOf, onlyTry}, body))
				if w := sc.do("PUT "+path, []string{contentOf, onlyTry}, body); w.Code != 201 && w.Code != 409 { // as soon as there is one
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff(map[string]int{"create 201": n, "publish 200": n, "try new 201": n}, codes); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		env := sc.place().Environment
		heads, err := sc.s.Store.List(t.Context(), env, cms.KindEntry, "", 1000)
		if err != nil || len(heads) != n {
			t.Fatalf("%d entries, %v", len(heads), err)
		}
		for i := range n {
			owner, err := sc.s.Store.Owner(t.Context(), env, store.Key{Space: "field:post.title.en-US", Value: fmt.Sprint(i)})
			if want := fmt.Sprint("Entry/e", i); owner != want || err != nil {
				t.Errorf("the value %d belongs to %q, %v", i, owner, err)
			}
		}
	})
}
