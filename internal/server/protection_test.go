package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/store/pgtest"
)

const space = "/spaces/" + demo.SpaceID

// protect sets which files of the example space are protected.
func (l *live) protect(t *testing.T, what string) {
	t.Helper()
	now := l.succeeds(t, "GET", space+"/_typecase/asset_protection", "")
	l.succeeds(t, "PUT", space+"/_typecase/asset_protection", `{"protected":"`+what+`"}`, "X-Contentful-Version: "+fmt.Sprint(at(now, "sys", "version")))
}

// sign is the URL of a file, signed with an asset key made with a token.
func (l *live) sign(t *testing.T, file, token string) string {
	t.Helper()
	res, key := l.send(t, "POST", master+"/asset_keys", token, fmt.Sprintf(`{"expiresAt":%d}`, time.Now().Add(time.Hour).Unix()))
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/vnd.contentful.management.v1+json" {
		t.Fatalf("a key: %d %s %v", res.StatusCode, res.Header.Get("Content-Type"), key)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"`+file+`"}`))
	mac := hmac.New(sha256.New, []byte(key["secret"].(string)))
	mac.Write([]byte(text))
	return file + "?policy=" + key["policy"].(string) + "&token=" + text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// fileOf is the URL of an asset's file as an API shows it to a token.
func (l *live) fileOf(t *testing.T, token string) string {
	t.Helper()
	_, asset := l.send(t, "GET", master+"/assets/ink", token, "")
	file := at(asset, "fields", "file")
	if token == testToken {
		file = at(asset, "fields", "file", "en-US")
	}
	url, _ := at(file.(map[string]any), "url").(string)
	return url
}

// fetch asks for a file by its public URL.
func (l *live) fetch(t *testing.T, file string, want int) *http.Response {
	t.Helper()
	u, err := url.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(l.url + u.RequestURI())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Errorf("%s: %s, want %d", file, res.Status, want)
	}
	return res
}

// The files of a space from free to protected, with the URLs that each API shows.
func TestProtection(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(*testing.T) string{"SQLite": func(*testing.T) string { return "" }, "PostgreSQL": func(t *testing.T) string { return pgtest.URL(t) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const public = "https://cms.example.org"
			data, db := t.TempDir(), database(t)
			l := startLive(t, func(c *config.Config) {
				c.Data, c.Database, c.PublicURL = data, config.Database(db), public
			})
			const label = public + "/assets.secure.typecase/files/"
			tokens := map[string]string{"management": testToken, "delivery": l.delivery, "preview": l.preview}
			shown := func(secure string) {
				t.Helper()
				for api, token := range tokens {
					if file := l.fileOf(t, token); strings.HasPrefix(file, label) != strings.Contains(secure, api) || !strings.HasPrefix(file, public) {
						t.Errorf("%s shows %s", api, file)
					}
				}
			}

			shown("")
			file := l.fileOf(t, l.delivery)
			hidden := strings.Replace(file, public+"/files/", label, 1)
			free, _ := l.send(t, "GET", master+"/assets/ink", l.delivery, "")
			if c := l.fetch(t, file, 200).Header.Get("Cache-Control"); c != "public, max-age=31536000, immutable" {
				t.Errorf("free: %s", c)
			}
			l.fetch(t, hidden, 200)

			l.protect(t, "unpublished")
			shown("")
			if c := l.fetch(t, file, 200).Header.Get("Cache-Control"); c != "public, no-cache" {
				t.Errorf("published: %s", c)
			}
			for _, query := range []string{"?policy=x", "?token=x", "?policy=x&token=x.y.z"} {
				if c := l.fetch(t, hidden+query, 200).Header.Get("Cache-Control"); c != "public, no-cache" {
					t.Errorf("published, with %s: %s", query, c)
				}
			}
			l.succeeds(t, "DELETE", master+"/assets/ink/published", "")
			_, draft := l.send(t, "GET", master+"/assets/ink", testToken, "")
			for api, token := range tokens {
				if api == "delivery" {
					l.fetch(t, l.sign(t, hidden, token), 403)
					continue
				}
				if file := l.fileOf(t, token); file != hidden {
					t.Errorf("%s shows %s", api, file)
				}
				l.fetch(t, l.sign(t, hidden, token), 200)
				l.fetch(t, l.sign(t, file, token), 200)
			}
			l.fetch(t, file, 403)
			l.fetch(t, hidden, 403)
			l.fetch(t, hidden+"?policy=x&token=x.y.z", 403)
			version := fmt.Sprint(at(draft, "sys", "version"))
			again := l.succeeds(t, "PUT", master+"/assets/ink/published", "", "X-Contentful-Version: "+version)
			l.fetch(t, file, 200)
			shown("")

			// A draft of the same file: management knows that it is published.
			l.succeeds(t, "PUT", master+"/assets/ink", `{"fields":{"title":{"en-US":"Another"},"file":{"en-US":{"contentType":"image/jpeg","fileName":"ink.jpg","url":"`+file+`"}}}}`,
				"X-Contentful-Version: "+fmt.Sprint(at(again, "sys", "version")))
			shown("preview")
			l.fetch(t, hidden, 200)

			l.protect(t, "all")
			shown("management delivery preview")
			l.fetch(t, file, 403)
			l.fetch(t, hidden, 403)
			if res, _ := l.send(t, "GET", master+"/assets/ink", l.delivery, "", "If-None-Match: "+free.Header.Get("ETag")); res.StatusCode != 200 {
				t.Errorf("the answer from before the protection: %s", res.Status)
			}
			signed := map[string]string{}
			for api, token := range tokens {
				signed[api] = l.sign(t, hidden, token)
				if c := l.fetch(t, signed[api], 200).Header.Get("Cache-Control"); !strings.HasPrefix(c, "private, max-age=3") {
					t.Errorf("signed: %s", c)
				}
			}

			l.halt(t)
			l = startLive(t, func(c *config.Config) {
				c.Data, c.Database, c.PublicURL = data, config.Database(db), public
			})
			for _, file := range signed {
				l.fetch(t, file, 200)
			}
			l.protect(t, "none")
			shown("")
			l.fetch(t, file, 200)
			l.fails(t, "POST", master+"/asset_keys", l.delivery, `{"expiresAt":1}`, 403, "AccessDenied", official)
		})
	}
}

// Webhooks are told the URLs that the APIs show.
func TestProtectedFilesInWebhooks(t *testing.T) {
	t.Parallel()
	l, c := startCalling(t)
	l.protect(t, "all")
	l.hook(t, "all", `{"name":"All","url":"`+c.url+`/all","topics":["Asset.publish","Asset.unpublish"]}`)
	l.succeeds(t, "DELETE", master+"/assets/ink/published", "")
	_, draft := l.send(t, "GET", master+"/assets/ink", testToken, "")
	l.succeeds(t, "PUT", master+"/assets/ink/published", "", "X-Contentful-Version: "+fmt.Sprint(at(draft, "sys", "version")))
	for _, topic := range []string{"unpublish", "publish"} {
		r, told := c.next(t)
		if !strings.HasSuffix(r.Header.Get("X-Contentful-Topic"), "."+topic) {
			t.Errorf("%s instead of %s", r.Header.Get("X-Contentful-Topic"), topic)
		}
		if url, ok := at(told, "fields", "file", "en-US", "url").(string); ok != (topic == "publish") || ok && !strings.Contains(url, "/assets.secure.typecase/files/") {
			t.Errorf("%s: %v", topic, told)
		}
	}
}

func init() {
	differences[56] = func(t *testing.T, l *live) {
		made := l.succeeds(t, "POST", "/spaces", `{"name":"Protected"}`)
		at := "/spaces/" + idOf(made) + "/_typecase/asset_protection"
		if got := l.succeeds(t, "GET", at, ""); got["protected"] != "none" {
			t.Errorf("in the beginning: %v", got)
		}
		if got := l.succeeds(t, "PUT", at, `{"protected":"all"}`, "X-Contentful-Version: 1"); got["protected"] != "all" {
			t.Errorf("after that: %v", got)
		}
		l.fails(t, "GET", "/assets.secure.typecase/files/"+idOf(made)+"/a/0123456789abcdef0123456789abcdef/a.txt", "", "", 403, "AccessDeniedError")

		l.succeeds(t, "PUT", space+"/environments/elsewhere", `{}`)
		l.succeeds(t, "DELETE", master+"/assets/ink/published", "")
		l.fails(t, "GET", space+"/environments/elsewhere/assets/ink", l.delivery, "", 404, "NotFoundError")
		l.protect(t, "all")
		l.fetch(t, l.sign(t, "http:"+l.fileOf(t, testToken), l.delivery), 200)
		l.protect(t, "none")
	}
}
