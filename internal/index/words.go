package index

import (
	"encoding/binary"
	"sort"
	"strings"
)

// words is a vocabulary: for each word the numbers that were added to it, in
// ascending order.
type words struct {
	ids   map[string]uint32
	lists []list // by id

	// The words one after the other, each with an end in front and the last with
	// one behind, so that a search for a part of a word is one pass over a text.
	text   strings.Builder
	starts []uint32 // by id, where in the text

	gaps int64 // bytes of all lists
}

// end is a byte that no text has, as it is not UTF-8.
const end = "\xff"

// add adds a number that is not less than any before. Words are copied.
func (w *words) add(word string, n uint32) {
	id, known := w.ids[word]
	if !known {
		if w.ids == nil {
			w.ids = map[string]uint32{}
			w.text.WriteString(end)
		}
		id = uint32(len(w.lists))
		w.ids[strings.Clone(word)] = id
		w.lists = append(w.lists, list{})
		w.starts = append(w.starts, uint32(w.text.Len()))
		w.text.WriteString(word + end)
	}
	l := &w.lists[id]
	before := cap(l.gaps)
	l.add(n)
	w.gaps += int64(cap(l.gaps) - before)
}

// containing calls f with the list of each word that part is in, until it returns
// false.
func (w *words) containing(part string, f func(list) bool) {
	if strings.Contains(part, end) {
		return
	}
	text := w.text.String()
	for at := 0; ; {
		i := strings.Index(text[at:], part)
		if i < 0 {
			return
		}
		at += i
		id := sort.Search(len(w.starts), func(id int) bool { return int(w.starts[id]) > at }) - 1
		if !f(w.lists[id]) || id+1 == len(w.starts) {
			return
		}
		at = int(w.starts[id+1])
	}
}

// renumber gives the numbers others, which have to ascend as they did; those that
// become struck are left out, and so are words without any.
func (w *words) renumber(number []uint32) {
	old := *w
	*w = words{}
	for word, id := range old.ids {
		old.lists[id].each(func(n uint32) bool {
			if number[n] != struck {
				w.add(word, number[n])
			}
			return true
		})
	}
}

// bytes is the memory held, estimated: of each word 100 bytes are its list, its
// start, its entry in the map and the word there.
func (w *words) bytes() int64 {
	return w.gaps + int64(w.text.Cap()) + int64(len(w.lists))*100
}

// list is ascending numbers, as the gaps between them.
type list struct {
	gaps []byte
	next uint32 // one more than the last number
}

// add appends a number, unless it is the last one already.
func (l *list) add(n uint32) {
	if n+1 == l.next {
		return
	}
	l.gaps = binary.AppendUvarint(l.gaps, uint64(n-l.next))
	l.next = n + 1
}

// each calls f with each number until it returns false.
func (l list) each(f func(n uint32) bool) {
	n := uint32(0)
	for gaps := l.gaps; len(gaps) > 0; n++ {
		gap, size := binary.Uvarint(gaps)
		gaps = gaps[size:]
		n += uint32(gap)
		if !f(n) {
			return
		}
	}
}
