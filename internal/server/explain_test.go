package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/demo"
)

// unexplained is an error without what is the same in all of them: sys, the
// request id and the address of its page; times are "…".
func unexplained(t *testing.T, body map[string]any) any {
	t.Helper()
	for _, name := range []string{"sys", "requestId", "documentationUrl"} {
		if body[name] == nil {
			t.Errorf("no %s in %v", name, body)
		}
		delete(body, name)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return jsonValue(t, string(moment.ReplaceAll(raw, []byte(`"…"`))))
}

func jsonValue(t *testing.T, s string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v: %s", err, s)
	}
	return v
}

// TestErrorsExplainThemselves: whole answers to typical mistakes, in both
// vocabularies.
func TestErrorsExplainThemselves(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	_, me := l.send(t, "GET", "/users/me", testToken, "")
	userID := me["sys"].(map[string]any)["id"].(string)
	const (
		invalidQuery = "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field."
		topic        = "X-Contentful-Content-Type: topic"
	)
	outdated := `{"message":"Entry twice is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.",` +
		`"current":{"version":2,"updatedAt":"…","updatedBy":{"sys":{"id":"` + userID + `","linkType":"User","type":"Link"}}},"sent":{"version":1},"changed":["name"]}`
	query := func(problem string) string {
		return `{"message":"` + invalidQuery + `","details":{"errors":[` + problem + `]}}`
	}
	for _, body := range []string{`{"fields":{"name":{"en-US":"A"},"slug":{"en-US":"a"}}}`, `{"fields":{"name":{"en-US":"B"},"slug":{"en-US":"a"}}}`} {
		if res, got := l.send(t, "PUT", master+"/entries/twice", testToken, body, topic, "X-Contentful-Version: 1"); res.StatusCode >= 300 {
			t.Fatalf("%d %v", res.StatusCode, got)
		}
	}
	for _, tt := range []struct {
		name, method, path, token, body string
		header                          []string
		status, shortStatus             int
		id, short, want                 string
	}{
		{name: "parameter", method: "GET", path: "/entries?contentType=topic", token: l.delivery, status: 400, id: "InvalidQueryError", short: "InvalidQuery",
			want: query(`{"name":"unknown","path":["contentType"],"details":"The path \"contentType\" is not recognized. Did you mean \"content_type\"?","parameter":"contentType","suggestions":["content_type"]}`)},
		{name: "content type", method: "GET", path: "/entries?content_type=topc", token: l.delivery, status: 400, id: "InvalidQueryError", short: "InvalidQuery",
			want: query(`{"name":"unknownContentType","path":["content_type"],"value":"topc","details":"The content type \"topc\" could not be found or was not activated. Did you mean \"topic\"?","parameter":"content_type","suggestions":["topic"]}`)},
		{name: "operator", method: "GET", path: "/entries?content_type=topic&fields.slug[matsch]=x", token: testToken, status: 400, id: "InvalidQueryError", short: "InvalidQuery",
			want: query(`{"name":"unknown","path":["fields","slug"],"details":"The operator \"matsch\" is not recognized. Did you mean \"match\"?","filter":"matsch","expected":["all","exists","gt","gte","in","lt","lte","match","ne","near","nin","within"],"parameter":"fields.slug[matsch]","suggestions":["match"]}`)},
		{name: "field of a query", method: "GET", path: "/entries?content_type=topic&order=fields.nmae", token: l.delivery, status: 422, shortStatus: 400, id: "ValidationFailedError", short: "InvalidQuery",
			want: query(`{"name":"unknown","path":["fields","nmae"],"details":"No field with id \"nmae\" found. Did you mean \"name\"?","parameter":"order","suggestions":["name"]}`)},
		{name: "locale", method: "GET", path: "/entries?locale=en-us", token: l.delivery, status: 400, id: "BadRequestError", short: "BadRequest",
			want: `{"message":"Unknown locale: en-us","suggestions":["en-US"]}`},
		{name: "content type of an entry", method: "PUT", path: "/entries/new", token: testToken, body: `{}`, header: []string{"X-Contentful-Content-Type: topics"}, status: 400, id: "BadRequestError", short: "BadRequest",
			want: `{"message":"The content type you sent could not be found or was not activated.","suggestions":["topic"]}`},
		{name: "field of an entry", method: "PUT", path: "/entries/new", token: testToken, body: `{"fields":{"nmae":{"en-US":1}}}`, header: []string{topic}, status: 422, id: "ValidationFailedError", short: "UnknownField",
			want: `{"message":"No field with id \"nmae\" found.","details":{"errors":[{"name":"unknown","path":["fields","nmae"],"value":{"en-US":1},"details":"The property \"nmae\" is not allowed here. Did you mean \"name\"?","pointer":"/fields/nmae","suggestions":["name"]}]}}`},
		{name: "locale of an entry", method: "PUT", path: "/entries/new", token: testToken, body: `{"fields":{"name":{"en-us":"x"}}}`, header: []string{topic}, status: 422, id: "InvalidEntryError", short: "InvalidEntry",
			want: `{"message":"Validation error","details":{"errors":[{"name":"unknown","path":["fields","name","en-us"],"value":"x","details":"The property \"en-us\" is not allowed here. Did you mean \"en-US\"?","pointer":"/fields/name/en-us","suggestions":["en-US"]}]}}`},
		{name: "key of a body", method: "PUT", path: "/entries/new", token: testToken, body: `{"field":1}`, header: []string{topic}, status: 422, id: "InvalidEntryError", short: "InvalidEntry",
			want: `{"message":"Validation error","details":{"errors":[{"name":"unknown","path":["field"],"value":1,"details":"The property \"field\" is not allowed here. Did you mean \"fields\"?","pointer":"/field","suggestions":["fields"]}]}}`},
		{name: "outdated save", method: "PUT", path: "/entries/twice", token: testToken, body: `{"fields":{}}`, header: []string{"X-Contentful-Version: 1"}, status: 409, id: "VersionMismatchError", short: "VersionMismatch", want: outdated},
		{name: "outdated publication", method: "PUT", path: "/entries/twice/published", token: testToken, header: []string{"X-Contentful-Version: 1"}, status: 409, id: "VersionMismatchError", short: "VersionMismatch", want: outdated},
		{name: "a version that never was", method: "PUT", path: "/entries/twice", token: testToken, body: `{"fields":{}}`, header: []string{"X-Contentful-Version: 9"}, status: 409, id: "VersionMismatchError", short: "VersionMismatch",
			want: strings.NewReplacer("for version 1", "for version 9", `"sent":{"version":1},"changed":["name"]`, `"sent":{"version":9}`).Replace(outdated)},
		{name: "fields to omit first", method: "PUT", path: "/content_types/topic", token: testToken, body: `{"name":"Topic","fields":[{"id":"name","name":"Name","type":"Symbol"}]}`, header: []string{"X-Contentful-Version: 2"}, status: 400, id: "BadRequestError", short: "BadRequest",
			want: `{"message":"You need to omit a field before deleting it","fields":["slug","description"],"hint":"Send the field with omitted true and publish the content type. After that the field can be left out."}`},
		{name: "fields of another type", method: "PUT", path: "/content_types/topic", token: testToken, body: `{"name":"Topic","fields":[{"id":"name","name":"Name","type":"Text"},{"id":"slug","name":"Slug","type":"Integer"},{"id":"description","name":"Description","type":"Text"}]}`, header: []string{"X-Contentful-Version: 2"}, status: 400, id: "BadRequestError", short: "BadRequest",
			want: `{"message":"Previously published fields are invalid","fields":["name","slug"],"hint":"A published field keeps its type, its linkType and what its items are. For another type add a field with another id."}`},
		{name: "token of another kind", method: "DELETE", path: "/entries/twice", token: l.delivery, status: 401, id: "AccessTokenInvalidError", short: "AccessTokenInvalid",
			want: `{"message":"The access token you sent could not be found or is invalid.","hint":"The token is valid, but it is a delivery key; this endpoint takes a management token."}`},
		{name: "nobody's token", method: "DELETE", path: "/entries/twice", token: "nobody's", status: 401, id: "AccessTokenInvalidError", short: "AccessTokenInvalid",
			want: `{"message":"The access token you sent could not be found or is invalid."}`},
	} {
		for _, mark := range []string{"", official} {
			id, status, header := tt.id, tt.status, tt.header
			if mark != "" {
				id, header = tt.short, append([]string{mark}, tt.header...)
				if tt.shortStatus != 0 {
					status = tt.shortStatus
				}
			}
			t.Run(tt.name+" "+id, func(t *testing.T) {
				got := l.fails(t, tt.method, master+tt.path, tt.token, tt.body, status, id, header...)
				delete(got, "reason")
				if diff := cmp.Diff(jsonValue(t, tt.want), unexplained(t, got)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestUnknownEnvironment: who may see others is told the nearest of them.
func TestUnknownEnvironment(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	if res, body := l.send(t, "PUT", "/spaces/"+demo.SpaceID+"/environments/staging", testToken, `{}`); res.StatusCode != 201 {
		t.Fatalf("%d %v", res.StatusCode, body)
	}
	for _, tt := range []struct {
		token, id string
		want      string // "" for none
	}{
		{testToken, "mastre", `["master"]`},
		{l.delivery, "mastre", `["master"]`},
		{testToken, "stagin", `["staging"]`},
		{l.delivery, "stagin", ""}, // which the key does not see
		{l.delivery, "staging", ""},
		{testToken, "elsewhere", ""},
	} {
		got := l.fails(t, "GET", "/spaces/"+demo.SpaceID+"/environments/"+tt.id+"/entries", tt.token, "", 404, "NotFoundError")
		want := fmt.Sprintf(`{"message":"The resource could not be found.","details":{"type":"Environment","id":%q,"space":%q}}`, tt.id, demo.SpaceID)
		if tt.want != "" {
			want = strings.TrimSuffix(want, "}") + `,"suggestions":` + tt.want + `}`
		}
		if diff := cmp.Diff(jsonValue(t, want), unexplained(t, got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.id, diff)
		}
	}
}

// TestManyProblems: a body with more problems than are reported says so.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	for n, truncated := range map[int]any{99: nil, 150: true} {
		fields := make([]string, n)
		for i := range fields {
			fields[i] = fmt.Sprintf(`"unknown%d":{}`, i)
		}
		body := l.fails(t, "PUT", master+"/entries/many", testToken, `{"fields":{`+strings.Join(fields, ",")+`}}`, 422, "UnknownField", official, "X-Contentful-Content-Type: topic")
		if got := body["details"].(map[string]any)["truncated"]; got != truncated || len(problems(t, body)) != min(n, 100) {
			t.Errorf("%d problems: %d reported, truncated %v", n, len(problems(t, body)), got)
		}
	}
}
