package cms

import "regexp"

var (
	resourceID = regexp.MustCompile(`^[a-zA-Z0-9\-_.]{1,64}$`)
	fieldID    = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,63}$`)
	localeCode = regexp.MustCompile(`^[a-zA-Z0-9-]{2,11}$`)
)

// ValidID reports whether s can be the id of an entry, asset, content type, tag …
func ValidID(s string) bool { return resourceID.MatchString(s) }

// ValidEnvironmentID is ValidID with at most 40 characters.
func ValidEnvironmentID(s string) bool { return ValidID(s) && len(s) <= 40 }

// ValidFieldID reports whether s can be the id of a content type's field.
func ValidFieldID(s string) bool { return fieldID.MatchString(s) }

// ValidLocaleCode reports whether s can be a locale's code.
func ValidLocaleCode(s string) bool { return localeCode.MatchString(s) }
