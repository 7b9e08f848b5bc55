package server

import (
	"testing"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
)

// A start that was interrupted while the example space was put in does not
// leave half of it for ever.
func TestUnfinishedDemoIsMadeAnew(t *testing.T) {
	t.Parallel()
	cfg, err := config.Default()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data = t.TempDir()
	s, err := New(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	owner, err := s.Authoring.Owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authoring.CreateSpace(t.Context(), owner, authoring.SpaceInput{ID: demo.SpaceID, Name: "The Type Case (unfinished)"}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time everything is there
		if _, _, err := s.LoadDemo(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.Access.Locate(t.Context(), owner, demo.SpaceID, "master")
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Authoring.Entries(t.Context(), p, nil)
	if err != nil || found.Total != 15 {
		t.Errorf("%d entries, %v", found.Total, err)
	}
	if sp, err := s.Authoring.Space(t.Context(), demo.SpaceID); err != nil || sp.Value.Name != "The Type Case" {
		t.Errorf("%q, %v", sp.Value.Name, err)
	}
}
