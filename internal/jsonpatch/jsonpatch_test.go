package jsonpatch_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/jsonpatch"
)

// apply is the document that a patch makes, or the places and texts of its problems.
func apply(t *testing.T, doc, patch string) string {
	t.Helper()
	ops, problems := jsonpatch.Parse([]byte(patch), 10)
	if problems != nil {
		var all []string
		for _, p := range problems {
			all = append(all, *p.Pointer+" "+p.Name)
		}
		return strings.Join(all, ", ")
	}
	if ops == nil {
		return "no patch"
	}
	out, problem, err := jsonpatch.Apply([]byte(doc), ops, 50)
	switch {
	case err != nil:
		t.Fatal(err)
	case problem != nil:
		return fmt.Sprintf("%s %s: %s", *problem.Pointer, problem.Name, problem.Details)
	case !json.Valid(out):
		t.Fatalf("%s is no JSON", out)
	}
	return string(out)
}

func TestApply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ doc, patch, want string }{
		// what is not touched stays as it is
		{`{"z":{"b": 1.00,"a":"\u0041"},"c":1}`, `[{"op":"replace","path":"/c","value":2}]`, `{"z":{"b": 1.00,"a":"\u0041"},"c":2}`},
		{`{"\u0061":{"\"":{"\ud800":1}},"l":[ ]}`, `[{"op":"replace","path":"/a/\"/\ufffd","value":2},{"op":"add","path":"/l/-","value":{}}]`, `{"a":{"\"":{"�":2}},"l":[{}]}`},
		{`{"n":9007199254740993}`, `[]`, `{"n":9007199254740993}`},
		// add
		{`{"a":1}`, `[{"op":"add","path":"/b","value":null}]`, `{"a":1,"b":null}`},
		{`{"a":1,"b":2}`, `[{"op":"add","path":"/a","value":[3]}]`, `{"a":[3],"b":2}`},
		{`{"l":[1,3]}`, `[{"op":"add","path":"/l/1","value":2},{"op":"add","path":"/l/-","value":4},{"op":"add","path":"/l/4","value":5},{"op":"add","path":"/l/0","value":0}]`, `{"l":[0,1,2,3,4,5]}`},
		{`{"a":1}`, `[{"op":"add","path":"","value":{"b":2}},{"op":"add","path":"/c","value":3}]`, `{"b":2,"c":3}`},
		{`{"a/b":{"m~n":1,"":2}}`, `[{"op":"add","path":"/a~1b/m~0n","value":3},{"op":"add","path":"/a~1b/","value":4},{"op":"add","path":"/a~1b/~01","value":5}]`, `{"a/b":{"m~n":3,"":4,"~1":5}}`},
		{`{"<é>":1}`, `[{"op":"add","path":"/<é>","value":2},{"op":"add","path":"/\u0041","value":3}]`, `{"\u003cé\u003e":2,"A":3}`},
		{`{}`, `[{"op":"add","path":"/a/b","value":1}]`, `/0/path unknown: There is nothing at "/a". What a value is added to has to be there: add that whole, with all that it is to have.`},
		{`{"a":1}`, `[{"op":"add","path":"/a/b","value":1}]`, `/0/path invalid: The value at "/a" is neither an object nor an array: add that whole, with all that it is to have.`},
		{`[1]`, `[{"op":"add","path":"/2","value":1}]`, `/0/path invalid: The array at "" has 1 elements.`},
		{`[1]`, `[{"op":"add","path":"/99999999999999999999","value":1}]`, `/0/path invalid: The array at "" has 1 elements.`},
		{`[1]`, `[{"op":"add","path":"/01","value":1}]`, `/0/path invalid: "01" is no index of the array at "".`},
		{`[1]`, `[{"op":"add","path":"/-1","value":1}]`, `/0/path invalid: "-1" is no index of the array at "".`},
		{`[1]`, `[{"op":"add","path":"/+0","value":1}]`, `/0/path invalid: "+0" is no index of the array at "".`},
		{`[1]`, `[{"op":"add","path":"/","value":1}]`, `/0/path invalid: "" is no index of the array at "".`},
		// remove, replace
		{`{"a":1,"b":[1,2]}`, `[{"op":"remove","path":"/a"},{"op":"remove","path":"/b/0"}]`, `{"b":[2]}`},
		{`{"a":{"b":[{"c":1}]}}`, `[{"op":"replace","path":"/a/b/0/c","value":2},{"op":"replace","path":"/a/b/0","value":{"d":{}}},{"op":"add","path":"/a/b/0/d/e","value":[]}]`, `{"a":{"b":[{"d":{"e":[]}}]}}`},
		{`{"a":1}`, `[{"op":"replace","path":"","value":5}]`, `5`},
		{`{"a":1}`, `[{"op":"replace","path":"","value":5},{"op":"add","path":"/a","value":1}]`, `/1/path invalid: The value at "" is neither an object nor an array: add that whole, with all that it is to have.`},
		{`{"a":1}`, `[{"op":"remove","path":""}]`, `/0/path invalid: The whole cannot be removed.`},
		{`{"a":1}`, `[{"op":"remove","path":"/b"}]`, `/0/path unknown: There is nothing at "/b".`},
		{`{"a":[]}`, `[{"op":"remove","path":"/a/-"}]`, `/0/path unknown: There is nothing at "/a/-".`},
		{`{"a":[]}`, `[{"op":"replace","path":"/a/0","value":1}]`, `/0/path unknown: There is nothing at "/a/0".`},
		{`{"a":"x"}`, `[{"op":"replace","path":"/a/0","value":1}]`, `/0/path unknown: There is nothing at "/a/0".`},
		{`{"a":1}`, `[{"op":"remove","path":"/a"},{"op":"remove","path":"/a"}]`, `/1/path unknown: There is nothing at "/a".`},
		// move, copy
		{`{"a":{"x":1},"b":2}`, `[{"op":"move","from":"/a/x","path":"/c"}]`, `{"a":{},"b":2,"c":1}`},
		{`{"l":[1,2,3]}`, `[{"op":"move","from":"/l/0","path":"/l/2"}]`, `{"l":[2,3,1]}`},
		{`{"a":1}`, `[{"op":"move","from":"/a","path":"/a"}]`, `{"a":1}`},
		{`{"a":1}`, `[{"op":"move","from":"/b","path":"/b"}]`, `/0/from unknown: There is nothing at "/b".`},
		{`{"a":{}}`, `[{"op":"move","from":"/a","path":"/a/b"}]`, `/0/path invalid: "/a/b" is inside of what is to be moved there.`},
		{`{"a":{}}`, `[{"op":"move","from":"","path":"/a"}]`, `/0/path invalid: "/a" is inside of what is to be moved there.`},
		{`{"a":{},"ab":1}`, `[{"op":"move","from":"/ab","path":"/a/b"}]`, `{"a":{"b":1}}`},
		{`{"a":{"x":[1]}}`, `[{"op":"copy","from":"/a","path":"/a/b"},{"op":"add","path":"/a/b/x/-","value":2}]`, `{"a":{"x":[1],"b":{"x":[1,2]}}}`},
		{`{"a":{"x":1}}`, `[{"op":"add","path":"/a/y","value":2},{"op":"copy","from":"","path":"/b"}]`, `{"a":{"x":1,"y":2},"b":{"a":{"x":1,"y":2}}}`},
		{`{"a":"` + strings.Repeat("x", 30) + `"}`, `[{"op":"copy","from":"/a","path":"/b"},{"op":"copy","from":"/b","path":"/c"}]`, `/1/from size: More than 50 bytes would be copied.`},
		// test
		{`{"a":{"x":[1,{"y":"é"}],"z":null}}`, `[{"op":"test","path":"/a","value":{"z":null,"x":[1.0,{"y":"\u00e9"}]}},{"op":"remove","path":"/a/z"}]`, `{"a":{"x":[1,{"y":"é"}]}}`},
		{`[1e2,0,9007199254740993]`, `[{"op":"test","path":"","value":[100,-0,9007199254740993]}]`, `[1e2,0,9007199254740993]`},
		{`9007199254740993`, `[{"op":"test","path":"","value":9007199254740992}]`, `/0/value test: The value at "" is another one.`},
		{`{"a":[1,2]}`, `[{"op":"test","path":"/a","value":[2,1]}]`, `/0/value test: The value at "/a" is another one.`},
		{`{"a":1}`, `[{"op":"test","path":"","value":{"b":1}}]`, `/0/value test: The value at "" is another one.`},
		{`{"a":"1"}`, `[{"op":"test","path":"/a","value":1}]`, `/0/value test: The value at "/a" is another one.`},
		{`{"a":true}`, `[{"op":"test","path":"/a","value":false}]`, `/0/value test: The value at "/a" is another one.`},
		{`{}`, `[{"op":"test","path":"/a","value":null}]`, `/0/path unknown: There is nothing at "/a".`},
		// members that mean nothing to an operation are ignored
		{`{"a":1}`, `[{"op":"remove","path":"/a","from":5,"value":6,"why":7}]`, `{}`},
	} {
		if got := apply(t, c.doc, c.patch); got != c.want {
			t.Errorf("%s\nof %s is\n%s\nand not\n%s", c.patch, c.doc, got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	const long = `{"op":"test","path":"","value":1},`
	for patch, want := range map[string]string{
		`null`: "no patch", `{}`: "no patch", `"x"`: "no patch",
		`[` + strings.Repeat(long, 10) + `{"op":"remove","path":""}]`: "no patch",
		`[1,null,[]]`: "/0 type, /1 type, /2 type",
		`[{}]`:        "/0/op required, /0/path required",
		`[{"op":"add","path":"/a"},{"op":"test","path":"/a"},{"op":"replace","path":"/a"}]`:                                    "/0/value required, /1/value required, /2/value required",
		`[{"op":"move","path":"/a"},{"op":"copy","path":"/a","from":1}]`:                                                       "/0/from required, /1/from type",
		`[{"op":"","path":""},{"op":5,"path":5},{"op":"increase","path":""}]`:                                                  "/0/op blank, /1/op type, /1/path type, /2/op in",
		`[{"op":"remove","path":"a"},{"op":"remove","path":"/~"},{"op":"remove","path":"/~2"},{"op":"remove","path":"/a~0~"}]`: "/0/path invalid, /1/path invalid, /2/path invalid, /3/path invalid",
	} {
		if got := apply(t, `{}`, patch); got != want {
			t.Errorf("%s: %s, want %s", patch, got, want)
		}
	}
}

// nested are arrays inside of each other, and the path of the innermost one.
func nested(levels int, inside string) (text, path string) {
	return strings.Repeat("[", levels) + inside + strings.Repeat("]", levels), strings.Repeat("/0", levels-1)
}

// What is deep is copied once and not again and again.
func TestApplyDeep(t *testing.T) {
	t.Parallel()
	doc, path := nested(150, "")
	copied := `{"op":"copy","from":"","path":"` + path + `/-"}`
	ops, problems := jsonpatch.Parse([]byte(`[`+copied+`,`+copied+`]`), 10)
	if problems != nil {
		t.Fatal(problems)
	}
	out, problem, err := jsonpatch.Apply([]byte(doc), ops[:1], 1000)
	if want, _ := nested(300, ""); err != nil || problem != nil || string(out) != want {
		t.Errorf("once: %s, %v, %v", out, problem, err)
	}
	_, problem, err = jsonpatch.Apply([]byte(doc), ops, 1000)
	if err != nil || problem == nil || *problem.Pointer != "/1/from" || problem.Name != "size" || string(problem.Max) != "200" {
		t.Errorf("again: %+v, %v", problem, err)
	}
}

// What lies deep is not copied for each level above it, and steps of a path cost little.
// It is not parallel, so nobody else allocates.
func TestCost(t *testing.T) {
	doc, path := nested(200, `"`+strings.Repeat("x", 1<<20)+`"`)
	ops, _ := jsonpatch.Parse([]byte(`[{"op":"test","path":"`+path+`/0","value":1}]`), 10)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, problem, err := jsonpatch.Apply([]byte(doc), ops, 0)
	runtime.ReadMemStats(&after)
	if err != nil || problem == nil || problem.Name != "test" {
		t.Errorf("%+v, %v", problem, err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 10*uint64(len(doc)) {
		t.Errorf("a document of %d bytes took %d", len(doc), n)
	}
	const steps = 10_000
	patch := []byte(`[{"op":"remove","path":"` + strings.Repeat("/a", steps) + `"}]`)
	if n := testing.AllocsPerRun(1, func() { jsonpatch.Parse(patch, 10) }); n > steps/10 {
		t.Errorf("a path of %d steps took %v allocations", steps, n)
	}
}

// FuzzApply makes sure that no patch of any document panics or makes what is no JSON.
func FuzzApply(f *testing.F) {
	f.Add(`{"a":[1,{"b":"c"}],"d":{}}`, `[{"op":"copy","from":"/a","path":"/d/e"},{"op":"test","path":"/a/1","value":{"b":"c"}},{"op":"move","from":"/a/1/b","path":"/a/0"}]`)
	f.Fuzz(func(t *testing.T, doc, patch string) {
		if !json.Valid([]byte(doc)) || !json.Valid([]byte(patch)) {
			return
		}
		apply(t, doc, patch)
	})
}
