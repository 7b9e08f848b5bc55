package authoring

import (
	"crypto/rand"
	"io"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// IDs makes random ids. Its source is crypto/rand in production.
type IDs struct{ Source io.Reader }

// New is an id of 22 base62 characters, as entries, assets and keys have.
func (g IDs) New() string { return g.random(22, base62) }

// Short is an id of 12 lower-case letters and digits, as spaces have.
func (g IDs) Short() string { return g.random(12, "0123456789abcdefghijklmnopqrstuvwxyz") }

// random draws n letters of alphabet without bias.
func (g IDs) random(n int, alphabet string) string {
	src := g.source()
	limit := byte(256 / len(alphabet) * len(alphabet) % 256) // 0 means all 256 values are fair
	out := make([]byte, 0, n)
	buf := make([]byte, n)
	for len(out) < n {
		if _, err := io.ReadFull(src, buf); err != nil {
			panic("authoring: no randomness: " + err.Error())
		}
		for _, b := range buf {
			if len(out) < n && (limit == 0 || b < limit) {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

func (g IDs) source() io.Reader {
	if g.Source == nil {
		return rand.Reader
	}
	return g.Source
}
