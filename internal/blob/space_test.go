package blob

import (
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/fault"
)

func TestDeleteSpace(t *testing.T) {
	t.Parallel()
	s, err := New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	unique := strings.Repeat("0", 32)
	mine := []string{NewFile("s", "a", unique, "x.txt").Key(), UploadKey("s", "u")}
	other := NewFile("s2", "a", unique, "x.txt").Key()
	for _, key := range append(mine, other) {
		if _, err := s.Put(t.Context(), key, "text/plain", strings.NewReader("x"), 1); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time there is nothing left to remove
		if err := s.DeleteSpace("s"); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range mine {
		if b, err := s.Open(key); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s is still there: %v, %v", key, b, err)
		}
	}
	b, err := s.Open(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
