package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cda"
	"github.com/typecase/typecase/internal/httpapi/cma"
)

// patient is the settings of a server that fuzzing asks things: what takes ten
// seconds is a hang, and comes out as a 503.
func patient(c *config.Config) { c.RequestTimeout = config.Duration(10 * time.Second) }

// target is a method and a path of the routes, with wildcards.
type target struct {
	token         access.TokenKind
	method, path  string
	dropsTheSpace bool
}

func targets() []target {
	var out []target
	for _, api := range []httpapi.API{cma.New(nil, "", nil, nil), cda.New(nil, access.Delivery, nil, "", 0, nil), cda.New(nil, access.Preview, nil, "", 0, nil)} {
		for _, r := range api.Routes {
			path := r.Pattern
			switch r.Level {
			case httpapi.SpaceLevel:
				path = "/spaces/" + demo.SpaceID + path
			case httpapi.EnvironmentLevel:
				path = master + path
			}
			out = append(out, target{api.Token, r.Method, path, r.Method == http.MethodDelete && r.Level == httpapi.SpaceLevel && r.Pattern == ""})
		}
	}
	return out
}

// fill replaces the wildcards of a path.
func fill(path, id string) string {
	var b strings.Builder
	for path != "" {
		before, rest, ok := strings.Cut(path, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		_, path, _ = strings.Cut(rest, "}")
		b.WriteString(id)
	}
	return b.String()
}

// FuzzServer sends anything as id, query, header and body to every route of a
// whole server: the answer is a success in JSON or a documented error of the
// client's, never the server's, never empty, and in time.
//
// What an input does depends on those before it, since the content stays. Run it
// with -fuzzminimizetime 1x.
func FuzzServer(f *testing.F) {
	routes := targets()
	known := []string{"why-lower-case", "article", "en-US", "master", "topic"}
	for i := range routes {
		f.Add(uint16(i), byte(i), "x", "limit=1&fields.title[match]=a&content_type=article", "X-Contentful-Version: 1\nX-Contentful-Content-Type: topic", `{"fields":{"name":{"en-US":"x"}}}`)
		f.Add(uint16(i), byte(0), "", "select=sys.id&order=-sys.createdAt&sys.id[in]=a,b&cursor=true", "X-Contentful-User-Agent: \nIf-None-Match: *", `{"name":"x","fields":[{"id":"a","name":"a","type":"Symbol"}]}`)
		f.Add(uint16(i), byte(1), "%00", "locale=*&include=10&skip=-1", "Accept: application/problem+json\nContent-Type: application/json-patch+json", `[{"op":"add","path":"/fields/title","value":{"en-US":1}}]`)
	}
	l := startLive(f, patient)
	tokens := map[access.TokenKind]string{access.Management: testToken, access.Delivery: l.delivery, access.Preview: l.preview}
	f.Fuzz(func(t *testing.T, route uint16, pick byte, id, query, headers, body string) {
		to := routes[int(route)%len(routes)]
		if n := int(pick) % (2 * len(known)); n < len(known) {
			id = known[n]
		}
		r := &http.Request{
			Method: to.method, URL: &url.URL{Path: fill(to.path, id), RawQuery: query}, Host: "h", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Authorization": {"Bearer " + tokens[to.token]}}, RemoteAddr: "127.0.0.1:1",
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}
		for line := range strings.SplitSeq(headers, "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok {
				r.Header.Add(name, strings.TrimSpace(value))
			}
		}
		w := httptest.NewRecorder()
		l.handler.ServeHTTP(w, r.WithContext(t.Context()))
		checkAnswer(t, to.method, w.Result())
		if to.dropsTheSpace {
			_, key, err := l.LoadDemo(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			tokens[access.Delivery], tokens[access.Preview] = key.Value, key.PreviewValue
		}
	})
}

// FuzzWire sends any bytes to the address: what comes back, as long as the bytes
// are at least one whole request, is an answer as FuzzServer wants it.
func FuzzWire(f *testing.F) {
	l := startLive(f, patient)
	for _, seed := range []string{
		"GET " + master + "/entries?access_token=x HTTP/1.1\r\nHost: x\r\n\r\n",
		"PUT /spaces/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
		"POST /spaces HTTP/1.1\r\nHost: api.localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n\r\n",
		"GET /spaces/100% HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://cdn.localhost/errors HTTP/1.0\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "GARBAGE\r\n\r\n", "\x16\x03\x01", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	address := strings.TrimPrefix(l.url, "http://")
	f.Fuzz(func(t *testing.T, sent []byte) {
		if len(sent) > 0 && sent[0] == handshake {
			t.Skip("it asks for TLS")
		}
		if !bytes.Contains(bytes.ReplaceAll(sent, []byte("\r"), nil), []byte("\n\n")) {
			t.Skip("its head has no end, and the server waits for it")
		}
		if bytes.HasPrefix(sent, []byte("PRI ")) {
			t.Skip("it begins HTTP/2, and the server waits for the rest")
		}
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
		if err == nil {
			_, err = io.Copy(io.Discard, request.Body)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Skip("it is not a whole request, and the server waits for the rest")
		}
		if request != nil && len(request.TransferEncoding) > 0 && !bytes.HasSuffix(bytes.ReplaceAll(sent, []byte("\r"), nil), []byte("\n\n")) {
			t.Skip("its trailer may have no end, and the server waits for it")
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(8 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(sent); err != nil {
			t.Skip("it was refused before it was sent")
		}
		in := bufio.NewReader(conn)
		res, err := http.ReadResponse(in, request)
		for err == nil && res.StatusCode == http.StatusContinue {
			res, err = http.ReadResponse(in, request)
		}
		if err != nil {
			t.Fatalf("%q: %v", sent, err)
		}
		method := http.MethodGet
		if request != nil {
			method = request.Method
		}
		checkAnswer(t, method, res)
	})
}

// checkAnswer checks what every answer has in common.
func checkAnswer(t *testing.T, method string, res *http.Response) {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	zipped := res.Header.Get("Content-Encoding") != ""
	html := strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") // pages of errors, for who asks for them
	switch {
	case res.StatusCode >= 500 || res.StatusCode >= 300 && res.StatusCode < 400 && res.StatusCode != http.StatusNotModified:
		t.Errorf("%d %s", res.StatusCode, body)
	case method == http.MethodHead || res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusNotModified:
		if len(body) > 0 {
			t.Errorf("%d with a body: %s", res.StatusCode, body)
		}
	case method == http.MethodOptions && res.StatusCode < 400 && len(body) == 0, zipped:
	case res.StatusCode < 400:
		if !html && !json.Valid(body) {
			t.Errorf("%d and no JSON: %q", res.StatusCode, body)
		}
	default:
		var e struct {
			Sys       struct{ Type, ID string }
			Message   string
			Detail    string // instead of it in application/problem+json
			RequestID string
		}
		if err := json.Unmarshal(body, &e); err != nil {
			t.Fatalf("%d and no JSON: %v: %q", res.StatusCode, err, body)
		}
		if e.Sys.Type != "Error" || e.Sys.ID == "" || e.Message+e.Detail == "" || e.RequestID != res.Header.Get("X-Contentful-Request-Id") || e.RequestID == "" {
			t.Errorf("%d %s", res.StatusCode, body)
		}
	}
}
