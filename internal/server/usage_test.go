package server

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// used is what the figures of the example space say, by API.
func (l *live) used(t *testing.T) map[string]string {
	t.Helper()
	organizations := l.succeeds(t, "GET", "/organizations", "")
	path := "/organizations/" + idOf(organizations["items"].([]any)[0].(map[string]any)) + "/space_periodic_usages"
	out := map[string]string{}
	for _, item := range l.succeeds(t, "GET", path, "")["items"].([]any) {
		out[item.(map[string]any)["metric"].(string)] = fmt.Sprint(item.(map[string]any)["usage"])
	}
	return out
}

// Requests to a space are counted by API; a server that is stopped has kept them all.
func TestUsageIsCounted(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	settings := func(c *config.Config) { c.Data, c.RatePreview = data, 1 }
	l := startLive(t, settings)
	for range 3 {
		l.send(t, "GET", master+"/entries?limit=1", l.delivery, "")
	}
	l.send(t, "GET", master+"/entries/none", l.delivery, "")
	l.send(t, "GET", master+"/entries", l.delivery, "", "If-None-Match: *")
	l.send(t, "GET", master+"/entries", "nobody", "")
	l.send(t, "GET", "/spaces/none/environments/master/entries", l.delivery, "")
	l.send(t, "OPTIONS", master+"/entries", "", "")
	l.send(t, "GET", "/users/me", testToken, "")
	l.send(t, "GET", master+"/tags", testToken, "")
	l.send(t, "HEAD", master+"/tags", testToken, "")
	answered := 0
	for range 4 { // some of them too many
		if res, _ := l.send(t, "GET", master+"/entries", l.preview, ""); res.StatusCode == http.StatusOK {
			answered++
		}
	}
	l.halt(t)

	l = startLive(t, settings)
	want := fmt.Sprint(map[string]string{"cda": "5", "cma": "2", "cpa": fmt.Sprint(answered)})
	if got := fmt.Sprint(l.used(t)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	l.send(t, "GET", master+"/entries/none", l.delivery, "") // it is counted before the whole of a small answer leaves
	l.flushUsage(t.Context())
	if got := l.used(t)["cda"]; got != "6" {
		t.Errorf("%s after one more", got)
	}
}

// What servers that share a database have counted adds up.
func TestUsageOfTwoServers(t *testing.T) {
	t.Parallel()
	db := config.Database(pgtest.URL(t))
	settings := func(c *config.Config) {
		c.Database, c.Secret = db, "one secret for both of the servers, long"
	}
	one := startLive(t, settings)
	two := startLive(t, settings)
	for i, l := range []*live{one, two, one} {
		for range 1 + i {
			l.send(t, "GET", master+"/locales", l.delivery, "")
		}
		l.flushUsage(t.Context())
	}
	for _, l := range []*live{one, two} {
		if got := l.used(t)["cda"]; got != "6" {
			t.Errorf("%s, want 6", got)
		}
	}
}

func init() {
	differences[58] = func(t *testing.T, l *live) {
		l.flushUsage(t.Context())
		before := l.used(t)["cda"]
		l.send(t, "GET", master+"/entries/none", l.delivery, "")
		l.flushUsage(t.Context())
		if got := l.used(t)["cda"]; got == before {
			t.Errorf("still %s", got)
		}
	}
}
