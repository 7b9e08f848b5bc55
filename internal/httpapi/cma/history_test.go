package cma_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/index"
)

const history, trash = content + "/_typecase/history", content + "/_typecase/trash"

// past is the JSON of a version in a history; entity is the whole of it, or "".
func past(kind, id string, version int, action, at, entity string) string {
	if entity != "" {
		entity = `,"entity":` + entity
	}
	return `{"sys":` + pastSys(kind, id, version, action, at) + entity + `}`
}

func pastSys(kind, id string, version int, action, at string) string {
	return `{"type":"Version","version":` + strconv.Itoa(version) + `,"action":"` + action + `","createdAt":"` + at + `","createdBy":` + linkJSON("User", "{user}") +
		`,"entity":` + linkJSON(kind, id) + `,"space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", "master") + `}`
}

// tokenPage is the JSON of a page without a next one.
func tokenPage(limit int, items ...string) string {
	return `{"sys":{"type":"Array"},"limit":` + strconv.Itoa(limit) + `,"items":[` + strings.Join(items, ",") + `],"pages":{}}`
}

// compared is the JSON of what differs between two versions.
func compared(from, to string, differences ...string) string {
	return `{"sys":{"type":"Comparison"},"from":` + from + `,"to":` + to + `,"differences":[` + strings.Join(differences, ",") + `]}`
}

// snapshotJSON is the JSON of a snapshot.
func snapshotJSON(id, kind, environment, at, snapshot string) string {
	user := linkJSON("User", "{user}")
	return `{"sys":{"type":"Snapshot","id":"` + id + `","snapshotType":"publish","snapshotEntityType":"` + kind + `","createdAt":"` + at + `","updatedAt":"` + at +
		`","createdBy":` + user + `,"updatedBy":` + user + `,"space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", environment) + `},"snapshot":` + snapshot + `}`
}

func TestSnapshots(t *testing.T) {
	onBoth(t, func(sc *script) {
		const one = content + "/entries/one"
		sc.play(step{name: "type", call: "PUT " + postType, body: `{"name":"Post","displayField":"title","fields":[{"id":"title","name":"T","type":"Symbol"}]}`, status: 201, find: map[string]string{"x": "sys.id"}})
		sc.tick(time.Second)
		typeAt := sc.names["ms"]
		sc.play(step{name: "activate", call: "PUT " + postType + "/published", header: version(1), find: map[string]string{"x": "sys.id"}})
		whole := sc.do("GET "+postType, nil, "").Body.String()

		bare := func(l *life) string { return strings.Replace(l.show(), none, "", 1) }
		l := sc.entry("one", `{"title":{"en-US":"a"}}`)
		sc.play(
			step{name: "new", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a"}}}`, status: 201, want: l.show()},
			step{name: "no snapshots", call: "GET " + one + "/snapshots", want: list(0, 0, 100)},
		)
		var ats, shots []string
		for i := range 3 {
			sc.tick(time.Minute)
			title := fmt.Sprintf(`{"title":{"en-US":"t%d"}}`, i)
			sc.play(
				step{name: "save", call: "PUT " + one, header: version(l.version), body: `{"fields":` + title + `}`, want: l.saved(none + `"fields":` + title).show()},
				step{name: "publish", call: "PUT " + one + "/published", header: version(l.version), want: l.publish().show()},
			)
			ats, shots = append(ats, sc.names["ms"]), append(shots, bare(l))
		}
		sc.play(step{name: "the ids", call: "GET " + one + "/snapshots", find: map[string]string{"s2": "items.0.sys.id", "s1": "items.1.sys.id", "s0": "items.2.sys.id"}})
		snap := func(i int, environment string) string {
			id := fmt.Sprintf("{s%d}", i)
			shot := strings.ReplaceAll(shots[i], `"id":"master"`, `"id":"`+environment+`"`)
			return snapshotJSON(id, "Entry", environment, ats[i], strings.ReplaceAll(shot, "/master/", "/"+environment+"/"))
		}
		problem := func(call, message string, details ...string) step {
			return step{name: call, call: call, status: 400, want: failure("InvalidQuery", message, `{"errors":[`+strings.Join(details, ",")+`]}`)}
		}
		sc.play(
			step{name: "all, the newest first", call: "GET " + one + "/snapshots", want: list(3, 0, 100, snap(2, "master"), snap(1, "master"), snap(0, "master"))},
			step{name: "a page", call: "GET " + one + "/snapshots?skip=1&limit=1", want: list(3, 1, 1, snap(1, "master"))},
			step{name: "behind the last", call: "GET " + one + "/snapshots?skip=9", want: list(3, 9, 100)},
			step{name: "the oldest first", call: "GET " + one + "/snapshots?order=sys.createdAt&limit=2", want: list(3, 0, 2, snap(0, "master"), snap(1, "master"))},
			step{name: "one", call: "GET " + one + "/snapshots/{s1}", want: snap(1, "master")},
			step{name: "selected, at any depth", call: "GET " + one + "/snapshots?limit=1&select=sys.id,snapshot.fields.title.en-US,snapshot.sys.version,snapshot.fields.none,sys.id.x",
				want: list(3, 0, 1, `{"sys":{"id":"{s2}"},"snapshot":{"fields":{"title":{"en-US":"t2"}},"sys":{"version":7}}}`)},
			step{name: "as the SDK selects", call: "GET " + one + "/snapshots?limit=1&select=snapshot.fields,sys,snapshot.fields.title",
				want: list(3, 0, 1, strings.SplitN(snap(2, "master"), `,"snapshot":`, 2)[0]+`,"snapshot":{"fields":{"title":{"en-US":"t2"}}}}`)},
			step{name: "unknown", call: "GET " + one + "/snapshots/9.9", status: 404, want: lacking("Snapshot", "9.9")},
			step{name: "of no entry", call: "GET " + content + "/entries/two/snapshots", status: 404, want: lacking("Entry", "two")},
			step{name: "one of no entry", call: "GET " + content + "/entries/two/snapshots/{s1}", status: 404, want: lacking("Entry", "two")},
			problem("GET "+one+"/snapshots?limit=1001&skip=-1", `The value provided for "limit" is invalid. Please provide a value between 0 and 1000`,
				`{"name":"value","path":["limit"],"value":"1001","details":"The value provided for \"limit\" is invalid. Please provide a value between 0 and 1000"}`,
				`{"name":"value","path":["skip"],"value":"-1","details":"The value provided for \"skip\" is invalid. Please provide a value larger than or equal to 0"}`),
			problem("GET "+one+"/snapshots?order=sys.version&select=fields.title&page=2", "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.",
				`{"name":"unknown","path":["page"],"details":"The path \"page\" is not recognized"}`,
				`{"name":"unknown","path":["sys","version"],"parameter":"order","details":"The path \"sys.version\" is not recognized"}`,
				`{"name":"unknown","path":["fields","title"],"parameter":"select","details":"The path \"fields.title\" is not recognized"}`),

			step{name: "of the content type", call: "GET " + postType + "/snapshots", find: map[string]string{"ts": "items.0.sys.id"}},
			step{name: "whole", call: "GET " + postType + "/snapshots/{ts}", want: snapshotJSON("{ts}", "ContentType", "master", typeAt, whole)},
			step{name: "in the list", call: "GET " + postType + "/snapshots", want: list(1, 0, 100, snapshotJSON("{ts}", "ContentType", "master", typeAt, whole))},
			step{name: "unknown type", call: "GET " + content + "/content_types/none/snapshots", status: 404, want: lacking("ContentType", "none")},
			step{name: "unknown of a type", call: "GET " + postType + "/snapshots/{s1}", status: 404, want: lacking("Snapshot", "{s1}")},

			step{name: "a copy", call: "PUT /spaces/{s}/environments/copy", body: `{}`, status: 201, find: map[string]string{"x": "name"}},
			step{name: "the copy has them", call: "GET /spaces/{s}/environments/copy/entries/one/snapshots", want: list(3, 0, 100, snap(2, "copy"), snap(1, "copy"), snap(0, "copy"))},
			step{name: "under the same ids", call: "GET /spaces/{s}/environments/copy/entries/one/snapshots/{s0}", want: snap(0, "copy")},
			step{name: "published there", call: "PUT /spaces/{s}/environments/copy/entries/one/published", header: version(7), find: map[string]string{"x": "sys.id"}},
			step{name: "which the original does not have", call: "GET " + one + "/snapshots?limit=0", want: list(3, 0, 0)},
			step{name: "but the copy", call: "GET /spaces/{s}/environments/copy/entries/one/snapshots?limit=0", want: list(4, 0, 0)},
		)
	})
}

func TestHistory(t *testing.T) {
	onBoth(t, func(sc *script) {
		const one, hist = content + "/entries/one", history + "/entries/one"
		sc.post()
		sc.play(
			step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}},
			step{name: "tag", call: "PUT " + content + "/tags/news", body: `{"name":"News"}`, status: 201, find: map[string]string{"x": "sys.id"}},
		)
		l := sc.entry("one", `{"title":{"en-US":"a","de":"b"}}`).withGerman()
		tagged := `"metadata":{"tags":[` + linkJSON("Tag", "news") + `],"concepts":[]},`
		first, firstAt := l.show(), sc.names["ms"]
		sc.play(step{name: "1", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a","de":"b"}}}`, status: 201, want: first})
		sc.tick(time.Minute)
		second := l.saved(tagged + `"fields":{"title":{"en-US":"A"},"body":{"en-US":"text"}}`).show()
		secondAt := sc.names["ms"]
		sc.play(step{name: "2", call: "PUT " + one, header: version(1), body: `{` + tagged + `"fields":{"title":{"en-US":"A"},"body":{"en-US":"text"}}}`, want: second})
		sc.tick(time.Minute)
		third, thirdAt := l.publish().show(), sc.names["ms"]
		v1, v2, v3 := pastSys("Entry", "one", 1, "create", firstAt), pastSys("Entry", "one", 2, "save", secondAt), pastSys("Entry", "one", 3, "publish", thirdAt)
		difference := func(op, path, values string) string { return `{"op":"` + op + `","path":` + path + `,` + values + `}` }
		sc.play(
			step{name: "3", call: "PUT " + one + "/published", header: version(2), want: third},
			step{name: "all", call: "GET " + hist, want: tokenPage(100, past("Entry", "one", 3, "publish", thirdAt, ""), past("Entry", "one", 2, "save", secondAt, ""), past("Entry", "one", 1, "create", firstAt, ""))},
			step{name: "the first, whole", call: "GET " + hist + "/1", want: past("Entry", "one", 1, "create", firstAt, first)},
			step{name: "the second", call: "GET " + hist + "/2", want: past("Entry", "one", 2, "save", secondAt, second)},
			step{name: "the present one", call: "GET " + hist + "/3", want: past("Entry", "one", 3, "publish", thirdAt, third)},
			step{name: "compared with the newest", call: "GET " + hist + "/compare?from=1", want: compared(v1, v3,
				difference("replace", `["fields","title","en-US"]`, `"from":"a","to":"A"`), difference("remove", `["fields","title","de"]`, `"from":"b"`),
				difference("add", `["fields","body","en-US"]`, `"to":"text"`),
				difference("replace", `["metadata","tags"]`, `"from":[],"to":[`+linkJSON("Tag", "news")+`]`))},
			step{name: "backwards", call: "GET " + hist + "/compare?from=2&to=1", want: compared(v2, v1,
				difference("replace", `["fields","title","en-US"]`, `"from":"A","to":"a"`), difference("add", `["fields","title","de"]`, `"to":"b"`),
				difference("remove", `["fields","body","en-US"]`, `"from":"text"`),
				difference("replace", `["metadata","tags"]`, `"from":[`+linkJSON("Tag", "news")+`],"to":[]`))},
			step{name: "what publishing changed", call: "GET " + hist + "/compare?from=2&to=3", want: compared(v2, v3)},

			step{name: "a part of it", call: "POST " + hist + "/1/restore", header: version(3), body: `{"fields":{"title":["de"],"body":["*"]}}`,
				want: l.saved(tagged + `"fields":{"title":{"en-US":"A","de":"b"}}`).show()},
			step{name: "metadata alone", call: "POST " + hist + "/1/restore", header: version(4), body: `{"metadata":true}`,
				want: l.saved(none + `"fields":{"title":{"en-US":"A","de":"b"}}`).show()},
			step{name: "all of it", call: "POST " + hist + "/1/restore", header: version(5), want: l.saved(none + `"fields":{"title":{"en-US":"a","de":"b"}}`).show()},
			step{name: "unknown parts", call: "POST " + hist + "/1/restore", header: version(6), body: `{"fields":{"titel":["de"],"title":["fr"]}}`, status: 422, want: problems("InvalidEntry",
				`{"name":"unknown","path":["fields","titel"],"value":["de"],"details":"Neither this version nor the present one has a value for the field \"titel\"."}`,
				`{"name":"unknown","path":["fields","title",0],"value":"fr","details":"There is no locale \"fr\"."}`)},
			step{name: "unknown key", call: "POST " + hist + "/1/restore", header: version(6), body: `{"field":{}}`, status: 400, want: failure("UnknownKey", "The body you sent contains an unknown key.",
				`{"keys":["field"],"errors":[{"name":"unknown","path":["field"],"value":{},"details":"The property \"field\" is not allowed here.","suggestions":["fields"]}]}`)},
			step{name: "without a version", call: "POST " + hist + "/1/restore", status: 409, want: noVersion("Entry", "one", 6)},
			step{name: "with an old one", call: "POST " + hist + "/1/restore", header: version(5), status: 409, want: with("changed", `["title"]`, tooOld("Entry", "one", 6, 5))},
			step{name: "no such version", call: "POST " + hist + "/77/restore", header: version(6), status: 404, want: lacking("Version", "77")},
			step{name: "nor to read", call: "GET " + hist + "/0", status: 404, want: lacking("Version", "0")},
			step{name: "nor by name", call: "GET " + hist + "/first", status: 404, want: lacking("Version", "first")},
			step{name: "nor to compare", call: "GET " + hist + "/compare?from=1&to=77", status: 404, want: lacking("Version", "77")},
			step{name: "of no entry", call: "GET " + history + "/entries/two", status: 404, want: lacking("Entry", "two")},
			step{name: "version of no entry", call: "GET " + history + "/entries/two/1", status: 404, want: lacking("Entry", "two")},
			step{name: "comparison of no entry", call: "GET " + history + "/entries/two/compare?from=1", status: 404, want: lacking("Entry", "two")},
			step{name: "restoration of no entry", call: "POST " + history + "/entries/two/1/restore", header: version(1), status: 404, want: lacking("Entry", "two")},
			step{name: "compared with what", call: "GET " + hist + "/compare?to=x", status: 400, want: invalidQuery("",
				`{"name":"value","path":["from"],"value":"","details":"Please provide the number of a version."},{"name":"value","path":["to"],"value":"x","details":"Please provide the number of a version."}`)},

			step{name: "a page", call: "GET " + hist + "?limit=2", find: map[string]string{"next": "pages.next"}},
			step{name: "the next one", call: "GET {next}", find: map[string]string{"last": "pages.next"}},
			step{name: "the last one", call: "GET {last}", want: tokenPage(2, past("Entry", "one", 2, "save", secondAt, ""), past("Entry", "one", 1, "create", firstAt, ""))},
			step{name: "no page", call: "GET " + hist + "?pageNext=1.x.0&limit=0", status: 400, want: invalidQuery("",
				`{"name":"value","path":["limit"],"value":"0","details":"The value provided for \"limit\" is invalid. Please provide a value between 1 and 1000"},
				 {"name":"value","path":["pageNext"],"value":"1.x.0","details":"This is no token of a page."}`)},

			step{name: "unpublish", call: "DELETE " + one + "/published", want: l.unpublish().show()},
			step{name: "archive", call: "PUT " + one + "/archived", want: l.archive().show()},
			step{name: "archived then", call: "GET " + hist + "/8", want: past("Entry", "one", 8, "archive", thirdAt, l.show())},
			step{name: "what is archived is not edited", call: "POST " + hist + "/1/restore", header: version(8), status: 400, want: badRequest("Cannot edit archived")},
			step{name: "as before", call: "GET " + hist + "/1", want: past("Entry", "one", 1, "create", firstAt, first)},
		)
	})
}

// TestHistoryAfterTheModelChanged: what still exists has its present name, what is
// gone the one it had.
func TestHistoryAfterTheModelChanged(t *testing.T) {
	onBoth(t, func(sc *script) {
		const hist = history + "/entries/one"
		field := func(id, more string) string { return `{"id":"` + id + `","name":"N","type":"Symbol"` + more + `}` }
		model := func(fields ...string) string { return `{"name":"Post","fields":[` + strings.Join(fields, ",") + `]}` }
		sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}})
		sc.activate("post", model(field("a", `,"localized":true`), field("b", "")))
		sc.make("one", `{"a":{"en-US":"1","de":"2"},"b":{"en-US":"3"}}`)
		sc.activate("post", model(field("a", `,"localized":true,"newId":"c"`), field("b", `,"omitted":true`)))
		sc.activate("post", model(field("c", `,"localized":true`)))
		sc.play(
			step{name: "de goes", call: "DELETE " + content + "/locales/{de}", status: 204},
			step{name: "save", call: "PUT " + content + "/entries/one", header: version(1), body: `{"fields":{"c":{"en-US":"4"}}}`, find: map[string]string{"x": "sys.id"}},
		)
		fieldsOf := func(path string) string {
			body := sc.do("GET "+path, nil, "").Body.String()
			_, fields, _ := strings.Cut(body, `"fields":`)
			return strings.TrimSuffix(fields, "}}")
		}
		if got, want := fieldsOf(hist+"/1"), `{"c":{"en-US":"1","de":"2"},"b":{"en-US":"3"}}`; got != want {
			sc.t.Errorf("version 1 has %s, want %s", got, want)
		}
		sc.play(
			step{name: "all of it cannot be had", call: "POST " + hist + "/1/restore", header: version(2), status: 422,
				want: failure("UnknownField", `No field with id "b" found.`, `{"errors":[{"name":"unknown","path":["fields","b"],"value":{"en-US":"3"},"details":"The property \"b\" is not allowed here."}]}`)},
			step{name: "what can", call: "POST " + hist + "/1/restore", header: version(2), body: `{"fields":{"c":["en-US"]}}`, find: map[string]string{"x": "sys.id"}},
		)
		if got, want := fieldsOf(content+"/entries/one")+"}", `{"c":{"en-US":"1"}}`; got != want {
			sc.t.Errorf("restored %s, want %s", got, want)
		}
	})
}

func TestHistoryOfContentTypes(t *testing.T) {
	onBoth(t, func(sc *script) {
		const hist = history + "/content_types/post"
		put := func(v int, body string) string {
			w := sc.do("PUT "+postType, version(v), body)
			if w.Code >= 300 {
				sc.t.Fatal(w.Body)
			}
			return w.Body.String()
		}
		at := sc.names["ms"]
		first := put(0, `{"name":"Post","displayField":"a","fields":[{"id":"a","name":"A","type":"Symbol"},{"id":"b","name":"B","type":"Text"},{"id":"d","name":"D","type":"Date"}]}`)
		second := put(1, `{"name":"Posts","displayField":"c","fields":[{"id":"b","name":"B","type":"Text","required":true},{"id":"a","newId":"c","name":"A","type":"Symbol"},{"id":"e","name":"E","type":"Date"}]}`)
		v1, v2 := pastSys("ContentType", "post", 1, "create", at), pastSys("ContentType", "post", 2, "save", at)
		date := func(id, name string) string {
			return `{"id":"` + id + `","name":"` + name + `","type":"Date","localized":false,"required":false,"disabled":false,"omitted":false,"validations":[]}`
		}
		sc.play(
			step{name: "first", call: "GET " + hist + "/1", want: past("ContentType", "post", 1, "create", at, first)},
			step{name: "second", call: "GET " + hist + "/2", want: past("ContentType", "post", 2, "save", at, second)},
			step{name: "compare", call: "GET " + hist + "/compare?from=1", want: compared(v1, v2,
				`{"op":"replace","path":["name"],"from":"Post","to":"Posts"}`,
				`{"op":"replace","path":["displayField"],"from":"a","to":"c"}`,
				`{"op":"replace","path":["fields","b","required"],"from":false,"to":true}`,
				`{"op":"replace","path":["fields","c","id"],"from":"a","to":"c"}`,
				`{"op":"add","path":["fields","e"],"to":`+date("e", "E")+`}`,
				`{"op":"remove","path":["fields","d"],"from":`+date("d", "D")+`}`,
				`{"op":"move","path":["fields"],"from":["a","b","d"],"to":["b","c","e"]}`)},
			step{name: "a part", call: "POST " + hist + "/1/restore", header: version(2), body: `{"fields":{}}`, status: 400, want: badRequest("A content type is restored whole. Leave out the body.")},
			step{name: "old version", call: "POST " + hist + "/1/restore", header: version(1), status: 409, want: tooOld("ContentType", "post", 2, 1)},
			step{name: "no such version", call: "POST " + hist + "/9/restore", header: version(2), status: 404, want: lacking("Version", "9")},
			step{name: "no such type", call: "POST " + history + "/content_types/none/1/restore", header: version(2), status: 404, want: lacking("ContentType", "none")},
		)
		w := sc.do("POST "+hist+"/1/restore", version(2), "")
		sc.same("restored", strings.Replace(first, `"version":1`, `"version":3`, 1), w.Body.String())
		// c is a again, and has kept its values: its key is the same
		sc.play(step{name: "what differs from the first", call: "GET " + hist + "/compare?from=1", want: compared(v1, pastSys("ContentType", "post", 3, "save", at),
			`{"op":"add","path":["fields","d"],"to":`+date("d", "D")+`}`, `{"op":"remove","path":["fields","d"],"from":`+date("d", "D")+`}`)})
	})
}

// TestHistoryHasEveryAcknowledgedVersion: of many writers at once each one that was
// told of a version finds it in the history, once, with what it sent.
func TestHistoryHasEveryAcknowledgedVersion(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.post()
		const entries, each = 3, 40
		for e := range entries {
			sc.make(fmt.Sprint("e", e), `{}`)
		}
		acked := make([]map[int]string, entries)
		for e := range entries {
			acked[e] = map[int]string{1: `{}`}
		}
		var mu sync.Mutex
		sc.atOnce(entries*each, func(i int) *httptest.ResponseRecorder {
			e, fields := i%entries, fmt.Sprintf(`{"title":{"en-US":"%d"}}`, i)
			for v := 1; ; {
				w := sc.do(fmt.Sprint("PUT ", content, "/entries/e", e), version(v), `{"fields":`+fields+`}`)
				var body struct {
					Sys     struct{ Version int }
					Current struct{ Version int }
				}
				if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
					t.Error(err)
					return w
				}
				if w.Code == http.StatusConflict {
					v = body.Current.Version
					continue
				}
				if w.Code != http.StatusOK {
					t.Errorf("%d %s", w.Code, w.Body)
					return w
				}
				mu.Lock()
				defer mu.Unlock()
				if other, twice := acked[e][body.Sys.Version]; twice {
					t.Errorf("version %d of e%d was acknowledged for %s and %s", body.Sys.Version, e, other, fields)
				}
				acked[e][body.Sys.Version] = fields
				return w
			}
		})
		for e := range entries {
			var page struct {
				Items []struct{ Sys struct{ Version int } }
			}
			path := fmt.Sprint(history, "/entries/e", e)
			if err := json.Unmarshal(sc.do("GET "+path+"?limit=1000", nil, "").Body.Bytes(), &page); err != nil {
				t.Fatal(err)
			}
			if len(page.Items) != len(acked[e]) || len(page.Items) != each+1 {
				t.Fatalf("e%d: %d versions in the history, %d were acknowledged", e, len(page.Items), len(acked[e]))
			}
			for i, item := range page.Items {
				v := item.Sys.Version
				if v != each+1-i {
					t.Errorf("e%d: version %d stands at %d", e, v, i)
				}
				if w := sc.do(fmt.Sprint("GET ", path, "/", v), nil, ""); !strings.Contains(w.Body.String(), `"fields":`+acked[e][v]) {
					t.Errorf("version %d of e%d is %s, want %s", v, e, w.Body, acked[e][v])
				}
			}
		}
	})
}

// TestHistoryStatements: what a read of the past costs follows from what it answers,
// not from how much else has happened, and a page is read together.
func TestHistoryStatements(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.post()
		sc.make("one", `{"title":{"en-US":"a"}}`)
		const publications = 20
		for i := range publications {
			for _, w := range []*httptest.ResponseRecorder{
				sc.do("PUT "+content+"/entries/one", version(2*i+1), fmt.Sprintf(`{"fields":{"title":{"en-US":"%d"}}}`, i)),
				sc.do("PUT "+content+"/entries/one/published", version(2*i+2), ""),
			} {
				if w.Code != http.StatusOK {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		}
		// with nothing in memory but the content model
		cost := func(path string) int64 {
			t.Helper()
			sc.s.Index = index.New(sc.s.Store, index.Options{})
			for _, call := range []string{"GET " + content + "/content_types", "GET " + path} {
				before := sc.s.Store.Statements()
				if w := sc.do(call, nil, ""); w.Code != http.StatusOK {
					t.Fatalf("%s: %d %s", call, w.Code, w.Body)
				} else if strings.HasSuffix(call, path) {
					return sc.s.Store.Statements() - before
				}
			}
			return 0
		}
		paths := []string{
			content + "/entries/one/snapshots?limit=1", content + "/entries/one/snapshots?limit=20",
			history + "/entries/one", history + "/entries/one/3", history + "/entries/one/compare?from=3&to=30",
		}
		var costs []int64
		for _, path := range paths {
			costs = append(costs, cost(path))
		}
		if costs[0] != costs[1] {
			t.Errorf("a snapshot costs %d statements, 20 cost %d", costs[0], costs[1])
		}
		for i := range 150 {
			sc.make(fmt.Sprint("other", i), `{}`)
		}
		for i, path := range paths {
			if now := cost(path); now != costs[i] || now > 16 {
				t.Errorf("%s costs %d statements after more has happened, %d before", path, now, costs[i])
			}
		}
	})
}
