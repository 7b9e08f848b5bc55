package server

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/demo"
)

// must makes a management request that has to succeed.
func (l *live) must(t *testing.T, method, path, body string, header ...string) map[string]any {
	t.Helper()
	res, got := l.send(t, method, path, testToken, body, header...)
	if res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %v", method, path, res.StatusCode, got)
	}
	return got
}

// farSpace makes a space with two things, one of them published, and answers its
// id, a delivery and a preview key.
func farSpace(t *testing.T, l *live) (id, delivery, preview string) {
	t.Helper()
	id = l.must(t, "POST", "/spaces", `{"name":"Far away"}`)["sys"].(map[string]any)["id"].(string)
	master := "/spaces/" + id + "/environments/master"
	l.must(t, "PUT", master+"/content_types/thing", `{"name":"Thing","displayField":"name","fields":[{"id":"name","name":"Name","type":"Symbol"}]}`)
	l.must(t, "PUT", master+"/content_types/thing/published", "", "X-Contentful-Version: 1")
	for _, thing := range []string{"seen", "draft"} {
		l.must(t, "PUT", master+"/entries/"+thing, `{"fields":{"name":{"en-US":"`+thing+`"}}}`, "X-Contentful-Content-Type: thing")
	}
	l.must(t, "PUT", master+"/entries/seen/published", "", "X-Contentful-Version: 1")
	key := l.must(t, "POST", "/spaces/"+id+"/api_keys", `{"name":"far"}`)
	partner := key["preview_api_key"].(map[string]any)["sys"].(map[string]any)["id"].(string)
	return id, key["accessToken"].(string), l.must(t, "GET", "/spaces/"+id+"/preview_api_keys/"+partner, "")["accessToken"].(string)
}

// resolve is the header with the tokens of spaces: id, token, id, token …
func resolve(pairs ...string) string {
	tokens := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		tokens[pairs[i]] = pairs[i+1]
	}
	raw, err := json.Marshal(map[string]any{"spaces": tokens})
	if err != nil {
		panic(err) // strings are JSON
	}
	return "X-Contentful-Resource-Resolution: " + base64.StdEncoding.EncodeToString(raw)
}

// TestLinksToOtherSpaces: with the token of another space in a header, entries
// that are linked to there come along.
func TestLinksToOtherSpaces(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	far, farDelivery, farPreview := farSpace(t, l)
	urn := func(rest string) string { return "crn:contentful:::content:spaces/" + far + rest }
	link := func(rest string) string {
		return `{"sys":{"type":"ResourceLink","linkType":"Contentful:Entry","urn":"` + urn(rest) + `"}}`
	}
	allowed := `"allowedResources":[{"type":"Contentful:Entry","source":"` + urn("") + `","contentTypes":["thing"]}]`
	l.must(t, "PUT", master+"/content_types/linker", `{"name":"Linker","fields":[{"id":"one","name":"One","type":"ResourceLink",`+allowed+`},
		{"id":"more","name":"More","type":"Array","items":{"type":"ResourceLink","validations":[]},`+allowed+`}]}`)
	l.must(t, "PUT", master+"/content_types/linker/published", "", "X-Contentful-Version: 1")
	l.must(t, "PUT", master+"/entries/linking", `{"fields":{"one":{"en-US":`+link("/entries/seen")+`},
		"more":{"en-US":[`+link("/environments/master/entries/seen")+`,`+link("/entries/draft")+`,`+link("/environments/gone/entries/seen")+`]}}}`, "X-Contentful-Content-Type: linker")
	l.must(t, "PUT", master+"/entries/linking/published", "", "X-Contentful-Version: 1")

	// outline is what comes with the entry: ids of entries by space, URNs without
	// what is the same in all.
	outline := func(token, query string, header ...string) string {
		t.Helper()
		res, got := l.send(t, "GET", master+"/entries?content_type=linker"+query, token, "", header...)
		vary := "Accept-Encoding, X-Contentful-Locale-Based-Publishing, X-Contentful-Resource-Resolution"
		if token == l.preview { // drafts are shown in all locales
			vary = "Accept-Encoding, X-Contentful-Resource-Resolution"
		}
		if res.StatusCode != 200 || res.Header.Get("Vary") != vary {
			t.Fatalf("%d, Vary %q: %v", res.StatusCode, res.Header.Get("Vary"), got)
		}
		var out []string
		includes, _ := got["includes"].(map[string]any)
		entries, _ := includes["Entry"].([]any)
		for _, e := range entries {
			e := e.(map[string]any)
			sys := e["sys"].(map[string]any)
			out = append(out, fmt.Sprint(sys["id"], "=", e["fields"].(map[string]any)["name"], "@", sys["space"].(map[string]any)["sys"].(map[string]any)["id"] == far))
		}
		errors, _ := got["errors"].([]any)
		for _, e := range errors {
			details := e.(map[string]any)["details"].(map[string]any)
			if details["type"] != "ResourceLink" || details["linkType"] != "Contentful:Entry" {
				t.Errorf("%v", e)
			}
			out = append(out, "lost "+strings.TrimPrefix(details["urn"].(string), urn("")))
		}
		return strings.Join(out, "; ")
	}
	const (
		gone    = "lost /environments/gone/entries/seen"
		allLost = "lost /entries/draft; lost /entries/seen; " + gone + "; lost /environments/master/entries/seen"
	)
	for _, tt := range []struct{ name, token, query, header, want string }{
		{"without the header", l.delivery, "", "", ""},
		{"without includes", l.delivery, "&include=0", resolve(far, farDelivery), ""},
		{"delivery", l.delivery, "", resolve(far, farDelivery), "seen=seen@true; lost /entries/draft; " + gone},
		{"all locales", l.delivery, "&locale=*", resolve(far, farDelivery), "seen=map[en-US:seen]@true; lost /entries/draft; " + gone},
		{"a locale that the other space does not have", l.delivery, "&locale=de-DE", resolve(far, farDelivery), allLost},
		{"preview", l.preview, "", resolve(far, farPreview), "draft=draft@true; seen=seen@true; " + gone},
		{"the token of another space", l.delivery, "", resolve(demo.SpaceID, l.delivery), allLost},
		{"this space's token for the other", l.delivery, "", resolve(far, l.delivery), allLost},
		{"a token nobody has", l.delivery, "", resolve(far, "nobody's"), allLost},
		{"a delivery key on preview", l.preview, "", resolve(far, farDelivery), allLost},
		{"a management token", l.delivery, "", resolve(far, testToken), allLost},
	} {
		if diff := cmp.Diff(tt.want, outline(tt.token, tt.query, tt.header)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}

	for header, message := range map[string]string{
		"%%%":  `The header "X-Contentful-Resource-Resolution" must be the base64 form of JSON such as {"spaces":{"SPACE_ID":"ACCESS_TOKEN"}}.`,
		"e30=": `The header "X-Contentful-Resource-Resolution" must be the base64 form of JSON such as {"spaces":{"SPACE_ID":"ACCESS_TOKEN"}}.`,
		strings.TrimPrefix(resolve("a", "1", "b", "2", "c", "3", "d", "4"), "X-Contentful-Resource-Resolution: "): `The header "X-Contentful-Resource-Resolution" may name at most 3 spaces, this one names 4.`,
	} {
		body := l.fails(t, "GET", master+"/entries", l.delivery, "", 400, "BadRequestError", "X-Contentful-Resource-Resolution: "+header)
		if body["message"] != message {
			t.Errorf("%s: %v", header, body["message"])
		}
	}

	// The tag follows the other space.
	get := func(tag string) (status int, now string) {
		t.Helper()
		res, _ := l.send(t, "GET", master+"/entries?content_type=linker", l.delivery, "", resolve(far, farDelivery), "If-None-Match: "+tag)
		return res.StatusCode, strings.TrimPrefix(res.Header.Get("ETag"), "W/")
	}
	_, tag := get("")
	if status, now := get(tag); status != 304 || now != tag {
		t.Errorf("nothing has changed: %d, tag %s, before %s", status, now, tag)
	}
	l.must(t, "PUT", "/spaces/"+far+"/environments/master/entries/draft/published", "", "X-Contentful-Version: 1")
	if status, now := get(tag); status != 200 || now == tag {
		t.Errorf("the other space has changed: %d, tag %s, before %s", status, now, tag)
	}
	if got := outline(l.delivery, "", resolve(far, farDelivery)); got != "draft=draft@true; seen=seen@true; "+gone {
		t.Errorf("after a publication there: %s", got)
	}
}
