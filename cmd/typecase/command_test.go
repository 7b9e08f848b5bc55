package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/server"
)

// TestCommands makes spaces, keys and tokens, on a data directory that no server
// uses and through one that does, and sees that the server takes them.
func TestCommands(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		running bool
		data    string
	}{
		{"data directory", false, t.TempDir()},
		{"running server", true, t.TempDir()},
		{"running server, long path", true, longDirectory(t)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			env := []string{"TYPECASE_DATA=" + tc.data, "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-owner"}
			var p *process
			if tc.running {
				p = start(t, "Trust", env, "serve")
			}
			made := decoded[server.Space](t, env, "space", "create", "--id=moved-here", "--name=Moved here", "--default-locale=de-DE", "--json")
			if made.ID != "moved-here" || made.Name != "Moved here" || made.CreatedAt.IsZero() {
				t.Errorf("made %+v", made)
			}
			other := strings.TrimSpace(must(t, env, "space", "create", "--name=Other"))
			r := execute(t, env, "space", "create", "--id=moved-here", "--name=Again")
			if r.code != exitFailure || !strings.Contains(r.stderr, `"moved-here"`) {
				t.Errorf("an id in use: exit code %d: %s", r.code, r.stderr)
			}
			var ids []string
			for _, s := range decoded[[]server.Space](t, env, "space", "list", "--json") {
				ids = append(ids, s.ID)
			}
			if diff := cmp.Diff([]string{"moved-here", other}, ids); diff != "" {
				t.Errorf("spaces (-want +got):\n%s", diff)
			}

			key := decoded[server.Key](t, env, "space", "key", "create", "--space=moved-here", "--name=App", "--value=delivery-value", "--preview-value=preview-value", "--json")
			if key.Value != "delivery-value" || key.PreviewValue != "preview-value" || key.Name != "App" {
				t.Errorf("key %+v", key)
			}
			generated := must(t, env, "space", "key", "create", "--space", other)
			if f := strings.Fields(generated); len(f) != 4 || len(f[1]) < 32 || len(f[3]) < 32 {
				t.Errorf("generated key: %s", generated)
			}

			token := decoded[server.Token](t, env, "token", "create", "--name=App", "--value=CFPAT-moved", "--json")
			if token.Value != "CFPAT-moved" || token.ReadOnly {
				t.Errorf("token %+v", token)
			}
			reader := strings.TrimSpace(must(t, env, "token", "create", "--read-only"))
			tokens := map[string]bool{}
			for _, l := range decoded[[]server.Token](t, env, "token", "list", "--json") {
				tokens[l.Name] = l.ReadOnly
				if l.Value != "" {
					t.Errorf("the list shows the value of %s", l.Name)
				}
			}
			if readOnly, ok := tokens["App"]; !ok || readOnly || !tokens["command line"] || len(tokens) != 3 {
				t.Errorf("tokens: %v", tokens)
			}
			if r := execute(t, env, "token", "create", "--value=CFPAT-moved"); r.code != exitFailure || r.stdout != "" {
				t.Errorf("a token in use: exit code %d: %s", r.code, r.stdout)
			}

			if !tc.running {
				p = start(t, "Trust", env, "serve")
			}
			space := p.plain + "/spaces/moved-here"
			expect(t, http.StatusOK, space, "delivery-value")
			expect(t, http.StatusOK, space+"/entries", "preview-value")
			locales := expect(t, http.StatusOK, space+"/locales", "delivery-value")
			if items := locales["items"].([]any); len(items) != 1 || items[0].(map[string]any)["code"] != "de-DE" {
				t.Errorf("locales: %v", locales)
			}
			expect(t, http.StatusOK, p.plain+"/users/me", "CFPAT-moved")
			expect(t, http.StatusOK, p.plain+"/spaces", reader)
			if status, body := fetch(t, http.MethodPost, p.plain+"/spaces", reader, `{"name":"x"}`); status != http.StatusForbidden {
				t.Errorf("a read-only token writes: %d %v", status, body)
			}
			p.stop(t)
		})
	}
}

func TestSleepAndDelete(t *testing.T) {
	t.Parallel()
	env := []string{"TYPECASE_DATA=" + t.TempDir(), "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-owner"}
	p := start(t, "Trust", env, "serve")
	must(t, env, "space", "create", "--id=s1", "--name=One")
	must(t, env, "space", "key", "create", "--space=s1", "--value=reader")
	space := p.plain + "/spaces/s1"
	expect(t, http.StatusOK, space, "reader")

	asleep := func() bool { return decoded[[]server.Space](t, env, "space", "list", "--json")[0].Hibernated }
	must(t, env, "space", "hibernate", "s1")
	if !asleep() {
		t.Error("the list does not show that the space sleeps")
	}
	if body := expect(t, http.StatusBadGateway, space, "reader"); errorID(body) != "AccessDeniedError" {
		t.Errorf("asleep: %v", body)
	}
	deadline := time.Now().Add(time.Minute) // the request has begun to wake it
	status, body := fetch(t, http.MethodGet, space, "reader", "")
	for status == http.StatusBadGateway && time.Now().Before(deadline) {
		status, body = fetch(t, http.MethodGet, space, "reader", "")
	}
	if status != http.StatusOK {
		t.Errorf("after the request that wakes it: %d %v", status, body)
	}

	must(t, env, "space", "hibernate", "s1")
	must(t, env, "space", "wake", "s1")
	if asleep() {
		t.Error("the list shows a space that is awake as asleep")
	}
	expect(t, http.StatusOK, space, "reader")

	must(t, env, "space", "delete", "s1")
	expect(t, http.StatusNotFound, space, "CFPAT-owner")
	expect(t, http.StatusUnauthorized, space, "reader")
	for _, args := range [][]string{{"space", "delete", "s1"}, {"space", "hibernate", "s1"}, {"space", "wake", "s1"}, {"space", "key", "create", "--space=s1"}} {
		if r := execute(t, env, args...); r.code != exitFailure || !strings.Contains(r.stderr, `There is no space "s1". `) {
			t.Errorf("%v of no space: exit code %d: %s", args, r.code, r.stderr)
		}
	}
	p.stop(t)
}

func TestIdleSpacesSleep(t *testing.T) {
	t.Parallel()
	env := []string{"TYPECASE_DATA=" + t.TempDir(), "TYPECASE_HIBERNATE_AFTER=300ms"}
	p := start(t, "Trust", env, "serve")
	must(t, env, "space", "create", "--id=s1", "--name=One")
	must(t, env, "space", "key", "create", "--space=s1", "--value=reader")
	expect(t, http.StatusOK, p.plain+"/spaces/s1", "reader")
	deadline := time.Now().Add(time.Minute)
	for !decoded[[]server.Space](t, env, "space", "list", "--json")[0].Hibernated {
		if time.Now().After(deadline) {
			t.Fatal("the space does not fall asleep")
		}
	}
	expect(t, http.StatusBadGateway, p.plain+"/spaces/s1", "reader")
	p.stop(t)
}

func TestCommandOnNewDirectoryTellsTheFirstToken(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	r := execute(t, nil, "space", "create", "--data", data, "--id=s1", "--name=One")
	if r.code != 0 || r.stdout != "s1\n" || !strings.Contains(r.stderr, "CFPAT-") {
		t.Errorf("exit code %d, %q, %q", r.code, r.stdout, r.stderr)
	}
	again := execute(t, nil, "space", "list", "--data", data)
	if again.code != 0 || again.stderr != "" || !strings.Contains(again.stdout, "s1") {
		t.Errorf("exit code %d, %q, %q", again.code, again.stdout, again.stderr)
	}
}

// TestCommandsTakeTurns: without a server, commands wait for each other.
func TestCommandsTakeTurns(t *testing.T) {
	t.Parallel()
	env := []string{"TYPECASE_DATA=" + t.TempDir()}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			if r := execute(t, env, "space", "create", fmt.Sprintf("--name=Space %d", i)); r.code != 0 {
				t.Errorf("exit code %d: %s", r.code, r.stderr)
			}
		})
	}
	all.Wait()
	if spaces := decoded[[]server.Space](t, env, "space", "list", "--json"); len(spaces) != 4 {
		t.Errorf("%d spaces", len(spaces))
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings")
	if err := os.WriteFile(file, []byte("http = file:1\nhttps = file:2\nlog.level = debug\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"TYPECASE_HTTP=env:1", "TYPECASE_HTTPS=env:2", "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-hush"}
	got := map[string]config.Setting{}
	for _, s := range decoded[[]config.Setting](t, env, "config", "--json", "--config", file, "--http=flag:1") {
		got[s.Name] = s
	}
	for _, want := range []config.Setting{
		{Name: "http", Value: "flag:1", Origin: "flag --http"},
		{Name: "https", Value: "env:2", Origin: "environment TYPECASE_HTTPS"},
		{Name: "log.level", Value: "debug", Origin: "file " + file + ":3"},
		{Name: "data", Value: "./typecase-data", Origin: "default"},
		{Name: "bootstrap-token", Value: "(hidden)", Origin: "environment TYPECASE_BOOTSTRAP_TOKEN"},
	} {
		if diff := cmp.Diff(want, got[want.Name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Name, diff)
		}
	}
	table := must(t, env, "config", "--config", file)
	if strings.Contains(table, "hush") || !strings.Contains(table, "environment TYPECASE_HTTP\n") {
		t.Errorf("the table:\n%s", table)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		env, args      []string
		code           int
		stdout, stderr string
	}{
		{name: "nothing", stdout: "serve", code: 0},
		{name: "version", args: []string{"version"}, stdout: "typecase " + server.Version},
		{name: "help of run shows the setting it names", args: []string{"run", "--help"}, stdout: "--allow-private-addresses"},
		{name: "help shows settings where they matter", args: []string{"serve", "--help"}, stdout: "$TYPECASE_ERRORS_IDS"},
		{name: "unknown command", args: []string{"sirve"}, code: exitUsage, stderr: `did you mean "serve"`},
		{name: "unknown flag", args: []string{"serve", "--htp=x"}, code: exitUsage, stderr: "unknown flag --htp"},
		{name: "unknown variable", env: []string{"TYPECASE_HTPS=x"}, args: []string{"serve"}, code: exitUsage, stderr: "the nearest known one is TYPECASE_HTTPS"},
		{name: "bad value", args: []string{"serve", "--errors.ids=long"}, code: exitUsage, stderr: "--errors.ids must be one of"},
		{name: "missing flag", args: []string{"space", "create"}, code: exitUsage, stderr: "--name"},
		{name: "missing argument", args: []string{"space", "delete"}, code: exitUsage, stderr: "<id>"},
		{name: "empty id", args: []string{"space", "create", "--name=x", "--id="}, code: exitUsage, stderr: "--id: is empty"},
		{name: "empty token", args: []string{"token", "create", "--value="}, code: exitUsage, stderr: "--value: is empty"},
		{name: "empty preview token", args: []string{"space", "key", "create", "--space=x", "--preview-value="}, code: exitUsage, stderr: "--preview-value: is empty"},
		{name: "bad data directory", args: []string{"space", "list", "--data=/dev/null"}, code: exitFailure, stderr: "data directory: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := execute(t, tc.env, tc.args...)
			if r.code != tc.code || !strings.Contains(r.stdout, tc.stdout) || !strings.Contains(r.stderr, tc.stderr) {
				t.Errorf("exit code %d, want %d\nstdout: %s\nstderr: %s", r.code, tc.code, r.stdout, r.stderr)
			}
			if tc.code != 0 && r.stdout != "" {
				t.Errorf("a failure prints data: %s", r.stdout)
			}
		})
	}
	if help := must(t, nil, "space", "--help"); strings.Contains(help, "errors.ids") {
		t.Errorf("help is buried under settings:\n%s", help)
	}
}
