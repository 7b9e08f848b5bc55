package httpapi_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/httpapi"
)

func TestBody(t *testing.T) {
	t.Parallel()
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct{ name, body, want string }{
		{"object", `{"fields":{"title":{"en-US":"x"}}}`, `{"fields":{"title":{"en-US":"x"}}}`},
		{"spaces stay", `{ "a" : [ 1 , 2 ] }`, `{ "a" : [ 1 , 2 ] }`},
		{"space around goes", " \r\n{}\t", `{}`},
		{"numbers stay exact", `{"n":9007199254740993,"f":1.50,"e":1E400}`, `{"n":9007199254740993,"f":1.50,"e":1E400}`},
		{"nothing", ``, `null`},
		{"null", ` null `, `null`},
		{"string", `"x"`, `"x"`},
		{"nothing but space is not JSON", ` `, ``},
		{"last of equal names wins", `{"a":{"x":1},"b":1.50,"a":{"y":9007199254740993}}`, `{"a":{"y":9007199254740993},"b":1.50}`},
		{"equal names in disguise", `[{"a":1,"\u0061":"<2>"}]`, `[{"a":"<2>"}]`},
		{"equal names deep inside", `{"a":[{"b":{"\"":1,"c":2,"\"":3}}]}`, `{"a":[{"b":{"\"":3,"c":2}}]}`},
		{"equal names side by side", `[{"a":1},{"a":2},{"a":{"a":3}}]`, `[{"a":1},{"a":2},{"a":{"a":3}}]`},
		{"many names", `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10}`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10}`},
		{"the first of many names again", `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"a":10}`, `{"a":10,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}`},
		{"the last of many names again", `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"j":11}`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":11}`},
		{"names that end in escapes", `{"a\\":1,"a\\\"":2,"a":"\\\\","a\"":"\\\"","":"\""}`, `{"a\\":1,"a\\\"":2,"a":"\\\\","a\"":"\\\"","":"\""}`},
		{"equal names that end in escapes", `{"a\\":1,"a\u005c":2}`, `{"a\\":2}`},
		{"empty names", `{"":1}`, `{"":1}`},
		{"depth 200", nested(200), nested(200)},
		{"depth 201", nested(201), ``},
		{"objects of depth 201", strings.Repeat(`{"a":`, 201) + "1" + strings.Repeat("}", 201), ``},
		{"very deep", nested(100_000), ``},
		{"cut short", `{"a":`, ``},
		{"trailing brace", `{}}`, ``},
		{"two values", `{} {}`, ``},
		{"comma too many", `[1,]`, ``},
		{"byte order mark", "\uFEFF{}", ``},
		{"not UTF-8", "{\"a\":\"\xff\"}", ``},
		{"form", `a=b`, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newEdge(echo).do("PUT", mine+"/entries/e1", tt.body)
			if tt.want == "" {
				wantError(t, w, 400, "BadRequestError")
				if m := errorOf(t, w).Message; !strings.HasPrefix(m, "Invalid JSON in request body: ") || len(m) > 300 || !utf8.ValidString(m) {
					t.Errorf("message %q", m)
				}
				return
			}
			var got seen
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			// the answer is compact where the body was not
			if want := compact(t, tt.want); string(got.Body) != want {
				t.Errorf("the handler got %s, want %s", got.Body, want)
			}
		})
	}
}

func compact(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(json.RawMessage(s))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(b))
}

func TestInvalidJSONShowsTheBody(t *testing.T) {
	t.Parallel()
	e := newEdge(echo)
	got := errorOf(t, e.do("PUT", mine+"/entries/e1", `{"title":"Lamp"`)).Message
	if want := `Invalid JSON in request body: {"title":"Lamp" (unexpected end of JSON input, at byte 15)`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = errorOf(t, e.do("PUT", mine+"/entries/e1", `"`+strings.Repeat("ä", 100))).Message
	if want := `Invalid JSON in request body: "` + strings.Repeat("ä", 59) + "… (unexpected end of JSON input, at byte 201)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMediaType(t *testing.T) {
	t.Parallel()
	entry := mine + "/entries/e1"
	for _, tt := range []struct {
		method, target, contentType, body string
		ok                                bool
	}{
		{"PUT", entry, management, "{}", true},
		{"PUT", entry, delivery, "{}", true},
		{"PUT", entry, "application/json", "{}", true},
		{"PUT", entry, "Application/JSON; charset=utf-8", "{}", true},
		{"PUT", entry, management + "; charset=UTF-8", "{}", true},
		{"PUT", entry, "application/json; charset", "{}", true},
		{"PUT", entry, "", "{}", true},
		{"PUT", entry, "text/plain", "", true}, // nothing is of no type
		{"PUT", entry, "text/plain", "{}", false},
		{"PUT", entry, "application/x-www-form-urlencoded", "{}", false},
		{"PUT", entry, "application/json-patch+json", "{}", false},
		{"PUT", entry, "/", "{}", false},
		{"PATCH", entry, "application/json-patch+json", "[]", true},
		{"PATCH", entry, "application/json-patch+json; charset=utf-8", "[]", true},
		{"PATCH", entry, "", "[]", true},
		{"PATCH", entry, management, "[]", false},
		{"PATCH", entry, "application/json", "[]", false},
		{"GET", entry, "text/plain", "x", true},
		{"DELETE", entry, "text/plain", "x", true},
		{"PUT", entry + "/published", "text/plain", "not looked at", true},
		{"POST", mine + "/uploads", "image/png", "\x89PNG", true},
		{"POST", mine + "/uploads", "application/octet-stream", "", true},
	} {
		w := newEdge(echo).do(tt.method, tt.target, tt.body, "Content-Type", tt.contentType)
		if tt.ok && w.Code >= 300 {
			t.Errorf("%s %s: %d %s", tt.method, tt.contentType, w.Code, w.Body)
		}
		if !tt.ok {
			wantError(t, w, 415, "UnsupportedMediaType")
		}
	}
}

func TestBodySize(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, func(o *httpapi.Options) { o.MaxBody = 100 })
	entry := mine + "/entries/e1"
	exactly := `"` + strings.Repeat("x", 98) + `"`
	for _, target := range []string{entry, entry + "/published"} {
		if w := e.do("PUT", target, exactly); w.Code != 200 {
			t.Errorf("%s: at the limit: %d", target, w.Code)
		}
		wantError(t, e.do("PUT", target, exactly+" "), 413, "BodyTooLarge")
		endless := request("PUT", target, "")
		endless.ContentLength, endless.Body = -1, io.NopCloser(strings.NewReader(strings.Repeat(" ", 1000)))
		wantError(t, e.send(endless), 413, "BodyTooLarge")
	}
	broken := request("PUT", entry, "")
	broken.ContentLength, broken.Body = -1, io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
	wantError(t, e.send(broken), 400, "BadRequestError")
	if w := newEdge(echo).do("PUT", entry, `"`+strings.Repeat("x", 1<<20-2)+`"`); w.Code != 200 {
		t.Errorf("1 MiB: %d", w.Code)
	}
	wantError(t, newEdge(echo).do("PUT", entry, `"`+strings.Repeat("x", 1<<20-1)+`"`), 413, "BodyTooLarge")
}
