package cma_test

import (
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

func TestUsersAndOrganizations(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const user = `{"firstName":"Typecase","lastName":"Owner","avatarUrl":"","email":"owner@localhost","cookieConsentData":null,
		"activated":true,"signInCount":1,"confirmed":true,"2faEnabled":false,
		"sys":{"type":"User","id":"{user}","version":1,"createdAt":"{now}","updatedAt":"{now}"}}`
	const organization = `{"name":"Typecase","sys":{"type":"Organization","id":"{org}","version":1,"createdAt":"{now}","updatedAt":"{now}"}}`
	sc.play(
		step{name: "me", call: "GET /users/me", want: user},
		step{name: "organizations", call: "GET /organizations", want: list(1, 0, 25, organization)},
		step{name: "users of the space", call: "GET /spaces/{s}/users", want: list(1, 0, 25, user)},
		step{name: "one of them", call: "GET /spaces/{s}/users/{user}", want: user},
		step{name: "users of the organization", call: "GET /organizations/{org}/users", want: list(1, 0, 25, user)},
		step{name: "one of them", call: "GET /organizations/{org}/users/{user}", want: user},
		step{name: "unknown user", call: "GET /spaces/{s}/users/nope", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "unknown organization", call: "GET /organizations/nope/users", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "user of an unknown organization", call: "GET /organizations/nope/users/{user}", status: 404, want: failure("NotFound", notFound, "")},
	)
}

func TestAccessTokenLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(
		step{name: "the first token", call: "GET /users/me/access_tokens", find: map[string]string{"first": "items.0.sys.id"},
			want: list(1, 0, 25, `{"name":"Owner's first token","revokedAt":null,"scopes":["content_management_manage"],
				"sys":{"type":"PersonalAccessToken","id":"{first}","createdAt":"{now}","updatedAt":"{now}","redactedValue":"ript"}}`)},
		step{name: "create", call: "POST /users/me/access_tokens", status: 201, body: `{"name":"Laptop","scopes":["content_management_manage"],"expiresIn":3600}`,
			find: map[string]string{"id": "sys.id", "token": "token", "last": "sys.redactedValue"},
			want: `{"name":"Laptop","revokedAt":null,"scopes":["content_management_manage"],"token":"{token}",
				"sys":{"type":"PersonalAccessToken","id":"{id}","createdAt":"{now}","updatedAt":"{now}","expiresAt":"2026-05-01T11:00:00Z","redactedValue":"{last}"}}`},
		step{name: "it works", call: "GET /users/me", header: []string{"Authorization: Bearer {token}"}, find: map[string]string{"u": "sys.id"}},
		step{name: "get, without the value", call: "GET /users/me/access_tokens/{id}",
			want: `{"name":"Laptop","revokedAt":null,"scopes":["content_management_manage"],
				"sys":{"type":"PersonalAccessToken","id":"{id}","createdAt":"{now}","updatedAt":"{now}","expiresAt":"2026-05-01T11:00:00Z","redactedValue":"{last}"}}`},
		step{name: "revoke", call: "PUT /users/me/access_tokens/{id}/revoked",
			want: `{"name":"Laptop","revokedAt":"{now}","scopes":["content_management_manage"],
				"sys":{"type":"PersonalAccessToken","id":"{id}","createdAt":"{now}","updatedAt":"{now}","expiresAt":"2026-05-01T11:00:00Z","redactedValue":"{last}"}}`},
		step{name: "it works no more", call: "GET /users/me", header: []string{"Authorization: Bearer {token}"}, status: 401,
			want: failure("AccessTokenInvalid", "The access token you sent could not be found or is invalid.", "")},
		step{name: "revoked twice", call: "PUT /users/me/access_tokens/{id}/revoked", status: 409,
			want: failure("Conflict", "The access token is revoked already.", "")},
		step{name: "unknown", call: "GET /users/me/access_tokens/nope", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "revoking an unknown one", call: "PUT /users/me/access_tokens/nope/revoked", status: 404, want: failure("NotFound", notFound, "")},
	)
}

func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(step{name: "create", call: "POST /users/me/access_tokens", status: 201,
		body: `{"name":"Short","scopes":["content_management_manage"],"expiresIn":60}`, find: map[string]string{"token": "token"}})
	sc.tick(59 * time.Second)
	sc.play(step{name: "in time", call: "GET /users/me", header: []string{"Authorization: Bearer {token}"}, find: map[string]string{"u": "sys.id"}})
	sc.tick(time.Second)
	if _, err := sc.dir.Authenticate(t.Context(), sc.names["token"]); !fault.Is(err, fault.AccessTokenInvalid) {
		t.Errorf("after its time: %v", err)
	}
}

func TestAccessTokenRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	invalidScopes := func(problem string) string {
		return failure("PersonalAccessTokenInvalidScopes", "Provided scopes for the personal access token are invalid", `{"errors":[`+problem+`]}`)
	}
	sc.play(
		step{name: "unknown scope", call: "POST /users/me/access_tokens", body: `{"name":"x","scopes":["content_management_read","root"]}`, status: 422,
			want: invalidScopes(`{"name":"in","path":["scopes",1],"value":"root","expected":["content_management_manage","content_management_read"],"details":"Value must be one of expected values"}`)},
		step{name: "no scope", call: "POST /users/me/access_tokens", body: `{"name":"x"}`, status: 422,
			want: invalidScopes(`{"name":"blank","path":["scopes"],"details":"\"scopes\" must not be blank"}`)},
		step{name: "no name, no time", call: "POST /users/me/access_tokens", body: `{"scopes":["content_management_read"],"expiresIn":0}`, status: 422,
			want: invalid(`{"name":"blank","path":["name"],"details":"\"name\" must not be blank"},
				{"name":"range","path":["expiresIn"],"value":0,"min":1,"max":3153600000,"details":"expiresIn is a number of seconds, at least 1"}`)},
	)
}

func TestReadOnlyToken(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(step{name: "create", call: "POST /users/me/access_tokens", status: 201,
		body: `{"name":"Reader","scopes":["content_management_read"]}`, find: map[string]string{"token": "token"}})
	auth := []string{"Authorization: Bearer {token}"}
	denied := func(action string) string {
		return failure("AccessDenied", "Forbidden", `{"reasons":"The access token has the scope content_management_read only. To `+action+` it needs content_management_manage."}`)
	}
	sc.play(
		step{name: "reads", call: "GET /spaces/{s}", header: auth, find: map[string]string{"name": "name"}},
		step{name: "creates nothing", call: "POST /spaces", header: auth, body: `{"name":"x"}`, status: 403, want: denied("create a Space (POST /spaces)")},
		step{name: "writes nothing", call: "PUT /spaces/{s}/tags/t", header: auth, body: `{"name":"x"}`, status: 403, want: denied("save a Tag (PUT /spaces/{space}/environments/{environment}/tags/{id})")},
		step{name: "deletes nothing", call: "DELETE /spaces/{s}", header: auth, status: 403, want: denied("delete a Space (DELETE /spaces/{space})")},
		step{name: "makes no other token", call: "POST /users/me/access_tokens", header: auth, body: `{"name":"x","scopes":["content_management_manage"]}`, status: 403, want: denied("create a PersonalAccessToken (POST /users/me/access_tokens)")},
	)
	a, err := sc.dir.Authenticate(t.Context(), sc.names["token"])
	if err != nil || !a.ReadOnly || a.Kind != access.Management {
		t.Errorf("actor %+v, %v", a, err)
	}
}
