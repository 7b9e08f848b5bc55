package server

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/fault"
)

// onlySimulated are kinds that no request provokes outside of test mode.
var onlySimulated = map[string]string{
	"Forbidden":                    "there are no plans and no quotas",
	"MissingOrganizationParameter": "no request makes a second organization",
}

// quietSettings are settings of the groups that concern errors on which no
// answer depends.
var quietSettings = map[string]string{
	"webhooks.retry":          "says how long calls of receivers are repeated",
	"allow-private-addresses": "files are fetched after the answer",
	"index.memory":            "what does not fit is read again",
	"cache.shared":            "errors are never kept by shared caches",
}

// uncasedNames are names of problems that no case has yet.
var uncasedNames = map[string]bool{}

// TestErrorCasesAreComplete: every kind of error, every name of a problem and
// every setting that concerns errors has a case.
func TestErrorCasesAreComplete(t *testing.T) {
	t.Parallel()
	kinds, names, settings := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range readCases(t, casesDir) {
		simulated := c.topic == "simulate"
		for word := range strings.FieldsSeq(c.server) {
			setting, value, _ := strings.Cut(word, "=")
			settings[setting], settings[setting+"="+value] = true, true
		}
		for _, text := range c.answers {
			_, body, ok := strings.Cut(text, "\n\n")
			if !ok {
				continue
			}
			var e struct {
				DocumentationURL, Type string
				Errors                 []fault.Detail
				Details                struct{ Errors []fault.Detail }
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil && strings.Contains(body, `"Error"`) {
				t.Errorf("%s: %v", c.path, err)
			}
			if kind := e.DocumentationURL[strings.LastIndexByte(e.DocumentationURL, '/')+1:]; !simulated || onlySimulated[kind] != "" {
				kinds[kind] = true
			}
			for _, p := range append(e.Details.Errors, e.Errors...) {
				if p.Name != "" && !simulated { // those inside of a success have none
					names[p.Name] = true
				}
			}
		}
	}
	for k := range fault.NumKinds {
		if !kinds[k.String()] {
			t.Errorf("no case has an error of kind %s", k)
		}
	}
	known := namesOfProblems(t)
	for name, where := range known {
		switch {
		case !names[name] && !uncasedNames[name]:
			t.Errorf("no case has a problem %q, which %s can report", name, where)
		case names[name] && uncasedNames[name]:
			t.Errorf("there is a case with a problem %q: take it off the list", name)
		}
	}
	for name := range names {
		if known[name] == "" {
			t.Errorf("a case has a problem %q, which no code reports", name)
		}
	}
	for f := range reflect.TypeFor[config.Config]().Fields() {
		name, group := f.Tag.Get("name"), f.Tag.Get("group")
		if group != "api" && group != "limits" {
			continue
		}
		if settings[name] == (quietSettings[name] != "") {
			t.Errorf("the setting %s has to have a case or be among those that change no answer, and not both", name)
		}
		for value := range strings.SplitSeq(f.Tag.Get("enum"), ",") {
			if value != "" && value != f.Tag.Get("default") && !settings[name+"="+value] {
				t.Errorf("no case has %s=%s", name, value)
			}
		}
	}
}

// namesOfProblems are the names that the code gives to problems, each with a
// place. It finds them in literals of fault.Detail and where a name is handed to
// a function that makes one.
func namesOfProblems(t *testing.T) map[string]string {
	t.Helper()
	// functions whose first argument is the name of a problem
	makers := map[string]bool{"detail": true}
	found := map[string]string{}
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(filepath.Dir(path)) == "errorpage" {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		note := func(e ast.Expr) {
			lit, ok := e.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return // handed on, or computed from a literal elsewhere
			}
			name, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			found[name] = set.Position(lit.Pos()).String()
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && makers[f.Name] && len(n.Args) > 0 {
					note(n.Args[0])
				}
			case *ast.AssignStmt: // problem.Name = "…"
				for i, left := range n.Lhs {
					if sel, ok := left.(*ast.SelectorExpr); ok && sel.Sel.Name == "Name" && i < len(n.Rhs) && isProblem(sel.X) {
						note(n.Rhs[i])
					}
				}
			case *ast.CompositeLit:
				if !isDetail(n.Type) {
					return true
				}
				elements := []*ast.CompositeLit{n}
				if _, list := n.Type.(*ast.ArrayType); list {
					elements = nil
					for _, e := range n.Elts {
						if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
							elements = append(elements, lit)
						}
					}
				}
				for _, lit := range elements {
					for _, e := range lit.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Name" {
							note(kv.Value)
						}
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("%d names: %v", len(found), err)
	}
	return found
}

// isDetail reports whether a type is fault.Detail, or a list of it.
func isDetail(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ArrayType:
		return isDetail(e.Elt)
	case *ast.SelectorExpr:
		return e.Sel.Name == "Detail"
	case *ast.Ident:
		return e.Name == "Detail"
	}
	return false
}

// isProblem reports whether a variable is a problem by its name, as far as
// names are given late.
func isProblem(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && (id.Name == "problem" || id.Name == "p" || id.Name == "d")
}
