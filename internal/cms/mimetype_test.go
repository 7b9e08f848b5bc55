package cms

import (
	"slices"
	"testing"
)

func TestMimetypeGroup(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]string{
		"image/png":                 "image",
		"IMAGE/SVG+XML":             "image",
		"audio/mpeg":                "audio",
		"video/mp4":                 "video",
		"application/pdf":           "pdfdocument",
		"text/plain":                "plaintext",
		"text/plain; charset=utf-8": "plaintext",
		"text/vtt":                  "plaintext",
		"text/rtf":                  "richtext",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   "richtext",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation": "presentation",
		"application/vnd.ms-excel": "spreadsheet",
		"text/csv":                 "spreadsheet",
		"application/zip":          "archive",
		"text/javascript":          "code",
		"text/x-python":            "code",
		"application/json":         "code",
		"text/html":                "markup",
		"text/x-markdown":          "markup",
		"application/octet-stream": "attachment",
		"font/woff2":               "attachment",
		"":                         "attachment",
		"nonsense":                 "attachment",
	} {
		if got := MimetypeGroup(contentType); got != want {
			t.Errorf("%q is %s, want %s", contentType, got, want)
		}
	}
}

// A misspelled group in the table would never match a validation.
func TestMimetypeGroupsAreKnown(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(MimetypeGroups) {
		t.Error("MimetypeGroups is not sorted")
	}
	seen := map[string]string{}
	for group, types := range groupTypes {
		if !slices.Contains(MimetypeGroups, group) {
			t.Errorf("group %q is unknown", group)
		}
		for _, contentType := range types {
			if other := seen[contentType]; other != "" {
				t.Errorf("%s is in %s and %s", contentType, other, group)
			}
			seen[contentType] = group
		}
	}
}
