package query

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxList bounds the values of one list.
const maxList = 10_000

func parseOne(t Type, arg string) ([]Value, bool) {
	v, ok := t.parse(arg)
	return []Value{v}, ok
}

// parseList splits at commas; a value that contains one cannot be expressed.
func parseList(t Type, arg string) ([]Value, bool) {
	parts := strings.Split(arg, ",")
	if len(parts) > maxList {
		return nil, false
	}
	values := make([]Value, len(parts))
	for i, p := range parts {
		v, ok := t.parse(p)
		if !ok {
			return nil, false
		}
		values[i] = v
	}
	return values, true
}

func parseExists(_ Type, arg string) ([]Value, bool) { return parseOne(Boolean, arg) }

// parseWords cuts a search text into lower-case words. A text without any word
// matches whatever has a value.
func parseWords(_ Type, arg string) ([]Value, bool) {
	var values []Value
	for _, w := range strings.Fields(strings.ToLower(strings.ReplaceAll(arg, "\x00", " "))) {
		values = append(values, Value{Str: w})
	}
	return values, len(values) <= 100
}

func parseNear(_ Type, arg string) ([]Value, bool) {
	n, ok := parseFloats(arg)
	if !ok || len(n) != 2 || !validPoint(n[0], n[1]) {
		return nil, false
	}
	return []Value{{Num: n[0], Lon: n[1]}}, true
}

// parseWithin reads lat,lon,radius or lat,lon,lat,lon; the corners of a box may
// come in any order.
func parseWithin(_ Type, arg string) ([]Value, bool) {
	n, ok := parseFloats(arg)
	switch {
	case !ok || len(n) < 3 || !validPoint(n[0], n[1]):
		return nil, false
	case len(n) == 3 && n[2] >= 0:
		return []Value{{Num: n[0], Lon: n[1]}, {Num: n[2], Str: circle}}, true
	case len(n) == 4 && validPoint(n[2], n[3]):
		return []Value{
			{Num: min(n[0], n[2]), Lon: min(n[1], n[3])},
			{Num: max(n[0], n[2]), Lon: max(n[1], n[3])},
		}, true
	}
	return nil, false
}

func parseFloats(arg string) ([]float64, bool) {
	parts := strings.Split(arg, ",")
	if len(parts) > 4 {
		return nil, false
	}
	out := make([]float64, len(parts))
	for i, p := range parts {
		n, ok := parseNumber(strings.TrimSpace(p))
		if !ok {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

func validPoint(lat, lon float64) bool { return math.Abs(lat) <= 90 && math.Abs(lon) <= 180 }

// parse reads one value of type t from a query.
func (t Type) parse(s string) (Value, bool) {
	switch t {
	case String:
		return Value{Str: s}, true
	case Number:
		n, ok := parseNumber(strings.TrimSpace(s))
		return Value{Num: n}, ok
	case Date:
		return parseDate(strings.TrimSpace(s))
	case Boolean:
		if s == "true" {
			return Value{Num: 1}, true
		}
		return Value{}, s == "false"
	}
	return Value{}, false
}

// parseNumber reads a decimal number as JSON and JavaScript know it: a double.
func parseNumber(s string) (float64, bool) {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false // hexadecimal, underscores, Inf, NaN
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// dateLayouts are the forms of ISO 8601 that occur; without an offset, UTC is
// meant. Fractions of seconds are accepted by all that have seconds.
var dateLayouts = []string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04Z0700",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
	"2006-01-02",
	"2006-01",
	"2006",
}

// parseDate reads an instant, to the millisecond.
func parseDate(s string) (Value, bool) {
	// a plus sign that was not percent-encoded arrives as a space
	if i := strings.LastIndexByte(s, ' '); i > len("2006-01-02T") {
		s = s[:i] + "+" + s[i+1:]
	}
	for _, layout := range dateLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return instant(at), true
		}
	}
	return Value{}, false
}

func instant(at time.Time) Value { return Value{Num: float64(at.UnixMilli())} }

// pathOfURL is a URL without scheme and host: files are stored under their path
// and shown with the host that was asked.
func pathOfURL(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https:"), "http:")
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		_, path, _ := strings.Cut(rest, "/")
		return "/" + path
	}
	return s
}
