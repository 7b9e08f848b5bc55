package index_test

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/turn"
)

var ctx = context.Background()

// blog is a world with both content types, whose fields are all there.
func blog(t testing.TB, st store.Store) *world {
	w := newWorld(t, st, 1)
	w.putLocales()
	for _, id := range []string{"post", "person"} {
		ct := &cms.ContentType{Name: id}
		for _, f := range fieldTypes {
			f.Key = "k-" + f.ID
			ct.Fields = append(ct.Fields, f)
		}
		w.put(cms.KindContentType, id, "", ct, true)
	}
	return w
}

// fill makes published posts with the symbol s0, s1 … and the number 0, 1 ….
func (w *world) fill(n int) {
	w.t.Helper()
	w.update(w.scope, func(tx store.Tx) error {
		for i := range n {
			h := store.Head{Scope: w.scope, Sys: cms.Sys{
				Kind: cms.KindEntry, ID: fmt.Sprintf("p%d", i), ContentType: "post", Version: 2, PublishedVersion: 1, PublishedCounter: 1,
				CreatedAt: w.now, UpdatedAt: w.now.Add(time.Duration(i) * time.Second), PublishedAt: w.now.Add(time.Duration(i) * time.Second), FirstPublishedAt: w.now,
			}}
			body := fmt.Sprintf(`{"metadata":{"tags":["t%d"]},"fields":{"k-symbol":{"len":"s%d"},"k-text":{"len":"text %d of many, as long as texts are"},"k-int":{"len":%d},"k-bool":{"len":%v},"k-list":{"len":["l%d"]},"k-ref":{"len":{"sys":{"type":"Link","linkType":"Entry","id":"p%d"}}}}}`,
				i%7, i, i, i, i%3 == 0, i%20, i/2)
			if _, err := tx.Put(ctx, store.Write{Head: h, Was: store.Absent, Body: []byte(body), PublishBody: true, Action: store.Create, At: w.now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// search opens freshly and answers a delivery query on entries.
func (w *world) search(x *index.Index, params string) (index.Page, *query.Query) {
	w.t.Helper()
	return w.ask(open(w.t, x, w.scope), params)
}

func (w *world) ask(e *index.Env, params string) (index.Page, *query.Query) {
	w.t.Helper()
	v, err := url.ParseQuery(params)
	if err != nil {
		w.t.Fatal(err)
	}
	q, err := query.Parse(v, query.Options{API: query.Delivery, Kind: cms.KindEntry, Model: e.Model()})
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := e.Search(ctx, cms.Published, q)
	if err != nil {
		w.t.Fatal(err)
	}
	return page, q
}

// manyQueries ask for all kinds of columns.
var manyQueries = []string{
	"", "order=sys.id", "content_type=post&fields.symbol=s77", "content_type=post&fields.int[gte]=1250&order=-fields.int",
	"content_type=post&fields.int[gte]=50&fields.int[lte]=1400&limit=1000", "content_type=post&fields.int[gt]=1400&order=fields.int",
	"content_type=post&order=fields.symbol&skip=900", "content_type=post&order=-fields.bool,fields.symbol&limit=300",
	"content_type=post&fields.list[in]=l3,l4&order=fields.int", "content_type=post&fields.text[match]=7 many",
	"content_type=post&fields.ref.sys.contentType.sys.id=post&fields.ref.fields.int[lt]=20",
	"content_type=post&fields.ref.sys.contentType.sys.id=post&fields.ref.fields.bool=true&order=-sys.id&skip=100",
	"links_to_entry=p5", "metadata.tags.sys.id[all]=t3&order=sys.updatedAt", "query=text 99", "sys.id[in]=p1,p2,nobody",
}

// TestLarge compares answers with their definition where sorted arrays have many
// blocks.
func TestLarge(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	x := index.New(w.st, index.Options{})
	for range 2 { // empty, then filled in one go: more changes than one page has
		for _, params := range manyQueries {
			page, q := w.search(x, params)
			total, ids := w.state().answer(cms.Published, q, open(t, x, w.scope).Model())
			if diff := cmp.Diff(ids, idsOf(page)); diff != "" || page.Total != total {
				t.Errorf("%s: total %d, want %d (-want +got)\n%s", params, page.Total, total, diff)
			}
		}
		if len(w.list(cms.KindEntry)) == 0 {
			w.fill(1500)
		}
	}
}

func TestStatements(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	w.fill(300)
	x := index.New(w.st, index.Options{})
	for _, params := range manyQueries {
		w.search(x, params)
	}
	count := func(what string, want int64, f func()) {
		t.Helper()
		before := w.st.Statements()
		f()
		if n := w.st.Statements() - before; n != want {
			t.Errorf("%s: %d statements, want %d", what, n, want)
		}
	}
	count("open, nothing new", 0, func() {
		if _, err := x.Open(ctx, w.scope, false); err != nil {
			t.Error(err)
		}
	})
	e := open(t, x, w.scope)
	count("open, fresh, nothing new", 0, func() { open(t, x, w.scope) })
	var page index.Page
	count("warm queries", 0, func() {
		for _, params := range manyQueries {
			w.ask(e, params)
		}
		page, _ = w.ask(e, "limit=100")
	})
	var revs []store.Revision
	for _, h := range page.Heads {
		revs = append(revs, h.Published)
	}
	for _, want := range []int64{1, 0} { // cold, cached
		count("documents of a page", want, func() {
			if docs, err := x.Documents(ctx, revs); err != nil || len(docs) != 100 {
				t.Errorf("%d documents, %v", len(docs), err)
			}
		})
		count("bodies of a page", want, func() {
			if bodies, err := x.Bodies(ctx, revs); err != nil || len(bodies) != 100 {
				t.Errorf("%d bodies, %v", len(bodies), err)
			}
		})
	}
	// bodies, the same for one write and for many: the store knows by heart what has
	// changed
	for _, writes := range []int{1, 50} {
		for i := range writes {
			w.put(cms.KindEntry, fmt.Sprintf("p%d", i), "post", w.document(e.Model(), nil), true)
		}
		count("catching up and searching", 1, func() {
			e, err := x.Open(ctx, w.scope, false)
			if err != nil {
				t.Fatal(err)
			}
			w.ask(e, "content_type=post&fields.int[gt]=1&order=fields.symbol")
		})
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	x := index.New(w.st, index.Options{})
	before := open(t, x, w.scope)
	w.fill(1)
	after := open(t, x, w.scope)
	if before.Model() != after.Model() || before.Seq() >= after.Seq() {
		t.Error("an entry changed the model, or not the sequence")
	}
	if got := after.Model().Locales[0].Code; got != "en-US" || len(after.Model().Locales) != 3 || len(after.Model().Types) != 2 {
		t.Errorf("%+v", after.Model())
	}
	w.put(cms.KindContentType, "draft", "", &cms.ContentType{Name: "Draft"}, false)
	draft := open(t, x, w.scope).Model()
	if draft == after.Model() || draft.Types["draft"] != nil || draft.Types["post"] != after.Model().Types["post"] {
		t.Error("a draft type is in the model, or an unchanged one was read again")
	}
	w.put(cms.KindContentType, "draft", "", &cms.ContentType{Name: "Draft"}, true)
	active := open(t, x, w.scope).Model()
	pos, err := w.st.Position(ctx, w.scope)
	if err != nil {
		t.Fatal(err)
	}
	if active.Types["draft"] == nil || active.Seq != pos.Model {
		t.Errorf("model of %d, want %d", active.Seq, pos.Model)
	}
	if again := open(t, index.New(w.st, index.Options{}), w.scope).Model(); cmp.Diff(active, again) != "" {
		t.Error(cmp.Diff(active, again))
	}
}

// A writer asks for the model alone: no statement, however much was written.
func TestModelWithoutCatchingUp(t *testing.T) {
	st := sqlite(t)
	w := blog(t, st)
	x := index.New(st, index.Options{})
	first := open(t, x, w.scope)
	w.fill(50)
	before := st.Statements()
	m, err := x.Model(ctx, w.scope)
	if err != nil || m != first.Model() {
		t.Fatalf("another model, or %v", err)
	}
	if n := st.Statements() - before; n != 0 {
		t.Errorf("%d statements, want none", n)
	}
	w.put(cms.KindContentType, "new", "", &cms.ContentType{Name: "new"}, true)
	if x.Remembered(w.scope) != first.Model() || x.Remembered(w.space) != nil {
		t.Error("what is remembered is not what was seen last")
	}
	if m, err = x.Model(ctx, w.scope); err != nil || m.Types["new"] == nil {
		t.Errorf("a new content type is not there: %v", err)
	}
	w.update(store.Server, func(tx store.Tx) error { return tx.DropScope(ctx, w.scope) })
	if _, err := x.Model(ctx, w.scope); !fault.Is(err, fault.NotFound) {
		t.Errorf("of a dropped scope: %v", err)
	}
}

// supposing is a store that supposes where every scope is.
type supposing struct{ store.Store }

func (s supposing) Suppose(scope store.Scope) *store.Supposition {
	at, err := s.Position(ctx, scope)
	if err != nil {
		return nil
	}
	return &store.Supposition{Scope: scope, Position: at}
}

// Who supposes where a scope is gets the model that is there, or none.
func TestSuppose(t *testing.T) {
	t.Parallel()
	st := sqlite(t)
	w := blog(t, st)
	x := index.New(supposing{st}, index.Options{})
	want := func(model *cms.Model) {
		t.Helper()
		m, p := x.Suppose(w.scope)
		if m != model || (p == nil) != (m == nil) || p != nil && p.Model != m.Seq {
			t.Errorf("%v with the model %v", p, m)
		}
	}
	want(nil)
	model := open(t, x, w.scope).Model()
	want(model)
	w.fill(3)
	want(model)
	if m, p := index.New(st, index.Options{}).Suppose(w.scope); m != nil || p != nil {
		t.Errorf("where nothing is supposed: %v with the model %v", p, m)
	}
	w.put(cms.KindContentType, "new", "", &cms.ContentType{Name: "new"}, true)
	want(nil)
	want(open(t, x, w.scope).Model())
}

func TestHeads(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	w.fill(3)
	got := open(t, index.New(w.st, index.Options{}), w.scope).Heads(cms.KindEntry, []string{"p0", "p2", "post", "x"})
	want, _ := w.head(cms.KindEntry, "p2")
	if len(got) != 2 || got["p0"].ID != "p0" || cmp.Diff(want, got["p2"]) != "" {
		t.Errorf("%v\n%s", got, cmp.Diff(want, got["p2"]))
	}
}

func TestScopeGone(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	x := index.New(w.st, index.Options{})
	e := open(t, x, w.scope)
	w.update(store.Server, func(tx store.Tx) error { return tx.DropScope(ctx, w.scope) })
	if _, err := x.Open(ctx, w.scope, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("opening a scope that is gone: %v", err)
	}
	if n := x.Stats().Environments; n != 0 {
		t.Errorf("%d environments are held", n)
	}
	if _, err := x.Open(ctx, w.scope, false); !fault.Is(err, fault.NotFound) {
		t.Errorf("opening a scope that is gone, not freshly: %v", err)
	}
	w.ask(e, "order=sys.id") // who still holds it is served
}

func TestCopiedScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sqlite(t), 1)
	x := index.New(w.st, index.Options{})
	var space, from, to store.Scope
	w.update(store.Server, func(tx store.Tx) (err error) {
		space, err = tx.NewScope(ctx, store.Server)
		return err
	})
	w.update(space, func(tx store.Tx) (err error) {
		if from, err = tx.NewScope(ctx, space); err == nil {
			to, err = tx.NewScope(ctx, space)
		}
		return err
	})
	w.scope = to
	open(t, x, to) // before anything is in it
	w.scope = from
	w.putLocales()
	w.update(space, func(tx store.Tx) error { return tx.CopyScope(ctx, from, to) })
	if m := open(t, x, to).Model(); len(m.Locales) != 3 {
		t.Errorf("the copy has %d locales", len(m.Locales))
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	st := sqlite(t)
	one, two := blog(t, st), blog(t, st)
	one.fill(500)
	two.fill(500)
	x := index.New(st, index.Options{Bytes: 300_000}) // one environment with few columns
	one.search(x, "order=sys.id")
	first := x.Stats()
	if first.Environments != 1 || first.Bytes < 500*220 || first.CacheBytes <= 0 {
		t.Errorf("%+v", first)
	}
	two.search(x, "order=sys.id")
	if s := x.Stats(); s.Environments != 1 {
		t.Errorf("both environments are held: %+v", s)
	}
	for _, params := range manyQueries {
		two.search(x, params)
	}
	if s := x.Stats(); s.Bytes > 200_000 {
		t.Errorf("columns exceed the budget: %+v", s)
	}
	x.Drop(two.scope)
	if s := x.Stats(); s.Environments != 0 || s.Bytes != 0 {
		t.Errorf("%+v", s)
	}
}

// TestDrop: with an environment the cached bodies of what is in it go, and no
// others.
func TestDrop(t *testing.T) {
	t.Parallel()
	st := sqlite(t)
	one, two := blog(t, st), blog(t, st)
	x := index.New(st, index.Options{})
	held := func(w *world) int64 {
		t.Helper()
		before := x.Stats().CacheBytes
		open(t, x, w.scope)
		w.fill(50)
		open(t, x, w.scope)
		var revs []store.Revision
		for _, h := range w.list(cms.KindEntry) {
			revs = append(revs, h.Draft, h.Published)
		}
		if _, err := x.Bodies(t.Context(), revs); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Documents(t.Context(), revs); err != nil {
			t.Fatal(err)
		}
		return x.Stats().CacheBytes - before
	}
	ofOne, ofTwo := held(one), held(two)
	if ofOne <= 0 || ofTwo <= 0 {
		t.Fatalf("nothing is cached: %d, %d", ofOne, ofTwo)
	}
	x.Drop(one.scope)
	if s := x.Stats(); s.Environments != 1 || s.CacheBytes < ofTwo/2 || s.CacheBytes > ofTwo {
		t.Errorf("%+v after %d and %d bytes were cached", s, ofOne, ofTwo)
	}
	x.Drop(two.scope)
	if s := x.Stats(); s.Environments != 0 || s.CacheBytes > (ofOne+ofTwo)/10 { // what was cached of the model, and is not any more
		t.Errorf("%+v after everything was dropped", s)
	}
}

// TestNodes: what one node writes another sees, at once when it asks freshly,
// else after a poll.
func TestNodes(t *testing.T) {
	t.Parallel()
	here, there := postgresNodes(t)
	w := blog(t, here)
	x := index.New(there, index.Options{})
	if page, _ := w.search(x, "content_type=post"); page.Total != 0 {
		t.Errorf("%d posts", page.Total)
	}
	w.fill(2)
	if page, _ := w.search(x, "content_type=post"); page.Total != 2 {
		t.Errorf("asked freshly: %d posts", page.Total)
	}
	w.put(cms.KindEntry, "p9", "post", &cms.Document{}, true)
	if err := x.Poll(ctx); err != nil {
		t.Fatal(err)
	}
	e, err := x.Open(ctx, w.scope, false)
	if err != nil {
		t.Fatal(err)
	}
	if page, _ := w.ask(e, "content_type=post"); page.Total != 3 {
		t.Errorf("after a poll: %d posts", page.Total)
	}
	w.update(store.Server, func(tx store.Tx) error { return tx.DropScope(ctx, w.scope) })
	if err := x.Poll(ctx); err != nil {
		t.Fatal(err)
	}
	if n := x.Stats().Environments; n != 0 {
		t.Errorf("%d environments are held", n)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	w.fill(10)
	x := index.New(w.st, index.Options{})
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := x.Open(gone, w.scope, true); err == nil {
		t.Error("a cancelled request opened an environment")
	}
	e := open(t, x, w.scope)
	q, err := query.Parse(url.Values{"content_type": {"post"}, "fields.symbol": {"s1"}}, query.Options{API: query.Delivery, Kind: cms.KindEntry, Model: e.Model()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Search(gone, cms.Published, q); err == nil {
		t.Error("a cancelled request made a column")
	}
	w.put(cms.KindEntry, "p99", "post", &cms.Document{}, true)
	if page, err := open(t, x, w.scope).Search(ctx, cms.Published, q); err != nil || page.Total != 1 {
		t.Errorf("after a cancelled request: %+v, %v", page, err)
	}
}

// TestConcurrent has writers, readers and a forgetful index at work at once, and
// compares with the definition when all is quiet.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	st := sqlite(t)
	w := blog(t, st)
	w.fill(200)
	x := index.New(st, index.Options{})
	model := open(t, x, w.scope).Model()
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	writers.Go(func() {
		own := *w
		for range 300 {
			own.change(model)
		}
	})
	for i := range 3 {
		readers.Go(func() {
			for n := i; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				if n%10 == 0 {
					x.Drop(w.scope)
				}
				e, err := x.Open(ctx, w.scope, n%2 == 0)
				if err != nil {
					t.Error(err)
					return
				}
				v, err := url.ParseQuery(manyQueries[n%len(manyQueries)])
				if err != nil {
					t.Error(err)
					return
				}
				q, err := query.Parse(v, query.Options{API: query.Delivery, Kind: cms.KindEntry, Model: e.Model()})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := e.Search(ctx, cms.Stage(n%2), q); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	for _, params := range manyQueries {
		page, q := w.search(x, params)
		total, ids := w.state().answer(cms.Published, q, model)
		if diff := cmp.Diff(ids, idsOf(page)); diff != "" || page.Total != total {
			t.Errorf("%s: total %d, want %d (-want +got)\n%s", params, page.Total, total, diff)
		}
	}
}

// TestTurnEnds: who has to load an environment or make a column holds up no other
// writer.
func TestTurnEnds(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	w.fill(3)
	x := index.New(w.st, index.Options{})
	turns := turn.New(1)
	ended := func(what string, do func(ctx context.Context)) {
		t.Helper()
		with, leave, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		do(with)
		if len(turns) != 0 {
			t.Errorf("who %s keeps the turn", what)
		}
	}
	ended("loads an environment", func(ctx context.Context) {
		if _, err := x.Model(ctx, w.scope); err != nil {
			t.Fatal(err)
		}
	})
	ended("makes a column", func(ctx context.Context) {
		q := &query.Query{Kind: cms.KindEntry, Limit: 1, Order: []query.Order{{Column: query.Column{Source: query.SourceSys, Name: "id", Type: query.String}}}}
		if page, err := open(t, x, w.scope).Search(ctx, cms.Draft, q); err != nil || page.Total == 0 {
			t.Fatal(page.Total, err)
		}
	})
}
