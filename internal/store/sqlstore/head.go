package sqlstore

import (
	"strings"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// headColumns are the columns of head in the order of headArgs and scanHead.
var headColumns = []string{"scope", "kind", "id", "content_type", "version", "created_at", "updated_at", "created_by", "updated_by",
	"published_version", "published_counter", "published_at", "first_published_at", "published_by",
	"archived_version", "archived_at", "archived_by", "draft", "published", "child"}

var (
	columnsOfHead = strings.Join(headColumns, ", ")
	selectHead    = "SELECT " + columnsOfHead + " FROM head WHERE "
	selectHeadAt  = "SELECT " + columnsOfHead + ", (SELECT seq FROM scope WHERE scope.id = $1), (SELECT model FROM scope WHERE scope.id = $1) FROM head WHERE "
)

const insertHead = `INSERT INTO head (scope, kind, id, content_type, version, created_at, updated_at, created_by, updated_by,
	published_version, published_counter, published_at, first_published_at, published_by, archived_version, archived_at, archived_by,
	draft, published, child)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`

const updateHead = `UPDATE head SET content_type = $4, version = $5, created_at = $6, updated_at = $7, created_by = $8, updated_by = $9,
	published_version = $10, published_counter = $11, published_at = $12, first_published_at = $13, published_by = $14,
	archived_version = $15, archived_at = $16, archived_by = $17, draft = $18, published = $19, child = $20
	WHERE scope = $1 AND kind = $2 AND id = $3`

func headArgs(h store.Head) []any {
	return []any{int64(h.Scope), string(h.Kind), h.ID, h.ContentType, int64(h.Version),
		millis(h.CreatedAt), millis(h.UpdatedAt), h.CreatedBy, h.UpdatedBy,
		int64(h.PublishedVersion), int64(h.PublishedCounter), millis(h.PublishedAt), millis(h.FirstPublishedAt), h.PublishedBy,
		int64(h.ArchivedVersion), millis(h.ArchivedAt), h.ArchivedBy, int64(h.Draft), int64(h.Published), int64(h.Child)}
}

// scanHead reads a row. Drivers know the basic types best.
func scanHead(scan scanner) (store.Head, error) {
	var h store.Head
	var version, publishedVersion, publishedCounter, archivedVersion int64
	var created, updated, published, first, archived int64
	err := scan((*int64)(&h.Scope), (*string)(&h.Kind), &h.ID, &h.ContentType, &version, &created, &updated, &h.CreatedBy, &h.UpdatedBy,
		&publishedVersion, &publishedCounter, &published, &first, &h.PublishedBy,
		&archivedVersion, &archived, &h.ArchivedBy, (*int64)(&h.Draft), (*int64)(&h.Published), (*int64)(&h.Child))
	h.Version, h.PublishedVersion, h.PublishedCounter, h.ArchivedVersion = int(version), int(publishedVersion), int(publishedCounter), int(archivedVersion)
	h.CreatedAt, h.UpdatedAt = instant(created), instant(updated)
	h.PublishedAt, h.FirstPublishedAt, h.ArchivedAt = instant(published), instant(first), instant(archived)
	return h, err
}

// rounded is a head as it is read back: its times are UTC milliseconds.
func rounded(h store.Head) store.Head {
	for _, t := range []*time.Time{&h.CreatedAt, &h.UpdatedAt, &h.PublishedAt, &h.FirstPublishedAt, &h.ArchivedAt} {
		*t = instant(millis(*t))
	}
	return h
}

// millis is a time as it is stored; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
