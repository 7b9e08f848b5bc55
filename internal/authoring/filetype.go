package authoring

import (
	"mime"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// sniffLength is how many bytes of a file tell its type.
const sniffLength = 4096

// fileType is the content type of a file: the declared one, parameters
// included, unless the bytes contradict it; then the one that they show.
func fileType(declared string, sniffed *mimetype.MIME) string {
	if compatible(declared, sniffed) {
		return declared
	}
	mediaType, _, err := mime.ParseMediaType(sniffed.String())
	if err != nil {
		return "application/octet-stream"
	}
	return mediaType
}

// compatible reports whether bytes that look like sniffed may be of the declared
// type. Types that cannot be told from bytes are believed.
func compatible(declared string, sniffed *mimetype.MIME) bool {
	mediaType, _, err := mime.ParseMediaType(declared)
	if err != nil || !strings.Contains(mediaType, "/") {
		return false
	}
	known := mimetype.Lookup(mediaType)
	switch {
	case known == nil || isA(sniffed, mediaType):
		return true
	case sniffed.Parent() == nil: // the bytes look like nothing
		return !alwaysRecognised(mediaType)
	case isA(known, sniffed.String()): // as a .docx that is only seen to be a zip
		return true
	case isA(known, "text/plain") && isA(sniffed, "text/plain"):
		return true
	default: // sound and pictures share containers
		return media(mediaType) && media(sniffed.String())
	}
}

// isA reports whether m is the type named, or a special case of it.
func isA(m *mimetype.MIME, name string) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is(name) {
			return true
		}
	}
	return false
}

// alwaysRecognised reports whether every file of a type begins with the same
// bytes.
func alwaysRecognised(mediaType string) bool {
	switch mediaType {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff", "image/svg+xml", "application/pdf":
		return true
	}
	return false
}

func media(mediaType string) bool {
	return strings.HasPrefix(mediaType, "audio/") || strings.HasPrefix(mediaType, "video/")
}

// refusedType reports whether assets must not be of a type: browsers would run
// them with the rights of whoever serves them.
func refusedType(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch mediaType {
	case "text/html", "application/xhtml+xml", "text/javascript", "application/javascript", "application/x-javascript", "application/ecmascript", "text/ecmascript":
		return true
	}
	return false
}
