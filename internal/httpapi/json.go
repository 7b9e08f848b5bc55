package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// maxExcerpt is how many bytes of a broken body are sent back.
const maxExcerpt = 120

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
		return nil, invalidJSON(b, fmt.Sprintf("it is nested more than %d levels deep", cms.MaxDepth))
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
	repeats bool     // an object has a name twice
	names   [][]byte // of the objects around
}

// fewNames is how many names are compared one by one. Most objects have no more.
const fewNames = 12

// value passes one value; false means it is nested too deeply.
func (w *walker) value(depth int) bool {
	w.space()
	switch c := w.src[w.at]; c {
	case '{', '[':
		if depth == cms.MaxDepth {
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
	outer := len(w.names)
	var many map[string]bool
	for {
		w.space()
		switch w.src[w.at] {
		case '}':
			w.at++
			w.names = w.names[:outer]
			return true
		case ',':
			w.at++
			w.space()
		}
		many = w.name(w.text(), outer, many)
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

// name notes a name of the object whose names are in w.names from a place on, or in
// many, once they are many.
func (w *walker) name(name []byte, from int, many map[string]bool) map[string]bool {
	if many != nil {
		w.repeats = w.repeats || many[string(name)]
		many[string(name)] = true
		return many
	}
	for _, n := range w.names[from:] {
		if bytes.Equal(n, name) {
			w.repeats = true
			return nil
		}
	}
	w.names = append(w.names, name)
	if len(w.names)-from < fewNames {
		return nil
	}
	many = make(map[string]bool, 2*fewNames)
	for _, n := range w.names[from:] {
		many[string(n)] = true
	}
	return many
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
