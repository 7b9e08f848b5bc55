package httpapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		header string
		v      int
		sent   bool
		bad    bool
	}{
		{"", 0, false, false},
		{"0", 0, true, false},
		{"7", 7, true, false},
		{"-1", -1, true, false},
		{"99999999999999999999", math.MaxInt, true, false},
		{"-99999999999999999999", math.MinInt, true, false},
		{"1.0", 0, false, true},
		{"NaN", 0, false, true},
		{"undefined", 0, false, true},
		{"1 ", 0, false, true},
	} {
		r, err := http.NewRequest("PUT", "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Contentful-Version", tt.header)
		v, sent, err := (&httpapi.Call{Request: r}).Version()
		if v != tt.v || sent != tt.sent || fault.Is(err, fault.BadRequest) != tt.bad || (err != nil) != tt.bad {
			t.Errorf("%q: %d %v %v", tt.header, v, sent, err)
		}
	}
}

type base struct {
	ID string `json:"id"`
}

type upper string

// UnmarshalJSON accepts strings that are not empty.
func (u *upper) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" {
		return fault.New(fault.MissingKey, "empty")
	}
	*u = upper(strings.ToUpper(s))
	return nil
}

type body struct {
	base
	Name     string           `json:"name"`
	Text     *string          `json:"text"`
	Count    int              `json:"count"`
	Small    int8             `json:"small"`
	Ratio    float64          `json:"ratio"`
	On       bool             `json:"on,omitempty"`
	Link     *cms.Link        `json:"link"`
	List     []base           `json:"list"`
	Values   map[string][]int `json:"values"`
	Raw      json.RawMessage  `json:"raw"`
	Any      any              `json:"any"`
	Type     cms.FieldType    `json:"type"`
	Rules    []cms.Validation `json:"rules"`
	Upper    upper            `json:"upper"`
	Hidden   string           `json:"-"`
	Untagged string
}

func decode(s string) (body, error) {
	b := body{Name: "before", Text: new(string)}
	c := &httpapi.Call{}
	if s != "" {
		c.Body = []byte(s)
	}
	err := c.Decode(&b)
	return b, err
}

func TestDecode(t *testing.T) {
	t.Parallel()
	text := "t"
	for _, tt := range []struct {
		name, json string
		want       body
	}{
		{"no body", "", body{Name: "before", Text: new(string)}},
		{"empty", "{}", body{Name: "before", Text: new(string)}},
		{"other members", `{"sys":{"id":1},"-":1,"Hidden":"x"}`, body{Name: "before", Text: new(string)}},
		{"names in other case", `{"Name":"x","COUNT":"x","untagged":1}`, body{Name: "before", Text: new(string)}},
		{"everything", `{"id":"i","name":"n","text":"t","count":-7,"small":127,"ratio":1.5,"on":true,
			"link":{"sys":{"type":"Link","linkType":"Entry","id":"e"}},"list":[{"id":"1"},{"id":"2"}],
			"values":{"a":[1,2],"b":null},"raw":{"n":1.50},"any":[1],"type":"Symbol",
			"rules":[{"size":{"max":3}}],"upper":"up","Untagged":"u"}`,
			body{base{"i"}, "n", &text, -7, 127, 1.5, true, &cms.Link{Sys: cms.LinkSys{Type: "Link", LinkType: "Entry", ID: "e"}},
				[]base{{"1"}, {"2"}}, map[string][]int{"a": {1, 2}, "b": nil}, json.RawMessage(`{"n":1.50}`), []any{1.0}, cms.Symbol,
				[]cms.Validation{{"size": json.RawMessage(`{"max":3}`)}}, "UP", "", "u"}},
		{"null", `{"name":null,"text":null,"count":null,"link":null,"list":null,"values":null,"raw":null,"any":null}`,
			body{Name: "before", Raw: json.RawMessage("null")}},
		{"whole numbers in other forms", `{"count":2.0,"small":1e2}`, body{Name: "before", Text: new(string), Count: 2, Small: 100}},
		{"exact numbers", `{"count":9007199254740993}`, body{Name: "before", Text: new(string), Count: 9007199254740993}},
	} {
		got, err := decode(tt.json)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(body{})); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
		}
	}
}

func TestDecodeWrongTypes(t *testing.T) {
	t.Parallel()
	_, err := decode(`{"name":1,"text":[],"count":1.5,"small":128,"ratio":"1","on":"true","link":{"sys":[]},
		"list":[{"id":"1"},{"id":2},3],"values":{"b":{},"a":[1,"2"]},"type":false,"rules":[1],"upper":2}`)
	problem := func(typ, value, property string, path ...any) fault.Detail {
		return fault.Detail{
			Name: "type", Path: path, Type: typ, Value: json.RawMessage(value),
			Details: fmt.Sprintf("The type of %q is incorrect, expected type: %s", property, typ),
		}
	}
	want := []fault.Detail{
		problem("String", "1", "name", "name"),
		problem("String", "[]", "text", "text"),
		problem("Integer", "1.5", "count", "count"),
		problem("Integer", "128", "small", "small"),
		problem("Number", `"1"`, "ratio", "ratio"),
		problem("Boolean", `"true"`, "on", "on"),
		problem("Object", "[]", "sys", "link", "sys"),
		problem("String", "2", "id", "list", 1, "id"),
		problem("Object", "3", "2", "list", 2),
		problem("Integer", `"2"`, "1", "values", "a", 1),
		problem("Array", "{}", "b", "values", "b"),
		problem("String", "false", "type", "type"),
		problem("Object", "1", "0", "rules", 0),
		problem("String", "2", "upper", "upper"),
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.ValidationFailed {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(want, f.Details.Errors); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeLimits(t *testing.T) {
	t.Parallel()
	problems := func(json string) []fault.Detail {
		_, err := decode(json)
		if !fault.Is(err, fault.ValidationFailed) {
			t.Fatalf("got %v", err)
		}
		return fault.Of(err).Details.Errors
	}
	if p := problems(`[1]`); len(p) != 1 || len(p[0].Path) != 0 || p[0].Details != `The type of "value" is incorrect, expected type: Object` {
		t.Errorf("a body of the wrong type: %+v", p)
	}
	if p := problems(`{"list":[` + strings.Repeat("1,", 5000) + `1]}`); len(p) != 100 {
		t.Errorf("%d problems", len(p))
	}
	if _, err := decode(`{"upper":""}`); !fault.Is(err, fault.MissingKey) {
		t.Errorf("a type's own fault: %v", err)
	}
	if err := (&httpapi.Call{Body: []byte("{}")}).Decode(body{}); !fault.Is(err, fault.ServerError) {
		t.Errorf("no pointer: %v", err)
	}
}
