package query

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// unknownPath reports a path or parameter that does not exist here, with those
// it was probably meant to be.
func (p *parser) unknownPath(path []string) {
	d := detail("unknown", path, fmt.Sprintf("The path %q is not recognized", clip(strings.Join(path, "."))))
	d.Suggestions = p.likely(path)
	p.add(d)
}

// unknownContentType reports a content type that does not exist or was never
// activated.
func (p *parser) unknownContentType(id string, path []string) {
	near := nearest.Likely(id, maps.Keys(p.opt.Model.Types))
	d := detail("unknownContentType", path, fmt.Sprintf("The content type %q could not be found or was not activated.%s", clip(id), didYouMean(near)))
	d.Value, d.Suggestions = fault.Raw(clip(id)), near
	p.add(d)
}

// unknownLocale reports a locale that does not exist or is not delivered.
func (p *parser) unknownLocale(code string) {
	p.bad("Unknown locale: %s", clip(code))
	p.suggestions = nearest.Likely(code, func(yield func(string) bool) {
		for _, l := range p.opt.Model.Locales {
			if l.Delivered() && !yield(l.Code) {
				return
			}
		}
	})
}

// didYouMean is a sentence to append to a text of this server's own.
func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " Did you mean " + nearest.Quoted(names) + "?"
}

// likely are the paths that one was probably meant to be.
func (p *parser) likely(path []string) []string {
	root, rest := path[0], strings.Join(path[1:], ".")
	if rest != "" {
		if names := p.below(root); names != nil {
			return prefixed(root, nearest.Likely(rest, names))
		}
		var out []string
		for _, r := range nearest.Likely(root, slices.Values([]string{"sys", "fields", "metadata"})) {
			if p.below(r) != nil {
				out = append(out, r+"."+rest)
			}
		}
		return out
	}
	if p.sent == "" || root == p.sent || p.opt.Single { // not an item of order or select
		if near := nearest.Likely(root, p.parameters()); near != nil {
			return near
		}
	}
	for _, r := range []string{"fields", "sys"} { // whoever forgets what its path begins with
		names := p.below(r)
		if names == nil {
			continue
		}
		for name := range names {
			if name == root {
				return []string{r + "." + name}
			}
		}
	}
	return nil
}

// below are the names that paths with a root can go on with; nil for a root
// that means nothing here.
func (p *parser) below(root string) iter.Seq[string] {
	switch {
	case root == "sys" && p.sent == "select":
		return slices.Values(sysNames)
	case root == "sys":
		return func(yield func(string) bool) {
			for name := range sysMembers {
				if _, ok := p.sys(name); ok && !yield(name) {
					return
				}
			}
		}
	case root == "metadata" && hasDocument(p.opt.Kind):
		return slices.Values([]string{"tags", "concepts", "tags.sys.id", "concepts.sys.id"})
	case root == "fields" && p.opt.Kind == cms.KindAsset:
		return p.fieldIDs(cms.AssetType)
	case root == "fields" && p.ct != nil:
		return p.fieldIDs(p.ct)
	}
	return nil
}

// parameters are the names of parameters that mean something here.
func (p *parser) parameters() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, name := range parameters {
			if p.takes(name) && !yield(name) {
				return
			}
		}
	}
}

func (p *parser) takes(name string) bool {
	kind, reads := p.opt.Kind, p.opt.API != Management
	switch name {
	case "content_type", "links_to_entry", "links_to_asset":
		return kind == cms.KindEntry && !p.opt.Single
	case "mimetype_group":
		return kind == cms.KindAsset && !p.opt.Single
	case "select", "fields", "metadata":
		return hasDocument(kind) && !p.opt.Single
	case "cursor", "pageNext", "pagePrev":
		return hasDocument(kind) && reads && !p.opt.Single
	case "name":
		return (kind == cms.KindTag || kind == cms.KindContentType) && !p.opt.Single
	case "order", "query", "limit", "skip", "sys":
		return !p.opt.Single
	case "include", "locale":
		return reads
	}
	return true
}

func prefixed(root string, names []string) []string {
	for i := range names {
		names[i] = root + "." + names[i]
	}
	return names
}
