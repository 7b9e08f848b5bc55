// Package nearest finds the names that an unknown one was probably meant to be.
// It knows nothing of what the names are for: whoever calls it passes only names
// that the asker may see. It imports the standard library only.
//
// Start reading at Likely.
package nearest

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

const (
	maxName   = 64 // bytes; a longer name is nobody's slip of the finger
	maxLikely = 3
)

// Likely returns the known names that differ from name in at most a third of
// its letters, nearest first, up to three, none much further off than the first.
// Case counts for nothing. It is nil when there are none; name itself is never
// among them.
func Likely(name string, known iter.Seq[string]) []string {
	if name == "" || len(name) > maxName {
		return nil
	}
	most := min(max(1, len(name)/3), len(name)-1) // something has to be right
	var near []string
	for k := range known {
		if k != name && max(len(k), len(name))-min(len(k), len(name)) <= most && distance(name, k) <= most {
			near = append(near, k)
		}
	}
	near = Sorted(name, near)
	n := 0
	for n < min(len(near), maxLikely) && distance(name, near[n]) <= distance(name, near[0])+1 {
		n++
	}
	return slices.Clip(near[:n])
}

// Sorted returns all known names, those first that take the fewest changes to
// get from name; the alphabet decides between equals.
func Sorted(name string, known []string) []string {
	far := make(map[string]int, len(known))
	for _, k := range known {
		far[k] = distance(name, k)
	}
	return slices.SortedFunc(slices.Values(known), func(a, b string) int {
		return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(a, b))
	})
}

// Quoted names suggestions in a sentence: "a", "b" or "c".
func Quoted(names []string) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(`"` + n + `"`)
	}
	return b.String()
}

// distance counts the bytes to insert, delete, replace or swap with the next
// one to get from a to b, whatever their case.
func distance(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
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
		before, last, row = last, row, before
	}
	return last[len(b)]
}
