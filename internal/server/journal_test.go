package server

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/journal"
)

const requests = "/_typecase/requests"

// startRemembering is startLive with a journal.
func startRemembering(t *testing.T) *live {
	t.Helper()
	return startLive(t, func(c *config.Config) { c.JournalRequests = 100 })
}

// TestTheRequestFoundAgain: what an error's requestId finds, by the API and by
// the command, is the request, without its values.
func TestTheRequestFoundAgain(t *testing.T) {
	t.Parallel()
	l := startRemembering(t)
	body := `{"fields":{"title":{"en-US":12345678},"slug":{"en-US":"a private thought"}}}`
	res, failed := l.send(t, "POST", master+"/entries?fields.x=another-thought&access_token=xyz", testToken, body,
		"X-Contentful-Content-Type: article", "Content-Type: application/json", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	id, _ := failed["requestId"].(string)
	if res.StatusCode != 422 || id == "" || id != res.Header.Get("X-Contentful-Request-Id") {
		t.Fatalf("%s %v", res.Status, failed)
	}
	res, found := l.send(t, "GET", requests+"/"+id, testToken, "")
	sys, _ := found["sys"].(map[string]any)
	if res.StatusCode != 200 || sys["type"] != "Request" || sys["id"] != id || sys["createdAt"] == nil || found["id"] != nil {
		t.Fatalf("%s %v", res.Status, found)
	}
	for name, want := range map[string]any{
		"method": "POST", "path": master + "/entries", "query": "fields.x=(string:15)", "route": "/spaces/:space/environments/:environment/entries",
		"api": "cma", "space": "typecasedemo", "environment": "master", "status": json.Number("422"), "fault": "InvalidEntry", "message": failed["message"],
		"traceId": "0af7651916cd43dd8448eb211c80319c", "tokenKind": "management", "requestBytes": json.Number(fmt.Sprint(len(body))),
	} {
		if found[name] != want {
			t.Errorf("%s is %v, want %v", name, found[name], want)
		}
	}
	if got := fmt.Sprint(found["body"]); got != "map[fields:map[slug:map[en-US:(string:17)] title:map[en-US:(integer)]]]" {
		t.Errorf("body: %s", got)
	}
	answer, _ := found["answer"].(map[string]any)
	if answer["requestId"] != id || problems(t, answer)[0]["value"] != "(integer)" || problems(t, answer)[0]["pointer"] != "/fields/title/en-US" {
		t.Errorf("answer: %v", answer)
	}
	if found["tokenId"] == nil || found["userId"] == nil {
		t.Errorf("who: %v", found)
	}
	for _, secret := range []string{"12345678", "thought", testToken, "xyz"} {
		if strings.Contains(fmt.Sprint(found), secret) {
			t.Errorf("%s is kept: %v", secret, found)
		}
	}

	var one journal.Request
	if err := Command(t.Context(), l.config, quiet(), "request get", RequestGet{ID: id}, &one, nil); err != nil || one.ID != id || one.Body == nil || one.Answer == nil {
		t.Errorf("command: %v, %+v", err, one)
	}
	var page journal.Page
	err := Command(t.Context(), l.config, quiet(), "request list", RequestList{Params: url.Values{"status": {"4xx"}, "since": {"10m"}}}, &page, nil)
	if err != nil || page.Total != 1 || page.Items[0].ID != id || page.Items[0].Body != nil {
		t.Errorf("command: %v, %+v", err, page)
	}
	err = Command(t.Context(), l.config, quiet(), "request get", RequestGet{ID: "nobody-knows"}, &one, nil)
	if err == nil || !strings.Contains(err.Error(), `no request "nobody-knows"`) {
		t.Errorf("command: %v", err)
	}
	err = Command(t.Context(), l.config, quiet(), "request list", RequestList{Params: url.Values{"status": {"many"}}}, &page, nil)
	if err == nil || !strings.Contains(err.Error(), "a status such as 404") {
		t.Errorf("command: %v", err)
	}
}

// TestRequestsAreListed: newest first, filtered, paged, with the errors of other
// lists.
func TestRequestsAreListed(t *testing.T) {
	t.Parallel()
	l := startRemembering(t)
	l.send(t, "GET", master+"/entries/why-lower-case", l.delivery, "", "X-Request-Id: success-1")
	l.send(t, "GET", master+"/entries/nobody", l.delivery, "", "X-Request-Id: failure-1")
	l.send(t, "GET", "/healthz", "", "", "X-Request-Id: healthy-1")
	l.send(t, "PUT", master+"/entries/why-lower-case", testToken, `{"password":"pass-word-1"`, "X-Request-Id: failure-2", "X-Contentful-Version: 1")
	l.send(t, "GET", master+"/entries", "wrong-token", "", "X-Request-Id: failure-3")
	listed := func(query string) (ids []string, body map[string]any) {
		res, body := l.send(t, "GET", requests+"?"+query, testToken, "", "X-Request-Id: of-the-list")
		if res.StatusCode != 200 {
			t.Fatalf("%s: %s %v", query, res.Status, body)
		}
		items, _ := body["items"].([]any)
		for _, it := range items {
			if id := it.(map[string]any)["sys"].(map[string]any)["id"].(string); id != "of-the-list" {
				ids = append(ids, id)
			}
		}
		return ids, body
	}
	for query, want := range map[string]string{
		"":                            "[failure-3 failure-2 healthy-1 failure-1 success-1]",
		"status=4xx&limit=2":          "[failure-3 failure-2]",
		"status=4xx&skip=2":           "[failure-1]",
		"status=404":                  "[failure-1]",
		"fault=AccessTokenInvalid":    "[failure-3]",
		"method=PUT":                  "[failure-2]",
		"route=/entries/:id":          "[failure-2 failure-1 success-1]",
		"space=typecasedemo&since=1h": "[failure-2 failure-1 success-1]",
		"space=other":                 "[]",
	} {
		ids, body := listed(query)
		if fmt.Sprint(ids) != want || body["sys"].(map[string]any)["type"] != "Array" {
			t.Errorf("%s: %v, want %s", query, ids, want)
		}
	}
	_, success := l.send(t, "GET", requests+"/success-1", testToken, "")
	if success["body"] != nil || success["answer"] != nil || success["tokenKind"] != "delivery" {
		t.Errorf("a success: %v", success)
	}
	_, broken := l.send(t, "GET", requests+"/failure-2", testToken, "")
	if strings.Contains(fmt.Sprint(broken), "pass-word-1") || !strings.Contains(fmt.Sprint(broken["message"]), "Invalid JSON in request body: (string:25)") {
		t.Errorf("a body that is no JSON: %v", broken)
	}

	body := l.fails(t, "GET", requests+"/nobody-knows", testToken, "", 404, "NotFoundError")
	if d := fmt.Sprint(body["details"]); d != "map[id:nobody-knows type:Request]" {
		t.Errorf("missing: %v", body)
	}
	body = l.fails(t, "GET", requests+"?stats=4xx", testToken, "", 400, "InvalidQueryError")
	if p := problems(t, body)[0]; p["parameter"] != "stats" || fmt.Sprint(p["suggestions"]) != "[status]" {
		t.Errorf("unknown parameter: %v", body)
	}
	l.fails(t, "GET", requests+"?status=many", testToken, "", 400, "InvalidQueryError")
}

// TestWhoReadsTheJournal: nobody but the owner, with a token for everything.
func TestWhoReadsTheJournal(t *testing.T) {
	t.Parallel()
	l := startRemembering(t)
	_, made := l.send(t, "POST", "/users/me/access_tokens", testToken, `{"name":"reader","scopes":["content_management_read"]}`, "Content-Type: application/json")
	reader, _ := made["token"].(string)
	for _, path := range []string{requests, requests + "/some-request"} {
		body := l.fails(t, "GET", path, reader, "", 403, "AccessDeniedError")
		if d := fmt.Sprint(body["details"]); !strings.Contains(d, "content_management_manage") {
			t.Errorf("%s: %v", path, body)
		}
		for _, token := range []string{l.delivery, l.preview, "wrong", ""} {
			l.fails(t, "GET", path, token, "", 401, "AccessTokenInvalidError")
		}
	}
}

func TestNoJournal(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	for _, path := range []string{requests, requests + "/some-request"} {
		if body := l.fails(t, "GET", path, testToken, "", 400, "BadRequestError"); !strings.Contains(fmt.Sprint(body["message"]), "journal.requests") {
			t.Errorf("%v", body)
		}
	}
	err := Command(t.Context(), l.config, quiet(), "request list", RequestList{}, new(journal.Page), nil)
	if err == nil || !strings.Contains(err.Error(), "journal.requests") {
		t.Errorf("command: %v", err)
	}
	cfg := l.config
	cfg.Data = t.TempDir()
	err = Command(t.Context(), cfg, quiet(), "request list", RequestList{}, new(journal.Page), nil)
	if err == nil || !strings.Contains(err.Error(), "no server runs") {
		t.Errorf("command without a server: %v", err)
	}
}

// TestUnexpectedErrorsInTheJournal: it says what the client was told, and no
// more; the log has the rest under the same id.
func TestUnexpectedErrorsInTheJournal(t *testing.T) {
	t.Parallel()
	l := startRemembering(t)
	if err := l.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, failed := l.send(t, "PUT", master+"/entries/a", testToken, `{"fields":{}}`, "Content-Type: application/json")
	r, ok := l.journal.Get(fmt.Sprint(failed["requestId"]))
	if !ok || r.Status != 500 || r.Fault != "ServerError" || r.Message != failed["message"] {
		t.Errorf("%v, %+v", failed, r)
	}
	if strings.Contains(r.Message+string(r.Answer), "closed") || strings.Contains(r.Message+string(r.Answer), "sql") {
		t.Errorf("the journal says why: %+v", r)
	}
}
