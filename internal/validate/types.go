package validate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/richtext"
)

// typed is a type as a field or its items declare it.
type typed struct {
	Type     cms.FieldType
	LinkType string
}

// valueType reports a value that does not have its field's type. raw is v
// as it was sent, below the code of a locale.
func valueType(f *cms.Field, v any, raw json.RawMessage, code string) []fault.Detail {
	switch f.Type {
	case cms.RichText:
		return richtext.Check(v, raw, place(f, code)...)
	case cms.Array:
		return arrayType(f, v, raw, code)
	}
	if t := (typed{f.Type, f.LinkType}); !hasType(t, v) {
		return []fault.Detail{wrongForm(t, raw, place(f, code))}
	}
	return nil
}

// arrayType checks an array and each of its elements.
func arrayType(f *cms.Field, v any, raw json.RawMessage, code string) []fault.Detail {
	items, ok := v.([]any)
	if !ok {
		return []fault.Detail{wrongForm(typed{Type: f.Type}, raw, place(f, code))}
	}
	if len(items) > MaxItems {
		return []fault.Detail{wrongSize(atMost(MaxItems), nil, place(f, code))}
	}
	var found problems
	var sent []json.RawMessage // the items as they were sent, once one is wrong
	t := typed{f.Items.Type, f.Items.LinkType}
	for i, item := range items {
		if hasType(t, item) {
			continue
		}
		if sent == nil {
			sent, _ = cms.Elements(raw) // which has been decoded
		}
		found.add(wrongForm(t, sent[i], join(place(f, code), i)))
	}
	return found.list
}

// form says what a value of the type looks like, for who sent another one.
func (t typed) form() string {
	switch t.Type {
	case cms.Symbol:
		return fmt.Sprintf("A Symbol is a text of at most %d characters.", MaxSymbol)
	case cms.Text:
		return fmt.Sprintf("A Text has at most %d characters.", MaxText)
	case cms.Integer:
		return "An Integer is a whole number without quotes."
	case cms.Number:
		return "A Number has no quotes."
	case cms.Boolean:
		return "A Boolean is true or false, without quotes."
	case cms.Date:
		return "A Date is a text such as 2026-03-02 or 2026-03-02T09:30:00Z."
	case cms.Location:
		return `A Location looks like {"lat":52.5,"lon":13.4}.`
	case cms.Array:
		return "An Array is a list, even when it has one element only: […]."
	case cms.TypeLink:
		return fmt.Sprintf(`The link looks like {"sys":{"type":"Link","linkType":%q,"id":"…"}}.`, t.LinkType)
	case cms.ResourceLink:
		return `A ResourceLink looks like {"sys":{"type":"ResourceLink","linkType":"…","urn":"…"}}.`
	default: // rich text has its own problems, an Object no form
		return ""
	}
}

// hasType reports whether a value has a type that is neither an array nor rich
// text.
func hasType(t typed, v any) bool {
	switch t.Type {
	case cms.Symbol:
		s, ok := v.(string)
		return ok && utf8.RuneCountInString(s) <= MaxSymbol
	case cms.Text:
		s, ok := v.(string)
		return ok && utf8.RuneCountInString(s) <= MaxText
	case cms.Integer:
		n, ok := v.(json.Number)
		return ok && whole(n)
	case cms.Number:
		n, ok := v.(json.Number)
		return ok && finite(n)
	case cms.Boolean:
		_, ok := v.(bool)
		return ok
	case cms.Date:
		s, ok := v.(string)
		if ok {
			_, ok = parseDate(s)
		}
		return ok
	case cms.Object:
		_, object := v.(map[string]any)
		_, array := v.([]any)
		return object || array
	case cms.Location:
		return isLocation(v)
	case cms.TypeLink:
		l, ok := linkOf(v)
		return ok && l.LinkType == t.LinkType
	case cms.ResourceLink:
		return isResourceLink(v)
	default:
		return false
	}
}

func isLocation(v any) bool {
	members, _ := v.(map[string]any)
	lat, okLat := members["lat"].(json.Number)
	lon, okLon := members["lon"].(json.Number)
	return okLat && okLon && finite(lat) && finite(lon)
}

// linkOf reads {"sys":{"type":"Link","linkType":…,"id":…}}.
func linkOf(v any) (cms.LinkSys, bool) {
	members, _ := v.(map[string]any)
	sys, _ := members["sys"].(map[string]any)
	var l cms.LinkSys
	l.Type, _ = sys["type"].(string)
	l.LinkType, _ = sys["linkType"].(string)
	l.ID, _ = sys["id"].(string)
	return l, l.Type == "Link" && l.LinkType != "" && l.ID != ""
}

func isResourceLink(v any) bool {
	members, _ := v.(map[string]any)
	sys, _ := members["sys"].(map[string]any)
	linkType, _ := sys["linkType"].(string)
	urn, _ := sys["urn"].(string)
	return sys["type"] == "ResourceLink" && linkType != "" && urn != ""
}

var dateSyntax = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$`)

// dateLayout is the layout of what has the syntax of a date. Others would fail,
// which costs more than to read it.
func dateLayout(s string) string {
	if len(s) == len(time.DateOnly) {
		return time.DateOnly
	}
	layout := "2006-01-02T15:04"
	if len(s) > len(layout) && s[len(layout)] == ':' {
		layout += ":05" // takes a fraction of the second, too
	}
	if s[len(s)-1] == 'Z' || s[len(s)-6] == '+' || s[len(s)-6] == '-' {
		layout += "Z07:00"
	}
	return layout
}

// date is a Date value. A day without a time covers the whole day.
type date struct{ from, to time.Time }

// IsDate reports whether a text is a date, or a date with a time, as values of
// Date fields are.
func IsDate(s string) bool {
	_, ok := parseDate(s)
	return ok
}

// parseDate reads a Date value; without an offset it is in UTC.
func parseDate(s string) (date, bool) {
	if !dateSyntax.MatchString(s) {
		return date{}, false
	}
	layout := dateLayout(s)
	t, err := time.Parse(layout, s)
	switch {
	case err != nil:
		return date{}, false
	case layout == time.DateOnly:
		return date{t, t.AddDate(0, 0, 1).Add(-1)}, true
	default:
		return date{t, t}, true
	}
}
