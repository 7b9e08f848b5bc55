package delivery

import (
	"encoding/json"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// entity is an entry or asset with what is needed to show it.
type entity struct {
	*reader
	head   *store.Head
	doc    *cms.Document
	schema *cms.ContentType
}

func (rd *reader) entity(h *store.Head, doc *cms.Document) entity {
	e := entity{reader: rd, head: h, doc: doc, schema: cms.AssetType}
	if h.Kind == cms.KindEntry {
		e.schema = rd.model.Types[h.ContentType] // there is one, see visible
	}
	return e
}

// append writes the entity, or what select leaves of it. The original puts the
// members into another order when select is used.
func (e entity) append(dst []byte, sel *query.Select) []byte {
	w := &writer{append(dst, '{')}
	if sel == nil {
		e.metadata(w, nil)
		e.sys(w, nil)
		e.fields(w, nil)
	} else {
		e.fields(w, sel)
		e.metadata(w, sel)
		e.sys(w, sel)
	}
	return append(w.buf, '}')
}

// metadata writes tags and concepts; private tags are nobody's business.
func (e entity) metadata(w *writer, sel *query.Select) {
	if !sel.AnyMetadata() {
		return
	}
	w.key("metadata")
	w.raw("{")
	if sel.MetadataName("tags") {
		w.key("tags")
		w.raw("[")
		for _, id := range e.doc.Metadata.Tags {
			if e.tags.public[id] {
				w.next()
				w.link(cms.KindTag, id)
			}
		}
		w.raw("]")
	}
	if sel.MetadataName("concepts") {
		w.key("concepts")
		w.raw("[")
		for _, id := range e.doc.Metadata.Concepts {
			w.next()
			w.link(cms.KindConcept, id)
		}
		w.raw("]")
	}
	w.raw("}")
}

func (e entity) sys(w *writer, sel *query.Select) {
	if !sel.AnySys() {
		return
	}
	w.key("sys")
	w.raw("{")
	if sel.SysName("space") {
		w.linkMember("space", cms.KindSpace, e.Place.SpaceID)
	}
	if sel.SysName("id") {
		w.strMember("id", e.head.ID)
	}
	if sel.SysName("type") {
		w.strMember("type", string(e.head.Kind))
	}
	created, updated := e.times(e.head)
	if sel.SysName("createdAt") {
		w.timeMember("createdAt", created)
	}
	if sel.SysName("updatedAt") {
		w.timeMember("updatedAt", updated)
	}
	if sel.SysName("environment") {
		w.linkMember("environment", cms.KindEnvironment, e.Place.EnvironmentID)
	}
	if sel.SysName("publishedVersion") && e.head.Published != 0 {
		w.intMember("publishedVersion", int64(e.head.PublishedVersion))
	}
	if sel.SysName("revision") {
		w.intMember("revision", int64(e.head.PublishedCounter))
	}
	if sel.SysName("contentType") && e.head.Kind == cms.KindEntry {
		w.linkMember("contentType", cms.KindContentType, e.head.ContentType)
	}
	if sel.SysName("locale") && e.view.one() {
		w.strMember("locale", e.view.code)
	}
	w.raw("}")
}

// times are createdAt and updatedAt as readers see them: for delivery an entity
// begins with its first publication and changes with each further one.
func (rd *reader) times(h *store.Head) (created, updated time.Time) {
	if rd.Stage == cms.Published {
		return h.FirstPublishedAt, h.PublishedAt
	}
	return h.CreatedAt, h.UpdatedAt
}

// fields writes the values of the view, byte for byte as they are stored.
func (e entity) fields(w *writer, sel *query.Select) {
	if !sel.AnyField() {
		return
	}
	w.key("fields")
	w.raw("{")
	for i := range e.schema.Fields {
		f := &e.schema.Fields[i]
		values := e.doc.Fields[f.Key]
		if f.Omitted || len(values) == 0 || !sel.Field(f.ID) {
			continue
		}
		if e.view.one() {
			if raw, ok := e.view.value(f, values); ok {
				w.key(f.ID)
				e.value(w, f, raw)
			}
			continue
		}
		before := len(w.buf)
		w.key(f.ID)
		w.raw("{")
		empty := len(w.buf)
		e.view.stored(f, values, func(code string, raw json.RawMessage) {
			w.key(code)
			e.value(w, f, raw)
		})
		if len(w.buf) == empty {
			w.buf = w.buf[:before]
			continue
		}
		w.raw("}")
	}
	w.raw("}")
}

// base is what goes before the paths of the entity's files.
func (e entity) base() string {
	if e.Stage == cms.Draft && e.DraftBase != "" && e.head.Draft != e.head.Published {
		return e.DraftBase
	}
	return e.Base
}

func (e entity) value(w *writer, f *cms.Field, raw json.RawMessage) {
	if e.head.Kind == cms.KindAsset && f.ID == cms.AssetFile {
		w.file(raw, e.base())
		return
	}
	w.buf = append(w.buf, raw...)
}
