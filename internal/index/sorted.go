package index

import (
	"cmp"
	"slices"
	"sort"
)

// blockSize is where a block of a sorted array splits. Small blocks keep the
// cost of an insertion the same for a thousand pairs and for ten million.
const blockSize = 512

// pair is one value of one entity.
type pair[K cmp.Ordered] struct {
	key K
	ord uint32
}

// sorted is an array of pairs in the order of key, then of the entity's id, cut
// into blocks.
type sorted[K cmp.Ordered] struct {
	blocks [][]pair[K] // none is empty
}

// at is a place between pairs: before blocks[b][i].
type at struct{ b, i int }

// fill sorts pairs into an empty array.
func (s *sorted[K]) fill(pairs []pair[K], id func(uint32) string) {
	slices.SortFunc(pairs, func(a, b pair[K]) int { return comparePairs(a, b, id) })
	for block := range slices.Chunk(pairs, blockSize/2) {
		s.blocks = append(s.blocks, append(make([]pair[K], 0, blockSize/2+8), block...))
	}
}

func comparePairs[K cmp.Ordered](a, b pair[K], id func(uint32) string) int {
	if c := cmp.Compare(a.key, b.key); c != 0 {
		return c
	}
	if c := cmp.Compare(id(a.ord), id(b.ord)); c != 0 {
		return c
	}
	return cmp.Compare(a.ord, b.ord) // two bodies of one resource
}

// find is the place of p, whether it is there or not.
func (s *sorted[K]) find(p pair[K], id func(uint32) string) at {
	b := sort.Search(len(s.blocks), func(b int) bool {
		block := s.blocks[b]
		return comparePairs(block[len(block)-1], p, id) >= 0
	})
	if b == len(s.blocks) {
		return at{b, 0}
	}
	block := s.blocks[b]
	return at{b, sort.Search(len(block), func(i int) bool { return comparePairs(block[i], p, id) >= 0 })}
}

// lower is the place before all pairs with this key, upper the one behind them.
func (s *sorted[K]) lower(key K) at {
	return s.place(func(k K) bool { return k >= key })
}

func (s *sorted[K]) upper(key K) at {
	return s.place(func(k K) bool { return k > key })
}

// place is before the first pair whose key is behind.
func (s *sorted[K]) place(behind func(K) bool) at {
	b := sort.Search(len(s.blocks), func(b int) bool {
		block := s.blocks[b]
		return behind(block[len(block)-1].key)
	})
	if b == len(s.blocks) {
		return at{b, 0}
	}
	block := s.blocks[b]
	return at{b, sort.Search(len(block), func(i int) bool { return behind(block[i].key) })}
}

func (s *sorted[K]) end() at { return at{len(s.blocks), 0} }

// insert adds a pair that is not there.
func (s *sorted[K]) insert(p pair[K], id func(uint32) string) {
	if len(s.blocks) == 0 {
		s.blocks = append(s.blocks, []pair[K]{p})
		return
	}
	pos := s.find(p, id)
	if pos.b == len(s.blocks) {
		pos = at{pos.b - 1, len(s.blocks[pos.b-1])}
	}
	block := slices.Insert(s.blocks[pos.b], pos.i, p)
	s.blocks[pos.b] = block
	if len(block) >= blockSize {
		half := slices.Clone(block[blockSize/2:])
		clear(block[blockSize/2:])
		s.blocks[pos.b] = block[:blockSize/2]
		s.blocks = slices.Insert(s.blocks, pos.b+1, half)
	}
}

// remove takes out a pair that is there.
func (s *sorted[K]) remove(p pair[K], id func(uint32) string) {
	pos := s.find(p, id)
	block := slices.Delete(s.blocks[pos.b], pos.i, pos.i+1)
	s.blocks[pos.b] = block
	if len(block) == 0 {
		s.blocks = slices.Delete(s.blocks, pos.b, pos.b+1)
	}
}

// between calls f for each pair from one place to another.
func (s *sorted[K]) between(from, to at, f func(pair[K])) {
	for b := from.b; b < len(s.blocks) && b <= to.b; b++ {
		block := s.blocks[b]
		if b == to.b {
			block = block[:to.i]
		}
		if b == from.b {
			if from.i >= len(block) {
				continue
			}
			block = block[from.i:]
		}
		for _, p := range block {
			f(p)
		}
	}
}

// groups calls f with each key and its entities in turn, in the order of their
// ids, keys ascending or descending, until f returns false. f must not keep the
// slice.
func (s *sorted[K]) groups(desc bool, f func(key K, ords []uint32) bool) {
	var group []uint32
	var key K
	step := func(p pair[K]) bool {
		if len(group) > 0 && p.key != key {
			if desc {
				slices.Reverse(group)
			}
			if !f(key, group) {
				return false
			}
			group = group[:0]
		}
		key = p.key
		group = append(group, p.ord)
		return true
	}
	if desc {
		for _, block := range slices.Backward(s.blocks) {
			for _, p := range slices.Backward(block) {
				if !step(p) {
					return
				}
			}
		}
		slices.Reverse(group)
	} else {
		for _, block := range s.blocks {
			for _, p := range block {
				if !step(p) {
					return
				}
			}
		}
	}
	if len(group) > 0 {
		f(key, group)
	}
}
