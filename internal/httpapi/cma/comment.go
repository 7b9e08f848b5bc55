package cma

import (
	"encoding/json"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// Headers about comments: the form of the text, the comment that one answers, and
// the place it is about.
const (
	bodyFormatHeader = "X-Contentful-Comment-Body-Format"
	parentHeader     = "X-Contentful-Parent-Id"
	referenceHeader  = "X-Contentful-Parent-Entity-Reference"
)

// Forms of the text of a comment.
const (
	plainText = "plain-text"
	richText  = "rich-text"
)

// commentJSON is a comment of the management API.
type commentJSON struct {
	Sys    commentSys `json:"sys"`
	Body   any        `json:"body"` // a text or a document
	Status string     `json:"status"`
}

type commentSys struct {
	sysJSON
	ParentEntity parentEntity `json:"parentEntity"`
	Parent       *cms.Link    `json:"parent"` // null begins a thread
}

// parentEntity is what a comment is on, and the place or the version it is about.
type parentEntity struct {
	Sys struct {
		cms.LinkSys
		Ref     string `json:"ref,omitempty"`
		Version int    `json:"version,omitempty"`
	} `json:"sys"`
}

func commentOf(p access.Place, kind cms.Kind, of string, rich bool, c authoring.Resource[cms.Comment]) commentJSON {
	j := commentJSON{Sys: commentSys{sysJSON: contentSys(p, c.Sys, false), Parent: link(cms.KindComment, c.Value.Parent)}, Body: c.Value.Text, Status: c.Value.Status}
	j.Sys.ParentEntity.Sys.LinkSys = cms.LinkTo(kind, of).Sys
	j.Sys.ParentEntity.Sys.Ref, j.Sys.ParentEntity.Sys.Version = c.Value.Reference, c.Value.Version
	if rich {
		j.Body = c.Value.Rich
		if c.Value.Rich == nil {
			j.Body = documentOf(c.Value.Text)
		}
	}
	return j
}

// textNode is a node of rich text.
type textNode struct {
	NodeType string          `json:"nodeType"`
	Data     struct{}        `json:"data"`
	Value    *string         `json:"value,omitempty"`
	Marks    json.RawMessage `json:"marks,omitempty"`
	Content  []textNode      `json:"content,omitempty"`
}

// documentOf is a plain text as rich text: each line a paragraph.
func documentOf(text string) textNode {
	doc := textNode{NodeType: "document"}
	for line := range strings.SplitSeq(text, "\n") {
		doc.Content = append(doc.Content, textNode{NodeType: "paragraph", Content: []textNode{{NodeType: "text", Value: &line, Marks: json.RawMessage("[]")}}})
	}
	return doc
}

// rich reports whether a request is about comments in rich text.
func rich(c *httpapi.Call) (bool, error) {
	switch format := c.Header.Get(bodyFormatHeader); format {
	case "", plainText:
		return false, nil
	case richText:
		return true, nil
	default:
		return false, fault.New(fault.BadRequest, "The header %q must be %q or %q.", bodyFormatHeader, plainText, richText)
	}
}

func (a *api) listComments(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		rich, err := rich(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		on, err := commentVersion(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		all, err := a.s.Comments(c.Context(), c.Place, kind, c.PathValue("of"), on, c.URL.Query())
		items := make([]commentJSON, len(all))
		for i, found := range all {
			items[i] = commentOf(c.Place, kind, c.PathValue("of"), rich, found)
		}
		return ok(collect(items, len(items), 0, authoring.MaxParts), err)
	}
}

// comment answers with a comment in the form that the request is in.
func comment(c *httpapi.Call, kind cms.Kind, created bool, call func(rich bool) (authoring.Resource[cms.Comment], error)) (httpapi.Reply, error) {
	rich, err := rich(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r, err := call(rich)
	return saved(commentOf(c.Place, kind, c.PathValue("of"), rich, r), created, err)
}

func (a *api) getComment(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		return comment(c, kind, false, func(bool) (authoring.Resource[cms.Comment], error) {
			return a.s.Comment(c.Context(), c.Place, kind, c.PathValue("of"), c.PathValue("id"))
		})
	}
}

func (a *api) createComment(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		on, err := commentVersion(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		return comment(c, kind, true, func(rich bool) (authoring.Resource[cms.Comment], error) {
			in := authoring.CommentInput{Body: c.Body, Rich: rich, Parent: c.Header.Get(parentHeader), Reference: c.Header.Get(referenceHeader), Version: on}
			return a.s.CreateComment(c.Context(), c.Place, c.Actor, kind, c.PathValue("of"), in)
		})
	}
}

func (a *api) putComment(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		v, err := version(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		return comment(c, kind, false, func(rich bool) (authoring.Resource[cms.Comment], error) {
			return a.s.PutComment(c.Context(), c.Place, c.Actor, kind, c.PathValue("of"), c.PathValue("id"), v, authoring.CommentInput{Body: c.Body, Rich: rich})
		})
	}
}

func (a *api) deleteComment(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		v, err := version(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		return httpapi.NoContent(), a.s.DeleteComment(c.Context(), c.Place, c.Actor, kind, c.PathValue("of"), c.PathValue("id"), v)
	}
}
