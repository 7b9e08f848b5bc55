package server

import (
	"net/http"
	"testing"
)

// TestStatementsPerRequest holds how many SQL statements each kind of request
// needs on SQLite once the server is warm: costs that no faster machine makes up
// for.
func TestStatementsPerRequest(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	const list = master + "/entries?content_type=article&order=-fields.publishedOn&include=2&query=type"
	article := string(article("counted"))
	tag := ""
	for _, tt := range []struct {
		name, method, path, token, body string
		status                          int
		want                            int64
		header                          []string
	}{
		{name: "entry", method: "GET", path: master + "/entries/why-lower-case", token: l.delivery, status: 200},
		{name: "list with links", method: "GET", path: list, token: l.delivery, status: 200},
		{name: "known", method: "GET", path: list, token: l.delivery, status: 304},
		{name: "preview", method: "GET", path: list, token: l.preview, status: 200},
		{name: "create", method: "PUT", path: master + "/entries/counted", token: testToken, body: article, status: 201, want: 9, header: []string{"X-Contentful-Content-Type: article"}},
		{name: "publish", method: "PUT", path: master + "/entries/counted/published", token: testToken, status: 200, want: 7, header: []string{"X-Contentful-Version: 1"}},
		{name: "update", method: "PUT", path: master + "/entries/counted", token: testToken, body: article, status: 200, want: 6, header: []string{"X-Contentful-Version: 2"}},
		{name: "unpublish", method: "DELETE", path: master + "/entries/counted/published", token: testToken, status: 200, want: 6},
		{name: "archive", method: "PUT", path: master + "/entries/counted/archived", token: testToken, status: 200, want: 5},
		{name: "unarchive", method: "DELETE", path: master + "/entries/counted/archived", token: testToken, status: 200, want: 5},
		{name: "delete", method: "DELETE", path: master + "/entries/counted", token: testToken, status: 204, want: 10},
	} {
		header := tt.header
		if tt.status == http.StatusNotModified {
			header = append(header, "If-None-Match: "+tag)
		}
		if tt.method == "GET" { // what is counted is the second time
			res, _ := l.send(t, tt.method, tt.path, tt.token, "")
			tag = res.Header.Get("ETag")
		}
		var res *http.Response
		var n int64
		for range 3 {
			before := l.store.Statements()
			res, _ = l.send(t, tt.method, tt.path, tt.token, tt.body, header...)
			if n = l.store.Statements() - before; n <= tt.want || tt.method != "GET" {
				break
			} // else a job may have asked for something meanwhile
		}
		if res.StatusCode != tt.status || n != tt.want {
			t.Errorf("%s: status %d after %d statements, not %d", tt.name, res.StatusCode, n, tt.want)
		}
	}
}
