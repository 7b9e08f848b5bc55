package index_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// world is an environment in a store, with a writer who knows the rules of
// heads well enough.
type world struct {
	t     testing.TB
	st    store.Store
	space store.Scope
	scope store.Scope // the environment that is written to
	rnd   *rand.Rand
	now   time.Time
	ids   int

	before, after func() // each write to the environment, if not nil
}

func newWorld(t testing.TB, st store.Store, seed uint64) *world {
	w := &world{t: t, st: st, rnd: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.update(store.Server, func(tx store.Tx) (err error) {
		if w.space, err = tx.NewScope(context.Background(), store.Server); err == nil {
			w.scope, err = tx.NewScope(context.Background(), w.space)
		}
		return err
	})
	return w
}

// newContent is a world with locales and content types.
func newContent(t testing.TB, st store.Store, seed uint64) *world {
	w := newWorld(t, st, seed)
	w.putLocales()
	for _, ct := range []string{"post", "person"} {
		w.put(cms.KindContentType, ct, "", w.contentType(ct), true)
	}
	return w
}

// copied is a copy of the environment.
func (w *world) copied() store.Scope {
	w.t.Helper()
	var to store.Scope
	w.update(w.space, func(tx store.Tx) (err error) {
		if to, err = tx.NewScope(context.Background(), w.space); err == nil {
			err = tx.CopyScope(context.Background(), w.scope, to)
		}
		return err
	})
	return to
}

func (w *world) update(s store.Scope, fn func(store.Tx) error) {
	w.t.Helper()
	if w.before != nil {
		w.before()
		defer w.after()
	}
	if err := w.st.Update(context.Background(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

// head is a head as the store has it now.
func (w *world) head(k cms.Kind, id string) (store.Head, bool) {
	w.t.Helper()
	heads, err := w.st.GetMany(context.Background(), w.scope, k, []string{id})
	if err != nil {
		w.t.Fatal(err)
	}
	if len(heads) == 0 {
		return store.Head{}, false
	}
	return heads[0], true
}

// put saves a resource, published when publish is set.
func (w *world) put(k cms.Kind, id, contentType string, value any, publish bool) {
	w.t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		w.t.Fatal(err)
	}
	h, exists := w.head(k, id)
	was, action := h.Version, store.Save
	if !exists {
		h = store.Head{Scope: w.scope, Sys: cms.Sys{Kind: k, ID: id, ContentType: contentType, CreatedAt: w.tick(), CreatedBy: w.user()}}
		was, action = store.Absent, store.Create
	}
	h.Version++
	h.UpdatedAt, h.UpdatedBy = w.tick(), w.user()
	if publish {
		w.published(&h)
	}
	w.write(store.Write{Head: h, Was: was, Body: body, PublishBody: publish, Action: action})
}

func (w *world) published(h *store.Head) {
	h.PublishedVersion = h.Version
	h.Version++
	h.PublishedCounter++
	h.PublishedAt, h.PublishedBy = h.UpdatedAt, h.UpdatedBy
	if h.FirstPublishedAt.IsZero() {
		h.FirstPublishedAt = h.PublishedAt
	}
}

func (w *world) write(wr store.Write) {
	w.t.Helper()
	wr.Actor, wr.At = wr.Head.UpdatedBy, wr.Head.UpdatedAt
	w.update(w.scope, func(tx store.Tx) error {
		_, err := tx.Put(context.Background(), wr)
		return err
	})
}

// tick is the time; often several writes share one.
func (w *world) tick() time.Time {
	w.now = w.now.Add(time.Duration(w.rnd.IntN(2)) * time.Millisecond)
	return w.now
}

func (w *world) user() string { return pick(w.rnd, "ann", "bob", "cem") }

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// list is all heads of a kind.
func (w *world) list(k cms.Kind) []store.Head {
	w.t.Helper()
	var all []store.Head
	for after := ""; ; after = all[len(all)-1].ID {
		heads, err := w.st.List(context.Background(), w.scope, k, after, 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, heads...)
		if len(heads) < 1000 {
			return all
		}
	}
}

// step does one random write.
func (w *world) step(m *cms.Model) {
	w.t.Helper()
	w.stepBelow(m, 100)
}

// contentSteps are the steps that leave the content model alone.
const contentSteps = 95

func (w *world) stepBelow(m *cms.Model, most int) {
	w.t.Helper()
	switch n := w.rnd.IntN(most); {
	case n < 35:
		w.ids++
		id := fmt.Sprintf("%s%d", pick(w.rnd, "e", "E", "0"), w.ids)
		if w.rnd.IntN(5) == 0 {
			w.put(cms.KindAsset, id, "", w.asset(m), w.rnd.IntN(2) == 0)
			return
		}
		ct := pick(w.rnd, "post", "person")
		w.put(cms.KindEntry, id, ct, w.document(m, m.Types[ct]), w.rnd.IntN(2) == 0)
	case n < 92:
		w.change(m)
	case n < contentSteps:
		w.put(cms.KindTag, pick(w.rnd, "t1", "t2", "t3"), "", map[string]string{
			"name": pick(w.rnd, "News", "news", "Old news"), "visibility": pick(w.rnd, "public", "private"),
		}, false)
	case n < 98:
		ct := pick(w.rnd, "post", "person")
		w.put(cms.KindContentType, ct, "", w.contentType(ct), w.rnd.IntN(3) > 0)
	default:
		w.putLocales()
	}
}

// change does something with an entry or asset that exists.
func (w *world) change(m *cms.Model) {
	w.t.Helper()
	heads := append(w.list(cms.KindEntry), w.list(cms.KindAsset)...)
	if len(heads) == 0 {
		return
	}
	h := pick(w.rnd, heads...)
	was := h.Version
	h.UpdatedAt, h.UpdatedBy = w.tick(), w.user()
	action := pick(w.rnd, store.Save, store.Save, store.Save, store.Publish, store.Unpublish, store.Archive, store.Unarchive, store.Delete)
	switch {
	case action == store.Save:
		doc := w.asset(m)
		if h.Kind == cms.KindEntry {
			doc = w.document(m, m.Types[h.ContentType])
		}
		w.put(h.Kind, h.ID, h.ContentType, doc, w.rnd.IntN(3) == 0)
		return
	case action == store.Delete:
		w.update(w.scope, func(tx store.Tx) error {
			return tx.Delete(context.Background(), w.scope, h.Kind, h.ID, was, w.user(), w.now)
		})
		if h.Kind == cms.KindEntry && w.rnd.IntN(3) == 0 { // again, as another type
			ct := map[string]string{"post": "person", "person": "post"}[h.ContentType]
			w.put(cms.KindEntry, h.ID, ct, w.document(m, m.Types[ct]), true)
		}
		return
	case action == store.Publish && !h.Archived() && w.rnd.IntN(2) == 0:
		w.publishLocales(m, h)
		return
	case action == store.Publish && !h.Archived():
		w.published(&h)
		h.Published = h.Draft
	case action == store.Unpublish && h.Published != 0:
		h.Version++
		h.Published, h.PublishedVersion = 0, 0
	case action == store.Archive && h.Published == 0:
		h.ArchivedVersion, h.ArchivedAt, h.ArchivedBy = h.Version, h.UpdatedAt, h.UpdatedBy
		h.Version++
	case action == store.Unarchive && h.Archived():
		h.Version++
		h.ArchivedVersion, h.ArchivedAt, h.ArchivedBy = 0, time.Time{}, ""
	default:
		return
	}
	w.write(store.Write{Head: h, Was: was, Action: action})
}

// publishLocales publishes a body of its own, for some of the locales.
func (w *world) publishLocales(m *cms.Model, h store.Head) {
	w.t.Helper()
	doc := w.asset(m)
	if h.Kind == cms.KindEntry {
		doc = w.document(m, m.Types[h.ContentType])
	}
	doc.Locales = pick(w.rnd, []string{"len"}, []string{"lde"}, []string{"lfr", "lde"}, []string{"lgone", "len"}, []string{"lgone"})
	for _, values := range doc.Fields {
		maps.DeleteFunc(values, func(key string, _ json.RawMessage) bool { return !doc.For(key) })
	}
	was := h.Version
	w.published(&h)
	w.write(store.Write{Head: h, Was: was, PublishedBody: raw(doc), Action: store.Publish})
}

func (w *world) putLocales() {
	en := "en-US"
	for _, l := range []cms.Locale{
		{Code: en, Key: "len", Default: true, Management: true, Delivery: true},
		{Code: "de", Key: "lde", FallbackCode: &en, Management: true, Delivery: w.rnd.IntN(4) > 0},
		{Code: "fr", Key: "lfr", Management: w.rnd.IntN(4) > 0, Delivery: true},
	} {
		w.put(cms.KindLocale, l.Key, "", l, false)
	}
}

// fieldTypes are the fields of the random content types, one per class.
var fieldTypes = []cms.Field{
	{ID: "symbol", Type: cms.Symbol}, {ID: "text", Type: cms.Text}, {ID: "rich", Type: cms.RichText},
	{ID: "int", Type: cms.Integer}, {ID: "num", Type: cms.Number}, {ID: "date", Type: cms.Date}, {ID: "bool", Type: cms.Boolean},
	{ID: "object", Type: cms.Object}, {ID: "place", Type: cms.Location},
	{ID: "ref", Type: cms.TypeLink, LinkType: "Entry"}, {ID: "cover", Type: cms.TypeLink, LinkType: "Asset"},
	{ID: "list", Type: cms.Array, Items: &cms.Items{Type: cms.Symbol}},
	{ID: "refs", Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink, LinkType: "Entry"}},
	{ID: "album", Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink, LinkType: "Asset"}},
	{ID: "abroad", Type: cms.ResourceLink}, {ID: "foreign", Type: cms.Array, Items: &cms.Items{Type: cms.ResourceLink}},
}

// contentType has most of the fields; sometimes one was renamed.
func (w *world) contentType(id string) *cms.ContentType {
	ct := &cms.ContentType{Name: id}
	for _, f := range fieldTypes {
		f.Key, f.Localized = "k-"+f.ID, w.rnd.IntN(2) == 0
		if w.rnd.IntN(20) == 0 {
			f.ID += "2"
		}
		if w.rnd.IntN(20) > 0 {
			ct.Fields = append(ct.Fields, f)
		}
	}
	return ct
}

// document has values for some fields in some locales, among them locales and
// fields that do not exist and values of the wrong type, as drafts may.
func (w *world) document(m *cms.Model, _ *cms.ContentType) *cms.Document {
	d := &cms.Document{Fields: cms.Fields{}, Metadata: w.metadata(), Locales: pick(w.rnd, nil, []string{"len"}, []string{"len", "lde", "lfr"})}
	for _, f := range fieldTypes {
		values := map[string]json.RawMessage{}
		for _, l := range []string{"len", "len", "lde", "lfr", "lgone"} {
			if w.rnd.IntN(2) == 0 {
				t := &f
				if w.rnd.IntN(30) == 0 {
					t = &fieldTypes[w.rnd.IntN(len(fieldTypes))]
				}
				values[l] = w.value(t)
			}
		}
		if len(values) > 0 {
			d.Fields["k-"+f.ID] = values
		}
	}
	return d
}

func (w *world) metadata() cms.Metadata {
	var m cms.Metadata
	for _, t := range []string{"t1", "t2", "t3"} {
		if w.rnd.IntN(3) == 0 {
			m.Tags = append(m.Tags, t)
		}
	}
	if w.rnd.IntN(3) == 0 {
		m.Concepts = []string{pick(w.rnd, "c1", "c2")}
	}
	return m
}

func (w *world) asset(*cms.Model) *cms.Document {
	d := &cms.Document{Fields: cms.Fields{}, Metadata: w.metadata()}
	for _, l := range []string{"len", "lde"} {
		if w.rnd.IntN(3) == 0 {
			continue
		}
		f := cms.File{FileName: pick(w.rnd, words...) + ".bin", ContentType: pick(w.rnd, "image/png", "text/plain", "application/pdf", "x/y")}
		if w.rnd.IntN(3) > 0 {
			f.URL = "/files/" + pick(w.rnd, words...)
			f.Details = &cms.FileDetails{Size: int64(w.rnd.IntN(4))}
			if w.rnd.IntN(2) == 0 {
				f.Details.Image = &cms.ImageSize{Width: w.rnd.IntN(3), Height: w.rnd.IntN(3)}
			}
		}
		for key, v := range map[string]any{cms.AssetTitle: pick(w.rnd, words...), cms.AssetFile: f} {
			if d.Fields[key] == nil {
				d.Fields[key] = map[string]json.RawMessage{}
			}
			d.Fields[key][l] = raw(v)
		}
	}
	return d
}

var words = []string{"", "cat", "Cat", "Nyan Cat", "happy cat", "dog", "Ähre", "ähre", "a,b"}

var dates = []string{"2026-01-01", "2026-01-01T00:00Z", "2025-12-31T23:00-01:00", "2026-01-01T00:00:00.001Z", "2027-05-05", "1700-01-01"}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func (w *world) value(f *cms.Field) json.RawMessage {
	if w.rnd.IntN(12) == 0 {
		return json.RawMessage("null")
	}
	switch f.Type {
	case cms.Symbol, cms.Text:
		return raw(pick(w.rnd, words...))
	case cms.Integer:
		return raw(w.rnd.IntN(5) - 2)
	case cms.Number:
		return raw(float64(w.rnd.IntN(9)-4) / 2)
	case cms.Date:
		return raw(pick(w.rnd, dates...))
	case cms.Boolean:
		return raw(w.rnd.IntN(2) == 0)
	case cms.Location:
		return raw(map[string]float64{"lat": float64(w.rnd.IntN(5)), "lon": float64(w.rnd.IntN(5))})
	case cms.TypeLink:
		return raw(w.link(f.LinkType))
	case cms.ResourceLink:
		return raw(w.resource())
	case cms.RichText:
		return raw(map[string]any{"nodeType": "document", "content": []any{
			map[string]any{"nodeType": "paragraph", "content": []any{map[string]any{"nodeType": "text", "value": pick(w.rnd, words...)}}},
			map[string]any{"nodeType": "embedded-entry-block", "data": map[string]any{"target": w.link("Entry")}},
		}})
	case cms.Array:
		list := []any{}
		for range w.rnd.IntN(4) {
			switch f.Items.Type {
			case cms.Symbol:
				list = append(list, pick(w.rnd, words...))
			case cms.ResourceLink:
				list = append(list, w.resource())
			default:
				list = append(list, w.link(f.Items.LinkType))
			}
		}
		return raw(list)
	default:
		return raw(map[string]int{"x": 1})
	}
}

func (w *world) link(to string) cms.Link { return cms.LinkTo(cms.Kind(to), w.anID()) }

// resource is a link to an entry of another space.
func (w *world) resource() any {
	return map[string]any{"sys": map[string]string{"type": "ResourceLink", "linkType": "Contentful:Entry", "urn": w.urn()}}
}

func (w *world) urn() string { return "crn:contentful:::content:spaces/s/entries/" + w.anID() }

// anID is the id of something, which may be gone.
func (w *world) anID() string {
	return fmt.Sprintf("%s%d", pick(w.rnd, "e", "E", "0"), 1+w.rnd.IntN(w.ids+1))
}

// state is everything that exists, by stage, kind and id.
type state map[cms.Stage]map[cms.Kind]map[string]*query.Entity

// state reads everything the store has of the environment.
func (w *world) state() state {
	w.t.Helper()
	s := state{}
	for _, stage := range []cms.Stage{cms.Draft, cms.Published} {
		s[stage] = map[cms.Kind]map[string]*query.Entity{}
		for _, k := range []cms.Kind{cms.KindEntry, cms.KindAsset, cms.KindTag, cms.KindContentType, cms.KindLocale} {
			s[stage][k] = w.entities(k, stage)
		}
	}
	return s
}

// answer is the answer to a query by definition: everything is filtered and
// sorted.
func (s state) answer(stage cms.Stage, q *query.Query, m *cms.Model) (total int, ids []string) {
	entries := s[stage][cms.KindEntry]
	var found []*query.Entity
	for _, e := range s[stage][q.Kind] {
		if q.Match(e, m, func(id string) (*query.Entity, bool) { t, ok := entries[id]; return t, ok }) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *query.Entity) int { return q.Compare(a, b, m) })
	from := min(q.Skip, len(found))
	for _, e := range found[from:min(from+q.Limit, len(found))] {
		ids = append(ids, e.Sys.ID)
	}
	return len(found), ids
}

// entities are all resources of a kind that exist in a stage, by id.
func (w *world) entities(k cms.Kind, stage cms.Stage) map[string]*query.Entity {
	w.t.Helper()
	all := map[string]*query.Entity{}
	heads := w.list(k)
	revs := make([]store.Revision, len(heads))
	for i, h := range heads {
		revs[i] = h.Draft
		if stage == cms.Published && k != cms.KindTag && k != cms.KindLocale {
			revs[i] = h.Published
		}
	}
	bodies := map[store.Revision][]byte{}
	for page := range slices.Chunk(revs, 1000) {
		some, err := w.st.Bodies(context.Background(), page)
		if err != nil {
			w.t.Fatal(err)
		}
		maps.Copy(bodies, some)
	}
	for i, h := range heads {
		body, ok := bodies[revs[i]]
		if !ok {
			continue
		}
		e := &query.Entity{Sys: h.Sys, Body: body}
		if k == cms.KindEntry || k == cms.KindAsset {
			e.Doc = &cms.Document{}
			if err := json.Unmarshal(body, e.Doc); err != nil {
				w.t.Fatal(err)
			}
		}
		all[h.ID] = e
	}
	return all
}

func open(t testing.TB, x *index.Index, s store.Scope) *index.Env {
	t.Helper()
	e, err := x.Open(context.Background(), s, true)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// idsOf are the ids of a page.
func idsOf(p index.Page) []string {
	var ids []string
	for _, h := range p.Heads {
		ids = append(ids, h.ID)
	}
	return ids
}
