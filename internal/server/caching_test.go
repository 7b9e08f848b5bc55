package server

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/config"
)

// sharedCaches is the test of a difference: a cache that keeps answers by their
// keys and follows the feed has the answer from before a publication no longer
// after it, and all others still.
func sharedCaches(t *testing.T, _ *live) {
	l := startLive(t, func(c *config.Config) { c.CacheShared = config.Duration(time.Hour) })
	paths := []string{"/entries/why-lower-case", "/entries?content_type=article", "/entries?content_type=topic", "/locales", "/assets"}
	kept := map[string][]string{}
	for _, path := range paths {
		res, _ := l.send(t, "GET", master+path, l.delivery, "")
		keys := res.Header.Get("Surrogate-Key")
		if res.Header.Get("Cache-Control") != "max-age=0, s-maxage=3600" || !strings.Contains(res.Header.Get("Vary"), "Authorization") ||
			keys == "" || res.Header.Get("Cache-Tag") != strings.ReplaceAll(keys, " ", ",") {
			t.Errorf("%s: %v", path, res.Header)
		}
		kept[path] = strings.Fields(keys)
	}
	_, begin := l.send(t, "GET", master+"/_typecase/purges", l.delivery, "")
	res, _ := l.send(t, "PUT", master+"/entries/why-lower-case/published", testToken, "", "X-Contentful-Version: 2")
	if res.StatusCode != 200 {
		t.Fatalf("publishing: %s", res.Status)
	}
	_, feed := l.send(t, "GET", master+"/_typecase/purges?since="+begin["next"].(string), l.delivery, "")
	for _, key := range feed["keys"].([]any) {
		for path, keys := range kept {
			if slices.Contains(keys, key.(string)) {
				delete(kept, path)
			}
		}
	}
	var left []string
	for path := range kept {
		left = append(left, path)
	}
	slices.Sort(left)
	if want := []string{"/assets", "/entries?content_type=topic", "/locales"}; !slices.Equal(left, want) {
		t.Errorf("kept are %q, want %q; the feed has %v", left, want, feed["keys"])
	}
}
