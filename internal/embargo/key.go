package embargo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// maxLife is the longest an asset key is good for.
const maxLife = 48 * time.Hour

// maxToken bounds a policy and a token, in bytes. A URL is not much longer.
const maxToken = 4096

// Key is an asset key.
type Key struct {
	Policy string `json:"policy"`
	Secret string `json:"secret"`
}

// header is that of a policy.
type header struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	Kid string `json:"kid,omitempty"`
}

// policy says what a key is for.
type policy struct {
	Exp         int64  `json:"exp"` // seconds
	Sub         string `json:"sub"` // id of the space
	Aud         string `json:"aud"`
	JTI         string `json:"jti"`
	Unpublished bool   `json:"ctf:unpub"` // for unpublished files too
}

const audience = "adn"

// CreateKey makes a key for the files of a space. Its body says when the key is to
// expire. Keys made with a delivery token are for published files.
//
// Errors: fault.AccessDenied when the space is not protected;
// fault.ValidationFailed.
func (s *Service) CreateKey(p access.Place, a access.Actor, body []byte) (Key, error) {
	if p.Protection == cms.ProtectNone {
		return Key{}, denied("The files of this space are not protected: their URLs need no asset key.")
	}
	expires, err := s.expiry(body)
	if err != nil {
		return Key{}, err
	}
	text := part(header{Alg: "HS256", Typ: "JWT", Kid: "1:1"}) + "." +
		part(policy{Exp: expires, Sub: p.SpaceID, Aud: audience, JTI: s.newID(), Unpublished: a.Kind != access.Delivery})
	return Key{Policy: text, Secret: s.secret(text)}, nil
}

// expiry reads when a key is to expire.
func (s *Service) expiry(body []byte) (int64, error) {
	var in struct {
		ExpiresAt json.RawMessage `json:"expiresAt"`
	}
	if body != nil && json.Unmarshal(body, &in) != nil {
		return 0, invalid(fault.Detail{Name: "type", Type: "Object", Value: body, Details: `The type of "value" is incorrect, expected type: Object`})
	}
	path := []any{"expiresAt"}
	if in.ExpiresAt == nil || string(in.ExpiresAt) == "null" {
		return 0, invalid(fault.Detail{Name: "required", Path: path, Details: `The property "expiresAt" is required here`})
	}
	var at int64
	if json.Unmarshal(in.ExpiresAt, &at) != nil {
		return 0, invalid(fault.Detail{Name: "type", Type: "Integer", Path: path, Value: in.ExpiresAt, Details: `The type of "expiresAt" is incorrect, expected type: Integer`})
	}
	least := s.now().Unix()
	most := least + int64(maxLife/time.Second)
	if at < least || at > most {
		return 0, invalid(fault.Detail{Name: "range", Path: path, Value: in.ExpiresAt, Min: fault.Raw(least), Max: fault.Raw(most),
			Details: "An asset key expires at a time in seconds since 1970 that is not in the past, and at most 48 hours ahead."})
	}
	return at, nil
}

func invalid(d fault.Detail) error { return fault.Invalid(fault.ValidationFailed, d) }

// part is one part of a JSON Web Token.
func part(v any) string {
	b, _ := json.Marshal(v) // strings, numbers and booleans always encode
	return base64.RawURLEncoding.EncodeToString(b)
}

// secret is that of a policy. As the third part of a token it would be the
// signature of the other two.
func (s *Service) secret(policy string) string { return sign(s.key, policy) }

func sign(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// grant is what a signed URL allows.
type grant struct {
	until       time.Time
	unpublished bool
}

// check verifies the signature of a URL. That a policy was made here need not be
// verified by itself: only who was given its secret can have signed the token.
func (s *Service) check(space string, r Request) (grant, error) {
	var none grant
	if r.Policy == "" && r.Token == "" {
		return none, denied("The file is protected. Sign its URL with an asset key, and add the parameters policy and token.")
	}
	if r.Policy == "" || r.Token == "" {
		return none, denied("The URL of a protected file needs both parameters, policy and token.")
	}
	if len(r.Policy) > maxToken || len(r.Token) > maxToken {
		return none, denied("The policy or the token is damaged.")
	}
	signed, signature, ok := cutLast(r.Token)
	if !ok || !hmac.Equal([]byte(signature), []byte(sign([]byte(s.secret(r.Policy)), signed))) {
		return none, denied("The signature of the token is not that of the policy's secret.")
	}
	var key policy
	var token struct {
		Sub string   `json:"sub"`
		Exp *float64 `json:"exp"` // seconds
		Nbf float64  `json:"nbf"`
	}
	if !readParts(r.Policy, &key) || !readParts(signed, &token) {
		return none, denied("The policy and the token must be JSON Web Tokens that are signed with HS256.")
	}
	now := s.now()
	until := time.Unix(key.Exp, 0)
	if token.Exp != nil && *token.Exp < float64(key.Exp) {
		until = time.Unix(int64(*token.Exp), 0)
	}
	switch {
	case key.Aud != audience || key.Sub != space:
		return none, denied("The asset key is for the files of another space.")
	case !now.Before(time.Unix(key.Exp, 0)):
		return none, denied("The asset key has expired. Make another one.")
	case !now.Before(until):
		return none, denied("The signed URL has expired.")
	case token.Nbf > float64(now.Unix()):
		return none, denied("The signed URL is not valid yet.")
	case !isURL(token.Sub, r.URLs):
		return none, denied("The token is for another URL: its sub must be this one, without the query.")
	}
	return grant{until, key.Unpublished}, nil
}

// cutLast splits a token before its signature.
func cutLast(token string) (signed, signature string, ok bool) {
	i := strings.LastIndexByte(token, '.')
	if i < 0 {
		return "", "", false
	}
	return token[:i], token[i+1:], true
}

// readParts reads the claims of a token whose signature is good. No algorithm but
// the one that was used may be named, and nothing that must be understood.
func readParts(text string, claims any) bool {
	first, second, ok := strings.Cut(text, ".")
	var head struct {
		Alg  string          `json:"alg"`
		Crit json.RawMessage `json:"crit"`
	}
	return ok && readPart(first, &head) && head.Alg == "HS256" && head.Crit == nil && readPart(second, claims)
}

func readPart(text string, v any) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && json.Unmarshal(raw, v) == nil
}

// isURL reports whether a text is one of some URLs with a scheme in front. Which
// one is not known: a proxy may speak another than the client.
func isURL(text string, urls []string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return false
	}
	return slices.Contains(urls, Address(u.Scheme, u.Host)+u.EscapedPath())
}

// Address is a host as clients spell it in URLs: in lower case, and without the
// port that a scheme has anyway.
func Address(scheme, host string) string {
	port := map[string]string{"http": ":80", "https": ":443"}[scheme]
	return strings.TrimSuffix(strings.ToLower(host), port)
}
