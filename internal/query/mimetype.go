package query

import (
	"slices"
	"strings"
)

// groupNames are the mimetype groups that can be asked for.
var groupNames = []string{
	"archive", "attachment", "audio", "code", "image", "markup", "pdfdocument", "plaintext", "presentation", "richtext", "spreadsheet", "video",
}

// groupsByType are the groups of media types that their first half does not tell.
var groupsByType = map[string]string{
	"application/pdf": "pdfdocument",

	"application/msword": "richtext",
	"application/rtf":    "richtext",
	"text/rtf":           "richtext",
	"text/richtext":      "richtext",
	"application/vnd.oasis.opendocument.text":                                 "richtext",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "richtext",
	"application/vnd.apple.pages":                                             "richtext",

	"application/vnd.ms-powerpoint":                                             "presentation",
	"application/vnd.oasis.opendocument.presentation":                           "presentation",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "presentation",
	"application/vnd.apple.keynote":                                             "presentation",

	"application/vnd.ms-excel":                                          "spreadsheet",
	"application/vnd.oasis.opendocument.spreadsheet":                    "spreadsheet",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "spreadsheet",
	"application/vnd.apple.numbers":                                     "spreadsheet",
	"text/csv":                                                          "spreadsheet",
	"text/tab-separated-values":                                         "spreadsheet",

	"application/zip":              "archive",
	"application/gzip":             "archive",
	"application/x-gzip":           "archive",
	"application/x-tar":            "archive",
	"application/x-bzip2":          "archive",
	"application/x-7z-compressed":  "archive",
	"application/x-rar-compressed": "archive",
	"application/vnd.rar":          "archive",
	"application/java-archive":     "archive",
	"application/zstd":             "archive",

	"application/javascript":    "code",
	"application/x-javascript":  "code",
	"application/ecmascript":    "code",
	"application/json":          "code",
	"application/x-sh":          "code",
	"application/x-httpd-php":   "code",
	"application/x-python-code": "code",
	"application/typescript":    "code",
	"application/wasm":          "code",
	"application/sql":           "code",
	"text/javascript":           "code",
	"text/css":                  "code",
	"text/x-python":             "code",
	"text/x-go":                 "code",
	"text/x-c":                  "code",
	"text/x-java-source":        "code",

	"text/html":             "markup",
	"text/xml":              "markup",
	"text/markdown":         "markup",
	"text/x-markdown":       "markup",
	"application/xml":       "markup",
	"application/xhtml+xml": "markup",
	"application/atom+xml":  "markup",
	"application/rss+xml":   "markup",
	"application/x-yaml":    "markup",
	"application/yaml":      "markup",
	"text/yaml":             "markup",
}

// mimetypeGroups are the groups a media type belongs to: exactly one, attachment
// when no other fits; none without a media type.
func mimetypeGroups(mediaType string) []string {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	if mediaType == "" {
		return nil
	}
	if g, ok := groupsByType[mediaType]; ok {
		return []string{g}
	}
	switch first, _, _ := strings.Cut(mediaType, "/"); first {
	case "image", "audio", "video":
		return []string{first}
	case "text":
		return []string{"plaintext"}
	}
	return []string{"attachment"}
}

func validGroup(name string) bool { return slices.Contains(groupNames, name) }
