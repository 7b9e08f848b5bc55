package authoring

import (
	"context"
	"encoding/json"
	"errors"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// maxPatchOperations bounds what one PATCH may do.
const maxPatchOperations = 1000

// PatchEntry applies a JSON Patch (RFC 6902) to an entry as the management API
// shows it, fields and metadata only, and saves the result like PutEntry.
func (s *Service) PatchEntry(ctx context.Context, p access.Place, a access.Actor, id string, v Version, patch []byte) (Entity, error) {
	e, err := s.Entry(ctx, p, id)
	if err != nil {
		return Entity{}, err
	}
	if err := s.sameVersion(ctx, p, e.Sys, v); err != nil {
		return Entity{}, err
	}
	if e.Archived() {
		return Entity{}, editsArchived(cms.KindEntry, id)
	}
	body, err := patched(publicDocument(e), patch)
	if err != nil {
		return Entity{}, err
	}
	in, err := ParseEntity(cms.KindEntry, body)
	if err != nil {
		return Entity{}, err
	}
	if in.Metadata == nil { // removed, which is more than not named
		in.Metadata = json.RawMessage("null")
	}
	e, _, err = s.PutEntry(ctx, p, a, id, "", v, in)
	return e, err
}

// patched is what patching a document gives.
func patched(doc, patch []byte) ([]byte, error) {
	ops, err := jsonpatch.DecodePatch(patch)
	if err != nil || len(ops) > maxPatchOperations {
		return nil, fault.Wrap(err, fault.BadRequest, "The body must be a JSON Patch: an array of at most %d operations as RFC 6902 describes them.", maxPatchOperations)
	}
	opt := jsonpatch.NewApplyOptions()
	opt.SupportNegativeIndices = false
	opt.AccumulatedCopySizeLimit = 2 * maxDocument
	body, err := ops.ApplyWithOptions(doc, opt)
	if err != nil {
		return nil, patchFault(err)
	}
	return body, nil
}

// patchFault tells why a patch does not apply.
func patchFault(err error) error {
	hint := "Every path must exist, and the parent of an added value too: to set a field's first locale, add the whole {locale: value} object."
	if errors.Is(err, jsonpatch.ErrTestFailed) {
		hint = "The value tested for is not there."
	}
	return fault.Wrap(err, fault.BadRequest, "The JSON Patch cannot be applied: %s. %s", err, hint)
}

// publicDocument is an entity's metadata and fields as the management API shows
// them, named by public ids.
func publicDocument(e Entity) []byte {
	dst := append([]byte(`{"metadata":`), publicMetadata(e.Document.Metadata)...)
	dst = append(dst, `,"fields":`...)
	dst = cms.AppendFields(dst, e.Type, e.Locales, e.Document.Fields)
	return append(dst, '}')
}

func publicMetadata(m cms.Metadata) []byte {
	b, _ := json.Marshal(m.Links()) // ids and links always encode
	return b
}
