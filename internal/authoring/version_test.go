package authoring

import (
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

func TestDraftsInLog(t *testing.T) {
	t.Parallel()
	change := func(a store.Action, version int, before, after store.Revision) store.Change {
		return store.Change{Kind: cms.KindEntry, ID: "e1", Action: a, Version: version, DraftBefore: before, DraftAfter: after}
	}
	whole := []store.Change{
		change(store.Create, 1, 0, 10), change(store.Save, 2, 10, 12),
		change(store.Publish, 3, 12, 12), change(store.Save, 4, 12, 14),
	}
	again := append(whole[:len(whole):len(whole)], change(store.Delete, 4, 14, 0), change(store.Create, 1, 0, 20), change(store.Save, 2, 20, 21))
	for _, tt := range []struct {
		name         string
		log          []store.Change
		version      int
		then, latest store.Revision
	}{
		{"the first", whole, 1, 10, 14},
		{"a saved one", whole, 2, 12, 14},
		{"a published one", whole, 3, 12, 14},
		{"none that ever was", whole, 9, 0, 14},
		{"before the log begins", whole[2:], 2, 12, 14},
		{"long before the log begins", whole[2:], 1, 0, 14},
		{"of an entry made again", again, 1, 20, 21},
		{"of the entry before it", again, 3, 0, 21},
	} {
		if then, latest := drafts(tt.log, tt.version); then != tt.then || latest != tt.latest {
			t.Errorf("%s: %d and %d, want %d and %d", tt.name, then, latest, tt.then, tt.latest)
		}
	}
}
