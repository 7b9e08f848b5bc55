package httpapi

import (
	"net/http"
	"slices"
	"strings"
)

// exposed are the headers that scripts in a browser may read.
const exposed = "Etag, X-Contentful-Request-Id, X-Contentful-Ratelimit-Second-Limit, X-Contentful-Ratelimit-Second-Remaining, " +
	"X-Contentful-Ratelimit-Hour-Limit, X-Contentful-Ratelimit-Hour-Remaining, X-Contentful-Ratelimit-Reset, Retry-After"

// The headers a browser may send: a fixed list, not an echo of the request.
const (
	allowedEverywhere = "Accept,Accept-Language,Authorization,Cache-Control,Content-Length,Content-Range,Content-Type,DNT," +
		"Destination,Expires,If-Match,If-Modified-Since,If-None-Match,Keep-Alive,Last-Modified,Origin,Pragma,Range," +
		"User-Agent,X-Http-Method-Override,X-Mx-ReqToken,X-Requested-With,X-Contentful-Version,X-Contentful-Content-Type," +
		"X-Contentful-Organization,X-Contentful-Skip-Transformation,X-Contentful-User-Agent," +
		"X-Contentful-Enable-Alpha-Feature,X-Contentful-Resource-Resolution," +
		"X-Contentful-Locale-Based-Publishing,CF-Sequence,X-Request-Id,Traceparent,Last-Event-ID"
	allowedInManagement = allowedEverywhere + ",CF-Context,X-Contentful-Tag-Visibility,X-Contentful-Source-Environment,X-Contentful-Team," +
		"X-Contentful-Parent-Id,x-contentful-validate-only,X-Contentful-Skip-UI-Draft-Validation,X-Contentful-Marketplace," +
		"X-Contentful-UI-Content-Auto-Save,cf-trace,X-Contentful-Comment-Body-Format,X-Contentful-Parent-Entity-Reference," +
		"X-Contentful-Include-Invocation-Metadata,X-Contentful-Async-Ai-Action"
)

// preflight answers OPTIONS on any path, without a token and without looking at
// the path closer: SDKs in a browser always ask first.
func (x *exchange) preflight(r *http.Request) {
	x.endpoint = x.h.candidates(r).endpoints[0]
	h := x.w.Header()
	h.Set("Access-Control-Allow-Methods", x.endpoint.methods(r))
	h.Set("Access-Control-Max-Age", x.endpoint.api.MaxAge)
	allowed := allowedEverywhere
	if x.endpoint.management() {
		allowed = allowedInManagement
	}
	if x.h.simulator != nil {
		allowed += "," + SimulateHeader
	}
	h.Set("Access-Control-Allow-Headers", allowed)
	x.send(http.StatusNoContent, nil)
}

// methods is the API's list, and what else this path takes: asset keys are made
// by POST on APIs that otherwise only read.
func (e *endpoint) methods(r *http.Request) string {
	list := strings.Split(e.api.Methods, ",")
	for _, m := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		var found match
		if e.router.match(m, r.URL, &found); found.found != nil && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return strings.Join(list, ",")
}
