package cms

import (
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/nearest"
)

// Locale is the stored body of a locale. Code is its public name and may
// change; Key (internal_code on the wire) is the name its values are stored
// under and never changes nor comes back after deletion.
type Locale struct {
	Name         string  `json:"name"`
	Code         string  `json:"code"`
	Key          string  `json:"key"`
	FallbackCode *string `json:"fallbackCode"` // nil: no fallback
	Default      bool    `json:"default"`
	Management   bool    `json:"contentManagementApi"`
	Delivery     bool    `json:"contentDeliveryApi"`
	Optional     bool    `json:"optional"`
}

// Delivered reports whether readers know of the locale: an environment cannot do
// without its default locale, whatever Delivery says.
func (l Locale) Delivered() bool { return l.Delivery || l.Default }

// Locales are all locales of an environment; exactly one is the default.
type Locales []Locale

// Default returns the default locale.
func (ls Locales) Default() Locale {
	for _, l := range ls {
		if l.Default {
			return l
		}
	}
	return Locale{}
}

// ByCode returns the locale with this code.
func (ls Locales) ByCode(code string) (Locale, bool) {
	for _, l := range ls {
		if l.Code == code {
			return l, true
		}
	}
	return Locale{}, false
}

// Has reports whether a locale with this key is among them.
func (ls Locales) Has(key string) bool {
	return slices.ContainsFunc(ls, func(l Locale) bool { return l.Key == key })
}

// Keys are the keys of all locales.
func (ls Locales) Keys() []string {
	keys := make([]string, len(ls))
	for i, l := range ls {
		keys[i] = l.Key
	}
	return keys
}

// Chain returns the keys to look for a value under when the locale with this
// code is asked for: its own, then along fallbackCode. A loop ends the chain.
func (ls Locales) Chain(code string) []string {
	var keys []string
	seen := map[string]bool{}
	for !seen[code] {
		seen[code] = true
		l, ok := ls.ByCode(code)
		if !ok {
			break
		}
		keys = append(keys, l.Key)
		if l.FallbackCode == nil {
			break
		}
		code = *l.FallbackCode
	}
	return keys
}

// Likely are the codes that an unknown one was probably meant to be, among the
// locales that may be named: those spelled nearly so, else those of the same
// language.
func (ls Locales) Likely(code string, may func(Locale) bool) []string {
	near := nearest.Likely(code, func(yield func(string) bool) {
		for _, l := range ls {
			if may(l) && !yield(l.Code) {
				return
			}
		}
	})
	if near != nil {
		return near
	}
	for _, l := range ls {
		if may(l) && l.Code != code && len(near) < 3 && strings.EqualFold(language(l.Code), language(code)) {
			near = append(near, l.Code)
		}
	}
	return near
}

// language is what a locale's code begins with: en of en-US and of en_US.
func language(code string) string {
	if i := strings.IndexAny(code, "-_"); i >= 0 {
		return code[:i]
	}
	return code
}
