package cda_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
)

// What answers say to caches, by server, token and path.
func TestCachingHeaders(t *testing.T) {
	t.Parallel()
	w := content(t)
	n := fmt.Sprint(w.Place.Environment)
	const env = "/spaces/s/environments/master"
	closed, open := newClient(t, w, ""), newSharing(t, w, "", 90*time.Second)
	for _, test := range []struct {
		name         string
		client       client
		token, path  string
		status       int
		cache, vary  string
		surrogateKey string
	}{
		{"unless it is set", closed, "delivery", env + "/entries/e1", 200, "max-age=0", "Accept-Encoding, X-Contentful-Locale-Based-Publishing", ""},
		{"entry", open, "delivery", env + "/entries/e1", 200, "max-age=0, s-maxage=90", "Accept-Encoding, Authorization, X-Contentful-Locale-Based-Publishing", "env/s/master " + n + "/model " + n + "/entry/e1"},
		{"alias", open, "delivery", "/spaces/s/environments/alias/entries/e1", 200, "max-age=0, s-maxage=90", "Accept-Encoding, Authorization, X-Contentful-Locale-Based-Publishing", "env/s/alias " + n + "/model " + n + "/entry/e1"},
		{"list", open, "delivery", env + "/entries?content_type=post", 200, "max-age=0, s-maxage=90", "Accept-Encoding, Authorization, X-Contentful-Locale-Based-Publishing, X-Contentful-Resource-Resolution", "env/s/master " + n + "/model " + n + "/type/post"},
		{"assets", open, "delivery", env + "/assets", 200, "max-age=0, s-maxage=90", "Accept-Encoding, Authorization, X-Contentful-Locale-Based-Publishing", "env/s/master " + n + "/model " + n + "/assets"},
		{"locales", open, "delivery", env + "/locales", 200, "max-age=0, s-maxage=90", "Accept-Encoding, Authorization", "env/s/master " + n + "/model"},
		{"space", open, "delivery", "/spaces/s", 200, "max-age=0", "Accept-Encoding", ""},
		{"sync", open, "delivery", env + "/sync?initial=true", 200, "max-age=0", "Accept-Encoding", ""},
		{"feed", open, "delivery", env + "/_typecase/purges", 200, "max-age=0", "Accept-Encoding", ""},
		{"missing", open, "delivery", env + "/entries/none", 404, "max-age=0", "Accept, Accept-Encoding", ""},
		{"wrong key", open, "nobody", env + "/entries/e1", 401, "max-age=0", "Accept, Accept-Encoding", ""},
		{"preview", open, "preview", env + "/entries/e1", 200, "private, max-age=0", "Accept-Encoding", ""},
		{"preview list", closed, "preview", env + "/entries", 200, "private, max-age=0", "Accept-Encoding, X-Contentful-Resource-Resolution", ""},
		{"preview sync", open, "preview", env + "/sync?initial=true", 200, "private, max-age=0", "Accept-Encoding", ""},
		{"preview space", open, "preview", "/spaces/s", 200, "private, max-age=0", "Accept-Encoding", ""},
	} {
		r := test.client.do("GET", test.token, test.path)
		h := r.Header()
		got := []any{r.Code, h.Get("Cache-Control"), h.Get("Vary"), h.Get("Surrogate-Key"), h.Get("Cache-Tag")}
		want := []any{test.status, test.cache, test.vary, test.surrogateKey, strings.ReplaceAll(test.surrogateKey, " ", ",")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if r.Code != 200 || h.Get("ETag") == "" {
			continue
		}
		// a cache that asks whether its answer is still good must not lose it
		again := test.client.do("GET", test.token, test.path, "If-None-Match", h.Get("ETag"))
		if again.Code != 304 || again.Header().Get("Cache-Control") != test.cache || again.Header().Get("Vary") != test.vary {
			t.Errorf("%s, known: %d %q %q", test.name, again.Code, again.Header().Get("Cache-Control"), again.Header().Get("Vary"))
		}
	}
}

// Entries of other spaces are for who has their tokens.
func TestCachingFar(t *testing.T) {
	t.Parallel()
	c := newSharing(t, content(t), "", time.Minute)
	tokens := base64.StdEncoding.EncodeToString([]byte(`{"spaces":{"other":"token"}}`))
	h := c.do("GET", "delivery", "/spaces/s/entries", "X-Contentful-Resource-Resolution", tokens).Header()
	got := []string{h.Get("Cache-Control"), h.Get("Vary"), h.Get("Surrogate-Key"), h.Get("Cache-Tag")}
	if diff := cmp.Diff([]string{"max-age=0", "Accept-Encoding, X-Contentful-Locale-Based-Publishing, X-Contentful-Resource-Resolution", "", ""}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What was kept is named by the feed once it has changed, whoever reads it.
func TestPurgeFeed(t *testing.T) {
	t.Parallel()
	w := content(t)
	c := newSharing(t, w, "", time.Hour)
	const env = "/spaces/s/environments/master"
	feed := func(since string) (keys []string, next string) {
		t.Helper()
		r := c.do("GET", "delivery", env+"/_typecase/purges"+since)
		var a struct {
			Sys  struct{ Type string }
			Keys []string
			Next string
			More *bool
		}
		if err := json.Unmarshal(r.Body.Bytes(), &a); err != nil || r.Code != 200 || a.Sys.Type != "Purges" || a.Keys == nil || a.More == nil || *a.More {
			t.Fatalf("%d %s", r.Code, r.Body)
		}
		return a.Keys, a.Next
	}
	keys, next := feed("")
	if len(keys) > 0 {
		t.Errorf("to begin with: %q", keys)
	}
	kept := strings.Fields(c.do("GET", "delivery", env+"/entries?content_type=post").Header().Get("Surrogate-Key"))
	w.Publish(cms.KindEntry, "e2")
	keys, _ = feed("?since=" + next)
	found := false
	for _, k := range keys {
		for _, old := range kept {
			found = found || k == old
		}
	}
	if !found {
		t.Errorf("a list with %q got longer; the feed has %q", kept, keys)
	}
	if keys, _ = feed("?since=9999.1.1"); len(keys) != 1 || keys[0] != "env/s/master" {
		t.Errorf("since a place that is not here: %q", keys)
	}

	for query, parameter := range map[string]string{"?since=x": "since", "?since=1": "since", "?since=1.2": "since", "?since=-1.2.3": "since", "?sinse=1.1.1": "sinse", "?since=": "since"} {
		r := c.do("GET", "delivery", env+"/_typecase/purges"+query)
		if r.Code != 400 || !strings.Contains(r.Body.String(), `"InvalidQuery"`) || !strings.Contains(r.Body.String(), `"parameter":"`+parameter+`"`) {
			t.Errorf("%s: %d %s", query, r.Code, r.Body)
		}
	}
	if r := c.do("GET", "preview", env+"/_typecase/purges"); r.Code != 401 {
		t.Errorf("drafts lie in no shared cache: %d %s", r.Code, r.Body)
	}
	if r := c.do("GET", "branch", env+"/_typecase/purges"); r.Code != 404 {
		t.Errorf("with a key for another environment: %d %s", r.Code, r.Body)
	}
}
