package detour

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func value(environ []string, name string) string {
	var found []string
	for _, v := range environ {
		if rest, ok := strings.CutPrefix(v, name+"="); ok {
			found = append(found, rest)
		}
	}
	return strings.Join(found, " and ")
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	before, dir := t.TempDir(), t.TempDir()
	folder := filepath.Join(before, "certs")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "a.pem"), "root A")
	write(t, filepath.Join(folder, "b.pem"), "root B")
	if err := os.Symlink("nowhere", filepath.Join(folder, "c.pem")); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"HOME=/home/you", "HTTPS_PROXY=http://proxy.example", "https_proxy=http://proxy.example", "HTTPS_PROXY=http://twice.example",
		"NO_PROXY=example.org, .contentful.com,127.0.0.1", "no_proxy=*,cdn.contentful.com:443,intranet",
		"SSL_CERT_FILE=" + write(t, filepath.Join(before, "ssl.pem"), "root SSL"),
		"REQUESTS_CA_BUNDLE=" + folder,
		"NODE_EXTRA_CA_CERTS=" + write(t, filepath.Join(before, "node.pem"), "root Node"),
	}
	unchanged := slices.Clone(environ)
	got, err := Environment(environ, "http://proxy", []byte("ours"), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(environ, unchanged) {
		t.Error("the environment given was changed")
	}
	for name, want := range map[string]string{
		"HOME": "/home/you", "HTTP_PROXY": "http://proxy", "http_proxy": "http://proxy", "HTTPS_PROXY": "http://proxy", "https_proxy": "http://proxy",
		"NO_PROXY": "localhost,127.0.0.1,::1,example.org,intranet", "no_proxy": "localhost,127.0.0.1,::1,example.org,intranet",
		"NODE_USE_ENV_PROXY": "1",
	} {
		if value(got, name) != want {
			t.Errorf("%s is %q, want %q", name, value(got, name), want)
		}
	}
	system, err := systemRoots()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"NODE_EXTRA_CA_CERTS": "ours\nroot Node", "DENO_CERT": "ours\n",
		"SSL_CERT_FILE": "ours\nroot SSL", "REQUESTS_CA_BUNDLE": "ours\nroot A\nroot B\n", "CURL_CA_BUNDLE": "ours\n" + string(system),
	} {
		path := value(got, name)
		if text, err := os.ReadFile(path); err != nil || filepath.Dir(path) != dir || string(text) != want {
			t.Errorf("%s is %s: %v, %d bytes, want %d", name, path, err, len(text), len(want))
		}
	}

	_, err = Environment([]string{"SSL_CERT_FILE=" + filepath.Join(before, "missing")}, "http://proxy", []byte("ours"), dir)
	if err == nil || !strings.Contains(err.Error(), "the environment variable SSL_CERT_FILE: ") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestDirect(t *testing.T) {
	t.Parallel()
	for before, want := range map[string]string{
		"": "", ",": "", "*": "", "com": "", ".com": "", "*.contentful.com": "", "CONTENTFUL.com": "", "ctfassets.net": "", "images.ctfassets.net": "",
		"eu.contentful.com": "", "be.contentful.com": ",be.contentful.com", "tful.com": "", "10.0.0.0/8": ",10.0.0.0/8", "example.com:8080": ",example.com:8080",
	} {
		if got := direct(before); got != "localhost,127.0.0.1,::1"+want {
			t.Errorf("%q: %s", before, got)
		}
	}
}
