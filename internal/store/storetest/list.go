package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// testList: pages of one kind and of all kinds follow each other byte by byte,
// whatever the collation of the database.
func testList(w *world) {
	ctx := w.Context()
	ids := []string{"a", "A", "b", "B", "ab", "aB", "Ab", "AB", "a-b", "a_b", "a.b", "a0", "a10", "a2", "-", "_", ".", "0", "9", "z", "Z", "-a", "_a", ".a", "é", "中"}
	kinds := []cms.Kind{cms.KindTag, cms.KindEntry, cms.KindAsset, cms.KindEntry + "x", cms.KindLocale}
	var all []string
	w.update(w.env, func(tx store.Tx) error {
		all = nil
		for _, k := range kinds {
			for _, id := range ids {
				all = append(all, string(k)+"/"+id)
				if _, err := tx.Put(ctx, createKind(w.env, k, id)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	other := w.newEnvironment(w.space)
	w.put(create(other, "elsewhere"))
	slices.Sort(ids)
	slices.SortFunc(all, func(a, b string) int { // by kind, then by id
		ak, ai, _ := strings.Cut(a, "/")
		bk, bi, _ := strings.Cut(b, "/")
		return slices.Compare([]string{ak, ai}, []string{bk, bi})
	})
	pages := func(k cms.Kind, size int, name func(store.Head) string) (names []string) {
		after := ""
		for {
			page := must[[]store.Head](w)(w.List(ctx, w.env, k, after, size))
			if len(page) > size {
				w.Fatalf("a page of %d, want up to %d", len(page), size)
			}
			if len(page) == 0 {
				return names
			}
			for _, h := range page {
				names = append(names, name(h))
			}
			after = names[len(names)-1]
		}
	}
	for _, size := range []int{1, 2, 7, 1000} {
		got := pages(cms.KindEntry, size, func(h store.Head) string { return h.ID })
		same(w, fmt.Sprintf("entries in pages of %d", size), got, ids)
		got = pages("", size, func(h store.Head) string { return string(h.Kind) + "/" + h.ID })
		same(w, fmt.Sprintf("all kinds in pages of %d", size), got, all)
	}
	// A page may begin after what is not there.
	for after, first := range map[string]string{"": "-", "a": "a-b", "a,": "a-b", "AZ": "Ab", "aaa": "ab"} {
		page := must[[]store.Head](w)(w.List(ctx, w.env, cms.KindEntry, after, 1))
		if len(page) != 1 || page[0].ID != first {
			w.Errorf("after %q comes %v, want %q", after, page, first)
		}
	}
	for after, first := range map[string]string{"": "Asset/-", "Asset/中": "Entry/-", "B/": "Entry/-", "Entry/a,": "Entry/a-b"} {
		page := must[[]store.Head](w)(w.List(ctx, w.env, "", after, 1))
		if len(page) != 1 || string(page[0].Kind)+"/"+page[0].ID != first {
			w.Errorf("after %q comes %v, want %q", after, page, first)
		}
	}
	if none := must[[]store.Head](w)(w.List(ctx, w.env, "", "", 0)); len(none) > 0 {
		w.Errorf("a page of 0 has %d heads", len(none))
	}
}

func testHas(w *world) {
	w.put(create(w.env, "a"))
	for _, test := range []struct {
		scope       store.Scope
		kind        cms.Kind
		contentType string
		want        bool
	}{
		{w.env, cms.KindEntry, "post", true},
		{w.env, cms.KindEntry, "", true},
		{w.env, cms.KindEntry, "page", false},
		{w.env, cms.KindEntry, "Post", false},
		{w.env, cms.KindAsset, "", false},
		{w.space, cms.KindEntry, "", false},
	} {
		got, err := w.Has(w.Context(), test.scope, test.kind, test.contentType)
		if got != test.want || err != nil {
			w.Errorf("Has(%d, %s, %q): %v, %v", test.scope, test.kind, test.contentType, got, err)
		}
	}
}

// testPagesOfOneStatement: up to 1000 heads or bodies cost one statement.
func testPagesOfOneStatement(w *world) {
	ctx := w.Context()
	ids, others := make([]string, 1001), make([]string, 1001)
	revs := make([]store.Revision, len(ids))
	w.update(w.env, func(tx store.Tx) error {
		for i := range ids {
			ids[i], others[i] = fmt.Sprintf("e%04d", i), fmt.Sprintf("x%04d", i)
			h, err := tx.Put(ctx, create(w.env, ids[i]))
			if err != nil {
				return err
			}
			revs[i] = h.Draft
		}
		return nil
	})
	for n, statements := range map[int]int64{1: 1, 1000: 1, 1001: 2} {
		if heads := must[[]store.Head](w)(w.GetMany(ctx, w.env, cms.KindEntry, ids[:n])); len(heads) != n {
			w.Errorf("%d heads, want %d", len(heads), n)
		}
		before := w.Statements()
		if heads := must[[]store.Head](w)(w.GetMany(ctx, w.env, cms.KindEntry, others[:n])); len(heads) != 0 {
			w.Errorf("%d heads, want none", len(heads))
		}
		if sent := w.Statements() - before; sent != statements {
			w.Errorf("GetMany of %d: %d statements, want %d", n, sent, statements)
		}
		before = w.Statements()
		if bodies := must[map[store.Revision][]byte](w)(w.Bodies(ctx, revs[:n])); len(bodies) != n {
			w.Errorf("%d bodies, want %d", len(bodies), n)
		}
		if sent := w.Statements() - before; sent != statements {
			w.Errorf("Bodies of %d: %d statements, want %d", n, sent, statements)
		}
		keys := make([]store.Key, n)
		for i := range keys {
			keys[i] = store.Key{Space: "slug", Value: ids[i]}
		}
		before = w.Statements()
		must[map[store.Key]string](w)(w.Owners(ctx, w.env, keys))
		if sent := w.Statements() - before; sent != statements {
			w.Errorf("Owners of %d: %d statements, want %d", n, sent, statements)
		}
	}
	before := w.Statements()
	w.Committed(w.env)
	if sent := w.Statements() - before; sent != 0 {
		w.Errorf("Committed: %d statements", sent)
	}
	Check(w, w, w.env)
}
