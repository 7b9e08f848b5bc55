package cms

import "encoding/json"

// Defaults returns the field's default values by locale key: those of a new
// entry that does not name the field. A field that is not localized takes the
// default locale's only. Locales that do not exist (any more) are passed over.
func (f *Field) Defaults(locales Locales) map[string]json.RawMessage {
	var byCode map[string]json.RawMessage
	if f.DefaultValue == nil || json.Unmarshal(f.DefaultValue, &byCode) != nil {
		return nil // the shape was checked when the content type was saved
	}
	out := map[string]json.RawMessage{}
	for _, l := range locales {
		if v, ok := byCode[l.Code]; ok && (f.Localized || l.Default) {
			out[l.Key] = v
		}
	}
	return out
}
