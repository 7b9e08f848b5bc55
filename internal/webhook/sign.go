package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Headers of a signature.
const (
	signatureHeader     = "X-Contentful-Signature"
	signedHeadersHeader = "X-Contentful-Signed-Headers"
	timestampHeader     = "X-Contentful-Timestamp"
)

// sign adds the headers by which a receiver knows who made the request and that it
// arrives as it was sent: an HMAC-SHA256 over method, path, the named headers and
// body, each on a line of its own. The timestamp keeps anyone from sending it
// again later.
func sign(r *http.Request, secret string, body []byte, names []string, at time.Time) {
	r.Header.Set(timestampHeader, strconv.FormatInt(at.UnixMilli(), 10))
	signed := []string{strings.ToLower(signedHeadersHeader), strings.ToLower(timestampHeader)}
	for _, name := range names {
		signed = append(signed, strings.ToLower(name))
	}
	slices.Sort(signed)
	r.Header.Set(signedHeadersHeader, strings.Join(signed, ","))
	lines := make([]string, len(signed))
	for i, name := range signed {
		lines[i] = name + ":" + strings.TrimSpace(r.Header.Get(name))
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(r.Method + "\n" + signedPath(r.URL.RequestURI()) + "\n" + strings.Join(lines, ";") + "\n"))
	mac.Write(body)
	r.Header.Set(signatureHeader, hex.EncodeToString(mac.Sum(nil)))
}

// signedPath is a path with its query as it goes into a signature: the query
// escaped as if it were one value, and then the whole as a URI, so what is
// escaped already is so twice.
func signedPath(uri string) string {
	parts := strings.SplitN(uri, "?", 3)
	out := parts[0]
	if len(parts) > 1 && parts[1] != "" {
		out += "?" + escapeExcept(parts[1], "-_.!~*'()")
	}
	return escapeExcept(out, "-_.!~*'();/?:@&=+$,#")
}

// escapeExcept percent-encodes all bytes but letters, digits and those of keep.
func escapeExcept(s, keep string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}
