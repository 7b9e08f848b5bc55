package journal

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/fault"
)

// Cleaner takes out of one request what the journal may not keep. Its results
// are bounded and share no memory with what they come from.
type Cleaner struct {
	values bool
	token  string // of the request
}

// Cleaner is for a request with this access token, "" if it has none.
func (j *Journal) Cleaner(token string) Cleaner { return Cleaner{j.opt.Values, token} }

// What stands for something left out says what it was, and of texts how many
// characters they had.
const (
	secret  = "(secret)"
	more    = "(more)" // there was too much
	whole   = "(integer)"
	decimal = "(number)"
	boolean = "(boolean)"
)

func textLike(s string) string { return "(string:" + strconv.Itoa(utf8.RuneCountInString(s)) + ")" }

const (
	maxText   = 1000    // bytes of one text
	maxName   = 100     // bytes of the name of a member
	maxQuery  = 2000    // bytes of a query, give or take one parameter
	maxLooked = 1 << 15 // bytes of a text that are looked at
)

// secretLike is what gives away a secret wherever it stands: management tokens,
// an access token that slipped into the parameter before it, credentials of a
// header, user and password in a URL.
var secretLike = regexp.MustCompile(`CFPAT-[A-Za-z0-9._~+/=-]+|(?i:access_?token(?:=|%(?:25)*3D))[^&;\s"]*|(?i:\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}|://[^/?#\s"]*@`)

// Text is a text that names things, without the secrets in it.
func (c Cleaner) Text(s string) string {
	s = clip(s, maxLooked)
	if c.token != "" && strings.Contains(s, c.token) {
		s = strings.ReplaceAll(s, c.token, secret)
	}
	if strings.ContainsRune(s, '=') || strings.ContainsRune(s, '%') || strings.Contains(s, "CFPAT-") || strings.Contains(s, "://") || strings.ContainsRune(s, ' ') || strings.ContainsRune(s, '\t') {
		s = secretLike.ReplaceAllString(s, secret)
	}
	return strings.Clone(clip(s, maxText))
}

// secretNames are parts of the names of members and parameters that hold
// secrets.
var secretNames = []string{"password", "passwd", "passphrase", "secret", "token", "authorization", "apikey", "privatekey", "credential", "signature", "cookie"}

func isSecret(name string) bool {
	plain := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	for _, s := range secretNames {
		if strings.Contains(plain, s) {
			return true
		}
	}
	return false
}

// Path is the path of a request, unescaped.
func (c Cleaner) Path(path string) string { return readable(c.Text(path)) }

// plainParameters are those whose values name things. The values of others are
// what fields are compared with, or unknown.
var plainParameters = map[string]bool{
	"content_type": true, "select": true, "order": true, "limit": true, "skip": true, "include": true, "locale": true,
	"links_to_entry": true, "links_to_asset": true, "mimetype_group": true, "cursor": true,
	"status": true, "since": true, "until": true, "method": true, "route": true, "fault": true, "space": true, // of the journal itself
}

// Query is a query as it was sent, without access_token.
func (c Cleaner) Query(raw string) string {
	if raw == "" {
		return ""
	}
	var b strings.Builder
	for part := range strings.SplitSeq(raw, "&") {
		name, value, hasValue := strings.Cut(part, "=")
		name, value = unescaped(name), unescaped(value)
		if name == "access_token" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		if b.Len() > maxQuery {
			b.WriteString(more)
			break
		}
		b.WriteString(readable(c.Text(name)))
		if hasValue {
			b.WriteByte('=')
			b.WriteString(c.parameter(name, value))
		}
	}
	return b.String()
}

func (c Cleaner) parameter(name, value string) string {
	base, _, _ := strings.Cut(name, "[")
	switch {
	case value == "":
		return ""
	case isSecret(name):
		return secret
	case c.values || plainParameters[base] || strings.HasPrefix(base, "sys.") || strings.HasPrefix(base, "metadata."):
		return readable(c.Text(value))
	default:
		return textLike(value)
	}
}

// unescaped is a part of a query, as sent when its escapes are broken.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// readable escapes, as URLs do, only what a reader would take for something
// else.
func readable(s string) string {
	odd := func(r rune) bool {
		return r == utf8.RuneError || strings.ContainsRune(" %&=+#", r) || !unicode.IsPrint(r)
	}
	if strings.IndexFunc(s, odd) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if odd(r) {
			for i := range n {
				fmt.Fprintf(&b, "%%%02X", s[i])
			}
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// Error takes the values out of what an error says: its message, of which quoted
// is a part that repeats the body of the request, and its details, which may be
// nil.
func (c Cleaner) Error(message, quoted string, d *fault.Details) (string, *fault.Details) {
	if quoted != "" {
		message = strings.ReplaceAll(message, quoted, textLike(quoted))
	}
	if d == nil || d.Errors == nil {
		return c.Text(message), d
	}
	out := *d
	out.Errors = nil
	for _, p := range d.Errors {
		m := values
		if secretPath(p.Path) {
			m = secrets
		}
		if p.Value != nil && (m == secrets || !c.values) {
			value := sentText(p.Value)
			p.Details, message = without(p.Details, value), without(message, value)
			p.Value = c.clean(p.Value, m)
		}
		out.Errors = append(out.Errors, p)
	}
	return c.Text(message), &out
}

// secretPath reports whether a path of a body leads to a secret.
func secretPath(path []any) bool {
	for _, step := range path {
		if name, ok := step.(string); ok && (isSecret(name) || name == "headers") {
			return true
		}
	}
	return false
}

// sentText is a value as a text may repeat it.
func sentText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// without replaces a value in a text, but not where it is a part of a word.
func without(text, value string) string {
	if value == "" {
		return text
	}
	var b strings.Builder
	for {
		i := strings.Index(text, value)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		end := i + len(value)
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		first, _ := utf8.DecodeRuneInString(value)
		last, _ := utf8.DecodeLastRuneInString(value)
		after, _ := utf8.DecodeRuneInString(text[end:])
		if inWord(before) && inWord(first) || inWord(last) && inWord(after) {
			_, n := utf8.DecodeRuneInString(text[i:])
			b.WriteString(text[:i+n])
			text = text[i+n:]
			continue
		}
		b.WriteString(text[:i])
		b.WriteString("(value)")
		text = text[end:]
	}
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// clip shortens a text to most bytes.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
