package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/fault"
)

const (
	maxDepth   = 200 // of arrays and objects in a body
	maxExcerpt = 120 // bytes of a broken body that are sent back
)

// checkJSON refuses what is not exactly one JSON value in UTF-8, or nested too
// deeply. The result is b without the space around it. Of members with the same
// name only the last is left, because decoders downstream would merge them.
func checkJSON(b []byte) ([]byte, error) {
	if !utf8.Valid(b) {
		return nil, invalidJSON(b, "it is not UTF-8")
	}
	if !json.Valid(b) {
		var raw json.RawMessage
		err := json.Unmarshal(b, &raw)
		why := err.Error()
		if s := (*json.SyntaxError)(nil); errors.As(err, &s) {
			why = fmt.Sprintf("%s, at byte %d", s, s.Offset)
		}
		return nil, invalidJSON(b, why)
	}
	w := walker{src: bytes.TrimSpace(b)}
	if !w.value(0) {
		return nil, invalidJSON(b, fmt.Sprintf("it is nested more than %d levels deep", maxDepth))
	}
	if w.repeats {
		return lastWins(w.src)
	}
	return w.src, nil
}

// lastWins is b without repeated names. The order of members is not kept.
func lastWins(b []byte) ([]byte, error) {
	var v any // decoding into an empty interface replaces, where a struct merges
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, fault.Wrap(err, fault.BadRequest, "")
	}
	return encode(v)
}

// invalidJSON begins with words that programs compare, and the body as received.
func invalidJSON(b []byte, why string) error {
	excerpt := b
	more := ""
	if len(excerpt) > maxExcerpt {
		excerpt, more = excerpt[:maxExcerpt], "…"
		for len(excerpt) > 0 && !utf8.RuneStart(b[len(excerpt)]) {
			excerpt = excerpt[:len(excerpt)-1]
		}
	}
	quoted := strings.ToValidUTF8(string(excerpt), "\uFFFD")
	f := fault.New(fault.BadRequest, "Invalid JSON in request body: %s%s (%s)", quoted, more, why)
	f.Quoted = quoted
	return f
}

// walker goes through well-formed JSON and finds its depth and repeated names.
type walker struct {
	src     []byte
	at      int
	repeats bool // an object has a name twice
}

// value passes one value; false means it is nested too deeply.
func (w *walker) value(depth int) bool {
	w.space()
	switch c := w.src[w.at]; c {
	case '{', '[':
		if depth == maxDepth {
			return false
		}
		w.at++
		if c == '{' {
			return w.object(depth + 1)
		}
		return w.array(depth + 1)
	case '"':
		w.text()
	default: // a number or a word
		for w.at < len(w.src) && !delimits(w.src[w.at]) {
			w.at++
		}
	}
	return true
}

func (w *walker) object(depth int) bool {
	var few [8][]byte // most objects have no more members
	names := nameSet{few: few[:0]}
	for {
		w.space()
		switch w.src[w.at] {
		case '}':
			w.at++
			return true
		case ',':
			w.at++
			w.space()
		}
		if !names.add(w.text()) {
			w.repeats = true
		}
		w.space()
		w.at++ // the colon
		if !w.value(depth) {
			return false
		}
	}
}

func (w *walker) array(depth int) bool {
	for {
		w.space()
		switch w.src[w.at] {
		case ']':
			w.at++
			return true
		case ',':
			w.at++
		}
		if !w.value(depth) {
			return false
		}
	}
}

// nameSet are the names of an object so far.
type nameSet struct {
	few  [][]byte
	many map[string]bool // once few is full
}

// add reports whether the name is new.
func (s *nameSet) add(name []byte) bool {
	if s.many == nil {
		for _, n := range s.few {
			if bytes.Equal(n, name) {
				return false
			}
		}
		if len(s.few) < cap(s.few) {
			s.few = append(s.few, name)
			return true
		}
		s.many = make(map[string]bool, 2*len(s.few))
		for _, n := range s.few {
			s.many[string(n)] = true
		}
	}
	if s.many[string(name)] {
		return false
	}
	s.many[string(name)] = true
	return true
}

// text passes a string and returns what it spells.
func (w *walker) text() []byte {
	start := w.at + 1
	for end := start; ; end++ {
		end += bytes.IndexByte(w.src[end:], '"')
		before := end
		for w.src[before-1] == '\\' {
			before--
		}
		if (end-before)%2 == 1 { // an escaped quote
			continue
		}
		w.at = end + 1
		if inside := w.src[start:end]; bytes.IndexByte(inside, '\\') < 0 {
			return inside
		}
		var s string
		_ = json.Unmarshal(w.src[start-1:w.at], &s) // it is well-formed
		return []byte(s)
	}
}

func (w *walker) space() {
	for isSpace(w.src[w.at]) {
		w.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func delimits(c byte) bool { return isSpace(c) || c == ',' || c == ']' || c == '}' }
