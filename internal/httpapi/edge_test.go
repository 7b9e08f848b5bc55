package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/sdktest"
)

const (
	management = "application/vnd.contentful.management.v1+json"
	delivery   = "application/vnd.contentful.delivery.v1+json"
	requestID  = "0b1f7a52-9f1e-4a0b-8c0e-4b0d6f6f1f10"
	mine       = "/spaces/s1/environments/master" // a place every token of the tests sees
)

// doors is an Authenticator with the spaces s1 and s2, and their environments
// master and staging. A token is the name of its kind.
type doors struct{}

// Recall: the preview token is always as if it came for the first time.
func (doors) Recall(token string) (a access.Actor, known, current bool) {
	return a, token == "management" || token == "delivery", false
}

func (doors) Authenticate(_ context.Context, token string) (access.Actor, error) {
	switch kind := access.TokenKind(token); kind {
	case access.Management, access.Delivery, access.Preview:
		return access.Actor{Kind: kind, TokenID: "t1", User: "u1"}, nil
	}
	if token == "broken-store" {
		return access.Actor{}, io.ErrUnexpectedEOF
	}
	return access.Actor{}, fault.New(fault.AccessTokenInvalid, "")
}

func (doors) Locate(_ context.Context, a access.Actor, space, environment string) (access.Place, error) {
	if space != "s1" && space != "s2" {
		if a.Kind == access.Management {
			return access.Place{}, fault.New(fault.NotFound, "")
		}
		return access.Place{}, fault.Missing("Space", space, "", "")
	}
	if !slices.Contains([]string{"", "master", "staging"}, environment) {
		if a.Kind == access.Management {
			return access.Place{}, fault.New(fault.NotFound, "")
		}
		return access.Place{}, fault.Missing("Environment", environment, "", space)
	}
	return access.Place{SpaceID: space, Space: 2, EnvironmentID: environment, Target: environment}, nil
}

// edge is the handler under test with what it logs.
type edge struct {
	http.Handler
	log *logBuffer
}

// logBuffer is a buffer for a log that several requests write at once.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newEdge is an edge with three small APIs. The management API answers
// /answer, and the publication of it, with what answer returns.
func newEdge(answer httpapi.Handler, change ...func(*httpapi.Options)) *edge {
	e := &edge{log: &logBuffer{}}
	opt := httpapi.Options{
		Access:    doors{},
		APIs:      []httpapi.API{managementAPI(answer), readAPI("cda", access.Delivery), readAPI("cpa", access.Preview)},
		Log:       slog.New(slog.NewJSONHandler(e.log, nil)),
		Now:       func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		RequestID: func() string { return requestID },
	}
	for _, c := range change {
		c(&opt)
	}
	e.Handler = httpapi.New(opt)
	return e
}

func managementAPI(answer httpapi.Handler) httpapi.API {
	const (
		server = httpapi.ServerLevel
		space  = httpapi.SpaceLevel
		env    = httpapi.EnvironmentLevel
	)
	return httpapi.API{
		Name: "cma", ContentType: management, Token: access.Management,
		Methods: "DELETE,GET,HEAD,POST,PUT,PATCH,OPTIONS", MaxAge: "1728000",
		Routes: []httpapi.Route{
			{Method: "GET", Level: server, Pattern: "/answer", Handle: answer},
			{Method: "POST", Level: server, Pattern: "/answer", Body: httpapi.JSONBody, Handle: answer},
			{Method: "PATCH", Level: server, Pattern: "/answer", Body: httpapi.PatchBody, Handle: answer},
			{Method: "PUT", Level: server, Pattern: "/answer/published", Body: httpapi.JSONBody, Handle: answer},
			{Method: "GET", Level: server, Pattern: "/users/me", Handle: echo},
			{Method: "GET", Level: space, Pattern: "", Handle: echo},
			{Method: "PUT", Level: space, Pattern: "/environments/{id}", Body: httpapi.JSONBody, Handle: echo},
			{Method: "GET", Level: env, Pattern: "/entries", Handle: echo},
			{Method: "POST", Level: env, Pattern: "/entries", Body: httpapi.JSONBody, Handle: echo},
			{Method: "GET", Level: env, Pattern: "/entries/{id}", Handle: echo},
			{Method: "PUT", Level: env, Pattern: "/entries/{id}", Body: httpapi.JSONBody, Handle: echo},
			{Method: "PATCH", Level: env, Pattern: "/entries/{id}", Body: httpapi.PatchBody, Handle: echo},
			{Method: "DELETE", Level: env, Pattern: "/entries/{id}", Handle: func(*httpapi.Call) (httpapi.Reply, error) {
				return httpapi.NoContent(), nil
			}},
			{Method: "PUT", Level: env, Pattern: "/entries/{id}/published", Handle: echo},
			{Method: "POST", Level: env, Pattern: "/uploads", Body: httpapi.RawBody, Handle: upload},
			{Method: "GET", Level: env, Pattern: "/releases"},
		},
	}
}

func readAPI(name string, kind access.TokenKind) httpapi.API {
	const env = httpapi.EnvironmentLevel
	return httpapi.API{
		Name: name, ContentType: delivery, Token: kind, Methods: "GET,HEAD,OPTIONS", MaxAge: "86400",
		Routes: []httpapi.Route{
			{Method: "GET", Level: httpapi.SpaceLevel, Pattern: "", Handle: echo},
			{Method: "GET", Level: env, Pattern: "/entries", Handle: echo},
			{Method: "GET", Level: env, Pattern: "/entries/{id}", Handle: echo},
			{Method: "GET", Level: env, Pattern: "/sync", Handle: echo},
			{Method: "POST", Level: env, Pattern: "/asset_keys", Body: httpapi.JSONBody, Handle: echo},
		},
	}
}

// seen is what echo saw of a call.
type seen struct {
	Kind        access.TokenKind `json:"kind"`
	Space       string           `json:"space"`
	Environment string           `json:"environment"`
	ID          string           `json:"id"`
	Query       string           `json:"query"`
	Body        json.RawMessage  `json:"body"`
}

func echo(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.OK(seen{
		Kind: c.Actor.Kind, Space: c.Place.SpaceID, Environment: c.Place.EnvironmentID,
		ID: c.PathValue("id"), Query: c.URL.RawQuery, Body: c.Body,
	}), nil
}

func upload(c *httpapi.Call) (httpapi.Reply, error) {
	b, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.Created(map[string]int{"size": len(b)}), nil
}

func failing(err error) httpapi.Handler {
	return func(*httpapi.Call) (httpapi.Reply, error) { return httpapi.Reply{}, err }
}

// request makes a request with a management token; an Authorization header in
// headers replaces it. Headers are pairs of name and value.
func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Authorization", "Bearer management")
	for i := 0; i < len(headers); i += 2 {
		r.Header[http.CanonicalHeaderKey(headers[i])] = []string{headers[i+1]}
	}
	return r
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

func (e *edge) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	return e.send(request(method, target, body, headers...))
}

func (e *edge) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

// call makes a request over the network: what a client has, whatever the
// server still does.
func (e *edge) call(t *testing.T, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	s := httptest.NewServer(e)
	t.Cleanup(s.Close)
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer management")
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	w := httptest.NewRecorder()
	maps.Copy(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	if _, err := io.Copy(w.Body, res.Body); err != nil {
		t.Fatal(err)
	}
	return w
}

// wireError is the JSON of an error as a client reads it.
type wireError struct {
	Sys       struct{ Type, ID string }
	Message   string
	Details   json.RawMessage
	Reason    string
	RequestID string

	DocumentationURL string
}

// errorOf reads an error and checks what is true of all of them.
func errorOf(t *testing.T, w *httptest.ResponseRecorder) wireError {
	t.Helper()
	var e wireError
	if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil {
		t.Fatalf("status %d with a body that is no JSON object: %v: %q", w.Code, err, w.Body)
	}
	if w.Code < 400 || e.Sys.Type != "Error" || e.Sys.ID == "" || e.Message == "" {
		t.Errorf("status %d with an incomplete error: %s", w.Code, w.Body)
	}
	if id := w.Header().Get("X-Contentful-Request-Id"); id == "" || e.RequestID != id {
		t.Errorf("requestId %q, header %q", e.RequestID, id)
	}
	if !strings.Contains(e.DocumentationURL, "://") || !strings.Contains(e.DocumentationURL, "/errors/") {
		t.Errorf("documentationUrl %q", e.DocumentationURL)
	}
	sdktest.Check(t, w.Code, w.Header(), w.Body.Bytes())
	return e
}

// wantError checks status and documented id, or reason where there is one.
func wantError(t *testing.T, w *httptest.ResponseRecorder, status int, id string) {
	t.Helper()
	e := errorOf(t, w)
	got := e.Sys.ID
	if e.Reason != "" {
		got = e.Reason
	}
	if w.Code != status || got != id {
		t.Errorf("got %d %s (%s), want %d %s", w.Code, got, e.Message, status, id)
	}
}
