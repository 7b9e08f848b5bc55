package rule

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// placeholder is a JSON pointer in braces: { /payload/sys/id }.
var placeholder = regexp.MustCompile(`\{[ \t]*(/[^{}]*?)[ \t]*\}`)

// Fixed reports whether a text has no placeholders.
func Fixed(template string) bool {
	return !strings.Contains(template, "{") || !placeholder.MatchString(template)
}

// Context is what placeholders point into. The payload is decoded for the first
// of them: most definitions have none.
type Context struct {
	topic   string
	payload []byte
	root    any
	err     error
}

// NewContext makes a context: { /topic } is the topic, { /payload } the body
// that would be sent without a transformation.
func NewContext(topic string, payload []byte) *Context {
	return &Context{topic: topic, payload: payload}
}

// Err is what was wrong with the payload, if a placeholder has pointed into it.
func (c *Context) Err() error { return c.err }

// decode reads one JSON value, numbers as they are spelled.
func decode(raw []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// find follows a JSON pointer.
func (c *Context) find(pointer string) (any, bool) {
	if c.root == nil {
		var payload any
		payload, c.err = decode(c.payload)
		c.root = map[string]any{"topic": c.topic, "payload": payload}
	}
	at := c.root
	for part := range strings.SplitSeq(pointer[1:], "/") {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		switch here := at.(type) {
		case map[string]any:
			next, ok := here[part]
			if !ok {
				return nil, false
			}
			at = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(here) || strconv.Itoa(i) != part {
				return nil, false
			}
			at = here[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// text is a value as it stands inside a text: nothing for null and for what is
// not there, JSON for lists and objects.
func (c *Context) text(pointer string) string {
	v, _ := c.find(pointer)
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return string(encode(v))
}

// encode is JSON as it is sent: <, > and & stand as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // what was decoded always encodes
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Fill is a text with its placeholders replaced. escape changes each value that
// is put in; nil leaves them as they are. A text that would be longer than
// MaxBody is cut there: nothing takes more.
func (c *Context) Fill(template string, escape func(string) string) string {
	if Fixed(template) {
		return template
	}
	var out strings.Builder
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		out.WriteString(template[last:m[0]])
		value := c.text(template[m[2]:m[3]])
		if escape != nil {
			value = escape(value)
		}
		out.WriteString(value)
		if last = m[1]; out.Len() > MaxBody {
			return out.String()[:MaxBody+1]
		}
	}
	out.WriteString(template[last:])
	return out.String()
}

// value is what a string of a body stands for: a lone placeholder for the value
// it points to, of whatever type, null if there is none.
func (c *Context) value(s string) any {
	if m := placeholder.FindStringSubmatchIndex(s); m != nil && m[0] == 0 && m[1] == len(s) {
		v, _ := c.find(s[m[2]:m[3]])
		return v
	}
	return c.Fill(s, nil)
}
