package cma_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// trashed is the JSON of an item of the trash; entity is the whole of it, or "".
func (sc *script) trashed(item int, kind, id, contentType string, version int, at time.Time, entity string) string {
	const ms = "2006-01-02T15:04:05.000Z"
	if contentType != "" {
		contentType = `,"contentType":` + linkJSON("ContentType", contentType)
	}
	if entity != "" {
		entity = `,"entity":` + entity
	}
	return `{"sys":{"type":"TrashItem","id":"` + strconv.Itoa(item) + `","deletedAt":"` + at.Format(ms) + `","deletedBy":` + linkJSON("User", "{user}") +
		`,"expiresAt":"` + at.Add(keepTrash).Format(ms) + `","version":` + strconv.Itoa(version) + `,"entity":` + linkJSON(kind, id) + contentType +
		`,"space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", "master") + `}` + entity + `}`
}

// seq is how many changes the environment master has had.
func (sc *script) seq(p access.Place) int {
	sc.t.Helper()
	pos, err := sc.s.Store.Position(sc.t.Context(), p.Environment)
	if err != nil {
		sc.t.Fatal(err)
	}
	return int(pos.Seq)
}

func TestTrash(t *testing.T) {
	onBoth(t, func(sc *script) {
		const one = content + "/entries/one"
		x := map[string]string{"x": "sys.id"}
		sc.post()
		p := sc.place()
		sc.play(step{name: "empty", call: "GET " + trash, want: tokenPage(100)})

		entry := sc.entry("one", `{"title":{"en-US":"a"}}`)
		made := sc.names["ms"]
		sc.play(
			step{name: "new", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a"}}}`, status: 201, want: entry.show()},
			step{name: "publish", call: "PUT " + one + "/published", header: version(1), want: entry.publish().show()},
			step{name: "unpublish", call: "DELETE " + one + "/published", want: entry.unpublish().show()},
			step{name: "archive", call: "PUT " + one + "/archived", want: entry.archive().show()},
			step{name: "delete", call: "DELETE " + one, status: 204},
		)
		item, deleted := sc.seq(p), sc.now
		itemPath := trash + "/" + strconv.Itoa(item)
		sc.tick(time.Hour)
		sc.play(
			step{name: "one item", call: "GET " + trash, want: tokenPage(100, sc.trashed(item, "Entry", "one", "post", 4, deleted, ""))},
			step{name: "the item", call: "GET " + itemPath, want: sc.trashed(item, "Entry", "one", "post", 4, deleted, entry.show())},
			step{name: "its history", call: "GET " + history + "/entries/one?limit=1", find: map[string]string{"x": "items.0.sys.action"}},
			step{name: "an early version of it", call: "GET " + history + "/entries/one/1", want: past("Entry", "one", 1, "create", made, sc.bornAt(made, "one", `{"title":{"en-US":"a"}}`))},
			step{name: "not in a copy", call: "PUT /spaces/{s}/environments/copy", body: `{}`, status: 201, find: map[string]string{"x": "name"}},
			step{name: "which has none", call: "GET /spaces/{s}/environments/copy/_typecase/trash", want: tokenPage(100)},
			step{name: "nor a history of it", call: "GET /spaces/{s}/environments/copy/_typecase/history/entries/one", status: 404,
				want: strings.Replace(lacking("Entry", "one"), "master", "copy", 1)},
			step{name: "no item", call: "GET " + trash + "/1", status: 404, want: lacking("TrashItem", "1")},
			step{name: "nor such a one", call: "POST " + trash + "/x/restore", status: 404, want: lacking("TrashItem", "x")},
			step{name: "nor to delete", call: "DELETE " + trash + "/0", status: 404, want: lacking("TrashItem", "0")},
		)
		if w := sc.do("GET "+history+"/entries/one?limit=1", nil, ""); !strings.Contains(w.Body.String(), `"action":"delete"`) {
			sc.t.Errorf("the history does not end with the deletion: %s", w.Body)
		}

		// taken
		sc.play(
			step{name: "another one", call: "PUT " + one, header: []string{contentOf}, body: `{}`, status: 201, find: x},
			step{name: "its id is taken", call: "POST " + itemPath + "/restore", status: 409, want: failure("Conflict", `There is a new Entry "one".`, "")},
			step{name: "its history is that of the new one", call: "GET " + history + "/entries/one/2", status: 404, want: lacking("Version", "2")},
			step{name: "so it goes", call: "DELETE " + one, status: 204},
			step{name: "for good", call: "DELETE " + trash + "/" + strconv.Itoa(item+2), status: 204},
			step{name: "twice", call: "DELETE " + trash + "/" + strconv.Itoa(item+2), status: 404, want: lacking("TrashItem", strconv.Itoa(item+2))},
		)
		// without its content type
		sc.play(
			step{name: "deactivate", call: "DELETE " + postType + "/published", find: x},
			step{name: "nothing to be an entry of", call: "POST " + itemPath + "/restore", status: 400, want: badRequest(noSuchType)},
		)
		body := sc.do("GET "+postType, nil, "").Body.String()
		sc.play(step{name: "delete the type", call: "DELETE " + postType, status: 204})
		typeItem, typeDeleted := sc.seq(p), sc.now
		sc.play(
			step{name: "the type in the trash", call: "GET " + trash + "/" + strconv.Itoa(typeItem), want: sc.trashed(typeItem, "ContentType", "post", "", 3, typeDeleted, body)},
			step{name: "of a type", call: "GET " + trash + "?type=ContentType", want: tokenPage(100, sc.trashed(typeItem, "ContentType", "post", "", 3, typeDeleted, ""))},
			step{name: "the entry without it", call: "GET " + itemPath, want: sc.trashed(item, "Entry", "one", "post", 4, deleted, entry.show())},
			step{name: "a page", call: "GET " + trash + "?limit=1", find: map[string]string{"next": "pages.next"}},
			step{name: "the next", call: "GET {next}", want: tokenPage(1, sc.trashed(item, "Entry", "one", "post", 4, deleted, ""))},
			step{name: "wrong parameters", call: "GET " + trash + "?type=Locale&limit=x&pageNext=-1&kind=Entry", status: 400, want: invalidQuery("",
				`{"name":"unknown","path":["kind"],"details":"The path \"kind\" is not recognized"},
				 {"name":"value","path":["limit"],"value":"x","details":"The value provided for \"limit\" is invalid. Please provide a value between 1 and 1000"},
				 {"name":"value","path":["type"],"value":"Locale","details":"Value must be one of expected values","expected":["Entry","Asset","ContentType","Tag"]},
				 {"name":"value","path":["pageNext"],"value":"-1","details":"This is no token of a page."}`)},
			step{name: "the type comes back", call: "POST " + trash + "/" + strconv.Itoa(typeItem) + "/restore", find: x},
			step{name: "and is activated", call: "PUT " + postType + "/published", header: version(4), find: x},
		)
		entry.step()
		sc.play(
			step{name: "a trial", call: "POST " + itemPath + "/restore", header: []string{onlyTry}, want: entry.show()},
			step{name: "the entry comes back", call: "POST " + itemPath + "/restore", want: entry.show()},
			step{name: "as it was", call: "GET " + one, want: entry.show()},
			step{name: "with its history", call: "GET " + history + "/entries/one/1", want: past("Entry", "one", 1, "create", made, sc.bornAt(made, "one", `{"title":{"en-US":"a"}}`))},
			step{name: "not in the trash", call: "GET " + itemPath, status: 404, want: lacking("TrashItem", strconv.Itoa(item))},
			step{name: "and goes on", call: "DELETE " + one + "/archived", want: entry.unarchive().show()},
		)
	})
}

// bornAt is an entry as it was made at a time.
func (sc *script) bornAt(at, id, fields string) string {
	l := sc.entry(id, fields)
	l.created, l.updated = at, at
	return l.show()
}

// TestTrashOfTags: a tag comes back with its name, unless that is taken; an entry
// only with its tags.
func TestTrashOfTags(t *testing.T) {
	onBoth(t, func(sc *script) {
		x := map[string]string{"x": "sys.id"}
		sc.post()
		p := sc.place()
		tagged := `{"fields":{},"metadata":{"tags":[` + linkJSON("Tag", "a") + `],"concepts":[]}}`
		sc.play(
			step{name: "tag", call: "PUT " + content + "/tags/a", body: `{"name":"A"}`, status: 201, find: x},
			step{name: "entry", call: "PUT " + content + "/entries/one", header: []string{contentOf}, body: tagged, status: 201, find: x},
			step{name: "delete it", call: "DELETE " + content + "/entries/one", status: 204},
			step{name: "delete the tag", call: "DELETE " + content + "/tags/a", header: version(1), status: 204},
		)
		tag := sc.seq(p)
		entryPath, tagPath := trash+"/"+strconv.Itoa(tag-1)+"/restore", trash+"/"+strconv.Itoa(tag)+"/restore"
		shown := func(v int) string {
			user := linkJSON("User", "{user}")
			return `{"name":"A","sys":{"type":"Tag","id":"a","version":` + strconv.Itoa(v) + `,"visibility":"private","createdAt":"{ms}","updatedAt":"{ms}","createdBy":` + user +
				`,"updatedBy":` + user + `,"space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", "master") + `}}`
		}
		sc.play(
			step{name: "the tag in the trash", call: "GET " + trash + "/" + strconv.Itoa(tag), want: sc.trashed(tag, "Tag", "a", "", 1, sc.now, shown(1))},
			step{name: "not without its tag", call: "POST " + entryPath, status: 422,
				want: problems("UnresolvedLinks", `{"name":"notResolvable","path":["metadata","tags",0],"details":"There is no tag \"a\".","link":{"type":"Link","linkType":"Tag","id":"a"}}`)},
			step{name: "another A", call: "PUT " + content + "/tags/b", body: `{"name":"A"}`, status: 201, find: x},
			step{name: "its name is taken", call: "POST " + tagPath, status: 422, want: problems("ValidationFailed", `{"name":"taken","path":["name"],"value":"A","details":"There is a tag \"A\" already."}`)},
			step{name: "the other gets another name", call: "PUT " + content + "/tags/b", header: version(1), body: `{"name":"B"}`, find: x},
			step{name: "now it comes back", call: "POST " + tagPath, want: shown(2)},
			step{name: "and has its name", call: "PUT " + content + "/tags/b", header: version(2), body: `{"name":"A"}`, status: 422,
				want: problems("ValidationFailed", `{"name":"taken","path":["name"],"value":"A","details":"There is a tag \"A\" already."}`)},
			step{name: "and so does the entry", call: "POST " + entryPath, find: x},
			step{name: "the tag is in use", call: "DELETE " + content + "/tags/a", header: version(2), status: 422,
				want: problems("ActionPreconditionsFailed", `{"name":"reference","path":[],"details":"Tag is referenced by another entity"}`)},
		)
	})
}

// TestTrashExpires: after its time nothing of what was deleted is left, in the
// database and in the folder of files, but what a copy has.
func TestTrashExpires(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := w.Write([]byte(pixel)); err != nil {
				t.Error(err)
			}
		}))
		t.Cleanup(web.Close)
		sc.names["web"] = web.URL
		x := map[string]string{"x": "sys.id"}
		sc.post()
		p := sc.place()
		work := func() {
			t.Helper()
			for range 2 { // what jobs leave to other jobs
				if err := sc.work(); err != nil {
					t.Fatal(err)
				}
			}
		}
		file := func(name string) string {
			return `{"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"` + name + `","upload":"{web}/a.gif"}}}}`
		}
		const pic = content + "/assets/pic"
		sc.play(
			step{name: "asset", call: "PUT " + pic, body: file("a.gif"), status: 201, find: x},
			step{name: "process", call: "PUT " + pic + "/files/en-US/process", status: 204},
		)
		work()
		sc.play(
			step{name: "its file", call: "GET " + pic, find: map[string]string{"first": "fields.file.en-US.url"}},
			step{name: "a copy", call: "PUT /spaces/{s}/environments/copy", body: `{}`, status: 201, find: map[string]string{"x": "name"}},
			step{name: "another file", call: "PUT " + pic, header: version(2), body: file("b.gif"), find: x},
			step{name: "process it", call: "PUT " + pic + "/files/en-US/process", status: 204},
		)
		work()
		sc.play(step{name: "that file", call: "GET " + pic, find: map[string]string{"second": "fields.file.en-US.url"}})
		sc.make("one", `{"title":{"en-US":"a"}}`)
		there := func(name string) bool {
			path, _ := blob.StoredURL(sc.names[name])
			f, _ := blob.ParsePath(path)
			b, err := sc.s.Blobs.Open(f.Key())
			if err == nil {
				err = b.Close()
			}
			return err == nil
		}
		bodies := func(kind cms.Kind, id string) int {
			t.Helper()
			changes, err := sc.s.Store.ChangesOf(t.Context(), p.Environment, kind, id, store.Point{}, 100)
			if err != nil {
				t.Fatal(err)
			}
			var revs []store.Revision
			for _, c := range changes {
				revs = append(revs, c.DraftAfter, c.DraftBefore)
			}
			found, err := sc.s.Store.Bodies(t.Context(), revs)
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		check := func(when string, first, second bool, assets, entries int) {
			t.Helper()
			if there("first") != first || there("second") != second {
				t.Errorf("%s: the first file is there: %v, the second: %v", when, there("first"), there("second"))
			}
			if a, e := bodies(cms.KindAsset, "pic"), bodies(cms.KindEntry, "one"); a != assets || e != entries {
				t.Errorf("%s: %d bodies of the asset, %d of the entry, want %d and %d", when, a, e, assets, entries)
			}
		}
		sc.play(
			step{name: "delete the asset", call: "DELETE " + pic, status: 204},
			step{name: "delete the entry", call: "DELETE " + content + "/entries/one", status: 204},
		)
		entry := sc.seq(p)
		sc.tick(keepTrash - time.Second)
		work()
		check("a second too early", true, true, 4, 1)
		sc.play(step{name: "still there", call: "GET " + trash + "?limit=1", find: map[string]string{"x": "items.0.sys.id"}})

		sc.s.KeepTrash += time.Hour // from now on longer
		sc.tick(time.Second)
		work()
		check("kept longer", true, true, 4, 1)
		sc.tick(time.Hour)
		sc.play(
			step{name: "it is over", call: "GET " + trash, want: tokenPage(100)},
			step{name: "for the item", call: "GET " + trash + "/" + strconv.Itoa(entry), status: 404, want: lacking("TrashItem", strconv.Itoa(entry))},
			step{name: "for its history", call: "GET " + history + "/entries/one/1", status: 404, want: lacking("Entry", "one")},
			step{name: "for good", call: "POST " + trash + "/" + strconv.Itoa(entry) + "/restore", status: 404, want: lacking("TrashItem", strconv.Itoa(entry))},
		)
		check("before the job", true, true, 4, 1)
		work()
		check("after it", true, false, 2, 0)
		sc.play(
			step{name: "the copy has its asset", call: "GET /spaces/{s}/environments/copy/assets/pic", find: x},
			step{name: "and its history", call: "GET /spaces/{s}/environments/copy/_typecase/history/assets/pic/1", find: map[string]string{"x": "entity.sys.id"}},
			step{name: "until that goes", call: "DELETE /spaces/{s}/environments/copy", status: 204},
		)
		work()
		check("at once", true, false, 2, 0)
		sc.tick(24 * time.Hour)
		work()
		check("a day later", false, false, 0, 0)
	})
}

// TestRemovedForGood: what is removed from the trash is out of reach at once, and
// off the disk a day later.
func TestRemovedForGood(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.post()
		p := sc.place()
		sc.make("one", `{}`)
		h, err := sc.s.Store.Get(t.Context(), p.Environment, cms.KindEntry, "one")
		if err != nil {
			t.Fatal(err)
		}
		sc.play(step{name: "delete", call: "DELETE " + content + "/entries/one", status: 204})
		item := trash + "/" + strconv.Itoa(sc.seq(p))
		sc.play(
			step{name: "for good", call: "DELETE " + item, status: 204},
			step{name: "gone", call: "GET " + item, status: 404, want: lacking("TrashItem", strconv.Itoa(sc.seq(p)))},
			step{name: "its history too", call: "GET " + history + "/entries/one", status: 404, want: lacking("Entry", "one")},
		)
		left := func() int {
			t.Helper()
			if err := sc.work(); err != nil {
				t.Fatal(err)
			}
			found, err := sc.s.Store.Bodies(t.Context(), []store.Revision{h.Draft})
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		if n := left(); n != 1 {
			t.Error("the body is gone at once")
		}
		sc.tick(24 * time.Hour)
		if n := left(); n != 0 {
			t.Error("the body is there a day later")
		}
		sc.tick(keepTrash) // when the item would have expired
		if n := left(); n != 0 {
			t.Error("the body is back")
		}
		if _, err := sc.s.Entry(t.Context(), p, "one"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the entry: %v", err)
		}
	})
}
