package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/httpapi/errorpage"
)

func explain(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"explain"}, args...), nil, &out, &err)
	return out.String(), err.String(), code
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"InvalidEntryError", "InvalidEntry", "invalidentry"} {
		out, stderr, code := explain(t, name)
		if code != 0 || stderr != "" {
			t.Fatalf("%s: exit code %d: %s", name, code, stderr)
		}
		for _, want := range []string{
			"InvalidEntryError (InvalidEntry): 422 Unprocessable Entity\n", "get the id InvalidEntry.", "\nUsual causes\n  - ", "\nHow to fix it\n  - ",
			"\nAnswer to plain clients: 422 ", `"id": "InvalidEntryError"`, `"documentationUrl": "http://127.0.0.1:8080/errors/InvalidEntry"`,
			"\nWhat clients show\n  - JavaScript: ",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", name, want, out)
			}
		}
	}
	out, _, code := explain(t, "409")
	if code != 0 || !strings.Contains(out, "VersionMismatchError (VersionMismatch): 409 ") || !strings.Contains(out, "VersionMismatchError (Conflict): 409 ") {
		t.Errorf("409: exit code %d\n%s", code, out)
	}
}

func TestExplainJSON(t *testing.T) {
	t.Parallel()
	out, _, code := explain(t, "AccessDeniedError", "--json", "--public-url=https://cms.example.com/")
	var entries []errorpage.Entry
	if err := json.Unmarshal([]byte(out), &entries); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v:\n%s", code, err, out)
	}
	hibernated := slices.IndexFunc(entries, func(e errorpage.Entry) bool { return e.Kind == "Hibernated" })
	if hibernated < 0 || entries[hibernated].Status != 502 || entries[hibernated].URL != "https://cms.example.com/errors/Hibernated" {
		t.Errorf("%s", out)
	}
}

func TestExplainUnknown(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"VersionMissmatch"}, {"VersionMissmatch", "--json"}} {
		out, stderr, code := explain(t, args...)
		if code != exitFailure || out != "" || !strings.Contains(stderr, `no error "VersionMissmatch"`) || !strings.Contains(stderr, "VersionMismatch, VersionMismatchError") {
			t.Errorf("exit code %d, %q, %q", code, out, stderr)
		}
	}
	if _, _, code := explain(t); code != exitUsage {
		t.Errorf("without a name: exit code %d", code)
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"http://localhost:9000/errors/Timeout":  {"--http=:9000"},
		"https://127.0.0.1:9443/errors/Timeout": {"--http=off", "--https=127.0.0.1:9443"},
	} {
		if out, _, _ := explain(t, append(args, "Timeout")...); !strings.Contains(out, want) {
			t.Errorf("%v: no %s in\n%s", args, want, out)
		}
	}
}
