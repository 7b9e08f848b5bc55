package server

import (
	"fmt"
	"strings"
	"testing"
)

// The tests of docs/differences.md about what is done to many entities together.
func init() {
	differences[41] = func(t *testing.T, l *live) {
		const count = 1001
		l.model(t, "many", `{"name":"Many","fields":[{"id":"links","name":"Links","type":"Array","items":{"type":"Link","linkType":"Entry"}}]}`)
		const of = "X-Contentful-Content-Type: many"
		links := make([]string, count)
		for i := range links {
			id := fmt.Sprintf("many-%d", i)
			links[i] = fmt.Sprintf(`{"sys":{"type":"Link","linkType":"Entry","id":%q}}`, id)
			l.succeeds(t, "PUT", master+"/entries/"+id, `{}`, of)
		}
		l.succeeds(t, "PUT", master+"/entries/many-half", `{"fields":{"links":{"en-US":[`+strings.Join(links[:500], ",")+`]}}}`, of)
		l.succeeds(t, "PUT", master+"/entries/many-all", `{"fields":{"links":{"en-US":[{"sys":{"type":"Link","linkType":"Entry","id":"many-half"}},`+strings.Join(links[500:], ",")+`]}}}`, of)
		for include, truncated := range map[int]bool{1: false, 2: true} {
			body := l.succeeds(t, "GET", fmt.Sprintf("%s/entries/many-all/references?include=%d", master, include), "")
			if (body["truncated"] == true) != truncated {
				t.Errorf("include=%d: truncated is %v", include, body["truncated"])
			}
		}
	}
}

// succeeds makes a management request that has to succeed and returns its answer.
func (l *live) succeeds(t *testing.T, method, path, body string, header ...string) map[string]any {
	t.Helper()
	res, got := l.send(t, method, path, testToken, body, header...)
	if res.StatusCode >= 300 {
		t.Errorf("%s %s: %d %v", method, path, res.StatusCode, got)
	}
	return got
}

// model makes and activates a content type.
func (l *live) model(t *testing.T, id, body string) {
	t.Helper()
	l.succeeds(t, "PUT", master+"/content_types/"+id, body)
	l.succeeds(t, "PUT", master+"/content_types/"+id+"/published", "", "X-Contentful-Version: 1")
}
