package cma_test

import (
	"strconv"
	"testing"
)

// TestVersionHeader plays the table of what each call does with the version
// header: without one, with wrong ones, and with the right one.
func TestVersionHeader(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		const metadata = `"metadata":{"tags":[],"concepts":[]},`
		for _, r := range []struct {
			kind, plural, body, rest string
			create                   []string
		}{
			{"Entry", "entries", `{"fields":{"title":{"en-US":"a"}}}`, metadata + `"fields":{"title":{"en-US":"a"}}`, []string{contentOf}},
			{"Asset", "assets", `{"fields":{"file":{"en-US":` + processedFile("one") + `}}}`, metadata + `"fields":{"file":{"en-US":` + processedFile("one") + `}}`, nil},
			{"ContentType", "content_types", `{"name":"One"}`, `"name":"One","description":null,"displayField":null,"fields":[]`, nil},
		} {
			sc.versionHeader(r.kind, content+"/"+r.plural+"/", r.body, r.rest, r.create)
		}
	})
}

func (sc *script) versionHeader(kind, path, body, rest string, create []string) {
	sc.t.Helper()
	for _, v := range []int{0, 1, 7, -1, 999} { // any value creates
		id := "new" + strconv.Itoa(v+1)
		l := sc.born(kind, id, rest)
		l.contentType = "post"
		sc.play(step{name: "create with " + strconv.Itoa(v), call: "PUT " + path + id, header: append(version(v), create...), body: body, status: 201, want: l.show()})
	}
	l := sc.born(kind, "one", rest)
	l.contentType = "post"
	sc.play(step{name: "create without", call: "PUT " + path + "one", header: create, body: body, status: 201, want: l.show()})

	if kind == "Entry" {
		need := badRequest("You should provide a content type in X-Contentful-Content-Type request header.")
		sc.play(
			step{name: "no content type", call: "PUT " + path + "none", body: body, status: 400, want: need},
			step{name: "no content type, with a version", call: "PUT " + path + "none", header: version(1), body: body, status: 400, want: need},
			step{name: "no content type, POST", call: "POST " + path, body: body, status: 400, want: need},
			step{name: "unknown content type", call: "PUT " + path + "none", header: []string{"X-Contentful-Content-Type: nope"}, body: body, status: 400, want: badRequest(noSuchType)},
			step{name: "nothing was made", call: "GET " + path + "none", status: 404, want: lacking("Entry", "none")},
			step{name: "both headers, no version", call: "PUT " + path + "one", header: create, body: body, status: 409, want: noVersion(kind, "one", 1)},
			step{name: "both headers", call: "PUT " + path + "one", header: append(version(1), "X-Contentful-Content-Type: ignored"), body: body, want: l.saved(rest).show()},
		)
	}
	versioned := func(name, call, body string, more ...string) {
		sc.t.Helper()
		refused := func(v string, want string) step {
			return step{name: name + " with " + v, call: call, header: append([]string{"X-Contentful-Version: " + v}, more...), body: body, status: 409, want: want}
		}
		before := tooOld(kind, "one", l.version, l.version-1)
		if kind != "ContentType" && l.version > 1 {
			before = with("changed", "[]", before)
		}
		sc.play(
			step{name: name + " without", call: call, header: more, body: body, status: 409, want: noVersion(kind, "one", l.version)},
			refused("", noVersion(kind, "one", l.version)),
			refused("0", tooOld(kind, "one", l.version, 0)),
			refused("-1", tooOld(kind, "one", l.version, -1)),
			refused("999", tooOld(kind, "one", l.version, 999)),
			refused(strconv.Itoa(l.version-1), before),
			step{name: name + " with abc", call: call, header: append([]string{"X-Contentful-Version: abc"}, more...), body: body, status: 400,
				want: badRequest(`The header "X-Contentful-Version" must be a whole number.`)},
		)
	}
	versioned("save", "PUT "+path+"one", body)
	sc.play(step{name: "save", call: "PUT " + path + "one", header: version(l.version), body: body, want: l.saved(rest).show()})
	if kind == "Entry" {
		const patch = `[{"op":"test","path":"/fields/title/en-US","value":"a"}]`
		versioned("patch", "PATCH "+path+"one", patch, "Content-Type: application/json-patch+json")
		sc.play(step{name: "patch", call: "PATCH " + path + "one", header: append(version(l.version), "Content-Type: application/json-patch+json"), body: patch, want: l.saved(rest).show()})
	}
	versioned("publish", "PUT "+path+"one/published", "")
	sc.play(
		step{name: "publish", call: "PUT " + path + "one/published", header: version(l.version), want: l.publish().show()},
		step{name: "publish again", call: "PUT " + path + "one/published", header: version(l.version), want: l.publish().show()},
		// from here on nobody asks for a version, whatever it is
		step{name: "unpublish", call: "DELETE " + path + "one/published", header: []string{"X-Contentful-Version: abc", `If-Match: "x"`}, want: l.unpublish().show()},
		step{name: "publish after unpublish", call: "PUT " + path + "one/published", header: version(l.version), want: l.publish().show()},
		step{name: "unpublish, outdated", call: "DELETE " + path + "one/published", header: version(1), want: l.unpublish().show()},
		step{name: "publish after unpublish", call: "PUT " + path + "one/published", header: version(l.version), want: l.publish().show()},
		step{name: "unpublish without", call: "DELETE " + path + "one/published", want: l.unpublish().show()},
	)
	if kind != "ContentType" {
		for _, header := range [][]string{nil, version(1), version(999)} {
			sc.play(
				step{name: "archive", call: "PUT " + path + "one/archived", header: header, want: l.archive().show()},
				step{name: "unarchive", call: "DELETE " + path + "one/archived", header: header, want: l.unarchive().show()},
			)
		}
	}
	sc.play(
		step{name: "delete without", call: "DELETE " + path + "one", status: 204},
		step{name: "delete with an old one", call: "DELETE " + path + "new0", header: version(0), status: 204},
		step{name: "delete with the right one", call: "DELETE " + path + "new1", header: version(1), status: 204},
	)
	for _, m := range moves {
		if kind == "ContentType" && (m.path == "/archived" || m.name == "save") || m.name == "save" {
			continue
		}
		sc.play(step{name: m.name + " of nothing", call: m.method + " " + path + "one" + m.path, header: version(1), status: 404, want: lacking(kind, "one")})
	}
}

// TestIDs looks at what can be an id.
func TestIDs(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	long := "a123456789-123456789_123456789.123456789-123456789-123456789-123"
	for _, path := range []string{"/entries/", "/assets/", "/content_types/"} {
		kind := map[string]string{"/entries/": "Entry", "/assets/": "Asset", "/content_types/": "ContentType"}[path]
		body := map[string]string{"/content_types/": `{"name":"x"}`}[path]
		for id, name := range map[string]string{long: long, ".": ".", "..": "..", "%2e%2e": "..", "-_.": "-_.", "0": "0"} {
			sc.play(
				step{name: "make " + id, call: "PUT " + content + path + id, header: []string{contentOf}, body: body, status: 201, find: map[string]string{"made": "sys.id"}},
				step{name: "get " + id, call: "GET " + content + path + id, find: map[string]string{"got": "sys.id"}},
				step{name: "list " + id, call: "GET " + content + path[:len(path)-1] + "?sys.id[in]=" + name, find: map[string]string{"listed": "items.0.sys.id"}},
				step{name: "delete " + id, call: "DELETE " + content + path + id, status: 204},
			)
			if sc.names["made"] != name || sc.names["got"] != name || sc.names["listed"] != name {
				t.Errorf("%s%s: made %q, got %q, listed %q", path, id, sc.names["made"], sc.names["got"], sc.names["listed"])
			}
		}
		for _, id := range []string{long + "4", "a%2Fb", "a%20b", "%C3%A4", "a%00", "a:b", "*"} {
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				w := sc.do(method+" "+content+path+id, []string{contentOf}, body)
				if w.Code != 404 {
					t.Errorf("%s %s%s: status %d: %s", method, path, id, w.Code, w.Body)
				}
			}
		}
		sc.play(step{name: "generated", call: "POST " + content + path[:len(path)-1], header: []string{contentOf}, body: body, status: 201, find: map[string]string{"id": "sys.id", "type": "sys.type"}})
		if len(sc.names["id"]) != 22 || sc.names["type"] != kind {
			t.Errorf("made %s %q", sc.names["type"], sc.names["id"])
		}
	}
}
