package cma_test

import (
	"net/http"
	"testing"
	"time"
)

func TestSpaceLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const renamed = `{"name":"Renamed","sys":{"type":"Space","id":"{s}","version":2,"createdAt":"{made}","updatedAt":"{now}",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},
		"organization":{"sys":{"type":"Link","linkType":"Organization","id":"{org}"}}}}`
	const other = `{"name":"Atlas","sys":{"type":"Space","id":"{s2}","version":1,"createdAt":"{now}","updatedAt":"{now}",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},
		"organization":{"sys":{"type":"Link","linkType":"Organization","id":"{org}"}}}}`
	const first = `{"name":"Test","sys":{"type":"Space","id":"{s}","version":1,"createdAt":"{now}","updatedAt":"{now}",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},
		"organization":{"sys":{"type":"Link","linkType":"Organization","id":"{org}"}}}}`
	sc.play(
		step{name: "get", call: "GET /spaces/{s}", want: first},
		step{name: "another, German first", call: "POST /spaces", header: []string{"X-Contentful-Organization: {org}"},
			body: `{"name":"Atlas","defaultLocale":"de-CH","productId":"ignored"}`, status: 201, find: map[string]string{"s2": "sys.id"}, want: other,
			check: func(t *testing.T, h http.Header) {
				if want := sc.fill("/spaces/{s2}"); h.Get("Location") != want {
					t.Errorf("Location %q, want %q", h.Get("Location"), want)
				}
			}},
		step{name: "its locale", call: "GET /spaces/{s2}/locales", find: map[string]string{"l": "items.0.sys.id"},
			want: list(1, 0, 100, `{"name":"German (Switzerland)","internal_code":"de-CH","code":"de-CH","fallbackCode":null,"default":true,
				"contentManagementApi":true,"contentDeliveryApi":true,"optional":false,
				"sys":{"type":"Locale","id":"{l}","version":1,"space":{"sys":{"type":"Link","linkType":"Space","id":"{s2}"}},
				"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},"createdAt":"{now}","updatedAt":"{now}",
				"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`)},
		step{name: "list, by name", call: "GET /spaces", want: list(2, 0, 25, other, first)},
		step{name: "list as the CLI asks", call: "GET /spaces?limit=1000&skip=1&order=-name,sys.id", want: list(2, 1, 100, other)},
		step{name: "list of the organization", call: "GET /organizations/{org}/spaces?query=ATL", want: list(1, 0, 25, other)},
		step{name: "skip beyond the end", call: "GET /spaces?skip=7", want: list(2, 7, 25)},
	)
	sc.names["made"] = sc.names["now"]
	sc.tick(time.Minute)
	sc.play(
		step{name: "rename", call: "PUT /spaces/{s}", header: version(1), body: `{"name":"Renamed"}`, want: renamed},
		step{name: "outdated", call: "PUT /spaces/{s}", header: version(1), body: `{"name":"Again"}`, status: 409,
			want: failure("VersionMismatch", sc.fill("Space {s} is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry."), "")},
		step{name: "no version", call: "PUT /spaces/{s}", body: `{"name":"Again"}`, status: 409,
			want: failure("VersionMismatch", sc.fill(`Space {s} is at version 2. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`), "")},
		step{name: "no name", call: "PUT /spaces/{s}", header: version(2), body: `{}`, status: 422,
			want: invalid(`{"name":"blank","path":["name"],"details":"\"name\" must not be blank"}`)},
		step{name: "delete", call: "DELETE /spaces/{s}", status: 204},
		step{name: "gone", call: "GET /spaces/{s}", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "deleted twice", call: "DELETE /spaces/{s}", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "content of a space that is gone", call: "GET /spaces/{s}/entries", status: 404, want: failure("NotFound", notFound, `{"type":"Space","id":"{s}"}`)},
	)
}

func TestSpaceRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(
		step{name: "nothing given", call: "POST /spaces", status: 422, want: invalid(`{"name":"blank","path":["name"],"details":"\"name\" must not be blank"}`)},
		step{name: "bad locale", call: "POST /spaces", body: `{"name":"x","defaultLocale":"en_US"}`, status: 422,
			want: invalid(`{"name":"invalid","path":["defaultLocale"],"value":"en_US","details":"A locale's code has 2 to 11 letters, digits and hyphens."}`)},
		step{name: "name of the wrong type", call: "POST /spaces", body: `{"name":7}`, status: 422,
			want: invalid(`{"name":"type","path":["name"],"value":7,"type":"String","details":"The type of \"name\" is incorrect, expected type: String"}`)},
		step{name: "unknown organization", call: "POST /spaces", header: []string{"X-Contentful-Organization: nope"}, body: `{"name":"x"}`, status: 404, want: failure("NotFound", notFound, "")},
		step{name: "empty organization", call: "POST /spaces", header: []string{"X-Contentful-Organization: "}, body: `{"name":"x"}`, status: 404, want: failure("NotFound", notFound, "")},
		step{name: "spaces of an unknown organization", call: "GET /organizations/nope/spaces", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "limit of the wrong type", call: "GET /spaces?limit=many", status: 400,
			want: failure("InvalidQuery", `The value provided for "limit" is invalid. Please provide a valid number value`,
				`{"errors":[{"name":"value","path":["limit"],"value":"many","details":"The value provided for \"limit\" is invalid. Please provide a valid number value"}]}`)},
		step{name: "skip below 0", call: "GET /spaces?skip=-1", status: 400,
			want: failure("InvalidQuery", `The value provided for "skip" is invalid. Please provide a value larger than or equal to 0`,
				`{"errors":[{"name":"value","path":["skip"],"value":"-1","details":"The value provided for \"skip\" is invalid. Please provide a value larger than or equal to 0"}]}`)},
		step{name: "order by nothing known", call: "GET /spaces?order=sys.color", status: 400,
			want: failure("InvalidQuery", "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.",
				`{"errors":[{"name":"unknown","path":["sys","color"],"details":"The path \"sys.color\" is not recognized","parameter":"order"}]}`)},
		step{name: "unknown space", call: "PUT /spaces/nope", header: version(1), body: `{"name":"x"}`, status: 404, want: failure("NotFound", notFound, "")},
	)
}

func TestRolesAreEmpty(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(step{name: "as the export asks", call: "GET /spaces/{s}/roles?skip=0&order=sys.createdAt,sys.id&limit=1000", want: list(0, 0, 100)})
}
