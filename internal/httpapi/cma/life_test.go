package cma_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"
)

// life is what a test expects of an entry, asset or content type: each method
// is one thing that happens to it, show is how the API then has to answer.
type life struct {
	sc                                    *script
	kind, id                              string
	version, publishedVersion, counter    int
	archivedVersion                       int
	created, updated, published, archived string
	firstPublished                        string
	environment                           string // as addressed; "" is master
	contentType                           string
	release                               string            // "" for the entity itself
	status                                map[string]string // by locale; nil for content types
	rest                                  string            // fields and metadata, or the rest of a content type
}

// born expects a resource made now. rest is what it has beside sys.
func (sc *script) born(kind, id, rest string) *life {
	l := &life{sc: sc, kind: kind, id: id, version: 1, created: sc.names["ms"], updated: sc.names["ms"], rest: rest}
	if kind != "ContentType" {
		l.status = map[string]string{"en-US": "draft"}
	}
	return l
}

// entry expects a new entry of the content type post.
func (sc *script) entry(id, fields string) *life {
	l := sc.born("Entry", id, `"metadata":{"tags":[],"concepts":[]},"fields":`+fields)
	l.contentType = "post"
	return l
}

func (l *life) step() string {
	l.version++
	l.updated = l.sc.names["ms"]
	return l.updated
}

func (l *life) setStatus(status string) {
	for locale := range l.status {
		l.status[locale] = status
	}
}

// saved expects new content that differs in all locales.
func (l *life) saved(rest string) *life {
	l.step()
	l.rest = rest
	if l.publishedVersion > 0 {
		l.setStatus("changed")
	}
	return l
}

func (l *life) publish() *life {
	l.publishedVersion = l.version
	l.counter++
	l.published = l.step()
	if l.firstPublished == "" {
		l.firstPublished = l.published
	}
	l.setStatus("published")
	return l
}

func (l *life) unpublish() *life {
	l.step()
	l.publishedVersion, l.published = 0, ""
	l.setStatus("draft")
	return l
}

func (l *life) archive() *life {
	l.archivedVersion = l.version
	l.archived = l.step()
	return l
}

func (l *life) unarchive() *life {
	l.step()
	l.archivedVersion, l.archived = 0, ""
	return l
}

func linkJSON(linkType, id string) string {
	return `{"sys":{"type":"Link","linkType":"` + linkType + `","id":"` + id + `"}}`
}

// show is the JSON of the resource.
func (l *life) show() string {
	env := l.environment
	if env == "" {
		env = "master"
	}
	plural := map[string]string{"Entry": "entries", "Asset": "assets", "ContentType": "content_types"}[l.kind]
	user := linkJSON("User", "{user}")
	s := `{"sys":{"type":"` + l.kind + `","id":"` + l.id + `","version":` + strconv.Itoa(l.version) + `,"publishedCounter":` + strconv.Itoa(l.counter) +
		`,"space":` + linkJSON("Space", "{s}") + `,"environment":` + linkJSON("Environment", env) +
		`,"createdAt":"` + l.created + `","updatedAt":"` + l.updated + `","createdBy":` + user + `,"updatedBy":` + user +
		`,"urn":"crn:contentful:::content:spaces/{s}/environments/` + env + `/` + plural + `/` + l.id + `"`
	if l.publishedVersion > 0 {
		s += `,"publishedVersion":` + strconv.Itoa(l.publishedVersion) + `,"publishedAt":"` + l.published + `","publishedBy":` + user
	}
	if l.firstPublished != "" {
		s += `,"firstPublishedAt":"` + l.firstPublished + `"`
	}
	if l.archivedVersion > 0 {
		s += `,"archivedVersion":` + strconv.Itoa(l.archivedVersion) + `,"archivedAt":"` + l.archived + `","archivedBy":` + user
	}
	if l.kind == "Entry" {
		s += `,"contentType":` + linkJSON("ContentType", l.contentType) + `,"automationTags":[]`
	}
	if l.status != nil {
		b, _ := json.Marshal(l.status) // strings always encode
		s += `,"fieldStatus":{"*":` + string(b) + `}`
	}
	if l.release != "" {
		s += `,"release":` + linkJSON("Release", l.release)
	}
	return s + `},` + l.rest + `}`
}

// tooOld and noVersion are the answers to a write with an outdated version, and
// to one without.
func tooOld(kind, id string, has, sent int) string {
	return failure("VersionMismatch", kind+" "+id+" is at version "+strconv.Itoa(has)+", the request was made for version "+strconv.Itoa(sent)+
		". Read it again, apply your change to what you get, and retry.", "")
}

func noVersion(kind, id string, has int) string {
	return failure("VersionMismatch", kind+" "+id+" is at version "+strconv.Itoa(has)+
		`. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, "")
}

func badRequest(message string) string { return failure("BadRequest", message, "") }

// lacking is the answer to a request for a resource that is not there.
func lacking(kind, id string) string {
	return failure("NotFound", notFound, `{"type":"`+kind+`","id":"`+id+`","environment":"master","space":"{s}"}`)
}

const (
	content    = "/spaces/{s}/environments/master"
	contentOf  = "X-Contentful-Content-Type: post"
	postFields = `{"id":"title","name":"Title","type":"Symbol","localized":true,"required":true},{"id":"body","name":"Body","type":"Text"}`
	noSuchType = "The content type you sent could not be found or was not activated."
)

// activate makes or changes a content type and activates it.
func (sc *script) activate(id, body string) {
	sc.t.Helper()
	w := sc.do("GET "+content+"/content_types/"+id, nil, "")
	v := 0
	if w.Code == 200 {
		v = versionOf(sc.t, w.Body.String())
	}
	sc.play(
		step{name: "content type " + id, call: "PUT " + content + "/content_types/" + id, header: version(v), body: body, status: map[bool]int{true: 201, false: 200}[v == 0], find: map[string]string{"x": "sys.id"}},
		step{name: "activate " + id, call: "PUT " + content + "/content_types/" + id + "/published", header: version(v + 1), find: map[string]string{"x": "sys.id"}},
	)
}

// post is the content type of most tests.
func (sc *script) post() {
	sc.t.Helper()
	sc.activate("post", `{"name":"Post","displayField":"title","fields":[`+postFields+`]}`)
}

func versionOf(t *testing.T, body string) int {
	t.Helper()
	sys, _ := decoded(t, body).(map[string]any)["sys"].(map[string]any)
	v, ok := sys["version"].(float64)
	if !ok {
		t.Fatalf("no version in %s", body)
	}
	return int(v)
}

// states brings a new entity into each state of the state machine.
var states = []struct {
	name string
	path func(l *life) []move
}{
	{"draft", func(*life) []move { return nil }},
	{"published", func(*life) []move { return []move{{"publish", "PUT", "/published"}} }},
	{"changed", func(*life) []move { return []move{{"publish", "PUT", "/published"}, {"save", "PUT", ""}} }},
	{"archived", func(*life) []move { return []move{{"archive", "PUT", "/archived"}} }},
}

// move is a transition of the state machine.
type move struct{ name, method, path string }

var moves = []move{
	{"save", "PUT", ""}, {"publish", "PUT", "/published"}, {"unpublish", "DELETE", "/published"},
	{"archive", "PUT", "/archived"}, {"unarchive", "DELETE", "/archived"}, {"delete", "DELETE", ""},
}

// refused is what each transition says from the states it is not made from.
var refused = map[string]string{
	"save from archived":       "Cannot edit archived",
	"publish from archived":    "Cannot publish archived",
	"unpublish from draft":     "Not published",
	"unpublish from archived":  "Not published",
	"archive from published":   "Cannot archive published",
	"archive from changed":     "Cannot archive published",
	"archive from archived":    "Already archived",
	"unarchive from draft":     "Not archived",
	"unarchive from published": "Not archived",
	"unarchive from changed":   "Not archived",
	"delete from published":    "Cannot delete published",
	"delete from changed":      "Cannot delete published",
}

// TestStateMachine makes every transition of entries and assets from every
// state, with what the API says of it afterwards.
func TestStateMachine(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		bodies := map[string][2]string{
			"Entry": {`{"title":{"en-US":"one"}}`, `{"title":{"en-US":"two"}}`},
			"Asset": {`{"title":{"en-US":"one"},"file":{"en-US":FILE}}`, `{"title":{"en-US":"two"},"file":{"en-US":FILE}}`},
		}
		for kind, plural := range map[string]string{"Entry": "entries", "Asset": "assets"} {
			for _, state := range states {
				for _, m := range moves {
					id := "x-" + state.name + "-" + m.name
					sc.transition(kind, content+"/"+plural+"/"+id, id, state.name, append(state.path(nil), m), bodies[kind])
				}
			}
		}
	})
}

// transition makes an entity and moves it; only the last move may be refused.
func (sc *script) transition(kind, path, id, state string, path2 []move, fields [2]string) {
	sc.t.Helper()
	for i := range fields {
		fields[i] = replaceFile(fields[i], id)
	}
	const metadata = `"metadata":{"tags":[],"concepts":[]},"fields":`
	l := sc.born(kind, id, metadata+fields[0])
	l.contentType = "post"
	header := append(version(0), contentOf)
	sc.play(step{name: "create " + id, call: "PUT " + path, header: header, body: `{"fields":` + fields[0] + `}`, status: 201, want: l.show()})
	for i, m := range path2 {
		sc.tick(time.Second)
		st := step{name: m.name + " from " + state, call: m.method + " " + path + m.path, header: version(l.version)}
		if m.name == "save" {
			st.body = `{"fields":` + fields[1] + `}`
		}
		if message, no := refused[st.name]; no && i == len(path2)-1 {
			st.status, st.want = 400, badRequest(message)
		} else {
			switch m.name {
			case "save":
				l.saved(metadata + fields[1])
			case "publish":
				l.publish()
			case "unpublish":
				l.unpublish()
			case "archive":
				l.archive()
			case "unarchive":
				l.unarchive()
			case "delete":
				st.status = 204
				sc.play(st, step{name: "gone", call: "GET " + path, status: 404, want: lacking(kind, id)},
					step{name: "deleted twice", call: "DELETE " + path, status: 404, want: lacking(kind, id)})
				return
			}
			st.want = l.show()
		}
		sc.play(st, step{name: "as it is after " + st.name, call: "GET " + path, want: l.show()})
	}
}

// replaceFile puts a processed file of an asset in the place of FILE.
func replaceFile(fields, id string) string {
	return strings.ReplaceAll(fields, "FILE", processedFile(id))
}

// processedFile is a file of an asset as the API shows it.
func processedFile(id string) string {
	return `{"contentType":"image/png","fileName":"a.png","url":"//example.com/files/{s}/` + id + `/0123456789abcdef0123456789abcdef/a.png","details":{"size":1}}`
}
