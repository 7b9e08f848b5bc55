package blob

import (
	"encoding/hex"
	"net/url"
	"path"
	"strings"
)

// File names a processed file of an asset. No two processed files have the same
// Unique, so a file's URL always means the same bytes.
type File struct {
	Space, Asset string // ids; "." and ".." stand as "_" and "__"
	Unique       string // 32 lower-case hexadecimal digits
	Name         string // what NewFile makes of the file's name
}

// root is where the URLs of files begin; uploads is where keys of uploads do.
const (
	root    = "files"
	uploads = "uploads"
)

// maxName is the longest name of a file in a URL, in bytes. Asset ids are
// shorter.
const maxName = 200

// NewFile is the address of a file that its asset calls fileName.
func NewFile(space, asset, unique, fileName string) File {
	return File{Space: urlName(space), Asset: urlName(asset), Unique: unique, Name: urlName(fileName)}
}

// AssetIDs are the ids that Asset may stand for.
func (f File) AssetIDs() []string {
	switch f.Asset {
	case "_":
		return []string{"_", "."}
	case "__":
		return []string{"__", ".."}
	}
	return []string{f.Asset}
}

// Path is the file's URL without scheme and host, as documents store it:
// /files/{space}/{asset}/{unique}/{name}.
func (f File) Path() string { return "/" + f.Key() }

// Key is the key of the file's bytes.
func (f File) Key() string {
	return strings.Join([]string{root, f.Space, f.Asset, f.Unique, f.Name}, "/")
}

// UploadKey is the key of the bytes of an upload.
func UploadKey(space, id string) string {
	return path.Join(uploads, urlName(space), urlName(id))
}

// ParsePath is the inverse of File.Path; ok is false for any other path.
func ParsePath(p string) (f File, ok bool) {
	parts := strings.Split(p, "/")
	if len(parts) != 6 || parts[0] != "" || parts[1] != root {
		return File{}, false
	}
	f = File{Space: parts[2], Asset: parts[3], Unique: parts[4], Name: parts[5]}
	if !validUnique(f.Unique) || !validKey(f.Key()) || f.Path() != p {
		return File{}, false
	}
	return f, true
}

// PublicURL is the URL to show for the stored URL of a file. base is what goes
// before the path, such as "//cms.example.org" or "https://cms.example.org"; no
// slash at its end. Foreign URLs, which a client may have saved, stay as they
// are.
func PublicURL(base, stored string) string {
	if _, ok := ParsePath(stored); !ok {
		return stored
	}
	return base + stored
}

// StoredURL is the inverse of PublicURL, whatever base the URL has: if it is the
// address of a file as this program gives them out, path is what documents
// store and own is true; of which space and asset says ParsePath. Otherwise path
// is the URL itself.
func StoredURL(rawURL string) (path string, own bool) {
	u, err := url.Parse(rawURL)
	if err != nil || u.RawQuery != "" || u.Fragment != "" || u.User != nil || u.Opaque != "" {
		return rawURL, false
	}
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		return rawURL, false
	}
	parts := strings.Split(u.EscapedPath(), "/")
	path = "/" + strings.Join(parts[max(0, len(parts)-5):], "/")
	if _, ok := ParsePath(path); !ok {
		return rawURL, false
	}
	return path, true
}

// urlName is a name as it stands in keys and URLs: what is not a letter, digit,
// '.', '-' or '_' becomes '_'; a long name loses characters before its
// extension.
func urlName(s string) string {
	s = cleanName(s)
	switch s {
	case "":
		return "_"
	case ".", "..": // would change the path they are part of
		return strings.Repeat("_", len(s))
	}
	if len(s) > maxName {
		ext := path.Ext(s)
		if len(ext) > 16 {
			ext = ""
		}
		s = s[:maxName-len(ext)] + ext
	}
	return s
}

// cleanName replaces every character that does not survive in URLs.
func cleanName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, s)
}

func validUnique(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 16 && s == strings.ToLower(s)
}
