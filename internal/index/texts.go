package index

import (
	"strings"

	"github.com/typecase/typecase/internal/query"
)

// texts is a column for Match: every text of an entity in lower case, with a
// NUL between two.
type texts struct {
	uses
	has  bitset
	text []string
	held int64
}

func (t *texts) load(ord uint32, vs query.Values) { t.put(ord, vs) }
func (t *texts) seal(func(uint32) string)         {}

func (t *texts) put(ord uint32, vs query.Values) {
	if n := int(ord) + 1 - len(t.text); n > 0 {
		t.text = append(t.text, make([]string, n)...)
	}
	all := make([]string, len(vs.List))
	for i, v := range vs.List {
		all[i] = strings.ToLower(v.Str)
	}
	joined := strings.Join(all, "\x00")
	t.held += int64(len(joined) - len(t.text[ord]))
	t.text[ord] = joined
	t.has.put(ord, len(all) > 0)
}

func (t *texts) narrow(c *query.Cond, candidates bitset) {
	candidates.and(t.has)
	candidates.each(func(ord uint32) bool {
		for _, w := range c.Args {
			if !strings.Contains(t.text[ord], w.Str) {
				candidates.remove(ord)
				break
			}
		}
		return true
	})
}

func (t *texts) compare(uint32, column, uint32, bool) int  { return 0 } // texts have no order
func (t *texts) key(uint32) *query.Value                   { return nil }
func (t *texts) compareKey(uint32, *query.Value, bool) int { return 0 }
func (t *texts) bytes() int64                              { return t.held + int64(len(t.text))*16 + 256 }
