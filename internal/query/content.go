package query

import (
	"encoding/json"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

// link is a link in a value, of any kind.
type link struct {
	Sys struct {
		Type     string `json:"type"`
		LinkType string `json:"linkType"`
		ID       string `json:"id"`
		URN      string `json:"urn"`
	} `json:"sys"`
}

func (l link) id(part string) string {
	if part == partURN {
		return l.Sys.URN
	}
	return l.Sys.ID
}

// linksIn reads the value of a Link field or an Array of links.
func linksIn(raw json.RawMessage) []link {
	if raw[0] == '[' {
		var elements []json.RawMessage
		if json.Unmarshal(raw, &elements) != nil {
			return nil
		}
		var links []link
		for _, el := range elements {
			var l link
			if json.Unmarshal(el, &l) == nil {
				links = append(links, l)
			}
		}
		return links
	}
	var l link
	if json.Unmarshal(raw, &l) != nil {
		return nil
	}
	return []link{l}
}

// node is as much of a rich text node as queries look at.
type node struct {
	NodeType string          `json:"nodeType"`
	Value    string          `json:"value"`
	Data     json.RawMessage `json:"data"`
	Content  []node          `json:"content"`
}

// plainText is the text of a rich text document: blocks end with a line break,
// runs of different marks are joined as they are read.
func plainText(raw json.RawMessage) string {
	var n node
	if json.Unmarshal(raw, &n) != nil {
		return ""
	}
	var b strings.Builder
	n.text(&b)
	return strings.TrimSpace(b.String())
}

func (n *node) text(b *strings.Builder) {
	b.WriteString(n.Value)
	for i := range n.Content {
		n.Content[i].text(b)
	}
	if n.NodeType != "text" && !strings.Contains(n.NodeType, "hyperlink") && !strings.Contains(n.NodeType, "inline") {
		b.WriteByte('\n')
	}
}

// targets calls f with every link a rich text document holds.
func (n *node) targets(f func(link)) {
	if len(n.Data) > 2 { // not {}
		var data struct {
			Target *link `json:"target"`
		}
		if json.Unmarshal(n.Data, &data) == nil && data.Target != nil {
			f(*data.Target)
		}
	}
	for i := range n.Content {
		n.Content[i].targets(f)
	}
}

// typeOf is the content type of an entity's document, nil if it has none.
func typeOf(e *Entity, m *cms.Model) *cms.ContentType {
	switch {
	case e.Doc == nil:
		return nil
	case e.Sys.Kind == cms.KindAsset:
		return cms.AssetType
	}
	return m.Types[e.Sys.ContentType]
}

// linkValues are the ids of all resources of a kind that an entity links to, in
// fields, arrays and rich text: of every locale or, for AnyDelivered, of what is
// delivered.
func linkValues(e *Entity, m *cms.Model, kind, locale string) Values {
	ct := typeOf(e, m)
	if ct == nil {
		return Values{}
	}
	seen := map[string]bool{}
	var vs Values
	take := func(l link) {
		if l.Sys.Type == "Link" && l.Sys.LinkType == kind && l.Sys.ID != "" && !seen[l.Sys.ID] {
			seen[l.Sys.ID] = true
			vs.List = append(vs.List, Value{Str: l.Sys.ID})
		}
	}
	if locale == "" {
		locale = anyLocale
	}
	for i := range ct.Fields {
		f := &ct.Fields[i]
		if f.Type != cms.RichText && linkPart(f) != partID || f.Omitted && locale == AnyDelivered {
			continue
		}
		eachLocale(locale, f.Localized, m, func(key string) {
			raw := e.Doc.Fields[f.Key][key]
			switch {
			case len(raw) == 0:
			case f.Type == cms.RichText:
				var n node
				if json.Unmarshal(raw, &n) == nil {
					n.targets(take)
				}
			default:
				for _, l := range linksIn(raw) {
					take(l)
				}
			}
		})
	}
	vs.Set = len(vs.List) > 0
	return vs
}

// textValues are all texts of an entity in a locale, those of omitted fields for
// AnyManaged only: Symbol, Text, lists of
// Symbol and rich text of entries; title, description and file name of assets;
// labels and notations of what belongs to a taxonomy; id, name and description of
// everything else.
func textValues(e *Entity, m *cms.Model, locale string) Values {
	if ofTaxonomy(e.Sys.Kind) {
		return labelValues(e, m)
	}
	var vs Values
	if e.Doc == nil {
		vs.List = append(vs.List, Value{Str: e.Sys.ID})
		for _, name := range []string{"name", "description"} {
			list := Column{Source: SourceBody, Name: name}.Values(e, m).List
			vs.List = append(vs.List, list...)
		}
		vs.Set = true
		return vs
	}
	ct := typeOf(e, m)
	if ct == nil {
		return vs
	}
	for i := range ct.Fields {
		f := &ct.Fields[i]
		c := classOf(f)
		part := ""
		switch {
		case f.Omitted && locale != AnyManaged:
			continue
		case c.name == richTextClass.name:
			part = partText
		case e.Sys.Kind == cms.KindAsset && f.ID == cms.AssetFile:
			part = "fileName"
		case !c.takes(Match):
			continue
		}
		eachLocale(locale, f.Localized, m, func(key string) {
			vs.add(String, part, e.Doc.Fields[f.Key][key])
		})
	}
	vs.Set = len(vs.List) > 0
	return vs
}

// addFile takes a member of an asset's file into the set.
func (vs *Values) addFile(part string, raw json.RawMessage) {
	var f cms.File
	if json.Unmarshal(raw, &f) != nil {
		return
	}
	str := func(s string) {
		if s != "" {
			vs.Set = true
			vs.List = append(vs.List, Value{Str: s})
		}
	}
	num := func(n float64) {
		vs.Set = true
		vs.List = append(vs.List, Value{Num: n})
	}
	switch {
	case part == partURL:
		str(pathOfURL(f.URL))
	case part == "fileName":
		str(f.FileName)
	case part == "contentType":
		str(f.ContentType)
	case part == "upload":
		str(f.Upload)
	case part == partGroup:
		if f.ContentType != "" {
			str(cms.MimetypeGroup(f.ContentType))
		}
	case f.Details == nil:
	case part == "details.size":
		num(float64(f.Details.Size))
	case f.Details.Image == nil:
	case part == "details.image.width":
		num(float64(f.Details.Image.Width))
	case part == "details.image.height":
		num(float64(f.Details.Image.Height))
	}
}
