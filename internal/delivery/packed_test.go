package delivery

import (
	"hash/crc32"
	"strings"
	"testing"
)

func TestChecksumOfTextsTogether(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 255, 256, 1000, 65_537} {
		for _, m := range []int{0, 1, 77, 70_000} {
			before, text := strings.Repeat("ab", m), []byte(strings.Repeat("x", n-1)+"y")
			want := crc32.ChecksumIEEE([]byte(before + string(text)))
			if got := pack(text).after(crc32.ChecksumIEEE([]byte(before))); got != want {
				t.Errorf("%d bytes after %d: %08x, not %08x", n, 2*m, got, want)
			}
		}
	}
}

// Both forms count against the bound of the cache.
func TestWeightOfBothForms(t *testing.T) {
	t.Parallel()
	f := &fragment{json: []byte(strings.Repeat(`{"a":"b"}`, 500))}
	packed := f.pack()
	if more := int(packed.weight()) - int(f.weight()); more < len(packed.packed.deflated) || len(packed.packed.deflated) == 0 {
		t.Errorf("the packed form of %d bytes weighs %d", len(packed.packed.deflated), more)
	}
}
