package validate

import (
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/richtext"
)

// enabledNodeTypes: of the node types that can be forbidden, only these occur.
func enabledNodeTypes(_ *publication, arg any, v value) []fault.Detail {
	enabled := stringsOf(arg)
	var found problems
	richtext.Walk(v.v, func(n *richtext.Node) {
		if !found.full() && slices.Contains(richtext.NodeTypes, n.Type) && !slices.Contains(enabled, n.Type) {
			found.add(fault.Detail{Name: "enabledNodeTypes", NodeType: n.Type, Value: fault.Raw(n.Type), Expected: expected(enabled),
				Path: join(v.at(), n.Path()...), Details: "Node type is not allowed"})
		}
	})
	return found.list
}

func enabledNodeTypesShape(p *problems, _ typed, arg any, at []any) {
	stringsShape(p, arg, at, richtext.NodeTypes)
}

// enabledMarks: only these marks occur.
func enabledMarks(_ *publication, arg any, v value) []fault.Detail {
	enabled := stringsOf(arg)
	var found problems
	richtext.Walk(v.v, func(n *richtext.Node) {
		for i, mark := range n.Marks {
			if !found.full() && !slices.Contains(enabled, mark) {
				found.add(fault.Detail{Name: "enabledMarks", NodeType: n.Type, Value: fault.Raw(mark), Expected: expected(enabled),
					Path: join(join(v.at(), n.Path()...), "marks", i), Details: "Mark is not allowed"})
			}
		}
	})
	return found.list
}

func enabledMarksShape(p *problems, _ typed, arg any, at []any) {
	stringsShape(p, arg, at, richtext.Marks)
}

// shape checks the argument of a validation.
type shape = func(p *problems, t typed, arg any, at []any)

var (
	entryNode = nodeRule{keywords: map[string]shape{"linkContentType": linkContentTypeShape, "size": sizeShape}}
	assetNode = nodeRule{keywords: map[string]shape{"size": sizeShape}}
	// Nodes that link to other spaces wrap their validations in an object.
	resourceNode = nodeRule{keywords: map[string]shape{"size": sizeShape}, wrapped: true}
)

// nodeRule is what validations nodes of one type can have.
type nodeRule struct {
	keywords map[string]shape
	wrapped  bool
}

var nodeRules = map[string]nodeRule{
	"embedded-entry-block":     entryNode,
	"embedded-entry-inline":    entryNode,
	"entry-hyperlink":          entryNode,
	"embedded-asset-block":     assetNode,
	"asset-hyperlink":          assetNode,
	"embedded-resource-block":  resourceNode,
	"embedded-resource-inline": resourceNode,
	"resource-hyperlink":       resourceNode,
}

// nodes: per node type, how many there may be (size) and what they may link to
// (linkContentType).
func nodes(c *publication, arg any, v value) []fault.Detail {
	byType, _ := arg.(map[string]any)
	var found problems
	for _, nodeType := range sortedKeys(byType) {
		rules := byType[nodeType]
		if wrapped, ok := rules.(map[string]any); ok {
			rules = wrapped["validations"]
		}
		list, _ := rules.([]any)
		for _, rule := range list {
			members, _ := rule.(map[string]any)
			text, _ := members["message"].(string)
			for _, d := range nodeProblems(c, nodeType, members, v) {
				d.NodeType, d.CustomMessage = nodeType, text
				found.add(d)
			}
		}
	}
	return found.list
}

// nodeProblems checks the nodes of one type against one validation.
func nodeProblems(c *publication, nodeType string, rule map[string]any, v value) []fault.Detail {
	var found problems
	count := 0
	richtext.Walk(v.v, func(n *richtext.Node) {
		if n.Type != nodeType {
			return
		}
		count++
		allowed, ok := rule["linkContentType"]
		if !ok || n.Target == nil || n.Target.LinkType != string(cms.KindEntry) || found.full() {
			return
		}
		contentType, exists := c.targets.Entry(n.Target.ID)
		if list := stringsOf(allowed); exists && !slices.Contains(list, contentType) {
			found.add(fault.Detail{Name: "linkContentType", ContentTypeID: list, Details: "Link has the wrong content type",
				Path: join(join(v.at(), n.Path()...), "data", "target")})
		}
	})
	if b := boundsOf(rule["size"]); !b.hold(float64(count)) {
		found.add(wrongSize(b, fault.Raw(count), v.at()))
	}
	return found.list
}

func nodesShape(p *problems, _ typed, arg any, at []any) {
	o, ok := objectAt(p, arg, at)
	if !ok {
		return
	}
	o.only(sortedKeys(nodeRules)...)
	for _, nodeType := range sortedKeys(o.members) {
		rules, ok := nodeRules[nodeType]
		if !ok {
			continue
		}
		list, at := o.members[nodeType], join(at, nodeType)
		if rules.wrapped {
			wrapped, ok := objectAt(p, list, at)
			if !ok {
				continue
			}
			wrapped.only("validations", "allowedResources")
			if allowed, ok := wrapped.members["allowedResources"]; ok {
				resourcesShape(p, allowed, join(at, "allowedResources"))
			}
			if list, ok = wrapped.members["validations"]; !ok {
				continue
			}
			at = join(at, "validations")
		}
		nodeRulesShape(p, rules.keywords, list, at)
	}
}

// nodeRulesShape checks the validations of one node type.
func nodeRulesShape(p *problems, rules map[string]shape, arg any, at []any) {
	list, ok := arg.([]any)
	if !ok {
		p.add(wrongType(last(at), "Array", fault.Raw(arg), at))
		return
	}
	for i, rule := range list {
		o, ok := objectAt(p, rule, join(at, i))
		if !ok {
			continue
		}
		messageShape(o)
		o.only(append(sortedKeys(rules), "message")...)
		for _, name := range sortedKeys(o.members) {
			if check := rules[name]; check != nil {
				check(p, typed{Type: cms.RichText}, o.members[name], join(o.at, name))
			}
		}
		if onlyMessage(o.members) {
			p.add(tooFew(o.at))
		}
	}
}
