package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

const invalidQuery = "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field."

var unknownField = fault.Detail{Name: "unknown", Path: []any{"fields", "colour"}, Details: `No field with id "colour" found.`}

// TestTwelveRows is the documented table: each row, in both vocabularies, whole.
func TestTwelveRows(t *testing.T) {
	t.Parallel()
	retry := func(k fault.Kind) error { return &fault.Error{Kind: k, RetryAfter: 1500 * time.Millisecond} }
	problem := `"details":{"errors":[{"name":"unknown","path":["fields","colour"],"details":"No field with id \"colour\" found."}]},`
	ofQuery := strings.Replace(problem, `found."`, `found.","parameter":"fields.colour"`, 1)
	rows := []struct {
		err                     error
		status, shortStatus     int
		documented, short       string
		rest                    string // of the body, between sys and requestId
		retryAfter, rateLimited string
	}{
		{fault.New(fault.BadRequest, "Not published"), 400, 400, "BadRequestError", "BadRequest", `"message":"Not published",`, "", ""},
		{fault.Invalid(fault.InvalidQuery, unknownField), 400, 400, "InvalidQueryError", "InvalidQuery", `"message":"` + invalidQuery + `",` + ofQuery, "", ""},
		{fault.New(fault.AccessTokenInvalid, ""), 401, 401, "AccessTokenInvalidError", "AccessTokenInvalid", `"message":"The access token you sent could not be found or is invalid.",`, "", ""},
		{&fault.Error{Kind: fault.AccessDenied, Details: &fault.Details{Reasons: "Usage exceeded."}}, 403, 403, "AccessDeniedError", "AccessDenied", `"message":"Forbidden","details":{"reasons":"Usage exceeded."},`, "", ""},
		{fault.Missing("Entry", "e1", "master", "s1"), 404, 404, "NotFoundError", "NotFound", `"message":"The resource could not be found.","details":{"type":"Entry","id":"e1","environment":"master","space":"s1"},`, "", ""},
		{fault.New(fault.VersionMismatch, ""), 409, 409, "VersionMismatchError", "VersionMismatch", `"message":"Version mismatch",`, "", ""},
		{fault.Invalid(fault.ValidationFailed, unknownField), 422, 422, "ValidationFailedError", "ValidationFailed", `"message":"Validation error",` + problem, "", ""},
		{fault.Invalid(fault.UnknownQueryField, unknownField), 422, 400, "ValidationFailedError", "InvalidQuery", `"message":"` + invalidQuery + `",` + ofQuery, "", ""},
		{fault.Invalid(fault.InvalidEntry, unknownField), 422, 422, "InvalidEntryError", "InvalidEntry", `"message":"Validation error",` + problem, "", ""},
		{retry(fault.RateLimitExceeded), 429, 429, "RateLimitExceededError", "RateLimitExceeded", `"message":"You have exceeded the rate limit of the Organization this Space belongs to by making too many API requests within a short timespan. Please wait a moment before trying the request again.",`, "2", "2"},
		{fmt.Errorf("disk: %w", http.ErrBodyNotAllowed), 500, 500, "ServerError", "ServerError", `"message":"Something went wrong on our end. The server's log says more under the request id.",`, "", ""},
		{retry(fault.Hibernated), 502, 502, "AccessDeniedError", "Hibernated", `"message":"The requested space is hibernated.",`, "2", ""},
	}
	for _, row := range rows {
		for _, v := range []struct {
			name    string
			headers []string
			status  int
			id      string
		}{
			{"plain client", nil, row.status, row.documented},
			{"SDK", []string{"X-Contentful-User-Agent", "sdk contentful.js/11.5.0; platform node.js/v20.1.0;"}, row.shortStatus, row.short},
			{"SDK with an empty mark", []string{"X-Contentful-User-Agent", ""}, row.shortStatus, row.short},
			{"Terraform", []string{"User-Agent", "contentful-management-go/0.1"}, row.shortStatus, row.short},
		} {
			t.Run(row.documented+" "+v.name, func(t *testing.T) {
				t.Parallel()
				w := newEdge(failing(row.err)).do("GET", "/answer", "", v.headers...)
				want := `{"sys":{"type":"Error","id":"` + v.id + `"},` + row.rest + `"requestId":"` + requestID + `","documentationUrl":"http://127.0.0.1:8080/errors/` + fault.Of(row.err).Kind.String() + `"}`
				if w.Code != v.status {
					t.Errorf("status %d, want %d", w.Code, v.status)
				}
				if diff := cmp.Diff(want, w.Body.String()); diff != "" {
					t.Errorf("body (-want +got):\n%s", diff)
				}
				h := http.Header{
					"X-Contentful-Request-Id":       {requestID},
					"Access-Control-Allow-Origin":   {"*"},
					"Access-Control-Expose-Headers": w.Header()["Access-Control-Expose-Headers"], // see TestRulesForClients
					"X-Content-Type-Options":        {"nosniff"},
					"Cache-Control":                 {"max-age=0"},
					"Vary":                          {"X-Contentful-User-Agent, User-Agent, Accept, Accept-Encoding"},
					"Contentful-Api":                {"cma"},
					"X-Contentful-Route":            {"/answer"},
					"Content-Type":                  {management},
					"Content-Length":                {fmt.Sprint(len(want))},
				}
				if row.retryAfter != "" {
					h.Set("Retry-After", row.retryAfter)
				}
				if row.rateLimited != "" {
					for name, value := range map[string]string{"Second-Limit": "1000", "Second-Remaining": "999", "Hour-Limit": "3600000", "Hour-Remaining": "3597399"} {
						h.Set("X-Contentful-Ratelimit-"+name, value)
					}
					h.Set("X-Contentful-Ratelimit-Reset", row.rateLimited)
				}
				if diff := cmp.Diff(h, w.Header()); diff != "" {
					t.Errorf("headers (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestVocabularySetting(t *testing.T) {
	t.Parallel()
	sdk := []string{"X-Contentful-User-Agent", "sdk x/1"}
	for _, tt := range []struct {
		setting httpapi.Vocabulary
		headers []string
		id      string
		vary    string
	}{
		{httpapi.Documented, sdk, "NotFoundError", "Accept, Accept-Encoding"},
		{httpapi.Short, nil, "NotFound", "Accept, Accept-Encoding"},
		{httpapi.Auto, []string{"User-Agent", "contentful-management-go-fork/1"}, "NotFoundError", "X-Contentful-User-Agent, User-Agent, Accept, Accept-Encoding"},
	} {
		w := newEdge(failing(fault.New(fault.NotFound, "")), func(o *httpapi.Options) { o.ErrorIDs = tt.setting }).do("GET", "/answer", "", tt.headers...)
		if e := errorOf(t, w); e.Sys.ID != tt.id || w.Header().Get("Vary") != tt.vary {
			t.Errorf("%s: got %s, Vary %q", tt.setting, e.Sys.ID, w.Header().Get("Vary"))
		}
	}
}

// TestReason: ids beyond the twelve rows reach plain clients as the reason, and
// SDKs as the id itself.
func TestReason(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind   fault.Kind
		status int
		id     string
	}{
		{fault.UnknownKey, 400, "BadRequestError"},
		{fault.MissingKey, 400, "BadRequestError"},
		{fault.BodyTooLarge, 413, "BadRequestError"},
		{fault.URITooLong, 414, "BadRequestError"},
		{fault.UnsupportedMediaType, 415, "BadRequestError"},
		{fault.Forbidden, 403, "AccessDeniedError"},
		{fault.DefaultLocaleNotDeletable, 403, "AccessDeniedError"},
		{fault.FallbackLocaleNotDeletable, 403, "AccessDeniedError"},
		{fault.FallbackLocaleNotRenameable, 403, "AccessDeniedError"},
		{fault.UnknownRoute, 404, "NotFoundError"},
		{fault.MissingOrganizationParameter, 404, "NotFoundError"},
		{fault.Conflict, 409, "VersionMismatchError"},
		{fault.UnknownField, 422, "ValidationFailedError"},
		{fault.UnresolvedLinks, 422, "ValidationFailedError"},
		{fault.ActionPreconditionsFailed, 422, "ValidationFailedError"},
		{fault.PersonalAccessTokenInvalidScopes, 422, "ValidationFailedError"},
		{fault.Timeout, 503, "ServerError"},
	} {
		// what a kind has no details for is left out
		e := newEdge(failing(&fault.Error{Kind: tt.kind, Details: &fault.Details{Keys: []string{"k"}, Key: "k"}}))
		plain, sdk := e.do("GET", "/answer", ""), e.do("GET", "/answer", "", "X-Contentful-User-Agent", "")
		if got := errorOf(t, plain); plain.Code != tt.status || got.Sys.ID != tt.id || got.Reason != tt.kind.String() {
			t.Errorf("%v to plain clients: %d %s", tt.kind, plain.Code, plain.Body)
		}
		if got := errorOf(t, sdk); sdk.Code != tt.status || got.Sys.ID != tt.kind.String() || got.Reason != "" {
			t.Errorf("%v to SDKs: %d %s", tt.kind, sdk.Code, sdk.Body)
		}
	}
}

// TestRulesForClients are the thirteen rules that keep every known client from
// breaking, in their order.
func TestRulesForClients(t *testing.T) {
	t.Parallel()
	details := func(t *testing.T, err error, headers ...string) map[string]any {
		t.Helper()
		var d map[string]any
		if raw := errorOf(t, newEdge(failing(err)).do("GET", "/answer", "", headers...)).Details; raw != nil {
			if err := json.Unmarshal(raw, &d); err != nil || d == nil {
				t.Fatalf("details is no object: %s", raw)
			}
			if len(d) == 0 {
				t.Error("details is empty")
			}
		}
		return d
	}
	// everything a fault can carry, to see what is let through
	full := func(k fault.Kind) error {
		return &fault.Error{Kind: k, Details: &fault.Details{
			Errors:    []fault.Detail{{Name: "in", Path: []any{"fields", 0}, Details: "d"}},
			Truncated: true,
			Type:      "Entry", ID: "e1", Environment: "master", Space: "s1", Reasons: "r", Keys: []string{"k"}, Key: "k",
		}}
	}
	eachKind := func(t *testing.T, check func(t *testing.T, k fault.Kind)) {
		for k := range fault.NumKinds {
			t.Run(k.String(), func(t *testing.T) { check(t, k) })
		}
	}

	t.Run("1 every error is complete", func(t *testing.T) {
		eachKind(t, func(t *testing.T, k fault.Kind) {
			errorOf(t, newEdge(failing(fault.New(k, ""))).do("GET", "/answer", ""))
		})
	})
	t.Run("2 no empty details", func(t *testing.T) {
		eachKind(t, func(t *testing.T, k fault.Kind) {
			details(t, &fault.Error{Kind: k, Details: &fault.Details{}})
		})
	})
	t.Run("3 reasons is a string and alone", func(t *testing.T) {
		for _, k := range []fault.Kind{fault.AccessDenied, fault.Forbidden, fault.DefaultLocaleNotDeletable} {
			if diff := cmp.Diff(map[string]any{"reasons": "r"}, details(t, full(k))); diff != "" {
				t.Error(diff)
			}
		}
	})
	t.Run("4 what was not found is an object with a type", func(t *testing.T) {
		want := map[string]any{"type": "Entry", "id": "e1", "environment": "master", "space": "s1"}
		if diff := cmp.Diff(want, details(t, full(fault.NotFound))); diff != "" {
			t.Error(diff)
		}
		if d := details(t, &fault.Error{Kind: fault.NotFound, Details: &fault.Details{ID: "e1"}}); d != nil {
			t.Errorf("details without a type: %v", d)
		}
	})
	t.Run("5 every 422 has problems with name, path and text", func(t *testing.T) {
		eachKind(t, func(t *testing.T, k fault.Kind) {
			for _, err := range []error{fault.New(k, ""), full(k), fault.Invalid(k, fault.Detail{})} {
				w := newEdge(failing(err)).do("GET", "/answer", "")
				if w.Code != 422 {
					return
				}
				var d struct {
					Errors []struct {
						Name    *string
						Path    []any
						Details *string
					}
				}
				if err := json.Unmarshal(errorOf(t, w).Details, &d); err != nil || len(d.Errors) == 0 {
					t.Fatalf("no problems: %s", w.Body)
				}
				for _, p := range d.Errors {
					if p.Name == nil || *p.Name == "" || p.Path == nil || p.Details == nil || *p.Details == "" {
						t.Errorf("incomplete problem: %s", w.Body)
					}
				}
			}
		})
	})
	t.Run("6 the path of a query is all strings", func(t *testing.T) {
		for _, k := range []fault.Kind{fault.InvalidQuery, fault.UnknownQueryField} {
			for _, headers := range [][]string{nil, {"X-Contentful-User-Agent", ""}} {
				want := map[string]any{"errors": []any{map[string]any{"name": "in", "path": []any{"fields", "0"}, "details": "d", "parameter": "fields.0"}}}
				if diff := cmp.Diff(want, details(t, full(k), headers...)); diff != "" {
					t.Error(diff)
				}
				if d := details(t, fault.New(k, "no"), headers...); d == nil {
					t.Error("a query error without problems has no details")
				}
			}
		}
	})
	t.Run("7 a 400 about a query or a request has errors and nothing else", func(t *testing.T) {
		for _, k := range []fault.Kind{fault.BadRequest, fault.InvalidQuery} {
			if d := details(t, full(k)); len(d) != 1 || d["errors"] == nil {
				t.Errorf("%v: %v", k, d)
			}
		}
	})
	t.Run("8 expected holds scalars", func(t *testing.T) {
		err := fault.Invalid(fault.InvalidEntry, fault.Detail{Name: "in", Details: "d", Expected: []any{"a", 1, 2.5, true, nil, []any{1}, map[string]any{"$ref": "x"}}})
		want := map[string]any{"errors": []any{map[string]any{"name": "in", "path": []any{}, "details": "d", "expected": []any{"a", 1.0, 2.5, true}}}}
		if diff := cmp.Diff(want, details(t, err)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("9 a 429 says when to come back in whole seconds", func(t *testing.T) {
		for wait, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", time.Hour: "3600"} {
			h := newEdge(failing(&fault.Error{Kind: fault.RateLimitExceeded, RetryAfter: wait})).do("GET", "/answer", "").Header()
			if h.Get("X-Contentful-RateLimit-Reset") != want || h.Get("Retry-After") != want {
				t.Errorf("%v: Reset %q, Retry-After %q, want %q", wait, h.Get("X-Contentful-RateLimit-Reset"), h.Get("Retry-After"), want)
			}
		}
	})
	t.Run("10 a path is always an array", func(t *testing.T) {
		err := fault.Invalid(fault.ValidationFailed, fault.Detail{Name: "taken", Path: []any{"code"}, Value: fault.Raw("de")}, fault.Detail{Name: "invalid"})
		for _, p := range details(t, err)["errors"].([]any) {
			if _, ok := p.(map[string]any)["path"].([]any); !ok {
				t.Errorf("path of %v", p)
			}
		}
	})
	t.Run("11 tokens are never echoed", func(t *testing.T) {
		e := newEdge(echo)
		for _, r := range []*http.Request{
			request("GET", "/nowhere?access_token=s3cret", "", "Authorization", ""),
			request("GET", "/nowhere", "", bearer("s3cret")...),
			request("GET", "/users/me?access_token=s3cret&a=b", ""),
			request("GET", "/"+strings.Repeat("x", 7600)+"?access_token=s3cret", ""),
			request("GET", "/answer?access_token=s3cret&access%5Ftoken=s3cret", ""),
		} {
			w := e.send(r)
			if all := fmt.Sprint(w.Header()) + w.Body.String(); strings.Contains(all, "s3cret") {
				t.Errorf("the answer has the token: %s", all)
			}
		}
		if strings.Contains(e.log.String(), "s3cret") {
			t.Errorf("the log has the token: %s", e.log)
		}
	})
	t.Run("12 Vary names what decides the vocabulary and the form", func(t *testing.T) {
		vary := newEdge(failing(fault.New(fault.NotFound, ""))).do("GET", "/answer", "").Header().Get("Vary")
		if vary != "X-Contentful-User-Agent, User-Agent, Accept, Accept-Encoding" {
			t.Errorf("Vary: %s", vary)
		}
	})
	t.Run("13 scripts in browsers can read the headers", func(t *testing.T) {
		exposed := newEdge(failing(fault.New(fault.NotFound, ""))).do("GET", "/answer", "").Header().Get("Access-Control-Expose-Headers")
		for _, name := range []string{"Etag", "X-Contentful-Request-Id", "Retry-After", "X-Contentful-RateLimit-Reset",
			"X-Contentful-RateLimit-Second-Limit", "X-Contentful-RateLimit-Second-Remaining", "X-Contentful-RateLimit-Hour-Limit", "X-Contentful-RateLimit-Hour-Remaining"} {
			if !strings.Contains(strings.ToLower(exposed), strings.ToLower(name)) {
				t.Errorf("%s is not exposed", name)
			}
		}
	})
}

// TestEveryClientReadsEveryKind: whatever a fault carries, no client breaks on
// what becomes of it.
func TestEveryClientReadsEveryKind(t *testing.T) {
	t.Parallel()
	onDelivery := []fault.Kind{fault.BadRequest, fault.URITooLong, fault.InvalidQuery, fault.UnknownQueryField, fault.AccessTokenInvalid,
		fault.NotFound, fault.UnknownRoute, fault.RateLimitExceeded, fault.ServerError, fault.Timeout, fault.Hibernated}
	// all there is, of every shape that JSON has
	everything := fault.Details{
		Errors: []fault.Detail{{}, {
			Name: "in", Path: []any{"fields", "a", 0}, Details: "d", Value: fault.Raw(map[string]any{"a": []int{1}}), Type: "Text", Filter: "equals",
			Expected: []any{"a", 1, nil, []any{"b"}, map[string]any{"c": 1}}, Conflicting: []any{map[string]any{"sys": map[string]any{"type": "Link", "linkType": "Entry", "id": "e1"}}},
			Link: map[string]any{"type": "Link"}, ContentTypeID: []string{"c"}, Suggestions: []string{"s"},
		}},
		Truncated: true, Type: "Entry", ID: "e1", Environment: "master", Space: "s1", Reasons: "r", Keys: []string{"k"}, Key: "k",
	}
	sent := 1
	for k := range fault.NumKinds {
		for _, err := range []*fault.Error{
			{Kind: k, Details: &fault.Details{Keys: []string{"k"}, Key: "k"}},
			{Kind: k, Details: &everything, Message: "m", Suggestions: []string{"s"}, Fields: []string{"f"}, Hint: "h",
				Versions: &fault.Versions{Current: 2, UpdatedBy: "u1", Sent: &sent, Changed: []string{"title"}}},
		} {
			for _, headers := range [][]string{nil, {"X-Contentful-User-Agent", "sdk x/1"}, {"User-Agent", "contentful-management-go/0.1"}} {
				w := newEdge(failing(err)).do("GET", "/answer", "", headers...)
				errorOf(t, w)
				// on delivery there are problems of queries only
				if slices.Contains(onDelivery, k) && (err.Hint == "" || k != fault.BadRequest && k != fault.RateLimitExceeded) {
					w.Header().Set("Contentful-Api", "cda")
					errorOf(t, w)
				}
			}
		}
	}
}
