package index

import (
	"math"
	"time"
	"unique"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// head is a store.Head as the read model keeps it, in less than half the memory:
// without what its partition and environment know, with times as numbers and ids
// of users that all heads share. ords says where its bodies are.
type head struct {
	part *partition
	ords [2]uint32 // by cms.Stage: the ordinal of its body there, or nowhere

	id                      string
	version                 int
	draft, published        store.Revision
	child                   store.Scope
	createdAt, updatedAt    moment
	createdBy, updatedBy    unique.Handle[string]
	publishedVersion        int
	publishedCounter        int
	publishedAt, firstAt    moment
	publishedBy, archivedBy unique.Handle[string]
	archivedAt              moment
	archivedVersion         int
}

// nowhere is the ordinal of a body that a resource does not have.
const nowhere = math.MaxUint32

// headSize is the memory of a head without its id, with its place in the maps.
const headSize = 220

// set takes over what a resource's new head says.
func (h *head) set(s *store.Head) {
	h.version, h.draft, h.published, h.child = s.Version, s.Draft, s.Published, s.Child
	h.createdAt, h.createdBy = momentOf(s.CreatedAt), unique.Make(s.CreatedBy)
	h.updatedAt, h.updatedBy = momentOf(s.UpdatedAt), unique.Make(s.UpdatedBy)
	h.publishedVersion, h.publishedCounter = s.PublishedVersion, s.PublishedCounter
	h.publishedAt, h.publishedBy = momentOf(s.PublishedAt), unique.Make(s.PublishedBy)
	h.firstAt = momentOf(s.FirstPublishedAt)
	h.archivedVersion, h.archivedAt, h.archivedBy = s.ArchivedVersion, momentOf(s.ArchivedAt), unique.Make(s.ArchivedBy)
}

// full is the head as the store has it.
func (h *head) full() store.Head {
	return store.Head{
		Scope: h.part.scope, Draft: h.draft, Published: h.published, Child: h.child,
		Sys: cms.Sys{
			Kind: h.part.kind, ID: h.id, ContentType: h.part.contentType, Version: h.version,
			CreatedAt: h.createdAt.time(), UpdatedAt: h.updatedAt.time(),
			CreatedBy: h.createdBy.Value(), UpdatedBy: h.updatedBy.Value(),
			PublishedVersion: h.publishedVersion, PublishedCounter: h.publishedCounter,
			PublishedAt: h.publishedAt.time(), FirstPublishedAt: h.firstAt.time(), PublishedBy: h.publishedBy.Value(),
			ArchivedVersion: h.archivedVersion, ArchivedAt: h.archivedAt.time(), ArchivedBy: h.archivedBy.Value(),
		},
	}
}

// shows is the ordinal of a body that the resource shows in a stage, or nowhere.
func (h *head) shows(rev store.Revision) uint32 {
	switch {
	case h.ords[cms.Draft] != nowhere && h.draft == rev:
		return h.ords[cms.Draft]
	case h.ords[cms.Published] != nowhere && h.published == rev:
		return h.ords[cms.Published]
	}
	return nowhere
}

// moment is a time in milliseconds since 1970, as precise as the store keeps
// them; 0 is the zero time.
type moment int64

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.UnixMilli())
}

func (m moment) time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}
