package embargo

import (
	"testing"

	"github.com/typecase/typecase/internal/cms"
)

// Only protected files have the label, wherever their server is.
func TestBases(t *testing.T) {
	t.Parallel()
	for base, secured := range map[string]string{
		"//localhost:8080":                     "//localhost:8080/assets.secure.typecase",
		"https://cms.example.org/files":        "https://cms.example.org/files/assets.secure.typecase",
		"//127.0.0.1":                          "//127.0.0.1/assets.secure.typecase",
		"//images.ctfassets.net":               "https://images.secure.ctfassets.net",
		"//images.eu.ctfassets.net":            "https://images.secure.eu.ctfassets.net",
		"//images.ctfassets.net.example.org":   "//images.ctfassets.net.example.org/assets.secure.typecase",
		"https://images.example.ctfassets.net": "https://images.example.ctfassets.net/assets.secure.typecase",
	} {
		for protection, want := range map[cms.Protection][2]string{
			cms.ProtectNone: {base, base}, cms.ProtectUnpublished: {base, secured}, cms.ProtectAll: {secured, secured},
		} {
			if published, other := Bases(base, protection); published != want[0] || other != want[1] {
				t.Errorf("%s, %q: %s and %s", base, protection, published, other)
			}
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"https", "CMS.Example.org:443", "cms.example.org"}, {"http", "cms.example.org:80", "cms.example.org"},
		{"http", "cms.example.org:443", "cms.example.org:443"}, {"https", "cms.example.org:8443", "cms.example.org:8443"}, {"http", "[::1]:80", "[::1]"},
	} {
		if got := Address(c[0], c[1]); got != c[2] {
			t.Errorf("%s://%s: %s", c[0], c[1], got)
		}
	}
}
