package authoring

import (
	"context"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Keeping is a service whose writes to one resource give it the versions, counters,
// times and users that it had elsewhere. Everything else about them is as ever.
// Users that this server does not know are the one who writes. A sys that no
// resource can have is fault.BadRequest.
func (s *Service) Keeping(sys cms.Sys) (*Service, error) {
	if err := checkKept(sys); err != nil {
		return nil, err
	}
	k := *s
	k.Store = keepingStore{s.Store, sys}
	return &k, nil
}

type keepingStore struct {
	store.Store
	sys cms.Sys
}

func (k keepingStore) Update(ctx context.Context, s store.Scope, fn func(store.Tx) error, ahead ...store.Ahead) error {
	return k.Store.Update(ctx, s, func(tx store.Tx) error { return fn(keepingTx{tx, k.sys}) }, ahead...)
}

type keepingTx struct {
	store.Tx
	sys cms.Sys
}

func (k keepingTx) Put(ctx context.Context, w store.Write) (store.Head, error) {
	if w.Head.Kind == k.sys.Kind && w.Head.ID == k.sys.ID {
		users, err := knownUsers(ctx, k.Tx, k.sys)
		if err != nil {
			return store.Head{}, err
		}
		w = kept(w, k.sys, users)
	}
	return k.Tx.Put(ctx, w)
}

// checkKept reports numbers that no resource can have, and times that are missing.
func checkKept(sys cms.Sys) error {
	ok := sys.Version >= 0 && sys.PublishedVersion >= 0 && sys.ArchivedVersion >= 0 && sys.PublishedCounter >= 0 &&
		(!sys.Published() || sys.PublishedVersion < sys.Version) && (!sys.Archived() || sys.ArchivedVersion < sys.Version) &&
		!(sys.Published() && sys.Archived()) && !sys.CreatedAt.IsZero() && !sys.UpdatedAt.IsZero()
	if ok {
		return nil
	}
	return hinted("Its sys cannot be kept.", "The versions or times are not those of any resource: version %d, publishedVersion %d, archivedVersion %d, publishedCounter %d; import it without keeping sys.",
		sys.Version, sys.PublishedVersion, sys.ArchivedVersion, sys.PublishedCounter)
}

// firstVersion is the version with which a resource arrives, to take the steps that
// bring it to the one it had.
func firstVersion(sys cms.Sys) int {
	switch {
	case sys.Published():
		return sys.PublishedVersion
	case sys.Archived():
		return sys.ArchivedVersion
	default:
		return sys.Version
	}
}

// kept is a write that leaves the resource as sys has it after a step of its kind.
func kept(w store.Write, sys cms.Sys, users map[string]bool) store.Write {
	user := func(id string) string {
		if users[id] {
			return id
		}
		return w.Actor
	}
	h := &w.Head
	h.CreatedAt, h.CreatedBy = sys.CreatedAt, user(sys.CreatedBy)
	h.UpdatedAt, h.UpdatedBy = sys.UpdatedAt, user(sys.UpdatedBy)
	published := orTime(sys.PublishedAt, sys.UpdatedAt)
	switch w.Action {
	case store.Create:
		h.Version = firstVersion(sys)
		h.PublishedCounter = sys.PublishedCounter
		h.FirstPublishedAt = sys.FirstPublishedAt
		if sys.Published() { // which is still to come
			h.PublishedCounter = max(0, sys.PublishedCounter-1)
			h.UpdatedAt = published
		}
	case store.Publish:
		h.PublishedCounter = max(1, sys.PublishedCounter)
		h.PublishedAt, h.PublishedBy = published, user(sys.PublishedBy)
		h.FirstPublishedAt = orTime(sys.FirstPublishedAt, published)
		if sys.Changed() { // changes are still to come
			h.UpdatedAt = published
		} else {
			h.Version = sys.Version
		}
	case store.Archive:
		h.Version = sys.Version
		h.ArchivedAt, h.ArchivedBy = orTime(sys.ArchivedAt, sys.UpdatedAt), user(sys.ArchivedBy)
	default:
		h.Version = sys.Version
	}
	w.At = h.UpdatedAt
	return w
}

func orTime(t, otherwise time.Time) time.Time {
	if t.IsZero() {
		return otherwise
	}
	return t
}

// knownUsers are those of the users of some resources that this server has.
func knownUsers(ctx context.Context, r store.Reader, resources ...cms.Sys) (map[string]bool, error) {
	known := map[string]bool{}
	for _, sys := range resources {
		for _, id := range []string{sys.CreatedBy, sys.UpdatedBy, sys.PublishedBy, sys.ArchivedBy} {
			if id != "" {
				known[id] = false
			}
		}
	}
	for id := range known {
		_, err := r.Get(ctx, store.Server, cms.KindUser, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		known[id] = err == nil
	}
	return known, nil
}
