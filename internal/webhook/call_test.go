package webhook

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fetch"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/webhook/rule"
)

// The expected signatures are what signRequest of @contentful/node-apps-toolkit
// 3.16.1 makes; the suite in clients checks real calls with its verifyRequest.
func TestSign(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("0aZ/", 16)
	for _, tt := range []struct{ method, url, body, want string }{
		{"POST", "https://example.org/hooks", `{"sys":{"id":"ä"}}`, "02fb0692f9e9e33daa5aeb3b82495134f4ab6bc761ac005d2e1a44e1db15c325"},
		{"PUT", "https://example.org/a%20b/ü?x=1&y=%C3%A4", `x`, "dc7ce71070a355c683757b0929ff16df2330717bd75dfcb44c084f7e52fde644"},
		{"GET", "https://example.org", ``, "b885b768297a0afb1c2dd3149e504b40d70248535f7be382e515022fc881bacd"},
	} {
		req, err := http.NewRequest(tt.method, tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Contentful-Topic", " ContentManagement.Entry.publish ")
		req.Header.Set("Content-Type", "application/json")
		sign(req, secret, []byte(tt.body), []string{"X-Contentful-Topic", "Content-Type"}, time.UnixMilli(1790000000123))
		if got := req.Header.Get("X-Contentful-Signature"); got != tt.want {
			t.Errorf("%s %s: %s, want %s (path %s)", tt.method, tt.url, got, tt.want, req.URL.RequestURI())
		}
		if got := req.Header.Get("X-Contentful-Signed-Headers"); got != "content-type,x-contentful-signed-headers,x-contentful-timestamp,x-contentful-topic" {
			t.Error(got)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, "-5": 0, "x": 0, "99999999999": maxWait, "7200": maxWait,
		"Sun, 01 Mar 2026 12:00:30 GMT": 30 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		max  int
		want string
	}{{"", 3, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"aäb", 2, "a"}, {"a€b", 3, "a"}, {"a\xffb\x00", 9, "a\uFFFDb\uFFFD"}, {"\xff\xff\xff\xff\xff", 4, "\uFFFD"}} {
		if got := text([]byte(tt.in), tt.max); got != tt.want {
			t.Errorf("%q cut at %d: %q, want %q", tt.in, tt.max, got, tt.want)
		}
	}
}

// What a call is like, and that its record has no secret in it though the receiver
// sends back all it got.
func TestCall(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var gotBody string
	status := 200
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, gotBody = r, string(raw)
		w.Header().Set("X-Echo", r.Header.Get("X-Secret")+" "+r.Header.Get("Authorization"))
		w.WriteHeader(status)
		for name, values := range r.Header {
			_, _ = io.WriteString(w, name+": "+strings.Join(values, ",")+"\n")
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 300_000))
	}))
	defer echo.Close()
	user := "ann"
	c, err := newCaller(
		cms.Webhook{
			Name: "Übung\r\nX-Evil: 1", URL: echo.URL + "/hooks/{ /payload/sys/id }?q={ /payload/fields/title/en-US }", BasicAuthUsername: &user,
			Transformation: json.RawMessage(`{"method":"PUT","contentType":"application/json","includeContentLength":true,"body":{"is":"{ /topic }"}}`),
			Headers:        []cms.WebhookHeader{{Key: "X-Plain", Value: "id { /payload/sys/id }"}, {Key: "X-Secret", Secret: true}, {Key: "X-Contentful-Topic", Value: "mine"}, {Key: "Host", Value: "other.example.org"}},
		},
		cms.WebhookSecrets{Password: "hush-password", Headers: map[int]string{1: "hush-header"}, Signing: strings.Repeat("hush", 16)},
	)
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{Send: fetch.New(fetch.Options{AllowPrivate: true}).Send, Now: time.Now})
	change := store.Change{Scope: 7, Seq: 9, Kind: cms.KindEntry, ID: "a b", Action: store.Publish, At: time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC), Cause: "BulkAction/b1 ScheduledAction/s1 Unknown/u1"}
	e := event{change: change, topic: topicOf(change), key: keyOf("hook", change), payload: []byte(`{"sys":{"id":"a b"},"fields":{"title":{"en-US":"x&y=ü"}}}`)}
	out := s.call(t.Context(), c, e, 3)
	if !out.call.Healthy() || out.call.StatusCode != 200 || out.retry || out.call.Attempt != 3 || out.call.Event != "7-9" || out.call.AnsweredAt.Before(out.call.At) {
		t.Fatalf("%+v", out.call)
	}
	if got.Method != "PUT" || got.RequestURI != "/hooks/a%20b?q=x%26y%3D%C3%BC" || got.Host != "other.example.org" || gotBody != `{"is":"ContentManagement.Entry.publish"}` || got.ContentLength != int64(len(gotBody)) {
		t.Errorf("%s %s of %s: %s", got.Method, got.RequestURI, got.Host, gotBody)
	}
	if user, password, ok := got.BasicAuth(); !ok || user != "ann" || password != "hush-password" {
		t.Errorf("%s %s", user, password)
	}
	for name, want := range map[string]string{
		"X-Plain": "id a b", "X-Secret": "hush-header", "X-Contentful-Topic": "ContentManagement.Entry.publish", "X-Contentful-Webhook-Name": "Übung  X-Evil: 1",
		"X-Contentful-Idempotency-Key": e.key, "X-Contentful-Event-Datetime": "2026-03-01T12:00:00.005Z", "X-Evil": "", "Content-Type": "application/json",
		"X-Contentful-Bulk-Action-Id": "b1", "X-Contentful-Scheduled-Action-Id": "s1",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	record, err := json.Marshal(out.call)
	if err != nil {
		t.Fatal(err)
	}
	detail, err := json.Marshal(out.exchange.detail())
	if err != nil {
		t.Fatal(err)
	}
	if all := string(record) + string(detail); strings.Contains(all, "hush") || strings.Contains(all, "YW5uOmh1c2gtcGFzc3dvcmQ") {
		t.Errorf("a secret is in the record: %.2000s", all)
	}
	if n := len(out.exchange.detail().ResponseBody); n > keptResponse || n < keptResponse-1000 {
		t.Errorf("%d bytes of the answer are kept", n)
	}
	if diff := cmp.Diff(redacted, out.exchange.detail().RequestHeaders["authorization"]); diff != "" {
		t.Error(diff)
	}

	for code, want := range map[int]struct {
		retry bool
		word  string
	}{200: {false, ""}, 204: {false, ""}, 302: {false, "RedirectError"}, 400: {false, "ClientError"}, 404: {false, "ClientError"}, 408: {true, "ClientError"}, 429: {true, "ClientError"}, 500: {true, "ServerError"}, 503: {true, "ServerError"}} {
		status = code
		out := s.call(t.Context(), c, e, 1)
		word := strings.Join(out.call.Errors[:min(1, len(out.call.Errors))], "")
		if out.retry != want.retry || word != want.word {
			t.Errorf("%d: retry %v, %q", code, out.retry, out.call.Errors)
		}
	}
}

func TestCallsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	s := New(Options{Send: fetch.New(fetch.Options{}).Send, Now: time.Now})
	change := store.Change{Kind: cms.KindEntry, ID: "a", Action: store.Save}
	e := event{change: change, topic: topicOf(change), payload: []byte(`{"sys":{"id":"a"},"host":"127.0.0.1:9"}`)}
	for url, want := range map[string]string{
		"http://{ /payload/host }/": "RequestError", "http://127.0.0.1:9/": "RequestError", "http://[::1]:9/": "RequestError",
		"http://169.254.169.254/latest/meta-data": "RequestError", "http://%zz/": "RequestError", "ftp://example.org": "RequestError",
	} {
		c, err := newCaller(cms.Webhook{URL: url}, cms.WebhookSecrets{})
		if err != nil {
			t.Fatal(err)
		}
		if out := s.call(t.Context(), c, e, 1); out.retry || out.call.StatusCode != 0 || len(out.call.Errors) != 2 || out.call.Errors[0] != want {
			t.Errorf("%s: %+v", url, out.call)
		}
	}
}

// TestTopicsOfSchedules: a scheduled action ends for its receivers when it is canceled
// or done, and is not told of once more when its record goes.
func TestTopicsOfSchedules(t *testing.T) {
	t.Parallel()
	for action, want := range map[store.Action]string{store.Create: "create", store.Save: "save", store.Cancel: "delete", store.Execute: "execute", store.Begin: "", store.Delete: ""} {
		got := actionOf(store.Change{Kind: cms.KindScheduledAction, Action: action})
		if !rule.IsEvent("ScheduledAction", got) {
			got = ""
		}
		if got != want {
			t.Errorf("%s is told as %q, want %q", action, got, want)
		}
	}
}
