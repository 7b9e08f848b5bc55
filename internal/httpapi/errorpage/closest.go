package errorpage

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

const (
	maxTerm    = 64 // bytes of an unknown name that are looked at and sent back
	maxClosest = 3
)

// closest are the known names that take the fewest changes to get from term,
// nearest first.
func closest(term string, known map[string]bool) []string {
	term = strings.ToLower(term[:min(len(term), maxTerm)])
	names := slices.Sorted(maps.Keys(known))
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(distance(term, strings.ToLower(a)), distance(term, strings.ToLower(b)))
	})
	return names[:maxClosest]
}

// distance counts the bytes to insert, delete or replace to get from a to b.
func distance(a, b string) int {
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
		}
		last = row
	}
	return last[len(b)]
}
