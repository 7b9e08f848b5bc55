package cma_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hook is the JSON of a webhook definition.
func hook(id, name, url, more string, version int, changed string) string {
	return `{"name":"` + name + `","url":"` + url + `",` + more + `,
		"sys":{"type":"WebhookDefinition","id":"` + id + `","version":` + strconv.Itoa(version) + `,"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},
		"createdAt":"{made}","updatedAt":"` + changed + `",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
}

func TestWebhookLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const plain = `"topics":["*.*"],"httpBasicUsername":null,"filters":null,"transformation":null,"headers":[],"active":true`
	const full = `"topics":["Entry.publish","Asset.*"],"httpBasicUsername":"ann","filters":[{"not":{"in":[{"doc":"sys.environment.sys.id"},["a","b"]]}},{"regexp":[{"doc":"sys.id"},{"pattern":"^x"}]}],
		"transformation":{"method":"PUT","contentType":"application/json","includeContentLength":true,"body":{"id":"{ /payload/sys/id }"}},
		"headers":[{"key":"X-Plain","value":"seen"},{"key":"X-Secret","secret":true}],"active":false`
	sc.play(
		step{name: "create", call: "POST /spaces/{s}/webhook_definitions", body: `{"name":"Build","url":"https://example.org/build","topics":["*.*"]}`, status: 201, find: map[string]string{"id": "sys.id"},
			want: hook("{id}", "Build", "https://example.org/build", plain, 0, "{now}"),
			check: func(t *testing.T, h http.Header) {
				if want := sc.fill("/spaces/{s}/webhook_definitions/{id}"); h.Get("Location") != want {
					t.Errorf("Location %q, want %q", h.Get("Location"), want)
				}
			}},
		step{name: "create with an id, as import does", call: "PUT /spaces/{s}/webhook_definitions/full", header: version(0), status: 201,
			body: `{"name":"Full","url":"http://example.org/{ /payload/sys/id }","topics":["Entry.publish","Asset.*"],"httpBasicUsername":"ann","httpBasicPassword":"secret",
				"filters":[{"not":{"in":[{"doc":"sys.environment.sys.id"},["a","b"]]}},{"regexp":[{"doc":"sys.id"},{"pattern":"^x"}]}],
				"transformation":{"method":"PUT","contentType":"application/json","includeContentLength":true,"body":{"id":"{ /payload/sys/id }"}},
				"headers":[{"key":"X-Plain","value":"seen"},{"key":"X-Secret","value":"hidden","secret":true}],"active":false}`,
			want: hook("full", "Full", "http://example.org/{ /payload/sys/id }", full, 0, "{now}")},
		step{name: "get", call: "GET /spaces/{s}/webhook_definitions/full", want: hook("full", "Full", "http://example.org/{ /payload/sys/id }", full, 0, "{now}")},
		step{name: "list as the export asks", call: "GET /spaces/{s}/webhook_definitions?skip=0&order=name&limit=1000", want: list(2, 0, 100,
			hook("{id}", "Build", "https://example.org/build", plain, 0, "{now}"), hook("full", "Full", "http://example.org/{ /payload/sys/id }", full, 0, "{now}"))},
	)
	sc.tick(time.Minute)
	sc.play(
		step{name: "secrets stay, the rest goes back to what it is without", call: "PUT /spaces/{s}/webhook_definitions/full", header: version(0),
			body: `{"name":"Full","url":"http://example.org/","topics":["*.*"],"headers":[{"key":"X-Secret","secret":true}]}`,
			want: hook("full", "Full", "http://example.org/", `"topics":["*.*"],"httpBasicUsername":null,"filters":null,"transformation":null,"headers":[{"key":"X-Secret","secret":true}],"active":true`, 1, "{now}")},
		step{name: "no filter at all", call: "PUT /spaces/{s}/webhook_definitions/full", header: version(1),
			body: `{"name":"Full","url":"http://example.org/","topics":["*.*"],"filters":[],"httpBasicUsername":null,"httpBasicPassword":null}`,
			want: hook("full", "Full", "http://example.org/", `"topics":["*.*"],"httpBasicUsername":null,"filters":[],"transformation":null,"headers":[],"active":true`, 2, "{now}")},
		step{name: "outdated", call: "PUT /spaces/{s}/webhook_definitions/full", header: version(0), body: `{"name":"Full","url":"http://example.org/","topics":["*.*"]}`, status: 409,
			want: failure("VersionMismatch", "WebhookDefinition full is at version 2, the request was made for version 0. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "url in use", call: "POST /spaces/{s}/webhook_definitions", body: `{"name":"x","url":"http://example.org/","topics":["*.*"]}`, status: 422,
			want: invalid(`{"name":"taken","path":["url"],"value":"http://example.org/","details":"There is a webhook for http://example.org/ already."}`)},
		step{name: "delete", call: "DELETE /spaces/{s}/webhook_definitions/full", status: 204},
		step{name: "gone", call: "GET /spaces/{s}/webhook_definitions/full", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "deleted twice", call: "DELETE /spaces/{s}/webhook_definitions/full", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "its url is free", call: "POST /spaces/{s}/webhook_definitions", body: `{"name":"x","url":"http://example.org/","topics":["*.*"]}`, status: 201, find: map[string]string{"x": "sys.id"}},
	)
}

func TestWebhookRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	with := func(more string) string {
		return `{"name":"x","url":"https://example.org","topics":["*.*"],` + more + `}`
	}
	filter := func(f string) string {
		return invalid(`{"name":"invalid","path":["filters",0],"value":` + f + `,"details":"A filter is {\"equals\"|\"in\"|\"regexp\":[{\"doc\":\"sys.id\"}, argument]}, maybe inside {\"not\": …}."}`)
	}
	for _, st := range []step{
		{name: "nothing", body: `{}`, want: invalid(`{"name":"blank","path":["name"],"details":"\"name\" must not be blank"},
			{"name":"invalid","path":["url"],"value":"","details":"The URL must begin with http:// or https:// and a host."},
			{"name":"invalid_type","path":["topics"],"details":"Required"}`)},
		{name: "no topics", body: `{"name":"x","url":"https://example.org","topics":[]}`, want: invalid(`{"name":"size","path":["topics"],"value":[],"details":"Topics cannot be empty"}`)},
		{name: "not a topic", body: `{"name":"x","url":"https://example.org","topics":["*.*","everything"]}`,
			want: invalid(`{"name":"invalid","path":["topics",1],"value":"everything","details":"A topic is a type and an action, such as \"Entry.publish\" or \"*.*\"."}`)},
		{name: "topics nothing has", body: `{"name":"x","url":"https://example.org","topics":["entry.publish","Task.publish","*.explode"]}`,
			want: invalid(`{"name":"invalid","path":["topics",0],"value":"entry.publish","suggestions":["Entry.publish"],"details":"There is no type of resource \"entry\". Types are spelled as in sys.type."},
				{"name":"invalid","path":["topics",1],"value":"Task.publish","details":"Nothing of the type \"Task\" has the action \"publish\"."},
				{"name":"invalid","path":["topics",2],"value":"*.explode","details":"Nothing of the type \"*\" has the action \"explode\"."}`)},
		{name: "not a web address", body: `{"name":"x","url":"ftp://example.org","topics":["*.*"]}`,
			want: invalid(`{"name":"invalid","path":["url"],"value":"ftp://example.org","details":"The URL must begin with http:// or https:// and a host."}`)},
		{name: "no host", body: `{"name":"x","url":"https://","topics":["*.*"]}`,
			want: invalid(`{"name":"invalid","path":["url"],"value":"https://","details":"The URL must begin with http:// or https:// and a host."}`)},
		{name: "headers", body: with(`"headers":[{"key":"a b","value":"x"},{"key":"X-A"},{"key":"X-B","value":"line\nbreak"}]`),
			want: invalid(`{"name":"invalid","path":["headers",0,"key"],"value":"a b","details":"The key is not the name of an HTTP header."},
				{"name":"required","path":["headers",1,"value"],"details":"The property \"value\" is required here"},
				{"name":"invalid","path":["headers",2,"value"],"details":"The value has characters that an HTTP header cannot have."}`)},
		{name: "a secret nobody knows", body: with(`"headers":[{"key":"X-A","secret":true}]`),
			want: invalid(`{"name":"required","path":["headers",0,"value"],"details":"The property \"value\" is required here"}`)},
		{name: "password", body: with(`"httpBasicPassword":7`),
			want: invalid(`{"name":"type","path":["httpBasicPassword"],"type":"String","details":"The type of \"httpBasicPassword\" is incorrect, expected type: String"}`)},
		{name: "filters", body: with(`"filters":{}`), want: invalid(`{"name":"type","path":["filters"],"value":{},"type":"Array","details":"The type of \"filters\" is incorrect, expected type: Array"}`)},
		{name: "filter operator", body: with(`"filters":[{"like":[{"doc":"sys.id"},"x"]}]`), want: filter(`{"like":[{"doc":"sys.id"},"x"]}`)},
		{name: "filter argument", body: with(`"filters":[{"equals":[{"doc":"sys.id"},["x"]]}]`), want: filter(`{"equals":[{"doc":"sys.id"},["x"]]}`)},
		{name: "filter list", body: with(`"filters":[{"in":[{"doc":"sys.id"},null]}]`), want: filter(`{"in":[{"doc":"sys.id"},null]}`)},
		{name: "filter pattern", body: with(`"filters":[{"regexp":[{"doc":"sys.id"},"x"]}]`), want: filter(`{"regexp":[{"doc":"sys.id"},"x"]}`)},
		{name: "filter on a field", body: with(`"filters":[{"equals":[{"doc":"fields.title"},"x"]}]`),
			want: invalid(`{"name":"invalid","path":["filters",0],"value":{"equals":[{"doc":"fields.title"},"x"]},"details":"No filter looks at \"fields.title\". There are sys.contentType.sys.id, sys.createdBy.sys.id, sys.deletedBy.sys.id, sys.environment.sys.id, sys.id, sys.updatedBy.sys.id."}`)},
		{name: "a pattern that would need backtracking", body: with(`"filters":[{"regexp":[{"doc":"sys.id"},{"pattern":"(?=x)"}]}]`),
			want: invalid("{\"name\":\"invalid\",\"path\":[\"filters\",0],\"value\":{\"regexp\":[{\"doc\":\"sys.id\"},{\"pattern\":\"(?=x)\"}]},\"details\":\"The pattern is not a regular expression in RE2's syntax: invalid or unsupported Perl syntax: `(?=`.\"}")},
		{name: "not twice", body: with(`"filters":[{"not":{"not":{"equals":[{"doc":"sys.id"},"x"]}}}]`), want: filter(`{"not":{"not":{"equals":[{"doc":"sys.id"},"x"]}}}`)},
		{name: "transformation", body: with(`"transformation":[]`), want: invalid(`{"name":"type","path":["transformation"],"value":[],"type":"Object","details":"The type of \"transformation\" is incorrect, expected type: Object"}`)},
		{name: "in the transformation", body: with(`"transformation":{"method":"HEAD","includeContentLength":1,"extra":1}`),
			want: invalid(`{"name":"unknown","path":["transformation","extra"],"value":1,"details":"The property \"extra\" is not allowed here."},
				{"name":"type","path":["transformation","includeContentLength"],"value":1,"type":"Boolean","details":"The type of \"includeContentLength\" is incorrect, expected type: Boolean"},
				{"name":"in","path":["transformation","method"],"value":"HEAD","expected":["POST","GET","PUT","PATCH","DELETE"],"details":"Value must be one of expected values"}`)},
	} {
		st.call, st.status = "POST /spaces/{s}/webhook_definitions", 422
		sc.play(st)
	}
}

// TestWebhooksAreBounded fills a space with webhooks.
func TestWebhooksAreBounded(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	body := func(i int) string {
		return `{"name":"w","url":"https://example.org/` + strconv.Itoa(i) + `","topics":["Entry.publish"]}`
	}
	for i := range 100 {
		if w := sc.do("PUT /spaces/{s}/webhook_definitions/w"+strconv.Itoa(i), nil, body(i)); w.Code != 201 {
			t.Fatalf("webhook %d: %d %s", i, w.Code, w.Body)
		}
	}
	sc.play(
		step{name: "one more", call: "POST /spaces/{s}/webhook_definitions", body: body(100), status: 403, want: failure("Forbidden", "The space has 100 webhooks, which is the most there can be.", "")},
		step{name: "changing one", call: "PUT /spaces/{s}/webhook_definitions/w0", header: version(0), body: body(100), find: map[string]string{"x": "sys.id"}},
		step{name: "less one", call: "DELETE /spaces/{s}/webhook_definitions/w1", status: 204},
		step{name: "a large one of HTML", call: "PUT /spaces/{s}/webhook_definitions/w2", header: version(0), body: strings.Replace(body(2), "{", `{"transformation":{"body":"`+strings.Repeat("<p>", 80_000)+`"},`, 1), find: map[string]string{"x": "sys.id"}},
		step{name: "there is room again", call: "POST /spaces/{s}/webhook_definitions", body: body(101), status: 201, find: map[string]string{"x": "sys.id"}},
	)
}
