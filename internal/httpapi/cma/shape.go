package cma

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// Stored is a resource as it stood at some moment.
type Stored struct {
	cms.Sys
	Draft, Published cms.Body
}

// Shape is a resource as this API shows it, for webhooks: they say of a save what
// a read would have said then. base goes before the paths of files.
func Shape(p access.Place, base string, model *cms.Model, r Stored) ([]byte, error) {
	v, err := shaped(p, model, r)
	if err != nil {
		return nil, err
	}
	var out []byte
	if e, ok := v.(authoring.Entity); ok {
		out, err = encodeEntity(p, base, e)
	} else {
		out, err = encode(v)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding %s %s", r.Kind, r.ID)
	}
	return out, nil
}

// ofRelease is the kind of entity that a release has versions of.
var ofRelease = map[cms.Kind]cms.Kind{cms.KindReleaseEntry: cms.KindEntry, cms.KindReleaseAsset: cms.KindAsset}

// shaped is what encode takes, or an authoring.Entity.
func shaped(p access.Place, model *cms.Model, r Stored) (any, error) {
	release := ""
	if of, ok := ofRelease[r.Kind]; ok {
		release = cms.OwnerOf(r.ID)
		r.Kind, r.ID = of, cms.OwnID(r.ID)
	}
	switch r.Kind {
	case cms.KindEntry, cms.KindAsset:
		e := authoring.Entity{Release: release, Sys: r.Sys, Type: cms.AssetType, Locales: model.Locales}
		if r.Kind == cms.KindEntry {
			if e.Type = model.Types[r.ContentType]; e.Type == nil { // deactivated since
				e.Type = &cms.ContentType{}
			}
		}
		var err error
		if e.Document, err = document(r, r.Draft); err == nil && r.Published.Exists() {
			e.PublishedDocument, err = document(r, r.Published)
		}
		if err != nil {
			return nil, err
		}
		return e, nil
	case cms.KindContentType:
		ct, err := body[cms.ContentType](r)
		if err != nil {
			return nil, err
		}
		return contentTypeOf(p, authoring.Resource[cms.ContentType]{Sys: r.Sys, Value: *ct}), nil
	case cms.KindEnvironmentAlias:
		alias, err := body[cms.EnvironmentAlias](r)
		if err != nil {
			return nil, err
		}
		return aliasOf(p, authoring.Resource[cms.EnvironmentAlias]{Sys: r.Sys, Value: *alias}), nil
	case cms.KindTask:
		task, err := body[cms.Task](r)
		if err != nil {
			return nil, err
		}
		entry := cms.OwnerOf(r.ID)
		r.ID = cms.OwnID(r.ID)
		return taskOf(p, entry, authoring.Resource[cms.Task]{Sys: r.Sys, Value: *task}), nil
	case cms.KindComment:
		comment, err := body[cms.Comment](r)
		if err != nil {
			return nil, err
		}
		kind, of, _ := strings.Cut(cms.OwnerOf(r.ID), "/")
		r.ID = cms.OwnID(r.ID)
		return commentOf(p, cms.Kind(kind), of, false, authoring.Resource[cms.Comment]{Sys: r.Sys, Value: *comment}), nil
	case cms.KindWorkflow:
		workflow, err := body[cms.Workflow](r)
		if err != nil {
			return nil, err
		}
		return workflowOf(p, authoring.Workflow{Sys: r.Sys, Value: *workflow}), nil
	case cms.KindRelease:
		release, err := body[cms.Release](r)
		if err != nil {
			return nil, err
		}
		return releaseOf(httpapi.Unasked(p), authoring.Resource[cms.Release]{Sys: r.Sys, Value: *release}), nil
	case cms.KindReleaseAction, cms.KindBulkAction:
		v, err := body[cms.Action](r)
		if err != nil {
			return nil, err
		}
		action := authoring.Resource[cms.Action]{Sys: r.Sys, Value: *v}
		if r.Kind == cms.KindReleaseAction {
			return releaseActionOf(httpapi.Unasked(p), action), nil
		}
		return bulkActionOf(httpapi.Unasked(p), action), nil
	case cms.KindScheduledAction:
		schedule, err := body[cms.ScheduledAction](r)
		if err != nil {
			return nil, err
		}
		return scheduledOf(httpapi.Unasked(p), authoring.Schedule{Sys: r.Sys, Value: *schedule}), nil
	}
	return nil, fault.New(fault.ServerError, "nobody has said how a %s is told", r.Kind)
}

// document decodes the stored body of an entry or asset, which keeps its values as
// they are.
func document(r Stored, b cms.Body) (*cms.Document, error) {
	doc, err := b.Read()
	if err != nil {
		return nil, unreadable(err, r)
	}
	return doc, nil
}

// body decodes the stored body, numbers as they are spelled.
func body[T any](r Stored) (*T, error) {
	v := new(T)
	d := json.NewDecoder(bytes.NewReader(r.Draft.JSON))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return nil, unreadable(err, r)
	}
	return v, nil
}

func unreadable(err error, r Stored) error {
	return fault.Wrap(err, fault.ServerError, "the stored body of %s %s is unreadable", r.Kind, r.ID)
}
