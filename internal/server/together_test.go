package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// TestReleaseIsSeenAtOnce publishes a release of 200 entries, by a request and by a
// scheduled action, and unpublishes it while others write, and reads all the time:
// every answer of the delivery API shows all of them or none, as items and as what an
// item links to.
func TestReleaseIsSeenAtOnce(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*config.Config){
		"SQLite":     func(*config.Config) {},
		"PostgreSQL": func(cfg *config.Config) { cfg.Database = config.Database(pgtest.URL(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seenAtOnce(t, startLive(t, change))
		})
	}
}

func seenAtOnce(t *testing.T, l *live) {
	const count = 200
	l.model(t, "crowd", `{"name":"Crowd","fields":[]}`)
	l.model(t, "list", `{"name":"List","fields":[{"id":"of","name":"Of","type":"Array","items":{"type":"Link","linkType":"Entry"}}]}`)
	links := make([]string, count)
	for i := range links {
		id := fmt.Sprint("crowd-", i)
		links[i] = fmt.Sprintf(`{"sys":{"type":"Link","linkType":"Entry","id":%q}}`, id)
		l.succeeds(t, "PUT", master+"/entries/"+id, `{}`, "X-Contentful-Content-Type: crowd")
	}
	all := strings.Join(links, ",")
	l.succeeds(t, "PUT", master+"/entries/list", `{"fields":{"of":{"en-US":[`+all+`]}}}`, "X-Contentful-Content-Type: list")
	l.succeeds(t, "PUT", master+"/entries/list/published", "", "X-Contentful-Version: 1")

	ctx, stop := context.WithCancel(t.Context())
	var others sync.WaitGroup
	var seen [2][2]atomic.Int64 // answers by path, and by whether they show all
	for path, query := range []string{"?content_type=crowd&limit=1000&select=sys", "?content_type=list&include=1"} {
		for range 2 {
			others.Go(func() { l.poll(ctx, t, query, count, &seen[path]) })
		}
	}
	for w := range 2 {
		others.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				l.quietly(ctx, t, "PUT", fmt.Sprintf("%s/entries/noise-%d-%d", master, w, i), testToken, "X-Contentful-Content-Type: list")
			}
		})
	}
	id := idOf(l.succeeds(t, "POST", master+"/releases", `{"title":"Crowd","entities":{"items":[`+all+`]}}`))
	release, v := master+"/releases/"+id, 1
	act := func(method string) {
		begun := l.succeeds(t, method, release+"/published", "", fmt.Sprint("X-Contentful-Version: ", v))
		if a := l.ended(t, release+"/actions/"+idOf(begun)); at(a, "sys", "status") != "succeeded" {
			t.Errorf("%s: %v", method, a)
		}
	}
	more := func() { // everybody reads again
		for path := range seen {
			for enough := seen[path][0].Load() + seen[path][1].Load() + 4; ctx.Err() == nil && seen[path][0].Load()+seen[path][1].Load() < enough; {
				l.succeeds(t, "GET", master, "")
			}
		}
	}
	schedule := func() {
		const schedules = "/spaces/" + demo.SpaceID + "/scheduled_actions"
		made := l.succeeds(t, "POST", schedules, `{"action":"publish","entity":{"sys":{"type":"Link","linkType":"Release","id":"`+id+`"}},
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
			"scheduledFor":{"datetime":"`+time.Now().Add(200*time.Millisecond).Format(time.RFC3339Nano)+`"}}`)
		if a := l.ended(t, schedules+"/"+idOf(made)+"?environment.sys.id=master"); at(a, "sys", "status") != "succeeded" {
			t.Errorf("scheduled: %v", a)
		}
	}
	for _, publish := range []func(){schedule, func() { act("PUT") }} {
		more()
		publish()
		more()
		v++
		l.succeeds(t, "DELETE", release+"/archived", "", fmt.Sprint("X-Contentful-Version: ", v))
		v++
		act("DELETE")
	}
	stop()
	others.Wait()
	for path := range seen {
		if seen[path][0].Load() == 0 || seen[path][1].Load() == 0 {
			t.Errorf("path %d: %d answers without them, %d with them", path, seen[path][0].Load(), seen[path][1].Load())
		}
	}
	t.Logf("answers without and with them: %d and %d as items, %d and %d as links", seen[0][0].Load(), seen[0][1].Load(), seen[1][0].Load(), seen[1][1].Load())
}

// poll reads a collection until it is stopped; it has all of the crowd or none.
func (l *live) poll(ctx context.Context, t *testing.T, query string, all int, seen *[2]atomic.Int64) {
	for ctx.Err() == nil {
		raw := l.quietly(ctx, t, "GET", master+"/entries"+query, l.delivery)
		if raw == nil {
			return
		}
		var page struct {
			Items    []json.RawMessage
			Includes struct{ Entry []json.RawMessage }
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			t.Errorf("%v in %.300s", err, raw)
			return
		}
		n := len(page.Includes.Entry)
		if strings.Contains(query, "crowd") {
			n = len(page.Items)
		}
		switch n {
		case 0:
			seen[0].Add(1)
		case all:
			seen[1].Add(1)
		default:
			t.Errorf("%s shows %d of %d", query, n, all)
		}
	}
}

// quietly makes a request that has to succeed unless it is stopped, and returns
// the body; nil when it was stopped.
func (l *live) quietly(ctx context.Context, t *testing.T, method, path, token string, header ...string) []byte {
	req, err := http.NewRequestWithContext(ctx, method, l.url+path, nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		return nil
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s %s: %d %v %.300s", method, path, res.StatusCode, err, raw)
		}
		return nil
	}
	return raw
}
