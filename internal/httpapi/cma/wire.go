package cma

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
)

// Wire is a resource as the management API shows it, for what writes it
// elsewhere than into an answer. fileBase goes before the paths of files.
func Wire(p access.Place, fileBase string, resource any) (json.RawMessage, error) {
	var shown any
	switch r := resource.(type) {
	case authoring.Entity:
		return encodeEntity(p, fileBase, r)
	case authoring.Resource[cms.ContentType]:
		shown = contentTypeOf(p, r)
	case authoring.Resource[cms.EditorInterface]:
		shown = editorInterfaceOf(p, r)
	case authoring.Resource[cms.Tag]:
		shown = tagOf(p, r)
	case authoring.Resource[cms.Locale]:
		shown = localeOf(p, r)
	case authoring.Resource[cms.Extension]:
		shown = extensionOf(p, r)
	case authoring.Resource[cms.Webhook]:
		shown = webhookOf(p, r)
	case authoring.Resource[cms.PreviewPlatform]:
		shown = previewOf(p, r)
	case authoring.Resource[cms.UIConfig]:
		shown = uiConfigOf(p, r)
	case authoring.Resource[cms.Enablements]:
		shown = enablementsOf(p, r)
	case authoring.Concept:
		shown = conceptIn(p.Organization, r)
	case authoring.Resource[cms.ConceptScheme]:
		shown = schemeIn(p.Organization, r)
	default:
		return nil, fmt.Errorf("the management API does not show a %T", resource)
	}
	return encode(shown)
}

// encode is a resource as it is sent.
func encode(shown any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(shown)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
