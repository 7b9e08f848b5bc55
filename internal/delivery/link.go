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

// links lists what the shown values of an entity link to, in links, lists of
// links and rich text: entries and assets, and URNs of entries of other spaces.
func (e entity) links(sel *query.Select) (near []link, far []string) {
	add := func(t richtext.Target) {
		switch l := (link{cms.Kind(t.LinkType), t.ID}); {
		case t.Type == "Link" && t.ID != "" && (l.kind == cms.KindEntry || l.kind == cms.KindAsset):
			if !slices.Contains(near, l) {
				near = append(near, l)
			}
		case t.Type == "ResourceLink" && t.LinkType == farEntry && t.URN != "" && !slices.Contains(far, t.URN):
			far = append(far, t.URN)
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
	return near, far
}

// linksOf calls add for each link in a value of the field. What has another
// shape than the field's type, as drafts may, has no links.
func linksOf(f *cms.Field, raw json.RawMessage, add func(richtext.Target)) {
	switch {
	case f.Type == cms.RichText:
		if bytes.Contains(raw, []byte(`"target"`)) {
			for _, l := range richtext.Links(raw) {
				add(l.Target)
			}
		}
	case f.Type == cms.TypeLink || f.Type == cms.ResourceLink:
		linkIn(raw, add)
	case f.Type == cms.Array && f.Items != nil && (f.Items.Type == cms.TypeLink || f.Items.Type == cms.ResourceLink):
		var elements []json.RawMessage
		if json.Unmarshal(raw, &elements) != nil {
			return
		}
		for _, el := range elements {
			linkIn(el, add)
		}
	}
}

func linkIn(raw json.RawMessage, add func(richtext.Target)) {
	var l struct{ Sys richtext.Target }
	if json.Unmarshal(raw, &l) == nil {
		add(l.Sys)
	}
}
