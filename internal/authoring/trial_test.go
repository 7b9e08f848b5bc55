package authoring

import (
	"encoding/json"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// The revision of what was only tried is the next one's: nothing may know it.
func TestTrialsLeaveNoDocuments(t *testing.T) {
	t.Parallel()
	s, a, p := openOffice(t)
	title := func(s string) EntityInput {
		return EntityInput{Fields: map[string]json.RawMessage{cms.AssetTitle: json.RawMessage(`{"en-US":"` + s + `"}`)}}
	}
	known := func() (found int) {
		for r := store.Revision(1); r < 1000; r++ {
			if d, _ := s.Index.Known(r); d != nil {
				found++
			}
		}
		return found
	}
	made, _, err := s.PutAsset(t.Context(), p, a, "asset", Version{}, title("made"))
	if err != nil {
		t.Fatal(err)
	}
	if known() != 1 {
		t.Fatalf("%d documents are known, not the one that was written", known())
	}
	tried, _, err := s.Trial().PutAsset(t.Context(), p, a, "asset", Version{Number: made.Version, Sent: true}, title("tried"))
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range tried.Document.Fields[cms.AssetTitle] {
		if string(values) != `"tried"` {
			t.Errorf("the trial says %s", values)
		}
	}
	if known() != 1 {
		t.Errorf("%d documents are known after a trial", known())
	}
}
