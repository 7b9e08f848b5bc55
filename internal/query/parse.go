package query

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
)

// Bounds on one query. The length of a request's URL is bounded too, but not
// by this package.
const (
	maxConds  = 200
	maxOrder  = 50
	maxSelect = 100
	maxRefs   = 2
	maxLevels = 10 // include
)

// parser is one run of Parse.
type parser struct {
	opt  Options
	q    *Query
	ct   *cms.ContentType // of content_type; nil when not given or unknown
	want bool             // content_type was given
	refs []*ref           // searches on references so far
	near *Order           // what a near condition orders by
	sel  int              // paths selected so far

	problems
}

// Parse turns URL parameters into a checked query. All problems come in one
// *fault.Error: fault.BadRequest, fault.InvalidQuery or, when nothing but
// unknown fields is wrong, fault.UnknownQueryField.
//
// Conditions look at these values: in Delivery and Preview at what is stored
// for the requested locale (locale=* at all delivered locales), without
// fallback; in Management at the locale a path ends with, else at all locales.
// Fields that are not localized have one value, the default locale's. A field
// can be ordered by one locale only: the same one, or else the default locale.
// Of parameters that can occur only once, the last counts.
func Parse(values url.Values, opt Options) (*Query, error) {
	p := &parser{opt: opt, q: &Query{Kind: opt.Kind, Include: 1, ArchivedOut: opt.API == Preview}}
	values = p.cursor(values)
	p.q.Limit = p.limit(values)
	p.q.Skip = p.number(values, "skip", 0, 0, -1)
	if opt.API != Management {
		p.q.Include = p.number(values, "include", 1, 0, maxLevels)
		p.locale(last(values, "locale"))
	}
	if opt.Single {
		p.single(values)
	} else {
		p.search(values)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return p.q, nil
}

// search reads the parameters of a collection.
func (p *parser) search(values url.Values) {
	p.contentType(last(values, "content_type"))
	for _, key := range slices.SortedFunc(maps.Keys(values), compareKeys) {
		p.sent = key
		p.parameter(key, values)
	}
	p.sent = ""
	p.finishRefs()
	if p.opt.API != Management {
		p.hideFromReaders()
	}
	if p.opt.LocaleBased && hasDocument(p.opt.Kind) {
		p.onlyPublished()
	}
	if len(p.q.Conds) > maxConds {
		p.invalid(nil, "A query can have at most %d conditions.", maxConds)
	}
	switch {
	case len(p.q.Order) > 0:
	case p.near != nil:
		p.q.Order = []Order{*p.near}
	case p.opt.Kind == cms.KindLocale:
		p.q.Order = []Order{{Column: sysColumn("id", String)}}
	default:
		p.q.Order = []Order{{Column: p.sysTime("updatedAt"), Desc: true}}
	}
	p.finishCursor()
}

// hideFromReaders leaves out what does not exist for delivery and preview:
// private tags, and locales that are not delivered.
func (p *parser) hideFromReaders() {
	switch p.opt.Kind {
	case cms.KindTag:
		p.cond(Cond{Column: bodyColumn("visibility"), Op: Equals, Args: []Value{{Str: "public"}}})
	case cms.KindLocale:
		c := Cond{Column: bodyColumn("code"), Op: In}
		for _, l := range p.opt.Model.Locales {
			if l.Delivered() {
				c.Args = append(c.Args, Value{Str: l.Code})
			}
		}
		p.cond(c)
	}
}

// compareKeys sorts parameters, so that problems come in a fixed order, and
// order[2] before order[10].
func compareKeys(a, b string) int {
	if strings.HasPrefix(a, "order[") && strings.HasPrefix(b, "order[") && len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// parameter reads one parameter of a collection; those that others depend on
// have been read before.
func (p *parser) parameter(key string, values url.Values) {
	value := last(values, key)
	kind := p.opt.Kind
	switch name, _ := cutOperator(key); {
	case key == "access_token" || key == "skip" || key == "limit" || key == "include" || key == "locale":
	case key == "content_type" && kind == cms.KindEntry:
	case isList(key, "select") && (hasDocument(kind) || kind == cms.KindContentType):
		p.selection(value)
	case isList(key, "order"):
		p.order(value)
	case key == "query":
		p.fullText(value)
	case key == "links_to_entry" && kind == cms.KindEntry:
		p.linksTo(cms.KindEntry, value)
	case key == "links_to_asset" && kind == cms.KindEntry:
		p.linksTo(cms.KindAsset, value)
	case key == "mimetype_group" && kind == cms.KindAsset:
		p.mimetypeGroup(value)
	case bodyPaths[kind][name].class.name != "",
		strings.HasPrefix(name, "sys."),
		strings.HasPrefix(name, "fields.") && hasDocument(kind),
		strings.HasPrefix(name, "metadata.") && hasDocument(kind):
		for _, v := range values[key] {
			p.condition(key, v)
		}
	default:
		p.unknownPath(strings.Split(key, "."))
	}
}

// isList reports whether a parameter is name or, as some clients write a list,
// one of name[0], name[1] …
func isList(key, name string) bool {
	rest, ok := strings.CutPrefix(key, name)
	return ok && (rest == "" || rest[0] == '[' && strings.Trim(rest[1:], "0123456789") == "]")
}

// single checks the parameters of one resource's endpoint: those of collections
// are of no effect, except that select is refused.
func (p *parser) single(values url.Values) {
	if _, ok := values["select"]; ok {
		p.add(detail("select", []string{"select"}, "Select is only applicable when querying a collection of entities."))
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		name, _ := cutOperator(key)
		root, _, _ := strings.Cut(name, ".")
		if !slices.Contains(parameters, root) {
			p.unknownPath(strings.Split(key, "."))
		}
	}
}

// parameters are all that exist, or what their paths begin with.
var parameters = []string{
	"access_token", "content_type", "cursor", "fields", "include", "limit", "links_to_asset", "links_to_entry", "locale", "metadata",
	"mimetype_group", "name", "order", "pageNext", "pagePrev", "query", "select", "skip", "sys",
}

func (p *parser) contentType(id string) {
	if id == "" || p.opt.Kind != cms.KindEntry {
		return
	}
	p.want = true
	p.q.ContentType = id
	if p.ct = p.opt.Model.Types[id]; p.ct == nil {
		p.unknownContentType(id, []string{"content_type"})
	}
}

func (p *parser) locale(code string) {
	if code == "*" || code == "" {
		p.q.Locale = code
		return
	}
	l, ok := p.opt.Model.Locales.ByCode(code)
	if !ok || !l.Delivered() {
		p.unknownLocale(code)
		return
	}
	p.q.Locale = code
}

// localeKey is Column.Locale for paths that name no locale.
func (p *parser) localeKey() string {
	switch {
	case p.opt.API == Management:
		return AnyManaged
	case p.q.Locale == "*":
		return AnyDelivered
	case p.q.Locale == "":
		return p.opt.Model.Locales.Default().Key
	}
	l, _ := p.opt.Model.Locales.ByCode(p.q.Locale)
	return l.Key
}

func (p *parser) fullText(value string) {
	if words, ok := parseWords(String, value); !ok {
		p.invalid([]string{"query"}, "The text to search for has too many words.")
	} else if len(words) > 0 {
		p.cond(Cond{Column: Column{Source: SourceText, Locale: p.localeKey(), Type: String}, Op: Match, Args: words})
	}
}

func (p *parser) linksTo(kind cms.Kind, id string) {
	c := Column{Source: SourceLinks, Part: string(kind), Type: String}
	if p.opt.API != Management {
		c.Locale = AnyDelivered
	}
	p.cond(Cond{Column: c, Op: Equals, Args: []Value{{Str: id}}})
}

func (p *parser) mimetypeGroup(name string) {
	if !slices.Contains(cms.MimetypeGroups, name) {
		d := valueDetail([]string{"mimetype_group"}, name, "mimetype group", Equals)
		for _, g := range cms.MimetypeGroups {
			d.Expected = append(d.Expected, g)
		}
		p.add(d)
		return
	}
	c := Column{Source: SourceField, Name: cms.AssetFile, Part: partGroup, Locale: p.localeKey(), Type: String}
	p.cond(Cond{Column: c, Op: Equals, Args: []Value{{Str: name}}})
}

func (p *parser) cond(c Cond) { p.q.Conds = append(p.q.Conds, c) }

// last is the value of a parameter that counts once.
func last(values url.Values, key string) string {
	if all := values[key]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// cutOperator splits name[op]; op is "" without brackets.
func cutOperator(key string) (name, op string) {
	i := strings.IndexByte(key, '[')
	if i < 0 || !strings.HasSuffix(key, "]") {
		return key, ""
	}
	return key[:i], key[i+1 : len(key)-1]
}

// hasDocument reports whether resources of a kind have fields and metadata.
func hasDocument(k cms.Kind) bool { return k == cms.KindEntry || k == cms.KindAsset }
