package cma_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// extension is the JSON of a UI extension; more are members of it beside
// extension and sys, or of sys.
func extension(id, body, more, moreSys string, version int, changed string) string {
	return `{"extension":` + body + more + `,"sys":{"type":"Extension","id":"` + id + `","version":` + strconv.Itoa(version) + moreSys + `,
		"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},
		"createdAt":"2026-05-01T10:00:00.123Z","updatedAt":"` + changed + `",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
}

func TestExtensionLife(t *testing.T) {
	onBoth(t, func(sc *script) {
		const plain = `{"name":"Stars","fieldTypes":[{"type":"Integer"},{"type":"Link","linkType":"Asset"},{"type":"Array","items":{"type":"Link","linkType":"Entry"}}],"src":"https://example.org/stars","sidebar":false}`
		const full = `{"name":"Page","fieldTypes":[],"srcdoc":"<p>here</p>","sidebar":true,"parameters":{
			"installation":[{"id":"key","name":"Key","type":"Secret","required":true}],
			"instance":[{"id":"size","name":"Size","type":"Enum","description":"How large","options":["s",{"m":"Middle"}],"default":"s","labels":{"empty":"None"}},{"id":"n","name":"N","type":"Number","default":-1.5},{"id":"b","name":"B","type":"Boolean","default":false}]}}`
		const values, sum = `,"parameters":{"key":"k"}`, `,"srcdocSha256":"334fd10d116b064ab8c3a1e849f08210740faf62fe3434f44bd1154256ec6ec1"`
		sc.play(
			step{name: "create", call: "POST /spaces/{s}/environments/master/extensions", body: `{"extension":{"name":"Stars","fieldTypes":[{"type":"Integer"},{"type":"Link","linkType":"Asset"},{"type":"Array","items":{"type":"Link","linkType":"Entry"}}],"src":"https://example.org/stars"}}`,
				status: 201, find: map[string]string{"id": "sys.id"}, want: extension("{id}", plain, "", "", 1, "{ms}"),
				check: func(t *testing.T, h http.Header) {
					if want := sc.fill("/spaces/{s}/environments/master/extensions/{id}"); h.Get("Location") != want {
						t.Errorf("Location %q, want %q", h.Get("Location"), want)
					}
				}},
			step{name: "create with an id", call: "PUT /spaces/{s}/extensions/page", body: `{"extension":` + full + values + `,"sys":{"id":"page"}}`, status: 201, want: extension("page", full, values, sum, 1, "{ms}")},
			step{name: "get", call: "GET /spaces/{s}/extensions/page", want: extension("page", full, values, sum, 1, "{ms}")},
			step{name: "list", call: "GET /spaces/{s}/environments/master/extensions?order=name&limit=1000", want: list(2, 0, 100, extension("page", full, values, sum, 1, "{ms}"), extension("{id}", plain, "", "", 1, "{ms}"))},
			step{name: "an id in use", call: "PUT /spaces/{s}/extensions/page", body: `{"extension":` + full + `}`, status: 409,
				want: failure("VersionMismatch", `Extension page is at version 1. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "replace", call: "PUT /spaces/{s}/extensions/page", header: version(1), body: `{"extension":` + plain + `,"parameters":null}`, want: extension("page", plain, "", "", 2, "{ms}")},
			step{name: "outdated", call: "PUT /spaces/{s}/extensions/page", header: version(1), body: `{"extension":` + plain + `}`, status: 409,
				want: failure("VersionMismatch", "Extension page is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
			step{name: "delete, outdated", call: "DELETE /spaces/{s}/extensions/page", header: version(1), status: 409,
				want: failure("VersionMismatch", "Extension page is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
			step{name: "delete", call: "DELETE /spaces/{s}/extensions/page", status: 204},
			step{name: "gone", call: "GET /spaces/{s}/extensions/page", status: 404, want: failure("NotFound", notFound, `{"type":"Extension","id":"page","environment":"master","space":"{s}"}`)},
			step{name: "deleted twice", call: "DELETE /spaces/{s}/extensions/page", status: 404, want: failure("NotFound", notFound, `{"type":"Extension","id":"page","environment":"master","space":"{s}"}`)},
			step{name: "copied with the environment", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"copy"}`, status: 201, find: map[string]string{"copy": "sys.id"}},
			step{name: "in the copy", call: "GET /spaces/{s}/environments/copy/extensions/{id}", want: strings.ReplaceAll(extension("{id}", plain, "", "", 1, "2026-05-01T10:00:00.123Z"), `"id":"master"`, `"id":"copy"`)},
		)
	})
}

func TestExtensionRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	refused := func(problems string) string {
		return failure("ValidationFailed", "Validation error", `{"errors":[`+problems+`]}`)
	}
	with := func(more string) string {
		return `{"extension":{"name":"x","src":"https://example.org",` + more + `}}`
	}
	instance := func(p string) string { return with(`"parameters":{"instance":[` + p + `]}`) }
	for _, st := range []step{
		{name: "nothing", body: `{}`, want: refused(`{"name":"required","path":["extension"],"details":"The property \"extension\" is required here"}`)},
		{name: "no body", want: refused(`{"name":"required","path":["extension"],"details":"The property \"extension\" is required here"}`)},
		{name: "empty", body: `{"extension":{}}`, want: refused(`{"name":"required","path":["extension","name"],"details":"The property \"name\" is required here"},
			{"name":"required","path":["extension","src"],"details":"The property \"src\" or the property \"srcdoc\" is required here"}`)},
		{name: "types", body: `{"extension":{"name":1,"fieldTypes":{},"src":"https://example.org","sidebar":"no"}}`, want: refused(`{"name":"type","path":["extension","name"],"value":1,"type":"String","details":"The type of \"name\" is incorrect, expected type: String"},
			{"name":"type","path":["extension","fieldTypes"],"value":{},"type":"Array","details":"The type of \"fieldTypes\" is incorrect, expected type: Array"},
			{"name":"type","path":["extension","sidebar"],"value":"no","type":"Boolean","details":"The type of \"sidebar\" is incorrect, expected type: Boolean"}`)},
		{name: "a long name", body: `{"extension":{"name":"` + strings.Repeat("x", 257) + `","src":"https://example.org"}}`, want: refused(`{"name":"size","path":["extension","name"],"max":256,"details":"Size must be at most 256"}`)},
		{name: "an empty address", body: `{"extension":{"name":"x","src":""}}`, want: refused(`{"name":"required","path":["extension","src"],"details":"The property \"src\" is required here"}`)},
		{name: "no web address", body: `{"extension":{"name":"x","src":"javascript:alert(1)"}}`, want: refused(`{"name":"invalid","path":["extension","src"],"value":"javascript:alert(1)","details":"The URL must begin with http:// or https:// and a host."}`)},
		{name: "a long address", body: `{"extension":{"name":"x","src":"https://` + strings.Repeat("x", 2048) + `"}}`, want: refused(`{"name":"size","path":["extension","src"],"max":2048,"details":"Size must be at most 2048"}`)},
		{name: "both", body: with(`"srcdoc":"x"`), want: refused(`{"name":"invalid","path":["extension","srcdoc"],"details":"An extension has \"src\" or \"srcdoc\", not both."}`)},
		{name: "a large page", body: `{"extension":{"name":"x","srcdoc":"` + strings.Repeat("x", 200<<10+1) + `"}}`, want: refused(`{"name":"size","path":["extension","srcdoc"],"max":204800,"details":"Size must be at most 204800 bytes"}`)},
		{name: "unknown members", body: `{"extension":{"name":"x","src":"https://example.org","icon":1,"parameters":{"instances":[],"instance":[{"id":"a","name":"A","type":"Symbol","typ":1}]}},"more":1}`,
			want: refused(`{"name":"unknown","path":["more"],"value":1,"details":"The property \"more\" is not allowed here."},
				{"name":"unknown","path":["extension","icon"],"value":1,"details":"The property \"icon\" is not allowed here."},
				{"name":"unknown","path":["extension","parameters","instances"],"value":[],"suggestions":["instance"],"details":"The property \"instances\" is not allowed here."},
				{"name":"unknown","path":["extension","parameters","instance",0,"typ"],"value":1,"suggestions":["type"],"details":"The property \"typ\" is not allowed here."}`)},
		{name: "types of fields", body: with(`"fieldTypes":[{"type":"symbol"},{},{"type":"Link"},{"type":"Link","linkType":"Tag"},{"type":"Array"},{"type":"Array","items":{"type":"Array"}}]`),
			want: refused(`{"name":"in","path":["extension","fieldTypes",0,"type"],"value":"symbol","suggestions":["Symbol"],"expected":["Symbol","Text","RichText","Integer","Number","Date","Boolean","Location","Object","Link","ResourceLink","Array"],"details":"Value must be one of expected values."},
				{"name":"required","path":["extension","fieldTypes",1,"type"],"details":"The property \"type\" is required here"},
				{"name":"required","path":["extension","fieldTypes",2,"linkType"],"details":"The property \"linkType\" is required here"},
				{"name":"in","path":["extension","fieldTypes",3,"linkType"],"value":"Tag","expected":["Entry","Asset"],"details":"Value must be one of expected values"},
				{"name":"required","path":["extension","fieldTypes",4,"items"],"details":"The property \"items\" is required here"},
				{"name":"in","path":["extension","fieldTypes",5,"items","type"],"value":"Array","expected":["Symbol","Link","ResourceLink"],"details":"Value must be one of expected values"}`)},
		{name: "many types of fields", body: with(`"fieldTypes":[` + strings.TrimSuffix(strings.Repeat(`{"type":"Text"},`, 51), ",") + `]`), want: refused(`{"name":"size","path":["extension","fieldTypes"],"max":50,"details":"Size must be at most 50"}`)},
		{name: "many parameters", body: instance(strings.TrimSuffix(strings.Repeat(`{},`, 51), ",")), want: refused(`{"name":"size","path":["extension","parameters","instance"],"max":50,"details":"Size must be at most 50"}`)},
		{name: "a parameter of nothing", body: instance(`{}`), want: refused(`{"name":"required","path":["extension","parameters","instance",0,"id"],"details":"The property \"id\" is required here"},
			{"name":"required","path":["extension","parameters","instance",0,"name"],"details":"The property \"name\" is required here"},
			{"name":"required","path":["extension","parameters","instance",0,"type"],"details":"The property \"type\" is required here"}`)},
		{name: "ids of parameters", body: instance(`{"id":"1a","name":"A","type":"Symbol"},{"id":"b","name":"B","type":"Symbol"},{"id":"b","name":"B","type":"Symbol"}`),
			want: refused(`{"name":"regexp","path":["extension","parameters","instance",0,"id"],"value":"1a","pattern":"^[a-zA-Z][a-zA-Z0-9_]*$","details":"Does not match /^[a-zA-Z][a-zA-Z0-9_]*$/"},
				{"name":"taken","path":["extension","parameters","instance",2,"id"],"value":"b","details":"There is a parameter \"b\" already."}`)},
		{name: "a secret of an instance", body: instance(`{"id":"a","name":"A","type":"Secret"}`),
			want: refused(`{"name":"in","path":["extension","parameters","instance",0,"type"],"value":"Secret","expected":["Symbol","Enum","Number","Boolean"],"details":"Value must be one of expected values"}`)},
		{name: "options", body: instance(`{"id":"a","name":"A","type":"Enum"},{"id":"b","name":"B","type":"Enum","options":"x"},{"id":"c","name":"C","type":"Enum","options":["x",1,null,{"a":"A","b":"B"}]}`),
			want: refused(`{"name":"required","path":["extension","parameters","instance",0,"options"],"details":"The property \"options\" is required here"},
				{"name":"type","path":["extension","parameters","instance",1,"options"],"value":"x","type":"Array","details":"The type of \"options\" is incorrect, expected type: Array"},
				{"name":"invalid","path":["extension","parameters","instance",2,"options",1],"value":1,"details":"An option is a text, or an object such as {\"value\": \"Label\"}."},
				{"name":"invalid","path":["extension","parameters","instance",2,"options",2],"value":null,"details":"An option is a text, or an object such as {\"value\": \"Label\"}."},
				{"name":"invalid","path":["extension","parameters","instance",2,"options",3],"value":{"a":"A","b":"B"},"details":"An option is a text, or an object such as {\"value\": \"Label\"}."}`)},
		{name: "defaults and labels", body: instance(`{"id":"a","name":"A","type":"Symbol","default":1},{"id":"b","name":"B","type":"Number","default":"1"},{"id":"c","name":"C","type":"Boolean","default":[],"labels":"x"}`),
			want: refused(`{"name":"type","path":["extension","parameters","instance",0,"default"],"value":1,"type":"Symbol","details":"The type of \"default\" is incorrect, expected type: Symbol"},
				{"name":"type","path":["extension","parameters","instance",1,"default"],"value":"1","type":"Number","details":"The type of \"default\" is incorrect, expected type: Number"},
				{"name":"type","path":["extension","parameters","instance",2,"default"],"value":[],"type":"Boolean","details":"The type of \"default\" is incorrect, expected type: Boolean"},
				{"name":"type","path":["extension","parameters","instance",2,"labels"],"value":"x","type":"Object","details":"The type of \"labels\" is incorrect, expected type: Object"}`)},
		{name: "values", body: `{"extension":{"name":"x","src":"https://example.org"},"parameters":[]}`,
			want: refused(`{"name":"type","path":["parameters"],"value":[],"type":"Object","details":"The type of \"parameters\" is incorrect, expected type: Object"}`)},
	} {
		st.call, st.status = "POST /spaces/{s}/extensions", 422
		sc.play(st)
	}
}
