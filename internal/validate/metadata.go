package validate

import (
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// typeMetadata is the metadata of a content type. Annotations are kept as sent.
type typeMetadata struct {
	Annotations json.RawMessage `json:"annotations,omitempty"`
	Taxonomy    []taxonomyLink  `json:"taxonomy,omitempty"`
}

// taxonomyLink says that entries may, or must, be classified by a concept or
// by concepts of a scheme.
type taxonomyLink struct {
	Sys      cms.LinkSys `json:"sys"`
	Required bool        `json:"required"`
}

var taxonomyTypes = []string{"TaxonomyConcept", "TaxonomyConceptScheme"}

// metadata reads a content type's metadata; it must have annotations or a
// taxonomy.
func metadata(p *problems, raw json.RawMessage) json.RawMessage {
	at := []any{"metadata"}
	o, ok := rawObject(p, raw, at)
	if !ok {
		return nil
	}
	o.only("annotations", "taxonomy")
	var m typeMetadata
	annotated, classified := o.members["annotations"], o.members["taxonomy"]
	if annotated == nil && classified == nil {
		p.add(required("annotations", join(at, "annotations")), required("taxonomy", join(at, "taxonomy")))
	}
	if annotated != nil {
		annotations(p, annotated, join(at, "annotations"))
		m.Annotations = annotated
	}
	if classified != nil {
		m.Taxonomy = taxonomy(p, classified, join(at, "taxonomy"))
	}
	return fault.Raw(m)
}

// annotations checks links to annotations of the type and of its fields.
func annotations(p *problems, raw json.RawMessage, at []any) {
	o, ok := rawObject(p, raw, at)
	if !ok {
		return
	}
	o.only("ContentType", "ContentTypeField")
	if raw, ok := o.members["ContentType"]; ok {
		annotationLinks(p, raw, join(at, "ContentType"))
	}
	if raw, ok := o.members["ContentTypeField"]; ok {
		at := join(at, "ContentTypeField")
		if byField, ok := rawObject(p, raw, at); ok {
			for _, id := range sortedKeys(byField.members) {
				annotationLinks(p, byField.members[id], join(at, id))
			}
		}
	}
}

func annotationLinks(p *problems, raw json.RawMessage, at []any) {
	for i, item := range rawArray(p, raw, at) {
		v, err := decode(item)
		if l, ok := linkOf(v); err != nil || !ok || l.LinkType != "Annotation" {
			p.add(wrongType("value", "Link", item, join(at, i)))
		}
	}
}

// taxonomy reads the concepts and schemes; required is false by default.
func taxonomy(p *problems, raw json.RawMessage, at []any) []taxonomyLink {
	list := []taxonomyLink{}
	for i, item := range rawArray(p, raw, at) {
		at := join(at, i)
		o, ok := rawObject(p, item, at)
		if !ok {
			continue
		}
		o.only("sys", "required")
		v, err := decode(item)
		l, ok := linkOf(v)
		if err != nil || !ok || !slices.Contains(taxonomyTypes, l.LinkType) {
			p.add(wrongType("value", "Link", item, at))
		}
		list = append(list, taxonomyLink{Sys: l, Required: flag(o, "required")})
	}
	return list
}

// keptMetadata is the metadata after a write that has none: the taxonomy stays,
// annotations go, as in the original.
func keptMetadata(before json.RawMessage) json.RawMessage {
	var m typeMetadata
	if before == nil || json.Unmarshal(before, &m) != nil || len(m.Taxonomy) == 0 {
		return nil
	}
	return fault.Raw(typeMetadata{Taxonomy: m.Taxonomy})
}
