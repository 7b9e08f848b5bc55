package files_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/embargo"
)

// token is a JSON Web Token as clients make it.
func token(secret, header, payload string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

const hs256 = `{"alg":"HS256","typ":"JWT"}`

// newKey is an asset key of a space that is good for an hour.
func newKey(t *testing.T, guard *embargo.Service, space string, kind access.TokenKind, now time.Time) embargo.Key {
	t.Helper()
	k, err := guard.CreateKey(access.Place{SpaceID: space, Protection: cms.ProtectAll}, access.Actor{Kind: kind}, fmt.Appendf(nil, `{"expiresAt":%d}`, now.Unix()+3600))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestProtected(t *testing.T) {
	t.Parallel()
	guard := newGuard(t, spaces{"s1": cms.ProtectAll, "s2": cms.ProtectAll}, at)
	blobs, base := serverOf(t, guard, "https://cms.example.org/files-of")
	path := embargo.Prefix + put(t, blobs, "ten.txt", "text/plain; charset=utf-8", "0123456789")
	key := newKey(t, guard, "s1", access.Management, at)
	published := newKey(t, guard, "s1", access.Delivery, at)
	other := newKey(t, guard, "s2", access.Management, at)
	old := newKey(t, newGuard(t, nil, at.Add(-2*time.Hour)), "s1", access.Management, at.Add(-2*time.Hour))
	foreign := newKey(t, embargo.New(nil, nil, []byte("another secret"), func() time.Time { return at }, func() string { return "jti" }), "s1", access.Management, at)

	sub := func(url string) string { return `{"sub":"` + url + `"}` }
	own := base + path
	host := strings.TrimPrefix(base, "http://")
	query := func(k embargo.Key, header, payload string) string {
		return "?policy=" + k.Policy + "&token=" + token(k.Secret, header, payload)
	}
	good := query(key, hs256, sub(own))
	expiring := func(seconds string) string { return query(key, hs256, `{"sub":"`+own+`","exp":`+seconds+`}`) }
	unix := at.Unix()

	for _, tt := range []struct {
		name, method, query string
		header              []string
		status              int
		body                string // of an error, its message
		want                map[string]string
	}{
		{"signed", "GET", good, nil, 200, "0123456789", nil},
		{"signed for https, behind a proxy", "GET", query(key, hs256, sub("https://"+host+path)), nil, 200, "0123456789", nil},
		{"signed for the public URL", "GET", query(key, hs256, sub("https://CMS.example.org:443/files-of"+path)), nil, 200, "0123456789", nil},
		{"with parameters of images", "GET", good + "&w=100&fm=webp", nil, 200, "0123456789", nil},
		{"other claims", "GET", query(key, hs256, fmt.Sprintf(`{"sub":%q,"iat":%d,"nbf":%d,"more":[1]}`, own, unix-5, unix)), nil, 200, "0123456789", nil},
		{"head", "HEAD", good, nil, 200, "", map[string]string{"Content-Length": "10"}},
		{"range", "GET", good, []string{"Range", "bytes=2-4"}, 206, "234", map[string]string{"Content-Range": "bytes 2-4/10"}},
		{"same", "GET", good, []string{"If-None-Match", `"` + unique + `"`}, 304, "", map[string]string{"Content-Type": ""}},
		{"ends before the key", "GET", expiring(fmt.Sprint(unix + 60)), nil, 200, "0123456789", map[string]string{"Cache-Control": "private, max-age=59"}},
		{"ends within a second", "GET", expiring(fmt.Sprint(unix+1) + ".75"), nil, 200, "0123456789", map[string]string{"Cache-Control": "private, max-age=0"}},
		{"ends after the key", "GET", expiring(fmt.Sprint(unix + 7200)), nil, 200, "0123456789", map[string]string{"Cache-Control": "private, max-age=3599"}},

		{"unsigned", "GET", "", nil, 403, "The file is protected. Sign its URL with an asset key, and add the parameters policy and token.", nil},
		{"unsigned and the same", "GET", "", []string{"If-None-Match", `"` + unique + `"`}, 403, "The file is protected. Sign its URL with an asset key, and add the parameters policy and token.", nil},
		{"policy only", "GET", "?policy=" + key.Policy, nil, 403, "The URL of a protected file needs both parameters, policy and token.", nil},
		{"token only", "GET", "?token=x", nil, 403, "The URL of a protected file needs both parameters, policy and token.", nil},
		{"policy too long", "GET", "?token=x.y.z&policy=" + strings.Repeat("x", 4097), nil, 403, "The policy or the token is damaged.", nil},
		{"rubbish", "GET", "?token=x&policy=y", nil, 403, badSignature, nil},
		{"wrong secret", "GET", query(embargo.Key{Policy: key.Policy, Secret: other.Secret}, hs256, sub(own)), nil, 403, badSignature, nil},
		{"the policy of another server", "GET", query(foreign, hs256, sub(own)), nil, 403, badSignature, nil},
		{"no signature", "GET", "?policy=" + key.Policy + "&token=" + cut(token("", `{"alg":"none"}`, sub(own))), nil, 403, badSignature, nil},
		{"signature none", "GET", query(key, `{"alg":"none","typ":"JWT"}`, sub(own)), nil, 403, noToken, nil},
		{"another algorithm", "GET", query(key, `{"alg":"HS512","typ":"JWT"}`, sub(own)), nil, 403, noToken, nil},
		{"critical header", "GET", query(key, `{"alg":"HS256","crit":["b64"],"b64":false}`, sub(own)), nil, 403, noToken, nil},
		{"no claims", "GET", query(key, hs256, `[]`), nil, 403, noToken, nil},
		{"another space", "GET", query(other, hs256, sub(own)), nil, 403, "The asset key is for the files of another space.", nil},
		{"key expired", "GET", query(old, hs256, sub(own)), nil, 403, "The asset key has expired. Make another one.", nil},
		{"token expired", "GET", expiring(fmt.Sprint(unix)), nil, 403, "The signed URL has expired.", nil},
		{"token expired long ago", "GET", expiring("-1e300"), nil, 403, "The signed URL has expired.", nil},
		{"not yet", "GET", query(key, hs256, fmt.Sprintf(`{"sub":%q,"nbf":%d}`, own, unix+60)), nil, 403, "The signed URL is not valid yet.", nil},
		{"another file", "GET", query(key, hs256, sub(own+"x")), nil, 403, otherURL, nil},
		{"another host", "GET", query(key, hs256, sub("https://example.org"+path)), nil, 403, otherURL, nil},
		{"another port", "GET", query(key, hs256, sub("https://127.0.0.1"+path)), nil, 403, otherURL, nil},
		{"sub with a query", "GET", query(key, hs256, sub(own+"?w=1")), nil, 403, otherURL, nil},
		{"sub with a user", "GET", query(key, hs256, sub("https://me@"+host+path)), nil, 403, otherURL, nil},
		{"sub without scheme", "GET", query(key, hs256, sub("//"+host+path)), nil, 403, otherURL, nil},
		{"no sub", "GET", query(key, hs256, `{}`), nil, 403, otherURL, nil},
		{"a key for published files", "GET", query(published, hs256, sub(own)), nil, 403, "The file is not published. Asset keys made with a delivery token are for published files only.", nil},
	} {
		res, body := ask(t, tt.method, base+path+tt.query, tt.header...)
		want := map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "ETag": `"` + unique + `"`, "Cache-Control": "private, max-age=3599",
			"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff",
		}
		if tt.status == 403 {
			body = message(t, body)
			want["Content-Type"], want["ETag"], want["Cache-Control"] = "application/json", "", "max-age=0"
		}
		if res.StatusCode != tt.status || body != tt.body {
			t.Errorf("%s: %s %q, want %d %q", tt.name, res.Status, body, tt.status, tt.body)
		}
		maps.Copy(want, tt.want)
		got := map[string]string{}
		for name := range want {
			got[name] = res.Header.Get(name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

const (
	badSignature = "The signature of the token is not that of the policy's secret."
	noToken      = "The policy and the token must be JSON Web Tokens that are signed with HS256."
	otherURL     = "The token is for another URL: its sub must be this one, without the query."
)

// cut is a token without its signature.
func cut(token string) string { return token[:strings.LastIndex(token, ".")+1] }

func message(t *testing.T, body string) string {
	t.Helper()
	var e struct {
		Sys     struct{ ID string }
		Message string
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Sys.ID != "AccessDeniedError" {
		t.Errorf("no refusal: %s", body)
	}
	return e.Message
}

// Who may not read a file is not told whether there is one, and a space that is gone
// has none.
func TestProtectedTellsNothing(t *testing.T) {
	t.Parallel()
	guard := newGuard(t, spaces{"s1": cms.ProtectUnpublished}, at)
	_, base := serverOf(t, guard, "")
	path := "/files/s1/a1/" + unique + "/none.txt"
	if res, body := ask(t, "GET", base+path); res.StatusCode != 403 {
		t.Errorf("without a signature: %s %s", res.Status, body)
	}
	key := newKey(t, guard, "s1", access.Preview, at)
	if res, body := ask(t, "GET", base+path+"?policy="+key.Policy+"&token="+token(key.Secret, hs256, `{"sub":"`+base+path+`"}`)); res.StatusCode != 404 {
		t.Errorf("with one: %s %s", res.Status, body)
	}
	if res, body := ask(t, "GET", base+strings.Replace(path, "s1", "gone", 1)); res.StatusCode != 404 {
		t.Errorf("without a space: %s %s", res.Status, body)
	}
}
