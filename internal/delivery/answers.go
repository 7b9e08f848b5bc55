package delivery

import (
	"sync/atomic"

	"github.com/typecase/typecase/internal/store"
)

// answerKey is all that an answer depends on. The ETag has the position of the
// environment in it, as the request found it: nobody gets anything older than an
// answer of its own would be.
type answerKey struct {
	environment store.Scope
	etag        string
	gzip, keys  bool
}

// kept is write for those who ask for what somebody has asked for before, while
// the environment stands still. Most readers of a site ask for the same pages.
func (rd *reader) kept(write func() (*Body, error)) (*Body, error) {
	key := rd.answerKey()
	if b, ok := rd.answers.GetIfPresent(key); ok {
		rd.answerHits.Add(1)
		if b.forms == nil { // it may be asked for often
			b = b.again()
			rd.answers.Set(key, b)
		}
		return b, nil
	}
	rd.answerMisses.Add(1)
	b, err := write()
	if err == nil {
		rd.answers.Set(key, b)
	}
	return b, err
}

func (rd *reader) answerKey() answerKey {
	return answerKey{rd.Place.Environment, rd.named, rd.Gzip, rd.Keys}
}

// forms are the bytes of a body as they leave, from when they left first.
type forms struct{ plain, gzip atomic.Pointer[[]byte] }

// again is b with room for its forms.
func (b *Body) again() *Body {
	return &Body{text: b.text, cuts: b.cuts, size: b.size, Keys: b.Keys, forms: new(forms)}
}

// Ready is the JSON as it leaves, plain or as one member of gzip: shared bytes that
// nobody may change. nil if it is to be put together.
func (b *Body) Ready(gzip bool) []byte {
	if b.forms == nil {
		if !gzip && len(b.cuts) == 1 && len(b.text) == 0 {
			return b.cuts[0].f.json
		}
		return nil
	}
	form := &b.forms.plain
	if gzip {
		form = &b.forms.gzip
	}
	if ready := form.Load(); ready != nil {
		return *ready
	}
	var out []byte
	if gzip {
		out = b.AppendGzip(nil)
	} else {
		out = b.Bytes()
	}
	form.Store(&out)
	return out
}

// weight is about what a body occupies with its key, its fragments and one of its
// forms.
func (b *Body) weight() uint32 {
	n := b.Len() + 24*len(b.cuts) + len(b.Keys) + 256
	if b.forms != nil {
		n += b.Len()
	}
	return uint32(n)
}
