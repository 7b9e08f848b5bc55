package cma_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

const blockers = content + "/_typecase/publish_blockers"

// blocked is an item of the list.
type blocked struct {
	Entity struct {
		Sys struct {
			Type, LinkType, ID string
			Version            int
		}
	}
	ContentType *cms.Link
	Error       map[string]any
}

type blockedPage struct {
	Sys   struct{ Type string }
	Limit int
	Items []blocked
	Pages struct{ Next string }
}

// blockersAt reads one page.
func (sc *script) blockersAt(call string, header ...string) blockedPage {
	sc.t.Helper()
	w := sc.do("GET "+call, header, "")
	var page blockedPage
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 || page.Sys.Type != "Array" || page.Items == nil {
		sc.t.Fatalf("%s: %d %v %s", call, w.Code, err, w.Body)
	}
	return page
}

// blockedIDs walks all pages and returns what is on them, and how many there were.
func (sc *script) blockedIDs(params string) (ids []string, pages int) {
	sc.t.Helper()
	for call := blockers + params; call != ""; pages++ {
		page := sc.blockersAt(call)
		for _, b := range page.Items {
			ids = append(ids, b.Entity.Sys.LinkType+"/"+b.Entity.Sys.ID)
		}
		if call = page.Pages.Next; pages > 2000 {
			sc.t.Fatal("no end of pages")
		}
	}
	return ids, pages
}

var publication = regexp.MustCompile(`^PUT (.*)/(entries|assets)/([^/]*)/published$`)

// agree compares what is said to keep something from being published with what
// publishing it was answered.
func (sc *script) agree(st step, answer []byte) {
	t := sc.t
	t.Helper()
	m := publication.FindStringSubmatch(st.call)
	if m == nil || st.body != "" { // blockers are about all locales
		return
	}
	var want map[string]any
	if err := json.Unmarshal(answer, &want); err != nil {
		t.Fatal(err)
	}
	delete(want, "requestId")
	delete(want, "documentationUrl")
	page := sc.blockersAt(m[1] + "/_typecase/publish_blockers?" + map[string]string{"entries": "entry", "assets": "asset"}[m[2]] + "=" + m[3])
	if len(page.Items) != 1 {
		t.Errorf("%s: %d blockers of %s", st.name, len(page.Items), st.call)
		return
	}
	if diff := cmp.Diff(want, page.Items[0].Error); diff != "" {
		t.Errorf("%s: %s (-answer +blocker)\n%s", st.name, st.call, diff)
	}
}

// blockedWorld has entries and assets of every kind that can be published or not.
func (sc *script) blockedWorld() (want []string) {
	found := map[string]string{"x": "sys.type"}
	fields := `{"id":"title","name":"T","type":"Symbol","required":true,"validations":[{"size":{"max":5}}]},
		{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true}]},
		{"id":"ref","name":"R","type":"Link","linkType":"Entry","validations":[{"linkContentType":["other"]}]},
		{"id":"pic","name":"P","type":"Link","linkType":"Asset"}`
	sc.activate("post", `{"name":"Post","fields":[`+fields+`]}`)
	sc.activate("other", `{"name":"Other","fields":[{"id":"title","name":"T","type":"Symbol","required":true}]}`)
	ref := func(id string) string { return `,"ref":{"en-US":` + linkJSON("Entry", id) + `}` }
	pic := func(id string) string { return `,"pic":{"en-US":` + linkJSON("Asset", id) + `}` }
	const ok, slug, long = `"title":{"en-US":"ok"}`, `,"slug":{"en-US":"taken"}`, `"title":{"en-US":"much too long"}`
	for _, e := range []struct{ id, fields string }{
		{"holder", ok + slug}, {"changed", ok}, {"draft", ok}, {"unchanged", ok}, {"archived", long},
		{"a-long", long}, {"b-taken", ok + slug}, {"c-both", long + slug}, {"d-link", ok + ref("none")}, {"e-link-taken", ok + slug + ref("none")},
		{"f-type", ok + ref("draft")}, {"g-asset", ok + pic("none")}, {"h-fine", ok + pic("good")}, {"i-self", ok + ref("i-self")}, {"j-empty", ``},
	} {
		sc.make(e.id, `{`+e.fields+`}`)
	}
	sc.play(
		step{name: "other", call: "PUT " + content + "/entries/k-other", header: []string{"X-Contentful-Content-Type: other"}, body: `{}`, status: 201, find: found},
		step{name: "publish", call: "PUT " + content + "/entries/holder/published", header: version(1), find: found},
		step{name: "publish", call: "PUT " + content + "/entries/unchanged/published", header: version(1), find: found},
		step{name: "publish", call: "PUT " + content + "/entries/changed/published", header: version(1), find: found},
		step{name: "change", call: "PUT " + content + "/entries/changed", header: version(2), body: `{"fields":{` + long + `}}`, find: found},
		step{name: "archive", call: "PUT " + content + "/entries/archived/archived", find: found},
		step{name: "no file", call: "PUT " + content + "/assets/bad", body: `{}`, status: 201, find: found},
		step{name: "file", call: "PUT " + content + "/assets/good", body: `{"fields":{"file":{"en-US":` + processedFile("good") + `}}}`, status: 201, find: found},
	)
	return strings.Fields("Asset/bad Entry/a-long Entry/b-taken Entry/c-both Entry/changed Entry/d-link Entry/e-link-taken Entry/f-type Entry/g-asset Entry/i-self Entry/j-empty Entry/k-other")
}

func TestPublishBlockers(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		want := sc.blockedWorld()
		ids := func(params string, want ...string) {
			t.Helper()
			if got, _ := sc.blockedIDs(params); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", params, got, want)
			}
		}
		ids("", want...)
		ids("?content_type=post", want[1:len(want)-1]...)
		ids("?content_type=other", "Entry/k-other")
		ids("?entry=d-link", "Entry/d-link")
		ids("?entry=draft")
		ids("?entry=archived", "Entry/archived")
		ids("?asset=bad", "Asset/bad")
		ids("?asset=good")
		ids("?published=true", want...) // what is published is in order

		// What publishing answers, and nothing else.
		for _, b := range sc.blockersAt(blockers).Items {
			path := content + map[string]string{"Entry": "/entries/", "Asset": "/assets/"}[b.Entity.Sys.LinkType] + b.Entity.Sys.ID
			sc.play(step{name: "refused", call: "PUT " + path + "/published", header: version(b.Entity.Sys.Version), find: map[string]string{"x": "sys.id"},
				status: 422}) // agrees with its blocker
			if b.Entity.Sys.Type != "Link" || (b.ContentType == nil) != (b.Entity.Sys.LinkType == "Asset") {
				t.Errorf("%+v", b)
			}
		}
		sc.play(step{name: "one whole", call: "GET " + blockers + "?entry=b-taken", want: `{"sys":{"type":"Array"},"limit":100,"pages":{},"items":[{
			"entity":{"sys":{"type":"Link","linkType":"Entry","id":"b-taken","version":1}},"contentType":` + linkJSON("ContentType", "post") + `,
			"error":{"sys":{"type":"Error","id":"InvalidEntry"},"message":"Validation error","details":{"errors":[
				{"name":"unique","path":["fields","slug","en-US"],"value":"taken","details":"Same field value present in other entry","conflicting":[` + linkJSON("Entry", "holder") + `]}]}}}]}`})
		for _, id := range []string{"holder", "draft", "unchanged", "h-fine"} {
			v := versionOf(t, sc.do("GET "+content+"/entries/"+id, nil, "").Body.String())
			if w := sc.do("PUT "+content+"/entries/"+id+"/published", append(version(v), onlyTry), ""); w.Code != 200 {
				t.Errorf("%s is not listed, but: %d %s", id, w.Code, w.Body)
			}
		}

		// The model gets stricter than what is published.
		sc.activate("other", `{"name":"Other","fields":[{"id":"title","name":"T","type":"Symbol"}]}`)
		sc.play(step{name: "publish", call: "PUT " + content + "/entries/k-other/published", header: version(1), find: map[string]string{"x": "sys.id"}})
		sc.activate("other", `{"name":"Other","fields":[{"id":"title","name":"T","type":"Symbol","required":true}]}`)
		ids("?content_type=other")
		ids("?content_type=other&published=false")
		ids("?content_type=other&published=true", "Entry/k-other")
		ids("?entry=k-other", "Entry/k-other")
	})
}

// TestBlockerWords: a plain client is told in the words of the documentation.
func TestBlockerWords(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[{"id":"ref","name":"R","type":"Link","linkType":"Entry"}]}`)
		sc.make("one", `{"ref":{"en-US":`+linkJSON("Entry", "none")+`}}`)
		r := sc.request("GET "+blockers, nil, "")
		r.Header.Del("X-Contentful-User-Agent")
		w := sc.serve(r)
		for _, want := range []string{`"id":"ValidationFailedError"`, `"reason":"UnresolvedLinks"`} {
			if !strings.Contains(w.Body.String(), want) {
				sc.t.Errorf("no %s in %s", want, w.Body)
			}
		}
		if vary := w.Header().Get("Vary"); vary != "X-Contentful-User-Agent, User-Agent, Accept-Encoding" {
			sc.t.Errorf("Vary: %q", vary)
		}
	})
}

func TestBlockerPages(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		want := sc.blockedWorld()
		for _, limit := range []int{1, 2, 5, len(want), 1000} {
			got, pages := sc.blockedIDs(fmt.Sprint("?limit=", limit))
			if !slices.Equal(got, want) {
				t.Errorf("limit %d: %q in %d pages", limit, got, pages)
			}
		}
		first := sc.blockersAt(blockers + "?content_type=post&limit=4")
		if len(first.Items) != 4 || first.Limit != 4 {
			t.Errorf("%+v", first)
		}
		u, err := url.Parse(first.Pages.Next)
		if err != nil {
			t.Fatal(err)
		}
		token := url.Values{"pageNext": u.Query()["pageNext"]}.Encode() // alone, it remembers all
		if next := sc.blockersAt(blockers + "?" + token); len(next.Items) != 4 || next.Limit != 4 || next.Items[0].Entity.Sys.ID != "d-link" {
			t.Errorf("%+v", next)
		}
		if next := sc.blockersAt(blockers + "?" + token + "&limit=1000"); len(next.Items) != len(want)-2-4 || next.Pages.Next != "" {
			t.Errorf("%+v", next)
		}

		// A page that takes long ends early, with something done.
		now := sc.now
		sc.s.Now = func() time.Time { now = now.Add(time.Second); return now }
		got, pages := sc.blockedIDs("")
		if !slices.Equal(got, want) || pages < len(want)/2 {
			t.Errorf("slowly: %q in %d pages", got, pages)
		}
	})
}

// TestManyBlockers: more than one statement reads, and none for each entry.
func TestManyBlockers(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.activate("post", `{"name":"Post","fields":[{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true},{"size":{"max":5}}]},{"id":"ref","name":"R","type":"Link","linkType":"Entry"}]}`)
		env := sc.place().Environment
		const many, each = 2100, 50
		err := sc.s.Store.Update(t.Context(), env, func(tx store.Tx) error {
			for i := range many {
				slug := fmt.Sprintf("s%d", i)
				if i%each == 0 {
					slug = "too-long"
				}
				body := fmt.Sprintf(`{"metadata":{},"fields":{"slug":{"en-US":%q},"ref":{"en-US":%s}}}`, slug, linkJSON("Entry", fmt.Sprintf("e%04d", (i+1)%many)))
				h := store.Head{Scope: env, Sys: cms.Sys{Kind: cms.KindEntry, ID: fmt.Sprintf("e%04d", i), ContentType: "post", Version: 1, CreatedAt: sc.now, UpdatedAt: sc.now}}
				if _, err := tx.Put(t.Context(), store.Write{Head: h, Was: store.Absent, Body: []byte(body), Action: store.Create, At: sc.now}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sc.blockersAt(blockers) // the read model is there from now on
		before := sc.s.Store.Statements()
		got, pages := sc.blockedIDs("")
		sent := sc.s.Store.Statements() - before
		t.Logf("%d entries, %d blocked, %d pages: %d statements", many, len(got), pages, sent)
		if len(got) != many/each || got[1] != "Entry/e0050" {
			t.Errorf("%d blocked: %q", len(got), got)
		}
		if sent > many/10 {
			t.Errorf("%d statements", sent)
		}
	})
}

func TestBlockerQueries(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		refused := func(params, elements string) {
			sc.t.Helper()
			sc.play(step{name: params, call: "GET " + blockers + params, status: 400, want: failure("InvalidQuery",
				"The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.", `{"errors":[`+elements+`]}`)})
		}
		refused("?contenttype=post", `{"name":"unknown","path":["contenttype"],"details":"The path \"contenttype\" is not recognized.","suggestions":["content_type"]}`)
		refused("?skip=1&entri=a", `{"name":"unknown","path":["entri"],"details":"The path \"entri\" is not recognized.","suggestions":["entry"]},{"name":"unknown","path":["skip"],"details":"The path \"skip\" is not recognized"}`)
		refused("?entry=a&asset=b", `{"name":"value","path":["asset"],"value":"b","details":"There can be only one of entry and asset."}`)
		refused("?entry=", `{"name":"value","path":["entry"],"value":"","details":"Please provide an id."}`)
		refused("?published=yes", `{"name":"value","path":["published"],"value":"yes","details":"Please provide true or false."}`)
		for _, limit := range []string{"", "0", "-1", "1001", "x"} {
			refused("?limit="+limit, `{"name":"value","path":["limit"],"value":"`+limit+`","details":"The value provided for \"limit\" is invalid. Please provide a value between 1 and 1000"}`)
		}
		for _, token := range []string{"x", "e30", "bnVsbA"} {
			refused("?pageNext="+token, `{"name":"value","path":["pageNext"],"value":"`+token+`","details":"This is no token of a page."}`)
		}
		refused("?content_type=pots", `{"name":"unknownContentType","path":["content_type"],"value":"pots","details":"The content type \"pots\" could not be found or was not activated.","suggestions":["post"]}`)
		sc.play(
			step{name: "no such entry", call: "GET " + blockers + "?entry=none", status: 404, want: lacking("Entry", "none")},
			step{name: "no such asset", call: "GET " + blockers + "?asset=none", status: 404, want: lacking("Asset", "none")},
			step{name: "nothing there", call: "GET " + blockers, want: `{"sys":{"type":"Array"},"limit":100,"items":[],"pages":{}}`},
			step{name: "the short path", call: "GET /spaces/{s}/_typecase/publish_blockers?limit=7", want: `{"sys":{"type":"Array"},"limit":7,"items":[],"pages":{}}`},
		)
	})
}
