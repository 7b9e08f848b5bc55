package index_test

import (
	"context"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
)

// busy is a store to which somebody writes whenever heads have been read from it.
type busy struct {
	store.Store
	write func()
}

func (b *busy) GetMany(ctx context.Context, s store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	heads, err := b.Store.GetMany(ctx, s, k, ids)
	b.write()
	return heads, err
}

// TestTogether: what one transaction changes is seen as one, also behind writers
// who never pause.
func TestTogether(t *testing.T) {
	t.Parallel()
	here, _ := postgresNodes(t)
	for name, st := range map[string]store.Store{"sqlite": sqlite(t), "postgres": here} {
		t.Run(name, func(t *testing.T) {
			w := blog(t, st)
			version := 0
			write := func() {
				w.update(w.scope, func(tx store.Tx) error {
					for _, k := range []cms.Kind{cms.KindEntry, cms.KindAsset, cms.KindTag} {
						h := store.Head{Scope: w.scope, Sys: cms.Sys{Kind: k, ID: "x", Version: version + 1, CreatedAt: w.now, UpdatedAt: w.now}}
						was := version
						if version == 0 {
							was = store.Absent
						}
						if _, err := tx.Put(ctx, store.Write{Head: h, Was: was, Body: []byte(`{}`), Action: store.Save, At: w.now, Cause: "BulkAction/b"}); err != nil {
							return err
						}
					}
					return nil
				})
				version++
			}
			write()
			x := index.New(&busy{st, write}, index.Options{})
			before := open(t, x, w.scope).Together()
			for range 10 {
				write()
				e := open(t, x, w.scope)
				seen := map[int]bool{}
				for _, k := range []cms.Kind{cms.KindEntry, cms.KindAsset, cms.KindTag} {
					seen[e.Heads(k, []string{"x"})["x"].Version] = true
				}
				if len(seen) != 1 {
					t.Errorf("versions %v are seen together", seen)
				}
				if now := e.Together(); now <= before {
					t.Errorf("the last change with others was %d and is %d", before, now)
				} else {
					before = now
				}
			}
		})
	}
}
