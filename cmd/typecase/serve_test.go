package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFirstStart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "new", "data")
	p := start(t, "Management token", nil, "serve", "--data", data)
	token := p.value("Management token ")
	if !strings.HasPrefix(token, "CFPAT-") {
		t.Fatalf("the token is %q", token)
	}
	if body := expect(t, http.StatusOK, p.plain+"/organizations", token); body["total"] != 1.0 {
		t.Errorf("organizations: %v", body)
	}
	expect(t, http.StatusUnauthorized, p.plain+"/organizations", token+"x")
	p.stop(t)

	p = start(t, "Trust", nil, "serve", "--data", data)
	expect(t, http.StatusOK, p.plain+"/organizations", token)
	p.stop(t)
	if printed := p.value("Management token "); printed != "" {
		t.Errorf("the second start prints a token: %s", printed)
	}
	for name, mode := range map[string]os.FileMode{"": os.ModeDir | 0o700, "secret.key": 0o600, "tls/ca.key": 0o600} {
		info, err := os.Stat(filepath.Join(data, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode() != mode {
			t.Errorf("%s/%s has mode %v, want %v", "data", name, info.Mode(), mode)
		}
	}
}

func TestBootstrapToken(t *testing.T) {
	t.Parallel()
	data, env := t.TempDir(), []string{"TYPECASE_BOOTSTRAP_TOKEN=CFPAT-chosen"}
	for range 2 { // the same value on later starts is fine
		p := start(t, "Trust", env, "serve", "--data", data)
		expect(t, http.StatusOK, p.plain+"/users/me", "CFPAT-chosen")
		p.stop(t)
		if out := strings.Join(p.lines(), "\n"); strings.Contains(out, "CFPAT") {
			t.Errorf("the configured token is printed:\n%s", out)
		}
	}
}

func TestSecondInstanceIsRefused(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, "Trust", nil, "serve", "--data", data)
	r := execute(t, nil, "serve", "--data", data, "--http=127.0.0.1:0", "--https=off")
	if r.code != exitFailure || !strings.Contains(r.stderr, fmt.Sprintf("another Typecase (process %d) is using the data directory %s", p.cmd.Process.Pid, data)) {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	expect(t, http.StatusOK, p.plain+"/healthz", "")
	p.stop(t)
}

func TestKilledServerLeavesNoLock(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, "Trust", nil, "serve", "--data", data)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.read
	p.cmd.Wait()
	start(t, "Trust", nil, "serve", "--data", data).stop(t)
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	p := start(t, "Trust", nil, "serve", "--data", t.TempDir())
	taken := strings.TrimPrefix(p.plain, "http://")
	r := execute(t, nil, "serve", "--data", t.TempDir(), "--http", taken, "--https=off")
	if r.code != exitFailure || !strings.Contains(r.stderr, taken) {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	p.stop(t)
}

func TestAuthority(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if r := execute(t, nil, "ca", "--data", data); r.code != exitFailure || !strings.Contains(r.stderr, "no certificate authority") {
		t.Errorf("before the first start: exit code %d: %s", r.code, r.stderr)
	}
	p := start(t, "Trust", nil, "serve", "--data", data)
	path := strings.TrimSpace(must(t, nil, "ca", "--data", data))
	if want := "NODE_EXTRA_CA_CERTS=" + path; p.value("Trust for HTTPS ") != want {
		t.Errorf("serve prints %q, ca %q", p.value("Trust for HTTPS "), path)
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in", path)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(p.https + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
	p.stop(t)
}

func TestDemo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	const last = "Stop with " // the end of what demo prints
	p := start(t, last, nil, "demo", "--data", data)
	key, preview := p.value("Delivery key "), p.value("Preview key ")
	var urls []string
	for _, line := range p.lines() {
		if rest, ok := strings.CutPrefix(line, "curl "); ok {
			urls = append(urls, strings.Trim(rest, "'"))
		}
	}
	if len(urls) != 3 {
		t.Fatalf("%d curl lines, want 3:\n%s", len(urls), strings.Join(p.lines(), "\n"))
	}
	entry := expect(t, http.StatusOK, urls[0], "")
	if _, ok := entry["fields"].(map[string]any); !ok {
		t.Errorf("one entry: %v", entry)
	}
	found := expect(t, http.StatusOK, urls[1], "")
	includes, _ := found["includes"].(map[string]any)
	if found["total"] == 0.0 || includes["Entry"] == nil || includes["Asset"] == nil {
		t.Errorf("the query: total %v, includes %v", found["total"], includes)
	}
	if body := expect(t, http.StatusUnprocessableEntity, urls[2], ""); errorID(body) != "ValidationFailedError" {
		t.Errorf("the error: %v", body)
	}
	space := p.plain + "/spaces/" + p.value("Space ")
	drafts := expect(t, http.StatusOK, space+"/entries", preview)
	if published := expect(t, http.StatusOK, space+"/entries", key); drafts["total"].(float64) <= published["total"].(float64) {
		t.Errorf("%v drafts, %v published", drafts["total"], published["total"])
	}
	p.stop(t)

	again := start(t, last, nil, "demo", "--data", data)
	if again.value("Delivery key ") != key || again.value("Preview key ") != preview {
		t.Error("the keys change from start to start")
	}
	again.stop(t)
}

// TestReadmeShowsDemo: the first thing a newcomer reads is what the program
// prints, but for addresses and keys.
func TestReadmeShowsDemo(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "$ go run ./cmd/typecase demo\n")
	shown, _, _ = strings.Cut(shown, "\n\n    $ ./check\n")
	p := start(t, "Stop with ", nil, "demo", "--data", t.TempDir())
	p.stop(t)
	if diff := cmp.Diff(skeleton(strings.Split(shown, "\n")), skeleton(p.lines())); diff != "" {
		t.Errorf("README.md is out of date (-README +demo):\n%s", diff)
	}
}

// skeleton is a greeting without what differs from start to start.
func skeleton(lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if name, _, ok := strings.Cut(line, "  "); ok { // name and value
			line = name
		}
		line, _, _ = strings.Cut(line, "NODE_EXTRA_CA_CERTS=")
		line, _, _ = strings.Cut(line, "--data ")
		line, _, _ = strings.Cut(line, "access_token=")
		out[i] = address.ReplaceAllString(strings.TrimSpace(line), "ADDRESS")
	}
	return out
}

var address = regexp.MustCompile(`127\.0\.0\.1:\d+`)
