package cms

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// ParseDocument reads a stored body. The values are parts of it, so nobody may
// change it afterwards. It is several times faster than encoding/json, which looks at
// each byte of every value two or three times: to make a column of the read
// model, all bodies of an environment are read for one value each. It relies on
// the body having been valid JSON when it was stored; what it does not expect it
// leaves to encoding/json.
func ParseDocument(body []byte) (Document, error) {
	var d Document
	if d.parse(body) {
		return d, nil
	}
	d = Document{}
	err := json.Unmarshal(body, &d)
	return d, err
}

// parse is not ok when the body has something unexpected.
func (d *Document) parse(body []byte) bool {
	seen := map[string]bool{}
	return eachMember(body, func(name string, value []byte) bool {
		if seen[name] {
			return false
		}
		seen[name] = true
		switch name {
		case "metadata":
			return string(value) == "{}" || json.Unmarshal(value, &d.Metadata) == nil
		case "locales":
			return json.Unmarshal(value, &d.Locales) == nil
		case "fields":
			d.Fields = Fields{}
			return eachMember(value, func(field string, value []byte) bool {
				values := map[string]json.RawMessage{}
				d.Fields[field] = values
				return eachMember(value, func(locale string, value []byte) bool {
					values[locale] = value
					return true
				})
			})
		}
		return false
	})
}

// eachMember calls f with the members of an object. It is not ok when b is no
// object, or when f is not ok.
func eachMember(b []byte, f func(name string, value []byte) bool) bool {
	i := pastSpace(b, 0)
	if i == len(b) || b[i] != '{' {
		return false
	}
	if i = pastSpace(b, i+1); i < len(b) && b[i] == '}' {
		return pastSpace(b, i+1) == len(b)
	}
	for {
		end := pastString(b, i)
		if end < 0 {
			return false
		}
		name := string(b[i+1 : end-1])
		if strings.IndexByte(name, '\\') >= 0 || !utf8.ValidString(name) {
			var unescaped string // of its own, so that a name as it stands need not be kept elsewhere
			if json.Unmarshal(b[i:end], &unescaped) != nil {
				return false
			}
			name = unescaped
		}
		if i = pastSpace(b, end); i == len(b) || b[i] != ':' {
			return false
		}
		i = pastSpace(b, i+1)
		if end = pastValue(b, i); end < 0 || !f(name, b[i:end:end]) {
			return false
		}
		if i = pastSpace(b, end); i == len(b) {
			return false
		}
		switch b[i] {
		case ',':
			i = pastSpace(b, i+1)
		case '}':
			return pastSpace(b, i+1) == len(b)
		default:
			return false
		}
	}
}

func pastSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// pastString is where the string at i ends, or -1.
func pastString(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for i++; i < len(b); {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		escapes := 0
		for escapes < n && b[i+n-1-escapes] == '\\' {
			escapes++
		}
		i += n + 1
		if escapes%2 == 0 {
			return i
		}
	}
	return -1
}

// pastValue is where the value at i ends, or -1.
func pastValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return pastString(b, i)
	case '{', '[':
		depth := 0
		for i < len(b) {
			switch b[i] {
			case '"':
				if i = pastString(b, i); i < 0 {
					return -1
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return -1
	}
	start := i
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

// MaxDepth is how deep arrays and objects of a request may lie inside each other.
const MaxDepth = 200

// Depth is how deep arrays and objects lie inside each other.
func Depth(raw json.RawMessage) int {
	d := json.NewDecoder(bytes.NewReader(raw))
	level, deepest := 0, 0
	for {
		t, err := d.Token()
		if err != nil {
			return deepest
		}
		switch t {
		case json.Delim('['), json.Delim('{'):
			level++
			deepest = max(deepest, level)
		case json.Delim(']'), json.Delim('}'):
			level--
		}
	}
}
