package validate

import (
	"encoding/json"
	"iter"

	"github.com/typecase/typecase/internal/cms"
)

// values are a field's values that are not null, in the order of the locales.
func values(f *cms.Field, locales cms.Locales, doc *cms.Document) iter.Seq2[cms.Locale, json.RawMessage] {
	return func(yield func(cms.Locale, json.RawMessage) bool) {
		for _, l := range locales {
			raw, ok := doc.Fields[f.Key][l.Key]
			if !ok || isNull(raw) || !f.InLocale(l) {
				continue
			}
			if !yield(l, raw) {
				return
			}
		}
	}
}
