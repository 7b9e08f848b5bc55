package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/richtext"
)

// Link is a link to an entry or asset and the place it stands at.
type Link struct {
	LinkType string // Entry or Asset
	ID       string
	NodeType string // of the rich text node that holds it, or ""
	Path     []any  // in a document from "fields" on, with public field id and locale code
}

// Links lists the links of a document by field, locale and place: of Link
// fields, of arrays of links, and of rich text. Links to other spaces are not
// among them, nor are values that the management API hides (see Publish).
func Links(ct *cms.ContentType, locales cms.Locales, doc *cms.Document) []Link {
	var links []Link
	for i := range ct.Fields {
		f := &ct.Fields[i]
		for l, raw := range values(f, locales, doc) {
			if !holdsLinks(f) {
				break
			}
			if v, err := decode(raw); err == nil {
				links = appendLinks(links, f, v, l.Code)
			}
		}
	}
	return links
}

// holdsLinks reports whether values of a field can hold links.
func holdsLinks(f *cms.Field) bool {
	return f.Type == cms.RichText || f.Type == cms.TypeLink || f.Type == cms.Array && f.Items.Type == cms.TypeLink
}

// appendLinks appends the links in a decoded value of a field that stands below the
// code of a locale. A value of another type than the field's has none.
func appendLinks(links []Link, f *cms.Field, v any, code string) []Link {
	switch {
	case f.Type == cms.RichText:
		for _, l := range richtext.LinksIn(v) {
			if l.Type == "Link" {
				links = append(links, Link{l.LinkType, l.ID, l.NodeType, join(place(f, code), l.Path...)})
			}
		}
	case f.Type == cms.TypeLink:
		if l, ok := linkOf(v); ok {
			links = append(links, Link{LinkType: l.LinkType, ID: l.ID, Path: place(f, code)})
		}
	case f.Type == cms.Array && f.Items.Type == cms.TypeLink:
		items, _ := v.([]any)
		for i, item := range items {
			if l, ok := linkOf(item); ok {
				links = append(links, Link{LinkType: l.LinkType, ID: l.ID, Path: join(place(f, code), i)})
			}
		}
	}
	return links
}

// countLinks is how many links a decoded value of a field holds.
func countLinks(f *cms.Field, v any) int { return len(appendLinks(nil, f, v, "")) }

// unresolved reports links to what does not exist.
func unresolved(links []Link, targets Targets) error {
	var p problems
	for _, l := range links {
		ok := true
		switch l.LinkType {
		case string(cms.KindEntry):
			_, ok = targets.Entry(l.ID)
		case string(cms.KindAsset):
			_, ok = targets.Asset(l.ID)
		}
		if !ok {
			p.add(fault.Detail{Name: "notResolvable", Path: l.Path, NodeType: l.NodeType, Link: cms.LinkTo(cms.Kind(l.LinkType), l.ID).Sys,
				Details: fmt.Sprintf("There is no %s %q.", strings.ToLower(l.LinkType), l.ID)})
		}
	}
	return p.err(fault.UnresolvedLinks)
}

// linkContentType: the linked entry has one of the content types.
func linkContentType(c *publication, arg any, v value) []fault.Detail {
	l, _ := linkOf(v.v)
	contentType, ok := c.targets.Entry(l.ID)
	allowed := stringsOf(arg)
	if !ok || slices.Contains(allowed, contentType) {
		return nil // a broken link is unresolved's to report
	}
	return []fault.Detail{{Name: "linkContentType", Value: v.raw, Path: v.at(), ContentTypeID: allowed,
		Details: "Link has the wrong content type"}}
}

func linkContentTypeShape(p *problems, _ typed, arg any, at []any) {
	stringsShape(p, arg, at, nil)
}

// stringsOf reads a list of strings, or the single string of old data.
func stringsOf(arg any) []string {
	if s, ok := arg.(string); ok {
		return []string{s}
	}
	items, _ := arg.([]any)
	list := make([]string, 0, len(items))
	for _, item := range items {
		if s, ok := item.(string); ok {
			list = append(list, s)
		}
	}
	return list
}

// stringsShape checks a list of strings, or a single string: any, or only the
// allowed ones.
func stringsShape(p *problems, arg any, at []any, allowed []string) {
	items, ok := arg.([]any)
	if s, single := arg.(string); single {
		if allowed != nil && !slices.Contains(allowed, s) {
			p.add(notIn(allowed, fault.Raw(arg), at))
		}
		return
	}
	if !ok {
		p.add(wrongType(last(at), "Array", fault.Raw(arg), at))
		return
	}
	for i, item := range items {
		at := join(at, i)
		if s, ok := item.(string); !ok {
			p.add(wrongType(last(at), "String", fault.Raw(item), at))
		} else if allowed != nil && !slices.Contains(allowed, s) {
			p.add(notIn(allowed, fault.Raw(item), at))
		}
	}
}

// last is the name of a path's end in the text of a type problem.
// expected is a list as the values that would do.
func expected(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func last(at []any) string {
	if len(at) == 0 {
		return "value"
	}
	return fmt.Sprint(at[len(at)-1])
}
