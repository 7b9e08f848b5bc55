package validate

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
)

// decode reads JSON with numbers as they were written. Most values need no decoder,
// which costs more than everything else that is done with them.
func decode(raw json.RawMessage) (any, error) {
	if v, ok := shallow(raw, 3); ok {
		return v, nil
	}
	return decoded(raw)
}

// decoded is what encoding/json makes of a value.
func decoded(raw json.RawMessage) (v any, err error) {
	if !hasNumber(raw) {
		err = json.Unmarshal(raw, &v)
		return v, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// shallow decodes what is plain, or has so many levels of plain things, as links and
// lists of them have. It is not ok with anything else.
func shallow(raw json.RawMessage, levels int) (v any, ok bool) {
	if v, ok := plain(raw); ok || levels == 0 || len(raw) == 0 {
		return v, ok
	}
	switch raw[0] {
	case '{':
		members := map[string]any{}
		ok = cms.EachMember(raw, func(name string, value json.RawMessage) (ok bool) {
			members[name], ok = shallow(value, levels-1)
			return ok
		})
		return members, ok
	case '[':
		elements, err := cms.Elements(raw)
		if err != nil {
			return nil, false
		}
		items := make([]any, len(elements))
		for i, element := range elements {
			if items[i], ok = shallow(element, levels-1); !ok {
				return nil, false
			}
		}
		return items, true
	default:
		return nil, false
	}
}

// plain decodes a text without escapes, a whole number or a word. It is not ok with
// anything else.
func plain(raw json.RawMessage) (v any, ok bool) {
	switch {
	case len(raw) == 0:
		return nil, false
	case raw[0] == '"':
		text, ok := bytes.CutSuffix(raw[1:], []byte{'"'})
		for _, c := range text {
			if c < ' ' || c == '"' || c == '\\' {
				return nil, false
			}
		}
		if !ok || !utf8.Valid(text) {
			return nil, false
		}
		return string(text), true
	case '1' <= raw[0] && raw[0] <= '9':
		for _, c := range raw {
			if c < '0' || c > '9' {
				return nil, false
			}
		}
		return json.Number(raw), true
	}
	switch string(raw) {
	case "true":
		return true, true
	case "false":
		return false, true
	case "null":
		return nil, true
	default:
		return nil, false
	}
}

// hasNumber reports whether a well-formed value has a number anywhere in it.
func hasNumber(raw json.RawMessage) bool {
	inside := false // a text
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			inside = !inside
		case inside && c == '\\':
			i++
		case !inside && (c == '-' || '0' <= c && c <= '9'):
			return true
		}
	}
	return false
}
