package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// What a transformation can choose. The first of each is what a call has
// without one.
var (
	Methods      = []string{"POST", "GET", "PUT", "PATCH", "DELETE"}
	ContentTypes = []string{
		"application/vnd.contentful.management.v1+json", "application/vnd.contentful.management.v1+json; charset=utf-8",
		"application/json", "application/json; charset=utf-8",
		form, form + "; charset=utf-8",
	}
)

const form = "application/x-www-form-urlencoded"

// MaxBody is the largest body of a call in bytes.
const MaxBody = 8 << 20

// ErrTooLarge is the error of a body over MaxBody.
var ErrTooLarge = fmt.Errorf("the body of the call has more than %d bytes", MaxBody)

// Transformation says how a call differs from the usual one. The zero value
// changes nothing.
type Transformation struct {
	Method               string          `json:"method"`
	ContentType          string          `json:"contentType"`
	IncludeContentLength bool            `json:"includeContentLength"`
	Body                 json.RawMessage `json:"body"` // any JSON, with placeholders in its strings; nil: the payload
}

// ParseTransformation reads the transformation of a definition; null is none.
func ParseTransformation(raw json.RawMessage) (t Transformation, err error) {
	if raw != nil {
		err = json.Unmarshal(raw, &t)
	}
	if t.Method == "" {
		t.Method = Methods[0]
	}
	if t.ContentType == "" {
		t.ContentType = ContentTypes[0]
	}
	if err == nil && (!slices.Contains(Methods, t.Method) || !slices.Contains(ContentTypes, t.ContentType)) {
		err = errors.New("the method or the content type of the transformation is unknown")
	}
	return t, err
}

// Bodiless reports whether calls have no body.
func (t Transformation) Bodiless() bool { return t.Method == "GET" || t.Method == "DELETE" }

// Apply makes the body of a call about a payload.
func (t Transformation) Apply(c *Context, payload []byte) ([]byte, error) {
	if t.Bodiless() {
		return nil, nil
	}
	body := payload
	if t.Body != nil {
		w := &filler{context: c, in: json.NewDecoder(bytes.NewReader(t.Body))}
		w.in.UseNumber()
		if err := w.value(); err != nil {
			return nil, err
		}
		body = w.out.Bytes()
	}
	if strings.HasPrefix(t.ContentType, form) {
		v, err := decode(body)
		if err != nil {
			return nil, err
		}
		body = []byte(strings.Join(pairs(nil, "", v), "&"))
	}
	if len(body) > MaxBody {
		return nil, ErrTooLarge
	}
	return body, nil
}

// filler copies JSON member by member, in order, and fills its strings.
type filler struct {
	context *Context
	in      *json.Decoder
	out     bytes.Buffer
}

func (f *filler) value() error {
	t, err := f.in.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		f.out.WriteByte(byte(t))
		for first := true; f.in.More(); first = false {
			if !first {
				f.out.WriteByte(',')
			}
			if t == '{' {
				key, err := f.in.Token()
				if err != nil {
					return err
				}
				f.out.Write(encode(key))
				f.out.WriteByte(':')
			}
			if err := f.value(); err != nil {
				return err
			}
		}
		end, err := f.in.Token()
		if err != nil {
			return err
		}
		f.out.WriteByte(byte(end.(json.Delim)))
	case string:
		f.out.Write(encode(f.context.value(t)))
	default:
		f.out.Write(encode(t))
	}
	if f.out.Len() > MaxBody {
		return ErrTooLarge
	}
	return nil
}

// pairs are the fields of a form for a value: a[b][0]=c for what is nested. A
// value that has no name, since it is not inside an object, is the whole form.
func pairs(to []string, name string, v any) []string {
	inside := func(key string) string {
		if name == "" {
			return url.QueryEscape(key)
		}
		return name + "%5B" + url.QueryEscape(key) + "%5D"
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			to = pairs(to, inside(key), v[key])
		}
		return to
	case []any:
		for i, one := range v {
			to = pairs(to, inside(fmt.Sprint(i)), one)
		}
		return to
	}
	text := ""
	switch v := v.(type) {
	case nil:
	case string:
		text = v
	default:
		text = string(encode(v))
	}
	if name == "" {
		return append(to, url.QueryEscape(text))
	}
	return append(to, name+"="+url.QueryEscape(text))
}
