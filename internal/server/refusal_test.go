package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/httpapi"
)

// TestWhatIsNoRequestGetsTheErrorToo: net/http would answer these by itself, in
// plain text.
func TestWhatIsNoRequestGetsTheErrorToo(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "plain: text", http.StatusTeapot) })
	f, err := listen(config.Config{HTTP: "127.0.0.1:0", HTTPS: config.Off}, handler, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	opt := httpapi.Options{Log: quiet(), ErrorIDs: httpapi.Short, RequestID: func() string { return "r1" }}
	f.plain = refusing{f.plain, func(base, reason string) []byte { return httpapi.Refuse(opt, base, reason) }}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- f.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})

	for _, tt := range []struct{ name, request, message string }{
		{"incomplete escape", "GET /spaces/100% HTTP/1.1\r\nHost: x\r\n\r\n", "The request is not valid HTTP, or its path has an incomplete escape."},
		{"no HTTP", "GARBAGE\r\n\r\n", "The request is not valid HTTP, or its path has an incomplete escape."},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "The request is not valid HTTP: missing required Host header."},
		{"header name", "GET / HTTP/1.1\r\nHost: x\r\nB ad: x\r\n\r\n", "The request is not valid HTTP: invalid header name."},
		{"version", "GET / HTTP/3.0\r\nHost: x\r\n\r\n", "The request is not valid HTTP: unsupported protocol version."},
		{"transfer encoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n", "The request is not valid HTTP: unsupported transfer encoding."},
		{"expectation", "GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n", "The request is not valid HTTP: unknown expectation."},
		{"large headers", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n", "The request is not valid HTTP: its headers are too large."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := exchangeRaw(t, address(f.plain), tt.request)
			defer res.Body.Close()
			var body struct {
				Sys                                  struct{ Type, ID string }
				Message, RequestID, DocumentationURL string
			}
			if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != 400 || body.Sys.Type != "Error" || body.Sys.ID != "BadRequest" || body.Message != tt.message {
				t.Errorf("got %d %+v, want %q", res.StatusCode, body, tt.message)
			}
			if body.RequestID != "r1" || res.Header.Get("X-Contentful-Request-Id") != "r1" || !strings.HasPrefix(body.DocumentationURL, "http://"+address(f.plain)+"/errors/") {
				t.Errorf("request id and documentation: %+v, header %v", body, res.Header)
			}
		})
	}
	res := exchangeRaw(t, address(f.plain), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusTeapot || string(b) != "plain: text\n" {
		t.Errorf("a handler's own plain text: %d %q, %v", res.StatusCode, b, err)
	}
}

// exchangeRaw sends text as it is. What the server does not read of it does not
// matter.
func exchangeRaw(t *testing.T, addr, text string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go fmt.Fprint(conn, text)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}
