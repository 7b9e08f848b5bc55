package index_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// Random collections in random orders, walked page by page to the end and back,
// are what they are in one piece.
func TestCursorWalks(t *testing.T) {
	t.Parallel()
	eachSeed(t, 3, 1, func(t *testing.T, d *database, seed uint64) {
		w := newContent(t, d, seed)
		x := index.New(w.st, index.Options{})
		long := 0
		for range 20 {
			for range 12 {
				w.step(open(t, x, w.scope).Model())
			}
			now := w.state()
			for range 40 {
				if w.walk(open(t, x, w.scope), now) > 2 {
					long++
				}
			}
		}
		if long < 20 {
			t.Errorf("only %d walks had more than two pages", long)
		}
	})
}

// walk compares one walk and returns how many pages it had.
func (w *world) walk(e *index.Env, now state) int {
	w.t.Helper()
	params, opt, stage := w.question(e.Model())
	params.Del("skip")
	params.Set("limit", "1000")
	q, err := query.Parse(params, opt)
	if err != nil || opt.API == query.Management || opt.Kind != cms.KindEntry && opt.Kind != cms.KindAsset {
		return 0
	}
	_, want := now.answer(stage, q, opt.Model)
	params.Set("limit", fmt.Sprint(1+w.rnd.IntN(4)))
	page := func(name, value string) (index.Page, *query.Query) {
		w.t.Helper()
		v := url.Values{name: {value}}
		if name == "cursor" {
			for k := range params {
				v[k] = params[k]
			}
		}
		q, err := query.Parse(v, opt)
		if err != nil {
			w.t.Fatalf("%s: %v", v.Encode(), err)
		}
		p, err := e.Search(ctx, stage, q)
		if err != nil {
			w.t.Fatal(err)
		}
		return p, q
	}
	p, q := page("cursor", "true")
	if p.Prev != nil {
		w.t.Errorf("%s: something comes before the first page", params.Encode())
	}
	pages := [][]string{idsOf(p)}
	for p.Next != nil {
		p, q = page("pageNext", q.Token(p.Next))
		pages = append(pages, idsOf(p))
		if len(pages) > len(want) {
			w.t.Fatalf("%s: a walk without end: %v of %v", params.Encode(), pages, want)
		}
	}
	w.samePages(params, want, pages)
	back := [][]string{pages[len(pages)-1]}
	for p.Prev != nil {
		p, q = page("pagePrev", q.Token(p.Prev))
		back = append([][]string{idsOf(p)}, back...)
		if len(back) > len(want) {
			w.t.Fatalf("%s: a walk back without end: %v of %v", params.Encode(), back, want)
		}
	}
	w.samePages(params, want, back)
	return len(pages)
}

func (w *world) samePages(params url.Values, want []string, pages [][]string) {
	w.t.Helper()
	var got []string
	for _, ids := range pages {
		got = append(got, ids...)
	}
	if diff := cmp.Diff(strings.Join(want, " "), strings.Join(got, " ")); diff != "" {
		w.t.Fatalf("%s: pages %v (-want +got)\n%s", params.Encode(), pages, diff)
	}
}

// What goes or comes before a page does not move it, and the entity it was
// reached by may be gone.
func TestCursorAmongChanges(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	w.fill(9)
	x := index.New(w.st, index.Options{})
	p, q := w.search(x, "cursor=true&content_type=post&order=fields.int&limit=3")
	next := q.Token(p.Next) // behind p2
	for _, id := range []string{"p0", "p2"} {
		h, _ := w.head(cms.KindEntry, id)
		w.update(w.scope, func(tx store.Tx) error {
			return tx.Delete(ctx, w.scope, cms.KindEntry, id, h.Version, "ann", w.now)
		})
	}
	p, q = w.search(x, "limit=2&pageNext="+next)
	if diff := cmp.Diff([]string{"p3", "p4"}, idsOf(p)); diff != "" {
		t.Errorf("the next page (-want +got)\n%s", diff)
	}
	p, _ = w.search(x, "pagePrev="+q.Token(p.Prev))
	if diff := cmp.Diff([]string{"p1"}, idsOf(p)); diff != "" || p.Prev != nil {
		t.Errorf("the page before (-want +got)\n%s", diff)
	}
}
