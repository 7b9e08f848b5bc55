package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/fault"
)

// differences are the tests of docs/differences.md, by number.
var differences = map[int]func(*testing.T, *live){
	1: func(t *testing.T, l *live) {
		res, err := http.Get(l.url + master + "/locales?access_token=" + l.delivery)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if body := read(t, res); strings.ContainsAny(body, "\n") {
			t.Errorf("not compact: %s", body)
		}
	},
	2: func(t *testing.T, l *live) {
		l.fails(t, "GET", master+"/entries/none", l.delivery, "", 404, "NotFoundError")
		l.fails(t, "GET", master+"/entries/none", l.delivery, "", 404, "NotFound", official)
		body := l.fails(t, "GET", "/nowhere", testToken, "", 404, "NotFoundError")
		if body["reason"] != "UnknownRoute" {
			t.Errorf("reason: %v", body["reason"])
		}
	},
	3: func(t *testing.T, l *live) {
		for _, path := range []string{"/uploads/none", "/entries/none"} {
			body := l.fails(t, "GET", master+path, testToken, "", 404, "NotFound", official)
			if body["message"] != "The resource could not be found." || body["requestId"] == nil {
				t.Errorf("%s: %v", path, body)
			}
		}
		body := l.fails(t, "PUT", master+"/entries/mixing-black", testToken, `{"fields":{}}`, 409, "VersionMismatch", official)
		if m, _ := body["message"].(string); !strings.Contains(m, "version 2") {
			t.Errorf("message: %q", m)
		}
	},
	4: func(t *testing.T, l *live) {
		body := l.fails(t, "GET", master+"/uploads/none", testToken, "", 404, "NotFound", official)
		details, _ := body["details"].(map[string]any)
		if details["type"] != "Upload" || details["id"] != "none" {
			t.Errorf("details: %v", body["details"])
		}
	},
	5: func(t *testing.T, l *live) {
		body := l.fails(t, "GET", master+"/entries?content_type=nope", l.delivery, "", 400, "InvalidQuery", official)
		problem := problems(t, body)[0]
		if diff := cmp.Diff([]any{"content_type"}, problem["path"]); diff != "" || problem["value"] != "nope" || problem["details"] == "" {
			t.Errorf("%v", problem)
		}
	},
	6: func(t *testing.T, l *live) {
		res, _ := l.send(t, "GET", master+"/entries", "wrong", "")
		exposed := strings.ToLower(res.Header.Get("Access-Control-Expose-Headers"))
		for _, name := range []string{"etag", "x-contentful-request-id", "x-contentful-ratelimit-reset", "retry-after"} {
			if !strings.Contains(exposed, name) {
				t.Errorf("%s is not exposed: %s", name, exposed)
			}
		}
	},
	7: func(t *testing.T, l *live) {
		body := l.fails(t, "POST", master+"/locales", testToken, `{"name":"German","code":"de-DE"}`, 422, "ValidationFailed", official)
		problem := problems(t, body)[0]
		if diff := cmp.Diff([]any{"code"}, problem["path"]); diff != "" || problem["name"] != "taken" {
			t.Errorf("%v", problem)
		}
	},
	8: func(t *testing.T, l *live) {
		res, body := l.send(t, "PUT", "/spaces/"+demo.SpaceID+"/environments/copy", testToken, `{}`)
		sys, _ := body["sys"].(map[string]any)
		if res.StatusCode != 201 || !strings.Contains(fmt.Sprint(sys["status"]), "ready") {
			t.Errorf("%d %v", res.StatusCode, body)
		}
	},
	9: func(t *testing.T, l *live) {
		// "the-space-between" of the example space links to the draft "reading-proofs".
		_, body := l.send(t, "GET", master+"/entries/the-space-between", testToken, "")
		sys, _ := body["sys"].(map[string]any)
		if sys["publishedVersion"] == nil {
			t.Errorf("%v", sys)
		}
		l.send(t, "PUT", master+"/entries/lonely", testToken, articleLinkingTo("nothing"), "X-Contentful-Content-Type: article")
		got := l.fails(t, "PUT", master+"/entries/lonely/published", testToken, "", 422, "UnresolvedLinks", official, "X-Contentful-Version: 1")
		if problem := problems(t, got)[0]; problem["name"] != "notResolvable" {
			t.Errorf("%v", problem)
		}
	},
	10: func(t *testing.T, l *live) {
		body := `{"fields":{},"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"none"}}]}}`
		l.fails(t, "POST", master+"/entries", testToken, body, 422, "UnresolvedLinks", official, "X-Contentful-Content-Type: topic")
		l.fails(t, "DELETE", master+"/tags/editors-choice", testToken, "", 422, "ActionPreconditionsFailed", official, "X-Contentful-Version: 1")
	},
	11: func(t *testing.T, l *live) {
		body := `{"fields":{"name":{"en-US":"A"},"slug":{"en-US":"a"}}}`
		for _, id := range []string{"one", "two"} {
			l.send(t, "PUT", master+"/entries/"+id, testToken, body, "X-Contentful-Content-Type: topic")
		}
		if res, b := l.send(t, "PUT", master+"/entries/two/published", testToken, "", "X-Contentful-Version: 1"); res.StatusCode != 200 {
			t.Fatalf("a draft has taken the value: %v", b)
		}
		got := l.fails(t, "PUT", master+"/entries/one/published", testToken, "", 422, "InvalidEntry", official, "X-Contentful-Version: 1")
		if !strings.Contains(fmt.Sprint(problems(t, got)), "unique") {
			t.Errorf("%v", got)
		}
	},
	12: func(t *testing.T, l *live) {
		_, body := l.send(t, "GET", master+"/locales", testToken, "")
		for _, item := range body["items"].([]any) {
			locale := item.(map[string]any)
			if locale["default"] == true {
				id := locale["sys"].(map[string]any)["id"].(string)
				l.fails(t, "DELETE", master+"/locales/"+id, testToken, "", 403, "DefaultLocaleNotDeletable", official)
			}
		}
	},
	13: func(t *testing.T, l *live) {
		_, body := l.send(t, "GET", master+"/assets/ink", l.delivery, "")
		file := body["fields"].(map[string]any)["file"].(map[string]any)
		url, _ := file["url"].(string)
		if !strings.HasPrefix(url, strings.TrimPrefix(l.url, "http:")+"/files/"+demo.SpaceID+"/ink/") {
			t.Fatalf("url: %q", url)
		}
		res, err := http.Get("http:" + url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if fmt.Sprint(len(read(t, res))) != fmt.Sprint(file["details"].(map[string]any)["size"]) {
			t.Errorf("%s is not the file", url)
		}
	},
	14: func(t *testing.T, l *live) {
		for _, call := range [][2]string{{"POST", master + "/entries/ink/published"}, {"GET", master + "/nowhere"}} {
			l.fails(t, call[0], call[1], testToken, "{}", 404, "UnknownRoute", official)
		}
	},
	15: func(t *testing.T, l *live) {
		_, err := l.Authoring.Fetch.Get(t.Context(), l.url+"/healthz", 100)
		if err == nil || !strings.Contains(err.Error(), "address") {
			t.Errorf("a loopback address was asked: %v", err)
		}
	},
	16: func(t *testing.T, l *live) {
		path := master + "/entries/mixing-black"
		for token, want := range map[string]string{testToken: "cma", l.delivery: "cda", l.preview: "cpa"} {
			if res, _ := l.send(t, "GET", path, token, ""); res.Header.Get("Contentful-Api") != want {
				t.Errorf("%s answered, want %s", res.Header.Get("Contentful-Api"), want)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", l.url+path+"?access_token="+l.preview, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "cdn.localhost"
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != 401 {
			t.Errorf("a preview key on cdn.localhost: %d", res.StatusCode)
		}
	},
	18: func(t *testing.T, l *live) {
		for _, token := range []string{l.delivery, testToken, "wrong", ""} {
			_, body := l.send(t, "GET", master+"/entries/none", token, "")
			page, _ := body["documentationUrl"].(string)
			if !strings.HasPrefix(page, l.url+"/errors/") {
				t.Fatalf("documentationUrl: %v", body)
			}
			res, err := http.Get(page)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if html := read(t, res); res.StatusCode != 200 || !strings.Contains(html, body["sys"].(map[string]any)["id"].(string)) {
				t.Errorf("%s: %d %s", page, res.StatusCode, html)
			}
		}
		_, all := l.send(t, "GET", "/errors", "", "")
		if items, _ := all["items"].([]any); len(items) != int(fault.NumKinds) {
			t.Errorf("%d errors in the catalogue", len(items))
		}
	},
	19: func(t *testing.T, l *live) {
		const problem = "application/problem+json"
		res, body := l.send(t, "GET", master+"/entries?fields.colour=red&content_type=article", l.delivery, "", "Accept: "+problem)
		errors, _ := body["errors"].([]any)
		if res.Header.Get("Content-Type") != problem || fmt.Sprint(body["status"]) != "422" || body["type"] != l.url+"/errors/UnknownQueryField" || len(errors) != 1 {
			t.Errorf("%s %v", res.Header.Get("Content-Type"), body)
		}
		if vary := res.Header.Get("Vary"); !strings.Contains(vary, "Accept,") {
			t.Errorf("Vary: %s", vary)
		}
		res, body = l.send(t, "GET", master+"/entries/none", l.delivery, "", "Accept: */*")
		if res.Header.Get("Content-Type") == problem || body["type"] != nil {
			t.Errorf("without asking: %v", body)
		}
	},
	20: func(t *testing.T, l *live) {
		for sent, taken := range map[string]bool{"order-4711.retry_2": true, "short": false} {
			res, body := l.send(t, "GET", master+"/entries/none", l.delivery, "", "X-Request-Id: "+sent)
			if got := body["requestId"]; got != res.Header.Get("X-Contentful-Request-Id") || (got == sent) != taken {
				t.Errorf("%q: answered as %v", sent, got)
			}
		}
	},
	21: func(t *testing.T, l *live) { // TestErrorsExplainThemselves has whole bodies
		body := l.fails(t, "PUT", master+"/entries/new", testToken, `{"fields":{"a/b":{}}}`, 422, "UnknownField", official, "X-Contentful-Content-Type: topic")
		if at := problems(t, body)[0]["pointer"]; at != "/fields/a~1b" {
			t.Errorf("pointer: %v", at)
		}
		body = l.fails(t, "GET", master+"/entries?order=sys.foo", l.delivery, "", 400, "InvalidQuery", official)
		if p := problems(t, body)[0]["parameter"]; p != "order" {
			t.Errorf("parameter: %v", p)
		}
		body = l.fails(t, "POST", master+"/locales", testToken, `{"name":"French","code":"fr-FR","textColour":"red"}`, 400, "UnknownKey", official)
		if at := problems(t, body)[0]["pointer"]; at != "/textColour" {
			t.Errorf("pointer: %v", at)
		}
		body = l.fails(t, "POST", master+"/locales", testToken, `{}`, 400, "MissingKey", official)
		if name := problems(t, body)[0]["name"]; name != "required" {
			t.Errorf("name: %v", name)
		}
	},
	22: func(t *testing.T, l *live) {
		body := l.fails(t, "GET", master+"/entries?limt=1", l.delivery, "", 400, "InvalidQuery", official)
		if diff := cmp.Diff([]any{"limit"}, problems(t, body)[0]["suggestions"]); diff != "" {
			t.Error(diff)
		}
		body = l.fails(t, "GET", "/spaces/"+demo.SpaceID+"/environments/mastre/entries", testToken, "", 404, "NotFound", official)
		if diff := cmp.Diff([]any{"master"}, body["suggestions"]); diff != "" {
			t.Error(diff)
		}
	},
	39: func(t *testing.T, l *live) {
		for _, tt := range []struct{ method, path, token, hint string }{
			{"DELETE", master + "/entries/mixing-black", testToken, "Unpublish it first: DELETE …/entries/mixing-black/published."},
			{"GET", master + "/entries", `"` + testToken + `"`, "The token stands in quotes or brackets; send it without them."},
			{"POST", master + "/tags", testToken, "This path takes GET, not POST. With an id at its end it takes PUT."},
		} {
			if res, body := l.send(t, tt.method, tt.path, tt.token, ""); res.StatusCode < 400 || body["hint"] != tt.hint {
				t.Errorf("%s %s: %s: %v", tt.method, tt.path, res.Status, body)
			}
		}
		body := l.fails(t, "GET", master+"/entry", testToken, "", 404, "UnknownRoute", official)
		if diff := cmp.Diff([]any{master + "/entries"}, body["suggestions"]); diff != "" {
			t.Error(diff)
		}
		body = l.fails(t, "PUT", master+"/entries/new", testToken, `{"fields":{"name":{"en-US":7}}}`, 422, "InvalidEntry", official, "X-Contentful-Content-Type: topic")
		if got := problems(t, body)[0]["details"]; got != `The type of "value" is incorrect, expected type: Symbol. A Symbol is a text of at most 256 characters.` {
			t.Error(got)
		}
		body = l.fails(t, "GET", master+"/entries?page=2", l.delivery, "", 400, "InvalidQuery", official)
		if diff := cmp.Diff([]any{"skip"}, problems(t, body)[0]["suggestions"]); diff != "" {
			t.Error(diff)
		}
	},
	30: func(t *testing.T, l *live) {
		body := l.fails(t, "PUT", master+"/entries/new", testToken, `{"fields":{"name":{"en-US":"`+strings.Repeat("x", 5000)+`"}}}`, 422, "InvalidEntry", official, "X-Contentful-Content-Type: topic")
		if value, ok := problems(t, body)[0]["value"]; ok {
			t.Errorf("value: %v", value)
		}
		var keys []string
		for i := range 150 {
			keys = append(keys, fmt.Sprintf(`"k%d":1`, i))
		}
		body = l.fails(t, "PUT", master+"/entries/new", testToken, `{`+strings.Join(keys, ",")+`}`, 422, "InvalidEntry", official, "X-Contentful-Content-Type: topic")
		if got := body["details"].(map[string]any)["truncated"]; got != true || len(problems(t, body)) != 100 {
			t.Errorf("%d problems, truncated %v", len(problems(t, body)), got)
		}
	},
	31: func(t *testing.T, l *live) {
		space := "/spaces/" + demo.SpaceID
		body := l.fails(t, "POST", space+"/api_keys", testToken, `{"name":"web","enviroments":[]}`, 400, "UnknownKey", official)
		if diff := cmp.Diff([]any{"environments"}, problems(t, body)[0]["suggestions"]); diff != "" {
			t.Error(diff)
		}
		l.fails(t, "POST", space+"/webhook_definitions", testToken, `{"name":"w","ulr":"https://example.com"}`, 400, "UnknownKey", official)
		l.fails(t, "PUT", space+"/environments/new", testToken, `{"nme":"New"}`, 400, "UnknownKey", official)
		l.fails(t, "PUT", space+"/environment_aliases/new", testToken, `{"enviroment":{}}`, 400, "UnknownKey", official)
		l.fails(t, "POST", "/users/me/access_tokens", testToken, `{"name":"t","scope":[]}`, 400, "UnknownKey", official)
		l.fails(t, "PUT", master+"/tags/new", testToken, `{"name":"New","colour":"red"}`, 422, "ValidationFailed", official)
		key := `{"name":"web","accessToken":"x","policies":[],"preview_api_key":{},"sys":{}}`
		if res, got := l.send(t, "POST", space+"/api_keys", testToken, key); res.StatusCode != 201 {
			t.Errorf("a key sent back: %d %v", res.StatusCode, got)
		}
	},
	23: func(t *testing.T, l *live) {
		body := l.fails(t, "PUT", master+"/assets/ink", testToken, `{"fields":{}}`, 409, "VersionMismatch", official, "X-Contentful-Version: 0")
		now, _ := body["current"].(map[string]any)
		if fmt.Sprint(body["sent"]) != "map[version:0]" || now["version"] == nil || now["updatedAt"] == nil || now["updatedBy"] == nil {
			t.Errorf("%v", body)
		}
	},
	24: func(t *testing.T, l *live) {
		body := l.fails(t, "PUT", master+"/content_types/topic", testToken, `{"name":"Topic","fields":[]}`, 400, "BadRequest", official, "X-Contentful-Version: 2")
		if diff := cmp.Diff([]any{"name", "slug", "description"}, body["fields"]); diff != "" || body["message"] != "You need to omit a field before deleting it" {
			t.Errorf("%v", body)
		}
		body = l.fails(t, "POST", master+"/entries", l.delivery, "{}", 401, "AccessTokenInvalid", official)
		if hint, _ := body["hint"].(string); !strings.Contains(hint, "delivery key") {
			t.Errorf("hint: %v", body)
		}
	},
	25: func(t *testing.T, l *live) {
		const path, body, try = master + "/entries/tried", `{"fields":{"name":{"en-US":"Tried"},"slug":{"en-US":"tried"}}}`, "X-Contentful-Validate-Only: true"
		res, got := l.send(t, "PUT", path, testToken, body, "X-Contentful-Content-Type: topic", try)
		if res.StatusCode != 201 || got["fields"] == nil {
			t.Errorf("%d %v", res.StatusCode, got)
		}
		l.fails(t, "GET", path, testToken, "", 404, "NotFound", official)
		l.fails(t, "PUT", path, testToken, `{"fields":{"name":{"en-US":1}}}`, 422, "InvalidEntry", official, "X-Contentful-Content-Type: topic", try)
		l.fails(t, "PUT", master+"/tags/tried", testToken, `{"name":"Tried"}`, 400, "BadRequest", official, try)
		l.fails(t, "GET", master+"/tags/tried", testToken, "", 404, "NotFound", official)
	},
	26: func(t *testing.T, _ *live) {
		l := startLive(t, nil)
		l.send(t, "GET", "/spaces", testToken, "")
		for i := range 1000 { // a hundred, and more on a slow machine
			res, _ := l.send(t, "GET", "/spaces", fmt.Sprint("guess-", i), "")
			if res.StatusCode == 401 && i < 999 {
				continue
			}
			if res.StatusCode != 429 || i < 100 || res.Header.Get("Retry-After") != "1" {
				t.Errorf("guess %d: %s", i, res.Status)
			}
			break
		}
		if res, _ := l.send(t, "GET", "/spaces", testToken, ""); res.StatusCode != 200 {
			t.Errorf("a good token: %s", res.Status)
		}
	},
	27: func(t *testing.T, _ *live) {
		l := startLive(t, func(c *config.Config) { c.RateManagement, c.RateSpaceManagement = 1, 1000 })
		for i := range 20 { // the first one already, unless the machine is very slow
			res, _ := l.send(t, "GET", "/spaces/"+demo.SpaceID, testToken, "")
			if got := res.Header.Get("X-Contentful-RateLimit-Second-Limit"); got != "1" {
				t.Errorf("limit %q", got)
			}
			if res.StatusCode == 429 && res.Header.Get("Retry-After") == "1" {
				return
			}
			if res.StatusCode != 200 {
				t.Fatalf("request %d: %s", i, res.Status)
			}
		}
		t.Error("never limited")
	},
	28: func(t *testing.T, l *live) {
		for asked, want := range map[string]string{"query=DRAWER+ompos": "why-lower-case", "content_type=article&fields.body[match]=OMPARTMEN": "why-lower-case", "query=drawer+zinc-oxide-free": ""} {
			_, got := l.send(t, "GET", master+"/entries?select=sys.id&"+asked, l.delivery, "")
			var ids []string
			items, _ := got["items"].([]any)
			for _, it := range items {
				ids = append(ids, it.(map[string]any)["sys"].(map[string]any)["id"].(string))
			}
			if found := strings.Join(ids, " "); !strings.Contains(found, want) || want == "" && found != "" {
				t.Errorf("%s: %q in %v", asked, found, got)
			}
		}
	},
	29: func(t *testing.T, l *live) {
		l.send(t, "PUT", master+"/entries/incomplete", testToken, `{"fields":{}}`, "X-Contentful-Content-Type: topic")
		_, got := l.send(t, "GET", master+"/_typecase/publish_blockers?entry=incomplete", testToken, "", official)
		items, _ := got["items"].([]any)
		if len(items) != 1 {
			t.Fatalf("%v", got)
		}
		item, _ := items[0].(map[string]any)
		want := l.fails(t, "PUT", master+"/entries/incomplete/published", testToken, "", 422, "InvalidEntry", official, "X-Contentful-Version: 1")
		delete(want, "requestId")
		delete(want, "documentationUrl")
		if diff := cmp.Diff(any(want), item["error"]); diff != "" || !strings.Contains(fmt.Sprint(item["entity"]), "incomplete") {
			t.Errorf("(-publish +blocker)\n%s", diff)
		}
	},
	32: func(t *testing.T, l *live) { // TestTheRequestFoundAgain has a journal that is on
		body := l.fails(t, "GET", requests, testToken, "", 400, "BadRequest", official)
		if !strings.Contains(fmt.Sprint(body["message"]), "journal.requests") {
			t.Errorf("%v", body)
		}
	},
	33: func(t *testing.T, l *live) {
		_, next := l.syncs(t, master, l.delivery, "initial=true&type=Entry&content_type=topic&limit=2")
		l.syncs(t, master, l.delivery, "type=Entry&content_type=topic&limit=2&"+next)
		l.fails(t, "GET", master+"/sync?type=Asset&"+next, l.delivery, "", 400, "BadRequest", official)
		l.fails(t, "GET", master+"/sync?limit=3&"+next, l.delivery, "", 400, "BadRequest", official)
	},
	34: func(t *testing.T, _ *live) {
		l := startLive(t, nil)
		_, next := l.syncs(t, master, l.preview, "initial=true&limit=1000")
		l.send(t, "PUT", master+"/entries/synced", testToken, `{"fields":{}}`, "X-Contentful-Content-Type: topic")
		got, next := l.syncs(t, master, l.preview, next)
		if got != "Entry/synced" {
			t.Errorf("after a save: %s", got)
		}
		l.send(t, "DELETE", master+"/entries/synced", testToken, "")
		if got, _ = l.syncs(t, master, l.preview, next); got != "DeletedEntry/synced" {
			t.Errorf("after a deletion: %s", got)
		}
	},
	35: func(t *testing.T, _ *live) {
		l := startLive(t, nil)
		topics, _ := l.syncs(t, master, l.delivery, "initial=true&limit=1000&type=Entry&content_type=topic")
		_, next := l.syncs(t, master, l.delivery, "initial=true&limit=1000")
		_, topic := l.send(t, "GET", master+"/content_types/topic", testToken, "")
		topic["fields"].([]any)[1].(map[string]any)["omitted"] = true
		body, err := json.Marshal(topic)
		if err != nil {
			t.Fatal(err)
		}
		version := topic["sys"].(map[string]any)["version"].(json.Number)
		l.send(t, "PUT", master+"/content_types/topic", testToken, string(body), "X-Contentful-Version: "+version.String())
		v, err := version.Int64()
		if err != nil {
			t.Fatal(err)
		}
		l.send(t, "PUT", master+"/content_types/topic/published", testToken, "", fmt.Sprint("X-Contentful-Version: ", v+1))
		if got, _ := l.syncs(t, master, l.delivery, next); got != topics || got == "" {
			t.Errorf("after a field was omitted: %s, want %s", got, topics)
		}
	},
	36: func(t *testing.T, _ *live) {
		l := startLive(t, nil)
		const space, alias = "/spaces/" + demo.SpaceID, "/spaces/" + demo.SpaceID + "/environments/live"
		point := func(to, version string) {
			res, body := l.send(t, "PUT", space+"/environment_aliases/live", testToken,
				`{"environment":{"sys":{"type":"Link","linkType":"Environment","id":"`+to+`"}}}`, "X-Contentful-Version: "+version)
			if res.StatusCode > 201 {
				t.Fatalf("%v", body)
			}
		}
		for _, id := range []string{"blue", "green"} {
			l.send(t, "PUT", space+"/environments/"+id, testToken, "{}")
		}
		point("blue", "0")
		_, made := l.send(t, "POST", space+"/api_keys", testToken, `{"name":"live","environments":[{"sys":{"type":"Link","linkType":"Environment","id":"live"}}]}`)
		key, _ := made["accessToken"].(string)
		all, next := l.syncs(t, alias, key, "initial=true&limit=1000")
		l.send(t, "DELETE", space+"/environments/green/entries/why-lower-case/published", testToken, "")
		point("green", "1")
		got, moved := l.syncs(t, alias, key, next)
		if want := strings.Replace(all, "Entry/why-lower-case ", "", 1) + " DeletedEntry/why-lower-case"; got != want {
			t.Errorf("after the move: %s, want %s", got, want)
		}
		l.send(t, "DELETE", space+"/environments/blue", testToken, "")
		l.fails(t, "GET", alias+"/sync?"+next, key, "", 400, "BadRequest", official)
		if got, _ := l.syncs(t, alias, key, moved); got != "" {
			t.Errorf("nothing new, but %s", got)
		}
	},
	37: sharedCaches,
	40: func(t *testing.T, l *live) {
		s := l.changes(t, http.DefaultClient, l.url, l.delivery, "&type=Entry", "")
		l.publish(t, "news", 0)
		s.want("Entry/news")
		again := l.changes(t, http.DefaultClient, l.url, l.delivery, "&type=Entry", s.lastID)
		l.publish(t, "more-news", 0)
		again.want("Entry/more-news")
	},
	38: func(t *testing.T, l *live) {
		for token, want := range map[string]string{l.delivery: "max-age=0", l.preview: "private, max-age=0"} {
			res, _ := l.send(t, "GET", master+"/entries", token, "")
			if got := res.Header.Get("Cache-Control"); got != want || res.Header.Get("Surrogate-Key") != "" {
				t.Errorf("%q, want %q", got, want)
			}
		}
	},
	42: func(t *testing.T, l *live) {
		hooks := "/spaces/" + demo.SpaceID + "/webhook_definitions"
		body := l.fails(t, "POST", hooks, testToken, `{"name":"w","url":"https://example.com","topics":["entry.publish"]}`, 422, "ValidationFailed", official)
		if diff := cmp.Diff([]any{"Entry.publish"}, problems(t, body)[0]["suggestions"]); diff != "" {
			t.Error(diff)
		}
		for _, filter := range []string{`{"equals":[{"doc":"fields.title"},"x"]}`, `{"regexp":[{"doc":"sys.id"},{"pattern":"(?=x)"}]}`} {
			l.fails(t, "POST", hooks, testToken, `{"name":"w","url":"https://example.com","topics":["*.*"],"filters":[`+filter+`]}`, 422, "ValidationFailed", official)
		}
	},
}

// Every numbered difference has a test, and every test a number in the page.
func TestDifferences(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/differences.md")
	if err != nil {
		t.Fatal(err)
	}
	numbers := regexp.MustCompile(`(?m)^(\d+)\. `).FindAllStringSubmatch(string(page), -1)
	if len(numbers) != len(differences) {
		t.Errorf("%d differences in the page, %d tests", len(numbers), len(differences))
	}
	l := startLive(t, nil)
	for i, m := range numbers {
		n := i + 1
		if m[1] != fmt.Sprint(n) || differences[n] == nil {
			t.Fatalf("difference %s: out of order, or without a test", m[1])
		}
		t.Run(m[1], func(t *testing.T) { differences[n](t, l) })
	}
}

const (
	master   = "/spaces/" + demo.SpaceID + "/environments/master"
	official = "X-Contentful-User-Agent: sdk contentful-management.js/12.18.0"
)

// syncs is what a page of a sync brings, as type/id, and the parameter that
// leads on.
func (l *live) syncs(t *testing.T, environment, token, params string) (items, next string) {
	t.Helper()
	res, got := l.send(t, "GET", environment+"/sync?"+params, token, "")
	if res.StatusCode != 200 {
		t.Fatalf("%s: %d %v", params, res.StatusCode, got)
	}
	var names []string
	for _, it := range got["items"].([]any) {
		sys := it.(map[string]any)["sys"].(map[string]any)
		names = append(names, fmt.Sprint(sys["type"], "/", sys["id"]))
	}
	url, ok := got["nextSyncUrl"].(string)
	if !ok {
		url, _ = got["nextPageUrl"].(string)
	}
	if !strings.HasPrefix(url, l.url+environment+"/sync?sync_token=") {
		t.Fatalf("%s leads to %q", params, url)
	}
	return strings.Join(names, " "), strings.TrimPrefix(url, l.url+environment+"/sync?")
}

// fails makes a request that has to fail in a certain way and returns the
// error.
func (l *live) fails(t *testing.T, method, path, token, body string, status int, id string, header ...string) map[string]any {
	t.Helper()
	res, got := l.send(t, method, path, token, body, header...)
	sys, _ := got["sys"].(map[string]any)
	if res.StatusCode != status || sys["id"] != id {
		t.Fatalf("%s %s: %d %v, want %d %s", method, path, res.StatusCode, got, status, id)
	}
	return got
}

// problems are details.errors of an error.
func problems(t *testing.T, body map[string]any) []map[string]any {
	t.Helper()
	details, _ := body["details"].(map[string]any)
	list, _ := details["errors"].([]any)
	if len(list) == 0 {
		t.Fatalf("no details.errors: %v", body)
	}
	out := make([]map[string]any, len(list))
	for i, p := range list {
		out[i], _ = p.(map[string]any)
	}
	return out
}

// articleLinkingTo is an article that is complete but for an entry it links to.
func articleLinkingTo(id string) string {
	body := string(article("lonely"))
	return strings.Replace(body, `"id":"ada-mendez"`, fmt.Sprintf(`"id":%q`, id), 1)
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
