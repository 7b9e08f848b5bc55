package httpapi

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Preferred is the one of the offered media types that the header Accept ranks
// first, offered[0] if it says nothing of any.
func Preferred(h http.Header, offered ...string) string {
	for _, wanted := range ranked(h) {
		group, isRange := strings.CutSuffix(wanted, "/*")
		for _, o := range offered {
			if o == wanted || isRange && (group == "*" || strings.HasPrefix(o, group+"/")) {
				return o
			}
		}
	}
	return offered[0]
}

// ranked are the media types and ranges of Accept, best first: by quality, then
// as they stand. What is refused or cannot be read is left out.
func ranked(h http.Header) []string {
	type entry struct {
		name    string
		quality float64
	}
	var entries []entry
	for _, line := range h.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			name, parameters, err := mime.ParseMediaType(part)
			if err != nil {
				continue
			}
			quality := 1.0
			if q, sent := parameters["q"]; sent {
				quality, err = strconv.ParseFloat(q, 64)
			}
			if err == nil && quality > 0 {
				entries = append(entries, entry{name, quality})
			}
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(b.quality, a.quality) })
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.name
	}
	return names
}
