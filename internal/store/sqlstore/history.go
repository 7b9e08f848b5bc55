package sqlstore

import (
	"context"
	"math"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// source is a log that the history of a scope is read from, up to seq. Copies are
// younger than what they were copied from, so the newest changes are in the log
// with the greatest id.
type source struct {
	log store.Scope
	seq int64
}

// limitOf ends a statement whose limit is argument n. Of a bare argument SQLite uses
// the value to plan, and so it plans such a statement anew each time it is sent.
func limitOf(n string) string { return " LIMIT CAST(" + n + " AS BIGINT)" }

// sources are the logs of a scope's history, its own first.
func (r reader) sources(ctx context.Context, s store.Scope) ([]source, error) {
	var out []source
	err := r.q.query(ctx, func(scan scanner) error {
		var from source
		err := scan((*int64)(&from.log), &from.seq)
		out = append(out, from)
		return err
	}, "SELECT source, seq FROM past WHERE scope = $1 ORDER BY source DESC", int64(s))
	return out, err
}

// ChangesOf implements store.Reader.
func (r reader) ChangesOf(ctx context.Context, s store.Scope, k cms.Kind, id string, before store.Point, limit int) ([]store.Change, error) {
	if limit <= 0 || storable(id) != nil { // nothing has ever been called so
		return nil, nil
	}
	sources, err := r.sources(ctx, s)
	if err != nil {
		return nil, err
	}
	var out []store.Change
	for _, from := range sources {
		upTo := from.seq
		switch {
		case before.Scope == 0 || from.log < before.Scope:
		case from.log > before.Scope:
			continue
		default:
			upTo = min(upTo, before.Seq-1)
		}
		some, err := r.changes(ctx, from.log, "kind = $2 AND id = $3 AND seq <= $4 ORDER BY seq DESC"+limitOf("$5"), string(k), id, upTo, int64(limit-len(out)))
		if err != nil {
			return nil, err
		}
		if out = append(out, some...); len(out) == limit {
			break
		}
	}
	return out, nil
}

// insertTrash copies a head into the trash.
var insertTrash = "INSERT INTO trash (" + columnsOfHead + ", seq, deleted_by, deleted_at) SELECT " + columnsOfHead +
	", CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS BIGINT) FROM head WHERE scope = $1 AND kind = $2 AND id = $3"

// Trash implements store.Reader.
func (r reader) Trash(ctx context.Context, s store.Scope, k cms.Kind, before int64, limit int) ([]store.Discarded, error) {
	if limit <= 0 {
		return nil, nil
	}
	if before == 0 {
		before = math.MaxInt64
	}
	var out []store.Discarded
	err := r.q.query(ctx, func(scan scanner) error {
		var d store.Discarded
		var at int64
		var err error
		d.Head, err = scanHead(func(dest ...any) error { return scan(append(dest, &d.Seq, &d.By, &at)...) })
		d.At = instant(at)
		out = append(out, d)
		return err
	}, "SELECT "+columnsOfHead+", seq, deleted_by, deleted_at FROM trash WHERE scope = $1 AND seq < $2 AND (kind = $3 OR $3 = '') ORDER BY seq DESC"+limitOf("$4"),
		int64(s), before, string(k), int64(limit))
	return out, err
}

// TakeOut implements store.Tx.
func (x *tx) TakeOut(ctx context.Context, s store.Scope, seq int64) error {
	if _, err := x.lock(ctx, s); err != nil {
		return err
	}
	found, err := x.Trash(ctx, s, "", seq+1, 1)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].Seq != seq {
		return notFound()
	}
	return x.exec(ctx, "DELETE FROM trash WHERE scope = $1 AND seq = $2", int64(s), seq)
}
