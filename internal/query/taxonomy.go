package query

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/nearest"
)

// Taxonomy is a checked query over concepts or concept schemes. They are walked by
// cursor only.
type Taxonomy struct {
	*Query
	Scheme string // id of the scheme that concepts are in; "" is any or none
	Depth  int    // of those above or below a concept: how many levels; 0 is all
}

// taxonomyParameters are those of the lists of a taxonomy. The two last ones are
// how the official delivery client spells the tokens of pages.
var taxonomyParameters = []string{
	"access_token", "conceptScheme", "cursor", "depth", "limit", "order", "pageNext", "pagePrev", "query", "nextPage", "prevPage",
}

// taxonomyOrders are what concepts and schemes can be ordered by.
var taxonomyOrders = map[string]Column{
	"sys.id":        sysColumn("id", String),
	"sys.createdAt": sysColumn("createdAt", Date),
	"sys.updatedAt": sysColumn("updatedAt", Date),
	"prefLabel":     {Source: SourceBody, Name: "prefLabel", Part: partLabels, Type: String},
}

// ParseTaxonomy is Parse for the lists of concepts and concept schemes. In the
// management API parameters that mean nothing here are ignored, as in the original.
// Without another order they come as they were made.
func ParseTaxonomy(values url.Values, opt Options) (*Taxonomy, error) {
	p := &parser{opt: opt, q: &Query{Kind: opt.Kind, Cursor: true}}
	values = p.walk(values)
	p.q.Limit = p.limit(values)
	t := &Taxonomy{Query: p.q, Depth: p.number(values, "depth", 0, 0, -1)}
	for _, key := range slices.SortedFunc(maps.Keys(values), compareKeys) {
		p.sent = key
		switch value := last(values, key); {
		case key == "conceptScheme" && opt.Kind == cms.KindConcept:
			t.Scheme = value
		case isList(key, "order"):
			p.taxonomyOrder(value)
		case key == "query":
			p.fullText(value)
		case !slices.Contains(taxonomyParameters, key) && opt.API != Management:
			d := detail("unknown", strings.Split(key, "."), fmt.Sprintf("The path %q is not recognized", clip(key)))
			d.Suggestions = nearest.Likely(key, slices.Values(taxonomyParameters))
			p.add(d)
		}
	}
	p.sent = ""
	if len(p.q.Order) == 0 {
		p.q.Order = []Order{{Column: taxonomyOrders["sys.createdAt"]}}
	}
	p.finishCursor()
	if err := p.err(); err != nil {
		return nil, err
	}
	return t, nil
}

// walk reads what says which page is asked for and returns the other parameters.
func (p *parser) walk(sent url.Values) url.Values {
	values := maps.Clone(sent)
	for as, name := range map[string]string{"nextPage": "pageNext", "prevPage": "pagePrev"} {
		if token := last(values, as); token != "" && last(values, name) == "" {
			values[name] = []string{token}
		}
	}
	own := without(values, append([]string{"nextPage", "prevPage"}, notInTokens...)...)
	next, prev := last(values, "pageNext"), last(values, "pagePrev")
	switch {
	case next != "" && prev != "":
		p.invalid([]string{"pagePrev"}, "A page comes after or before another one, not both.")
	case next != "":
		own, p.q.After = p.page("pageNext", next, own)
	case prev != "":
		own, p.q.Before = p.page("pagePrev", prev, own)
	}
	p.q.Params = own.Encode()
	return own
}

func (p *parser) taxonomyOrder(value string) {
	for item := range strings.SplitSeq(value, ",") {
		name, desc := strings.CutPrefix(strings.TrimSpace(item), "-")
		c, ok := taxonomyOrders[name]
		switch {
		case name == "":
		case !ok:
			d := detail("unknown", strings.Split(name, "."), fmt.Sprintf("The path %q is not recognized", clip(name)))
			d.Suggestions = nearest.Likely(name, maps.Keys(taxonomyOrders))
			p.add(d)
		case len(p.q.Order) == maxOrder:
			p.invalid([]string{"order"}, "A query can be ordered by at most %d properties.", maxOrder)
			return
		default:
			p.q.Order = append(p.q.Order, Order{Column: c, Desc: desc})
		}
	}
}

// ofTaxonomy reports whether resources of a kind have labels.
func ofTaxonomy(k cms.Kind) bool { return k == cms.KindConcept || k == cms.KindConceptScheme }

// labelValues are the texts that a concept or scheme is found by.
func labelValues(e *Entity, m *cms.Model) Values {
	vs := Values{Set: true}
	for name, part := range map[string]string{"prefLabel": partLabels, "altLabels": partLabels, "hiddenLabels": partLabels, "notations": ""} {
		vs.List = append(vs.List, Column{Source: SourceBody, Name: name, Part: part, Type: String}.Values(e, m).List...)
	}
	return vs
}

// Widens reports whether the meaning of a query depends on the taxonomy.
func (q *Query) Widens() bool {
	return slices.ContainsFunc(q.Conds, func(c Cond) bool { return c.Below })
}

// Widen gives conditions on descendants their meaning: in place of the concepts
// they name come these and all that below returns for them. Until then, they are
// about the concepts alone.
func (q *Query) Widen(below func(ids []string) ([]string, error)) error {
	for i := range q.Conds {
		c := &q.Conds[i]
		if !c.Below {
			continue
		}
		ids := make([]string, len(c.Args))
		for i, v := range c.Args {
			ids[i] = v.Str
		}
		more, err := below(ids)
		if err != nil {
			return err
		}
		for _, id := range more {
			c.Args = append(c.Args, Value{Str: id})
		}
		c.Below = false
	}
	return nil
}

// descendantsParameter is what the one parameter begins with whose meaning depends
// on the taxonomy.
const descendantsParameter = "metadata.concepts." + partDescendants

// OfTaxonomy reports whether what these parameters ask for may depend on the
// taxonomy. A token of a page holds parameters too.
func OfTaxonomy(values url.Values) bool {
	for key := range values {
		if strings.HasPrefix(key, descendantsParameter) {
			return true
		}
	}
	for _, name := range []string{"pageNext", "pagePrev"} {
		token := last(values, name)
		if token == "" {
			continue
		}
		if c, ok := parseToken(token); ok && strings.Contains(c.Params, descendantsParameter) {
			return true
		}
	}
	return false
}
