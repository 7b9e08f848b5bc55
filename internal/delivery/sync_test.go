package delivery_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/fault"
)

const syncURL = "https://cms.example/spaces/s/environments/master/sync"

const outOfReach = `What the sync token refers to is not there any more. Drop what you have synced and start again with "initial=true".`

// page is an answer of the sync endpoint.
type page struct {
	Items                    []json.RawMessage
	NextPageURL, NextSyncURL string
}

// token is what clients make of a URL: all behind the parameter's name.
func token(t testing.TB, u string) string {
	t.Helper()
	base, token, ok := strings.Cut(u, "?sync_token=")
	if !ok || base != syncURL || token == "" || strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		t.Fatalf("the URL of the next answer is %s", u)
	}
	return token
}

func (w *world) trySync(stage cms.Stage, params string) (string, error) {
	w.t.Helper()
	r := w.request(stage, params)
	r.SyncURL = syncURL
	a, err := w.s.Sync(w.t.Context(), r)
	if err != nil {
		return "", err
	}
	return string(a.Body.Bytes()), nil
}

func (w *world) sync(stage cms.Stage, params string) page {
	w.t.Helper()
	body, err := w.trySync(stage, params)
	if err != nil {
		w.t.Fatalf("%s: %v", params, err)
	}
	var p page
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		w.t.Fatal(err)
	}
	if (p.NextPageURL == "") == (p.NextSyncURL == "") {
		w.t.Fatalf("%s: one URL it must be: %s", params, body)
	}
	return p
}

// run follows the pages of a run: what came, as type/id, a page each, and the
// token of the next run.
func (w *world) run(stage cms.Stage, params string) (pages, next string) {
	w.t.Helper()
	var all []string
	for {
		p := w.sync(stage, params)
		var names []string
		for _, item := range p.Items {
			names = append(names, nameOf(w.t, item))
		}
		all = append(all, strings.Join(names, " "))
		if p.NextSyncURL != "" {
			return strings.Join(all, " | "), token(w.t, p.NextSyncURL)
		}
		params = "sync_token=" + token(w.t, p.NextPageURL)
	}
}

func nameOf(t testing.TB, item json.RawMessage) string {
	t.Helper()
	var e struct{ Sys struct{ Type, ID string } }
	if err := json.Unmarshal(item, &e); err != nil {
		t.Fatal(err)
	}
	return e.Sys.Type + "/" + e.Sys.ID
}

// wantRun compares a run and returns the token of the next one.
func (w *world) wantRun(stage cms.Stage, params, want string) string {
	w.t.Helper()
	got, next := w.run(stage, params)
	if got != want {
		w.t.Errorf("%.40s: %s, want %s", params, got, want)
	}
	return next
}

// small is a world with four entries of two types and an asset, all published
// but draft.
func small(t testing.TB) *world { return fill(newWorld(t)) }

func fill(w *world) *world {
	w.Type("post", cms.ContentType{Fields: []cms.Field{{ID: "title", Type: cms.Symbol, Localized: true}, {ID: "n", Type: cms.Integer}}})
	w.Type("note", cms.ContentType{Fields: []cms.Field{{ID: "title", Type: cms.Symbol}}})
	w.Entry("p1", "post", `{"title":{"en-US":"One","de":"Eins"}}`)
	w.Entry("p2", "post", `{"title":{"en-US":"Two"}}`)
	w.Entry("n1", "note", `{"title":{"en-US":"Note"}}`)
	w.Entry("draft", "post", `{}`)
	w.Asset("a1", `{"title":{"en-US":"Asset"}}`)
	w.Publish(cms.KindEntry, "p1")
	w.Publish(cms.KindAsset, "a1")
	w.Publish(cms.KindEntry, "n1", "p2")
	return w
}

// Whole answers, byte for byte.
func TestSyncAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", cms.ContentType{Fields: []cms.Field{{ID: "title", Type: cms.Symbol, Localized: true}}})
	w.Tag("public", cms.TagPublic)
	w.Tag("private", cms.TagPrivate)
	w.Entry("e1", "post", `{"title":{"en-US":"One","de":"Eins"}}`, "private", "public")
	w.Entry("e2", "post", `{}`)
	w.Publish(cms.KindEntry, "e1", "e2")
	body, err := w.trySync(delivered, "initial=true&locale=de")
	if err != nil {
		t.Fatal(err)
	}
	first := w.sync(delivered, "initial=true")
	const links = `"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},`
	const environment = `"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},`
	sameJSON(t, "initial", `{"sys":{"type":"Array"},"items":[
		{"metadata":{"tags":[],"concepts":[]},"sys":{`+links+`"id":"e2","type":"Entry","createdAt":"2026-01-01T00:00:12.000Z","updatedAt":"2026-01-01T00:00:12.000Z",`+environment+`
			"publishedVersion":1,"revision":1,"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}}},"fields":{}},
		{"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"public"}}],"concepts":[]},"sys":{`+links+`"id":"e1","type":"Entry","createdAt":"2026-01-01T00:00:11.000Z","updatedAt":"2026-01-01T00:00:11.000Z",`+environment+`
			"publishedVersion":1,"revision":1,"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}}},"fields":{"title":{"en-US":"One","de":"Eins"}}}
		],"nextSyncUrl":"`+first.NextSyncURL+`"}`, body)

	w.Publish(cms.KindEntry, "e2")
	w.Unpublish(cms.KindEntry, "e2")
	w.Delete(cms.KindEntry, "e2")
	params := "sync_token=" + token(t, first.NextSyncURL)
	if body, err = w.trySync(delivered, params); err != nil {
		t.Fatal(err)
	}
	second := w.sync(delivered, params)
	sameJSON(t, "delta", `{"sys":{"type":"Array"},"items":[
		{"sys":{"type":"DeletedEntry","id":"e2",`+links+environment+`"revision":2,
			"createdAt":"2026-01-01T00:00:14.000Z","updatedAt":"2026-01-01T00:00:14.000Z","deletedAt":"2026-01-01T00:00:14.000Z"}}
		],"nextSyncUrl":"`+second.NextSyncURL+`"}`, body)
	if second.NextSyncURL == first.NextSyncURL {
		t.Error("the delta leads to itself")
	}

	// what nobody sees leads nowhere
	w.Entry("e1", "post", `{"title":{"en-US":"A draft"}}`)
	if third := w.sync(delivered, "sync_token="+token(t, second.NextSyncURL)); len(third.Items) != 0 || third.NextSyncURL != second.NextSyncURL {
		t.Errorf("nothing new, but %v", third)
	}
}

func TestSyncTypes(t *testing.T) {
	t.Parallel()
	w := small(t)
	filters := []string{"", "&type=all", "&type=Entry", "&type=Entry&content_type=post", "&type=Asset", "&type=Deletion", "&type=DeletedEntry", "&type=DeletedAsset"}
	next := map[string]string{}
	check := func(what string, params func(string) string, want ...string) {
		t.Helper()
		for i, f := range filters {
			got, token := w.run(delivered, params(f))
			if got != want[i] {
				t.Errorf("%s of %q: %s, want %s", what, f, got, want[i])
			}
			next[f] = token
		}
	}
	initial := func(f string) string { return "initial=true" + f }
	delta := func(f string) string { return "sync_token=" + next[f] }

	all := "Entry/p2 Entry/n1 Asset/a1 Entry/p1"
	check("the first run", initial, all, all, "Entry/p2 Entry/n1 Entry/p1", "Entry/p2 Entry/p1", "Asset/a1", "", "", "")
	w.Unpublish(cms.KindEntry, "p2")
	w.Unpublish(cms.KindAsset, "a1")
	w.Archive(cms.KindAsset, "a1")
	w.Publish(cms.KindEntry, "p1", "n1")
	all = "Entry/n1 Entry/p1 DeletedAsset/a1 DeletedEntry/p2"
	check("a delta", delta, all, all, "Entry/n1 Entry/p1", "Entry/p1", "", "DeletedAsset/a1 DeletedEntry/p2", "DeletedEntry/p2", "DeletedAsset/a1")
	check("the past", initial, "Entry/n1 Entry/p1", "Entry/n1 Entry/p1", "Entry/n1 Entry/p1", "Entry/p1", "",
		"DeletedAsset/a1 DeletedEntry/p2", "DeletedEntry/p2", "DeletedAsset/a1")

	// published again, it was never gone; a draft never was there
	w.Publish(cms.KindEntry, "p2")
	w.Entry("draft2", "post", `{}`)
	w.Delete(cms.KindEntry, "draft2")
	check("back again", delta, "Entry/p2", "Entry/p2", "Entry/p2", "Entry/p2", "", "", "", "")
	w.wantRun(delivered, "initial=true&type=Deletion", "DeletedAsset/a1")
}

func TestSyncPages(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.wantRun(delivered, "initial=true&limit=2", "Entry/p2 Entry/n1 | Asset/a1 Entry/p1")
	w.wantRun(delivered, "initial=true&limit=4", "Entry/p2 Entry/n1 Asset/a1 Entry/p1")
	next := w.wantRun(delivered, "initial=true&limit=3", "Entry/p2 Entry/n1 Asset/a1 | Entry/p1")

	w.Publish(cms.KindEntry, "n1")
	w.Unpublish(cms.KindAsset, "a1")
	w.Publish(cms.KindEntry, "p2", "p1", "n1")
	w.Unpublish(cms.KindEntry, "p2")
	w.wantRun(delivered, "sync_token="+next, "DeletedEntry/p2 Entry/n1 Entry/p1 | DeletedAsset/a1")

	// the limit is the token's
	p := w.sync(delivered, "initial=true&limit=1")
	if len(p.Items) != 1 || p.NextPageURL == "" {
		t.Errorf("the first page: %v", p)
	}
	p = w.sync(delivered, "limit=1&sync_token="+token(t, p.NextPageURL))
	if len(p.Items) != 1 || p.NextSyncURL == "" {
		t.Errorf("the second page: %v", p)
	}
}

// Entities of the same moment are in one order, whatever their kind.
func TestSyncPagesOfOneMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", cms.ContentType{})
	var want []string
	for i := range 7 {
		w.Entry(fmt.Sprint("x", i), "post", `{}`)
		w.Asset(fmt.Sprint("x", i), `{}`)
	}
	w.AtOnce(func() {
		for i := range 7 {
			w.Publish(cms.KindAsset, fmt.Sprint("x", i))
			w.Publish(cms.KindEntry, fmt.Sprint("x", i))
		}
	})
	for _, kind := range []string{"Entry", "Asset"} {
		for i := range 7 {
			want = append(want, fmt.Sprint(kind, "/x", i))
		}
	}
	for limit := 1; limit <= 15; limit++ {
		got, _ := w.run(delivered, fmt.Sprint("initial=true&limit=", limit))
		if diff := cmp.Diff(want, strings.Fields(strings.ReplaceAll(got, "|", ""))); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
}

// What changes while a client turns pages is met by the next run.
func TestSyncPagesWhileWriting(t *testing.T) {
	t.Parallel()
	w := small(t)
	first := w.sync(delivered, "initial=true&limit=1") // p2
	w.Unpublish(cms.KindEntry, "p2")                   // sent already
	w.Unpublish(cms.KindEntry, "n1")                   // not yet
	w.Publish(cms.KindEntry, "p1")                     // moves to the front
	w.Publish(cms.KindEntry, "draft")
	w.Unpublish(cms.KindAsset, "a1")
	w.Publish(cms.KindAsset, "a1")
	next := w.wantRun(delivered, "sync_token="+token(t, first.NextPageURL), "")
	next = w.wantRun(delivered, "sync_token="+next, "Asset/a1 | Entry/draft | Entry/p1 | DeletedEntry/n1 | DeletedEntry/p2")

	w.Publish(cms.KindEntry, "n1", "p1")
	first = w.sync(delivered, "sync_token="+next) // p1
	w.Unpublish(cms.KindEntry, "p1")
	w.Publish(cms.KindEntry, "n1")
	next = w.wantRun(delivered, "sync_token="+token(t, first.NextPageURL), "")
	w.wantRun(delivered, "sync_token="+next, "Entry/n1 | DeletedEntry/p1")
}

func TestSyncPreview(t *testing.T) {
	t.Parallel()
	w := small(t)
	next := w.wantRun(preview, "initial=true", "Entry/p2 Entry/n1 Asset/a1 Entry/p1 Entry/draft")
	w.Entry("p1", "post", `{"title":{"en-US":"Changed"}}`)
	w.Unpublish(cms.KindEntry, "p2")
	w.Unpublish(cms.KindEntry, "n1")
	w.Archive(cms.KindEntry, "n1")
	w.Delete(cms.KindEntry, "draft")
	next = w.wantRun(preview, "sync_token="+next, "DeletedEntry/draft DeletedEntry/n1 Entry/p2 Entry/p1")
	w.Unarchive(cms.KindEntry, "n1")
	w.wantRun(preview, "sync_token="+next, "Entry/n1")
}

// A page ends before it becomes larger than an answer may be.
func TestSyncLargePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", cms.ContentType{Fields: []cms.Field{{ID: "data", Type: cms.Object}}})
	for i := range 8 {
		id := fmt.Sprint("e", i)
		w.Entry(id, "post", `{"data":{"en-US":"`+strings.Repeat("x", delivery.MaxAnswer/4)+`"}}`)
		w.Publish(cms.KindEntry, id)
	}
	next := w.wantRun(delivered, "initial=true", "Entry/e7 Entry/e6 Entry/e5 | Entry/e4 Entry/e3 Entry/e2 | Entry/e1 Entry/e0")
	w.Publish(cms.KindEntry, "e1", "e2", "e3", "e4")
	w.wantRun(delivered, "sync_token="+next, "Entry/e4 Entry/e3 Entry/e2 | Entry/e1")
}

// A page reads a part of the log only, however little it finds there.
func TestSyncLongLog(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.Unpublish(cms.KindEntry, "p1")
	next := w.wantRun(delivered, "initial=true", "Entry/p2 Entry/n1 Asset/a1")
	w.Publish(cms.KindEntry, "p1")
	w.Log(25_000, cms.KindEntry, "draft")
	before := w.Store.Statements()
	p := w.sync(delivered, "sync_token="+next)
	if sent := w.Store.Statements() - before; sent > 40 { // the index reads the log too
		t.Errorf("%d statements", sent)
	}
	if len(p.Items) != 0 || p.NextPageURL == "" {
		t.Errorf("the first page: %v", p)
	}
	next = w.wantRun(delivered, "sync_token="+token(t, p.NextPageURL), " | Entry/p1")
	w.wantRun(delivered, "initial=true&type=Deletion", " |  | ")

	// whatever a run brings, what was read is not read again and again
	w.Log(2000, cms.KindEntry, "draft")
	after := w.wantRun(delivered, "sync_token="+next, "")
	if after == next {
		t.Error("a long log of nothing is read again each time")
	}
	before = w.Store.Statements()
	w.wantRun(delivered, "sync_token="+after, "")
	if sent := w.Store.Statements() - before; sent != 0 {
		t.Errorf("%d statements for nothing new", sent)
	}
}

// What the model makes look different is sent again, and nothing else.
func TestSyncModelChanges(t *testing.T) {
	t.Parallel()
	w := small(t)
	next := w.wantRun(delivered, "initial=true", "Entry/p2 Entry/n1 Asset/a1 Entry/p1")
	ofNotes := w.wantRun(delivered, "initial=true&type=Entry&content_type=note", "Entry/n1")
	post := func(fields ...cms.Field) {
		w.Type("post", cms.ContentType{Fields: fields})
	}
	title, n := cms.Field{ID: "title", Type: cms.Symbol, Localized: true}, cms.Field{ID: "n", Type: cms.Integer}
	step := func(what, want string) {
		t.Helper()
		before := t.Failed()
		next = w.wantRun(delivered, "sync_token="+next, want)
		if t.Failed() && !before {
			t.Errorf("that was: %s", what)
		}
	}

	post(title, n, cms.Field{ID: "new", Type: cms.Symbol})
	step("a new field", "")
	w.Publish(cms.KindEntry, "p1", "n1")
	post(cms.Field{ID: "heading", Key: "key:title", Type: cms.Symbol, Localized: true}, n)
	step("another id, with an entry sent once", "Entry/n1 Entry/p1 Entry/p2")
	post(title, n)
	w.Unpublish(cms.KindEntry, "p1")
	step("the old id, with a deletion", "DeletedEntry/p1 Entry/p2")
	post(cms.Field{ID: "title", Type: cms.Symbol, Localized: true, Omitted: true}, n)
	step("an omitted field", "Entry/p2")
	post(n)
	step("one that is gone for good", "")
	w.Locale("l4", cms.Locale{Name: "Italian", Code: "it", Management: true, Delivery: true})
	step("a new locale", "")
	w.Locale("l3", cms.Locale{Name: "Français", Code: "fr", Management: true, Delivery: true})
	step("a name", "")
	w.Locale("l3", cms.Locale{Name: "Français", Code: "fr-FR", Key: "key:fr", Management: true, Delivery: true})
	step("a code", "Entry/n1 Entry/p2 Asset/a1")
	w.Delete(cms.KindLocale, "l3")
	step("a deleted locale", "Entry/n1 Entry/p2 Asset/a1")
	w.wantRun(delivered, "sync_token="+ofNotes, "Entry/n1")

	// more types than a token names
	for i := range 10 {
		w.Type(fmt.Sprint("type", i), cms.ContentType{Fields: []cms.Field{title}})
	}
	step("new types", "")
	for i := range 10 {
		w.Type(fmt.Sprint("type", i), cms.ContentType{Fields: []cms.Field{{ID: "name", Key: "key:title", Type: cms.Symbol, Localized: true}}})
	}
	step("many types", "Entry/n1 Entry/p2 Asset/a1")
}

// at is the world as seen in another place.
func (w *world) at(p access.Place) *world {
	there := *w.World
	there.Place = p
	return &world{&there, w.t, w.s}
}

func TestSyncAlias(t *testing.T) {
	t.Parallel()
	w := small(t)
	other := w.at(w.Copy("other"))
	live := w.Alias("master", w.Place) // by which syncURL stays what it is
	alias := w.at(live)
	next := alias.wantRun(delivered, "initial=true&limit=2", "Entry/p2 Entry/n1 | Asset/a1 Entry/p1")
	entries := alias.wantRun(delivered, "initial=true&type=Entry&content_type=post", "Entry/p2 Entry/p1")
	deletions := alias.wantRun(delivered, "initial=true&type=Deletion", "")
	halfway := token(t, alias.sync(delivered, "initial=true&limit=2").NextPageURL)

	w.Unpublish(cms.KindEntry, "n1")
	w.Delete(cms.KindEntry, "n1") // gone from the old one after it was synced
	other.Unpublish(cms.KindEntry, "n1")
	other.Unpublish(cms.KindAsset, "a1")
	other.Entry("fresh", "note", `{}`)
	other.Publish(cms.KindEntry, "fresh")
	live = w.Alias("master", other.Place)
	alias = w.at(live)
	for _, old := range []string{next, halfway} {
		alias.wantRun(delivered, "sync_token="+old, "Entry/fresh Entry/p2 | Entry/p1 DeletedAsset/a1 | DeletedEntry/n1")
	}
	alias.wantRun(delivered, "sync_token="+entries, "Entry/p2 Entry/p1")
	alias.wantRun(delivered, "sync_token="+deletions, "DeletedAsset/a1 DeletedEntry/n1")

	// there and back in the middle of a run
	p := alias.sync(delivered, "sync_token="+next) // fresh p2
	live = w.Alias("master", w.Place)
	alias = w.at(live)
	next = alias.wantRun(delivered, "sync_token="+token(t, p.NextPageURL), "Entry/p2 Asset/a1 | Entry/p1 DeletedEntry/fresh | DeletedEntry/n1")
	w.Publish(cms.KindEntry, "p1")
	next = alias.wantRun(delivered, "sync_token="+next, "Entry/p1")

	// on and on before a run is done: a token holds a few environments only
	moves := 0
	for ; ; moves++ {
		alias = w.at(w.Alias("master", w.Copy(fmt.Sprint("copy", moves))))
		body, err := alias.trySync(delivered, "sync_token="+next)
		if err != nil {
			wantFault(t, "too many moves", fault.New(fault.BadRequest, "%s", outOfReach), err)
			break
		}
		var p page
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		next = token(t, p.NextPageURL)
	}
	if moves < 5 || moves > 10 {
		t.Errorf("%d moves were taken", moves)
	}
}

func TestSyncRefusals(t *testing.T) {
	t.Parallel()
	w := small(t)
	next := w.wantRun(delivered, "initial=true&type=Entry", "Entry/p2 Entry/n1 Entry/p1")
	other := w.Copy("other")
	const foreign = `The sync token is damaged, or it was made for another space, environment or API. Drop what you have synced and start again with "initial=true".`
	refuse := func(what string, w *world, stage cms.Stage, params, message string) {
		t.Helper()
		_, err := w.trySync(stage, params)
		wantFault(t, what, fault.New(fault.BadRequest, "%s", message), err)
	}
	refuse("another environment", w.at(other), delivered, "sync_token="+next, foreign)
	refuse("another stage", w, preview, "sync_token="+next, foreign)
	space := w.Place
	space.Space++
	refuse("another space", w.at(space), delivered, "sync_token="+next, foreign)
	for i := range next {
		c := "A"
		if next[i] == 'A' {
			c = "B"
		}
		refuse(fmt.Sprint("changed at ", i), w, delivered, "sync_token="+next[:i]+c+next[i+1:], foreign)
	}
	for _, bad := range []string{"x", "=", next + "A", next[:len(next)-1], next + "==", strings.Repeat("A", 5000), "w5ZrwrdAK8Kb"} {
		refuse(bad, w, delivered, "sync_token="+url.QueryEscape(bad), foreign)
	}
	stranger := &world{w.World, t, delivery.New(w.Index, w.Store, 0, []byte("another secret"))}
	refuse("another secret", stranger, delivered, "sync_token="+next, foreign)
	same := &world{w.World, t, delivery.New(w.Index, w.Store, 0, []byte("secret"))}
	same.wantRun(delivered, "sync_token="+next, "")

	const byType = `When passing a sync token you can not pass any other parameters. If you want to sync only a specific type or content_type start a new sync with "initial".`
	const byLimit = `When passing a sync token you can not pass any other parameters. If you want to sync with a specific limit, start a new sync with "initial".`
	for params, message := range map[string]string{
		"type=Asset": byType, "content_type=post": byType, "initial=true": byType, "type=Entry&content_type=post": byType,
		"limit=10": byLimit, "limit=x": byLimit, "limit=0": byLimit, "type=Entry&limit=7": byLimit,
	} {
		refuse(params, w, delivered, params+"&sync_token="+next, message)
	}
	w.wantRun(delivered, "type=Entry&limit=100&sync_token="+next, "") // what the token says too

	// an environment that is no more
	live := w.Alias("live", other)
	next = token(t, strings.Replace(w.at(live).sync(delivered, "initial=true").NextSyncURL, "/live/", "/master/", 1))
	w.Drop(other)
	refuse("a deleted environment", w.at(w.Alias("live", w.Place)), delivered, "sync_token="+next, outOfReach)

	// a database that was set back
	back := small(t)
	back.Publish(cms.KindEntry, "p1")
	next = back.wantRun(delivered, "initial=true", "Entry/p1 Entry/p2 Entry/n1 Asset/a1")
	refuse("a token of the future", small(t), delivered, "sync_token="+next, outOfReach)
}

// A token that goes to a node which has not heard of the latest changes yet.
func TestSyncOtherNode(t *testing.T) {
	t.Parallel()
	shared := deliverytest.NewShared(t)
	w, behind := fill(on(t, shared)), on(t, shared.Node())
	behind.wantRun(delivered, "initial=true&limit=1", "Entry/p2 | Entry/n1 | Asset/a1 | Entry/p1")
	w.Publish(cms.KindEntry, "draft")
	p := w.sync(delivered, "initial=true&limit=1")
	next := behind.wantRun(delivered, "sync_token="+token(t, p.NextPageURL), "Entry/p2 | Entry/n1 | Asset/a1 | Entry/p1")
	behind.wantRun(delivered, "sync_token="+next, "")
	w.wantRun(delivered, "sync_token="+next, "")
}

// Nothing new costs no statement, a delta as many as it has changes.
func TestSyncCost(t *testing.T) {
	t.Parallel()
	costs := map[int]int64{}
	for _, entries := range []int{10, 3000} {
		w := newWorld(t)
		w.Type("post", cms.ContentType{})
		w.Fill(entries, "post")
		_, next := w.run(delivered, "initial=true&limit=1000")
		next = w.wantRun(delivered, "sync_token="+next, "")
		before := w.Store.Statements()
		w.wantRun(delivered, "sync_token="+next, "")
		if sent := w.Store.Statements() - before; sent != 0 {
			t.Errorf("nothing new: %d statements", sent)
		}
		w.Publish(cms.KindEntry, "e0", "e1")
		before = w.Store.Statements()
		w.wantRun(delivered, "sync_token="+next, "Entry/e1 Entry/e0")
		costs[entries] = w.Store.Statements() - before
	}
	if n := slices.Sorted(maps.Values(costs)); n[0] != n[1] || n[1] > 4 {
		t.Errorf("statements by size: %v", costs)
	}
}
