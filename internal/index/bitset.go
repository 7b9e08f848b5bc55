package index

import "math/bits"

// bitset is a set of ordinals. It grows as needed; sets of different length
// combine as if the shorter one went on with zeros.
type bitset []uint64

func (b *bitset) add(i uint32) {
	for int(i/64) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bitset) remove(i uint32) {
	if int(i/64) < len(b) {
		b[i/64] &^= 1 << (i % 64)
	}
}

// put adds or removes i.
func (b *bitset) put(i uint32, in bool) {
	if in {
		b.add(i)
	} else {
		b.remove(i)
	}
}

func (b bitset) has(i uint32) bool {
	return int(i/64) < len(b) && b[i/64]&(1<<(i%64)) != 0
}

func (b bitset) clone() bitset { return append(bitset(nil), b...) }

// and keeps what is in o too.
func (b bitset) and(o bitset) {
	n := min(len(b), len(o))
	for i := range n {
		b[i] &= o[i]
	}
	clear(b[n:])
}

// without removes what is in o.
func (b bitset) without(o bitset) {
	for i := range min(len(b), len(o)) {
		b[i] &^= o[i]
	}
}

func (b bitset) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// each calls f in ascending order until it returns false.
func (b bitset) each(f func(i uint32) bool) {
	for w, word := range b {
		for word != 0 {
			if !f(uint32(w*64 + bits.TrailingZeros64(word))) {
				return
			}
			word &= word - 1
		}
	}
}

// list is the members in ascending order.
func (b bitset) list(n int) []uint32 {
	out := make([]uint32, 0, n)
	b.each(func(i uint32) bool { out = append(out, i); return true })
	return out
}
