package cma_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// localeJSON is the JSON of a locale whose internal code is its code.
func localeJSON(id, environment, name, code, fallback string, isDefault bool, version int, changed string) string {
	return localeWith(id, environment, name, code, code, fallback, isDefault, version, changed, `"contentManagementApi":true,"contentDeliveryApi":true,"optional":false`)
}

func localeWith(id, environment, name, internal, code, fallback string, isDefault bool, version int, changed, flags string) string {
	return `{"name":"` + name + `","internal_code":"` + internal + `","code":"` + code + `","fallbackCode":` + fallback + `,"default":` + strconv.FormatBool(isDefault) + `,` + flags + `,
		"sys":{"type":"Locale","id":"` + id + `","version":` + strconv.Itoa(version) + `,"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},
		"environment":{"sys":{"type":"Link","linkType":"Environment","id":"` + environment + `"}},"createdAt":"{made}","updatedAt":"` + changed + `",
		"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
}

func TestLocaleLife(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.play(
		step{name: "the first", call: "GET /spaces/{s}/environments/master/locales?skip=0&order=sys.createdAt,sys.id&limit=1000", find: map[string]string{"en": "items.0.sys.id"},
			want: list(1, 0, 100, localeJSON("{en}", "master", "English (United States)", "en-US", "null", true, 1, "{now}"))},
		step{name: "create", call: "POST /spaces/{s}/locales", body: `{"name":"German","code":"de"}`, status: 201, find: map[string]string{"de": "sys.id"},
			want: localeJSON("{de}", "master", "German", "de", `"en-US"`, false, 1, "{now}"),
			check: func(t *testing.T, h http.Header) {
				if want := sc.fill("/spaces/{s}/locales/{de}"); h.Get("Location") != want {
					t.Errorf("Location %q, want %q", h.Get("Location"), want)
				}
			}},
		step{name: "without fallback, as import sends it", call: "POST /spaces/{s}/environments/master/locales", status: 201, find: map[string]string{"fr": "sys.id"},
			body: `{"code":"fr","name":"French","contentManagementApi":true,"contentDeliveryApi":false,"fallbackCode":null,"optional":true}`,
			want: localeWith("{fr}", "master", "French", "fr", "fr", "null", false, 1, "{now}", `"contentManagementApi":true,"contentDeliveryApi":false,"optional":true`)},
	)
	sc.tick(time.Minute)
	sc.play(
		step{name: "part of a body", call: "PUT /spaces/{s}/locales/{fr}", header: version(1), body: `{"fallbackCode":"de","sys":{"id":"x"},"default":false}`,
			want: localeWith("{fr}", "master", "French", "fr", "fr", `"de"`, false, 2, "{now}", `"contentManagementApi":true,"contentDeliveryApi":false,"optional":true`)},
		step{name: "nothing new, any version", call: "PUT /spaces/{s}/locales/{fr}", header: version(77), body: `{"name":"French","code":"fr"}`,
			want: localeWith("{fr}", "master", "French", "fr", "fr", `"de"`, false, 2, "{now}", `"contentManagementApi":true,"contentDeliveryApi":false,"optional":true`)},
		step{name: "nothing new, no version", call: "PUT /spaces/{s}/locales/{fr}", body: `{}`,
			want: localeWith("{fr}", "master", "French", "fr", "fr", `"de"`, false, 2, "{now}", `"contentManagementApi":true,"contentDeliveryApi":false,"optional":true`)},
		step{name: "rename, blank name, internal code stays", call: "PUT /spaces/{s}/locales/{fr}", header: version(2), body: `{"name":"","code":"fr-CA"}`,
			want: localeWith("{fr}", "master", "", "fr", "fr-CA", `"de"`, false, 3, "{now}", `"contentManagementApi":true,"contentDeliveryApi":false,"optional":true`)},
		step{name: "the default may be renamed, if nothing falls back to it", call: "PUT /spaces/{s}/locales/{de}", header: version(1), body: `{"fallbackCode":null}`,
			want: localeJSON("{de}", "master", "German", "de", "null", false, 2, "{now}")},
		step{name: "so", call: "PUT /spaces/{s}/locales/{en}", header: version(1), body: `{"code":"en"}`,
			want: localeWith("{en}", "master", "English (United States)", "en-US", "en", "null", true, 2, "{now}", `"contentManagementApi":true,"contentDeliveryApi":true,"optional":false`)},
		step{name: "delete", call: "DELETE /spaces/{s}/locales/{fr}", status: 204},
		step{name: "gone", call: "GET /spaces/{s}/locales/{fr}", status: 404, want: failure("NotFound", notFound, "")},
		step{name: "deleted twice", call: "DELETE /spaces/{s}/locales/{fr}", status: 404, want: failure("NotFound", notFound, "")},
	)
	sc.names["made"] = sc.names["now"]
	sc.play(
		step{name: "the code again: a new id and a new key", call: "POST /spaces/{s}/locales", body: `{"name":"French","code":"fr","fallbackCode":"en"}`, status: 201, find: map[string]string{"fr2": "sys.id"},
			want: localeWith("{fr2}", "master", "French", "fr~2", "fr", `"en"`, false, 1, "{now}", `"contentManagementApi":true,"contentDeliveryApi":true,"optional":false`)},
		step{name: "the code a locale had before it was renamed", call: "POST /spaces/{s}/locales", body: `{"name":"US","code":"en-US"}`, status: 201, find: map[string]string{"us": "sys.id"},
			want: localeWith("{us}", "master", "US", "en-US~2", "en-US", `"en"`, false, 1, "{now}", `"contentManagementApi":true,"contentDeliveryApi":true,"optional":false`)},
	)
	if sc.names["fr"] == sc.names["fr2"] {
		t.Error("the id came back")
	}
}

func TestLocaleRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const badCode = `"details":"A locale's code has 2 to 11 letters, digits and hyphens."`
	sc.play(
		step{name: "en", call: "GET /spaces/{s}/locales", find: map[string]string{"en": "items.0.sys.id"}},
		step{name: "de", call: "POST /spaces/{s}/locales", body: `{"name":"German","code":"de"}`, status: 201, find: map[string]string{"de": "sys.id"}},
		step{name: "at", call: "POST /spaces/{s}/locales", body: `{"name":"Austrian","code":"de-AT","fallbackCode":"de"}`, status: 201, find: map[string]string{"at": "sys.id"}},

		step{name: "no body", call: "POST /spaces/{s}/locales", status: 400, want: failure("MissingKey", "The body you sent is missing a required key.", `{"errors":[{"name":"required","path":[],"details":"The body you sent is missing a required key."}],"key":"resource"}`)},
		step{name: "empty body", call: "POST /spaces/{s}/locales", body: `{}`, status: 400, want: failure("MissingKey", "The body you sent is missing a required key.", `{"errors":[{"name":"required","path":[],"details":"The body you sent is missing a required key."}],"key":"resource"}`)},
		step{name: "unknown key", call: "POST /spaces/{s}/locales", body: `{"name":"x","code":"xx","unknownKey":1}`, status: 400,
			want: failure("UnknownKey", "The body you sent contains an unknown key.", `{"errors":[{"name":"unknown","path":["unknownKey"],"value":1,"details":"The property \"unknownKey\" is not allowed here."}],"keys":["unknown_key"]}`)},
		step{name: "code in use", call: "POST /spaces/{s}/locales", body: `{"name":"x","code":"de"}`, status: 422,
			want: invalid(`{"name":"taken","path":["code"],"value":"de","details":"There is a locale \"de\" already."}`)},
		step{name: "no code, no name", call: "POST /spaces/{s}/locales", body: `{"optional":true}`, status: 422,
			want: invalid(`{"name":"invalid","path":["code"],"value":null,` + badCode + `},{"name":"blank","path":["name"],"details":"\"name\" must not be blank"}`)},
		step{name: "bad values", call: "POST /spaces/{s}/locales", body: `{"name":null,"code":"d","optional":"yes","default":true}`, status: 422,
			want: invalid(`{"name":"invalid","path":["code"],"value":"d",` + badCode + `},
				{"name":"type","path":["name"],"value":null,"type":"String","details":"The type of \"name\" is incorrect, expected type: String"},
				{"name":"type","path":["optional"],"value":"yes","type":"Boolean","details":"The type of \"optional\" is incorrect, expected type: Boolean"},
				{"name":"invalid","path":["default"],"value":true,"details":"The default locale of an environment cannot be exchanged for another one."}`)},
		step{name: "unknown fallback", call: "POST /spaces/{s}/locales", body: `{"name":"x","code":"xx","fallbackCode":"yy"}`, status: 422,
			want: invalid(`{"name":"invalid","path":["fallback_code"],"value":"yy","details":"There is no locale \"yy\"."}`)},
		step{name: "empty fallback", call: "POST /spaces/{s}/locales", body: `{"name":"x","code":"xx","fallbackCode":""}`, status: 422,
			want: invalid(`{"name":"invalid","path":["fallback_code"],"value":"","details":"There is no locale \"\"."}`)},
		step{name: "falls back to itself", call: "POST /spaces/{s}/locales", body: `{"name":"x","code":"xx","fallbackCode":"xx"}`, status: 422,
			want: invalid(`{"name":"fallback locale creates a loop","path":["fallback_code"],"value":"xx","details":"The locales would fall back to each other in a circle."}`)},

		step{name: "a circle", call: "PUT /spaces/{s}/locales/{de}", header: version(1), body: `{"fallbackCode":"de-AT"}`, status: 422,
			want: invalid(`{"name":"fallback locale creates a loop","path":["fallback_code"],"value":"de-AT","details":"The locales would fall back to each other in a circle."}`)},
		step{name: "the default falls back to nothing", call: "PUT /spaces/{s}/locales/{en}", header: version(1), body: `{"fallbackCode":"de"}`, status: 422,
			want: invalid(`{"name":"invalid","path":["fallback_code"],"value":"de","details":"The default locale has no fallback."}`)},
		step{name: "hiding the default", call: "PUT /spaces/{s}/locales/{en}", header: version(1), body: `{"contentManagementApi":false}`, status: 422,
			want: invalid(`{"name":"invalid","path":["content_management_api"],"value":false,"details":"The default locale is always part of the management API."}`)},
		step{name: "code in use, in PUT", call: "PUT /spaces/{s}/locales/{at}", header: version(1), body: `{"code":"en-US"}`, status: 422,
			want: invalid(`{"name":"taken","path":["code"],"value":"en-US","details":"There is a locale \"en-US\" already."}`)},
		step{name: "bad code before outdated version", call: "PUT /spaces/{s}/locales/{at}", header: version(9), body: `{"code":"no good"}`, status: 422,
			want: invalid(`{"name":"invalid","path":["code"],"value":"no good",` + badCode + `}`)},
		step{name: "outdated", call: "PUT /spaces/{s}/locales/{at}", header: version(9), body: `{"name":"x"}`, status: 409,
			want: failure("VersionMismatch", "Locale {at} is at version 1, the request was made for version 9. Read it again, apply your change to what you get, and retry.", "")},
		step{name: "no version", call: "PUT /spaces/{s}/locales/{at}", body: `{"name":"x"}`, status: 409,
			want: failure("VersionMismatch", `Locale {at} is at version 1. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")},
		step{name: "another default", call: "PUT /spaces/{s}/locales/{at}", header: version(1), body: `{"default":true}`, status: 422,
			want: invalid(`{"name":"invalid","path":["default"],"value":true,"details":"The default locale of an environment cannot be exchanged for another one."}`)},
		step{name: "unknown key in PUT", call: "PUT /spaces/{s}/locales/{at}", header: version(1), body: `{"Code":"x"}`, status: 400,
			want: failure("UnknownKey", "The body you sent contains an unknown key.",
				`{"errors":[{"name":"unknown","path":["Code"],"value":"x","details":"The property \"Code\" is not allowed here.","suggestions":["code"]}],"keys":["code"]}`)},
		step{name: "new code of a fallback", call: "PUT /spaces/{s}/locales/{de}", header: version(1), body: `{"code":"de-DE"}`, status: 403,
			want: failure("FallbackLocaleNotRenameable", "Cannot change the code of a locale which is fallback of another one", "")},
		step{name: "unknown id", call: "PUT /spaces/{s}/locales/nope", header: version(1), body: `{"name":"x"}`, status: 404, want: failure("NotFound", notFound, "")},

		step{name: "deleting the default", call: "DELETE /spaces/{s}/locales/{en}", status: 403, want: failure("DefaultLocaleNotDeletable", "Cannot delete a default locale", "")},
		step{name: "deleting a fallback", call: "DELETE /spaces/{s}/locales/{de}", status: 403, want: failure("FallbackLocaleNotDeletable", "Cannot delete locale which is fallback of another one", "")},
	)
}
