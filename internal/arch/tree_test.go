package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/typecase/typecase/"
)

// source is one Go file of this module.
type source struct {
	path    string // from the root, with slashes: internal/fault/kind.go
	pkg     string // directory: internal/fault
	test    bool
	file    *ast.File
	imports []string
	lines   int
}

var fset = token.NewFileSet()

// sources parses the whole tree, once.
var sources = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := walk(func(path string) error {
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		f, err := parser.ParseFile(fset, filepath.Join(root, path), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		s := source{
			path: path, pkg: filepath.ToSlash(filepath.Dir(path)), file: f,
			test:  strings.HasSuffix(path, "_test.go"),
			lines: fset.File(f.FileStart).LineCount(),
		}
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, name)
		}
		all = append(all, s)
		return nil
	})
	return all, err
})

// tree is all files; a test that reads nothing must not pass.
func tree(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d files under %s", len(all), root)
	}
	return all
}

// walk visits every file that belongs to the project, by its path from the root.
func walk(visit func(path string) error) error {
	skip := []string{".git", "node_modules", "testdata", "typecase-data"}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skip, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return visit(filepath.ToSlash(rel))
	})
}
