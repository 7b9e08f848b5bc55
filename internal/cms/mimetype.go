package cms

import (
	"slices"
	"strings"
)

// MimetypeGroups are the groups that files fall into, sorted.
var MimetypeGroups = []string{"archive", "attachment", "audio", "code", "image", "markup", "pdfdocument", "plaintext",
	"presentation", "richtext", "spreadsheet", "video"}

// groupTypes are the content types of each group that the first half of the
// type does not decide.
var groupTypes = map[string][]string{
	"pdfdocument": {"application/pdf", "application/x-pdf"},
	"plaintext":   {"text/plain", "application/plain"},
	"richtext": {
		"application/rtf", "application/x-rtf", "text/rtf", "text/richtext",
		"application/msword", "application/vnd.ms-word.document.macroenabled.12", "application/vnd.ms-word.template.macroenabled.12",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.template",
		"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text-template",
		"application/vnd.apple.pages", "application/x-iwork-pages-sffpages",
		"application/wordperfect", "application/mswrite", "application/epub+zip",
	},
	"presentation": {
		"application/vnd.ms-powerpoint", "application/mspowerpoint", "application/powerpoint", "application/x-mspowerpoint",
		"application/vnd.ms-powerpoint.presentation.macroenabled.12", "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
		"application/vnd.openxmlformats-officedocument.presentationml.slideshow",
		"application/vnd.openxmlformats-officedocument.presentationml.template",
		"application/vnd.oasis.opendocument.presentation",
		"application/vnd.apple.keynote", "application/x-iwork-keynote-sffkey",
	},
	"spreadsheet": {
		"application/vnd.ms-excel", "application/excel", "application/x-excel", "application/x-msexcel",
		"application/vnd.ms-excel.sheet.macroenabled.12", "application/vnd.ms-excel.sheet.binary.macroenabled.12",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.template",
		"application/vnd.oasis.opendocument.spreadsheet",
		"application/vnd.apple.numbers", "application/x-iwork-numbers-sffnumbers",
		"text/csv", "text/tab-separated-values", "application/csv",
	},
	"archive": {
		"application/zip", "application/x-zip-compressed", "application/x-zip", "multipart/x-zip",
		"application/gzip", "application/x-gzip", "multipart/x-gzip", "application/x-tar", "application/gnutar",
		"application/x-gtar", "application/x-bzip", "application/x-bzip2", "application/x-xz", "application/zstd",
		"application/x-compress", "application/x-compressed", "application/arj", "application/x-lzh",
		"application/x-7z-compressed", "application/vnd.rar", "application/x-rar-compressed", "application/x-rar",
		"application/java-archive", "application/x-stuffit",
	},
	"code": {
		"application/javascript", "application/x-javascript", "text/javascript", "application/ecmascript", "text/ecmascript",
		"application/typescript", "text/css", "application/json", "application/ld+json", "application/manifest+json",
		"application/x-sh", "application/x-csh", "application/x-ksh", "application/x-bsh", "application/x-shar",
		"application/x-httpd-php", "application/x-php", "application/x-perl", "application/x-python-code", "application/x-ruby",
		"application/x-tcl", "application/x-tex", "application/x-latex", "application/sql", "application/wasm",
		"application/yaml", "application/x-yaml", "application/toml", "application/graphql",
		"text/asp", "text/pascal", "text/yaml", "text/x-yaml",
	},
	"markup": {
		"text/html", "application/xhtml+xml", "text/xml", "application/xml", "text/markdown", "text/x-markdown",
		"application/xslt+xml", "application/rss+xml", "application/atom+xml", "text/x-server-parsed-html",
	},
	"video": {"application/x-shockwave-flash", "application/x-troff-msvideo", "application/x-mplayer2", "application/mp4", "application/vnd.apple.mpegurl", "application/x-mpegurl"},
	"audio": {"application/x-midi", "music/crescendo", "music/x-karaoke", "x-music/x-midi", "application/ogg"},
	"image": {"application/postscript", "application/illustrator", "application/x-photoshop", "application/photoshop", "application/fractals"},
}

// groupOf is groupTypes the other way round.
var groupOf = func() map[string]string {
	byType := map[string]string{}
	for group, types := range groupTypes {
		for _, t := range types {
			byType[t] = group
		}
	}
	return byType
}()

// MimetypeGroup is the group of a content type such as "image/png" or
// "text/plain; charset=utf-8". What fits nowhere is an attachment.
func MimetypeGroup(contentType string) string {
	t, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	t = strings.TrimSpace(t)
	if group, ok := groupOf[t]; ok {
		return group
	}
	major, minor, _ := strings.Cut(t, "/")
	switch {
	case slices.Contains([]string{"image", "audio", "video"}, major):
		return major
	case major == "text" && strings.HasPrefix(minor, "x-"): // source text: x-c, x-python, x-script.sh …
		return "code"
	case major == "text":
		return "plaintext"
	default:
		return "attachment"
	}
}
