package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asCommand makes the test binary the command that typecase run runs; what it
// does is the first argument.
const asCommand = "RUN_AS_COMMAND=1"

// commanded is that command.
func commanded(args []string) int {
	switch args[0] {
	case "get": // URLs, with a token
		return get(args[1], args[2:])
	case "exit":
		return 7
	case "killed":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "await":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM, syscall.SIGUSR1)
		fmt.Println("waiting")
		fmt.Println("got", <-signals)
		return 9
	}
	return 1
}

// get prints the status and body of answers, as a program does that heeds the
// environment.
func get(token string, urls []string) int {
	roots, err := x509.SystemCertPool() // reads SSL_CERT_FILE
	if err != nil {
		fmt.Println(err)
		return 1
	}
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots}}}
	for _, u := range urls {
		req, err := http.NewRequest(http.MethodGet, u, nil)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := client.Do(req)
		if err != nil {
			fmt.Println(err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		fmt.Println(res.StatusCode, strings.TrimSpace(string(body)), err)
	}
	return 0
}

// runs runs a command of this binary through the program.
func runs(t *testing.T, env, flags []string, args ...string) result {
	t.Helper()
	return execute(t, append(env, asCommand), append(append(append([]string{"run"}, flags...), "--", os.Args[0]), args...)...)
}

// TestRun reaches a server by its official names: one that runs already, one
// that runs for the command, and one that is named.
func TestRun(t *testing.T) {
	t.Parallel()
	env := []string{"TYPECASE_DATA=" + t.TempDir(), "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-owner"}
	space := strings.TrimSpace(must(t, env, "space", "create", "--name=Run"))
	key := strings.Fields(must(t, env, "space", "key", "create", "--space="+space, "--value=delivery-value"))[1]
	check := func(name string, env []string, scheme string, flags ...string) {
		t.Helper()
		r := runs(t, env, flags, "get", "CFPAT-owner", "https://api.contentful.com/spaces/"+space, "https://api.eu.contentful.com/users/me", "http://upload.contentful.com/spaces",
			"https://images.ctfassets.net/files/x")
		lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
		if r.code != 0 || len(lines) != 4 || !strings.HasPrefix(lines[0], "200 ") || !strings.Contains(lines[0], `"`+space+`"`) ||
			!strings.HasPrefix(lines[1], "200 ") || !strings.HasPrefix(lines[2], "200 ") || !strings.HasPrefix(lines[3], "404 ") {
			t.Errorf("%s: exit code %d\n%s%s", name, r.code, r.stdout, r.stderr)
		}
		if want := "typecase: caught api.contentful.com (1), api.eu.contentful.com (1), images.ctfassets.net (1), upload.contentful.com (1)\n"; r.stderr != want {
			t.Errorf("%s: standard error is %s", name, r.stderr)
		}
		r = runs(t, env, flags, "get", key, "https://cdn.contentful.com/spaces/"+space+"/environments/master/sync?initial=true")
		var body struct{ NextSyncURL string }
		answer, _, _ := strings.Cut(strings.TrimPrefix(r.stdout, "200 "), " <nil>")
		if err := json.Unmarshal([]byte(answer), &body); err != nil || !strings.HasPrefix(body.NextSyncURL, scheme+"://cdn.contentful.com/spaces/") {
			t.Errorf("%s: %v: %s", name, err, r.stdout)
		}
	}
	check("a server of its own", env, "https")
	if l, err := net.Listen("tcp", "127.0.0.2:0"); err == nil { // not every system has the address
		l.Close()
		check("a server of its own, where its certificate does not say", env, "https", "--https=127.0.0.2:0")
	}
	p := start(t, "Trust", env, "serve")
	check("the running server", env, "https")
	check("the running server, refusing", env, "https", "--refuse")
	check("a named server", env, "https", "--server", p.https)
	check("a named server, plain", []string{"TYPECASE_DATA=" + filepath.Join(t.TempDir(), "none")}, "http", "--server", p.plain+"/")
	p.stop(t)

	// what is on this machine the command reaches by itself
	r := runs(t, env, []string{"--refuse"}, "get", "x", "http://127.0.0.1:1/")
	if r.code != 0 || !strings.Contains(r.stdout, "connect") || r.stderr != "typecase: caught nothing: no request went to an official host\n" {
		t.Errorf("loopback: exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	r = runs(t, env, []string{"--refuse"}, "get", "x", "http://example.org/")
	if !strings.HasPrefix(r.stdout, "403 ") || !strings.HasSuffix(r.stderr, "typecase: refused example.org (1)\n") {
		t.Errorf("refused: %s%s", r.stdout, r.stderr)
	}
}

// TestRunEnds: typecase run ends as its command does.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	env := []string{"TYPECASE_DATA=" + t.TempDir(), "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-owner", "TMPDIR=" + temporary}
	notAProgram := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(notAProgram, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   []string
		code   int
		stderr string
	}{
		{[]string{"--", os.Args[0], "exit"}, 7, "typecase: caught nothing"},
		{[]string{os.Args[0], "exit"}, 7, "typecase: caught nothing"},
		{[]string{"--", os.Args[0], "killed"}, 128 + int(syscall.SIGKILL), "typecase: caught nothing"},
		{[]string{"--", "no-program-of-this-name"}, 127, `typecase: there is no program "no-program-of-this-name"`},
		{[]string{"--", notAProgram}, 126, "typecase: "},
		{[]string{"--"}, exitUsage, "typecase: run: there is no command to run"},
		{[]string{}, exitUsage, "typecase: run: there is no command to run"},
		{[]string{"--server=ftp://example.org", "--", os.Args[0], "exit"}, exitUsage, "typecase: run: --server: "},
		{[]string{"--server=https://example.org/path", "--", os.Args[0], "exit"}, exitUsage, "typecase: run: --server: "},
	} {
		r := execute(t, append(env, asCommand), append([]string{"run"}, tt.args...)...)
		if r.code != tt.code || !strings.HasPrefix(r.stderr, tt.stderr) || r.stdout != "" {
			t.Errorf("%v: exit code %d, want %d\n%s%s", tt.args, r.code, tt.code, r.stdout, r.stderr)
		}
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestRunInterrupted: nothing is run when the signal comes first.
func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"run", "--server=http://127.0.0.1:1", "--", os.Args[0], "exit"}, nil, &stdout, &stderr)
	if code != 130 || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), "typecase: caught nothing") {
		t.Errorf("exit code %d\n%s%s", code, &stdout, &stderr)
	}
}

// TestRunSignals: the command gets the signals, and the server is there until it
// has ended.
func TestRunSignals(t *testing.T) {
	t.Parallel()
	env := []string{asCommand, "TYPECASE_DATA=" + t.TempDir(), "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-owner"}
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGUSR1} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := command(ctx, env, []string{"run", "--", os.Args[0], "await"})
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "waiting" {
		}
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() || lines.Text() != "got "+s.String() {
			t.Errorf("%v: %q", s, lines.Text())
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 9 {
			t.Errorf("%v: %v", s, err)
		}
	}
}
