package delivery

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
)

// writer appends JSON to buf. Callers open and close objects and arrays by
// hand; key and next set the commas.
type writer struct {
	buf []byte
}

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

// next separates a member or element from the one before, if there is one.
func (w *writer) next() {
	if n := len(w.buf); n > 0 && w.buf[n-1] != '{' && w.buf[n-1] != '[' {
		w.buf = append(w.buf, ',')
	}
}

// key begins a member of the object that is open.
func (w *writer) key(name string) {
	w.next()
	w.str(name)
	w.buf = append(w.buf, ':')
}

func (w *writer) strMember(name, value string) {
	w.key(name)
	w.str(value)
}

func (w *writer) intMember(name string, n int64) {
	w.key(name)
	w.buf = strconv.AppendInt(w.buf, n, 10)
}

func (w *writer) boolMember(name string, b bool) {
	w.key(name)
	w.buf = strconv.AppendBool(w.buf, b)
}

// optMember writes null for nil.
func (w *writer) optMember(name string, s *string) {
	w.key(name)
	if s == nil {
		w.raw("null")
		return
	}
	w.str(*s)
}

const timeLayout = "2006-01-02T15:04:05.000Z"

func (w *writer) timeMember(name string, t time.Time) {
	w.key(name)
	w.buf = append(w.buf, '"')
	w.buf = t.UTC().AppendFormat(w.buf, timeLayout)
	w.buf = append(w.buf, '"')
}

func (w *writer) linkMember(name string, linkType cms.Kind, id string) {
	w.key(name)
	w.link(linkType, id)
}

func (w *writer) link(linkType cms.Kind, id string) {
	w.raw(`{"sys":{"type":"Link","linkType":`)
	w.str(string(linkType))
	w.raw(`,"id":`)
	w.str(id)
	w.raw("}}")
}

const hex = "0123456789abcdef"

// str writes a string. What is not UTF-8 becomes U+FFFD.
func (w *writer) str(s string) {
	b := append(w.buf, '"')
	plain := 0 // where the part not yet written begins
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		b = append(b, s[plain:i]...)
		switch {
		case c >= utf8.RuneSelf:
			b = append(b, "\uFFFD"...)
		case c == '"', c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		case c == '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i += size
		plain = i
	}
	b = append(b, s[plain:]...)
	w.buf = append(b, '"')
}
