package journal_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/fault"
)

const (
	hidden = "xyzzy42"           // the value of a field
	token  = "delivery-key-1234" // of the request
)

// hide puts hidden in place of each text and number of a JSON value.
func hide(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = hide(v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = hide(v[i])
		}
		return v
	case nil, bool:
		return v
	default:
		return "before " + hidden + " after"
	}
}

// FuzzBody: whatever the fields of an entry hold, no value is kept, and what is
// kept is JSON; with values kept, no secret is.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"title":{"en-US":"a"}}`, `[1,2,{"a":null}]`, `"x"`, `{"x":{"sys":{"type":"Link","linkType":"Entry","id":"a"}}}`,
		`{"b":{"x":{"nodeType":"document","content":[{"nodeType":"text","value":"a"}]}}}`, `{"sys":{"sys":{"sys":{"a":1}}}}`,
		`{"name":"a","fields":{"name":"b"},"headers":[{"value":"c"}],"op":"x"}`, `{"password":{"a":["b"]},"myToken":1}`,
	} {
		f.Add(seed, "name")
	}
	f.Fuzz(func(t *testing.T, value, name string) {
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			return
		}
		v = hide(v)
		for where, body := range map[string]any{
			entryRoute:                         map[string]any{"fields": v, "sys": map[string]any{"id": "e1"}},
			inEnvironment + "/assets":          map[string]any{"fields": map[string]any{name: v}},
			inEnvironment + "/entries":         map[string]any{"x" + name: v},
			inEnvironment + "/assets/:id":      []any{map[string]any{"op": "add", "path": "/fields/a", "value": v}},
			inEnvironment + "/content_types":   map[string]any{"fields": []any{map[string]any{"id": "a", "defaultValue": v}}},
			"/spaces/:space/api_keys":          map[string]any{"accessToken": v, "description": v},
			inEnvironment + "/something/of/it": v,
		} {
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			got := cleaner(false).Body(where, raw)
			if !json.Valid(got) || len(got) > 40<<10 || strings.Contains(string(got), hidden) && !strings.Contains(name, hidden) {
				t.Errorf("%s: %s became %s", where, raw, got)
			}
		}
		raw, err := json.Marshal(map[string]any{"httpBasicPassword": v, "my_secret" + name: v, "headers": []any{v}, "name": "a " + token + " b" + name})
		if err != nil {
			t.Fatal(err)
		}
		got := cleaner(true).Body(webhookRoute, raw)
		if !json.Valid(got) || strings.Contains(string(got), hidden) && !strings.Contains(name, hidden) || strings.Contains(string(got), token) {
			t.Errorf("%s became %s", raw, got)
		}
	})
}

// FuzzTexts: whatever surrounds them, no token and no value is left in a query, a
// path or a text, and nothing that a terminal would obey in the first two.
func FuzzTexts(f *testing.F) {
	f.Add("content_type", "a b", "&limit=1")
	f.Add("fields.x[in]", "%", ";\x1b[31m")
	f.Add("access_token", "é", "=")
	f.Fuzz(func(t *testing.T, name, before, after string) {
		for what, got := range map[string]string{
			"query":         cleaner(false).Query(url.QueryEscape(name) + "=" + url.QueryEscape(before+token+after) + "&access_token=" + token),
			"field":         cleaner(false).Query("fields.a" + url.QueryEscape(name) + "=" + url.QueryEscape(before+hidden+after)),
			"sent as it is": cleaner(false).Query(name + "=" + before + token + "&access_token=" + token + after),
			"path":          cleaner(false).Path("/" + before + "/" + token + after),
		} {
			if strings.Contains(got, token) || strings.Contains(got, hidden) && !strings.Contains(name, hidden) {
				t.Errorf("%s: %q", what, got)
			}
			for _, r := range got {
				if r < ' ' || r >= 0x7f && r < 0xa0 {
					t.Errorf("%s: a control character in %q", what, got)
				}
			}
		}
		text := before + " " + hidden + " " + after
		message, details := cleaner(false).Error(text, "", &fault.Details{Errors: []fault.Detail{{Value: fault.Raw(hidden), Details: text}}})
		if message += details.Errors[0].Details + string(details.Errors[0].Value); strings.Contains(before+after, hidden) == false && strings.Contains(message, hidden) {
			t.Errorf("%q became %q", text, message)
		}
	})
}
