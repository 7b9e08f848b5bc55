package cma_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// key is the JSON of an API key; environments are ids.
func key(typ, id, name, description, token, partner string, version int, changed string, environments ...string) string {
	links := make([]string, len(environments))
	for i, e := range environments {
		links[i] = `{"sys":{"type":"Link","linkType":"Environment","id":"` + e + `"}}`
	}
	if partner != "" {
		partner = `"preview_api_key":{"sys":{"type":"Link","linkType":"PreviewApiKey","id":"` + partner + `"}},`
	}
	return `{"name":"` + name + `","description":` + description + `,"accessToken":"` + token + `","policies":[{"effect":"allow","actions":"all"}],
		"environments":[` + strings.Join(links, ",") + `],` + partner + `
		"sys":{"type":"` + typ + `","id":"` + id + `","version":` + strconv.Itoa(version) + `,"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},
		"createdAt":"{made}","updatedAt":"` + changed + `",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
}

func TestAPIKeyLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const both = `[{"sys":{"type":"Link","linkType":"Environment","id":"staging"}},{"sys":{"type":"Link","linkType":"Environment","id":"master"}}]`
	sc.play(
		step{name: "another environment", call: "PUT /spaces/{s}/environments/staging", status: 201, find: map[string]string{"x": "name"}},
		step{name: "create", call: "POST /spaces/{s}/api_keys", body: `{"name":"web"}`, status: 201,
			find: map[string]string{"id": "sys.id", "token": "accessToken", "preview": "preview_api_key.sys.id"},
			want: key("ApiKey", "{id}", "web", "null", "{token}", "{preview}", 0, "{now}", "master"),
			check: func(t *testing.T, h http.Header) {
				if want := sc.fill("/spaces/{s}/api_keys/{id}"); h.Get("Location") != want {
					t.Errorf("Location %q, want %q", h.Get("Location"), want)
				}
			}},
		step{name: "its preview key", call: "GET /spaces/{s}/preview_api_keys/{preview}", find: map[string]string{"ptoken": "accessToken"},
			want: key("PreviewApiKey", "{preview}", "web", "null", "{ptoken}", "", 0, "{now}", "master")},
		step{name: "get", call: "GET /spaces/{s}/api_keys/{id}", want: key("ApiKey", "{id}", "web", "null", "{token}", "{preview}", 0, "{now}", "master")},
		step{name: "list", call: "GET /spaces/{s}/api_keys", want: list(1, 0, 25, key("ApiKey", "{id}", "web", "null", "{token}", "{preview}", 0, "{now}", "master"))},
		step{name: "preview keys", call: "GET /spaces/{s}/preview_api_keys", want: list(1, 0, 25, key("PreviewApiKey", "{preview}", "web", "null", "{ptoken}", "", 0, "{now}", "master"))},
	)
	if len(sc.names["token"]) != 64 || len(sc.names["ptoken"]) != 43 {
		t.Errorf("tokens %q, %q", sc.names["token"], sc.names["ptoken"])
	}
	sc.opens("token", access.Delivery, "master")
	sc.opens("ptoken", access.Preview, "master")
	sc.tick(time.Minute)
	sc.play(
		step{name: "change", call: "PUT /spaces/{s}/api_keys/{id}", header: version(0), body: `{"name":"site","description":"for the site","environments":` + both + `}`,
			want: key("ApiKey", "{id}", "site", `"for the site"`, "{token}", "{preview}", 1, "{now}", "master", "staging")},
		step{name: "the preview key follows", call: "GET /spaces/{s}/preview_api_keys/{preview}",
			want: key("PreviewApiKey", "{preview}", "site", `"for the site"`, "{ptoken}", "", 1, "{now}", "master", "staging")},
		step{name: "outdated", call: "PUT /spaces/{s}/api_keys/{id}", header: version(0), body: `{"name":"x"}`, status: 409,
			want: failure("Conflict", "ApiKey {id} is at version 1, the request was made for version 0. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "no version", call: "PUT /spaces/{s}/api_keys/{id}", body: `{"name":"x"}`, status: 409,
			want: failure("Conflict", `ApiKey {id} is at version 1. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
	)
	sc.opens("token", access.Delivery, "master", "staging")
	sc.opens("ptoken", access.Preview, "master", "staging")
	sc.play(
		step{name: "an environment goes, and comes back", call: "DELETE /spaces/{s}/environments/staging", status: 204},
		step{name: "as another one", call: "PUT /spaces/{s}/environments/staging", status: 201, find: map[string]string{"x": "name"}},
		step{name: "which the key does not open", call: "GET /spaces/{s}/api_keys/{id}", find: map[string]string{"changed": "sys.updatedAt"},
			want: key("ApiKey", "{id}", "site", `"for the site"`, "{token}", "{preview}", 1, "{now}", "master")},
	)
	sc.opens("token", access.Delivery, "master")
	sc.play(
		step{name: "delete", call: "DELETE /spaces/{s}/api_keys/{id}", status: 204},
		step{name: "gone", call: "GET /spaces/{s}/api_keys/{id}", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "and its preview key", call: "GET /spaces/{s}/preview_api_keys/{preview}", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "deleted twice", call: "DELETE /spaces/{s}/api_keys/{id}", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "changed when gone", call: "PUT /spaces/{s}/api_keys/{id}", header: version(1), body: `{"name":"x"}`, status: 404, want: failure("NotFound", notFound, "")},
		step{name: "existence before the body", call: "PUT /spaces/{s}/api_keys/{id}", header: version(1), body: `{"name":""}`, status: 404, want: failure("NotFound", notFound, "")},
	)
	sc.opensNothing("token")
	sc.opensNothing("ptoken")
}

func TestAPIKeyWithAnIDOfItsOwn(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.play(
			step{name: "create", call: "PUT /spaces/{s}/api_keys/web", body: `{"name":"web"}`, status: 201,
				find: map[string]string{"token": "accessToken", "preview": "preview_api_key.sys.id"},
				want: key("ApiKey", "web", "web", "null", "{token}", "{preview}", 0, "{now}", "master")},
			step{name: "its preview key", call: "GET /spaces/{s}/preview_api_keys/{preview}", find: map[string]string{"ptoken": "accessToken"},
				want: key("PreviewApiKey", "{preview}", "web", "null", "{ptoken}", "", 0, "{now}", "master")},
			step{name: "there is one now", call: "PUT /spaces/{s}/api_keys/web", body: `{"name":"site"}`, status: 409,
				want: failure("Conflict", `ApiKey web is at version 0. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
			step{name: "not one that was there", call: "PUT /spaces/{s}/api_keys/other", header: version(0), body: `{"name":"site"}`, status: 404, want: failure("NotFound", notFound, "")},
			step{name: "no key", call: "PUT /spaces/{s}/api_keys/other", body: `{}`, status: 422, want: invalid(`{"name":"blank","path":["name"],"details":"\"name\" must not be blank"}`)},
			step{name: "so there is one", call: "GET /spaces/{s}/api_keys", want: list(1, 0, 25, key("ApiKey", "web", "web", "null", "{token}", "{preview}", 0, "{now}", "master"))},
		)
		sc.opens("token", access.Delivery, "master")
		sc.opens("ptoken", access.Preview, "master")
	})
}

func TestAPIKeyOfAnAlias(t *testing.T) {
	t.Parallel()
	for _, linkType := range []string{"Environment", "EnvironmentAlias"} {
		t.Run(linkType, func(t *testing.T) {
			t.Parallel()
			sc := newScript(t)
			sc.play(
				step{name: "alias", call: "PUT /spaces/{s}/environment_aliases/live", body: `{"environment":` + linkJSON("Environment", "master") + `}`, status: 201, find: map[string]string{"x": "sys.id"}},
				step{name: "create", call: "POST /spaces/{s}/api_keys", body: `{"name":"web","environments":[` + linkJSON(linkType, "live") + `]}`, status: 201,
					find: map[string]string{"id": "sys.id", "token": "accessToken", "preview": "preview_api_key.sys.id"},
					want: key("ApiKey", "{id}", "web", "null", "{token}", "{preview}", 0, "{now}", "live")},
			)
			sc.opens("token", access.Delivery, "live")
			sc.play(
				step{name: "the alias goes", call: "DELETE /spaces/{s}/environment_aliases/live", status: 204},
				step{name: "and out of the key", call: "GET /spaces/{s}/api_keys/{id}", want: key("ApiKey", "{id}", "web", "null", "{token}", "{preview}", 0, "{now}")},
			)
		})
	}
}

func TestAPIKeysEndWithTheirSpace(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(step{name: "create", call: "POST /spaces/{s}/api_keys", body: `{"name":"web"}`, status: 201, find: map[string]string{"token": "accessToken"}})
	sc.opens("token", access.Delivery, "master")
	sc.play(step{name: "delete", call: "DELETE /spaces/{s}", status: 204})
	sc.opensNothing("token")
}

func TestAPIKeyRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(
		step{name: "no name", call: "POST /spaces/{s}/api_keys", body: `{}`, status: 422, want: invalid(`{"name":"blank","path":["name"],"details":"\"name\" must not be blank"}`)},
		step{name: "null environments", call: "POST /spaces/{s}/api_keys", body: `{"name":"x","environments":null}`, status: 400,
			want: failure("BadRequest", `"environments" must be a list of links to environments.`, "")},
		step{name: "not a list", call: "POST /spaces/{s}/api_keys", body: `{"name":"x","environments":"master"}`, status: 422,
			want: invalid(`{"name":"type","path":["environments"],"value":"master","type":"Array","details":"The type of \"environments\" is incorrect, expected type: Array"}`)},
		step{name: "not links", call: "POST /spaces/{s}/api_keys", body: `{"name":"x","environments":["master"]}`, status: 422,
			want: invalid(`{"name":"type","path":["environments",0],"value":"master","type":"Link","details":"The type of \"environments\" is incorrect, expected type: Link"}`)},
		step{name: "unknown environment", call: "POST /spaces/{s}/api_keys", body: `{"name":"x","environments":[{"sys":{"type":"Link","linkType":"Environment","id":"nope"}}]}`, status: 422,
			want: invalid(`{"name":"notResolvable","path":["environments",0],"details":"There is no environment \"nope\".","link":{"type":"Link","linkType":"Environment","id":"nope"}}`)},
		step{name: "a delivery key is no management token", call: "POST /spaces/{s}/api_keys", body: `{"name":"x"}`, status: 201, find: map[string]string{"token": "accessToken"}},
		step{name: "so", call: "GET /spaces", header: []string{"Authorization: Bearer {token}"}, status: 401,
			want: with("hint", `"The token is valid, but it is a delivery key; this endpoint takes a management token."`,
				failure("AccessTokenInvalid", "The access token you sent could not be found or is invalid.", ""))},
	)
}

// opens checks that a token opens exactly these environments of the space.
func (sc *script) opens(name string, kind access.TokenKind, environments ...string) {
	sc.t.Helper()
	a, err := sc.dir.Authenticate(sc.t.Context(), sc.names[name])
	if err != nil {
		sc.t.Fatal(err)
	}
	if diff := cmp.Diff(environments, a.Environments); diff != "" || a.Kind != kind {
		sc.t.Errorf("%s is a %s token: %s", name, a.Kind, diff)
	}
	for _, e := range environments {
		if _, err := sc.dir.Locate(sc.t.Context(), a, sc.names["s"], e); err != nil {
			sc.t.Errorf("%s does not open %s: %v", name, e, err)
		}
	}
}

func (sc *script) opensNothing(name string) {
	sc.t.Helper()
	if _, err := sc.dir.Authenticate(sc.t.Context(), sc.names[name]); !fault.Is(err, fault.AccessTokenInvalid) {
		sc.t.Errorf("%s: %v", name, err)
	}
}
