package cma_test

import (
	"net/http"
	"testing"
	"time"
)

// env is the JSON of an environment.
func env(id, name string, version int, made, changed, more string) string {
	if more == "" {
		more = `"aliases":[]`
	}
	return `{"name":"` + name + `","sys":{"type":"Environment","id":"` + id + `","version":` + string(rune('0'+version)) + `,"createdAt":"` + made + `","updatedAt":"` + changed + `",
		"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},"status":{"sys":{"type":"Link","linkType":"Status","id":"ready"}},
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},` + more + `}}`
}

// alias is the JSON of an environment alias.
func alias(id, target string, version int, made string) string {
	return `{"environment":{"sys":{"type":"Link","linkType":"Environment","id":"` + target + `"}},
		"sys":{"type":"EnvironmentAlias","id":"` + id + `","version":` + string(rune('0'+version)) + `,"createdAt":"` + made + `","updatedAt":"{now}",
		"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
}

const toStaging = `{"environment":{"sys":{"type":"Link","linkType":"Environment","id":"staging"}}}`

func TestEnvironmentLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(
		step{name: "master", call: "GET /spaces/{s}/environments/master", want: env("master", "master", 1, "{now}", "{now}", "")},
		step{name: "a locale in master", call: "POST /spaces/{s}/locales", body: `{"name":"German","code":"de"}`, status: 201, find: map[string]string{"de": "sys.id"}},
		step{name: "create by PUT", call: "PUT /spaces/{s}/environments/staging", body: `{}`, status: 201, want: env("staging", "staging", 1, "{now}", "{now}", "")},
		step{name: "it is a copy", call: "GET /spaces/{s}/environments/staging/locales/{de}", find: map[string]string{"code": "code"}},
		step{name: "create by POST", call: "POST /spaces/{s}/environments", body: `{"name":"QA"}`, status: 201, find: map[string]string{"qa": "sys.id"},
			want: env("{qa}", "QA", 1, "{now}", "{now}", ""),
			check: func(t *testing.T, h http.Header) {
				if want := sc.fill("/spaces/{s}/environments/{qa}"); h.Get("Location") != want {
					t.Errorf("Location %q, want %q", h.Get("Location"), want)
				}
			}},
		step{name: "the copy is independent", call: "DELETE /spaces/{s}/environments/staging/locales/{de}", status: 204},
		step{name: "the original stays", call: "GET /spaces/{s}/locales/{de}", find: map[string]string{"code": "code"}},
		step{name: "a copy of the copy", call: "PUT /spaces/{s}/environments/third", header: []string{"X-Contentful-Source-Environment: staging"}, status: 201,
			want: env("third", "third", 1, "{now}", "{now}", "")},
		step{name: "without what the copy lost", call: "GET /spaces/{s}/environments/third/locales/{de}", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "list", call: "GET /spaces/{s}/environments?limit=1000&order=name", want: list(4, 0, 100,
			env("{qa}", "QA", 1, "{now}", "{now}", ""), env("master", "master", 1, "{now}", "{now}", ""),
			env("staging", "staging", 1, "{now}", "{now}", ""), env("third", "third", 1, "{now}", "{now}", ""))},
	)
	sc.tick(time.Hour)
	sc.play(
		step{name: "rename", call: "PUT /spaces/{s}/environments/staging", header: version(1), body: `{"name":"Staging"}`, want: env("staging", "Staging", 2, "{made}", "{now}", "")},
		step{name: "outdated", call: "PUT /spaces/{s}/environments/staging", header: version(1), body: `{"name":"No"}`, status: 409,
			want: failure("VersionMismatch", "Environment staging is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "no version", call: "PUT /spaces/{s}/environments/staging", body: `{"name":"No"}`, status: 409,
			want: failure("VersionMismatch", `Environment staging is at version 2. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
		step{name: "master keeps its name", call: "PUT /spaces/{s}/environments/master", header: version(1), body: `{"name":"main"}`, status: 400,
			want: failure("BadRequest", "The environment master cannot be renamed.", "")},
		step{name: "delete", call: "DELETE /spaces/{s}/environments/third", status: 204},
		step{name: "gone", call: "GET /spaces/{s}/environments/third", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "content of it", call: "GET /spaces/{s}/environments/third/locales", status: 404,
			want: failure("NotFound", notFound, `{"type":"Environment","id":"third","space":"{s}"}`)},
		step{name: "deleted twice", call: "DELETE /spaces/{s}/environments/third", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "master stays", call: "DELETE /spaces/{s}/environments/master", status: 400, want: failure("BadRequest", "The environment master cannot be deleted.", "")},
		step{name: "no source", call: "PUT /spaces/{s}/environments/x", header: []string{"X-Contentful-Source-Environment: nope"}, status: 404,
			want: failure("NotFound", notFound, `{"type":"Environment","id":"nope","space":"{s}"}`)},
		step{name: "id too long", call: "PUT /spaces/{s}/environments/a23456789.123456789.123456789.123456789.1", status: 422,
			want: invalid(`{"name":"invalid","path":["sys","id"],"value":"a23456789.123456789.123456789.123456789.1","details":"The id of an environment has 1 to 40 letters, digits, hyphens, underscores and dots."}`)},
		step{name: "no POST on a named one", call: "POST /spaces/{s}/environments/staging", status: 404,
			want: failure("UnknownRoute", "The path you tried to reach is unknown or doesn't support this HTTP method.", "")},
	)
}

func TestAliasLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(
		step{name: "staging", call: "PUT /spaces/{s}/environments/staging", status: 201, find: map[string]string{"x": "name"}},
		step{name: "next", call: "PUT /spaces/{s}/environments/next", status: 201, find: map[string]string{"x": "name"}},
		step{name: "create", call: "PUT /spaces/{s}/environment_aliases/live", body: toStaging, status: 201, want: alias("live", "staging", 1, "{now}")},
		step{name: "get", call: "GET /spaces/{s}/environment_aliases/live", want: alias("live", "staging", 1, "{now}")},
		step{name: "list", call: "GET /spaces/{s}/environment_aliases", want: list(1, 0, 25, alias("live", "staging", 1, "{now}"))},
		step{name: "environment by alias", call: "GET /spaces/{s}/environments/live",
			want: env("live", "live", 1, "{now}", "{now}", `"aliases":[],"aliasedEnvironment":{"sys":{"type":"Link","linkType":"Environment","id":"staging"}}`)},
		step{name: "environment that has one", call: "GET /spaces/{s}/environments/staging",
			want: env("staging", "staging", 1, "{now}", "{now}", `"aliases":[{"sys":{"type":"Link","linkType":"EnvironmentAlias","id":"live"}}]`)},
		step{name: "content by alias", call: "GET /spaces/{s}/environments/live/locales", find: map[string]string{"l": "items.0.sys.id"},
			want: list(1, 0, 100, localeJSON("{l}", "live", "English (United States)", "en-US", "null", true, 1, "{now}"))},
		step{name: "the target stays", call: "DELETE /spaces/{s}/environments/staging", status: 400,
			want: failure("BadRequest", `The environment is the target of the alias "live". Point the alias to another environment first.`, "")},
		step{name: "source by alias", call: "PUT /spaces/{s}/environments/copy", header: []string{"X-Contentful-Source-Environment: live"}, status: 201,
			want: env("copy", "copy", 1, "{now}", "{now}", "")},
		step{name: "no environment of that name", call: "PUT /spaces/{s}/environments/live", status: 409,
			want: failure("Conflict", `There is an environment alias "live" already.`, "")},
		step{name: "no alias of an environment's name", call: "PUT /spaces/{s}/environment_aliases/next", body: toStaging, status: 409,
			want: failure("Conflict", `There is an environment "next" already.`, "")},
		step{name: "unknown target", call: "PUT /spaces/{s}/environment_aliases/other", body: `{"environment":{"sys":{"type":"Link","linkType":"Environment","id":"nope"}}}`, status: 422,
			want: invalid(`{"name":"notResolvable","path":["environment"],"details":"There is no environment \"nope\".","link":{"type":"Link","linkType":"Environment","id":"nope"}}`)},
		step{name: "no target", call: "PUT /spaces/{s}/environment_aliases/other", body: `{}`, status: 422,
			want: invalid(`{"name":"type","path":["environment"],"type":"Link","details":"The type of \"environment\" is incorrect, expected type: Link"}`)},
	)
	sc.tick(time.Hour)
	const toNext = `{"environment":{"sys":{"type":"Link","linkType":"Environment","id":"next"}}}`
	sc.play(
		step{name: "retarget", call: "PUT /spaces/{s}/environment_aliases/live", header: version(1), body: toNext, want: alias("live", "next", 2, "{made}")},
		step{name: "outdated", call: "PUT /spaces/{s}/environment_aliases/live", header: version(1), body: toNext, status: 409,
			want: failure("VersionMismatch", "EnvironmentAlias live is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "now the old target may go", call: "DELETE /spaces/{s}/environments/staging", status: 204},
		step{name: "delete", call: "DELETE /spaces/{s}/environment_aliases/live", status: 204},
		step{name: "gone", call: "GET /spaces/{s}/environment_aliases/live", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "deleted twice", call: "DELETE /spaces/{s}/environment_aliases/live", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "content by it", call: "GET /spaces/{s}/environments/live/locales", status: 404,
			want: failure("NotFound", notFound, `{"type":"Environment","id":"live","space":"{s}"}`)},
	)
}
