package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx", for migrations
	"github.com/pressly/goose/v3"
)

// postgresDialect keeps one connection of the pool for the writer while it
// writes. Other processes may write too: scopes are locked by their rows.
type postgresDialect struct {
	pool *pgxpool.Pool
	pgQuerier
}

// OpenPostgres opens a PostgreSQL database by its URL and brings its tables up
// to date.
func OpenPostgres(ctx context.Context, url string) (*Store, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, fmt.Errorf("opening PostgreSQL: %w", err)
	}
	if err := errors.Join(migrate(ctx, goose.DialectPostgres, db, "postgres"), db.Close()); err != nil {
		return nil, fmt.Errorf("opening PostgreSQL: %w", err)
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("opening PostgreSQL: %w", err)
	}
	count := new(atomic.Int64)
	return newStore(&postgresDialect{pool: pool, pgQuerier: pgQuerier{pool, count}}, count), nil
}

func (d *postgresDialect) among(column string, n int) string {
	return fmt.Sprintf("%s = ANY($%d)", column, n)
}

func (d *postgresDialect) list(ids any) (any, error) {
	if texts, ok := ids.([]string); ok { // an id no text can hold is nobody's
		return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return storable(s) != nil }), nil
	}
	return ids, nil
}

func (d *postgresDialect) lockClause() string { return " FOR UPDATE" }
func (d *postgresDialect) skipLocked() string { return " FOR UPDATE SKIP LOCKED" }
func (d *postgresDialect) reader() querier    { return d.pgQuerier }

// retriable: serialization failures and deadlocks, by their codes.
func (d *postgresDialect) retriable(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

func (d *postgresDialect) begin(ctx context.Context) (transaction, error) {
	t, err := d.pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return pgTx{pgQuerier{t, d.count}, t}, nil
}

func (d *postgresDialect) revisions(ctx context.Context, q querier, _ int64) (first, last int64, err error) {
	const block = 1000 // INCREMENT BY of the sequence
	err = q.query(ctx, func(scan func(...any) error) error { return scan(&first) }, "SELECT nextval('revision_block')")
	return first, first + block - 1, err
}

func (d *postgresDialect) close() error {
	d.pool.Close()
	return nil
}

// pgQuerier sends statements to a pool or a transaction.
type pgQuerier struct {
	to interface {
		Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
		Query(context.Context, string, ...any) (pgx.Rows, error)
	}
	count *atomic.Int64
}

func (q pgQuerier) exec(ctx context.Context, text string, args ...any) (int64, error) {
	q.count.Add(1)
	tag, err := q.to.Exec(ctx, text, args...)
	return tag.RowsAffected(), err
}

func (q pgQuerier) query(ctx context.Context, each func(func(...any) error) error, text string, args ...any) error {
	q.count.Add(1)
	rows, err := q.to.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// pgTx is a transaction. A request that goes away does not interrupt its
// statements: they belong to all of the batch.
type pgTx struct {
	pgQuerier
	t pgx.Tx
}

func (t pgTx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	return t.pgQuerier.exec(context.WithoutCancel(ctx), text, args...)
}

func (t pgTx) query(ctx context.Context, each func(func(...any) error) error, text string, args ...any) error {
	return t.pgQuerier.query(context.WithoutCancel(ctx), each, text, args...)
}

func (t pgTx) commit(ctx context.Context) error { return t.t.Commit(ctx) }
func (t pgTx) rollback(ctx context.Context) error {
	if err := t.t.Rollback(ctx); !errors.Is(err, pgx.ErrTxClosed) {
		return err
	}
	return nil
}
