package delivery_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/fault"
)

var linked = cms.ContentType{Fields: []cms.Field{
	{ID: "title", Type: cms.Symbol, Localized: true},
	{ID: "next", Type: cms.TypeLink, LinkType: "Entry"},
	{ID: "picture", Type: cms.TypeLink, LinkType: "Asset"},
}}

// keysOf are the keys of an answer, without the scope's number.
func (w *world) keysOf(t *testing.T, read func(delivery.Request) (delivery.Answer, error), params string) string {
	t.Helper()
	r := w.request(delivered, params)
	r.Keys = true
	a, err := read(r)
	if err != nil {
		t.Fatalf("%s: %v", params, err)
	}
	scope := fmt.Sprint(w.Place.Environment, "/")
	var keys []string
	for _, k := range strings.Split(a.Body.Keys, " ") {
		short, ok := strings.CutPrefix(k, scope)
		if !ok && k != "env/s/master" && k != "taxonomy/o" {
			t.Errorf("%s has the key %q", params, k)
		}
		keys = append(keys, short)
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

func TestKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("a", linked)
	w.Type("b", linked)
	w.Tag("t1", cms.TagPublic)
	w.Concept("c")
	w.Asset("p1", `{"title":{"en-US":"P"}}`)
	w.Entry("b1", "b", `{"picture":{"en-US":`+linkTo("Asset", "p1")+`}}`)
	w.Entry("a1", "a", `{"title":{"en-US":"A"},"next":{"en-US":`+linkTo("Entry", "b1")+`},"picture":{"en-US":`+linkTo("Asset", "gone")+`}}`)
	w.Entry("a2", "a", `{"next":{"en-US":`+linkTo("Entry", "gone")+`}}`)
	w.Entry("a3", "a", `{"next":{"en-US":`+linkTo("Entry", "no id")+`}}`)
	w.Publish(cms.KindAsset, "p1")
	w.Publish(cms.KindEntry, "b1", "a1", "a2", "a3")

	list := func(read collectionOf) func(delivery.Request) (delivery.Answer, error) {
		return func(r delivery.Request) (delivery.Answer, error) { return read(w.s, t.Context(), r) }
	}
	one := func(read resourceOf, id string) func(delivery.Request) (delivery.Answer, error) {
		return func(r delivery.Request) (delivery.Answer, error) { return read(w.s, t.Context(), r, id) }
	}
	for _, test := range []struct {
		name   string
		read   func(delivery.Request) (delivery.Answer, error)
		params string
		want   string
	}{
		{"entry", one(entry, "a1"), "", "entry/a1 env/s/master model"},
		{"asset", one(asset, "p1"), "", "asset/p1 env/s/master model"},
		{"content type", one(contentType, "a"), "", "env/s/master model"},
		{"content types", list(contentTypes), "", "env/s/master model"},
		{"locales", list(locales), "", "env/s/master model"},
		{"tag", one(tag, "t1"), "", "env/s/master model"},
		{"tags", list(tags), "", "env/s/master model"},
		{"of a type, with what is linked and what is not there", list(entries), "content_type=a", "asset/gone asset/p1 entry/b1 entry/gone env/s/master model type/a"},
		{"of a type alone", list(entries), "content_type=a&include=0", "env/s/master model type/a"},
		{"what select leaves", list(entries), "content_type=a&select=fields.picture", "asset/gone env/s/master model type/a"},
		{"of all types", list(entries), "", "asset/gone asset/p1 entries env/s/master model"},
		{"of some types", list(entries), "sys.contentType.sys.id[in]=b,c&include=0", "entries env/s/master model"},
		{"by what they refer to", list(entries), "content_type=a&include=0&fields.next.sys.contentType.sys.id=b&fields.next.fields.title=x", "env/s/master model type/a type/b"},
		{"assets", list(assets), "", "assets env/s/master model"},
		{"by what is below a concept", list(assets), "metadata.concepts.descendants[in]=c", "assets env/s/master model taxonomy/o"},
		{"by a concept", list(assets), "metadata.concepts.sys.id[in]=c", "assets env/s/master model"},
		{"concepts", list(concepts), "", "env/s/master taxonomy/o"},
		{"concept", one(concept, "c"), "", "env/s/master taxonomy/o"},
		{"concepts above one", one(ancestors, "c"), "", "env/s/master taxonomy/o"},
		{"schemes", list(schemes), "", "env/s/master taxonomy/o"},
	} {
		if got := w.keysOf(t, test.read, test.params); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}

	a, err := w.s.Entries(t.Context(), w.request(delivered, "content_type=a"))
	if err != nil || a.Body.Keys != "" {
		t.Errorf("without being asked: %q, %v", a.Body.Keys, err)
	}
	a, err = w.s.Space(t.Context(), delivery.Request{Place: w.Place, Stage: delivered, Keys: true})
	if err != nil || a.Body.Keys != "" {
		t.Errorf("the space, which no environment's log tells of: %q, %v", a.Body.Keys, err)
	}
}

// Keys stay within their bound whatever a list links to.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("a", linked)
	for i := range 100 {
		id := fmt.Sprintf("a%02d-%s", i, strings.Repeat("x", 20))
		w.Entry(id, "a", `{"next":{"en-US":`+linkTo("Entry", "gone-"+id)+`}}`)
		w.Publish(cms.KindEntry, id)
	}
	list := func(r delivery.Request) (delivery.Answer, error) { return w.s.Entries(t.Context(), r) }
	few := w.keysOf(t, list, "content_type=a&limit=30")
	if n := strings.Count(few, "entry/gone-a"); n != 30 || len(few) > 1536 {
		t.Errorf("%d of 30 links in %d bytes", n, len(few))
	}
	if got := w.keysOf(t, list, "content_type=a"); got != "assets entries env/s/master model type/a" {
		t.Errorf("of 100 links: %s", got)
	}
	if got := w.keysOf(t, list, ""); got != "entries env/s/master model" {
		t.Errorf("of all types: %s", got)
	}
}

// Whenever an answer changes, the feed names one of the keys it had, whatever was
// written.
func TestPurgesRandomly(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := newWorld(t)
	m := turmoil{world: w, Rand: rand.New(rand.NewPCG(seed, seed)), stage: delivered}
	read := func(params string) (string, []string) {
		r := w.request(delivered, params)
		r.Keys = true
		path := r.Params.Get("path")
		r.Params.Del("path")
		var a delivery.Answer
		var err error
		switch {
		case strings.HasPrefix(path, "entry"):
			a, err = w.s.Entry(t.Context(), r, strings.TrimPrefix(path, "entry/"))
		case strings.HasPrefix(path, "asset/"):
			a, err = w.s.Asset(t.Context(), r, strings.TrimPrefix(path, "asset/"))
		case path == "assets":
			a, err = w.s.Assets(t.Context(), r)
		case path == "types":
			a, err = w.s.ContentTypes(t.Context(), r)
		case path == "locales":
			a, err = w.s.Locales(t.Context(), r)
		case path == "concepts":
			a, err = w.s.Concepts(t.Context(), r)
		case path == "below":
			a, err = w.s.Descendants(t.Context(), r, "c0")
		case path == "schemes":
			a, err = w.s.ConceptSchemes(t.Context(), r)
		case path == "tags":
			a, err = w.s.Tags(t.Context(), r)
		default:
			a, err = w.s.Entries(t.Context(), r)
		}
		if err != nil { // no cache keeps an error
			return fault.Of(err).Message, nil
		}
		return string(a.Body.Bytes()), strings.Fields(a.Body.Keys)
	}
	asked := []string{
		"", "limit=3&order=sys.id", "content_type=a", "content_type=b&locale=de", "content_type=a&locale=*", "path=assets", "path=types", "path=locales", "path=tags",
		"content_type=a&fields.next.sys.contentType.sys.id=b&fields.next.fields.title[exists]=true", "content_type=b&select=fields.next&include=3", "links_to_entry=a1",
		"path=entry/a1", "path=entry/b2", "path=asset/p1", "metadata.tags.sys.id[all]=t1",
		"path=concepts&order=-prefLabel", "path=below", "path=schemes", "metadata.concepts.descendants[in]=c0&order=sys.id",
	}
	type answer struct {
		body string
		keys []string
	}
	kept := map[string]answer{}
	for _, p := range asked {
		body, keys := read(p)
		kept[p] = answer{body, keys}
	}
	since := w.purges(t, "").Next
	for n := range 400 {
		m.scribble(n)
		p := w.purges(t, since)
		since = p.Next
		for _, params := range asked {
			body, keys := read(params)
			old := kept[params]
			named := slices.ContainsFunc(old.keys, func(k string) bool { return slices.Contains(p.Keys, k) })
			if body != old.body && old.keys != nil && !named {
				t.Fatalf("write %d changed %q, which has the keys\n%q, but the feed has\n%q (-was +is):\n%s", n, params, old.keys, p.Keys, cmp.Diff(old.body, body))
			}
			kept[params] = answer{body, keys}
		}
	}
}

// scribble writes something that readers may see, or may not.
func (m *turmoil) scribble(n int) {
	kind, id, contentType := cms.KindAsset, fmt.Sprint("p", m.IntN(4)), ""
	if m.IntN(3) > 0 {
		contentType = string(rune('a' + m.IntN(2)))
		kind, id = cms.KindEntry, contentType+fmt.Sprint(m.IntN(5))
	}
	if m.IntN(12) == 0 || n < 2 {
		switch {
		case n >= 2 && m.IntN(3) == 0:
			m.Locale("l2", cms.Locale{Name: "German", Code: "de", Key: "key:de", Management: true, Delivery: m.IntN(4) > 0})
		case n >= 2 && m.IntN(2) == 0:
			m.Tag("t1", []string{cms.TagPublic, "private"}[m.IntN(2)])
		default:
			ct := cms.ContentType{Fields: slices.Clone(linked.Fields)}
			ct.Fields[0].Omitted = m.IntN(3) == 0
			m.Type(string(rune('a'+n%2)), ct)
		}
		return
	}
	if m.IntN(8) == 0 {
		m.classify(n)
		return
	}
	heads, err := m.Store.GetMany(m.t.Context(), m.Place.Environment, kind, []string{id})
	if err != nil {
		m.t.Fatal(err)
	}
	switch {
	case len(heads) > 0 && heads[0].Published != 0 && m.IntN(3) == 0:
		m.Unpublish(kind, id)
	case len(heads) > 0 && heads[0].Published == 0 && m.IntN(4) == 0:
		m.Delete(kind, id)
	case len(heads) > 0 && m.IntN(2) == 0:
		m.Publish(kind, id)
	case kind == cms.KindAsset:
		m.Asset(id, fmt.Sprintf(`{"title":{"en-US":"%d"}}`, n))
	default:
		m.Entry(id, contentType, fmt.Sprintf(`{"title":{"en-US":"%d"},"next":{"en-US":%s},"picture":{"en-US":%s}}`, n,
			linkTo("Entry", fmt.Sprintf("%c%d", 'a'+m.IntN(2), m.IntN(5))), linkTo("Asset", fmt.Sprint("p", m.IntN(4)))), "t1", "concept:"+fmt.Sprint("c", m.IntN(4)))
	}
}

// classify writes something to the taxonomy, or to another record of the server.
func (m *turmoil) classify(n int) {
	some := func() string { return fmt.Sprint("c", m.IntN(4)) }
	switch m.IntN(4) {
	case 0:
		m.Scheme("s1", some(), some())
	case 1:
		m.Token(fmt.Sprint("t", n))
	default:
		if id, above := some(), some(); id > above { // no circles
			m.Concept(id, above)
		} else {
			m.Concept(id)
		}
	}
}

// purges is a page of the feed; since "" begins.
func (w *world) purges(t *testing.T, since string) delivery.Purges {
	t.Helper()
	params := url.Values{}
	if since != "" {
		params.Set("since", since)
	}
	p, err := w.s.Purges(t.Context(), w.Place, params)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPurges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("a", linked)
	begin := w.purges(t, "")
	if len(begin.Keys) > 0 || begin.More {
		t.Errorf("the beginning: %+v", begin)
	}
	scope := fmt.Sprint(w.Place.Environment)
	want := func(what string, p delivery.Purges, keys ...string) {
		t.Helper()
		for i, k := range keys {
			if !strings.HasPrefix(k, "env/") {
				keys[i] = scope + "/" + k
			}
		}
		if diff := cmp.Diff(append([]string{}, keys...), p.Keys); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	w.Entry("a1", "a", `{}`)
	w.Asset("p1", `{}`)
	drafts := w.purges(t, begin.Next)
	want("drafts", drafts)
	w.Publish(cms.KindEntry, "a1")
	w.Publish(cms.KindAsset, "p1")
	w.Publish(cms.KindEntry, "a1")
	published := w.purges(t, begin.Next)
	want("publications", published, "entry/a1", "type/a", "entries", "asset/p1", "assets")
	want("what was there", w.purges(t, published.Next))
	w.Unpublish(cms.KindEntry, "a1")
	want("unpublishing", w.purges(t, published.Next), "entry/a1", "type/a", "entries")
	w.Tag("t1", cms.TagPublic)
	want("a tag", w.purges(t, w.purges(t, published.Next).Next))

	other := w.at(w.Copy("other"))
	want("another environment by that name", other.purges(t, published.Next), "env/s/other")
	want("a log that is shorter", w.purges(t, scope+".999999.0"), "env/s/master")
	want("a log of the server that is shorter", w.purges(t, scope+".1.999999"), "env/s/master")

	gone := w.Copy("gone")
	w.Drop(gone)
	if _, err := w.at(gone).s.Purges(t.Context(), gone, nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("of an environment that is gone: %v", err)
	}
}

// A page looks at a bounded number of changes.
func TestPurgesInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("a", linked)
	since := w.purges(t, "").Next
	w.Fill(1100, "a")
	before := w.Store.Statements()
	p := w.purges(t, since)
	if n := w.Store.Statements() - before; n != 1 {
		t.Errorf("%d statements", n)
	}
	if !p.More || len(p.Keys) != 1002 {
		t.Errorf("the first page: %d keys, %v", len(p.Keys), p.More)
	}
	if p = w.purges(t, p.Next); p.More || len(p.Keys) != 102 {
		t.Errorf("the second page: %d keys, %v", len(p.Keys), p.More)
	}
	if p = w.purges(t, p.Next); p.More || len(p.Keys) != 0 {
		t.Errorf("the third page: %+v", p)
	}
}
