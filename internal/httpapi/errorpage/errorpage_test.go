package errorpage_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/errorpage"
)

var update = flag.Bool("update", false, "write the generated page")

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	const path = "../../../docs/reference/errors.md"
	want := errorpage.Reference()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the page is out of date; go test ./internal/httpapi/errorpage -update writes it (-want +got):\n%s", diff)
	}
}

func TestEveryKindIsExplained(t *testing.T) {
	t.Parallel()
	const base = "https://cms.example.com"
	entries := errorpage.Catalogue(base)
	if len(entries) != int(fault.NumKinds) {
		t.Fatalf("%d entries for %d kinds", len(entries), fault.NumKinds)
	}
	for i, e := range entries {
		if e.Kind != fault.Kind(i).String() || e.URL != base+"/errors/"+e.Kind {
			t.Errorf("entry %d is %s at %s", i, e.Kind, e.URL)
		}
		if e.Meaning == "" || len(e.Causes) == 0 || len(e.Fix) == 0 || len(e.Clients) == 0 || e.Example.Method == "" {
			t.Errorf("%s is not explained", e.Kind)
		}
		for j, want := range []struct {
			status int
			id     string
		}{{e.Status, e.ID}, {e.ShortStatus, e.ShortID}} {
			var body struct {
				Sys              struct{ ID string }
				DocumentationURL string
			}
			a := e.Example.Answers[j]
			if err := json.Unmarshal(a.Body, &body); err != nil {
				t.Fatal(err)
			}
			if a.Status != want.status || body.Sys.ID != want.id || body.DocumentationURL != e.URL {
				t.Errorf("%s: the answer to %s is %d %s", e.Kind, a.To, a.Status, a.Body)
			}
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for term, want := range map[string][]string{
		"VersionMismatchError": {"VersionMismatch", "Conflict"},
		"VersionMismatch":      {"VersionMismatch"},
		"versionmismatch":      {"VersionMismatch"},
		"UnknownQueryField":    {"UnknownQueryField"},
		"InvalidQuery":         {"InvalidQuery", "UnknownQueryField"},
		"404":                  {"NotFound", "UnknownRoute", "MissingOrganizationParameter"},
		"502":                  {"Hibernated"},
	} {
		entries, nearest := errorpage.Find(term, "")
		var got []string
		for _, e := range entries {
			got = append(got, e.Kind)
		}
		if diff := cmp.Diff(want, got); diff != "" || nearest != nil {
			t.Errorf("%s: %v (-want +got):\n%s", term, nearest, diff)
		}
	}
	for term, want := range map[string]string{"VersionMissmatch": "VersionMismatch", "not-found": "NotFound", "ratelimitexceded": "RateLimitExceeded"} {
		entries, nearest := errorpage.Find(term, "")
		if entries != nil || len(nearest) != 3 || nearest[0] != want {
			t.Errorf("%s: %v", term, nearest)
		}
	}
	for _, term := range []string{"", "200", strings.Repeat("é", 5000)} {
		if entries, nearest := errorpage.Find(term, ""); entries != nil || len(nearest) == 0 {
			t.Errorf("%.10q: %v %v", term, entries, nearest)
		}
	}
}

// server is the edge with the catalogue and an API that nobody gets into.
func server(public string) http.Handler {
	return httpapi.New(httpapi.Options{
		PublicURL: public,
		APIs:      []httpapi.API{{Name: "cma", Token: access.Management, ContentType: "application/json"}},
		Extra: []httpapi.Extra{
			{Prefix: httpapi.ErrorsPath, Handler: errorpage.New(public)},
			{Prefix: httpapi.ErrorsPath + "/", Handler: errorpage.New(public)},
		},
	})
}

func get(h http.Handler, method, target, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestForms(t *testing.T) {
	t.Parallel()
	const (
		browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
		html    = "text/html; charset=utf-8"
		json    = "application/json"
	)
	h := server("")
	for _, tt := range []struct{ path, accept, want string }{
		{"/errors", "", json},
		{"/errors", "*/*", json},
		{"/errors", "application/json", json},
		{"/errors/", "", json},
		{"/errors", browser, html},
		{"/errors/NotFound", "", html},
		{"/errors/NotFound", "*/*", html},
		{"/errors/NotFound", browser, html},
		{"/errors/NotFoundError/", "", html},
		{"/errors/NotFound", "application/json", json},
		{"/errors/NotFound", "text/html;q=0.5, application/json", json},
		{"/errors/NotFound", "application/json, text/plain, */*", json},
		{"/errors/NotFound", "application/json;q=0, */*", html},
		{"/errors/NotFound", "image/png", html},
	} {
		w := get(h, "GET", tt.path, tt.accept)
		if w.Code != 200 || w.Header().Get("Content-Type") != tt.want {
			t.Errorf("%s for %q: %d %s", tt.path, tt.accept, w.Code, w.Header().Get("Content-Type"))
		}
		if w.Header().Get("Vary") != "Accept" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("headers %v", w.Header())
		}
		head := get(h, "HEAD", tt.path, tt.accept)
		if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != w.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: %d %v", tt.path, head.Code, head.Header())
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	type catalogue struct {
		Sys   struct{ Type string }
		Total int
		Items []errorpage.Entry
	}
	read := func(h http.Handler, path string) (c catalogue) {
		t.Helper()
		if err := json.Unmarshal(get(h, "GET", path, "application/json").Body.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	all := read(server(""), "http://10.0.0.1:8080/errors")
	if all.Sys.Type != "Array" || all.Total != int(fault.NumKinds) || len(all.Items) != all.Total {
		t.Errorf("%s, %d, %d items", all.Sys.Type, all.Total, len(all.Items))
	}
	if got := all.Items[0].URL; got != "http://10.0.0.1:8080/errors/BadRequest" {
		t.Errorf("documentationUrl %s", got)
	}
	one := read(server("https://cms.example.com"), "/errors/UnknownQueryField")
	if one.Total != 1 || one.Items[0].ShortStatus != 400 || one.Items[0].Status != 422 || one.Items[0].URL != "https://cms.example.com/errors/UnknownQueryField" {
		t.Errorf("%+v", one)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	h := server("")
	for _, e := range errorpage.Catalogue("") {
		w := get(h, "GET", e.URL, "")
		body := w.Body.String()
		for _, want := range []string{"<h1>", e.ID, e.ShortID, "Usual causes", "How to fix it", "What clients show"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %q", e.URL, want)
			}
		}
		for _, foreign := range []string{"<script", "<link", "<img", "src=", "@import", "url(", "style=", "ZgotmplZ"} {
			if strings.Contains(body, foreign) {
				t.Errorf("%s has %s", e.URL, foreign)
			}
		}
		_, style, _ := strings.Cut(body, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || style == "" {
			t.Errorf("%s: the policy %s does not fit the style", e.URL, policy)
		}
	}
	r := httptest.NewRequest("GET", "/errors/NotFound", nil)
	r.Host = `x"><b>`
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "<b>") {
		t.Error("the host gets into the page as it is")
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	h := server("")
	for _, path := range []string{"/errors/NotFond", "/errors/NotFound/x", "/errors/%3Cb%3E", "/errors/" + strings.Repeat("x", 5000)} {
		w := get(h, "GET", path, "text/html")
		var body struct {
			Sys     struct{ ID string }
			Message string
			Details struct{ Type, ID string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if w.Code != 404 || body.Sys.ID != "NotFoundError" || !strings.Contains(body.Message, "nearest are ") || body.Details.Type != "Error" || len(body.Message) > 250 {
			t.Errorf("%.40s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := get(h, "POST", "/errors", ""); w.Code != 404 {
		t.Errorf("POST: %d", w.Code)
	}
	w := get(h, "OPTIONS", "/errors/NotFound", "")
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Methods") != "GET,HEAD,OPTIONS" {
		t.Errorf("OPTIONS: %d %v", w.Code, w.Header())
	}
	if w := get(h, "GET", "/errorsome", ""); w.Code != 401 {
		t.Errorf("a path that only begins like it: %d", w.Code)
	}
}
