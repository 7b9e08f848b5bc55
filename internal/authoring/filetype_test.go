package authoring

import (
	"strings"
	"testing"

	"github.com/gabriel-vasile/mimetype"
)

func TestFileType(t *testing.T) {
	t.Parallel()
	const (
		png   = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
		jpeg  = "\xff\xd8\xff\xe0\x00\x10JFIF\x00"
		html  = "<!DOCTYPE html><html><body><script>alert(1)</script>"
		svg   = `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`
		zip   = "PK\x03\x04\x14\x00\x00\x00\x00\x00 a zip without any names that tell more"
		mp4   = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
		noise = "\x01\x02\x03\x9a\xfe\x00\x00\x81"
		docx  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	)
	for _, tt := range []struct{ name, declared, data, want string }{
		{"as declared", "image/png", png, "image/png"},
		{"not declared", "", png, "image/png"},
		{"nonsense declared", "picture", png, "image/png"},
		{"another image", "image/jpeg", png, "image/png"},
		{"text as an image", "image/jpeg", "hello, this is text", "text/plain"},
		{"noise as an image", "image/jpeg", noise, "application/octet-stream"},
		{"an image as text", "text/plain", jpeg, "image/jpeg"},
		{"an image as PDF", "application/pdf", jpeg, "image/jpeg"},
		{"special case of what the bytes show", docx, zip, docx},
		{"general case of what the bytes show", "application/octet-stream", png, "application/octet-stream"},
		{"text of another kind", "text/csv", "hello, this is text", "text/csv"},
		{"text with a parameter", "text/plain; charset=iso-8859-1", "hello, this is text", "text/plain; charset=iso-8859-1"},
		{"text that cannot be told", "text/markdown", "# Hello", "text/markdown"},
		{"markdown that begins as a page", "text/markdown", html, "text/markdown"},
		{"SVG", "image/svg+xml", svg, "image/svg+xml"},
		{"SVG after a long comment", "image/svg+xml", "<!-- " + strings.Repeat("x", sniffLength) + " -->" + svg, "image/svg+xml"},
		{"unknown type", "model/vnd.acme", noise, "model/vnd.acme"},
		{"sound in a container for films", "audio/mp4", mp4, "audio/mp4"},
		{"a page", "", html, "text/html"},
		{"a page as an image", "image/png", html, "text/html"},
		{"nothing", "", "", "text/plain"},
	} {
		head := tt.data[:min(len(tt.data), sniffLength)]
		if got := fileType(tt.declared, mimetype.Detect([]byte(head))); got != tt.want {
			t.Errorf("%s: declared %q, is %q; want %q", tt.name, tt.declared, got, tt.want)
		}
	}
}

func TestRefusedType(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]bool{
		"text/html": true, "TEXT/HTML; charset=utf-8": true, "text/javascript": true, "application/javascript": true, "application/xhtml+xml": true,
		"text/plain": false, "image/svg+xml": false, "application/json": false, "": false,
	} {
		if got := refusedType(contentType); got != want {
			t.Errorf("%q refused: %v", contentType, got)
		}
	}
}
