package config

import (
	"cmp"
	"fmt"
	"slices"
)

// unknown is the error for a name that is none of the known ones.
func unknown(what, name string, known []string) error {
	return fmt.Errorf("unknown %s %q; the nearest known one is %s", what, name, nearest(name, known))
}

// nearest returns the known name with the smallest edit distance to name, the
// first in alphabetical order if several have it.
func nearest(name string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int {
		return cmp.Or(cmp.Compare(distance(name, a), distance(name, b)), cmp.Compare(a, b))
	})
}

// distance counts the bytes to insert, delete or replace to get from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
