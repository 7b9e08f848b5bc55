package cma_test

import (
	"strings"
	"testing"
	"time"
)

const (
	comments   = content + "/entries/a/comments"
	asRichText = "X-Contentful-Comment-Body-Format: rich-text"
)

// paragraph is a paragraph of a comment; text and mention are what stands in one.
func paragraph(inside ...string) string {
	return `{"nodeType":"paragraph","data":{},"content":[` + strings.Join(inside, ",") + `]}`
}

func textNode(s string) string {
	return `{"nodeType":"text","data":{},"value":"` + s + `","marks":[]}`
}

func mentionNode(user, name string) string {
	return `{"nodeType":"mention","data":{"target":` + linkJSON("User", user) + `},"content":[` + textNode(name) + `]}`
}

func documentOf(paragraphs ...string) string {
	return `{"nodeType":"document","data":{},"content":[` + strings.Join(paragraphs, ",") + `]}`
}

func commentBody(body, status string) string { return `"body":` + body + `,"status":"` + status + `"` }

// onEntry are the members of the sys of a comment on the entry a.
func onEntry(ref, parent string) string {
	if ref != "" {
		ref = `,"ref":"` + ref + `"`
	}
	answered := "null"
	if parent != "" {
		answered = linkJSON("Comment", parent)
	}
	return `,"parentEntity":{"sys":{"type":"Link","linkType":"Entry","id":"a"` + ref + `}},"parent":` + answered
}

func TestComment(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		sc.join("zoe")
		sc.make("a", `{"title":{"en-US":"a"}}`)
		first := sc.part("Comment", "{c}", onEntry("fields.title.en-US", ""), commentBody(`"Too\nshort"`, "active"))
		sc.play(
			step{name: "none", call: "GET " + comments, want: list(0, 0, 100)},
			step{name: "create", call: "POST " + comments, header: []string{"X-Contentful-Parent-Entity-Reference: fields.title.en-US"}, body: `{"body":"Too\nshort"}`, status: 201,
				find: map[string]string{"c": "sys.id"}, want: first.show()},
			step{name: "get", call: "GET " + comments + "/{c}", want: first.show()},
		)
		plain := first.rest
		first.rest = commentBody(documentOf(paragraph(textNode("Too")), paragraph(textNode("short"))), "active")
		sc.play(step{name: "as rich text", call: "GET " + comments + "/{c}", header: []string{asRichText}, want: first.show()})
		first.rest = plain
		sc.tick(time.Minute)
		rich := documentOf(paragraph(textNode("What do "), mentionNode("zoe", "@zoe"), textNode(" think?")), paragraph(textNode("Hm")))
		answer := sc.part("Comment", "{r}", onEntry("", "{c}"), commentBody(rich, "active"))
		sc.play(step{name: "answer", call: "POST " + comments, header: []string{asRichText, "X-Contentful-Parent-Id: {c}"}, body: `{"body":` + rich + `}`, status: 201, find: map[string]string{"r": "sys.id"}, want: answer.show()})
		answer.rest = commentBody(`"What do @zoe think?\nHm"`, "active")
		sc.play(
			step{name: "as plain text", call: "GET " + comments + "/{r}", header: []string{"X-Contentful-Comment-Body-Format: plain-text"}, want: answer.show()},
			step{name: "both", call: "GET " + comments, want: list(2, 0, 100, first.show(), answer.show())},
			step{name: "somebody else changes the text", call: "PUT " + comments + "/{c}", header: as("zoe", 1), body: `{"body":"No"}`, status: 403,
				want: failure("AccessDenied", "Forbidden", `{"reasons":"Only who made it and administrators may change the text of a comment."}`)},
			step{name: "somebody else deletes it", call: "DELETE " + comments + "/{c}", header: as("zoe", 1), status: 403,
				want: failure("AccessDenied", "Forbidden", `{"reasons":"Only who made it and administrators may delete a comment."}`)},
			step{name: "everybody resolves", call: "PUT " + comments + "/{c}", header: as("zoe", 1), body: `{` + commentBody(`"Too\nshort"`, "resolved") + `}`,
				want: first.saved("zoe", commentBody(`"Too\nshort"`, "resolved")).show()},
			step{name: "the resolved ones", call: "GET " + comments + "?status=resolved", want: list(1, 0, 100, first.show())},
			step{name: "the active ones", call: "GET " + comments + "?status=active", want: list(1, 0, 100, answer.show())},
			step{name: "another text", call: "PUT " + comments + "/{c}", header: version(2), body: `{"body":"Longer!"}`, want: first.saved("{user}", commentBody(`"Longer!"`, "resolved")).show()},
			step{name: "an old version", call: "PUT " + comments + "/{c}", header: version(2), body: `{"body":"Longer!"}`, status: 409, want: tooOld("Comment", "{c}", 3, 2)},
			step{name: "no version", call: "DELETE " + comments + "/{c}", status: 409, want: noVersion("Comment", "{c}", 3)},
		)
		sc.play(
			step{name: "an answer to the answer", call: "POST " + comments, header: []string{"X-Contentful-Parent-Id: {r}"}, body: `{"body":"Yes"}`, status: 201, find: map[string]string{"r2": "sys.id"}},
			step{name: "another thread", call: "POST " + comments, body: `{"body":"Else"}`, status: 201, find: map[string]string{"c2": "sys.id"}},
			step{name: "on the type", call: "POST " + content + "/content_types/post/comments", header: []string{"X-Contentful-Parent-Entity-Reference: fields.title"}, body: `{"body":"Why?"}`, status: 201, find: map[string]string{"ct": "sys.id"}},
			step{name: "a copy has none", call: "PUT /spaces/{s}/environments/copy", body: `{"name":"copy"}`, status: 201, find: map[string]string{"copy": "sys.id"}},
			step{name: "none", call: "GET /spaces/{s}/environments/copy/entries/a/comments", want: list(0, 0, 100)},
			step{name: "delete the thread", call: "DELETE " + comments + "/{c}", header: version(3), status: 204},
			step{name: "with its answers", call: "GET " + comments + "/{r2}", status: 404, want: lacking("Comment", "{r2}")},
			step{name: "the other is left", call: "GET " + comments, want: list(1, 0, 100, sc.part("Comment", "{c2}", onEntry("", ""), commentBody(`"Else"`, "active")).show())},
			step{name: "an answer to nothing", call: "POST " + comments, header: []string{"X-Contentful-Parent-Id: {c}"}, body: `{"body":"No"}`, status: 404, want: lacking("Comment", "{c}")},
		)
		onType := sc.part("Comment", "{ct}", strings.Replace(onEntry("fields.title", ""), `"linkType":"Entry","id":"a"`, `"linkType":"ContentType","id":"post"`, 1), commentBody(`"Why?"`, "active"))
		sc.play(
			step{name: "of the type", call: "GET " + content + "/content_types/post/comments", want: list(1, 0, 100, onType.show())},
			step{name: "one of the type", call: "GET " + content + "/content_types/post/comments/{ct}", want: onType.show()},
			step{name: "change it", call: "PUT " + content + "/content_types/post/comments/{ct}", header: version(1), body: `{"body":"Why not?"}`, want: onType.saved("{user}", commentBody(`"Why not?"`, "active")).show()},
			step{name: "delete it", call: "DELETE " + content + "/content_types/post/comments/{ct}", header: version(2), status: 204},
			step{name: "delete the entry", call: "DELETE " + content + "/entries/a", status: 204},
			step{name: "with its comments", call: "GET " + comments + "/{c2}", status: 404, want: lacking("Comment", "{c2}")},
			step{name: "comments on nothing", call: "GET " + comments, status: 404, want: lacking("Entry", "a")},
			step{name: "a comment on nothing", call: "POST " + comments, body: `{"body":"No"}`, status: 404, want: lacking("Entry", "a")},
		)
	})
}

func TestCommentLimit(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{}`)
	for range 100 {
		if w := sc.do("POST "+comments, nil, `{"body":"x"}`); w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
	}
	sc.play(step{name: "one more", call: "POST " + comments, body: `{"body":"x"}`, status: 403,
		want: failure("Forbidden", "There are 100 already, which is the most there can be: of tasks of an entry, and of comments on anything.", "")})
}

func TestCommentRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	sc.make("a", `{}`)
	size := func(path, more, text string) string {
		return `{"name":"size","path":` + path + `,` + more + `,"details":"` + text + `"}`
	}
	many := make([]string, 21)
	for i := range many {
		many[i] = mentionNode("{user}", "@")
	}
	for name, c := range map[string]struct {
		rich bool
		body string
		want string
	}{
		"empty":          {false, `{}`, `{"name":"any.required","path":["body"],"details":"\"body\" is required"}`},
		"long":           {false, `{"body":"` + strings.Repeat("x", 513) + `"}`, size(`["body"]`, `"min":1,"max":512`, "Size must be at least 1 and at most 512 bytes")},
		"no text":        {false, `{"body":` + documentOf() + `}`, `{"name":"type","type":"String","path":["body"],"value":` + documentOf() + `,"details":"The type of \"body\" is incorrect, expected type: String"}`},
		"no document":    {true, `{"body":"x"}`, `{"name":"type","type":"Object","path":["body"],"value":"x","details":"The type of \"body\" is incorrect, expected type: Object"}`},
		"empty document": {true, `{"body":` + documentOf() + `}`, size(`["body"]`, `"min":1,"max":512`, "Size must be at least 1 and at most 512 bytes of text")},
		"a heading": {true, `{"body":` + documentOf(strings.Replace(paragraph(textNode("x")), "paragraph", "heading-1", 1)) + `}`,
			`{"name":"in","path":["body","content",0,"nodeType"],"value":"heading-1","expected":["paragraph"],"details":"Value must be one of expected values"}`},
		"a link inside": {true, `{"body":` + documentOf(paragraph(`{"nodeType":"hyperlink","data":{},"content":[]}`), paragraph(textNode("x"))) + `}`,
			`{"name":"in","path":["body","content",0,"content",0,"nodeType"],"value":"hyperlink","expected":["text","mention"],"details":"Value must be one of expected values"}`},
		"mentions nobody": {true, `{"body":` + documentOf(paragraph(mentionNode("nobody", "@nobody"))) + `}`,
			`{"name":"notResolvable","path":["body","content",0,"content",0,"data","target"],"link":{"type":"Link","linkType":"User","id":"nobody"},"details":"There is no User \"nobody\"."}`},
		"many mentions": {true, `{"body":` + documentOf(paragraph(many...)) + `}`, size(`["body"]`, `"max":20`, "There can be at most 20 mentions")},
		"large":         {true, `{"body":` + documentOf(paragraph(textNode("x")), strings.Repeat(paragraph()+",", 400)+paragraph()) + `}`, size(`["body"]`, `"max":16384`, "Size must be at most 16384 bytes")},
	} {
		header := []string{"X-Contentful-Comment-Body-Format: plain-text"}
		if c.rich {
			header[0] = asRichText
		}
		sc.play(step{name: name, call: "POST " + comments, header: header, body: c.body, status: 422, want: failure("ValidationFailed", "Validation error", `{"errors":[`+c.want+`]}`)})
	}
	sc.play(
		step{name: "no such form", call: "GET " + comments, header: []string{"X-Contentful-Comment-Body-Format: html"}, status: 400,
			want: badRequest(`The header "X-Contentful-Comment-Body-Format" must be "plain-text" or "rich-text".`)},
		step{name: "no such place", call: "POST " + comments, header: []string{"X-Contentful-Parent-Entity-Reference: title"}, body: `{"body":"x"}`, status: 400,
			want: badRequest(`The header "X-Contentful-Parent-Entity-Reference" must be a field, and may name a locale: fields.title.en-US.`)},
		step{name: "no such field, no such locale", call: "POST " + comments, header: []string{"X-Contentful-Parent-Entity-Reference: fields.titel.xx"}, body: `{"body":"x"}`, status: 422,
			want: failure("ValidationFailed", "Validation error", `{"errors":[{"name":"unknown","path":["X-Contentful-Parent-Entity-Reference"],"value":"titel","details":"The property \"titel\" is not allowed here.","suggestions":["title"]},`+
				`{"name":"unknown","path":["X-Contentful-Parent-Entity-Reference"],"value":"xx","details":"There is no locale \"xx\". Use a code such as \"en-US\"."}]}`)},
		step{name: "no such status", call: "GET " + comments + "?status=open", status: 400,
			want: failure("InvalidQuery", "The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.",
				`{"errors":[{"name":"value","path":["status"],"value":"open","expected":["active","resolved"],"details":"Value must be one of expected values"}]}`)},
	)
}
