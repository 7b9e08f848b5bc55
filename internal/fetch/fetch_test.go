package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// origin is a server with something of every sort.
func origin(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		if r.URL.RawQuery != "" {
			w.Header().Set("Content-Type", "text/plain")
		}
		_, _ = io.WriteString(w, "0123456789")
	})
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "01234")
		w.(http.Flusher).Flush()
		_, _ = io.WriteString(w, "56789")
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "01234")
	})
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		var code int
		_, _ = fmt.Sscan(r.PathValue("code"), &code)
		w.WriteHeader(code)
	})
	mux.HandleFunc("/redirect/{n}", func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscan(r.PathValue("n"), &n)
		if n == 0 {
			_, _ = io.WriteString(w, "arrived")
			return
		}
		http.Redirect(w, r, fmt.Sprintf("/redirect/%d", n-1), http.StatusFound)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("url"), http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// get reads a whole answer.
func get(t *testing.T, c *Client, url string, limit int64) (string, error) {
	t.Helper()
	res, err := c.Get(t.Context(), url, limit)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(res.Body)
	return string(data), errors.Join(err, res.Body.Close())
}

func TestGet(t *testing.T) {
	t.Parallel()
	s, c := origin(t), New(Options{AllowPrivate: true})
	res, err := c.Get(t.Context(), s.URL+"/file", 10)
	if err != nil {
		t.Fatal(err)
	}
	if res.ContentType != "image/png" {
		t.Errorf("content type %q", res.ContentType)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}

	for _, tt := range []struct {
		path  string
		limit int64
		body  string
		kind  fault.Kind // when body is ""
	}{
		{"/file", 10, "0123456789", 0},
		{"/file", 9, "", fault.BodyTooLarge},
		{"/chunked", 10, "0123456789", 0},
		{"/chunked", 9, "", fault.BodyTooLarge},
		{"/cut", 10, "", fault.ServerError},
		{"/status/404", 10, "", fault.BadRequest},
		{"/status/204", 10, "", fault.BadRequest},
		{"/status/429", 10, "", fault.ServerError},
		{"/status/503", 10, "", fault.ServerError},
		{"/redirect/5", 10, "arrived", 0},
		{"/redirect/6", 10, "", fault.BadRequest},
		{"/to?url=ftp://example.org/x", 10, "", fault.BadRequest},
		{"/to?url=file:///etc/passwd", 10, "", fault.BadRequest},
	} {
		body, err := get(t, c, s.URL+tt.path, tt.limit)
		if tt.body != "" {
			if err != nil || body != tt.body {
				t.Errorf("%s: %q, %v", tt.path, body, err)
			}
			continue
		}
		if !fault.Is(err, tt.kind) {
			t.Errorf("%s limited to %d: %v, want %v", tt.path, tt.limit, err, tt.kind)
		}
	}
}

func TestBadURLs(t *testing.T) {
	t.Parallel()
	c := New(Options{AllowPrivate: true})
	for _, u := range []string{"", "//example.org/x", "/etc/passwd", "file:///etc/passwd", "gopher://example.org", "http://", "http:///x", "http:x", "http://a b/", "://"} {
		if _, err := get(t, c, u, 1); !fault.Is(err, fault.BadRequest) {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	s, c := origin(t), New(Options{})
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	for _, host := range []string{
		"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "10.0.0.1", "172.16.0.1", "192.168.1.1",
		"169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "224.0.0.1", "255.255.255.255",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]",
	} {
		_, err := get(t, c, "http://"+host+":"+port+"/file", 100)
		if !fault.Is(err, fault.BadRequest) {
			t.Errorf("%s: %v", host, err)
			continue
		}
		if msg := fault.Of(err).Message; !strings.Contains(msg, "allow-private-addresses") {
			t.Errorf("%s: the message does not name the setting: %s", host, msg)
		}
	}
}

// A redirect is checked as the first request is.
func TestRedirectToRefusedAddress(t *testing.T) {
	t.Parallel()
	s := origin(t)
	c := newClient(Options{}, func(a netip.Addr) string {
		if a == netip.MustParseAddr("127.0.0.1") {
			return "" // the origin stands for a public server
		}
		return refuse(a)
	})
	if body, err := get(t, c, s.URL+"/redirect/1", 100); err != nil || body != "arrived" {
		t.Fatalf("a redirect to itself: %q, %v", body, err)
	}
	for _, target := range []string{"http://169.254.169.254/latest/meta-data", "http://[::1]:80/", "http://127.0.0.2/", "https://10.1.2.3/"} {
		_, err := get(t, c, s.URL+"/to?url="+url.QueryEscape(target), 100)
		if !fault.Is(err, fault.BadRequest) || !strings.Contains(err.Error(), "address") {
			t.Errorf("redirect to %s: %v", target, err)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"1.1.1.1", "93.184.215.14", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::200e"} {
		if reason := refuse(netip.MustParseAddr(a)); reason != "" {
			t.Errorf("%s is refused as %s", a, reason)
		}
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	s := origin(t)
	if _, err := get(t, New(Options{AllowPrivate: true, Timeout: time.Millisecond}), s.URL+"/hang", 1); !fault.Is(err, fault.Timeout) {
		t.Errorf("timeout of the client: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := New(Options{AllowPrivate: true}).Get(ctx, s.URL+"/hang", 1); !fault.Is(err, fault.Timeout) {
		t.Errorf("deadline of the caller: %v", err)
	}
}

// A signed URL is as good as a token, so no error shows its query.
func TestErrorsHideSecrets(t *testing.T) {
	t.Parallel()
	s, c := origin(t), New(Options{AllowPrivate: true})
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, u := range []string{
		s.URL + "/status/403?sig=hush", s.URL + "/cut?sig=hush", gone.URL + "/?sig=hush", strings.Replace(gone.URL, "//", "//me:hush@", 1), "ftp://me:hush@example.org/?sig=hush",
		s.URL + "/to?url=" + url.QueryEscape(gone.URL+"/?sig=hush"),
	} {
		_, err := get(t, c, u, 100)
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// What is sent arrives as it is, once: a redirect is the answer, so nothing that
// was meant for one host, such as a password, goes to another.
func TestSend(t *testing.T) {
	t.Parallel()
	s := origin(t)
	send := func(c *Client, url string, within time.Duration) (*http.Response, error) {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		t.Cleanup(cancel)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Send(req)
	}
	free := New(Options{AllowPrivate: true})
	for path, want := range map[string]int{"/file": 200, "/status/404": 404, "/status/503": 503, "/redirect/1": 302, "/to?url=http://169.254.169.254/": 307} {
		res, err := send(free, s.URL+path, time.Minute)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != want {
			t.Errorf("%s: status %d, %v", path, res.StatusCode, err)
		}
	}
	for url, kind := range map[string]fault.Kind{"ftp://example.org/": fault.BadRequest, "http:///x": fault.BadRequest} {
		if _, err := send(free, url, time.Minute); !fault.Is(err, kind) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := send(New(Options{}), s.URL+"/file", time.Minute); !fault.Is(err, fault.BadRequest) || !strings.Contains(err.Error(), "allow-private-addresses") {
		t.Errorf("a loopback address: %v", err)
	}
	if _, err := send(free, s.URL+"/hang", time.Millisecond); !fault.Is(err, fault.Timeout) {
		t.Errorf("no answer: %v", err)
	}
	var user, password string
	asks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { user, password, _ = r.BasicAuth() }))
	t.Cleanup(asks.Close)
	if res, err := send(free, strings.Replace(asks.URL, "//", "//ann:hush@", 1), time.Minute); err != nil || user != "ann" || password != "hush" {
		t.Errorf("a URL with a user: %q %q, %v", user, password, err)
	} else if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
}
