package authoring

import (
	"fmt"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
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

// Of locales that cannot be, no more are noted than can be sent.
func TestReleaseProblemsAreBounded(t *testing.T) {
	t.Parallel()
	s, a, p := openOffice(t)
	if _, _, err := s.PutAsset(t.Context(), p, a, "asset", Version{}, EntityInput{}); err != nil {
		t.Fatal(err)
	}
	codes := make([]string, maxListed)
	for i := range codes {
		codes[i] = fmt.Sprint("x", i)
	}
	item := cms.ActionItem{Kind: cms.KindAsset, ID: "asset", Add: codes, Remove: codes}
	err := s.releasable(t.Context(), p, "", []cms.ActionItem{item, item, item})
	if f := fault.Of(err); f == nil || f.Details == nil || len(f.Details.Errors) < enoughProblems || len(f.Details.Errors) > 2*enoughProblems {
		t.Errorf("releasable: %v", err)
	}
	if problems := bothWays(codes, codes); len(problems) != enoughProblems {
		t.Errorf("both ways: %d problems", len(problems))
	}
}
