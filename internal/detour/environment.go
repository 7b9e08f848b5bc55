package detour

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Environment is environ with what makes programs go through the proxy and trust
// an authority, whose certificate is in PEM; it writes the files that takes to
// dir. What environ trusts already stays trusted.
func (p *Proxy) Environment(environ []string, certificate []byte, dir string) ([]string, error) {
	e := &environment{list: slices.Clone(environ), dir: dir, certificate: certificate}
	proxy := p.URL().String()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		e.set(name, proxy)
		e.set(strings.ToLower(name), proxy) // curl reads http_proxy only so
	}
	direct := direct(e.get("NO_PROXY") + "," + e.get("no_proxy"))
	e.set("NO_PROXY", direct)
	e.set("no_proxy", direct)
	if err := e.loadIntoNode(p.listener.Addr().(*net.TCPAddr).Port); err != nil {
		return nil, err
	}
	if p.opt.Refuse {
		e.set("NODE_USE_ENV_PROXY", "1") // otherwise Node itself heeds none of these
	}

	// Node and Deno trust these beside their own; the others instead of the system's.
	for _, name := range []string{"NODE_EXTRA_CA_CERTS", "DENO_CERT"} {
		if err := e.trust(name, false); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"} {
		if err := e.trust(name, true); err != nil {
			return nil, err
		}
	}
	return e.list, nil
}

// node catches what Node connects to. Its libraries use proxies in several ways
// or not at all, and most of its versions use none.
//
//go:embed node.cjs
var node string

// loadIntoNode lets every Node process load node.cjs first.
func (e *environment) loadIntoNode(port int) error {
	path := filepath.Join(e.dir, "node.cjs")
	names, err := json.Marshal(Names)
	if err != nil {
		return err
	}
	script := strings.NewReplacer("NAMES", string(names), "PORT", strconv.Itoa(port)).Replace(node)
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		return err
	}
	// Backslashes and quotes are escaped as Node reads this variable.
	option := `--require "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
	e.set("NODE_OPTIONS", strings.TrimSpace(e.get("NODE_OPTIONS")+" "+option))
	return nil
}

type environment struct {
	list        []string
	dir         string
	certificate []byte
}

// is reports whether an element of the list is the variable.
func is(name string) func(string) bool {
	return func(v string) bool {
		key, _, _ := strings.Cut(v, "=")
		return key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name)
	}
}

// get is the value of a variable; of several the last, as for processes.
func (e *environment) get(name string) string {
	for _, v := range slices.Backward(e.list) {
		if is(name)(v) {
			_, value, _ := strings.Cut(v, "=")
			return value
		}
	}
	return ""
}

func (e *environment) set(name, value string) {
	e.list = append(slices.DeleteFunc(e.list, is(name)), name+"="+value)
}

// trust lets a variable name a file with the authority's certificate and those
// that the file it names now has, or else, if whole, the system has.
func (e *environment) trust(name string, whole bool) error {
	var roots []byte
	var err error
	switch old := e.get(name); {
	case old != "":
		if roots, err = certificates(old); err != nil {
			return fmt.Errorf("the environment variable %s: %w", name, err)
		}
	case whole:
		if roots, err = systemRoots(); err != nil {
			return err
		}
	}
	path := filepath.Join(e.dir, strings.ToLower(name)+".pem")
	if err := os.WriteFile(path, slices.Concat(e.certificate, []byte("\n"), roots), 0o600); err != nil {
		return err
	}
	e.set(name, path)
	return nil
}

// systemFiles are where systems keep the roots they trust; the first there is
// counts.
var systemFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Arch, Gentoo
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora
	"/etc/pki/tls/certs/ca-bundle.crt",                  // older Fedora
	"/etc/ssl/ca-bundle.pem",                            // openSUSE
	"/etc/ssl/cert.pem",                                 // Alpine, macOS, BSD
	"/usr/local/share/certs/ca-root-nss.crt",            // FreeBSD
}

// systemRoots are the certificates the system trusts; none where it keeps them in no
// file.
func systemRoots() ([]byte, error) {
	for _, path := range systemFiles {
		roots, err := os.ReadFile(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return roots, err
		}
	}
	return nil, nil
}

// certificates reads a file of certificates, or all files of a folder of them.
func certificates(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return os.ReadFile(path)
	}
	files, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	for _, f := range files {
		if info, err := os.Stat(filepath.Join(path, f.Name())); err != nil || !info.Mode().IsRegular() {
			continue // a link to nothing, as such folders have them
		}
		b, err := os.ReadFile(filepath.Join(path, f.Name()))
		if err != nil {
			return nil, err
		}
		all.Write(b)
		all.WriteByte('\n')
	}
	return all.Bytes(), nil
}

// direct is a list for NO_PROXY: this machine, and what was in the list before
// except what would let official names past the proxy.
func direct(before string) string {
	list := []string{"localhost", "127.0.0.1", "::1"}
	for item := range strings.SplitSeq(before, ",") {
		item = strings.TrimSpace(item)
		if item != "" && !slices.Contains(list, item) && !coversName(item) {
			list = append(list, item)
		}
	}
	return strings.Join(list, ",")
}

// coversName reports whether an item of NO_PROXY may mean one of Names: programs
// differ in how they read a dot or star before a domain, and a port after it; some
// take any end of a name.
func coversName(item string) bool {
	domain, _, _ := strings.Cut(strings.ToLower(item), ":")
	domain = strings.TrimPrefix(strings.TrimPrefix(domain, "*"), ".")
	return slices.ContainsFunc(Names, func(name string) bool {
		return strings.HasSuffix(name, domain)
	})
}
