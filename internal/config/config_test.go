package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated page")

// parse reads a command line the way the program does.
func parse(t *testing.T, environ, args []string) (Config, []Setting, error) {
	t.Helper()
	var c Config
	s := NewSources(environ)
	k, err := kong.New(&c, append(s.Options(), kong.Exit(func(int) { t.Error("exit") }))...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := k.Parse(args)
	if err != nil {
		return c, nil, err
	}
	return c, s.Effective(ctx), nil
}

func file(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	f := file(t, "# a comment", "", "http = file:1", "https=file:2", " data = file-dir ", "index.memory = 1GiB")
	environ := []string{"HOME=/root", "TYPECASE_HTTP=env:1", "TYPECASE_HTTPS=env:2", "TYPECASE_LOG_LEVEL=", "TYPECASE_DOMAIN=a.example,b.example"}
	c, effective, err := parse(t, environ, []string{"--config", f, "--http=flag:1"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	want.File, want.HTTP, want.HTTPS, want.Data = f, "flag:1", "env:2", "file-dir"
	want.Domain, want.IndexMemory = []string{"a.example", "b.example"}, 1<<30
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	origins := map[string]string{}
	for _, e := range effective {
		origins[e.Name] = e.Origin + ": " + e.Value
	}
	for name, want := range map[string]string{
		"config":       "flag --config: " + f,
		"http":         "flag --http: flag:1",
		"https":        "environment TYPECASE_HTTPS: env:2",
		"domain":       "environment TYPECASE_DOMAIN: a.example,b.example",
		"data":         "file " + f + ":5: file-dir",
		"index.memory": "file " + f + ":6: 1GiB",
		"log.level":    "default: info",
	} {
		if origins[name] != want {
			t.Errorf("%s comes from %q, want %q", name, origins[name], want)
		}
	}
}

func TestFileNamedByEnvironment(t *testing.T) {
	t.Parallel()
	f := file(t, "errors.ids = short")
	c, _, err := parse(t, []string{"TYPECASE_CONFIG=" + f}, nil)
	if err != nil || c.ErrorIDs != "short" {
		t.Errorf("errors.ids = %q, %v", c.ErrorIDs, err)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		environ string
		file    string
		flag    string
		want    string
	}{
		{name: "unknown variable", environ: "TYPECASE_DATABSE=x", want: `unknown environment variable "TYPECASE_DATABSE"; the nearest known one is TYPECASE_DATABASE`},
		{name: "variable like no other", environ: "TYPECASE_PORT=x", want: `unknown environment variable "TYPECASE_PORT"; typecase serve --help lists all settings`},
		{name: "unknown key", file: "http = a:1\nerror.ids = short", want: `:2: unknown setting "error.ids"; the nearest known one is errors.ids`},
		{name: "unknown flag", flag: "--pubic-url=x", want: `did you mean "--public-url"`},
		{name: "file in the file", file: "config = other", want: `unknown setting "config"`},
		{name: "no equals sign", file: "http", want: ":1: not of the form name = value: http"},
		{name: "no value", file: "http =", want: ":1: http has no value"},
		{name: "twice", file: "http = a:1\nhttp = b:1", want: ":2: http is set in line 1 already"},
		{name: "not one of", environ: "TYPECASE_ERRORS_IDS=long", want: `--errors.ids must be one of "auto","documented","short"`},
		{name: "not a number", file: "rate.delivery = many", want: "--rate.delivery"},
		{name: "not a size", flag: "--limits.body=8MB", want: `"8MB" is not a size`},
		{name: "no size at all", flag: "--limits.body=0", want: `"0" is not a size`},
		{name: "not a duration", flag: "--hibernate.after=1d", want: `"1d" is not a duration`},
		{name: "not an address", flag: "--http=8080", want: `http: "8080" is not an address`},
		{name: "metrics nowhere", flag: "--metrics=9464", want: `metrics: "9464" is not an address`},
		{name: "nothing to serve", file: "http = off\nhttps = off", want: "nothing to serve"},
		{name: "not a database", flag: "--database=mysql://root:pa55@h/d", want: "database: not a URL such as postgres://"},
		{name: "short secret", flag: "--secret=pa55", want: "secret: shorter than 32 characters"},
		{name: "part of a second", flag: "--cache.shared=1500ms", want: "cache.shared: not a number of whole seconds"},
		{name: "negative rate", flag: "--rate.preview=-1", want: "rate.preview: less than 0"},
		{name: "not a host name", flag: "--domain=https://x", want: `domain: "https://x" is not a host name`},
		{name: "host name in capitals", flag: "--domain=Content.example", want: `domain: "Content.example" is not a host name in lower case`},
		{name: "public URL without scheme", flag: "--public-url=content.example.org", want: "public-url: "},
		{name: "no such file", flag: "--config=/nowhere/at/all", want: "settings file: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var environ, args []string
			if tc.environ != "" {
				environ = append(environ, tc.environ)
			}
			if tc.file != "" {
				args = append(args, "--config="+file(t, tc.file))
			}
			if tc.flag != "" {
				args = append(args, tc.flag)
			}
			_, _, err := parse(t, environ, args)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want an error with %q", err, tc.want)
			}
			if strings.Contains(err.Error(), "pa55") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	const pass = "pa55word-pa55word-pa55word-pa55word"
	c, effective, err := parse(t, nil, []string{
		"--secret=" + pass, "--bootstrap-token=CFPAT-" + pass,
		"--database=postgres://me:" + pass + "@db/name?sslmode=disable&password=" + pass})
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "secret", c.Secret)
	for how, text := range map[string]string{
		"effective": fmt.Sprint(effective), "%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c),
		"json": string(asJSON), "log": log.String(),
	} {
		if strings.Contains(text, "pa55") {
			t.Errorf("%s tells a secret: %s", how, text)
		}
	}
	if got := c.Database.String(); !strings.HasPrefix(got, "postgres://me:xxxxx@db/name?") || !strings.Contains(got, "sslmode=disable") {
		t.Errorf("database prints as %q", got)
	}
}

func TestValuesPrintAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Size{"1": 1, "512B": 512, "8KiB": 8 << 10, "64 MiB": 64 << 20, "3GiB": 3 << 30, "1536KiB": 1536 << 10} {
		var s, again Size
		if err := s.UnmarshalText([]byte(in)); err != nil || s != want {
			t.Errorf("%s is %d, %v; want %d", in, s, err, want)
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%d prints as %s, which is %d, %v", s, s, again, err)
		}
	}
	for in, want := range map[string]string{"60s": "1m", "90s": "1m30s", "1h": "1h", "1h0m5s": "1h0m5s", "0s": "0s", "10m": "10m", "20s": "20s"} {
		var d Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || d.String() != want {
			t.Errorf("%s prints as %s, %v; want %s", in, d, err, want)
		}
	}
	if d := Duration(time.Minute); d.String() != "1m" {
		t.Errorf("a minute prints as %s", d)
	}
}

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	const path = "../../docs/reference/settings.md"
	want, err := Reference()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the page is out of date; go test ./internal/config -update writes it (-want +got):\n%s", diff)
	}
}
