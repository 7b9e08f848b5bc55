package server

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// checkPointers checks that the pointers of an error lead into the body of its
// request: to something that is there, or to where what is missing would be.
func checkPointers(t *testing.T, sent string, answer []byte) {
	t.Helper()
	var e struct {
		Details struct{ Errors []struct{ Pointer *string } }
	}
	var body any
	if json.Unmarshal(answer, &e) != nil || json.Unmarshal([]byte(sent), &body) != nil {
		return // neither has a place
	}
	for _, p := range e.Details.Errors {
		if p.Pointer != nil && !leads(body, *p.Pointer) {
			t.Errorf("the pointer %s leads nowhere in %s", *p.Pointer, sent)
		}
	}
}

// leads follows a JSON pointer; only the last step may be missing.
func leads(at any, pointer string) bool {
	steps := strings.Split(pointer, "/")[1:] // none for the whole
	for i, step := range steps {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch parent := at.(type) {
		case map[string]any:
			next, ok := parent[step]
			if !ok {
				return i == len(steps)-1
			}
			at = next
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(parent) {
				return false
			}
			at = parent[n]
		default:
			return false
		}
	}
	return true
}
