package authoring

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// localeMembers are the keys of a locale that clients can set.
var localeMembers = []string{"name", "code", "fallbackCode", "default", "contentManagementApi", "contentDeliveryApi", "optional"}

// applyLocale sets what a body names. Keys a locale does not have are
// fault.UnknownKey; wrong values come back as problems.
func applyLocale(l *cms.Locale, body map[string]json.RawMessage) ([]fault.Detail, error) {
	var problems []fault.Detail
	if err := OnlyKeys(body, localeMembers, "sys", "internal_code"); err != nil {
		return nil, err
	}
	isDefault := l.Default
	for _, key := range slices.Sorted(maps.Keys(body)) {
		raw := body[key]
		switch key {
		case "name":
			problems = setMember(&l.Name, "String", key, raw, problems)
		case "code":
			if json.Unmarshal(raw, &l.Code) != nil || !cms.ValidLocaleCode(l.Code) || isNull(raw) {
				problems = append(problems, invalidCode(raw))
			}
		case "fallbackCode":
			if isNull(raw) {
				l.FallbackCode = nil
				continue
			}
			var code string
			problems = setMember(&code, "String", key, raw, problems)
			l.FallbackCode = &code
		case "default":
			problems = setMember(&isDefault, "Boolean", key, raw, problems)
		case "contentManagementApi":
			problems = setMember(&l.Management, "Boolean", key, raw, problems)
		case "contentDeliveryApi":
			problems = setMember(&l.Delivery, "Boolean", key, raw, problems)
		case "optional":
			problems = setMember(&l.Optional, "Boolean", key, raw, problems)
		}
	}
	if isDefault != l.Default {
		problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"default"}, Value: fault.Raw(isDefault),
			Details: "The default locale of an environment cannot be exchanged for another one."})
	}
	if l.Default && !l.Management { // nothing could be written any more
		problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"content_management_api"}, At: []any{"contentManagementApi"}, Value: fault.Raw(false),
			Details: "The default locale is always part of the management API."})
	}
	return problems, nil
}

// setMember decodes a member of a body into dst; null and other types are
// problems.
func setMember[T any](dst *T, want, key string, raw json.RawMessage, problems []fault.Detail) []fault.Detail {
	if isNull(raw) || json.Unmarshal(raw, dst) != nil {
		problems = append(problems, wrongType(key, want, raw, key))
	}
	return problems
}

// OnlyKeys refuses a body of the organization service with keys other than
// those of the resource, and those that clients may send back but not change:
// fault.UnknownKey with the ones that were probably meant.
func OnlyKeys(body map[string]json.RawMessage, known []string, sentBack ...string) error {
	var strange []string
	var problems []fault.Detail
	for _, key := range slices.Sorted(maps.Keys(body)) {
		if !slices.Contains(known, key) && !slices.Contains(sentBack, key) {
			strange = append(strange, snake(key))
			problems = append(problems, unknown(body[key], known, key))
		}
	}
	if strange == nil {
		return nil
	}
	return &fault.Error{Kind: fault.UnknownKey, Details: &fault.Details{Keys: strange, Errors: problems}}
}

func invalidCode(value json.RawMessage) fault.Detail {
	return fault.Detail{Name: "invalid", Path: []any{"code"}, Value: value, Details: "A locale's code has 2 to 11 letters, digits and hyphens."}
}

// named reports whether there is a problem with this member already.
func named(problems []fault.Detail, member string) bool {
	return slices.ContainsFunc(problems, func(p fault.Detail) bool { return p.Path[0] == member })
}

// snake is how the organization service spells keys in its errors:
// unknown_key for unknownKey.
func snake(s string) string {
	var b strings.Builder
	for i, r := range s {
		if unicode.IsUpper(r) {
			if i > 0 {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// localeName is the name of a locale in English, such as "English (United
// States)" for en-US; the code itself where no name is known.
func localeName(code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	base, script, region := tag.Raw()
	name := display.English.Languages().Name(base)
	if name == "" {
		return code
	}
	var parts []string
	if script != (language.Script{}) && strings.Contains(strings.ToLower(code), strings.ToLower(script.String())) {
		parts = append(parts, display.English.Scripts().Name(script))
	}
	if region != (language.Region{}) {
		parts = append(parts, display.English.Regions().Name(region))
	}
	if len(parts) == 0 {
		return name
	}
	return name + " (" + strings.Join(parts, ", ") + ")"
}
