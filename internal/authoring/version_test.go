package authoring

import (
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

func TestDraftsInLog(t *testing.T) {
	t.Parallel()
	e1 := cms.Sys{Kind: cms.KindEntry, ID: "e1"}
	change := func(id string, a store.Action, version int, before, after store.Revision) store.Change {
		return store.Change{Kind: cms.KindEntry, ID: id, Action: a, Version: version, DraftBefore: before, DraftAfter: after}
	}
	whole := []store.Change{
		change("e1", store.Create, 1, 0, 10), change("e2", store.Create, 1, 0, 11), change("e1", store.Save, 2, 10, 12),
		change("e1", store.Publish, 3, 12, 12), change("e2", store.Save, 2, 11, 13), change("e1", store.Save, 4, 12, 14),
	}
	again := append(whole[:len(whole):len(whole)], change("e1", store.Delete, 4, 14, 0), change("e1", store.Create, 1, 0, 20), change("e1", store.Save, 2, 20, 21))
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
		{"before the log begins", whole[3:], 2, 12, 14},
		{"long before the log begins", whole[3:], 1, 0, 14},
		{"of an entry made again", again, 1, 20, 21},
		{"of the entry before it", again, 3, 0, 21},
		{"of another entry", whole[4:5], 2, 0, 0},
	} {
		if then, latest := drafts(tt.log, e1, tt.version); then != tt.then || latest != tt.latest {
			t.Errorf("%s: %d and %d, want %d and %d", tt.name, then, latest, tt.then, tt.latest)
		}
	}
}
