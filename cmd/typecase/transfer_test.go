package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/transfer"
)

// TestTransfer exports and imports on a data directory that no server uses and
// through one that does: reports and exit codes.
func TestTransfer(t *testing.T) {
	t.Parallel()
	export := filepath.Join(t.TempDir(), "export.json")
	content := `{"contentTypes":[{"sys":{"id":"page","publishedVersion":1,"version":2},"name":"Page","fields":[{"id":"title","name":"Title","type":"Symbol","required":true}]}],
"entries":[{"sys":{"id":"a","contentType":{"sys":{"id":"page"}},"publishedVersion":1,"version":2},"fields":{"title":{"en-US":"A"}}}]}`
	bad := filepath.Join(t.TempDir(), "bad.json")
	broken := strings.Replace(content, `"title":{"en-US":"A"}`, ``, 1)
	for name, text := range map[string]string{export: content, bad: broken} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, running := range []bool{false, true} {
		env := []string{"TYPECASE_DATA=" + t.TempDir(), "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-owner"}
		must(t, env, "space", "create", "--id=one", "--name=One")
		if running {
			p := start(t, "Trust", env, "serve")
			defer p.stop(t)
		}
		r := execute(t, env, "import", bad, "--dry-run")
		if r.code != exitFailure || !strings.Contains(r.stderr, "entries a, publish: ") || !strings.Contains(r.stderr, "1 problems; 1 of them") || !strings.Contains(r.stdout, "FAILED") {
			t.Errorf("running %v, dry run: exit code %d\n%s%s", running, r.code, r.stdout, r.stderr)
		}
		report := decoded[transfer.Report](t, env, "import", export, "--json")
		if report.Space != "one" || report.Environment != "master" || len(report.Problems) > 0 {
			t.Errorf("running %v: %+v", running, report)
		}
		for _, c := range report.Counts {
			if c.Kind == "entries" && c != (transfer.Count{Kind: "entries", Total: 1, Created: 1, Published: 1}) {
				t.Errorf("running %v, after a dry run: %+v", running, c)
			}
		}
		to := filepath.Join(t.TempDir(), "out")
		if out := must(t, env, "export", to); !strings.Contains(out, "entries") {
			t.Errorf("running %v: %s", running, out)
		}
		if r := execute(t, env, "export", to); r.code != exitFailure || !strings.Contains(r.stderr, "is there already") {
			t.Errorf("running %v, to the same folder: exit code %d: %s", running, r.code, r.stderr)
		}
		if out := must(t, env, "import", to, "--keep-sys"); !strings.Contains(out, "UNCHANGED") {
			t.Errorf("running %v: %s", running, out)
		}
		if r := execute(t, env, "import", to+"-not"); r.code != exitFailure || !strings.Contains(r.stderr, "no such file") {
			t.Errorf("running %v, nothing to import: exit code %d: %s", running, r.code, r.stderr)
		}
	}
}
