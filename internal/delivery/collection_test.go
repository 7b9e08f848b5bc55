package delivery_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/fault"
)

// node is a content type that links in every way there is.
var node = cms.ContentType{Name: "Node", Fields: []cms.Field{
	{ID: "next", Type: cms.TypeLink, LinkType: "Entry", Localized: true},
	{ID: "picture", Type: cms.TypeLink, LinkType: "Asset"},
	{ID: "more", Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink, LinkType: "Entry"}},
	{ID: "text", Type: cms.RichText},
	{ID: "other", Type: cms.ResourceLink},
	{ID: "hidden", Type: cms.TypeLink, LinkType: "Entry", Omitted: true},
	{ID: "name", Type: cms.Symbol},
}}

func linkTo(kind, id string) string {
	return `{"sys":{"type":"Link","linkType":"` + kind + `","id":"` + id + `"}}`
}

func list(links ...string) string { return "[" + strings.Join(links, ",") + "]" }

func rich(nodeType string, links ...string) string {
	var nodes []string
	for _, l := range links {
		nodes = append(nodes, `{"nodeType":"`+nodeType+`","data":{"target":`+l+`},"content":[]}`)
	}
	return `{"nodeType":"document","data":{},"content":` + list(nodes...) + `}`
}

// graph is e0 → e1 → e2 → e3 → e0, each with an asset; further links from e0 and
// e2, some to nothing.
func graph(w *world) {
	w.t.Helper()
	w.Type("node", node)
	entry := func(id string, fields ...string) {
		for i, f := range fields {
			name, value, _ := strings.Cut(f, "=")
			fields[i] = `"` + name + `":{"en-US":` + value + `}`
		}
		w.Entry(id, "node", "{"+strings.Join(fields, ",")+"}")
	}
	entry("e0", "next="+linkTo("Entry", "e1"), "picture="+linkTo("Asset", "a0"),
		"more="+list(linkTo("Entry", "z"), linkTo("Entry", "missing"), linkTo("Entry", "e0"), linkTo("Entry", "z")),
		"text="+rich("embedded-entry-block", linkTo("Entry", "rt"), linkTo("Entry", "draft"), linkTo("Entry", "draft")),
		`other={"sys":{"type":"ResourceLink","linkType":"Contentful:Entry","urn":"crn:contentful:::content:spaces/x/entries/y"}}`,
		"hidden="+linkTo("Entry", "unseen"))
	entry("e1", "next="+linkTo("Entry", "e2"), "picture="+linkTo("Asset", "a1"))
	entry("e2", "next="+linkTo("Entry", "e3"), "picture="+linkTo("Asset", "a2"),
		"more="+list(linkTo("Entry", "late"), linkTo("Entry", "e1")))
	entry("e3", "next="+linkTo("Entry", "e0"), "picture="+linkTo("Asset", "nofile"))
	entry("rt", "text="+rich("embedded-asset-block", linkTo("Asset", "deep"), linkTo("Asset", "lost")))
	entry("z", `name="Z"`)
	entry("unseen")
	w.Publish(cms.KindEntry, "e0", "e1", "e2", "e3", "rt", "z", "unseen")
	entry("draft")
	for _, id := range []string{"a0", "a1", "a2", "deep"} {
		w.Asset(id, `{"title":{"en-US":"`+id+`"}}`)
		w.Publish(cms.KindAsset, id)
	}
	w.Asset("lost", `{}`)
	w.Archive(cms.KindAsset, "lost")
}

// outline is what a collection holds, by ids.
func outline(t *testing.T, answer string) string {
	t.Helper()
	type entity struct {
		Sys struct{ ID string }
	}
	var c struct {
		Items    []entity
		Includes map[string][]entity
		Errors   []struct {
			Details struct{ LinkType, ID string }
		}
	}
	if err := json.Unmarshal([]byte(answer), &c); err != nil {
		t.Fatal(err)
	}
	ids := func(name string, es []entity) string {
		for _, e := range es {
			name += " " + e.Sys.ID
		}
		return name
	}
	out := []string{ids("items", c.Items), ids("entries", c.Includes["Entry"]), ids("assets", c.Includes["Asset"])}
	errs := "errors"
	for _, e := range c.Errors {
		errs += " " + e.Details.LinkType + "/" + e.Details.ID
	}
	return strings.Join(append(out, errs), "; ")
}

func TestIncludeLevels(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	graph(w)
	for _, c := range []struct {
		stage        cms.Stage
		params, want string
	}{
		{delivered, "sys.id=e0&include=0", "items e0; entries; assets; errors"},
		{delivered, "sys.id=e0", "items e0; entries e1 rt z; assets a0 a1 deep; errors Entry/draft Asset/lost Entry/missing"},
		{delivered, "sys.id=e0&include=1", "items e0; entries e1 rt z; assets a0 a1 deep; errors Entry/draft Asset/lost Entry/missing"},
		{delivered, "sys.id=e0&include=2", "items e0; entries e1 e2 rt z; assets a0 a1 a2 deep; errors Entry/draft Asset/lost Entry/missing"},
		{delivered, "sys.id=e0&include=3", "items e0; entries e1 e2 e3 rt z; assets a0 a1 a2 deep; errors Entry/draft Entry/late Asset/lost Entry/missing Asset/nofile"},
		{delivered, "sys.id=e0&include=10", "items e0; entries e1 e2 e3 rt z; assets a0 a1 a2 deep; errors Entry/draft Entry/late Asset/lost Entry/missing Asset/nofile"},
		{preview, "sys.id=e0", "items e0; entries draft e1 rt z; assets a0 a1 deep; errors Asset/lost Entry/missing"},
		{delivered, "sys.id[in]=e0,e1,z&order=sys.id", "items e0 e1 z; entries e2 rt; assets a0 a1 a2 deep; errors Entry/draft Asset/lost Entry/missing"},
		{delivered, "sys.id=e1&locale=de", "items e1; entries e2; assets a1 a2; errors"},
		{delivered, "sys.id=e1&locale=fr", "items e1; entries; assets a1; errors"}, // next is localized and has no French value
		{delivered, "sys.id=e1&locale=*", "items e1; entries e2; assets a1 a2; errors"},
		{delivered, "sys.id=e1&locale=de&select=sys", "items e1; entries; assets; errors"},
		{delivered, "sys.id=e1&content_type=node&select=sys.id,fields.picture", "items e1; entries; assets a1; errors"},
		{delivered, "sys.id=e0&select=sys.id,fields", "items e0; entries e1 rt z; assets a0 a1 deep; errors Entry/draft Asset/lost Entry/missing"},
	} {
		for _, pass := range []string{"cold", "warm"} {
			if diff := cmp.Diff(c.want, outline(t, w.list(entries, c.stage, c.params))); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", c.params, pass, diff)
			}
		}
	}
}

func TestCollection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	graph(w)
	one := func(id string) string { return w.get(entry, delivered, id, "") }
	sameJSON(t, "envelope", `{"sys":{"type":"Array"},"total":4,"skip":1,"limit":2,"items":[`+one("e2")+`,`+one("e1")+`],
		"errors":[{"sys":{"id":"notResolvable","type":"error"},"details":{"type":"Link","linkType":"Entry","id":"late"}},
			{"sys":{"id":"notResolvable","type":"error"},"details":{"type":"Link","linkType":"Asset","id":"nofile"}}],
		"includes":{"Entry":[`+one("e3")+`],"Asset":[`+w.get(asset, delivered, "a1", "")+`,`+w.get(asset, delivered, "a2", "")+`]}}`,
		w.list(entries, delivered, "order=-sys.id&skip=1&limit=2&sys.id[in]=e0,e1,e2,e3"))
	sameJSON(t, "nothing", `{"sys":{"type":"Array"},"total":0,"skip":0,"limit":100,"items":[]}`, w.list(entries, delivered, "sys.id=none"))
	sameJSON(t, "total only", `{"sys":{"type":"Array"},"total":8,"skip":0,"limit":0,"items":[]}`, w.list(entries, preview, "limit=0"))
	if diff := cmp.Diff("items unseen z rt; entries; assets deep; errors Asset/lost", outline(t, w.list(entries, delivered, "limit=3"))); diff != "" {
		t.Errorf("newest first (-want +got):\n%s", diff)
	}
	if !strings.Contains(one("e0"), `"other":{"sys":{"type":"ResourceLink","linkType":"Contentful:Entry","urn":"crn:contentful:::content:spaces/x/entries/y"}}`) {
		t.Errorf("the link to another space is not passed on: %s", one("e0"))
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Tag("pub", cms.TagPublic)
	w.Entry("e1", "post", `{"title":{"en-US":"T"},"data":{"en-US":1},"secret":{"en-US":"S"}}`, "pub")
	w.Publish(cms.KindEntry, "e1")
	const (
		tags = `"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"pub"}}]`
		sys  = `"sys":{"space":{"sys":{"type":"Link","linkType":"Space","id":"s"}},"id":"e1","type":"Entry",
			"createdAt":"2026-01-01T00:00:09.000Z","updatedAt":"2026-01-01T00:00:09.000Z",
			"environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}},"publishedVersion":1,"revision":1,
			"contentType":{"sys":{"type":"Link","linkType":"ContentType","id":"post"}},"locale":"en-US"}`
	)
	for params, item := range map[string]string{
		"select=sys":                                          `{` + sys + `}`,
		"select=sys.id,sys.type":                              `{"sys":{"id":"e1","type":"Entry"}}`,
		"select=sys.locale&locale=*":                          `{"sys":{}}`,
		"select=fields,sys":                                   `{"fields":{"title":"T","data":1},` + sys + `}`,
		"select=fields&locale=*":                              `{"fields":{"title":{"en-US":"T"},"data":{"en-US":1}}}`,
		"select=metadata":                                     `{"metadata":{` + tags + `,"concepts":[]}}`,
		"select=metadata.tags":                                `{"metadata":{` + tags + `}}`,
		"select=metadata.concepts,sys.id":                     `{"metadata":{"concepts":[]},"sys":{"id":"e1"}}`,
		"content_type=post&select=fields.data,fields.nothing": `{"fields":{"data":1}}`,
		"content_type=post&select=fields.old":                 `{"fields":{}}`,
	} {
		sameJSON(t, params, `{"sys":{"type":"Array"},"total":1,"skip":0,"limit":100,"items":[`+item+`]}`, w.list(entries, delivered, params))
	}
	_, err := w.s.Entries(t.Context(), w.request(delivered, "select=fields.title"))
	wantFault(t, "no content type", fault.New(fault.BadRequest, "A Content Type ID is required. When querying for Entries and involving fields you need to limit your query to a specific Content Type. "+
		`Please send a Content Type ID (not the name) as the URI query parameter "content_type"`), err)
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	const n = 8
	for i := range n {
		w.Entry(fmt.Sprint("e", i), "post", `{"data":{"en-US":"`+strings.Repeat("x", delivery.MaxAnswer/n-100)+`"}}`)
	}
	_, err := w.s.Entries(t.Context(), w.request(preview, ""))
	wantFault(t, "too large", fault.New(fault.BadRequest, "Response size too big. Maximum allowed response size: 7340032B."), err)
	if hint := fault.Of(err).Hint; !regexp.MustCompile(`^The answer would have 734\d{4} bytes\. With limit=7 it fits\.$`).MatchString(hint) {
		t.Errorf("hint: %s", hint)
	}
	if got := w.list(entries, preview, "limit=7"); len(got) > delivery.MaxAnswer {
		t.Errorf("%d bytes", len(got))
	}
}

// What is included is not read further than an answer has room for.
func TestIncludeTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("node", node)
	text := strings.Repeat("x", delivery.MaxAnswer/1000)
	var links []string
	for i := range 1001 {
		id := fmt.Sprint("n", i)
		w.Entry(id, "node", `{"name":{"en-US":"`+text+`"}}`)
		links = append(links, linkTo("Entry", id))
	}
	w.Entry("root", "node", `{"more":{"en-US":`+list(links...)+`}}`)
	w.list(entries, preview, "sys.id=root&include=0") // loads the environment
	before := w.Store.Statements()
	_, err := w.s.Entries(t.Context(), w.request(preview, "sys.id=root"))
	wantFault(t, "too large", fault.New(fault.BadRequest, "Response size too big. Maximum allowed response size: 7340032B."), err)
	if hint := fault.Of(err).Hint; hint != "What the items link to has more than 7340032 bytes. Ask for fewer items with limit, or for fewer levels of links with include." {
		t.Errorf("hint: %s", hint)
	}
	if n := w.Store.Statements() - before; n != 1 {
		t.Errorf("%d statements for what does not fit, want 1", n)
	}
}
