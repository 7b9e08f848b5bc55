package index_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// TestSearchEqualsDefinition lets a random writer and random queries run
// against each other: the index must answer as Match and Compare do over
// everything the store has. One index lives until the next restart, one is so
// small that it forgets all the time, one is new each time. Environments are
// copied, and the copy and what it was made of go on side by side.
//
// TYPECASE_TEST_SEEDS=100 runs so many seeds on each database.
func TestSearchEqualsDefinition(t *testing.T) {
	t.Parallel()
	eachSeed(t, 4, 2, compareRandomly)
}

func compareRandomly(t *testing.T, d *database, seed uint64) {
	w := newContent(t, d, seed)
	scopes := []store.Scope{w.scope}
	lasting, tiny := index.New(d.Store, index.Options{}), index.New(d.Store, index.Options{Bytes: 1})
	var tally tally
	for round := range 40 {
		switch w.rnd.IntN(10) {
		case 0:
			if len(scopes) < 4 {
				scopes = append(scopes, w.copied())
			}
		case 1:
			d.restart(t)
			lasting, tiny = index.New(d.Store, index.Options{}), index.New(d.Store, index.Options{Bytes: 1})
		}
		w.scope = pick(w.rnd, scopes...)
		e := open(t, lasting, w.scope)
		for range w.rnd.IntN(12) {
			w.step(e.Model())
		}
		if round%4 == 0 {
			w.compareDuringWrites(lasting, &tally)
		}
		indexes := []*index.Index{lasting, tiny, index.New(d.Store, index.Options{})}
		now := w.state()
		for _, a := range w.questions(open(t, lasting, w.scope).Model(), 24) {
			total, ids := now.answer(a.stage, a.q, a.model)
			tally.count(a.q, total)
			for i, x := range indexes {
				page, err := open(t, x, w.scope).Search(context.Background(), a.stage, a.q)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(ids, idsOf(page)); diff != "" || page.Total != total {
					t.Fatalf("seed %d, index %d, %s: total %d, want %d (-want +got)\n%s", seed, i, a, page.Total, total, diff)
				}
			}
		}
	}
	tally.check(t)
}

// compareDuringWrites asks while entries, assets and tags are written: each
// answer must be right for some moment between question and answer.
func (w *world) compareDuringWrites(x *index.Index, tally *tally) {
	w.t.Helper()
	type answer struct {
		asked
		from, to int // states between which it was given
		total    int
		ids      []string
	}
	model := open(w.t, x, w.scope).Model()
	questions := w.questions(model, 30)
	if len(questions) == 0 {
		return
	}
	var (
		states  = []state{w.state()}
		written atomic.Int64               // writes that are done
		begun   atomic.Int64               // writes that may be seen
		turns   = make([]chan struct{}, 2) // of each reader, one for a write
		answers = make([][]answer, len(turns))
		readers sync.WaitGroup
	)
	for n := range turns {
		turns[n] = make(chan struct{}, 100)
		readers.Go(func() {
			for range turns[n] {
				for range 15 {
					a := answer{asked: questions[(n+len(answers[n]))%len(questions)], from: int(written.Load())}
					e, err := x.Open(context.Background(), w.scope, true)
					if err != nil {
						w.t.Error(err)
						return
					}
					page, err := e.Search(context.Background(), a.stage, a.q)
					if err != nil {
						w.t.Error(err)
						return
					}
					a.to, a.total, a.ids = int(begun.Load()), page.Total, idsOf(page)
					answers[n] = append(answers[n], a)
				}
			}
		})
	}
	w.before = func() {
		begun.Add(1)
		for _, turn := range turns {
			turn <- struct{}{}
		}
	}
	w.after = func() {
		states = append(states, w.state())
		written.Add(1)
	}
	for range 8 {
		w.stepBelow(model, contentSteps)
	}
	w.before, w.after = nil, nil
	for _, turn := range turns {
		close(turn)
	}
	readers.Wait()
	for _, a := range slices.Concat(answers...) {
		right := slices.ContainsFunc(states[a.from:a.to+1], func(s state) bool {
			total, ids := s.answer(a.stage, a.q, a.model)
			return total == a.total && slices.Equal(ids, a.ids)
		})
		if !right {
			w.t.Fatalf("%s: total %d, %v, which is not right at any moment from write %d to %d", a, a.total, a.ids, a.from, a.to)
		}
		tally.count(a.q, a.total)
	}
}

// tally is what was asked.
type tally struct {
	asked, matched int
	operators      map[query.Op]int
	localeBased    int // conditions about published locales
}

func (c *tally) count(q *query.Query, total int) {
	c.asked++
	if total > 0 {
		c.matched++
	}
	if c.operators == nil {
		c.operators = map[query.Op]int{}
	}
	var note func(conds []query.Cond)
	note = func(conds []query.Cond) {
		for _, cond := range conds {
			c.operators[cond.Op]++
			if cond.Column.Source == query.SourceLocales {
				c.localeBased++
			}
			if cond.Ref != nil {
				note(cond.Ref.Conds)
			}
		}
	}
	note(q.Conds)
}

// check fails a test that has asked too little to mean anything.
func (c *tally) check(t *testing.T) {
	t.Helper()
	t.Logf("%d queries, %d with matches; conditions by operator: %v", c.asked, c.matched, c.operators)
	if c.asked < 400 || c.matched < c.asked/4 {
		t.Errorf("only %d queries were valid and %d matched anything", c.asked, c.matched)
	}
	if c.localeBased == 0 {
		t.Error("nothing was asked about published locales")
	}
	for _, op := range []query.Op{query.Equals, query.Ne, query.In, query.Nin, query.All, query.Exists, query.Lt, query.Lte, query.Gt, query.Gte,
		query.Match, query.Near, query.Within, query.Refers} {
		if c.operators[op] == 0 {
			t.Errorf("nothing was asked with %s", op)
		}
	}
}

// asked is a valid query.
type asked struct {
	params url.Values
	q      *query.Query
	stage  cms.Stage
	model  *cms.Model
}

func (a asked) String() string {
	return fmt.Sprintf("stage %d, %s?%s, %+v", a.stage, a.q.Kind, a.params.Encode(), a.q.Conds)
}

// questions are those of n random queries that are valid.
func (w *world) questions(m *cms.Model, n int) []asked {
	var out []asked
	for range n {
		params, opt, stage := w.question(m)
		q, err := query.Parse(params, opt)
		if err != nil {
			continue // an unknown field, or an operator that does not apply
		}
		out = append(out, asked{params, q, stage, m})
	}
	return out
}

// question is a random query.
func (w *world) question(m *cms.Model) (url.Values, query.Options, cms.Stage) {
	r := w.rnd
	opt := query.Options{
		API: pick(r, query.Management, query.Delivery, query.Preview), Model: m,
		Kind: pick(r, cms.KindEntry, cms.KindEntry, cms.KindEntry, cms.KindEntry, cms.KindAsset, cms.KindTag, cms.KindContentType, cms.KindLocale),
	}
	if opt.Kind == cms.KindLocale && opt.API == query.Management {
		opt.API = query.Delivery // which alone searches locales, and preview
	}
	stage := cms.Draft
	if opt.API == query.Delivery || opt.API == query.Management && r.IntN(4) == 0 {
		stage = cms.Published
	}
	opt.LocaleBased = opt.API == query.Delivery && r.IntN(3) == 0
	v := url.Values{}
	if r.IntN(2) == 0 {
		v.Set("limit", strconv.Itoa(r.IntN(5)))
		v.Set("skip", strconv.Itoa(r.IntN(5)))
	}
	if opt.API != query.Management && r.IntN(2) == 0 {
		v.Set("locale", pick(r, "*", "de", "fr"))
	}
	paths := []string{"sys.id", "sys.updatedAt", "sys.createdAt", "sys.publishedVersion", "sys.archivedAt", "sys.updatedBy.sys.id", "sys.revision", "sys.type", "sys.version"}
	switch opt.Kind {
	case cms.KindEntry:
		paths = append(paths, "sys.contentType.sys.id", "metadata.tags.sys.id", "metadata.tags", "metadata.concepts.sys.id",
			"metadata.concepts", "metadata.concepts.descendants")
		if r.IntN(4) > 0 {
			ct := pick(r, "post", "person")
			v.Set("content_type", ct)
			for range 3 {
				paths = append(paths, w.fieldPaths("fields.", opt.API)...)
			}
			if r.IntN(6) == 0 {
				w.filter(v, "fields.place")
			}
			for _, ref := range []string{"fields.ref", "fields.refs"} {
				if r.IntN(8) > 0 {
					continue
				}
				v.Set(ref+".sys.contentType.sys.id", pick(r, "post", "person"))
				for range r.IntN(3) {
					w.filter(v, pick(r, w.fieldPaths(ref+".fields.", opt.API)...))
				}
			}
		}
		if r.IntN(10) == 0 {
			v.Set(pick(r, "links_to_entry", "links_to_asset"), w.anID())
		}
	case cms.KindAsset:
		paths = append(paths, "fields.title", "fields.file", "fields.file.url", "fields.file.fileName", "fields.file.contentType",
			"fields.file.details.size", "fields.file.details.image.width", "metadata.tags.sys.id")
		if r.IntN(10) == 0 {
			v.Set("mimetype_group", pick(r, "image", "plaintext", "pdfdocument", "attachment"))
		}
	case cms.KindTag, cms.KindContentType:
		paths = append(paths, "name")
	}
	if r.IntN(10) == 0 {
		v.Set("query", pick(r, words...))
	}
	for range r.IntN(3) {
		w.filter(v, pick(r, paths...))
	}
	var order []string
	for range r.IntN(3) {
		order = append(order, pick(r, "", "-")+pick(r, paths...))
	}
	if len(order) > 0 {
		v.Set("order", strings.Join(order, ","))
	}
	return v, opt, stage
}

func (w *world) fieldPaths(prefix string, api query.API) []string {
	var paths []string
	for _, f := range fieldTypes {
		p := prefix + f.ID
		switch {
		case f.Type == cms.TypeLink || f.ID == "refs" || f.ID == "album":
			p += pick(w.rnd, "", ".sys.id")
		case f.ID == "abroad" || f.ID == "foreign":
			p += pick(w.rnd, "", ".sys.urn")
		}
		if api == query.Management && w.rnd.IntN(3) == 0 {
			p += pick(w.rnd, ".de", ".fr", ".en-US")
		}
		paths = append(paths, p)
	}
	return paths
}

// filter adds a condition whose operator often applies to the path.
func (w *world) filter(v url.Values, path string) {
	r := w.rnd
	op := pick(r, "", "[ne]", "[in]", "[nin]", "[all]", "[exists]", "[lt]", "[lte]", "[gt]", "[gte]", "[match]")
	value := func() string { return pick(r, "cat", "Cat", "dog", "", "nothing") }
	switch {
	case strings.Contains(path, "place"):
		op = pick(r, "[near]", "[within]", "[exists]")
	case strings.HasSuffix(path, "contentType.sys.id"):
		value = func() string { return pick(r, "post", "person") }
	case strings.Contains(path, "tags") || strings.Contains(path, "concepts"):
		value = func() string { return pick(r, "t1", "t2", "t3", "c1") }
	case strings.Contains(path, "By."):
		value = w.user
	case strings.HasSuffix(path, ".id"):
		value = w.anID
	case strings.HasSuffix(path, ".urn"):
		value = w.urn
	case strings.HasSuffix(path, "At"):
		value = func() string { return w.now.AddDate(0, 0, 0).Format("2006-01-02T15:04:05.000Z") }
	case strings.Contains(path, "date"):
		value = func() string { return pick(r, dates...) }
	case strings.Contains(path, "bool"):
		value = func() string { return pick(r, "true", "false") }
	case strings.Contains(path, "int"), strings.Contains(path, "num"), strings.Contains(path, "ersion"), strings.Contains(path, "revision"),
		strings.Contains(path, "size"), strings.Contains(path, "width"):
		value = func() string { return strconv.Itoa(r.IntN(4) - 1) }
	case strings.HasSuffix(path, "url"):
		value = func() string { return "//any.host/files/" + pick(r, words...) }
	}
	switch op {
	case "[exists]":
		v.Add(path+op, pick(r, "true", "false"))
	case "[near]":
		v.Add(path+op, fmt.Sprintf("%d,%d.0", r.IntN(5), r.IntN(5)))
	case "[within]":
		v.Add(path+op, pick(r, "1,1,3,3", "3,1,1,3", "2,2,200", "0,0,0"))
	case "[in]", "[nin]", "[all]":
		v.Add(path+op, value()+","+value())
	default:
		v.Add(path+op, value())
	}
}

// Cases that the random tests have found.

// A draft may hold a list where one value belongs; it stands where its first
// value is, once.
func TestOrderByFirstOfSeveral(t *testing.T) {
	t.Parallel()
	w := blog(t, sqlite(t))
	w.fill(20)
	w.put(cms.KindEntry, "p5", "post", &cms.Document{Fields: cms.Fields{"k-symbol": {"len": raw([]string{"s7", "s19"})}}}, true)
	x := index.New(w.st, index.Options{})
	for _, params := range []string{"order=fields.symbol", "order=-fields.symbol", "order=fields.symbol&limit=12", "order=-fields.symbol&limit=3"} {
		page, q := w.search(x, "content_type=post&"+params)
		total, ids := w.state().answer(cms.Published, q, open(t, x, w.scope).Model())
		if diff := cmp.Diff(ids, idsOf(page)); diff != "" || page.Total != total {
			t.Errorf("%s: total %d, want %d (-want +got)\n%s", params, page.Total, total, diff)
		}
	}
}
