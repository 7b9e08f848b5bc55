package query

import "iter"

// nearest suggests the candidate that s was probably meant to be: at most a
// third of its letters may differ.
func nearest(s string, candidates iter.Seq[string]) []any {
	if len(s) > 64 {
		return nil
	}
	best, distance := "", max(1, len(s)/3)+1
	for c := range candidates {
		if d := editDistance(s, c); d < distance || d == distance && c < best {
			best, distance = c, d
		}
	}
	if best == "" {
		return nil
	}
	return []any{best}
}

// editDistance is the number of bytes to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
