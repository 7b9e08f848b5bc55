package transfer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestMuchHistory: of one resource the newest changes are taken, whatever their lines
// are full of, and as many as there is room for.
func TestMuchHistory(t *testing.T) {
	t.Parallel()
	const lines, long = 9, maxHistory / 4
	for name, form := range map[string]string{
		"content":  `{"sys":{"entity":{"sys":{"id":"a"}},"version":%d},"content":"%s"}`,
		"overhead": `{"sys":{"entity":{"sys":{"id":"a"}},"version":%d},"more":"%s"}`,
	} {
		n := 0
		p := &pasts{list: "entryHistory", next: func() (json.RawMessage, bool) {
			n++
			line := fmt.Sprintf(form, n, "")
			return json.RawMessage(fmt.Sprintf(form, n, strings.Repeat("x", long-len(line)))), n <= lines
		}}
		got, size, err := p.of("a")
		if err != nil || len(got) != 4 || size != maxHistory {
			t.Errorf("%s: %d lines of %d bytes, %v", name, len(got), size, err)
		} else if first, last := got[0].Sys.Version, got[3].Sys.Version; first != 6 || last != lines {
			t.Errorf("%s: versions %d to %d", name, first, last)
		}
	}
}
