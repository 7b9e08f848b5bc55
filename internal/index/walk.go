package index

import (
	"cmp"
	"container/heap"
	"slices"
)

// walk takes the first n matches along the sorted array of the first sort key.
// It looks at the other keys only among equals, and at the matches without a
// value only when the page reaches them. A match with several values, as a draft
// may have, stands where the first one is.
func walk[K cmp.Ordered](r *result, col *values[K], n int) []uint32 {
	rest := &result{part: r.part, order: r.order[1:]}
	out := make([]uint32, 0, min(n, r.total))
	col.sorted.groups(r.order[0].desc, func(key K, ords []uint32) bool {
		start := len(out)
		for _, ord := range ords {
			if r.found.has(ord) && col.first[ord] == key {
				out = append(out, ord)
			}
		}
		if group := out[start:]; len(group) > 1 && len(rest.order) > 0 {
			slices.SortFunc(group, func(a, b uint32) int { return rest.compare(a, rest, b) })
		}
		return len(out) < n
	})
	if len(out) < min(n, r.total) {
		missing := r.found.clone()
		missing.without(col.has)
		last := missing.list(r.total - len(out))
		slices.SortFunc(last, func(a, b uint32) int { return rest.compare(a, rest, b) })
		out = append(out, last...)
	}
	return out[:min(n, len(out))]
}

// merge takes the ordered lists of several results apart in common order.
type merge struct {
	results []result
	lists   [][]uint32
	heap    []int // indices of results whose list is not empty
}

func newMerge(results []result, lists [][]uint32) *merge {
	m := &merge{results: results, lists: lists}
	for i := range lists {
		if len(lists[i]) > 0 {
			m.heap = append(m.heap, i)
		}
	}
	heap.Init(m)
	return m
}

// next is the first of what is left; there must be something.
func (m *merge) next() (*result, uint32) {
	i := m.heap[0]
	ord := m.lists[i][0]
	if m.lists[i] = m.lists[i][1:]; len(m.lists[i]) == 0 {
		heap.Pop(m)
	} else {
		heap.Fix(m, 0)
	}
	return &m.results[i], ord
}

// The methods of heap.Interface.

func (m *merge) Len() int { return len(m.heap) }
func (m *merge) Less(a, b int) bool {
	i, j := m.heap[a], m.heap[b]
	return m.results[i].compare(m.lists[i][0], &m.results[j], m.lists[j][0]) < 0
}
func (m *merge) Swap(a, b int) { m.heap[a], m.heap[b] = m.heap[b], m.heap[a] }
func (m *merge) Push(x any)    { m.heap = append(m.heap, x.(int)) }
func (m *merge) Pop() any {
	last := m.heap[len(m.heap)-1]
	m.heap = m.heap[:len(m.heap)-1]
	return last
}
