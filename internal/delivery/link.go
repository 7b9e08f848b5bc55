package delivery

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/richtext"
)

// link is a link to an entry or an asset.
type link struct {
	kind cms.Kind
	id   string
}

// links lists what the shown values of an entity link to: in links, lists of
// links and rich text. Links to other spaces are none of them.
func (e entity) links(sel *query.Select) []link {
	var out []link
	add := func(typ, linkType, id string) {
		l := link{cms.Kind(linkType), id}
		if typ == "Link" && id != "" && (l.kind == cms.KindEntry || l.kind == cms.KindAsset) && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	for i := range e.schema.Fields {
		f := &e.schema.Fields[i]
		values := e.doc.Fields[f.Key]
		if f.Omitted || len(values) == 0 || !sel.Field(f.ID) {
			continue
		}
		if e.view.one() {
			if raw, ok := e.view.value(f, values); ok {
				linksOf(f, raw, add)
			}
			continue
		}
		e.view.stored(f, values, func(_ string, raw json.RawMessage) { linksOf(f, raw, add) })
	}
	return out
}

// linksOf calls add for each link in a value of the field. What has another
// shape than the field's type, as drafts may, has no links.
func linksOf(f *cms.Field, raw json.RawMessage, add func(typ, linkType, id string)) {
	switch {
	case f.Type == cms.RichText:
		if bytes.Contains(raw, []byte(`"target"`)) {
			for _, l := range richtext.Links(raw) {
				add(l.Type, l.LinkType, l.ID)
			}
		}
	case f.Type == cms.TypeLink:
		linkIn(raw, add)
	case f.Type == cms.Array && f.Items != nil && f.Items.Type == cms.TypeLink:
		var elements []json.RawMessage
		if json.Unmarshal(raw, &elements) != nil {
			return
		}
		for _, el := range elements {
			linkIn(el, add)
		}
	}
}

func linkIn(raw json.RawMessage, add func(typ, linkType, id string)) {
	var l cms.Link
	if json.Unmarshal(raw, &l) == nil {
		add(l.Sys.Type, l.Sys.LinkType, l.Sys.ID)
	}
}
