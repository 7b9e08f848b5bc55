package cda_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cda"
	"github.com/typecase/typecase/internal/httpapi/sdktest"
	"github.com/typecase/typecase/internal/query"
)

// keys are the tokens: delivery and preview open master, branch opens only
// another environment.
type keys struct{ w *deliverytest.World }

func (k keys) Recall(string) (a access.Actor, known, current bool) { return a, false, false }

func (k keys) Authenticate(_ context.Context, token string) (access.Actor, error) {
	switch token {
	case "delivery":
		return access.Actor{Kind: access.Delivery, Environments: []string{"master", "alias"}}, nil
	case "preview":
		return access.Actor{Kind: access.Preview, Environments: []string{"master"}}, nil
	case "branch":
		return access.Actor{Kind: access.Delivery, Environments: []string{"branch"}}, nil
	}
	return access.Actor{}, fault.New(fault.AccessTokenInvalid, "")
}

func (k keys) Locate(_ context.Context, a access.Actor, space, environment string) (access.Place, error) {
	p := k.w.Place
	switch {
	case space != p.SpaceID:
		return access.Place{}, fault.Missing("Space", space, "", "")
	case environment == "":
		return access.Place{SpaceID: space, Space: p.Space}, nil
	case !slices.Contains(a.Environments, environment):
		return access.Place{}, fault.Missing("Environment", environment, "", space)
	}
	p.EnvironmentID = environment
	return p, nil
}

// client asks a server with both APIs.
type client struct {
	t       *testing.T
	handler http.Handler
}

func newClient(t *testing.T, w *deliverytest.World, publicURL string) client {
	t.Helper()
	return newSharing(t, w, publicURL, 0)
}

// newSharing is newClient of a server whose answers shared caches may keep.
func newSharing(t *testing.T, w *deliverytest.World, publicURL string, shared time.Duration) client {
	t.Helper()
	s := delivery.New(w.Index, w.Store, 0, []byte("secret"))
	return client{t, httpapi.New(httpapi.Options{
		Access: keys{w},
		APIs: []httpapi.API{
			cda.New(s, access.Delivery, keys{w}, publicURL, shared, nil),
			cda.New(s, access.Preview, keys{w}, publicURL, shared, nil),
		},
		ErrorIDs:  httpapi.Short,
		RequestID: func() string { return "r" },
		Log:       slog.New(slog.NewTextHandler(io.Discard, nil)),
	})}
}

func (c client) do(method, token, path string, header ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, "http://host.example"+path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code >= 400 && method != http.MethodHead {
		sdktest.Check(c.t, w.Code, w.Header(), w.Body.Bytes())
	}
	return w
}

// content is a small space: one published entry, one draft, an asset, a tag.
func content(t *testing.T) *deliverytest.World {
	t.Helper()
	w := deliverytest.New(t)
	w.Type("post", cms.ContentType{Name: "Post", Fields: []cms.Field{{ID: "title", Type: cms.Symbol}}})
	w.Entry("e1", "post", `{"title":{"en-US":"One"}}`)
	w.Publish(cms.KindEntry, "e1")
	w.Entry("e2", "post", `{"title":{"en-US":"Two"}}`)
	w.Asset("a1", `{"file":{"en-US":{"url":"/files/s/a1/0123456789abcdef0123456789abcdef/p.png"}}}`)
	w.Publish(cms.KindAsset, "a1")
	w.Tag("t1", cms.TagPublic)
	return w
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	c := newClient(t, content(t), "")
	for _, test := range []struct {
		token, path string
		want        string // the ids of what comes, in order
	}{
		{"delivery", "/spaces/s", "s"},
		{"preview", "/spaces/s/", "s"},
		{"branch", "/spaces/s", "s"},
		{"delivery", "/spaces/s/environments/master/content_types", "post"},
		{"delivery", "/spaces/s/environments/master/content_types/post", "post"},
		{"delivery", "/spaces/s/environments/master/entries", "e1"},
		{"delivery", "/spaces/s/environments/alias/entries/", "e1"},
		{"delivery", "/spaces/s/entries", "e1"},
		{"preview", "/spaces/s/environments/master/entries", "e2 e1"},
		{"preview", "/spaces/s/entries/?order=sys.id", "e1 e2"},
		{"delivery", "/spaces/s/environments/master/entries/e1", "e1"},
		{"preview", "/spaces/s/environments/master/entries/e2", "e2"},
		{"delivery", "/spaces/s/environments/master/assets", "a1"},
		{"delivery", "/spaces/s/environments/master/assets/a1", "a1"},
		{"delivery", "/spaces/s/environments/master/locales", "l1 l2 l3"},
		{"delivery", "/spaces/s/environments/master/tags", "t1"},
		{"delivery", "/spaces/s/environments/master/tags/t1", "t1"},
	} {
		r := c.do("GET", test.token, test.path)
		var body struct {
			Sys   struct{ ID, Type string }
			Items []struct{ Sys struct{ ID string } }
		}
		if err := json.Unmarshal(r.Body.Bytes(), &body); err != nil || r.Code != 200 {
			t.Errorf("%s: %d, %v: %s", test.path, r.Code, err, r.Body)
			continue
		}
		var ids []string
		if body.Sys.Type != "Array" {
			ids = []string{body.Sys.ID}
		}
		for _, item := range body.Items {
			ids = append(ids, item.Sys.ID)
		}
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.token, test.path, got, test.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	c := newClient(t, content(t), "")
	for token, api := range map[string]string{"delivery": "cda", "preview": "cpa"} {
		h := c.do("GET", token, "/spaces/s/environments/master/entries").Header()
		if diff := cmp.Diff([]string{"application/vnd.contentful.delivery.v1+json", api, "/spaces/:space/environments/:environment/entries"},
			[]string{h.Get("Content-Type"), h.Get("Contentful-Api"), h.Get("X-Contentful-Route")}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", token, diff)
		}
	}
	r := c.do("OPTIONS", "", "/spaces/s/environments/master/entries", "Host", "preview.localhost")
	if got := r.Header().Get("Access-Control-Allow-Methods"); got != "GET,HEAD,OPTIONS" {
		t.Errorf("allowed methods: %s", got)
	}
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	w := content(t)
	c := newClient(t, w, "")
	for _, path := range []string{"/spaces/s", "/spaces/s/entries", "/spaces/s/entries/e1?locale=de", "/spaces/s/locales"} {
		first := c.do("GET", "delivery", path)
		tag := first.Header().Get("ETag")
		if first.Code != 200 || tag == "" {
			t.Fatalf("%s: %d %q", path, first.Code, tag)
		}
		for _, known := range []string{tag, `"x", W/` + tag, "*"} {
			if r := c.do("GET", "delivery", path, "If-None-Match", known); r.Code != 304 || r.Body.Len() != 0 || r.Header().Get("ETag") != tag {
				t.Errorf("%s, If-None-Match %s: %d %s %s", path, known, r.Code, r.Header().Get("ETag"), r.Body)
			}
		}
		if r := c.do("HEAD", "delivery", path); r.Code != 200 || r.Body.Len() != 0 || r.Header().Get("ETag") != tag {
			t.Errorf("HEAD %s: %d %s", path, r.Code, r.Body)
		}
	}
	before := c.do("GET", "delivery", "/spaces/s/entries").Header().Get("ETag")
	w.Publish(cms.KindEntry, "e2")
	if r := c.do("GET", "delivery", "/spaces/s/entries", "If-None-Match", before); r.Code != 200 {
		t.Errorf("after a change: %d", r.Code)
	}
	if r := c.do("GET", "delivery", "/spaces/s/entries/none", "If-None-Match", "*"); r.Code != 404 {
		t.Errorf("a missing entry: %d", r.Code)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	c := newClient(t, content(t), "")
	const (
		env     = "/spaces/s/environments/master"
		missing = "The resource could not be found."
		route   = "The path you tried to reach is unknown or doesn't support this HTTP method."
	)
	for _, test := range []struct {
		method, token, path string
		status              int
		id, message         string
		details             string
	}{
		{"GET", "none", env + "/entries", 401, "AccessTokenInvalid", "The access token you sent could not be found or is invalid.", ""},
		{"GET", "branch", env + "/entries", 404, "NotFound", missing, `{"type":"Environment","id":"master","space":"s"}`},
		{"GET", "delivery", env + "/entries/e2", 404, "NotFound", missing, `{"type":"Entry","id":"e2","environment":"master","space":"s"}`},
		{"GET", "delivery", "/spaces/s/environments/alias/assets/x", 404, "NotFound", missing, `{"type":"Asset","id":"x","environment":"alias","space":"s"}`},
		{"GET", "preview", env + "/content_types/x", 404, "NotFound", missing, `{"type":"ContentType","id":"x","environment":"master","space":"s"}`},
		{"GET", "delivery", env + "/tags/x", 404, "NotFound", missing, `{"type":"Tag","id":"x","environment":"master","space":"s"}`},
		{"GET", "delivery", env + "/entries/not%20an%20id", 404, "NotFound", "Invalid resource id", ""},
		{"GET", "delivery", env + "/entries?locale=xx", 400, "BadRequest", "Unknown locale: xx", ""},
		{"POST", "delivery", env + "/asset_keys", 403, "AccessDenied", "The files of this space are not protected: their URLs need no asset key.", ""},
		{"GET", "preview", env + "/timeline/entries/e1?release[lte]=x", 404, "NotFound", missing, `{"type":"Release","id":"x","environment":"master","space":"s"}`},
		{"PUT", "delivery", env + "/entries/e1", 404, "UnknownRoute", route, ""},
		{"GET", "delivery", env, 404, "UnknownRoute", route, ""},
	} {
		r := c.do(test.method, test.token, test.path)
		var body struct {
			Sys     struct{ Type, ID string }
			Message string
			Details json.RawMessage
		}
		if err := json.Unmarshal(r.Body.Bytes(), &body); err != nil {
			t.Errorf("%s: %v: %s", test.path, err, r.Body)
			continue
		}
		got := []any{r.Code, body.Sys.Type, body.Sys.ID, body.Message, string(body.Details)}
		if diff := cmp.Diff([]any{test.status, "Error", test.id, test.message, test.details}, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.method, test.path, diff)
		}
	}
}

// What a look at the timeline has to go through is bounded.
func TestTimelineBounds(t *testing.T) {
	t.Parallel()
	w := deliverytest.New(t)
	w.Type("post", cms.ContentType{Name: "Post", Fields: []cms.Field{{ID: "title", Type: cms.Symbol}}})
	w.Fill(1001, "post")
	env, err := w.Index.Open(t.Context(), w.Place.Environment, true)
	if err != nil {
		t.Fatal(err)
	}
	page, err := env.Search(t.Context(), cms.Published, &query.Query{Kind: cms.KindEntry, Limit: 1001})
	if err != nil {
		t.Fatal(err)
	}
	var items []cms.ActionItem
	for _, h := range page.Heads {
		items = append(items, cms.ActionItem{Kind: cms.KindEntry, ID: h.ID, Action: cms.ActionPublish})
	}
	w.Release("many", items...)
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	w.AtOnce(func() {
		for n := range 101 {
			id := fmt.Sprint("r", n)
			w.Release(id)
			w.Plan(id, id, at.Add(time.Duration(n)*time.Hour))
		}
	})
	c := newClient(t, w, "")
	for params, message := range map[string]string{
		"release[lte]=many":                   "Releases change more than 1000 of the entities that are asked for.",
		"timestamp[lte]=2030-01-06T00:00:00Z": "More than 100 releases are scheduled by this time.",
	} {
		r := c.do("GET", "preview", "/spaces/s/environments/master/timeline/entries?"+params)
		want := `{"sys":{"type":"Error","id":"BadRequest"},"message":"` + message + `","hint":"Ask for entries of one content type, or for a nearer time.","requestId":"r","documentationUrl":"http://host.example/errors/BadRequest"}`
		if diff := cmp.Diff(want, strings.TrimSpace(r.Body.String())); diff != "" || r.Code != 400 {
			t.Errorf("%s: %d (-want +got)\n%s", params, r.Code, diff)
		}
	}
	for params, want := range map[string]int{"release[lte]=many&content_type=none": 400, "timestamp[lte]=2030-01-05T03:00:00Z": 200, "release[lte]=many&sys.id=e1": 400} {
		if r := c.do("GET", "preview", "/spaces/s/environments/master/timeline/entries?"+params); r.Code != want {
			t.Errorf("%s: %d %s", params, r.Code, r.Body)
		}
	}
	if r := c.do("GET", "preview", "/spaces/s/environments/master/timeline/entries/e1?release[lte]=many"); r.Code != 200 {
		t.Errorf("one of many: %d %s", r.Code, r.Body)
	}
}

func TestFileURLs(t *testing.T) {
	t.Parallel()
	w := content(t)
	const path = "/files/s/a1/0123456789abcdef0123456789abcdef/p.png"
	for publicURL, want := range map[string]string{"": "//host.example" + path, "https://cms.example": "https://cms.example" + path} {
		r := newClient(t, w, publicURL).do("GET", "delivery", "/spaces/s/assets/a1")
		if !strings.Contains(r.Body.String(), `"file":{"url":"`+want+`"}`) {
			t.Errorf("%q: no %s in %s", publicURL, want, r.Body)
		}
	}
}
