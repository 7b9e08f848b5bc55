package blob

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const unique = "0123456789abcdef0123456789abcdef"

func TestFilePath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ asset, fileName, want string }{
		{"a1", "cat.png", "/files/s1/a1/" + unique + "/cat.png"},
		{"a1", "Cute Cat - 3092.mp4", "/files/s1/a1/" + unique + "/Cute_Cat_-_3092.mp4"},
		{"a1", "café?x=1#y%2F.jpg", "/files/s1/a1/" + unique + "/caf__x_1_y_2F.jpg"},
		{"a1", "../../etc/passwd", "/files/s1/a1/" + unique + "/.._.._etc_passwd"},
		{"a1", "", "/files/s1/a1/" + unique + "/_"},
		{"..", "..", "/files/s1/__/" + unique + "/__"},
		{"a1", strings.Repeat("x", 300) + ".jpeg", "/files/s1/a1/" + unique + "/" + strings.Repeat("x", 195) + ".jpeg"},
	} {
		f := NewFile("s1", tt.asset, unique, tt.fileName)
		if got := f.Path(); got != tt.want {
			t.Errorf("file %q of asset %q is at %s, want %s", tt.fileName, tt.asset, got, tt.want)
		}
		if !validKey(f.Key()) {
			t.Errorf("key %q is not valid", f.Key())
		}
		back, ok := ParsePath(f.Path())
		if !ok || back != f {
			t.Errorf("ParsePath(%s) = %+v, %v", f.Path(), back, ok)
		}
	}
}

func TestParsePath(t *testing.T) {
	t.Parallel()
	got, ok := ParsePath("/files/s1/a1/" + unique + "/cat.png")
	if want := (File{Space: "s1", Asset: "a1", Unique: unique, Name: "cat.png"}); !ok || got != want {
		t.Errorf("got %+v, %v", got, ok)
	}
	for _, bad := range []string{
		"", "/", "/files", "files/s1/a1/" + unique + "/cat.png", "/files/s1/a1/" + unique, "/files/s1/a1/" + unique + "/",
		"/files/s1/a1/" + unique + "/cat.png/", "/files/s1/a1/" + strings.ToUpper(unique) + "/cat.png", "/files/s1/a1/0123/cat.png",
		"/files/../a1/" + unique + "/cat.png", "/files//a1/" + unique + "/cat.png", "/files/s1/a1/" + unique + "/c%61t.png", "/blobs/s1/a1/" + unique + "/cat.png",
	} {
		if f, ok := ParsePath(bad); ok {
			t.Errorf("ParsePath(%q) = %+v", bad, f)
		}
	}
}

func TestPublicAndStoredURL(t *testing.T) {
	t.Parallel()
	const stored = "/files/s1/a1/" + unique + "/cat.png"
	for _, base := range []string{"", "//localhost:8443", "https://cms.example.org", "http://[::1]:8080", "https://example.org/cms/content"} {
		public := PublicURL(base, stored)
		if want := base + stored; public != want {
			t.Errorf("PublicURL(%q) = %s", base, public)
		}
		if path, own := StoredURL(public); !own || path != stored {
			t.Errorf("StoredURL(%s) = %s, %v", public, path, own)
		}
	}
	for _, foreign := range []string{
		"", "//images.ctfassets.net/s1/a1/" + unique + "/cat.png", "https://example.org/files/cat.png", "https://cms.example.org" + stored + "?w=100",
		"https://cms.example.org" + stored + "#x", "ftp://cms.example.org" + stored, "https://me@cms.example.org" + stored, "http://%zz", "mailto:files",
	} {
		path, own := StoredURL(foreign)
		if diff := cmp.Diff(foreign, path); own || diff != "" {
			t.Errorf("StoredURL(%s) = %s, %v", foreign, path, own)
		}
		if got := PublicURL("//cms.example.org", foreign); got != foreign {
			t.Errorf("PublicURL(%s) = %s", foreign, got)
		}
	}
}
