package authoring

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// Bounds of a comment in rich text. Its text has the bounds of any.
const (
	maxCommentDocument = 16 << 10 // bytes
	maxMentions        = 20
)

// commentDocument is a checked comment in rich text.
type commentDocument struct {
	text     string // paragraphs as lines
	mentions []mention
}

type mention struct {
	target cms.LinkSys
	path   []any
}

// commentDocument reads a comment in rich text: paragraphs of text and mentions,
// and nothing else.
func (b *bodyReader) commentDocument(raw json.RawMessage, path []any) (doc commentDocument) {
	if len(raw) > maxCommentDocument {
		b.add(fault.Detail{Name: "size", Path: path, Max: fault.Raw(maxCommentDocument), Details: fmt.Sprintf("Size must be at most %d bytes", maxCommentDocument)})
		return doc
	}
	paragraphs, ok := b.node(raw, path, "document")
	if !ok {
		return doc
	}
	var lines []string
	for i, raw := range paragraphs {
		at := below(path, "content", i)
		inside, _ := b.node(raw, at, "paragraph")
		var line strings.Builder
		for j, raw := range inside {
			b.inline(raw, below(at, "content", j), &line, &doc)
		}
		lines = append(lines, line.String())
	}
	doc.text = strings.Join(lines, "\n")
	if len(doc.text) > maxRemark || strings.TrimSpace(doc.text) == "" && len(doc.mentions) == 0 {
		b.add(fault.Detail{Name: "size", Path: path, Min: fault.Raw(1), Max: fault.Raw(maxRemark), Details: fmt.Sprintf("Size must be at least 1 and at most %d bytes of text", maxRemark)})
	}
	if len(doc.mentions) > maxMentions {
		b.add(fault.Detail{Name: "size", Path: path, Max: fault.Raw(maxMentions), Details: fmt.Sprintf("There can be at most %d mentions", maxMentions)})
	}
	return doc
}

// node reads a node that holds others.
func (b *bodyReader) node(raw json.RawMessage, path []any, typ string) ([]json.RawMessage, bool) {
	members := b.object(raw, path, "nodeType", "data", "content")
	if members == nil {
		return nil, false
	}
	b.oneOf(members["nodeType"], below(path, "nodeType"), typ)
	if raw := members["data"]; raw != nil && typ != nodeMention {
		b.object(raw, below(path, "data"))
	}
	return read[[]json.RawMessage](b, members["content"], "Array", below(path, "content"))
}

const nodeMention = "mention"

// inline reads a part of a paragraph: a text, or a mention of a user.
func (b *bodyReader) inline(raw json.RawMessage, path []any, line *strings.Builder, doc *commentDocument) {
	members := b.object(raw, path)
	if members == nil {
		return
	}
	switch b.oneOf(members["nodeType"], below(path, "nodeType"), "text", nodeMention) {
	case "text":
		b.text(raw, path, line)
	case nodeMention:
		inside, _ := b.node(raw, path, nodeMention)
		if data := b.object(members["data"], below(path, "data"), "target"); data != nil {
			at := below(path, "data", "target")
			doc.mentions = append(doc.mentions, mention{b.link(data["target"], at, false, string(cms.KindUser), "Team").LinkSys, at})
		}
		for i, raw := range inside {
			b.text(raw, below(path, "content", i), line)
		}
	}
}

func (b *bodyReader) text(raw json.RawMessage, path []any, line *strings.Builder) {
	members := b.object(raw, path, "nodeType", "value", "marks", "data")
	if members == nil {
		return
	}
	b.oneOf(members["nodeType"], below(path, "nodeType"), "text")
	value, _ := read[string](b, members["value"], "String", below(path, "value"))
	line.WriteString(value)
	if raw := members["marks"]; raw != nil {
		read[[]json.RawMessage](b, raw, "Array", below(path, "marks"))
	}
	if raw := members["data"]; raw != nil {
		b.object(raw, below(path, "data"))
	}
}
