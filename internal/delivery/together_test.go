package delivery_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// interrupted is a store in which something happens before the n-th time that
// bodies are read.
type interrupted struct {
	store.Store
	left int
	do   func()
}

func (i *interrupted) Bodies(ctx context.Context, revs []store.Revision) (map[store.Revision][]byte, error) {
	if i.left--; i.left == 0 {
		i.do()
	}
	return i.Store.Bodies(ctx, revs)
}

// TestTogether unpublishes entries that link to each other while an answer with
// them is being made: it has all of them or none.
func TestTogether(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 4; n++ {
		st, err := sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "world.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
		between := &interrupted{Store: st}
		w := deliverytest.On(t, between)
		s := delivery.New(w.Index, w.Store, 0, []byte("secret"))
		w.Type("post", cms.ContentType{Name: "Post", Fields: []cms.Field{{ID: "next", Type: cms.TypeLink, LinkType: "Entry"}}})
		for id, next := range map[string]string{"root": "a", "a": "b", "b": "c", "c": "d"} {
			w.Entry(id, "post", `{"next":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"`+next+`"}}}}`)
			w.Publish(cms.KindEntry, id)
		}
		if _, err := w.Index.Open(t.Context(), w.Place.Environment, true); err != nil { // which reads bodies too
			t.Fatal(err)
		}
		between.left, between.do = n, func() {
			err := st.Update(t.Context(), w.Place.Environment, func(tx store.Tx) error {
				for _, id := range []string{"a", "b", "c"} {
					h, err := tx.Get(t.Context(), w.Place.Environment, cms.KindEntry, id)
					if err != nil {
						return err
					}
					was := h.Version
					h.Version++
					h.Published, h.PublishedVersion = 0, 0
					if _, err := tx.Put(t.Context(), store.Write{Head: h, Was: was, Action: store.Unpublish, At: h.UpdatedAt, Cause: "BulkAction/b"}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if _, err := w.Index.Open(t.Context(), w.Place.Environment, true); err != nil {
				t.Error(err)
			}
		}
		world := &world{w, t, s}
		a, err := s.Entries(t.Context(), world.request(delivered, "sys.id=root&include=10"))
		if err != nil {
			t.Fatal(err)
		}
		got := outline(t, string(a.Body.Append(nil)))
		if got != "items root; entries a b c; assets; errors Entry/d" && got != "items root; entries; assets; errors Entry/a" {
			t.Errorf("at the reading %d: %s", n, got)
		}
	}
}
