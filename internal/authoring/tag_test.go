package authoring

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// What got a tag after the read model was asked still counts.
func TestTaggedSince(t *testing.T) {
	t.Parallel()
	s, a, p := openOffice(t)
	for _, id := range []string{"one", "two", "three"} {
		if _, _, err := s.PutTag(t.Context(), p, a, id, Version{}, TagInput{Name: id}); err != nil {
			t.Fatal(err)
		}
	}
	release, err := s.CreateRelease(t.Context(), p, a, []byte(`{"sys":{"schemaVersion":"Release.v2"},"title":"R","entities":{"sys":{"type":"Array"},"items":[]}}`))
	if err != nil {
		t.Fatal(err)
	}
	before, err := s.Store.Position(t.Context(), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	meta := json.RawMessage(`{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"one"}}]}`)
	if _, _, err := s.PutAsset(t.Context(), p, a, "asset", Version{}, EntityInput{Metadata: meta}); err != nil {
		t.Fatal(err)
	}
	meta = json.RawMessage(`{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"three"}}]}`)
	if _, _, err := s.PutReleaseEntity(t.Context(), p, a, release.ID, cms.KindAsset, "released", "", Version{}, EntityInput{Metadata: meta}); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	err = s.Store.Update(t.Context(), p.Environment, func(tx store.Tx) error {
		for _, id := range []string{"one", "two", "three"} {
			var err error
			if got[id], err = taggedSince(t.Context(), tx, p.Environment, before.Seq, id); err != nil {
				return err
			}
		}
		var err error
		got["one, later"], err = taggedSince(t.Context(), tx, p.Environment, before.Seq+1, "one")
		return err
	})
	if diff := cmp.Diff(map[string]bool{"one": true, "two": false, "three": true, "one, later": false}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}
