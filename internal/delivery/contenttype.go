package delivery

import (
	"context"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// ContentTypes answers a query over the published content types; drafts of
// content types are nobody's business, in preview either.
func (s *Service) ContentTypes(ctx context.Context, r Request) (Answer, error) {
	return s.answer(ctx, r, cms.KindContentType, "", func(rd *reader) (*Body, error) {
		page, err := rd.env.Search(rd.ctx, cms.Published, rd.query)
		if err != nil {
			return nil, err
		}
		var items []*fragment
		for i := range page.Heads {
			if ct := rd.model.Types[page.Heads[i].ID]; ct != nil {
				items = append(items, &fragment{json: rd.contentType(&page.Heads[i], ct, rd.query.Select)})
			}
		}
		return rd.collection(page, items, included{})
	})
}

// ContentType is one published content type.
func (s *Service) ContentType(ctx context.Context, r Request, id string) (Answer, error) {
	return s.answer(ctx, r, cms.KindContentType, id, func(rd *reader) (*Body, error) {
		h, ok := rd.env.Heads(cms.KindContentType, []string{id})[id]
		ct := rd.model.Types[id]
		if !ok || ct == nil {
			f := fault.Of(rd.missing(cms.KindContentType, id))
			f.Suggestions = nearest.Likely(id, maps.Keys(rd.model.Types))
			return nil, f
		}
		return plainBody(rd.contentType(&h, ct, nil)), nil
	})
}

func (rd *reader) contentType(h *store.Head, ct *cms.ContentType, sel *query.Select) []byte {
	w := &writer{make([]byte, 0, 1024)}
	w.raw("{")
	rd.contentTypeSys(w, h, sel)
	if sel.Member("displayField") {
		w.optMember("displayField", ct.DisplayField)
	}
	if sel.Member("name") {
		w.strMember("name", ct.Name)
	}
	if sel.Member("description") {
		w.optMember("description", ct.Description)
	}
	if sel.AnyField() {
		w.key("fields")
		w.raw("[")
		for i := range ct.Fields {
			w.next()
			w.field(&ct.Fields[i])
		}
		w.raw("]")
	}
	w.raw("}")
	return w.buf
}

func (rd *reader) contentTypeSys(w *writer, h *store.Head, sel *query.Select) {
	if !sel.AnySys() {
		return
	}
	w.key("sys")
	w.raw("{")
	if sel.SysName("space") {
		w.linkMember("space", cms.KindSpace, rd.Place.SpaceID)
	}
	if sel.SysName("id") {
		w.strMember("id", h.ID)
	}
	if sel.SysName("type") {
		w.strMember("type", string(cms.KindContentType))
	}
	if sel.SysName("createdAt") {
		w.timeMember("createdAt", h.FirstPublishedAt)
	}
	if sel.SysName("updatedAt") {
		w.timeMember("updatedAt", h.PublishedAt)
	}
	if sel.SysName("environment") {
		w.linkMember("environment", cms.KindEnvironment, rd.Place.EnvironmentID)
	}
	if sel.SysName("revision") {
		w.intMember("revision", int64(h.PublishedCounter))
	}
	w.raw("}")
}

// field writes a field as readers see it: its own validations and default
// values are kept from them, those of a list's elements are not, as in the
// original.
func (w *writer) field(f *cms.Field) {
	w.raw("{")
	w.strMember("id", f.ID)
	w.strMember("name", f.Name)
	w.strMember("type", string(f.Type))
	w.boolMember("localized", f.Localized)
	w.boolMember("required", f.Required)
	w.boolMember("disabled", f.Disabled)
	w.boolMember("omitted", f.Omitted)
	if f.LinkType != "" {
		w.strMember("linkType", f.LinkType)
	}
	if f.Items != nil {
		w.key("items")
		w.raw("{")
		w.strMember("type", string(f.Items.Type))
		if f.Items.LinkType != "" {
			w.strMember("linkType", f.Items.LinkType)
		}
		w.key("validations")
		w.raw("[")
		for _, v := range f.Items.Validations {
			w.next()
			w.raw("{")
			for _, keyword := range slices.Sorted(maps.Keys(v)) {
				w.key(keyword)
				w.buf = append(w.buf, v[keyword]...)
			}
			w.raw("}")
		}
		w.raw("]}")
	}
	if len(f.AllowedResources) > 0 {
		w.key("allowedResources")
		w.buf = append(w.buf, f.AllowedResources...)
	}
	w.raw("}")
}
