package validate

import (
	"testing"
	"time"
)

// TestDateLayout tries every form of a date with the layout that is chosen for it,
// and with all there are.
func TestDateLayout(t *testing.T) {
	t.Parallel()
	all := func(s string) (time.Time, bool) {
		for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00"} {
			if at, err := time.Parse(layout, s); err == nil {
				return at, true
			}
		}
		return time.Time{}, false
	}
	right := 0
	for _, day := range []string{"2026-03-02", "2026-13-02", "2026-02-30", "0000-01-01"} {
		for _, clock := range []string{"", "T09:30", "T24:00", "T09:60"} {
			for _, second := range []string{"", ":00", ":59", ":60", ":05.1", ":05.12345", ":05.123456789"} {
				for _, offset := range []string{"", "Z", "+02:00", "-02:00", "+24:00", "-00:00", "+00:60"} {
					s := day + clock + second + offset
					if !dateSyntax.MatchString(s) {
						continue
					}
					want, ok := all(s)
					if got, gotOK := parseDate(s); gotOK != ok || !got.from.Equal(want) {
						t.Errorf("%s: %v %t, not %v %t", s, got.from, gotOK, want, ok)
					}
					if ok {
						right++
					}
				}
			}
		}
	}
	if right < 80 {
		t.Errorf("%d dates only", right)
	}
}
