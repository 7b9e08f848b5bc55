package authoring

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestUploadExpiry(t *testing.T) {
	t.Parallel()
	for now, want := range map[string]string{
		"2026-03-01T00:00:00Z":          "2026-03-02T00:00:00Z",
		"2026-03-01T00:00:00.001Z":      "2026-03-03T00:00:00Z",
		"2026-03-01T10:30:00Z":          "2026-03-03T00:00:00Z",
		"2026-03-01T23:59:59.999Z":      "2026-03-03T00:00:00Z",
		"2026-03-01T23:30:00.000-05:00": "2026-03-04T00:00:00Z",
		"2026-12-30T12:00:00.000+00:00": "2027-01-01T00:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := uploadExpiry(at).Format(time.RFC3339); got != want {
			t.Errorf("an upload of %s expires at %s, want %s", now, got, want)
		}
	}
}

func TestUnquoteUpload(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", quotedUploadLimit)
	for _, tt := range []struct{ name, body, want string }{
		{"a string", `"caf\u00e9\n\"x\""`, "café\n\"x\""},
		{"an empty string", `""`, ""},
		{"an object", `{"a":"b"}`, `{"a":"b"}`},
		{"two values", `"a" "b"`, `"a" "b"`},
		{"an open string", `"abc`, `"abc`},
		{"nothing", ``, ``},
		{"a string that is too long", `"` + long + `" and more`, `"` + long + `" and more`},
	} {
		r, err := UnquoteUpload(strings.NewReader(tt.body))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %.40q, %v; want %.40q", tt.name, got, err, tt.want)
		}
	}

	broken := errors.New("connection broken")
	for _, head := range []string{"", `"abc`, `{"a"`} {
		r, err := UnquoteUpload(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)))
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, broken) {
			t.Errorf("broken after %q: %v", head, err)
		}
	}
}
