package cms

// ValidID reports whether s can be the id of an entry, asset, content type, tag …:
// 1 to 64 letters, digits, hyphens, underscores and dots.
func ValidID(s string) bool {
	return 0 < len(s) && len(s) <= 64 && consists(s, func(c byte) bool { return alphanumeric(c) || c == '-' || c == '_' || c == '.' })
}

// ValidEnvironmentID is ValidID with at most 40 characters.
func ValidEnvironmentID(s string) bool { return ValidID(s) && len(s) <= 40 }

// ValidFieldID reports whether s can be the id of a content type's field: 1 to 64
// letters, digits and underscores, a letter first.
func ValidFieldID(s string) bool {
	return 0 < len(s) && len(s) <= 64 && letter(s[0]) && consists(s, func(c byte) bool { return alphanumeric(c) || c == '_' })
}

// ValidLocaleCode reports whether s can be a locale's code: 2 to 11 letters, digits
// and hyphens.
func ValidLocaleCode(s string) bool {
	return 2 <= len(s) && len(s) <= 11 && consists(s, func(c byte) bool { return alphanumeric(c) || c == '-' })
}

func consists(s string, of func(byte) bool) bool {
	for i := range len(s) {
		if !of(s[i]) {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func alphanumeric(c byte) bool { return letter(c) || '0' <= c && c <= '9' }
