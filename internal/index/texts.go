package index

import (
	"strings"

	"github.com/typecase/typecase/internal/query"
)

// texts is a column for Match: an inverted index of the words of each entity's
// texts in lower case. A word searched for has no blank in it, so it can only
// stand inside a word of a text, and the texts themselves are not needed.
//
// What an entity has is a note. Notes are numbered as they come, so that the
// list of a word only ever grows at its end; the note that a new one takes the
// place of is struck out, and when most are, the lists are written anew.
type texts struct {
	uses
	has    bitset
	words  words
	notes  []uint32 // by number: the entity, or struck
	noteOf []uint32 // by entity: number of its note and one more; 0 without any
	live   int      // notes that are not struck out
}

const (
	struck    = ^uint32(0)
	minStrike = 1024 // notes struck out before lists are written anew
)

func (t *texts) load(ord uint32, vs query.Values) { t.put(ord, vs) }
func (t *texts) seal(func(uint32) string)         {}

func (t *texts) put(ord uint32, vs query.Values) {
	if n := int(ord) + 1 - len(t.noteOf); n > 0 {
		t.noteOf = append(t.noteOf, make([]uint32, n)...)
	}
	if old := t.noteOf[ord]; old != 0 {
		t.notes[old-1] = struck
		t.noteOf[ord] = 0
		t.live--
	}
	t.has.put(ord, len(vs.List) > 0)
	if len(vs.List) == 0 {
		return
	}
	note := uint32(len(t.notes))
	for _, v := range vs.List {
		for word := range strings.FieldsSeq(strings.ToLower(v.Str)) {
			t.words.add(word, note)
		}
	}
	t.notes = append(t.notes, ord)
	t.noteOf[ord] = note + 1
	t.live++
	if dead := len(t.notes) - t.live; dead > t.live && dead > minStrike {
		t.compact()
	}
}

// compact leaves out what is struck out.
func (t *texts) compact() {
	number := make([]uint32, len(t.notes)) // old to new
	notes := make([]uint32, 0, t.live)
	for old, ord := range t.notes {
		number[old] = struck
		if ord != struck {
			number[old] = uint32(len(notes))
			notes = append(notes, ord)
			t.noteOf[ord] = uint32(len(notes))
		}
	}
	t.notes = notes
	t.words.renumber(number)
}

func (t *texts) narrow(c *query.Cond, candidates bitset) {
	candidates.and(t.has)
	for _, w := range c.Args {
		left := candidates.clone() // without the word, as far as is known
		n := left.count()
		t.words.containing(w.Str, func(l list) bool {
			l.each(func(note uint32) bool {
				if ord := t.notes[note]; ord != struck && left.has(ord) {
					left.remove(ord)
					n--
				}
				return n > 0
			})
			return n > 0
		})
		candidates.without(left)
	}
}

func (t *texts) compare(uint32, column, uint32, bool) int  { return 0 } // texts have no order
func (t *texts) key(uint32) *query.Value                   { return nil }
func (t *texts) compareKey(uint32, *query.Value, bool) int { return 0 }
func (t *texts) bytes() int64 {
	return t.words.bytes() + int64(len(t.notes)+len(t.noteOf))*4 + 256
}
