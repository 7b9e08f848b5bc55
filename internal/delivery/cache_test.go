package delivery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
)

// Each step changes something that an answer depends on; each answer is asked
// for twice, so that the second comes from the cache.
func TestNothingStaleIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Tag("tag", cms.TagPrivate)
	w.Entry("e1", "post", `{"title":{"en-US":"one"}}`, "tag")
	w.Publish(cms.KindEntry, "e1")
	const path = "/files/s/a1/0123456789abcdef0123456789abcdef/p.png"
	w.Asset("a1", `{"file":{"en-US":{"url":"`+path+`"}}}`)
	w.Publish(cms.KindAsset, "a1")

	check := func(what string, stage cms.Stage, want ...string) {
		t.Helper()
		for range 2 {
			got := w.get(entry, stage, "e1", "")
			for _, part := range want {
				if !strings.Contains(got, part) {
					t.Errorf("%s: no %s in %s", what, part, got)
				}
			}
		}
	}
	check("first", delivered, `"title":"one"`, `"revision":1`, `"tags":[]`)
	check("first", preview, `"title":"one"`, `"revision":1`)
	w.Entry("e1", "post", `{"title":{"en-US":"two"}}`, "tag")
	check("saved", delivered, `"title":"one"`)
	check("saved", preview, `"title":"two"`, `"revision":1`)
	w.Publish(cms.KindEntry, "e1")
	check("published", delivered, `"title":"two"`, `"revision":2`)
	check("published", preview, `"title":"two"`, `"revision":2`)
	w.Publish(cms.KindEntry, "e1")
	check("published again, same body", delivered, `"revision":3`)
	w.Unpublish(cms.KindEntry, "e1")
	check("unpublished", preview, `"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},"revision":3`)
	w.Publish(cms.KindEntry, "e1")
	w.Tag("tag", cms.TagPublic)
	check("tag", delivered, `"id":"tag"`)
	w.Delete(cms.KindTag, "tag")
	check("no tag", delivered, `"tags":[]`)
	renamed := post
	renamed.Fields = append([]cms.Field{}, post.Fields...)
	renamed.Fields[0].ID, renamed.Fields[0].Key = "headline", "key:title"
	w.Type("post", renamed)
	check("renamed field", delivered, `"headline":"two"`)
	w.Locale("l1", cms.Locale{Name: "English", Code: "en-GB", Key: "key:en-US", Default: true, Management: true, Delivery: true})
	check("renamed locale", delivered, `"headline":"two"`, `"locale":"en-GB"`)

	for _, c := range []struct{ base, environment string }{{"//a", "master"}, {"//b", "master"}, {"//b", "alias"}} {
		r := w.request(delivered, "")
		r.Base, r.Place.EnvironmentID = c.base, c.environment
		a, err := w.s.Asset(t.Context(), r, "a1")
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{`"url":"` + c.base + path + `"`, `"linkType":"Environment","id":"` + c.environment + `"`} {
			if !strings.Contains(string(a.Body.Bytes()), part) {
				t.Errorf("no %s in %s", part, a.Body.Bytes())
			}
		}
	}
}

func TestFragmentsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Entry("e1", "post", `{}`)
	first, err := w.s.Entry(t.Context(), w.request(preview, ""), "e1")
	if err != nil {
		t.Fatal(err)
	}
	w.Entry("e2", "post", `{}`) // the environment moves on, the entry does not
	second, err := w.s.Entry(t.Context(), w.request(preview, ""), "e1")
	if err != nil {
		t.Fatal(err)
	}
	if &first.Body.Bytes()[0] != &second.Body.Bytes()[0] {
		t.Error("the entry was written twice")
	}
}

func TestDrop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Entry("e1", "post", `{"title":{"en-US":"one"}}`)
	before := w.get(entry, preview, "e1", "")
	w.s.Drop(w.Place.Environment + 1)
	if n := w.s.Held(); n != 2 { // the entry and the answer with it
		t.Errorf("%d fragments and answers are held after another environment was dropped", n)
	}
	w.s.Drop(w.Place.Environment)
	if n := w.s.Held(); n != 0 {
		t.Errorf("%d fragments are held", n)
	}
	sameJSON(t, "asked for again", before, w.get(entry, preview, "e1", ""))
}

func TestETag(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Entry("e1", "post", `{}`)
	w.Publish(cms.KindEntry, "e1")
	reads := map[string]func(r delivery.Request) (delivery.Answer, error){
		"entries": func(r delivery.Request) (delivery.Answer, error) { return w.s.Entries(t.Context(), r) },
		"assets":  func(r delivery.Request) (delivery.Answer, error) { return w.s.Assets(t.Context(), r) },
		"entry":   func(r delivery.Request) (delivery.Answer, error) { return w.s.Entry(t.Context(), r, "e1") },
		"space":   func(r delivery.Request) (delivery.Answer, error) { return w.s.Space(t.Context(), r) },
	}
	other := w.request(delivered, "")
	other.Base = "//other"
	alias := w.request(delivered, "")
	alias.Place.EnvironmentID = "alias"
	requests := map[string]delivery.Request{
		"delivery": w.request(delivered, ""), "preview": w.request(preview, ""), "base": other, "alias": alias,
		"query": w.request(delivered, "locale=de"),
	}
	tags := func() map[string]string {
		seen := map[string]string{}
		for name, read := range reads {
			for what, r := range requests {
				a, err := read(r)
				if err != nil {
					t.Fatal(err)
				}
				if was, ok := seen[a.ETag]; ok {
					t.Errorf("%s has the tag of %s", name+" "+what, was)
				}
				seen[a.ETag] = name + " " + what
				b, err := read(r)
				if err != nil || a.ETag != b.ETag {
					t.Errorf("%s: %s, then %s, %v", name, a.ETag, b.ETag, err)
				}
			}
		}
		return seen
	}
	before := tags()
	sameOrder := w.request(delivered, "skip=0&limit=5")
	reversed := w.request(delivered, "limit=5&skip=0")
	a, errA := reads["entries"](sameOrder)
	b, errB := reads["entries"](reversed)
	if errA != nil || errB != nil || a.ETag != b.ETag {
		t.Errorf("the order of parameters matters: %s, %s, %v, %v", a.ETag, b.ETag, errA, errB)
	}

	known := w.request(delivered, "")
	known.Known = func(etag string) bool { return before[etag] == "entries delivery" }
	statements := w.Store.Statements()
	if a, err := reads["entries"](known); err != nil || a.Body != nil || before[a.ETag] != "entries delivery" {
		t.Errorf("the client has it: %+v, %v", a, err)
	}
	if n := w.Store.Statements() - statements; n != 0 {
		t.Errorf("%d statements for what the client has", n)
	}
	w.Entry("e2", "post", `{}`)
	if a, err := reads["entries"](known); err != nil || a.Body == nil {
		t.Errorf("something changed: %+v, %v", a, err)
	}
	for etag := range tags() {
		if was, ok := before[etag]; ok {
			t.Errorf("%s has the tag it had before a change", was)
		}
	}
}

// chain is n entries, each linking to the next, to an asset and to a number of
// leaves.
func chain(w *world, n, leaves int) {
	w.t.Helper()
	w.Type("node", node)
	w.Tag("tag", cms.TagPublic)
	for i := range n {
		var more []string
		for j := range leaves {
			id := fmt.Sprintf("leaf%d-%d", i, j)
			w.Entry(id, "node", `{"name":{"en-US":"leaf"}}`, "tag")
			w.Publish(cms.KindEntry, id)
			more = append(more, linkTo("Entry", id))
		}
		id, asset := fmt.Sprintf("e%d", i), fmt.Sprintf("a%d", i)
		w.Entry(id, "node", `{"next":{"en-US":`+linkTo("Entry", fmt.Sprintf("e%d", i+1))+`},"picture":{"en-US":`+linkTo("Asset", asset)+`},
			"more":{"en-US":`+list(more...)+`}}`, "tag")
		w.Asset(asset, `{"title":{"en-US":"A"}}`)
		w.Publish(cms.KindEntry, id)
		w.Publish(cms.KindAsset, asset)
	}
}

// The number of statements does not grow with the data, and once warm there are
// none.
func TestStatements(t *testing.T) {
	t.Parallel()
	var cold []int64
	for _, leaves := range []int{1, 12} {
		w := newWorld(t)
		chain(w, 5, leaves)
		w.list(tags, delivered, "") // loads the environment
		for _, params := range []string{"sys.id=e0&include=3", "locale=*&include=2", "content_type=node&select=fields.next&include=1"} {
			before := w.Store.Statements()
			w.list(entries, delivered, params)
			if n := w.Store.Statements() - before; params == "sys.id=e0&include=3" {
				cold = append(cold, n)
			}
			before = w.Store.Statements()
			w.list(entries, delivered, params)
			if n := w.Store.Statements() - before; n != 0 {
				t.Errorf("%s: %d statements when warm", params, n)
			}
		}
		w.get(entry, delivered, "e0", "")
		before := w.Store.Statements()
		w.get(entry, delivered, "e0", "")
		w.get(contentType, delivered, "node", "")
		w.list(contentTypes, preview, "")
		if n := w.Store.Statements() - before; n > 1 { // the order of content types is a column of its own
			t.Errorf("single resources: %d statements", n)
		}
	}
	if cold[0] != cold[1] || cold[0] > 5 {
		t.Errorf("statements of an answer with 4 levels: %v", cold)
	}
}

// Whoever asks after a publication gets what was published, however many ask for
// the same before, after and meanwhile.
func TestCrowdIsNeverBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", cms.ContentType{Fields: []cms.Field{{ID: "n", Type: cms.Integer}}})
	w.Entry("e1", "post", `{"n":{"en-US":0}}`)
	w.Publish(cms.KindEntry, "e1")
	r := w.request(delivered, "content_type=post&select=fields.n")
	var published atomic.Int64
	var all errgroup.Group
	ctx, stop := context.WithCancel(t.Context())
	for i := range 16 {
		all.Go(func() error {
			r := r
			r.Gzip = i%2 == 0
			for ctx.Err() == nil {
				least := published.Load()
				a, err := w.s.Entries(t.Context(), r)
				if err != nil {
					return err
				}
				var got struct {
					Items []struct{ Fields struct{ N int64 } }
				}
				if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil {
					return err
				}
				if len(got.Items) != 1 || got.Items[0].Fields.N < least {
					return fmt.Errorf("%d was published, but this is %s", least, a.Body.Bytes())
				}
			}
			return nil
		})
	}
	for n := range int64(60) {
		w.Entry("e1", "post", fmt.Sprintf(`{"n":{"en-US":%d}}`, n))
		w.Publish(cms.KindEntry, "e1")
		published.Store(n)
	}
	stop()
	if err := all.Wait(); err != nil {
		t.Error(err)
	}
}
