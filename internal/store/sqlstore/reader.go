package sqlstore

import (
	"context"
	"errors"
	"math"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// pageSize is how many resources or bodies one statement asks for.
const pageSize = 1000

// reader is a store.Reader: over committed state, or inside a transaction.
type reader struct {
	q querier
	d dialect
}

func (r reader) heads(ctx context.Context, where string, args ...any) ([]store.Head, error) {
	var out []store.Head
	err := r.q.query(ctx, func(scan scanner) error {
		h, err := scanHead(scan)
		out = append(out, h)
		return err
	}, selectHead+where, args...)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Get implements store.Reader.
func (r reader) Get(ctx context.Context, s store.Scope, k cms.Kind, id string) (store.Head, error) {
	if !isText(id) { // nothing has such an id
		return store.Head{}, notFound()
	}
	found, err := r.heads(ctx, "scope = $1 AND kind = $2 AND id = $3", int64(s), string(k), id)
	if err != nil {
		return store.Head{}, err
	}
	if len(found) == 0 {
		return store.Head{}, notFound()
	}
	return found[0], nil
}

// GetMany implements store.Reader.
func (r reader) GetMany(ctx context.Context, s store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	possible := make([]string, 0, len(ids))
	for _, id := range ids {
		if isText(id) {
			possible = append(possible, id)
		}
	}
	var out []store.Head
	err := pages(possible, func(page []string) error {
		list, err := r.d.list(page)
		if err != nil {
			return err
		}
		heads, err := r.heads(ctx, "scope = $1 AND kind = $2 AND "+r.d.among("id", 3), int64(s), string(k), list)
		out = append(out, heads...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// pages calls fn with up to pageSize values at a time.
func pages[T any](values []T, fn func([]T) error) error {
	for len(values) > 0 {
		n := min(len(values), pageSize)
		if err := fn(values[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// List implements store.Reader.
func (r reader) List(ctx context.Context, s store.Scope, k cms.Kind, after string, limit int) ([]store.Head, error) {
	kind, id := string(k), after
	if k == "" {
		kind, id, _ = strings.Cut(after, "/")
	}
	if err := storable(kind, id); err != nil || limit <= 0 {
		return nil, err
	}
	if k != "" {
		return r.heads(ctx, "scope = $1 AND kind = $2 AND id > $3 ORDER BY id"+limitOf("$4"), int64(s), kind, id, int64(limit))
	}
	return r.heads(ctx, "scope = $1 AND (kind, id) > ($2, $3) ORDER BY kind, id"+limitOf("$4"), int64(s), kind, id, int64(limit))
}

// AcrossEnvironments implements store.Reader.
func (r reader) AcrossEnvironments(ctx context.Context, space store.Scope, k cms.Kind, id string) ([]store.Head, error) {
	if !isText(id) { // nothing has such an id
		return nil, nil
	}
	return r.heads(ctx, "scope IN (SELECT s.id FROM scope AS s WHERE s.parent = $1 AND s.dropped = 0) AND kind = $2 AND id = $3", int64(space), string(k), id)
}

// Has implements store.Reader.
func (r reader) Has(ctx context.Context, s store.Scope, k cms.Kind, contentType string) (bool, error) {
	if !isText(contentType) {
		return false, nil
	}
	found := false
	where, args := "scope = $1 AND kind = $2", []any{int64(s), string(k)}
	if contentType != "" {
		where, args = where+" AND content_type = $3", append(args, contentType)
	}
	err := r.q.query(ctx, func(scan scanner) error {
		var one int64
		found = true
		return scan(&one)
	}, "SELECT 1 FROM head WHERE "+where+" LIMIT 1", args...)
	return found, err
}

// Bodies implements store.Reader.
func (r reader) Bodies(ctx context.Context, revs []store.Revision) (map[store.Revision][]byte, error) {
	out, _, err := r.bodies(ctx, revs, math.MaxInt)
	return out, err
}

// BodiesWithin implements store.Store.
func (s *Store) BodiesWithin(ctx context.Context, revs []store.Revision, bytes int) (bodies map[store.Revision][]byte, all bool, err error) {
	return s.bodies(ctx, revs, bytes)
}

// errFull ends a statement whose other rows nobody wants.
var errFull = fault.New(fault.ServerError, "There is no room for more.")

func (r reader) bodies(ctx context.Context, revs []store.Revision, room int) (bodies map[store.Revision][]byte, all bool, err error) {
	out := make(map[store.Revision][]byte, len(revs))
	ids := make([]int64, 0, len(revs))
	for _, rev := range revs {
		if rev != 0 {
			ids = append(ids, int64(rev))
		}
	}
	err = pages(ids, func(page []int64) error {
		list, err := r.d.list(page)
		if err != nil {
			return err
		}
		return r.q.query(ctx, func(scan scanner) error {
			if room <= 0 {
				return errFull
			}
			var id int64
			var body []byte
			err := scan(&id, &body)
			out[store.Revision(id)] = body
			room -= len(body)
			return err
		}, "SELECT id, body FROM revision WHERE root <> 0 AND "+r.d.among("id", 1), list)
	})
	switch {
	case errors.Is(err, errFull):
		return out, false, nil
	case err != nil:
		return nil, false, err
	}
	return out, true, nil
}

// Position implements store.Reader.
func (r reader) Position(ctx context.Context, s store.Scope) (store.Position, error) {
	p := position{gone: true} // until it is found
	err := r.q.query(ctx, func(scan scanner) (err error) {
		_, p, err = scanPosition(scan)
		return err
	}, selectPosition+"id = $1", int64(s))
	switch {
	case err != nil:
		return store.Position{}, err
	case p.gone:
		return store.Position{}, notFound()
	}
	return p.Position, nil
}

// Changes implements store.Reader.
func (r reader) Changes(ctx context.Context, s store.Scope, after int64, limit int) ([]store.Change, error) {
	if limit <= 0 {
		return nil, nil
	}
	return r.changes(ctx, s, `seq > $2 AND EXISTS (SELECT 1 FROM scope WHERE id = $1 AND dropped = 0) ORDER BY seq`+limitOf("$3"), after, int64(limit))
}

// changes reads what of a log fulfils a condition; the scope is its $1.
func (r reader) changes(ctx context.Context, s store.Scope, condition string, args ...any) ([]store.Change, error) {
	var out []store.Change
	err := r.q.query(ctx, func(scan scanner) error {
		c, err := scanChange(scan)
		out = append(out, c)
		return err
	}, selectChange+"scope = $1 AND "+condition, append([]any{int64(s)}, args...)...)
	return out, err
}

const selectChange = `SELECT scope, seq, kind, id, action, draft_before, draft_after, published_before, published_after,
	version, publications, content_type, actor, at, cause FROM change WHERE `

func scanChange(scan scanner) (store.Change, error) {
	var c store.Change
	var version, publications, at int64
	err := scan((*int64)(&c.Scope), &c.Seq, (*string)(&c.Kind), &c.ID, (*string)(&c.Action), (*int64)(&c.DraftBefore), (*int64)(&c.DraftAfter),
		(*int64)(&c.PublishedBefore), (*int64)(&c.PublishedAfter), &version, &publications, &c.ContentType, &c.Actor, &at, &c.Cause)
	c.Version, c.Publications, c.At = int(version), int(publications), instant(at)
	return c, err
}
