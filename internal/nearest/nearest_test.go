package nearest

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLikely(t *testing.T) {
	t.Parallel()
	known := []string{"a", "title", "tile", "titel2", "body", "slug", "publishDate", "en-US"}
	for name, want := range map[string][]string{
		"titel":                    {"titel2", "title"}, // one change each
		"tiitle":                   {"title", "tile"},
		"TITLE":                    {"title", "tile"},
		"publishdate":              {"publishDate"},
		"en-us":                    {"en-US"},
		"bdoy":                     {"body"},
		"title":                    {"tile"},
		"A":                        {"a"},
		"b":                        nil,
		"nothing":                  nil,
		"":                         nil,
		strings.Repeat("slug", 20): nil,
	} {
		if diff := cmp.Diff(want, Likely(name, slices.Values(known))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	if got := Likely("a1", slices.Values([]string{"a5", "a4", "a3", "a2"})); !slices.Equal(got, []string{"a2", "a3", "a4"}) {
		t.Errorf("of many: %v", got)
	}
}

func TestSorted(t *testing.T) {
	t.Parallel()
	got := Sorted("databse-url", []string{"http", "database-url", "database-uri", "data"})
	if diff := cmp.Diff([]string{"database-url", "database-uri", "data", "http"}, got); diff != "" {
		t.Error(diff)
	}
	if got := Sorted("x", nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		``: nil, `"a"`: {"a"}, `"a" or "b"`: {"a", "b"}, `"a", "b" or "c"`: {"a", "b", "c"},
	} {
		if got := Quoted(names); got != want {
			t.Errorf("%v: %s", names, got)
		}
	}
}
