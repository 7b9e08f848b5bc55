package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/store/pgtest"
)

// TestTwoServersOneDatabase: what one server is told, the other knows a moment
// later.
func TestTwoServersOneDatabase(t *testing.T) {
	t.Parallel()
	env := []string{
		"TYPECASE_DATABASE=" + pgtest.URL(t), "TYPECASE_SECRET=" + strings.Repeat("shared secret ", 3), "TYPECASE_BOOTSTRAP_TOKEN=CFPAT-owner",
	}
	first := append([]string{"TYPECASE_DATA=" + t.TempDir()}, env...)
	second := append([]string{"TYPECASE_DATA=" + t.TempDir()}, env...)
	a, b := start(t, "Trust", first, "serve"), start(t, "Trust", second, "serve")

	must(t, first, "space", "create", "--id=s1", "--name=One")
	must(t, first, "space", "key", "create", "--space=s1", "--value=reader")
	await(t, http.StatusOK, b.plain+"/spaces/s1/locales", "reader")

	environment := "/spaces/s1/environments/master"
	if status, body := fetch(t, http.MethodPut, a.plain+environment+"/content_types/post", "CFPAT-owner", `{"name":"Post","fields":[]}`); status != http.StatusCreated {
		t.Fatalf("%d %v", status, body)
	}
	// Management reads its own writes through any server, at once.
	expect(t, http.StatusOK, b.plain+environment+"/content_types/post", "CFPAT-owner")

	must(t, second, "space", "delete", "s1")
	await(t, http.StatusUnauthorized, a.plain+"/spaces/s1", "reader")
	a.stop(t)
	b.stop(t)
}

// await repeats a GET until its status is as wanted.
func await(t *testing.T, want int, url, token string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		status, body := fetch(t, http.MethodGet, url, token, "")
		if status == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET %s: status %d, want %d: %v", url, status, want, body)
		}
	}
}
