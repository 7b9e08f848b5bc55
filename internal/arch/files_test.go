package arch

import (
	"bytes"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const maxLines = 600

func TestFileSizes(t *testing.T) {
	t.Parallel()
	for _, s := range tree(t) {
		if !s.test && s.lines > maxLines {
			t.Errorf("%s has %d lines, more than %d: split it by topic", s.path, s.lines, maxLines)
		}
	}
}

// TestPackageComments: one file of every package says what it is for.
func TestPackageComments(t *testing.T) {
	t.Parallel()
	comments := map[string][]string{}
	commands := map[string]bool{}
	for _, s := range tree(t) {
		if s.test {
			continue
		}
		if comments[s.pkg] == nil {
			comments[s.pkg] = []string{}
		}
		commands[s.pkg] = s.file.Name.Name == "main"
		if s.file.Doc != nil {
			comments[s.pkg] = append(comments[s.pkg], s.file.Doc.Text())
		}
	}
	for pkg, texts := range comments {
		switch {
		case len(texts) == 0:
			t.Errorf("%s has no package comment", pkg)
		case len(texts) > 1:
			t.Errorf("%s has %d package comments", pkg, len(texts))
		case !commands[pkg] && !strings.HasPrefix(texts[0], "Package "+filepath.Base(pkg)+" "):
			t.Errorf("%s: its comment does not begin with its name: %.40s", pkg, texts[0])
		case len(strings.Fields(texts[0])) < 10:
			t.Errorf("%s: its comment says nothing: %s", pkg, texts[0])
		}
	}
}

// TestNoSleep: tests wait for what they wait for. In a bubble of
// testing/synctest sleeping moves the clock and costs no time.
func TestNoSleep(t *testing.T) {
	t.Parallel()
	for _, s := range tree(t) {
		if !s.test && !helps(s.pkg) || slices.Contains(s.imports, "testing/synctest") || !slices.Contains(s.imports, "time") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s sleeps", fset.Position(sel.Pos()))
				}
			}
			return true
		})
	}
}

// TestNoRegistries: the project can be built from any mirror, so no file names
// the host of a package registry. The names are in pieces here for that reason.
func TestNoRegistries(t *testing.T) {
	t.Parallel()
	var hosts [][]byte
	for _, parts := range [][]string{
		{"proxy", "golang", "org"}, {"sum", "golang", "org"},
		{"registry", "npmjs", "org"}, {"registry", "yarnpkg", "com"}, {"npmjs", "com"},
		{"deb", "debian", "org"}, {"security", "debian", "org"}, {"archive", "ubuntu", "com"},
		{"pypi", "org"}, {"pythonhosted", "org"}, {"rubygems", "org"}, {"crates", "io"}, {"repo1", "maven", "org"},
	} {
		hosts = append(hosts, []byte(strings.Join(parts, ".")))
	}
	read := 0
	err := walk(func(path string) error {
		b, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		read++
		for _, host := range hosts {
			if bytes.Contains(b, host) {
				t.Errorf("%s names %s", path, host)
			}
		}
		return nil
	})
	if err != nil || read < 50 {
		t.Fatalf("read %d files: %v", read, err)
	}
}
