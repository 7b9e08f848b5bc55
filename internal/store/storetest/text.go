package storetest

import (
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// testText: text that no database holds, or not every one, is refused or is
// nobody's. It never is an error of the database.
func testText(w *world) {
	ctx := w.Context()
	// What a database would take these for, were it asked.
	for _, id := range []string{"a", "a\ufffd", "\ufffd"} {
		w.put(create(w.env, id))
		setKeys(w, w, w.env, "Entry/"+id, store.Key{Space: id, Value: "x"})
	}
	for _, bad := range []string{"a\x00", "\x00", "a\x00b", "\xff", "a\xff", "\xed\xa0\x80", strings.Repeat("long", 1000)} {
		_, err := w.Get(ctx, w.env, cms.KindEntry, bad)
		want(w, "Get", err, fault.NotFound)
		if found, err := w.GetMany(ctx, w.env, cms.KindEntry, []string{bad}); len(found) > 0 || err != nil {
			w.Errorf("GetMany of %.10q: %v, %v", bad, found, err)
		}
		if found, err := w.GetMany(ctx, w.env, cms.KindEntry, []string{bad, "a"}); len(found) != 1 || err != nil {
			w.Errorf("GetMany of %.10q and another: %v, %v", bad, found, err)
		}
		for _, k := range []cms.Kind{"", cms.KindEntry} {
			_, err := w.List(ctx, w.env, k, bad, 10)
			want(w, "List", err, fault.BadRequest)
		}
		if there, err := w.Has(ctx, w.env, cms.KindEntry, bad); there || err != nil {
			w.Errorf("Has %.10q: %v, %v", bad, there, err)
		}
		if owner, err := w.Owner(ctx, w.env, store.Key{Space: bad, Value: "x"}); owner != "" || err != nil {
			w.Errorf("Owner of %.10q: %q, %v", bad, owner, err)
		}
		w.update(w.env, func(tx store.Tx) error {
			put := func(change func(*store.Write)) {
				w.Helper()
				write := create(w.env, "new")
				change(&write)
				_, err := tx.Put(ctx, write)
				want(w, "Put", err, fault.BadRequest)
			}
			put(func(write *store.Write) { write.Head.ID = bad })
			put(func(write *store.Write) { write.Head.Kind = cms.Kind(bad) })
			put(func(write *store.Write) { write.Head.ContentType = bad })
			put(func(write *store.Write) { write.Head.CreatedBy = bad })
			put(func(write *store.Write) { write.Head.UpdatedBy = bad })
			put(func(write *store.Write) { write.Head.PublishedBy = bad })
			put(func(write *store.Write) { write.Head.ArchivedBy = bad })
			put(func(write *store.Write) { write.Actor = bad })
			put(func(write *store.Write) { write.Action = store.Action(bad) })
			want(w, "Delete", tx.Delete(ctx, w.env, cms.KindEntry, bad, 1, "ann", now), fault.NotFound)
			want(w, "Delete by", tx.Delete(ctx, w.env, cms.KindEntry, "a", 1, bad, now), fault.BadRequest)
			_, err := tx.SetKeys(ctx, w.env, bad, nil)
			want(w, "SetKeys of", err, fault.BadRequest)
			_, err = tx.SetKeys(ctx, w.env, "o", []store.Key{{Space: bad, Value: "x"}})
			want(w, "SetKeys to", err, fault.BadRequest)
			want(w, "Enqueue", tx.Enqueue(ctx, store.Job{Name: bad}), fault.BadRequest)
			return nil
		})
	}
	if heads := Heads(w, w, w.env); len(heads) != 3 {
		w.Errorf("heads: %v", heads)
	}
	Check(w, w, w.env)
}
