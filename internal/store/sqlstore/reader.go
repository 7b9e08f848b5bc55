package sqlstore

import (
	"context"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// reader is a store.Reader: over committed state, or inside a transaction.
type reader struct {
	q   querier
	d   dialect
	saw func(store.Scope, int64) // told of every committed position read; nil in a transaction
}

// headColumns are the columns of head in the order of headArgs and scanHead.
var headColumns = []string{"scope", "kind", "id", "content_type", "version", "created_at", "updated_at", "created_by", "updated_by",
	"published_version", "published_counter", "published_at", "first_published_at", "published_by",
	"archived_version", "archived_at", "archived_by", "draft", "published", "child"}

var selectHead = "SELECT " + strings.Join(headColumns, ", ") + " FROM head WHERE "

const insertHead = `INSERT INTO head (scope, kind, id, content_type, version, created_at, updated_at, created_by, updated_by,
	published_version, published_counter, published_at, first_published_at, published_by, archived_version, archived_at, archived_by,
	draft, published, child)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING`

const updateHead = `UPDATE head SET content_type = $4, version = $5, created_at = $6, updated_at = $7, created_by = $8, updated_by = $9,
	published_version = $10, published_counter = $11, published_at = $12, first_published_at = $13, published_by = $14,
	archived_version = $15, archived_at = $16, archived_by = $17, draft = $18, published = $19, child = $20
	WHERE scope = $1 AND kind = $2 AND id = $3 AND version = $21`

func putStatement(was int) string {
	if was == store.Absent {
		return insertHead
	}
	return updateHead
}

func headArgs(h store.Head, was int) []any {
	args := []any{int64(h.Scope), string(h.Kind), h.ID, h.ContentType, h.Version,
		millis(h.CreatedAt), millis(h.UpdatedAt), h.CreatedBy, h.UpdatedBy,
		h.PublishedVersion, h.PublishedCounter, millis(h.PublishedAt), millis(h.FirstPublishedAt), h.PublishedBy,
		h.ArchivedVersion, millis(h.ArchivedAt), h.ArchivedBy, int64(h.Draft), int64(h.Published), int64(h.Child)}
	if was != store.Absent {
		args = append(args, was)
	}
	return args
}

func scanHead(scan func(...any) error) (store.Head, error) {
	var h store.Head
	var created, updated, published, first, archived int64
	err := scan(&h.Scope, &h.Kind, &h.ID, &h.ContentType, &h.Version, &created, &updated, &h.CreatedBy, &h.UpdatedBy,
		&h.PublishedVersion, &h.PublishedCounter, &published, &first, &h.PublishedBy,
		&h.ArchivedVersion, &archived, &h.ArchivedBy, &h.Draft, &h.Published, &h.Child)
	h.CreatedAt, h.UpdatedAt = instant(created), instant(updated)
	h.PublishedAt, h.FirstPublishedAt, h.ArchivedAt = instant(published), instant(first), instant(archived)
	return h, err
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

func (r reader) heads(ctx context.Context, where string, args ...any) ([]store.Head, error) {
	var out []store.Head
	err := r.q.query(ctx, func(scan func(...any) error) error {
		h, err := scanHead(scan)
		out = append(out, h)
		return err
	}, selectHead+where, args...)
	return out, err
}

// Get implements store.Reader.
func (r reader) Get(ctx context.Context, s store.Scope, k cms.Kind, id string) (store.Head, error) {
	if storable(id) != nil { // nothing has such an id
		return store.Head{}, fault.New(fault.NotFound, "")
	}
	found, err := r.heads(ctx, "scope = $1 AND kind = $2 AND id = $3", int64(s), string(k), id)
	if err != nil {
		return store.Head{}, err
	}
	if len(found) == 0 {
		return store.Head{}, fault.New(fault.NotFound, "")
	}
	return found[0], nil
}

// GetMany implements store.Reader.
func (r reader) GetMany(ctx context.Context, s store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	var out []store.Head
	for len(ids) > 0 {
		n := min(len(ids), pageSize)
		list, err := r.d.list(ids[:n])
		if err != nil {
			return nil, err
		}
		page, err := r.heads(ctx, "scope = $1 AND kind = $2 AND "+r.d.among("id", 3), int64(s), string(k), list)
		if err != nil {
			return nil, err
		}
		out, ids = append(out, page...), ids[n:]
	}
	return out, nil
}

// pageSize is how many resources or bodies one statement asks for.
const pageSize = 1000

// List implements store.Reader.
func (r reader) List(ctx context.Context, s store.Scope, k cms.Kind, after string, limit int) ([]store.Head, error) {
	if k != "" {
		return r.heads(ctx, "scope = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4", int64(s), string(k), after, limit)
	}
	kind, id, _ := strings.Cut(after, "/")
	return r.heads(ctx, "scope = $1 AND (kind > $2 OR kind = $2 AND id > $3) ORDER BY kind, id LIMIT $4", int64(s), kind, id, limit)
}

// Has implements store.Reader.
func (r reader) Has(ctx context.Context, s store.Scope, k cms.Kind, contentType string) (bool, error) {
	found := false
	where, args := "scope = $1 AND kind = $2", []any{int64(s), string(k)}
	if contentType != "" {
		where, args = where+" AND content_type = $3", append(args, contentType)
	}
	err := r.q.query(ctx, func(scan func(...any) error) error {
		var one int
		found = true
		return scan(&one)
	}, "SELECT 1 FROM head WHERE "+where+" LIMIT 1", args...)
	return found, err
}

// Bodies implements store.Reader.
func (r reader) Bodies(ctx context.Context, revs []store.Revision) (map[store.Revision][]byte, error) {
	out := make(map[store.Revision][]byte, len(revs))
	ids := make([]int64, 0, len(revs))
	for _, rev := range revs {
		if rev != 0 {
			ids = append(ids, int64(rev))
		}
	}
	for len(ids) > 0 {
		n := min(len(ids), pageSize)
		list, err := r.d.list(ids[:n])
		if err != nil {
			return nil, err
		}
		err = r.q.query(ctx, func(scan func(...any) error) error {
			var id store.Revision
			var body []byte
			err := scan(&id, &body)
			out[id] = body
			return err
		}, "SELECT id, body FROM revision WHERE "+r.d.among("id", 1), list)
		if err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return out, nil
}

// Position implements store.Reader.
func (r reader) Position(ctx context.Context, s store.Scope) (store.Position, error) {
	var p store.Position
	found := false
	err := r.q.query(ctx, func(scan func(...any) error) error {
		found = true
		return scan(&p.Seq, &p.Model)
	}, "SELECT seq, model FROM scope WHERE id = $1", int64(s))
	switch {
	case err != nil:
		return p, err
	case !found:
		return p, fault.New(fault.NotFound, "")
	}
	if r.saw != nil {
		r.saw(s, p.Seq)
	}
	return p, nil
}

// Changes implements store.Reader.
func (r reader) Changes(ctx context.Context, s store.Scope, after int64, limit int) ([]store.Change, error) {
	var out []store.Change
	err := r.q.query(ctx, func(scan func(...any) error) error {
		c := store.Change{Scope: s}
		var at int64
		err := scan(&c.Seq, &c.Kind, &c.ID, &c.Action, &c.DraftBefore, &c.DraftAfter, &c.PublishedBefore, &c.PublishedAfter,
			&c.Version, &c.ContentType, &c.Actor, &at)
		c.At = instant(at)
		out = append(out, c)
		return err
	}, `SELECT seq, kind, id, action, draft_before, draft_after, published_before, published_after, version, content_type, actor, at
		FROM change WHERE scope = $1 AND seq > $2 ORDER BY seq LIMIT $3`, int64(s), after, limit)
	if err == nil && len(out) > 0 && r.saw != nil {
		r.saw(s, out[len(out)-1].Seq)
	}
	return out, err
}

// Owner implements store.Reader.
func (r reader) Owner(ctx context.Context, s store.Scope, k store.Key) (string, error) {
	if storable(k.Space) != nil {
		return "", nil
	}
	owner := ""
	err := r.q.query(ctx, func(scan func(...any) error) error { return scan(&owner) },
		"SELECT owner FROM unique_key WHERE scope = $1 AND space = $2 AND value = $3", int64(s), k.Space, []byte(k.Value))
	return owner, err
}
