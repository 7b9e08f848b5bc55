package cms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Encode is the body of a document as it is stored: what encoding/json makes of it,
// without the escapes that make JSON safe inside HTML. The values are well-formed
// JSON already, and most of it: they are copied without the spaces between their
// parts, which is several times faster than having them checked once more.
func (d *Document) Encode() ([]byte, error) {
	b := make([]byte, 0, 80+d.Fields.Size())
	b = append(b, `{"metadata":{`...)
	b = appendNames(b, `"tags":`, d.Metadata.Tags)
	if len(d.Metadata.Tags) > 0 && len(d.Metadata.Concepts) > 0 {
		b = append(b, ',')
	}
	b = appendNames(b, `"concepts":`, d.Metadata.Concepts)
	b = append(b, `},"fields":`...)
	if d.Fields == nil {
		b = append(b, "null"...)
	} else {
		b = append(b, '{')
		for i, field := range sortedKeys(d.Fields) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendName(b, field), ':')
			var ok bool
			if b, ok = appendValues(b, d.Fields[field]); !ok {
				return nil, fmt.Errorf("the field %q has a value that is not JSON", field)
			}
		}
		b = append(b, '}')
	}
	if len(d.Locales) > 0 {
		b = appendNames(append(b, ','), `"locales":`, d.Locales)
	}
	return append(b, '}'), nil
}

// appendValues appends the values of a field by locale.
func appendValues(dst []byte, values map[string]json.RawMessage) (out []byte, ok bool) {
	if values == nil {
		return append(dst, "null"...), true
	}
	dst = append(dst, '{')
	for i, locale := range sortedKeys(values) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendName(dst, locale), ':')
		if dst, ok = appendCompact(dst, values[locale]); !ok {
			return nil, false
		}
	}
	return append(dst, '}'), true
}

// appendCompact appends a well-formed value without the spaces between its parts.
func appendCompact(dst []byte, v json.RawMessage) (out []byte, ok bool) {
	if v == nil {
		return append(dst, "null"...), true
	}
	from := 0
	for i := 0; i < len(v); {
		switch v[i] {
		case '"':
			if i = pastString(v, i); i < 0 {
				return nil, false
			}
		case ' ', '\t', '\n', '\r':
			dst = append(dst, v[from:i]...)
			i++
			from = i
		default:
			i++
		}
	}
	return append(dst, v[from:]...), len(v) > 0
}

// appendNames appends a list behind its name, unless it is empty.
func appendNames(dst []byte, name string, list []string) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(dst, name...), '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendName(dst, s)
	}
	return append(dst, ']')
}

// appendName appends a key or an id as a string of a stored body.
func appendName(dst []byte, s string) []byte {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		return append(append(append(dst, '"'), s...), '"') // nearly always
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
