package sdktest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBroken: answers of the live service, old and new, and others like them, and
// which clients break on each. Every rule of every client is broken by one.
func TestBroken(t *testing.T) {
	t.Parallel()
	const (
		java, dotNet, py, pyM = "contentful-management.java", "contentful.net", "contentful.py", "contentful-management.py"
		rb, rbM, labs, labd   = "contentful.rb", "contentful-management.rb", "contentful-labs/contentful-go", "labd/contentful-go"
		js, cli, phpC, tf     = "contentful-sdk-core, for JavaScript", "contentful-cli", "contentful-core.php", "terraform-provider-contentful"
		apple, javaD          = "contentful.swift", "contentful.java"
	)
	sys := func(id string) string {
		return `{"sys":{"type":"Error","id":"` + id + `"},"message":"m","requestId":"r1"`
	}
	for _, tt := range []struct {
		name, api, body string
		status          int
		header          string // one more, or another
		want            []string
	}{
		{"whole", "cma", sys("NotFound") + `,"details":{"type":"Entry","id":"e"}}`, 404, "", nil},
		{"whole, delivery", "cda", sys("InvalidQuery") + `,"details":{"errors":[{"name":"unknown","path":["a"],"details":"d"}]}}`, 400, "", nil},
		{"what was not found, which one client has never read", "cda", sys("NotFound") + `,"details":{"type":"Entry"}}`, 404, "", nil},
		{"no JSON", "cma", `oops`, 500, "", []string{"every client"}},
		{"a list", "cma", `[]`, 404, "", []string{"every client"}},
		{"null", "cma", `null`, 404, "", []string{"every client"}},
		{"two bodies", "cma", sys("NotFound") + `}{}`, 404, "", []string{"every client"}},
		{"VersionMismatch as it was recorded", "cma", `{"sys":{"type":"Error","id":"VersionMismatch"},"requestId":"r1"}`, 409, "", []string{js}},
		{"no message, delivery", "cda", `{"sys":{"type":"Error","id":"BadRequest"},"requestId":"r1"}`, 400, "", []string{js, apple}},
		{"another request id", "cda", `{"sys":{"type":"Error","id":"BadRequest"},"message":"m","requestId":"r2"}`, 400, "", []string{js}},
		{"no sys", "cma", `{"message":"m","requestId":"r1"}`, 404, "", []string{js, rbM, phpC, dotNet, labs, labd, tf}},
		{"no sys, delivery", "cda", `{"message":"m","requestId":"r1"}`, 404, "", []string{js, rb, phpC, dotNet, apple, labs, labd}},
		{"an id that names no class", "cda", sys("Not-Found") + `}`, 404, "", []string{phpC}},
		{"a missing upload", "cma", sys("NotFound") + `,"details":"The resource could not be found."}`, 404, "", []string{js, java, dotNet, labs}},
		{"the same, delivery", "cda", sys("NotFound") + `,"details":"The resource could not be found."}`, 404, "", []string{js, py, dotNet, labs}},
		{"a missing space of 2017", "cda", sys("NotFound") + `,"details":{"sys":{"type":"Space"}}}`, 404, "", []string{py}},
		{"a missing space of 2017, management", "cma", sys("NotFound") + `,"details":{"sys":{"type":"Space"}}}`, 404, "", []string{pyM}},
		{"a type that is an object", "cma", sys("NotFound") + `,"details":{"type":{}}}`, 404, "", []string{java}},
		{"UnknownKey as it was recorded", "cma", sys("UnknownKey") + `,"details":{"keys":["k"]}}`, 400, "", []string{pyM}},
		{"UnknownKey without keys", "cma", sys("UnknownKey") + `,"details":{"errors":[]}}`, 400, "", []string{phpC}},
		{"keys of another kind", "cma", sys("UnknownKey") + `,"details":{"keys":[{}],"errors":[]}}`, 400, "", []string{phpC, java}},
		{"MissingKey without key", "cma", sys("MissingKey") + `}`, 400, "", []string{phpC}},
		{"a query's problem in words", "cda", sys("InvalidQuery") + `,"details":{"errors":["words"]}}`, 400, "", []string{apple, labs, labd}},
		{"a query's problem that is a number", "cda", sys("InvalidQuery") + `,"details":{"errors":[1]}}`, 400, "", []string{py, apple, labs, labd}},
		{"a problem that says what it is with an object", "cda", sys("InvalidQuery") + `,"details":{"errors":[{"name":"n","path":[],"details":{}}]}}`, 400, "", []string{py, apple, labs, labd}},
		{"unknownContentType as it is told", "cda", sys("InvalidQuery") + `,"details":{"errors":[{"name":"unknownContentType","value":"DOESNOTEXIST"}]}}`, 400, "", []string{apple}},
		{"a path with a number", "cda", sys("InvalidQuery") + `,"details":{"errors":[{"name":"n","path":["a",0],"details":"d"}]}}`, 400, "", []string{apple}},
		{"a path in one string", "cma", sys("ValidationFailed") + `,"details":{"errors":[{"name":"n","path":"code","details":"d"}]}}`, 422, "", []string{cli}},
		{"a path in one string without a text", "cma", sys("ValidationFailed") + `,"details":{"errors":[{"name":"taken","path":"code","value":"de"}]}}`, 422, "", nil},
		{"a problem without a path", "cma", sys("ValidationFailed") + `,"details":{"errors":[{"name":"n"}]}}`, 422, "", []string{pyM}},
		{"a 422 with nothing", "cma", sys("ValidationFailed") + `}`, 422, "", []string{labs, labd}},
		{"an entry with nothing", "cma", sys("InvalidEntry") + `}`, 422, "", []string{labd}},
		{"a 422 in words", "cma", sys("ValidationFailed") + `,"details":"words"}`, 422, "", []string{js, pyM, java, dotNet, labs}},
		{"problems in words", "cma", sys("ValidationFailed") + `,"details":{"errors":["words"]}}`, 422, "", []string{pyM, java, labs, labd}},
		{"a type that is a list", "cma", sys("InvalidEntry") + `,"details":{"errors":[{"name":"type","path":[],"details":"d","type":["Text"]}]}}`, 422, "", []string{java}},
		{"expected holds an object", "cma", sys("ValidationFailed") + `,"details":{"errors":[{"name":"in","path":[],"details":"d","expected":[{"a":1}]}]}}`, 422, "", []string{java}},
		{"conflicting holds ids", "cma", sys("InvalidEntry") + `,"details":{"errors":[{"name":"unique","path":[],"details":"d","conflicting":["e1"]}]}}`, 422, "", []string{labd}},
		{"conflicting is an id", "cma", sys("InvalidEntry") + `,"details":{"errors":[{"name":"unique","path":[],"details":"d","conflicting":"e1"}]}}`, 422, "", []string{labd}},
		{"a list of reasons", "cma", sys("AccessDenied") + `,"details":{"reasons":["no"]}}`, 403, "", []string{labd}},
		{"no reasons", "cma", sys("AccessDenied") + `,"details":{"type":"x"}}`, 403, "", []string{pyM}},
		{"a message that is an object", "cma", `{"sys":{"type":"Error","id":"BadRequest"},"message":{},"requestId":"r1"}`, 400, "", []string{js, java, labs, labd}},
		{"half a second", "cda", sys("RateLimitExceeded") + `}`, 429, "X-Contentful-Ratelimit-Reset: 0.5", []string{js, py, phpC, javaD, dotNet, apple}},
		{"no time to come back", "cma", sys("RateLimitExceeded") + `}`, 429, "", []string{js, pyM, phpC, dotNet}},
		{"no request id in the header", "cda", sys("NotFound") + `}`, 404, "X-Contentful-Request-Id: ", []string{js, phpC}},
		{"another media type", "cma", sys("NotFound") + `}`, 404, "Content-Type: application/problem+json", []string{tf}},
	} {
		h := http.Header{"Contentful-Api": {tt.api}, "X-Contentful-Request-Id": {"r1"}, "Content-Type": {"application/vnd.contentful.management.v1+json"}}
		if name, value, ok := strings.Cut(tt.header, ": "); ok {
			h.Set(name, value)
		}
		var got []string
		for _, b := range Broken(tt.status, h, []byte(tt.body)) {
			name, _, _ := strings.Cut(b, ": ")
			got = append(got, name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
