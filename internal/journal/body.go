package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/richtext"
)

// mode is what may be kept of a part of a body.
type mode int

const (
	values  mode = iota // names and types, and which resources are linked to
	entity              // the top of an entry or asset, or a patch to one
	patch               // an operation of a patch
	ids                 // sys and metadata of an entry or asset: as model, and texts only if they look like ids
	model               // what names things and describes the model; members that are not known are values
	all                 // everything that is no secret
	secrets             // nothing
)

// definitions are the resources whose bodies describe the model or the server
// and hold no content, by the first part of the route below space and
// environment. "" is the space itself.
var definitions = map[string]bool{
	"": true, "spaces": true, "environments": true, "environment_aliases": true, "content_types": true, "locales": true, "tags": true,
	"api_keys": true, "webhook_definitions": true, "users": true, "organizations": true, "_typecase": true,
}

// known are the members whose values name things or describe the model.
var known = set(
	"sys type linkType id version space environment contentType organization metadata tags concepts visibility",
	"name displayField fields apiName newId items localized required disabled omitted deleted validations linkContentType linkMimetypeGroup",
	"in unique size min max range dateRange regexp prohibitRegexp pattern flags assetFileSize assetImageDimensions width height",
	"enabledMarks enabledNodeTypes nodes allowedResources",
	"code fallbackCode default optional contentDeliveryApi contentManagementApi defaultLocale",
	"environments policies scopes expiresIn topics active filters equals not",
	"controls sidebar editors editor editorLayout groupControls fieldId groupId widgetId widgetNamespace",
	"simulate path count op from",
)

// nodeTypes are the values of nodeType in rich text.
var nodeTypes = append([]string{"document", "paragraph", "text", "list-item", "table-row", "table-cell", "table-header-cell"}, richtext.NodeTypes...)

func set(lines ...string) map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Fields(strings.Join(lines, " ")) {
		out[name] = true
	}
	return out
}

// maxBody bounds what is kept of a body, in bytes.
const maxBody = 16 << 10

// Body is the JSON body of a request to a route. Members keep their order; what
// does not fit is left out at the end of each object and array, and says so.
func (c Cleaner) Body(route string, b []byte) json.RawMessage {
	if len(b) == 0 {
		return nil
	}
	m := entity
	rest := strings.TrimPrefix(strings.TrimPrefix(route, "/spaces/:space"), "/environments/:environment")
	first, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	switch {
	case c.values:
		m = all
	case definitions[first]:
		m = model
	}
	return c.clean(b, m)
}

// Answer is the JSON of an error whose message and details went through Error.
func (c Cleaner) Answer(b []byte) json.RawMessage { return c.clean(b, all) }

func (c Cleaner) clean(b []byte, m mode) json.RawMessage {
	w := writer{Cleaner: c, dec: json.NewDecoder(bytes.NewReader(b))}
	w.dec.UseNumber()
	if err := w.value("", m); err != nil {
		return json.RawMessage(`"(not JSON)"`)
	}
	return slices.Clip(w.out)
}

// writer copies a JSON text as far as it may be kept.
type writer struct {
	Cleaner
	dec  *json.Decoder
	out  []byte
	full bool // nothing more is read: what is open is closed
}

// value copies the next value. It goes by the name of the member that it, or
// the array around it, is.
func (w *writer) value(name string, m mode) error {
	t, err := w.dec.Token()
	if err != nil {
		return err
	}
	keep := m == all || (m == model || m == ids) && known[name]
	switch t := t.(type) {
	case json.Delim:
		switch {
		case t == '[' && name == "fields": // of a content type, each an object of its own
			return w.array("", m)
		case t == '[':
			return w.array(name, m)
		case m == model && name == "fields": // of an entry, sent to the wrong place
			m = values
		}
		return w.object(m)
	case string:
		switch {
		case m == secrets:
			t = secret
		case m == ids && !cms.ValidID(t), !keep && !(name == "nodeType" && slices.Contains(nodeTypes, t)):
			t = textLike(t)
		default:
			t = w.Text(t)
		}
		w.text(t)
	case json.Number:
		switch {
		case m == secrets:
			w.text(secret)
		case keep && len(t) <= maxName:
			w.out = append(w.out, t...)
		case strings.ContainsAny(t.String(), ".eE"):
			w.text(decimal)
		default:
			w.text(whole)
		}
	case bool:
		if keep || m == secrets { // no secret is that short
			w.out = strconv.AppendBool(w.out, t)
		} else {
			w.text(boolean)
		}
	default:
		w.out = append(w.out, "null"...)
	}
	return nil
}

func (w *writer) array(name string, m mode) error {
	w.out = append(w.out, '[')
	if m == entity {
		m = patch
	}
	for first := true; !w.full && w.dec.More(); first = false {
		if !first {
			w.out = append(w.out, ',')
		}
		if len(w.out) > maxBody {
			w.full = true
			w.text(more)
			break
		}
		if err := w.value(name, m); err != nil {
			return err
		}
	}
	return w.end(']')
}

func (w *writer) object(m mode) error {
	w.out = append(w.out, '{')
	for first := true; !w.full && w.dec.More(); first = false {
		if !first {
			w.out = append(w.out, ',')
		}
		if len(w.out) > maxBody {
			w.full = true
			w.text(more)
			w.out = append(w.out, ":true"...)
			break
		}
		t, err := w.dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		w.text(w.Text(clip(name, maxName)))
		w.out = append(w.out, ':')
		if m == values && name == "sys" {
			err = w.link()
		} else {
			err = w.value(name, below(m, name))
		}
		if err != nil {
			return err
		}
	}
	return w.end('}')
}

// end closes an object or array.
func (w *writer) end(delimiter byte) error {
	w.out = append(w.out, delimiter)
	if w.full {
		return nil
	}
	_, err := w.dec.Token()
	return err
}

// below is what may be kept of a member.
func below(m mode, name string) mode {
	switch m {
	case entity:
		if name == "sys" || name == "metadata" {
			return ids
		}
		return values
	case patch:
		if name == "op" || name == "path" || name == "from" {
			return model
		}
		return values
	case model, ids, all:
		if isSecret(name) || name == "headers" { // those of webhooks are credentials as a rule
			return secrets
		}
		if m != all && !known[name] {
			return values
		}
	}
	return m
}

// link copies the sys of a value: a link as it is, for ids are no values.
func (w *writer) link() error {
	var raw json.RawMessage
	if err := w.dec.Decode(&raw); err != nil {
		return err
	}
	var members map[string]string
	if json.Unmarshal(raw, &members) == nil && len(members) == 3 && members["type"] == "Link" &&
		linkTypes[members["linkType"]] && cms.ValidID(members["id"]) {
		w.out = fmt.Appendf(w.out, `{"type":"Link","linkType":%q,"id":%q}`, members["linkType"], members["id"])
		return nil
	}
	w.out = append(w.out, w.clean(raw, values)...)
	return nil
}

var linkTypes = set("Entry Asset")

// text appends a JSON string.
func (w *writer) text(s string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError }) {
		b, _ := json.Marshal(s) // a string always can be
		w.out = append(w.out, b...)
		return
	}
	w.out = append(append(append(w.out, '"'), s...), '"')
}
