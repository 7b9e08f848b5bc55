package transfer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// TestSingleFile: files of an earlier export may be there, and what was cut off leaves
// nothing that would be in the way.
func TestSingleFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o, err := newSingle(filepath.Join(dir, "export.json"), filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	const at = "a/b.txt"
	broken := errors.New("broken")
	if _, err := o.file(at, iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("text")))); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("cut off: %v", err)
	}
	for range 2 {
		if sum, err := o.file(at, strings.NewReader("text")); err != nil || sum.Size != 4 {
			t.Errorf("whole: %+v, %v", sum, err)
		}
	}
	if _, err := o.file(at, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("nothing to compare with: %v", err)
	}
	if _, err := o.file(at, strings.NewReader("other")); err == nil || !strings.Contains(err.Error(), "is there already with other content") {
		t.Errorf("another one: %v", err)
	}
	if there, err := os.ReadFile(filepath.Join(dir, "files", at)); string(there) != "text" {
		t.Errorf("%q stays, %v", there, err)
	}
	if err := o.abandon(); err != nil {
		t.Error(err)
	}
}
