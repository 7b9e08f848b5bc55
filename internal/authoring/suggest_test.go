package authoring

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// tagLister has one tag and counts how often it is asked.
type tagLister struct {
	store.Reader
	asked int
}

func (l *tagLister) List(context.Context, store.Scope, cms.Kind, string, int) ([]store.Head, error) {
	l.asked++
	return []store.Head{{Sys: cms.Sys{Kind: cms.KindTag, ID: "summer"}}}, nil
}

// A body may have thousands of links that lead nowhere, and a transaction is open
// while they are looked at.
func TestSuggestTargetsAsksOnce(t *testing.T) {
	t.Parallel()
	var to []string
	for i := range 5000 {
		to = append(to, fmt.Sprintf("summe%d", i%10))
	}
	problems := make([]fault.Detail, len(to))
	l := &tagLister{}
	if err := suggestTargets(t.Context(), l, 1, problems, to, cms.KindTag); err != nil {
		t.Fatal(err)
	}
	if l.asked != 1 {
		t.Errorf("asked %d times", l.asked)
	}
	for i, want := range map[int][]string{0: {"summer"}, maxSuggested - 1: {"summer"}, maxSuggested: nil, 4999: nil} {
		if got := problems[i].Suggestions; !slices.Equal(got, want) {
			t.Errorf("problem %d: %q, want %q", i, got, want)
		}
	}
	if err := suggestTargets(t.Context(), l, 1, nil, nil, cms.KindTag); err != nil || l.asked != 1 {
		t.Errorf("asked for nothing: %v, %d times", err, l.asked)
	}
}
