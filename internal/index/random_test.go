package index_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// TestSearchEqualsDefinition lets a random writer and random queries run
// against each other: the index must answer as Match and Compare do over
// everything the store has. One index lives through all of it, one is so small
// that it forgets all the time, one is new each time.
func TestSearchEqualsDefinition(t *testing.T) {
	t.Parallel()
	for _, b := range []struct {
		name  string
		open  func(testing.TB) store.Store
		seeds int
	}{{"sqlite", sqlite, 4}, {"postgres", postgres, 2}} {
		for n := range b.seeds {
			seed := uint64(n + 1)
			t.Run(fmt.Sprintf("%s/seed %d", b.name, seed), func(t *testing.T) {
				t.Parallel()
				compareRandomly(t, b.open(t), seed)
			})
		}
	}
}

func compareRandomly(t *testing.T, st store.Store, seed uint64) {
	w := newWorld(t, st, seed)
	w.putLocales()
	for _, ct := range []string{"post", "person"} {
		w.put(cms.KindContentType, ct, "", w.contentType(ct), true)
	}
	lasting, tiny := index.New(st, index.Options{}), index.New(st, index.Options{Bytes: 1})
	asked, matched := 0, 0
	for range 40 {
		e := open(t, lasting, w.scope)
		for range w.rnd.IntN(12) {
			w.step(e.Model())
		}
		indexes := []*index.Index{lasting, tiny, index.New(st, index.Options{})}
		for range 24 {
			params, opt, stage := w.question(open(t, lasting, w.scope).Model())
			q, err := query.Parse(params, opt)
			if err != nil {
				continue // an unknown field, or an operator that does not apply
			}
			total, ids := w.truth(stage, q, opt.Model)
			asked++
			if total > 0 {
				matched++
			}
			for i, x := range indexes {
				page, err := open(t, x, w.scope).Search(context.Background(), stage, q)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(ids, idsOf(page)); diff != "" || page.Total != total {
					t.Fatalf("seed %d, index %d, stage %d, %s?%s: total %d, want %d (-want +got)\n%s",
						seed, i, stage, opt.Kind, params.Encode(), page.Total, total, diff)
				}
			}
		}
	}
	if asked < 200 || matched < asked/4 {
		t.Errorf("only %d queries were valid and %d matched anything", asked, matched)
	}
}

// question is a random query.
func (w *world) question(m *cms.Model) (url.Values, query.Options, cms.Stage) {
	r := w.rnd
	opt := query.Options{
		API: pick(r, query.Management, query.Delivery, query.Preview), Model: m,
		Kind: pick(r, cms.KindEntry, cms.KindEntry, cms.KindEntry, cms.KindEntry, cms.KindAsset, cms.KindTag, cms.KindContentType),
	}
	stage := cms.Draft
	if opt.API == query.Delivery || opt.API == query.Management && r.IntN(4) == 0 {
		stage = cms.Published
	}
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
		paths = append(paths, "sys.contentType.sys.id", "metadata.tags.sys.id", "metadata.tags", "metadata.concepts.sys.id")
		if r.IntN(4) > 0 {
			ct := pick(r, "post", "person")
			v.Set("content_type", ct)
			for range 3 {
				paths = append(paths, w.fieldPaths("fields.", opt.API)...)
			}
			if r.IntN(5) == 0 {
				ref := pick(r, "fields.ref", "fields.refs")
				v.Set(ref+".sys.contentType.sys.id", pick(r, "post", "person"))
				if r.IntN(4) > 0 {
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
	default:
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
		if f.Type == cms.TypeLink || f.ID == "refs" {
			p += pick(w.rnd, "", ".sys.id")
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
