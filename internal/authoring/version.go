package authoring

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Version is what a request says about the version it saw.
type Version struct {
	Number int
	Sent   bool
}

// check compares with the state a resource has.
func (v Version) check(now cms.Sys) error {
	if v.Sent && v.Number == now.Version {
		return nil
	}
	versions := &fault.Versions{Current: now.Version, UpdatedAt: now.UpdatedAt, UpdatedBy: now.UpdatedBy}
	var f *fault.Error
	if !v.Sent {
		f = fault.New(fault.VersionMismatch, `%s %s is at version %d. Pass sys.version as HTTP header "X-Contentful-Version" to say which version you are changing.`, now.Kind, now.ID, now.Version)
	} else {
		f = fault.New(fault.VersionMismatch, "%s %s is at version %d, the request was made for version %d. Read it again, apply your change to what you get, and retry.", now.Kind, now.ID, now.Version, v.Number)
		sent := v.Number // v itself would take memory each time
		versions.Sent = &sent
	}
	f.Versions = versions
	return f
}

// sameVersion is check for an entry or asset, outside of transactions, for who has
// the model: it also tells which fields have changed since the version that the
// request saw.
func (s *Service) sameVersion(ctx context.Context, p access.Place, now cms.Sys, v Version) error {
	return s.sameVersionOf(ctx, p, now, now.Kind, now.ID, v)
}

// sameVersionOf is sameVersion for what the log has under another kind and id, as
// versions of releases.
func (s *Service) sameVersionOf(ctx context.Context, p access.Place, now cms.Sys, kind cms.Kind, id string, v Version) error {
	err := v.check(now)
	if err == nil || !v.Sent || v.Number > now.Version {
		return err
	}
	changed, failure := s.changedSince(ctx, p, now, kind, id, v.Number)
	if failure != nil {
		return failure
	}
	fault.Of(err).Versions.Changed = changed
	return err
}

// changedSince returns the ids of the fields that differ between a version of an
// entry or asset and its present one, in the order of its content type; nil when
// that is not known, such as when there was no such version.
func (s *Service) changedSince(ctx context.Context, p access.Place, now cms.Sys, kind cms.Kind, id string, version int) ([]string, error) {
	var then, latest store.Revision
	err := s.life(ctx, p.Environment, kind, id, func(c store.Change) bool {
		if latest == 0 {
			latest = c.DraftAfter
		}
		if c.Version == version {
			then = c.DraftAfter
		}
		return c.Version > version
	})
	if err != nil || then == 0 || latest == 0 {
		return nil, err
	}
	model := s.Index.Remembered(p.Environment)
	if model == nil {
		return nil, nil
	}
	docs, err := s.Index.Documents(ctx, []store.Revision{then, latest})
	if err != nil {
		return nil, err
	}
	ct := cms.AssetType
	if now.Kind == cms.KindEntry {
		ct = model.Types[now.ContentType]
	}
	if ct == nil || docs[then] == nil || docs[latest] == nil {
		return nil, nil
	}
	changed := []string{}
	for i := range ct.Fields {
		f := &ct.Fields[i]
		if !maps.EqualFunc(docs[then].Fields[f.Key], docs[latest].Fields[f.Key], sameJSON) {
			changed = append(changed, f.ID)
		}
	}
	return changed, nil
}

// sameJSON compares values as they are stored, which is without spaces.
func sameJSON(a, b json.RawMessage) bool { return bytes.Equal(a, b) }
