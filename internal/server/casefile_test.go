package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// casesDir has a file for each way to fail; README.md there describes their
// form.
const casesDir = "testdata/errors"

// errorCase is a case file.
type errorCase struct {
	path     string
	topic    string // its directory
	name     string // its file without .txt; no two cases share one
	server   string // settings, as in the file
	alone    bool   // shares its server with nobody
	text     string // everything before the first answer
	steps    []caseStep
	request  caseStep
	answers  [2]string // to plain clients, to official ones; as in the file
	answer   string    // of a query case, the only one
	database string    // "" both, or the only one whose answer it is
}

// caseStep is one thing that happens before an answer, or the request itself.
type caseStep struct {
	each   bool // before each of the two requests
	raw    bool // the text goes over the wire as it is
	until  bool // repeated until it fails or, before an answer, until it has its status
	status int  // 0: any
	keep   [][2]string
	line   string // method and path, or an action
	header []string
	body   string
}

// readCases reads all case files of a directory.
func readCases(t *testing.T, dir string) []*errorCase {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var cases []*errorCase
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := parseCase(path, string(b))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		cases = append(cases, c)
	}
	return cases
}

func parseCase(path, text string) (*errorCase, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".txt")
	c := &errorCase{path: path, topic: filepath.Base(filepath.Dir(path)), name: name}
	head, rest, _ := strings.Cut("\n"+text, "\n--- ")
	for line := range strings.SplitSeq(head, "\n") {
		if value, ok := strings.CutPrefix(line, "server: "); ok {
			c.server = value
			c.alone = slices.Contains(strings.Fields(value), "alone")
		}
		if value, ok := strings.CutPrefix(line, "database: "); ok {
			c.database = value
		}
	}
	if strings.TrimSpace(head) == "" || strings.HasPrefix(head, "\nserver: ") {
		return nil, fmt.Errorf("it does not begin with what it is about")
	}
	if len(name) > 40 {
		return nil, fmt.Errorf("a name has at most 40 characters, as that of an environment")
	}
	before, _, _ := strings.Cut(text, "\n--- plain")
	before, _, _ = strings.Cut(before, "\n--- answer")
	c.text = strings.TrimRight(before, "\n") + "\n"
	for section := range strings.SplitSeq(rest, "\n--- ") {
		title, content, _ := strings.Cut(section, "\n")
		content = strings.TrimRight(content, "\n")
		words := strings.Fields(title)
		if len(words) == 0 {
			return nil, fmt.Errorf("a section without a title")
		}
		var err error
		switch words[0] {
		case "plain":
			c.answers[0] = content
		case "official":
			c.answers[1] = content
		case "answer":
			c.answer = content
		case "request":
			c.request, err = parseStep(words[1:], content)
		case "given", "before":
			var s caseStep
			s, err = parseStep(words[1:], content)
			s.each = words[0] == "before"
			c.steps = append(c.steps, s)
		default:
			err = fmt.Errorf("what is a section %q?", title)
		}
		if err != nil {
			return nil, err
		}
	}
	if c.request.line == "" && name != worldName {
		return nil, fmt.Errorf("it has no request")
	}
	return c, nil
}

// parseStep reads the words behind the name of a section, and its content.
func parseStep(words []string, content string) (caseStep, error) {
	var s caseStep
	for _, w := range words {
		name, at, kept := strings.Cut(w, "=")
		status, err := strconv.Atoi(w)
		switch {
		case kept:
			s.keep = append(s.keep, [2]string{name, at})
		case err == nil:
			s.status = status
		case w == "raw":
			s.raw = true
		case w == "until-it-fails" || w == "until":
			s.until = true
		case w == "each" || w == "any":
		default:
			return s, fmt.Errorf("what is %q behind a section's name?", w)
		}
	}
	s.line, content, _ = strings.Cut(content, "\n")
	if s.raw {
		s.body = content
		return s, nil
	}
	head, body, _ := strings.Cut("\n"+content, "\n\n")
	s.body = body
	for line := range strings.SplitSeq(strings.Trim(head, "\n"), "\n") {
		if line == "" {
			continue
		}
		if !strings.Contains(line, ":") {
			return s, fmt.Errorf("%q is no header", line)
		}
		s.header = append(s.header, line)
	}
	return s, nil
}

// write puts the case with other answers into its file.
func (c *errorCase) write(plain, official caseAnswer) error {
	text := c.text + "\n--- plain\n" + plain.String() + "\n--- official\n" + official.as(plain) + "\n"
	return os.WriteFile(c.path, []byte(text), 0o600)
}

// answer is what a server says, in the form of the case files.
type caseAnswer struct {
	status int
	header []string // "Name: value", those that are not as in every error
	body   []byte   // JSON
}

// parseAnswer reads an answer of a case file; short is a whole answer that it
// may refer to by a single line.
func parseAnswer(text string, plain *caseAnswer) (caseAnswer, error) {
	first, rest, _ := strings.Cut(text, "\n")
	word, id, _ := strings.Cut(first, " ")
	status, err := strconv.Atoi(word)
	if err != nil {
		return caseAnswer{}, fmt.Errorf("%q does not begin with a status", first)
	}
	if strings.TrimSpace(rest) == "" && plain != nil {
		return plain.shortened(status, id)
	}
	head, body, _ := strings.Cut("\n"+rest, "\n\n")
	a := caseAnswer{status: status, body: []byte(body)}
	if head = strings.TrimSpace(head); head != "" {
		a.header = strings.Split(head, "\n")
	}
	return a, nil
}

// shortened is the error a as clients of the short vocabulary get it in most
// cases: with another status and sys.id, and without a reason.
func (a caseAnswer) shortened(status int, id string) (caseAnswer, error) {
	out := caseAnswer{status: status, header: a.header}
	if len(a.body) == 0 || id == "" {
		out.body = a.body
		return out, nil
	}
	members, err := orderedMembers(a.body)
	if err != nil {
		return out, err
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for _, m := range members {
		switch m.name {
		case `"reason"`:
			continue
		case `"sys"`:
			m.value = fmt.Appendf(nil, `{"type":"Error","id":%q}`, id)
		case `"status"`: // of problem+json
			m.value = fmt.Append(nil, status)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%s", m.name, m.value)
	}
	b.WriteByte('}')
	out.body = b.Bytes()
	return out, nil
}

// as is a as short as it can be said by someone who knows plain.
func (a caseAnswer) as(plain caseAnswer) string {
	var e struct{ Sys struct{ Type, ID string } }
	first := strconv.Itoa(a.status)
	if len(a.body) > 0 && json.Unmarshal(a.body, &e) == nil && e.Sys.Type == "Error" {
		first += " " + e.Sys.ID
	}
	if short, err := parseAnswer(first, &plain); err == nil && short.String() == a.String() {
		return first
	}
	return a.String()
}

// String is the answer as files have it.
func (a caseAnswer) String() string {
	var b strings.Builder
	fmt.Fprintln(&b, a.status)
	for _, h := range a.header {
		fmt.Fprintln(&b, h)
	}
	if len(a.body) > 0 {
		b.WriteString("\n" + layout(a.body) + "\n")
	}
	return b.String()
}

// usual are headers that files name only where an answer has them otherwise:
// with another value, or, with a dash for the value, not at all.
var usual = map[string]string{
	"Vary":                          "X-Contentful-User-Agent, User-Agent, Accept, Accept-Encoding",
	"Cache-Control":                 "max-age=0",
	"Access-Control-Allow-Origin":   "*",
	"Access-Control-Expose-Headers": exposedHeaders,
	"X-Content-Type-Options":        "nosniff",
}

const exposedHeaders = "Etag, X-Contentful-Request-Id, X-Contentful-Ratelimit-Second-Limit, X-Contentful-Ratelimit-Second-Remaining, " +
	"X-Contentful-Ratelimit-Hour-Limit, X-Contentful-Ratelimit-Hour-Remaining, X-Contentful-Ratelimit-Reset, Retry-After"

// unread are headers that tell nothing about an error, and the request id, which
// is compared with that of the body.
var unread = map[string]bool{
	"Date": true, "Content-Length": true, "X-Contentful-Request-Id": true,
	"Contentful-Api": true, "X-Contentful-Route": true, "Cf-Space-Id": true, "Cf-Environment-Id": true,
}

// headerLines are the headers of an answer as files have them. Those about the
// rate limit are one line.
func headerLines(h http.Header) []string {
	h = h.Clone()
	const rates = "X-Contentful-Ratelimit-"
	rate := ""
	for _, name := range []string{"Second-Limit", "Second-Remaining", "Hour-Limit", "Hour-Remaining", "Reset"} {
		if v := h.Get(rates + name); v != "" {
			rate += ", " + strings.ToLower(name) + " " + v
		}
		h.Del(rates + name)
	}
	var lines []string
	if rate != "" {
		lines = append(lines, "X-Contentful-RateLimit: "+rate[2:])
	}
	for name, value := range usual {
		if h.Get(name) == "" {
			lines = append(lines, name+": -")
		}
		if h.Get(name) == value {
			h.Del(name)
		}
	}
	for name, values := range h {
		for _, v := range values {
			if !unread[name] {
				lines = append(lines, name+": "+v)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// member is one of a JSON object, its name with quotes.
type member struct {
	name  string
	value json.RawMessage
}

// orderedMembers are those of an object in the order of the text.
func orderedMembers(object []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var out []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var m member
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		m.name = quoted(fmt.Sprint(name))
		out = append(out, m)
	}
	return out, nil
}

func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string is never refused
	return strings.TrimSuffix(b.String(), "\n")
}

// layout is JSON as people like to read it: an object of several lines, with
// every value on one line that fits. What is no JSON stays as it is.
func layout(raw []byte) string {
	if !json.Valid(raw) {
		return string(raw)
	}
	return laidOut(raw, "", true)
}

const layoutWidth = 110

// laidOut is valid JSON below an indent; open means on several lines even if it
// fits on one.
func laidOut(raw json.RawMessage, indent string, open bool) string {
	raw = bytes.TrimSpace(raw)
	parts, closing := parts(raw)
	if len(parts) == 0 {
		return string(raw)
	}
	if !open {
		one := make([]string, len(parts))
		for i, p := range parts {
			one[i] = p.name + laidOut(p.value, "", false)
		}
		line := string(raw[:1]) + strings.Join(one, ", ") + closing
		if len(indent)+len(line) <= layoutWidth && !strings.Contains(line, "\n") {
			return line
		}
	}
	lines := make([]string, len(parts))
	for i, p := range parts {
		lines[i] = indent + "  " + p.name + laidOut(p.value, indent+"  ", false)
	}
	return string(raw[:1]) + "\n" + strings.Join(lines, ",\n") + "\n" + indent + closing
}

// parts are the members of an object, each with a colon behind its name, or the
// elements of an array without names; none for anything else.
func parts(raw json.RawMessage) (out []member, closing string) {
	switch raw[0] {
	case '{':
		out, _ = orderedMembers(raw) // it is valid
		for i := range out {
			out[i].name += ": "
		}
		return out, "}"
	case '[':
		var elements []json.RawMessage
		_ = json.Unmarshal(raw, &elements) // it is valid
		for _, e := range elements {
			out = append(out, member{value: e})
		}
		return out, "]"
	}
	return nil, ""
}
