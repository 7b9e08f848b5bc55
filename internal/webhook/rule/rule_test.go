package rule

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTopics(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]struct {
		problem string // part of it
		likely  []string
	}{
		"*.*": {}, "Entry.*": {}, "*.publish": {}, "Entry.auto_save": {}, "Workflow.complete": {}, "*.execute": {}, "EnvironmentAlias.create": {},
		"":              {"A topic is a type and an action", nil},
		"Entry":         {"A topic is a type and an action", nil},
		".publish":      {"A topic is a type and an action", nil},
		"Entry.":        {"A topic is a type and an action", nil},
		"entry.publish": {`There is no type of resource "entry"`, []string{"Entry.publish"}},
		"Entri.publish": {`There is no type of resource "Entri"`, []string{"Entry.publish"}},
		"Space.create":  {`There is no type of resource "Space"`, nil},
		"Entry.Publish": {`has the action "Publish"`, []string{"Entry.publish"}},
		"Entry.publsh":  {`has the action "publsh"`, []string{"Entry.publish"}},
		"Task.publish":  {`Nothing of the type "Task" has the action "publish"`, nil},
		"*.explode":     {`has the action "explode"`, nil},
		"Entry.a.b":     {`has the action "a.b"`, nil},
	} {
		problem, likely := CheckTopic(topic)
		if (problem == "") != (want.problem == "") || !strings.Contains(problem, want.problem) {
			t.Errorf("%q: %q", topic, problem)
		}
		if want.likely != nil && (len(likely) == 0 || likely[0] != want.likely[0]) {
			t.Errorf("%q: likely %q", topic, likely)
		}
	}
	for _, tt := range []struct {
		topics string
		want   bool
	}{
		{"*.*", true}, {"Entry.*", true}, {"*.save", true}, {"Entry.save", true}, {"Asset.* Entry.save", true},
		{"Asset.*", false}, {"*.publish", false}, {"Entry.auto_save", false}, {"", false},
	} {
		if got := Wants(strings.Fields(tt.topics), "Entry", "save"); got != tt.want {
			t.Errorf("%q wants Entry.save: %v", tt.topics, got)
		}
	}
	if !IsEvent("Entry", "publish") || IsEvent("Entry", "execute") || IsEvent("Upload", "create") {
		t.Error("events")
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	entry := Event{ID: "a1", Environments: []string{"2026", "master"}, ContentType: "post", CreatedBy: "ann", UpdatedBy: "bob"}
	deleted := Event{ID: "a1", Environments: []string{"staging"}, ContentType: "post", DeletedBy: "cat"}
	alias := Event{ID: "live"}
	for _, tt := range []struct {
		filters                string
		entry, deleted, alias_ bool
	}{
		{`null`, true, false, true},
		{``, true, false, true},
		{`[]`, true, true, true},
		{`[{"equals":[{"doc":"sys.environment.sys.id"},"staging"]}]`, false, true, false},
		{`[{"equals":[{"doc":"sys.environment.sys.id"},"2026"]}]`, true, false, false},
		{`[{"not":{"equals":[{"doc":"sys.environment.sys.id"},"master"]}}]`, false, true, true},
		{`[{"in":[{"doc":"sys.id"},["a1","b2"]]}]`, true, true, false},
		{`[{"in":[{"doc":"sys.id"},[]]}]`, false, false, false},
		{`[{"regexp":[{"doc":"sys.contentType.sys.id"},{"pattern":"^po"}]}]`, true, true, false},
		{`[{"not":{"regexp":[{"doc":"sys.contentType.sys.id"},{"pattern":"."}]}}]`, false, false, true},
		{`[{"equals":[{"doc":"sys.deletedBy.sys.id"},"cat"]}]`, false, true, false},
		{`[{"equals":[{"doc":"sys.createdBy.sys.id"},"ann"]},{"equals":[{"doc":"sys.updatedBy.sys.id"},"bob"]}]`, true, false, false},
		{`[{"equals":[{"doc":"sys.id"},"a1"]},{"equals":[{"doc":"sys.id"},"b2"]}]`, false, false, false},
		{`[{"regexp":[{"doc":"sys.id"},{"pattern":""}]}]`, true, true, true},
	} {
		f, err := ParseFilters(json.RawMessage(tt.filters))
		if tt.filters == "" {
			f, err = ParseFilters(nil)
		}
		if err != nil {
			t.Errorf("%s: %v", tt.filters, err)
		}
		for what, got := range map[string]struct{ got, want bool }{"entry": {f.Pass(entry), tt.entry}, "deleted": {f.Pass(deleted), tt.deleted}, "alias": {f.Pass(alias), tt.alias_}} {
			if got.got != got.want {
				t.Errorf("%s on %s: %v", tt.filters, what, got.got)
			}
		}
	}
}

func TestFiltersRefused(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{}`:                                   "filters are a list",
		`"x"`:                                  "filters are a list",
		`[1]`:                                  "A filter is",
		`[{}]`:                                 "A filter is",
		`[{"like":[{"doc":"sys.id"},"x"]}]`:    "A filter is",
		`[{"equals":[{"doc":"sys.id"},7]}]`:    "A filter is",
		`[{"equals":[{"doc":"sys.id"},null]}]`: "A filter is",
		`[{"equals":[{"doc":"sys.id"}]}]`:      "A filter is",
		`[{"in":[{"doc":"sys.id"},"x"]}]`:      "A filter is",
		`[{"regexp":[{"doc":"sys.id"},"x"]}]`:  "A filter is",
		`[{"not":{"not":{"equals":[{"doc":"sys.id"},"x"]}}}]`:                             "A filter is",
		`[{"equals":[{"doc":"fields.title"},"x"]}]`:                                       `No filter looks at "fields.title". There are sys.contentType.sys.id, `,
		`[{"regexp":[{"doc":"sys.id"},{"pattern":"(?=x)"}]}]`:                             "invalid or unsupported Perl syntax: `(?=`.",
		`[{"regexp":[{"doc":"sys.id"},{"pattern":"` + strings.Repeat("a", 1001) + `"}]}]`: "more than 1000 characters",
	} {
		_, err := ParseFilters(json.RawMessage(raw))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v", raw, err)
		}
	}
	_, err := ParseFilters(json.RawMessage(`[1,{"equals":[{"doc":"sys.id"},"x"]},2]`))
	if list := FilterErrors(err); len(list) != 2 || list[0].Index != 0 || list[1].Index != 2 || !strings.Contains(err.Error(), "filter 2") {
		t.Errorf("two problems: %v", err)
	}
}

const payload = `{"sys":{"id":"a1","version":3,"a/b":"slash","m~n":"tilde"},"fields":{"title":{"en-US":"Hello & <you>"},"tags":{"en-US":["x","y"]},"none":null,"big":12345678901234567890}}`

func context(t testing.TB) *Context {
	t.Helper()
	return NewContext("ContentManagement.Entry.publish", []byte(payload))
}

func TestFill(t *testing.T) {
	t.Parallel()
	c := context(t)
	for template, want := range map[string]string{
		"https://example.org/{ /payload/sys/id }/x": "https://example.org/a1/x",
		"{/payload/sys/id}{ /payload/sys/version }": "a13",
		"{ /topic }":                      "ContentManagement.Entry.publish",
		"{ /payload/sys/a~1b }":           "slash",
		"{ /payload/sys/m~0n }":           "tilde",
		"{ /payload/fields/tags/en-US }":  `["x","y"]`,
		"{ /payload/fields/tags/en-US/1}": "y",
		"[{ /payload/fields/tags/en-US/2 }{ /payload/fields/tags/en-US/01 }{ /payload/fields/none }{ /payload/sys/id/x }{ /nothing }]": "[]",
		"{ /payload/fields/big }": "12345678901234567890",
		"{ payload/sys/id }":      "{ payload/sys/id }",
		"{ /payload":              "{ /payload",
		"{}":                      "{}",
		"no placeholder":          "no placeholder",
	} {
		if got := c.Fill(template, nil); got != want {
			t.Errorf("%s: %s, want %s", template, got, want)
		}
	}
	if got := c.Fill("x={ /payload/fields/title/en-US }", strings.ToUpper); got != "x=HELLO & <YOU>" {
		t.Error(got)
	}
	if got := c.Fill(strings.Repeat("{ /payload }", 1_000_000), nil); len(got) != MaxBody+1 {
		t.Errorf("%d bytes", len(got))
	}
	broken := NewContext("", []byte(`{"sys":`))
	if broken.Fill("nothing", nil); broken.Err() != nil {
		t.Errorf("a payload that nothing points into: %v", broken.Err())
	}
	if got := broken.Fill("{ /payload/sys/id }", nil); got != "" || broken.Err() == nil {
		t.Errorf("a payload that is no JSON: %q, %v", got, broken.Err())
	}
}

func TestTransformation(t *testing.T) {
	t.Parallel()
	c := context(t)
	for _, tt := range []struct{ transformation, want string }{
		{`null`, payload},
		{`{}`, payload},
		{`{"method":"PUT","contentType":"application/json"}`, payload},
		{`{"body":{"z":"{ /payload/sys/version }","a":["{ /payload/fields/tags/en-US }",1,true,null,"v{ /payload/sys/version }"],"{ /topic }":"{ /missing }","t":"{ /payload/fields/title/en-US }"}}`,
			`{"z":3,"a":[["x","y"],1,true,null,"v3"],"{ /topic }":null,"t":"Hello & <you>"}`},
		{`{"body":"{ /payload/sys/id }"}`, `"a1"`},
		{`{"body":null}`, `null`},
		{`{"body":{}}`, `{}`},
		{`{"contentType":"application/x-www-form-urlencoded","body":{"id":"{ /payload/sys/id }","a":{"b":[1,"x y"]},"n":null}}`, `a%5Bb%5D%5B0%5D=1&a%5Bb%5D%5B1%5D=x+y&id=a1&n=`},
		{`{"contentType":"application/x-www-form-urlencoded; charset=utf-8","body":"a&b"}`, `a%26b`},
		{`{"method":"GET","body":{"x":1}}`, ``},
		{`{"method":"DELETE"}`, ``},
	} {
		tr, err := ParseTransformation(json.RawMessage(tt.transformation))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tr.Apply(c, []byte(payload))
		if err != nil {
			t.Errorf("%s: %v", tt.transformation, err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s: %s", tt.transformation, diff)
		}
	}
	bomb := Transformation{Method: "POST", ContentType: ContentTypes[0], Body: json.RawMessage(`["` + strings.Repeat(`{ /payload } `, 100_000) + `","x"]`)}
	if _, err := bomb.Apply(c, []byte(payload)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a body that grows: %v", err)
	}
	for _, raw := range []string{`{"method":"HEAD"}`, `{"contentType":"text/plain"}`, `[]`, `{"method":1}`} {
		if _, err := ParseTransformation(json.RawMessage(raw)); err == nil {
			t.Errorf("%s is accepted", raw)
		}
	}
}

// Whatever is stored as a filter or a transformation, reading and applying it
// ends, and what comes out is JSON.
func FuzzDefinition(f *testing.F) {
	f.Add(`[{"not":{"regexp":[{"doc":"sys.id"},{"pattern":"^a"}]}}]`, `{"body":{"a":["{ /payload/sys/id }","x{ /topic }"]}}`)
	f.Add(`null`, `{"contentType":"application/x-www-form-urlencoded","body":{"a":[1]}}`)
	f.Add(`[{"in":[{"doc":"sys.environment.sys.id"},["a"]]}]`, `{"method":"GET"}`)
	f.Fuzz(func(t *testing.T, filters, transformation string) {
		c := context(t)
		e := Event{ID: "a1", Environments: []string{"master"}}
		if fs, err := ParseFilters(json.RawMessage(filters)); err == nil {
			fs.Pass(e)
		}
		tr, err := ParseTransformation(json.RawMessage(transformation))
		if err != nil {
			return
		}
		body, err := tr.Apply(c, []byte(payload))
		if err != nil || tr.Bodiless() || strings.HasPrefix(tr.ContentType, form) {
			return
		}
		if !json.Valid(body) {
			t.Errorf("not JSON: %s", body)
		}
		c.Fill(filters, nil)
	})
}
