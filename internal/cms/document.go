package cms

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"unicode/utf8"
)

// Document is the stored body of an entry or an asset. Fields are addressed by
// Field.Key and locales by Locale.Key, never by their public id or code: a
// rename touches only the definition, and no stored body is ever rewritten.
// Keys that no definition has any more (deleted fields, deleted locales) may
// still occur in old bodies and are ignored by every reader.
type Document struct {
	Metadata Metadata `json:"metadata"`
	Fields   Fields   `json:"fields"`

	// Locales are the keys of the locales that the body is for: of a draft those
	// there were when it was saved, of a published body those that are published.
	// A body without it is for all locales.
	Locales []string `json:"locales,omitempty"`
}

// For reports whether the body is for the locale with this key: whether that is
// published, if the body is a published one.
func (d *Document) For(key string) bool { return d.Locales == nil || slices.Contains(d.Locales, key) }

// HasFile reports whether the body of an asset has the file with a URL, in any
// locale.
func (d *Document) HasFile(url string) bool { return slices.Contains(d.FileURLs(), url) }

// FileURLs are the URLs of an asset's files, in no particular order.
func (d *Document) FileURLs() []string {
	var urls []string
	for _, raw := range d.Fields[AssetFile] {
		var f File
		if json.Unmarshal(raw, &f) == nil && f.URL != "" {
			urls = append(urls, f.URL)
		}
	}
	return urls
}

// Fields maps field key → locale key → value, each value as the client sent it.
type Fields map[string]map[string]json.RawMessage

// Metadata holds ids of tags and taxonomy concepts, without repeats, in the
// order they were first assigned.
type Metadata struct {
	Tags     []string `json:"tags,omitempty"`
	Concepts []string `json:"concepts,omitempty"`
}

// Link is a link as it stands in a value: {"sys":{"type":"Link","linkType":…,"id":…}}.
type Link struct {
	Sys LinkSys `json:"sys"`
}

// LinkSys is the inside of a Link.
type LinkSys struct {
	Type     string `json:"type"` // "Link"
	LinkType string `json:"linkType"`
	ID       string `json:"id"`
}

// LinkTo makes a link.
func LinkTo(linkType Kind, id string) Link {
	return Link{LinkSys{Type: "Link", LinkType: string(linkType), ID: id}}
}

// File is the value of an asset's file field in one locale. Exactly one of
// Upload, UploadFrom and URL is set; Details only with URL.
type File struct {
	ContentType string       `json:"contentType,omitempty"`
	FileName    string       `json:"fileName,omitempty"`
	Upload      string       `json:"upload,omitempty"`     // URL to fetch
	UploadFrom  *Link        `json:"uploadFrom,omitempty"` // link to an Upload
	URL         string       `json:"url,omitempty"`        // of the processed file, see package blob
	Details     *FileDetails `json:"details,omitempty"`
}

// FileDetails is what processing found out about a file.
type FileDetails struct {
	Size  int64      `json:"size"` // bytes
	Image *ImageSize `json:"image,omitempty"`
}

// ImageSize is in pixels.
type ImageSize struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// The fields every asset has; they act as a content type of their own.
const (
	AssetTitle       = "title"       // Symbol, localized
	AssetDescription = "description" // Text, localized
	AssetFile        = "file"        // File, localized
)

// MetadataLinks is Metadata as the APIs show it.
type MetadataLinks struct {
	Tags     []Link `json:"tags"`
	Concepts []Link `json:"concepts"`
}

// Links is m as the APIs show it; both lists are always there.
func (m Metadata) Links() MetadataLinks {
	return MetadataLinks{Tags: linksTo(KindTag, m.Tags), Concepts: linksTo(KindConcept, m.Concepts)}
}

// SameValue compares values, not their spelling. nil is no value.
func SameValue(a, b json.RawMessage) bool {
	if a == nil || b == nil || bytes.Equal(a, b) {
		return (a == nil) == (b == nil)
	}
	if plain(a) && plain(b) {
		return false // they would be spelled alike
	}
	return reflect.DeepEqual(decodedValue(a), decodedValue(b))
}

// plain reports whether a well-formed value can be spelled in one way only, as far
// as values are compared: a number, a word, a text without escapes.
func plain(v json.RawMessage) bool {
	switch {
	case len(v) == 0:
		return false
	case v[0] == '"':
		return bytes.IndexByte(v, '\\') < 0 && utf8.Valid(v) && v[len(v)-1] == '"'
	default:
		return bytes.IndexByte([]byte("{[ \t\r\n"), v[0]) < 0 && v[len(v)-1] > ' '
	}
}

// decodedValue decodes a well-formed value, numbers as they are spelled.
func decodedValue(raw json.RawMessage) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	_ = d.Decode(&v)
	return v
}
