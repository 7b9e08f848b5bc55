package cms

import (
	"regexp"
	"strings"
	"testing"
)

// TestIDs holds the checks against the patterns of the original.
func TestIDs(t *testing.T) {
	t.Parallel()
	candidates := []string{"", strings.Repeat("a", 11), strings.Repeat("a", 12), strings.Repeat("a", 40), strings.Repeat("a", 41), strings.Repeat("a", 64), strings.Repeat("a", 65), "a\n", "é", "aé", "\xff"}
	for c := range 256 {
		for _, around := range []string{"?", "a?", "?a", "1?1"} {
			candidates = append(candidates, strings.Replace(around, "?", string([]byte{byte(c)}), 1))
		}
	}
	for pattern, valid := range map[string]func(string) bool{
		`^[a-zA-Z0-9\-_.]{1,64}\z`:      ValidID,
		`^[a-zA-Z0-9\-_.]{1,40}\z`:      ValidEnvironmentID,
		`^[a-zA-Z][a-zA-Z0-9_]{0,63}\z`: ValidFieldID,
		`^[a-zA-Z0-9-]{2,11}\z`:         ValidLocaleCode,
	} {
		re := regexp.MustCompile(pattern)
		for _, s := range candidates {
			if got := valid(s); got != re.MatchString(s) {
				t.Errorf("%s: %q is %v", pattern, s, got)
			}
		}
	}
}
