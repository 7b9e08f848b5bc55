package query

import "iter"

// nearest suggests the candidate that s was probably meant to be: at most a
// third of its letters may be wrong. It is empty when there is none.
func nearest(s string, candidates iter.Seq[string]) []any {
	if len(s) > 64 {
		return nil
	}
	best, distance := "", max(1, len(s)/3)+1
	for c := range candidates {
		if d := editDistance(s, c); d > 0 && (d < distance || d == distance && c < best) {
			best, distance = c, d
		}
	}
	if best == "" {
		return nil
	}
	return []any{best}
}

// editDistance is the number of bytes to insert, delete, replace or swap with
// the next one.
func editDistance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
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
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
