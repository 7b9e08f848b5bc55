package authoring

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/jsonpatch"
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
	ops, problems := jsonpatch.Parse(patch, maxPatchOperations)
	if ops == nil || problems != nil {
		return nil, badPatch(fmt.Sprintf("The body must be a JSON Patch: an array of at most %d operations as RFC 6902 describes them.", maxPatchOperations), problems...)
	}
	body, problem, err := jsonpatch.Apply(doc, ops, 2*maxDocument)
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "opening what is to be patched")
	}
	if problem != nil {
		return nil, badPatch("The JSON Patch cannot be applied: "+problem.Details, *problem)
	}
	if cms.Depth(body) > cms.MaxDepth { // small copies can make it so
		return nil, badPatch(fmt.Sprintf("The JSON Patch cannot be applied: what comes out is nested more than %d levels deep.", cms.MaxDepth))
	}
	return body, nil
}

// badPatch tells what is wrong with which operations of a patch.
func badPatch(message string, problems ...fault.Detail) error {
	f := fault.New(fault.BadRequest, "%s", message)
	if problems != nil {
		f.Details = &fault.Details{Errors: problems}
	}
	return f
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
