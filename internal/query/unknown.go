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
	d := detail("unknownContentType", path, fmt.Sprintf("The content type %q could not be found or was not activated.", clip(id)))
	d.Value, d.Suggestions = fault.Raw(clip(id)), near
	p.add(d)
}

// unknownLocale reports a locale that does not exist or is not delivered.
func (p *parser) unknownLocale(code string) {
	p.bad("Unknown locale: %s", clip(code))
	if p.suggestions = p.opt.Model.Locales.Likely(code, cms.Locale.Delivered); p.suggestions == nil {
		p.hint = "GET …/locales lists the locales there are; locale=* asks for all of them."
	}
}

// likely are the paths that one was probably meant to be.
func (p *parser) likely(path []string) []string {
	root, rest := path[0], strings.Join(path[1:], ".")
	if rest != "" {
		if names := p.below(root); names != nil {
			if near := prefixed(root, nearest.Likely(rest, names)); near != nil {
				return near
			}
			return p.shorter(path, names)
		}
		var out []string
		for _, r := range nearest.Likely(root, p.roots()) {
			out = append(out, r+"."+rest)
		}
		return out
	}
	names := p.parameters()
	if p.sent != "" && root != p.sent && !p.opt.Single { // an item of order or select
		names = p.roots()
	}
	if near := nearest.Likely(root, names); near != nil {
		return near
	}
	if p.sent == root {
		if meant, ok := otherParameters[plain(root)]; ok && p.takes(meant) {
			return []string{meant}
		}
	}
	if inner, ok := strings.CutPrefix(root, "fields["); ok { // fields[title]
		root = strings.TrimSuffix(inner, "]")
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

// shorter is what was meant by a path that goes on where nothing is: its
// beginning, as in select=sys.contentType.sys.id and fields.title.en-US, an
// operator as in fields.title.match, or a field of what a field links to.
func (p *parser) shorter(path []string, names iter.Seq[string]) []string {
	for name := range names {
		if len(path) < 3 || name != path[1] {
			continue
		}
		base, end := path[0]+"."+name, path[len(path)-1]
		if p.sent == "select" {
			return []string{base}
		}
		if len(path) > 3 || path[0] != "fields" || p.sent == "order" {
			return nil
		}
		if _, ok := operators[Op(end)]; ok {
			return []string{base + "[" + end + "]"}
		}
		if _, ok := p.opt.Model.Locales.ByCode(end); ok {
			return []string{base}
		}
		if p.ct != nil && linkPart(p.ct.Field(name)) == partID && linkType(p.ct.Field(name)) == string(cms.KindEntry) {
			return []string{base + ".fields." + end}
		}
	}
	return nil
}

// otherParameters are what other APIs call parameters, without hyphens and
// underscores and in lower case.
var otherParameters = map[string]string{
	"page": "skip", "offset": "skip", "start": "skip", "from": "skip",
	"perpage": "limit", "pagesize": "limit", "size": "limit", "count": "limit", "first": "limit", "take": "limit",
	"sort": "order", "sortby": "order", "orderby": "order",
	"q": "query", "search": "query", "text": "query",
	"lang": "locale", "language": "locale",
	"type": "content_type", "model": "content_type",
	"depth": "include", "fields": "select",
}

// otherOperators are what other APIs call operators.
var otherOperators = map[string]string{
	"like": "match", "contains": "match", "search": "match", "not": "ne", "neq": "ne", "notin": "nin", "min": "gte", "max": "lte",
}

func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// directed is a path of order as it is written, for a direction as SQL has it.
func directed(path, direction string) string {
	if strings.EqualFold(strings.TrimSpace(direction), "desc") {
		return "-" + path
	}
	return path
}

// roots are what paths can begin with.
func (p *parser) roots() iter.Seq[string] {
	return func(yield func(string) bool) {
		roots := []string{"sys", "fields", "metadata"}
		for path := range bodyPaths[p.opt.Kind] {
			root, _, _ := strings.Cut(path, ".")
			if !slices.Contains(roots, root) {
				roots = append(roots, root)
			}
		}
		for _, root := range roots {
			means := p.below(root) != nil || root == "fields" && p.opt.Kind == cms.KindEntry || bodyPaths[p.opt.Kind][root].class.name != ""
			if means && !yield(root) {
				return
			}
		}
	}
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
			for _, name := range p.inBody(root) {
				if !yield(name) {
					return
				}
			}
		}
	case p.inBody(root) != nil:
		return slices.Values(p.inBody(root))
	case root == "metadata" && hasDocument(p.opt.Kind):
		return slices.Values([]string{"tags", "concepts", "tags.sys.id", "concepts.sys.id", "concepts.descendants"})
	case root == "fields" && p.opt.Kind == cms.KindAsset:
		return p.fieldIDs(cms.AssetType)
	case root == "fields" && p.ct != nil:
		return p.fieldIDs(p.ct)
	}
	return nil
}

// inBody are the names that paths into bodies go on with after a root.
func (p *parser) inBody(root string) []string {
	var names []string
	for _, path := range slices.Sorted(maps.Keys(bodyPaths[p.opt.Kind])) {
		if name, ok := strings.CutPrefix(path, root+"."); ok {
			names = append(names, name)
		}
	}
	return names
}

// parameters are the names of parameters that mean something here.
func (p *parser) parameters() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, name := range parameters {
			if p.takes(name) && !yield(name) {
				return
			}
		}
		for _, path := range slices.Sorted(maps.Keys(bodyPaths[p.opt.Kind])) {
			if !strings.Contains(path, ".") && !slices.Contains(parameters, path) && !yield(path) {
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
