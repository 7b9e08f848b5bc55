package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

const randomWrites = 1500 // of each run

// A client that applies whatever a sync brings ends with exactly what a full
// read gives, whatever is written meanwhile, and wherever its alias leads.
func TestSyncRandom(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(context.Context, *testing.T) (store.Store, error){
		"sqlite": func(ctx context.Context, t *testing.T) (store.Store, error) {
			return sqlstore.OpenSQLite(ctx, t.TempDir()+"/world.db")
		},
		"postgres": func(ctx context.Context, t *testing.T) (store.Store, error) {
			return sqlstore.OpenPostgres(ctx, pgtest.URL(t))
		},
	} {
		for what, m := range map[string]turmoil{
			"delivery": {stage: delivered}, "preview": {stage: preview},
			"delivery by alias": {stage: delivered, moves: true}, "preview by alias": {stage: preview, moves: true},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				st, err := open(t.Context(), t)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := st.Close(); err != nil {
						t.Error(err)
					}
				})
				seed := uint64(time.Now().UnixNano())
				t.Logf("seed %d", seed)
				m.Rand = rand.New(rand.NewPCG(seed, seed))
				m.begin(t, st)
				m.rage()
			})
		}
	}
}

// turmoil is a world in which anything happens at any time.
type turmoil struct {
	*world
	*rand.Rand
	stage   cms.Stage
	moves   bool           // the alias moves
	places  []access.Place // environments that the alias may stand for
	live    access.Place   // the alias
	writes  int
	clients []*copier
}

// copier is a client with a copy of the content.
type copier struct {
	filters []string
	next    []string // parameters, by filter
	copy    map[string]string
	of      func(name string) bool // what it copies
}

func (m *turmoil) begin(t *testing.T, st store.Store) {
	w := deliverytest.On(t, st)
	m.world = &world{w, t, delivery.New(w.Index, st, 0, []byte("secret"))}
	for _, id := range []string{"a", "b", "c"} {
		m.Type(id, cms.ContentType{Fields: []cms.Field{{ID: "title", Type: cms.Symbol, Localized: true}, {ID: "n", Type: cms.Integer}}})
	}
	m.places = []access.Place{w.Place}
	m.live = w.Alias("master", w.Place)
	everything := func(string) bool { return true }
	of := func(prefixes ...string) func(string) bool {
		return func(name string) bool {
			for _, p := range prefixes {
				if strings.HasPrefix(name, p) {
					return true
				}
			}
			return false
		}
	}
	m.client(everything, "")
	m.client(everything, "&limit=3")
	if m.moves {
		return
	} // else a copy may be kept by several syncs, which know nothing of each other's moves
	m.client(of("Entry/"), "&type=Entry&limit=7", "&type=DeletedEntry&limit=2")
	m.client(of("Asset/"), "&type=Asset", "&type=DeletedAsset")
	m.client(of("Entry/a"), "&type=Entry&content_type=a&limit=5", "&type=Deletion&limit=5")
}

func (m *turmoil) client(of func(string) bool, filters ...string) {
	c := &copier{filters: filters, of: of}
	m.reset(c)
	m.clients = append(m.clients, c)
}

func (m *turmoil) reset(c *copier) {
	c.copy, c.next = map[string]string{}, nil
	for _, f := range c.filters {
		c.next = append(c.next, "initial=true"+f)
	}
}

// rage writes and syncs by turns, and looks again and again whether all copies
// are right.
func (m *turmoil) rage() {
	for m.writes < randomWrites {
		for range m.IntN(30) {
			m.write()
		}
		if c := m.clients[m.IntN(len(m.clients))]; m.IntN(4) > 0 {
			m.turn(c, m.IntN(len(c.filters)))
		} else if m.IntN(40) == 0 {
			m.reset(c)
		}
		if m.IntN(12) == 0 {
			m.compare()
		}
		if m.t.Failed() {
			return
		}
	}
	m.compare()
}

// turn fetches and applies one page, or what a feed has next from there.
func (m *turmoil) turn(c *copier, i int) (more bool) {
	there := m.at(m.live)
	if resume, ok := strings.CutPrefix(c.next[i], "sync_token="); ok && m.IntN(2) == 0 {
		f, err := there.s.Feed(m.t.Context(), there.request(m.stage, ""), resume)
		if err != nil {
			m.t.Fatal(err)
		}
		events, more, err := f.Next(m.t.Context(), there.Place)
		if err != nil {
			m.t.Fatal(err)
		}
		if n := len(events); n > 1 {
			events = events[:1+m.IntN(n)] // where the connection breaks
			more = more || len(events) < n
		}
		for _, e := range events {
			if e.JSON != nil {
				m.apply(c, e.JSON)
			}
			c.next[i] = "sync_token=" + e.Token
		}
		return more
	}
	p := there.sync(m.stage, c.next[i])
	for _, item := range p.Items {
		m.apply(c, item)
	}
	next := p.NextSyncURL + p.NextPageURL
	c.next[i] = "sync_token=" + token(m.t, next)
	return p.NextPageURL != ""
}

func (m *turmoil) apply(c *copier, item []byte) {
	name := nameOf(m.t, item)
	if deleted, ok := strings.CutPrefix(name, "Deleted"); ok {
		delete(c.copy, deleted)
		return
	}
	c.copy[name] = string(item)
}

// compare lets every client finish, without writes, and compares its copy with
// a full read.
func (m *turmoil) compare() {
	m.t.Helper()
	want := map[string]string{}
	for _, read := range []collectionOf{entries, assets} {
		for skip := 0; ; skip += 1000 {
			var p page
			if err := json.Unmarshal([]byte(m.at(m.live).list(read, m.stage, fmt.Sprint("locale=*&include=0&limit=1000&skip=", skip))), &p); err != nil {
				m.t.Fatal(err)
			}
			for _, item := range p.Items {
				want[nameOf(m.t, item)] = string(item)
			}
			if len(p.Items) < 1000 {
				break
			}
		}
	}
	for _, c := range m.clients {
		for i := range c.filters {
			for n := 0; m.turn(c, i) || n == 0; n++ { // a run under way, and a whole one
				if n > 10_000 {
					m.t.Fatal("a run without end")
				}
			}
			for m.turn(c, i) {
			}
		}
		mine := map[string]string{}
		for name, item := range want {
			if c.of(name) {
				mine[name] = item
			}
		}
		if diff := cmp.Diff(mine, c.copy); diff != "" {
			m.t.Errorf("the copy of %q after %d writes (-want +got):\n%.3000s", c.filters, m.writes, diff)
		}
	}
}

// write does something to one of the environments.
func (m *turmoil) write() {
	m.writes++
	m.Place = m.places[m.IntN(len(m.places))]
	switch n := m.IntN(400); {
	case n == 0 && m.moves && len(m.places) < 4:
		m.places = append(m.places, m.Copy(fmt.Sprint("copy", m.writes)))
		return
	case n < 3 && m.moves:
		m.live = m.Alias("master", m.places[m.IntN(len(m.places))])
		return
	case n < 8:
		m.remodel()
		return
	}
	kind, id, contentType := cms.KindAsset, fmt.Sprint("x", m.IntN(30)), ""
	if m.IntN(3) > 0 {
		contentType = string(rune('a' + m.IntN(3)))
		kind, id = cms.KindEntry, contentType+fmt.Sprint(m.IntN(30))
	}
	h, err := m.Store.GetMany(m.t.Context(), m.Place.Environment, kind, []string{id})
	if err != nil {
		m.t.Fatal(err)
	}
	save := func() {
		fields := fmt.Sprintf(`{"title":{"en-US":"%d","de":"%d"},"n":{"en-US":%d}}`, m.writes, m.writes, m.writes)
		if kind == cms.KindEntry {
			m.Entry(id, contentType, fields)
		} else {
			m.Asset(id, fmt.Sprintf(`{"title":{"en-US":"%d"}}`, m.writes))
		}
	}
	if len(h) == 0 {
		save()
		return
	}
	switch n := m.IntN(10); {
	case h[0].Published != 0 && n < 4:
		m.Unpublish(kind, id)
		if m.IntN(2) == 0 {
			m.Archive(kind, id)
		}
	case h[0].Archived() && n < 5:
		m.Unarchive(kind, id)
	case h[0].Published == 0 && n < 3:
		m.Delete(kind, id)
	case h[0].Published == 0 && n == 3 && !h[0].Archived():
		m.Archive(kind, id)
	case h[0].Archived() || n < 6:
		if !h[0].Archived() {
			save()
		}
	case n < 8:
		m.Publish(kind, id)
	default: // a locale is left: the one published
		codes := []string{"en-US", "de", "fr"}
		m.Shuffle(len(codes), func(i, j int) { codes[i], codes[j] = codes[j], codes[i] })
		m.PublishIn(kind, id, codes[:1], codes[1:1+m.IntN(3)])
	}
}

// remodel changes the model of an environment in a way that may show.
func (m *turmoil) remodel() {
	if m.IntN(3) == 0 {
		m.Locale("l2", cms.Locale{Name: "German", Code: []string{"de", "de-DE"}[m.IntN(2)], Key: "key:de", Management: true, Delivery: m.IntN(3) > 0})
		return
	}
	title := cms.Field{ID: []string{"title", "heading"}[m.IntN(2)], Key: "key:title", Type: cms.Symbol, Localized: true, Omitted: m.IntN(4) == 0}
	n := cms.Field{ID: "n", Type: cms.Integer, Localized: m.IntN(2) == 0}
	m.Type(string(rune('a'+m.IntN(3))), cms.ContentType{Fields: []cms.Field{title, n}})
}

// The same with writers that do not wait for the pages: what a page is made of
// changes while it is made.
func TestSyncConcurrently(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", cms.ContentType{Fields: []cms.Field{{ID: "n", Type: cms.Integer}}})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := range 600 {
			id := fmt.Sprint("e", i%37)
			switch i / 37 % 3 {
			case 0:
				w.Entry(id, "post", fmt.Sprintf(`{"n":{"en-US":%d}}`, i))
				w.Publish(cms.KindEntry, id)
			case 1:
				w.Unpublish(cms.KindEntry, id)
			case 2:
				w.Delete(cms.KindEntry, id)
			}
		}
	}()
	got := map[string]string{}
	params := "initial=true&limit=5"
	for still := true; still; {
		select {
		case <-ended:
			still = false
		default:
		}
		for more := true; more; {
			p := w.sync(delivered, params)
			for _, item := range p.Items {
				name := nameOf(t, item)
				if deleted, ok := strings.CutPrefix(name, "Deleted"); ok {
					delete(got, deleted)
					continue
				}
				got[name] = string(item)
			}
			more = p.NextPageURL != ""
			params = "sync_token=" + token(t, p.NextPageURL+p.NextSyncURL)
		}
	}
	want := map[string]string{}
	var all page
	if err := json.NewDecoder(bytes.NewBufferString(w.list(entries, delivered, "locale=*&limit=1000"))).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, item := range all.Items {
		want[nameOf(t, item)] = string(item)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
