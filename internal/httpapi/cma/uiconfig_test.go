package cma_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// small is the JSON of a resource without an id in its sys, in the environment
// master unless times are those of the organization service.
func small(kind string, v int, made, changed, rest string) string {
	times := ""
	if made != "" {
		times = `,"createdAt":"` + made + `","updatedAt":"` + changed + `","createdBy":` + linkJSON("User", "{user}") + `,"updatedBy":` + linkJSON("User", "{user}")
	}
	place := `,"space":` + linkJSON("Space", "{s}")
	if strings.HasSuffix(kind, "UIConfig") {
		place += `,"environment":` + linkJSON("Environment", "master")
	}
	return `{"sys":{"type":"` + kind + `","version":` + strconv.Itoa(v) + place + times + `},` + rest + `}`
}

func TestUIConfig(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.join("zoe")
		const (
			path  = content + "/ui_config"
			none  = `"assetListViews":[],"entryListViews":[]`
			views = `"entryListViews":[{"id":"f","title":"Mine","views":[{"id":"v","title":"New","contentTypeId":null,"searchFilters":[["a","b","c"]],"order":{"fieldId":"x","direction":"ascending"}}]}]`
			all   = `"assetListViews":[],` + views + `,"homeViews":[{"widgetId":"w","widgetNamespace":"app"}],"livePreview":{"previewMode":"livePreview"},"publish":{"publishMode":"localePublishing"},"timeline":{"a":1}`
		)
		made := sc.names["ms"]
		sc.play(
			step{name: "it is there", call: "GET " + path, want: small("UIConfig", 0, "", "", none+`,"homeViews":[]`)},
			step{name: "mine too", call: "GET " + path + "/me", want: small("UserUIConfig", 0, "", "", none)},
			step{name: "another version", call: "PUT " + path, header: version(1), body: `{}`, status: 409, want: tooOld("UIConfig", "default", 0, 1)},
			step{name: "change it", call: "PUT " + path, header: version(0), body: `{` + all + `}`, want: small("UIConfig", 1, made, made, all)},
			step{name: "mine without a version", call: "PUT " + path + "/me", body: `{` + views + `}`, want: small("UserUIConfig", 1, made, made, `"assetListViews":[],`+views)},
			step{name: "that of somebody else", call: "GET " + path + "/me", header: as("zoe", 0), want: small("UserUIConfig", 0, "", "", none)},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "no version", call: "PUT " + path, body: `{}`, status: 409, want: noVersion("UIConfig", "default", 1)},
			step{name: "an old version", call: "PUT " + path + "/me", header: version(0), body: `{}`, status: 409, want: tooOld("UserUIConfig", "{user}", 1, 0)},
			step{name: "empty it", call: "PUT " + path, header: version(1), body: `{"sys":{"version":1}}`, want: small("UIConfig", 2, made, "{ms}", none+`,"homeViews":[]`)},
			step{name: "it is empty", call: "GET " + path, want: small("UIConfig", 2, made, "{ms}", none+`,"homeViews":[]`)},
			step{name: "a copy", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"copy"}`, status: 201, find: map[string]string{"copy": "sys.id"}},
			step{name: "has the same", call: "GET /spaces/{s}/environments/copy/ui_config/me", want: strings.ReplaceAll(small("UserUIConfig", 1, made, made, `"assetListViews":[],`+views), `"id":"master"`, `"id":"copy"`)},
		)
	})
}

func TestUIConfigRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	for name, c := range map[string][2]string{
		"unknown":   {`{"entryListView":[]}`, `{"name":"unknown","path":["entryListView"],"value":[],"details":"The property \"entryListView\" is not allowed here.","suggestions":["entryListViews"]}`},
		"no list":   {`{"assetListViews":{}}`, `{"name":"type","type":"Array","path":["assetListViews"],"value":{},"details":"The type of \"assetListViews\" is incorrect, expected type: Array"}`},
		"no title":  {`{"entryListViews":[{"id":"a","views":[]}]}`, `{"name":"any.required","path":["entryListViews",0,"title"],"details":"\"entryListViews[0].title\" is required"}`},
		"mode":      {`{"publish":{"publishMode":"x"}}`, `{"name":"in","path":["publish","publishMode"],"value":"x","expected":["entryPublishing","localePublishing"],"details":"Value must be one of expected values"}`},
		"too many":  {`{"homeViews":[` + strings.Repeat("{},", 200) + `{}]}`, `{"name":"size","path":["homeViews"],"max":200,"details":"Size must be at most 200"}`},
		"no widget": {`{"homeViews":[{"widgetId":1,"widgetNamespace":"app"}]}`, `{"name":"type","type":"String","path":["homeViews",0,"widgetId"],"value":1,"details":"The type of \"widgetId\" is incorrect, expected type: String"}`},
	} {
		sc.play(step{name: name, call: "PUT " + content + "/ui_config", body: c[0], status: 422, want: failure("ValidationFailed", "Validation error", `{"errors":[`+c[1]+`]}`)})
	}
	sc.play(step{name: "of all only", call: "PUT " + content + "/ui_config/me", body: `{"homeViews":[]}`, status: 422,
		want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"unknown","path":["homeViews"],"value":[],"details":"The property \"homeViews\" is not allowed here. Use \"sys\", \"assetListViews\" or \"entryListViews\"."}]}`)})
}

func enabled(names ...string) string {
	var s []string
	for _, name := range []string{"spaceTemplates", "crossSpaceLinks", "studioExperiences", "suggestConcepts"} {
		on := strings.Contains(strings.Join(names, " "), name)
		s = append(s, `"`+name+`":{"enabled":`+strconv.FormatBool(on)+`}`)
	}
	return strings.Join(s, ",")
}

func TestEnablements(t *testing.T) {
	onBoth(t, func(sc *script) {
		const path = "/spaces/{s}/enablements"
		made := sc.names["now"]
		sc.play(
			step{name: "nothing", call: "GET " + path, want: small("SpaceEnablements", 1, "", "", enabled())},
			step{name: "a version that is not", call: "PUT " + path, header: version(2), body: `{` + enabled() + `}`, status: 409, want: tooOld("SpaceEnablements", "default", 1, 2)},
			step{name: "switch on", call: "PUT " + path, header: version(1), body: `{` + enabled("spaceTemplates", "crossSpaceLinks") + `}`, want: small("SpaceEnablements", 2, made, made, enabled("spaceTemplates", "crossSpaceLinks"))},
			step{name: "it is on", call: "GET " + path, want: small("SpaceEnablements", 2, made, made, enabled("spaceTemplates", "crossSpaceLinks"))},
			step{name: "no version", call: "PUT " + path, body: `{` + enabled() + `}`, status: 409, want: noVersion("SpaceEnablements", "default", 2)},
			step{name: "one without the other", call: "PUT " + path, header: version(2), body: `{` + enabled("spaceTemplates") + `}`, status: 422,
				want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"invalid","path":[],"details":"spaceTemplates and crossSpaceLinks come together: both are on, or none."}]}`)},
			step{name: "neither", call: "PUT " + path, header: version(2), body: `{}`, status: 422, want: failure("ValidationFailed", "Validation error",
				`{"errors":[{"name":"any.required","path":["spaceTemplates"],"details":"\"spaceTemplates\" is required"},{"name":"any.required","path":["crossSpaceLinks"],"details":"\"crossSpaceLinks\" is required"}]}`)},
			step{name: "no switch", call: "PUT " + path, header: version(2), body: `{"spaceTemplates":{"enabled":true},"crossSpaceLinks":{"enabled":true},"suggestConcepts":{"enabled":1}}`, status: 422,
				want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"type","type":"Boolean","path":["suggestConcepts","enabled"],"value":1,"details":"The type of \"enabled\" is incorrect, expected type: Boolean"}]}`)},
		)
	})
}
