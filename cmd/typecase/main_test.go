package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary behave as the program itself, so that tests
// start real processes without a build of their own.
const asProgram = "RUN_TYPECASE=1"

func TestMain(m *testing.M) {
	if slices.Contains(os.Environ(), asCommand) && !slices.Contains(os.Args, "run") {
		os.Exit(commanded(os.Args[1:]))
	}
	if slices.Contains(os.Environ(), asProgram) {
		main()
		return
	}
	os.Exit(m.Run())
}

// command prepares a process of the program with no settings but those given.
func command(ctx context.Context, env, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = []string{asProgram, "TMPDIR=" + os.TempDir()}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// result is what a process did.
type result struct {
	stdout, stderr string
	code           int
}

// execute runs the program to its end.
func execute(t *testing.T, env []string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := command(ctx, env, args)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// must is execute for commands that have to succeed; it returns what they
// print.
func must(t *testing.T, env []string, args ...string) string {
	t.Helper()
	r := execute(t, env, args...)
	if r.code != 0 {
		t.Fatalf("typecase %s: exit code %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	}
	return r.stdout
}

// decoded is must for commands that print JSON.
func decoded[T any](t *testing.T, env []string, args ...string) T {
	t.Helper()
	var v T
	out := must(t, env, args...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("typecase %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return v
}

// process is a server that runs.
type process struct {
	cmd   *exec.Cmd
	plain string // URL
	https string // URL

	mu     sync.Mutex
	stdout []string // lines
	stderr bytes.Buffer
	read   chan struct{} // closed when stdout has ended
}

// start runs a server command on addresses of its own and waits until a line of
// its output begins with ready.
func start(t *testing.T, ready string, env []string, args ...string) *process {
	t.Helper()
	p := &process{read: make(chan struct{})}
	p.cmd = command(context.Background(), env, append(args, "--http=127.0.0.1:0", "--https=127.0.0.1:0", "--log.level=warn"))
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.cmd.Process.Kill()
			p.cmd.Wait()
		}
	})
	seen := make(chan struct{})
	go func() {
		defer close(p.read)
		once := sync.OnceFunc(func() { close(seen) })
		for lines := bufio.NewScanner(out); lines.Scan(); {
			line := strings.TrimSpace(lines.Text())
			p.mu.Lock()
			p.stdout = append(p.stdout, line)
			p.mu.Unlock()
			if strings.HasPrefix(line, ready) {
				once()
			}
		}
	}()
	select {
	case <-seen:
	case <-p.read:
		p.cmd.Wait()
		t.Fatalf("the server ended before it was ready:\n%s", p.stderr.String())
	case <-time.After(time.Minute):
		t.Fatalf("the server is not ready:\n%s", strings.Join(p.lines(), "\n"))
	}
	p.plain, p.https = p.value("HTTP "), p.value("HTTPS ")
	return p
}

func (p *process) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.stdout...)
}

// value is what stands behind a name in the output, "" if nothing does.
func (p *process) value(name string) string {
	for _, line := range p.lines() {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// stop sends SIGTERM and checks that the server ends well.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.read
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if p.stderr.Len() > 0 {
		t.Errorf("warnings and errors:\n%s", p.stderr.String())
	}
}

// fetch makes a request and returns status and decoded body.
func fetch(t *testing.T, method, url, token string, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s %s: %v\n%s", method, url, err, raw)
	}
	return resp.StatusCode, v
}

// expect checks the status of a GET.
func expect(t *testing.T, want int, url, token string) map[string]any {
	t.Helper()
	status, body := fetch(t, http.MethodGet, url, token, "")
	if status != want {
		t.Errorf("GET %s: status %d, want %d: %v", url, status, want, body)
	}
	return body
}

func errorID(body map[string]any) string {
	sys, _ := body["sys"].(map[string]any)
	return fmt.Sprint(sys["id"])
}

// longDirectory is a data directory whose path leaves no room for a socket.
func longDirectory(t *testing.T) string {
	return filepath.Join(t.TempDir(), strings.Repeat("long-", 20), "data")
}
