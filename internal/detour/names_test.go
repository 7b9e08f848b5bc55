package detour

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParsePlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		authority string
		port      uint16
		want      string // "" for none
	}{
		{"api.contentful.com:443", 0, "api.contentful.com:443"},
		{"API.Contentful.com.:443", 0, "api.contentful.com:443"},
		{"example.org", 80, "example.org:80"},
		{"example.org:8080", 80, "example.org:8080"},
		{"[::1]:443", 0, "[::1]:443"},
		{"[::1]", 443, "[::1]:443"},
		{"a_b.example.org", 443, "a_b.example.org:443"},
		{"example.org", 0, ""},
		{"example.org:", 0, ""},
		{"example.org:0", 0, ""},
		{"example.org:65536", 0, ""},
		{"example.org:-1", 0, ""},
		{"example.org:http", 0, ""},
		{"", 443, ""},
		{":443", 0, ""},
		{"::1", 443, ""},
		{"[::1", 443, ""},
		{"a..b:443", 0, ""},
		{"api.contentful.com@example.org", 443, ""},
		{"api.contentful.com/x:443", 0, ""},
		{"api.contentful.com\x00.example.org:443", 0, ""},
		{"äpi.contentful.com:443", 0, ""},
		{strings.Repeat("a", 64) + ".org:443", 0, ""},
		{strings.Repeat("a.", 127) + "org:443", 0, ""},
	} {
		p, ok := parsePlace(tt.authority, tt.port)
		got := ""
		if ok {
			got = p.String()
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.authority, got, tt.want)
		}
	}
}

// FuzzParsePlace: what is read once is read the same again, and nothing but an
// official name is caught.
func FuzzParsePlace(f *testing.F) {
	for _, s := range []string{"api.contentful.com:443", "API.contentful.com.", "[::1]:1", "fe80::1%eth0", "127.1", "a:b:c", "%61pi.contentful.com:443"} {
		f.Add(s, uint16(443))
		f.Add(s, uint16(0))
	}
	f.Fuzz(func(t *testing.T, authority string, port uint16) {
		p, ok := parsePlace(authority, port)
		if !ok {
			return
		}
		again, ok := parsePlace(p.String(), 0)
		if !ok || again != p {
			t.Errorf("%q is %v, then %v %v", authority, p, again, ok)
		}
		if p.caught() != slices.Contains(Names, p.host) || p.caught() && !strings.HasPrefix(strings.ToLower(authority), p.host) {
			t.Errorf("%q is caught as %v", authority, p)
		}
	})
}

// FuzzWire sends whatever to the proxy. Who does not know its secret gets to
// the server, and nowhere else.
func FuzzWire(f *testing.F) {
	for _, s := range []string{
		"CONNECT api.contentful.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET https://cdn.contentful.com/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET http://127.0.0.1/ HTTP/1.0\r\n\r\n",
		"GET http://cdn.contentful.com/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic Og==\r\n\r\n",
		"CONNECT a HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic aHR0cDp4\r\n\r\n",
		"\x16\x03\x01\x00\x05hello",
	} {
		f.Add([]byte(s))
	}
	p := newWorld(f, func(o *Options) { o.Refuse = true })
	f.Fuzz(func(t *testing.T, data []byte) {
		conn, err := net.Dial("tcp", p.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		conn.Write(data)
		conn.(*net.TCPConn).CloseWrite()
		r := bufio.NewReader(conn)
		for {
			res, err := http.ReadResponse(r, nil)
			if err != nil {
				break
			}
			if res.StatusCode == 200 && strings.HasPrefix(res.Status, "200 Connection") {
				break // to an official host
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err == nil && res.StatusCode < 400 && res.StatusCode != 100 && len(body) > 0 && !strings.HasPrefix(string(body), "server: ") {
				t.Fatalf("%s %q for %q", res.Status, body, data)
			}
		}
		if p.Refused() != nil {
			t.Fatalf("%q got as far as being refused: %v", data, p.Refused())
		}
	})
}
