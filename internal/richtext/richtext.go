// Package richtext knows the rich text document: what nodes there are, how they
// may nest, what they link to. It judges structure only; the validations of a
// content type (which nodes and marks a field allows) belong to package
// validate. It is pure and works on a value as encoding/json decodes it, with
// numbers as they are written.
//
// Start reading at nodes, then Check and Walk.
package richtext

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// Limits of one document.
const (
	MaxDepth  = 100     // levels of nodes, the document included
	MaxLength = 200_000 // characters in all text nodes
)

// maxProblems bounds what Check reports about one document.
const maxProblems = 100

// kind is what a node of one type may hold.
type kind struct {
	content  []string // node types allowed as children, sorted; nil: none
	min      int      // least number of children
	linkType string   // data.target must link to this; "": no target
	uri      bool     // data.uri is the address
	spans    bool     // data may have colspan and rowspan
}

const (
	document = "document"
	text     = "text"
)

var (
	inline = sorted(text, "hyperlink", "entry-hyperlink", "asset-hyperlink", "resource-hyperlink",
		"embedded-entry-inline", "embedded-resource-inline")
	listBlocks = sorted("paragraph", "heading-1", "heading-2", "heading-3", "heading-4", "heading-5", "heading-6",
		"ordered-list", "unordered-list", "hr", "blockquote",
		"embedded-entry-block", "embedded-asset-block", "embedded-resource-block")
	blocks = sorted(append([]string{"table"}, listBlocks...)...)
	words  = []string{text}
)

// resourceEntry is the link type of what lives in another space.
const resourceEntry = "Contentful:Entry"

// nodes are all node types but text.
var nodes = map[string]kind{
	document:                   {content: blocks},
	"paragraph":                {content: inline},
	"heading-1":                {content: inline},
	"heading-2":                {content: inline},
	"heading-3":                {content: inline},
	"heading-4":                {content: inline},
	"heading-5":                {content: inline},
	"heading-6":                {content: inline},
	"blockquote":               {content: []string{"paragraph"}},
	"hr":                       {},
	"ordered-list":             {content: []string{"list-item"}},
	"unordered-list":           {content: []string{"list-item"}},
	"list-item":                {content: listBlocks},
	"table":                    {content: []string{"table-row"}, min: 1},
	"table-row":                {content: []string{"table-cell", "table-header-cell"}, min: 1},
	"table-cell":               {content: []string{"ordered-list", "paragraph", "unordered-list"}, min: 1, spans: true},
	"table-header-cell":        {content: []string{"paragraph"}, min: 1, spans: true},
	"embedded-entry-block":     {linkType: "Entry"},
	"embedded-asset-block":     {linkType: "Asset"},
	"embedded-resource-block":  {linkType: resourceEntry},
	"hyperlink":                {content: words, uri: true},
	"entry-hyperlink":          {content: words, linkType: "Entry"},
	"asset-hyperlink":          {content: words, linkType: "Asset"},
	"resource-hyperlink":       {content: words, linkType: resourceEntry},
	"embedded-entry-inline":    {linkType: "Entry"},
	"embedded-resource-inline": {linkType: resourceEntry},
}

// NodeTypes are the node types a field may enable or not. Documents,
// paragraphs, text and the parts of lists and tables are always allowed.
var NodeTypes = sorted("heading-1", "heading-2", "heading-3", "heading-4", "heading-5", "heading-6",
	"ordered-list", "unordered-list", "hr", "blockquote", "table",
	"embedded-entry-block", "embedded-asset-block", "embedded-resource-block",
	"hyperlink", "entry-hyperlink", "asset-hyperlink", "resource-hyperlink",
	"embedded-entry-inline", "embedded-resource-inline")

// Marks are the marks a field may enable or not.
var Marks = sorted("bold", "italic", "underline", "code", "superscript", "subscript", "strikethrough")

// Node is one node of a document during a Walk.
type Node struct {
	Type   string
	Value  string   // of a text node
	Marks  []string // of a text node, in order
	Target *Target  // what data.target links to, or nil

	parent *Node
	index  int
}

// Target is what a node links to.
type Target struct {
	Type     string // Link or ResourceLink
	LinkType string // Entry or Asset; of a ResourceLink for example Contentful:Entry
	ID       string // of a Link
	URN      string // of a ResourceLink
}

// Link is a node's link with the place it stands at.
type Link struct {
	Target
	NodeType string
	Path     []any // from the document: "content", 3, "data", "target"
}

// Path is the way from the document to the node: "content", 0, "content", 2;
// empty for the document. The caller owns it.
func (n *Node) Path() []any {
	var path []any
	for ; n.parent != nil; n = n.parent {
		path = append(path, n.index, "content")
	}
	slices.Reverse(path)
	return path
}

// Walk visits the nodes of a decoded document in order, parents first. It never
// fails: what is no node is passed over, and so is what lies deeper than MaxDepth.
func Walk(tree any, visit func(*Node)) { walk(tree, nil, 0, 1, visit) }

func walk(tree any, parent *Node, index, depth int, visit func(*Node)) {
	members, _ := tree.(map[string]any)
	nodeType, _ := members["nodeType"].(string)
	if nodeType == "" || depth > MaxDepth {
		return
	}
	n := &Node{Type: nodeType, parent: parent, index: index}
	if nodeType == text {
		n.Value, _ = members["value"].(string)
		marks, _ := members["marks"].([]any)
		for _, m := range marks {
			mark, _ := m.(map[string]any)
			name, _ := mark["type"].(string)
			n.Marks = append(n.Marks, name)
		}
	}
	if data, ok := members["data"].(map[string]any); ok && nodes[nodeType].linkType != "" {
		n.Target = target(data["target"])
	}
	visit(n)
	content, _ := members["content"].([]any)
	for i, child := range content {
		walk(child, n, i, depth+1, visit)
	}
}

// target reads a link, or nil when it is none.
func target(v any) *Target {
	link, _ := v.(map[string]any)
	sys, _ := link["sys"].(map[string]any)
	var t Target
	t.Type, _ = sys["type"].(string)
	t.LinkType, _ = sys["linkType"].(string)
	t.ID, _ = sys["id"].(string)
	t.URN, _ = sys["urn"].(string)
	if t.Type == "Link" && t.ID != "" || t.Type == "ResourceLink" && t.URN != "" {
		return &t
	}
	return nil
}

// Links lists the links of a document in order.
func Links(doc json.RawMessage) []Link {
	tree, err := decode(doc)
	if err != nil {
		return nil
	}
	return LinksIn(tree)
}

// LinksIn lists the links of a decoded document in order.
func LinksIn(tree any) []Link {
	var links []Link
	Walk(tree, func(n *Node) {
		if n.Target != nil {
			links = append(links, Link{Target: *n.Target, NodeType: n.Type, Path: append(n.Path(), "data", "target")})
		}
	})
	return links
}

// Length is the number of characters (code points) in a decoded document's text
// nodes.
func Length(tree any) int {
	length := 0
	Walk(tree, func(n *Node) { length += utf8.RuneCountInString(n.Value) })
	return length
}

// decode reads JSON with numbers as they were written.
func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

func sorted(s ...string) []string {
	slices.Sort(s)
	return s
}
