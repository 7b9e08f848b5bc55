package authoring

import (
	"testing"

	"github.com/typecase/typecase/internal/cms"
)

// Where there is no release nobody asks the database for its versions.
func TestNoReleaseHasNoVersions(t *testing.T) {
	t.Parallel()
	s, a, p := openOffice(t)
	if _, _, err := s.PutAsset(t.Context(), p, a, "asset", Version{}, EntityInput{}); err != nil {
		t.Fatal(err)
	}
	before := s.Store.Statements()
	if err := s.releasable(t.Context(), p, "", []cms.ActionItem{{Kind: cms.KindAsset, ID: "asset"}}); err != nil {
		t.Fatal(err)
	}
	if sent := s.Store.Statements() - before; sent != 0 {
		t.Errorf("%d statements, want none: the asset was just written", sent)
	}
}
