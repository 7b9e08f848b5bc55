package server

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/httpapi/sdktest"
	"github.com/typecase/typecase/internal/store/pgtest"
)

var update = flag.Bool("update", false, "write the answers of the error cases")

// TestErrorCases plays the files of testdata/errors against whole servers, on
// both databases as far as they need no settings. Cases with the same settings
// share a server.
func TestErrorCases(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("./check runs it without the race detector, which makes it many times slower")
	}
	groups := map[string][]*errorCase{}
	seen := map[string]string{}
	for _, c := range readCases(t, casesDir) {
		if other := seen[c.name]; other != "" {
			t.Fatalf("%s has the name of %s", c.path, other)
		}
		seen[c.name] = c.path
		name := c.server
		if name == "" {
			name = "default"
		}
		if c.alone {
			name += " " + c.name
		}
		groups[name] = append(groups[name], c)
	}
	databases := []string{"SQLite", "PostgreSQL"}
	if *update {
		databases = databases[:1] // what it says is for the others to say
	}
	for _, database := range databases {
		t.Run(database, func(t *testing.T) {
			for name, cases := range groups {
				cases = slices.DeleteFunc(slices.Clone(cases), func(c *errorCase) bool { return c.database != "" && c.database != database })
				if len(cases) == 0 || database == "PostgreSQL" && cases[0].server != "" {
					continue // a setting works the same on both
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					l := startLive(t, func(c *config.Config) {
						configure(t, c, cases[0].server)
						if database == "PostgreSQL" {
							c.Database = config.Database(pgtest.URL(t))
						}
					})
					p := newPlayer(t, l)
					for _, c := range cases {
						t.Run(c.name, func(t *testing.T) { p.play(t, c, *update) })
					}
				})
			}
		})
	}
}

// configure gives settings their values: name=value, separated by spaces.
func configure(t *testing.T, c *config.Config, settings string) {
	t.Helper()
	var args []string
	for word := range strings.FieldsSeq(settings) {
		if word != "alone" {
			args = append(args, "--"+word)
		}
	}
	var parsed config.Config
	parser, err := kong.New(&parsed)
	if err == nil {
		_, err = parser.Parse(args)
	}
	if err == nil {
		err = parsed.Validate()
	}
	if err != nil {
		t.Fatalf("server: %s: %v", settings, err)
	}
	parsed.Data, parsed.HTTP, parsed.HTTPS, parsed.BootstrapToken = c.Data, c.HTTP, c.HTTPS, c.BootstrapToken
	*c = parsed
}

// player plays cases against one server.
type player struct {
	l     *live
	alone bool              // nobody else uses the server
	names map[string]string // what {name} stands for in requests
	hide  map[string]string // values of this server, and their {name} in answers
}

func newPlayer(t *testing.T, l *live) *player {
	t.Helper()
	p := &player{l: l, names: map[string]string{
		"space": "/spaces/" + demo.SpaceID, "master": master, "server": l.url, "host": strings.TrimPrefix(l.url, "http://"),
		"management": testToken, "delivery": l.delivery, "preview": l.preview,
	}}
	header := []string{"Authorization: Bearer " + testToken}
	user := p.must(t, caseStep{line: "GET /users/me", header: header, status: 200, keep: [][2]string{{"user", "sys.id"}}})
	reader := p.must(t, caseStep{line: "POST /users/me/access_tokens", header: header, status: 201, keep: [][2]string{{"reader", "token"}},
		body: `{"name":"reader","scopes":["content_management_read"]}`})
	p.names["user"], p.names["reader"] = user["user"], reader["reader"]
	p.hide = map[string]string{l.url: "{server}", p.names["host"]: "{host}", user["user"]: "{user}"}
	return p
}

// play makes the requests of a case and compares the answers.
func (p *player) play(t *testing.T, c *errorCase, write bool) {
	own := &player{l: p.l, alone: c.alone, names: map[string]string{}, hide: map[string]string{}}
	for name, value := range p.names {
		own.names[name] = value
	}
	for value, name := range p.hide {
		own.hide[value] = name
	}
	if strings.Contains(c.text, "{env}") {
		own.names["env"] = p.names["space"] + "/environments/" + c.name
		own.must(t, caseStep{line: "PUT {env}", header: []string{"Authorization: Bearer {management}"}, body: "{}", status: 201})
	}
	for _, s := range c.steps {
		if !s.each {
			own.must(t, s)
		}
	}
	var got [2]caseAnswer
	for i, mark := range []string{"", "X-Contentful-User-Agent: sdk contentful.js/11.12.10"} {
		for _, s := range c.steps {
			if s.each {
				own.must(t, s)
			}
		}
		request := c.request
		if mark != "" {
			request.header = append(slices.Clone(request.header), mark)
		}
		got[i] = own.answer(t, request)
	}
	if err := compareAnswers(c, got); err != nil {
		if !write {
			t.Fatalf("%s: %v", c.path, err)
		}
		if err := c.write(got[0], got[1]); err != nil {
			t.Fatal(err)
		}
	}
}

// compareAnswers is an error that says where the answers are not those of the
// file.
func compareAnswers(c *errorCase, got [2]caseAnswer) error {
	plain, err := parseAnswer(c.answers[0], nil)
	if err != nil {
		return fmt.Errorf("answer to plain clients: %w; -update writes it", err)
	}
	official, err := parseAnswer(c.answers[1], &plain)
	if err != nil {
		return fmt.Errorf("answer to official clients: %w; -update writes it", err)
	}
	for i, want := range []caseAnswer{plain, official} {
		to := []string{"plain", "official"}[i]
		if got[i].status != want.status {
			return fmt.Errorf("to %s clients: status %d, want %d:\n%s", to, got[i].status, want.status, got[i])
		}
		if diff := cmp.Diff(want.header, got[i].header); diff != "" {
			return fmt.Errorf("headers to %s clients (-want +got):\n%s", to, diff)
		}
		if diff := cmp.Diff(looseJSON(want.body), looseJSON(got[i].body)); diff != "" {
			return fmt.Errorf("body to %s clients (-want +got):\n%s", to, diff)
		}
	}
	return nil
}

// looseJSON is JSON decoded, so that space and the order of names do not matter.
func looseJSON(raw []byte) any {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return strings.TrimSpace(string(raw))
	}
	return v
}

// must does a step, which has to come out as it says, and keeps what is to be
// kept of its answer.
func (p *player) must(t *testing.T, s caseStep) map[string]string {
	t.Helper()
	if p.act(t, s.line) {
		return nil
	}
	res, body := p.send(t, s)
	for deadline := time.Now().Add(10 * time.Second); s.until && res.StatusCode != s.status && time.Now().Before(deadline); {
		res, body = p.send(t, s)
	}
	if s.status == 0 && res.StatusCode >= 500 || s.status != 0 && s.status != res.StatusCode {
		t.Fatalf("%s: %s, want %d: %s", s.line, res.Status, s.status, body)
	}
	kept := map[string]string{}
	for _, k := range s.keep {
		value := memberAt(body, k[1])
		if value == "" {
			t.Fatalf("%s: no %s in %s", s.line, k[1], body)
		}
		kept[k[0]], p.names[k[0]] = value, value
		if p.hide != nil {
			p.hide[value] = "{" + k[0] + "}"
		}
	}
	return kept
}

// act does what no request can do; false if the line is a request.
func (p *player) act(t *testing.T, line string) bool {
	t.Helper()
	switch verb, rest, _ := strings.Cut(p.fill(t, line), " "); verb {
	case "hibernate":
		if err := p.l.Authoring.HibernateSpace(t.Context(), rest); err != nil {
			t.Fatal(err)
		}
	case "close-the-database":
		if err := p.l.store.Close(); err != nil {
			t.Fatal(err)
		}
	case "panic-on-writing":
		p.l.Authoring.Now = func() time.Time { panic("a clock without hands") }
	default:
		return false
	}
	return true
}

// memberAt is the text at a path such as items.0.sys.id, or "".
func memberAt(body []byte, path string) string {
	v := looseJSON(body)
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			if i, err := strconv.Atoi(part); err == nil && i < len(x) {
				v = x[i]
			}
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

var (
	nameOf   = regexp.MustCompile(`\{[a-z][a-zA-Z]*\}`)
	manyOf   = regexp.MustCompile(`\{(\d+)\*([^{}]+)\}`)
	byteOf   = regexp.MustCompile(`\{\\x([0-9a-f]{2})\}`)
	momentIn = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*Z`)
)

// fill puts in what names stand for: {env}; {100*x} is x a hundred times, and
// {\xff} a byte.
func (p *player) fill(t *testing.T, s string) string {
	t.Helper()
	s = nameOf.ReplaceAllStringFunc(s, func(name string) string {
		value, ok := p.names[name[1:len(name)-1]]
		if !ok {
			t.Fatalf("what is %s?", name)
		}
		return value
	})
	s = manyOf.ReplaceAllStringFunc(s, func(many string) string {
		m := manyOf.FindStringSubmatch(many)
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Repeat(m[2], n)
	})
	return byteOf.ReplaceAllStringFunc(s, func(b string) string {
		v, err := strconv.ParseUint(b[3:5], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		return string([]byte{byte(v)})
	})
}

// answer makes the request of a case and puts the answer into the form of the
// files.
func (p *player) answer(t *testing.T, s caseStep) caseAnswer {
	t.Helper()
	res, body := p.send(t, s)
	for deadline := time.Now().Add(10 * time.Second); s.until && res.StatusCode < 300; res, body = p.send(t, s) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not fail", s.line)
		}
	}
	id := res.Header.Get("X-Contentful-Request-Id")
	if id == "" || len(body) > 0 && !bytes.Contains(body, []byte(`"requestId":"`+id+`"`)) && res.StatusCode >= 400 {
		t.Errorf("the request id %q is not that of the body: %s", id, body)
	}
	if res.StatusCode >= 400 && len(body) == 0 && res.Request.Method != http.MethodHead {
		t.Errorf("an error without a body")
	}
	if res.StatusCode >= 400 && len(body) > 0 {
		sdktest.Check(t, res.StatusCode, res.Header, body)
		checkPointers(t, p.fill(t, s.body), body)
	}
	a := caseAnswer{status: res.StatusCode, header: headerLines(res.Header)}
	for i := range a.header {
		a.header[i] = p.hidden(a.header[i], id)
		if strings.HasPrefix(a.header[i], "Etag: ") { // of a success; it follows the state of the whole environment
			a.header[i] = "Etag: {etag}"
		}
	}
	a.body = []byte(momentIn.ReplaceAllString(p.hidden(string(body), id), "{time}"))
	return a
}

// hidden is a text of the server with names in place of its values.
func (p *player) hidden(text, requestID string) string {
	values := []string{requestID}
	for value := range p.hide {
		values = append(values, value)
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	for _, v := range values {
		name := p.hide[v]
		if v == requestID {
			name = "{request}"
		}
		text = strings.ReplaceAll(text, v, name)
	}
	return text
}

var plainClient = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       30 * time.Second,
}

// send makes a request and reads the whole answer.
func (p *player) send(t *testing.T, s caseStep) (*http.Response, []byte) {
	t.Helper()
	if s.raw {
		return p.sendRaw(t, s)
	}
	method, path, ok := strings.Cut(p.fill(t, s.line), " ")
	if !ok {
		t.Fatalf("%q is no request", s.line)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, p.l.url+path, strings.NewReader(p.fill(t, s.body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range s.header {
		name, value, _ := strings.Cut(p.fill(t, h), ":")
		value = strings.TrimSpace(value)
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Add(name, value)
	}
	res, err := plainClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode < 300 && !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, method) && strings.HasPrefix(path, master) && !p.alone {
		t.Fatalf("%s %s changes what other cases read; use {env}", method, path)
	}
	return res, bytes.TrimSpace(bodyOf(t, res))
}

// sendRaw sends a text as it stands, with the line ends of HTTP.
func (p *player) sendRaw(t *testing.T, s caseStep) (*http.Response, []byte) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.names["host"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	lines := slices.Concat([]string{s.line}, s.header, strings.Split(s.body, "\n"))
	text := p.fill(t, strings.Join(lines, "\r\n")) + "\r\n\r\n"
	go func() { _, _ = io.WriteString(conn, text) }() // an answer may come before the end of the text
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Request = &http.Request{Method: http.MethodGet}
	return res, bytes.TrimSpace(bodyOf(t, res))
}

func bodyOf(t *testing.T, res *http.Response) []byte {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCaseFiles: what is written of an answer is read as the same answer.
func TestCaseFiles(t *testing.T) {
	t.Parallel()
	plain := caseAnswer{404, []string{"Content-Type: x"}, []byte(`{"sys":{"type":"Error","id":"NotFoundError"},"message":"<m>","reason":"UnknownRoute"}`)}
	official := caseAnswer{404, []string{"Content-Type: x"}, []byte(`{"sys":{"type":"Error","id":"UnknownRoute"},"message":"<m>"}`)}
	if got := official.as(plain); got != "404 UnknownRoute" {
		t.Errorf("short form: %s", got)
	}
	for _, a := range []caseAnswer{plain, official, {204, nil, nil}} {
		read, err := parseAnswer(a.String(), nil)
		if err != nil || read.status != a.status || !reflect.DeepEqual(looseJSON(read.body), looseJSON(a.body)) || !slices.Equal(read.header, a.header) {
			t.Errorf("%v\nis read as\n%v: %v", a, read, err)
		}
	}
	other := official
	other.body = []byte(`{"sys":{"type":"Error","id":"UnknownRoute"},"message":"other"}`)
	if got := other.as(plain); got != other.String() {
		t.Errorf("another message is lost: %s", got)
	}
}
