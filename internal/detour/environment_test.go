package detour

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		"HOME=/home/you", "NODE_OPTIONS=--no-warnings", "HTTPS_PROXY=http://proxy.example", "https_proxy=http://proxy.example", "HTTPS_PROXY=http://twice.example",
		"NO_PROXY=example.org, .contentful.com,127.0.0.1", "no_proxy=*,cdn.contentful.com:443,intranet",
		"SSL_CERT_FILE=" + write(t, filepath.Join(before, "ssl.pem"), "root SSL"),
		"REQUESTS_CA_BUNDLE=" + folder,
		"NODE_EXTRA_CA_CERTS=" + write(t, filepath.Join(before, "node.pem"), "root Node"),
	}
	unchanged := slices.Clone(environ)
	w := newWorld(t, func(o *Options) { o.Refuse = true })
	proxy := w.URL().String()
	got, err := w.Environment(environ, []byte("ours"), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(environ, unchanged) {
		t.Error("the environment given was changed")
	}
	for name, want := range map[string]string{
		"HOME": "/home/you", "HTTP_PROXY": proxy, "http_proxy": proxy, "HTTPS_PROXY": proxy, "https_proxy": proxy,
		"NO_PROXY": "localhost,127.0.0.1,::1,example.org,intranet", "no_proxy": "localhost,127.0.0.1,::1,example.org,intranet",
		"NODE_USE_ENV_PROXY": "1", "NODE_OPTIONS": `--no-warnings --require "` + filepath.Join(dir, "node.cjs") + `"`,
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

	_, err = w.Environment([]string{"SSL_CERT_FILE=" + filepath.Join(before, "missing")}, []byte("ours"), dir)
	if err == nil || !strings.Contains(err.Error(), "the environment variable SSL_CERT_FILE: ") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestNode: every way in which Node connects leads to the server, with the
// names that were asked for, and others lead where they did.
func TestNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	w := newWorld(t, nil)
	dir := filepath.Join(t.TempDir(), `a "b" \ c`)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	environ, err := w.Environment(os.Environ(), w.authority, dir)
	if err != nil {
		t.Fatal(err)
	}
	if value(environ, "NODE_USE_ENV_PROXY") != "" {
		t.Error("Node's own use of proxies is on, though nothing is refused")
	}
	other := httptest.NewServer(echo("other"))
	defer other.Close()
	const script = `
const http = require('http'), https = require('https'), net = require('net'), tls = require('tls')
const text = (r) => new Promise((done, fail) => { let s = ''; r.on('data', (d) => s += d); r.on('end', () => done(s)); r.on('error', fail) })
const get = (m, ...args) => new Promise((done, fail) => m.get(...args, (r) => done(text(r))).on('error', fail))
const raw = (socket, host) => { socket.write('GET /raw HTTP/1.0\r\nHost: ' + host + '\r\n\r\n'); return text(socket).then((s) => s.split('\r\n\r\n')[1]) }
async function main() {
  console.log(await (await fetch('https://api.contentful.com/fetch')).text())
  console.log(await get(https, 'https://CDN.contentful.com/get'))
  console.log(await get(https, { host: 'preview.contentful.com', path: '/agent', agent: new https.Agent({ keepAlive: false }) }))
  console.log(await get(http, 'http://upload.contentful.com/plain'))
  console.log(await raw(net.connect(80, 'graphql.contentful.com'), 'graphql.contentful.com'))
  console.log(await raw(new net.Socket().connect({ host: 'images.ctfassets.net', port: 80 }), 'images.ctfassets.net'))
  console.log(await raw(tls.connect({ host: 'api.eu.contentful.com', port: 443, servername: 'api.eu.contentful.com' }), 'api.eu.contentful.com'))
  console.log(await (await fetch(process.argv[1] + '/fetch')).text())
}
main().catch((e) => { console.error(e); process.exit(1) })`
	cmd := exec.Command(node, "-e", script, other.URL)
	cmd.Env = environ
	out, err := cmd.CombinedOutput()
	want := `server: GET https://api.contentful.com/fetch "" secret ""
server: GET https://cdn.contentful.com/get "" secret ""
server: GET https://preview.contentful.com/agent "" secret ""
server: GET https://upload.contentful.com/plain "" secret ""
server: GET https://graphql.contentful.com/raw "" secret ""
server: GET https://images.ctfassets.net/raw "" secret ""
server: GET https://api.eu.contentful.com/raw "" secret ""
other: GET ` + other.URL + `/fetch "" secret ""
`
	if diff := cmp.Diff(want, string(out)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
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
