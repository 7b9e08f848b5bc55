package cms

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// AssetType is the content type that assets have by nature.
var AssetType = &ContentType{
	Name: "Asset",
	Fields: []Field{
		{ID: AssetTitle, Key: AssetTitle, Name: "Title", Type: Symbol, Localized: true},
		{ID: AssetDescription, Key: AssetDescription, Name: "Description", Type: Text, Localized: true},
		{ID: AssetFile, Key: AssetFile, Name: "File", Type: Object, Localized: true},
	},
}

// AppendFields appends fields as the management API shows them, by public field
// id and locale code: {"title":{"en-US":"…"}}. Fields come in the content type's
// order, locales in the environment's; what no definition names, and locales
// that the management API hides, are left out, and so are other locales than
// the default one of a field that is not localized (any more), empty arrays of
// Array fields, and a field without any locale.
func AppendFields(dst []byte, ct *ContentType, locales Locales, fields Fields) []byte {
	dst = slices.Grow(dst, fields.Size())
	dst = append(dst, '{')
	first := true
	for i := range ct.Fields {
		values := fields[ct.Fields[i].Key]
		start := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = appendString(dst, ct.Fields[i].ID)
		dst = append(dst, ':', '{')
		any := false
		for _, l := range locales {
			v, ok := values[l.Key]
			if !ok || !ct.Fields[i].InLocale(l) || ct.Fields[i].Type == Array && emptyArray(v) {
				continue
			}
			if any {
				dst = append(dst, ',')
			}
			dst = appendString(dst, l.Code)
			dst = append(dst, ':')
			dst = append(dst, v...)
			any = true
		}
		if !any {
			dst = dst[:start]
			continue
		}
		dst = append(dst, '}')
		first = false
	}
	return append(dst, '}')
}

// Size is about how many bytes fields take as JSON, rather more than less.
func (fields Fields) Size() int {
	size := 2
	for _, values := range fields {
		size += 24
		for _, v := range values {
			size += len(v) + 12
		}
	}
	return size
}

// emptyArray reports whether a well-formed value is [].
func emptyArray(v json.RawMessage) bool {
	return v[0] == '[' && len(bytes.TrimSpace(v[1:len(v)-1])) == 0
}

// appendString appends an id or code as a JSON string.
func appendString(dst []byte, s string) []byte {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"\\<>&`, r) }) {
		return append(append(append(dst, '"'), s...), '"') // nearly always
	}
	b, _ := json.Marshal(s) // a string always encodes
	return append(dst, b...)
}
