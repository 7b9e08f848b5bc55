package detour

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/authority"
)

// world is a proxy with the server behind it and a client that knows it.
type world struct {
	*Proxy
	server *httptest.Server
	roots  *x509.CertPool
	client *http.Client
	stop   context.CancelFunc

	authority []byte // its certificate
}

// echo answers with what it was asked.
func echo(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		fmt.Fprintf(w, "%s: %s %s://%s%s %q secret %q", name, r.Method, scheme, r.Host, r.RequestURI, body, r.Header.Get("Proxy-Authorization"))
	})
}

func newWorld(t testing.TB, change func(*Options)) *world {
	t.Helper()
	dir := t.TempDir()
	own, err := authority.OpenGuest(dir, Names, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(authority.Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{server: httptest.NewTLSServer(echo("server")), roots: x509.NewCertPool(), authority: pem}
	t.Cleanup(w.server.Close)
	w.roots.AppendCertsFromPEM(pem)
	server, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{
		Server: server, ServerTLS: w.server.Client().Transport.(*http.Transport).TLSClientConfig, Certificates: own.Config(),
		Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&opt)
	}
	if w.Proxy, err = New(opt); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	ended := make(chan error, 1)
	go func() { ended <- w.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	w.client = &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyURL(w.URL()), TLSClientConfig: &tls.Config{RootCAs: w.roots}, ForceAttemptHTTP2: true,
	}}
	t.Cleanup(w.client.CloseIdleConnections)
	return w
}

func (w *world) get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	res, err := w.client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// raw sends bytes to the proxy and returns the first answer.
func (w *world) raw(t *testing.T, request string) (*http.Response, string) {
	t.Helper()
	conn, err := net.Dial("tcp", w.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == 200 && strings.HasPrefix(request, "CONNECT") {
		return res, ""
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// credentials is a header line for raw.
func credentials(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return "Proxy-Authorization: " + r.Header.Get("Authorization") + "\r\n"
}

func isError(t *testing.T, body, id string) {
	t.Helper()
	var e struct {
		Sys              struct{ Type, ID string }
		Message          string
		RequestID        string
		DocumentationURL string
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if e.Sys.Type != "Error" || e.Sys.ID != id || e.Message == "" || e.RequestID == "" || !strings.Contains(e.DocumentationURL, "/errors/") {
		t.Errorf("not the error %s: %s", id, body)
	}
}

func TestCatchesOfficialNames(t *testing.T) {
	t.Parallel()
	if len(Names) != 26 {
		t.Errorf("%d official names: %v", len(Names), Names)
	}
	w := newWorld(t, func(o *Options) { o.Refuse = true })
	var want []Count
	for _, name := range Names {
		res, body := w.get(t, "https://"+name+"/a/b%2Fc?d=e&f")
		if res.ProtoMajor != 2 {
			t.Errorf("%s: %s", name, res.Proto)
		}
		if expected := `server: GET https://` + name + `/a/b%2Fc?d=e&f "" secret ""`; body != expected {
			t.Errorf("got %s, want %s", body, expected)
		}
		if _, body := w.get(t, "http://"+name+"/plain"); body != `server: GET https://`+name+`/plain "" secret ""` {
			t.Errorf("plain %s: %s", name, body)
		}
		want = append(want, Count{name, 2})
	}
	res, err := w.client.Post("https://api.contentful.com/x", "application/json", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != `server: POST https://api.contentful.com/x "body" secret ""` {
		t.Errorf("%s", body)
	}
	counts := map[string]int{}
	for _, c := range w.Caught() {
		counts[c.Name] = c.Requests
	}
	for _, c := range want {
		if c.Name == "api.contentful.com" {
			c.Requests++
		}
		if counts[c.Name] != c.Requests {
			t.Errorf("%s: %d requests, want %d", c.Name, counts[c.Name], c.Requests)
		}
	}
	if got := w.Refused(); got != nil {
		t.Errorf("refused %v", got)
	}
}

// The ways in which clients speak to proxies.
func TestForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	known := credentials("http", w.secret)
	for _, tt := range []struct {
		name, request string
		status        int
		body          string // or the id of an error
	}{
		{"whole https URL", "GET https://cdn.contentful.com/x HTTP/1.1\r\nHost: cdn.contentful.com\r\n" + known + "\r\n", 200, `server: GET https://cdn.contentful.com/x "" secret ""`},
		{"the URL counts, not the header", "GET https://cdn.contentful.com/x HTTP/1.1\r\nHost: example.org\r\n" + known + "\r\n", 200, `server: GET https://cdn.contentful.com/x "" secret ""`},
		{"spelled otherwise", "GET http://CDN.Contentful.com.:80/x HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 200, `server: GET https://cdn.contentful.com/x "" secret ""`},
		{"user taken for a scheme", "CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\n" + credentials(w.secret, "") + "\r\n", 403, "AccessDeniedError"},
		{"CONNECT", "CONNECT api.contentful.com:443 HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 200, ""},
		{"CONNECT to the plain port", "CONNECT api.contentful.com:80 HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 200, ""},
		{"CONNECT to another port", "CONNECT api.contentful.com:22 HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 403, "AccessDeniedError"},
		{"CONNECT without a port", "CONNECT api.contentful.com HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 400, "BadRequestError"},
		{"no proxy request", "GET /x HTTP/1.1\r\nHost: example.org\r\n" + known + "\r\n", 400, "BadRequestError"},
		{"no proxy request, for an official host", "GET /x HTTP/1.1\r\nHost: cdn.contentful.com\r\n\r\n", 200, `server: GET https://cdn.contentful.com/x "" secret ""`},
		{"another scheme", "GET ftp://cdn.contentful.com/x HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 400, "BadRequestError"},
		{"no credentials, as the official CLI", "CONNECT api.contentful.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 200, ""},
		{"no credentials, whole https URL", "GET https://cdn.contentful.com/x HTTP/1.1\r\nHost: x\r\n\r\n", 200, `server: GET https://cdn.contentful.com/x "" secret ""`},
		{"no credentials, another host", "GET https://example.org/x HTTP/1.1\r\nHost: x\r\n\r\n", 407, "AccessDeniedError"},
		{"no credentials, CONNECT to another host", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", 407, "AccessDeniedError"},
		{"wrong credentials", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n" + credentials("http", w.secret+"x") + "\r\n", 407, "AccessDeniedError"},
		{"empty credentials", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n" + credentials("", "") + "\r\n", 407, "AccessDeniedError"},
		{"credentials for somebody else", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n" + strings.TrimPrefix(known, "Proxy-") + "\r\n", 407, "AccessDeniedError"},
		{"the loopback address", "CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 403, "AccessDeniedError"},
		{"a private address", "GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 403, "AccessDeniedError"},
		{"metadata of a cloud", "GET http://169.254.169.254/ HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 403, "AccessDeniedError"},
		{"the loopback address, in IPv6", "CONNECT [::1]:443 HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 403, "AccessDeniedError"},
		{"a name of the loopback address", "CONNECT localhost:443 HTTP/1.1\r\nHost: x\r\n" + known + "\r\n", 403, "AccessDeniedError"},
	} {
		res, body := w.raw(t, tt.request)
		if res.StatusCode != tt.status {
			t.Errorf("%s: %s %s, want %d", tt.name, res.Status, body, tt.status)
			continue
		}
		if challenge := res.Header.Get("Proxy-Authenticate"); (challenge != "") != (tt.status == 407) {
			t.Errorf("%s: challenge %q", tt.name, challenge)
		}
		if tt.status != 200 {
			isError(t, body, tt.body)
		} else if body != tt.body {
			t.Errorf("%s: %s", tt.name, body)
		}
	}
}

// TestPassesOn: what is not official goes where it wants to, unread, and gets
// the other's own certificate.
func TestPassesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.AllowPrivate = true })
	secure, plain := httptest.NewTLSServer(echo("other")), httptest.NewServer(echo("other"))
	defer secure.Close()
	defer plain.Close()
	w.roots.AddCert(secure.Certificate())
	// names that only look official are others too
	res, body := w.get(t, secure.URL+"/x")
	if want := `other: GET ` + secure.URL + `/x "" secret ""`; body != want {
		t.Errorf("got %s, want %s", body, want)
	}
	if !res.TLS.PeerCertificates[0].Equal(secure.Certificate()) {
		t.Error("the certificate is not the other's own")
	}
	if _, body := w.get(t, plain.URL+"/x"); body != `other: GET `+plain.URL+`/x "" secret ""` {
		t.Errorf("plain: %s", body)
	}
	req, err := http.NewRequest(http.MethodGet, plain.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", "192.0.2.1")
	plain.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Header.Get("X-Forwarded-For")) })
	res, err = w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != "192.0.2.1" {
		t.Errorf("a header arrived as %q", body)
	}
	if got := w.Caught(); got != nil {
		t.Errorf("caught %v", got)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Refuse, o.AllowPrivate = true, true })
	other := httptest.NewServer(echo("other"))
	defer other.Close()
	res, body := w.get(t, other.URL)
	if res.StatusCode != 403 {
		t.Errorf("%s %s", res.Status, body)
	}
	isError(t, body, "AccessDeniedError")
	for _, name := range []string{"example.org", "xapi.contentful.com", "api.contentful.com.example.org", "be.contentful.com", "files.ctfassets.net"} {
		if _, err := w.client.Get("https://" + name); err == nil || !strings.Contains(err.Error(), "Forbidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
	want := []Count{{"127.0.0.1", 1}, {"api.contentful.com.example.org", 1}, {"be.contentful.com", 1}, {"example.org", 1}, {"files.ctfassets.net", 1}, {"xapi.contentful.com", 1}}
	if diff := cmp.Diff(want, w.Refused()); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	for i := range 200 {
		w.noteRefused(fmt.Sprint("host", i), "x")
	}
	if n := len(w.Refused()); n != maxRefused {
		t.Errorf("%d names are remembered", n)
	}
}

// TestInside: a connection to an official host is for official hosts only.
func TestInside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	req, err := http.NewRequest(http.MethodGet, "https://api.contentful.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "example.org"
	res, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("%s %s %v", res.Status, body, err)
	}
	isError(t, string(body), "BadRequestError")

	w.server.Close()
	res, text := w.get(t, "https://api.contentful.com/?access_token=secret")
	if res.StatusCode != http.StatusBadGateway {
		t.Errorf("without a server: %s %s", res.Status, text)
	}
	isError(t, text, "ServerError")
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	w := newWorld(t, func(o *Options) { o.AllowPrivate = true })
	res, body := w.raw(t, "CONNECT "+closed+" HTTP/1.1\r\nHost: x\r\n"+credentials("http", w.secret)+"\r\n")
	if res.StatusCode != http.StatusBadGateway {
		t.Errorf("%s %s", res.Status, body)
	}
	isError(t, body, "ServerError")
}

// TestTunnelsEnd: each side learns that the other has ended, and the end of the
// proxy is the end of all.
func TestTunnelsEnd(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWorld(t, func(o *Options) { o.AllowPrivate = true })
	connect := func() (near net.Conn, far net.Conn) {
		near, err := net.Dial("tcp", w.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { near.Close() })
		fmt.Fprintf(near, "CONNECT %s HTTP/1.1\r\nHost: x\r\n%s\r\nahead", l.Addr(), credentials("http", w.secret))
		if far, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { far.Close() })
		got := make([]byte, len(established))
		if _, err := io.ReadFull(near, got); err != nil || string(got) != string(established) {
			t.Fatalf("%q %v", got, err)
		}
		return near, far
	}
	near, far := connect()
	if err := near.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if sent, err := io.ReadAll(far); err != nil || string(sent) != "ahead" {
		t.Errorf("%q %v", sent, err)
	}
	io.WriteString(far, "answer")
	far.Close()
	if answer, err := io.ReadAll(near); err != nil || string(answer) != "answer" {
		t.Errorf("%q %v", answer, err)
	}

	_, far = connect()
	if _, err := io.ReadFull(far, make([]byte, len("ahead"))); err != nil {
		t.Error(err)
	}
	w.stop()
	if sent, _ := io.ReadAll(far); len(sent) > 0 { // at its end or broken off
		t.Errorf("%q", sent)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := newBounded(l, 1)
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			c, err := b.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Error("two connections at once")
	default:
	}
	first.Close()
	first.Close()
	(<-accepted).Close()
	b.Close()
	if c, open := <-accepted; open {
		t.Errorf("accepted %v after the end", c)
	}
}
