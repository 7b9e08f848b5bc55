package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/httpapi/sdktest"
)

const testToken = "CFPAT-a-token-for-end-to-end-tests"

// live is a whole server with the example space, as users have it.
type live struct {
	*Server
	url               string
	delivery, preview string
	halt              func(testing.TB) // stops it before the test ends
}

// startLive runs a server until the test ends. change may alter its settings.
func startLive(t testing.TB, change func(*config.Config)) *live {
	t.Helper()
	cfg, err := config.Default()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Data, cfg.HTTP, cfg.HTTPS, cfg.BootstrapToken = t.TempDir(), "127.0.0.1:0", config.Off, testToken
	if change != nil {
		change(&cfg)
	}
	s, err := New(t.Context(), cfg, quiet())
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := s.LoadDemo(t.Context())
	if err == nil {
		err = s.Listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	var once sync.Once
	halt := func(t testing.TB) {
		once.Do(func() {
			stop()
			if err := <-ran; err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil && !strings.Contains(err.Error(), "closed") {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() { halt(t) })
	plain, _ := s.URLs()
	return &live{Server: s, url: plain, delivery: key.Value, preview: key.PreviewValue, halt: halt}
}

// send makes a request; header are "Name: value".
func (l *live) send(t testing.TB, method, path, token, body string, header ...string) (*http.Response, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, l.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range header {
		if name, value, ok := strings.Cut(h, ": "); ok {
			req.Header.Set(name, value)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if len(raw) > 0 {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&out); err != nil {
			t.Fatalf("%s %s: not JSON: %v\n%s", method, path, err, raw)
		}
	}
	if res.StatusCode >= 400 && method != http.MethodHead {
		sdktest.Check(t, res.StatusCode, res.Header, raw)
	}
	return res, out
}

// The page this server exists for: each of its twelve rows, provoked by a
// request, in the words of the page for plain clients and in those of the live
// service for official ones.
func TestTheTwelveRows(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	limited := startLive(t, func(c *config.Config) { c.RateDelivery = 1 })
	broken := startLive(t, nil)
	hibernate := func() {
		if err := l.Authoring.HibernateSpace(t.Context(), demo.SpaceID); err != nil {
			t.Fatal(err)
		}
	}
	rows := []struct {
		status        int
		id            string
		shortStatus   int
		shortID       string
		to            *live
		method, path  string
		token, body   string
		header        string
		before        func()
		details       bool
		retry, reason bool
	}{
		{status: 400, id: "BadRequestError", shortID: "BadRequest", to: l, method: "PUT", path: master + "/entries/x", token: testToken, body: "{"},
		{status: 400, id: "InvalidQueryError", shortID: "InvalidQuery", to: l, method: "GET", path: master + "/entries?some=thing", token: l.delivery, details: true},
		{status: 401, id: "AccessTokenInvalidError", shortID: "AccessTokenInvalid", to: l, method: "GET", path: master + "/entries", token: "wrong"},
		{status: 403, id: "AccessDeniedError", shortID: "AccessDenied", to: l, method: "POST", path: master + "/entries", token: "readonly", body: "{}", details: true},
		{status: 404, id: "NotFoundError", shortID: "NotFound", to: l, method: "GET", path: master + "/entries/nobody", token: l.delivery, details: true},
		{status: 409, id: "VersionMismatchError", shortID: "VersionMismatch", to: l, method: "PUT", path: master + "/entries/why-lower-case", token: testToken, body: `{"fields":{}}`, header: "X-Contentful-Version: 1"},
		{status: 422, id: "ValidationFailedError", shortID: "ValidationFailed", to: l, method: "PUT", path: master + "/content_types/new", token: testToken, body: `{"fields":[]}`, details: true},
		{status: 422, id: "ValidationFailedError", shortStatus: 400, shortID: "InvalidQuery", to: l, method: "GET", path: master + "/entries?content_type=article&fields.colour=red", token: l.delivery, details: true},
		{status: 422, id: "InvalidEntryError", shortID: "InvalidEntry", to: l, method: "POST", path: master + "/entries", token: testToken, body: `{"fields":{"title":{"en-US":1}}}`, header: "X-Contentful-Content-Type: article", details: true},
		{status: 429, id: "RateLimitExceededError", shortID: "RateLimitExceeded", to: limited, method: "GET", path: master + "/entries", token: limited.delivery, retry: true,
			before: func() {
				for range 10 {
					limited.send(t, "GET", master+"/entries", limited.delivery, "")
				}
			}},
		{status: 500, id: "ServerError", shortID: "ServerError", to: broken, method: "GET", path: master + "/entries/why-lower-case", token: testToken,
			before: func() { _ = broken.store.Close() }}, // the database is gone, the second time already
		{status: 502, id: "AccessDeniedError", shortID: "Hibernated", to: l, method: "GET", path: master + "/entries", token: l.delivery, before: hibernate, retry: true},
	}
	_, made := l.send(t, "POST", "/users/me/access_tokens", testToken, `{"name":"reader","scopes":["content_management_read"]}`)
	readonly, _ := made["token"].(string)
	for _, r := range rows {
		for _, official := range []bool{false, true} {
			t.Run(fmt.Sprint(r.status, " ", r.id, " official=", official), func(t *testing.T) {
				if r.before != nil {
					r.before()
				}
				status, id := r.status, r.id
				header := []string{"Content-Type: application/json", r.header}
				if official {
					id = r.shortID
					if r.shortStatus != 0 {
						status = r.shortStatus
					}
					header = append(header, "X-Contentful-User-Agent: sdk contentful.js/11.12.10")
				}
				token := r.token
				if token == "readonly" {
					token = readonly
				}
				res, body := r.to.send(t, r.method, r.path, token, r.body, header...)
				if res.StatusCode != status {
					t.Fatalf("status %d, want %d: %v", res.StatusCode, status, body)
				}
				if diff := cmp.Diff(map[string]any{"type": "Error", "id": id}, body["sys"]); diff != "" {
					t.Errorf("sys: %s", diff)
				}
				if m, _ := body["message"].(string); m == "" {
					t.Error("no message")
				}
				if body["requestId"] != res.Header.Get("X-Contentful-Request-Id") || body["requestId"] == "" {
					t.Errorf("requestId %v, header %q", body["requestId"], res.Header.Get("X-Contentful-Request-Id"))
				}
				if _, ok := body["details"]; ok != r.details {
					t.Errorf("details: %v", body["details"])
				}
				if vary := res.Header.Get("Vary"); !strings.Contains(vary, "X-Contentful-User-Agent") || !strings.Contains(vary, "User-Agent") {
					t.Errorf("Vary: %q", vary)
				}
				if r.retry && res.Header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
				if res.Header.Get("Access-Control-Allow-Origin") != "*" {
					t.Error("browsers cannot read it")
				}
			})
		}
	}
}
