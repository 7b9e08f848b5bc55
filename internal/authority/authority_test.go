package authority

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clock is a time tests can move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func open(t *testing.T, dir string, names []string, now func() time.Time) *Authority {
	t.Helper()
	a, err := Open(dir, names, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// pool trusts what a client would trust: the content of ca.pem.
func pool(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		t.Fatal("ca.pem holds no certificate")
	}
	return p
}

func serial(t *testing.T, a *Authority) string {
	t.Helper()
	c, err := a.certificate()
	if err != nil {
		t.Fatal(err)
	}
	return c.Leaf.SerialNumber.String()
}

func TestCertificateCoversNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, dir, []string{"content.example.org", "192.0.2.7", "localhost"}, time.Now)
	roots := pool(t, dir)
	c, err := a.certificate()
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"localhost": true, "api.localhost": true, "anything.localhost": true, "127.0.0.1": true, "::1": true,
		"content.example.org": true, "cdn.content.example.org": true, "192.0.2.7": true,
		"example.org": false, "192.0.2.8": false, "a.b.localhost": false,
	} {
		_, err := c.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots})
		if (err == nil) != ok {
			t.Errorf("valid for %s: %v, want %v", name, err == nil, ok)
		}
	}
	if c.Leaf.IsCA || c.Leaf.CheckSignatureFrom(c.Leaf) == nil {
		t.Error("the server certificate is its own authority")
	}
}

// TestGuest: the certificate for others is for nobody else, of the same
// authority, and in no file.
func TestGuest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := &clock{time.Now()}
	own := open(t, dir, nil, at.now)
	before, err := os.ReadDir(filepath.Dir(Path(dir)))
	if err != nil {
		t.Fatal(err)
	}
	guest, err := OpenGuest(dir, []string{"api.example.net", "cdn.example.net"}, at.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{0, serverLife} { // renewed while it runs
		at.t = at.t.Add(later)
		c, err := guest.certificate()
		if err != nil {
			t.Fatal(err)
		}
		for name, ok := range map[string]bool{"api.example.net": true, "cdn.example.net": true, "localhost": false, "x.example.net": false, "127.0.0.1": false} {
			_, err := c.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool(t, dir), CurrentTime: at.t})
			if (err == nil) != ok {
				t.Errorf("valid for %s: %v, want %v", name, err == nil, ok)
			}
		}
	}
	after, err := os.ReadDir(filepath.Dir(Path(dir)))
	if err != nil || len(after) != len(before) {
		t.Errorf("%d files instead of %d, %v", len(after), len(before), err)
	}
	if own.root.Leaf.SerialNumber.Cmp(guest.root.Leaf.SerialNumber) != 0 {
		t.Error("another authority")
	}
	if _, err := OpenGuest(t.TempDir(), []string{"api.example.net"}, at.now); err != nil {
		t.Errorf("where there is no authority yet: %v", err)
	}
}

func TestKeptOverRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := &clock{time.Now()}
	first := open(t, dir, nil, at.now)
	trusted, served := pool(t, dir), serial(t, first)

	at.t = at.t.Add(100 * 24 * time.Hour)
	if got := serial(t, open(t, dir, nil, at.now)); got != served {
		t.Error("a restart made another server certificate")
	}
	if got := serial(t, open(t, dir, []string{"added.example"}, at.now)); got == served {
		t.Error("a new name did not make another server certificate")
	}
	if !pool(t, dir).Equal(trusted) {
		t.Error("the authority changed")
	}
}

func TestRenewsWhileRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := &clock{time.Now()}
	a := open(t, dir, nil, at.now)
	before := serial(t, a)
	at.t = at.t.Add(serverLife - renewal - time.Hour)
	if serial(t, a) != before {
		t.Error("renewed too early")
	}
	at.t = at.t.Add(2 * time.Hour)
	after := serial(t, a)
	if after == before {
		t.Fatal("not renewed")
	}
	if got := serial(t, open(t, dir, nil, at.now)); got != after {
		t.Error("the renewed certificate was not kept")
	}
	c, err := a.certificate()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Leaf.Verify(x509.VerifyOptions{DNSName: "localhost", Roots: pool(t, dir), CurrentTime: at.t}); err != nil {
		t.Error(err)
	}
}

func TestLastYearsOfTheAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := &clock{time.Now()}
	open(t, dir, nil, at.now)
	at.t = at.t.Add(authorityLife - 30*24*time.Hour)
	a := open(t, dir, nil, at.now)
	if first := serial(t, a); serial(t, a) != first {
		t.Error("a certificate that cannot live longer is renewed for every connection")
	}
	at.t = at.t.Add(31 * 24 * time.Hour)
	if _, err := Open(dir, nil, at.now); err == nil || !strings.Contains(err.Error(), "expired on ") {
		t.Errorf("an expired authority opens with %v", err)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir, nil, time.Now)
	found, err := os.ReadDir(filepath.Dir(Path(dir)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]os.FileMode{"ca.key": 0o600, "ca.pem": 0o644, "server.key": 0o600}
	for _, e := range found {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if mode, ok := want[e.Name()]; !ok || info.Mode() != mode {
			t.Errorf("%s has mode %v, want %v", e.Name(), info.Mode(), mode)
		}
		delete(want, e.Name())
	}
	if len(want) != 0 {
		t.Errorf("missing: %v", want)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(Path(dir)), "ca.key"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil, time.Now); err == nil {
		t.Error("a damaged key opens: a new authority would silently lose the clients' trust")
	}
}

// TestNodeTrusts connects as the official tools do.
func TestNodeTrusts(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Log("node is not installed: only Go's own client is tried")
	}
	dir := t.TempDir()
	a := open(t, dir, nil, time.Now)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", a.Config())
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello "+r.Host) })}
	t.Cleanup(func() { srv.Close() })
	go srv.Serve(listener)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool(t, dir)}}}
	t.Cleanup(client.CloseIdleConnections)
	answer, err := client.Get("https://127.0.0.1:" + port)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()

	if node == "" {
		return
	}
	const script = `
const [port, host] = process.argv.slice(1);
const lookup = (name, options, done) => options.all ? done(null, [{address: '127.0.0.1', family: 4}]) : done(null, '127.0.0.1', 4);
require('https').get({host, port, path: '/', lookup}, r => r.pipe(process.stdout)).on('error', e => { console.error(e.message); process.exit(1) });`
	for _, host := range []string{"localhost", "127.0.0.1", "api.localhost"} {
		cmd := exec.Command(node, "-e", script, port, host)
		cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+Path(dir))
		out, err := cmd.CombinedOutput()
		if want := "hello " + host + ":" + port; err != nil || string(out) != want {
			t.Errorf("node at %s: %v, %q; want %q", host, err, out, want)
		}
	}
}
