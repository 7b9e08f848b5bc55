package timeline_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/timeline"
)

// model is a world with the content types post, which links to notes, and note.
func model(t *testing.T) *deliverytest.World {
	t.Helper()
	w := deliverytest.New(t)
	for _, id := range []string{"post", "note"} {
		w.Type(id, cms.ContentType{Name: id, Fields: []cms.Field{
			{ID: "title", Name: "T", Type: cms.Symbol}, {ID: "n", Name: "N", Type: cms.Integer}, {ID: "next", Name: "L", Type: cms.TypeLink, LinkType: "Entry"},
		}})
	}
	return w
}

func open(t *testing.T, w *deliverytest.World) *index.Env {
	t.Helper()
	env, err := w.Index.Open(t.Context(), w.Place.Environment, true)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func item(id, action string) cms.ActionItem {
	return cms.ActionItem{Kind: cms.KindEntry, ID: id, Action: action}
}

// fields are those of a random entry.
func fields(r *rand.Rand) string {
	var s []string
	if r.IntN(4) > 0 {
		s = append(s, fmt.Sprintf(`"title":{"en-US":%q}`, strings.Repeat("x", 1+r.IntN(3))))
	}
	if r.IntN(4) > 0 {
		s = append(s, fmt.Sprintf(`"n":{"en-US":%d}`, r.IntN(5)))
	}
	if r.IntN(3) > 0 {
		s = append(s, fmt.Sprintf(`"next":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"e%d"}}}`, r.IntN(24)))
	}
	return "{" + strings.Join(s, ",") + "}"
}

// What a query finds on the timeline is what package query says of what is there,
// in that order, whichever page is asked for.
func TestSearchIsTheDefinition(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			searches(t, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

func searches(t *testing.T, r *rand.Rand) {
	w := model(t)
	types := []string{"post", "note"}
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 20 {
		id := fmt.Sprint("e", i)
		w.Entry(id, types[i%2], fields(r))
		if r.IntN(4) > 0 {
			w.Publish(cms.KindEntry, id)
		}
		if r.IntN(3) == 0 {
			w.Entry(id, types[i%2], fields(r))
		}
	}
	for n := range 4 {
		release := fmt.Sprint("r", n)
		var items []cms.ActionItem
		for _, i := range r.Perm(24)[:6] {
			id := fmt.Sprint("e", i)
			items = append(items, item(id, []string{cms.ActionPublish, cms.ActionPublish, cms.ActionUnpublish}[r.IntN(3)]))
			if i >= 20 || r.IntN(3) > 0 {
				w.Version(release, cms.KindEntry, id, types[i%2], fields(r))
			}
		}
		w.Release(release, items...)
		if n > 0 {
			w.Plan(release, release, start.Add(time.Duration(n)*time.Hour))
		}
	}
	env := open(t, w)
	var updated []string
	for _, h := range env.Heads(cms.KindEntry, []string{"e3", "e7", "e11", "e15"}) {
		updated = append(updated, h.UpdatedAt.Format(time.RFC3339Nano))
	}
	for range 60 {
		m := query.Moment{Release: []string{"", "r0", "r1", "r2", "r3"}[r.IntN(5)]}
		if m.Release == "" || r.IntN(3) == 0 {
			m.At = start.Add(time.Duration(r.IntN(5)) * time.Hour)
		}
		params := url.Values{}
		pick := func(name string, values ...string) {
			if v := values[r.IntN(len(values))]; v != "" {
				params.Set(name, v)
			}
		}
		pick("content_type", "", "post", "post", "note")
		if params.Has("content_type") {
			pick("fields.n[gte]", "", "", "2")
			pick("fields.title", "", "", "xx")
			pick("order", "", "fields.n", "-fields.title,sys.id")
			if r.IntN(3) == 0 {
				params.Set("fields.next.sys.contentType.sys.id", "note")
				pick("fields.next.fields.n[lt]", "", "3")
			}
		}
		pick("order", "sys.id", "", "-sys.createdAt", "-sys.updatedAt")
		if r.IntN(4) == 0 {
			params.Set("sys.updatedAt[gte]", updated[r.IntN(len(updated))])
		}
		q, err := query.Parse(params, query.Options{API: query.Preview, Kind: cms.KindEntry, Model: env.Model()})
		if err != nil {
			t.Fatalf("%s: %v", params.Encode(), err)
		}
		o, err := timeline.Open(t.Context(), w.Index, env, m)
		if err != nil {
			t.Fatal(err)
		}
		want := wanted(t, w, env, o, q)
		for _, page := range [][2]int{{0, 100}, {0, 3}, {2, 4}, {9, 2}, {50, 1}, {0, 0}} {
			q.Skip, q.Limit = page[0], page[1]
			got, err := o.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			from := min(len(want), q.Skip)
			if part := want[from:min(len(want), from+q.Limit)]; got.Total != len(want) || !slices.Equal(idsOf(got.Heads), part) {
				t.Fatalf("%+v %s %v: %v of %d, want %v of %d", m, params.Encode(), page, idsOf(got.Heads), got.Total, part, len(want))
			}
		}
		q.Skip, q.Limit, q.Cursor = 0, 3, true
		walk(t, o, q, want)
	}
}

// walk goes through all pages by cursor, and back.
func walk(t *testing.T, o *timeline.Overlay, q *query.Query, want []string) {
	t.Helper()
	var there [][]string
	for q.After, q.Before = nil, nil; ; {
		page, err := o.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		there = append(there, idsOf(page.Heads))
		if (page.Prev != nil) != (len(there) > 1) {
			t.Fatalf("page %d: before it is %v", len(there), page.Prev)
		}
		if q.After = page.Next; page.Next == nil {
			q.Before = page.Prev
			break
		}
	}
	if got := slices.Concat(there...); !slices.Equal(got, want) {
		t.Fatalf("by cursor %v, want %v", got, want)
	}
	for n := len(there) - 2; n >= 0; n-- {
		page, err := o.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(idsOf(page.Heads), there[n]) || page.Next == nil {
			t.Fatalf("back on page %d: %v, want %v", n, idsOf(page.Heads), there[n])
		}
		q.Before = page.Prev
	}
	q.Before = nil
}

func idsOf(heads []store.Head) []string {
	ids := []string{}
	for _, h := range heads {
		ids = append(ids, h.ID)
	}
	return ids
}

// wanted are the entries that a query finds among all there are, one by one.
func wanted(t *testing.T, w *deliverytest.World, env *index.Env, o *timeline.Overlay, q *query.Query) []string {
	t.Helper()
	var all []string
	for i := range 24 {
		all = append(all, fmt.Sprint("e", i))
	}
	byID := map[string]*query.Entity{}
	for id, h := range o.Heads(cms.KindEntry, all) {
		docs, err := w.Index.Documents(t.Context(), []store.Revision{h.Draft})
		if err != nil {
			t.Fatal(err)
		}
		byID[id] = &query.Entity{Sys: h.Sys, Doc: docs[h.Draft]}
	}
	found := []*query.Entity{}
	for _, e := range byID {
		if q.Match(e, env.Model(), func(id string) (*query.Entity, bool) { e, ok := byID[id]; return e, ok }) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *query.Entity) int { return q.Compare(a, b, env.Model()) })
	ids := []string{}
	for _, e := range found {
		ids = append(ids, e.Sys.ID)
	}
	return ids
}

// An entity is what the release of the moment makes of it, else the nearest one
// before, else what is published.
func TestOpen(t *testing.T) {
	t.Parallel()
	w := model(t)
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, id := range []string{"a", "b", "c", "d", "gone"} {
		w.Entry(id, "post", `{"title":{"en-US":"published"}}`)
		w.Publish(cms.KindEntry, id)
		w.Entry(id, "post", `{"title":{"en-US":"draft"}}`)
	}
	w.Entry("draft", "post", `{}`)
	has := func(release, id, title string) {
		w.Version(release, cms.KindEntry, id, "post", `{"title":{"en-US":"`+title+`"}}`)
	}
	w.Release("first", item("a", cms.ActionPublish), item("b", cms.ActionPublish), item("c", cms.ActionPublish), item("gone", cms.ActionUnpublish))
	has("first", "a", "first")
	has("first", "b", "first")
	w.Release("second", item("a", cms.ActionPublish), item("new", cms.ActionPublish))
	has("second", "a", "second")
	has("second", "new", "second")
	w.Release("loose", item("b", cms.ActionPublish), cms.ActionItem{Kind: cms.KindEntry, ID: "c", Action: cms.ActionPublish, Add: []string{}, Remove: []string{"en-US", "de", "fr"}},
		cms.ActionItem{Kind: cms.KindEntry, ID: "a", Action: cms.ActionPublish, Remove: []string{"de"}})
	has("loose", "b", "loose")
	w.Plan("one", "first", now)
	w.Plan("two", "second", now.Add(time.Hour))
	env := open(t, w)
	for _, test := range []struct {
		m    query.Moment
		want string
	}{
		{query.Moment{At: now.Add(-time.Second)}, "a published, b published, c published, d published, gone published"},
		{query.Moment{At: now}, "a first, b first, c draft, d published"},
		{query.Moment{Release: "first"}, "a first, b first, c draft, d published"},
		{query.Moment{At: now.Add(time.Hour)}, "a second, b first, c draft, d published, new second"},
		{query.Moment{Release: "second"}, "a second, b first, c draft, d published, new second"},
		{query.Moment{Release: "second", At: now.Add(-time.Hour)}, "a second, b published, c published, d published, gone published, new second"},
		{query.Moment{Release: "loose"}, "a published, b loose, d published, gone published"},
		{query.Moment{Release: "loose", At: now.Add(time.Hour)}, "a second, b loose, d published, new second"},
	} {
		o, err := timeline.Open(t.Context(), w.Index, env, test.m)
		if err != nil {
			t.Fatal(err)
		}
		q, err := query.Parse(url.Values{"order": {"sys.id"}}, query.Options{API: query.Preview, Kind: cms.KindEntry, Model: env.Model()})
		if err != nil {
			t.Fatal(err)
		}
		page, err := o.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range page.Heads {
			docs, err := w.Index.Documents(t.Context(), []store.Revision{h.Draft})
			if err != nil {
				t.Fatal(err)
			}
			var title string
			for _, raw := range docs[h.Draft].Fields["key:title"] {
				title = strings.Trim(string(raw), `"`)
			}
			got = append(got, h.ID+" "+title)
			if title == "published" && !h.UpdatedAt.Equal(h.PublishedAt) {
				t.Errorf("%+v shows that %s changed at %s, and it was published at %s", test.m, h.ID, h.UpdatedAt, h.PublishedAt)
			}
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%+v shows %s, want %s", test.m, strings.Join(got, ", "), test.want)
		}
	}
	if _, err := timeline.Open(t.Context(), w.Index, env, query.Moment{Release: "nobody"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a release that there is not: %v", err)
	}
}

// What one look at the timeline goes through is bounded.
func TestBounds(t *testing.T) {
	t.Parallel()
	w := model(t)
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	w.AtOnce(func() {
		for n := range 101 {
			id := fmt.Sprint("r", n)
			w.Release(id)
			w.Plan(id, id, at.Add(time.Duration(n)*time.Hour))
		}
	})
	env := open(t, w)
	if _, err := timeline.Open(t.Context(), w.Index, env, query.Moment{At: at.Add(99 * time.Hour)}); err != nil {
		t.Error(err)
	}
	if _, err := timeline.Open(t.Context(), w.Index, env, query.Moment{At: at.Add(100 * time.Hour)}); !fault.Is(err, fault.BadRequest) {
		t.Errorf("101 releases: %v", err)
	}
	w.AtOnce(func() {
		for n := range 1000 {
			w.Plan(fmt.Sprint("far", n), "r0", at.Add(1000*time.Hour))
		}
	})
	env = open(t, w)
	if o, err := timeline.Open(t.Context(), w.Index, env, query.Moment{At: at.Add(time.Hour)}); err != nil || o == nil {
		t.Errorf("with many behind it: %v", err)
	}
	if _, err := timeline.Open(t.Context(), w.Index, env, query.Moment{At: at.Add(1000 * time.Hour)}); !fault.Is(err, fault.BadRequest) || !strings.Contains(err.Error(), "1000 actions") {
		t.Errorf("1101 actions: %v", err)
	}
	o := &timeline.Overlay{Index: w.Index, Env: env, Stage: cms.Published}
	for n := range 1001 {
		o.Lay(store.Head{Sys: cms.Sys{Kind: cms.KindEntry, ID: fmt.Sprint(n), ContentType: "post"}})
	}
	if _, err := o.Search(t.Context(), &query.Query{Kind: cms.KindEntry}); !fault.Is(err, fault.BadRequest) {
		t.Errorf("1001 entities: %v", err)
	}
	w.Fill(10_001, "note")
	env = open(t, w)
	o = &timeline.Overlay{Index: w.Index, Env: env, Stage: cms.Published}
	o.Remove(cms.LinkTo(cms.KindEntry, "x"))
	q, err := query.Parse(url.Values{"content_type": {"post"}, "fields.next.sys.contentType.sys.id": {"note"}, "fields.next.fields.n[exists]": {"false"}}, query.Options{API: query.Preview, Kind: cms.KindEntry, Model: env.Model()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Search(t.Context(), q); !fault.Is(err, fault.BadRequest) {
		t.Errorf("10001 that may be linked: %v", err)
	}
	w.Delete(cms.KindEntry, "e7")
	o.Env = open(t, w)
	if _, err := o.Search(t.Context(), q); err != nil {
		t.Errorf("10000 that may be linked: %v", err)
	}
}
