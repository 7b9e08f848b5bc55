// Package authoring is what the management API does: lifecycles, versions,
// references, the content model, environments, keys. It knows nothing of HTTP;
// its errors are faults and its results domain values.
//
// Every write validates outside the transaction, against the model it read,
// and then makes one short store.Update that checks that nothing it relied on
// has changed.
//
// Start reading at Service and Resource, then entity.go and entry.go.
package authoring

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/fetch"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
)

// Service is the management side of Typecase. Its fields are set once, before
// the first call.
type Service struct {
	Store  store.Store
	Index  *index.Index
	Blobs  *blob.Store
	Fetch  *fetch.Client
	Now    func() time.Time // UTC, millisecond precision is enough
	IDs    IDs
	Secret []byte // 32 bytes; seals the values of API keys at rest
	Wake   func() // tells the job runner that a job was enqueued

	FileLimit int64         // bytes of the largest file that can be uploaded or fetched
	KeepTrash time.Duration // how long what was deleted can come back

	tries bool // see Trial
}

// Resource is a versioned resource with its decoded body.
type Resource[T any] struct {
	cms.Sys
	Value T
	Child store.Scope // spaces and environments: the scope inside
}

// decode turns a stored body into a resource.
func decode[T any](h store.Head, body []byte) (Resource[T], error) {
	r := Resource[T]{Sys: h.Sys, Child: h.Child}
	if err := json.Unmarshal(body, &r.Value); err != nil {
		return r, fault.Wrap(err, fault.ServerError, "stored %s %s is unreadable", h.Kind, h.ID)
	}
	return r, nil
}

// get reads one resource with its draft body: two statements.
func get[T any](ctx context.Context, r store.Reader, s store.Scope, k cms.Kind, id string) (Resource[T], error) {
	h, err := r.Get(ctx, s, k, id)
	if err != nil {
		return Resource[T]{}, err
	}
	bodies, err := r.Bodies(ctx, []store.Revision{h.Draft})
	if err != nil {
		return Resource[T]{}, err
	}
	return decode[T](h, bodies[h.Draft])
}

// list reads all resources of a kind in a scope with their draft bodies, in the
// order of their ids. For kinds of which a scope has few.
func list[T any](ctx context.Context, r store.Reader, s store.Scope, k cms.Kind) ([]Resource[T], error) {
	const page = 1000
	var out []Resource[T]
	for after := ""; ; {
		heads, err := r.List(ctx, s, k, after, page)
		if err != nil {
			return nil, err
		}
		revs := make([]store.Revision, len(heads))
		for i, h := range heads {
			revs[i] = h.Draft
		}
		bodies, err := r.Bodies(ctx, revs)
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			res, err := decode[T](h, bodies[h.Draft])
			if err != nil {
				return nil, err
			}
			out = append(out, res)
		}
		if len(heads) < page {
			return out, nil
		}
		after = heads[len(heads)-1].ID
	}
}

// put writes value as the new draft of h; the caller has set h.Version.
func put[T any](ctx context.Context, tx store.Tx, h store.Head, was int, value T, action store.Action, actor string, at time.Time) (Resource[T], error) {
	body, err := encode(value)
	if err != nil {
		return Resource[T]{}, fault.Wrap(err, fault.ServerError, "encoding a %s", h.Kind)
	}
	stored, err := tx.Put(ctx, store.Write{Head: h, Was: was, Body: body, Action: action, Actor: actor, At: at})
	if err != nil {
		return Resource[T]{}, err
	}
	return Resource[T]{Sys: stored.Sys, Child: stored.Child, Value: value}, nil
}

// encode is a body as it is stored. Characters stand as they are, without the
// escapes that make JSON safe inside HTML.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// created is the head of a resource that begins now at this version.
func created(s store.Scope, k cms.Kind, id string, version int, actor string, at time.Time) store.Head {
	return store.Head{Scope: s, Sys: cms.Sys{
		Kind: k, ID: id, Version: version,
		CreatedAt: at, UpdatedAt: at, CreatedBy: actor, UpdatedBy: actor,
	}}
}

// touched is h one version on, changed by actor.
func touched(h store.Head, actor string, at time.Time) store.Head {
	h.Version++
	h.UpdatedAt, h.UpdatedBy = at, actor
	return h
}
